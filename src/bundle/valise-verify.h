/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/valise-finding.h"
#include "base/valise-job.h"

G_BEGIN_DECLS

/**
 * valise_verify_files:
 * @bundle_path: a bundle, whoever has it
 * @findings: (element-type ValiseFinding): what is found is added; where is a file relative to the bundle
 * @images: (out): how many disk images were checked throughout
 * @job: (nullable): advanced by the bytes that images take
 *
 * Looks at everything that the machine needs of its folder, and changes nothing: settings, disk images with what they
 * build on, what snapshots froze against what it was then, what snapshots keep, firmware variables and security chip,
 * and files that nobody knows of. An image that somebody writes to is named and left out. What is stored in the images
 * is not read but for samples of those that are frozen. Blocks.
 *
 * Codes: config-damaged, folder-unsafe, image-missing, image-new, image-format, image-unsafe, image-damaged,
 * image-corrupt, image-leaks, image-unreadable, image-busy, image-changed, image-shared, chain-other, snapshots-unread,
 * snapshot-damaged, snapshot-settings, snapshot-memory, interrupted, file-missing, firmware-missing, firmware-empty,
 * chip-missing, orphan.
 *
 * Fails with %VALISE_PROCESS_ERROR_MISSING without qemu-img, and with %G_IO_ERROR_CANCELLED.
 *
 * Returns: %TRUE if it was looked at all of it, whatever was found
 */
gboolean valise_verify_files (const char *bundle_path,
                              GPtrArray *findings,
                              guint *images,
                              ValiseJob *job,
                              GCancellable *cancellable,
                              GError **error);

G_END_DECLS
