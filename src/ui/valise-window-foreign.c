/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-window-private.h"

#include <glib/gi18n-lib.h>

#include "engine/valise-foreign-job.h"
#include "engine/valise-import-points.h"
#include "formats/valise-reader.h"
#include "ui/valise-host-reader.h"
#include "ui/valise-import-assistant.h"
#include "ui/valise-import-source.h"

#define LINES_MOST 12
/* Of a job whose file nobody was asked about. */
#define SOURCE "valise-import-path"

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

/* --- brought in --- */

static void
show_made (ValiseWindow *self, ValiseJob *job)
{
  g_autofree char *path = valise_job_dup_result_path (job);
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseMachine) machine = path != NULL ? valise_library_open (self->library, path, &error) : NULL;

  if (machine == NULL)
    {
      if (error != NULL)
        valise_notice_bar_say_error (self->notices, NULL, error);
      return;
    }
  valise_window_show_machine (self, machine, FALSE);
  offer_report (self, job, machine);
}

static void
on_state_cb (ValiseJob *job, GParamSpec *pspec, ValiseWindow *self)
{
  g_autofree char *source = NULL;

  if (self->library == NULL)
    return;
  if (valise_job_get_state (job) == VALISE_JOB_DONE)
    show_made (self, job);
  if (valise_job_get_state (job) != VALISE_JOB_FAILED
      || !g_error_matches (valise_job_get_error (job), VALISE_READER_ERROR, VALISE_READER_ERROR_DECISION))
    return;
  /* More is known of this computer now than when it was thought that nothing need be asked. Taken away, because a job
   * may tell its end more than once. */
  source = g_object_steal_data (G_OBJECT (job), SOURCE);
  if (source == NULL)
    return;
  valise_library_dismiss_job (self->library, job);
  _valise_window_import_foreign (self, source, FALSE);
}

static void
on_job_cb (ValiseImportAssistant *assistant, ValiseJob *job, ValiseWindow *self)
{
  (void) assistant;
  g_signal_connect_object (job, "notify::state", G_CALLBACK (on_state_cb), self, 0);
}

/* --- reading and bringing in --- */

static void
ask (ValiseWindow *self, ValiseImportSource *source)
{
  GtkWidget *assistant = valise_import_assistant_new (self->library, source->package,
                                                      g_steal_pointer (&source->machines), GTK_WINDOW (self));

  g_signal_connect_object (assistant, "job", G_CALLBACK (on_job_cb), self, 0);
  gtk_window_present (GTK_WINDOW (assistant));
}

/* Whether nobody need be asked about any of the machines. What this computer has is only guessed, which never takes
 * time; the jobs know better. */
static gboolean
is_clear (const ValiseImportSource *source)
{
  g_autoptr (ValiseCapabilities) capabilities = valise_host_reader_guess ();
  gboolean clear = TRUE;

  for (guint i = 0; clear && i < source->machines->len; i++)
    {
      const ValiseImportChoices *choices = source->machines->pdata[i];
      g_autoptr (ValiseImportPlan) plan =
          choices->blueprint->refused ? NULL : valise_import_plan_new (choices, capabilities, NULL);
      g_autoptr (GPtrArray) points = valise_import_points_new (choices, plan);

      clear = plan != NULL && valise_import_points_get_outcome (points, choices) == VALISE_BLUEPRINT_IMPORTS;
    }
  return clear;
}

static void
run_jobs (ValiseWindow *self, ValiseImportSource *source, const char *path)
{
  gboolean alone = source->machines->len == 1;

  while (source->machines->len > 0)
    {
      g_autoptr (ValiseJob) job =
          valise_foreign_job_new (self->library, source->package, g_ptr_array_steal_index (source->machines, 0), NULL);

      if (alone)
        g_object_set_data_full (G_OBJECT (job), SOURCE, g_strdup (path), g_free);
      g_signal_connect_object (job, "notify::state", G_CALLBACK (on_state_cb), self, 0);
      valise_library_run_job (self->library, job);
    }
}

static void
read_cb (GObject *object, GAsyncResult *result, gpointer several)
{
  ValiseWindow *self = VALISE_WINDOW (object);
  g_autoptr (GError) error = NULL;
  const char *path;
  g_autoptr (ValiseImportSource) source = valise_import_source_read_finish (result, &path, &error);

  if (self->library == NULL)
    return;
  if (source == NULL)
    valise_notice_bar_say_error (self->notices, NULL, error);
  else if (GPOINTER_TO_INT (several) && is_clear (source))
    run_jobs (self, source, path);
  else
    ask (self, source);
}

void
_valise_window_import_foreign (ValiseWindow *self, const char *path, gboolean several)
{
  valise_import_source_read_async (self, path, NULL, self->cancellable, read_cb, GINT_TO_POINTER (several));
}
