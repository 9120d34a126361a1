/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <gtk/gtk.h>
#include <string.h>

#include "display-picture.h"
#include "ui/valise-display-painter.h"

/* --- pictures --- */

static void
test_actual (void)
{
  DisplayFixture self;
  DisplayPicture picture = { 320, 200, { 40, 20, 320, 200 }, 1, { 0 }, 0 };

  display_fixture_begin (&self, 320, 200, 400, 240, VALISE_DISPLAY_ACTUAL, TRUE);
  g_assert_cmpuint (self.connected, ==, 1);
  g_assert_cmpint (valise_display_get_guest_width (self.display), ==, 320);
  g_assert_cmpint (valise_display_get_guest_height (self.display), ==, 200);
  display_picture_assert (&self, 400, 240, display_picture_sharp, &picture);
  display_fixture_end (&self);
}

static void
test_actual_asks_for_room (void)
{
  DisplayFixture self;
  GtkRequisition minimum;

  display_fixture_begin (&self, 320, 200, 100, 100, VALISE_DISPLAY_ACTUAL, TRUE);
  gtk_widget_get_preferred_size (GTK_WIDGET (self.display), &minimum, NULL);
  g_assert_cmpint (minimum.width, ==, 320);
  g_assert_cmpint (minimum.height, ==, 200);
  valise_display_set_scaling (self.display, VALISE_DISPLAY_FIT);
  gtk_widget_get_preferred_size (GTK_WIDGET (self.display), &minimum, NULL);
  g_assert_cmpint (minimum.width, <, 10);
  display_fixture_end (&self);
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
      DisplayFixture self;
      DisplayPicture picture = { 320, 200, cases[i].place, 1, { 0 }, 0 };

      display_fixture_begin (&self, 320, 200, cases[i].width, cases[i].height, VALISE_DISPLAY_FIT, cases[i].smooth);
      display_picture_assert (&self, cases[i].width, cases[i].height,
                              cases[i].smooth ? display_picture_smooth : display_picture_sharp, &picture);
      display_fixture_end (&self);
    }
}

static void
test_integer (void)
{
  DisplayFixture self;
  DisplayPicture picture = { 100, 80, { 40, 30, 300, 240 }, 1, { 0 }, 0 };
  DisplayPicture smaller = { 100, 80, { 0, 0, 50, 40 }, 1, { 0 }, 0 };

  display_fixture_begin (&self, 100, 80, 380, 300, VALISE_DISPLAY_INTEGER, TRUE);
  display_picture_assert (&self, 380, 300, display_picture_sharp, &picture);
  gtk_window_resize (GTK_WINDOW (self.window), 50, 40);
  display_picture_assert (&self, 50, 40, display_picture_smooth, &smaller);
  display_fixture_end (&self);
}

/* Only what changed is sent, filtered and drawn, and the seams do not show. */
static void
test_damage (void)
{
  for (int smooth = 0; smooth < 2; smooth++)
    {
      DisplayFixture self;
      DisplayPicture picture = { 320, 200, { 0, 0, 211, 132 }, 1, { 37, 41, 60, 23 }, 99 };
      guint64 before;

      display_fixture_begin (&self, 320, 200, 211, 132, VALISE_DISPLAY_FIT, smooth);
      turn_for (100);
      before = rfb_server_count_pixels (self.server);
      rfb_server_draw (self.server, &picture.patch, picture.patch_seed);
      display_picture_assert (&self, 211, 132, smooth ? display_picture_smooth : display_picture_sharp, &picture);
      g_assert_cmpuint (rfb_server_count_pixels (self.server) - before, ==, 60 * 23);
      display_fixture_end (&self);
    }
}

static void
test_resize (void)
{
  DisplayFixture self;
  DisplayPicture picture = { 160, 300, { 110, 0, 160, 300 }, 5, { 0 }, 0 };

  display_fixture_begin (&self, 320, 200, 380, 300, VALISE_DISPLAY_FIT, TRUE);
  rfb_server_resize (self.server, 160, 300, 5);
  display_picture_assert (&self, 380, 300, display_picture_sharp, &picture);
  g_assert_cmpint (valise_display_get_guest_width (self.display), ==, 160);
  g_assert_cmpuint (self.connected, ==, 1);
  g_assert_cmpuint (self.disconnected, ==, 0);
  display_fixture_end (&self);
}

static void
test_screenshot (void)
{
  DisplayFixture self;
  g_autoptr (GdkPixbuf) shot = NULL;
  g_autoptr (GError) error = NULL;
  ValiseDisplay *empty = VALISE_DISPLAY (g_object_ref_sink (valise_display_new ()));

  g_assert_null (valise_display_screenshot (empty, &error));
  g_assert_error (error, VALISE_DISPLAY_ERROR, VALISE_DISPLAY_ERROR_EMPTY);
  g_object_unref (empty);
  display_fixture_begin (&self, 320, 200, 100, 100, VALISE_DISPLAY_FIT, TRUE);
  shot = valise_display_screenshot (self.display, NULL);
  g_assert_nonnull (shot);
  for (int y = 0; y < 200; y++)
    for (int x = 0; x < 320; x++)
      g_assert_cmphex (display_picture_shown_pixel (shot, x, y), ==, rfb_server_pattern (x, y, 1));
  display_fixture_end (&self);
}

/* Where memory cannot be shared with a window system the same pixels come out. */
static void
test_plain (void)
{
  DisplayFixture self = { 0 };
  DisplayPicture picture = { 64, 48, { 10, 0, 160, 120 }, 1, { 5, 6, 20, 9 }, 70 };
  ValiseDisplayImage *image = valise_display_image_new (NULL, 64, 48);
  ValiseDisplayPainter *painter = valise_display_painter_new ();
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 180, 120);
  cairo_t *cr = cairo_create (surface);
  cairo_rectangle_int_t area;

  for (int pass = 0; pass < 2; pass++)
    {
      guint32 *pixels = (guint32 *) (void *) valise_display_image_get_pixels (image);

      for (int i = 0; i < 64 * 48; i++)
        pixels[i] =
            pass == 0 ? rfb_server_pattern (i % 64, i / 64, 1) : display_picture_pixel (&picture, i % 64, i / 64);
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
                         display_picture_smooth (&self, x, y, &picture));
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
  DisplayFixture self;
  DisplayPicture picture = { 320, 200, { 0, 0, 320, 200 }, 1, { 0 }, 0 };
  GtkWidget *other = gtk_window_new (GTK_WINDOW_POPUP);
  guint updates;

  display_fixture_begin (&self, 320, 200, 320, 200, VALISE_DISPLAY_FIT, TRUE);
  display_picture_assert (&self, 320, 200, display_picture_sharp, &picture);
  updates = rfb_server_count_updates (self.server);
  gtk_window_resize (GTK_WINDOW (other), 320, 200);
  g_object_ref (self.display);
  gtk_container_remove (GTK_CONTAINER (self.window), GTK_WIDGET (self.display));
  gtk_container_add (GTK_CONTAINER (other), GTK_WIDGET (self.display));
  g_object_unref (self.display);
  gtk_widget_show_all (other);
  display_picture_assert (&self, 320, 200, display_picture_sharp, &picture);
  g_assert_cmpuint (rfb_server_count_updates (self.server), ==, updates);
  g_assert_cmpuint (self.disconnected, ==, 0);
  gtk_widget_destroy (other);
  display_fixture_end (&self);
}

/* Hidden, it asks for nothing; shown again, it shows what was missed. */
/* What a window manager tells about the window. */
static void
minimise (GtkWidget *window, gboolean minimised)
{
  g_autoptr (GdkEvent) event = gdk_event_new (GDK_WINDOW_STATE);

  event->window_state.window = g_object_ref (gtk_widget_get_window (window));
  event->window_state.changed_mask = GDK_WINDOW_STATE_ICONIFIED;
  event->window_state.new_window_state = minimised ? GDK_WINDOW_STATE_ICONIFIED : 0;
  gtk_main_do_event (event);
}

/* Nothing is asked for while nobody sees it, and everything is there when somebody does again. */
static void
test_hidden (gconstpointer data)
{
  gboolean only_minimised = GPOINTER_TO_INT (data);
  DisplayFixture self;
  DisplayPicture picture = { 320, 200, { 0, 0, 320, 200 }, 1, { 10, 10, 50, 50 }, 77 };
  guint64 sent;

  display_fixture_begin (&self, 320, 200, 320, 200, VALISE_DISPLAY_FIT, TRUE);
  turn_until_true (rfb_server_count_requests (self.server) >= 2);
  if (only_minimised)
    minimise (self.window, TRUE);
  else
    gtk_widget_hide (self.window);
  turn_for (50);
  sent = rfb_server_count_pixels (self.server);
  rfb_server_draw (self.server, &(cairo_rectangle_int_t){ 0, 0, 1, 1 }, 1); /* answers what had been asked before */
  turn_until_true (rfb_server_count_pixels (self.server) > sent);
  turn_for (50);
  sent = rfb_server_count_pixels (self.server);
  rfb_server_draw (self.server, &picture.patch, picture.patch_seed);
  turn_for (100);
  g_assert_cmpuint (rfb_server_count_pixels (self.server), ==, sent);
  if (only_minimised)
    minimise (self.window, FALSE);
  else
    gtk_widget_show (self.window);
  display_picture_assert (&self, 320, 200, display_picture_sharp, &picture);
  display_fixture_end (&self);
}

/* --- connections --- */

static void
test_closed (void)
{
  DisplayFixture self;
  DisplayPicture picture = { 320, 200, { 0, 0, 320, 200 }, 1, { 0 }, 0 };
  int fd;

  display_fixture_begin (&self, 320, 200, 320, 200, VALISE_DISPLAY_FIT, TRUE);
  rfb_server_hang_up (self.server);
  turn_until (&self.disconnected, 1);
  g_assert_error (self.error, VALISE_DISPLAY_ERROR, VALISE_DISPLAY_ERROR_CLOSED);
  g_assert_false (valise_display_is_connected (self.display));
  /* The last picture stays. */
  display_picture_assert (&self, 320, 200, display_picture_sharp, &picture);
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
  display_fixture_end (&self);
}

static void
test_no_socket (void)
{
  DisplayFixture self = { 0 };
  g_autoptr (GError) error = NULL;
  int pipe_ends[2];

  display_fixture_make_window (&self, 100, 100, VALISE_DISPLAY_FIT, TRUE);
  g_assert_false (valise_display_open_fd (self.display, -1, &error));
  g_assert_error (error, VALISE_DISPLAY_ERROR, VALISE_DISPLAY_ERROR_OPEN);
  g_clear_error (&error);
  g_assert_true (g_unix_open_pipe (pipe_ends, 0, NULL));
  g_assert_false (valise_display_open_fd (self.display, pipe_ends[0], &error));
  g_assert_error (error, VALISE_DISPLAY_ERROR, VALISE_DISPLAY_ERROR_OPEN);
  g_close (pipe_ends[1], NULL);
  display_fixture_end (&self);
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
  DisplayFixture self = { 0 };
  int fd;

  display_fixture_make_window (&self, 100, 100, VALISE_DISPLAY_FIT, TRUE);
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
  display_fixture_end (&self);
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
      DisplayFixture self = { 0 };
      int fd;

      display_fixture_make_window (&self, 64, 64, VALISE_DISPLAY_FIT, TRUE);
      self.server = rfb_server_new (64, 64, &fd);
      rfb_server_set_opening (self.server, bytes);
      rfb_server_start (self.server);
      g_assert_true (valise_display_open_fd (self.display, fd, NULL));
      turn_for (2);
      g_clear_pointer (&self.server, rfb_server_free);
      turn_until (&self.disconnected, 1);
      g_assert_error (self.error, VALISE_DISPLAY_ERROR, VALISE_DISPLAY_ERROR_CLOSED);
      display_fixture_end (&self);
    }
}

static gboolean
has_cursor (GdkWindow *window, GdkCursorType type)
{
  GdkCursor *cursor = gdk_window_get_cursor (window);

  return cursor != NULL && gdk_cursor_get_cursor_type (cursor) == type;
}

static void
test_cursor (void)
{
  DisplayFixture self;
  GdkWindow *window;

  display_fixture_begin (&self, 320, 200, 320, 200, VALISE_DISPLAY_FIT, TRUE);
  window = gtk_widget_get_window (GTK_WIDGET (self.display));
  g_assert_null (gdk_window_get_cursor (window));
  rfb_server_send_cursor (self.server, 16, 12, 3, 4);
  turn_until_true (has_cursor (window, GDK_CURSOR_IS_PIXMAP));
  rfb_server_send_cursor (self.server, 0, 0, 0, 0);
  turn_until_true (has_cursor (window, GDK_BLANK_CURSOR));
  g_assert_cmpuint (self.disconnected, ==, 0);
  display_fixture_end (&self);
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
  DisplayFixture self;
  DisplayPicture actual = { 320, 200, { 40, 20, 320, 200 }, 1, { 0 }, 0 };
  DisplayPicture fitted = { 320, 200, { 0, 0, 400, 250 }, 1, { 0 }, 0 };

  g_assert_cmpint (gdk_monitor_get_scale_factor (gdk_display_get_monitor (gdk_display_get_default (), 0)), ==, 2);
  display_fixture_begin (&self, 320, 200, 200, 120, VALISE_DISPLAY_ACTUAL, TRUE);
  display_picture_assert (&self, 200, 120, display_picture_sharp, &actual);
  display_fixture_move (&self, 100, 60);
  display_fixture_assert_pointer (&self, 0, 160, 100);
  display_fixture_end (&self);
  display_fixture_begin (&self, 320, 200, 200, 125, VALISE_DISPLAY_FIT, TRUE);
  display_picture_assert (&self, 200, 125, display_picture_smooth, &fitted);
  display_fixture_move (&self, 100, 50);
  display_fixture_assert_pointer (&self, 0, 160, 80);
  display_fixture_end (&self);
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
  g_test_add_data_func ("/ui/display/hidden", GINT_TO_POINTER (FALSE), test_hidden);
  g_test_add_data_func ("/ui/display/minimised", GINT_TO_POINTER (TRUE), test_hidden);
  g_test_add_func ("/ui/display/closed", test_closed);
  g_test_add_func ("/ui/display/no-socket", test_no_socket);
  for (gsize i = 0; i < G_N_ELEMENTS (BAD); i++)
    {
      g_autofree char *path = g_strconcat ("/ui/display/bad/", BAD[i].name, NULL);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_bad);
    }
  g_test_add_func ("/ui/display/every-cut", test_every_cut);
  g_test_add_func ("/ui/display/cursor", test_cursor);
  g_test_add_func ("/ui/display/accessible", test_accessible);
  g_test_add_func ("/ui/display/hidpi", test_hidpi);
  g_test_add_func ("/ui/display/hidpi/subprocess", test_hidpi_subprocess);
  return g_test_run ();
}
