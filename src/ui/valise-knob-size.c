/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-knob-control.h"

#include <glib/gi18n-lib.h>
#include "base/valise-size.h"

#define UNIT "valise-unit"

static const struct
{
  const char *label;
  guint64 bytes;
  guint digits;
} units[] = {
  { "KiB", VALISE_KIB, 0 },
  { "MiB", VALISE_MIB, 0 },
  { "GiB", VALISE_GIB, 2 },
};

gboolean
valise_knob_size_get (ValiseSettingsRow *row, const char *knob, guint64 *bytes)
{
  g_autofree char *path = valise_settings_row_resolve (row, knob);

  return valise_edit_session_get_size (valise_settings_row_get_session (row), path, bytes);
}

/* With its unit in the text: the session writes it in the unit that the document has. */
void
valise_knob_size_set (ValiseSettingsRow *row, const char *knob, guint64 bytes)
{
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT "KiB", bytes / VALISE_KIB);
  guint64 before;

  if (!valise_knob_size_get (row, knob, &before) || before != bytes)
    valise_settings_row_set_value (row, knob, text);
}

static gsize
get_unit (GtkWidget *spin)
{
  GtkComboBox *combo = g_object_get_data (G_OBJECT (spin), UNIT);
  return MAX (0, gtk_combo_box_get_active (combo));
}

static void
show_in_unit (const ValiseKnob *knob, GtkWidget *spin, guint64 bytes, gboolean unset)
{
  guint64 unit = units[get_unit (spin)].bytes;
  double maximum = knob->maximum > knob->minimum ? (double) knob->maximum : (double) (G_GUINT64_CONSTANT (1) << 60);

  gtk_spin_button_set_digits (GTK_SPIN_BUTTON (spin), units[get_unit (spin)].digits);
  gtk_spin_button_set_range (GTK_SPIN_BUTTON (spin), (double) knob->minimum / (double) unit, maximum / (double) unit);
  gtk_spin_button_set_increments (GTK_SPIN_BUTTON (spin), unit == VALISE_MIB ? 256 : 1, unit == VALISE_MIB ? 1024 : 4);
  valise_knob_spin_show (spin, (double) bytes / (double) unit, unset, _ ("Default"));
}

static void
on_unit_changed_cb (ValiseSettingsRow *row)
{
  if (!valise_settings_row_is_refreshing (row))
    valise_settings_row_refresh (row);
}

static GtkWidget *
build_size (ValiseSettingsRow *row, const ValiseKnob *knob)
{
  GtkWidget *spin = valise_knob_spin_new (row, 0, 1e15, 1, 0);
  GtkWidget *combo = gtk_combo_box_text_new ();
  guint64 bytes = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (units); i++)
    gtk_combo_box_text_append_text (GTK_COMBO_BOX_TEXT (combo), units[i].label);
  if (valise_knob_size_get (row, valise_settings_row_get_knob (row), &bytes) && bytes > 0 && bytes < VALISE_MIB)
    gtk_combo_box_set_active (GTK_COMBO_BOX (combo), 0);
  else
    gtk_combo_box_set_active (GTK_COMBO_BOX (combo), bytes >= VALISE_GIB ? 2 : 1);
  g_object_set_data (G_OBJECT (spin), UNIT, combo);
  g_signal_connect_object (combo, "changed", G_CALLBACK (on_unit_changed_cb), row, G_CONNECT_SWAPPED);
  valise_settings_row_add_control (row, spin, NULL);
  valise_settings_row_add_control (row, combo, _ ("unit"));
  return spin;
}

static void
show_size (ValiseSettingsRow *row, const ValiseKnob *knob, GtkWidget *spin)
{
  guint64 bytes = 0;
  gboolean set = valise_knob_size_get (row, valise_settings_row_get_knob (row), &bytes);

  show_in_unit (knob, spin, bytes, !set);
}

static void
commit_size (ValiseSettingsRow *row, const ValiseKnob *knob, GtkWidget *spin)
{
  double value;

  if (valise_knob_spin_read (spin, &value))
    valise_knob_size_set (row, valise_settings_row_get_knob (row),
                          (guint64) (MAX (0, value) * (double) units[get_unit (spin)].bytes));
  else
    valise_settings_row_set_value (row, valise_settings_row_get_knob (row), NULL);
}

const ValiseKnobControl valise_knob_size = { build_size, show_size, commit_size };
