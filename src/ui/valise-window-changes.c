/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-window-private.h"

#include <glib/gi18n-lib.h>

#include "base/valise-path.h"
#include "bundle/valise-in-use.h"
#include "bundle/valise-lock.h"
#include "engine/valise-jobs.h"
#include "ui/valise-name-dialog.h"

#define KNOB_NAME "metadata/valise:machine/@name"
#define KNOB_GROUP "metadata/valise:machine/@group"

/* --- one knob of several machines --- */

static void
applied_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (ValiseWindow) self = data;
  ValiseMachine *machine = VALISE_MACHINE (source);
  g_autoptr (GError) error = NULL;

  if (!valise_machine_apply_finish (machine, result, NULL, &error))
    valise_notice_bar_say_error (self->notices, valise_machine_get_name (machine), error);
  else if (self->library != NULL)
    valise_library_refresh (self->library, valise_machine_get_path (machine));
}

/* @value %NULL or empty takes the knob away. */
static void
change_knob (ValiseWindow *self, ValiseMachine *machine, const char *knob, const char *value)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseDocument) draft = NULL;
  gboolean set;

  if (!valise_machine_load (machine, FALSE, &error))
    {
      valise_notice_bar_say_error (self->notices, valise_machine_get_name (machine), error);
      return;
    }
  draft = valise_document_copy (valise_machine_get_document (machine));
  set = value != NULL && *value != '\0' ? valise_document_set (draft, knob, value, &error)
                                        : valise_document_unset (draft, knob, &error);
  if (!set)
    valise_notice_bar_say_error (self->notices, valise_machine_get_name (machine), error);
  else
    valise_machine_apply_async (machine, draft, self->cancellable, applied_cb, g_object_ref (self));
}

void
_valise_window_set_group (ValiseWindow *self, const char *group)
{
  g_autoptr (GPtrArray) machines = g_ptr_array_copy (self->selected, (GCopyFunc) (void (*) (void)) g_object_ref, NULL);

  g_ptr_array_set_free_func (machines, g_object_unref);
  for (guint i = 0; i < machines->len; i++)
    change_knob (self, g_ptr_array_index (machines, i), KNOB_GROUP, group);
}

static void
on_group_named_cb (ValiseNameDialog *dialog, const char *name, ValiseWindow *self)
{
  _valise_window_set_group (self, name);
}

static void
on_group_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ValiseWindow *self = data;
  g_autoptr (GPtrArray) groups = valise_machine_list_list_groups (self->machine_list);
  ValiseMachine *machine = _valise_window_get_machine (self);
  const ValiseLibraryEntry *entry =
      machine != NULL ? valise_library_find_entry (self->library, valise_machine_get_path (machine)) : NULL;
  GtkWidget *dialog = valise_name_dialog_new (GTK_WINDOW (self), _ ("Move to Group"), _ ("_Group"), _ ("_Move"));

  valise_name_dialog_set_name (VALISE_NAME_DIALOG (dialog), entry != NULL ? entry->group : NULL);
  valise_name_dialog_set_choices (VALISE_NAME_DIALOG (dialog), groups, _ ("An empty name takes it out of its group."));
  g_signal_connect_object (dialog, "named", G_CALLBACK (on_group_named_cb), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
on_renamed_cb (ValiseNameDialog *dialog, const char *name, ValiseWindow *self)
{
  ValiseMachine *machine = g_object_get_data (G_OBJECT (dialog), "valise-machine");

  change_knob (self, machine, KNOB_NAME, name);
}

static void
on_rename_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ValiseWindow *self = data;
  ValiseMachine *machine = _valise_window_get_machine (self);
  GtkWidget *dialog;

  if (machine == NULL)
    return;
  dialog = valise_name_dialog_new (GTK_WINDOW (self), _ ("Rename"), _ ("_Name"), _ ("_Rename"));
  g_object_set_data_full (G_OBJECT (dialog), "valise-machine", g_object_ref (machine), g_object_unref);
  valise_name_dialog_set_name (VALISE_NAME_DIALOG (dialog), valise_machine_get_name (machine));
  valise_name_dialog_set_required (VALISE_NAME_DIALOG (dialog));
  g_signal_connect_object (dialog, "named", G_CALLBACK (on_renamed_cb), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* --- undo of the last change --- */

static gboolean
undo_change (const char *path, GError **error)
{
  g_autoptr (ValiseLock) lock = valise_lock_take (path, "editing", error);
  g_autoptr (ValiseBundle) bundle = NULL;
  g_autoptr (GError) local = NULL;

  if (lock == NULL || !valise_bundle_check_unused (path, error))
    return FALSE;
  bundle = valise_bundle_open (path, &local);
  if (bundle != NULL)
    return valise_bundle_undo (bundle, error);
  if (g_error_matches (local, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_DAMAGED))
    {
      bundle = valise_bundle_restore (path, error);
      return bundle != NULL;
    }
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static void
undo_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;

  if (undo_change (data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
undone_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  ValiseWindow *self = VALISE_WINDOW (source);
  g_autoptr (ValiseMachine) machine = data;
  g_autoptr (GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error) || !valise_machine_load (machine, TRUE, &error))
    valise_notice_bar_say_error (self->notices, valise_machine_get_name (machine), error);
  else
    valise_notice_bar_say (self->notices, GTK_MESSAGE_INFO,
                           _ ("The settings are as they were before the last change."));
  if (self->library == NULL)
    return;
  valise_library_refresh (self->library, valise_machine_get_path (machine));
  if (self->machine_page != NULL)
    valise_machine_page_refresh (self->machine_page);
}

static void
on_undo_change_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ValiseWindow *self = data;
  ValiseMachine *machine = _valise_window_get_machine (self);
  g_autoptr (GTask) task = NULL;

  if (machine == NULL)
    return;
  task = g_task_new (self, self->cancellable, undone_cb, g_object_ref (machine));
  g_task_set_source_tag (task, on_undo_change_cb);
  g_task_set_task_data (task, g_strdup (valise_machine_get_path (machine)), g_free);
  g_task_run_in_thread (task, undo_thread);
}

/* --- export --- */

static void
on_export_response_cb (GtkNativeDialog *dialog, int response, ValiseWindow *self)
{
  ValiseMachine *machine = g_object_get_data (G_OBJECT (dialog), "valise-machine");
  g_autofree char *target = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    target = gtk_file_chooser_get_filename (GTK_FILE_CHOOSER (dialog));
  gtk_native_dialog_destroy (dialog);
  if (target != NULL)
    {
      g_autoptr (ValiseJob) job = NULL;

      if (!g_str_has_suffix (target, VALISE_BUNDLE_ARCHIVE_SUFFIX) && !g_str_has_suffix (target, VALISE_BUNDLE_SUFFIX))
        {
          g_autofree char *bare = g_steal_pointer (&target);

          target = g_strconcat (bare, VALISE_BUNDLE_ARCHIVE_SUFFIX, NULL);
        }
      job = valise_export_job_new (machine, target);
      valise_library_run_job (self->library, job);
    }
  g_object_unref (dialog);
}

static void
add_filter (GtkFileChooser *chooser, const char *name, const char *pattern)
{
  GtkFileFilter *filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, name);
  gtk_file_filter_add_pattern (filter, pattern);
  gtk_file_chooser_add_filter (chooser, filter);
}

static void
on_export_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ValiseWindow *self = data;
  ValiseMachine *machine = _valise_window_get_machine (self);
  GtkFileChooserNative *dialog;
  g_autofree char *stem = NULL;
  g_autofree char *name = NULL;

  if (machine == NULL)
    return;
  dialog = gtk_file_chooser_native_new (_ ("Export the Machine"), GTK_WINDOW (self), GTK_FILE_CHOOSER_ACTION_SAVE,
                                        _ ("_Export"), NULL);
  stem = valise_path_name_from_label (valise_machine_get_name (machine));
  name = g_strconcat (stem, VALISE_BUNDLE_ARCHIVE_SUFFIX, NULL);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);
  gtk_file_chooser_set_do_overwrite_confirmation (GTK_FILE_CHOOSER (dialog), TRUE);
  add_filter (GTK_FILE_CHOOSER (dialog), _ ("Machine in one file (.vmbundle.tar.zst)"),
              "*" VALISE_BUNDLE_ARCHIVE_SUFFIX);
  g_object_set_data_full (G_OBJECT (dialog), "valise-machine", g_object_ref (machine), g_object_unref);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_export_response_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
on_show_files_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ValiseWindow *self = data;
  ValiseMachine *machine = _valise_window_get_machine (self);
  g_autofree char *uri = NULL;
  g_autoptr (GError) error = NULL;

  if (machine == NULL)
    return;
  uri = g_filename_to_uri (valise_machine_get_path (machine), NULL, &error);
  if (uri == NULL || !gtk_show_uri_on_window (GTK_WINDOW (self), uri, GDK_CURRENT_TIME, &error))
    {
      g_autofree char *text =
          g_strdup_printf (_ ("No file manager opened. The machine lies in %s."), valise_machine_get_path (machine));

      valise_notice_bar_say (self->notices, GTK_MESSAGE_WARNING, text);
    }
}

static void
on_forget_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ValiseWindow *self = data;
  g_autoptr (GPtrArray) machines = g_ptr_array_copy (self->selected, (GCopyFunc) (void (*) (void)) g_object_ref, NULL);

  g_ptr_array_set_free_func (machines, g_object_unref);
  for (guint i = 0; i < machines->len; i++)
    valise_library_forget (self->library, g_ptr_array_index (machines, i));
}

/* --- Trash and back --- */

typedef struct
{
  ValiseWindow *window;
  GPtrArray *machines; /* to be trashed */
  GPtrArray *paths;    /* trashed, or to be brought back */
  GPtrArray *errors;
} TrashWork;

static void
trash_work_free (TrashWork *work)
{
  g_object_unref (work->window);
  g_ptr_array_unref (work->machines);
  g_ptr_array_unref (work->paths);
  g_ptr_array_unref (work->errors);
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

static void
say_errors (ValiseWindow *self, GPtrArray *errors)
{
  for (guint i = 0; i < errors->len; i++)
    valise_notice_bar_say_error (self->notices, NULL, g_ptr_array_index (errors, i));
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

static void
undo_trash (gpointer data)
{
  TrashWork *done = data;
  TrashWork *work = trash_work_new (done->window);
  g_autoptr (GTask) task = g_task_new (work->window, NULL, untrashed_cb, NULL);

  for (guint i = 0; i < done->paths->len; i++)
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

      if (valise_machine_trash (machine, NULL, &error))
        g_ptr_array_add (work->paths, g_steal_pointer (&path));
      else
        g_ptr_array_add (work->errors, error);
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
    {
      g_autofree char *base = g_path_get_basename (g_ptr_array_index (work->paths, 0));
      g_autofree char *name = g_filename_display_name (base);

      if (g_str_has_suffix (name, VALISE_BUNDLE_SUFFIX))
        name[strlen (name) - strlen (VALISE_BUNDLE_SUFFIX)] = '\0';
      text = g_strdup_printf (_ ("“%s” was moved to the Trash."), name);
    }
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

static const GActionEntry entries[] = {
  { .name = "rename", .activate = on_rename_cb },           { .name = "group", .activate = on_group_cb },
  { .name = "export", .activate = on_export_cb },           { .name = "show-files", .activate = on_show_files_cb },
  { .name = "undo-change", .activate = on_undo_change_cb }, { .name = "forget", .activate = on_forget_cb },
  { .name = "delete", .activate = on_delete_cb },
};

void
_valise_window_add_change_actions (ValiseWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self->machine_actions), entries, G_N_ELEMENTS (entries), self);
}
