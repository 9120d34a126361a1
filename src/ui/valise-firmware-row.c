/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "model/valise-effective.h"
#include "ui/valise-knob-control.h"
#include "ui/valise-special-rows.h"

VALISE_DEFINE_SPECIAL_ROW (ValiseFirmwareRow, valise_firmware_row, GtkWidget *combo;)

static const struct
{
  const char *firmware; /* <os>'s child, NULL for BIOS */
  const char *variables;
} choices[] = {
  [VALISE_FIRMWARE_BIOS] = { NULL, NULL },
  [VALISE_FIRMWARE_UEFI] = { "<firmware><feature enabled='no' name='secure-boot'/></firmware>", "nvram/vars.fd" },
  [VALISE_FIRMWARE_UEFI_SECURE] = { "<firmware><feature enabled='yes' name='enrolled-keys'/>"
                                    "<feature enabled='yes' name='secure-boot'/></firmware>",
                                    "nvram/vars-secure.fd" },
};

/* Variables written under one firmware are wrong for another, so each has its file: going back finds what was there. */
static char *
choose_variables (ValiseDocument *original, ValiseFirmware choice)
{
  g_autofree char *before = valise_document_get (original, "os/nvram");

  if (valise_effective_get_firmware (original) == choice && before != NULL)
    return g_steal_pointer (&before);
  if (g_strcmp0 (before, choices[choice].variables) == 0)
    return g_strdup ("nvram/vars-2.fd");
  return g_strdup (choices[choice].variables);
}

static void
write_uefi (ValiseSettingsRow *row, ValiseFirmware choice)
{
  ValiseEditSession *session = valise_settings_row_get_session (row);
  g_autofree char *variables = choose_variables (valise_edit_session_get_original (session), choice);
  g_autoptr (GError) error = NULL;

  valise_settings_row_set_value (row, "os/nvram/@template", NULL);
  valise_settings_row_set_value (row, "os/@firmware", "efi");
  valise_settings_row_set_value (row, "os/nvram", variables);
  if (!valise_edit_session_add (session, "os", choices[choice].firmware, &error))
    valise_settings_row_set_problem (row, error->message);
}

static void
write_firmware (ValiseSettingsRow *row, ValiseFirmware choice)
{
  ValiseEditSession *session = valise_settings_row_get_session (row);

  valise_edit_session_begin (session);
  valise_settings_row_set_value (row, "os/loader", NULL);
  valise_settings_row_set_value (row, "os/firmware", NULL);
  if (choice == VALISE_FIRMWARE_BIOS)
    {
      valise_settings_row_set_value (row, "os/@firmware", NULL);
      valise_settings_row_set_value (row, "os/nvram", NULL);
    }
  else
    write_uefi (row, choice);
  /* Secure Boot keeps its variables from the guest by system management mode; without it nothing needs that. */
  valise_settings_row_set_value (row, "features/smm/@state", choice == VALISE_FIRMWARE_UEFI_SECURE ? "on" : NULL);
  if (choice != VALISE_FIRMWARE_UEFI_SECURE)
    valise_settings_row_set_value (row, "features/smm", NULL);
  valise_edit_session_end (session);
}

static void
add_option (GPtrArray *options, ValiseCapabilities *capabilities, ValiseFirmware firmware)
{
  ValiseOption *option = g_new0 (ValiseOption, 1);

  option->value = g_strdup (valise_firmware_words ()[firmware]);
  option->label = g_strdup (valise_firmware_label (firmware));
  option->reason = capabilities != NULL ? valise_capabilities_firmware_reason (capabilities, firmware) : NULL;
  g_ptr_array_add (options, option);
}

static void
fill (ValiseFirmwareRow *self)
{
  ValiseSettingsRow *row = &self->parent_instance;
  ValiseCapabilities *capabilities = valise_edit_session_get_capabilities (valise_settings_row_get_session (row));
  g_autoptr (GPtrArray) options = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_option_free);

  for (guint i = 0; i < G_N_ELEMENTS (choices); i++)
    add_option (options, capabilities, (ValiseFirmware) i);
  valise_knob_combo_fill (self->combo, options, NULL);
}

static void
valise_firmware_row_bound (ValiseSettingsRow *row)
{
  ValiseFirmwareRow *self = (ValiseFirmwareRow *) row;

  if (self->combo != NULL)
    return;
  self->combo = valise_knob_combo_new (row);
  valise_settings_row_add_control (row, self->combo, NULL);
}

static void
valise_firmware_row_refresh (ValiseSettingsRow *row)
{
  ValiseFirmwareRow *self = (ValiseFirmwareRow *) row;
  ValiseEditSession *session = valise_settings_row_get_session (row);
  ValiseFirmware now = valise_effective_get_firmware (valise_settings_row_get_draft (row));
  gboolean switched = valise_edit_session_get_directory (session) != NULL
                      && now != valise_effective_get_firmware (valise_edit_session_get_original (session));

  if (!valise_knob_combo_is_filled_for (self->combo, row))
    fill (self);
  valise_knob_combo_show (self->combo, valise_firmware_words ()[now]);
  valise_settings_row_set_help (
      row, switched ? _ (
               "The new firmware starts with its own settings and boot entries; those of the present one are kept.")
                    : _ ("What the machine runs before its system"));
}

static void
valise_firmware_row_commit (ValiseSettingsRow *row)
{
  ValiseFirmwareRow *self = (ValiseFirmwareRow *) row;
  g_autofree char *value = valise_knob_combo_get (self->combo);

  for (guint i = 0; i < G_N_ELEMENTS (choices); i++)
    if (g_strcmp0 (valise_firmware_words ()[i], value) == 0
        && i != valise_effective_get_firmware (valise_settings_row_get_draft (row)))
      {
        write_firmware (row, (ValiseFirmware) i);
        return;
      }
}

static void
valise_firmware_row_reset (ValiseSettingsRow *row)
{
  write_firmware (row, VALISE_FIRMWARE_BIOS);
}

static void
valise_firmware_row_class_init (ValiseFirmwareRowClass *klass)
{
  ValiseSettingsRowClass *row_class = VALISE_SETTINGS_ROW_CLASS (klass);

  row_class->bound = valise_firmware_row_bound;
  row_class->refresh = valise_firmware_row_refresh;
  row_class->commit = valise_firmware_row_commit;
  row_class->reset = valise_firmware_row_reset;
}
