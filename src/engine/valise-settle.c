/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-settle-private.h"

#include <glib/gi18n-lib.h>

#include "base/valise-path.h"
#include "bundle/valise-identity.h"
#include "bundle/valise-lock.h"
#include "engine/valise-export-private.h"
#include "model/valise-effective.h"
#include "model/valise-grants.h"

/* To be done before the commit: a machine whose maker was killed right afterwards must not ask its user what he has
 * said already. The other way round a kill leaves grants of a uuid that nobody has. Returns the grants, to be forgotten
 * when the machine is not made after all. */
static ValiseGrants *
grant (ValiseBundle *bundle, ValiseDocument *document, GError **error)
{
  g_autofree char *uuid = valise_document_get (document, "uuid");
  g_autoptr (ValiseGrants) grants = valise_grants_load (uuid, error);

  if (grants == NULL)
    return NULL;
  if (valise_effective_grant_all (document, NULL, valise_bundle_get_path (bundle), grants, error)
      && valise_grants_settle (grants, error))
    return g_steal_pointer (&grants);
  valise_grants_forget (grants);
  return NULL;
}

static gboolean
renew (ValiseBundle *bundle, GError **error)
{
  g_autoptr (ValiseLock) lock = valise_lock_take (valise_bundle_get_path (bundle), "importing", error);
  g_autoptr (ValiseDocument) document = valise_document_copy (valise_bundle_get_document (bundle));

  return lock != NULL && valise_bundle_renew_identity (document, NULL, error)
         && valise_bundle_save (bundle, document, error);
}

gboolean
_valise_settle_foreign (ValiseBundle *bundle, GError **error)
{
  if (valise_identity_check (bundle, NULL) == VALISE_IDENTITY_TWIN && !renew (bundle, error))
    return FALSE;
  return valise_identity_remember (bundle, error);
}

/* Not before it can be locked: somebody may have found it already. */
void
_valise_settle_undo (const char *path)
{
  g_autoptr (ValiseLock) lock = valise_lock_take (path, "removing", NULL);

  if (lock != NULL && !valise_directory_remove (path, NULL))
    g_debug ("%s could not be removed", path);
}

/* --- what is allowed to one is allowed to its clone --- */

static gboolean
copy_grants (ValiseBundle *original, ValiseGrants *theirs, ValiseGrants *grants, GError **error)
{
  g_autoptr (GPtrArray) asks =
      valise_effective_list_asks (valise_bundle_get_document (original), valise_bundle_get_path (original), theirs);

  for (guint i = 0; i < asks->len; i++)
    {
      const ValiseAsk *ask = asks->pdata[i];

      if (ask->granted && !valise_grants_allow (grants, ask->knob, ask->value, error))
        return FALSE;
    }
  return TRUE;
}

static ValiseGrants *
grant_like (ValiseBundle *bundle,
            ValiseDocument *document,
            ValiseBundle *original,
            ValiseDocument *before,
            GError **error)
{
  g_autofree char *uuid = valise_document_get (document, "uuid");
  g_autoptr (ValiseGrants) grants = valise_grants_load (uuid, error);
  g_autoptr (ValiseGrants) theirs = grants != NULL ? _valise_export_load_grants (original) : NULL;

  if (grants == NULL)
    return NULL;
  if ((theirs == NULL || copy_grants (original, theirs, grants, error))
      && valise_effective_grant_all (document, before, valise_bundle_get_path (bundle), grants, error)
      && (theirs == NULL || !valise_grants_is_settled (theirs) || valise_grants_settle (grants, error)))
    return g_steal_pointer (&grants);
  valise_grants_forget (grants);
  return NULL;
}

/* --- commit --- */

/* A machine whose place is not remembered, because its maker was killed, is remembered at its first start.
 * @grants: (transfer none) */
static gboolean
commit (ValiseBundle *bundle, ValiseDocument *document, ValiseGrants *grants, GError **error)
{
  if (!valise_bundle_commit (bundle, document, error))
    {
      valise_grants_forget (grants);
      return FALSE;
    }
  if (valise_identity_remember (bundle, error))
    return TRUE;
  _valise_settle_undo (valise_bundle_get_path (bundle));
  valise_grants_forget (grants);
  return FALSE;
}

gboolean
_valise_settle_commit (ValiseBundle *bundle, ValiseDocument *document, ValiseJob *job, GError **error)
{
  g_autoptr (ValiseGrants) grants = NULL;

  valise_job_set_stage (job, _ ("Finishing"));
  grants = grant (bundle, document, error);
  return grants != NULL && commit (bundle, document, grants, error);
}

gboolean
_valise_settle_clone (ValiseBundle *bundle,
                      ValiseDocument *document,
                      ValiseBundle *original,
                      ValiseDocument *before,
                      ValiseJob *job,
                      GError **error)
{
  g_autoptr (ValiseGrants) grants = NULL;

  valise_job_set_stage (job, _ ("Finishing"));
  grants = grant_like (bundle, document, original, before, error);
  return grants != NULL && commit (bundle, document, grants, error);
}
