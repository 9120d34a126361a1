/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a machine may say on its display socket: any bytes lead to pixels within the framebuffer or to an error. */
#include <sys/socket.h>
#include <unistd.h>

#include "ui/valise-display-reader.h"
#include "ui/valise-display.h"

#define SIDE_MAX 512

typedef struct
{
  ValiseDisplayReader *reader;
  guint8 *pixels;
  int width;
  int height;
} Screen;

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
on_say (gpointer user_data, const void *bytes, gsize size)
{
}

static gboolean
on_sized (gpointer user_data, int width, int height, GError **error)
{
  Screen *screen = user_data;

  if (width == 0 || height == 0 || width > SIDE_MAX || height > SIDE_MAX)
    {
      g_set_error_literal (error, VALISE_DISPLAY_ERROR, VALISE_DISPLAY_ERROR_SIZE, "too large");
      return FALSE;
    }
  g_free (screen->pixels);
  screen->pixels = g_malloc0 ((gsize) width * height * 4);
  screen->width = width;
  screen->height = height;
  valise_display_reader_set_framebuffer (screen->reader, screen->pixels, (gsize) width * 4, width, height);
  return TRUE;
}

static void
on_damaged (gpointer user_data, int x, int y, int width, int height)
{
  Screen *screen = user_data;

  g_assert_cmpint (x + width, <=, screen->width);
  g_assert_cmpint (y + height, <=, screen->height);
}

static void
on_cursor (gpointer user_data, const guint8 *pixels, int width, int height, int hot_x, int hot_y)
{
  guint sum = 0;

  for (gsize i = 0; pixels != NULL && i < (gsize) width * height * 4; i++)
    sum += pixels[i];
  g_assert_true (pixels == NULL || (hot_x < width && hot_y < height));
  g_assert_cmpuint (sum, <=, G_MAXUINT);
}

static void
on_nothing (gpointer user_data)
{
}

static void
on_updated (gpointer user_data, gboolean fresh)
{
}

static void
on_mode (gpointer user_data, gboolean absolute)
{
}

static void
on_leds (gpointer user_data, guint8 leds)
{
}

static const ValiseDisplayEvents EVENTS = {
  .say = on_say,
  .sized = on_sized,
  .opened = on_nothing,
  .damaged = on_damaged,
  .updated = on_updated,
  .cursor = on_cursor,
  .pointer_mode = on_mode,
  .leds = on_leds,
  .takes_scancodes = on_nothing,
  .takes_sizes = on_nothing,
};

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  Screen screen = { 0 };
  g_autoptr (GError) error = NULL;
  gsize sent = 0;
  int pair[2];

  if (socketpair (AF_UNIX, SOCK_STREAM, 0, pair) != 0)
    return 0;
  screen.reader = valise_display_reader_new (&EVENTS, &screen);
  /* In pieces, so that every state of the reader meets the end of what is there. */
  while (error == NULL && sent < size)
    {
      ssize_t n = send (pair[0], data + sent, MIN (size - sent, 1 + sent % 97), MSG_NOSIGNAL);

      if (n <= 0)
        break;
      sent += (gsize) n;
      valise_display_reader_read (screen.reader, pair[1], &error);
    }
  close (pair[0]);
  if (error == NULL)
    g_assert_false (valise_display_reader_read (screen.reader, pair[1], &error));
  g_assert_nonnull (error);
  close (pair[1]);
  valise_display_reader_free (screen.reader);
  g_free (screen.pixels);
  return 0;
}
