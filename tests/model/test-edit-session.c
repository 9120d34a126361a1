/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/valise-edit-session.h"

#include <glib/gstdio.h>

#include "base/valise-size.h"
#include "document-fixture.h"

static const char TEXT[] = "<domain type='kvm'>\n"
                           "  <name>box</name>\n"
                           "  <title>Box</title>\n"
                           "  <metadata>\n"
                           "    <valise:machine xmlns:valise='https://valise.page/bundle/1' version='1' name='Box'>\n"
                           "      <valise:disk source='disks/root.qcow2' size='25769803776'/>\n"
                           "    </valise:machine>\n"
                           "  </metadata>\n"
                           "  <memory unit='KiB'>2097152</memory>\n"
                           "  <currentMemory unit='KiB'>2097152</currentMemory>\n"
                           "  <vcpu placement='static' current='2'>2</vcpu>\n"
                           "  <os firmware='efi'>\n"
                           "    <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>\n"
                           "    <firmware>\n"
                           "      <feature enabled='no' name='secure-boot'/>\n"
                           "    </firmware>\n"
                           "    <nvram>nvram/vars.fd</nvram>\n"
                           "  </os>\n"
                           "  <!-- kept -->\n"
                           "  <features><acpi/></features>\n"
                           "  <cpu mode='custom'><model>qemu64</model><feature policy='disable' name='vmx'/></cpu>\n"
                           "  <devices>\n"
                           "    <disk type='file' device='disk'>\n"
                           "      <driver name='qemu' type='qcow2'/>\n"
                           "      <source file='disks/root.qcow2'/>\n"
                           "      <target dev='vda' bus='virtio'/>\n"
                           "      <boot order='1'/>\n"
                           "      <address type='pci' domain='0x0000' bus='0x04' slot='0x00' function='0x0'/>\n"
                           "    </disk>\n"
                           "    <disk type='file' device='cdrom'>\n"
                           "      <source file='/iso/debian.iso'/>\n"
                           "      <target dev='sda' bus='sata'/>\n"
                           "      <readonly/>\n"
                           "      <address type='drive' controller='0' bus='0' target='0' unit='0'/>\n"
                           "    </disk>\n"
                           "    <controller type='pci' index='0' model='pcie-root'/>\n"
                           "    <controller type='pci' index='1' model='pcie-root-port'><address type='pci' bus='0x00' "
                           "slot='0x02'/></controller>\n"
                           "    <interface type='user'>\n"
                           "      <mac address='52:54:00:00:00:01'/>\n"
                           "      <model type='virtio'/>\n"
                           "      <address type='pci' bus='0x01' slot='0x00'/>\n"
                           "    </interface>\n"
                           "    <graphics type='vnc'><listen type='none'/></graphics>\n"
                           "  </devices>\n"
                           "</domain>\n";

typedef struct
{
  ValiseEditSession *session;
  guint signals;
} Fixture;

static void
on_changed_cb (ValiseEditSession *session, gpointer data)
{
  Fixture *fixture = data;

  g_assert_nonnull (valise_edit_session_get_findings (session));
  fixture->signals++;
}

static void
set_up (Fixture *fixture, gconstpointer text)
{
  g_autoptr (ValiseDocument) document = document_fixture_parse (text);
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseCapabilities) capabilities = valise_capabilities_new (NULL, NULL, 8, 16 * VALISE_GIB, &error);

  g_assert_no_error (error);
  fixture->session = valise_edit_session_new (document, capabilities, NULL);
  fixture->signals = 0;
  g_signal_connect (fixture->session, "changed", G_CALLBACK (on_changed_cb), fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer text)
{
  g_assert_finalize_object (fixture->session);
}

static void
set (Fixture *fixture, const char *knob, const char *value)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (valise_edit_session_set (fixture->session, knob, value, &error));
  g_assert_no_error (error);
}

static void
unset (Fixture *fixture, const char *knob)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (valise_edit_session_unset (fixture->session, knob, &error));
  g_assert_no_error (error);
}

static void
expect (Fixture *fixture, const char *knob, const char *expected)
{
  g_autofree char *value = valise_edit_session_get (fixture->session, knob);

  if (g_strcmp0 (value, expected) != 0)
    g_error ("%s is %s instead of %s", knob, value, expected);
}

static const char *
text_of (Fixture *fixture)
{
  return valise_document_get_text (valise_edit_session_get_draft (fixture->session));
}

static void
test_set (Fixture *fixture, gconstpointer text)
{
  set (fixture, "devices/disk[1]/driver/@cache", "none");
  expect (fixture, "devices/disk[1]/driver/@cache", "none");
  g_assert_cmpuint (fixture->signals, ==, 1);
  g_assert_true (valise_edit_session_is_changed (fixture->session));
  g_assert_nonnull (strstr (text_of (fixture), "<!-- kept -->"));
  g_assert_cmpstr (valise_document_get_text (valise_edit_session_get_original (fixture->session)), ==, text);

  /* what is set already is no step */
  set (fixture, "devices/disk[1]/driver/@cache", "none");
  g_assert_cmpuint (fixture->signals, ==, 1);

  unset (fixture, "devices/disk[1]/driver/@cache");
  expect (fixture, "devices/disk[1]/driver/@cache", NULL);
  g_assert_cmpstr (text_of (fixture), ==, text);
  g_assert_false (valise_edit_session_is_changed (fixture->session));
}

static void
test_errors (Fixture *fixture, gconstpointer text)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (valise_edit_session_set (fixture->session, "devices/disk[7]/serial", "x", &error));
  g_assert_error (error, VALISE_DOCUMENT_ERROR, VALISE_DOCUMENT_ERROR_MISSING);
  g_clear_error (&error);
  g_assert_false (valise_edit_session_set (fixture->session, "description", "\x01", &error));
  g_assert_error (error, VALISE_DOCUMENT_ERROR, VALISE_DOCUMENT_ERROR_VALUE);
  g_clear_error (&error);
  g_assert_false (valise_edit_session_set_text (fixture->session, "<domain>", &error));
  g_assert_nonnull (error);
  g_assert_cmpstr (text_of (fixture), ==, text);
  g_assert_cmpuint (fixture->signals, ==, 0);
  g_assert_false (valise_edit_session_can_undo (fixture->session));
}

/* What cannot be is kept, so that people see what they typed. */
static void
test_finding (Fixture *fixture, gconstpointer text)
{
  g_autofree char *reason = NULL;
  const ValiseFinding *finding;

  set (fixture, "vcpu", "many");
  expect (fixture, "vcpu", "many");
  finding = valise_edit_session_find (fixture->session, "vcpu");
  g_assert_nonnull (finding);
  g_assert_cmpstr (finding->code, ==, "value-invalid");
  g_assert_false (valise_edit_session_can_apply (fixture->session, &reason));
  g_assert_cmpstr (reason, ==, finding->text);
  g_assert_null (valise_edit_session_find (fixture->session, "memory"));

  valise_edit_session_undo (fixture->session);
  g_assert_null (valise_edit_session_find (fixture->session, "vcpu"));
  g_clear_pointer (&reason, g_free);
  g_assert_false (valise_edit_session_can_apply (fixture->session, &reason));
  g_assert_nonnull (reason);
  set (fixture, "vcpu", "4");
  g_assert_true (valise_edit_session_can_apply (fixture->session, NULL));
}

/* With and without an index the first disk is the first disk; a device answers for everything in it, by the worst. */
static void
test_find (Fixture *fixture, gconstpointer text)
{
  set (fixture, "devices/disk[2]/driver/@cache", "fast");
  set (fixture, "devices/disk[1]/driver/@io", "native");
  g_assert_nonnull (valise_edit_session_find (fixture->session, "devices/disk[2]/driver/@cache"));
  g_assert_nonnull (valise_edit_session_find (fixture->session, "devices/disk/driver/@io"));
  g_assert_nonnull (valise_edit_session_find (fixture->session, "devices/disk[1]/driver/@io"));
  g_assert_nonnull (valise_edit_session_find (fixture->session, "devices/disk[1]"));
  g_assert_nonnull (valise_edit_session_find (fixture->session, "devices/disk"));
  g_assert_null (valise_edit_session_find (fixture->session, "devices/disk[1]/driver/@cache"));
  g_assert_null (valise_edit_session_find (fixture->session, "devices/interface"));
  g_assert_null (valise_edit_session_find (fixture->session, "devices/dis"));
  g_assert_cmpint (valise_edit_session_find (fixture->session, "devices/disk[2]")->severity, ==, VALISE_SEVERITY_ERROR);
}

static void
test_undo (Fixture *fixture, gconstpointer text)
{
  g_autofree char *second = NULL;

  set (fixture, "description", "one");
  set (fixture, "description", "two");
  second = g_strdup (text_of (fixture));
  valise_edit_session_undo (fixture->session);
  expect (fixture, "description", "one");
  valise_edit_session_undo (fixture->session);
  g_assert_cmpstr (text_of (fixture), ==, text);
  g_assert_false (valise_edit_session_can_undo (fixture->session));
  valise_edit_session_undo (fixture->session);
  valise_edit_session_redo (fixture->session);
  valise_edit_session_redo (fixture->session);
  g_assert_cmpstr (text_of (fixture), ==, second);
  g_assert_false (valise_edit_session_can_redo (fixture->session));
  g_assert_cmpuint (fixture->signals, ==, 6);

  valise_edit_session_undo (fixture->session);
  set (fixture, "description", "three");
  g_assert_false (valise_edit_session_can_redo (fixture->session));
}

static void
test_group (Fixture *fixture, gconstpointer text)
{
  valise_edit_session_begin (fixture->session);
  set (fixture, "vcpu", "4");
  valise_edit_session_begin (fixture->session);
  set (fixture, "memory", "4 GiB");
  valise_edit_session_end (fixture->session);
  g_assert_cmpuint (fixture->signals, ==, 0);
  g_assert_false (valise_edit_session_can_undo (fixture->session));
  valise_edit_session_end (fixture->session);
  g_assert_cmpuint (fixture->signals, ==, 1);
  valise_edit_session_undo (fixture->session);
  g_assert_cmpstr (text_of (fixture), ==, text);

  /* an empty group is no step */
  valise_edit_session_begin (fixture->session);
  valise_edit_session_end (fixture->session);
  g_assert_false (valise_edit_session_can_undo (fixture->session));
}

/* A failed edit within a group takes only itself back. */
static void
test_group_error (Fixture *fixture, gconstpointer text)
{
  valise_edit_session_begin (fixture->session);
  set (fixture, "vcpu", "4");
  g_assert_false (valise_edit_session_add (fixture->session, "devices", "<disk", NULL));
  valise_edit_session_end (fixture->session);
  expect (fixture, "vcpu", "4");
  g_assert_cmpuint (fixture->signals, ==, 1);
}

static void
test_revert (Fixture *fixture, gconstpointer text)
{
  set (fixture, "vcpu", "4");
  set (fixture, "features/acpi", "no");
  valise_edit_session_revert (fixture->session);
  g_assert_cmpstr (text_of (fixture), ==, text);
  valise_edit_session_undo (fixture->session);
  expect (fixture, "vcpu", "4");
  expect (fixture, "features/acpi", NULL);
}

static void
test_applied (Fixture *fixture, gconstpointer text)
{
  set (fixture, "vcpu", "4");
  valise_edit_session_applied (fixture->session);
  g_assert_false (valise_edit_session_is_changed (fixture->session));
  valise_edit_session_undo (fixture->session);
  g_assert_true (valise_edit_session_is_changed (fixture->session));
  expect (fixture, "vcpu", "2");
}

static void
test_text (Fixture *fixture, gconstpointer text)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (valise_edit_session_set_text (fixture->session,
                                               "<domain type='qemu'><name>other</name><memory>1024</memory></domain>",
                                               &error));
  g_assert_no_error (error);
  expect (fixture, "name", "other");
  valise_edit_session_undo (fixture->session);
  g_assert_cmpstr (text_of (fixture), ==, text);
}

/* What libvirt does not know is an error when it was written here, and a warning when the machine came with it. */
static void
test_schema (Fixture *fixture, gconstpointer text)
{
  const ValiseFinding *finding;
  GPtrArray *findings;

  set (fixture, "devices/disk[1]/driver/@cash", "none");
  finding = valise_edit_session_find (fixture->session, "devices/disk[1]/driver/@cash");
  if (finding == NULL)
    {
      g_test_skip ("libvirt's schema is not installed (package libvirt0)");
      return;
    }
  g_assert_cmpstr (finding->code, ==, "schema-invalid");
  g_assert_cmpint (finding->severity, ==, VALISE_SEVERITY_ERROR);
  g_assert_false (valise_edit_session_can_apply (fixture->session, NULL));
  valise_edit_session_applied (fixture->session);
  set (fixture, "vcpu", "4");
  finding = valise_edit_session_find (fixture->session, "devices/disk[1]/driver/@cash");
  g_assert_cmpint (finding->severity, ==, VALISE_SEVERITY_WARNING);
  g_assert_true (valise_edit_session_can_apply (fixture->session, NULL));

  /* a rule's better words are enough */
  set (fixture, "devices/disk[1]/driver/@cache", "fast");
  findings = valise_edit_session_get_findings (fixture->session);
  for (guint i = 0; i < findings->len; i++)
    if (g_strcmp0 (((ValiseFinding *) findings->pdata[i])->where, "devices/disk[1]/driver/@cache") == 0)
      g_assert_cmpstr (((ValiseFinding *) findings->pdata[i])->code, ==, "value-invalid");
}

static void
test_add_and_remove (Fixture *fixture, gconstpointer text)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (valise_edit_session_add (
      fixture->session, "devices",
      "<disk type='file' device='disk'><source file='disks/b.qcow2'/><target dev='vdb' bus='virtio'/></disk>", &error));
  g_assert_no_error (error);
  expect (fixture, "devices/disk[3]/target/@dev", "vdb");
  unset (fixture, "devices/disk[3]");
  g_assert_cmpstr (text_of (fixture), ==, text);

  /* the size that was stated for its file goes with a disk */
  unset (fixture, "devices/disk[1]");
  expect (fixture, "devices/disk[1]/target/@dev", "sda");
  expect (fixture, "metadata/valise:machine/valise:disk/@size", NULL);
  valise_edit_session_undo (fixture->session);
  g_assert_cmpstr (text_of (fixture), ==, text);
}

static void
test_presence (Fixture *fixture, gconstpointer text)
{
  set (fixture, "features/apic", "on");
  expect (fixture, "features/apic", "");
  set (fixture, "features/apic", "off");
  expect (fixture, "features/apic", NULL);
  set (fixture, "devices/disk[1]/shareable", "yes");
  expect (fixture, "devices/disk[1]/shareable", "");
  set (fixture, "devices/disk[1]/shareable", "no");
  g_assert_cmpstr (text_of (fixture), ==, text);
}

static void
test_sizes (Fixture *fixture, gconstpointer text)
{
  guint64 bytes;

  set (fixture, "memory", "4GiB");
  expect (fixture, "memory", "4194304");
  expect (fixture, "memory/@unit", "KiB");
  expect (fixture, "currentMemory", "4194304");
  set (fixture, "memory/@unit", "GiB");
  set (fixture, "memory", "6 GiB");
  expect (fixture, "memory", "6");
  set (fixture, "memory", "1.5 GiB");
  expect (fixture, "memory", "1572864");
  expect (fixture, "memory/@unit", "KiB");
  set (fixture, "memory", "1048576");
  g_assert_true (valise_edit_session_get_size (fixture->session, "memory", &bytes));
  g_assert_cmpuint (bytes, ==, VALISE_GIB);
  set (fixture, "features/smm/tseg", "48 MiB");
  expect (fixture, "features/smm/tseg", "49152");
  expect (fixture, "features/smm/tseg/@unit", "KiB");
  set (fixture, "metadata/valise:machine/valise:disk[@source='disks/root.qcow2']/@size", "32 GiB");
  expect (fixture, "metadata/valise:machine/valise:disk[@source='disks/root.qcow2']/@size", "34359738368");
  set (fixture, "memory", "a lot");
  g_assert_false (valise_edit_session_get_size (fixture->session, "memory", &bytes));
}

/* What an unset would leave empty goes too, but never a device. */
static void
test_prune (Fixture *fixture, gconstpointer text)
{
  unset (fixture, "devices/disk[1]/boot/@order");
  g_assert_null (strstr (text_of (fixture), "<boot"));
  unset (fixture, "devices/disk[2]/source/@file");
  g_assert_null (strstr (text_of (fixture), "debian.iso"));
  expect (fixture, "devices/disk[2]/source", NULL);
  unset (fixture, "cpu/feature[@name='vmx']/@policy");
  g_assert_null (strstr (text_of (fixture), "vmx"));
  unset (fixture, "os/firmware/feature[@name='secure-boot']/@enabled");
  expect (fixture, "os/firmware", NULL);
  unset (fixture, "devices/graphics/listen/@type");
  unset (fixture, "devices/graphics/@type");
  expect (fixture, "devices/graphics", "");
}

static void
test_names (Fixture *fixture, gconstpointer text)
{
  set (fixture, "metadata/valise:machine/@name", "Büro / 2");
  expect (fixture, "title", "Büro / 2");
  expect (fixture, "name", "Büro - 2");
  set (fixture, "name", "plain");
  expect (fixture, "metadata/valise:machine/@name", "plain");
}

static void
test_companions (Fixture *fixture, gconstpointer text)
{
  set (fixture, "vcpu", "6");
  expect (fixture, "vcpu/@current", "6");
  set (fixture, "vcpu/@current", "3");
  set (fixture, "vcpu", "8");
  expect (fixture, "vcpu/@current", "3");
  set (fixture, "currentMemory", "1 GiB");
  set (fixture, "memory", "8 GiB");
  expect (fixture, "currentMemory", "1048576");
}

static void
test_topology (Fixture *fixture, gconstpointer text)
{
  set (fixture, "cpu/topology/@sockets", "1");
  set (fixture, "cpu/topology/@cores", "1");
  set (fixture, "cpu/topology/@threads", "2");
  set (fixture, "vcpu", "6");
  expect (fixture, "cpu/topology/@cores", "3");
  set (fixture, "vcpu", "many");
  set (fixture, "vcpu", "6");
  set (fixture, "vcpu", "7");
  expect (fixture, "cpu/topology", NULL);
}

static void
test_bus (Fixture *fixture, gconstpointer text)
{
  set (fixture, "devices/disk[1]/target/@bus", "sata");
  expect (fixture, "devices/disk[1]/target/@dev", "sdb");
  expect (fixture, "devices/disk[1]/address", NULL);
  set (fixture, "devices/disk[2]/target/@bus", "scsi");
  expect (fixture, "devices/disk[2]/target/@dev", "sda");
  valise_edit_session_undo (fixture->session);
  valise_edit_session_undo (fixture->session);
  g_assert_cmpstr (text_of (fixture), ==, text);
}

static void
test_machine (Fixture *fixture, gconstpointer text)
{
  set (fixture, "os/type/@machine", "q35");
  expect (fixture, "devices/disk[1]/address/@type", "pci");
  set (fixture, "os/type/@machine", "pc");
  expect (fixture, "devices/disk[1]/address", NULL);
  expect (fixture, "devices/interface/address", NULL);
  expect (fixture, "devices/controller", NULL);
  expect (fixture, "devices/disk[2]/address/@type", "drive");
}

static void
test_firmware (Fixture *fixture, gconstpointer text)
{
  set (fixture, "os/@firmware", "bios");
  expect (fixture, "os/firmware", NULL);
  expect (fixture, "os/nvram", NULL);
}

static void
test_processor (Fixture *fixture, gconstpointer text)
{
  set (fixture, "cpu/@mode", "host-passthrough");
  set (fixture, "cpu/@migratable", "on");
  set (fixture, "cpu/model", "Nehalem");
  expect (fixture, "cpu/@mode", "custom");
  expect (fixture, "cpu/@migratable", NULL);
  set (fixture, "cpu/@mode", "maximum");
  expect (fixture, "cpu/model", NULL);
  set (fixture, "cpu/@migratable", "on");
  set (fixture, "cpu/@mode", "host-model");
  expect (fixture, "cpu/@migratable", NULL);
}

/* Each kind that is offered can be had with one choice. */
static void
test_clock (Fixture *fixture, gconstpointer text)
{
  static const char *const kinds[] = { "utc", "absolute", "timezone", "variable", "absolute", "localtime" };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      set (fixture, "clock/@offset", kinds[i]);
      g_assert_null (valise_edit_session_find (fixture->session, "clock"));
      g_assert_null (valise_edit_session_find (fixture->session, "clock/@offset"));
      g_assert_cmpint (valise_document_has (valise_edit_session_get_draft (fixture->session), "clock/@start"), ==,
                       g_str_equal (kinds[i], "absolute"));
      g_assert_cmpint (valise_document_has (valise_edit_session_get_draft (fixture->session), "clock/@timezone"), ==,
                       g_str_equal (kinds[i], "timezone"));
    }
}

static void
test_running (Fixture *fixture, gconstpointer text)
{
  valise_edit_session_set_running (fixture->session, TRUE);
  valise_edit_session_set_running (fixture->session, TRUE);
  g_assert_true (valise_edit_session_get_running (fixture->session));
  g_assert_cmpuint (fixture->signals, ==, 1);
}

/* --- changes --- */

static char *
list_changes (Fixture *fixture)
{
  g_autoptr (GPtrArray) changes = valise_edit_session_list_changes (fixture->session);
  GString *lines = g_string_new (NULL);

  for (guint i = 0; i < changes->len; i++)
    {
      const ValiseChange *change = changes->pdata[i];

      g_string_append_printf (lines, "%s: %s -> %s%s\n", change->label, change->before, change->after,
                              change->timing == VALISE_KNOB_LIVE ? " now" : "");
    }
  return g_string_free (lines, FALSE);
}

static void
expect_changes (Fixture *fixture, const char *expected)
{
  g_autofree char *lines = list_changes (fixture);

  g_assert_cmpstr (lines, ==, expected);
}

static void
test_changes (Fixture *fixture, gconstpointer text)
{
  expect_changes (fixture, "");
  set (fixture, "memory", "4 GiB");
  expect_changes (fixture, "Memory: 2 GiB -> 4 GiB\nMemory given at start: 2 GiB -> 4 GiB\n");
  valise_edit_session_undo (fixture->session);
  set (fixture, "currentMemory", "1 GiB");
  expect_changes (fixture, "Memory given at start: 2 GiB -> 1 GiB now\n");
  valise_edit_session_undo (fixture->session);
  set (fixture, "devices/disk[1]/driver/@cache", "none");
  expect_changes (fixture, "Disk vda: cache mode: (null) -> None (straight to the disk)\n");
  valise_edit_session_undo (fixture->session);
  set (fixture, "features/acpi", "no");
  set (fixture, "features/apic", "yes");
  set (fixture, "os/bootmenu/@enable", "yes");
  set (fixture, "os/bootmenu/@timeout", "5000");
  expect_changes (fixture, "Boot menu: (null) -> on\nBoot menu waits: (null) -> 5000 ms\n"
                           "APIC: (null) -> on\nACPI: on -> (null)\n");
  valise_edit_session_revert (fixture->session);
  set (fixture, "devices/interface/link/@state", "down");
  set (fixture, "devices/disk[2]/source/@file", "/iso/other.iso");
  expect_changes (fixture, "CD drive sda: CD in the drive: /iso/debian.iso -> /iso/other.iso now\n"
                           "Network card 52:54:00:00:00:01: cable: (null) -> Unplugged now\n");
}

static void
test_change_units (Fixture *fixture, gconstpointer text)
{
  valise_edit_session_begin (fixture->session);
  set (fixture, "memory", "3");
  set (fixture, "memory/@unit", "GiB");
  set (fixture, "currentMemory", "2 GiB");
  valise_edit_session_end (fixture->session);
  expect_changes (fixture, "Memory: 2 GiB -> 3 GiB\n");
  /* the same size in another unit is no change that people would care about */
  set (fixture, "memory", "2");
  expect_changes (fixture, "");
  g_assert_true (valise_edit_session_is_changed (fixture->session));
}

static void
test_change_devices (Fixture *fixture, gconstpointer text)
{
  valise_edit_session_add (
      fixture->session, "devices",
      "<disk type='file' device='disk'><source file='disks/b.qcow2'/><target dev='vdb' bus='virtio'/></disk>", NULL);
  valise_edit_session_add (fixture->session, "devices", "<rng model='virtio'><backend model='builtin'/></rng>", NULL);
  expect_changes (fixture, "Disk vdb added: (null) -> (null) now\nRandom numbers added: (null) -> (null) now\n");
  unset (fixture, "devices/disk[2]");
  unset (fixture, "devices/graphics");
  expect_changes (fixture, "Disk vdb added: (null) -> (null) now\nCD drive sda removed: (null) -> (null)\n"
                           "Random numbers added: (null) -> (null) now\nDisplay vnc removed: (null) -> (null)\n");
}

/* The image that is made for a disk is its size to people, and what our table does not name has libvirt's words. */
static void
test_change_words (Fixture *fixture, gconstpointer text)
{
  set (fixture, "metadata/valise:machine/valise:disk[@source='disks/b.qcow2']/@size", "1073741824");
  valise_edit_session_add (
      fixture->session, "devices",
      "<disk type='file' device='disk'><source file='disks/b.qcow2'/><target dev='vdb' bus='virtio'/></disk>", NULL);
  expect_changes (fixture, "Disk vdb: size: (null) -> 1 GiB now\nDisk vdb added: (null) -> (null) now\n");
  valise_edit_session_revert (fixture->session);
  set (fixture, "devices/disk[1]/driver/@page_per_vq", "on");
  set (fixture, "defaultiothread/@thread_pool_min", "2");
  expect_changes (fixture, "Disk vda: driver page per queue: (null) -> on\n"
                           "Default I/O thread: thread pool minimum: (null) -> 2\n");
}

/* A disk under another name and a card with another address are what they were. */
static void
test_change_identities (Fixture *fixture, gconstpointer text)
{
  set (fixture, "devices/disk[1]/target/@bus", "sata");
  set (fixture, "devices/interface/mac/@address", "52:54:00:00:00:02");
  {
    g_autofree char *lines = list_changes (fixture);

    g_assert_nonnull (strstr (lines, "Disk sdb: name: vda -> sdb\n"));
    g_assert_nonnull (strstr (lines, "Disk sdb: connection: virtio (fastest) -> SATA\n"));
    g_assert_nonnull (strstr (lines, "MAC address: 52:54:00:00:00:01 -> 52:54:00:00:00:02\n"));
    g_assert_null (strstr (lines, "added"));
    g_assert_null (strstr (lines, "removed"));
  }
}

/* --- speed --- */

static char *
typical_text (void)
{
  GString *text = g_string_new (TEXT);
  char *end = strstr (text->str, "  </devices>");
  GString *more = g_string_new (NULL);

  for (guint i = 0; i < 32; i++)
    g_string_append_printf (more,
                            "    <controller type='pci' index='%u' model='pcie-root-port'>\n"
                            "      <model name='pcie-root-port'/>\n"
                            "      <target chassis='%u' port='0x%x'/>\n"
                            "      <address type='pci' domain='0x0000' bus='0x00' slot='0x%02x' function='0x%x'/>\n"
                            "    </controller>\n",
                            i + 2, i + 2, i + 16, 16 + i / 8, i % 8);
  for (guint i = 0; i < 4; i++)
    g_string_append_printf (more,
                            "    <disk type='file' device='disk'>\n"
                            "      <driver name='qemu' type='qcow2' cache='none' io='native' discard='unmap'/>\n"
                            "      <source file='disks/data%u.qcow2'/>\n"
                            "      <target dev='vd%c' bus='virtio'/>\n"
                            "    </disk>\n",
                            i, 'b' + i);
  g_string_insert (text, end - text->str, more->str);
  g_string_free (more, TRUE);
  return g_string_free (text, FALSE);
}

static double
milliseconds_of_edits (Fixture *fixture, guint rounds)
{
  gint64 start = g_get_monotonic_time ();

  for (guint i = 0; i < rounds; i++)
    set (fixture, "devices/disk[1]/serial", i % 2 == 0 ? "one" : "two");
  return (g_get_monotonic_time () - start) / 1000.0 / rounds;
}

/* What is known of this computer later changes what is wrong with the draft, and nothing else. */
static void
test_capabilities (Fixture *self, gconstpointer unused)
{
  g_autoptr (ValiseCapabilities) small = valise_capabilities_new (NULL, NULL, 1, VALISE_GIB, NULL);
  g_autofree char *text = NULL;

  g_assert_true (valise_edit_session_set (self->session, "vcpu", "3", NULL));
  g_assert_null (valise_edit_session_find (self->session, "vcpu"));
  text = g_strdup (valise_document_get_text (valise_edit_session_get_draft (self->session)));
  valise_edit_session_set_capabilities (self->session, small);
  g_assert_nonnull (valise_edit_session_find (self->session, "vcpu"));
  g_assert_cmpstr (valise_document_get_text (valise_edit_session_get_draft (self->session)), ==, text);
  g_assert_true (valise_edit_session_get_capabilities (self->session) == small);
  valise_edit_session_undo (self->session);
  g_assert_false (valise_edit_session_is_changed (self->session));
}

static void
test_speed (void)
{
  g_autofree char *text = typical_text ();
  Fixture fixture;
  double edit, list;
  gint64 start;

  g_assert_cmpuint (strlen (text), >, 9000);
  set_up (&fixture, text);
  milliseconds_of_edits (&fixture, 5);
  edit = milliseconds_of_edits (&fixture, 50);
  start = g_get_monotonic_time ();
  for (guint i = 0; i < 20; i++)
    g_ptr_array_unref (valise_edit_session_list_changes (fixture.session));
  list = (g_get_monotonic_time () - start) / 1000.0 / 20;
  g_test_minimized_result (edit, "set, rules and signal on %" G_GSIZE_FORMAT " bytes take %.3f ms", strlen (text),
                           edit);
  g_test_minimized_result (list, "listing the changes takes %.3f ms", list);
  /* five is the goal; a busy computer and a sanitizer get room */
  g_assert_cmpfloat (edit, <, 200);
  g_assert_cmpfloat (list, <, 400);
  tear_down (&fixture, NULL);
}

static void
test_no_path (Fixture *fixture, gconstpointer text)
{
  static const char *const paths[] = { ".",      "..",      "/",        "//vcpu",    "./vcpu",
                                       "vcpu/.", "vcpu/..", "devices/", "devices/*", "devices/disk[0]",
                                       "1vcpu",  "-vcpu",   "@",        "vcpu/@.",   "a b",
                                       "x:",     ":x",      "x:1y" };
  ValiseDocument *draft = valise_edit_session_get_draft (fixture->session);
  g_autofree char *before = g_strdup (valise_document_get_text (draft));

  g_test_summary ("What is no path can be neither set nor unset; what is merely not there can be unset");
  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (GError) error = NULL, second = NULL;

      g_test_message ("%s", paths[i]);
      g_assert_false (valise_edit_session_unset (fixture->session, paths[i], &error));
      g_assert_error (error, VALISE_DOCUMENT_ERROR, VALISE_DOCUMENT_ERROR_PATH);
      g_assert_false (valise_edit_session_set (fixture->session, paths[i], "1", &second));
      g_assert_error (second, VALISE_DOCUMENT_ERROR, VALISE_DOCUMENT_ERROR_PATH);
    }
  g_assert_cmpstr (valise_document_get_text (draft), ==, before);
  unset (fixture, "nothing/of[3]/@this");
}

static void
test_read_back (Fixture *fixture, gconstpointer text)
{
  static const char taken[] = "<domain type='kvm'><memory unit='KiB'>2097152</memory>"
                              "<memtune><hard_limit unit='KiB'>1048576</hard_limit></memtune>"
                              "<on_reboot>restart</on_reboot></domain>";
  ValiseDocument *draft = valise_edit_session_get_draft (fixture->session);
  g_autoptr (ValiseDocument) document = valise_document_new (taken, -1, "taken", NULL);
  g_autoptr (ValiseReadBack) back = NULL;
  g_autofree char *reboot = NULL;
  g_autofree char *limit = NULL;

  g_test_summary ("What libvirt drops is a finding as long as the draft is what it was asked about");
  g_assert_true (valise_edit_session_wants_read_back (fixture->session));
  back = valise_read_back_new (draft, draft, document);
  valise_edit_session_set_read_back (fixture->session, back);
  g_assert_cmpuint (fixture->signals, ==, 1);
  g_assert_false (valise_edit_session_wants_read_back (fixture->session));
  g_assert_cmpstr (valise_edit_session_find (fixture->session, "vcpu/@placement")->code, ==, "read-back-dropped");

  reboot = valise_edit_session_dup_default (fixture->session, "on_reboot");
  g_assert_cmpstr (reboot, !=, NULL);
  limit = valise_edit_session_dup_default (fixture->session, "memtune/hard_limit");
  g_assert_cmpstr (limit, ==, "1 GiB");

  unset (fixture, "vcpu/@placement");
  g_assert_true (valise_edit_session_wants_read_back (fixture->session));
  g_assert_null (valise_edit_session_find (fixture->session, "vcpu/@placement"));
  g_assert_true (valise_edit_session_can_apply (fixture->session, NULL));
  valise_edit_session_undo (fixture->session);
  g_assert_nonnull (valise_edit_session_find (fixture->session, "vcpu/@placement"));
}

#define ADD(name, function) g_test_add ("/model/edit-session/" name, Fixture, TEXT, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("set", test_set);
  ADD ("errors", test_errors);
  ADD ("no-path", test_no_path);
  ADD ("finding", test_finding);
  ADD ("find", test_find);
  ADD ("undo", test_undo);
  ADD ("group", test_group);
  ADD ("group-error", test_group_error);
  ADD ("revert", test_revert);
  ADD ("applied", test_applied);
  ADD ("text", test_text);
  ADD ("schema", test_schema);
  ADD ("add-and-remove", test_add_and_remove);
  ADD ("presence", test_presence);
  ADD ("sizes", test_sizes);
  ADD ("prune", test_prune);
  ADD ("names", test_names);
  ADD ("companions", test_companions);
  ADD ("topology", test_topology);
  ADD ("bus", test_bus);
  ADD ("machine", test_machine);
  ADD ("firmware", test_firmware);
  ADD ("processor", test_processor);
  ADD ("clock", test_clock);
  ADD ("running", test_running);
  ADD ("changes", test_changes);
  ADD ("change-units", test_change_units);
  ADD ("change-devices", test_change_devices);
  ADD ("change-words", test_change_words);
  ADD ("change-identities", test_change_identities);
  ADD ("capabilities", test_capabilities);
  ADD ("read-back", test_read_back);
  g_test_add_func ("/model/edit-session/speed", test_speed);
  return g_test_run ();
}
