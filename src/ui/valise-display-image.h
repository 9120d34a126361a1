/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * ValiseDisplayImage:
 *
 * A picture in memory that the program writes and the window system can show: 32 bits a pixel (CAIRO_FORMAT_RGB24). On
 * X11 the memory is shared with the server, which then fetches what changed by itself; elsewhere it is a plain cairo
 * image. Reference counted.
 *
 * The server may read a little later than valise_display_image_put: what is written in between shows at most for the
 * one frame until it is put in its turn.
 */
typedef struct _ValiseDisplayImage ValiseDisplayImage;

#define VALISE_DISPLAY_IMAGE_SIDE 16384
#define VALISE_DISPLAY_IMAGE_BYTES (256u << 20)

/* @screen: (nullable): where it will be shown. Black. %NULL if a side is 0 or above VALISE_DISPLAY_IMAGE_SIDE, the
 * whole above _BYTES, or memory is short. */
ValiseDisplayImage *valise_display_image_new (GdkScreen *screen, int width, int height);
ValiseDisplayImage *valise_display_image_ref (ValiseDisplayImage *self);
void valise_display_image_unref (ValiseDisplayImage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseDisplayImage, valise_display_image_unref)

int valise_display_image_get_width (ValiseDisplayImage *self);
int valise_display_image_get_height (ValiseDisplayImage *self);
gsize valise_display_image_get_stride (ValiseDisplayImage *self); /* bytes */
guint8 *valise_display_image_get_pixels (ValiseDisplayImage *self);
/* Tells the window system that @area of the memory changed. */
void valise_display_image_put (ValiseDisplayImage *self, const cairo_rectangle_int_t *area);
/* What to paint from: everything put so far. (transfer none) */
cairo_surface_t *valise_display_image_get_surface (ValiseDisplayImage *self);

G_END_DECLS
