/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <handy.h>

#include "engine/valise-machine.h"

G_BEGIN_DECLS

/* What the windows that say something about one machine have in common: there is one of each kind for a machine. */

/* Shows the window of @type about @machine again. Returns: %FALSE when there is none */
gboolean valise_machine_window_present (GType type, ValiseMachine *machine);
/* Makes @window, which is new, the one of its type about @machine. @title: also of @header_bar */
void
valise_machine_window_begin (GtkWindow *window, HdyHeaderBar *header_bar, ValiseMachine *machine, const char *title);
/* Escape and Ctrl+W. Where nothing is typed that could be lost. */
void valise_machine_window_close_on_keys (GtkWindow *window);

G_END_DECLS
