/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-jobs-popover.h"

#include "ui/valise-job-row.h"
#include "ui/valise-style.h"

struct _ValiseJobsPopover
{
  GtkPopover parent_instance;

  GtkListBox *list;
};

G_DEFINE_FINAL_TYPE (ValiseJobsPopover, valise_jobs_popover, GTK_TYPE_POPOVER)

static GtkWidget *
make_row (gpointer job, gpointer library)
{
  return valise_job_row_new (library, VALISE_JOB (job));
}

static void
valise_jobs_popover_class_init (ValiseJobsPopoverClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  gtk_widget_class_set_template_from_resource (widget_class, VALISE_RESOURCE_PATH "/ui/valise-jobs-popover.glade");
  gtk_widget_class_bind_template_child (widget_class, ValiseJobsPopover, list);
}

static void
valise_jobs_popover_init (ValiseJobsPopover *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
valise_jobs_popover_new (ValiseLibrary *library)
{
  ValiseJobsPopover *self = g_object_new (VALISE_TYPE_JOBS_POPOVER, NULL);

  gtk_list_box_bind_model (self->list, valise_library_get_jobs (library), make_row, g_object_ref (library),
                           g_object_unref);
  return GTK_WIDGET (self);
}
