/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-boot-first-row.h"

#include <glib/gi18n-lib.h>

#include "model/valise-boot-places.h"
#include "model/valise-shared-edit.h"
#include "ui/valise-knob-control.h"
#include "ui/valise-special-rows.h"

VALISE_DEFINE_SPECIAL_ROW (ValiseBootFirstRow, valise_boot_first_row, GtkWidget *combo; gboolean shown;)

static const char *const kinds[] = { VALISE_BOOT_DISKS, VALISE_BOOT_CDS, VALISE_BOOT_NETWORK, VALISE_BOOT_FLOPPIES };

static guint chosen_signal;

static GPtrArray *
list_kinds (void)
{
  GPtrArray *options = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_option_free);

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      ValiseOption *option = g_new0 (ValiseOption, 1);

      option->value = g_strdup (kinds[i]);
      option->label = g_strdup (valise_boot_places_label (kinds[i]));
      g_ptr_array_add (options, option);
    }
  return options;
}

static void
valise_boot_first_row_bound (ValiseSettingsRow *row)
{
  ValiseBootFirstRow *self = (ValiseBootFirstRow *) row;
  g_autoptr (GPtrArray) options = NULL;

  if (self->combo != NULL)
    return;
  options = list_kinds ();
  self->combo = valise_knob_combo_new (row);
  valise_knob_combo_fill (self->combo, options, _ ("As it is"));
  valise_settings_row_add_control (row, self->combo, NULL);
  valise_settings_row_set_source (row, "");
}

/* Once: what was chosen is not in the draft. */
static void
valise_boot_first_row_refresh (ValiseSettingsRow *row)
{
  ValiseBootFirstRow *self = (ValiseBootFirstRow *) row;

  if (self->shown)
    return;
  self->shown = TRUE;
  valise_knob_combo_show (self->combo, valise_boot_places_first (valise_settings_row_get_draft (row)));
}

static void
valise_boot_first_row_commit (ValiseSettingsRow *row)
{
  g_signal_emit (row, chosen_signal, 0);
}

static void
valise_boot_first_row_class_init (ValiseBootFirstRowClass *klass)
{
  ValiseSettingsRowClass *row_class = VALISE_SETTINGS_ROW_CLASS (klass);

  row_class->bound = valise_boot_first_row_bound;
  row_class->refresh = valise_boot_first_row_refresh;
  row_class->commit = valise_boot_first_row_commit;
  chosen_signal =
      g_signal_new ("chosen", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

GtkWidget *
valise_boot_first_row_new (void)
{
  return g_object_new (VALISE_TYPE_BOOT_FIRST_ROW, "knob", VALISE_SHARED_BOOT_FIRST, "title",
                       _ ("Boot order: tried first"), "help",
                       _ ("These come before all other devices, which keep their order"), NULL);
}

char *
valise_boot_first_row_get (ValiseSettingsRow *row)
{
  return valise_knob_combo_get (((ValiseBootFirstRow *) row)->combo);
}
