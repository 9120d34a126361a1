/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-quit-dialog.h"

#include <glib/gi18n-lib.h>

#include "ui/valise-gsettings.h"
#include "ui/valise-style.h"

struct _ValiseQuitDialog
{
  GtkDialog parent_instance;

  GtkLabel *question;
  GtkToggleButton *keep;
  GtkToggleButton *suspend;
  GtkToggleButton *shutdown;
  GtkToggleButton *always;
};

G_DEFINE_FINAL_TYPE (ValiseQuitDialog, valise_quit_dialog, GTK_TYPE_DIALOG)

/* Connected before anybody else can be, who may destroy the dialog. */
static void
on_response_cb (ValiseQuitDialog *self, int response)
{
  if (response == GTK_RESPONSE_ACCEPT && gtk_toggle_button_get_active (self->always))
    g_settings_set_enum (valise_gsettings_get (), "quit-behaviour", (int) valise_quit_dialog_get_choice (self));
}

static void
valise_quit_dialog_class_init (ValiseQuitDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  gtk_widget_class_set_template_from_resource (widget_class, VALISE_RESOURCE_PATH "/ui/valise-quit-dialog.glade");
  gtk_widget_class_bind_template_child (widget_class, ValiseQuitDialog, always);
  gtk_widget_class_bind_template_child (widget_class, ValiseQuitDialog, keep);
  gtk_widget_class_bind_template_child (widget_class, ValiseQuitDialog, question);
  gtk_widget_class_bind_template_child (widget_class, ValiseQuitDialog, shutdown);
  gtk_widget_class_bind_template_child (widget_class, ValiseQuitDialog, suspend);
}

static void
valise_quit_dialog_init (ValiseQuitDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (self, "response", G_CALLBACK (on_response_cb), NULL);
}

GtkWidget *
valise_quit_dialog_new (GtkWindow *parent, guint n_running)
{
  ValiseQuitDialog *self = g_object_new (VALISE_TYPE_QUIT_DIALOG, "transient-for", parent, NULL);
  g_autofree char *question = g_strdup_printf (ngettext ("%u machine is running. What should it do?",
                                                         "%u machines are running. What should they do?", n_running),
                                               n_running);

  gtk_label_set_text (self->question, question);
  gtk_button_set_label (GTK_BUTTON (self->keep), ngettext ("_Keep running; Valise finds it again",
                                                           "_Keep running; Valise finds them again", n_running));
  gtk_button_set_label (GTK_BUTTON (self->suspend), ngettext ("_Suspend; it goes on later where it was",
                                                              "_Suspend; they go on later where they were", n_running));
  gtk_button_set_label (GTK_BUTTON (self->shutdown), ngettext ("Shut _down, and quit when it is off",
                                                               "Shut _down, and quit when they are off", n_running));
  return GTK_WIDGET (self);
}

ValiseQuit
valise_quit_dialog_get_choice (ValiseQuitDialog *self)
{
  if (gtk_toggle_button_get_active (self->suspend))
    return VALISE_QUIT_SUSPEND;
  return gtk_toggle_button_get_active (self->shutdown) ? VALISE_QUIT_SHUTDOWN : VALISE_QUIT_KEEP;
}
