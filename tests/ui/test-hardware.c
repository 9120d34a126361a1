/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What "Add Hardware" offers, added with its defaults, as libvirt and QEMU themselves take it: in each kind of machine,
 * at a start, and while it runs. What is greyed says why. */
#include "engine-fixture.h"

#include <string.h>

#include "model/valise-edit-session.h"
#include "ui/valise-hardware.h"

#define PORT "<controller type='pci' model='pcie-root-port'/>\n"

static ValiseHost *host;

/* --- machines --- */

typedef struct
{
  const char *knob;
  const char *value; /* NULL: taken out */
} Edit;

static const Edit q35[] = { { "devices/graphics", NULL }, { "devices/memballoon", NULL }, { NULL } };
/* What some devices wait for. */
static const Edit roomy[] = {
  { "maxMemory", "512" },
  { "maxMemory/@unit", "MiB" },
  { "maxMemory/@slots", "4" },
  { "cpu/numa/cell/@id", "0" },
  { "cpu/numa/cell/@cpus", "0-1" },
  { "cpu/numa/cell/@memory", "128" },
  { "cpu/numa/cell/@unit", "MiB" },
  { "memoryBacking/source/@type", "memfd" },
  { "memoryBacking/access/@mode", "shared" },
  { NULL },
};
static const Edit spice[] = { { "devices/graphics/@type", "spice" }, { NULL } };
static const Edit i440fx[] = {
  { "os/type/@machine", "pc" },
  { "devices/disk/target/@dev", "hda" },
  { "devices/disk/target/@bus", "ide" },
  { NULL },
};
static const Edit arm[] = {
  { "os/type/@arch", "aarch64" },
  { "os/type/@machine", "virt" },
  { "features", NULL },
  { "devices/input", NULL },
  { "devices/disk/target/@bus", "scsi" },
  { "devices/video/model/@type", "virtio" },
  { NULL },
};

static const struct
{
  const char *name;
  const Edit *edits;
  gboolean may_lack; /* a package that the tests do not ask for brings it */
} machines[] = {
  { "q35", q35 }, { "roomy", roomy }, { "i440fx", i440fx }, { "spice", spice, TRUE }, { "arm", arm, TRUE },
};

static ValiseDocument *
edited (ValiseMachine *machine, const Edit *edits)
{
  ValiseDocument *document = valise_document_copy (valise_machine_get_document (machine));
  g_autoptr (GError) error = NULL;

  for (; edits->knob != NULL; edits++)
    {
      if (edits->value != NULL)
        valise_document_set (document, edits->knob, edits->value, &error);
      else
        valise_document_unset (document, edits->knob, &error);
      g_assert_no_error (error);
    }
  return document;
}

static ValiseEditSession *
open_session (ValiseMachine *machine, ValiseDocument *document)
{
  return valise_edit_session_new (document, valise_host_get_capabilities (host), valise_machine_get_path (machine));
}

/* --- each in each --- */

/* What is well said of a device that works. */
static const char *const WARNINGS[] = { "clipboard-no-suspend", "tpm-without-uefi", NULL };

static void
assert_nothing_wrong (GPtrArray *findings, const char *id)
{
  for (guint i = 0; i < findings->len; i++)
    {
      const ValiseFinding *finding = findings->pdata[i];

      if (finding->severity == VALISE_SEVERITY_ERROR || !g_strv_contains (WARNINGS, finding->code))
        g_error ("%s: %s (%s): %s", id, finding->code, finding->where, finding->text);
    }
}

/* Whether libvirt takes the machine as it is. */
static gboolean
is_possible (ValiseMachine *machine, ValiseDocument *document)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseReadBack) back =
      valise_machine_try (machine, document, valise_machine_get_document (machine), NULL, &error);

  g_assert_no_error (error);
  return valise_read_back_get_findings (back)->len == 0;
}

static void
try_one (ValiseMachine *machine, ValiseDocument *document, const ValiseHardware *hardware)
{
  g_autoptr (ValiseEditSession) session = open_session (machine, document);
  g_autofree char *reason = valise_hardware_reason (session, hardware->id);
  g_autoptr (ValiseReadBack) back = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;

  g_test_message ("%s: %s", hardware->id, reason != NULL ? reason : "offered");
  if (reason != NULL)
    return;
  path = valise_hardware_add (session, hardware->id, &error);
  g_assert_no_error (error);
  assert_nothing_wrong (valise_edit_session_get_findings (session), hardware->id);
  back = valise_machine_try (machine, valise_edit_session_get_draft (session), valise_machine_get_document (machine),
                             NULL, &error);
  g_assert_no_error (error);
  assert_nothing_wrong (valise_read_back_get_findings (back), hardware->id);
}

static void
test_offered (gconstpointer data)
{
  gsize which = GPOINTER_TO_SIZE (data), length;
  const ValiseHardware *table = valise_hardware_table (&length);
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, machines[which].name, NULL, NULL);
  g_autoptr (ValiseDocument) document = edited (machine, machines[which].edits);

  if (machines[which].may_lack && !is_possible (machine, document))
    {
      g_test_skip ("the QEMU installed here has no such machine");
      return;
    }
  for (gsize i = 0; i < length; i++)
    try_one (machine, document, &table[i]);
}

/* --- all in one, started --- */

static void
apply (ValiseMachine *machine, ValiseEditSession *session, const char *what)
{
  g_autoptr (GPtrArray) findings = NULL;
  g_autoptr (GError) error = NULL;

  valise_machine_apply (machine, valise_edit_session_get_draft (session), &findings, NULL, &error);
  g_assert_no_error (error);
  assert_nothing_wrong (findings, what);
}

/* What this computer has is its user's: no machine of a test takes it. */
static gboolean
is_of_host (const ValiseHardware *hardware)
{
  static const char *const ids[] = { "usb-device", "pci-device", "host-tpm", "vsock", NULL };

  return g_strv_contains (ids, hardware->id);
}

static void
add (ValiseEditSession *session, const ValiseHardware *hardware)
{
  g_autofree char *reason = valise_hardware_reason (session, hardware->id);
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;

  g_test_message ("%s: %s", hardware->id, reason != NULL ? reason : "added");
  if (reason != NULL)
    return;
  path = valise_hardware_add (session, hardware->id, &error);
  g_assert_no_error (error);
}

static void
test_start (void)
{
  gsize length;
  const ValiseHardware *table = valise_hardware_table (&length);
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "all", NULL, NULL);
  g_autoptr (ValiseDocument) document = edited (machine, roomy);
  g_autoptr (ValiseEditSession) session = open_session (machine, document);

  for (gsize i = 0; i < length; i++)
    if (!is_of_host (&table[i]))
      add (session, &table[i]);
  apply (machine, session, "all");
  engine_fixture_do (machine, VALISE_VERB_START);
  g_assert_true (valise_machine_wait_frame (machine, 60000, NULL, NULL));
  engine_fixture_do (machine, VALISE_VERB_STOP);
}

/* --- each while it runs --- */

/* What QEMU and libvirt take while the machine runs; everything else waits, and is said to. */
static const char *const LIVE[] = { "disk", "network",  "tablet", "mouse", "keyboard", "agent",
                                    "rng",  "watchdog", "module", "shmem", NULL };

static gboolean
is_said_now (ValiseEditSession *session, const char *element)
{
  g_autoptr (GPtrArray) changes = valise_edit_session_list_changes (session);

  for (guint i = 0; i < changes->len; i++)
    {
      const ValiseChange *change = changes->pdata[i];

      if (g_str_has_prefix (change->knob, element))
        return change->timing == VALISE_KNOB_LIVE;
    }
  g_error ("no change of %s", element);
}

static void
add_live (ValiseMachine *machine, const ValiseHardware *hardware)
{
  g_autoptr (ValiseEditSession) session = open_session (machine, valise_machine_get_document (machine));
  g_autofree char *reason = valise_hardware_reason (session, hardware->id);

  if (reason != NULL || is_of_host (hardware))
    return;
  add (session, hardware);
  if (g_strv_contains (LIVE, hardware->id))
    g_assert_true (is_said_now (session, hardware->element));
  if (is_said_now (session, hardware->element))
    apply (machine, session, hardware->id);
}

static void
test_live (void)
{
  gsize length;
  const ValiseHardware *table = valise_hardware_table (&length);
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (
      host, "live", NULL,
      "<controller type='pci' index='0' model='pcie-root'/>\n" PORT PORT PORT PORT PORT PORT PORT PORT PORT
      "<controller type='usb' model='qemu-xhci' ports='15'/>\n<controller type='virtio-serial'/>\n<controller "
      "type='pci' model='pcie-to-pci-bridge'/>\n");
  g_autoptr (ValiseDocument) document = edited (machine, roomy);
  g_autoptr (GError) error = NULL;

  valise_machine_apply (machine, document, NULL, NULL, &error);
  g_assert_no_error (error);
  engine_fixture_do (machine, VALISE_VERB_START);
  g_assert_true (valise_machine_wait_frame (machine, 60000, NULL, NULL));
  for (gsize i = 0; i < length; i++)
    add_live (machine, &table[i]);
  engine_fixture_do (machine, VALISE_VERB_STOP);
}

/* Folders are shared from there. */
static void
make_home (void)
{
  g_autofree char *public = g_build_filename (engine_fixture_directory (), "home", "Public", NULL);
  g_autofree char *home = g_path_get_dirname (public);

  g_assert_cmpint (g_mkdir_with_parents (public, 0755), ==, 0);
  g_setenv ("HOME", home, TRUE);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  engine_fixture_begin ();
  make_home ();
  host = engine_fixture_host ();
  for (gsize i = 0; i < G_N_ELEMENTS (machines); i++)
    {
      g_autofree char *path = g_strconcat ("/ui/hardware/offered/", machines[i].name, NULL);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_offered);
    }
  g_test_add_func ("/ui/hardware/start", test_start);
  g_test_add_func ("/ui/hardware/live", test_live);
  result = g_test_run ();
  g_clear_object (&host);
  engine_fixture_end ();
  return result;
}
