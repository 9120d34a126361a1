/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-foreign-image.h"

G_BEGIN_DECLS

/**
 * ValiseImageSource:
 * @parts: where its bytes lie, in order; more than one when the image was cut into pieces
 * @n_parts: at least 1
 * @compression: (nullable): the bytes, pieces put together, are compressed with "gzip", "deflate", "xz", "zstd" or
 *   "lz4-apple" (LZ4 in the frames of Apple's Compression library)
 * @path: (nullable): absolute path of the file when it lies in a folder, for images in several files
 * @extents: (nullable): where the files lie that it consists of, in the order of its description, when that is an archive
 * @n_extents: of them
 * @digest: (nullable): "sha1:", "sha256:" or "sha512:" and the hexadecimal digest of the bytes as they lie there; of
 *   pieces one each, with a space between and "-" where there is none
 * @capacity: bytes that the guest is said to see, 0 when nobody said so; bounds what is unpacked
 * @to_qcow2: what is raw becomes qcow2 too
 * @parent: (nullable): the image that this one holds the changes of
 *
 * A disk of another program as it lies in what somebody brings in.
 */
typedef struct _ValiseImageSource ValiseImageSource;
struct _ValiseImageSource
{
  const ValiseImagePlace *parts;
  guint n_parts;
  const char *compression;
  const char *path;
  const ValiseImagePlace *extents;
  guint n_extents;
  const char *digest;
  guint64 capacity;
  gboolean to_qcow2;
  const ValiseImageSource *parent;
};

/**
 * valise_image_bring:
 * @stem: absolute path of the new image without its suffix
 * @job: (nullable): advanced by the bytes of @source that are done
 * @capacity: (out) (optional): bytes that the guest sees
 *
 * Makes a disk of ours from one of another program, in one pass over its bytes: qcow2 and raw are copied (shared where
 * the file system can, holes stay holes), everything else is converted by qemu-img straight from where it lies. The
 * digest is taken meanwhile. Blocking.
 *
 * Fails as valise_foreign_image_look, with %VALISE_IMAGE_ERROR_DAMAGED for a wrong digest or bytes that qemu-img cannot
 * read, %VALISE_IMAGE_ERROR_SIZE for compressed bytes that go on beyond @capacity, %VALISE_BUNDLE_ERROR_NO_SPACE,
 * #ValiseProcessError or %G_IO_ERROR_CANCELLED; then there is no file.
 *
 * Returns: (transfer none): "qcow2" or "raw", which is also the suffix of the file that was made; %NULL on error
 */
const char *valise_image_bring (const ValiseImageSource *source,
                                const char *stem,
                                ValiseJob *job,
                                guint64 *capacity,
                                GCancellable *cancellable,
                                GError **error);

G_END_DECLS
