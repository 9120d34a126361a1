/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <handy.h>

#include "engine/valise-library.h"

G_BEGIN_DECLS

/**
 * ValiseSnapshotsWindow:
 *
 * The snapshots of a machine as a tree that ends in the present: taken, gone back to, compared, named and deleted here.
 * What takes long is one of the library's jobs and stands at the lower edge meanwhile. A snapshot is deleted when its
 * Undo has gone by.
 */
#define VALISE_TYPE_SNAPSHOTS_WINDOW (valise_snapshots_window_get_type ())
G_DECLARE_FINAL_TYPE (ValiseSnapshotsWindow, valise_snapshots_window, VALISE, SNAPSHOTS_WINDOW, HdyWindow)

/* Shows the window of that machine, which is made if there is none. */
void valise_snapshots_window_present (ValiseMachine *machine, ValiseLibrary *library, GtkWindow *parent);

G_END_DECLS
