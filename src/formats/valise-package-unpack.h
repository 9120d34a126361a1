/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * _valise_package_unpack:
 * @fd: a plain file, at any place
 * @path: what it is called in errors
 * @unpacked: (out): a file without a name that holds the tar archive, closed by the caller; -1 when @fd is no tar archive
 *   packed as a whole
 *
 * A member of such an archive cannot be reached but through all that lies before it, so it is unpacked once (gzip,
 * bzip2, xz, zstd), with holes for zeros, into a file that is gone with its last descriptor.
 *
 * Returns: %FALSE with a #ValisePackageError when it is damaged, has no end or there is no room
 */
gboolean _valise_package_unpack (int fd, const char *path, int *unpacked, GError **error);

/* The same for a tar archive that lies packed in an archive. @stream: what is in it; @size, @packed: its bytes, as the
 * archive has them, of unknown truth */
gboolean _valise_package_unpack_member (GInputStream *stream,
                                        guint64 size,
                                        guint64 packed,
                                        const char *path,
                                        int *unpacked,
                                        GError **error);

G_END_DECLS
