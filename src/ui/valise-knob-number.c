/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-knob-control.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define UNSET "valise-unset"

static gboolean
on_focus_out_cb (GtkWidget *widget, GdkEvent *event, ValiseSettingsRow *row)
{
  if (GTK_IS_SPIN_BUTTON (widget))
    gtk_spin_button_update (GTK_SPIN_BUTTON (widget));
  valise_settings_row_flush (row);
  return GDK_EVENT_PROPAGATE;
}

static void
mark_unset (GtkSpinButton *spin, double value)
{
  g_object_set_data_full (G_OBJECT (spin), UNSET, g_memdup2 (&value, sizeof value), g_free);
}

static int
on_input_cb (GtkSpinButton *spin, double *value, gpointer user_data)
{
  const char *text = gtk_entry_get_text (GTK_ENTRY (spin));

  if (*text != '\0')
    {
      g_object_set_data (G_OBJECT (spin), UNSET, NULL);
      return FALSE; /* GTK's own reading */
    }
  *value = gtk_spin_button_get_value (spin);
  mark_unset (spin, *value);
  return TRUE;
}

/* Unset for as long as the value is the one that it was when it was shown as unset: a turn of the spin sets it. */
static gboolean
is_unset (GtkSpinButton *spin)
{
  const double *value = g_object_get_data (G_OBJECT (spin), UNSET);

  return value != NULL && fabs (*value - gtk_spin_button_get_value (spin)) < 1e-9;
}

static gboolean
on_output_cb (GtkSpinButton *spin, gpointer user_data)
{
  if (!is_unset (spin))
    return FALSE;
  if (*gtk_entry_get_text (GTK_ENTRY (spin)) != '\0')
    gtk_entry_set_text (GTK_ENTRY (spin), "");
  return TRUE;
}

static void
on_value_changed_cb (GtkSpinButton *spin, ValiseSettingsRow *row)
{
  if (valise_settings_row_is_refreshing (row))
    return;
  g_object_set_data (G_OBJECT (spin), UNSET, NULL);
  valise_settings_row_queue_commit (row);
}

static void
on_text_changed_cb (GtkEntry *entry, ValiseSettingsRow *row)
{
  valise_settings_row_queue_commit (row);
}

/* A wheel over a page is for scrolling it, not for changing the machine. */
static gboolean
on_scroll_cb (GtkWidget *widget, GdkEvent *event, gpointer user_data)
{
  g_signal_stop_emission_by_name (widget, "scroll-event");
  return GDK_EVENT_PROPAGATE;
}

GtkWidget *
valise_knob_spin_new (ValiseSettingsRow *row, double minimum, double maximum, double step, guint digits)
{
  GtkWidget *spin = gtk_spin_button_new_with_range (minimum, maximum, step);

  gtk_spin_button_set_digits (GTK_SPIN_BUTTON (spin), digits);
  gtk_entry_set_alignment (GTK_ENTRY (spin), 1.0);
  gtk_entry_set_width_chars (GTK_ENTRY (spin), 8);
  g_signal_connect_object (spin, "input", G_CALLBACK (on_input_cb), row, 0);
  g_signal_connect_object (spin, "output", G_CALLBACK (on_output_cb), row, 0);
  g_signal_connect_object (spin, "value-changed", G_CALLBACK (on_value_changed_cb), row, 0);
  g_signal_connect_object (spin, "changed", G_CALLBACK (on_text_changed_cb), row, 0);
  g_signal_connect_object (spin, "focus-out-event", G_CALLBACK (on_focus_out_cb), row, 0);
  g_signal_connect_object (spin, "scroll-event", G_CALLBACK (on_scroll_cb), row, 0);
  return spin;
}

gboolean
valise_knob_spin_read (GtkWidget *spin, double *value)
{
  const char *text = gtk_entry_get_text (GTK_ENTRY (spin));
  char *end = NULL;

  *value = g_strtod (text, &end);
  return end != text;
}

void
valise_knob_spin_show (GtkWidget *spin, double value, gboolean unset, const char *fallback)
{
  double typed, least, most;
  gboolean same = valise_knob_spin_read (spin, &typed) ? !unset && fabs (typed - value) < 1e-6 : unset;

  gtk_spin_button_get_range (GTK_SPIN_BUTTON (spin), &least, &most);
  if (unset)
    mark_unset (GTK_SPIN_BUTTON (spin), CLAMP (value, least, most));
  else
    g_object_set_data (G_OBJECT (spin), UNSET, NULL);
  gtk_entry_set_placeholder_text (GTK_ENTRY (spin), fallback);
  /* Somebody is typing: "4" is not made "4.00" under the caret. */
  if (same && gtk_widget_has_focus (spin))
    return;
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (spin), value);
  /* The value may be the same as before while "unset" is not. */
  if (unset)
    gtk_entry_set_text (GTK_ENTRY (spin), "");
  else
    gtk_spin_button_update (GTK_SPIN_BUTTON (spin));
}

GtkWidget *
valise_knob_entry_new (ValiseSettingsRow *row, int width_chars)
{
  GtkWidget *entry = gtk_entry_new ();

  gtk_entry_set_width_chars (GTK_ENTRY (entry), width_chars);
  g_signal_connect_object (entry, "changed", G_CALLBACK (on_text_changed_cb), row, 0);
  g_signal_connect_object (entry, "activate", G_CALLBACK (valise_settings_row_commit_now), row, G_CONNECT_SWAPPED);
  g_signal_connect_object (entry, "focus-out-event", G_CALLBACK (on_focus_out_cb), row, 0);
  return entry;
}

static GtkWidget *
build_number (ValiseSettingsRow *row, const ValiseKnob *knob)
{
  gboolean bounded = knob->minimum != 0 || knob->maximum != 0;
  double maximum = bounded && knob->maximum > knob->minimum ? (double) knob->maximum : 1e15;
  GtkWidget *spin = valise_knob_spin_new (row, (double) knob->minimum, maximum, 1, 0);

  /* One KiB more or less is nothing that anybody wants. */
  if (g_strcmp0 (knob->unit, "KiB") == 0)
    gtk_spin_button_set_increments (GTK_SPIN_BUTTON (spin), 1024, 16384);
  else
    gtk_spin_button_set_increments (GTK_SPIN_BUTTON (spin), 1, 10);
  valise_settings_row_add_control (row, spin, NULL);
  if (knob->unit != NULL)
    {
      GtkWidget *unit = gtk_label_new (_ (knob->unit));
      gtk_style_context_add_class (gtk_widget_get_style_context (unit), GTK_STYLE_CLASS_DIM_LABEL);
      valise_settings_row_add_control (row, unit, _ ("unit"));
    }
  return spin;
}

static void
show_number (ValiseSettingsRow *row, const ValiseKnob *knob, GtkWidget *spin)
{
  g_autofree char *text = valise_settings_row_get_value (row, valise_settings_row_get_knob (row));
  char *end = NULL;
  double value = text != NULL ? g_ascii_strtod (text, &end) : 0;
  gboolean number = text != NULL && end != text && *end == '\0';

  if (text == NULL || number)
    {
      valise_knob_spin_show (spin, value, text == NULL, _ ("Default"));
      return;
    }
  /* What is no number (from the XML page) is shown as it is, beside what is said about it. */
  gtk_entry_set_text (GTK_ENTRY (spin), text);
}

static void
commit_number (ValiseSettingsRow *row, const ValiseKnob *knob, GtkWidget *spin)
{
  g_autofree char *text = NULL;
  double value;

  if (valise_knob_spin_read (spin, &value))
    text = g_strdup_printf ("%.0f", value);
  valise_settings_row_set_value (row, valise_settings_row_get_knob (row), text);
}

const ValiseKnobControl valise_knob_number = { build_number, show_number, commit_number };
