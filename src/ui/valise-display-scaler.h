/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <cairo.h>
#include <glib.h>

G_BEGIN_DECLS

/**
 * ValiseDisplayScaler:
 *
 * Filters rectangles of one picture of 32-bit pixels into a picture of another size. Pure arithmetic on memory: no
 * window system.
 *
 * Sharp takes the nearest source pixel; smooth mixes the four around the destination pixel's centre, first the two
 * rows, then the two columns, each in 1/256 steps rounded to nearest. All ways of computing it on a given processor
 * give the same bytes.
 */
typedef struct _ValiseDisplayScaler ValiseDisplayScaler;

/* All sizes in pixels, greater than 0. */
ValiseDisplayScaler *
valise_display_scaler_new (int source_width, int source_height, int width, int height, gboolean smooth);
void valise_display_scaler_free (ValiseDisplayScaler *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseDisplayScaler, valise_display_scaler_free)

/* @area: (out): the destination pixels that @source may touch, within the destination. */
void
valise_display_scaler_map (ValiseDisplayScaler *self, const cairo_rectangle_int_t *source, cairo_rectangle_int_t *area);
/* Computes the pixels of @area, which lies within the destination. Strides in bytes, multiples of 4. */
void valise_display_scaler_run (ValiseDisplayScaler *self,
                                const guint8 *source,
                                gsize source_stride,
                                guint8 *destination,
                                gsize stride,
                                const cairo_rectangle_int_t *area);
/* For tests: 0 portable C, 1 what every processor of this kind has, 2 what this one has. */
void valise_display_scaler_set_level (ValiseDisplayScaler *self, guint level);

G_END_DECLS
