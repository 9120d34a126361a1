/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-settings-findings.h"

#include <glib/gi18n-lib.h>

#include "ui/valise-words-label.h"

#define KNOB "valise-knob"
#define VALUE "valise-value"

static void
on_fix_clicked_cb (GtkWidget *button, ValiseEditSession *session)
{
  g_autofree char *knob = g_strdup (g_object_get_data (G_OBJECT (button), KNOB));
  g_autofree char *value = g_strdup (g_object_get_data (G_OBJECT (button), VALUE));
  g_autoptr (GError) error = NULL;
  gboolean done = value != NULL ? valise_edit_session_set (session, knob, value, &error)
                                : valise_edit_session_unset (session, knob, &error);

  if (!done)
    g_warning ("cannot put %s right: %s", knob, error->message);
}

static GtkWidget *
make_fix (ValiseEditSession *session, const ValiseFinding *finding)
{
  GtkWidget *button = gtk_button_new_with_label (_ ("Fix It"));

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  g_object_set_data_full (G_OBJECT (button), KNOB, g_strdup (finding->fix_knob), g_free);
  g_object_set_data_full (G_OBJECT (button), VALUE, g_strdup (finding->fix_value), g_free);
  g_signal_connect_object (button, "clicked", G_CALLBACK (on_fix_clicked_cb), session, 0);
  return button;
}

static GtkWidget *
make_row (ValiseEditSession *session, const ValiseFinding *finding)
{
  static const char *const icons[] = { "dialog-information-symbolic", "dialog-warning-symbolic",
                                       "dialog-error-symbolic" };
  static const char *const classes[] = { "has-notice", "has-warning", "has-error" };
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  g_autofree char *text =
      finding->remedy != NULL ? g_strdup_printf ("%s %s", finding->text, finding->remedy) : g_strdup (finding->text);

  g_object_set (box, "margin", 12, NULL);
  gtk_container_add (GTK_CONTAINER (box),
                     gtk_image_new_from_icon_name (icons[finding->severity], GTK_ICON_SIZE_BUTTON));
  gtk_container_add (GTK_CONTAINER (box), valise_words_label_new (text, NULL));
  if (finding->fix_knob != NULL)
    gtk_container_add (GTK_CONTAINER (box), make_fix (session, finding));
  gtk_container_add (GTK_CONTAINER (row), box);
  g_object_set (row, "activatable", FALSE, "selectable", FALSE, NULL);
  gtk_style_context_add_class (gtk_widget_get_style_context (row), "valise-row");
  gtk_style_context_add_class (gtk_widget_get_style_context (row), classes[finding->severity]);
  atk_object_set_name (gtk_widget_get_accessible (row), text);
  return row;
}

static void
destroy_row (GtkWidget *row, gpointer user_data)
{
  gtk_widget_destroy (row);
}

void
valise_settings_findings_fill (GtkListBox *list, ValiseEditSession *session, GPtrArray *findings)
{
  gtk_container_foreach (GTK_CONTAINER (list), destroy_row, NULL);
  for (guint i = 0; i < findings->len; i++)
    {
      GtkWidget *row = make_row (session, g_ptr_array_index (findings, i));

      gtk_container_add (GTK_CONTAINER (list), row);
      gtk_widget_show_all (row);
    }
  gtk_widget_set_visible (GTK_WIDGET (list), findings->len > 0);
}
