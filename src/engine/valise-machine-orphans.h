/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-machine.h"

G_BEGIN_DECLS

/**
 * valise_machine_trash_orphans:
 * @files: (array zero-terminated=1): of the machine's folder and relative to it, which valise_space_measure() finds to
 *   be nobody's
 *
 * Moves files that nothing refers to into the Trash, never anything else; valise_machine_untrash() brings one back by
 * its whole path. Blocks.
 *
 * Fails with %VALISE_ENGINE_ERROR_NOT_FOUND when one of them is needed, is no plain file or is not there; then none has
 * gone. Also with %VALISE_ENGINE_ERROR_STATE while it runs, %VALISE_BUNDLE_ERROR_LOCKED while somebody has it, as
 * valise_space_measure, %G_IO_ERROR_NOT_SUPPORTED where there is no Trash, and as GIO when one could not be moved:
 * those before it have.
 */
gboolean
valise_machine_trash_orphans (ValiseMachine *self, const char *const *files, GCancellable *cancellable, GError **error);

G_END_DECLS
