/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The catalogue of the installed libvirt: our table names nothing that is not in it and knows all words that it lists,
 * what everybody knows is what it should be, and whatever stands in real machines is known. */
#include "model/valise-knob-catalogue.h"

#include "base/valise-xml.h"
#include "bundle/valise-document.h"
#include "document-fixture.h"
#include "model/valise-schema-private.h"

#define METADATA "metadata/"
/* Of the file that describes nearly everything, in libvirt 9.0. */
#define CHECKSUM_9_0 "2b0447cf005752bdbd17408645e6b74cbcc30c53854b1c913cecd92bf506484b"

static ValiseKnobCatalogue *catalogue;

static void
with_schema (gconstpointer data)
{
  void (*test) (void) = data;
  g_autoptr (GError) error = NULL;

  if (!_valise_schema_is_there ())
    {
      g_test_skip ("libvirt's schema is not installed (package libvirt0)");
      return;
    }
  if (catalogue == NULL)
    catalogue = valise_knob_catalogue_new (NULL, &error);
  g_assert_no_error (error);
  test ();
}

static gboolean
is_ours (const ValiseKnob *knob)
{
  return g_str_has_prefix (knob->path, METADATA);
}

/* --- our table --- */

static void
test_exists (void)
{
  gsize length;
  const ValiseKnob *table = valise_knob_table (&length);

  g_test_summary ("Every knob of the table is one of libvirt's");
  g_assert_null (valise_knob_catalogue_lookup (catalogue, "devices/disk/driver/@cash"));
  for (gsize i = 0; i < length; i++)
    {
      const ValiseKnobEntry *entry = valise_knob_catalogue_lookup (catalogue, table[i].path);

      if (entry == NULL || entry->is_in_schema == is_ours (&table[i]))
        g_error ("libvirt knows no %s", table[i].path);
      g_assert_true (entry->is_curated);
      g_assert_cmpstr (entry->knob.path, ==, table[i].path);
    }
}

static void
check_choices (const ValiseKnob *knob, const ValiseKnobEntry *entry)
{
  gboolean free_form = entry->words == NULL || entry->open;
  g_autoptr (GHashTable) ours = g_hash_table_new (g_str_hash, g_str_equal);

  for (const ValiseKnobChoice *choice = knob->choices; choice->value != NULL; choice++)
    {
      g_hash_table_add (ours, (gpointer) choice->value);
      if (!free_form && !g_strv_contains (entry->words, choice->value))
        g_error ("%s cannot be %s", knob->path, choice->value);
    }
  if (free_form && !knob->open)
    g_error ("%s takes free text, so its choices have to be open", knob->path);
  for (guint i = 0; !knob->open && entry->words[i] != NULL; i++)
    if (!g_hash_table_contains (ours, entry->words[i]))
      g_error ("%s can be %s too", knob->path, entry->words[i]);
}

static void
test_choices (void)
{
  gsize length;
  const ValiseKnob *table = valise_knob_table (&length);

  g_test_summary ("The table's choices are those of the schema");
  for (gsize i = 0; i < length; i++)
    if (!is_ours (&table[i]) && table[i].choices != NULL)
      check_choices (&table[i], valise_knob_catalogue_lookup (catalogue, table[i].path));
}

static void
expect_words (const ValiseKnob *knob, const ValiseKnobEntry *entry, const char *yes, const char *no)
{
  if (entry->words == NULL || entry->open || g_strv_length ((char **) entry->words) != 2
      || !g_strv_contains (entry->words, yes) || !g_strv_contains (entry->words, no))
    g_error ("%s is no %s/%s", knob->path, yes, no);
}

static void
test_kinds (void)
{
  gsize length;
  const ValiseKnob *table = valise_knob_table (&length);

  g_test_summary ("The table's kinds are those of the schema");
  for (gsize i = 0; i < length; i++)
    {
      const ValiseKnob *knob = &table[i];
      const ValiseKnobEntry *entry = valise_knob_catalogue_lookup (catalogue, knob->path);
      const char *leaf = strrchr (knob->path, '/');
      gboolean is_attribute = (leaf != NULL ? leaf[1] : knob->path[0]) == '@';

      if (is_ours (knob))
        continue;
      if (knob->kind == VALISE_KNOB_YES_NO)
        expect_words (knob, entry, "yes", "no");
      else if (knob->kind == VALISE_KNOB_ON_OFF)
        expect_words (knob, entry, "on", "off");
      else if (knob->kind == VALISE_KNOB_PRESENCE && is_attribute)
        g_error ("%s: only elements are there or not", knob->path);
      else if ((knob->kind == VALISE_KNOB_NUMBER || knob->kind == VALISE_KNOB_SIZE) && entry->words != NULL
               && !entry->open)
        g_error ("%s is no number", knob->path);
    }
}

/* --- what everybody knows --- */

static const struct
{
  const char *path;
  ValiseKnobKind kind;
  const char *fits;       /* a value, or NULL */
  const char *does_not;   /* a value, or NULL */
  const char *situations; /* or NULL for always */
} known[] = {
  { "@type", VALISE_KNOB_CHOICE, "kvm", "vmware-fusion" },
  { "name", VALISE_KNOB_TEXT, "a b", "" },
  { "title", VALISE_KNOB_TEXT, "a/b", "a\nb" },
  { "description", VALISE_KNOB_TEXT, "", NULL },
  { "uuid", VALISE_KNOB_UUID, "2fb9c0de-3a51-4c1e-9d6b-8a4e5f0c7d21", "2fb9c0de" },
  { "memory", VALISE_KNOB_SIZE, "4194304", "much" },
  { "currentMemory", VALISE_KNOB_SIZE, "4 GiB", "-1" },
  { "maxMemory/@slots", VALISE_KNOB_NUMBER, "16", "x" },
  { "vcpu", VALISE_KNOB_NUMBER, "4", "four" },
  { "vcpu/@current", VALISE_KNOB_NUMBER, "2", "-1" },
  { "vcpu/@placement", VALISE_KNOB_CHOICE, "auto", "dynamic" },
  { "vcpu/@cpuset", VALISE_KNOB_CPU_SET, "0-3,^2,7", "a" },
  { "cputune/vcpupin/@cpuset", VALISE_KNOB_CPU_SET, "1", "1;2" },
  { "cputune/shares", VALISE_KNOB_NUMBER, "1024", "-1" },
  { "cputune/vcpusched/@scheduler", VALISE_KNOB_CHOICE, "fifo", "fair" },
  { "numatune/memory/@mode", VALISE_KNOB_CHOICE, "strict", "loose" },
  { "blkiotune/weight", VALISE_KNOB_NUMBER, "100", "99" },
  { "iothreads", VALISE_KNOB_NUMBER, "2", "two" },
  { "os/type/@machine", VALISE_KNOB_CHOICE, "pc-q35-7.2", "a b" },
  { "os/type/@arch", VALISE_KNOB_CHOICE, "riscv64", NULL },
  { "os/@firmware", VALISE_KNOB_CHOICE, "efi", "uefi" },
  { "os/loader", VALISE_KNOB_PATH, "/usr/share/OVMF/OVMF_CODE_4M.fd", "OVMF_CODE_4M.fd" },
  { "os/loader/@secure", VALISE_KNOB_YES_NO, "yes", "on" },
  { "os/loader/@readonly", VALISE_KNOB_YES_NO, "no", "true" },
  { "os/loader/@type", VALISE_KNOB_CHOICE, "pflash", "flash" },
  { "os/boot/@dev", VALISE_KNOB_CHOICE, "cdrom", "dvd" },
  { "os/bootmenu/@timeout", VALISE_KNOB_NUMBER, "3000", "65536" },
  { "os/smbios/@mode", VALISE_KNOB_CHOICE, "host", "guest" },
  { "cpu/@mode", VALISE_KNOB_CHOICE, "host-passthrough", "host" },
  { "cpu/topology/@cores", VALISE_KNOB_NUMBER, "4", "0" },
  { "cpu/feature/@policy", VALISE_KNOB_CHOICE, "disable", "off" },
  { "cpu/numa/cell/@cpus", VALISE_KNOB_CPU_SET, "0-1", "0-" },
  { "features/acpi", VALISE_KNOB_PRESENCE, "yes", "perhaps" },
  { "features/smm/@state", VALISE_KNOB_ON_OFF, "on", "yes" },
  { "features/hyperv/@mode", VALISE_KNOB_CHOICE, "passthrough", "host" },
  { "features/hyperv/relaxed/@state", VALISE_KNOB_ON_OFF, "off", "no" },
  { "features/hyperv/spinlocks/@retries", VALISE_KNOB_NUMBER, "8191", "4094" },
  { "features/kvm/hidden/@state", VALISE_KNOB_ON_OFF, "on", "1" },
  { "clock/@offset", VALISE_KNOB_CHOICE, "localtime", "gmt" },
  { "clock/timer/@tickpolicy", VALISE_KNOB_CHOICE, "catchup", "late" },
  { "on_crash", VALISE_KNOB_CHOICE, "coredump-restart", "reboot" },
  { "pm/suspend-to-mem/@enabled", VALISE_KNOB_YES_NO, "no", "off" },
  { "launchSecurity/@type", VALISE_KNOB_CHOICE, "sev", "tdx2" },
  { "launchSecurity/cbitpos", VALISE_KNOB_NUMBER, "47", "-1", "launchSecurity/@type is sev" },
  { "keywrap/cipher/@state", VALISE_KNOB_ON_OFF, "on", "yes" },
  { "seclabel/@type", VALISE_KNOB_CHOICE, "none", "some" },
  { "devices/emulator", VALISE_KNOB_PATH, "/usr/bin/qemu-system-x86_64", "qemu" },
  { "devices/disk/@device", VALISE_KNOB_CHOICE, "lun", "tape" },
  { "devices/disk/driver/@cache", VALISE_KNOB_CHOICE, "directsync", "writeabout" },
  { "devices/disk/driver/@discard", VALISE_KNOB_CHOICE, "unmap", "trim" },
  { "devices/disk/source/@dev", VALISE_KNOB_PATH, "/dev/sdb", NULL, "devices/disk/@type is block" },
  { "devices/disk/source/@protocol", VALISE_KNOB_CHOICE, "nbd", "smb", "devices/disk/@type is network" },
  { "devices/disk/source/snapshot/@name", VALISE_KNOB_TEXT, "a", "a b",
    "devices/disk/@type is network and devices/disk/source/@protocol is rbd" },
  { "devices/disk/backingStore/format/@type", VALISE_KNOB_CHOICE, "qcow2", "qcow3" },
  { "devices/disk/wwn", VALISE_KNOB_TEXT, "5000c50015ea71aa", "5000" },
  { "devices/disk/readonly", VALISE_KNOB_PRESENCE, "", "maybe" },
  { "devices/controller/@model", VALISE_KNOB_CHOICE, "qemu-xhci", "usb4" },
  { "devices/interface/mac/@address", VALISE_KNOB_MAC, "52:54:00:12:34:56", "53:54:00:12:34:56" },
  { "devices/interface/mtu/@size", VALISE_KNOB_NUMBER, "1500", "big" },
  { "devices/interface/vlan/tag/@id", VALISE_KNOB_NUMBER, "42", "4096" },
  { "devices/interface/address/@slot", VALISE_KNOB_NUMBER, "0x1f", "here",
    "devices/interface/address/@type is dimm|ccid|pci" },
  { "devices/interface/filterref/@filter", VALISE_KNOB_TEXT, "clean-traffic", "1st" },
  { "devices/graphics/@port", VALISE_KNOB_NUMBER, "-1", "70000" },
  { "devices/video/model/@heads", VALISE_KNOB_NUMBER, "2", "two" },
  { "devices/tpm/backend/@version", VALISE_KNOB_CHOICE, "2.0", "3.0" },
  { "devices/watchdog/@action", VALISE_KNOB_CHOICE, "inject-nmi", "bark" },
  { "devices/vsock/cid/@address", VALISE_KNOB_NUMBER, "3", "2" },
  { "devices/shmem/size", VALISE_KNOB_SIZE, "4 MiB", "small" },
  { "devices/hostdev/@managed", VALISE_KNOB_YES_NO, "yes", "on" },
  { "devices/filesystem/@accessmode", VALISE_KNOB_CHOICE, "mapped", "free" },
  { "devices/redirfilter/usbdev/@allow", VALISE_KNOB_YES_NO, "no", "never" },
  { "qemu:commandline/qemu:arg/@value", VALISE_KNOB_TEXT, "-s", NULL },
};

static void
test_known (void)
{
  g_test_summary ("Well-known knobs have the kinds, values and conditions that they should");
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    {
      const ValiseKnobEntry *entry = valise_knob_catalogue_lookup (catalogue, known[i].path);
      g_autofree char *situations = entry != NULL ? valise_knob_entry_describe_situations (entry) : NULL;
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", known[i].path);
      g_assert_nonnull (entry);
      g_assert_cmpint (entry->knob.kind, ==, known[i].kind);
      if (known[i].fits != NULL)
        g_assert_true (valise_knob_entry_check (entry, known[i].fits, &error));
      g_assert_no_error (error);
      if (known[i].does_not != NULL)
        g_assert_false (valise_knob_entry_check (entry, known[i].does_not, NULL));
      if (known[i].situations != NULL)
        g_assert_cmpstr (situations, ==, known[i].situations);
    }
}

static const struct
{
  const char *path;
  const char *found; /* or NULL */
  const char *each;
} paths[] = {
  { "devices/disk[3]/backingStore/backingStore/backingStore/source/@file", "devices/disk/backingStore/source/@file",
    "devices/disk" },
  { "devices/disk[@device='cdrom']/source/@file", "devices/disk[@device='cdrom']/source/@file", "devices/disk" },
  { "devices/disk[@device='cdrom']/target/@bus", "devices/disk[@device='cdrom']/target/@bus", "devices/disk" },
  { "devices/disk[@device='floppy']/serial", "devices/disk/serial", "devices/disk" },
  { "cpu/feature[@name='vmx']/@policy", "cpu/feature[@name='vmx']/@policy", "cpu/feature" },
  { "cpu/feature[@name='avx2']/@policy", "cpu/feature/@policy", "cpu/feature" },
  { "metadata/valise:machine/@accel", "metadata/valise:machine/@accel", NULL },
  { "devices/serial[2]/source/@path", "devices/serial/source/@path", "devices/serial/source" },
  { "devices/disk", NULL, NULL },
  { "devices", NULL, NULL },
  { "device/disk", NULL, NULL },
};

static void
test_paths (void)
{
  g_test_summary ("Paths into documents lead to the knobs that they are");
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      const ValiseKnobEntry *entry = valise_knob_catalogue_lookup (catalogue, paths[i].path);

      g_test_message ("%s", paths[i].path);
      g_assert_cmpstr (entry != NULL ? entry->knob.path : NULL, ==, paths[i].found);
      g_assert_cmpstr (entry != NULL ? entry->each : NULL, ==, paths[i].each);
    }
}

/* --- how many --- */

static const struct
{
  const char *path; /* NULL: all */
  guint count;
} counts[] = {
  { NULL, 2052 },
  { "blkiotune", 7 },
  { "clock", 15 },
  { "cpu", 44 },
  { "cputune", 35 },
  { "devices/audio", 45 },
  { "devices/channel", 48 },
  { "devices/console", 49 },
  { "devices/controller", 51 },
  { "devices/disk", 401 },
  { "devices/emulator", 1 },
  { "devices/filesystem", 64 },
  { "devices/graphics", 39 },
  { "devices/hostdev", 96 },
  { "devices/hub", 22 },
  { "devices/input", 36 },
  { "devices/interface", 166 },
  { "devices/iommu", 30 },
  { "devices/lease", 4 },
  { "devices/memballoon", 32 },
  { "devices/memory", 46 },
  { "devices/nvram", 20 },
  { "devices/panic", 22 },
  { "devices/parallel", 49 },
  { "devices/redirdev", 46 },
  { "devices/redirfilter", 5 },
  { "devices/rng", 55 },
  { "devices/serial", 49 },
  { "devices/shmem", 33 },
  { "devices/smartcard", 50 },
  { "devices/sound", 26 },
  { "devices/tpm", 35 },
  { "devices/video", 43 },
  { "devices/vsock", 32 },
  { "devices/watchdog", 25 },
  { "features", 100 },
  { "launchSecurity", 8 },
  { "memoryBacking", 12 },
  { "memtune", 8 },
  { "numatune", 7 },
  { "os", 104 },
  { "sysinfo", 13 },
};

static gboolean
is_9_0 (void)
{
  g_autofree char *file = _valise_schema_find ();
  g_autofree char *directory = g_path_get_dirname (file);
  g_autofree char *common = g_build_filename (directory, "domaincommon.rng", NULL);
  g_autofree char *text = NULL;
  g_autofree char *checksum = NULL;
  gsize length;

  if (!g_file_get_contents (common, &text, &length, NULL))
    return FALSE;
  checksum = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) text, length);
  return g_str_equal (checksum, CHECKSUM_9_0);
}

static void
test_counts (void)
{
  g_test_summary ("As many knobs in each part of libvirt 9.0 as were counted by hand and by other means");
  if (!is_9_0 ())
    {
      g_test_skip ("the schema is not that of libvirt 9.0 in Debian 12, which was counted");
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    {
      g_autoptr (GPtrArray) below = valise_knob_catalogue_list_below (catalogue, counts[i].path);
      guint count = 0;

      for (guint j = 0; j < below->len; j++)
        {
          const ValiseKnobEntry *entry = below->pdata[j];

          count += entry->is_in_schema && strchr (entry->knob.path, '[') == NULL;
        }
      g_test_message ("%s", counts[i].path != NULL ? counts[i].path : "all");
      g_assert_cmpuint (count, ==, counts[i].count);
    }
}

/* --- pages --- */

static void
test_pages (void)
{
  g_autoptr (GPtrArray) pages = valise_knob_catalogue_list_pages (catalogue);
  g_autoptr (GPtrArray) all = valise_knob_catalogue_list_below (catalogue, NULL);
  guint sum = 0;

  g_test_summary ("Every knob is on a page, and every page's knobs are known by it");
  for (guint i = 0; i < pages->len; i++)
    {
      g_autoptr (GPtrArray) on_page = valise_knob_catalogue_list_page (catalogue, pages->pdata[i]);

      g_test_message ("%s: %u knobs", (const char *) pages->pdata[i], on_page->len);
      g_assert_cmpuint (on_page->len, >, 0);
      sum += on_page->len;
    }
  g_assert_cmpuint (sum, ==, all->len);
}

static void
test_page_of (void)
{
  static const struct
  {
    const char *path;
    const char *page;
  } expected[] = {
    { "devices/disk/mirror/@job", "disk" },
    { "devices/disk/boot/@order", "boot" },
    { "devices/interface/tune/sndbuf", "network" },
    { "devices/serial/source/@path", "serial" },
    { "devices/hostdev/source/@startupPolicy", "hostdev" },
    { "seclabel/@model", "security" },
    { "blkiotune/weight", "tuning" },
    { "qemu:commandline/qemu:arg/@value", "hypervisor" },
    { "vcpus/vcpu/@enabled", "processor" },
    { "cpu/numa/cell/@memory", "processor" },
    { "os/nvram/source/@dev", "boot" },
    { "features/hyperv/stimer/direct/@state", "features" },
    { "@id", "system" },
  };

  g_test_summary ("A knob that the table does not know is where its relatives are");
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      const ValiseKnobEntry *entry = valise_knob_catalogue_lookup (catalogue, expected[i].path);

      g_test_message ("%s", expected[i].path);
      g_assert_nonnull (entry);
      g_assert_cmpstr (entry->knob.page, ==, expected[i].page);
    }
}

/* --- words --- */

static void
test_words (void)
{
  g_autoptr (GPtrArray) all = valise_knob_catalogue_list_below (catalogue, NULL);

  g_test_summary ("Every knob has a label and a help, whoever wrote them");
  for (guint i = 0; i < all->len; i++)
    {
      const ValiseKnobEntry *entry = all->pdata[i];
      const char *label = valise_knob_get_label (&entry->knob);
      const char *help = valise_knob_get_help (&entry->knob);
      g_autofree char *values = valise_knob_entry_describe_values (entry);

      if (label == NULL || *label == '\0' || g_ascii_islower (*label) != entry->is_curated * g_ascii_islower (*label))
        g_error ("%s has no fit label", entry->knob.path);
      if (help == NULL || !g_str_has_suffix (help, ".") || *values == '\0')
        g_error ("%s has no fit help", entry->knob.path);
    }
}

/* What no word of ours stands for is called by libvirt's names, written out. */
static const struct
{
  const char *path;
  const char *label;
} made[] = {
  { "@id", "ID" },
  { "defaultiothread/@thread_pool_min", "Default I/O thread: thread pool minimum" },
  { "iothreadids/iothread/@id", "I/O thread: ID" },
  { "cputune/iothreadsched/@iothreads", "CPU tuning I/O thread scheduling: I/O threads" },
  { "sysinfo/oemStrings/entry", "System information OEM strings: entry" },
  { "devices/disk/iotune/total_bytes_sec_max", "Disk I/O tuning: total bytes per second maximum" },
  { "devices/disk/source/cookies/cookie", "Disk source: cookie" },
  { "devices/disk/source/encryption/secret/@uuid", "Disk source encryption secret: UUID" },
  { "devices/interface/bandwidth/@classID", "Network card bandwidth: class ID" },
  { "devices/interface/@trustGuestRxFilters", "Network card: trust guest receive filters" },
  { "devices/interface/source/@macTableManager", "Network card source: MAC table manager" },
  { "devices/rng/address/zpci/@uid", "Random numbers address zPCI: UID" },
  { "devices/memory/target/current", "Memory module target: current" },
  { "features/nested-hv/@state", "Features nested hypervisor: state" },
  { "qemu:override/qemu:device/@alias", "QEMU override device: alias" },
  { "metadata/*", "Metadata: any element" },
};

static void
test_made_labels (void)
{
  g_autoptr (GPtrArray) all = valise_knob_catalogue_list_below (catalogue, NULL);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  g_test_summary ("Labels that are made of libvirt's names are words, and no two are the same");
  for (gsize i = 0; i < G_N_ELEMENTS (made); i++)
    {
      const ValiseKnobEntry *entry = valise_knob_catalogue_lookup (catalogue, made[i].path);

      g_assert_nonnull (entry);
      g_assert_cmpstr (valise_knob_get_label (&entry->knob), ==, made[i].label);
    }
  for (guint i = 0; i < all->len; i++)
    {
      const ValiseKnobEntry *entry = all->pdata[i];
      const char *label = valise_knob_get_label (&entry->knob);

      if (entry->is_curated)
        continue;
      if (strpbrk (label, "@/") != NULL && strstr (label, "I/O") == NULL)
        g_error ("%s is called %s", entry->knob.path, label);
      if (!g_hash_table_add (seen, (gpointer) label))
        g_error ("there are two of the name %s", label);
    }
}

static const struct
{
  const char *words;
  const char *among; /* one of the first ten found */
} searches[] = {
  { "iothread", "devices/disk/driver/@iothread" }, { "hyperv relaxed", "features/hyperv/relaxed/@state" },
  { "boot menu", "os/bootmenu/@enable" },          { "rx_queue_size", "devices/interface/driver/@rx_queue_size" },
  { "sev policy", "launchSecurity/policy" },       { "seclabel", "seclabel/@type" },
  { "unmap", "devices/disk/driver/@discard" },     { "qemu commandline", "qemu:commandline/qemu:arg/@value" },
  { "rbd", "devices/disk/source/@protocol" },      { "redirfilter vendor", "devices/redirfilter/usbdev/@vendor" },
};

static void
test_search (void)
{
  g_test_summary ("Knobs that no page of ours shows are found as well");
  for (guint i = 0; i < G_N_ELEMENTS (searches); i++)
    {
      g_autoptr (GPtrArray) found = valise_knob_catalogue_search (catalogue, searches[i].words);
      gboolean among = FALSE;

      for (guint j = 0; j < MIN (found->len, 10); j++)
        among |= g_str_equal (((const ValiseKnobEntry *) found->pdata[j])->knob.path, searches[i].among);
      if (!among)
        g_error ("“%s” does not find %s", searches[i].words, searches[i].among);
    }
}

/* --- real machines --- */

static guint n_values;

/* @path: the knob's; @local: the same with indices, in the document */
static void
check_value (const char *file, ValiseDocument *document, const char *path, const char *local, const char *value)
{
  const ValiseKnobEntry *entry = valise_knob_catalogue_lookup (catalogue, path);
  ValiseKnobEntry unbounded;
  g_autoptr (GPtrArray) words = NULL;
  g_autoptr (GError) error = NULL;

  if (entry == NULL)
    g_error ("%s: the catalogue does not know %s", file, path);
  /* The table's own bounds are those of QEMU; there are other hypervisors. */
  unbounded = *entry;
  unbounded.knob.minimum = unbounded.knob.maximum = 0;
  if (!valise_knob_entry_check (&unbounded, value, &error))
    g_error ("%s: %s", file, error->message);
  if (!valise_knob_entry_is_possible (entry, document, local))
    g_error ("%s: %s is there and said to be impossible", file, local);
  words = valise_knob_entry_list_words (entry, document, local);
  if (entry->words != NULL && !entry->open && !g_ptr_array_find_with_equal_func (words, value, g_str_equal, NULL))
    g_error ("%s: %s=%s is there and said to be impossible", file, local, value);
  n_values++;
}

/* Prefixes of libvirt's extensions are the same in paths as in their namespaces. */
static char *
name_of (const xmlNode *node)
{
  g_auto (GStrv) parts = node->ns != NULL ? g_strsplit ((const char *) node->ns->href, "/", -1) : NULL;
  guint length = parts != NULL ? g_strv_length (parts) : 0;

  return length > 2 ? g_strconcat (parts[length - 2], ":", node->name, NULL) : g_strdup ((const char *) node->name);
}

static void
check_element (const char *file, ValiseDocument *document, xmlNode *node, const char *path)
{
  g_autoptr (ValiseXmlChar) text = xmlFirstElementChild (node) == NULL ? xmlNodeGetContent (node) : NULL;
  const ValiseKnobEntry *entry = *path != '\0' ? valise_knob_catalogue_lookup (catalogue, path) : NULL;
  g_autofree char *local = valise_document_path_of (document, node);

  for (xmlAttr *attribute = node->properties; attribute != NULL; attribute = attribute->next)
    {
      g_autofree char *name = g_strconcat (*path != '\0' ? "/@" : "@", attribute->name, NULL);
      g_autofree char *full = g_strconcat (path, name, NULL);
      g_autofree char *local_full = g_strconcat (local, name, NULL);
      g_autoptr (ValiseXmlChar) value = xmlNodeGetContent ((xmlNode *) attribute);

      check_value (file, document, full, local_full, (const char *) value);
    }
  if (text != NULL && (entry != NULL || *g_strstrip ((char *) text) != '\0'))
    check_value (file, document, path, local, g_strstrip ((char *) text));
  for (xmlNode *child = xmlFirstElementChild (node); child != NULL; child = xmlNextElementSibling (child))
    {
      g_autofree char *name = name_of (child);
      g_autofree char *full = *path != '\0' ? g_strjoin ("/", path, name, NULL) : g_strdup (name);

      if (!g_str_equal (full, "metadata"))
        check_element (file, document, child, full);
    }
}

/* What the schema itself refuses proves nothing. */
static gboolean
check_file (const char *path, const char *text, gsize length)
{
  g_autoptr (ValiseDocument) document = valise_document_new (text, (gssize) length, path, NULL);

  if (document == NULL || !_valise_schema_validate (valise_document_get_tree (document), NULL))
    return FALSE;
  check_element (path, document, xmlDocGetRootElement (valise_document_get_tree (document)), "");
  return TRUE;
}

static const struct
{
  const char *path;
  gboolean possible;
  const char *word; /* or NULL */
  const char *no_word;
} places[] = {
  { "devices/disk[1]/source/@file", TRUE },
  { "devices/disk[1]/source/@protocol", FALSE },
  { "devices/disk[2]/source/@protocol", TRUE, "rbd" },
  { "devices/disk[2]/source/snapshot/@name", FALSE },
  { "devices/disk[@device='lun']/source/@dev", TRUE },
  { "devices/disk[@device='lun']/@type", TRUE, "block", "file" },
  { "devices/disk[9]/source/@file", TRUE },
  { "devices/controller[@type='usb']/@model", TRUE, "qemu-xhci", "virtio-scsi" },
  { "devices/controller[@type='scsi']/@model", TRUE, "virtio-scsi", "qemu-xhci" },
  { "devices/controller[@type='ccid']/@ports", FALSE },
  { "devices/controller[@type='virtio-serial']/@ports", TRUE },
  { "launchSecurity/policy", TRUE },
  { "clock/@timezone", FALSE },
  { "clock/@basis", TRUE },
  { "devices/interface[1]/source/@bridge", FALSE },
  { "devices/disk[1]/@type", TRUE, "vhostuser", NULL },
  { "devices/interface[3]/source/@mode", TRUE, NULL, "server" },
  { "devices/interface[4]/source/@mode", TRUE, "server", NULL },
};

static void
test_places (void)
{
  g_autofree char *file = g_test_build_filename (G_TEST_DIST, "model", "data", "every-device.xml", NULL);
  g_autofree char *text = NULL;
  g_autoptr (ValiseDocument) document = NULL;

  g_test_summary ("What stands around a knob decides whether it can be set, and to what");
  g_assert_true (g_file_get_contents (file, &text, NULL, NULL));
  document = valise_document_new (text, -1, file, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      const ValiseKnobEntry *entry = valise_knob_catalogue_lookup (catalogue, places[i].path);
      g_autoptr (GPtrArray) words = valise_knob_entry_list_words (entry, document, places[i].path);

      g_test_message ("%s", places[i].path);
      g_assert_cmpint (valise_knob_entry_is_possible (entry, document, places[i].path), ==, places[i].possible);
      if (places[i].word != NULL)
        g_assert_true (g_ptr_array_find_with_equal_func (words, places[i].word, g_str_equal, NULL));
      if (places[i].no_word != NULL)
        g_assert_false (g_ptr_array_find_with_equal_func (words, places[i].no_word, g_str_equal, NULL));
    }
}

static void
test_fixtures (void)
{
  g_autofree char *data = g_test_build_filename (G_TEST_DIST, "model", "data", NULL);
  guint n;

  g_test_summary ("Whatever stands in a machine that the schema accepts is a knob with a value that it can have");
  n_values = 0;
  n = document_fixture_each (data, check_file);
  g_test_message ("%u machines, %u values", n, n_values);
  g_assert_cmpuint (n, >=, 2);
  g_assert_cmpuint (n_values, >=, 500);
}

static void
test_corpora (void)
{
  g_autofree char *directory = document_fixture_dup_corpus ();
  guint n;

  g_test_summary ("The same over other people's machines");
  if (directory == NULL)
    return;
  n_values = 0;
  n = document_fixture_each (directory, check_file);
  g_test_message ("%u machines, %u values", n, n_values);
  g_assert_cmpuint (n, >, 0);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/model/knob-schema/exists", test_exists, with_schema);
  g_test_add_data_func ("/model/knob-schema/choices", test_choices, with_schema);
  g_test_add_data_func ("/model/knob-schema/kinds", test_kinds, with_schema);
  g_test_add_data_func ("/model/knob-schema/known", test_known, with_schema);
  g_test_add_data_func ("/model/knob-schema/paths", test_paths, with_schema);
  g_test_add_data_func ("/model/knob-schema/counts", test_counts, with_schema);
  g_test_add_data_func ("/model/knob-schema/pages", test_pages, with_schema);
  g_test_add_data_func ("/model/knob-schema/page-of", test_page_of, with_schema);
  g_test_add_data_func ("/model/knob-schema/words", test_words, with_schema);
  g_test_add_data_func ("/model/knob-schema/made-labels", test_made_labels, with_schema);
  g_test_add_data_func ("/model/knob-schema/search", test_search, with_schema);
  g_test_add_data_func ("/model/knob-schema/places", test_places, with_schema);
  g_test_add_data_func ("/model/knob-schema/fixtures", test_fixtures, with_schema);
  g_test_add_data_func ("/model/knob-schema/corpora", test_corpora, with_schema);
  status = g_test_run ();
  g_clear_pointer (&catalogue, valise_knob_catalogue_free);
  return status;
}
