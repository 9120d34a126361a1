/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "engine/valise-machine.h"
#include "ui/valise-snapshot-graph.h"

G_BEGIN_DECLS

/**
 * ValiseSnapshotRow:
 *
 * One snapshot, or the present: where it stands in the tree, how the screen looked, its name, time, size and note; and,
 * opened, what can be done with it.
 *
 * Signals: "go-back" (gboolean keep the present first, gboolean force the machine off before), "shut-down", "clone",
 * "export", "delete", "describe" (const char *name, const char *note: what was typed).
 */
#define VALISE_TYPE_SNAPSHOT_ROW (valise_snapshot_row_get_type ())
G_DECLARE_FINAL_TYPE (ValiseSnapshotRow, valise_snapshot_row, VALISE, SNAPSHOT_ROW, GtkListBoxRow)

GtkWidget *valise_snapshot_row_new (ValiseMachine *machine, const ValiseSnapshotNode *node);
/* What it is of may have changed; what is being typed stays. The same snapshot, or again the present. */
void valise_snapshot_row_show (ValiseSnapshotRow *self, const ValiseSnapshotNode *node);
/* %NULL: the present */
const char *valise_snapshot_row_get_id (ValiseSnapshotRow *self);
const char *valise_snapshot_row_get_name (ValiseSnapshotRow *self);
void valise_snapshot_row_set_open (ValiseSnapshotRow *self, gboolean open);
/* Something is being done with the machine's snapshots. */
void valise_snapshot_row_set_busy (ValiseSnapshotRow *self, gboolean busy);
/* For the keyboard. */
void valise_snapshot_row_edit_name (ValiseSnapshotRow *self);
void valise_snapshot_row_ask_to_go_back (ValiseSnapshotRow *self);

G_END_DECLS
