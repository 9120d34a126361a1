/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The tables of a qcow2 image against each other. Private to this room. */
typedef struct
{
  gulong corruptions; /* places where what the guest reads may be wrong */
  gulong leaks;       /* clusters that take room and that nothing uses */
  gulong unchecked;   /* places that could not be read */
} ValiseImageCheck;

/**
 * _valise_image_check:
 * @path: a qcow2 image whose header was looked at before; what it builds on is not opened
 *
 * Asks qemu-img, which only reads, and keeps nobody from opening the image. Blocking; takes the longer the more is in
 * it.
 *
 * Fails with #ValiseProcessError when qemu-img is missing or does not even open the image, and with
 * %G_IO_ERROR_CANCELLED.
 *
 * Returns: %TRUE if @check is filled
 */
gboolean _valise_image_check (const char *path, ValiseImageCheck *check, GCancellable *cancellable, GError **error);

G_END_DECLS
