/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/valise-display-image.h"

G_BEGIN_DECLS

/**
 * ValiseDisplayLink:
 *
 * One connection that speaks RFB. Keeps the framebuffer, asks for raw pixels, and asks again after each update while
 * wanted.
 *
 * Signals: "opened"; "resized" (a new framebuffer; before "opened" too); "damaged" (int x, y, width, height); "cursor"
 * (GdkCursor or %NULL: the guest shows none); "pointer-mode"; "closed" (const GError *: #ValiseDisplayError), last, and
 * not after valise_display_link_close.
 */
#define VALISE_TYPE_DISPLAY_LINK (valise_display_link_get_type ())
G_DECLARE_FINAL_TYPE (ValiseDisplayLink, valise_display_link, VALISE, DISPLAY_LINK, GObject)

/* Takes @fd over, also on failure; fails with %VALISE_DISPLAY_ERROR_OPEN. @screen: (nullable) */
ValiseDisplayLink *valise_display_link_new (GdkScreen *screen, int fd, GError **error);
void valise_display_link_close (ValiseDisplayLink *self);
gboolean valise_display_link_is_open (ValiseDisplayLink *self);
/* (transfer none), %NULL before the first "resized". */
ValiseDisplayImage *valise_display_link_get_image (ValiseDisplayLink *self);
gboolean valise_display_link_is_absolute (ValiseDisplayLink *self);
/* @on: (out): the guest's light; FALSE when the machine says nothing of its lights. */
gboolean valise_display_link_has_caps_lock (ValiseDisplayLink *self, gboolean *on);

/* While not wanted nothing is asked for, and the machine draws for nobody. Wanted again, all is asked for that has
 * changed since. */
void valise_display_link_set_wanted (ValiseDisplayLink *self, gboolean wanted);
void valise_display_link_send_key (ValiseDisplayLink *self, gboolean down, guint keyval, guint16 scancode);
/* Absolute: guest pixels; relative: the motion. Bits of @buttons: left, middle, right, wheel up, down, left, right. */
void valise_display_link_send_pointer (ValiseDisplayLink *self, guint8 buttons, int x, int y);
void valise_display_link_resize_guest (ValiseDisplayLink *self, int width, int height);

G_END_DECLS
