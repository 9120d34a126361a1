/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Snapshots of machines with real QEMU: off, running with memory, UEFI with a TPM. */
#include "engine/valise-machine-snapshots.h"

#include <glib/gstdio.h>
#include <string.h>

#include "bundle/valise-archive.h"
#include "bundle/valise-image.h"
#include "engine-fixture.h"
#include "engine/valise-engine-error.h"
#include "engine/valise-export.h"
#include "engine/valise-machine-private.h"
#include "engine/valise-snapshot-jobs.h"

#define DISK                                                                                                           \
  "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='disks/root.qcow2'/>"                \
  "<target dev='vda' bus='virtio'/></disk>\n"
#define UEFI                                                                                                           \
  "<os firmware='efi'><type arch='x86_64' machine='q35'>hvm</type><nvram>nvram/vars.fd</nvram>"                        \
  "<firmware><feature enabled='no' name='secure-boot'/></firmware></os>"
#define TPM "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>\n"
#define GUEST_BYTES (8 * 1024 * 1024)

static ValiseHost *host;

static ValiseMachine *
make (const char *name, const char *os, const char *devices)
{
  ValiseMachine *machine = engine_fixture_machine (host, name, os, devices);
  g_autofree char *image = g_build_filename (valise_machine_get_path (machine), "disks", "root.qcow2", NULL);
  g_autoptr (GError) error = NULL;

  valise_image_create (image, "qcow2", GUEST_BYTES, NULL, &error);
  g_assert_no_error (error);
  return machine;
}

static char *
take (ValiseMachine *machine, const char *name, gboolean with_memory)
{
  g_autoptr (GError) error = NULL;
  char *id = valise_machine_take_snapshot (machine, name, NULL, with_memory, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (id);
  return id;
}

static void
revert (ValiseMachine *machine, const char *id, ValiseRevertFlags flags)
{
  g_autoptr (GError) error = NULL;

  valise_machine_revert_snapshot (machine, id, flags, NULL, &error);
  g_assert_no_error (error);
}

static void
drop (ValiseMachine *machine, const char *id)
{
  g_autoptr (GError) error = NULL;

  valise_machine_delete_snapshot (machine, id, NULL, &error);
  g_assert_no_error (error);
}

static void
assert_state (ValiseMachine *machine, ValiseMachineState state)
{
  g_assert_cmpstr (valise_machine_state_to_word (valise_machine_get_state (machine)), ==,
                   valise_machine_state_to_word (state));
}

static void
wait_frame (ValiseMachine *machine)
{
  g_autoptr (GError) error = NULL;

  valise_machine_wait_frame (machine, 90000, NULL, &error);
  g_assert_no_error (error);
}

static const ValiseSnapshot *
find (GPtrArray *snapshots, const char *id)
{
  g_autoptr (GError) error = NULL;
  const ValiseSnapshot *snapshot = valise_snapshots_find (snapshots, id, &error);

  g_assert_no_error (error);
  return snapshot;
}

static void
assert_kept (ValiseMachine *machine, const char *id, ValiseSnapshotMemory memory, guint count)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) snapshots = valise_machine_list_snapshots (machine, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (snapshots->len, ==, count);
  g_assert_cmpint (find (snapshots, id)->memory, ==, memory);
}

/* Who copies what was frozen while it ran has that for as long as it takes, and it may run again meanwhile. */
static void
check_copied (ValiseMachine *machine)
{
  g_autoptr (ValiseLock) lock = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (_valise_machine_begin_copy (machine, NULL, &error));
  engine_fixture_do (machine, VALISE_VERB_STOP);
  g_assert_null (_valise_machine_lock_still (machine, "moving", &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_LOCKED);
  g_clear_error (&error);
  engine_fixture_do (machine, VALISE_VERB_START);
  assert_state (machine, VALISE_MACHINE_RUNNING);
  engine_fixture_do (machine, VALISE_VERB_STOP);
  g_assert_null (_valise_machine_lock_still (machine, "moving", NULL));
  _valise_machine_end_copy (machine);
  lock = _valise_machine_lock_still (machine, "moving", &error);
  g_assert_no_error (error);
}

static gboolean
export_snapshot (ValiseMachine *machine, const char *id, GError **error)
{
  g_autofree char *target = g_build_filename (engine_fixture_directory (), "then.qcow2", NULL);
  g_autoptr (GPtrArray) machines = g_ptr_array_new ();
  g_autoptr (ValiseJob) job = NULL;
  ValiseExportChoice choice;

  g_ptr_array_add (machines, machine);
  g_assert_true (valise_export_choose (&choice, NULL, target));
  choice.snapshot = id;
  job = valise_export_machines_job_new (machines, target, &choice);
  return valise_job_run_sync (job, error);
}

/* Who runs it may merge what was frozen, and is asked for none of it before he lets go; what QEMU copies is its own. */
static void
check_copied_elsewhere (ValiseMachine *machine, const char *id)
{
  g_autoptr (ValiseLock) theirs = NULL, lock = NULL;
  g_autoptr (GError) error = NULL;

  engine_fixture_do (machine, VALISE_VERB_START);
  theirs = g_steal_pointer (&machine->lock);
  g_assert_true (_valise_machine_begin_copy (machine, NULL, &error));
  _valise_machine_end_copy (machine);
  g_assert_false (export_snapshot (machine, id, &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_LOCKED);
  g_clear_error (&error);
  g_clear_pointer (&theirs, valise_lock_free);
  g_assert_true (export_snapshot (machine, id, &error));
  g_clear_pointer (&machine->lock, valise_lock_free);
  g_assert_true (_valise_machine_begin_copy (machine, "exporting", &error));
  engine_fixture_do (machine, VALISE_VERB_STOP);
  g_assert_null (_valise_machine_lock_still (machine, "moving", NULL));
  _valise_machine_end_copy (machine);
  lock = _valise_machine_lock_still (machine, "moving", &error);
  g_assert_no_error (error);
}

/* Off, running, running without memory, then all the way back. */
static void
test_states (void)
{
  g_autoptr (ValiseMachine) machine = make ("states", NULL, DISK);
  g_autofree char *off = take (machine, "off", TRUE);
  g_autofree char *running = NULL, *disks = NULL, *suspended = NULL;
  g_autoptr (GError) error = NULL;

  assert_kept (machine, off, VALISE_SNAPSHOT_MEMORY_NONE, 1);
  engine_fixture_do (machine, VALISE_VERB_START);
  wait_frame (machine);
  running = take (machine, "running", TRUE);
  assert_state (machine, VALISE_MACHINE_RUNNING);
  assert_kept (machine, running, VALISE_SNAPSHOT_MEMORY_RUNNING, 2);
  disks = take (machine, "disks", FALSE);
  assert_state (machine, VALISE_MACHINE_RUNNING);
  assert_kept (machine, disks, VALISE_SNAPSHOT_MEMORY_NONE, 3);
  g_assert_false (valise_machine_revert_snapshot (machine, off, 0, NULL, &error));
  g_assert_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE);

  engine_fixture_do (machine, VALISE_VERB_SUSPEND);
  suspended = take (machine, "suspended", TRUE);
  assert_kept (machine, suspended, VALISE_SNAPSHOT_MEMORY_RUNNING, 4);
  revert (machine, off, 0);
  assert_state (machine, VALISE_MACHINE_OFF);
  revert (machine, running, 0);
  assert_state (machine, VALISE_MACHINE_SUSPENDED);
  engine_fixture_do (machine, VALISE_VERB_START);
  assert_state (machine, VALISE_MACHINE_RUNNING);
  engine_fixture_do (machine, VALISE_VERB_STOP);
  /* It can be gone back to as often as one likes. */
  revert (machine, running, 0);
  assert_state (machine, VALISE_MACHINE_SUSPENDED);
  revert (machine, running, VALISE_REVERT_WITHOUT_MEMORY);
  assert_state (machine, VALISE_MACHINE_OFF);
  revert (machine, suspended, 0);
  engine_fixture_do (machine, VALISE_VERB_START);
  assert_state (machine, VALISE_MACHINE_RUNNING);
  check_copied (machine);
  check_copied_elsewhere (machine, off);
}

static gboolean
has_picture (ValiseMachine *machine, const char *folder)
{
  g_autofree char *file = g_build_filename (valise_machine_get_path (machine), folder, "screenshot.png", NULL);
  g_autoptr (GdkPixbuf) picture = gdk_pixbuf_new_from_file (file, NULL);

  return picture != NULL;
}

static char *
run_job (ValiseJob *job)
{
  g_autoptr (GError) error = NULL;
  char *taken;

  valise_job_run_sync (job, &error);
  g_assert_no_error (error);
  taken = valise_snapshot_job_dup_taken (job);
  g_object_unref (job);
  return taken;
}

/* How it looked goes along, whatever its state is; going back of one that runs keeps it first, and is undone whole. */
static void
test_jobs (void)
{
  g_autoptr (ValiseMachine) machine = make ("jobs", NULL, DISK);
  g_autofree char *fresh = run_job (valise_snapshot_take_job_new (machine, "fresh", "as it came", FALSE));
  g_autofree char *fresh_folder = g_build_filename ("snapshots", fresh, NULL);
  g_autofree char *running = NULL, *running_folder = NULL, *off = NULL, *off_folder = NULL, *kept = NULL;
  g_autofree char *file = g_build_filename (valise_machine_get_path (machine), "screenshot.png", NULL);
  g_autoptr (GdkPixbuf) screen = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (has_picture (machine, fresh_folder));
  engine_fixture_do (machine, VALISE_VERB_START);
  wait_frame (machine);
  running = run_job (valise_snapshot_take_job_new (machine, "running", NULL, FALSE));
  running_folder = g_build_filename ("snapshots", running, NULL);
  g_assert_true (has_picture (machine, running_folder));
  screen = valise_machine_screenshot (machine, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (gdk_pixbuf_save (screen, file, "png", NULL, NULL));

  kept = run_job (valise_snapshot_revert_job_new (machine, fresh, 0, "before", TRUE));
  assert_state (machine, VALISE_MACHINE_OFF);
  assert_kept (machine, kept, VALISE_SNAPSHOT_MEMORY_RUNNING, 3);
  g_assert_false (has_picture (machine, "."));
  g_free (run_job (valise_snapshot_return_job_new (machine, kept)));
  assert_state (machine, VALISE_MACHINE_SUSPENDED);
  assert_kept (machine, running, VALISE_SNAPSHOT_MEMORY_NONE, 2);
  g_assert_true (has_picture (machine, "."));
  engine_fixture_do (machine, VALISE_VERB_DISCARD);
  off = run_job (valise_snapshot_take_job_new (machine, "off", NULL, FALSE));
  off_folder = g_build_filename ("snapshots", off, NULL);
  g_assert_true (has_picture (machine, off_folder));
  g_free (run_job (valise_snapshot_delete_job_new (machine, off)));
  assert_kept (machine, running, VALISE_SNAPSHOT_MEMORY_NONE, 2);
}

/* While it runs nothing that QEMU has open is touched; what stayed is merged when it is off. */
static void
test_delete_running (void)
{
  g_autoptr (ValiseMachine) machine = make ("deleting", NULL, DISK);
  g_autofree char *disks = g_build_filename (valise_machine_get_path (machine), "disks", NULL);
  g_autofree char *first = take (machine, "first", TRUE);
  g_autofree char *second = take (machine, "second", TRUE);
  g_autoptr (GDir) directory = NULL;
  guint count = 0;

  engine_fixture_do (machine, VALISE_VERB_START);
  drop (machine, first);
  assert_state (machine, VALISE_MACHINE_RUNNING);
  assert_kept (machine, second, VALISE_SNAPSHOT_MEMORY_NONE, 1);
  engine_fixture_do (machine, VALISE_VERB_STOP);
  drop (machine, second);
  directory = g_dir_open (disks, 0, NULL);
  while (g_dir_read_name (directory) != NULL)
    count++;
  g_assert_cmpuint (count, ==, 1);
  engine_fixture_do (machine, VALISE_VERB_START);
  engine_fixture_do (machine, VALISE_VERB_STOP);
}

static char *
read_file (ValiseMachine *machine, const char *relative, gsize *length)
{
  g_autofree char *path = g_build_filename (valise_machine_get_path (machine), relative, NULL);
  char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, length, NULL));
  return text;
}

/* Nothing is changed before its user says that it may begin afresh. */
static void
check_missing (ValiseMachine *machine, const char *id, const char *kept)
{
  g_autofree char *path = g_build_filename (valise_machine_get_path (machine), kept, NULL);
  g_autofree char *memory = g_build_filename (valise_machine_get_path (machine), "snapshots", id, "memory", NULL);
  g_autofree char *aside = g_strconcat (memory, ".aside", NULL);
  g_autofree char *present = g_build_filename (valise_machine_get_path (machine), "nvram", "vars.fd", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_no_errno (g_rename (memory, aside));
  g_assert_false (valise_machine_check_revert (machine, id, 0, &error));
  g_assert_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_ASK);
  g_clear_error (&error);
  g_assert_no_errno (g_rename (aside, memory));
  g_assert_no_errno (g_unlink (path));
  g_assert_false (valise_machine_revert_snapshot (machine, id, VALISE_REVERT_WITHOUT_MEMORY, NULL, &error));
  g_assert_error (error, VALISE_SNAPSHOT_ERROR, VALISE_SNAPSHOT_ERROR_MISSING);
  g_assert_nonnull (strstr (error->message, kept));
  g_assert_true (g_file_test (present, G_FILE_TEST_EXISTS));
  revert (machine, id, VALISE_REVERT_WITHOUT_MEMORY | VALISE_REVERT_INCOMPLETE);
  g_assert_false (g_file_test (present, G_FILE_TEST_EXISTS));
}

/* libvirt itself refuses snapshots of such a machine. */
static void
test_uefi_tpm (void)
{
  g_autoptr (ValiseMachine) machine = make ("uefi", UEFI, DISK TPM);
  g_autofree char *vars_kept = NULL, *tpm_kept = NULL, *vars = NULL, *tpm = NULL, *id = NULL;
  g_autofree char *kept_vars = NULL, *kept_tpm = NULL;
  gsize length, other;

  engine_fixture_do (machine, VALISE_VERB_START);
  wait_frame (machine);
  id = take (machine, "running", TRUE);
  assert_kept (machine, id, VALISE_SNAPSHOT_MEMORY_RUNNING, 1);
  engine_fixture_do (machine, VALISE_VERB_STOP);
  kept_vars = g_strdup_printf ("snapshots/%s/vars.fd", id);
  kept_tpm = g_strdup_printf ("snapshots/%s/tpm/tpm2-00.permall", id);
  vars_kept = read_file (machine, kept_vars, &length);
  g_assert_cmpuint (length, >, 100000);
  tpm_kept = read_file (machine, kept_tpm, &length);
  g_assert_cmpuint (length, >, 0);

  revert (machine, id, 0);
  tpm = read_file (machine, "tpm/tpm2-00.permall", &other);
  g_assert_cmpmem (tpm, other, tpm_kept, length);
  vars = read_file (machine, "nvram/vars.fd", &other);
  g_free (vars_kept);
  vars_kept = read_file (machine, kept_vars, &length);
  g_assert_cmpmem (vars, other, vars_kept, length);
  engine_fixture_do (machine, VALISE_VERB_START);
  assert_state (machine, VALISE_MACHINE_RUNNING);
  g_assert_cmpuint (engine_fixture_count_lit (machine), >, 0);
  engine_fixture_do (machine, VALISE_VERB_STOP);
  check_missing (machine, id, kept_vars);
}

/* Memory that came with a bundle is only used when its user says so. */
static void
test_foreign_memory (void)
{
  g_autoptr (ValiseMachine) machine = make ("foreign", NULL, DISK);
  g_autofree char *id = NULL, *memory = NULL, *copy = NULL;
  g_autoptr (GError) error = NULL;

  engine_fixture_do (machine, VALISE_VERB_START);
  id = take (machine, "running", TRUE);
  engine_fixture_do (machine, VALISE_VERB_STOP);
  memory = g_build_filename (valise_machine_get_path (machine), "snapshots", id, "memory", NULL);
  copy = g_strconcat (memory, ".copy", NULL);
  {
    const char *const argv[] = { "sh", "-c", "cp \"$0\" \"$1\" && mv \"$1\" \"$0\"", memory, copy, NULL };
    int status = -1;

    g_assert_true (
        g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, NULL));
    g_assert_cmpint (status, ==, 0);
  }
  g_assert_false (valise_machine_revert_snapshot (machine, id, 0, NULL, &error));
  g_assert_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_ASK);
  assert_state (machine, VALISE_MACHINE_OFF);
  revert (machine, id, VALISE_REVERT_WITHOUT_MEMORY);
  assert_state (machine, VALISE_MACHINE_OFF);
  revert (machine, id, VALISE_REVERT_TRUST_MEMORY);
  assert_state (machine, VALISE_MACHINE_SUSPENDED);
  engine_fixture_do (machine, VALISE_VERB_START);
  assert_state (machine, VALISE_MACHINE_RUNNING);
  engine_fixture_do (machine, VALISE_VERB_STOP);
}

/* QEMU would neither merge nor write the memory of a paused guest whose memory it has written once. */
static void
test_paused (void)
{
  g_autoptr (ValiseMachine) machine = make ("paused", NULL, DISK);
  g_autofree char *first = NULL, *second = NULL, *third = NULL;

  engine_fixture_do (machine, VALISE_VERB_START);
  wait_frame (machine);
  engine_fixture_do (machine, VALISE_VERB_PAUSE);
  first = take (machine, "first", TRUE);
  assert_state (machine, VALISE_MACHINE_PAUSED);
  second = take (machine, "second", TRUE);
  drop (machine, first);
  assert_state (machine, VALISE_MACHINE_PAUSED);
  assert_kept (machine, second, VALISE_SNAPSHOT_MEMORY_PAUSED, 1);
  engine_fixture_do (machine, VALISE_VERB_SUSPEND);
  engine_fixture_do (machine, VALISE_VERB_START);
  assert_state (machine, VALISE_MACHINE_PAUSED);
  third = take (machine, "third", TRUE);
  drop (machine, second);
  assert_kept (machine, third, VALISE_SNAPSHOT_MEMORY_PAUSED, 1);
  engine_fixture_do (machine, VALISE_VERB_STOP);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  engine_fixture_begin ();
  host = engine_fixture_host ();
  g_test_add_func ("/engine/snapshots/states", test_states);
  g_test_add_func ("/engine/snapshots/jobs", test_jobs);
  g_test_add_func ("/engine/snapshots/delete-running", test_delete_running);
  g_test_add_func ("/engine/snapshots/paused", test_paused);
  g_test_add_func ("/engine/snapshots/uefi-tpm", test_uefi_tpm);
  g_test_add_func ("/engine/snapshots/foreign-memory", test_foreign_memory);
  result = g_test_run ();
  g_object_unref (host);
  engine_fixture_end ();
  return result;
}
