/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-bundle.h"
#include "model/valise-grants.h"

G_BEGIN_DECLS

/* Grants what @document asks for, because the user of this host has just said it; @bundle is still being made and gets
 * it. To be done before the commit: a machine whose maker was killed right afterwards must not ask its user what he has
 * said already. The other way round a kill leaves grants of a uuid that nobody has. Returns the grants, to be forgotten
 * when the machine is not made after all. */
ValiseGrants *_valise_settle_grant (ValiseBundle *bundle, ValiseDocument *document, GError **error);

/* A bundle that has just come in: gives it a new identity where its own is taken on this host, and remembers it. Its
 * asks stay off. */
gboolean _valise_settle_foreign (ValiseBundle *bundle, GError **error);

/* Takes a bundle away again that this process has just made and could not settle. */
void _valise_settle_undo (const char *path);

G_END_DECLS
