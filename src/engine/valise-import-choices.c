/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-import-plan-private.h"
#include "formats/valise-guest-system.h"

ValiseImportChoices *
valise_import_choices_new (ValiseBlueprint *blueprint, ValiseMacPolicy mac)
{
  ValiseImportChoices *self = g_new0 (ValiseImportChoices, 1);

  self->blueprint = blueprint;
  self->taken = TRUE;
  self->firmware = -1;
  self->tpm = VALISE_CHOICE_AS_STATED;
  valise_guest_system_identify (blueprint->os_type, &self->system);
  self->uuid = g_uuid_string_random ();
  self->accepted = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->drives = g_new0 (ValiseDriveChoice, blueprint->drives->len + 1);
  self->nics = g_new0 (ValiseNicChoice, blueprint->nics->len + 1);
  self->asks = g_new0 (ValiseAskChoice, blueprint->asks->len + 1);
  self->n_drives = blueprint->drives->len;
  self->n_nics = blueprint->nics->len;
  self->n_asks = blueprint->asks->len;
  for (guint i = 0; i < self->n_drives; i++)
    self->drives[i].taken = TRUE;
  for (guint i = 0; i < self->n_nics; i++)
    self->nics[i] =
        (ValiseNicChoice){ .taken = TRUE, .network = "user", .mac = mac, .fresh = _valise_import_random_mac () };
  return self;
}

void
_valise_import_choices_free_but_blueprint (ValiseImportChoices *self)
{
  for (guint i = 0; i < self->n_nics; i++)
    {
      g_free (self->nics[i].bridge);
      g_free (self->nics[i].fresh);
    }
  for (guint i = 0; i < self->n_asks; i++)
    g_free (self->asks[i].folder);
  g_free (self->drives);
  g_free (self->nics);
  g_free (self->asks);
  g_free (self->name);
  g_free (self->system);
  g_free (self->uuid);
  g_clear_pointer (&self->document, valise_document_unref);
  g_hash_table_unref (self->accepted);
  g_free (self);
}

void
valise_import_choices_free (ValiseImportChoices *self)
{
  ValiseBlueprint *blueprint = self->blueprint;

  _valise_import_choices_free_but_blueprint (self);
  valise_blueprint_free (blueprint);
}

void
valise_import_choices_set_system (ValiseImportChoices *self, const char *system)
{
  char *kept = g_strdup (system);

  g_free (self->system);
  self->system = kept;
  self->system_chosen = TRUE;
}
