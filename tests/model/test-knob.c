/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/valise-knob-catalogue.h"

static void
test_unique (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  gsize length;
  const ValiseKnob *table = valise_knob_table (&length);

  g_assert_cmpuint (length, >=, 200);
  for (gsize i = 0; i < length; i++)
    {
      if (!g_hash_table_add (seen, (gpointer) table[i].path))
        g_error ("%s is in the table twice", table[i].path);
      g_assert_true (valise_knob_lookup (table[i].path) == &table[i]);
    }
}

static void
test_words (void)
{
  static const char *const PAGES[] = { "system",     "processor",  "memory",   "boot",     "clock",      "features",
                                       "disk",       "cdrom",      "network",  "display",  "sound",      "input",
                                       "filesystem", "hostdev",    "redirdev", "serial",   "parallel",   "console",
                                       "channel",    "tpm",        "rng",      "watchdog", "panic",      "vsock",
                                       "shmem",      "smartcard",  "iommu",    "module",   "hub",        "nvram",
                                       "lease",      "controller", "tuning",   "security", "hypervisor", NULL };
  gsize length;
  const ValiseKnob *table = valise_knob_table (&length);

  for (gsize i = 0; i < length; i++)
    {
      const ValiseKnob *knob = &table[i];

      if (knob->label == NULL || !g_unichar_isalnum (g_utf8_get_char (knob->label)) || strlen (knob->label) > 50)
        g_error ("%s: no fit label", knob->path);
      if (knob->help == NULL || !g_str_has_suffix (knob->help, "."))
        g_error ("%s: the help is no sentence", knob->path);
      if (knob->synonyms == NULL || g_utf8_strlen (knob->help, -1) > 160)
        g_error ("%s: no synonyms, or a help that is too long", knob->path);
      if (!g_strv_contains (PAGES, knob->page))
        g_error ("%s: no page %s", knob->path, knob->page);
      g_assert_cmpint (knob->minimum, <=, knob->maximum != 0 ? knob->maximum : G_MAXINT64);
    }
}

static void
test_choices (void)
{
  gsize length;
  const ValiseKnob *table = valise_knob_table (&length);

  for (gsize i = 0; i < length; i++)
    {
      const ValiseKnob *knob = &table[i];
      g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

      if (knob->choices != NULL)
        g_assert_cmpint (knob->kind, ==, VALISE_KNOB_CHOICE);
      for (const ValiseKnobChoice *choice = knob->choices; choice != NULL && choice->value != NULL; choice++)
        {
          if (choice->label == NULL || !g_hash_table_add (seen, (gpointer) choice->value))
            g_error ("%s: choice %s is there twice or has no label", knob->path, choice->value);
          g_assert_cmpstr (valise_knob_get_choice_label (knob, choice->value), ==, choice->label);
        }
      if (knob->choices != NULL)
        g_assert_cmpuint (g_hash_table_size (seen), >=, 2);
      g_assert_null (valise_knob_get_choice_label (knob, "no such choice"));
    }
}

/* The pages that people are promised. */
static void
test_promised (void)
{
  static const char *const PROMISED[] = {
    "name",
    "title",
    "description",
    "@type",
    "os/type/@machine",
    "metadata/valise:machine/@accel",
    "metadata/valise:machine/@os",
    "on_poweroff",
    "on_reboot",
    "on_crash",
    "clock/@offset",
    "features/acpi",
    "features/apic",
    "features/hyperv/relaxed/@state",
    "features/smm/@state",
    "vcpu",
    "vcpu/@current",
    "cpu/@mode",
    "cpu/model",
    "cpu/topology/@sockets",
    "cpu/topology/@cores",
    "cpu/topology/@threads",
    "cpu/feature/@policy",
    "cpu/@migratable",
    "cpu/cache/@mode",
    "memory",
    "currentMemory",
    "devices/memballoon/@model",
    "memoryBacking/hugepages",
    "memoryBacking/locked",
    "memoryBacking/source/@type",
    "memoryBacking/access/@mode",
    "os/@firmware",
    "os/loader",
    "os/nvram",
    "os/bootmenu/@enable",
    "os/bootmenu/@timeout",
    "os/kernel",
    "os/initrd",
    "os/cmdline",
    "devices/tpm/@model",
    "devices/tpm/backend/@version",
    "devices/disk/boot/@order",
    "devices/interface/boot/@order",
    "devices/disk/target/@bus",
    "devices/disk/driver/@type",
    "devices/disk/driver/@cache",
    "devices/disk/driver/@discard",
    "devices/disk/driver/@io",
    "devices/disk/driver/@detect_zeroes",
    "devices/disk/source/@file",
    "devices/disk/readonly",
    "devices/disk/shareable",
    "devices/disk/serial",
    "metadata/valise:machine/valise:disk/@size",
    "devices/disk[@device='cdrom']/source/@file",
    "devices/interface/@type",
    "devices/interface/source/@network",
    "devices/interface/model/@type",
    "devices/interface/mac/@address",
    "devices/interface/link/@state",
    "devices/interface/mtu/@size",
    "devices/graphics/@type",
    "devices/video/model/@type",
    "devices/video/model/@heads",
    "devices/video/model/@vram",
    "devices/video/model/@ram",
    "devices/video/model/resolution/@x",
    "devices/video/model/acceleration/@accel3d",
    "devices/sound/@model",
    "devices/audio/@type",
    "devices/input/@type",
    "devices/input/@bus",
    "devices/rng/@model",
    "devices/watchdog/@model",
    "clock/timer/@name",
    "features/kvm/dirty-ring/@state",
    "devices/controller/driver/@queues",
    "devices/serial/log/@file",
    "devices/channel/target/@name",
    "devices/filesystem/source/@dir",
    "devices/hostdev/source/vendor/@id",
    "devices/redirdev/@type",
    "devices/shmem/@name",
    "devices/smartcard/@mode",
    "devices/memory/target/size",
    "devices/vsock/cid/@address",
    "cputune/vcpupin/@cpuset",
    "blkiotune/device/write_bytes_sec",
    "numatune/memnode/@nodeset",
    "seclabel/@model",
    "launchSecurity/@type",
    "qemu:commandline/qemu:arg/@value",
  };

  for (guint i = 0; i < G_N_ELEMENTS (PROMISED); i++)
    if (valise_knob_lookup (PROMISED[i]) == NULL)
      g_error ("%s is not in the table", PROMISED[i]);
}

static const struct
{
  const char *path;
  const char *pattern;
  const char *found; /* the table's path, or NULL */
} paths[] = {
  { "vcpu", "vcpu", "vcpu" },
  { "devices/disk[2]/driver/@cache", "devices/disk/driver/@cache", "devices/disk/driver/@cache" },
  { "devices/disk[12]/target[1]/@bus", "devices/disk/target/@bus", "devices/disk/target/@bus" },
  { "cpu/feature[@name='avx2']/@policy", "cpu/feature[@name='avx2']/@policy", "cpu/feature/@policy" },
  { "cpu/feature[@name='vmx']/@policy", "cpu/feature[@name='vmx']/@policy", "cpu/feature[@name='vmx']/@policy" },
  { "devices/disk[@device='cdrom']/source/@file", "devices/disk[@device='cdrom']/source/@file",
    "devices/disk[@device='cdrom']/source/@file" },
  { "devices/disk[@device='cdrom']/serial", "devices/disk[@device='cdrom']/serial", "devices/disk/serial" },
  { "metadata/valise:machine/valise:disk[@source='disks/a[1]/b.qcow2']/@size",
    "metadata/valise:machine/valise:disk[@source='disks/a[1]/b.qcow2']/@size",
    "metadata/valise:machine/valise:disk/@size" },
  { "devices/disk[2]", "devices/disk", NULL },
  { "nothing/of/this", "nothing/of/this", NULL },
  { "devices/disk[", "devices/disk[", NULL },
  { "", "", NULL },
};

static void
test_paths (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autofree char *pattern = valise_knob_pattern (paths[i].path);
      const ValiseKnob *knob = valise_knob_lookup (paths[i].path);

      g_assert_cmpstr (pattern, ==, paths[i].pattern);
      g_assert_cmpstr (knob != NULL ? knob->path : NULL, ==, paths[i].found);
    }
}

/* Those of the table among what the catalogue finds, in its order. */
static GPtrArray *
search (const char *words)
{
  g_autoptr (GPtrArray) all = valise_knob_catalogue_search (valise_knob_catalogue_get_default (), words);
  GPtrArray *found = g_ptr_array_new ();

  for (guint i = 0; i < all->len; i++)
    if (((const ValiseKnobEntry *) all->pdata[i])->is_curated)
      g_ptr_array_add (found, (gpointer) valise_knob_lookup (((const ValiseKnobEntry *) all->pdata[i])->knob.path));
  return found;
}

static const struct
{
  const char *words;
  const char *first; /* path of the first knob found, or NULL for none */
} searches[] = {
  { "memory", "memory" },
  { "boot menu", "os/bootmenu/@enable" },
  { "BOOT MENU w", "os/bootmenu/@timeout" },
  { "virtual c", "vcpu" },
  { "cache mode", "devices/disk/driver/@cache" },
  { "detect_zeroes", "devices/disk/driver/@detect_zeroes" },
  { "bootmenu/@timeout", "os/bootmenu/@timeout" },
  { "secure boot", "os/firmware/feature[@name='secure-boot']/@enabled" },
  { "unmap", "devices/disk/driver/@discard" },
  { "vt-d", "devices/iommu/@model" },
  { "  iso   eject ", "devices/disk[@device='cdrom']/source/@file" },
  { "zzzz", NULL },
  { "memory zzzz", NULL },
  { "", NULL },
  { "   ", NULL },
};

static void
test_search (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (searches); i++)
    {
      g_autoptr (GPtrArray) found = search (searches[i].words);
      const ValiseKnob *first = found->len > 0 ? found->pdata[0] : NULL;

      g_test_message ("%s", searches[i].words);
      g_assert_cmpstr (first != NULL ? first->path : NULL, ==, searches[i].first);
    }
}

static guint
place_of (GPtrArray *found, const char *path)
{
  guint place;

  g_assert_true (g_ptr_array_find (found, valise_knob_lookup (path), &place));
  return place;
}

static void
test_search_ranks (void)
{
  /* label prefix, label word, path, synonym */
  static const char *const ORDER[] = { "devices/memballoon/@autodeflate", "devices/memballoon/@model",
                                       "devices/memballoon/stats/@period", "currentMemory" };
  g_autoptr (GPtrArray) found = search ("balloon");
  g_autoptr (GPtrArray) help = search ("steadier");

  for (guint i = 0; i + 1 < G_N_ELEMENTS (ORDER); i++)
    g_assert_cmpuint (place_of (found, ORDER[i]), <, place_of (found, ORDER[i + 1]));
  g_assert_cmpuint (help->len, ==, 1);
  g_assert_cmpuint (place_of (help, "memoryBacking/allocation/@mode"), ==, 0);
}

static void
test_search_speed (void)
{
  gint64 start;
  const guint rounds = 100;
  double milliseconds;

  g_ptr_array_unref (search ("warm"));
  start = g_get_monotonic_time ();
  for (guint i = 0; i < rounds; i++)
    g_ptr_array_unref (search ("memory limit"));
  milliseconds = (g_get_monotonic_time () - start) / 1000.0 / rounds;
  g_test_minimized_result (milliseconds, "a search takes %.3f ms", milliseconds);
  g_assert_cmpfloat (milliseconds, <, 20);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/knob/unique", test_unique);
  g_test_add_func ("/model/knob/words", test_words);
  g_test_add_func ("/model/knob/choices", test_choices);
  g_test_add_func ("/model/knob/promised", test_promised);
  g_test_add_func ("/model/knob/paths", test_paths);
  g_test_add_func ("/model/knob/search", test_search);
  g_test_add_func ("/model/knob/search-ranks", test_search_ranks);
  g_test_add_func ("/model/knob/search-speed", test_search_speed);
  return g_test_run ();
}
