/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-job-row.h"

#include <glib/gi18n-lib.h>

#include "base/valise-size.h"
#include "ui/valise-style.h"

struct _ValiseJobRow
{
  GtkListBoxRow parent_instance;

  GtkLabel *title;
  GtkLabel *detail;
  GtkProgressBar *progress;
  GtkButton *button;
  GtkImage *image;

  ValiseLibrary *library;
  ValiseJob *job;
};

G_DEFINE_FINAL_TYPE (ValiseJobRow, valise_job_row, GTK_TYPE_LIST_BOX_ROW)

static char *
describe_time (int seconds)
{
  if (seconds < 60)
    return g_strdup_printf (ngettext ("%d second left", "%d seconds left", (gulong) seconds), seconds);
  if (seconds < 3600)
    return g_strdup_printf (ngettext ("%d minute left", "%d minutes left", (gulong) (seconds + 59) / 60),
                            (seconds + 59) / 60);
  return g_strdup_printf (ngettext ("%d hour left", "%d hours left", (gulong) (seconds + 3599) / 3600),
                          (seconds + 3599) / 3600);
}

static void
append_part (GString *text, const char *part)
{
  if (part == NULL || *part == '\0')
    return;
  if (text->len > 0)
    g_string_append (text, " · ");
  g_string_append (text, part);
}

static char *
describe_progress (ValiseJob *job)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *stage = valise_job_dup_stage (job);
  guint64 speed = valise_job_get_speed (job);
  int remaining = valise_job_get_remaining (job);

  append_part (text, stage);
  if (speed > 0)
    {
      g_autofree char *size = valise_size_format (speed);
      /* Translators: a speed, as in 120 MiB/s. */
      g_autofree char *part = g_strdup_printf (_ ("%s/s"), size);

      append_part (text, part);
    }
  if (remaining >= 0)
    {
      g_autofree char *part = describe_time (remaining);

      append_part (text, part);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
set_action (ValiseJobRow *self, const char *icon, const char *label)
{
  gtk_image_set_from_icon_name (self->image, icon, GTK_ICON_SIZE_BUTTON);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->button), label);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self->button)), label);
}

static void
show_failure (ValiseJobRow *self)
{
  const GError *error = valise_job_get_error (self->job);

  gtk_label_set_text (self->detail, error != NULL ? error->message : _ ("It failed."));
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->detail), error != NULL ? error->message : NULL);
  gtk_widget_hide (GTK_WIDGET (self->progress));
  set_action (self, "window-close-symbolic", _ ("Dismiss"));
}

static void
update (ValiseJobRow *self)
{
  double fraction = valise_job_get_fraction (self->job);
  g_autofree char *detail = NULL;

  gtk_label_set_text (self->title, valise_job_get_title (self->job));
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->title), valise_job_get_title (self->job));
  if (valise_job_get_state (self->job) == VALISE_JOB_FAILED)
    {
      show_failure (self);
      return;
    }
  detail = describe_progress (self->job);
  gtk_label_set_text (self->detail, detail);
  if (fraction >= 0)
    gtk_progress_bar_set_fraction (self->progress, CLAMP (fraction, 0, 1));
  else
    gtk_progress_bar_pulse (self->progress);
}

static void
on_notify_cb (ValiseJobRow *self)
{
  update (self);
}

static void
on_button_clicked_cb (ValiseJobRow *self)
{
  if (valise_job_get_state (self->job) == VALISE_JOB_FAILED)
    valise_library_dismiss_job (self->library, self->job);
  else
    valise_job_cancel (self->job);
}

static void
valise_job_row_dispose (GObject *object)
{
  ValiseJobRow *self = VALISE_JOB_ROW (object);

  g_clear_object (&self->job);
  g_clear_object (&self->library);
  G_OBJECT_CLASS (valise_job_row_parent_class)->dispose (object);
}

static void
valise_job_row_class_init (ValiseJobRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = valise_job_row_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, VALISE_RESOURCE_PATH "/ui/valise-job-row.glade");
  gtk_widget_class_bind_template_child (widget_class, ValiseJobRow, button);
  gtk_widget_class_bind_template_child (widget_class, ValiseJobRow, detail);
  gtk_widget_class_bind_template_child (widget_class, ValiseJobRow, image);
  gtk_widget_class_bind_template_child (widget_class, ValiseJobRow, progress);
  gtk_widget_class_bind_template_child (widget_class, ValiseJobRow, title);
  gtk_widget_class_bind_template_callback (widget_class, on_button_clicked_cb);
}

static void
valise_job_row_init (ValiseJobRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
valise_job_row_new (ValiseLibrary *library, ValiseJob *job)
{
  ValiseJobRow *self = g_object_new (VALISE_TYPE_JOB_ROW, NULL);

  self->library = g_object_ref (library);
  self->job = g_object_ref (job);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self)), valise_job_get_title (job));
  g_signal_connect_object (job, "notify", G_CALLBACK (on_notify_cb), self, G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}
