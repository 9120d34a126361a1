/* SPDX-License-Identifier: GPL-3.0-or-later */
/* display-bench-client valise|gtk-vnc actual|smooth|sharp WIDTH HEIGHT SOCKET|PORT: a window of WIDTH x HEIGHT that
 * shows what the RFB server at the UNIX socket or the TCP port of this computer offers. Answers each line on its input
 * with the number of times it has drawn; ends when its input does. */
#include <gio/gunixsocketaddress.h>
#include <gtk/gtk.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <vncdisplay.h>

#include "ui/valise-display.h"

static guint draws;

static int
connect_to (const char *path)
{
  g_autoptr (GSocketAddress) address = g_path_is_absolute (path)
                                           ? g_unix_socket_address_new (path)
                                           : g_inet_socket_address_new_from_string ("127.0.0.1", (guint) atoi (path));
  g_autoptr (GSocket) socket =
      g_socket_new (g_socket_address_get_family (address), G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL);
  g_autoptr (GError) error = NULL;

  if (!g_socket_connect (socket, address, NULL, &error))
    g_error ("%s: %s", path, error->message);
  return dup (g_socket_get_fd (socket));
}

static gboolean
on_draw_cb (void)
{
  draws++;
  return GDK_EVENT_PROPAGATE;
}

static gboolean
on_input_cb (GIOChannel *channel, GIOCondition condition, gpointer user_data)
{
  char line[64];

  if (fgets (line, sizeof line, stdin) == NULL)
    gtk_main_quit ();
  printf ("%u\n", draws);
  fflush (stdout);
  return G_SOURCE_CONTINUE;
}

static GtkWidget *
make_valise (const char *mode, int fd)
{
  GtkWidget *display = valise_display_new ();

  valise_display_set_scaling (VALISE_DISPLAY (display),
                              g_str_equal (mode, "actual") ? VALISE_DISPLAY_ACTUAL : VALISE_DISPLAY_FIT);
  valise_display_set_smooth (VALISE_DISPLAY (display), g_str_equal (mode, "smooth"));
  valise_display_open_fd (VALISE_DISPLAY (display), fd, NULL);
  return display;
}

static GtkWidget *
make_gtk_vnc (const char *mode, int fd)
{
  GtkWidget *display = vnc_display_new ();

  vnc_display_set_scaling (VNC_DISPLAY (display), !g_str_equal (mode, "actual"));
  vnc_display_set_smoothing (VNC_DISPLAY (display), g_str_equal (mode, "smooth"));
  vnc_display_open_fd (VNC_DISPLAY (display), fd);
  return display;
}

int
main (int argc, char **argv)
{
  GtkWidget *window, *display;
  g_autoptr (GIOChannel) input = NULL;

  gtk_init (&argc, &argv);
  if (argc != 6)
    g_error ("usage: display-bench-client valise|gtk-vnc actual|smooth|sharp WIDTH HEIGHT SOCKET|PORT");
  window = gtk_window_new (GTK_WINDOW_POPUP);
  display = g_str_equal (argv[1], "valise") ? make_valise (argv[2], connect_to (argv[5]))
                                            : make_gtk_vnc (argv[2], connect_to (argv[5]));
  gtk_container_add (GTK_CONTAINER (window), display);
  g_signal_connect (display, "draw", G_CALLBACK (on_draw_cb), NULL);
  gtk_window_resize (GTK_WINDOW (window), atoi (argv[3]), atoi (argv[4]));
  gtk_widget_show_all (window);
  input = g_io_channel_unix_new (STDIN_FILENO);
  g_io_add_watch (input, G_IO_IN | G_IO_HUP, on_input_cb, NULL);
  gtk_main ();
  return 0;
}
