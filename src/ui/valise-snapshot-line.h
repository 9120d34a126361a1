/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "bundle/valise-snapshot.h"

G_BEGIN_DECLS

/**
 * ValiseSnapshotLine:
 *
 * The way of a machine through its snapshots to the present, as dots on a line.
 */
#define VALISE_TYPE_SNAPSHOT_LINE (valise_snapshot_line_get_type ())
G_DECLARE_FINAL_TYPE (ValiseSnapshotLine, valise_snapshot_line, VALISE, SNAPSHOT_LINE, GtkDrawingArea)

/* @snapshots: (element-type ValiseSnapshot): as valise_snapshots_list has them */
GtkWidget *valise_snapshot_line_new (GPtrArray *snapshots);

G_END_DECLS
