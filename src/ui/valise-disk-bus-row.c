/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-knob-control.h"
#include "ui/valise-special-rows.h"

#define BUS "devices/disk/target/@bus"

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

/* Why a drive of @kind, "disk", "cdrom" or "floppy", is not connected by @bus; %NULL: the host decides. */
static const char *
kind_reason (const char *kind, const char *bus)
{
  if (g_strcmp0 (kind, "cdrom") == 0 && g_str_equal (bus, "virtio"))
    return _ ("A CD drive cannot be connected with it.");
  if (g_strcmp0 (kind, "floppy") == 0 && !g_str_equal (bus, "fdc"))
    return _ ("A floppy drive cannot be connected with it.");
  return NULL;
}

/* What this computer can do, less what this kind of drive cannot. */
static GPtrArray *
list_options (ValiseSettingsRow *row)
{
  ValiseCapabilities *capabilities = valise_edit_session_get_capabilities (valise_settings_row_get_session (row));
  g_autofree char *arch = valise_settings_row_get_value (row, "os/type/@arch");
  g_autofree char *machine = valise_settings_row_get_value (row, "os/type/@machine");
  g_autofree char *kind = valise_settings_row_get_value (row, "devices/disk/@device");
  GPtrArray *options = valise_capabilities_options (capabilities, BUS, arch, machine);

  for (guint i = 0; options != NULL && i < options->len; i++)
    {
      ValiseOption *option = g_ptr_array_index (options, i);

      const char *reason = kind_reason (kind, option->value);

      if (reason == NULL && (option->reason == NULL || g_strcmp0 (kind, "floppy") != 0))
        continue;
      g_free (option->reason);
      option->reason = g_strdup (reason);
    }
  return options;
}

static void
valise_disk_bus_row_refresh (ValiseSettingsRow *row)
{
  ValiseDiskBusRow *self = (ValiseDiskBusRow *) row;
  g_autofree char *bus = valise_settings_row_get_value (row, BUS);
  g_autoptr (GPtrArray) options = NULL;

  if (!valise_knob_combo_is_filled_for (self->combo, row))
    {
      options = list_options (row);
      valise_knob_combo_fill (self->combo, options, NULL);
    }
  valise_knob_combo_show (self->combo, bus);
}

/* The session gives the disk a name and an address that fit the bus. */
static void
valise_disk_bus_row_commit (ValiseSettingsRow *row)
{
  ValiseDiskBusRow *self = (ValiseDiskBusRow *) row;
  g_autofree char *bus = valise_knob_combo_get (self->combo);
  g_autofree char *before = valise_settings_row_get_value (row, BUS);

  if (bus != NULL && g_strcmp0 (bus, before) != 0)
    valise_settings_row_set_value (row, BUS, bus);
}

static void
valise_disk_bus_row_class_init (ValiseDiskBusRowClass *klass)
{
  ValiseSettingsRowClass *row_class = VALISE_SETTINGS_ROW_CLASS (klass);

  row_class->bound = valise_disk_bus_row_bound;
  row_class->refresh = valise_disk_bus_row_refresh;
  row_class->commit = valise_disk_bus_row_commit;
}
