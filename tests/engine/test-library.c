/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-library.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "base/valise-path.h"

typedef struct
{
  char *root;
  char *directory;
  ValiseLibrary *library;
  guint emissions;
  guint entry_changes;
} Fixture;

static const char config[] =
    "<domain type='qemu'>\n"
    "  <name>x</name>\n"
    "  <uuid>%s</uuid>\n"
    "  <metadata>\n"
    "    <valise:machine xmlns:valise='https://valise.page/bundle/1' version='1' name='%s'%s/>\n"
    "  </metadata>\n"
    "  <memory unit='GiB'>4</memory>\n"
    "  <vcpu>2</vcpu>\n"
    "  <os><type arch='x86_64' machine='q35'>hvm</type></os>\n"
    "  <devices/>\n"
    "</domain>\n";

static char *
make_bundle (const char *directory, const char *stem, const char *label, const char *attributes)
{
  g_autofree char *name = g_strconcat (stem, VALISE_BUNDLE_SUFFIX, NULL);
  char *path = g_build_filename (directory, name, NULL);
  g_autofree char *file = g_build_filename (path, "config.xml", NULL);
  g_autofree char *uuid = g_uuid_string_random ();
  g_autofree char *text = g_strdup_printf (config, uuid, label, attributes);

  g_assert_cmpint (g_mkdir_with_parents (path, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, text, -1, NULL));
  return path;
}

static void
on_items_changed_cb (Fixture *fixture)
{
  fixture->emissions++;
}

static void
on_entry_changed_cb (Fixture *fixture)
{
  fixture->entry_changes++;
}

static void
open_library (Fixture *fixture)
{
  g_autoptr (ValiseHost) host = valise_host_new ("test:///default");

  fixture->library = valise_library_new (host, fixture->directory);
  fixture->emissions = fixture->entry_changes = 0;
  g_signal_connect_swapped (fixture->library, "items-changed", G_CALLBACK (on_items_changed_cb), fixture);
  g_signal_connect_swapped (fixture->library, "entry-changed", G_CALLBACK (on_entry_changed_cb), fixture);
}

/* Holds a directory for each case, so that no late news of one reaches the next, and "state", which stays where it is
 * because the environment may not change any more once there are threads. */
static char *base;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  static guint number;
  g_autofree char *name = g_strdup_printf ("case-%u", number++);

  fixture->root = g_build_filename (base, name, NULL);
  fixture->directory = g_build_filename (fixture->root, "machines", NULL);
  g_assert_cmpint (g_mkdir_with_parents (fixture->directory, 0700), ==, 0);
  open_library (fixture);
}

/* A thread that still reads for the library keeps it alive: the next case may begin only when it has gone. */
static void
close_library (Fixture *fixture)
{
  gpointer alive = fixture->library;

  g_signal_handlers_disconnect_by_data (fixture->library, fixture);
  g_object_add_weak_pointer (alive, &alive);
  g_clear_object (&fixture->library);
  /* Its last reference may go in that thread, which wakes nobody here. */
  while (alive != NULL)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autofree char *state = g_build_filename (base, "state", NULL);

  close_library (fixture);
  g_assert_true (valise_directory_remove (fixture->root, NULL));
  g_assert_true (valise_directory_remove (state, NULL));
  g_free (fixture->directory);
  g_free (fixture->root);
}

static gboolean
time_over_cb (gpointer over)
{
  *(gboolean *) over = TRUE;
  return G_SOURCE_REMOVE;
}

/* Runs the main loop until @condition; fails after a minute. */
#define RUN_UNTIL(condition)                                                                                           \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    gboolean over = FALSE;                                                                                             \
    guint id = g_timeout_add_seconds (60, time_over_cb, &over);                                                        \
    while (!(condition) && !over)                                                                                      \
      g_main_context_iteration (NULL, TRUE);                                                                           \
    g_assert_true (condition);                                                                                         \
    if (!over)                                                                                                         \
      g_source_remove (id);                                                                                            \
  }                                                                                                                    \
  G_STMT_END

static guint
count (Fixture *fixture)
{
  return g_list_model_get_n_items (G_LIST_MODEL (fixture->library));
}

static gboolean
is_scanned (Fixture *fixture)
{
  gboolean scanned;

  g_object_get (fixture->library, "scanned", &scanned, NULL);
  return scanned;
}

static void
start (Fixture *fixture)
{
  valise_library_start (fixture->library);
  RUN_UNTIL (is_scanned (fixture));
}

static const ValiseLibraryEntry *
entry (Fixture *fixture, guint position)
{
  return valise_library_get_entry (fixture->library, position);
}

static const ValiseLibraryEntry *
wait_for_facts (Fixture *fixture, guint position)
{
  valise_library_want_facts (fixture->library, entry (fixture, position));
  RUN_UNTIL (entry (fixture, position)->cpus > 0 || entry (fixture, position)->error != NULL);
  g_assert_cmpuint (fixture->entry_changes, >, 0);
  return entry (fixture, position);
}

/* --- cases --- */

static void
test_empty (Fixture *fixture, gconstpointer data)
{
  start (fixture);
  g_assert_cmpuint (count (fixture), ==, 0);
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (fixture->library), 0));
}

static void
test_no_directory (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_rmdir (fixture->directory), ==, 0);
  start (fixture);
  g_assert_cmpuint (count (fixture), ==, 0);
  g_object_get (fixture->library, "error", &error, NULL);
  g_assert_no_error (error);
}

static void
test_sorted_by_name (Fixture *fixture, gconstpointer data)
{
  static const char *const stems[] = { "vm 10", "vm 2", "Älpler", "alpha" };
  static const char *const others[] = { ".hidden.vmbundle", ".Name.vmbundle.partial", "notes", ".vmbundle" };

  for (guint i = 0; i < G_N_ELEMENTS (stems); i++)
    g_free (make_bundle (fixture->directory, stems[i], stems[i], ""));
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autofree char *path = g_build_filename (fixture->directory, others[i], NULL);

      g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
    }
  start (fixture);
  g_assert_cmpuint (count (fixture), ==, G_N_ELEMENTS (stems));
  g_assert_cmpuint (fixture->emissions, ==, 1);
  for (guint i = 0; i < count (fixture); i++)
    g_assert_null (entry (fixture, i)->machine);
  for (guint i = 1; i < count (fixture); i++)
    {
      g_autofree char *before = g_utf8_collate_key_for_filename (entry (fixture, i - 1)->name, -1);
      g_autofree char *after = g_utf8_collate_key_for_filename (entry (fixture, i)->name, -1);

      g_assert_cmpstr (before, <=, after);
    }
}

static void
test_facts (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = make_bundle (fixture->directory, "box", "My: box", " group='Work'");
  g_autofree char *saved = g_build_filename (path, "state", "suspend.save", NULL);
  g_autofree char *state = g_path_get_dirname (saved);
  const ValiseLibraryEntry *box;

  g_assert_cmpint (g_mkdir (state, 0700), ==, 0);
  g_assert_true (g_file_set_contents (saved, "x", 1, NULL));
  start (fixture);
  g_assert_cmpstr (entry (fixture, 0)->name, ==, "box");
  g_assert_cmpint (valise_library_entry_get_state (entry (fixture, 0)), ==, VALISE_MACHINE_UNREAD);
  box = wait_for_facts (fixture, 0);
  g_assert_cmpstr (box->name, ==, "My: box");
  g_assert_true (box->group == g_intern_static_string ("Work"));
  g_assert_cmpuint (box->cpus, ==, 2);
  g_assert_cmpuint (box->memory, ==, G_GUINT64_CONSTANT (4) << 30);
  g_assert_cmpint (box->suspended_at, >, 0);
  g_assert_cmpint (valise_library_entry_get_state (box), ==, VALISE_MACHINE_SUSPENDED);
  g_assert_null (box->machine);
}

static void
check_is_there (GListModel *library, guint position, guint removed, guint added, const char *path)
{
  g_assert_cmpuint (removed, ==, added);
  for (guint i = position; i < position + added; i++)
    if (g_str_equal (valise_library_get_entry (VALISE_LIBRARY (library), i)->path, path))
      return;
  g_assert_not_reached ();
}

/* A new name moves its line past others, and at no moment is the machine not in the list. */
static void
test_renamed_moves (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = make_bundle (fixture->directory, "a", "m", "");

  g_free (make_bundle (fixture->directory, "b", "b", ""));
  g_free (make_bundle (fixture->directory, "c", "c", ""));
  g_free (make_bundle (fixture->directory, "z", "z", ""));
  start (fixture);
  g_assert_cmpstr (entry (fixture, 0)->path, ==, path);
  g_signal_connect (fixture->library, "items-changed", G_CALLBACK (check_is_there), path);
  fixture->emissions = 0;
  valise_library_want_facts (fixture->library, entry (fixture, 0));
  RUN_UNTIL (g_str_equal (entry (fixture, 2)->path, path));
  g_assert_cmpstr (entry (fixture, 2)->name, ==, "m");
  g_assert_cmpuint (fixture->emissions, ==, 1);
  g_signal_handlers_disconnect_by_func (fixture->library, check_is_there, path);
}

/* Nobody looks at the rows, and the groups are known all the same. */
static void
test_groups_without_facts (Fixture *fixture, gconstpointer data)
{
  g_free (make_bundle (fixture->directory, "a", "a", " group='Play'"));
  g_free (make_bundle (fixture->directory, "b", "b", ""));
  start (fixture);
  RUN_UNTIL (entry (fixture, 0)->group != NULL);
  g_assert_cmpstr (entry (fixture, 0)->group, ==, "Play");
  g_assert_null (entry (fixture, 1)->group);
  g_assert_cmpuint (entry (fixture, 0)->cpus, ==, 0);
}

static void
test_broken_stays (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = make_bundle (fixture->directory, "bad", "bad", "");
  g_autofree char *file = g_build_filename (path, "config.xml", NULL);

  g_assert_true (g_file_set_contents (file, "<domain", -1, NULL));
  start (fixture);
  g_assert_cmpuint (count (fixture), ==, 1);
  g_assert_nonnull (wait_for_facts (fixture, 0)->error);
  g_assert_cmpint (valise_library_entry_get_state (entry (fixture, 0)), ==, VALISE_MACHINE_BROKEN);
  g_free (make_bundle (fixture->directory, "bad", "good", ""));
  valise_library_refresh (fixture->library, path);
  RUN_UNTIL (entry (fixture, 0)->error == NULL);
  g_assert_cmpstr (entry (fixture, 0)->name, ==, "good");
}

static void
test_watch (Fixture *fixture, gconstpointer data)
{
  g_autofree char *first = make_bundle (fixture->directory, "first", "first", "");
  g_autofree char *second = NULL;
  g_autofree char *renamed = g_build_filename (fixture->directory, "third.vmbundle", NULL);

  start (fixture);
  second = make_bundle (fixture->directory, "second", "second", "");
  RUN_UNTIL (count (fixture) == 2);
  g_assert_cmpint (g_rename (second, renamed), ==, 0);
  RUN_UNTIL (valise_library_find_entry (fixture->library, renamed) != NULL);
  g_assert_cmpuint (count (fixture), ==, 2);
  g_assert_true (valise_directory_remove (first, NULL));
  RUN_UNTIL (count (fixture) == 1);
  g_assert_cmpstr (entry (fixture, 0)->path, ==, renamed);
}

/* config.xml comes after the directory when a file manager copies one here. */
/* Its user has made no machine yet, and the first comes from another program. */
static void
test_directory_made_later (Fixture *fixture, gconstpointer data)
{
  g_autofree char *bundle = NULL;

  g_assert_cmpint (g_rmdir (fixture->directory), ==, 0);
  start (fixture);
  g_assert_cmpuint (count (fixture), ==, 0);
  bundle = make_bundle (fixture->directory, "first", "first", "");
  RUN_UNTIL (count (fixture) == 1);
  g_free (make_bundle (fixture->directory, "second", "second", ""));
  RUN_UNTIL (count (fixture) == 2);
}

static void
test_copied_slowly (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->directory, "slow.vmbundle", NULL);

  start (fixture);
  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  RUN_UNTIL (count (fixture) == 1);
  g_assert_nonnull (wait_for_facts (fixture, 0)->error);
  g_free (make_bundle (fixture->directory, "slow", "slow", ""));
  RUN_UNTIL (entry (fixture, 0)->error == NULL);
}

/* What is remembered, or NULL when that is nothing. */
static const char *
remembered (Fixture *fixture)
{
  g_autofree char *file = g_build_filename (base, "state", "library", NULL);
  g_autofree char *text = NULL;

  g_main_context_iteration (NULL, FALSE);
  if (!g_file_get_contents (file, &text, NULL, NULL) || *text == '\0')
    return NULL;
  return g_intern_string (text);
}

static void
test_elsewhere (Fixture *fixture, gconstpointer data)
{
  g_autofree char *place = g_build_filename (fixture->root, "stick", NULL);
  g_autofree char *path = make_bundle (place, "far", "far", "");
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseMachine) machine = NULL;

  start (fixture);
  machine = valise_library_open (fixture->library, path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (count (fixture), ==, 1);
  g_assert_true (valise_library_find_entry (fixture->library, path)->elsewhere);
  g_clear_object (&machine);
  RUN_UNTIL (remembered (fixture) != NULL);

  close_library (fixture);
  open_library (fixture);
  start (fixture);
  g_assert_cmpuint (count (fixture), ==, 1);
  machine = g_list_model_get_item (G_LIST_MODEL (fixture->library), 0);
  g_assert_cmpstr (valise_machine_get_path (machine), ==, path);
  valise_library_forget (fixture->library, machine);
  g_clear_object (&machine);
  g_assert_cmpuint (count (fixture), ==, 0);
  RUN_UNTIL (remembered (fixture) == NULL);

  close_library (fixture);
  open_library (fixture);
  start (fixture);
  g_assert_cmpuint (count (fixture), ==, 0);
}

static void
test_open_refuses (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (valise_library_open (fixture->library, fixture->directory, &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_NOT_A_BUNDLE);
  g_assert_cmpuint (count (fixture), ==, 0);
}

static void
test_find (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = make_bundle (fixture->directory, "one", "One label", "");
  g_autoptr (ValiseMachine) by_name = NULL;
  g_autoptr (ValiseMachine) by_label = NULL;
  g_autoptr (ValiseMachine) by_path = NULL;
  g_autoptr (GError) error = NULL;

  g_free (make_bundle (fixture->directory, "twin 1", "Twin", ""));
  g_free (make_bundle (fixture->directory, "twin 2", "Twin", ""));
  g_assert_true (valise_library_scan (fixture->library, NULL));
  by_name = valise_library_find (fixture->library, "one", NULL);
  by_label = valise_library_find (fixture->library, "One label", NULL);
  by_path = valise_library_find (fixture->library, path, NULL);
  g_assert_nonnull (by_name);
  g_assert_true (by_name == by_label && by_label == by_path);
  g_assert_null (valise_library_find (fixture->library, "Twin", &error));
  g_assert_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_AMBIGUOUS);
  g_clear_error (&error);
  g_assert_null (valise_library_find (fixture->library, "nobody", &error));
  g_assert_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_NOT_FOUND);
}

static gboolean
make_bundle_job (ValiseJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  g_autofree char *path = make_bundle (data, "made", "made", "");

  valise_job_set_result_path (job, path);
  return TRUE;
}

static gboolean
failing_job (ValiseJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "no");
  return FALSE;
}

static void
test_jobs (Fixture *fixture, gconstpointer data)
{
  GListModel *jobs = valise_library_get_jobs (fixture->library);
  g_autoptr (ValiseJob) good = valise_job_new ("good", make_bundle_job, fixture->directory, NULL);
  g_autoptr (ValiseJob) bad = valise_job_new ("bad", failing_job, NULL, NULL);

  start (fixture);
  valise_library_run_job (fixture->library, good);
  g_assert_cmpuint (g_list_model_get_n_items (jobs), ==, 1);
  RUN_UNTIL (g_list_model_get_n_items (jobs) == 0);
  g_assert_cmpuint (count (fixture), ==, 1);
  valise_library_run_job (fixture->library, bad);
  RUN_UNTIL (valise_job_get_state (bad) == VALISE_JOB_FAILED);
  g_assert_cmpuint (g_list_model_get_n_items (jobs), ==, 1);
  valise_library_dismiss_job (fixture->library, bad);
  g_assert_cmpuint (g_list_model_get_n_items (jobs), ==, 0);
}

static gsize
resident_bytes (void)
{
  g_autofree char *text = NULL;
  unsigned long size = 0, resident = 0;

  g_assert_true (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL));
  g_assert_cmpint (sscanf (text, "%lu %lu", &size, &resident), ==, 2);
  return resident * (gsize) sysconf (_SC_PAGESIZE);
}

/* What the sanitizer of addresses keeps beside each allocation, and for each thread, is no memory of ours. */
#ifdef __SANITIZE_ADDRESS__
#  define WEIGHS FALSE
#else
#  define WEIGHS TRUE
#endif

/* One change of the list for ten thousand bundles, nothing of them opened, and less than 2 KiB each. */
static void
test_ten_thousand (Fixture *fixture, gconstpointer data)
{
  const guint n = 10000;
  gsize before, after;

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s/machine %u.vmbundle", fixture->directory, i);

      g_assert_cmpint (g_mkdir (name, 0700), ==, 0);
    }
  before = resident_bytes ();
  start (fixture);
  after = resident_bytes ();
  g_assert_cmpuint (count (fixture), ==, n);
  g_assert_cmpuint (fixture->emissions, ==, 1);
  g_assert_cmpstr (entry (fixture, 2)->name, ==, "machine 2");
  g_test_message ("%.0f bytes for each bundle", (after - before) / (double) n);
  if (WEIGHS)
    g_assert_cmpuint (after - before, <, n * 2048);
}

#define CASE(name, function) g_test_add ("/engine/library/" name, Fixture, NULL, set_up, function, tear_down)

static void
make_base (void)
{
  g_autofree char *made = g_dir_make_tmp ("valise-library-XXXXXX", NULL);
  g_autofree char *state = NULL;

  base = realpath (made, NULL);
  state = g_build_filename (base, "state", NULL);
  g_setenv ("VALISE_STATE_DIR", state, TRUE);
}

int
main (int argc, char **argv)
{
  int failed;

  make_base ();
  g_test_init (&argc, &argv, NULL);
  g_test_summary ("The library scans names only, watches its directory, and keeps what is broken or elsewhere");
  CASE ("empty", test_empty);
  CASE ("no-directory", test_no_directory);
  CASE ("sorted-by-name", test_sorted_by_name);
  CASE ("facts", test_facts);
  CASE ("renamed-moves", test_renamed_moves);
  CASE ("groups-without-facts", test_groups_without_facts);
  CASE ("broken-stays", test_broken_stays);
  CASE ("watch", test_watch);
  CASE ("directory-made-later", test_directory_made_later);
  CASE ("copied-slowly", test_copied_slowly);
  CASE ("elsewhere", test_elsewhere);
  CASE ("open-refuses", test_open_refuses);
  CASE ("find", test_find);
  CASE ("jobs", test_jobs);
  CASE ("ten-thousand", test_ten_thousand);
  failed = g_test_run ();
  g_assert_true (valise_directory_remove (base, NULL));
  free (base);
  return failed;
}
