/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-clone.h"
#include "engine/valise-machine.h"

G_BEGIN_DECLS

/**
 * valise_clone_job_new:
 * @machine: the original, in whatever state
 * @directory: where the clone is to appear
 * @name: what it is called
 * @choice: copied
 *
 * Makes a second machine with an identity of its own that is off. It may reach on this computer what the original may.
 * Suspended memory and snapshots do not go along. A linked clone of now takes a snapshot of the original first, unless
 * nothing was written since its last one. A running machine goes on running: a full clone of it is a copy of all its
 * disks as they are at one moment.
 *
 * The job fails with %VALISE_ENGINE_ERROR_STATE while the machine starts or stops, and for a running one of which disks
 * are to be left out or shared without a snapshot; with %VALISE_BUNDLE_ERROR_LOCKED while somebody else has it; and as
 * valise_clone_begin, valise_clone_fill and valise_machine_take_snapshot. Then nothing is left of it. Its result-path is the
 * clone. (transfer full)
 */
ValiseJob *
valise_clone_job_new (ValiseMachine *machine, const char *directory, const char *name, const ValiseCloneChoice *choice);

/* As valise_clone_detach, of a machine that is off: %VALISE_ENGINE_ERROR_STATE while it is not. (transfer full) */
ValiseJob *valise_detach_job_new (ValiseMachine *machine);

G_END_DECLS
