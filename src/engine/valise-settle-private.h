/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-bundle.h"

G_BEGIN_DECLS

/* A bundle that was made on this host by its user: remembers its identity and grants what it asks for. */
gboolean _valise_settle_own (ValiseBundle *bundle, GError **error);

/* A bundle that has just come in: gives it a new identity where its own is taken on this host, and remembers it. Its asks stay off. */
gboolean _valise_settle_foreign (ValiseBundle *bundle, GError **error);

/* Takes a bundle away again that this process has just made and could not settle. */
void _valise_settle_undo (const char *path);

G_END_DECLS
