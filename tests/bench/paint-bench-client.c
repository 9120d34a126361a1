/* SPDX-License-Identifier: GPL-3.0-or-later */
/* paint-bench-client: one line for each round, in milliseconds: from nothing to the first painting of the settings editor
 * on a machine with 200 devices. */
#include <stdio.h>

#include "large-machine.h"
#include "ui/valise-settings.h"
#include "ui/valise-style.h"

#define ROUNDS 9

static void
on_after_paint_cb (GdkFrameClock *clock, GMainLoop *painted)
{
  g_main_loop_quit (painted);
}

static double
time_opening (ValiseDocument *document, ValiseCapabilities *capabilities)
{
  g_autoptr (GMainLoop) painted = g_main_loop_new (NULL, FALSE);
  gint64 start = g_get_monotonic_time ();
  g_autoptr (ValiseEditSession) session = valise_edit_session_new (document, capabilities, NULL);
  GtkWidget *window = gtk_window_new (GTK_WINDOW_TOPLEVEL);
  GtkWidget *settings = g_object_new (VALISE_TYPE_SETTINGS, "visible", TRUE, NULL);
  double milliseconds;

  gtk_window_set_default_size (GTK_WINDOW (window), 980, 680);
  gtk_container_add (GTK_CONTAINER (window), settings);
  valise_settings_set_session (VALISE_SETTINGS (settings), session);
  gtk_widget_show (window);
  g_signal_connect (gtk_widget_get_frame_clock (window), "after-paint", G_CALLBACK (on_after_paint_cb), painted);
  g_main_loop_run (painted);
  milliseconds = (double) (g_get_monotonic_time () - start) / 1e3;
  gtk_widget_destroy (window);
  while (gtk_events_pending ())
    gtk_main_iteration ();
  return milliseconds;
}

int
main (int argc, char **argv)
{
  g_autoptr (ValiseDocument) document = large_machine_new ();
  g_autoptr (ValiseCapabilities) capabilities = valise_capabilities_new (NULL, NULL, 8, 0, NULL);

  gtk_init (&argc, &argv);
  valise_style_load ();
  for (int i = 0; i < ROUNDS; i++)
    printf ("%.2f\n", time_opening (document, capabilities));
  return 0;
}
