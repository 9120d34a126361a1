/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-machine.h"
#include "ui/valise-display.h"

G_BEGIN_DECLS

/**
 * ValiseDisplayView:
 *
 * A machine's screen with its slim bar: send keys, type text, screenshot, scaling, full screen, own window. Opens the
 * display of its machine whenever it is live, and again when it runs again; says what is going on where there is no
 * picture. Looks after its own full screen and own window (#ValiseDisplayWindow): the picture moves there and comes
 * back when that window closes.
 *
 * Properties: machine, away (the picture is in a window of its own), fullscreen (set by the window that holds it).
 */
#define VALISE_TYPE_DISPLAY_VIEW (valise_display_view_get_type ())
G_DECLARE_FINAL_TYPE (ValiseDisplayView, valise_display_view, VALISE, DISPLAY_VIEW, GtkBox)

GtkWidget *valise_display_view_new (void);
/* @machine: (nullable) */
void valise_display_view_set_machine (ValiseDisplayView *self, ValiseMachine *machine);
/* The picture inside; %NULL while it is in a window of its own. */
ValiseDisplay *valise_display_view_get_display (ValiseDisplayView *self);
void valise_display_view_set_fullscreen (ValiseDisplayView *self, gboolean fullscreen);
/* Shows the machine in a window of its own, or brings that window to the front. */
void valise_display_view_open_window (ValiseDisplayView *self, gboolean fullscreen);
/* Takes the live picture out of @from, connection and all; both show the same machine afterwards, @from is away. */
void valise_display_view_take (ValiseDisplayView *self, ValiseDisplayView *from);

G_END_DECLS
