/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-knob-control.h"
#include "ui/valise-special-rows.h"

#define KNOB "devices/disk/source/@file"

VALISE_DEFINE_SPECIAL_ROW (ValiseMediaRow, valise_media_row, GtkWidget *entry; GtkWidget * eject;)

static void
on_eject_clicked_cb (ValiseSettingsRow *row)
{
  valise_settings_row_set_value (row, "devices/disk/source", NULL);
}

static void
valise_media_row_bound (ValiseSettingsRow *row)
{
  ValiseMediaRow *self = (ValiseMediaRow *) row;

  if (self->entry != NULL)
    return;
  self->entry = valise_knob_path.build (row, valise_knob_lookup (KNOB));
  gtk_entry_set_placeholder_text (GTK_ENTRY (self->entry), _ ("No disc"));
  self->eject = gtk_button_new_with_label (_ ("Eject"));
  valise_settings_row_add_control (row, self->eject, _ ("eject"));
  g_signal_connect_object (self->eject, "clicked", G_CALLBACK (on_eject_clicked_cb), row, G_CONNECT_SWAPPED);
}

static void
valise_media_row_refresh (ValiseSettingsRow *row)
{
  ValiseMediaRow *self = (ValiseMediaRow *) row;
  g_autofree char *file = valise_settings_row_get_value (row, KNOB);

  valise_knob_path.show (row, valise_knob_lookup (KNOB), self->entry);
  gtk_widget_set_tooltip_text (self->entry, file);
  gtk_editable_set_position (GTK_EDITABLE (self->entry), -1);
  gtk_widget_set_sensitive (self->eject, file != NULL);
  valise_settings_row_set_source (row, file != NULL ? _ ("Inserted") : _ ("Empty"));
}

static void
valise_media_row_commit (ValiseSettingsRow *row)
{
  ValiseMediaRow *self = (ValiseMediaRow *) row;
  ValiseEditSession *session = valise_settings_row_get_session (row);
  const char *file = gtk_entry_get_text (GTK_ENTRY (self->entry));

  valise_edit_session_begin (session);
  if (*file == '\0')
    valise_settings_row_set_value (row, "devices/disk/source", NULL);
  else
    {
      valise_settings_row_set_value (row, "devices/disk/@type", "file");
      valise_settings_row_set_value (row, KNOB, file);
    }
  valise_edit_session_end (session);
}

static void
valise_media_row_reset (ValiseSettingsRow *row)
{
  on_eject_clicked_cb (row);
}

static void
valise_media_row_class_init (ValiseMediaRowClass *klass)
{
  ValiseSettingsRowClass *row_class = VALISE_SETTINGS_ROW_CLASS (klass);

  row_class->bound = valise_media_row_bound;
  row_class->refresh = valise_media_row_refresh;
  row_class->commit = valise_media_row_commit;
  row_class->reset = valise_media_row_reset;
}
