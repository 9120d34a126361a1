/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "main-loop.h"
#include "rfb-server.h"
#include "ui/valise-display.h"

G_BEGIN_DECLS

/* A display in a window, and the machine behind it played by a server; how often each signal came. */
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
} DisplayFixture;

/* Only the window: there is no server. */
void display_fixture_make_window (DisplayFixture *self,
                                  int width,
                                  int height,
                                  ValiseDisplayScaling scaling,
                                  gboolean smooth);
/* A guest's screen of that size in a window of that size, connected and drawn. */
void display_fixture_begin (DisplayFixture *self,
                            int guest_width,
                            int guest_height,
                            int width,
                            int height,
                            ValiseDisplayScaling scaling,
                            gboolean smooth);
void display_fixture_end (DisplayFixture *self);
/* The pointer moves over the display. */
void display_fixture_move (DisplayFixture *self, double x, double y);
/* What the guest was told of the pointer next. */
void display_fixture_assert_pointer (DisplayFixture *self, guint8 buttons, int x, int y);

G_END_DECLS
