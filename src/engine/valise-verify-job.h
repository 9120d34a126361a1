/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/valise-job.h"
#include "engine/valise-machine.h"

G_BEGIN_DECLS

/* What a machine needs of its folder looked at, and nothing changed: as valise_verify_files, and the settings of now and
 * of each snapshot against libvirt's schema ("schema-invalid"). A machine that runs, or that somebody else has, is
 * looked at as far as can be, and "in-use" says so; else it can not be started meanwhile.
 *
 * A machine at which something is wrong is no failure of the job, which fails as valise_verify_files.
 * (transfer full) */
ValiseJob *valise_verify_job_new (ValiseMachine *machine);
/* What was found, the worst first; %NULL before the job is done. (element-type ValiseFinding) (transfer none)
 * (nullable) */
GPtrArray *valise_verify_job_get_findings (ValiseJob *job);
/* How many disk images were looked at throughout. */
guint valise_verify_job_get_images (ValiseJob *job);

G_END_DECLS
