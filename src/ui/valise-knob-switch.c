/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-knob-control.h"

static const char *
word_for (const ValiseKnob *knob, gboolean on)
{
  switch (knob->kind)
    {
    case VALISE_KNOB_YES_NO:
      return on ? "yes" : "no";
    case VALISE_KNOB_PRESENCE:
      return on ? "" : NULL;
    default:
      return on ? "on" : "off";
    }
}

static GtkWidget *
build_switch (ValiseSettingsRow *row, const ValiseKnob *knob)
{
  GtkWidget *control = gtk_switch_new ();

  valise_settings_row_add_control (row, control, NULL);
  g_signal_connect_object (control, "notify::active", G_CALLBACK (valise_settings_row_commit_now), row,
                           G_CONNECT_SWAPPED);
  return control;
}

static void
show_switch (ValiseSettingsRow *row, const ValiseKnob *knob, GtkWidget *control)
{
  g_autofree char *value = valise_settings_row_get_value (row, valise_settings_row_get_knob (row));
  gboolean on;

  /* Unset shows what libvirt does then, as far as the table's words say it in one. */
  if (value == NULL)
    on = knob->kind != VALISE_KNOB_PRESENCE
         && (g_strcmp0 (knob->fallback, "on") == 0 || g_strcmp0 (knob->fallback, "yes") == 0);
  else
    on = knob->kind == VALISE_KNOB_PRESENCE || g_str_equal (value, word_for (knob, TRUE));
  gtk_switch_set_active (GTK_SWITCH (control), on);
}

static void
commit_switch (ValiseSettingsRow *row, const ValiseKnob *knob, GtkWidget *control)
{
  valise_settings_row_set_value (row, valise_settings_row_get_knob (row),
                                 word_for (knob, gtk_switch_get_active (GTK_SWITCH (control))));
}

const ValiseKnobControl valise_knob_switch = { build_switch, show_switch, commit_switch };
