/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-document.h"

G_BEGIN_DECLS

/**
 * ValiseGrants:
 *
 * What the user of this host allowed one machine (by uuid) to reach: exact pairs of knob pattern and value, kept in STATE/grants/UUID,
 * never in the bundle. Loaded whole, written atomically on every change.
 */
typedef struct _ValiseGrants ValiseGrants;
ValiseGrants *valise_grants_load (const char *uuid, GError **error);
void valise_grants_free (ValiseGrants *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseGrants, valise_grants_free)
gboolean valise_grants_has (ValiseGrants *self, const char *knob, const char *value);
gboolean valise_grants_allow (ValiseGrants *self, const char *knob, const char *value, GError **error);
gboolean valise_grants_revoke (ValiseGrants *self, const char *knob, const char *value, GError **error);
/* Whether the user has been shown this machine's list before (or made the machine here). */
gboolean valise_grants_is_settled (ValiseGrants *self);
gboolean valise_grants_settle (ValiseGrants *self, GError **error);

G_END_DECLS
