/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-bundle.h"

G_BEGIN_DECLS

/* All four run in a worker thread, report bytes to @job (may be %NULL), stop at @cancellable and leave nothing half made. */

/**
 * valise_archive_write:
 * @bundle_path: the bundle; the caller holds its lock
 * @file: the .vmbundle.tar.zst to make; made aside as .FILE.partial and renamed when whole
 *
 * One streamed pass on all cores: POSIX tar, holes kept as holes, config.xml first, digests of every file last, zstd with frame checksum.
 * Left out: .lock, .history, logs/, partial files.
 */
gboolean valise_archive_write (const char *bundle_path,
                               const char *file,
                               ValiseJob *job,
                               GCancellable *cancellable,
                               GError **error);

/* Unpacks into @directory as NAME.vmbundle (@name %NULL: the machine's own), streamed, every digest verified before the bundle
 * appears. Anything but plain files and directories with plain relative names is refused.
 * Returns: (transfer full): the path of the new bundle */
char *valise_archive_read (const char *file,
                           const char *directory,
                           const char *name,
                           ValiseJob *job,
                           GCancellable *cancellable,
                           GError **error);

/* Copies a bundle's directory to @directory/NAME.vmbundle: reflink where the file system can, sparse kept; same filter as the archive. */
char *valise_bundle_copy (const char *bundle_path,
                          const char *directory,
                          const char *name,
                          ValiseJob *job,
                          GCancellable *cancellable,
                          GError **error);

G_END_DECLS
