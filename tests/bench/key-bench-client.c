/* SPDX-License-Identifier: GPL-3.0-or-later */
/* key-bench-client valise|gtk-vnc SOCKET: shows the screen of the machine at the UNIX socket. For each line "press" on
 * its input it presses M and answers with the microseconds until the letter was drawn, or -1 after two seconds; then it
 * takes the letter away again. */
#include <gio/gunixsocketaddress.h>
#include <gtk/gtk.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <vncdisplay.h>

#include "ui/valise-display.h"

/* More than a cursor that blinks, less than the letter. */
#define LIT_MIN 25
/* As long as fingers do: the release is a message too, and would help the plain client if it came at once. */
#define HOLD_MS 90
#define TIMEOUT_S 2

static GtkWidget *display;
static gint64 pressed; /* 0: nothing is measured */
static guint lit_before;

static int
connect_to (const char *path)
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GSocket) socket =
      g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL);
  g_autoptr (GError) error = NULL;

  if (!g_socket_connect (socket, address, NULL, &error))
    g_error ("%s: %s", path, error->message);
  return dup (g_socket_get_fd (socket));
}

static guint
count_lit (void)
{
  g_autoptr (GdkPixbuf) shown = VALISE_IS_DISPLAY (display) ? valise_display_screenshot (VALISE_DISPLAY (display), NULL)
                                                            : vnc_display_get_pixbuf (VNC_DISPLAY (display));
  const guchar *row = shown != NULL ? gdk_pixbuf_read_pixels (shown) : NULL;
  guint lit = 0;

  for (int y = 0; shown != NULL && y < gdk_pixbuf_get_height (shown); y++, row += gdk_pixbuf_get_rowstride (shown))
    for (int x = 0; x < gdk_pixbuf_get_width (shown); x++)
      lit += row[x * gdk_pixbuf_get_n_channels (shown)] > 100;
  return lit;
}

static void
send_key (gboolean down, guint keyval, guint16 keycode)
{
  g_autoptr (GdkEvent) event = gdk_event_new (down ? GDK_KEY_PRESS : GDK_KEY_RELEASE);

  event->key.window = g_object_ref (gtk_widget_get_window (display));
  event->key.keyval = keyval;
  event->key.hardware_keycode = keycode;
  gdk_event_set_device (event, gdk_seat_get_keyboard (gdk_display_get_default_seat (gdk_display_get_default ())));
  gtk_widget_event (display, event);
}

static gboolean
release_cb (gpointer user_data)
{
  send_key (FALSE, GDK_KEY_m, 58);
  return G_SOURCE_REMOVE;
}

static gboolean
rub_out_cb (gpointer user_data)
{
  send_key (TRUE, GDK_KEY_BackSpace, 22);
  send_key (FALSE, GDK_KEY_BackSpace, 22);
  return G_SOURCE_REMOVE;
}

static void
answer (gint64 microseconds)
{
  pressed = 0;
  printf ("%" G_GINT64_FORMAT "\n", microseconds);
  fflush (stdout);
  g_timeout_add (HOLD_MS + 20, rub_out_cb, NULL);
}

static gboolean
timeout_cb (gpointer user_data)
{
  gint64 *of = user_data;

  if (pressed == *of)
    answer (-1);
  return G_SOURCE_REMOVE;
}

static void
on_after_paint_cb (void)
{
  gint64 now = g_get_monotonic_time ();

  if (pressed != 0 && count_lit () >= lit_before + LIT_MIN)
    answer (now - pressed);
}

static gboolean
on_input_cb (GIOChannel *channel, GIOCondition condition, gpointer user_data)
{
  char line[64];

  if (fgets (line, sizeof line, stdin) == NULL)
    {
      gtk_main_quit ();
      return G_SOURCE_REMOVE;
    }
  lit_before = count_lit ();
  pressed = g_get_monotonic_time ();
  send_key (TRUE, GDK_KEY_m, 58);
  g_timeout_add (HOLD_MS, release_cb, NULL);
  g_timeout_add_seconds_full (G_PRIORITY_DEFAULT, TIMEOUT_S, timeout_cb, g_memdup2 (&pressed, sizeof pressed), g_free);
  return G_SOURCE_CONTINUE;
}

int
main (int argc, char **argv)
{
  GtkWidget *window;
  g_autoptr (GIOChannel) input = NULL;
  int fd;

  gtk_init (&argc, &argv);
  if (argc != 3)
    g_error ("usage: key-bench-client valise|gtk-vnc SOCKET");
  fd = connect_to (argv[2]);
  window = gtk_window_new (GTK_WINDOW_POPUP);
  if (g_str_equal (argv[1], "valise"))
    {
      display = valise_display_new ();
      valise_display_open_fd (VALISE_DISPLAY (display), fd, NULL);
    }
  else
    {
      display = vnc_display_new ();
      vnc_display_open_fd (VNC_DISPLAY (display), fd);
    }
  gtk_container_add (GTK_CONTAINER (window), display);
  gtk_window_resize (GTK_WINDOW (window), 720, 400);
  gtk_widget_show_all (window);
  g_signal_connect (gtk_widget_get_frame_clock (window), "after-paint", G_CALLBACK (on_after_paint_cb), NULL);
  gtk_widget_grab_focus (display);
  input = g_io_channel_unix_new (STDIN_FILENO);
  g_io_add_watch (input, G_IO_IN | G_IO_HUP, on_input_cb, NULL);
  gtk_main ();
  return 0;
}
