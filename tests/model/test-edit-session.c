/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "edit-session-fixture.h"

#include <glib/gstdio.h>

#include "base/valise-size.h"

static const char *
text_of (EditSessionFixture *fixture)
{
  return valise_document_get_text (valise_edit_session_get_draft (fixture->session));
}

static void
test_set (EditSessionFixture *fixture, gconstpointer text)
{
  edit_session_fixture_set (fixture, "devices/disk[1]/driver/@cache", "none");
  edit_session_fixture_expect (fixture, "devices/disk[1]/driver/@cache", "none");
  g_assert_cmpuint (fixture->signals, ==, 1);
  g_assert_true (valise_edit_session_is_changed (fixture->session));
  g_assert_nonnull (strstr (text_of (fixture), "<!-- kept -->"));
  g_assert_cmpstr (valise_document_get_text (valise_edit_session_get_original (fixture->session)), ==, text);

  /* what is set already is no step */
  edit_session_fixture_set (fixture, "devices/disk[1]/driver/@cache", "none");
  g_assert_cmpuint (fixture->signals, ==, 1);

  edit_session_fixture_unset (fixture, "devices/disk[1]/driver/@cache");
  edit_session_fixture_expect (fixture, "devices/disk[1]/driver/@cache", NULL);
  g_assert_cmpstr (text_of (fixture), ==, text);
  g_assert_false (valise_edit_session_is_changed (fixture->session));
}

static void
test_errors (EditSessionFixture *fixture, gconstpointer text)
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
test_finding (EditSessionFixture *fixture, gconstpointer text)
{
  g_autofree char *reason = NULL;
  const ValiseFinding *finding;

  edit_session_fixture_set (fixture, "vcpu", "many");
  edit_session_fixture_expect (fixture, "vcpu", "many");
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
  edit_session_fixture_set (fixture, "vcpu", "4");
  g_assert_true (valise_edit_session_can_apply (fixture->session, NULL));
}

/* With and without an index the first disk is the first disk; a device answers for everything in it, by the worst. */
static void
test_find (EditSessionFixture *fixture, gconstpointer text)
{
  edit_session_fixture_set (fixture, "devices/disk[2]/driver/@cache", "fast");
  edit_session_fixture_set (fixture, "devices/disk[1]/driver/@io", "native");
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
test_undo (EditSessionFixture *fixture, gconstpointer text)
{
  g_autofree char *second = NULL;

  edit_session_fixture_set (fixture, "description", "one");
  edit_session_fixture_set (fixture, "description", "two");
  second = g_strdup (text_of (fixture));
  valise_edit_session_undo (fixture->session);
  edit_session_fixture_expect (fixture, "description", "one");
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
  edit_session_fixture_set (fixture, "description", "three");
  g_assert_false (valise_edit_session_can_redo (fixture->session));
}

static void
test_group (EditSessionFixture *fixture, gconstpointer text)
{
  valise_edit_session_begin (fixture->session);
  edit_session_fixture_set (fixture, "vcpu", "4");
  valise_edit_session_begin (fixture->session);
  edit_session_fixture_set (fixture, "memory", "4 GiB");
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
test_group_error (EditSessionFixture *fixture, gconstpointer text)
{
  valise_edit_session_begin (fixture->session);
  edit_session_fixture_set (fixture, "vcpu", "4");
  g_assert_false (valise_edit_session_add (fixture->session, "devices", "<disk", NULL));
  valise_edit_session_end (fixture->session);
  edit_session_fixture_expect (fixture, "vcpu", "4");
  g_assert_cmpuint (fixture->signals, ==, 1);
}

static void
test_revert (EditSessionFixture *fixture, gconstpointer text)
{
  edit_session_fixture_set (fixture, "vcpu", "4");
  edit_session_fixture_set (fixture, "features/acpi", "no");
  valise_edit_session_revert (fixture->session);
  g_assert_cmpstr (text_of (fixture), ==, text);
  valise_edit_session_undo (fixture->session);
  edit_session_fixture_expect (fixture, "vcpu", "4");
  edit_session_fixture_expect (fixture, "features/acpi", NULL);
}

static void
test_applied (EditSessionFixture *fixture, gconstpointer text)
{
  edit_session_fixture_set (fixture, "vcpu", "4");
  valise_edit_session_applied (fixture->session);
  g_assert_false (valise_edit_session_is_changed (fixture->session));
  valise_edit_session_undo (fixture->session);
  g_assert_true (valise_edit_session_is_changed (fixture->session));
  edit_session_fixture_expect (fixture, "vcpu", "2");
}

static void
test_text (EditSessionFixture *fixture, gconstpointer text)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (valise_edit_session_set_text (fixture->session,
                                               "<domain type='qemu'><name>other</name><memory>1024</memory></domain>",
                                               &error));
  g_assert_no_error (error);
  edit_session_fixture_expect (fixture, "name", "other");
  valise_edit_session_undo (fixture->session);
  g_assert_cmpstr (text_of (fixture), ==, text);
}

/* What libvirt does not know is an error when it was written here, and a warning when the machine came with it. */
static void
test_schema (EditSessionFixture *fixture, gconstpointer text)
{
  const ValiseFinding *finding;
  GPtrArray *findings;

  edit_session_fixture_set (fixture, "devices/disk[1]/driver/@cash", "none");
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
  edit_session_fixture_set (fixture, "vcpu", "4");
  finding = valise_edit_session_find (fixture->session, "devices/disk[1]/driver/@cash");
  g_assert_cmpint (finding->severity, ==, VALISE_SEVERITY_WARNING);
  g_assert_true (valise_edit_session_can_apply (fixture->session, NULL));

  /* a rule's better words are enough */
  edit_session_fixture_set (fixture, "devices/disk[1]/driver/@cache", "fast");
  findings = valise_edit_session_get_findings (fixture->session);
  for (guint i = 0; i < findings->len; i++)
    if (g_strcmp0 (((ValiseFinding *) findings->pdata[i])->where, "devices/disk[1]/driver/@cache") == 0)
      g_assert_cmpstr (((ValiseFinding *) findings->pdata[i])->code, ==, "value-invalid");
}

static void
test_add_and_remove (EditSessionFixture *fixture, gconstpointer text)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (valise_edit_session_add (
      fixture->session, "devices",
      "<disk type='file' device='disk'><source file='disks/b.qcow2'/><target dev='vdb' bus='virtio'/></disk>", &error));
  g_assert_no_error (error);
  edit_session_fixture_expect (fixture, "devices/disk[3]/target/@dev", "vdb");
  edit_session_fixture_unset (fixture, "devices/disk[3]");
  g_assert_cmpstr (text_of (fixture), ==, text);

  /* the size that was stated for its file goes with a disk */
  edit_session_fixture_unset (fixture, "devices/disk[1]");
  edit_session_fixture_expect (fixture, "devices/disk[1]/target/@dev", "sda");
  edit_session_fixture_expect (fixture, "metadata/valise:machine/valise:disk/@size", NULL);
  valise_edit_session_undo (fixture->session);
  g_assert_cmpstr (text_of (fixture), ==, text);
}

static void
test_presence (EditSessionFixture *fixture, gconstpointer text)
{
  edit_session_fixture_set (fixture, "features/apic", "on");
  edit_session_fixture_expect (fixture, "features/apic", "");
  edit_session_fixture_set (fixture, "features/apic", "off");
  edit_session_fixture_expect (fixture, "features/apic", NULL);
  edit_session_fixture_set (fixture, "devices/disk[1]/shareable", "yes");
  edit_session_fixture_expect (fixture, "devices/disk[1]/shareable", "");
  edit_session_fixture_set (fixture, "devices/disk[1]/shareable", "no");
  g_assert_cmpstr (text_of (fixture), ==, text);
}

static void
test_sizes (EditSessionFixture *fixture, gconstpointer text)
{
  guint64 bytes;

  edit_session_fixture_set (fixture, "memory", "4GiB");
  edit_session_fixture_expect (fixture, "memory", "4194304");
  edit_session_fixture_expect (fixture, "memory/@unit", "KiB");
  edit_session_fixture_expect (fixture, "currentMemory", "4194304");
  edit_session_fixture_set (fixture, "memory/@unit", "GiB");
  edit_session_fixture_set (fixture, "memory", "6 GiB");
  edit_session_fixture_expect (fixture, "memory", "6");
  edit_session_fixture_set (fixture, "memory", "1.5 GiB");
  edit_session_fixture_expect (fixture, "memory", "1572864");
  edit_session_fixture_expect (fixture, "memory/@unit", "KiB");
  edit_session_fixture_set (fixture, "memory", "1048576");
  g_assert_true (valise_edit_session_get_size (fixture->session, "memory", &bytes));
  g_assert_cmpuint (bytes, ==, VALISE_GIB);
  edit_session_fixture_set (fixture, "features/smm/tseg", "48 MiB");
  edit_session_fixture_expect (fixture, "features/smm/tseg", "49152");
  edit_session_fixture_expect (fixture, "features/smm/tseg/@unit", "KiB");
  edit_session_fixture_set (fixture, "metadata/valise:machine/valise:disk[@source='disks/root.qcow2']/@size", "32 GiB");
  edit_session_fixture_expect (fixture, "metadata/valise:machine/valise:disk[@source='disks/root.qcow2']/@size",
                               "34359738368");
  edit_session_fixture_set (fixture, "memory", "a lot");
  g_assert_false (valise_edit_session_get_size (fixture->session, "memory", &bytes));
}

/* What an unset would leave empty goes too, but never a device. */
static void
test_prune (EditSessionFixture *fixture, gconstpointer text)
{
  edit_session_fixture_unset (fixture, "devices/disk[1]/boot/@order");
  g_assert_null (strstr (text_of (fixture), "<boot"));
  edit_session_fixture_unset (fixture, "devices/disk[2]/source/@file");
  g_assert_null (strstr (text_of (fixture), "debian.iso"));
  edit_session_fixture_expect (fixture, "devices/disk[2]/source", NULL);
  edit_session_fixture_unset (fixture, "cpu/feature[@name='vmx']/@policy");
  g_assert_null (strstr (text_of (fixture), "vmx"));
  edit_session_fixture_unset (fixture, "os/firmware/feature[@name='secure-boot']/@enabled");
  edit_session_fixture_expect (fixture, "os/firmware", NULL);
  edit_session_fixture_unset (fixture, "devices/graphics/listen/@type");
  edit_session_fixture_unset (fixture, "devices/graphics/@type");
  edit_session_fixture_expect (fixture, "devices/graphics", "");
}

static void
test_names (EditSessionFixture *fixture, gconstpointer text)
{
  edit_session_fixture_set (fixture, "metadata/valise:machine/@name", "Büro / 2");
  edit_session_fixture_expect (fixture, "title", "Büro / 2");
  edit_session_fixture_expect (fixture, "name", "Büro - 2");
  edit_session_fixture_set (fixture, "name", "plain");
  edit_session_fixture_expect (fixture, "metadata/valise:machine/@name", "plain");
}

static void
test_companions (EditSessionFixture *fixture, gconstpointer text)
{
  edit_session_fixture_set (fixture, "vcpu", "6");
  edit_session_fixture_expect (fixture, "vcpu/@current", "6");
  edit_session_fixture_set (fixture, "vcpu/@current", "3");
  edit_session_fixture_set (fixture, "vcpu", "8");
  edit_session_fixture_expect (fixture, "vcpu/@current", "3");
  edit_session_fixture_set (fixture, "currentMemory", "1 GiB");
  edit_session_fixture_set (fixture, "memory", "8 GiB");
  edit_session_fixture_expect (fixture, "currentMemory", "1048576");
}

static void
test_topology (EditSessionFixture *fixture, gconstpointer text)
{
  edit_session_fixture_set (fixture, "cpu/topology/@sockets", "1");
  edit_session_fixture_set (fixture, "cpu/topology/@cores", "1");
  edit_session_fixture_set (fixture, "cpu/topology/@threads", "2");
  edit_session_fixture_set (fixture, "vcpu", "6");
  edit_session_fixture_expect (fixture, "cpu/topology/@cores", "3");
  edit_session_fixture_set (fixture, "vcpu", "many");
  edit_session_fixture_set (fixture, "vcpu", "6");
  edit_session_fixture_set (fixture, "vcpu", "7");
  edit_session_fixture_expect (fixture, "cpu/topology", NULL);
}

static void
test_bus (EditSessionFixture *fixture, gconstpointer text)
{
  edit_session_fixture_set (fixture, "devices/disk[1]/target/@bus", "sata");
  edit_session_fixture_expect (fixture, "devices/disk[1]/target/@dev", "sdb");
  edit_session_fixture_expect (fixture, "devices/disk[1]/address", NULL);
  edit_session_fixture_set (fixture, "devices/disk[2]/target/@bus", "scsi");
  edit_session_fixture_expect (fixture, "devices/disk[2]/target/@dev", "sda");
  valise_edit_session_undo (fixture->session);
  valise_edit_session_undo (fixture->session);
  g_assert_cmpstr (text_of (fixture), ==, text);
}

static void
test_machine (EditSessionFixture *fixture, gconstpointer text)
{
  edit_session_fixture_set (fixture, "os/type/@machine", "q35");
  edit_session_fixture_expect (fixture, "devices/disk[1]/address/@type", "pci");
  edit_session_fixture_set (fixture, "os/type/@machine", "pc");
  edit_session_fixture_expect (fixture, "devices/disk[1]/address", NULL);
  edit_session_fixture_expect (fixture, "devices/interface/address", NULL);
  edit_session_fixture_expect (fixture, "devices/controller", NULL);
  edit_session_fixture_expect (fixture, "devices/disk[2]/address/@type", "drive");
}

static void
test_firmware (EditSessionFixture *fixture, gconstpointer text)
{
  edit_session_fixture_set (fixture, "os/@firmware", "bios");
  edit_session_fixture_expect (fixture, "os/firmware", NULL);
  edit_session_fixture_expect (fixture, "os/nvram", NULL);
}

static void
test_processor (EditSessionFixture *fixture, gconstpointer text)
{
  edit_session_fixture_set (fixture, "cpu/@mode", "host-passthrough");
  edit_session_fixture_set (fixture, "cpu/@migratable", "on");
  edit_session_fixture_set (fixture, "cpu/model", "Nehalem");
  edit_session_fixture_expect (fixture, "cpu/@mode", "custom");
  edit_session_fixture_expect (fixture, "cpu/@migratable", NULL);
  edit_session_fixture_set (fixture, "cpu/@mode", "maximum");
  edit_session_fixture_expect (fixture, "cpu/model", NULL);
  edit_session_fixture_set (fixture, "cpu/@migratable", "on");
  edit_session_fixture_set (fixture, "cpu/@mode", "host-model");
  edit_session_fixture_expect (fixture, "cpu/@migratable", NULL);
}

/* Each kind that is offered can be had with one choice. */
static void
test_clock (EditSessionFixture *fixture, gconstpointer text)
{
  static const char *const kinds[] = { "utc", "absolute", "timezone", "variable", "absolute", "localtime" };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      edit_session_fixture_set (fixture, "clock/@offset", kinds[i]);
      g_assert_null (valise_edit_session_find (fixture->session, "clock"));
      g_assert_null (valise_edit_session_find (fixture->session, "clock/@offset"));
      g_assert_cmpint (valise_document_has (valise_edit_session_get_draft (fixture->session), "clock/@start"), ==,
                       g_str_equal (kinds[i], "absolute"));
      g_assert_cmpint (valise_document_has (valise_edit_session_get_draft (fixture->session), "clock/@timezone"), ==,
                       g_str_equal (kinds[i], "timezone"));
    }
}

static void
test_running (EditSessionFixture *fixture, gconstpointer text)
{
  valise_edit_session_set_running (fixture->session, TRUE);
  valise_edit_session_set_running (fixture->session, TRUE);
  g_assert_true (valise_edit_session_get_running (fixture->session));
  g_assert_cmpuint (fixture->signals, ==, 1);
}

/* --- speed --- */

static char *
typical_text (void)
{
  GString *text = g_string_new (EDIT_SESSION_TEXT);
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
milliseconds_of_edits (EditSessionFixture *fixture, guint rounds)
{
  gint64 start = g_get_monotonic_time ();

  for (guint i = 0; i < rounds; i++)
    edit_session_fixture_set (fixture, "devices/disk[1]/serial", i % 2 == 0 ? "one" : "two");
  return (g_get_monotonic_time () - start) / 1000.0 / rounds;
}

/* What is known of this computer later changes what is wrong with the draft, and nothing else. */
static void
test_capabilities (EditSessionFixture *self, gconstpointer unused)
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
  EditSessionFixture fixture;
  double edit, list;
  gint64 start;

  g_assert_cmpuint (strlen (text), >, 9000);
  edit_session_fixture_set_up (&fixture, text);
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
  edit_session_fixture_tear_down (&fixture, NULL);
}

static void
test_no_path (EditSessionFixture *fixture, gconstpointer text)
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
  edit_session_fixture_unset (fixture, "nothing/of[3]/@this");
}

static void
test_read_back (EditSessionFixture *fixture, gconstpointer text)
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

  edit_session_fixture_unset (fixture, "vcpu/@placement");
  g_assert_true (valise_edit_session_wants_read_back (fixture->session));
  g_assert_null (valise_edit_session_find (fixture->session, "vcpu/@placement"));
  g_assert_true (valise_edit_session_can_apply (fixture->session, NULL));
  valise_edit_session_undo (fixture->session);
  g_assert_nonnull (valise_edit_session_find (fixture->session, "vcpu/@placement"));
}

#define ADD(name, function)                                                                                            \
  g_test_add ("/model/edit-session/" name, EditSessionFixture, EDIT_SESSION_TEXT, edit_session_fixture_set_up,         \
              function, edit_session_fixture_tear_down)

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
  ADD ("capabilities", test_capabilities);
  ADD ("read-back", test_read_back);
  g_test_add_func ("/model/edit-session/speed", test_speed);
  return g_test_run ();
}
