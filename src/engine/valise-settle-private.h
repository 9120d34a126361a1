/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/valise-job.h"
#include "bundle/valise-bundle.h"

G_BEGIN_DECLS

/* Commits a bundle that is being made with @document, grants what that asks for, because the user of this host has just
 * said it, and remembers whose it is. When it fails nothing of it is left but @bundle, which is abandoned by the
 * caller. */
gboolean _valise_settle_commit (ValiseBundle *bundle, ValiseDocument *document, ValiseJob *job, GError **error);

/* The same for a clone: what @original's machine may reach, the clone may; of the rest only what @before, the settings
 * that were cloned, did not ask for is granted, because somebody has just chosen it. */
gboolean _valise_settle_clone (ValiseBundle *bundle,
                               ValiseDocument *document,
                               ValiseBundle *original,
                               ValiseDocument *before,
                               ValiseJob *job,
                               GError **error);

/* A bundle that has just come in: gives it a new identity where its own is taken on this host, and remembers it. Its
 * asks stay off. */
gboolean _valise_settle_foreign (ValiseBundle *bundle, GError **error);

/* Takes a bundle away again that this process has just made and could not settle. */
void _valise_settle_undo (const char *path);

G_END_DECLS
