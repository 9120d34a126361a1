/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Snapshots that are deleted while their machine runs: QEMU merges the images, and whoever is killed over it, nothing
 * is lost. What deletes is this program again, as a child. */
#include "engine-fixture.h"
#include "engine/valise-keeper.h"
#include "engine/valise-machine-private.h"
#include "engine/valise-machine-snapshots.h"
#include "engine/valise-snapshot-jobs.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bundle/valise-image.h"

#define DISK                                                                                                           \
  "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='disks/root.qcow2'/>"                \
  "<target dev='vda' bus='virtio'/></disk>\n"
#define MIB (1024 * 1024)
#define PIECE (8 * MIB)
#define PIECES 5
#define KILLS 4

/* --- what is on the disk --- */

static void
run (const char *const *argv)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *out = NULL, *err = NULL;
  int status = -1;

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, &err, &status, &error);
  g_assert_no_error (error);
  if (status != 0 || strstr (out, "Pattern verification failed") != NULL)
    g_error ("%s %s: %s%s", argv[0], argv[1], out, err);
}

static char *
present_image (const char *path)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (path, NULL);
  g_autofree char *file = valise_document_get_device (valise_bundle_get_document (bundle), "disk", 2, "source/@file");

  return valise_bundle_file (bundle, file);
}

static void
qemu_io (const char *path, const char *what, guint piece, char letter)
{
  g_autofree char *image = present_image (path);
  g_autofree char *command =
      g_strdup_printf ("%s -P %d %dM %dM", what, letter, (int) (piece * PIECE / MIB), PIECE / MIB);
  const char *const argv[] = { "qemu-io", "-f", "qcow2", "-c", command, image, NULL };

  run (argv);
}

/* Every piece holds a letter of its own, written between two snapshots; 0 for none. */
static void
check_pieces (const char *path, const char *letters)
{
  for (guint i = 0; i < PIECES; i++)
    qemu_io (path, "read", i, letters[i] == '0' ? 0 : letters[i]);
}

static gboolean
is_present (ValiseDocument *document, const char *file)
{
  guint count = valise_document_count (document, "devices/disk");

  for (guint i = 1; i <= count; i++)
    {
      g_autofree char *used = valise_document_get_device (document, "disk", i, "source/@file");

      if (g_strcmp0 (used, file) == 0)
        return TRUE;
    }
  return FALSE;
}

/* Every image is the machine's present or one that a record names. */
static void
check_owners (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (path, NULL);
  g_autoptr (GPtrArray) named = valise_snapshots_list_images (path, &error);
  g_autofree char *disks = g_build_filename (path, "disks", NULL);
  g_autoptr (GDir) directory = g_dir_open (disks, 0, NULL);
  const char *name;

  g_assert_no_error (error);
  while ((name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *file = g_build_filename ("disks", name, NULL);

      if (!g_ptr_array_find_with_equal_func (named, file, g_str_equal, NULL)
          && !is_present (valise_bundle_get_document (bundle), file))
        g_error ("%s is nobody's", file);
    }
}

static void
check_images (const char *path)
{
  g_autofree char *disks = g_build_filename (path, "disks", NULL);
  g_autoptr (GDir) directory = g_dir_open (disks, 0, NULL);
  const char *name;

  check_owners (path);
  while ((name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *image = g_build_filename (disks, name, NULL);
      /* What a killed QEMU has claimed and not used yet may be left. */
      const char *const argv[] = { "sh", "-c", "qemu-img check -q \"$0\"; test $? -eq 0 -o $? -eq 3", image, NULL };

      run (argv);
    }
}

static guint
count_images (const char *path)
{
  g_autofree char *disks = g_build_filename (path, "disks", NULL);
  g_autoptr (GDir) directory = g_dir_open (disks, 0, NULL);
  guint count = 0;

  while (g_dir_read_name (directory) != NULL)
    count++;
  return count;
}

/* --- machines --- */

static void
take (ValiseMachine *machine, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *id = valise_machine_take_snapshot (machine, name, NULL, FALSE, NULL, &error);

  g_assert_no_error (error);
}

static char *
find (ValiseMachine *machine, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) snapshots = valise_machine_list_snapshots (machine, &error);
  const ValiseSnapshot *snapshot = valise_snapshots_find (snapshots, name, &error);

  g_assert_no_error (error);
  return g_strdup (snapshot->id);
}

static void
drop (ValiseMachine *machine, const char *name)
{
  g_autofree char *id = find (machine, name);
  g_autoptr (ValiseJob) job = valise_snapshot_delete_job_new (machine, id);
  g_autoptr (GError) error = NULL;

  valise_job_run_sync (job, &error);
  g_assert_no_error (error);
}

static void
revert (ValiseMachine *machine, const char *name)
{
  g_autofree char *id = find (machine, name);
  g_autoptr (GError) error = NULL;

  valise_machine_revert_snapshot (machine, id, 0, NULL, &error);
  g_assert_no_error (error);
}

static void
make_image (const char *path)
{
  g_autofree char *image = g_build_filename (path, "disks", "root.qcow2", NULL);
  g_autoptr (GError) error = NULL;

  valise_image_create (image, "qcow2", PIECES * PIECE, NULL, &error);
  g_assert_no_error (error);
}

/* Of five images: snapshots 1 to 4, each after another piece was written. */
static void
fill (ValiseMachine *machine)
{
  const char *path = valise_machine_get_path (machine);

  make_image (path);
  for (guint i = 0; i < PIECES; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u", i + 1);

      qemu_io (path, "write", i, (char) ('A' + i));
      if (i + 1 < PIECES)
        take (machine, name);
    }
  g_assert_cmpuint (count_images (path), ==, PIECES);
}

/* --- while both live --- */

static void
test_merge (ValiseHost *host)
{
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "merge", NULL, DISK);
  const char *path = valise_machine_get_path (machine);

  fill (machine);
  engine_fixture_do (machine, VALISE_VERB_START);
  /* The oldest, one between, and the newest, on which the machine itself builds. */
  drop (machine, "1");
  g_assert_cmpuint (count_images (path), ==, 4);
  drop (machine, "3");
  g_assert_cmpuint (count_images (path), ==, 3);
  drop (machine, "4");
  g_assert_cmpuint (count_images (path), ==, 3);
  g_assert_cmpstr (valise_machine_state_to_word (valise_machine_get_state (machine)), ==, "running");
  g_assert_false (valise_snapshots_is_merging (path));
  engine_fixture_do (machine, VALISE_VERB_STOP);
  check_pieces (path, "ABCDE");
  check_images (path);
  engine_fixture_do (machine, VALISE_VERB_START);
  engine_fixture_do (machine, VALISE_VERB_STOP);
  revert (machine, "2");
  check_pieces (path, "AB000");
  drop (machine, "2");
  g_assert_cmpuint (count_images (path), ==, 1);
  check_pieces (path, "AB000");
}

/* A branch that does not run builds on what is merged. */
static void
test_branch (ValiseHost *host)
{
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "branch", NULL, DISK);
  const char *path = valise_machine_get_path (machine);

  fill (machine);
  take (machine, "5");
  revert (machine, "2");
  qemu_io (path, "write", 4, 'Z');
  take (machine, "other");
  engine_fixture_do (machine, VALISE_VERB_START);
  /* The first is merged with the second by QEMU, which others build on, too; the third is none of its. */
  drop (machine, "1");
  drop (machine, "3");
  engine_fixture_do (machine, VALISE_VERB_STOP);
  check_pieces (path, "AB00Z");
  revert (machine, "5");
  check_pieces (path, "ABCDE");
  revert (machine, "4");
  check_pieces (path, "ABCD0");
  check_images (path);
}

/* Names the image in the settings, as if it had come to be so. */
static void
set_image (const char *path, const char *file)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (path, NULL);
  g_autoptr (ValiseDocument) document = valise_document_copy (valise_bundle_get_document (bundle));
  g_autoptr (GError) error = NULL;

  g_assert_true (valise_document_set (document, "devices/disk[2]/source/@file", file, &error));
  valise_bundle_save (bundle, document, &error);
  g_assert_no_error (error);
}

static void
make_chain (const char *path, guint layers)
{
  g_autofree char *disks = g_build_filename (path, "disks", NULL);
  g_autofree char *last = g_strdup_printf ("disks/%u.qcow2", layers);
  g_autofree char *text = g_strdup_printf ("%u", layers);
  const char *const argv[] = { "sh",
                               "-c",
                               "cd \"$0\" && qemu-img create -q -f qcow2 0.qcow2 8M && for i in $(seq $1); do "
                               "qemu-img create -q -u -f qcow2 -b $((i - 1)).qcow2 -F qcow2 $i.qcow2 8M; done",
                               disks,
                               text,
                               NULL };

  run (argv);
  set_image (path, last);
}

/* As many as there can be, which libvirt and we can still read; then no more. */
static void
test_deep (ValiseHost *host)
{
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "deep", NULL, DISK);
  const char *path = valise_machine_get_path (machine);
  g_autoptr (GError) error = NULL;

  make_chain (path, VALISE_SNAPSHOT_LAYERS_MOST - 1);
  g_assert_true (valise_machine_load (machine, TRUE, NULL));
  take (machine, "last");
  g_assert_null (valise_machine_take_snapshot (machine, "too many", NULL, FALSE, NULL, &error));
  g_assert_error (error, VALISE_SNAPSHOT_ERROR, VALISE_SNAPSHOT_ERROR_FULL);
  g_clear_error (&error);
  qemu_io (path, "write", 0, 'A');
  engine_fixture_do (machine, VALISE_VERB_START);
  g_assert_null (valise_machine_take_snapshot (machine, "too many", NULL, FALSE, NULL, &error));
  g_assert_error (error, VALISE_SNAPSHOT_ERROR, VALISE_SNAPSHOT_ERROR_FULL);
  drop (machine, "last");
  engine_fixture_do (machine, VALISE_VERB_STOP);
  qemu_io (path, "read", 0, 'A');
}

/* --- what gives way, and what waits --- */

static gpointer
run_drop (gpointer data)
{
  drop (data, "1");
  return NULL;
}

/* Verbs and other work come in between, and the deleting goes on after them, whatever the machine does then. */
static void
test_give_way (ValiseHost *host)
{
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "way", NULL, DISK);
  const char *path = valise_machine_get_path (machine);
  GThread *thread;

  fill (machine);
  engine_fixture_do (machine, VALISE_VERB_START);
  thread = g_thread_new ("drop", run_drop, machine);
  take (machine, "5");
  engine_fixture_do (machine, VALISE_VERB_PAUSE);
  engine_fixture_do (machine, VALISE_VERB_STOP);
  engine_fixture_do (machine, VALISE_VERB_START);
  g_thread_join (thread);
  g_assert_false (valise_snapshots_is_merging (path));
  engine_fixture_do (machine, VALISE_VERB_STOP);
  g_assert_cmpuint (count_images (path), ==, PIECES);
  check_pieces (path, "ABCDE");
  check_images (path);
}

/* --- what holds the machine for longer than its turn --- */

typedef struct
{
  ValiseMachine *machine;
  const char *name;
  gboolean ended;
} Drop;

static gpointer
run_drop_of (gpointer data)
{
  Drop *self = data;

  drop (self->machine, self->name);
  g_atomic_int_set (&self->ended, TRUE);
  return NULL;
}

/* Once the snapshot is gone for the user, nothing that keeps its disks for itself is an error of the deleting. */
static void
check_waits (ValiseMachine *machine, const char *name, gboolean copied)
{
  Drop dropping = { machine, name, FALSE };
  g_autoptr (ValiseLock) lock = NULL;
  g_autoptr (GError) error = NULL;
  GThread *thread = g_thread_new ("drop", run_drop_of, &dropping);

  while (!valise_snapshots_has_left (valise_machine_get_path (machine)) && !g_atomic_int_get (&dropping.ended))
    g_usleep (200);
  if (copied)
    _valise_machine_begin_copy (machine, NULL, &error);
  else
    lock = _valise_machine_lock_still (machine, "cloning", &error);
  g_assert_no_error (error);
  g_usleep (G_USEC_PER_SEC / 5);
  if (copied)
    _valise_machine_end_copy (machine);
  else
    g_clear_pointer (&lock, valise_lock_free);
  g_thread_join (thread);
  g_assert_false (valise_snapshots_has_left (valise_machine_get_path (machine)));
}

static void
test_wait (ValiseHost *host)
{
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "wait", NULL, DISK);
  const char *path = valise_machine_get_path (machine);

  fill (machine);
  check_waits (machine, "1", FALSE);
  check_waits (machine, "2", FALSE);
  engine_fixture_do (machine, VALISE_VERB_START);
  check_waits (machine, "3", TRUE);
  engine_fixture_do (machine, VALISE_VERB_STOP);
  check_pieces (path, "ABCDE");
  check_images (path);
}

static gpointer
run_cancelled (gpointer data)
{
  g_autoptr (GError) error = NULL;

  if (!valise_job_run_sync (data, &error))
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  return NULL;
}

/* However far it has come by then, nothing is lost, and another delete does the rest. */
static void
test_cancel (ValiseHost *host)
{
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "cancel", NULL, DISK);
  const char *path = valise_machine_get_path (machine);
  g_autofree char *id = NULL;
  g_autoptr (ValiseJob) job = NULL;
  GThread *thread;

  fill (machine);
  engine_fixture_do (machine, VALISE_VERB_START);
  id = find (machine, "2");
  job = valise_snapshot_delete_job_new (machine, id);
  thread = g_thread_new ("cancelled", run_cancelled, job);
  g_usleep ((gulong) g_test_rand_int_range (0, 200000));
  valise_job_cancel (job);
  g_thread_join (thread);
  drop (machine, "3");
  g_assert_false (valise_snapshots_is_merging (path));
  engine_fixture_do (machine, VALISE_VERB_STOP);
  check_pieces (path, "ABCDE");
  check_images (path);
}

static void
wait_tidied (const char *path)
{
  while (count_images (path) > 1 || valise_snapshots_has_left (path))
    g_usleep (10000);
}

/* What could not be merged while it ran is when it goes off, where somebody sees to it. */
static void
test_off (ValiseHost *host)
{
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "off", NULL, DISK);
  const char *path = valise_machine_get_path (machine);
  g_autofree char *directory = g_path_get_dirname (path);
  g_autoptr (ValiseLibrary) library = valise_library_new (host, directory);
  g_autoptr (ValiseKeeper) keeper = valise_keeper_new (library);

  make_image (path);
  take (machine, "1");
  engine_fixture_do (machine, VALISE_VERB_START);
  drop (machine, "1");
  g_assert_cmpuint (count_images (path), ==, 2);
  engine_fixture_do (machine, VALISE_VERB_STOP);
  wait_tidied (path);
  engine_fixture_do (machine, VALISE_VERB_START);
  engine_fixture_do (machine, VALISE_VERB_STOP);
  wait_tidied (path);
  check_images (path);
  valise_keeper_stop (keeper);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

/* --- killed --- */

static int
start_and_delete (const char *path)
{
  g_autoptr (ValiseHost) host = engine_fixture_host ();
  g_autoptr (ValiseMachine) machine = valise_machine_new (host, path);
  char byte = 'y';

  engine_fixture_do (machine, VALISE_VERB_START);
  if (write (STDOUT_FILENO, &byte, 1) != 1)
    return 1;
  drop (machine, "2");
  drop (machine, "4");
  return 0;
}

/* Has it take the lock, as everything does that reads its disks. */
static void
touch (ValiseMachine *machine, const char *name)
{
  g_autofree char *id = find (machine, name);
  g_autoptr (GError) error = NULL;

  valise_machine_describe_snapshot (machine, id, NULL, "", &error);
  g_assert_no_error (error);
}

/* Takes up what was interrupted, if QEMU still lives, and deletes the rest. */
static int
finish (const char *path)
{
  g_autoptr (ValiseHost) host = engine_fixture_host ();
  g_autoptr (ValiseMachine) machine = valise_machine_new (host, path);
  g_autoptr (GError) error = NULL;

  g_assert_true (valise_machine_load (machine, FALSE, NULL));
  g_printerr ("# found %s%s\n", valise_machine_state_to_word (valise_machine_get_state (machine)),
              valise_snapshots_is_merging (path) ? ", merging" : "");
  if (!valise_machine_is_live (machine))
    {
      touch (machine, "3");
      check_pieces (path, "ABCDE");
    }
  drop (machine, "3");
  g_assert_false (valise_snapshots_is_merging (path));
  if (valise_machine_is_live (machine))
    engine_fixture_do (machine, VALISE_VERB_STOP);
  check_pieces (path, "ABCDE");
  check_images (path);
  engine_fixture_do (machine, VALISE_VERB_START);
  engine_fixture_do (machine, VALISE_VERB_STOP);
  return 0;
}

static GPid
spawn (const char *how, const char *path, int *out)
{
  const char *argv[] = { "/proc/self/exe", how, path, NULL };
  g_autoptr (GError) error = NULL;
  GPid pid;

  g_spawn_async_with_pipes (NULL, (char **) argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid, NULL, out, NULL,
                            &error);
  g_assert_no_error (error);
  return pid;
}

static void
kill_qemu (void)
{
  g_autofree char *run_directory = g_build_filename (engine_fixture_directory (), "s", "e", "run", "qemu", NULL);
  g_autoptr (GDir) listing = g_dir_open (run_directory, 0, NULL);
  const char *name;

  while (listing != NULL && (name = g_dir_read_name (listing)) != NULL)
    {
      g_autofree char *file = g_build_filename (run_directory, name, NULL);
      g_autofree char *text = NULL;

      if (g_str_has_prefix (name, "vm-") && g_str_has_suffix (name, ".pid")
          && g_file_get_contents (file, &text, NULL, NULL) && atoi (text) > 1)
        kill (atoi (text), SIGKILL);
    }
}

/* Valise, or both at once. */
static void
kill_once (const char *path, guint number)
{
  int out = -1, status = -1;
  GPid child = spawn ("--delete", path, &out);
  char byte = 0;

  g_assert_cmpint (read (out, &byte, 1), ==, 1);
  g_usleep ((gulong) g_test_rand_int_range (0, 600000));
  kill (child, SIGKILL);
  if (number % 2 == 1)
    kill_qemu ();
  waitpid (child, NULL, 0);
  close (out);
  child = spawn ("--finish", path, NULL);
  waitpid (child, &status, 0);
  g_assert_cmpint (status, ==, 0);
}

/* Without a connection, which only one process has. */
static char *
make_filled (const char *name)
{
  g_autoptr (ValiseHost) host = valise_host_new (NULL);
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, name, NULL, DISK);

  fill (machine);
  return g_strdup (valise_machine_get_path (machine));
}

static void
test_killed (void)
{
  for (guint i = 0; i < KILLS; i++)
    {
      g_autofree char *name = g_strdup_printf ("killed-%u", i);
      g_autofree char *path = make_filled (name);

      kill_once (path, i);
    }
}

/* The driver stays with the process that opened it. */
static void
test_alive (void)
{
  g_autoptr (ValiseHost) host = engine_fixture_host ();

  test_merge (host);
  test_branch (host);
  test_deep (host);
  test_give_way (host);
  test_wait (host);
  test_cancel (host);
  test_off (host);
}

int
main (int argc, char **argv)
{
  int result;

  if (argc > 2 && g_str_equal (argv[1], "--delete"))
    return start_and_delete (argv[2]);
  if (argc > 2 && g_str_equal (argv[1], "--finish"))
    return finish (argv[2]);
  g_test_init (&argc, &argv, NULL);
  engine_fixture_begin ();
  g_test_add_func ("/engine/live-merge/killed", test_killed);
  g_test_add_func ("/engine/live-merge/alive", test_alive);
  result = g_test_run ();
  engine_fixture_end ();
  return result;
}
