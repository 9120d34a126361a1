/* SPDX-License-Identifier: GPL-3.0-or-later */
/* start-bench-client BUNDLE: starts the machine as the Start button does, in a window with the display view, and prints how many
 * milliseconds passed until the guest's own picture was painted there. Then forces it off. */
#include <stdlib.h>

#include "ui/valise-display-view.h"
#include "ui/valise-display.h"

/* QEMU shows a notice of this size until the guest has set up its graphics card. */
#define NOTICE_WIDTH 640
#define NOTICE_HEIGHT 480

typedef struct
{
  ValiseMachine *machine;
  gint64 clicked;
  gboolean drawn;
  int status;
} Run;

static ValiseDisplay *
find_display (GtkWidget *widget)
{
  ValiseDisplay *found = NULL;

  if (VALISE_IS_DISPLAY (widget))
    return VALISE_DISPLAY (widget);
  if (GTK_IS_CONTAINER (widget))
    {
      g_autoptr (GList) children = gtk_container_get_children (GTK_CONTAINER (widget));

      for (GList *link = children; link != NULL && found == NULL; link = link->next)
        found = find_display (link->data);
    }
  return found;
}

/* Whether the guest itself has drawn: another size than QEMU's notice, and not all of one colour. */
static gboolean
guest_has_drawn (ValiseDisplay *display)
{
  g_autoptr (GdkPixbuf) pixbuf = NULL;
  const guint8 *pixels;
  gsize step, length;

  if (valise_display_get_guest_width (display) == NOTICE_WIDTH
      && valise_display_get_guest_height (display) == NOTICE_HEIGHT)
    return FALSE;
  pixbuf = valise_display_screenshot (display, NULL);
  if (pixbuf == NULL)
    return FALSE;
  pixels = gdk_pixbuf_get_pixels (pixbuf);
  length = gdk_pixbuf_get_byte_length (pixbuf);
  step = (gsize) gdk_pixbuf_get_n_channels (pixbuf);
  for (gsize i = step; i + step <= length; i += step)
    if (memcmp (pixels, pixels + i, 3) != 0)
      return TRUE;
  return FALSE;
}

static gboolean
on_draw_cb (GtkWidget *widget, cairo_t *cairo, gpointer data)
{
  Run *run = data;

  if (!run->drawn && guest_has_drawn (VALISE_DISPLAY (widget)))
    {
      run->drawn = TRUE;
      g_print ("%.1f\n", (double) (g_get_monotonic_time () - run->clicked) / 1000);
      gtk_main_quit ();
    }
  return GDK_EVENT_PROPAGATE;
}

static void
on_started_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Run *run = data;
  g_autoptr (GError) error = NULL;

  if (valise_machine_do_finish (VALISE_MACHINE (source), result, &error))
    return;
  g_printerr ("%s\n", error->message);
  run->status = 1;
  gtk_main_quit ();
}

/* As in the application: the connection stands and the probe has answered before somebody clicks. */
static gboolean
on_click_cb (gpointer data)
{
  Run *run = data;

  run->clicked = g_get_monotonic_time ();
  valise_machine_do_async (run->machine, VALISE_VERB_START, NULL, on_started_cb, run);
  return G_SOURCE_REMOVE;
}

static gboolean
on_timeout_cb (gpointer data)
{
  Run *run = data;

  g_printerr ("the guest has not drawn\n");
  run->status = 1;
  gtk_main_quit ();
  return G_SOURCE_REMOVE;
}

int
main (int argc, char **argv)
{
  g_autoptr (ValiseHost) host = valise_host_new (NULL);
  g_autoptr (GError) error = NULL;
  Run run = { 0 };
  GtkWidget *window, *view;

  gtk_init (&argc, &argv);
  if (!valise_host_connect_sync (host, NULL, &error))
    g_error ("%s", error->message);
  valise_host_get_capabilities (host);
  valise_host_probe_accel (host, NULL);
  run.machine = valise_machine_new (host, argv[1]);
  if (!valise_machine_load (run.machine, FALSE, &error))
    g_error ("%s", error->message);

  window = gtk_window_new (GTK_WINDOW_TOPLEVEL);
  gtk_window_set_default_size (GTK_WINDOW (window), 1080, 720);
  view = valise_display_view_new ();
  gtk_container_add (GTK_CONTAINER (window), view);
  valise_display_view_set_machine (VALISE_DISPLAY_VIEW (view), run.machine);
  gtk_widget_show_all (window);
  g_signal_connect_after (find_display (view), "draw", G_CALLBACK (on_draw_cb), &run);
  g_timeout_add (500, on_click_cb, &run);
  g_timeout_add_seconds (30, on_timeout_cb, &run);
  gtk_main ();

  valise_machine_do (run.machine, VALISE_VERB_STOP, NULL, NULL);
  g_object_unref (run.machine);
  return run.status;
}
