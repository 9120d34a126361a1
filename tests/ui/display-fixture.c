/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "display-fixture.h"

#include <string.h>

static void
on_connected_cb (DisplayFixture *self)
{
  self->connected++;
}

static void
on_first_frame_cb (DisplayFixture *self)
{
  self->frames++;
}

static void
on_disconnected_cb (DisplayFixture *self, const GError *error)
{
  self->disconnected++;
  g_clear_error (&self->error);
  self->error = error != NULL ? g_error_copy (error) : NULL;
}

static void
on_needs_grab_cb (DisplayFixture *self)
{
  self->grabs_wanted++;
}

void
display_fixture_make_window (DisplayFixture *self, int width, int height, ValiseDisplayScaling scaling, gboolean smooth)
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

void
display_fixture_begin (DisplayFixture *self,
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
  display_fixture_make_window (self, width, height, scaling, smooth);
  self->server = rfb_server_new (guest_width, guest_height, &fd);
  rfb_server_draw (self->server, &all, 1);
  rfb_server_start (self->server);
  g_assert_true (valise_display_open_fd (self->display, fd, &error));
  g_assert_no_error (error);
  turn_until (&self->frames, 1);
}

void
display_fixture_end (DisplayFixture *self)
{
  gtk_widget_destroy (self->window);
  g_clear_pointer (&self->server, rfb_server_free);
  g_clear_error (&self->error);
  turn_for (20);
}

void
display_fixture_move (DisplayFixture *self, double x, double y)
{
  g_autoptr (GdkEvent) event = gdk_event_new (GDK_MOTION_NOTIFY);

  event->motion.window = g_object_ref (gtk_widget_get_window (GTK_WIDGET (self->display)));
  event->motion.x = event->motion.x_root = x;
  event->motion.y = event->motion.y_root = y;
  gdk_event_set_device (event, gdk_seat_get_pointer (gdk_display_get_default_seat (gdk_display_get_default ())));
  gtk_widget_event (GTK_WIDGET (self->display), event);
}

void
display_fixture_assert_pointer (DisplayFixture *self, guint8 buttons, int x, int y)
{
  RfbPointer pointer;

  turn_for (20);
  g_assert_true (rfb_server_take_pointer (self->server, &pointer, MAIN_LOOP_PATIENCE_MS));
  g_assert_cmphex (pointer.buttons, ==, buttons);
  g_assert_cmpint (pointer.x, ==, x);
  g_assert_cmpint (pointer.y, ==, y);
}
