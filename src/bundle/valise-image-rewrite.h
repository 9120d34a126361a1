/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-image.h"

G_BEGIN_DECLS

/* A disk image written once more: without the zeros that it stores, or in the other format. The caller holds the
 * bundle's lock and nobody has the image open. */

/* Bytes that a job is advanced by when an image of @info is rewritten: what it takes is read twice. */
guint64 valise_image_rewrite_cost (const ValiseImageInfo *info);

/**
 * valise_image_rewrite:
 * @path, @format: the image
 * @to, @to_format: the new one, whose file must not be there
 * @job: (nullable): advanced by valise_image_rewrite_cost
 *
 * Writes @to aside with qemu-img, compares what the guest sees in both byte by byte, makes it durable and gives it its
 * name. @path is only read. Blocking.
 *
 * Fails as valise_image_inspect, with %VALISE_IMAGE_ERROR_UNSAFE when the image holds snapshots, which would be lost,
 * with %VALISE_IMAGE_ERROR_DAMAGED when it cannot be read or the new one is not the same,
 * %VALISE_BUNDLE_ERROR_NO_SPACE (asked before anything is written) or _EXISTS, #ValiseProcessError or
 * %G_IO_ERROR_CANCELLED; then there is no @to.
 *
 * Returns: %TRUE when @to is there and the same
 */
gboolean valise_image_rewrite (const char *path,
                               const char *format,
                               const char *to,
                               const char *to_format,
                               ValiseJob *job,
                               GCancellable *cancellable,
                               GError **error);

/* The same in place: @path is replaced by a name change when the new one is whole and smaller. @compress: whether what
 * a qcow2 image stores is compressed, until the guest writes to it again. @freed: (out): bytes that
 * are free now; 0 when there was nothing to gain, and then @path is as it was. On an error it is, too. */
gboolean valise_image_compact (const char *path,
                               const char *format,
                               gboolean compress,
                               ValiseJob *job,
                               guint64 *freed,
                               GCancellable *cancellable,
                               GError **error);

G_END_DECLS
