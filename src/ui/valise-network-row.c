/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-knob-control.h"
#include "ui/valise-special-rows.h"

#define TYPE "devices/interface/@type"

VALISE_DEFINE_SPECIAL_ROW (ValiseNetworkRow, valise_network_row, GtkWidget *combo; GtkWidget * entry;)

#define SOURCE "devices/interface/source/"

/* The attribute of <source> that says which one, and what else a kind begins with. */
static const struct
{
  const char *value;
  const char *source;
  const char *hint;
  const char *given[3][2];
} kinds[] = {
  { "user", NULL, NULL, { { NULL } } },
  { "network", SOURCE "@network", N_ ("Name of the network"), { { NULL } } },
  { "bridge", SOURCE "@bridge", N_ ("Name of the bridge"), { { NULL } } },
  { "direct", SOURCE "@dev", N_ ("Name of the card"), { { SOURCE "@mode", "bridge" } } },
  { "vhostuser", SOURCE "@path", N_ ("Its socket"), { { SOURCE "@type", "unix" }, { SOURCE "@mode", "client" } } },
  { "vdpa", SOURCE "@dev", N_ ("Its device"), { { NULL } } },
  { "internal", SOURCE "@name", N_ ("Name of the network"), { { NULL } } },
  { "mcast", NULL, NULL, { { SOURCE "@address", "230.0.0.1" }, { SOURCE "@port", "5558" } } },
  { "server", NULL, NULL, { { SOURCE "@address", "127.0.0.1" }, { SOURCE "@port", "5558" } } },
  { "client", NULL, NULL, { { SOURCE "@address", "127.0.0.1" }, { SOURCE "@port", "5558" } } },
  { "udp", NULL, NULL, { { SOURCE "@address", "127.0.0.1" }, { SOURCE "@port", "5558" } } },
};

static int
find_kind (const char *value)
{
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_strcmp0 (kinds[i].value, value) == 0)
      return (int) i;
  return -1;
}

/* The first of this computer that is a bridge, or the first that is a real card, so that the choice works where there is
 * one. (nullable) */
static char *
find_card (const char *mark)
{
  g_autoptr (GDir) dir = g_dir_open ("/sys/class/net", 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/sys/class/net", name, mark, NULL);
      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        return g_strdup (name);
    }
  return NULL;
}

static char *
first_source (const char *kind)
{
  /* "default" is the network that libvirt itself brings along. */
  if (g_str_equal (kind, "network"))
    return g_strdup ("default");
  if (g_str_equal (kind, "bridge"))
    return find_card ("bridge");
  return g_str_equal (kind, "direct") ? find_card ("device") : NULL;
}

static void
fill (ValiseNetworkRow *self)
{
  ValiseEditSession *session = valise_settings_row_get_session (&self->parent_instance);
  g_autoptr (GPtrArray) options =
      valise_capabilities_options (valise_edit_session_get_capabilities (session), TYPE, NULL, NULL);

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
  g_autofree char *kind = valise_settings_row_get_value (row, TYPE);
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
write_kind (ValiseSettingsRow *row, const char *value)
{
  int kind = find_kind (value);
  g_autofree char *first = first_source (value);

  valise_settings_row_set_value (row, "devices/interface/source", NULL);
  valise_settings_row_set_value (row, TYPE, value);
  for (gsize i = 0; kind >= 0 && i < G_N_ELEMENTS (kinds[kind].given) && kinds[kind].given[i][0] != NULL; i++)
    valise_settings_row_set_value (row, kinds[kind].given[i][0], kinds[kind].given[i][1]);
  if (kind >= 0 && kinds[kind].source != NULL)
    valise_settings_row_set_value (row, kinds[kind].source, first != NULL ? first : "");
}

static void
valise_network_row_commit (ValiseSettingsRow *row)
{
  ValiseNetworkRow *self = (ValiseNetworkRow *) row;
  ValiseEditSession *session = valise_settings_row_get_session (row);
  g_autofree char *chosen = valise_knob_combo_get (self->combo);
  g_autofree char *before = valise_settings_row_get_value (row, TYPE);
  int kind = find_kind (chosen);

  if (chosen == NULL)
    return;
  valise_edit_session_begin (session);
  if (g_strcmp0 (chosen, before) != 0)
    write_kind (row, chosen);
  else if (kind >= 0 && kinds[kind].source != NULL)
    valise_settings_row_set_value (row, kinds[kind].source, gtk_entry_get_text (GTK_ENTRY (self->entry)));
  valise_edit_session_end (session);
}

static void
valise_network_row_reset (ValiseSettingsRow *row)
{
  ValiseEditSession *session = valise_settings_row_get_session (row);

  valise_edit_session_begin (session);
  write_kind (row, kinds[0].value);
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
