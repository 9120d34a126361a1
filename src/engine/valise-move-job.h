/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/valise-job.h"
#include "engine/valise-machine.h"

G_BEGIN_DECLS

/* Moves a machine's bundle to @directory, as valise_bundle_move. It stays the machine that it is: what it may reach on
 * this computer, its snapshots and its suspended memory stay good. @machine is the one of the old place, at which there
 * is nothing afterwards; the result-path is the new one.
 *
 * The job fails with %VALISE_ENGINE_ERROR_STATE while it runs, %VALISE_BUNDLE_ERROR_LOCKED while somebody else has it,
 * and as valise_bundle_move. (transfer full) */
ValiseJob *valise_move_job_new (ValiseMachine *machine, const char *directory);

G_END_DECLS
