/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-verify-window.h"

#include <glib/gi18n-lib.h>

#include "base/valise-path.h"
#include "engine/valise-verify-job.h"
#include "ui/valise-job-row.h"
#include "ui/valise-machine-window.h"
#include "ui/valise-style.h"
#include "ui/valise-words-label.h"

struct _ValiseVerifyWindow
{
  HdyWindow parent_instance;

  HdyHeaderBar *header_bar;
  GtkWidget *again_button;
  GtkStack *stack;
  GtkLabel *sound_label, *summary_label, *failure_label;
  GtkListBox *list, *job_list;

  ValiseMachine *machine;
  ValiseLibrary *library;
  ValiseJob *job; /* while it goes on */
};

G_DEFINE_FINAL_TYPE (ValiseVerifyWindow, valise_verify_window, HDY_TYPE_WINDOW)

/* --- what was found --- */

static char *
say_all (const ValiseFinding *finding, const char *where)
{
  static const char *const severities[] = { N_ ("Note"), N_ ("Warning"), N_ ("Error") };

  return g_strdup_printf ("%s: %s%s%s%s%s", _ (severities[finding->severity]), where != NULL ? where : "",
                          where != NULL ? ": " : "", finding->text, finding->remedy != NULL ? " " : "",
                          finding->remedy != NULL ? finding->remedy : "");
}

static GtkWidget *
make_row (const ValiseFinding *finding)
{
  static const char *const icons[] = { "dialog-information-symbolic", "dialog-warning-symbolic",
                                       "dialog-error-symbolic" };
  static const char *const classes[] = { "has-notice", "has-warning", "has-error" };
  GtkWidget *row = gtk_list_box_row_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  GtkWidget *icon = gtk_image_new_from_icon_name (icons[finding->severity], GTK_ICON_SIZE_BUTTON);
  g_autofree char *where = finding->where != NULL ? valise_text_for_display (finding->where, 300) : NULL;
  g_autofree char *said = say_all (finding, where);

  g_object_set (box, "margin", 12, NULL);
  gtk_widget_set_valign (icon, GTK_ALIGN_START);
  gtk_container_add (GTK_CONTAINER (box), icon);
  if (where != NULL)
    gtk_container_add (GTK_CONTAINER (words), valise_words_label_new (where, "valise-small"));
  gtk_container_add (GTK_CONTAINER (words), valise_words_label_new (finding->text, NULL));
  if (finding->remedy != NULL)
    gtk_container_add (GTK_CONTAINER (words), valise_words_label_new (finding->remedy, "dim-label"));
  gtk_container_add (GTK_CONTAINER (box), words);
  gtk_container_add (GTK_CONTAINER (row), box);
  g_object_set (row, "activatable", FALSE, "selectable", FALSE, NULL);
  gtk_style_context_add_class (gtk_widget_get_style_context (row), "valise-row");
  gtk_style_context_add_class (gtk_widget_get_style_context (row), classes[finding->severity]);
  atk_object_set_name (gtk_widget_get_accessible (row), said);
  gtk_widget_show_all (row);
  return row;
}

static void
remove_child (GtkWidget *child, gpointer unused)
{
  gtk_widget_destroy (child);
}

static char *
summarise (GPtrArray *findings)
{
  switch (valise_findings_worst (findings))
    {
    case VALISE_SEVERITY_ERROR:
      return g_strdup (_ ("Something is broken. What is needed first stands on top."));
    case VALISE_SEVERITY_WARNING:
      return g_strdup (_ ("The machine is whole, but not everything is as it should be."));
    default:
      return g_strdup (_ ("Nothing wrong was found. There is something to know:"));
    }
}

static void
show_findings (ValiseVerifyWindow *self, GPtrArray *findings, guint images)
{
  g_autofree char *checked = g_strdup_printf (
      ngettext ("%u disk image was checked, with its settings and all that it needs of its folder.",
                "%u disk images were checked, with the settings and all that the machine needs of its folder.", images),
      images);
  g_autofree char *summary = summarise (findings);

  gtk_container_foreach (GTK_CONTAINER (self->list), remove_child, NULL);
  for (guint i = 0; i < findings->len; i++)
    gtk_container_add (GTK_CONTAINER (self->list), make_row (findings->pdata[i]));
  gtk_label_set_text (self->sound_label, checked);
  gtk_label_set_text (self->summary_label, summary);
  gtk_stack_set_visible_child_name (self->stack, findings->len > 0 ? "list" : "sound");
}

/* --- looking --- */

static void
take_in (ValiseVerifyWindow *self)
{
  const GError *error = valise_job_get_error (self->job);

  if (valise_job_get_state (self->job) == VALISE_JOB_DONE)
    show_findings (self, valise_verify_job_get_findings (self->job), valise_verify_job_get_images (self->job));
  else
    {
      gtk_label_set_text (self->failure_label, g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
                                                   ? _ ("It was ended before everything had been looked at.")
                                                   : error->message);
      gtk_stack_set_visible_child_name (self->stack, "failure");
    }
}

static void
on_job_state_cb (ValiseVerifyWindow *self, GParamSpec *pspec, ValiseJob *job)
{
  ValiseJobState state = valise_job_get_state (job);

  if (state == VALISE_JOB_WAITING || state == VALISE_JOB_RUNNING)
    return;
  g_signal_handlers_disconnect_by_func (job, on_job_state_cb, self);
  gtk_container_foreach (GTK_CONTAINER (self->job_list), remove_child, NULL);
  take_in (self);
  valise_library_dismiss_job (self->library, job);
  g_clear_object (&self->job);
  gtk_widget_set_sensitive (self->again_button, TRUE);
}

static void
look (ValiseVerifyWindow *self)
{
  GtkWidget *row;

  if (self->job != NULL)
    return;
  self->job = valise_verify_job_new (self->machine);
  row = valise_job_row_new (self->library, self->job);
  gtk_container_add (GTK_CONTAINER (self->job_list), row);
  gtk_widget_show (row);
  gtk_widget_set_sensitive (self->again_button, FALSE);
  gtk_stack_set_visible_child_name (self->stack, "job");
  g_signal_connect_object (self->job, "notify::state", G_CALLBACK (on_job_state_cb), self, G_CONNECT_SWAPPED);
  valise_library_run_job (self->library, self->job);
}

/* --- the window --- */

static void
valise_verify_window_dispose (GObject *object)
{
  ValiseVerifyWindow *self = VALISE_VERIFY_WINDOW (object);

  if (self->job != NULL)
    {
      g_signal_handlers_disconnect_by_func (self->job, on_job_state_cb, self);
      valise_job_cancel (self->job);
      g_clear_object (&self->job);
    }
  g_clear_object (&self->machine);
  g_clear_object (&self->library);
  G_OBJECT_CLASS (valise_verify_window_parent_class)->dispose (object);
}

static void
valise_verify_window_class_init (ValiseVerifyWindowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = valise_verify_window_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, VALISE_RESOURCE_PATH "/ui/valise-verify-window.glade");
  gtk_widget_class_bind_template_child (widget_class, ValiseVerifyWindow, again_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseVerifyWindow, failure_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseVerifyWindow, header_bar);
  gtk_widget_class_bind_template_child (widget_class, ValiseVerifyWindow, job_list);
  gtk_widget_class_bind_template_child (widget_class, ValiseVerifyWindow, list);
  gtk_widget_class_bind_template_child (widget_class, ValiseVerifyWindow, sound_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseVerifyWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, ValiseVerifyWindow, summary_label);
  gtk_widget_class_bind_template_callback (widget_class, look);
}

static void
valise_verify_window_init (ValiseVerifyWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static ValiseVerifyWindow *
window_new (ValiseMachine *machine, ValiseLibrary *library, GtkWindow *parent)
{
  ValiseVerifyWindow *self =
      g_object_new (VALISE_TYPE_VERIFY_WINDOW, "transient-for", parent, "destroy-with-parent", TRUE, NULL);
  g_autofree char *shown = valise_text_for_display (valise_machine_get_name (machine), 60);
  g_autofree char *title = g_strdup_printf (_ ("%s: Verification"), shown);

  self->machine = g_object_ref (machine);
  self->library = g_object_ref (library);
  valise_machine_window_begin (GTK_WINDOW (self), self->header_bar, machine, title);
  valise_machine_window_close_on_keys (GTK_WINDOW (self));
  look (self);
  return self;
}

void
valise_verify_window_present (ValiseMachine *machine, ValiseLibrary *library, GtkWindow *parent)
{
  if (!valise_machine_window_present (VALISE_TYPE_VERIFY_WINDOW, machine))
    gtk_window_present (GTK_WINDOW (window_new (machine, library, parent)));
}
