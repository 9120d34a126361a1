/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lit-pixels.h"

guint
lit_pixels_count (ValiseDisplay *display)
{
  g_autoptr (GdkPixbuf) shown = valise_display_screenshot (display, NULL);
  guint lit = 0;

  for (int y = 0; shown != NULL && y < gdk_pixbuf_get_height (shown); y++)
    for (int x = 0; x < gdk_pixbuf_get_width (shown); x++)
      lit += gdk_pixbuf_read_pixels (shown)[y * gdk_pixbuf_get_rowstride (shown) + x * 3] > 100;
  return lit;
}
