/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-snapshot-graph.h"

typedef struct
{
  const char *name;
  const char *tree;     /* "B<A": B was made after A; "*" marks the one that the present began with; oldest first */
  const char *expected; /* a line each: columns that pass, column, how it hangs on, name, whether it goes on */
} Row;

static const Row rows[] = {
  { "none", "", "0 now" },
  { "one", "A*", "0 A+ 0| now" },
  { "row", "A B<A C<B*", "0 A+ 0| B+ 0| C+ 0| now" },
  { "left-behind", "A B<A* C<B", "0 A+ 0| B+ (0)1- C 0| now" },
  { "branch-with-its-own", "A B<A C<B D<A*", "0 A+ (0)1- B+ (0)1| C 0| D+ 0| now" },
  { "two-trees", "A* B", "0 B 0 A+ 0| now" },
  { "lost", "A B<A", "0 A+ 0| B 0 now" },
  { "deep", "A B<A C<B D<C E<B F<A*", "0 A+ (0)1- B+ (0)(1)2- C+ (0)(1)2| D (0)1| E 0| F+ 0| now" },
};

static GPtrArray *
parse (const char *tree)
{
  GPtrArray *snapshots = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) words = g_strsplit (tree, " ", -1);

  for (guint i = 0; words[i] != NULL && *words[i] != '\0'; i++)
    {
      ValiseSnapshot *snapshot = g_new0 (ValiseSnapshot, 1);
      char *after = strchr (words[i], '<');

      snapshot->is_current = strchr (words[i], '*') != NULL;
      snapshot->time = i;
      snapshot->id = (char *) g_intern_string (((char[]){ words[i][0], 0 }));
      snapshot->parent = after != NULL ? (char *) g_intern_string (((char[]){ after[1], 0 })) : NULL;
      snapshot->name = snapshot->id;
      g_ptr_array_add (snapshots, snapshot);
    }
  return snapshots;
}

static void
append (GString *text, const ValiseSnapshotNode *node)
{
  if (text->len > 0)
    g_string_append_c (text, ' ');
  for (guint i = 0; i < 8; i++)
    if (node->passing & (G_GUINT64_CONSTANT (1) << i))
      g_string_append_printf (text, "(%u)", i);
  g_string_append_printf (text, "%u%s %s%s", node->column,
                          node->is_branch        ? "-"
                          : node->parent != NULL ? "|"
                                                 : "",
                          node->snapshot != NULL ? node->snapshot->name : "now", node->goes_on ? "+" : "");
}

static void
test_lay_out (gconstpointer data)
{
  const Row *row = data;
  g_autoptr (GPtrArray) snapshots = parse (row->tree);
  g_autoptr (GArray) nodes = valise_snapshot_graph_lay_out (snapshots);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < nodes->len; i++)
    append (text, &g_array_index (nodes, ValiseSnapshotNode, i));
  g_assert_cmpstr (text->str, ==, row->expected);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strconcat ("/ui/snapshot-graph/", rows[i].name, NULL);

      g_test_add_data_func (path, &rows[i], test_lay_out);
    }
  return g_test_run ();
}
