/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-machine-private.h"

#include <glib/gi18n-lib.h>

#include "engine/valise-engine-error-private.h"

static gboolean
has_open_ask (GPtrArray *asks)
{
  for (guint i = 0; i < asks->len; i++)
    if (!((ValiseAsk *) g_ptr_array_index (asks, i))->granted)
      return TRUE;
  return FALSE;
}

static ValiseGrants *
load_grants (ValiseMachine *self, ValiseBundle *bundle, GError **error)
{
  g_autofree char *uuid = valise_document_get (valise_bundle_get_document (bundle), "uuid");

  if (uuid != NULL)
    return valise_grants_load (uuid, error);
  g_set_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_HYPERVISOR,
               _ ("“%s” has no uuid in its config.xml. Say that it was copied, and it gets one."),
               valise_machine_get_name (self));
  return NULL;
}

/* A machine that asks for nothing has nothing to settle. */
static GPtrArray *
list_asks (ValiseMachine *self, ValiseBundle *bundle, gboolean *settled, GError **error)
{
  g_autoptr (ValiseGrants) grants = load_grants (self, bundle, error);
  GPtrArray *asks;

  *settled = FALSE;
  if (grants == NULL)
    return NULL;
  asks = valise_effective_list_asks (valise_bundle_get_document (bundle), self->path, grants);
  *settled = valise_grants_is_settled (grants) || !has_open_ask (asks);
  return asks;
}

static gboolean
check_identity (ValiseMachine *self, ValiseBundle *bundle, GError **error)
{
  g_autofree char *other = NULL;

  switch (valise_identity_check (bundle, &other))
    {
    case VALISE_IDENTITY_KNOWN:
      return TRUE;
    case VALISE_IDENTITY_NEW:
    case VALISE_IDENTITY_MOVED:
      return valise_identity_remember (bundle, error);
    case VALISE_IDENTITY_TWIN:
    default:
      g_set_error (
          error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_ASK,
          _ ("“%s” is the same machine as the one in “%s”. Say whether it was moved or copied before it starts."),
          valise_machine_get_name (self), other);
      return FALSE;
    }
}

gboolean
_valise_machine_check_settled (ValiseMachine *self, ValiseBundle *bundle, GError **error)
{
  gboolean settled;
  g_autoptr (GPtrArray) asks = list_asks (self, bundle, &settled, error);

  if (asks == NULL || !check_identity (self, bundle, error))
    return FALSE;
  if (settled)
    return TRUE;
  g_set_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_ASK,
               ngettext ("“%s” asks for %u thing of this computer. Decide what it may reach before it starts.",
                         "“%s” asks for %u things of this computer. Decide what it may reach before it starts.",
                         asks->len),
               valise_machine_get_name (self), asks->len);
  return FALSE;
}

/* --- public --- */

GPtrArray *
valise_machine_list_asks (ValiseMachine *self, gboolean *settled)
{
  g_autoptr (ValiseBundle) bundle = NULL;
  gboolean asks_settled = FALSE;
  GPtrArray *asks = NULL;

  g_return_val_if_fail (VALISE_IS_MACHINE (self), NULL);
  bundle = valise_bundle_open (self->path, NULL);
  if (bundle != NULL)
    asks = list_asks (self, bundle, &asks_settled, NULL);
  if (settled != NULL)
    *settled = asks_settled && valise_identity_check (bundle, NULL) != VALISE_IDENTITY_TWIN;
  return asks != NULL ? asks : g_ptr_array_new_with_free_func ((GDestroyNotify) valise_ask_free);
}

static gboolean
is_among (GPtrArray *asks, const ValiseAsk *ask)
{
  for (guint i = 0; asks != NULL && i < asks->len; i++)
    {
      const ValiseAsk *other = g_ptr_array_index (asks, i);

      if (g_strcmp0 (other->knob, ask->knob) == 0 && g_strcmp0 (other->value, ask->value) == 0)
        return TRUE;
    }
  return FALSE;
}

/* The list can be settled again: what was allowed then and is switched off now is off. */
static gboolean
revoke_others (ValiseBundle *bundle, ValiseGrants *grants, GPtrArray *granted, GError **error)
{
  g_autoptr (GPtrArray) asks =
      valise_effective_list_asks (valise_bundle_get_document (bundle), valise_bundle_get_path (bundle), grants);

  for (guint i = 0; i < asks->len; i++)
    {
      const ValiseAsk *ask = g_ptr_array_index (asks, i);

      if (ask->granted && !is_among (granted, ask) && !valise_grants_revoke (grants, ask->knob, ask->value, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
valise_machine_settle_asks (ValiseMachine *self, GPtrArray *granted, GError **error)
{
  g_autoptr (ValiseBundle) bundle = NULL;
  g_autoptr (ValiseGrants) grants = NULL;

  g_return_val_if_fail (VALISE_IS_MACHINE (self), FALSE);
  bundle = valise_bundle_open (self->path, error);
  if (bundle == NULL)
    return FALSE;
  grants = load_grants (self, bundle, error);
  if (grants == NULL)
    return FALSE;
  for (guint i = 0; granted != NULL && i < granted->len; i++)
    {
      const ValiseAsk *ask = g_ptr_array_index (granted, i);

      if (!valise_grants_allow (grants, ask->knob, ask->value, error))
        return FALSE;
    }
  return revoke_others (bundle, grants, granted, error) && valise_grants_settle (grants, error);
}

ValiseIdentity
valise_machine_check_identity (ValiseMachine *self, char **other_path)
{
  g_autoptr (ValiseBundle) bundle = NULL;

  g_return_val_if_fail (VALISE_IS_MACHINE (self), VALISE_IDENTITY_NEW);
  bundle = valise_bundle_open (self->path, NULL);
  return bundle != NULL ? valise_identity_check (bundle, other_path) : VALISE_IDENTITY_NEW;
}

/* What was granted to the original is not granted to its copy: grants belong to the uuid. */
static gboolean
renew_identity (ValiseMachine *self, ValiseBundle *bundle, GError **error)
{
  g_autoptr (ValiseDocument) document = valise_document_copy (valise_bundle_get_document (bundle));
  gboolean done;

  if (!_valise_machine_hold_lock (self, "editing", error))
    return FALSE;
  done = valise_bundle_renew_identity (document, NULL, error) && valise_bundle_save (bundle, document, error);
  _valise_machine_release_lock (self);
  return done;
}

gboolean
valise_machine_settle_identity (ValiseMachine *self, gboolean copied, GCancellable *cancellable, GError **error)
{
  g_autoptr (ValiseTurn) locker = NULL;
  g_autoptr (ValiseBundle) bundle = NULL;

  g_return_val_if_fail (VALISE_IS_MACHINE (self), FALSE);
  locker = _valise_machine_take_turn (self, cancellable, error);
  if (locker == NULL)
    return FALSE;
  bundle = valise_bundle_open (self->path, error);
  if (bundle == NULL || (copied && !renew_identity (self, bundle, error)) || !valise_identity_remember (bundle, error))
    return FALSE;
  _valise_machine_publish (self, valise_bundle_ref (bundle));
  _valise_machine_changed (self);
  return TRUE;
}
