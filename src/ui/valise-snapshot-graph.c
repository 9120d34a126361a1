/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-snapshot-graph.h"

/* Beyond, lines are no longer drawn past. */
#define COLUMNS_MOST 63

typedef struct
{
  GPtrArray *snapshots;
  GHashTable *on_way; /* snapshots that the present came from */
  GArray *nodes;
} Layout;

static const ValiseSnapshot *
find (GPtrArray *snapshots, const char *id)
{
  return id != NULL ? valise_snapshots_find (snapshots, id, NULL) : NULL;
}

static gboolean
is_child (const ValiseSnapshot *snapshot, const ValiseSnapshot *parent)
{
  return g_strcmp0 (snapshot->parent, parent != NULL ? parent->id : NULL) == 0;
}

/* The one that the line goes straight on with: towards the present, else the newest. */
static const ValiseSnapshot *
main_child (const Layout *self, const ValiseSnapshot *parent)
{
  const ValiseSnapshot *newest = NULL;

  for (guint i = 0; i < self->snapshots->len; i++)
    {
      const ValiseSnapshot *snapshot = self->snapshots->pdata[i];

      if (!is_child (snapshot, parent))
        continue;
      if (g_hash_table_contains (self->on_way, snapshot))
        return snapshot;
      if (newest == NULL || snapshot->time > newest->time)
        newest = snapshot;
    }
  return newest;
}

static guint64
bit (guint column)
{
  return column <= COLUMNS_MOST ? G_GUINT64_CONSTANT (1) << column : 0;
}

static ValiseSnapshotNode *
add (Layout *self, const ValiseSnapshot *snapshot, const ValiseSnapshot *parent, guint column, guint64 passing)
{
  ValiseSnapshotNode node = { .snapshot = snapshot, .parent = parent, .column = column, .passing = passing };

  g_array_append_val (self->nodes, node);
  return &g_array_index (self->nodes, ValiseSnapshotNode, self->nodes->len - 1);
}

static void
lay_line (Layout *self, const ValiseSnapshot *first, const ValiseSnapshot *parent, guint column, guint64 passing);

/* All that were made after @parent but the one that its own line goes on with. */
static void
lay_branches (Layout *self, const ValiseSnapshot *parent, const ValiseSnapshot *next, guint column, guint64 passing)
{
  for (guint i = 0; i < self->snapshots->len; i++)
    {
      const ValiseSnapshot *snapshot = self->snapshots->pdata[i];

      if (snapshot != next && is_child (snapshot, parent))
        lay_line (self, snapshot, parent, column + 1, passing | bit (column));
    }
}

/* The present is always the end of a line. */
static void
lay_line (Layout *self, const ValiseSnapshot *first, const ValiseSnapshot *parent, guint column, guint64 passing)
{
  for (const ValiseSnapshot *at = first; at != NULL;)
    {
      const ValiseSnapshot *next = at->is_current ? NULL : main_child (self, at);
      ValiseSnapshotNode *node = add (self, at, parent, column, passing);

      node->is_branch = at == first && parent != NULL;
      node->goes_on = next != NULL || at->is_current;
      lay_branches (self, at, next, column, passing);
      if (at->is_current)
        add (self, NULL, at, column, passing);
      parent = at;
      at = next;
    }
}

static void
mark_way (Layout *self)
{
  const ValiseSnapshot *at = valise_snapshots_find_current (self->snapshots);

  while (at != NULL && g_hash_table_add (self->on_way, (gpointer) at))
    at = find (self->snapshots, at->parent);
}

/* Without the one that is about to go; what was made after it hangs on what it was made after. */
static void
leave_one_out (GPtrArray *snapshots, const char *id)
{
  const ValiseSnapshot *gone = valise_snapshots_find (snapshots, id, NULL);

  if (gone == NULL)
    return;
  for (guint i = 0; i < snapshots->len; i++)
    {
      ValiseSnapshot *snapshot = snapshots->pdata[i];

      if (gone->is_current && g_strcmp0 (snapshot->id, gone->parent) == 0)
        snapshot->is_current = TRUE;
      if (g_strcmp0 (snapshot->parent, id) != 0)
        continue;
      g_free (snapshot->parent);
      snapshot->parent = g_strdup (gone->parent);
    }
  g_ptr_array_remove (snapshots, (gpointer) gone);
}

/* --- public --- */

GPtrArray *
valise_snapshot_graph_leave_out (GPtrArray *snapshots, GHashTable *gone)
{
  GHashTableIter iter;
  gpointer id;
  GPtrArray *left = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_snapshot_free);

  for (guint i = 0; i < snapshots->len; i++)
    g_ptr_array_add (left, g_boxed_copy (VALISE_TYPE_SNAPSHOT, snapshots->pdata[i]));
  g_hash_table_iter_init (&iter, gone);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    leave_one_out (left, id);
  return left;
}

GArray *
valise_snapshot_graph_lay_out (GPtrArray *snapshots)
{
  g_autoptr (GHashTable) on_way = g_hash_table_new (NULL, NULL);
  Layout self = { snapshots, on_way, g_array_new (FALSE, TRUE, sizeof (ValiseSnapshotNode)) };
  const ValiseSnapshot *last;

  g_return_val_if_fail (snapshots != NULL, self.nodes);

  mark_way (&self);
  last = main_child (&self, NULL);
  for (guint i = 0; i < snapshots->len; i++)
    if (snapshots->pdata[i] != last && is_child (snapshots->pdata[i], NULL))
      lay_line (&self, snapshots->pdata[i], NULL, 0, 0);
  if (last != NULL)
    lay_line (&self, last, NULL, 0, 0);
  if (valise_snapshots_find_current (snapshots) == NULL)
    add (&self, NULL, NULL, 0, 0);
  return self.nodes;
}
