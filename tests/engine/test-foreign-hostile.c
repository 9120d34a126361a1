/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The hostile set, brought in for good: whatever comes of a row, nothing that lies outside of it is in any machine,
 * nothing is left of what failed, and the row is as it was. */
#include "base/valise-path.h"
#include "engine/valise-foreign-job.h"
#include "formats/valise-reader.h"
#include "hostile-set.h"

#include <string.h>

/* Long before it the machine would be full. */
#define DISK_READ_MOST (G_GUINT64_CONSTANT (64) << 20)
#define PIECE 65536

typedef struct
{
  char *set;
  char *root;
  char *machines;
  ValiseLibrary *library;
  guint came_in;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (ValiseHost) host = valise_host_new ("test:///default");
  g_autofree char *state = NULL;

  self->set = hostile_set_make ();
  self->root = g_dir_make_tmp ("v-XXXXXX", NULL);
  self->machines = g_build_filename (self->root, "machines", NULL);
  state = g_build_filename (self->root, "state", NULL);
  g_setenv ("VALISE_STATE_DIR", state, TRUE);
  self->library = valise_library_new (host, self->machines);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_clear_object (&self->library);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  hostile_set_remove (self->set);
  g_assert_true (valise_directory_remove (self->root, NULL));
  g_free (self->set);
  g_free (self->root);
  g_free (self->machines);
}

/* --- what came of it --- */

static gboolean
holds (const char *path, const char *token)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GInputStream) stream = G_INPUT_STREAM (g_file_read (file, NULL, NULL));
  g_autofree char *buffer = g_malloc (PIECE);
  gsize kept = 0, got = 0;

  for (guint64 at = 0; stream != NULL && at < DISK_READ_MOST; at += got)
    {
      if (!g_input_stream_read_all (stream, buffer + kept, PIECE - kept, &got, NULL, NULL) || got == 0)
        return FALSE;
      if (memmem (buffer, kept + got, token, strlen (token)) != NULL)
        return TRUE;
      kept = MIN (kept + got, strlen (token));
      memmove (buffer, buffer + PIECE - kept, kept);
    }
  return FALSE;
}

static void
check_machine (Fixture *self, const char *name, const char *folder)
{
  g_autoptr (GDir) directory = g_dir_open (folder, 0, NULL);
  const char *entry;

  while (directory != NULL && (entry = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, entry, NULL);

      g_assert_false (g_file_test (path, G_FILE_TEST_IS_SYMLINK));
      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        check_machine (self, name, path);
      /* Nor does it name what lies there. */
      else if (holds (path, HOSTILE_SET_TOKEN) || (g_str_equal (entry, "config.xml") && holds (path, self->set)))
        g_error ("%s: %s holds what it must not", name, path);
    }
}

static gboolean
is_empty (const char *folder)
{
  g_autoptr (GDir) directory = g_dir_open (folder, 0, NULL);

  return directory == NULL || g_dir_read_name (directory) == NULL;
}

/* @blueprint: (transfer full) */
static void
bring_in (Fixture *self, const char *name, ValisePackage *package, ValiseBlueprint *blueprint)
{
  gboolean ready = valise_blueprint_get_outcome (blueprint) == VALISE_BLUEPRINT_IMPORTS;
  g_autoptr (ValiseJob) job =
      valise_foreign_job_new (self->library, package, valise_import_choices_new (blueprint, VALISE_MAC_NEW), NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;

  if (!valise_job_run_sync (job, &error))
    {
      g_test_message ("%s: %s", name, error->message);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      g_assert_null (strstr (error->message, HOSTILE_SET_TOKEN));
      g_assert_true (is_empty (self->machines));
      g_assert_false (g_str_has_prefix (name, "harmless-"));
      return;
    }
  if (!ready)
    g_error ("%s came in though it was not ready for it", name);
  path = valise_job_dup_result_path (job);
  check_machine (self, name, path);
  g_assert_true (valise_directory_remove (path, NULL));
  g_assert_true (is_empty (self->machines));
  self->came_in++;
}

static void
check_row (const char *name, const char *path, const char *outcome, gpointer data)
{
  g_autoptr (ValisePackage) package = valise_package_open (path, NULL);
  g_autoptr (GPtrArray) machines = package != NULL ? valise_reader_read_package (package, NULL, NULL, NULL) : NULL;

  if (machines != NULL)
    g_ptr_array_set_free_func (machines, NULL);
  for (guint i = 0; machines != NULL && i < machines->len; i++)
    bring_in (data, name, package, machines->pdata[i]);
}

static void
test_set (Fixture *self, gconstpointer data)
{
  g_autofree char *before = hostile_set_list (self->set), *after = NULL;
  g_autofree char *secret = g_build_filename (self->set, "canary", "secret", NULL);

  /* It would be found. */
  g_assert_true (holds (secret, HOSTILE_SET_TOKEN));
  hostile_set_each (self->set, check_row, self);
  after = hostile_set_list (self->set);
  g_assert_true (g_str_equal (before, after));
  /* Those that only look dangerous, and those whose wishes are left out. */
  g_assert_cmpuint (self->came_in, >, 60);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/engine/foreign-hostile/set", Fixture, NULL, set_up, test_set, tear_down);
  return g_test_run ();
}
