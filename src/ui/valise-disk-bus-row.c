/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-knob-control.h"
#include "ui/valise-special-rows.h"

VALISE_DEFINE_SPECIAL_ROW (ValiseDiskBusRow, valise_disk_bus_row, GtkWidget *combo;)

static void
valise_disk_bus_row_bound (ValiseSettingsRow *row)
{
  ValiseDiskBusRow *self = (ValiseDiskBusRow *) row;

  if (self->combo != NULL)
    return;
  self->combo = valise_knob_combo_new (row);
  valise_settings_row_add_control (row, self->combo, NULL);
}

static void
valise_disk_bus_row_refresh (ValiseSettingsRow *row)
{
  ValiseDiskBusRow *self = (ValiseDiskBusRow *) row;

  g_autofree char *bus = valise_settings_row_get_value (row, "devices/disk/target/@bus");
  valise_knob_combo_fill_for (self->combo, row, "devices/disk/target/@bus", NULL);
  valise_knob_combo_show (self->combo, bus);
}

/* The session gives the disk a name and an address that fit the bus. */
static void
valise_disk_bus_row_commit (ValiseSettingsRow *row)
{
  ValiseDiskBusRow *self = (ValiseDiskBusRow *) row;
  g_autofree char *bus = valise_knob_combo_get (self->combo);
  g_autofree char *before = valise_settings_row_get_value (row, "devices/disk/target/@bus");

  if (bus != NULL && g_strcmp0 (bus, before) != 0)
    valise_settings_row_set_value (row, "devices/disk/target/@bus", bus);
}

static void
valise_disk_bus_row_class_init (ValiseDiskBusRowClass *klass)
{
  ValiseSettingsRowClass *row_class = VALISE_SETTINGS_ROW_CLASS (klass);

  row_class->bound = valise_disk_bus_row_bound;
  row_class->refresh = valise_disk_bus_row_refresh;
  row_class->commit = valise_disk_bus_row_commit;
}
