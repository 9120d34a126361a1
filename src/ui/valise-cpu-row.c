/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-knob-control.h"
#include "ui/valise-special-rows.h"

VALISE_DEFINE_SPECIAL_ROW (ValiseCpuRow, valise_cpu_row, GtkWidget *spin;)

static guint
get_number (ValiseSettingsRow *row, const char *knob, guint otherwise)
{
  g_autofree char *text = valise_settings_row_get_value (row, knob);
  return text != NULL ? (guint) g_ascii_strtoull (text, NULL, 10) : otherwise;
}

/* libvirt refuses a topology that is not exactly as many processors: the cores follow where they can, else it goes. */
static void
fit_topology (ValiseSettingsRow *row, guint cpus)
{
  guint per_core = get_number (row, "cpu/topology/@sockets", 1) * get_number (row, "cpu/topology/@dies", 1)
                   * get_number (row, "cpu/topology/@threads", 1);
  g_autofree char *cores = valise_settings_row_get_value (row, "cpu/topology/@cores");
  g_autofree char *fitting = NULL;

  if (cores == NULL || per_core * get_number (row, "cpu/topology/@cores", 1) == cpus)
    return;
  if (per_core == 0 || cpus % per_core != 0)
    {
      valise_settings_row_set_value (row, "cpu/topology", NULL);
      return;
    }
  fitting = g_strdup_printf ("%u", cpus / per_core);
  valise_settings_row_set_value (row, "cpu/topology/@cores", fitting);
}

static void
valise_cpu_row_bound (ValiseSettingsRow *row)
{
  ValiseCpuRow *self = (ValiseCpuRow *) row;
  ValiseCapabilities *capabilities = valise_edit_session_get_capabilities (valise_settings_row_get_session (row));
  guint here = capabilities != NULL ? valise_capabilities_get_cpus (capabilities) : 0;
  g_autofree char *help = NULL;

  if (self->spin == NULL)
    {
      self->spin = valise_knob_spin_new (row, 1, 512, 1, 0);
      valise_settings_row_add_control (row, self->spin, NULL);
    }
  if (here > 0)
    help = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "This computer has %u", "This computer has %u", here), here);
  valise_settings_row_set_help (row, help);
}

static void
valise_cpu_row_refresh (ValiseSettingsRow *row)
{
  ValiseCpuRow *self = (ValiseCpuRow *) row;
  g_autofree char *text = valise_settings_row_get_value (row, "vcpu");

  valise_knob_spin_show (self->spin, get_number (row, "vcpu", 1), text == NULL, "1");
}

static void
valise_cpu_row_commit (ValiseSettingsRow *row)
{
  ValiseCpuRow *self = (ValiseCpuRow *) row;
  ValiseEditSession *session = valise_settings_row_get_session (row);
  g_autofree char *text = NULL;
  double cpus = 1;

  if (valise_knob_spin_read (self->spin, &cpus))
    text = g_strdup_printf ("%.0f", cpus);
  valise_edit_session_begin (session);
  valise_settings_row_set_value (row, "vcpu", text);
  if (get_number (row, "vcpu/@current", 0) > cpus)
    valise_settings_row_set_value (row, "vcpu/@current", NULL);
  fit_topology (row, (guint) cpus);
  valise_edit_session_end (session);
}

static void
valise_cpu_row_class_init (ValiseCpuRowClass *klass)
{
  ValiseSettingsRowClass *row_class = VALISE_SETTINGS_ROW_CLASS (klass);

  row_class->bound = valise_cpu_row_bound;
  row_class->refresh = valise_cpu_row_refresh;
  row_class->commit = valise_cpu_row_commit;
}
