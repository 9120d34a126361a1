/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "display-fixture.h"

G_BEGIN_DECLS

/* What the server has drawn, and where it is to be seen. */
typedef struct
{
  int guest_width;
  int guest_height;
  cairo_rectangle_int_t place; /* of the picture on the widget, in pixels of the screen */
  guint seed;
  cairo_rectangle_int_t patch; /* drawn with another seed */
  guint patch_seed;
} DisplayPicture;

/* The guest's pixel at this place of its screen. */
guint32 display_picture_pixel (const DisplayPicture *picture, int x, int y);
/* A pixel of a picture that was taken, as 0xRRGGBB. */
guint32 display_picture_shown_pixel (GdkPixbuf *pixbuf, int x, int y);

/* The pixel that is to be at this place of the screen. */
typedef guint32 (*DisplayExpect) (const DisplayFixture *self, int x, int y, gconstpointer data);

/* For a DisplayPicture: each pixel as one of the guest's, or as a mix of four. */
guint32 display_picture_sharp (const DisplayFixture *self, int x, int y, gconstpointer data);
guint32 display_picture_smooth (const DisplayFixture *self, int x, int y, gconstpointer data);
/* What is really on the screen, pixel by pixel, as soon as it is all there. */
void display_picture_assert (DisplayFixture *self, int width, int height, DisplayExpect expect, gconstpointer data);

G_END_DECLS
