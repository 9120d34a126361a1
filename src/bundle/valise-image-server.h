/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-packed-image.h"

G_BEGIN_DECLS

/**
 * ValiseImageServer:
 *
 * Gives the bytes of a packed image to one program of QEMU, which asks for them as of a network block device over a
 * socket that nobody else has. Private to this room.
 */
typedef struct _ValiseImageServer ValiseImageServer;

/* @image: stays; nobody else reads it meanwhile. Begins at once, in a thread. (transfer full) */
ValiseImageServer *_valise_image_server_new (ValisePackedImage *image, GError **error);

/* The socket for the program, which this closes in the end. */
int _valise_image_server_get_fd (const ValiseImageServer *self);

/* Waits until the program, which has ended, is no longer answered. Returns: FALSE with why a reading failed, if one did */
gboolean _valise_image_server_stop (ValiseImageServer *self, GError **error);

/* Stops it, too. */
void _valise_image_server_free (ValiseImageServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseImageServer, _valise_image_server_free)

G_END_DECLS
