/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-grant-dialog.h"

#include <glib/gi18n-lib.h>

#include "base/valise-path.h"
#include "ui/valise-ask-row.h"

struct _ValiseGrantDialog
{
  GtkDialog parent_instance;

  GtkLabel *intro_label;
  GtkLabel *hint_label;
  GtkListBox *ask_list;
  GtkLabel *error_label;
  GtkWidget *allow_button;
  GtkWidget *without_button;

  ValiseMachine *machine;
  GPtrArray *asks;
  GPtrArray *switches; /* of the same places */
  gboolean review;
};

enum
{
  SIGNAL_SETTLED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (ValiseGrantDialog, valise_grant_dialog, GTK_TYPE_DIALOG)

static GPtrArray *
list_selected (ValiseGrantDialog *self)
{
  GPtrArray *selected = g_ptr_array_new ();

  for (guint i = 0; i < self->asks->len; i++)
    if (gtk_switch_get_active (g_ptr_array_index (self->switches, i)))
      g_ptr_array_add (selected, g_ptr_array_index (self->asks, i));
  return selected;
}

/* The suggestion moves to what was chosen: there is always exactly one. */
static void
update_buttons (ValiseGrantDialog *self)
{
  g_autoptr (GPtrArray) selected = list_selected (self);
  GtkStyleContext *allow = gtk_widget_get_style_context (self->allow_button);
  GtkStyleContext *without = gtk_widget_get_style_context (self->without_button);

  if (self->review)
    {
      gtk_style_context_add_class (allow, GTK_STYLE_CLASS_SUGGESTED_ACTION);
      return;
    }
  gtk_widget_set_sensitive (self->allow_button, selected->len > 0);
  gtk_style_context_remove_class (selected->len > 0 ? without : allow, GTK_STYLE_CLASS_SUGGESTED_ACTION);
  gtk_style_context_add_class (selected->len > 0 ? allow : without, GTK_STYLE_CLASS_SUGGESTED_ACTION);
}

static void
add_ask (ValiseGrantDialog *self, const ValiseAsk *ask)
{
  GtkWidget *allow;
  GtkWidget *row = valise_ask_row_new (ask->text, ask->knob, NULL, &allow);

  gtk_switch_set_active (GTK_SWITCH (allow), self->review && ask->granted);
  g_signal_connect_object (allow, "notify::active", G_CALLBACK (update_buttons), self, G_CONNECT_SWAPPED);
  gtk_container_add (GTK_CONTAINER (self->ask_list), row);
  g_ptr_array_add (self->switches, allow);
}

static void
settle (ValiseGrantDialog *self, GPtrArray *granted)
{
  g_autoptr (GError) error = NULL;

  if (!valise_machine_settle_asks (self->machine, granted, &error))
    {
      gtk_label_set_text (self->error_label, error->message);
      gtk_widget_show (GTK_WIDGET (self->error_label));
      return;
    }
  g_object_ref (self);
  gtk_widget_hide (GTK_WIDGET (self));
  g_signal_emit (self, signals[SIGNAL_SETTLED], 0);
  gtk_widget_destroy (GTK_WIDGET (self));
  g_object_unref (self);
}

static void
on_allow_clicked_cb (ValiseGrantDialog *self)
{
  g_autoptr (GPtrArray) selected = list_selected (self);
  settle (self, selected);
}

static void
on_without_clicked_cb (ValiseGrantDialog *self)
{
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  settle (self, none);
}

static void
on_cancel_clicked_cb (ValiseGrantDialog *self)
{
  gtk_widget_destroy (GTK_WIDGET (self));
}

static void
valise_grant_dialog_finalize (GObject *object)
{
  ValiseGrantDialog *self = VALISE_GRANT_DIALOG (object);

  g_clear_object (&self->machine);
  g_clear_pointer (&self->asks, g_ptr_array_unref);
  g_ptr_array_unref (self->switches);
  G_OBJECT_CLASS (valise_grant_dialog_parent_class)->finalize (object);
}

static void
valise_grant_dialog_class_init (ValiseGrantDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = valise_grant_dialog_finalize;
  signals[SIGNAL_SETTLED] =
      g_signal_new ("settled", VALISE_TYPE_GRANT_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/valise/Valise/ui/valise-grant-dialog.glade");
  gtk_widget_class_bind_template_child (widget_class, ValiseGrantDialog, intro_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseGrantDialog, hint_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseGrantDialog, ask_list);
  gtk_widget_class_bind_template_child (widget_class, ValiseGrantDialog, error_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseGrantDialog, allow_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseGrantDialog, without_button);
  gtk_widget_class_bind_template_callback (widget_class, on_allow_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_without_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_cancel_clicked_cb);
}

/* Three in a row have to fit where there is no room for their words in one line. */
static void
wrap_words (GtkWidget *button)
{
  GtkLabel *label = GTK_LABEL (gtk_bin_get_child (GTK_BIN (button)));

  gtk_label_set_line_wrap (label, TRUE);
  gtk_label_set_justify (label, GTK_JUSTIFY_CENTER);
}

static void
valise_grant_dialog_init (ValiseGrantDialog *self)
{
  self->switches = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  wrap_words (self->allow_button);
  wrap_words (self->without_button);
}

static void
say_what_it_is (ValiseGrantDialog *self)
{
  g_autofree char *name = valise_text_for_display (valise_machine_get_name (self->machine), 60);
  g_autofree char *intro = NULL;

  if (self->review)
    intro = g_strdup_printf (_ ("What “%s” may reach of this computer:"), name);
  else
    intro = g_strdup_printf (_ ("“%s” was not made on this computer. Before it starts for the first time, decide what "
                                "of this computer it may reach:"),
                             name);
  gtk_label_set_text (self->intro_label, intro);
  if (!self->review)
    return;
  gtk_label_set_text (self->hint_label, _ ("What is switched off is left out at the next start."));
  gtk_button_set_label (GTK_BUTTON (self->allow_button), _ ("_Save"));
  gtk_widget_hide (self->without_button);
}

static GtkWidget *
make_dialog (ValiseMachine *machine, GtkWindow *parent, gboolean review)
{
  ValiseGrantDialog *self = g_object_new (VALISE_TYPE_GRANT_DIALOG, "transient-for", parent, NULL);
  gboolean settled;

  self->machine = g_object_ref (machine);
  self->review = review;
  self->asks = valise_machine_list_asks (machine, &settled);
  if (self->asks == NULL)
    self->asks = g_ptr_array_new ();
  say_what_it_is (self);
  for (guint i = 0; i < self->asks->len; i++)
    add_ask (self, g_ptr_array_index (self->asks, i));
  update_buttons (self);
  gtk_widget_grab_focus (review ? self->allow_button : self->without_button);
  return GTK_WIDGET (self);
}

GtkWidget *
valise_grant_dialog_new (ValiseMachine *machine, GtkWindow *parent)
{
  g_return_val_if_fail (VALISE_IS_MACHINE (machine), NULL);

  return make_dialog (machine, parent, FALSE);
}

GtkWidget *
valise_grant_dialog_new_review (ValiseMachine *machine, GtkWindow *parent)
{
  g_return_val_if_fail (VALISE_IS_MACHINE (machine), NULL);

  return make_dialog (machine, parent, TRUE);
}
