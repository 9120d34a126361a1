/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-free-space.h"

/* The folder may not be there yet; what is free is told by the nearest one above that is. */
void
valise_free_space_ask_async (const char *directory,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autofree char *path = g_strdup (directory);
  g_autoptr (GFile) file = NULL;

  while (!g_file_test (path, G_FILE_TEST_IS_DIR) && !g_str_equal (path, "/") && !g_str_equal (path, "."))
    {
      char *parent = g_path_get_dirname (path);
      g_free (path);
      path = parent;
    }
  file = g_file_new_for_path (path);
  g_file_query_filesystem_info_async (file, G_FILE_ATTRIBUTE_FILESYSTEM_FREE, G_PRIORITY_DEFAULT, cancellable, callback,
                                      user_data);
}

guint64
valise_free_space_ask_finish (GObject *source, GAsyncResult *result)
{
  g_autoptr (GFileInfo) info = g_file_query_filesystem_info_finish (G_FILE (source), result, NULL);

  return info != NULL ? g_file_info_get_attribute_uint64 (info, G_FILE_ATTRIBUTE_FILESYSTEM_FREE) : 0;
}
