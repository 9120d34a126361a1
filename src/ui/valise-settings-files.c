/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-settings-files.h"

#include <glib/gi18n-lib.h>

#include "base/valise-size.h"
#include "engine/valise-disk-jobs.h"
#include "engine/valise-shrink-job.h"
#include "engine/valise-variables.h"
#include "ui/valise-disk-facts.h"
#include "ui/valise-job-row.h"

struct _ValiseSettingsFiles
{
  GObject parent_instance;

  ValiseMachine *machine;
  ValiseLibrary *library;
  GtkListBox *jobs; /* weak */
  GSimpleActionGroup *actions;
  ValiseJob *job;
};

enum
{
  DONE,
  FAILED,
  CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (ValiseSettingsFiles, valise_settings_files, G_TYPE_OBJECT)

static const char *const names[] = { "compact", "convert", "shrink", "reset-variables", "put-back-variables" };

static void
update (ValiseSettingsFiles *self)
{
  gboolean can = valise_machine_get_state (self->machine) == VALISE_MACHINE_OFF && self->job == NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self->actions), names[i]);

      g_simple_action_set_enabled (G_SIMPLE_ACTION (action), can);
    }
  g_signal_emit (self, signals[CHANGED], 0);
}

/* --- long work --- */

static char *
describe_end (ValiseJob *job)
{
  guint64 freed = valise_compact_job_get_freed (job);
  g_autofree char *size = valise_size_format (freed);
  g_autofree char *converted = valise_job_dup_result_path (job);
  g_autofree char *kept = valise_shrink_job_dup_snapshot (job);

  if (kept != NULL)
    return g_strdup (
        _ ("The disk is smaller. To have it back as it was, go back to the snapshot that was taken before."));
  if (converted != NULL)
    return NULL;
  return freed > 0 ? g_strdup_printf (_ ("%s of this computer's disk are free again."), size)
                   : g_strdup (_ ("There was nothing to gain: the disk is as it was."));
}

static void
destroy_row (GtkWidget *row, gpointer user_data)
{
  gtk_widget_destroy (row);
}

static void
forget_job (ValiseSettingsFiles *self)
{
  g_clear_object (&self->job);
  if (self->jobs == NULL)
    return;
  gtk_container_foreach (GTK_CONTAINER (self->jobs), destroy_row, NULL);
  gtk_widget_hide (GTK_WIDGET (self->jobs));
}

static void
on_job_state_cb (ValiseSettingsFiles *self, GParamSpec *pspec, ValiseJob *job)
{
  ValiseJobState state = valise_job_get_state (job);
  g_autofree char *text = NULL;

  if (state <= VALISE_JOB_RUNNING || job != self->job)
    return;
  g_object_ref (job);
  g_signal_handlers_disconnect_by_func (job, on_job_state_cb, self);
  forget_job (self);
  valise_disk_facts_forget (valise_disk_facts_get ());
  update (self);
  if (state == VALISE_JOB_DONE)
    {
      text = describe_end (job);
      g_signal_emit (self, signals[DONE], 0, text);
    }
  else if (state == VALISE_JOB_FAILED)
    {
      g_signal_emit (self, signals[FAILED], 0, valise_job_get_error (job)->message);
      valise_library_dismiss_job (self->library, job);
    }
  g_object_unref (job);
}

static void
run (ValiseSettingsFiles *self, ValiseJob *job)
{
  GtkWidget *row = valise_job_row_new (self->library, job);

  self->job = job;
  g_signal_connect_object (job, "notify::state", G_CALLBACK (on_job_state_cb), self, G_CONNECT_SWAPPED);
  if (self->jobs != NULL)
    {
      gtk_container_add (GTK_CONTAINER (self->jobs), row);
      gtk_widget_show (row);
      gtk_widget_show (GTK_WIDGET (self->jobs));
    }
  update (self);
  valise_library_run_job (self->library, job);
}

static void
on_compact_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ValiseSettingsFiles *self = data;
  const char *const targets[] = { g_variant_get_string (parameter, NULL), NULL };

  run (self, valise_compact_job_new (self->machine, targets));
}

static void
on_convert_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ValiseSettingsFiles *self = data;
  const char *target, *format;

  g_variant_get (parameter, "(&s&s)", &target, &format);
  run (self, valise_convert_job_new (self->machine, target, format));
}

static void
on_shrink_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ValiseSettingsFiles *self = data;
  const char *target;
  guint64 bytes;
  gboolean lose;

  g_variant_get (parameter, "(&stb)", &target, &bytes, &lose);
  run (self, valise_shrink_job_new (self->machine, target, bytes, lose));
}

/* --- variables --- */

static void
reset_variables (ValiseSettingsFiles *self, gboolean put_back)
{
  g_autoptr (GError) error = NULL;

  /* Two renames, and no longer than looking whether anybody has the machine. */
  if (!valise_machine_reset_variables (self->machine, put_back, NULL, &error))
    g_signal_emit (self, signals[FAILED], 0, error->message);
  else
    g_signal_emit (self, signals[DONE], 0, NULL);
  update (self);
}

static void
on_reset_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  reset_variables (data, FALSE);
}

static void
on_put_back_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  reset_variables (data, TRUE);
}

/* --- the object --- */

static void
valise_settings_files_dispose (GObject *object)
{
  ValiseSettingsFiles *self = VALISE_SETTINGS_FILES (object);

  g_clear_weak_pointer (&self->jobs);
  g_clear_object (&self->job);
  g_clear_object (&self->machine);
  g_clear_object (&self->library);
  g_clear_object (&self->actions);
  G_OBJECT_CLASS (valise_settings_files_parent_class)->dispose (object);
}

static void
valise_settings_files_class_init (ValiseSettingsFilesClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = valise_settings_files_dispose;
  signals[DONE] = g_signal_new ("done", VALISE_TYPE_SETTINGS_FILES, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                1, G_TYPE_STRING);
  signals[FAILED] = g_signal_new ("failed", VALISE_TYPE_SETTINGS_FILES, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[CHANGED] =
      g_signal_new ("changed", VALISE_TYPE_SETTINGS_FILES, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
valise_settings_files_init (ValiseSettingsFiles *self)
{
  static const GActionEntry entries[] = {
    { .name = "compact", .parameter_type = "s", .activate = on_compact_cb },
    { .name = "convert", .parameter_type = "(ss)", .activate = on_convert_cb },
    { .name = "shrink", .parameter_type = "(stb)", .activate = on_shrink_cb },
    { .name = "reset-variables", .activate = on_reset_cb },
    { .name = "put-back-variables", .activate = on_put_back_cb },
  };

  self->actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries), self);
}

/* --- public --- */

ValiseSettingsFiles *
valise_settings_files_new (ValiseMachine *machine, ValiseLibrary *library, GtkListBox *jobs)
{
  ValiseSettingsFiles *self = g_object_new (VALISE_TYPE_SETTINGS_FILES, NULL);

  self->machine = g_object_ref (machine);
  self->library = g_object_ref (library);
  g_set_weak_pointer (&self->jobs, jobs);
  g_signal_connect_object (machine, "notify::state", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return self;
}

GActionGroup *
valise_settings_files_get_actions (ValiseSettingsFiles *self)
{
  return G_ACTION_GROUP (self->actions);
}

static GActionGroup *
find (GtkWidget *widget)
{
  return gtk_widget_get_action_group (gtk_widget_get_toplevel (widget), VALISE_SETTINGS_FILES_GROUP);
}

gboolean
valise_settings_files_are_there (GtkWidget *widget)
{
  return find (widget) != NULL;
}

gboolean
valise_settings_files_can (GtkWidget *widget, const char *action)
{
  GActionGroup *group = find (widget);

  return group != NULL && g_action_group_get_action_enabled (group, action);
}

void
valise_settings_files_do (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GActionGroup *group = find (widget);

  if (group != NULL)
    g_action_group_activate_action (group, action, parameter);
}
