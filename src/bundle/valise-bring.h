/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-document.h"
#include "base/valise-job.h"

G_BEGIN_DECLS

/**
 * valise_bring_files:
 * @directory: a bundle that is being made
 * @files: (element-type filename filename): where in it (disks/root.qcow2) to the file that is copied there
 * @job: (nullable): told the progress
 *
 * Copies files that somebody has into a new machine: shared blocks where the file system can, holes stay holes. Links
 * are followed, since the user chose them. Blocking. What was copied when it fails goes with the bundle that is
 * abandoned.
 *
 * Errors: %G_IO_ERROR_BUSY for an image that a running machine uses, other #GIOErrorEnum for what cannot be read (both
 * name the file), %VALISE_BUNDLE_ERROR_NO_SPACE, _EXISTS, %VALISE_BUNDLE_ERROR_CORRUPT for a file that changes
 * meanwhile.
 */
gboolean valise_bring_files (const char *directory,
                             GHashTable *files,
                             ValiseJob *job,
                             GCancellable *cancellable,
                             GError **error);

/* What @document starts directly and lies outside of the bundle (kernel, initial memory disk, device tree) is to be
 * brought along: adds it to @files, whose keys and values are freed with g_free, and has @document name its place in
 * media/ instead. */
gboolean valise_bring_kernel (ValiseDocument *document, GHashTable *files, GError **error);

G_END_DECLS
