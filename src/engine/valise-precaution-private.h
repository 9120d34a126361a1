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
 * @id: (out) (transfer full) (nullable): its id; %NULL when there is none
 * @findings: where it is told: "precaution-taken", or "precaution-failed" with the reason
 * @cancellable: (nullable)
 *
 * Takes one of a machine that does not run and whose disks hold something, unless its settings say that none is wanted.
 *
 * Returns: %FALSE with %G_IO_ERROR_CANCELLED only: then what was to come after it is not wanted either
 */
gboolean _valise_precaution_take (ValiseMachine *self,
                                  ValiseBundle *bundle,
                                  const char *what,
                                  char **id,
                                  GPtrArray *findings,
                                  GCancellable *cancellable,
                                  GError **error);
/* The same where what comes after cannot be done without one, whatever the settings say. @note: (nullable): what going
 * back to it gives; @stays: until somebody deletes it, for it alone keeps something. Returns its id (transfer full); errors
 * as valise_machine_take_snapshot. */
char *_valise_precaution_keep (ValiseMachine *self,
                               ValiseBundle *bundle,
                               const char *what,
                               const char *note,
                               gboolean stays,
                               GCancellable *cancellable,
                               GError **error);
/* Once what it was taken for is done: lets go the oldest of those that were taken so when there are more than three. One
 * that somebody has named stays, and so does @kept, the one just taken, whatever the clock said then. Returns whether one
 * went. @bundle: its lock is held, and nobody else sees it; @kept: (nullable) */
gboolean _valise_precaution_prune (ValiseBundle *bundle, const char *kept, GCancellable *cancellable);
/* What was to be done was not: it goes again. */
void _valise_precaution_undo (ValiseBundle *bundle, const char *id);

G_END_DECLS
