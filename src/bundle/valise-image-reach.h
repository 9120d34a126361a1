/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-image-bring.h"

G_BEGIN_DECLS

/**
 * _valise_image_check_reach:
 * @place: an image that was looked at
 * @driver: what QEMU calls its format
 *
 * Whether all that its tables point to lies in the file. QEMU reads zeros from behind the end of a file that was cut
 * short on its way, and says nothing. Knows qcow2, VDI, and VMDK in one file; of other formats QEMU says so itself or
 * nobody can tell. Reads no more than the file is long, and of a packed one no tables that lie between data. Private
 * to this room.
 *
 * Returns: %FALSE with %VALISE_IMAGE_ERROR_DAMAGED or a #GIOErrorEnum, %G_IO_ERROR_CANCELLED among them
 */
gboolean _valise_image_check_reach (const ValiseImagePlace *place,
                                    const char *driver,
                                    GCancellable *cancellable,
                                    GError **error);
/* The same of a disk with all its files and those that it holds only the changes of. @image: what its look found */
gboolean _valise_image_check_source (const ValiseImageSource *source,
                                     const ValiseForeignImage *image,
                                     GCancellable *cancellable,
                                     GError **error);

G_END_DECLS
