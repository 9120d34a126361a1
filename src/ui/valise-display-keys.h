/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * ValiseDisplayKeys:
 *
 * From what GDK says of a key to what QEMU wants: AT set 1 scancodes, where a key with the prefix e0 has the high bit
 * set. Remembers which keys the guest believes to be down, so that they can all be let go.
 */
typedef struct _ValiseDisplayKeys ValiseDisplayKeys;

/* 0 when the key has none. */
guint16 valise_display_keys_from_evdev (guint evdev);
/* @keyval: on a US keyboard; @shift: (out) (optional): the character needs Shift. 0 when no key makes it. */
guint16 valise_display_keys_from_keyval (guint keyval, gboolean *shift);

/* @display: (nullable): whose keycodes are translated; %NULL means the kernel's (evdev + 8). */
ValiseDisplayKeys *valise_display_keys_new (GdkDisplay *display);
void valise_display_keys_free (ValiseDisplayKeys *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseDisplayKeys, valise_display_keys_free)

guint16 valise_display_keys_from_event (ValiseDisplayKeys *self, const GdkEventKey *event);

/* The keysym that was sent with the press is sent with the release too, whatever the layout says by then. */
void valise_display_keys_press (ValiseDisplayKeys *self, guint16 scancode, guint keyval);
/* FALSE if it is not down. */
gboolean valise_display_keys_release (ValiseDisplayKeys *self, guint16 scancode, guint *keyval);
/* Any key that is down, taken off the list; FALSE when none is. */
gboolean valise_display_keys_take (ValiseDisplayKeys *self, guint16 *scancode, guint *keyval);

G_END_DECLS
