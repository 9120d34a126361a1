/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this room makes has to be what libvirt takes: proposals are valid and start, and the guest finds its devices
 * where they were. */
#include "driver-fixture.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#include "base/valise-size.h"
#include "bundle/valise-forms.h"
#include "bundle/valise-image.h"
#include "model/valise-effective.h"
#include "model/valise-profile.h"
#include "schema-fixture.h"

#define SCHEMA "/usr/share/libvirt/schemas/domain.rng"
#define ISO "/usr/lib/grub-rescue/grub-rescue-cdrom.iso"

static ValiseCapabilities *capabilities;

static const struct
{
  const char *name;
  int firmware;
  gboolean virtio;
  gboolean windows;
  gboolean tpm;
  const char *os_id;
  guint cpus;
  guint disks;
} machines[] = {
  { "linux-bios", VALISE_FIRMWARE_BIOS, TRUE, FALSE, FALSE, NULL, 2, 1 },
  { "linux-uefi", VALISE_FIRMWARE_UEFI, TRUE, FALSE, FALSE, "http://debian.org/debian/12", 1, 2 },
  { "linux-secure", VALISE_FIRMWARE_UEFI_SECURE, TRUE, FALSE, FALSE, NULL, 1, 1 },
  { "plain-bios", VALISE_FIRMWARE_BIOS, FALSE, FALSE, FALSE, NULL, 1, 0 },
  { "windows-11", VALISE_FIRMWARE_UEFI_SECURE, FALSE, TRUE, TRUE, "http://microsoft.com/win/11", 4, 1 },
  { "windows-bios", VALISE_FIRMWARE_BIOS, FALSE, TRUE, FALSE, "http://microsoft.com/win/10", 2, 2 },
  { "windows-xp", VALISE_FIRMWARE_BIOS, FALSE, TRUE, FALSE, "http://microsoft.com/win/xp", 1, 1 },
};

static ValiseDocument *
propose (guint row)
{
  ValiseProfile profile = { .name = (char *) machines[row].name,
                            .label = (char *) "",
                            .os_id = (char *) machines[row].os_id,
                            .cpus = machines[row].cpus,
                            .memory = 256 * VALISE_MIB,
                            .disk = 64 * VALISE_MIB,
                            .virtio = machines[row].virtio,
                            .windows = machines[row].windows,
                            .tpm = machines[row].tpm };
  g_autoptr (GArray) disks = g_array_new (FALSE, FALSE, sizeof (guint64));
  ValiseProposal proposal = { .iso = (char *) ISO, .disks = disks, .firmware = machines[row].firmware };
  g_autoptr (GError) error = NULL;
  ValiseDocument *document;

  for (guint i = 0; i < machines[row].disks; i++)
    g_array_append_val (disks, profile.disk);
  document = valise_profile_propose (&profile, &proposal, capabilities, &error);
  g_assert_no_error (error);
  return document;
}

static char *
make_bundle (const char *name, guint disks)
{
  char *bundle = g_strdup_printf ("%s/%s.vmbundle", driver_fixture_directory (), name);
  g_autofree char *nvram = g_build_filename (bundle, "nvram", NULL);
  g_autofree char *folder = g_build_filename (bundle, "disks", NULL);

  g_assert_cmpint (g_mkdir_with_parents (nvram, 0700), ==, 0);
  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  for (guint i = 0; i < disks; i++)
    {
      g_autofree char *file =
          i == 0 ? g_build_filename (folder, "root.qcow2", NULL) : g_strdup_printf ("%s/disk%u.qcow2", folder, i + 1);
      g_autoptr (GError) error = NULL;

      valise_image_create (file, "qcow2", 64 * VALISE_MIB, NULL, &error);
      g_assert_no_error (error);
    }
  return bundle;
}

static void
assert_valid (ValiseDocument *document)
{
  g_test_message ("%s", valise_document_get_text (document));
  g_assert_true (schema_fixture_is_valid (SCHEMA, valise_document_get_tree (document)));
}

/* The TPM's own process, as the engine starts it: it ends when its machine does. */
static char *
start_tpm (const char *bundle)
{
  char *path = g_build_filename (bundle, "tpm.sock", NULL);
  g_autofree char *folder = g_build_filename (bundle, "tpm", NULL);
  g_autofree char *state = g_strconcat ("dir=", folder, NULL);
  g_autofree char *control = g_strconcat ("type=unixio,path=", path, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) swtpm = NULL;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  swtpm = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, "swtpm", "socket", "--tpm2", "--tpmstate", state, "--ctrl",
                            control, "--flags", "startup-clear", "--terminate", NULL);
  g_assert_no_error (error);
  for (guint i = 0; i < 3000 && !g_file_test (path, G_FILE_TEST_EXISTS); i++)
    g_usleep (20000);
  return path;
}

static ValiseDocument *
make_effective (ValiseDocument *stored, const char *bundle)
{
  gboolean has_tpm = valise_document_has (stored, "devices/tpm");
  g_autofree char *socket = has_tpm ? start_tpm (bundle) : NULL;
  ValiseHostChoice choice = { .tpm_socket = socket, .quick_questions = TRUE };
  g_autofree char *uuid = valise_document_get (stored, "uuid");
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseGrants) grants = valise_grants_load (uuid, &error);
  ValiseDocument *document;

  g_assert_no_error (error);
  g_assert_true (valise_effective_grant_all (stored, NULL, bundle, grants, NULL));
  document = valise_effective_document_new (stored, bundle, &choice, capabilities, grants, NULL, &error);
  g_assert_no_error (error);
  return document;
}

/* Starts the machine (paused: nothing here depends on the guest), and returns the running XML. */
static ValiseDocument *
start (ValiseDocument *effective)
{
  g_autofree char *name = valise_document_get (effective, "name");
  g_autofree char *file = g_strdup_printf ("%s/start.xml", driver_fixture_directory ());
  g_autofree char *commands = g_strdup_printf ("create --paused %s; dumpxml %s; destroy %s", file, name, name);
  g_autofree char *complaint = NULL;
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;
  ValiseDocument *live;
  const char *from, *to;

  g_assert_true (g_file_set_contents (file, valise_document_get_text (effective), -1, NULL));
  output = driver_fixture_virsh (commands, &complaint);
  if (output == NULL)
    g_test_message ("%s\n%s", complaint, valise_document_get_text (effective));
  g_assert_cmpstr (complaint, ==, NULL);
  from = strstr (output, "<domain");
  to = strstr (output, "</domain>");
  g_assert_true (from != NULL && to != NULL);
  live = valise_document_new (from, to + strlen ("</domain>") - from, "live", &error);
  g_assert_no_error (error);
  return live;
}

static void
test_machine (gconstpointer data)
{
  guint row = GPOINTER_TO_UINT (data);
  g_autoptr (ValiseDocument) stored = propose (row);
  g_autofree char *bundle = make_bundle (machines[row].name, machines[row].disks);
  g_autoptr (ValiseDocument) absolute = valise_document_copy (stored);
  g_autoptr (ValiseDocument) effective = NULL;
  g_autoptr (ValiseDocument) live = NULL;

  g_assert_true (valise_forms_to_absolute (absolute, bundle, NULL));
  assert_valid (absolute);
  effective = make_effective (stored, bundle);
  assert_valid (effective);
  live = start (effective);
  g_assert_cmpuint (valise_document_count (live, "devices/disk"), ==, machines[row].disks + 1);
}

/* A machine as virt-manager makes them, with nothing granted: it starts, without what it asks for. */
static void
test_stranger (void)
{
  static const char *const refused[] = { "spice",  "virtiofs", "virbr0",  "install.iso",
                                         "0x046d", "redirdev", "accel3d", "old_VARS" };
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "model", "data", "virt-manager.xml", NULL);
  g_autofree char *text = NULL;
  g_autofree char *bundle = make_bundle ("stranger", 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseDocument) stored = NULL;
  g_autoptr (ValiseDocument) effective = NULL;
  g_autoptr (ValiseDocument) live = NULL;
  g_autoptr (GPtrArray) asks = NULL;
  ValiseHostChoice choice = { FALSE, NULL, NULL };

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  stored = valise_document_new (text, -1, "virt-manager.xml", &error);
  g_assert_no_error (error);
  effective = valise_effective_document_new (stored, bundle, &choice, capabilities, NULL, &asks, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (asks->len, ==, 11);
  for (guint i = 0; i < asks->len; i++)
    g_test_message ("%s", ((ValiseAsk *) asks->pdata[i])->text);
  assert_valid (effective);
  live = start (effective);
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_test_message ("%s", refused[i]);
      g_assert_null (strstr (valise_document_get_text (live), refused[i]));
    }
  g_assert_cmpuint (valise_document_count (live, "devices/interface"), ==, 1);
  g_assert_cmpuint (valise_document_count (live, "devices/graphics"), ==, 1);
}

/* A part of a live document, without the numbers of terminals, which the host hands out anew at each start. */
static char *
read_part (ValiseDocument *live, const char *path)
{
  g_autofree char *part = valise_document_get_fragment (live, path);
  g_autoptr (GRegex) terminal = g_regex_new ("/dev/pts/[0-9]+", 0, 0, NULL);

  return g_regex_replace_literal (terminal, part, -1, 0, "/dev/pts/N", 0, NULL);
}

/* How libvirt asks for the processor's features changes nothing about the machine. */
static void
test_questions (void)
{
  static const char *const parts[] = { "cpu", "features", "clock", "devices" };
  g_autoptr (ValiseDocument) stored = propose (0);
  g_autofree char *bundle = make_bundle ("questions", machines[0].disks);
  g_autoptr (ValiseDocument) effective = NULL;
  g_autoptr (ValiseDocument) quick = NULL;
  g_autoptr (ValiseDocument) slow = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (valise_document_set (stored, "cpu/@mode", "maximum", &error));
  g_assert_no_error (error);
  effective = make_effective (stored, bundle);
  g_assert_true (valise_document_has (effective, "qemu:capabilities"));
  quick = start (effective);
  g_assert_true (valise_document_unset (effective, "qemu:capabilities", &error));
  g_assert_no_error (error);
  slow = start (effective);
  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autofree char *one = read_part (quick, parts[i]);
      g_autofree char *other = read_part (slow, parts[i]);

      g_assert_cmpstr (one, ==, other);
    }
}

/* --- addresses --- */

/* "disk vda -> pci 0x04.0x00.0x0": what the guest sees of each device that can be told from the others. */
static GHashTable *
addresses_of (ValiseDocument *live)
{
  static const char *const kinds[][2] = {
    { "disk", "target/@dev" },  { "interface", "mac/@address" }, { "input", "@type" },
    { "video", "model/@type" }, { "memballoon", "@model" },      { "rng", "@model" },
    { "sound", "@model" },      { "channel", "target/@name" },
  };
  GHashTable *addresses = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (guint kind = 0; kind < G_N_ELEMENTS (kinds); kind++)
    {
      g_autofree char *all = g_strdup_printf ("devices/%s", kinds[kind][0]);

      for (guint i = 1; i <= valise_document_count (live, all); i++)
        {
          g_autofree char *knob = g_strdup_printf ("devices/%s[%u]/%s", kinds[kind][0], i, kinds[kind][1]);
          g_autofree char *at = g_strdup_printf ("devices/%s[%u]/address", kinds[kind][0], i);
          g_autofree char *name = valise_document_get (live, knob);
          char *address = valise_document_get_fragment (live, at);

          if (address != NULL)
            g_hash_table_replace (addresses, g_strdup_printf ("%s %s", kinds[kind][0], name), address);
        }
    }
  return addresses;
}

static void
assert_same_places (ValiseDocument *before, ValiseDocument *after, guint least)
{
  g_autoptr (GHashTable) first = addresses_of (before);
  g_autoptr (GHashTable) second = addresses_of (after);
  GHashTableIter iter;
  gpointer name, address;
  guint same = 0;

  g_hash_table_iter_init (&iter, first);
  while (g_hash_table_iter_next (&iter, &name, &address))
    {
      const char *now = g_hash_table_lookup (second, name);

      g_test_message ("%s: %s -> %s", (char *) name, (char *) address, now);
      if (now == NULL)
        continue;
      g_assert_cmpstr (now, ==, address);
      same++;
    }
  g_assert_cmpuint (same, >=, least);
}

/* Start, keep; then take a device out at the front and put others in, start again: what stays, stays where it was. */
static void
test_keep_addresses (void)
{
  static const char nic[] =
      "<interface type='user'>\n  <mac address='52:54:00:00:00:77'/>\n  <model type='virtio'/>\n</interface>";
  static const char disk[] = "<disk type='file' device='disk'>\n  <driver name='qemu' type='qcow2'/>\n"
                             "  <source file='disks/disk2.qcow2'/>\n  <target dev='vdb' bus='virtio'/>\n</disk>";
  g_autoptr (ValiseDocument) stored = propose (0);
  g_autofree char *bundle = make_bundle ("addresses", 2);
  g_autoptr (ValiseDocument) first = NULL;
  g_autoptr (ValiseDocument) second = NULL;
  g_autoptr (ValiseDocument) one = NULL;
  g_autoptr (ValiseDocument) two = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *machine = NULL;

  g_assert_true (valise_document_add_fragment (stored, "devices", nic, NULL));
  one = make_effective (stored, bundle);
  first = start (one);
  g_assert_true (valise_effective_keep_addresses (stored, first, &error));
  g_assert_no_error (error);
  g_test_message ("%s", valise_document_get_text (stored));
  machine = valise_document_get (stored, "os/type/@machine");
  g_assert_true (g_str_has_prefix (machine, "pc-q35-"));
  g_assert_null (strstr (valise_document_get_text (stored), "alias"));
  g_assert_null (strstr (valise_document_get_text (stored), "/dev/pts"));
  g_assert_null (strstr (valise_document_get_text (stored), "backingStore"));

  g_assert_true (valise_document_unset (stored, "devices/interface[1]", NULL));
  g_assert_true (valise_document_add_fragment (stored, "devices", disk, NULL));
  two = make_effective (stored, bundle);
  second = start (two);
  assert_same_places (first, second, 8);
  g_assert_true (valise_effective_keep_addresses (stored, second, &error));
  /* A third time there is nothing left to keep. */
  g_assert_false (valise_effective_keep_addresses (stored, second, &error));
  g_assert_no_error (error);
}

/* The knob of a UEFI machine's firmware, and which build libvirt then takes. */
static void
test_firmware_builds (void)
{
  for (guint row = 0; row < G_N_ELEMENTS (machines); row++)
    {
      g_autoptr (ValiseDocument) stored = NULL;
      g_autoptr (ValiseDocument) effective = NULL;
      g_autoptr (ValiseDocument) live = NULL;
      g_autofree char *bundle = NULL;
      g_autofree char *loader = NULL;
      g_autofree char *vars = NULL;
      g_autofree char *name = g_strdup_printf ("firmware-%u", row);

      if (machines[row].firmware == VALISE_FIRMWARE_BIOS)
        continue;
      stored = propose (row);
      bundle = make_bundle (name, machines[row].disks);
      effective = make_effective (stored, bundle);
      live = start (effective);
      loader = valise_document_get (live, "os/loader");
      vars = g_build_filename (bundle, "nvram", "vars.fd", NULL);
      g_test_message ("%s", loader);
      g_assert_cmpint (strstr (loader, ".ms.fd") != NULL, ==, machines[row].firmware == VALISE_FIRMWARE_UEFI_SECURE);
      g_assert_true (g_file_test (vars, G_FILE_TEST_IS_REGULAR));
    }
}

int
main (int argc, char **argv)
{
  g_autofree char *state = NULL;
  int result;

  g_test_init (&argc, &argv, NULL);
  driver_fixture_begin ();
  state = g_build_filename (driver_fixture_directory (), "state", NULL);
  g_setenv ("VALISE_STATE_DIR", state, TRUE);
  capabilities = driver_fixture_capabilities ();
  for (guint i = 0; i < G_N_ELEMENTS (machines); i++)
    {
      g_autofree char *path = g_strdup_printf ("/model/start/%s", machines[i].name);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_machine);
    }
  g_test_add_func ("/model/start/stranger", test_stranger);
  g_test_add_func ("/model/start/questions", test_questions);
  g_test_add_func ("/model/start/keep-addresses", test_keep_addresses);
  g_test_add_func ("/model/start/firmware-builds", test_firmware_builds);
  result = g_test_run ();
  valise_capabilities_unref (capabilities);
  driver_fixture_end ();
  return result;
}
