/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/valise-job.h"
#include "engine/valise-machine-snapshots.h"

G_BEGIN_DECLS

/* What is done with snapshots, as work that can be watched and cancelled. Each returns a job not yet started (transfer
 * full); it fails as the function of valise-machine-snapshots.h that it is named after. */

/* @note: (nullable) */
ValiseJob *
valise_snapshot_take_job_new (ValiseMachine *machine, const char *name, const char *note, gboolean with_memory);
ValiseJob *valise_snapshot_delete_job_new (ValiseMachine *machine, const char *id);

/**
 * valise_snapshot_revert_job_new:
 * @keep: (nullable): a name for a snapshot of the present, with its memory, that is taken before
 * @stop: a machine that runs is forced off before
 *
 * Whether the machine may go back is looked at before anything else. When going back fails after all, the snapshot of
 * the present is deleted again, but for that of a machine that was forced off: that has its memory.
 */
ValiseJob *valise_snapshot_revert_job_new (ValiseMachine *machine,
                                           const char *id,
                                           ValiseRevertFlags flags,
                                           const char *keep,
                                           gboolean stop);
/* Takes back what a job of valise_snapshot_revert_job_new did: goes back to what it kept, @id, and deletes that. */
ValiseJob *valise_snapshot_return_job_new (ValiseMachine *machine, const char *id);

/* Of a job that is done: the snapshot that it took; %NULL for none. (transfer full) (nullable) */
char *valise_snapshot_job_dup_taken (ValiseJob *job);

G_END_DECLS
