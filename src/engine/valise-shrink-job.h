/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/valise-job.h"
#include "engine/valise-machine.h"

G_BEGIN_DECLS

/**
 * valise_shrink_job_new:
 * @target: of a disk, as in "vda"
 * @bytes, @lose: as for valise_shrink_disk()
 *
 * Makes a disk smaller, as valise_shrink_disk: a snapshot is taken before, which valise_snapshot_return_job_new() goes
 * back to. It is one of those that are taken before something risky, of which three are kept; it is taken also where the
 * settings want none, because the smaller disk builds on it.
 *
 * Fails as that, and with %VALISE_ENGINE_ERROR_STATE while the machine runs, is suspended or is a template.
 *
 * Returns: (transfer full): a job not yet started
 */
ValiseJob *valise_shrink_job_new (ValiseMachine *machine, const char *target, guint64 bytes, gboolean lose);
/* Of one that is done: the snapshot that was taken before. (transfer full) (nullable) */
char *valise_shrink_job_dup_snapshot (ValiseJob *job);

G_END_DECLS
