/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <gtk/gtk.h>
#include <string.h>

#include "rfb-server.h"
#include "ui/valise-display-painter.h"
#include "ui/valise-display.h"

#define WAIT_MS 5000

typedef struct
{
  RfbServer *server;
  GtkWidget *window;
  ValiseDisplay *display;
  guint connected;
  guint frames;
  guint disconnected;
  guint grabs_wanted;
  GError *error;
} Fixture;

/* --- helpers --- */

static void
on_connected_cb (Fixture *self)
{
  self->connected++;
}

static void
on_first_frame_cb (Fixture *self)
{
  self->frames++;
}

static void
on_disconnected_cb (Fixture *self, const GError *error)
{
  self->disconnected++;
  g_clear_error (&self->error);
  self->error = error != NULL ? g_error_copy (error) : NULL;
}

static void
on_needs_grab_cb (Fixture *self)
{
  self->grabs_wanted++;
}

static gboolean
wake_cb (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

static void
turn_until (const guint *what, guint value)
{
  gint64 end = g_get_monotonic_time () + WAIT_MS * 1000;
  guint id = g_timeout_add (5, wake_cb, NULL);

  while (*what < value && g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (id);
  g_assert_cmpuint (*what, >=, value);
}

static void
turn_for (guint ms)
{
  gint64 end = g_get_monotonic_time () + (gint64) ms * 1000;
  guint id = g_timeout_add (5, wake_cb, NULL);

  while (g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (id);
}

static void
make_window (Fixture *self, int width, int height, ValiseDisplayScaling scaling, gboolean smooth)
{
  self->display = VALISE_DISPLAY (valise_display_new ());
  valise_display_set_scaling (self->display, scaling);
  valise_display_set_smooth (self->display, smooth);
  self->window = gtk_window_new (GTK_WINDOW_POPUP);
  gtk_container_add (GTK_CONTAINER (self->window), GTK_WIDGET (self->display));
  gtk_window_resize (GTK_WINDOW (self->window), width, height);
  g_signal_connect_swapped (self->display, "connected", G_CALLBACK (on_connected_cb), self);
  g_signal_connect_swapped (self->display, "first-frame", G_CALLBACK (on_first_frame_cb), self);
  g_signal_connect_swapped (self->display, "disconnected", G_CALLBACK (on_disconnected_cb), self);
  g_signal_connect_swapped (self->display, "needs-pointer-grab", G_CALLBACK (on_needs_grab_cb), self);
  gtk_widget_show_all (self->window);
}

static void
begin (Fixture *self,
       int guest_width,
       int guest_height,
       int width,
       int height,
       ValiseDisplayScaling scaling,
       gboolean smooth)
{
  g_autoptr (GError) error = NULL;
  cairo_rectangle_int_t all = { 0, 0, guest_width, guest_height };
  int fd;

  memset (self, 0, sizeof *self);
  make_window (self, width, height, scaling, smooth);
  self->server = rfb_server_new (guest_width, guest_height, &fd);
  rfb_server_draw (self->server, &all, 1);
  rfb_server_start (self->server);
  g_assert_true (valise_display_open_fd (self->display, fd, &error));
  g_assert_no_error (error);
  turn_until (&self->frames, 1);
}

static void
end (Fixture *self)
{
  gtk_widget_destroy (self->window);
  g_clear_pointer (&self->server, rfb_server_free);
  g_clear_error (&self->error);
  turn_for (20);
}

static guint32
pixel_at (GdkPixbuf *pixbuf, int x, int y)
{
  const guchar *p = gdk_pixbuf_read_pixels (pixbuf) + (gsize) y * gdk_pixbuf_get_rowstride (pixbuf)
                    + (gsize) x * gdk_pixbuf_get_n_channels (pixbuf);

  return (guint32) p[0] << 16 | (guint32) p[1] << 8 | p[2];
}

typedef guint32 (*Expect) (const Fixture *self, int x, int y, gconstpointer data);

/* What is really on the screen, pixel by pixel, as soon as it is all there. */
static void
assert_screen (Fixture *self, int width, int height, Expect expect, gconstpointer data)
{
  gint64 end_time = g_get_monotonic_time () + WAIT_MS * 1000;
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
            found = pixel_at (shown, x, y);
            wanted = expect (self, x, y, data);
            bad_x = x;
            bad_y = y;
          }
    }
  if (found != wanted)
    g_error ("pixel %d, %d is %06x and should be %06x", bad_x, bad_y, found, wanted);
}

typedef struct
{
  int guest_width;
  int guest_height;
  cairo_rectangle_int_t place; /* of the picture on the widget, in pixels of the screen */
  guint seed;
  cairo_rectangle_int_t patch; /* drawn with another seed */
  guint patch_seed;
} Picture;

static guint32
guest_pixel (const Picture *picture, int x, int y)
{
  const cairo_rectangle_int_t *patch = &picture->patch;
  gboolean inside = x >= patch->x && y >= patch->y && x < patch->x + patch->width && y < patch->y + patch->height;

  return rfb_server_pattern (x, y, inside ? picture->patch_seed : picture->seed);
}

static gboolean
is_outside (const Picture *picture, int *x, int *y)
{
  *x -= picture->place.x;
  *y -= picture->place.y;
  return *x < 0 || *y < 0 || *x >= picture->place.width || *y >= picture->place.height;
}

static guint32
expect_sharp (const Fixture *self, int x, int y, gconstpointer data)
{
  const Picture *picture = data;

  if (is_outside (picture, &x, &y))
    return 0;
  return guest_pixel (picture, (2 * x + 1) * picture->guest_width / (2 * picture->place.width),
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

static guint32
expect_smooth (const Fixture *self, int x, int y, gconstpointer data)
{
  const Picture *picture = data;
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
      int a = mix (guest_pixel (picture, left, top) >> shift & 0xff,
                   guest_pixel (picture, left, bottom) >> shift & 0xff, sy);
      int b = mix (guest_pixel (picture, right, top) >> shift & 0xff,
                   guest_pixel (picture, right, bottom) >> shift & 0xff, sy);

      pixel |= (guint32) mix (a, b, sx) << shift;
    }
  return pixel;
}

/* --- pictures --- */

static void
test_actual (void)
{
  Fixture self;
  Picture picture = { 320, 200, { 40, 20, 320, 200 }, 1, { 0 }, 0 };

  begin (&self, 320, 200, 400, 240, VALISE_DISPLAY_ACTUAL, TRUE);
  g_assert_cmpuint (self.connected, ==, 1);
  g_assert_cmpint (valise_display_get_guest_width (self.display), ==, 320);
  g_assert_cmpint (valise_display_get_guest_height (self.display), ==, 200);
  assert_screen (&self, 400, 240, expect_sharp, &picture);
  end (&self);
}

static void
test_actual_asks_for_room (void)
{
  Fixture self;
  GtkRequisition minimum;

  begin (&self, 320, 200, 100, 100, VALISE_DISPLAY_ACTUAL, TRUE);
  gtk_widget_get_preferred_size (GTK_WIDGET (self.display), &minimum, NULL);
  g_assert_cmpint (minimum.width, ==, 320);
  g_assert_cmpint (minimum.height, ==, 200);
  valise_display_set_scaling (self.display, VALISE_DISPLAY_FIT);
  gtk_widget_get_preferred_size (GTK_WIDGET (self.display), &minimum, NULL);
  g_assert_cmpint (minimum.width, <, 10);
  end (&self);
}

static void
test_fit (void)
{
  static const struct
  {
    int width;
    int height;
    gboolean smooth;
    cairo_rectangle_int_t place;
  } cases[] = {
    { 500, 250, FALSE, { 50, 0, 400, 250 } }, { 500, 250, TRUE, { 50, 0, 400, 250 } },
    { 200, 300, FALSE, { 0, 87, 200, 125 } }, { 200, 300, TRUE, { 0, 87, 200, 125 } },
    { 333, 777, TRUE, { 0, 284, 333, 208 } },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Fixture self;
      Picture picture = { 320, 200, cases[i].place, 1, { 0 }, 0 };

      begin (&self, 320, 200, cases[i].width, cases[i].height, VALISE_DISPLAY_FIT, cases[i].smooth);
      assert_screen (&self, cases[i].width, cases[i].height, cases[i].smooth ? expect_smooth : expect_sharp, &picture);
      end (&self);
    }
}

static void
test_integer (void)
{
  Fixture self;
  Picture picture = { 100, 80, { 40, 30, 300, 240 }, 1, { 0 }, 0 };
  Picture smaller = { 100, 80, { 0, 0, 50, 40 }, 1, { 0 }, 0 };

  begin (&self, 100, 80, 380, 300, VALISE_DISPLAY_INTEGER, TRUE);
  assert_screen (&self, 380, 300, expect_sharp, &picture);
  gtk_window_resize (GTK_WINDOW (self.window), 50, 40);
  assert_screen (&self, 50, 40, expect_smooth, &smaller);
  end (&self);
}

/* Only what changed is sent, filtered and drawn, and the seams do not show. */
static void
test_damage (void)
{
  for (int smooth = 0; smooth < 2; smooth++)
    {
      Fixture self;
      Picture picture = { 320, 200, { 0, 0, 211, 132 }, 1, { 37, 41, 60, 23 }, 99 };
      guint64 before;

      begin (&self, 320, 200, 211, 132, VALISE_DISPLAY_FIT, smooth);
      turn_for (100);
      before = rfb_server_count_pixels (self.server);
      rfb_server_draw (self.server, &picture.patch, picture.patch_seed);
      assert_screen (&self, 211, 132, smooth ? expect_smooth : expect_sharp, &picture);
      g_assert_cmpuint (rfb_server_count_pixels (self.server) - before, ==, 60 * 23);
      end (&self);
    }
}

static void
test_resize (void)
{
  Fixture self;
  Picture picture = { 160, 300, { 110, 0, 160, 300 }, 5, { 0 }, 0 };

  begin (&self, 320, 200, 380, 300, VALISE_DISPLAY_FIT, TRUE);
  rfb_server_resize (self.server, 160, 300, 5);
  assert_screen (&self, 380, 300, expect_sharp, &picture);
  g_assert_cmpint (valise_display_get_guest_width (self.display), ==, 160);
  g_assert_cmpuint (self.connected, ==, 1);
  g_assert_cmpuint (self.disconnected, ==, 0);
  end (&self);
}

static void
test_screenshot (void)
{
  Fixture self;
  g_autoptr (GdkPixbuf) shot = NULL;
  g_autoptr (GError) error = NULL;
  ValiseDisplay *empty = VALISE_DISPLAY (g_object_ref_sink (valise_display_new ()));

  g_assert_null (valise_display_screenshot (empty, &error));
  g_assert_error (error, VALISE_DISPLAY_ERROR, VALISE_DISPLAY_ERROR_EMPTY);
  g_object_unref (empty);
  begin (&self, 320, 200, 100, 100, VALISE_DISPLAY_FIT, TRUE);
  shot = valise_display_screenshot (self.display, NULL);
  g_assert_nonnull (shot);
  for (int y = 0; y < 200; y++)
    for (int x = 0; x < 320; x++)
      g_assert_cmphex (pixel_at (shot, x, y), ==, rfb_server_pattern (x, y, 1));
  end (&self);
}

/* Where memory cannot be shared with a window system the same pixels come out. */
static void
test_plain (void)
{
  Fixture self = { 0 };
  Picture picture = { 64, 48, { 10, 0, 160, 120 }, 1, { 5, 6, 20, 9 }, 70 };
  ValiseDisplayImage *image = valise_display_image_new (NULL, 64, 48);
  ValiseDisplayPainter *painter = valise_display_painter_new ();
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 180, 120);
  cairo_t *cr = cairo_create (surface);
  cairo_rectangle_int_t area;

  for (int pass = 0; pass < 2; pass++)
    {
      guint32 *pixels = (guint32 *) (void *) valise_display_image_get_pixels (image);

      for (int i = 0; i < 64 * 48; i++)
        pixels[i] = pass == 0 ? rfb_server_pattern (i % 64, i / 64, 1) : guest_pixel (&picture, i % 64, i / 64);
      if (pass == 0)
        {
          valise_display_painter_set_source (painter, NULL, image);
          valise_display_painter_set_size (painter, 180, 120, 1);
        }
      else
        {
          valise_display_painter_damage (painter, &picture.patch, &area);
          g_assert_cmpint (area.width, <, 180);
        }
      valise_display_painter_draw (painter, cr);
    }
  cairo_surface_flush (surface);
  for (int y = 0; y < 120; y++)
    for (int x = 0; x < 180; x++)
      {
        const guint8 *row = cairo_image_surface_get_data (surface) + y * cairo_image_surface_get_stride (surface);

        g_assert_cmphex (((const guint32 *) (const void *) row)[x] & 0xffffff, ==,
                         expect_smooth (&self, x, y, &picture));
      }
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
  valise_display_painter_free (painter);
  valise_display_image_unref (image);
}

/* From one window to another: the picture is there at once, without the machine sending anything. */
static void
test_move (void)
{
  Fixture self;
  Picture picture = { 320, 200, { 0, 0, 320, 200 }, 1, { 0 }, 0 };
  GtkWidget *other = gtk_window_new (GTK_WINDOW_POPUP);
  guint updates;

  begin (&self, 320, 200, 320, 200, VALISE_DISPLAY_FIT, TRUE);
  assert_screen (&self, 320, 200, expect_sharp, &picture);
  updates = rfb_server_count_updates (self.server);
  gtk_window_resize (GTK_WINDOW (other), 320, 200);
  g_object_ref (self.display);
  gtk_container_remove (GTK_CONTAINER (self.window), GTK_WIDGET (self.display));
  gtk_container_add (GTK_CONTAINER (other), GTK_WIDGET (self.display));
  g_object_unref (self.display);
  gtk_widget_show_all (other);
  assert_screen (&self, 320, 200, expect_sharp, &picture);
  g_assert_cmpuint (rfb_server_count_updates (self.server), ==, updates);
  g_assert_cmpuint (self.disconnected, ==, 0);
  gtk_widget_destroy (other);
  end (&self);
}

/* Hidden, it asks for nothing; shown again, it shows what was missed. */
static void
test_hidden (void)
{
  Fixture self;
  Picture picture = { 320, 200, { 0, 0, 320, 200 }, 1, { 10, 10, 50, 50 }, 77 };
  guint64 sent;

  begin (&self, 320, 200, 320, 200, VALISE_DISPLAY_FIT, TRUE);
  gtk_widget_hide (self.window);
  turn_for (50);
  rfb_server_draw (self.server, &(cairo_rectangle_int_t){ 0, 0, 1, 1 }, 1); /* answers what had been asked before */
  turn_for (50);
  sent = rfb_server_count_pixels (self.server);
  rfb_server_draw (self.server, &picture.patch, picture.patch_seed);
  turn_for (100);
  g_assert_cmpuint (rfb_server_count_pixels (self.server), ==, sent);
  gtk_widget_show (self.window);
  assert_screen (&self, 320, 200, expect_sharp, &picture);
  end (&self);
}

/* --- connections --- */

static void
test_closed (void)
{
  Fixture self;
  Picture picture = { 320, 200, { 0, 0, 320, 200 }, 1, { 0 }, 0 };
  int fd;

  begin (&self, 320, 200, 320, 200, VALISE_DISPLAY_FIT, TRUE);
  rfb_server_hang_up (self.server);
  turn_until (&self.disconnected, 1);
  g_assert_error (self.error, VALISE_DISPLAY_ERROR, VALISE_DISPLAY_ERROR_CLOSED);
  g_assert_false (valise_display_is_connected (self.display));
  /* The last picture stays. */
  assert_screen (&self, 320, 200, expect_sharp, &picture);
  rfb_server_free (self.server);
  self.server = rfb_server_new (100, 100, &fd);
  rfb_server_draw (self.server, &(cairo_rectangle_int_t){ 0, 0, 100, 100 }, 9);
  rfb_server_start (self.server);
  g_assert_true (valise_display_open_fd (self.display, fd, NULL));
  turn_until (&self.frames, 2);
  g_assert_cmpint (valise_display_get_guest_width (self.display), ==, 100);
  valise_display_close (self.display);
  g_assert_cmpuint (self.disconnected, ==, 2);
  g_assert_no_error (self.error);
  end (&self);
}

static void
test_no_socket (void)
{
  Fixture self = { 0 };
  g_autoptr (GError) error = NULL;
  int pipe_ends[2];

  make_window (&self, 100, 100, VALISE_DISPLAY_FIT, TRUE);
  g_assert_false (valise_display_open_fd (self.display, -1, &error));
  g_assert_error (error, VALISE_DISPLAY_ERROR, VALISE_DISPLAY_ERROR_OPEN);
  g_clear_error (&error);
  g_assert_true (g_unix_open_pipe (pipe_ends, 0, NULL));
  g_assert_false (valise_display_open_fd (self.display, pipe_ends[0], &error));
  g_assert_error (error, VALISE_DISPLAY_ERROR, VALISE_DISPLAY_ERROR_OPEN);
  g_close (pipe_ends[1], NULL);
  end (&self);
}

#define HELLO "RFB 003.008\n\1\1\0\0\0\0"
#define FORMAT "\40\30\0\1\0\377\0\377\0\377\20\10\0\0\0\0"
#define SCREEN "\0\100\0\100" FORMAT "\0\0\0\0"
#define UPDATE "\0\0\0\1"
#define BYTES(text) text, sizeof text - 1

static const struct
{
  const char *name;
  const char *bytes;
  gsize size;
  ValiseDisplayError code;
} BAD[] = {
  { "not-rfb", BYTES ("HTTP/1.1 200 OK\r\n\r\n"), VALISE_DISPLAY_ERROR_PROTOCOL },
  { "old", BYTES ("RFB 003.003\n\0\0\0\1"), VALISE_DISPLAY_ERROR_PROTOCOL },
  { "password", BYTES ("RFB 003.008\n\1\2"), VALISE_DISPLAY_ERROR_PROTOCOL },
  { "refused", BYTES ("RFB 003.008\n\0\0\0\0\5sorry"), VALISE_DISPLAY_ERROR_PROTOCOL },
  { "refused-late", BYTES ("RFB 003.008\n\1\1\0\0\0\1"), VALISE_DISPLAY_ERROR_PROTOCOL },
  { "huge", BYTES (HELLO "\377\377\377\377" FORMAT "\0\0\0\0"), VALISE_DISPLAY_ERROR_SIZE },
  { "wide", BYTES (HELLO "\100\1\0\1" FORMAT "\0\0\0\0"), VALISE_DISPLAY_ERROR_SIZE },
  { "nothing", BYTES (HELLO "\0\0\0\0" FORMAT "\0\0\0\0"), VALISE_DISPLAY_ERROR_SIZE },
  { "long-name", BYTES (HELLO "\0\100\0\100" FORMAT "\177\0\0\0"), VALISE_DISPLAY_ERROR_PROTOCOL },
  { "message", BYTES (HELLO SCREEN "\143"), VALISE_DISPLAY_ERROR_PROTOCOL },
  { "colours", BYTES (HELLO SCREEN "\1\0\0\0\0\1\0\0\0\0\0\0"), VALISE_DISPLAY_ERROR_PROTOCOL },
  { "encoding", BYTES (HELLO SCREEN UPDATE "\0\0\0\0\0\1\0\1\0\0\0\7"), VALISE_DISPLAY_ERROR_PROTOCOL },
  { "outside", BYTES (HELLO SCREEN UPDATE "\0\0\0\0\0\101\0\1\0\0\0\0"), VALISE_DISPLAY_ERROR_PROTOCOL },
  { "outside-far", BYTES (HELLO SCREEN UPDATE "\377\377\377\377\377\377\377\377\0\0\0\0"),
    VALISE_DISPLAY_ERROR_PROTOCOL },
  { "resize-huge", BYTES (HELLO SCREEN UPDATE "\0\0\0\0\377\377\377\377\377\377\377\41"), VALISE_DISPLAY_ERROR_SIZE },
  { "resize-nothing", BYTES (HELLO SCREEN UPDATE "\0\0\0\0\0\0\0\0\377\377\377\41"), VALISE_DISPLAY_ERROR_SIZE },
  { "screens-huge", BYTES (HELLO SCREEN UPDATE "\0\0\0\0\377\377\377\377\377\377\376\314\0\0\0\0"),
    VALISE_DISPLAY_ERROR_SIZE },
  { "cursor-huge", BYTES (HELLO SCREEN UPDATE "\0\0\0\0\200\1\200\0\377\377\377\21"), VALISE_DISPLAY_ERROR_PROTOCOL },
  { "alpha-huge", BYTES (HELLO SCREEN UPDATE "\0\0\0\0\4\1\0\1\377\377\376\306"), VALISE_DISPLAY_ERROR_PROTOCOL },
  { "alpha-encoded", BYTES (HELLO SCREEN UPDATE "\0\0\0\0\0\1\0\1\377\377\376\306\0\0\0\7\0\0\0\0"),
    VALISE_DISPLAY_ERROR_PROTOCOL },
  { "cut-short", BYTES (HELLO SCREEN UPDATE "\0\0\0\0\0\100\0\100\0\0\0\0\1\2\3"), VALISE_DISPLAY_ERROR_CLOSED },
};

static void
test_bad (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GBytes) bytes = g_bytes_new_static (BAD[i].bytes, BAD[i].size);
  Fixture self = { 0 };
  int fd;

  make_window (&self, 100, 100, VALISE_DISPLAY_FIT, TRUE);
  self.server = rfb_server_new (64, 64, &fd);
  rfb_server_set_opening (self.server, bytes);
  rfb_server_start (self.server);
  g_assert_true (valise_display_open_fd (self.display, fd, NULL));
  if (BAD[i].code == VALISE_DISPLAY_ERROR_CLOSED)
    {
      turn_for (50);
      g_clear_pointer (&self.server, rfb_server_free);
    }
  turn_until (&self.disconnected, 1);
  g_assert_error (self.error, VALISE_DISPLAY_ERROR, (int) BAD[i].code);
  g_assert_false (valise_display_is_connected (self.display));
  end (&self);
}

/* Any beginning of what a good machine says, then the end: never more than an error. */
static void
test_every_cut (void)
{
  static const char good[] = HELLO SCREEN UPDATE "\0\0\0\0\0\2\0\2\377\377\377\21"
                                                 "0123456789abcdef\300\300" UPDATE "\0\1\0\1\0\2\0\2\0\0\0\0"
                                                 "0123456789abcdef" UPDATE "\0\0\0\0\0\0\0\0\377\377\377\21\2"
                                                 "\3\0\0\0\0\0\0\5hello" UPDATE "\0\0\0\0\0\1\0\1\377\377\376\306"
                                                 "\0\0\0\0abcd";

  for (gsize cut = 0; cut < sizeof good - 1; cut += 3)
    {
      g_autoptr (GBytes) bytes = g_bytes_new_static (good, cut);
      Fixture self = { 0 };
      int fd;

      make_window (&self, 64, 64, VALISE_DISPLAY_FIT, TRUE);
      self.server = rfb_server_new (64, 64, &fd);
      rfb_server_set_opening (self.server, bytes);
      rfb_server_start (self.server);
      g_assert_true (valise_display_open_fd (self.display, fd, NULL));
      turn_for (2);
      g_clear_pointer (&self.server, rfb_server_free);
      turn_until (&self.disconnected, 1);
      g_assert_error (self.error, VALISE_DISPLAY_ERROR, VALISE_DISPLAY_ERROR_CLOSED);
      end (&self);
    }
}

/* --- pointer and keys --- */

static void
test_cursor (void)
{
  Fixture self;
  GdkWindow *window;

  begin (&self, 320, 200, 320, 200, VALISE_DISPLAY_FIT, TRUE);
  window = gtk_widget_get_window (GTK_WIDGET (self.display));
  g_assert_null (gdk_window_get_cursor (window));
  rfb_server_send_cursor (self.server, 16, 12, 3, 4);
  turn_for (100);
  g_assert_cmpint (gdk_cursor_get_cursor_type (gdk_window_get_cursor (window)), ==, GDK_CURSOR_IS_PIXMAP);
  rfb_server_send_cursor (self.server, 0, 0, 0, 0);
  turn_for (100);
  g_assert_cmpint (gdk_cursor_get_cursor_type (gdk_window_get_cursor (window)), ==, GDK_BLANK_CURSOR);
  g_assert_cmpuint (self.disconnected, ==, 0);
  end (&self);
}

static void
send_key_event (Fixture *self, gboolean down, guint keyval, guint16 keycode)
{
  g_autoptr (GdkEvent) event = gdk_event_new (down ? GDK_KEY_PRESS : GDK_KEY_RELEASE);

  event->key.window = g_object_ref (gtk_widget_get_window (GTK_WIDGET (self->display)));
  event->key.send_event = TRUE;
  event->key.time = GDK_CURRENT_TIME;
  event->key.keyval = keyval;
  event->key.hardware_keycode = keycode;
  gdk_event_set_device (event, gdk_seat_get_keyboard (gdk_display_get_default_seat (gdk_display_get_default ())));
  gtk_main_do_event (event);
}

static void
assert_key (Fixture *self, gboolean down, guint keysym, guint scancode)
{
  RfbKey key;

  turn_for (20);
  /* The nudges that follow each key say nothing of keys. */
  do
    g_assert_true (rfb_server_take_key (self->server, &key, WAIT_MS));
  while (key.keysym == GDK_KEY_VoidSymbol && !key.down);
  g_assert_cmpint (key.down, ==, down);
  g_assert_cmphex (key.keysym, ==, keysym);
  g_assert_cmphex (key.scancode, ==, scancode);
}

static void
assert_no_key (Fixture *self)
{
  RfbKey key;

  turn_for (50);
  while (rfb_server_take_key (self->server, &key, 0))
    g_assert_true (key.keysym == GDK_KEY_VoidSymbol && !key.down);
}

static void
test_keys (void)
{
  Fixture self;

  begin (&self, 320, 200, 320, 200, VALISE_DISPLAY_FIT, TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (self.display));
  turn_for (50);
  send_key_event (&self, TRUE, GDK_KEY_a, 0);
  assert_key (&self, TRUE, GDK_KEY_a, 0x1e);
  send_key_event (&self, FALSE, GDK_KEY_A, 0);
  assert_key (&self, FALSE, GDK_KEY_a, 0x1e);
  send_key_event (&self, TRUE, GDK_KEY_ISO_Left_Tab, 0);
  assert_key (&self, TRUE, GDK_KEY_Tab, 0x0f);
  send_key_event (&self, FALSE, GDK_KEY_ISO_Left_Tab, 0);
  assert_key (&self, FALSE, GDK_KEY_Tab, 0x0f);
  /* A key that nobody pressed here is not released there. */
  send_key_event (&self, FALSE, GDK_KEY_b, 0);
  assert_no_key (&self);
  /* A key without a scancode goes by its name. */
  send_key_event (&self, TRUE, GDK_KEY_Adiaeresis, 0);
  assert_key (&self, TRUE, GDK_KEY_Adiaeresis, 0);
  end (&self);
}

/* The focus goes while keys are down: the guest is told that they are not any more. */
static void
test_keys_let_go (void)
{
  Fixture self;
  GdkEvent *event;

  begin (&self, 320, 200, 320, 200, VALISE_DISPLAY_FIT, TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (self.display));
  turn_for (50);
  send_key_event (&self, TRUE, GDK_KEY_Shift_L, 0);
  assert_key (&self, TRUE, GDK_KEY_Shift_L, 0x2a);
  event = gdk_event_new (GDK_FOCUS_CHANGE);
  event->focus_change.window = g_object_ref (gtk_widget_get_window (GTK_WIDGET (self.display)));
  event->focus_change.in = FALSE;
  gtk_widget_event (GTK_WIDGET (self.display), event);
  gdk_event_free (event);
  assert_key (&self, FALSE, GDK_KEY_Shift_L, 0x2a);
  assert_no_key (&self);
  end (&self);
}

static void
test_send_keys (void)
{
  static const guint keyvals[] = { GDK_KEY_Control_L, GDK_KEY_Alt_L, GDK_KEY_Delete };
  static const guint scancodes[] = { 0x1d, 0x38, 0xd3 };
  Fixture self;

  begin (&self, 320, 200, 320, 200, VALISE_DISPLAY_FIT, TRUE);
  valise_display_send_keys (self.display, keyvals, 3);
  for (int i = 0; i < 3; i++)
    assert_key (&self, TRUE, keyvals[i], scancodes[i]);
  for (int i = 2; i >= 0; i--)
    assert_key (&self, FALSE, keyvals[i], scancodes[i]);
  end (&self);
}

static void
send_button_event (Fixture *self, gboolean down, guint button, double x, double y)
{
  g_autoptr (GdkEvent) event = gdk_event_new (down ? GDK_BUTTON_PRESS : GDK_BUTTON_RELEASE);

  event->button.window = g_object_ref (gtk_widget_get_window (GTK_WIDGET (self->display)));
  event->button.button = button;
  event->button.x = x;
  event->button.y = y;
  gdk_event_set_device (event, gdk_seat_get_pointer (gdk_display_get_default_seat (gdk_display_get_default ())));
  gtk_widget_event (GTK_WIDGET (self->display), event);
}

static void
send_motion_event (Fixture *self, double x, double y)
{
  g_autoptr (GdkEvent) event = gdk_event_new (GDK_MOTION_NOTIFY);

  event->motion.window = g_object_ref (gtk_widget_get_window (GTK_WIDGET (self->display)));
  event->motion.x = event->motion.x_root = x;
  event->motion.y = event->motion.y_root = y;
  gdk_event_set_device (event, gdk_seat_get_pointer (gdk_display_get_default_seat (gdk_display_get_default ())));
  gtk_widget_event (GTK_WIDGET (self->display), event);
}

static void
assert_pointer (Fixture *self, guint8 buttons, int x, int y)
{
  RfbPointer pointer;

  turn_for (20);
  g_assert_true (rfb_server_take_pointer (self->server, &pointer, WAIT_MS));
  g_assert_cmphex (pointer.buttons, ==, buttons);
  g_assert_cmpint (pointer.x, ==, x);
  g_assert_cmpint (pointer.y, ==, y);
}

/* Scaled to half, with a border: a point of the widget is a pixel of the guest. */
static void
test_pointer (void)
{
  Fixture self;
  g_autoptr (GdkEvent) scroll = gdk_event_new (GDK_SCROLL);

  begin (&self, 320, 200, 160, 140, VALISE_DISPLAY_FIT, TRUE);
  assert_screen (&self, 160, 140, expect_smooth, &(Picture){ 320, 200, { 0, 20, 160, 100 }, 1, { 0 }, 0 });
  send_motion_event (&self, 80, 70);
  assert_pointer (&self, 0, 160, 100);
  send_motion_event (&self, 159, 119);
  assert_pointer (&self, 0, 318, 198);
  send_motion_event (&self, 10, 5);
  assert_pointer (&self, 0, 20, 0);
  send_button_event (&self, TRUE, 1, 80, 70);
  assert_pointer (&self, 1, 160, 100);
  send_button_event (&self, TRUE, 3, 80, 70);
  assert_pointer (&self, 5, 160, 100);
  send_button_event (&self, FALSE, 1, 81, 70);
  assert_pointer (&self, 4, 162, 100);
  send_button_event (&self, FALSE, 3, 81, 70);
  assert_pointer (&self, 0, 162, 100);
  scroll->scroll.window = g_object_ref (gtk_widget_get_window (GTK_WIDGET (self.display)));
  scroll->scroll.direction = GDK_SCROLL_DOWN;
  scroll->scroll.x = 81;
  scroll->scroll.y = 70;
  gtk_widget_event (GTK_WIDGET (self.display), scroll);
  assert_pointer (&self, 16, 162, 100);
  assert_pointer (&self, 0, 162, 100);
  end (&self);
}

/* A guest with a relative pointer gets motion only after a click, and Ctrl+Alt ends it. */
static void
test_relative (void)
{
  Fixture self;
  gboolean absolute;

  begin (&self, 320, 200, 320, 200, VALISE_DISPLAY_FIT, TRUE);
  rfb_server_send_pointer_mode (self.server, FALSE);
  turn_for (100);
  g_object_get (self.display, "absolute", &absolute, NULL);
  g_assert_false (absolute);
  send_motion_event (&self, 50, 50);
  g_assert_cmpuint (self.grabs_wanted, ==, 1);
  send_button_event (&self, TRUE, 1, 50, 50);
  send_button_event (&self, FALSE, 1, 50, 50);
  g_assert_true (valise_display_is_grabbed (self.display));
  send_motion_event (&self, 150, 150);
  send_motion_event (&self, 157, 145);
  assert_pointer (&self, 0, 0x7fff + 7, 0x7fff - 5);
  send_key_event (&self, TRUE, GDK_KEY_Control_L, 0);
  send_key_event (&self, TRUE, GDK_KEY_Alt_L, 0);
  g_assert_true (valise_display_is_grabbed (self.display));
  send_key_event (&self, FALSE, GDK_KEY_Alt_L, 0);
  g_assert_false (valise_display_is_grabbed (self.display));
  /* Nothing stays down over there. */
  assert_key (&self, TRUE, GDK_KEY_Control_L, 0x1d);
  assert_key (&self, TRUE, GDK_KEY_Alt_L, 0x38);
  assert_key (&self, FALSE, GDK_KEY_Alt_L, 0x38);
  assert_key (&self, FALSE, GDK_KEY_Control_L, 0x1d);
  end (&self);
}

/* Ctrl+Alt+F1 is for the guest and releases nothing. */
static void
test_grab_keeps (void)
{
  Fixture self;

  begin (&self, 320, 200, 320, 200, VALISE_DISPLAY_FIT, TRUE);
  send_button_event (&self, TRUE, 1, 50, 50);
  send_button_event (&self, FALSE, 1, 50, 50);
  g_assert_true (valise_display_is_grabbed (self.display));
  send_key_event (&self, TRUE, GDK_KEY_Control_L, 0);
  send_key_event (&self, TRUE, GDK_KEY_Alt_L, 0);
  send_key_event (&self, TRUE, GDK_KEY_F1, 0);
  send_key_event (&self, FALSE, GDK_KEY_F1, 0);
  send_key_event (&self, FALSE, GDK_KEY_Alt_L, 0);
  send_key_event (&self, FALSE, GDK_KEY_Control_L, 0);
  g_assert_true (valise_display_is_grabbed (self.display));
  valise_display_ungrab (self.display);
  g_assert_false (valise_display_is_grabbed (self.display));
  end (&self);
}

static void
test_accessible (void)
{
  ValiseDisplay *display = VALISE_DISPLAY (g_object_ref_sink (valise_display_new ()));
  AtkObject *accessible = gtk_widget_get_accessible (GTK_WIDGET (display));

  valise_display_set_machine_name (display, "Debian 12");
  g_assert_cmpstr (atk_object_get_name (accessible), ==, "Screen of Debian 12");
  g_assert_true (gtk_widget_get_can_focus (GTK_WIDGET (display)));
  g_object_unref (display);
}

/* Two pixels of the screen for each unit of GTK. */
static void
test_hidpi_subprocess (void)
{
  Fixture self;
  Picture actual = { 320, 200, { 40, 20, 320, 200 }, 1, { 0 }, 0 };
  Picture fitted = { 320, 200, { 0, 0, 400, 250 }, 1, { 0 }, 0 };

  g_assert_cmpint (gdk_monitor_get_scale_factor (gdk_display_get_monitor (gdk_display_get_default (), 0)), ==, 2);
  begin (&self, 320, 200, 200, 120, VALISE_DISPLAY_ACTUAL, TRUE);
  assert_screen (&self, 200, 120, expect_sharp, &actual);
  send_motion_event (&self, 100, 60);
  assert_pointer (&self, 0, 160, 100);
  end (&self);
  begin (&self, 320, 200, 200, 125, VALISE_DISPLAY_FIT, TRUE);
  assert_screen (&self, 200, 125, expect_smooth, &fitted);
  send_motion_event (&self, 100, 50);
  assert_pointer (&self, 0, 160, 80);
  end (&self);
}

static void
test_hidpi (void)
{
  g_setenv ("GDK_SCALE", "2", TRUE);
  g_test_trap_subprocess ("/ui/display/hidpi/subprocess", 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_unsetenv ("GDK_SCALE");
  g_test_trap_assert_passed ();
}

int
main (int argc, char **argv)
{
  gtk_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/display/actual", test_actual);
  g_test_add_func ("/ui/display/actual-asks-for-room", test_actual_asks_for_room);
  g_test_add_func ("/ui/display/fit", test_fit);
  g_test_add_func ("/ui/display/integer", test_integer);
  g_test_add_func ("/ui/display/damage", test_damage);
  g_test_add_func ("/ui/display/resize", test_resize);
  g_test_add_func ("/ui/display/screenshot", test_screenshot);
  g_test_add_func ("/ui/display/plain", test_plain);
  g_test_add_func ("/ui/display/move", test_move);
  g_test_add_func ("/ui/display/hidden", test_hidden);
  g_test_add_func ("/ui/display/closed", test_closed);
  g_test_add_func ("/ui/display/no-socket", test_no_socket);
  for (gsize i = 0; i < G_N_ELEMENTS (BAD); i++)
    {
      g_autofree char *path = g_strconcat ("/ui/display/bad/", BAD[i].name, NULL);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_bad);
    }
  g_test_add_func ("/ui/display/every-cut", test_every_cut);
  g_test_add_func ("/ui/display/cursor", test_cursor);
  g_test_add_func ("/ui/display/keys", test_keys);
  g_test_add_func ("/ui/display/keys-let-go", test_keys_let_go);
  g_test_add_func ("/ui/display/send-keys", test_send_keys);
  g_test_add_func ("/ui/display/pointer", test_pointer);
  g_test_add_func ("/ui/display/relative", test_relative);
  g_test_add_func ("/ui/display/grab-keeps", test_grab_keeps);
  g_test_add_func ("/ui/display/accessible", test_accessible);
  g_test_add_func ("/ui/display/hidpi", test_hidpi);
  g_test_add_func ("/ui/display/hidpi/subprocess", test_hidpi_subprocess);
  return g_test_run ();
}
