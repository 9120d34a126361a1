/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-window-private.h"

#include <glib/gi18n-lib.h>

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

static void
undo_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;

  if (valise_machine_undo_change (data, &error))
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

  if (!g_task_propagate_boolean (G_TASK (result), &error))
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
  g_task_set_task_data (task, g_object_ref (machine), g_object_unref);
  g_task_run_in_thread (task, undo_thread);
}

/* --- the list --- */

static void
on_forget_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ValiseWindow *self = data;
  g_autoptr (GPtrArray) machines = g_ptr_array_copy (self->selected, (GCopyFunc) (void (*) (void)) g_object_ref, NULL);

  g_ptr_array_set_free_func (machines, g_object_unref);
  for (guint i = 0; i < machines->len; i++)
    valise_library_forget (self->library, g_ptr_array_index (machines, i));
}

static const GActionEntry entries[] = {
  { .name = "rename", .activate = on_rename_cb },
  { .name = "group", .activate = on_group_cb },
  { .name = "undo-change", .activate = on_undo_change_cb },
  { .name = "forget", .activate = on_forget_cb },
};

void
_valise_window_add_change_actions (ValiseWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self->machine_actions), entries, G_N_ELEMENTS (entries), self);
}
