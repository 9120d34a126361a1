/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-hardware.h"
#include "ui/valise-knob-control.h"
#include "ui/valise-special-rows.h"

VALISE_DEFINE_SPECIAL_ROW (ValiseTpmRow, valise_tpm_row, GtkWidget *combo;)

static const char *const versions[] = { "2.0", "1.2" };

static void
add_option (GPtrArray *options, const char *value, const char *label, const char *reason)
{
  ValiseOption *option = g_new0 (ValiseOption, 1);

  option->value = g_strdup (value);
  option->label = g_strdup (label);
  option->reason = g_strdup (reason);
  g_ptr_array_add (options, option);
}

static void
fill (ValiseTpmRow *self)
{
  ValiseSettingsRow *row = &self->parent_instance;
  g_autofree char *reason = valise_hardware_reason (valise_settings_row_get_session (row), "tpm");
  g_autoptr (GPtrArray) options = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_option_free);

  /* "There is one already" is no reason here. */
  if (valise_document_has (valise_settings_row_get_draft (row), "devices/tpm"))
    g_clear_pointer (&reason, g_free);
  for (gsize i = 0; i < G_N_ELEMENTS (versions); i++)
    {
      g_autofree char *label = g_strdup_printf (_ ("TPM %s"), versions[i]);
      add_option (options, versions[i], label, reason);
    }
  valise_knob_combo_fill (self->combo, options, _ ("None"));
}

static void
valise_tpm_row_bound (ValiseSettingsRow *row)
{
  ValiseTpmRow *self = (ValiseTpmRow *) row;

  if (self->combo != NULL)
    return;
  self->combo = valise_knob_combo_new (row);
  valise_settings_row_add_control (row, self->combo, NULL);
}

static void
valise_tpm_row_refresh (ValiseSettingsRow *row)
{
  ValiseTpmRow *self = (ValiseTpmRow *) row;
  g_autofree char *version = valise_settings_row_get_value (row, "devices/tpm/backend/@version");
  gboolean there = valise_document_has (valise_settings_row_get_draft (row), "devices/tpm");

  fill (self);
  valise_knob_combo_show (self->combo, !there ? NULL : version != NULL ? version : "2.0");
  valise_settings_row_set_source (row, there ? _ ("Set here") : _ ("Default: none"));
}

static void
valise_tpm_row_commit (ValiseSettingsRow *row)
{
  ValiseTpmRow *self = (ValiseTpmRow *) row;
  ValiseEditSession *session = valise_settings_row_get_session (row);
  g_autofree char *version = valise_knob_combo_get (self->combo);
  g_autofree char *added = NULL;
  g_autoptr (GError) error = NULL;

  if (version == NULL)
    {
      valise_settings_row_set_value (row, "devices/tpm", NULL);
      return;
    }
  valise_edit_session_begin (session);
  if (!valise_document_has (valise_settings_row_get_draft (row), "devices/tpm")
      && (added = valise_hardware_add (session, "tpm", &error)) == NULL)
    valise_settings_row_set_problem (row, error->message);
  else
    valise_settings_row_set_value (row, "devices/tpm/backend/@version", version);
  /* The interface that came with TPM 2.0 cannot speak to the older chip. */
  if (g_str_equal (version, "1.2"))
    valise_settings_row_set_value (row, "devices/tpm/@model", "tpm-tis");
  valise_edit_session_end (session);
}

static void
valise_tpm_row_class_init (ValiseTpmRowClass *klass)
{
  ValiseSettingsRowClass *row_class = VALISE_SETTINGS_ROW_CLASS (klass);

  row_class->bound = valise_tpm_row_bound;
  row_class->refresh = valise_tpm_row_refresh;
  row_class->commit = valise_tpm_row_commit;
}
