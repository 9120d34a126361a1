/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <handy.h>

#include "engine/valise-library.h"

G_BEGIN_DECLS

/**
 * ValiseVerifyWindow:
 *
 * Looks whether everything of a machine is there and whole, as one of the library's jobs, and lists what it found: how
 * bad it is, where, and what to do. Closing the window ends the looking.
 */
#define VALISE_TYPE_VERIFY_WINDOW (valise_verify_window_get_type ())
G_DECLARE_FINAL_TYPE (ValiseVerifyWindow, valise_verify_window, VALISE, VERIFY_WINDOW, HdyWindow)

/* Shows the window of that machine; one that is made begins to look at once. */
void valise_verify_window_present (ValiseMachine *machine, ValiseLibrary *library, GtkWindow *parent);

G_END_DECLS
