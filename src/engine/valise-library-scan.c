/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-library-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

gboolean
_valise_library_is_bundle_name (const char *name)
{
  return name[0] != '.' && g_str_has_suffix (name, VALISE_BUNDLE_SUFFIX)
         && strlen (name) > strlen (VALISE_BUNDLE_SUFFIX);
}

gboolean
_valise_library_is_in_directory (const char *directory, const char *path)
{
  g_autofree char *parent = g_path_get_dirname (path);
  g_autofree char *base = g_path_get_basename (path);

  return strcmp (parent, directory) == 0 && _valise_library_is_bundle_name (base);
}

GPtrArray *
_valise_library_list (const char *directory, GPtrArray *elsewhere, GError **error)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func ((GDestroyNotify) _valise_library_entry_free);
  g_autoptr (GError) local = NULL;
  GDir *dir = g_dir_open (directory, 0, &local);
  const char *name;

  if (dir == NULL && !g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&local), _ ("The library cannot be read: "));
      return NULL;
    }
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (_valise_library_is_bundle_name (name))
      {
        g_autofree char *path = g_build_filename (directory, name, NULL);

        g_ptr_array_add (entries, _valise_library_entry_new (path, FALSE));
      }
  g_clear_pointer (&dir, g_dir_close);
  for (guint i = 0; elsewhere != NULL && i < elsewhere->len; i++)
    g_ptr_array_add (entries, _valise_library_entry_new (g_ptr_array_index (elsewhere, i), TRUE));
  if (entries->len > 1)
    _valise_library_sort (entries);
  return g_steal_pointer (&entries);
}

/* --- in a thread --- */

typedef struct
{
  char *directory;
  GPtrArray *elsewhere;
} ScanTask;

static void
scan_task_free (ScanTask *scan)
{
  g_free (scan->directory);
  g_ptr_array_unref (scan->elsewhere);
  g_free (scan);
}

static void
scan_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  ScanTask *scan = data;
  g_autoptr (GError) error = NULL;
  GPtrArray *entries = _valise_library_list (scan->directory, scan->elsewhere, &error);

  if (entries != NULL)
    g_task_return_pointer (task, entries, (GDestroyNotify) g_ptr_array_unref);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

void
_valise_library_list_async (ValiseLibrary *library,
                            GPtrArray *elsewhere,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback)
{
  g_autoptr (GTask) task = g_task_new (library, cancellable, callback, NULL);
  ScanTask *scan = g_new0 (ScanTask, 1);

  scan->directory = g_strdup (valise_library_get_directory (library));
  scan->elsewhere = elsewhere;
  g_task_set_source_tag (task, _valise_library_list_async);
  g_task_set_task_data (task, scan, (GDestroyNotify) scan_task_free);
  g_task_run_in_thread (task, scan_thread);
}

GPtrArray *
_valise_library_list_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
peeked_group_clear (gpointer data)
{
  g_free (((ValisePeekedGroup *) data)->path);
}

static void
peek_groups_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GPtrArray *paths = data;
  g_autoptr (GArray) groups = g_array_new (FALSE, FALSE, sizeof (ValisePeekedGroup));

  g_array_set_clear_func (groups, peeked_group_clear);
  for (guint i = 0; i < paths->len && !g_cancellable_is_cancelled (cancellable); i++)
    {
      const char *group = _valise_library_peek_group (g_ptr_array_index (paths, i));
      ValisePeekedGroup peeked = { NULL, group };

      if (group == NULL)
        continue;
      peeked.path = g_strdup (g_ptr_array_index (paths, i));
      g_array_append_val (groups, peeked);
    }
  g_task_return_pointer (task, g_steal_pointer (&groups), (GDestroyNotify) g_array_unref);
}

void
_valise_library_peek_groups_async (ValiseLibrary *library,
                                   GPtrArray *paths,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback)
{
  g_autoptr (GTask) task = g_task_new (library, cancellable, callback, NULL);

  g_task_set_source_tag (task, _valise_library_peek_groups_async);
  g_task_set_priority (task, G_PRIORITY_LOW);
  g_task_set_task_data (task, paths, (GDestroyNotify) g_ptr_array_unref);
  g_task_run_in_thread (task, peek_groups_thread);
}

GArray *
_valise_library_peek_groups_finish (GAsyncResult *result)
{
  return g_task_propagate_pointer (G_TASK (result), NULL);
}
