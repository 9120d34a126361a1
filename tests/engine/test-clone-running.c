/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clones of a machine that real QEMU runs. */
#include "bundle/valise-image.h"
#include "bundle/valise-snapshot.h"
#include "engine-fixture.h"
#include "engine/valise-clone-job.h"
#include "engine/valise-disk-jobs.h"
#include "engine/valise-engine-error.h"
#include "engine/valise-jobs.h"
#include "engine/valise-machine-snapshots.h"
#include "engine/valise-machine-template.h"

#define DISK                                                                                                           \
  "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='disks/root.qcow2'/>"                \
  "<target dev='vda' bus='virtio'/></disk>\n"
#define GUEST_BYTES (8 * 1024 * 1024)

static ValiseHost *host;

static void
run (const char *const *argv)
{
  g_autoptr (GError) error = NULL;
  int status = -1;

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, NULL,
                &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
}

static char *
image_of (ValiseMachine *machine)
{
  g_autofree char *file = valise_document_get (valise_machine_get_document (machine), "devices/disk[2]/source/@file");

  return g_build_filename (valise_machine_get_path (machine), file, NULL);
}

static ValiseMachine *
make (const char *name)
{
  ValiseMachine *machine = engine_fixture_machine (host, name, NULL, DISK);
  g_autofree char *image = g_build_filename (valise_machine_get_path (machine), "disks", "root.qcow2", NULL);
  const char *const argv[] = { "qemu-io", "-f", "qcow2", "-c", "write -P 65 1M 64k", image, NULL };
  g_autoptr (GError) error = NULL;

  valise_image_create (image, "qcow2", GUEST_BYTES, NULL, &error);
  g_assert_no_error (error);
  run (argv);
  return machine;
}

static ValiseMachine *
clone_machine (ValiseMachine *machine, const char *name, const ValiseCloneChoice *choice)
{
  g_autoptr (ValiseJob) job = valise_clone_job_new (machine, engine_fixture_directory (), name, choice);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  ValiseMachine *clone;

  valise_job_run_sync (job, &error);
  g_assert_no_error (error);
  path = valise_job_dup_result_path (job);
  clone = valise_machine_new (host, path);
  valise_machine_load (clone, FALSE, &error);
  g_assert_no_error (error);
  return clone;
}

/* Byte for byte, through all that they build on. */
static void
assert_same (ValiseMachine *first, ValiseMachine *second)
{
  g_autofree char *one = image_of (first);
  g_autofree char *other = image_of (second);
  const char *const argv[] = { "qemu-img", "compare", "-U", "-q", "-f", "qcow2", "-F", "qcow2", one, other, NULL };

  run (argv);
}

static void
test_running (void)
{
  const ValiseCloneChoice choices[] = { { .linked = TRUE, .keep_keys = TRUE }, { .keep_keys = TRUE } };
  g_autoptr (GHashTable) disks = g_hash_table_new (g_str_hash, g_str_equal);
  const ValiseCloneChoice choosy = { .disks = disks };
  g_autoptr (ValiseMachine) base = make ("base");
  g_autoptr (ValiseMachine) linked = NULL, full = NULL;
  g_autoptr (ValiseJob) refused = NULL;
  g_autoptr (GError) error = NULL;

  engine_fixture_do (base, VALISE_VERB_START);
  linked = clone_machine (base, "linked", &choices[0]);
  full = clone_machine (base, "full", &choices[1]);
  g_assert_cmpint (valise_machine_get_state (base), ==, VALISE_MACHINE_RUNNING);
  assert_same (base, linked);
  assert_same (base, full);
  g_hash_table_insert (disks, (gpointer) "vda", GINT_TO_POINTER (VALISE_CLONE_DISK_LEAVE));
  refused = valise_clone_job_new (base, engine_fixture_directory (), "refused", &choosy);
  g_assert_false (valise_job_run_sync (refused, &error));
  g_assert_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE);
  g_clear_error (&error);

  /* Both at once, on the same frozen image; what the original was allowed its clone is not asked about. */
  engine_fixture_do (linked, VALISE_VERB_START);
  valise_machine_wait_frame (linked, 90000, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (engine_fixture_count_lit (linked), >, 0);
  engine_fixture_do (linked, VALISE_VERB_STOP);
  engine_fixture_do (base, VALISE_VERB_STOP);
}

static void
assert_protected (ValiseMachine *machine, gboolean done, GError **error)
{
  g_assert_false (done);
  g_assert_error (*error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE);
  g_clear_error (error);
  g_assert_true (g_file_test (valise_machine_get_path (machine), G_FILE_TEST_IS_DIR));
  g_assert_cmpint (valise_machine_get_state (machine), ==, VALISE_MACHINE_OFF);
}

/* Of a template that says other disks than before. */
static gboolean
undo_disks (ValiseMachine *machine, GError **error)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (valise_machine_get_path (machine), NULL);
  g_autoptr (ValiseDocument) document = valise_document_copy (valise_bundle_get_document (bundle));

  g_assert_true (valise_document_set (document, "devices/disk[2]/target/@dev", "vdz", NULL));
  g_assert_true (valise_bundle_save (bundle, document, NULL));
  return valise_machine_undo_change (machine, error);
}

static void
test_template (void)
{
  const ValiseCloneChoice choice = { .linked = TRUE, .keep_keys = TRUE };
  g_autoptr (ValiseMachine) machine = make ("template");
  g_autoptr (ValiseMachine) made = NULL;
  g_autoptr (ValiseDocument) document = NULL;
  g_autoptr (ValiseJob) compact = NULL;
  g_autofree char *id = NULL;
  g_autoptr (GError) error = NULL;

  id = valise_machine_take_snapshot (machine, "before", NULL, FALSE, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (valise_machine_set_template (machine, TRUE, NULL, &error));
  g_assert_true (valise_machine_is_template (machine));
  g_assert_false (valise_machine_can (machine, VALISE_VERB_START));
  assert_protected (machine, valise_machine_do (machine, VALISE_VERB_START, NULL, &error), &error);
  assert_protected (machine, valise_machine_trash (machine, NULL, &error), &error);
  assert_protected (machine, valise_machine_revert_snapshot (machine, id, 0, NULL, &error), &error);
  compact = valise_compact_job_new (machine, NULL);
  assert_protected (machine, valise_job_run_sync (compact, &error), &error);
  document = valise_document_copy (valise_machine_get_document (machine));
  g_assert_true (valise_document_unset (document, "devices/disk[2]", NULL));
  assert_protected (machine, valise_machine_apply (machine, document, NULL, NULL, &error), &error);

  assert_protected (machine, undo_disks (machine, &error), &error);

  made = clone_machine (machine, "made", &choice);
  g_assert_false (valise_machine_is_template (made));
  assert_same (machine, made);
  g_assert_true (valise_machine_set_template (machine, FALSE, NULL, &error));
  g_assert_true (valise_machine_can (machine, VALISE_VERB_START));
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  engine_fixture_begin ();
  host = engine_fixture_host ();
  g_test_add_func ("/engine/clone/template", test_template);
  g_test_add_func ("/engine/clone/running", test_running);
  result = g_test_run ();
  g_object_unref (host);
  engine_fixture_end ();
  return result;
}
