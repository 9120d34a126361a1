/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-line-diff.h"

#include <string.h>

/* Beyond this the rest is said to differ as a whole: nobody reads it, and it takes time and memory by the square. */
#define MOST_EDITS 1000

/* Two texts as lines, and each line as a number that is the same for the same line. */
typedef struct
{
  char **before, **after;
  int *before_ids, *after_ids;
  guint n_before, n_after;
  gboolean *removed, *added;
} Pair;

static int *
number_lines (char **lines, guint length, GHashTable *numbers)
{
  int *ids = g_new (int, length + 1);

  for (guint i = 0; i < length; i++)
    {
      gpointer known = g_hash_table_lookup (numbers, lines[i]);

      if (known == NULL)
        {
          known = GINT_TO_POINTER (g_hash_table_size (numbers) + 1);
          g_hash_table_insert (numbers, lines[i], known);
        }
      ids[i] = GPOINTER_TO_INT (known);
    }
  return ids;
}

/* What is behind the last line's end is no line. */
static char **
split (const char *text, guint *length)
{
  char **lines = g_strsplit (text, "\n", -1);

  *length = g_strv_length (lines);
  if (*length > 0 && *lines[*length - 1] == '\0')
    (*length)--;
  return lines;
}

static void
pair_init (Pair *self, const char *before, const char *after)
{
  g_autoptr (GHashTable) numbers = g_hash_table_new (g_str_hash, g_str_equal);

  self->before = split (before, &self->n_before);
  self->after = split (after, &self->n_after);
  self->before_ids = number_lines (self->before, self->n_before, numbers);
  self->after_ids = number_lines (self->after, self->n_after, numbers);
  self->removed = g_new0 (gboolean, self->n_before + 1);
  self->added = g_new0 (gboolean, self->n_after + 1);
}

static void
pair_clear (Pair *self)
{
  g_strfreev (self->before);
  g_strfreev (self->after);
  g_free (self->before_ids);
  g_free (self->after_ids);
  g_free (self->removed);
  g_free (self->added);
}

/* --- Myers' algorithm, between what both begin and end with --- */

/* How far down each diagonal k = x - y is reached, for -edits..edits. */
static int
reach (const int *farthest, int k, int edits)
{
  gboolean down = k == -edits || (k != edits && farthest[k - 1] < farthest[k + 1]);

  return down ? farthest[k + 1] : farthest[k - 1] + 1;
}

/* Marks, from the end, what each step of the shortest way has removed or added. @trace: the diagonals before each
 * number of edits. */
static void
walk_back (Pair *self, guint head, int x, int y, GPtrArray *trace)
{
  for (int edits = (int) trace->len - 1; edits > 0; edits--)
    {
      const int *farthest = (const int *) trace->pdata[edits] + edits + 1;
      int k = x - y;
      gboolean down = k == -edits || (k != edits && farthest[k - 1] < farthest[k + 1]);
      int from = down ? farthest[k + 1] : farthest[k - 1];

      if (down)
        self->added[(int) head + from - (k + 1)] = TRUE;
      else
        self->removed[(int) head + from] = TRUE;
      x = from;
      y = from - (down ? k + 1 : k - 1);
    }
}

static gboolean
find_shortest (Pair *self, guint head, int n, int m)
{
  g_autoptr (GPtrArray) trace = g_ptr_array_new_with_free_func (g_free);
  int most = MIN (n + m, MOST_EDITS);
  g_autofree int *room = g_new0 (int, 2 * most + 3);
  int *farthest = room + most + 1;
  const int *a = self->before_ids + head, *b = self->after_ids + head;

  for (int edits = 0; edits <= most; edits++)
    {
      g_ptr_array_add (trace, g_memdup2 (farthest - edits - 1, sizeof (int) * (gsize) (2 * edits + 3)));
      for (int k = -edits; k <= edits; k += 2)
        {
          int x = edits == 0 ? 0 : reach (farthest, k, edits), y = x - k;

          while (x < n && y < m && a[x] == b[y])
            x++, y++;
          farthest[k] = x;
          if (x < n || y < m)
            continue;
          walk_back (self, head, n, m, trace);
          return TRUE;
        }
    }
  return FALSE;
}

static void
mark (Pair *self)
{
  guint head = 0, tail = 0;

  while (head < MIN (self->n_before, self->n_after) && self->before_ids[head] == self->after_ids[head])
    head++;
  while (tail < MIN (self->n_before, self->n_after) - head
         && self->before_ids[self->n_before - tail - 1] == self->after_ids[self->n_after - tail - 1])
    tail++;
  if (find_shortest (self, head, (int) (self->n_before - head - tail), (int) (self->n_after - head - tail)))
    return;
  for (guint i = head; i < self->n_before - tail; i++)
    self->removed[i] = TRUE;
  for (guint i = head; i < self->n_after - tail; i++)
    self->added[i] = TRUE;
}

/* --- the list --- */

static void
line_free (gpointer data)
{
  ValiseDiffLine *self = data;

  g_free (self->text);
  g_free (self);
}

static void
append (GPtrArray *list, ValiseLineKind kind, guint before, guint after, const char *text)
{
  ValiseDiffLine *line = g_new0 (ValiseDiffLine, 1);

  line->kind = kind;
  line->before = before;
  line->after = after;
  line->text = g_strdup (text);
  line->count = 1;
  g_ptr_array_add (list, line);
}

static GPtrArray *
merge (const Pair *self)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (line_free);
  guint i = 0, j = 0;

  while (i < self->n_before || j < self->n_after)
    if (i < self->n_before && self->removed[i])
      {
        append (list, VALISE_LINE_REMOVED, i + 1, 0, self->before[i]);
        i++;
      }
    else if (j < self->n_after && self->added[j])
      {
        append (list, VALISE_LINE_ADDED, 0, j + 1, self->after[j]);
        j++;
      }
    else
      {
        append (list, VALISE_LINE_SAME, i + 1, j + 1, self->after[j]);
        i++, j++;
      }
  return list;
}

/* Which have a line that differs among the @context lines on either side, or differ themselves. (transfer full) */
static gboolean *
find_near (GPtrArray *list, guint context)
{
  gboolean *near_one = g_new0 (gboolean, list->len + 1);
  guint ahead = 0, behind = 0;

  for (guint i = 0, j = list->len; i < list->len; i++)
    {
      j--;
      ahead = ((ValiseDiffLine *) list->pdata[i])->kind != VALISE_LINE_SAME ? context + 1 : ahead;
      behind = ((ValiseDiffLine *) list->pdata[j])->kind != VALISE_LINE_SAME ? context + 1 : behind;
      near_one[i] |= ahead > 0;
      near_one[j] |= behind > 0;
      ahead -= ahead > 0;
      behind -= behind > 0;
    }
  return near_one;
}

static GPtrArray *
shorten (GPtrArray *list, guint context)
{
  GPtrArray *shown = g_ptr_array_new_with_free_func (line_free);
  g_autofree gboolean *near_one = find_near (list, context);
  ValiseDiffLine *skipped = NULL;

  for (guint i = 0; i < list->len; i++)
    {
      ValiseDiffLine *line = list->pdata[i];

      if (near_one[i])
        {
          skipped = NULL;
          g_ptr_array_add (shown, g_steal_pointer (&list->pdata[i]));
        }
      else if (skipped != NULL)
        skipped->count++;
      else
        {
          append (shown, VALISE_LINE_SKIPPED, line->before, line->after, "");
          skipped = shown->pdata[shown->len - 1];
        }
    }
  return shown;
}

static void
free_rest (gpointer line)
{
  if (line != NULL)
    line_free (line);
}

GPtrArray *
valise_line_diff (const char *before, const char *after, guint context)
{
  Pair pair = { 0 };
  g_autoptr (GPtrArray) all = NULL;

  g_return_val_if_fail (before != NULL && after != NULL, NULL);

  if (g_str_equal (before, after))
    return g_ptr_array_new_with_free_func (line_free);
  pair_init (&pair, before, after);
  mark (&pair);
  all = merge (&pair);
  pair_clear (&pair);
  g_ptr_array_set_free_func (all, free_rest);
  return shorten (all, context);
}
