/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-knob-control.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "model/valise-cpu-set.h"

#define NUMBER "valise-number"
/* Of more, ranges are typed. */
#define MOST_BUTTONS 128
#define PER_LINE 8

/* How many there are to choose from: this computer's processors, or the machine's. 0: what is counted there is neither.
 */
static guint
count_choices (ValiseSettingsRow *row)
{
  const char *knob = valise_settings_row_get_knob (row);
  ValiseCapabilities *here = valise_edit_session_get_capabilities (valise_settings_row_get_session (row));
  g_autofree char *vcpus = NULL;

  if (g_str_has_suffix (knob, "/@cpuset"))
    return here != NULL ? valise_capabilities_get_cpus (here) : 0;
  if (!g_str_has_suffix (knob, "/@vcpus") && !g_str_has_suffix (knob, "/@cpus"))
    return 0;
  vcpus = valise_settings_row_get_value (row, "vcpu");
  return vcpus != NULL ? (guint) CLAMP (g_ascii_strtoll (vcpus, NULL, 10), 0, VALISE_CPU_SET_MOST - 1) : 0;
}

static void
on_number_toggled_cb (GtkToggleButton *button, GtkEntry *entry)
{
  ValiseSettingsRow *row = VALISE_SETTINGS_ROW (gtk_widget_get_ancestor (GTK_WIDGET (entry), VALISE_TYPE_SETTINGS_ROW));
  guint number = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), NUMBER));
  g_autoptr (GArray) flags = valise_cpu_set_parse (gtk_entry_get_text (entry));
  g_autofree char *text = NULL;

  if (flags == NULL) /* what stands there is none: the choice begins anew */
    flags = g_array_new (FALSE, TRUE, sizeof (gboolean));
  if (number >= flags->len)
    g_array_set_size (flags, number + 1);
  g_array_index (flags, gboolean, number) = gtk_toggle_button_get_active (button);
  text = valise_cpu_set_format (flags);
  gtk_entry_set_text (entry, text);
  valise_settings_row_commit_now (row);
}

static GtkWidget *
make_number (GtkEntry *entry, guint number, gboolean on)
{
  g_autofree char *label = g_strdup_printf ("%u", number);
  GtkWidget *button = gtk_toggle_button_new_with_label (label);
  /* Translators: %u is the number of a processor */
  g_autofree char *name = g_strdup_printf (_ ("Processor %u"), number);

  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), on);
  atk_object_set_name (gtk_widget_get_accessible (button), name);
  g_object_set_data (G_OBJECT (button), NUMBER, GUINT_TO_POINTER (number));
  g_signal_connect_object (button, "toggled", G_CALLBACK (on_number_toggled_cb), entry, 0);
  return button;
}

static void
destroy_child (GtkWidget *child, gpointer user_data)
{
  gtk_widget_destroy (child);
}

/* Made when it is opened: how many there are may have changed. */
static void
on_opened_cb (GtkToggleButton *button, GtkEntry *entry)
{
  ValiseSettingsRow *row = VALISE_SETTINGS_ROW (gtk_widget_get_ancestor (GTK_WIDGET (entry), VALISE_TYPE_SETTINGS_ROW));
  GtkPopover *popover = gtk_menu_button_get_popover (GTK_MENU_BUTTON (button));
  GtkWidget *grid = gtk_bin_get_child (GTK_BIN (popover));
  guint count;
  g_autoptr (GArray) flags = NULL;

  if (!gtk_toggle_button_get_active (button))
    return;
  count = MIN (count_choices (row), MOST_BUTTONS);
  flags = valise_cpu_set_parse (gtk_entry_get_text (entry));
  gtk_container_foreach (GTK_CONTAINER (grid), destroy_child, NULL);
  for (guint i = 0; i < count; i++)
    gtk_grid_attach (GTK_GRID (grid),
                     make_number (entry, i, flags != NULL && i < flags->len && g_array_index (flags, gboolean, i)),
                     (int) (i % PER_LINE), (int) (i / PER_LINE), 1, 1);
  gtk_widget_show_all (grid);
}

static void
add_chooser (ValiseSettingsRow *row, GtkWidget *entry)
{
  GtkWidget *button = gtk_menu_button_new (), *popover = gtk_popover_new (button), *grid = gtk_grid_new ();

  g_object_set (grid, "margin", 6, "row-spacing", 4, "column-spacing", 4, "column-homogeneous", TRUE, NULL);
  gtk_container_add (GTK_CONTAINER (popover), grid);
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (button), popover);
  gtk_widget_set_tooltip_text (button, _ ("Choose processors"));
  valise_settings_row_add_control (row, button, _ ("choose processors"));
  g_signal_connect_object (button, "toggled", G_CALLBACK (on_opened_cb), entry, 0);
}

static GtkWidget *
build_cpu_set (ValiseSettingsRow *row, const ValiseKnob *knob)
{
  GtkWidget *entry = valise_knob_entry_new (row, 16);

  /* Translators: an example of how sets of processors are written; "^" takes one out */
  gtk_entry_set_placeholder_text (GTK_ENTRY (entry), knob->fallback != NULL ? _ (knob->fallback) : _ ("as in 0-3,^2"));
  valise_settings_row_add_control (row, entry, NULL);
  if (count_choices (row) > 0)
    add_chooser (row, entry);
  return entry;
}

const ValiseKnobControl valise_knob_cpu_set = { build_cpu_set, valise_knob_show_text, valise_knob_commit_text };
