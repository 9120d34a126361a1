/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-image-bring.h"

G_BEGIN_DECLS

/* ValisePackedImage: a disk image whose bytes lie in pieces, or packed with gzip or deflate, read at any place without being
 * unpacked into a file: on the one way through its bytes marks are kept from where they can be unpacked again. Only when
 * that is done several times over, because it is read in a wild order, is it written to a file without a name after all.
 * Private to this room; one thread at a time. */

/* The parts of @source stay open and where they are. @folder: (nullable): where there may be such a file. %NULL for a way of packing that can only be read from its
 * beginning. (transfer full) (nullable) */
ValisePackedImage *
_valise_packed_image_new (const ValiseImageSource *source, const char *folder, GCancellable *cancellable);
void _valise_packed_image_free (ValisePackedImage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValisePackedImage, _valise_packed_image_free)

/* The way through: takes the bytes as they lie there, all parts one after the other from the first. Fails with
 * %VALISE_IMAGE_ERROR_DAMAGED. */
gboolean _valise_packed_image_feed (ValisePackedImage *self, const guint8 *bytes, gsize length, GError **error);
/* After the last byte. Returns: whether it is one at which what is packed may end */
gboolean _valise_packed_image_end (ValisePackedImage *self);

/* Unpacked bytes so far. */
guint64 _valise_packed_image_get_size (const ValisePackedImage *self);

/* Up to @length bytes from @offset; fewer at its end. Before the way through only what lies near the beginning is
 * there soon. Returns: how many, or -1 with a #GIOErrorEnum or %VALISE_IMAGE_ERROR_DAMAGED */
gssize _valise_packed_image_read (ValisePackedImage *self, guint64 offset, guint8 *bytes, gsize length, GError **error);

G_END_DECLS
