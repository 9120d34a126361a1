/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <handy.h>

#include "engine/valise-machine.h"

G_BEGIN_DECLS

/**
 * ValiseSpaceWindow:
 *
 * What takes the room of a machine's folder, as a picture and in words, and files that nobody knows of, which can go to
 * the Trash and come back.
 */
#define VALISE_TYPE_SPACE_WINDOW (valise_space_window_get_type ())
G_DECLARE_FINAL_TYPE (ValiseSpaceWindow, valise_space_window, VALISE, SPACE_WINDOW, HdyWindow)

/* Shows the window of that machine, which is made if there is none. */
void valise_space_window_present (ValiseMachine *machine, GtkWindow *parent);

G_END_DECLS
