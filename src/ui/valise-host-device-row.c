/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "ui/valise-host-devices.h"
#include "ui/valise-knob-control.h"
#include "ui/valise-special-rows.h"

/* Which device of this computer the guest gets, chosen from what is plugged in. */
VALISE_DEFINE_SPECIAL_ROW (ValiseHostDeviceRow, valise_host_device_row, GtkWidget *combo;)

#define HOSTDEV "devices/hostdev"

static char *
hex_digits (const char *value, guint width)
{
  guint64 number = 0;

  if (value != NULL)
    number = g_ascii_strtoull (value, NULL, g_str_has_prefix (value, "0x") ? 16 : 10);
  return g_strdup_printf ("%0*" G_GINT64_MODIFIER "x", (int) width, number);
}

static char *
part (ValiseSettingsRow *row, const char *leaf, guint width)
{
  g_autofree char *knob = g_strconcat (HOSTDEV "/source/", leaf, NULL);
  g_autofree char *value = valise_settings_row_get_value (row, knob);

  return hex_digits (value, width);
}

/* As valise_host_devices_list calls it; %NULL for what is neither USB by its numbers nor PCI. */
static char *
current_id (ValiseSettingsRow *row)
{
  g_autofree char *type = valise_settings_row_get_value (row, HOSTDEV "/@type");

  if (g_strcmp0 (type, "usb") == 0)
    {
      g_autofree char *vendor = part (row, "vendor/@id", 4);
      g_autofree char *product = part (row, "product/@id", 4);

      return g_strdup_printf ("usb:0x%s:0x%s", vendor, product);
    }
  if (g_strcmp0 (type, "pci") == 0)
    {
      g_autofree char *domain = part (row, "address/@domain", 4);
      g_autofree char *bus = part (row, "address/@bus", 2);
      g_autofree char *slot = part (row, "address/@slot", 2);
      g_autofree char *function = part (row, "address/@function", 1);

      return g_strdup_printf ("pci:%s:%s:%s.%s", domain, bus, slot, function);
    }
  return g_strdup (type);
}

/* "USB 1050:0407" of "usb:0x1050:0x0407": nobody knows its name while it is not there. */
static char *
name_absent (const char *id)
{
  const char *numbers = strchr (id, ':');
  g_autofree char *kind = numbers != NULL ? g_ascii_strup (id, numbers - id) : NULL;
  g_auto (GStrv) parts = numbers != NULL ? g_strsplit (numbers + 1, "0x", -1) : NULL;
  g_autofree char *plain = parts != NULL ? g_strjoinv ("", parts) : NULL;

  return plain != NULL ? g_strdup_printf ("%s %s", kind, plain) : g_strdup (id);
}

static void
add_option (GPtrArray *options, const char *value, char *label, const char *reason)
{
  ValiseOption *option = g_new0 (ValiseOption, 1);

  option->value = g_strdup (value);
  option->label = label;
  option->reason = g_strdup (reason);
  g_ptr_array_add (options, option);
}

/* Kinds that are not looked for on this computer: which one it is, is said by its numbers. */
static gboolean
add_kinds (GPtrArray *options, const char *current)
{
  static const char *const offered[] = { "scsi", "scsi_host", "mdev", NULL };
  const ValiseKnobChoice *choice = valise_knob_lookup (HOSTDEV "/@type")->choices;
  gboolean found = FALSE;

  for (; choice->value != NULL; choice++)
    {
      gboolean is_current = g_strcmp0 (choice->value, current) == 0;

      found |= is_current;
      if (is_current || g_strv_contains (offered, choice->value))
        add_option (options, choice->value, g_strdup (_ (choice->label)), NULL);
    }
  return found;
}

static void
fill (ValiseHostDeviceRow *self, const char *current)
{
  g_autoptr (GPtrArray) devices = valise_host_devices_list (NULL);
  g_autoptr (GPtrArray) options = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_option_free);
  gboolean found = current == NULL;

  for (guint i = 0; i < devices->len; i++)
    {
      const ValiseHostDevice *device = g_ptr_array_index (devices, i);

      found |= g_strcmp0 (device->id, current) == 0;
      add_option (options, device->id, g_strdup (device->label), device->reason);
    }
  found |= add_kinds (options, current);
  if (!found)
    {
      g_autofree char *name = name_absent (current);

      /* Translators: %s is what tells a device from others, as in USB 1050:0407. */
      add_option (options, current, g_strdup_printf (_ ("%s (not plugged in)"), name), NULL);
    }
  valise_knob_combo_fill (self->combo, options, NULL);
}

static void
valise_host_device_row_bound (ValiseSettingsRow *row)
{
  ValiseHostDeviceRow *self = (ValiseHostDeviceRow *) row;

  if (self->combo != NULL)
    return;
  self->combo = valise_knob_combo_new (row);
  valise_settings_row_add_control (row, self->combo, NULL);
}

static void
valise_host_device_row_refresh (ValiseSettingsRow *row)
{
  ValiseHostDeviceRow *self = (ValiseHostDeviceRow *) row;
  g_autofree char *current = current_id (row);

  fill (self, current);
  valise_knob_combo_show (self->combo, current);
}

static void
set_parts (ValiseSettingsRow *row, const char *id, const char *const *leaves)
{
  g_auto (GStrv) parts = g_strsplit_set (id, ":.", -1);

  for (guint i = 0; leaves[i] != NULL && parts[i + 1] != NULL; i++)
    {
      g_autofree char *knob = g_strconcat (HOSTDEV "/source/", leaves[i], NULL);
      g_autofree char *value =
          g_str_has_prefix (parts[i + 1], "0x") ? g_strdup (parts[i + 1]) : g_strconcat ("0x", parts[i + 1], NULL);

      valise_settings_row_set_value (row, knob, value);
    }
}

/* @id: of a device, or a kind alone */
static void
take (ValiseSettingsRow *row, const char *id)
{
  static const char *const usb[] = { "vendor/@id", "product/@id", NULL };
  static const char *const pci[] = { "address/@domain", "address/@bus", "address/@slot", "address/@function", NULL };
  g_autofree char *kind = g_strndup (id, strcspn (id, ":"));

  valise_settings_row_set_value (row, HOSTDEV "/source", NULL);
  /* Where the guest saw the other one says nothing about this one. */
  valise_settings_row_set_value (row, HOSTDEV "/address", NULL);
  valise_settings_row_set_value (row, HOSTDEV "/@type", kind);
  valise_settings_row_set_value (row, HOSTDEV "/@managed", g_str_equal (kind, "pci") ? "yes" : NULL);
  valise_settings_row_set_value (row, HOSTDEV "/@model", g_str_equal (kind, "mdev") ? "vfio-pci" : NULL);
  if (strchr (id, ':') != NULL)
    set_parts (row, id, g_str_equal (kind, "pci") ? pci : usb);
}

static void
valise_host_device_row_commit (ValiseSettingsRow *row)
{
  ValiseHostDeviceRow *self = (ValiseHostDeviceRow *) row;
  g_autofree char *id = valise_knob_combo_get (self->combo);
  g_autofree char *before = current_id (row);

  if (id == NULL || g_strcmp0 (id, before) == 0)
    return;
  valise_edit_session_begin (valise_settings_row_get_session (row));
  take (row, id);
  valise_edit_session_end (valise_settings_row_get_session (row));
}

static void
valise_host_device_row_class_init (ValiseHostDeviceRowClass *klass)
{
  ValiseSettingsRowClass *row_class = VALISE_SETTINGS_ROW_CLASS (klass);

  row_class->bound = valise_host_device_row_bound;
  row_class->refresh = valise_host_device_row_refresh;
  row_class->commit = valise_host_device_row_commit;
}
