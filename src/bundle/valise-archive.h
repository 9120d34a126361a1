/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-travel.h"

G_BEGIN_DECLS

/* All three run in a worker thread, report bytes to @job (may be %NULL) and set its result-path, stop at @cancellable
 * with %G_IO_ERROR_CANCELLED, and leave nothing half made on any error. */

/**
 * valise_archive_write:
 * @bundle_path: the bundle; the caller holds its lock
 * @file: the .vmbundle.tar.zst to make; made aside as .FILE.partial and renamed when whole
 * @travel: (nullable): what of it travels; everything otherwise
 *
 * One streamed pass on all cores: POSIX tar, holes kept as holes, config.xml first, digests of every file last, zstd
 * with frame checksum. Left out: .lock, .history, logs/, partial files.
 *
 * Fails as valise_bundle_open, and with %VALISE_BUNDLE_ERROR_EXISTS (@file is there), _LOCKED (somebody else is writing
 * it), _UNSAFE (a link or device in the bundle), _CORRUPT (a file changed while it was read), _NO_SPACE or _READ_ONLY.
 *
 * Returns: %TRUE if @file is there, whole and durable
 */
gboolean valise_archive_write (const char *bundle_path,
                               const char *file,
                               const ValiseTravel *travel,
                               ValiseJob *job,
                               GCancellable *cancellable,
                               GError **error);

/* Reads only the config.xml that stands first. @error: as for valise_archive_read(). (transfer full) */
ValiseDocument *valise_archive_peek (const char *file, GError **error);

/**
 * valise_archive_read:
 * @file: a .vmbundle.tar.zst of any origin
 * @directory: where the bundle is to appear; made if missing
 * @name: (nullable): what the machine is to be called; its own name if %NULL
 *
 * Unpacks as @directory/NAME.vmbundle, streamed, every digest verified before the bundle appears.
 *
 * Fails with %VALISE_BUNDLE_ERROR_UNSAFE (anything but plain files and directories with plain relative names), _CORRUPT
 * (cut short, a wrong digest, no archive), _NOT_A_BUNDLE (no plain file, or its config.xml does not come first),
 * _DAMAGED or _NEWER (its config.xml), _EXISTS, _NAME, _NO_SPACE or _READ_ONLY.
 *
 * Returns: (transfer full): the path of the new bundle, or %NULL
 */
char *valise_archive_read (const char *file,
                           const char *directory,
                           const char *name,
                           ValiseJob *job,
                           GCancellable *cancellable,
                           GError **error);

/**
 * valise_bundle_copy:
 * @bundle_path: the bundle; the caller holds its lock
 * @directory: where the copy is to appear; made if missing
 * @name: (nullable): what the copy is to be called; as the original if %NULL
 *
 * Copies to @directory/NAME.vmbundle: reflink where the file system can, sparse kept; the same is left out as of the
 * archive. The copy has the original's uuid and MAC addresses.
 *
 * Fails as valise_bundle_open and valise_bundle_begin, and with %VALISE_BUNDLE_ERROR_UNSAFE (a link or device in the
 * bundle), _CORRUPT (a file changed while it was read), _NO_SPACE or _READ_ONLY.
 *
 * Returns: (transfer full): the path of the copy, or %NULL
 */
char *valise_bundle_copy (const char *bundle_path,
                          const char *directory,
                          const char *name,
                          ValiseJob *job,
                          GCancellable *cancellable,
                          GError **error);

G_END_DECLS
