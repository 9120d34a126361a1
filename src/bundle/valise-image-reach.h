/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-image-bring.h"

G_BEGIN_DECLS

/**
 * valise_image_check_reach:
 * @place: an image that was looked at
 * @image: what its look found
 * @most: bytes of tables that are read; what is behind them is taken to be there
 *
 * Whether all that its tables point to lies in the file. QEMU reads zeros from behind the end of a file that was cut
 * short on its way, and of most formats says nothing. Of a disk in several files only this one is looked at, of a
 * differencing one too. Reads no more than the file is long, and of a packed one no tables that lie between data.
 *
 * Returns: %FALSE with %VALISE_IMAGE_ERROR_DAMAGED or a #GIOErrorEnum, %G_IO_ERROR_CANCELLED among them
 */
gboolean valise_image_check_reach (const ValiseImagePlace *place,
                                   const ValiseForeignImage *image,
                                   guint64 most,
                                   GCancellable *cancellable,
                                   GError **error);
/* The same of a disk with all its files and those that it holds only the changes of, to the end. Private to this room. */
gboolean _valise_image_check_source (const ValiseImageSource *source,
                                     const ValiseForeignImage *image,
                                     GCancellable *cancellable,
                                     GError **error);

G_END_DECLS
