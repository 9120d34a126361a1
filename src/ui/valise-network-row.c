/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-knob-control.h"
#include "ui/valise-special-rows.h"

#define TYPE "devices/interface/@type"

VALISE_DEFINE_SPECIAL_ROW (ValiseNetworkRow, valise_network_row, GtkWidget *combo; GtkWidget * entry;)

/* Kinds, and the attribute of <source> that says which one. */
static const struct
{
  const char *value;
  const char *label;
  const char *source;
  const char *hint;
} kinds[] = {
  { "user", N_ ("Shared network (NAT)"), NULL, NULL },
  { "network", N_ ("Virtual network"), "devices/interface/source/@network", N_ ("Name of the network") },
  { "bridge", N_ ("Bridge to the local network"), "devices/interface/source/@bridge", N_ ("Name of the bridge") },
  { "none", N_ ("Not connected"), NULL, NULL },
};

static int
find_kind (const char *value)
{
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_strcmp0 (kinds[i].value, value) == 0)
      return (int) i;
  return -1;
}

/* The first bridge of this computer, so that the choice works where there is one. (nullable) */
static char *
find_bridge (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/sys/class/net", 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *mark = g_build_filename ("/sys/class/net", name, "bridge", NULL);
      if (g_file_test (mark, G_FILE_TEST_IS_DIR))
        return g_strdup (name);
    }
  return NULL;
}

static char *
current_kind (ValiseSettingsRow *row)
{
  g_autofree char *link = valise_settings_row_get_value (row, "devices/interface/link/@state");
  return g_strcmp0 (link, "down") == 0 ? g_strdup ("none") : valise_settings_row_get_value (row, TYPE);
}

static void
fill (ValiseNetworkRow *self)
{
  g_autoptr (GPtrArray) options = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_option_free);
  g_autoptr (GPtrArray) here = NULL;
  ValiseCapabilities *capabilities =
      valise_edit_session_get_capabilities (valise_settings_row_get_session (&self->parent_instance));

  if (capabilities != NULL)
    here = valise_capabilities_options (capabilities, TYPE, NULL, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      ValiseOption *option = g_new0 (ValiseOption, 1);
      option->value = g_strdup (kinds[i].value);
      option->label = g_strdup (_ (kinds[i].label));
      for (guint j = 0; here != NULL && j < here->len; j++)
        {
          const ValiseOption *other = g_ptr_array_index (here, j);
          if (g_strcmp0 (other->value, option->value) == 0)
            option->reason = g_strdup (other->reason);
        }
      g_ptr_array_add (options, option);
    }
  valise_knob_combo_fill (self->combo, options, NULL);
}

static void
valise_network_row_bound (ValiseSettingsRow *row)
{
  ValiseNetworkRow *self = (ValiseNetworkRow *) row;

  if (self->combo != NULL)
    return;
  self->entry = valise_knob_entry_new (row, 10);
  self->combo = valise_knob_combo_new (row);
  valise_settings_row_add_control (row, self->entry, _ ("name"));
  valise_settings_row_add_control (row, self->combo, NULL);
}

static void
valise_network_row_refresh (ValiseSettingsRow *row)
{
  ValiseNetworkRow *self = (ValiseNetworkRow *) row;
  g_autofree char *kind = current_kind (row);
  int found = find_kind (kind);
  const char *source = found >= 0 ? kinds[found].source : NULL;
  g_autofree char *name = source != NULL ? valise_settings_row_get_value (row, source) : NULL;

  if (!valise_knob_combo_is_filled_for (self->combo, row))
    fill (self);
  valise_knob_combo_show (self->combo, kind);
  gtk_widget_set_visible (self->entry, source != NULL);
  gtk_entry_set_placeholder_text (GTK_ENTRY (self->entry), source != NULL ? _ (kinds[found].hint) : NULL);
  if (g_strcmp0 (gtk_entry_get_text (GTK_ENTRY (self->entry)), name != NULL ? name : "") != 0)
    gtk_entry_set_text (GTK_ENTRY (self->entry), name != NULL ? name : "");
}

static void
write_kind (ValiseSettingsRow *row, int kind)
{
  g_autofree char *first = NULL;

  if (g_str_equal (kinds[kind].value, "none"))
    {
      valise_settings_row_set_value (row, "devices/interface/link/@state", "down");
      return;
    }
  valise_settings_row_set_value (row, "devices/interface/link", NULL);
  valise_settings_row_set_value (row, "devices/interface/source", NULL);
  valise_settings_row_set_value (row, TYPE, kinds[kind].value);
  if (kinds[kind].source == NULL)
    return;
  /* "default" is the network that libvirt itself brings along. */
  first = g_str_equal (kinds[kind].value, "network") ? g_strdup ("default") : find_bridge ();
  valise_settings_row_set_value (row, kinds[kind].source, first != NULL ? first : "");
}

static void
valise_network_row_commit (ValiseSettingsRow *row)
{
  ValiseNetworkRow *self = (ValiseNetworkRow *) row;
  ValiseEditSession *session = valise_settings_row_get_session (row);
  g_autofree char *chosen = valise_knob_combo_get (self->combo);
  g_autofree char *before = current_kind (row);
  int kind = find_kind (chosen);

  if (kind < 0)
    return;
  valise_edit_session_begin (session);
  if (g_strcmp0 (chosen, before) != 0)
    write_kind (row, kind);
  else if (kinds[kind].source != NULL)
    valise_settings_row_set_value (row, kinds[kind].source, gtk_entry_get_text (GTK_ENTRY (self->entry)));
  valise_edit_session_end (session);
}

static void
valise_network_row_reset (ValiseSettingsRow *row)
{
  ValiseEditSession *session = valise_settings_row_get_session (row);

  valise_edit_session_begin (session);
  write_kind (row, 0);
  valise_edit_session_end (session);
}

static void
valise_network_row_class_init (ValiseNetworkRowClass *klass)
{
  ValiseSettingsRowClass *row_class = VALISE_SETTINGS_ROW_CLASS (klass);

  row_class->bound = valise_network_row_bound;
  row_class->refresh = valise_network_row_refresh;
  row_class->commit = valise_network_row_commit;
  row_class->reset = valise_network_row_reset;
}
