/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-snapshot.h"

G_BEGIN_DECLS

/* Snapshots as lines of a list: what was made after what goes straight down to the present; what was left behind hangs
 * on it, a column to the right, before it goes on. */
typedef struct
{
  const ValiseSnapshot *snapshot; /* of the list; %NULL: the present */
  const ValiseSnapshot *parent;   /* (nullable) */
  guint column;
  gboolean is_branch; /* hangs on the column to its left; else, with a parent, on the line above it */
  gboolean goes_on;   /* its line goes on below it */
  guint64 passing;    /* the columns, one bit each, whose lines go past it */
} ValiseSnapshotNode;

/* Copies of @snapshots without those that are about to go: what was made after one hangs on what that was made after.
 * @gone: a set of ids. (element-type ValiseSnapshot) (transfer full) */
GPtrArray *valise_snapshot_graph_leave_out (GPtrArray *snapshots, GHashTable *gone);
/* @snapshots: (element-type ValiseSnapshot): as valise_snapshots_list has them. The present is the last line.
 * (element-type ValiseSnapshotNode) (transfer full) */
GArray *valise_snapshot_graph_lay_out (GPtrArray *snapshots);

G_END_DECLS
