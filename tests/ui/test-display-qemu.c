/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The display against a real QEMU that runs GRUB, without KVM. */
#include <gio/gunixsocketaddress.h>
#include <gtk/gtk.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "lit-pixels.h"
#include "main-loop.h"
#include "ui/valise-display.h"

#define ISO "/usr/lib/grub-rescue/grub-rescue-cdrom.iso"
#define WAIT_S 60

static char *directory;
static GSubprocess *qemu;
static GSocketConnection *monitor;
static GDataInputStream *answers;
static GtkWidget *window;
static ValiseDisplay *display;

/* --- helpers --- */

static GSocketConnection *
connect_to (const char *name)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  gint64 end = g_get_monotonic_time () + WAIT_S * G_USEC_PER_SEC;
  GSocketConnection *connection = NULL;

  while (connection == NULL && g_get_monotonic_time () < end)
    {
      connection = g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, NULL);
      if (connection == NULL)
        g_usleep (20000);
    }
  g_assert_nonnull (connection);
  return connection;
}

/* Events come in between; an answer starts with "return" or "error". */
static void
ask_monitor (const char *command)
{
  g_autoptr (GError) error = NULL;

  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (monitor)), command, strlen (command), NULL,
                             NULL, &error);
  g_assert_no_error (error);
  while (TRUE)
    {
      g_autofree char *line = g_data_input_stream_read_line (answers, NULL, NULL, &error);

      g_assert_no_error (error);
      g_assert_nonnull (line);
      g_assert_null (strstr (line, "\"error\""));
      if (strstr (line, "\"return\"") != NULL)
        return;
    }
}

static void
die_with_parent (gpointer user_data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

static void
start_qemu (void)
{
  g_autofree char *vnc = g_strdup_printf ("unix:%s/vnc", directory);
  g_autofree char *qmp = g_strdup_printf ("unix:%s/qmp,server=on,wait=off", directory);
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autoptr (GError) error = NULL;

  g_subprocess_launcher_set_child_setup (launcher, die_with_parent, NULL, NULL);
  qemu = g_subprocess_launcher_spawn (launcher, &error, "qemu-system-x86_64", "-accel", "tcg", "-m", "64",
                                      "-nodefaults", "-vga", "std", "-usb", "-device", "usb-tablet", "-cdrom", ISO,
                                      "-vnc", vnc, "-qmp", qmp, NULL);
  g_assert_no_error (error);
  monitor = connect_to ("qmp");
  answers = g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (monitor)));
  g_free (g_data_input_stream_read_line (answers, NULL, NULL, NULL));
  ask_monitor ("{\"execute\":\"qmp_capabilities\"}\n");
}

static void
open_display (void)
{
  g_autoptr (GSocketConnection) connection = connect_to ("vnc");
  g_autoptr (GError) error = NULL;
  int fd = dup (g_socket_get_fd (g_socket_connection_get_socket (connection)));

  g_assert_true (valise_display_open_fd (display, fd, &error));
  g_assert_no_error (error);
}

static GdkPixbuf *
dump_screen (void)
{
  g_autofree char *path = g_build_filename (directory, "screen.ppm", NULL);
  g_autofree char *command =
      g_strdup_printf ("{\"execute\":\"screendump\",\"arguments\":{\"filename\":\"%s\"}}\n", path);
  g_autoptr (GError) error = NULL;
  GdkPixbuf *dump;

  ask_monitor (command);
  dump = gdk_pixbuf_new_from_file (path, &error);
  g_assert_no_error (error);
  return dump;
}

static gboolean
is_same (GdkPixbuf *a, GdkPixbuf *b)
{
  gsize row = (gsize) gdk_pixbuf_get_width (a) * 3;

  if (gdk_pixbuf_get_width (a) != gdk_pixbuf_get_width (b) || gdk_pixbuf_get_height (a) != gdk_pixbuf_get_height (b))
    return FALSE;
  g_assert_cmpint (gdk_pixbuf_get_n_channels (a), ==, 3);
  g_assert_cmpint (gdk_pixbuf_get_n_channels (b), ==, 3);
  for (int y = 0; y < gdk_pixbuf_get_height (a); y++)
    if (memcmp (gdk_pixbuf_read_pixels (a) + (gsize) y * gdk_pixbuf_get_rowstride (a),
                gdk_pixbuf_read_pixels (b) + (gsize) y * gdk_pixbuf_get_rowstride (b), row)
        != 0)
      return FALSE;
  return TRUE;
}

/* The cursor blinks: both are looked at until they agree. */
static void
assert_shows_machine (void)
{
  for (int attempt = 0; attempt < 100; attempt++)
    {
      g_autoptr (GdkPixbuf) shown = NULL;
      g_autoptr (GdkPixbuf) dump = NULL;

      turn_for (100);
      shown = valise_display_screenshot (display, NULL);
      dump = dump_screen ();
      if (shown != NULL && is_same (shown, dump))
        return;
    }
  g_assert_not_reached ();
}

/* Waits until at least @from and less than @to pixels are lit, and stay so but for the cursor. */
static void
wait_for_lit (guint from, guint to)
{
  guint still = 0;

  for (int i = 0; i < WAIT_S * 5 && still < 3; i++)
    {
      guint lit;

      turn_for (200);
      lit = lit_pixels_count (display);
      still = lit >= from && lit < to ? still + 1 : 0;
    }
  g_assert_cmpuint (still, ==, 3);
}

static void
press (guint keyval)
{
  for (int down = 1; down >= 0; down--)
    {
      g_autoptr (GdkEvent) event = gdk_event_new (down ? GDK_KEY_PRESS : GDK_KEY_RELEASE);

      event->key.window = g_object_ref (gtk_widget_get_window (GTK_WIDGET (display)));
      event->key.keyval = keyval;
      gdk_event_set_device (event, gdk_seat_get_keyboard (gdk_display_get_default_seat (gdk_display_get_default ())));
      gtk_main_do_event (event);
      turn_for (50);
    }
}

/* --- cases --- */

static void
test_picture (void)
{
  /* The menu's highlighted line alone is 9,000. */
  wait_for_lit (18000, G_MAXUINT);
  g_assert_cmpint (valise_display_get_guest_width (display), >=, 640);
}

static void
test_typing (void)
{
  guint before, typed;

  gtk_widget_grab_focus (GTK_WIDGET (display));
  press (GDK_KEY_c);
  wait_for_lit (2000, 18000);
  assert_shows_machine ();
  before = lit_pixels_count (display);
  for (const char *each = "echo w"; *each != '\0'; each++)
    press ((guint) *each);
  wait_for_lit (before + 100, 18000);
  typed = lit_pixels_count (display);
  press (GDK_KEY_Return);
  wait_for_lit (typed + 100, 18000);
  assert_shows_machine ();
}

/* Closed and opened again, it shows the same machine. */
static void
test_again (void)
{
  valise_display_close (display);
  g_assert_false (valise_display_is_connected (display));
  open_display ();
  assert_shows_machine ();
}

/* A machine that dies is noticed. */
static void
on_disconnected_cb (ValiseDisplay *self, const GError *error, gboolean *gone)
{
  *gone = g_error_matches (error, VALISE_DISPLAY_ERROR, VALISE_DISPLAY_ERROR_CLOSED);
}

static void
test_death (void)
{
  gboolean gone = FALSE;

  g_signal_connect (display, "disconnected", G_CALLBACK (on_disconnected_cb), &gone);
  g_subprocess_force_exit (qemu);
  for (int i = 0; i < 100 && !gone; i++)
    turn_for (50);
  g_assert_true (gone);
}

int
main (int argc, char **argv)
{
  int status;

  gtk_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_assert_true (g_file_test (ISO, G_FILE_TEST_EXISTS));
  directory = g_dir_make_tmp ("valise-display-XXXXXX", NULL);
  window = gtk_window_new (GTK_WINDOW_POPUP);
  display = VALISE_DISPLAY (valise_display_new ());
  gtk_container_add (GTK_CONTAINER (window), GTK_WIDGET (display));
  gtk_window_resize (GTK_WINDOW (window), 640, 480);
  gtk_widget_show_all (window);
  start_qemu ();
  open_display ();
  g_test_add_func ("/ui/display-qemu/picture", test_picture);
  g_test_add_func ("/ui/display-qemu/typing", test_typing);
  g_test_add_func ("/ui/display-qemu/again", test_again);
  g_test_add_func ("/ui/display-qemu/death", test_death);
  status = g_test_run ();
  g_subprocess_force_exit (qemu);
  gtk_widget_destroy (window);
  g_object_unref (answers);
  g_object_unref (monitor);
  g_object_unref (qemu);
  for (const char *const *name = (const char *const[]){ "vnc", "qmp", "screen.ppm", NULL }; *name != NULL; name++)
    {
      g_autofree char *path = g_build_filename (directory, *name, NULL);

      remove (path);
    }
  rmdir (directory);
  g_free (directory);
  return status;
}
