/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hostile-set.h"

#include <string.h>
#include <sys/stat.h>

static void add_folder (GString *listing, const char *path);

static void
add_entry (GString *listing, const char *path)
{
  struct stat st;

  g_assert_cmpint (lstat (path, &st), ==, 0);
  g_string_append_printf (listing, "%s %o %" G_GINT64_FORMAT " %" G_GINT64_FORMAT ".%ld %lu\n", path, st.st_mode,
                          (gint64) st.st_size, (gint64) st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
                          (unsigned long) st.st_nlink);
  if (S_ISDIR (st.st_mode))
    add_folder (listing, path);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
add_folder (GString *listing, const char *path)
{
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  g_assert_nonnull (directory);
  while ((name = g_dir_read_name (directory)) != NULL)
    g_ptr_array_add (names, g_build_filename (path, name, NULL));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    add_entry (listing, names->pdata[i]);
}

char *
hostile_set_list (const char *root)
{
  GString *listing = g_string_new (NULL);

  add_folder (listing, root);
  return g_string_free (listing, FALSE);
}

char *
hostile_set_make (void)
{
  char *root = g_dir_make_tmp ("hostile-XXXXXX", NULL);
  g_autofree char *maker = g_test_build_filename (G_TEST_DIST, "formats", "hostile", "make-hostile.py", NULL);
  const char *const argv[] = { "python3", maker, root, NULL };
  g_autoptr (GError) error = NULL;
  int status = 0;

  g_assert_nonnull (root);
  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
  return root;
}

void
hostile_set_remove (const char *root)
{
  const char *const argv[] = { "rm", "-rf", root, NULL };

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
}

guint
hostile_set_each (const char *root, HostileSetFunc look, gpointer data)
{
  g_autofree char *path = g_build_filename (root, "table", NULL);
  g_autofree char *table = NULL;
  gsize length;
  guint rows = 0;

  g_assert_true (g_file_get_contents (path, &table, &length, NULL));
  for (const char *row = table; row < table + length; row += strlen (row) + 1, rows++)
    {
      g_auto (GStrv) fields = g_strsplit (row, "\t", 3);
      g_autofree char *opened = NULL;

      g_assert_cmpuint (g_strv_length (fields), ==, 3);
      opened = g_build_filename (root, fields[1], NULL);
      look (fields[0], opened, fields[2], data);
    }
  return rows;
}
