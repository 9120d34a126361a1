/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-machine-template.h"

#include <glib/gi18n-lib.h>

#include "bundle/valise-clone.h"
#include "engine/valise-engine-error.h"
#include "engine/valise-machine-private.h"

static gboolean
is_template (ValiseDocument *document)
{
  g_autofree char *value = valise_document_get (document, VALISE_TEMPLATE_KNOB);

  return g_strcmp0 (value, "yes") == 0;
}

gboolean
valise_machine_is_template (ValiseMachine *self)
{
  ValiseDocument *document;

  g_return_val_if_fail (VALISE_IS_MACHINE (self), FALSE);
  document = valise_machine_get_document (self);
  return document != NULL && is_template (document);
}

gboolean
_valise_machine_check_no_template (ValiseMachine *self, ValiseDocument *document, GError **error)
{
  if (!is_template (document))
    return TRUE;
  g_set_error (
      error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE,
      _ ("“%s” is a template: other machines are made of it, and it is neither started nor deleted, nor are its "
         "disks changed. Make a new machine from it, or make it an ordinary machine again first."),
      valise_machine_get_name (self));
  return FALSE;
}

/* --- its disks --- */

static void
describe_disk (GString *text, ValiseDocument *document, guint number)
{
  static const char *const parts[] = { "target/@dev", "source/@file", "driver/@type" };
  g_autofree char *device = valise_document_get_device (document, "disk", number, "@device");

  if (device != NULL && !g_str_equal (device, "disk"))
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autofree char *value = valise_document_get_device (document, "disk", number, parts[i]);

      g_string_append_printf (text, "%s\n", value != NULL ? value : "");
    }
}

static char *
describe_disks (ValiseDocument *document)
{
  GString *text = g_string_new (NULL);
  guint count = valise_document_count (document, "devices/disk");

  for (guint i = 1; i <= count; i++)
    describe_disk (text, document, i);
  count = valise_document_count (document, "metadata/valise:machine/valise:disk");
  for (guint i = 1; i <= count; i++)
    {
      g_autofree char *knob = g_strdup_printf ("metadata/valise:machine/valise:disk[%u]/@size", i);
      g_autofree char *size = valise_document_get (document, knob);

      g_string_append_printf (text, "%s\n", size != NULL ? size : "");
    }
  return g_string_free (text, FALSE);
}

gboolean
_valise_machine_check_template_disks (ValiseMachine *self,
                                      ValiseDocument *before,
                                      ValiseDocument *after,
                                      GError **error)
{
  g_autofree char *was = NULL, *is = NULL;

  if (!is_template (before))
    return TRUE;
  was = describe_disks (before);
  is = describe_disks (after);
  return g_str_equal (was, is) || _valise_machine_check_no_template (self, before, error);
}

/* --- becoming one --- */

static gboolean
save (ValiseMachine *self, gboolean wanted, GError **error)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (self->path, error);
  g_autoptr (ValiseDocument) document = NULL;

  if (bundle == NULL)
    return FALSE;
  document = valise_document_copy (valise_bundle_get_document (bundle));
  if (!(wanted ? valise_document_set (document, VALISE_TEMPLATE_KNOB, "yes", error)
               : valise_document_unset (document, VALISE_TEMPLATE_KNOB, error))
      || !valise_bundle_save (bundle, document, error))
    return FALSE;
  _valise_machine_publish (self, g_steal_pointer (&bundle));
  return TRUE;
}

gboolean
valise_machine_set_template (ValiseMachine *self, gboolean wanted, GCancellable *cancellable, GError **error)
{
  g_autoptr (ValiseTurn) locker = NULL;
  gboolean done;

  g_return_val_if_fail (VALISE_IS_MACHINE (self), FALSE);
  locker = _valise_machine_take_turn (self, cancellable, error);
  if (locker == NULL || !valise_machine_load (self, FALSE, error))
    return FALSE;
  if (valise_machine_get_state (self) != VALISE_MACHINE_OFF)
    {
      g_set_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE, _ ("“%s” is not off. Shut it down first."),
                   valise_machine_get_name (self));
      return FALSE;
    }
  if (!_valise_machine_hold_lock (self, "editing", error))
    return FALSE;
  done = save (self, wanted, error);
  _valise_machine_release_lock (self);
  _valise_machine_changed (self);
  return done;
}
