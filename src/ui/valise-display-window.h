/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <handy.h>
#include "ui/valise-display-view.h"

G_BEGIN_DECLS

/**
 * ValiseDisplayWindow:
 *
 * One machine's screen in a window of its own, also full screen (F11). Closing it gives the picture back to the view
 * that waits for it.
 *
 * Signal "returning": it is closing; who takes the picture of its view keeps it.
 */
#define VALISE_TYPE_DISPLAY_WINDOW (valise_display_window_get_type ())
G_DECLARE_FINAL_TYPE (ValiseDisplayWindow, valise_display_window, VALISE, DISPLAY_WINDOW, HdyApplicationWindow)

/* @application, @from: (nullable): the view whose picture moves here. */
GtkWidget *valise_display_window_new (GtkApplication *application, ValiseMachine *machine, ValiseDisplayView *from);
/* The window that shows @machine now, or %NULL. (transfer none) */
ValiseDisplayWindow *valise_display_window_find (ValiseMachine *machine);
ValiseDisplayView *valise_display_window_get_view (ValiseDisplayWindow *self);
void valise_display_window_toggle_fullscreen (ValiseDisplayWindow *self);
/* Full screen now; leaving it closes the window, because nobody has asked for the window itself. */
void valise_display_window_visit_fullscreen (ValiseDisplayWindow *self);

G_END_DECLS
