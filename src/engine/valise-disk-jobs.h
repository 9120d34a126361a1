/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/valise-job.h"
#include "engine/valise-machine.h"

G_BEGIN_DECLS

/* Disks of a machine written once more. Each returns a job not yet started (transfer full).
 *
 * They fail with %VALISE_ENGINE_ERROR_STATE while the machine runs or is suspended, for a disk that it does not have,
 * that does not lie in its folder, or that stands in its settings twice, and of a machine that has snapshots; with %VALISE_BUNDLE_ERROR_LOCKED while somebody
 * has the machine; and as valise_image_rewrite. Then the disk is as it was, also when the program or the computer ends
 * half way. */

/* Gives back what the disks store of zeros: those of @targets ("vda"), or all when it is %NULL. A disk at which nothing
 * is to be gained stays as it is. */
ValiseJob *valise_compact_job_new (ValiseMachine *machine, const char *const *targets);
/* The same, with what qcow2 disks store compressed. The guest sees no difference but for reading: what it writes is not
 * compressed any more. */
ValiseJob *valise_compress_job_new (ValiseMachine *machine, const char *const *targets);
/* Bytes that are free now; of a job of either of them that is done. */
guint64 valise_compact_job_get_freed (ValiseJob *job);

/* Makes the disk @target a "qcow2" or "raw" one: its new file lies beside the old one, the settings name it, and the old
 * one is removed. The result-path is the new file. Also %VALISE_ENGINE_ERROR_STATE when it is of that format already. */
ValiseJob *valise_convert_job_new (ValiseMachine *machine, const char *target, const char *format);

G_END_DECLS
