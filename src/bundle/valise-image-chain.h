/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-image.h"

G_BEGIN_DECLS

/* Disk images that are only the difference to another one in the same folder: what snapshots are made of. */

/* One image below another. */
typedef struct
{
  char *path; /* absolute */
  char *format;
  guint64 virtual_size, actual_size; /* bytes */
} ValiseImageLayer;

/**
 * valise_image_inspect_chain:
 * @path: the image on top, absolute
 * @format: its format
 * @layers: (out) (optional) (element-type ValiseImageLayer): the images below it, the nearest first; empty when it is
 * whole
 *
 * As valise_image_inspect, but the image may be the difference to another one, which lies in the same folder, is no
 * link, and whose format is stated; and so on, at most 256 deep. Anything else below it is %VALISE_IMAGE_ERROR_UNSAFE,
 * a missing image _MISSING.
 *
 * Returns: (transfer full): of the image on top, or %NULL
 */
ValiseImageInfo *valise_image_inspect_chain (const char *path, const char *format, GPtrArray **layers, GError **error);

/* Names of the images in @directory that are the difference to its image @name. An image that cannot be looked at may be
 * one: %NULL with #ValiseImageError, or that of the medium. Without the directory there are none. (element-type filename)
 * (transfer full) */
GPtrArray *_valise_image_list_above (const char *directory, const char *name, GError **error);

/**
 * _valise_image_create_overlay:
 * @path: the qcow2 image to make, which must not be there; not durable yet
 * @base: name of the image below it, in the same folder
 * @bytes: what the guest sees
 *
 * Fails with %VALISE_IMAGE_ERROR_UNSAFE when @base has a name that QEMU would not read as a file's, and as
 * valise_image_create.
 */
gboolean _valise_image_create_overlay (const char *path,
                                       const char *base,
                                       const char *base_format,
                                       guint64 bytes,
                                       GCancellable *cancellable,
                                       GError **error);

G_END_DECLS
