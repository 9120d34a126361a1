/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-window-private.h"

#include <glib/gi18n-lib.h>

#include "engine/valise-foreign-job.h"
#include "formats/valise-reader.h"

#define LINES_MOST 12

/* What a file holds. */
typedef struct
{
  ValisePackage *package;
  GPtrArray *machines; /* of ValiseBlueprint */
} Found;

static void
found_free (gpointer data)
{
  Found *found = data;

  g_clear_pointer (&found->machines, g_ptr_array_unref);
  g_object_unref (found->package);
  g_free (found);
}

/* --- what was changed on the way --- */

typedef struct
{
  ValiseWindow *window;
  char *name;
  char *text;
} Report;

static void
report_free (gpointer data)
{
  Report *report = data;

  g_free (report->name);
  g_free (report->text);
  g_free (report);
}

static void
show_report (gpointer data)
{
  Report *report = data;
  GtkWidget *dialog =
      gtk_message_dialog_new (GTK_WINDOW (report->window), GTK_DIALOG_MODAL | GTK_DIALOG_DESTROY_WITH_PARENT,
                              GTK_MESSAGE_INFO, GTK_BUTTONS_CLOSE, _ ("What is different in “%s”"), report->name);

  gtk_window_set_title (GTK_WINDOW (dialog), _ ("What Is Different"));
  gtk_message_dialog_format_secondary_text (GTK_MESSAGE_DIALOG (dialog), "%s", report->text);
  g_signal_connect (dialog, "response", G_CALLBACK (gtk_widget_destroy), NULL);
  gtk_window_present (GTK_WINDOW (dialog));
}

static char *
describe (GPtrArray *findings)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < findings->len && i < LINES_MOST; i++)
    {
      const ValiseFinding *finding = g_ptr_array_index (findings, i);

      g_string_append_printf (text, "%s• %s", i > 0 ? "\n" : "", finding->text);
      if (finding->remedy != NULL)
        g_string_append_printf (text, " %s", finding->remedy);
    }
  if (findings->len > LINES_MOST)
    g_string_append_printf (text, "\n%s", _ ("“valisectl import --dry-run” tells the rest."));
  return g_string_free (text, FALSE);
}

static void
offer_report (ValiseWindow *self, ValiseJob *job, ValiseMachine *machine)
{
  g_autoptr (GPtrArray) findings = valise_foreign_job_get_report (job);
  g_autofree char *text = NULL;
  Report *report;

  if (findings == NULL || findings->len == 0)
    return;
  text = g_strdup_printf (ngettext ("“%s” came in with %u difference.", "“%s” came in with %u differences.",
                                    findings->len),
                          valise_machine_get_name (machine), findings->len);
  report = g_new0 (Report, 1);
  report->window = self;
  report->name = g_strdup (valise_machine_get_name (machine));
  report->text = describe (findings);
  valise_notice_bar_offer (self->notices, GTK_MESSAGE_INFO, text, _ ("Show _What"), show_report, report, report_free);
}

static void
on_state_cb (ValiseJob *job, GParamSpec *pspec, ValiseWindow *self)
{
  g_autofree char *path = valise_job_dup_result_path (job);
  g_autoptr (ValiseMachine) machine = NULL;
  g_autoptr (GError) error = NULL;

  if (self->library == NULL || path == NULL || valise_job_get_state (job) != VALISE_JOB_DONE)
    return;
  machine = valise_library_open (self->library, path, &error);
  if (machine == NULL)
    {
      valise_notice_bar_say_error (self->notices, NULL, error);
      return;
    }
  valise_window_show_machine (self, machine, FALSE);
  offer_report (self, job, machine);
}

/* --- reading and bringing in --- */

static void
run_jobs (ValiseWindow *self, Found *found)
{
  g_ptr_array_set_free_func (found->machines, NULL);
  for (guint i = 0; i < found->machines->len; i++)
    {
      g_autoptr (ValiseJob) job =
          valise_foreign_job_new (self->library, found->package, g_ptr_array_index (found->machines, i),
                                  VALISE_MAC_KEEP, NULL, NULL);

      g_signal_connect_object (job, "notify::state", G_CALLBACK (on_state_cb), self, 0);
      valise_library_run_job (self->library, job);
    }
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  ValiseWindow *self = VALISE_WINDOW (source);
  g_autoptr (GError) error = NULL;
  Found *found = g_task_propagate_pointer (G_TASK (result), &error);

  if (found != NULL && self->library != NULL)
    run_jobs (self, found);
  else if (error != NULL && self->library != NULL)
    valise_notice_bar_say_error (self->notices, NULL, error);
  g_clear_pointer (&found, found_free);
}

static void
read_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  Found *found;
  ValisePackage *package = valise_package_open (data, &error);

  if (package == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  found = g_new0 (Found, 1);
  found->package = package;
  found->machines = valise_reader_read_package (package, NULL, &error);
  if (found->machines != NULL)
    g_task_return_pointer (task, found, found_free);
  else
    {
      found_free (found);
      g_task_return_error (task, error);
    }
}

void
_valise_window_import_foreign (ValiseWindow *self, const char *path)
{
  g_autoptr (GTask) task = g_task_new (self, self->cancellable, read_cb, NULL);

  g_task_set_source_tag (task, _valise_window_import_foreign);
  g_task_set_task_data (task, g_strdup (path), g_free);
  g_task_run_in_thread (task, read_thread);
}
