/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/valise-display-keys.h"
#include "ui/valise-display-link.h"
#include "ui/valise-display-painter.h"
#include "ui/valise-display.h"

G_BEGIN_DECLS

struct _ValiseDisplay
{
  GtkDrawingArea parent_instance;
  ValiseDisplayPainter *painter;
  ValiseDisplayLink *link; /* NULL: not open */
  ValiseDisplayScaling scaling;
  gboolean smooth;
  gboolean has_frame;             /* of this connection */
  ValiseDisplayImage *last_image; /* of the connection that ended; NULL if it showed nothing */
  gboolean new_image;             /* the link's image is not shown yet */
  char *machine_name;

  /* input */
  ValiseDisplayKeys *keys;
  GtkWidget *toplevel; /* whose keys are caught first while grabbed */
  gboolean minimised;  /* the toplevel is */
  GdkCursor *cursor;   /* the guest's */
  gboolean has_cursor; /* the guest has said what it wants, also nothing */
  gboolean grabbed;
  gboolean grab_wanted; /* given by a click, until released by Ctrl+Alt */
  gboolean pointer_grabbed;
  gboolean inside;
  guint release_keys; /* of RELEASE_ALL that were pressed with nothing else */
  guint8 buttons;
  int guest_x;
  int guest_y;
  double last_x; /* relative motion, in pixels of the screen */
  double last_y;
  double scroll_x; /* smooth scrolling not yet sent, in clicks */
  double scroll_y;
};

/* valise-display-input.c */
void _valise_display_input_class_init (GtkWidgetClass *class);
void _valise_display_input_init (ValiseDisplay *self);
void _valise_display_input_dispose (ValiseDisplay *self);
void _valise_display_release_keys (ValiseDisplay *self);
void _valise_display_update_cursor (ValiseDisplay *self);
/* The link opened, closed, or changed between absolute and relative. */
void _valise_display_input_link_changed (ValiseDisplay *self);

/* valise-display.c */
void _valise_display_notify_grabbed (ValiseDisplay *self);
void _valise_display_emit_needs_pointer_grab (ValiseDisplay *self);
gboolean _valise_display_is_absolute (ValiseDisplay *self);
/* Nobody asks QEMU for pictures of what nobody sees. */
void _valise_display_set_minimised (ValiseDisplay *self, gboolean minimised);

G_END_DECLS
