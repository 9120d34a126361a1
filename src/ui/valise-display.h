/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define VALISE_DISPLAY_ERROR (valise_display_error_quark ())
GQuark valise_display_error_quark (void);
typedef enum
{
  VALISE_DISPLAY_ERROR_OPEN,     /* the descriptor is no connected socket, or the display is open already */
  VALISE_DISPLAY_ERROR_PROTOCOL, /* the machine said something that is not RFB, or asked for a password */
  VALISE_DISPLAY_ERROR_CLOSED,   /* the machine closed the connection */
  VALISE_DISPLAY_ERROR_SIZE,     /* a screen larger than 16384 pixels a side or 256 MiB in all */
  VALISE_DISPLAY_ERROR_EMPTY,    /* nothing has been drawn yet */
} ValiseDisplayError;

/* The same numbers as the enum of the setting "scaling". */
typedef enum
{
  VALISE_DISPLAY_FIT,     /* as large as the widget allows, proportions kept */
  VALISE_DISPLAY_ACTUAL,  /* one guest pixel is one pixel of the screen; the widget asks for that size */
  VALISE_DISPLAY_INTEGER, /* the largest whole multiple that fits; smaller than the guest, it fits like FIT */
} ValiseDisplayScaling;
#define VALISE_TYPE_DISPLAY_SCALING (valise_display_scaling_get_type ())
GType valise_display_scaling_get_type (void);

/**
 * ValiseDisplay:
 *
 * The guest's screen, keyboard and pointer over one connected socket that speaks RFB. Knows nothing of machines.
 *
 * Properties: scaling (#ValiseDisplayScaling), smooth (gboolean: bilinear, else nearest), connected, grabbed (the
 * keyboard, and with a relative pointer also the pointer, belongs to the guest: shortcuts of windows do not apply),
 * guest-width, guest-height (guest pixels, 0 before the first connection), absolute (the guest has a pointer that needs
 * no grab), machine-name (for screen readers).
 *
 * Signals: "connected" (protocol spoken), "first-frame" (the first picture of this connection is in the framebuffer),
 * "disconnected" (const GError *error: %NULL after valise_display_close), "needs-pointer-grab" (the pointer moves over
 * a guest that takes only relative motion and is not grabbed: show how to grab and release).
 *
 * A click gives keyboard (and a relative pointer) to the guest; pressing and releasing Ctrl+Alt together takes them
 * back and moves the focus out of the display.
 */
#define VALISE_TYPE_DISPLAY (valise_display_get_type ())
G_DECLARE_FINAL_TYPE (ValiseDisplay, valise_display, VALISE, DISPLAY, GtkDrawingArea)

GtkWidget *valise_display_new (void);

/**
 * valise_display_open_fd:
 * @fd: a connected socket that speaks RFB; taken over, and closed on failure as well
 * @error: _ERROR_OPEN
 *
 * Starts talking; "connected" or "disconnected" follows. The last picture stays until the first frame.
 */
gboolean valise_display_open_fd (ValiseDisplay *self, int fd, GError **error);
/* Releases all keys and closes. "disconnected" with no error follows if it was open. */
void valise_display_close (ValiseDisplay *self);
gboolean valise_display_is_connected (ValiseDisplay *self);
gboolean valise_display_has_frame (ValiseDisplay *self);

void valise_display_set_scaling (ValiseDisplay *self, ValiseDisplayScaling scaling);
void valise_display_set_smooth (ValiseDisplay *self, gboolean smooth);
void valise_display_set_machine_name (ValiseDisplay *self, const char *name);
int valise_display_get_guest_width (ValiseDisplay *self);
int valise_display_get_guest_height (ValiseDisplay *self);
/* Asks the guest for a screen of this size (guest pixels); nothing happens where it cannot. */
void valise_display_resize_guest (ValiseDisplay *self, int width, int height);

/* Presses all of @keyvals (GDK_KEY_*) in order, then releases them in reverse. Keys without a scancode go as
 * keysyms. */
void valise_display_send_keys (ValiseDisplay *self, const guint *keyvals, guint n_keyvals);
gboolean valise_display_is_grabbed (ValiseDisplay *self);
void valise_display_ungrab (ValiseDisplay *self);

/* The guest's screen as it is, or as it was when the connection ended, in guest pixels. (transfer full), or %NULL with
 * _ERROR_EMPTY */
GdkPixbuf *valise_display_screenshot (ValiseDisplay *self, GError **error);

G_END_DECLS
