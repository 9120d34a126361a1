/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/valise-job.h"
#include "bundle/valise-bundle.h"

G_BEGIN_DECLS

/* Takes the snapshot that the machine is kept as. Returns its id. (transfer full) (nullable) */
typedef char *(*ValiseShrinkKeep) (ValiseBundle *bundle, gpointer user_data, GCancellable *cancellable, GError **error);

/**
 * valise_shrink_disk:
 * @bundle: the caller holds its lock, and it neither runs nor is suspended
 * @target: of a disk, as in "vda"
 * @bytes: what the guest is to see of it, less than now; rounded up to 4 KiB, or to the disk's sectors
 * @lose: whether what is stored beyond may be lost
 * @keep: called once everything else was looked at
 * @job: (nullable): told its stage
 * @snapshot: (out): id of the one that the machine was kept as before
 *
 * Makes a disk smaller. A snapshot is taken first, and the machine goes on with a smaller image that builds on what it
 * keeps, so that going back to it gives all of the disk again; until the snapshot is deleted. A partition table that
 * has a copy at the disk's end (GPT) gets it at the new end. Killed at any moment, the disk has its old size or the new
 * one.
 *
 * Fails with %VALISE_IMAGE_ERROR_DATA without @lose when a partition reaches beyond @bytes (the message says how large
 * the disk must stay), its table cannot be understood, or there is none and anything is stored on the disk, wherever;
 * also with @lose when the settings state a sector size that no disk has. With %VALISE_IMAGE_ERROR_SIZE when it is no
 * smaller, %VALISE_IMAGE_ERROR_MISSING when there is no such disk or none that snapshots are about, and as
 * @keep and valise_bundle_save. Then everything is as it was. When that cannot be had back it fails as
 * valise_snapshot_revert, the message says so, and the snapshot stays.
 *
 * Returns: %TRUE if it is smaller now
 */
gboolean valise_shrink_disk (ValiseBundle *bundle,
                             const char *target,
                             guint64 bytes,
                             gboolean lose,
                             ValiseShrinkKeep keep,
                             gpointer user_data,
                             ValiseJob *job,
                             char **snapshot,
                             GCancellable *cancellable,
                             GError **error);

G_END_DECLS
