/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "engine/valise-machine.h"

G_BEGIN_DECLS

/**
 * ValiseSnapshotPopover:
 *
 * Asks what a snapshot that is to be taken is called, what there is to note of it, and whether the memory goes along; says
 * what it will cost. "take" (name, note, memory: strings and a gboolean): it is to be taken now; the popover is closed.
 */
#define VALISE_TYPE_SNAPSHOT_POPOVER (valise_snapshot_popover_get_type ())
G_DECLARE_FINAL_TYPE (ValiseSnapshotPopover, valise_snapshot_popover, VALISE, SNAPSHOT_POPOVER, GtkPopover)

/* Once. */
void valise_snapshot_popover_set_machine (ValiseSnapshotPopover *self, ValiseMachine *machine);
/* How many snapshots there are, for the name that is proposed when it opens. */
void valise_snapshot_popover_set_count (ValiseSnapshotPopover *self, guint count);
/* Other work with snapshots is under way: none can be taken. */
void valise_snapshot_popover_set_busy (ValiseSnapshotPopover *self, gboolean busy);

G_END_DECLS
