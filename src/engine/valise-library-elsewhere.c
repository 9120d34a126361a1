/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-library-elsewhere-private.h"

#include "base/valise-path.h"
#include "engine/valise-library-private.h"

struct _ValiseElsewhere
{
  char *directory;
  GPtrArray *paths;
  GMutex mutex; /* held to write; the thread that saves reads */
};

static void
elsewhere_clear (gpointer data)
{
  ValiseElsewhere *self = data;

  g_free (self->directory);
  g_ptr_array_unref (self->paths);
  g_mutex_clear (&self->mutex);
}

static char *
state_file (void)
{
  g_autofree char *directory = valise_state_directory ();

  return g_build_filename (directory, "library", NULL);
}

static gpointer
copy_path (gconstpointer path, gpointer unused)
{
  return g_strdup (path);
}

static void
save_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  static GMutex one_writer;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&one_writer);
  g_autoptr (GError) error = NULL;

  /* The newest list, whichever thread comes first. */
  if (_valise_elsewhere_save (data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

ValiseElsewhere *
_valise_elsewhere_new (const char *directory)
{
  ValiseElsewhere *self = g_atomic_rc_box_new0 (ValiseElsewhere);

  self->directory = g_strdup (directory);
  self->paths = g_ptr_array_new_with_free_func (g_free);
  g_mutex_init (&self->mutex);
  return self;
}

void
_valise_elsewhere_unref (ValiseElsewhere *self)
{
  g_atomic_rc_box_release_full (self, elsewhere_clear);
}

void
_valise_elsewhere_load (ValiseElsewhere *self)
{
  g_autofree char *file = state_file ();
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (file, &text, NULL, NULL))
    return;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autofree char *path = g_filename_from_uri (g_strstrip (lines[i]), NULL, NULL);

      if (path != NULL)
        _valise_elsewhere_add (self, path);
    }
}

GPtrArray *
_valise_elsewhere_list (ValiseElsewhere *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  GPtrArray *paths = g_ptr_array_copy (self->paths, copy_path, NULL);

  g_ptr_array_set_free_func (paths, g_free);
  return paths;
}

gboolean
_valise_elsewhere_contains (ValiseElsewhere *self, const char *path)
{
  return g_ptr_array_find_with_equal_func (self->paths, path, g_str_equal, NULL);
}

gboolean
_valise_elsewhere_add (ValiseElsewhere *self, const char *path)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  if (_valise_library_is_in_directory (self->directory, path) || _valise_elsewhere_contains (self, path))
    return FALSE;
  g_ptr_array_add (self->paths, g_strdup (path));
  return TRUE;
}

void
_valise_elsewhere_remove (ValiseElsewhere *self, const char *path)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  guint position;

  if (g_ptr_array_find_with_equal_func (self->paths, path, g_str_equal, &position))
    g_ptr_array_remove_index (self->paths, position);
}

gboolean
_valise_elsewhere_save (ValiseElsewhere *self, GError **error)
{
  g_autoptr (GPtrArray) paths = _valise_elsewhere_list (self);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *file = state_file ();

  for (guint i = 0; i < paths->len; i++)
    {
      g_autofree char *uri = g_filename_to_uri (g_ptr_array_index (paths, i), NULL, NULL);

      if (uri != NULL)
        g_string_append_printf (text, "%s\n", uri);
    }
  return valise_file_replace (file, text->str, text->len, 0600, error);
}

void
_valise_elsewhere_save_async (ValiseElsewhere *self, GObject *source, GAsyncReadyCallback callback)
{
  g_autoptr (GTask) task = g_task_new (source, NULL, callback, NULL);

  g_task_set_source_tag (task, _valise_elsewhere_save_async);
  g_task_set_task_data (task, g_atomic_rc_box_acquire (self), (GDestroyNotify) _valise_elsewhere_unref);
  g_task_run_in_thread (task, save_thread);
}

gboolean
_valise_elsewhere_save_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
