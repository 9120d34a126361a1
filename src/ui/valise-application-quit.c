/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-application-private.h"

#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <signal.h>

#include "ui/valise-gsettings.h"
#include "ui/valise-quit-dialog.h"
#include "ui/valise-thumbnails.h"

static void consider_machines (ValiseApplication *self);

/* --- the end: whoever came in through the door has his answer first --- */

static void
wait_for_visits_thread (GTask *task, gpointer source, gpointer door, GCancellable *cancellable)
{
  valise_verb_service_close (door, cancellable);
  g_task_return_boolean (task, TRUE);
}

static void
visits_served_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_application_quit (G_APPLICATION (source));
}

static void
leave (ValiseApplication *self)
{
  g_autoptr (GTask) task = NULL;

  if (self->door == NULL)
    {
      g_application_quit (G_APPLICATION (self));
      return;
    }
  task = g_task_new (self, NULL, visits_served_cb, NULL);
  g_task_set_source_tag (task, leave);
  g_task_set_task_data (task, g_object_ref (self->door), g_object_unref);
  g_task_run_in_thread (task, wait_for_visits_thread);
}

/* --- running machines --- */

static GPtrArray *
list_live (ValiseApplication *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->library));
  GPtrArray *live = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < n; i++)
    {
      const ValiseLibraryEntry *entry = valise_library_get_entry (self->library, i);

      if (entry->machine != NULL && valise_machine_is_live (entry->machine))
        g_ptr_array_add (live, g_object_ref (entry->machine));
    }
  return live;
}

/* What has been asked of the machines goes on, but the program does not end with it. */
static void
stay_open (gpointer data)
{
  ValiseApplication *self = data;

  self->quitting = FALSE;
  if (self->window != NULL)
    valise_notice_bar_withdraw (valise_window_get_notices (self->window), stay_open, NULL);
}

static void
quit_when_all_off (ValiseApplication *self)
{
  g_autoptr (GPtrArray) live = NULL;

  if (!self->quitting)
    return;
  live = list_live (self);
  if (live->len == 0)
    leave (self);
}

static void
on_state_cb (ValiseApplication *self)
{
  quit_when_all_off (self);
}

static void
verb_done_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (ValiseApplication) self = data;
  ValiseMachine *machine = VALISE_MACHINE (source);
  g_autoptr (GError) error = NULL;

  if (valise_machine_do_finish (machine, result, &error))
    {
      quit_when_all_off (self);
      return;
    }
  stay_open (self);
  if (self->window != NULL)
    valise_notice_bar_say_error (valise_window_get_notices (self->window), valise_machine_get_name (machine), error);
}

typedef struct
{
  ValiseApplication *application;
  ValiseMachine *machine;
} Suspending;

static void
screen_kept_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree Suspending *suspending = data;
  g_autoptr (ValiseMachine) machine = suspending->machine;

  valise_thumbnails_keep_finish (VALISE_THUMBNAILS (source), result);
  valise_machine_do_async (machine, VALISE_VERB_SUSPEND, NULL, verb_done_cb, suspending->application);
}

/* With its last screen, also when nobody looked at it. */
static void
suspend (ValiseApplication *self, ValiseMachine *machine)
{
  Suspending *suspending = g_new0 (Suspending, 1);

  suspending->application = g_object_ref (self);
  suspending->machine = g_object_ref (machine);
  valise_thumbnails_keep_async (valise_thumbnails_get_default (), machine, screen_kept_cb, suspending);
}

/* Stays until the program ends, which may take long: a guest may well not listen. */
static void
say_it_waits (ValiseApplication *self, ValiseVerb verb, guint n)
{
  const char *text = verb == VALISE_VERB_SUSPEND ? ngettext ("Valise quits as soon as the machine is suspended.",
                                                             "Valise quits as soon as all machines are suspended.", n)
                                                 : ngettext ("Valise quits as soon as the machine has shut down.",
                                                             "Valise quits as soon as all machines have shut down.", n);

  if (self->window == NULL)
    return;
  valise_notice_bar_withdraw (valise_window_get_notices (self->window), stay_open, NULL);
  valise_notice_bar_offer (valise_window_get_notices (self->window), GTK_MESSAGE_QUESTION, text, _ ("_Stay Open"),
                           stay_open, self, NULL);
}

static void
bring_to_rest (ValiseApplication *self, ValiseVerb verb)
{
  g_autoptr (GPtrArray) live = list_live (self);

  self->quitting = TRUE;
  say_it_waits (self, verb, live->len);
  for (guint i = 0; i < live->len; i++)
    {
      ValiseMachine *machine = g_ptr_array_index (live, i);

      g_signal_connect_object (machine, "notify::state", G_CALLBACK (on_state_cb), self, G_CONNECT_SWAPPED);
      if (verb == VALISE_VERB_SHUTDOWN && valise_machine_can (machine, VALISE_VERB_RESUME))
        valise_machine_do_async (machine, VALISE_VERB_RESUME, NULL, NULL, NULL);
      if (verb == VALISE_VERB_SUSPEND)
        suspend (self, machine);
      else
        valise_machine_do_async (machine, verb, NULL, verb_done_cb, g_object_ref (self));
    }
  quit_when_all_off (self);
}

static void
carry_out (ValiseApplication *self, ValiseQuit choice)
{
  switch (choice)
    {
    case VALISE_QUIT_SUSPEND:
      bring_to_rest (self, VALISE_VERB_SUSPEND);
      break;
    case VALISE_QUIT_SHUTDOWN:
      bring_to_rest (self, VALISE_VERB_SHUTDOWN);
      break;
    case VALISE_QUIT_ASK:
    case VALISE_QUIT_KEEP:
    default:
      leave (self);
      break;
    }
}

static void
on_answer_cb (GtkDialog *dialog, int response, ValiseApplication *self)
{
  ValiseQuit choice = valise_quit_dialog_get_choice (VALISE_QUIT_DIALOG (dialog));

  gtk_widget_destroy (GTK_WIDGET (dialog));
  if (response == GTK_RESPONSE_ACCEPT)
    carry_out (self, choice);
  else
    stay_open (self);
}

static void
consider_machines (ValiseApplication *self)
{
  g_autoptr (GPtrArray) live = list_live (self);
  ValiseQuit choice = (ValiseQuit) g_settings_get_enum (valise_gsettings_get (), "quit-behaviour");
  GtkWidget *dialog;

  if (live->len == 0 || (choice != VALISE_QUIT_ASK && !self->quitting))
    {
      carry_out (self, live->len == 0 ? VALISE_QUIT_KEEP : choice);
      return;
    }
  dialog = valise_quit_dialog_new (GTK_WINDOW (self->window), live->len);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_answer_cb), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* --- work under way: what it half did is undone before the program ends --- */

static guint
count_running_jobs (ValiseApplication *self)
{
  GListModel *jobs = valise_library_get_jobs (self->library);
  guint running = 0;

  for (guint i = 0; i < g_list_model_get_n_items (jobs); i++)
    {
      g_autoptr (ValiseJob) job = g_list_model_get_item (jobs, i);

      running += valise_job_get_state (job) <= VALISE_JOB_RUNNING;
    }
  return running;
}

static void
on_jobs_changed_cb (ValiseApplication *self)
{
  GListModel *jobs = valise_library_get_jobs (self->library);

  if (count_running_jobs (self) > 0)
    return;
  g_signal_handlers_disconnect_by_func (jobs, on_jobs_changed_cb, self);
  if (self->told_to_end)
    leave (self);
  else
    consider_machines (self);
}

static void
cancel_jobs (ValiseApplication *self)
{
  GListModel *jobs = valise_library_get_jobs (self->library);

  g_signal_connect_object (jobs, "items-changed", G_CALLBACK (on_jobs_changed_cb), self, G_CONNECT_SWAPPED);
  for (guint i = 0; i < g_list_model_get_n_items (jobs); i++)
    {
      g_autoptr (ValiseJob) job = g_list_model_get_item (jobs, i);

      valise_job_cancel (job);
    }
  if (self->door != NULL)
    valise_verb_service_cancel_visits (self->door);
  on_jobs_changed_cb (self);
}

static void
on_jobs_answer_cb (GtkDialog *dialog, int response, ValiseApplication *self)
{
  gtk_widget_destroy (GTK_WIDGET (dialog));
  if (response == GTK_RESPONSE_ACCEPT)
    cancel_jobs (self);
}

static void
ask_about_jobs (ValiseApplication *self, guint running)
{
  GtkWidget *dialog =
      gtk_message_dialog_new (GTK_WINDOW (self->window), GTK_DIALOG_MODAL | GTK_DIALOG_DESTROY_WITH_PARENT,
                              GTK_MESSAGE_QUESTION, GTK_BUTTONS_NONE, "%s", _ ("Work is still under way"));
  GtkWidget *button;

  gtk_message_dialog_format_secondary_text (
      GTK_MESSAGE_DIALOG (dialog),
      ngettext ("If Valise quits now, %u piece of work is broken off and what it half did is removed.",
                "If Valise quits now, %u pieces of work are broken off and what they half did is removed.", running),
      running);
  gtk_dialog_add_button (GTK_DIALOG (dialog), _ ("_Go On Working"), GTK_RESPONSE_CANCEL);
  button = gtk_dialog_add_button (GTK_DIALOG (dialog), _ ("_Break Off and Quit"), GTK_RESPONSE_ACCEPT);
  gtk_style_context_add_class (gtk_widget_get_style_context (button), GTK_STYLE_CLASS_DESTRUCTIVE_ACTION);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_jobs_answer_cb), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

void
_valise_application_ask_quit (ValiseApplication *self)
{
  guint running = count_running_jobs (self);

  /* Their jobs are in a library of their own. */
  if (self->door != NULL)
    running += valise_verb_service_count_visits (self->door);
  if (running > 0)
    ask_about_jobs (self, running);
  else
    consider_machines (self);
}

/* --- signals --- */

static gboolean
on_signal_cb (gpointer data)
{
  ValiseApplication *self = data;

  self->told_to_end = TRUE;
  cancel_jobs (self);
  return G_SOURCE_CONTINUE;
}

void
_valise_application_heed_signals (ValiseApplication *self)
{
  static const int numbers[] = { SIGTERM, SIGINT };

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    self->signal_sources[i] = g_unix_signal_add (numbers[i], on_signal_cb, self);
}

void
_valise_application_ignore_signals (ValiseApplication *self)
{
  for (gsize i = 0; i < G_N_ELEMENTS (self->signal_sources); i++)
    g_clear_handle_id (&self->signal_sources[i], g_source_remove);
}
