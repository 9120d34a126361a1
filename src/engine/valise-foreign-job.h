/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-import-plan.h"
#include "engine/valise-library.h"
#include "formats/valise-package.h"

G_BEGIN_DECLS

/**
 * valise_foreign_job_new:
 * @library: where the machine goes, and whose host it is made for
 * @package: what the machine lies in
 * @choices: (transfer full): which of its machines, and what was chosen for it
 * @directory: (nullable): the library's without
 *
 * Brings a machine of another program in, in one pass over its bytes. Its disks are looked at before the first of them
 * is read, and converted or copied several at a time. The result-path is its bundle.
 *
 * The job fails with %VALISE_READER_ERROR_REFUSED for a machine that is refused, with %VALISE_READER_ERROR_DECISION for
 * one that waits for a decision, with #ValisePackageError, as valise_image_bring, valise_new_disks_make and
 * valise_bundle_begin; then nothing is left of it.
 *
 * Returns: (transfer full): the job, not yet started
 */
ValiseJob *valise_foreign_job_new (ValiseLibrary *library,
                                   ValisePackage *package,
                                   ValiseImportChoices *choices,
                                   const char *directory);

/* What there is to say about the machine that came in: the reader's findings and the plan's. %NULL before the job has
 * begun, and for any other job. (element-type ValiseFinding) (transfer full) (nullable) */
GPtrArray *valise_foreign_job_get_report (ValiseJob *job);

G_END_DECLS
