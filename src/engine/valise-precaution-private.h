/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-machine.h"

G_BEGIN_DECLS

/* A snapshot that is taken by itself before something after which a guest may not start any more. */

/**
 * _valise_precaution_take:
 * @self: a machine whose lock the caller holds
 * @bundle: it, as it is now
 * @what: what is about to be done, for people: "another firmware"
 * @findings: where it is told: "precaution-taken", or "precaution-failed" with the reason
 * @cancellable: (nullable)
 *
 * Takes one of a machine that does not run and whose disks hold something, unless its settings say that none is wanted,
 * and lets go the oldest of those that it took when there are more than three. One that somebody has named stays.
 *
 * Returns: (transfer full) (nullable): its id; %NULL when there is none
 */
char *_valise_precaution_take (ValiseMachine *self,
                               ValiseBundle *bundle,
                               const char *what,
                               GPtrArray *findings,
                               GCancellable *cancellable);
/* What was to be done was not: it goes again. */
void _valise_precaution_undo (ValiseBundle *bundle, const char *id);

G_END_DECLS
