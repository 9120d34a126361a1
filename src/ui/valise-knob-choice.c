/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-knob-control.h"

#include <glib/gi18n-lib.h>

/* No value of libvirt starts with a control character. */
#define OTHER "\001other"
#define FILLED "valise-filled-for"

enum
{
  COLUMN_VALUE,
  COLUMN_LABEL,
  COLUMN_CAN,
  N_COLUMNS
};

static GPtrArray *
options_from_table (const ValiseKnob *knob)
{
  GPtrArray *options = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_option_free);

  for (const ValiseKnobChoice *choice = knob->choices; choice != NULL && choice->value != NULL; choice++)
    {
      ValiseOption *option = g_new0 (ValiseOption, 1);
      option->value = g_strdup (choice->value);
      option->label = g_strdup (choice->label != NULL ? _ (choice->label) : choice->value);
      g_ptr_array_add (options, option);
    }
  return options;
}

static GPtrArray *
options_for (ValiseSettingsRow *row, const ValiseKnob *knob)
{
  ValiseCapabilities *capabilities = valise_edit_session_get_capabilities (valise_settings_row_get_session (row));
  g_autofree char *arch = valise_settings_row_get_value (row, "os/type/@arch");
  g_autofree char *machine = valise_settings_row_get_value (row, "os/type/@machine");
  GPtrArray *options = NULL;

  if (capabilities != NULL)
    options = valise_capabilities_options (capabilities, knob->path, arch, machine);
  return options != NULL ? options : options_from_table (knob);
}

static void
on_chosen_cb (ValiseSettingsRow *row)
{
  if (!valise_settings_row_is_refreshing (row))
    valise_settings_row_commit_now (row);
}

GtkWidget *
valise_knob_combo_new (ValiseSettingsRow *row)
{
  g_autoptr (GtkListStore) store = gtk_list_store_new (N_COLUMNS, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_BOOLEAN);
  GtkWidget *combo = gtk_combo_box_new_with_model (GTK_TREE_MODEL (store));
  GtkCellRenderer *renderer = gtk_cell_renderer_text_new ();

  g_object_set (renderer, "ellipsize", PANGO_ELLIPSIZE_END, "width-chars", 22, "max-width-chars", 60, NULL);
  gtk_cell_layout_pack_start (GTK_CELL_LAYOUT (combo), renderer, TRUE);
  gtk_cell_layout_set_attributes (GTK_CELL_LAYOUT (combo), renderer, "text", COLUMN_LABEL, "sensitive", COLUMN_CAN,
                                  NULL);
  gtk_combo_box_set_popup_fixed_width (GTK_COMBO_BOX (combo), FALSE);
  g_signal_connect_object (combo, "changed", G_CALLBACK (on_chosen_cb), row, G_CONNECT_SWAPPED);
  return combo;
}

void
valise_knob_combo_fill (GtkWidget *combo, GPtrArray *options, const char *unset_label)
{
  GtkListStore *store = GTK_LIST_STORE (gtk_combo_box_get_model (GTK_COMBO_BOX (combo)));

  gtk_list_store_clear (store);
  if (unset_label != NULL)
    gtk_list_store_insert_with_values (store, NULL, -1, COLUMN_LABEL, unset_label, COLUMN_CAN, TRUE, -1);
  for (guint i = 0; options != NULL && i < options->len; i++)
    {
      const ValiseOption *option = g_ptr_array_index (options, i);
      const char *label = option->label != NULL ? option->label : option->value;
      g_autofree char *text =
          option->reason != NULL ? g_strdup_printf ("%s — %s", label, option->reason) : g_strdup (label);
      gtk_list_store_insert_with_values (store, NULL, -1, COLUMN_VALUE, option->value, COLUMN_LABEL, text, COLUMN_CAN,
                                         option->reason == NULL, -1);
    }
}

static gboolean
find_value (GtkTreeModel *model, const char *value, GtkTreeIter *iter)
{
  for (gboolean more = gtk_tree_model_get_iter_first (model, iter); more; more = gtk_tree_model_iter_next (model, iter))
    {
      g_autofree char *has = NULL;

      gtk_tree_model_get (model, iter, COLUMN_VALUE, &has, -1);
      if (g_strcmp0 (has, value) == 0)
        return TRUE;
    }
  return FALSE;
}

void
valise_knob_combo_show (GtkWidget *combo, const char *value)
{
  GtkTreeModel *model = gtk_combo_box_get_model (GTK_COMBO_BOX (combo));
  g_autofree char *label = NULL;
  GtkTreeIter iter;
  gboolean found = find_value (model, value, &iter);

  if (!found && value != NULL)
    {
      /* In front of "Other…", which stays last. */
      gtk_list_store_insert_with_values (GTK_LIST_STORE (model), &iter, 0, COLUMN_VALUE, value, COLUMN_LABEL, value,
                                         COLUMN_CAN, TRUE, -1);
      found = TRUE;
    }
  if (!found)
    {
      gtk_combo_box_set_active (GTK_COMBO_BOX (combo), -1);
      return;
    }
  gtk_combo_box_set_active_iter (GTK_COMBO_BOX (combo), &iter);
  /* The closed choice may be too narrow for it. */
  gtk_tree_model_get (model, &iter, COLUMN_LABEL, &label, -1);
  gtk_widget_set_tooltip_text (combo, label);
}

char *
valise_knob_combo_get (GtkWidget *combo)
{
  GtkTreeIter iter;
  char *value = NULL;

  if (gtk_combo_box_get_active_iter (GTK_COMBO_BOX (combo), &iter))
    gtk_tree_model_get (gtk_combo_box_get_model (GTK_COMBO_BOX (combo)), &iter, COLUMN_VALUE, &value, -1);
  return value;
}

gboolean
valise_knob_combo_is_filled_for (GtkWidget *combo, ValiseSettingsRow *row)
{
  ValiseCapabilities *capabilities = valise_edit_session_get_capabilities (valise_settings_row_get_session (row));
  g_autofree char *arch = valise_settings_row_get_value (row, "os/type/@arch");
  g_autofree char *machine = valise_settings_row_get_value (row, "os/type/@machine");
  g_autofree char *key =
      g_strdup_printf ("%p %s %s", (gpointer) capabilities, arch != NULL ? arch : "", machine != NULL ? machine : "");

  if (g_strcmp0 (g_object_get_data (G_OBJECT (combo), FILLED), key) == 0)
    return TRUE;
  g_object_set_data_full (G_OBJECT (combo), FILLED, g_steal_pointer (&key), g_free);
  return FALSE;
}

static gboolean
fill_for (GtkWidget *combo, ValiseSettingsRow *row, const char *path, const char *unset_label)
{
  const ValiseKnob *curated = valise_knob_lookup (path);
  const ValiseKnob *knob = curated != NULL ? curated : valise_settings_row_get_description (row);
  g_autoptr (GPtrArray) options = NULL;

  if (valise_knob_combo_is_filled_for (combo, row))
    return FALSE;
  options = knob != NULL ? options_for (row, knob) : NULL;
  valise_knob_combo_fill (combo, options, unset_label);
  return TRUE;
}

/* The last entry of a list whose values are only proposals: it opens a field to type another one in. */
static void
add_other (GtkWidget *combo)
{
  GtkListStore *store = GTK_LIST_STORE (gtk_combo_box_get_model (GTK_COMBO_BOX (combo)));

  gtk_list_store_insert_with_values (store, NULL, -1, COLUMN_VALUE, OTHER, COLUMN_LABEL, _ ("Other…"), COLUMN_CAN, TRUE,
                                     -1);
}

static gboolean
on_other_left_cb (ValiseSettingsRow *row)
{
  valise_settings_row_flush (row);
  valise_settings_row_refresh (row);
  return GDK_EVENT_PROPAGATE;
}

static GtkWidget *
build_choice (ValiseSettingsRow *row, const ValiseKnob *knob)
{
  GtkWidget *combo = valise_knob_combo_new (row);

  if (knob->open)
    {
      GtkWidget *entry = valise_knob_entry_new (row, 12);
      valise_settings_row_add_control (row, entry, _ ("other value"));
      gtk_widget_hide (entry);
      g_signal_connect_object (entry, "focus-out-event", G_CALLBACK (on_other_left_cb), row,
                               G_CONNECT_SWAPPED | G_CONNECT_AFTER);
      g_object_set_data (G_OBJECT (combo), OTHER, entry);
    }
  valise_settings_row_add_control (row, combo, NULL);
  return combo;
}

static char *
words_for_unset (const ValiseKnob *knob)
{
  if (knob->required)
    return NULL;
  return knob->fallback != NULL ? g_strdup_printf (_ ("Default (%s)"), _ (knob->fallback)) : g_strdup (_ ("Default"));
}

static void
show_choice (ValiseSettingsRow *row, const ValiseKnob *knob, GtkWidget *combo)
{
  g_autofree char *value = valise_settings_row_get_value (row, valise_settings_row_get_knob (row));
  g_autofree char *unset = words_for_unset (knob);
  g_autofree char *filled = valise_settings_row_dup_default (row);
  GtkWidget *entry = g_object_get_data (G_OBJECT (combo), OTHER);

  /* Another value is being typed: the field stays until it is left. */
  if (entry != NULL && gtk_widget_get_visible (entry) && gtk_widget_has_focus (entry))
    return;
  if (fill_for (combo, row, valise_settings_row_get_knob (row), unset) && entry != NULL)
    add_other (combo);
  valise_knob_combo_show (combo, value);
  /* What the default is stands in the choice itself, unless libvirt told. */
  valise_settings_row_set_source (row, value == NULL && filled == NULL ? _ ("Default") : NULL);
  if (entry == NULL)
    return;
  gtk_entry_set_text (GTK_ENTRY (entry), "");
  gtk_widget_hide (entry);
}

static void
commit_choice (ValiseSettingsRow *row, const ValiseKnob *knob, GtkWidget *combo)
{
  g_autofree char *value = valise_knob_combo_get (combo);
  GtkEntry *entry = g_object_get_data (G_OBJECT (combo), OTHER);

  if (g_strcmp0 (value, OTHER) == 0 && !gtk_widget_get_visible (GTK_WIDGET (entry)))
    {
      gtk_widget_show (GTK_WIDGET (entry));
      gtk_widget_grab_focus (GTK_WIDGET (entry));
      return;
    }
  if (g_strcmp0 (value, OTHER) == 0)
    {
      g_free (value);
      value = *gtk_entry_get_text (entry) != '\0' ? g_strdup (gtk_entry_get_text (entry)) : NULL;
      if (value == NULL)
        return;
    }
  valise_settings_row_set_value (row, valise_settings_row_get_knob (row), value);
}

const ValiseKnobControl valise_knob_choice = { build_choice, show_choice, commit_choice };
