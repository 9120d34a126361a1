/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "display-picture.h"

guint32
display_picture_shown_pixel (GdkPixbuf *pixbuf, int x, int y)
{
  const guchar *p = gdk_pixbuf_read_pixels (pixbuf) + (gsize) y * gdk_pixbuf_get_rowstride (pixbuf)
                    + (gsize) x * gdk_pixbuf_get_n_channels (pixbuf);

  return (guint32) p[0] << 16 | (guint32) p[1] << 8 | p[2];
}

void
display_picture_assert (DisplayFixture *self, int width, int height, DisplayExpect expect, gconstpointer data)
{
  gint64 end_time = g_get_monotonic_time () + MAIN_LOOP_PATIENCE_MS * 1000;
  int bad_x = 0, bad_y = 0;
  guint32 found = 0, wanted = 1;

  while (found != wanted && g_get_monotonic_time () < end_time)
    {
      g_autoptr (GdkPixbuf) shown = NULL;

      turn_for (30);
      shown = gdk_pixbuf_get_from_window (gtk_widget_get_window (GTK_WIDGET (self->display)), 0, 0, width, height);
      found = wanted = 0;
      for (int y = 0; y < gdk_pixbuf_get_height (shown) && found == wanted; y++)
        for (int x = 0; x < gdk_pixbuf_get_width (shown) && found == wanted; x++)
          {
            found = display_picture_shown_pixel (shown, x, y);
            wanted = expect (self, x, y, data);
            bad_x = x;
            bad_y = y;
          }
    }
  if (found != wanted)
    g_error ("pixel %d, %d is %06x and should be %06x", bad_x, bad_y, found, wanted);
}

guint32
display_picture_pixel (const DisplayPicture *picture, int x, int y)
{
  const cairo_rectangle_int_t *patch = &picture->patch;
  gboolean inside = x >= patch->x && y >= patch->y && x < patch->x + patch->width && y < patch->y + patch->height;

  return rfb_server_pattern (x, y, inside ? picture->patch_seed : picture->seed);
}

static gboolean
is_outside (const DisplayPicture *picture, int *x, int *y)
{
  *x -= picture->place.x;
  *y -= picture->place.y;
  return *x < 0 || *y < 0 || *x >= picture->place.width || *y >= picture->place.height;
}

guint32
display_picture_sharp (const DisplayFixture *self, int x, int y, gconstpointer data)
{
  const DisplayPicture *picture = data;

  if (is_outside (picture, &x, &y))
    return 0;
  return display_picture_pixel (picture, (2 * x + 1) * picture->guest_width / (2 * picture->place.width),
                                (2 * y + 1) * picture->guest_height / (2 * picture->place.height));
}

static int
locate (int i, int source, int length, int *share)
{
  gint64 position = (gint64) (2 * i + 1) * source * 256 / (2 * length) - 128;

  position = CLAMP (position, 0, (source - 1) * 256);
  *share = (int) (position % 256);
  return (int) (position / 256);
}

static int
mix (int a, int b, int share)
{
  return (a * (256 - share) + b * share + 128) / 256;
}

guint32
display_picture_smooth (const DisplayFixture *self, int x, int y, gconstpointer data)
{
  const DisplayPicture *picture = data;
  int sx, sy, left, top, right, bottom;
  guint32 pixel = 0;

  if (is_outside (picture, &x, &y))
    return 0;
  left = locate (x, picture->guest_width, picture->place.width, &sx);
  top = locate (y, picture->guest_height, picture->place.height, &sy);
  right = MIN (left + 1, picture->guest_width - 1);
  bottom = MIN (top + 1, picture->guest_height - 1);
  for (int shift = 0; shift <= 16; shift += 8)
    {
      int a = mix (display_picture_pixel (picture, left, top) >> shift & 0xff,
                   display_picture_pixel (picture, left, bottom) >> shift & 0xff, sy);
      int b = mix (display_picture_pixel (picture, right, top) >> shift & 0xff,
                   display_picture_pixel (picture, right, bottom) >> shift & 0xff, sy);

      pixel |= (guint32) mix (a, b, sx) << shift;
    }
  return pixel;
}
