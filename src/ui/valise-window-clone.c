/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-window-private.h"

#include <glib/gi18n-lib.h>

#include "engine/valise-clone-job.h"
#include "engine/valise-machine-template.h"
#include "engine/valise-move-job.h"
#include "ui/valise-clone-dialog.h"
#include "ui/valise-file-dialog.h"

/* --- clone --- */

/* The list takes in by itself what is made in the library's folder. */
static void
show_made (ValiseWindow *self, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseMachine) machine = valise_library_open (self->library, path, &error);

  if (machine == NULL)
    valise_notice_bar_say_error (self->notices, path, error);
  else
    valise_window_show_machine (self, machine, FALSE);
}

static void
on_clone_state_cb (ValiseJob *job, GParamSpec *pspec, ValiseWindow *self)
{
  g_autofree char *path = NULL;

  if (valise_job_get_state (job) != VALISE_JOB_DONE || self->library == NULL)
    return;
  /* A job may tell its end more than once. */
  g_signal_handlers_disconnect_by_func (job, on_clone_state_cb, self);
  path = valise_job_dup_result_path (job);
  if (path != NULL)
    show_made (self, path);
}

static void
on_cloned_cb (GtkWidget *dialog, ValiseJob *job, ValiseWindow *self)
{
  if (self->library == NULL)
    return;
  g_signal_connect_object (job, "notify::state", G_CALLBACK (on_clone_state_cb), self, 0);
  valise_library_run_job (self->library, job);
}

/* The one machine that is selected, read; %NULL after saying why there is none. */
static ValiseMachine *
get_read (ValiseWindow *self)
{
  ValiseMachine *machine = _valise_window_get_machine (self);
  g_autoptr (GError) error = NULL;

  if (machine == NULL || self->library == NULL)
    return NULL;
  if (valise_machine_load (machine, FALSE, &error))
    return machine;
  valise_notice_bar_say_error (self->notices, valise_machine_get_name (machine), error);
  return NULL;
}

static void
on_clone_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ValiseWindow *self = data;
  ValiseMachine *machine = get_read (self);
  GtkWidget *dialog;

  if (machine == NULL)
    return;
  dialog = valise_clone_dialog_new (machine, NULL, self->library, GTK_WINDOW (self));
  g_signal_connect_object (dialog, "cloned", G_CALLBACK (on_cloned_cb), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
on_detach_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ValiseWindow *self = data;
  ValiseMachine *machine = get_read (self);
  g_autoptr (ValiseJob) job = machine != NULL ? valise_detach_job_new (machine) : NULL;

  if (job != NULL)
    valise_library_run_job (self->library, job);
}

/* --- template --- */

typedef struct
{
  ValiseMachine *machine;
  gboolean wanted;
} Keeping;

static void
keeping_free (gpointer data)
{
  Keeping *keeping = data;

  g_object_unref (keeping->machine);
  g_free (keeping);
}

static void
template_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Keeping *keeping = data;
  GError *error = NULL;

  if (valise_machine_set_template (keeping->machine, keeping->wanted, NULL, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
template_set_cb (GObject *source, GAsyncResult *result, gpointer unused)
{
  ValiseWindow *self = VALISE_WINDOW (source);
  Keeping *keeping = g_task_get_task_data (G_TASK (result));
  const char *name = valise_machine_get_name (keeping->machine);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  /* The window may have been closed meanwhile. */
  if (self->library == NULL)
    return;
  _valise_window_update_actions (self);
  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      valise_notice_bar_say_error (self->notices, name, error);
      return;
    }
  text = g_strdup_printf (keeping->wanted
                              ? _ ("“%s” is a template now: it is not started or deleted, and its disks stay. Its menu "
                                   "makes new machines from it.")
                              : _ ("“%s” is an ordinary machine again."),
                          name);
  valise_notice_bar_say (self->notices, GTK_MESSAGE_INFO, text);
}

static void
on_template_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ValiseWindow *self = data;
  ValiseMachine *machine = get_read (self);
  Keeping *keeping;
  g_autoptr (GTask) task = NULL;

  if (machine == NULL)
    return;
  task = g_task_new (self, NULL, template_set_cb, NULL);
  keeping = g_new0 (Keeping, 1);
  keeping->machine = g_object_ref (machine);
  keeping->wanted = g_strcmp0 (g_action_get_name (G_ACTION (action)), "template") == 0;
  g_task_set_source_tag (task, on_template_cb);
  g_task_set_task_data (task, keeping, keeping_free);
  g_task_run_in_thread (task, template_thread);
}

/* --- move --- */

static void
on_move_state_cb (ValiseJob *job, GParamSpec *pspec, ValiseWindow *self)
{
  ValiseMachine *machine = g_object_get_data (G_OBJECT (job), "valise-machine");
  g_autofree char *path = NULL;

  if (valise_job_get_state (job) != VALISE_JOB_DONE || self->library == NULL)
    return;
  g_signal_handlers_disconnect_by_func (job, on_move_state_cb, self);
  path = valise_job_dup_result_path (job);
  if (path == NULL)
    return;
  valise_library_forget (self->library, machine);
  show_made (self, path);
}

static void
on_move_response_cb (GtkFileChooserNative *dialog, int response, ValiseWindow *self)
{
  ValiseMachine *machine = g_object_get_data (G_OBJECT (dialog), "valise-machine");
  g_autofree char *directory = valise_file_dialog_take (dialog, response);
  g_autoptr (ValiseJob) job = NULL;

  if (directory == NULL || self->library == NULL)
    return;
  job = valise_move_job_new (machine, directory);
  g_object_set_data_full (G_OBJECT (job), "valise-machine", g_object_ref (machine), g_object_unref);
  g_signal_connect_object (job, "notify::state", G_CALLBACK (on_move_state_cb), self, 0);
  valise_library_run_job (self->library, job);
}

static void
on_move_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ValiseWindow *self = data;
  ValiseMachine *machine = get_read (self);
  GtkFileChooserNative *dialog;

  if (machine == NULL)
    return;
  dialog = valise_file_dialog_new (_ ("Move the Machine"), GTK_WINDOW (self), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER,
                                   _ ("_Move Here"));
  g_object_set_data_full (G_OBJECT (dialog), "valise-machine", g_object_ref (machine), g_object_unref);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_move_response_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static const GActionEntry entries[] = {
  { .name = "clone", .activate = on_clone_cb },       { .name = "detach", .activate = on_detach_cb },
  { .name = "move", .activate = on_move_cb },         { .name = "new-from", .activate = on_clone_cb },
  { .name = "template", .activate = on_template_cb }, { .name = "untemplate", .activate = on_template_cb },
};

void
_valise_window_add_clone_actions (ValiseWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self->machine_actions), entries, G_N_ELEMENTS (entries), self);
}

static void
enable (ValiseWindow *self, const char *name, gboolean enabled)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self->machine_actions), name);

  g_simple_action_set_enabled (G_SIMPLE_ACTION (action), enabled);
}

/* Those that nobody sees as well, of which linked clones and their originals have one. */
static gboolean
has_snapshots (ValiseMachine *machine)
{
  g_autofree char *folder = g_build_filename (valise_machine_get_path (machine), "snapshots", NULL);

  return g_file_test (folder, G_FILE_TEST_IS_DIR);
}

void
_valise_window_update_clone_actions (ValiseWindow *self)
{
  ValiseMachine *machine = _valise_window_get_machine (self);
  ValiseMachineState state = machine != NULL ? valise_machine_get_state (machine) : VALISE_MACHINE_BROKEN;
  gboolean sound = state != VALISE_MACHINE_BROKEN;
  gboolean live = machine != NULL && valise_machine_is_live (machine);
  gboolean is_template = machine != NULL && valise_machine_is_template (machine);

  enable (self, "clone", sound && !is_template);
  enable (self, "new-from", sound && is_template);
  enable (self, "move", sound && !live);
  enable (self, "template", state == VALISE_MACHINE_OFF && !is_template);
  enable (self, "untemplate", state == VALISE_MACHINE_OFF && is_template);
  enable (self, "detach", state == VALISE_MACHINE_OFF && has_snapshots (machine));
}
