/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/valise-display-image.h"
#include "ui/valise-display.h"

G_BEGIN_DECLS

/**
 * ValiseDisplayPainter:
 *
 * Puts the guest's framebuffer on a widget. Scaled, each changed rectangle is filtered once into a picture of the size
 * shown, so that a redraw costs nothing but a copy. Knows sizes and damage, but no events.
 *
 * Widget sizes are in GTK's units; everything inside is in pixels of the screen (units * scale factor).
 */
typedef struct _ValiseDisplayPainter ValiseDisplayPainter;

ValiseDisplayPainter *valise_display_painter_new (void);
void valise_display_painter_free (ValiseDisplayPainter *self);

/* @screen: where the scaled picture will be shown. @source: (nullable) */
void valise_display_painter_set_source (ValiseDisplayPainter *self, GdkScreen *screen, ValiseDisplayImage *source);
void valise_display_painter_set_scaling (ValiseDisplayPainter *self, ValiseDisplayScaling scaling, gboolean smooth);
void valise_display_painter_set_size (ValiseDisplayPainter *self, int width, int height, int scale_factor);
/* @source: guest pixels that changed. @area: (out): what to redraw of the widget, in its units. */
void valise_display_painter_damage (ValiseDisplayPainter *self,
                                    const cairo_rectangle_int_t *source,
                                    cairo_rectangle_int_t *area);
void valise_display_painter_draw (ValiseDisplayPainter *self, cairo_t *cr);
/* The guest pixel under a point of the widget, the nearest one for a point beside the picture. FALSE without a
 * picture. */
gboolean valise_display_painter_find_guest (ValiseDisplayPainter *self, double x, double y, int *guest_x, int *guest_y);
/* Guest pixels in the widget's units for VALISE_DISPLAY_ACTUAL, rounded up. */
void valise_display_painter_get_actual_size (ValiseDisplayPainter *self, int scale_factor, int *width, int *height);

G_END_DECLS
