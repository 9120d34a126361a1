/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-schedule-bar.h"

#include <glib/gi18n-lib.h>

#include "engine/valise-machine-schedule.h"
#include "ui/valise-style.h"

struct _ValiseScheduleBar
{
  GtkBox parent_instance;

  GtkComboBoxText *every_combo;
  GtkSpinButton *keep_spin;
  GtkWidget *keep_label;
  GtkToggleButton *precautions_check;

  ValiseMachine *machine;
  GCancellable *cancellable;
  gboolean filling;          /* by us, not by somebody */
  gboolean storing, changed; /* once more when it is stored */
};

G_DEFINE_FINAL_TYPE (ValiseScheduleBar, valise_schedule_bar, GTK_TYPE_BOX)

enum
{
  FAILED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* --- what holds --- */

static void
show_keep (ValiseScheduleBar *self)
{
  gboolean takes = gtk_combo_box_get_active (GTK_COMBO_BOX (self->every_combo)) > VALISE_EVERY_OFF;

  gtk_widget_set_visible (GTK_WIDGET (self->keep_spin), takes);
  gtk_widget_set_visible (self->keep_label, takes);
}

/* What is taken by itself. */
typedef struct
{
  ValiseSchedule schedule;
  gboolean precautions;
} Taken;

static gboolean
read_taken (ValiseMachine *machine, Taken *taken, GError **error)
{
  return valise_machine_get_schedule (machine, &taken->schedule, error)
         && valise_machine_get_precautions (machine, &taken->precautions, error);
}

static void
load_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Taken *taken = g_new0 (Taken, 1);
  GError *error = NULL;

  if (read_taken (data, taken, &error))
    g_task_return_pointer (task, taken, g_free);
  else
    {
      g_free (taken);
      g_task_return_error (task, error);
    }
}

/* A machine that cannot be read says so elsewhere in the window. */
static void
on_loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  ValiseScheduleBar *self = VALISE_SCHEDULE_BAR (source);
  g_autofree Taken *taken = g_task_propagate_pointer (G_TASK (result), NULL);

  if (g_cancellable_is_cancelled (g_task_get_cancellable (G_TASK (result))))
    return;
  gtk_widget_set_sensitive (GTK_WIDGET (self), taken != NULL);
  if (taken == NULL || self->storing)
    return;
  self->filling = TRUE;
  gtk_combo_box_set_active (GTK_COMBO_BOX (self->every_combo), (int) taken->schedule.every);
  gtk_spin_button_set_value (self->keep_spin, taken->schedule.keep);
  gtk_toggle_button_set_active (self->precautions_check, taken->precautions);
  show_keep (self);
  self->filling = FALSE;
}

/* --- what is chosen --- */

static void store (ValiseScheduleBar *self);

typedef struct
{
  ValiseMachine *machine;
  Taken taken;
} Choice;

static void
choice_free (gpointer data)
{
  Choice *choice = data;

  g_object_unref (choice->machine);
  g_free (choice);
}

/* Each time something is saved the settings have one more earlier version. */
static gboolean
write_taken (ValiseMachine *machine, const Taken *taken, GError **error)
{
  Taken now;

  if (!read_taken (machine, &now, error))
    return FALSE;
  if ((now.schedule.every != taken->schedule.every || now.schedule.keep != taken->schedule.keep)
      && !valise_machine_set_schedule (machine, &taken->schedule, error))
    return FALSE;
  return now.precautions == taken->precautions || valise_machine_set_precautions (machine, taken->precautions, error);
}

static void
store_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Choice *choice = data;
  GError *error = NULL;

  if (write_taken (choice->machine, &choice->taken, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
on_stored_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  ValiseScheduleBar *self = VALISE_SCHEDULE_BAR (source);
  gboolean again = self->changed;
  g_autoptr (GError) error = NULL;

  self->storing = FALSE;
  self->changed = FALSE;
  if (self->machine == NULL)
    return;
  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      g_signal_emit (self, signals[FAILED], 0, error);
      valise_schedule_bar_refresh (self);
    }
  else if (again)
    store (self);
}

static void
store (ValiseScheduleBar *self)
{
  g_autoptr (GTask) task = NULL;
  Choice *choice;

  if (self->machine == NULL)
    return;
  self->storing = TRUE;
  choice = g_new0 (Choice, 1);
  choice->machine = g_object_ref (self->machine);
  choice->taken.schedule.every = (ValiseEvery) gtk_combo_box_get_active (GTK_COMBO_BOX (self->every_combo));
  choice->taken.schedule.keep = (guint) gtk_spin_button_get_value_as_int (self->keep_spin);
  choice->taken.precautions = gtk_toggle_button_get_active (self->precautions_check);
  /* Not cancelled with the window: it was chosen. */
  task = g_task_new (self, NULL, on_stored_cb, NULL);
  g_task_set_task_data (task, choice, choice_free);
  g_task_run_in_thread (task, store_thread);
}

static void
on_changed_cb (ValiseScheduleBar *self)
{
  if (self->filling)
    return;
  show_keep (self);
  if (self->storing)
    self->changed = TRUE;
  else
    store (self);
}

/* --- the bar --- */

static void
valise_schedule_bar_dispose (GObject *object)
{
  ValiseScheduleBar *self = VALISE_SCHEDULE_BAR (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->machine);
  G_OBJECT_CLASS (valise_schedule_bar_parent_class)->dispose (object);
}

static void
valise_schedule_bar_finalize (GObject *object)
{
  g_object_unref (VALISE_SCHEDULE_BAR (object)->cancellable);
  G_OBJECT_CLASS (valise_schedule_bar_parent_class)->finalize (object);
}

static void
valise_schedule_bar_class_init (ValiseScheduleBarClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = valise_schedule_bar_dispose;
  G_OBJECT_CLASS (class)->finalize = valise_schedule_bar_finalize;
  signals[FAILED] = g_signal_new ("failed", VALISE_TYPE_SCHEDULE_BAR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, G_TYPE_ERROR | G_SIGNAL_TYPE_STATIC_SCOPE);
  gtk_widget_class_set_template_from_resource (widget_class, VALISE_RESOURCE_PATH "/ui/valise-schedule-bar.glade");
  gtk_widget_class_bind_template_child (widget_class, ValiseScheduleBar, every_combo);
  gtk_widget_class_bind_template_child (widget_class, ValiseScheduleBar, keep_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseScheduleBar, keep_spin);
  gtk_widget_class_bind_template_child (widget_class, ValiseScheduleBar, precautions_check);
  gtk_widget_class_bind_template_callback (widget_class, on_changed_cb);
}

static void
valise_schedule_bar_init (ValiseScheduleBar *self)
{
  self->cancellable = g_cancellable_new ();
  self->filling = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  for (int every = VALISE_EVERY_OFF; every <= VALISE_EVERY_WEEK; every++)
    gtk_combo_box_text_append_text (self->every_combo, valise_every_to_label ((ValiseEvery) every));
  gtk_spin_button_set_range (self->keep_spin, 1, VALISE_SCHEDULE_KEEP_MOST);
  gtk_spin_button_set_value (self->keep_spin, VALISE_SCHEDULE_KEEP);
  self->filling = FALSE;
  gtk_widget_set_sensitive (GTK_WIDGET (self), FALSE);
}

void
valise_schedule_bar_refresh (ValiseScheduleBar *self)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (VALISE_IS_SCHEDULE_BAR (self));

  if (self->machine == NULL || self->storing)
    return;
  task = g_task_new (self, self->cancellable, on_loaded_cb, NULL);
  g_task_set_task_data (task, g_object_ref (self->machine), g_object_unref);
  g_task_run_in_thread (task, load_thread);
}

void
valise_schedule_bar_set_machine (ValiseScheduleBar *self, ValiseMachine *machine)
{
  g_return_if_fail (VALISE_IS_SCHEDULE_BAR (self) && self->machine == NULL);

  self->machine = g_object_ref (machine);
  valise_schedule_bar_refresh (self);
}
