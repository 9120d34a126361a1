/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-document.h"

G_BEGIN_DECLS

/**
 * ValiseGrants:
 *
 * What the user of this host allowed one machine (by uuid) to reach: exact pairs of knob pattern and value, kept in
 * STATE/grants/UUID, never in the bundle. Loaded whole, written atomically on every change.
 */
typedef struct _ValiseGrants ValiseGrants;
/* @uuid: the machine's. A machine that was never seen has no grants; a damaged file counts as none, so that the user is
 * asked again. Errors: %G_IO_ERROR_INVALID_ARGUMENT for what is no uuid, or a #GFileError that names the file.
 * (transfer full) */
ValiseGrants *valise_grants_load (const char *uuid, GError **error);
void valise_grants_free (ValiseGrants *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseGrants, valise_grants_free)
/* @knob may carry indices: a grant holds for the value wherever in the list the device stands. */
gboolean valise_grants_has (ValiseGrants *self, const char *knob, const char *value);
/* #GFileError or #GIOErrorEnum that name the file; on error the file and the object are as before. */
gboolean valise_grants_allow (ValiseGrants *self, const char *knob, const char *value, GError **error);
/* Allows it in this object only; nothing is written, unless something else is allowed after it. */
void valise_grants_pretend (ValiseGrants *self, const char *knob, const char *value);
gboolean valise_grants_revoke (ValiseGrants *self, const char *knob, const char *value, GError **error);
/* Whether the user has been shown this machine's list before (or made the machine here). */
gboolean valise_grants_is_settled (ValiseGrants *self);
/* From now on it has been. Errors as valise_grants_allow. */
gboolean valise_grants_settle (ValiseGrants *self, GError **error);
/* Takes everything back, as if the machine had never been seen; for one that could not be made after all. */
void valise_grants_forget (ValiseGrants *self);

G_END_DECLS
