/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "place.h"

#include "base/valise-path.h"

void
place_begin (Place *self, const char *name)
{
  self->directory = g_dir_make_tmp ("v-XXXXXX", NULL);
  self->file = g_build_filename (self->directory, name, NULL);
}

void
place_tear_down (Place *self, gconstpointer unused)
{
  g_assert_true (valise_directory_remove (self->directory, NULL));
  g_assert_false (g_file_test (self->directory, G_FILE_TEST_EXISTS));
  g_free (self->directory);
  g_free (self->file);
}

guint
place_count (const char *directory)
{
  g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

void
place_run (const char *directory, const char *command)
{
  const char *argv[] = { "/bin/sh", "-ec", command, NULL };
  g_autoptr (GError) error = NULL;
  int status = -1;

  g_spawn_sync (directory, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
}
