/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-iso-finder.h"

#include <string.h>

#define MOST 12

typedef struct
{
  char *path;
  gint64 time;
} Found;

static void
found_free (gpointer data)
{
  Found *found = data;

  g_free (found->path);
  g_free (found);
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  const Found *one = *(Found *const *) a, *other = *(Found *const *) b;

  return one->time > other->time ? -1 : one->time < other->time;
}

static void
look_at (GPtrArray *all, GFile *directory, GFileInfo *info)
{
  const char *name = g_file_info_get_name (info);
  g_autofree char *lower = g_ascii_strdown (name, -1);
  g_autoptr (GFile) file = g_file_get_child (directory, name);
  Found *found;

  if (!g_str_has_suffix (lower, ".iso") || g_file_info_get_file_type (info) != G_FILE_TYPE_REGULAR)
    return;
  found = g_new0 (Found, 1);
  found->path = g_file_get_path (file);
  found->time = (gint64) g_file_info_get_attribute_uint64 (info, G_FILE_ATTRIBUTE_TIME_MODIFIED);
  g_ptr_array_add (all, found);
}

static void
find_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const char *downloads = g_get_user_special_dir (G_USER_DIRECTORY_DOWNLOAD);
  g_autofree char *path =
      downloads != NULL ? g_strdup (downloads) : g_build_filename (g_get_home_dir (), "Downloads", NULL);
  g_autoptr (GFile) directory = g_file_new_for_path (path);
  g_autoptr (GFileEnumerator) files =
      g_file_enumerate_children (directory, "standard::name,standard::type,time::modified", G_FILE_QUERY_INFO_NONE,
                                 cancellable, NULL);
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (found_free);
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  GFileInfo *info;

  while (files != NULL && g_file_enumerator_iterate (files, &info, NULL, cancellable, NULL) && info != NULL)
    look_at (all, directory, info);
  g_ptr_array_sort (all, compare_times);
  for (guint i = 0; i < MIN (all->len, MOST); i++)
    g_ptr_array_add (paths, g_strdup (((Found *) g_ptr_array_index (all, i))->path));
  g_task_return_pointer (task, paths, (GDestroyNotify) g_ptr_array_unref);
}

void
valise_iso_finder_find_async (GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_run_in_thread (task, find_in_thread);
}

GPtrArray *
valise_iso_finder_find_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
