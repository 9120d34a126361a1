/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <handy.h>

#include "engine/valise-machine.h"

G_BEGIN_DECLS

/**
 * ValiseSeveralWindow:
 *
 * One setting for several machines: it is searched for and set once, each machine says what that changes in it, and
 * applying goes from one to the next and says of each how it went. What failed can be tried again.
 */
#define VALISE_TYPE_SEVERAL_WINDOW (valise_several_window_get_type ())
G_DECLARE_FINAL_TYPE (ValiseSeveralWindow, valise_several_window, VALISE, SEVERAL_WINDOW, HdyWindow)

/* @machines: (element-type ValiseMachine): at least one. @parent: (nullable) */
GtkWidget *valise_several_window_new (GPtrArray *machines, GtkWindow *parent);
/* Shows the row of a knob (without indices). %FALSE when nobody knows it. */
gboolean valise_several_window_choose (ValiseSeveralWindow *self, const char *knob);

G_END_DECLS
