/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-name-dialog.h"

#include <glib/gi18n-lib.h>

#include "ui/valise-style.h"

struct _ValiseNameDialog
{
  GtkDialog parent_instance;

  GtkLabel *label;
  GtkLabel *hint;
  GtkComboBoxText *combo;
  GtkEntry *entry;
  gboolean required;
};

enum
{
  NAMED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (ValiseNameDialog, valise_name_dialog, GTK_TYPE_DIALOG)

static char *
dup_name (ValiseNameDialog *self)
{
  return g_strstrip (g_strdup (gtk_entry_get_text (self->entry)));
}

static void
on_changed_cb (ValiseNameDialog *self)
{
  g_autofree char *name = dup_name (self);

  gtk_dialog_set_response_sensitive (GTK_DIALOG (self), GTK_RESPONSE_ACCEPT, !self->required || *name != '\0');
}

static void
on_response_cb (ValiseNameDialog *self, int response, gpointer unused)
{
  g_autofree char *name = dup_name (self);

  if (response == GTK_RESPONSE_ACCEPT)
    g_signal_emit (self, signals[NAMED], 0, name);
  gtk_widget_destroy (GTK_WIDGET (self));
}

/* Where there is nothing to choose from, it is a plain entry. */
static void
show_arrow (GtkWidget *widget, gpointer shown)
{
  if (GTK_IS_TOGGLE_BUTTON (widget))
    gtk_widget_set_visible (widget, GPOINTER_TO_INT (shown));
  else if (GTK_IS_CONTAINER (widget))
    gtk_container_forall (GTK_CONTAINER (widget), show_arrow, shown);
}

static void
valise_name_dialog_class_init (ValiseNameDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  gtk_widget_class_set_template_from_resource (widget_class, VALISE_RESOURCE_PATH "/ui/valise-name-dialog.glade");
  gtk_widget_class_bind_template_child (widget_class, ValiseNameDialog, combo);
  gtk_widget_class_bind_template_child (widget_class, ValiseNameDialog, entry);
  gtk_widget_class_bind_template_child (widget_class, ValiseNameDialog, hint);
  gtk_widget_class_bind_template_child (widget_class, ValiseNameDialog, label);
  gtk_widget_class_bind_template_callback (widget_class, on_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_response_cb);
  signals[NAMED] = g_signal_new ("named", VALISE_TYPE_NAME_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                 1, G_TYPE_STRING);
}

static void
valise_name_dialog_init (ValiseNameDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_container_forall (GTK_CONTAINER (self->combo), show_arrow, GINT_TO_POINTER (FALSE));
}

GtkWidget *
valise_name_dialog_new (GtkWindow *parent, const char *title, const char *label, const char *accept)
{
  ValiseNameDialog *self =
      g_object_new (VALISE_TYPE_NAME_DIALOG, "transient-for", parent, "title", title, "use-header-bar", 1, NULL);
  GtkWidget *button;

  gtk_label_set_text_with_mnemonic (self->label, label);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self->combo)), gtk_label_get_text (self->label));
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self->entry)), gtk_label_get_text (self->label));
  gtk_dialog_add_button (GTK_DIALOG (self), _ ("_Cancel"), GTK_RESPONSE_CANCEL);
  button = gtk_dialog_add_button (GTK_DIALOG (self), accept, GTK_RESPONSE_ACCEPT);
  gtk_style_context_add_class (gtk_widget_get_style_context (button), GTK_STYLE_CLASS_SUGGESTED_ACTION);
  gtk_dialog_set_default_response (GTK_DIALOG (self), GTK_RESPONSE_ACCEPT);
  return GTK_WIDGET (self);
}

void
valise_name_dialog_set_name (ValiseNameDialog *self, const char *name)
{
  gtk_entry_set_text (self->entry, name != NULL ? name : "");
  gtk_editable_select_region (GTK_EDITABLE (self->entry), 0, -1);
}

void
valise_name_dialog_set_required (ValiseNameDialog *self)
{
  self->required = TRUE;
  on_changed_cb (self);
}

void
valise_name_dialog_set_choices (ValiseNameDialog *self, GPtrArray *choices, const char *hint)
{
  if (choices->len > 0)
    gtk_container_forall (GTK_CONTAINER (self->combo), show_arrow, GINT_TO_POINTER (TRUE));
  for (guint i = 0; i < choices->len; i++)
    gtk_combo_box_text_append_text (self->combo, g_ptr_array_index (choices, i));
  gtk_label_set_text (self->hint, hint != NULL ? hint : "");
  gtk_widget_set_visible (GTK_WIDGET (self->hint), hint != NULL);
}
