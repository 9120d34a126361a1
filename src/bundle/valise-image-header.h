/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-image.h"

G_BEGIN_DECLS

/* Our own look at a disk image's first bytes. Private to this room. */

/* The name of the disk format whose magic stands at the head, or %NULL when there is none (a raw disk). @head holds
 * @length bytes, 512 or more when the file has them. */
const char *_valise_image_header_format (const guint8 *head, gsize length);

/* The file that an image is only the difference to, as its header names it. Both are %NULL where it is whole. */
typedef struct
{
  char *file;
  char *format; /* %NULL when the header leaves it to be guessed */
} ValiseImageBacking;
void _valise_image_backing_clear (ValiseImageBacking *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ValiseImageBacking, _valise_image_backing_clear)

/* Checks a qcow2 header field by field against the file's length. @head holds the first @length bytes (up to 64 KiB).
 * @backing: (out) (nullable): what it is the difference to; %NULL when it must be whole
 * Returns: the virtual size, or 0 with a #ValiseImageError; @name is for the message. */
guint64 _valise_image_header_check_qcow2 (const guint8 *head,
                                          gsize length,
                                          guint64 file_size,
                                          const char *name,
                                          ValiseImageBacking *backing,
                                          GError **error);

/* As valise_image_inspect, and tells what the image is the difference to, if it is one. */
ValiseImageInfo *
_valise_image_inspect_layer (const char *path, const char *format, ValiseImageBacking *backing, GError **error);

/* Says that the file ends before the image does. @name: safe to show. Returns: %FALSE */
gboolean _valise_image_set_cut (const char *name, GError **error);

/* What qemu-img said of a full or read-only medium becomes an error of ours; the rest stays. */
void _valise_image_translate_qemu_error (GError **error, const char *path, guint64 needed);

/* What a qcow2 whose header was checked is like, for making another like it. */
typedef struct
{
  guint64 cluster_size;
  guint snapshots; /* inside the image */
  gboolean extended_l2;
} ValiseQcow2Shape;
ValiseQcow2Shape _valise_image_header_shape (const guint8 *head);

G_END_DECLS
