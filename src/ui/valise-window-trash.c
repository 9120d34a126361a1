/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-window-private.h"

#include <glib/gi18n-lib.h>

#include "engine/valise-jobs.h"

/* --- Trash and back --- */

typedef struct
{
  ValiseWindow *window;
  GPtrArray *machines; /* to be trashed */
  GPtrArray *paths;    /* trashed, or to be brought back */
  char *name;          /* of the last one that was trashed */
  GPtrArray *errors;
} TrashWork;

static void
trash_work_free (TrashWork *work)
{
  g_object_unref (work->window);
  g_ptr_array_unref (work->machines);
  g_ptr_array_unref (work->paths);
  g_ptr_array_unref (work->errors);
  g_free (work->name);
  g_free (work);
}

static TrashWork *
trash_work_new (ValiseWindow *self)
{
  TrashWork *work = g_new0 (TrashWork, 1);

  work->window = g_object_ref (self);
  work->machines = g_ptr_array_new_with_free_func (g_object_unref);
  work->paths = g_ptr_array_new_with_free_func (g_free);
  work->errors = g_ptr_array_new_with_free_func ((GDestroyNotify) g_error_free);
  return work;
}

/* All in one notice: of many, the first would be pushed out by those behind it. */
static void
say_errors (ValiseWindow *self, GPtrArray *errors)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < errors->len; i++)
    {
      const GError *error = g_ptr_array_index (errors, i);

      g_string_append_printf (text, "%s%s", i > 0 ? "\n" : "", error->message);
    }
  if (text->len > 0)
    valise_notice_bar_say (self->notices, GTK_MESSAGE_ERROR, text->str);
}

static void
untrash_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  TrashWork *work = data;

  for (guint i = 0; i < work->paths->len; i++)
    {
      GError *error = NULL;

      if (!valise_machine_untrash (g_ptr_array_index (work->paths, i), NULL, &error))
        g_ptr_array_add (work->errors, error);
    }
  g_task_return_boolean (task, TRUE);
}

static void
untrashed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  TrashWork *work = g_task_get_task_data (G_TASK (result));
  ValiseWindow *self = work->window;

  say_errors (self, work->errors);
  for (guint i = 0; self->library != NULL && i < work->paths->len; i++)
    {
      g_autoptr (ValiseMachine) machine = valise_library_open (self->library, g_ptr_array_index (work->paths, i), NULL);

      if (machine != NULL && i + 1 == work->paths->len)
        valise_window_show_machine (self, machine, FALSE);
    }
}

static gboolean
is_there (const char *path)
{
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* What is back by another way (brought in again, say) stays as it is. */
static void
undo_trash (gpointer data)
{
  TrashWork *done = data;
  TrashWork *work = trash_work_new (done->window);
  g_autoptr (GTask) task = g_task_new (work->window, NULL, untrashed_cb, NULL);

  for (guint i = 0; i < done->paths->len; i++)
    if (!is_there (g_ptr_array_index (done->paths, i)))
      g_ptr_array_add (work->paths, g_strdup (g_ptr_array_index (done->paths, i)));
  g_task_set_source_tag (task, undo_trash);
  g_task_set_task_data (task, work, (GDestroyNotify) trash_work_free);
  g_task_run_in_thread (task, untrash_thread);
}

static void
trash_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  TrashWork *work = data;

  for (guint i = 0; i < work->machines->len; i++)
    {
      ValiseMachine *machine = g_ptr_array_index (work->machines, i);
      g_autofree char *path = g_strdup (valise_machine_get_path (machine));
      GError *error = NULL;

      if (!valise_machine_trash (machine, NULL, &error))
        {
          g_ptr_array_add (work->errors, error);
          continue;
        }
      g_ptr_array_add (work->paths, g_steal_pointer (&path));
      g_free (work->name);
      work->name = g_strdup (valise_machine_get_name (machine));
    }
  g_task_return_boolean (task, TRUE);
}

static TrashWork *
copy_paths (TrashWork *work)
{
  TrashWork *copy = trash_work_new (work->window);

  for (guint i = 0; i < work->paths->len; i++)
    g_ptr_array_add (copy->paths, g_strdup (g_ptr_array_index (work->paths, i)));
  return copy;
}

static void
trashed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  TrashWork *work = g_task_get_task_data (G_TASK (result));
  g_autofree char *text = NULL;
  guint n = work->paths->len;

  say_errors (work->window, work->errors);
  if (n == 0)
    return;
  if (n == 1)
    text = g_strdup_printf (_ ("“%s” was moved to the Trash."), work->name);
  else
    text =
        g_strdup_printf (ngettext ("%u machine was moved to the Trash.", "%u machines were moved to the Trash.", n), n);
  valise_notice_bar_offer (work->window->notices, GTK_MESSAGE_INFO, text, _ ("_Undo"), undo_trash, copy_paths (work),
                           (GDestroyNotify) trash_work_free);
}

static void
on_delete_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ValiseWindow *self = data;
  TrashWork *work = trash_work_new (self);
  g_autoptr (GTask) task = g_task_new (self, NULL, trashed_cb, NULL);

  for (guint i = 0; i < self->selected->len; i++)
    g_ptr_array_add (work->machines, g_object_ref (g_ptr_array_index (self->selected, i)));
  g_task_set_source_tag (task, on_delete_cb);
  g_task_set_task_data (task, work, (GDestroyNotify) trash_work_free);
  g_task_run_in_thread (task, trash_thread);
}

static void
on_undo_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  valise_notice_bar_take_up (((ValiseWindow *) data)->notices, undo_trash);
}

static gboolean
is_undone (gpointer data)
{
  TrashWork *done = data;

  for (guint i = 0; i < done->paths->len; i++)
    if (!is_there (g_ptr_array_index (done->paths, i)))
      return FALSE;
  return TRUE;
}

void
_valise_window_review_trash (ValiseWindow *self)
{
  valise_notice_bar_withdraw (self->notices, undo_trash, is_undone);
}

static const GActionEntry entries[] = {
  { .name = "delete", .activate = on_delete_cb },
};

static const GActionEntry window_entries[] = {
  { .name = "undo", .activate = on_undo_cb },
};

void
_valise_window_add_trash_actions (ValiseWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self->machine_actions), entries, G_N_ELEMENTS (entries), self);
  g_action_map_add_action_entries (G_ACTION_MAP (self), window_entries, G_N_ELEMENTS (window_entries), self);
}
