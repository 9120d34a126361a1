/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-schema-tree-private.h"

/* More alternatives than a person reads; what they have in common is kept then. */
#define MOST_SITUATIONS 8

/* All strings come from one store, so that equal ones are the same pointer. */

static ValiseKnobCondition *
find (const ValiseKnobSituation *self, const char *path)
{
  for (guint i = 0; i < self->conditions->len; i++)
    if (((ValiseKnobCondition *) self->conditions->pdata[i])->path == path)
      return self->conditions->pdata[i];
  return NULL;
}

static gboolean
covers (const ValiseKnobCondition *weak, const ValiseKnobCondition *strong)
{
  if (strong->or_unset && !weak->or_unset)
    return FALSE;
  for (guint i = 0; i < strong->words->len; i++)
    if (!g_ptr_array_find (weak->words, strong->words->pdata[i], NULL))
      return FALSE;
  return TRUE;
}

gboolean
_valise_knob_situation_is_weaker (const ValiseKnobSituation *self, const ValiseKnobSituation *strong)
{
  for (guint i = 0; i < self->conditions->len; i++)
    {
      const ValiseKnobCondition *weak = self->conditions->pdata[i];
      const ValiseKnobCondition *other = find (strong, weak->path);

      if (other == NULL || !covers (weak, other))
        return FALSE;
    }
  return TRUE;
}

static void
widen (ValiseKnobCondition *self, const ValiseKnobCondition *more)
{
  for (guint i = 0; i < more->words->len; i++)
    if (!g_ptr_array_find (self->words, more->words->pdata[i], NULL))
      g_ptr_array_add (self->words, more->words->pdata[i]);
  self->or_unset |= more->or_unset;
}

/* The only path on which the two differ, or NULL. */
static const char *
only_difference (const ValiseKnobSituation *a, const ValiseKnobSituation *b)
{
  const char *different = NULL;

  if (a->conditions->len != b->conditions->len)
    return NULL;
  for (guint i = 0; i < a->conditions->len; i++)
    {
      const ValiseKnobCondition *left = a->conditions->pdata[i];
      const ValiseKnobCondition *right = find (b, left->path);

      if (right == NULL)
        return NULL;
      if (covers (left, right) && covers (right, left))
        continue;
      if (different != NULL)
        return NULL;
      different = left->path;
    }
  return different;
}

/* What both have in common. */
static void
weaken (ValiseKnobSituation *self, const ValiseKnobSituation *other)
{
  for (guint i = self->conditions->len; i > 0; i--)
    {
      ValiseKnobCondition *condition = self->conditions->pdata[i - 1];
      const ValiseKnobCondition *also = find (other, condition->path);

      if (also != NULL)
        widen (condition, also);
      else
        g_ptr_array_remove_index (self->conditions, i - 1);
    }
}

static void
condition_free (gpointer data)
{
  ValiseKnobCondition *self = data;

  g_ptr_array_unref (self->words);
  g_free (self);
}

ValiseKnobSituation *
_valise_knob_situation_new (void)
{
  ValiseKnobSituation *self = g_new0 (ValiseKnobSituation, 1);

  self->conditions = g_ptr_array_new_with_free_func (condition_free);
  return self;
}

void
_valise_knob_situation_free (ValiseKnobSituation *self)
{
  g_ptr_array_unref (self->conditions);
  g_free (self);
}

void
_valise_knob_situation_require (ValiseKnobSituation *self, const char *path, GPtrArray *words, gboolean or_unset)
{
  ValiseKnobCondition *condition = find (self, path);

  /* Asked for twice, the narrower counts. */
  if (condition != NULL && condition->words->len <= words->len)
    return;
  if (condition == NULL)
    {
      condition = g_new0 (ValiseKnobCondition, 1);
      condition->path = path;
      g_ptr_array_add (self->conditions, condition);
    }
  else
    g_ptr_array_unref (condition->words);
  condition->words = g_ptr_array_copy (words, NULL, NULL);
  condition->or_unset = or_unset;
}

static gboolean
is_told (const GPtrArray *situations, const ValiseKnobSituation *one)
{
  for (guint i = 0; i < situations->len; i++)
    if (_valise_knob_situation_is_weaker (situations->pdata[i], one))
      return TRUE;
  return FALSE;
}

/* Takes @other out when @more tells what it tells, or can be made to. */
static gboolean
swallow (ValiseKnobSituation *more, const ValiseKnobSituation *other, gboolean at_any_price)
{
  const char *path = NULL;

  if (_valise_knob_situation_is_weaker (more, other))
    return TRUE;
  path = only_difference (more, other);
  if (path != NULL)
    widen (find (more, path), find (other, path));
  else if (at_any_price)
    weaken (more, other);
  return path != NULL || at_any_price;
}

void
_valise_knob_situations_add (GPtrArray *situations, ValiseKnobSituation *more)
{
  guint i = 0;

  while (i < situations->len && !is_told (situations, more))
    if (swallow (more, situations->pdata[i], situations->len >= MOST_SITUATIONS))
      {
        g_ptr_array_remove_index (situations, i);
        /* A wider one may fit others that were passed already. */
        i = 0;
      }
    else
      i++;
  if (is_told (situations, more))
    _valise_knob_situation_free (more);
  else
    g_ptr_array_add (situations, more);
}
