/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-knob-control.h"

#include <glib/gi18n-lib.h>

#include "ui/valise-file-dialog.h"

#define CHOOSER "valise-chooser"

static void
on_show_toggled_cb (GtkEntry *entry, GtkToggleButton *button)
{
  gtk_entry_set_visibility (entry, gtk_toggle_button_get_active (button));
}

/* Nobody who looks over a shoulder needs to read it. */
static void
hide_secret (ValiseSettingsRow *row, GtkEntry *entry)
{
  GtkWidget *button = gtk_toggle_button_new ();

  gtk_entry_set_visibility (entry, FALSE);
  gtk_entry_set_input_purpose (entry, GTK_INPUT_PURPOSE_PASSWORD);
  gtk_button_set_image (GTK_BUTTON (button),
                        gtk_image_new_from_icon_name ("view-reveal-symbolic", GTK_ICON_SIZE_BUTTON));
  gtk_widget_set_tooltip_text (button, _ ("Show it"));
  g_signal_connect_object (button, "toggled", G_CALLBACK (on_show_toggled_cb), entry, G_CONNECT_SWAPPED);
  valise_settings_row_add_control (row, button, _ ("show it"));
}

static GtkWidget *
build_text (ValiseSettingsRow *row, const ValiseKnob *knob)
{
  GtkWidget *entry = valise_knob_entry_new (row, 24);

  gtk_entry_set_placeholder_text (GTK_ENTRY (entry), knob->fallback != NULL ? _ (knob->fallback) : NULL);
  valise_settings_row_add_control (row, entry, NULL);
  if (g_str_has_suffix (knob->path, "/@passwd"))
    hide_secret (row, GTK_ENTRY (entry));
  return entry;
}

void
valise_knob_show_text (ValiseSettingsRow *row, const ValiseKnob *knob, GtkWidget *entry)
{
  g_autofree char *value = valise_settings_row_get_value (row, valise_settings_row_get_knob (row));

  if (g_strcmp0 (gtk_entry_get_text (GTK_ENTRY (entry)), value != NULL ? value : "") != 0)
    gtk_entry_set_text (GTK_ENTRY (entry), value != NULL ? value : "");
}

void
valise_knob_commit_text (ValiseSettingsRow *row, const ValiseKnob *knob, GtkWidget *entry)
{
  const char *text = gtk_entry_get_text (GTK_ENTRY (entry));
  valise_settings_row_set_value (row, valise_settings_row_get_knob (row), *text != '\0' ? text : NULL);
}

const ValiseKnobControl valise_knob_text = { build_text, valise_knob_show_text, valise_knob_commit_text };

static void
on_file_chosen_cb (GtkNativeDialog *dialog, int response, GtkEntry *entry)
{
  g_autofree char *path = valise_file_dialog_take (GTK_FILE_CHOOSER_NATIVE (dialog), response);
  GtkWidget *row = gtk_widget_get_ancestor (GTK_WIDGET (entry), VALISE_TYPE_SETTINGS_ROW);

  g_object_steal_data (G_OBJECT (entry), CHOOSER); /* taken: it goes by itself */
  if (path == NULL)
    return;
  gtk_entry_set_text (entry, path);
  if (row != NULL)
    valise_settings_row_commit_now (VALISE_SETTINGS_ROW (row));
}

static void
drop_chooser (gpointer dialog)
{
  gtk_native_dialog_destroy (dialog);
  g_object_unref (dialog);
}

static void
on_choose_clicked_cb (GtkEntry *entry)
{
  GtkWidget *window = gtk_widget_get_toplevel (GTK_WIDGET (entry));
  ValiseSettingsRow *row = VALISE_SETTINGS_ROW (gtk_widget_get_ancestor (GTK_WIDGET (entry), VALISE_TYPE_SETTINGS_ROW));
  gboolean folder = g_str_has_suffix (valise_settings_row_get_knob (row), "/@dir");
  GtkFileChooserNative *dialog =
      valise_file_dialog_new (folder ? _ ("Choose a Folder") : _ ("Choose a File"),
                              GTK_IS_WINDOW (window) ? GTK_WINDOW (window) : NULL,
                              folder ? GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER : GTK_FILE_CHOOSER_ACTION_OPEN,
                              _ ("_Choose"));

  if (g_path_is_absolute (gtk_entry_get_text (entry)))
    gtk_file_chooser_set_filename (GTK_FILE_CHOOSER (dialog), gtk_entry_get_text (entry));
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_file_chosen_cb), entry, 0);
  g_object_set_data_full (G_OBJECT (entry), CHOOSER, dialog, drop_chooser);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static GtkWidget *
build_path (ValiseSettingsRow *row, const ValiseKnob *knob)
{
  GtkWidget *entry = valise_knob_entry_new (row, 22);
  GtkWidget *button = gtk_button_new_with_mnemonic (_ ("Choose…"));

  valise_settings_row_add_control (row, entry, NULL);
  valise_settings_row_add_control (row, button, _ ("choose a file"));
  g_signal_connect_object (button, "clicked", G_CALLBACK (on_choose_clicked_cb), entry, G_CONNECT_SWAPPED);
  return entry;
}

const ValiseKnobControl valise_knob_path = { build_path, valise_knob_show_text, valise_knob_commit_text };
