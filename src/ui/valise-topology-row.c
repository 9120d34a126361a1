/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-knob-control.h"
#include "ui/valise-special-rows.h"

enum
{
  SOCKETS,
  CORES,
  THREADS,
  N_PARTS
};
static const char *const knobs[N_PARTS] = { "cpu/topology/@sockets", "cpu/topology/@cores", "cpu/topology/@threads" };
static const char *const names[N_PARTS] = { N_ ("sockets"), N_ ("cores"), N_ ("threads") };

VALISE_DEFINE_SPECIAL_ROW (ValiseTopologyRow, valise_topology_row, GtkWidget *spins[N_PARTS];)

/* "2 sockets ×" */
static GtkWidget *
make_part (ValiseTopologyRow *self, int part)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  self->spins[part] = valise_knob_spin_new (&self->parent_instance, 1, 512, 1, 0);
  gtk_entry_set_width_chars (GTK_ENTRY (self->spins[part]), 3);
  valise_settings_row_name_control (&self->parent_instance, self->spins[part], _ (names[part]));
  gtk_container_add (GTK_CONTAINER (box), self->spins[part]);
  gtk_container_add (GTK_CONTAINER (box), gtk_label_new (_ (names[part])));
  if (part + 1 < N_PARTS)
    gtk_container_add (GTK_CONTAINER (box), gtk_label_new ("×"));
  return box;
}

static void
valise_topology_row_bound (ValiseSettingsRow *row)
{
  ValiseTopologyRow *self = (ValiseTopologyRow *) row;
  GtkWidget *flow;

  if (self->spins[0] != NULL)
    return;
  flow = valise_knob_flow_new (N_PARTS);
  for (int i = 0; i < N_PARTS; i++)
    valise_knob_flow_add (flow, make_part (self, i));
  gtk_widget_show_all (flow);
  valise_settings_row_add_wide (row, flow);
}

static void
valise_topology_row_refresh (ValiseSettingsRow *row)
{
  ValiseTopologyRow *self = (ValiseTopologyRow *) row;
  g_autofree char *cpus = valise_settings_row_get_value (row, "vcpu");

  for (int i = 0; i < N_PARTS; i++)
    {
      g_autofree char *text = valise_settings_row_get_value (row, knobs[i]);
      /* What libvirt does of itself: every processor is a socket of its own. */
      const char *otherwise = i == SOCKETS && cpus != NULL ? cpus : "1";
      double value = g_ascii_strtod (text != NULL ? text : otherwise, NULL);
      valise_knob_spin_show (self->spins[i], value, text == NULL, otherwise);
    }
}

static guint
read_part (ValiseTopologyRow *self, int part)
{
  double value = 1;
  const char *placeholder = gtk_entry_get_placeholder_text (GTK_ENTRY (self->spins[part]));

  if (!valise_knob_spin_read (self->spins[part], &value) && placeholder != NULL)
    value = g_ascii_strtod (placeholder, NULL);
  return (guint) CLAMP (value, 1, 512);
}

static void
valise_topology_row_commit (ValiseSettingsRow *row)
{
  ValiseTopologyRow *self = (ValiseTopologyRow *) row;
  ValiseEditSession *session = valise_settings_row_get_session (row);
  guint64 product = 1;
  guint parts[N_PARTS];
  g_autofree char *dies = valise_settings_row_get_value (row, "cpu/topology/@dies");
  g_autofree char *cpus = NULL;

  for (int i = 0; i < N_PARTS; i++)
    product *= parts[i] = read_part (self, i);
  if (dies != NULL)
    product *= MAX (1, g_ascii_strtoull (dies, NULL, 10));
  cpus = g_strdup_printf ("%" G_GUINT64_FORMAT, product);

  valise_edit_session_begin (session);
  for (int i = 0; i < N_PARTS; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", parts[i]);
      valise_settings_row_set_value (row, knobs[i], text);
    }
  valise_settings_row_set_value (row, "vcpu", cpus);
  valise_edit_session_end (session);
}

static void
valise_topology_row_reset (ValiseSettingsRow *row)
{
  valise_settings_row_set_value (row, "cpu/topology", NULL);
}

static void
valise_topology_row_class_init (ValiseTopologyRowClass *klass)
{
  ValiseSettingsRowClass *row_class = VALISE_SETTINGS_ROW_CLASS (klass);

  row_class->bound = valise_topology_row_bound;
  row_class->refresh = valise_topology_row_refresh;
  row_class->commit = valise_topology_row_commit;
  row_class->reset = valise_topology_row_reset;
}
