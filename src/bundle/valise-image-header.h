/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-image.h"

G_BEGIN_DECLS

/* Our own look at a disk image's first bytes. Private to this room. */

/* The name of the disk format whose magic stands at the head, or %NULL when there is none (a raw disk). @head holds
 * @length bytes, 512 or more when the file has them. */
const char *_valise_image_header_format (const guint8 *head, gsize length);

/* Checks a qcow2 header field by field against the file's length. @head holds the first @length bytes (up to 64 KiB).
 * Returns: the virtual size, or 0 with a #ValiseImageError; @name is for the message. */
guint64 _valise_image_header_check_qcow2 (const guint8 *head,
                                          gsize length,
                                          guint64 file_size,
                                          const char *name,
                                          GError **error);

G_END_DECLS
