/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-in-use.h"
#include "engine/valise-machine-private.h"
#include "engine/valise-machine-template.h"

static gboolean
undo (ValiseMachine *self, ValiseBundle *bundle, GError **error)
{
  g_autoptr (ValiseDocument) earlier = valise_bundle_read_undo (bundle, error);

  return earlier != NULL
         && _valise_machine_check_template_disks (self, valise_bundle_get_document (bundle), earlier, error)
         && valise_bundle_undo (bundle, error);
}

gboolean
valise_machine_undo_change (ValiseMachine *self, GError **error)
{
  g_autoptr (ValiseLock) lock = NULL;
  g_autoptr (ValiseBundle) bundle = NULL;
  g_autoptr (GError) local = NULL;

  g_return_val_if_fail (VALISE_IS_MACHINE (self), FALSE);

  lock = _valise_machine_lock_still (self, "editing", &local);
  if (lock != NULL)
    bundle = valise_bundle_open (self->path, &local);
  if (bundle != NULL)
    return undo (self, bundle, error) && valise_machine_load (self, TRUE, error);
  if (!g_error_matches (local, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_DAMAGED))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (lock == NULL)
    lock = valise_lock_take (self->path, "editing", error);
  bundle =
      lock != NULL && valise_bundle_check_unused (self->path, error) ? valise_bundle_restore (self->path, error) : NULL;
  return bundle != NULL && valise_machine_load (self, TRUE, error);
}
