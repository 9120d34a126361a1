/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/valise-job.h"
#include "bundle/valise-bundle.h"
#include "engine/valise-machine.h"

G_BEGIN_DECLS

/**
 * _valise_live_merge:
 * @disks: (element-type ValiseLiveDisk): what the machine has open
 * @upper: relative: an image that it has open and does not write to
 * @lower: relative: the one below that
 * @job: (nullable): is told how far it is
 *
 * Has QEMU copy what @upper holds into @lower and then leave @upper out, while the guest goes on. What was built on
 * @upper then names @lower as it names its siblings, without a folder.
 *
 * On an error and on cancel, which are as of every call, @upper is used as before. %VALISE_SNAPSHOT_ERROR_LATER when QEMU
 * refuses; it is to be merged when the machine is off.
 */
gboolean _valise_live_merge (ValiseMachine *machine,
                             GPtrArray *disks,
                             const char *upper,
                             const char *lower,
                             ValiseJob *job,
                             GCancellable *cancellable,
                             GError **error);

/* Waits for what a killed program had QEMU merge of @disks, which QEMU goes on with by itself; on cancel it is stopped.
 * Errors as of every call. @job: (nullable) */
gboolean _valise_live_merge_see_through (ValiseMachine *machine,
                                         GPtrArray *disks,
                                         ValiseJob *job,
                                         GCancellable *cancellable,
                                         GError **error);
/* Stops it. Errors as of every call. */
gboolean _valise_live_merge_stop_all (ValiseMachine *machine, ValiseBundle *bundle, GError **error);

G_END_DECLS
