/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-pattern-required-private.h"
#include "model/valise-schema-tree-private.h"

static GPtrArray *
situations_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) _valise_knob_situation_free);
}

/* --- conditions that say nothing --- */

/* That a knob has one of all the words that it can have is no condition. */
static gboolean
says_nothing (GHashTable *by_path, const ValiseKnobCondition *condition)
{
  const ValiseSchemaNode *node = g_hash_table_lookup (by_path, condition->path);

  return node != NULL && !node->text && node->data->len == 0
         && _valise_requirement_same_words (node->words, condition->words);
}

static ValiseKnobSituation *
tidy_situation (GHashTable *by_path, const ValiseKnobSituation *situation, gboolean *changed)
{
  ValiseKnobSituation *tidy = _valise_knob_situation_new ();

  for (guint i = 0; i < situation->conditions->len; i++)
    {
      const ValiseKnobCondition *condition = situation->conditions->pdata[i];

      if (says_nothing (by_path, condition))
        *changed = TRUE;
      else
        _valise_knob_situation_require (tidy, condition->path, condition->words, condition->or_unset);
    }
  return tidy;
}

/* Alternatives that lose a condition may become one, which may lose another. */
static void
drop_empty_conditions (GHashTable *by_path, GPtrArray **situations)
{
  gboolean changed = TRUE;

  while (changed)
    {
      g_autoptr (GPtrArray) all = *situations;

      changed = FALSE;
      *situations = situations_new ();
      for (guint i = 0; i < all->len; i++)
        _valise_knob_situations_add (*situations, tidy_situation (by_path, all->pdata[i], &changed));
    }
}

static void
tidy_branches (GHashTable *by_path, ValiseSchemaChoice *choice)
{
  g_autoptr (GPtrArray) all = choice->branches;
  gboolean changed;

  choice->branches = situations_new ();
  for (guint i = 0; i < all->len; i++)
    g_ptr_array_add (choice->branches, tidy_situation (by_path, all->pdata[i], &changed));
}

/* --- choices that are no choice --- */

static gboolean
has_path (const ValiseKnobSituation *self, const char *path)
{
  for (guint i = 0; i < self->conditions->len; i++)
    if (((const ValiseKnobCondition *) self->conditions->pdata[i])->path == path)
      return TRUE;
  return FALSE;
}

/* What is left of @self when @branch is given, or NULL when it says something else about the same knobs. */
static ValiseKnobSituation *
subtract (const ValiseKnobSituation *self, const ValiseKnobSituation *branch)
{
  ValiseKnobSituation *rest = _valise_knob_situation_new ();

  if (branch->conditions->len == 0 || !_valise_knob_situation_is_weaker (branch, self))
    {
      _valise_knob_situation_free (rest);
      return NULL;
    }
  for (guint i = 0; i < self->conditions->len; i++)
    {
      const ValiseKnobCondition *condition = self->conditions->pdata[i];

      if (!has_path (branch, condition->path))
        _valise_knob_situation_require (rest, condition->path, condition->words, condition->or_unset);
    }
  return rest;
}

static ValiseKnobSituation *
add_up (const ValiseKnobSituation *a, const ValiseKnobSituation *b)
{
  ValiseKnobSituation *sum = _valise_knob_situation_new ();
  const ValiseKnobSituation *const both[] = { a, b };

  for (guint i = 0; i < G_N_ELEMENTS (both); i++)
    for (guint j = 0; j < both[i]->conditions->len; j++)
      {
        const ValiseKnobCondition *condition = both[i]->conditions->pdata[j];

        _valise_knob_situation_require (sum, condition->path, condition->words, condition->or_unset);
      }
  return sum;
}

static gboolean
allows (GPtrArray *situations, const ValiseKnobSituation *strong)
{
  for (guint i = 0; i < situations->len; i++)
    if (_valise_knob_situation_is_weaker (situations->pdata[i], strong))
      return TRUE;
  return FALSE;
}

static gboolean
allows_every_branch (GPtrArray *situations, const ValiseSchemaChoice *choice, const ValiseKnobSituation *rest)
{
  for (guint i = 0; i < choice->branches->len; i++)
    {
      ValiseKnobSituation *with_branch = add_up (choice->branches->pdata[i], rest);
      gboolean allowed = allows (situations, with_branch);

      _valise_knob_situation_free (with_branch);
      if (!allowed)
        return FALSE;
    }
  return TRUE;
}

/* When a knob may stand in all branches of @choice, which of them it is makes no difference. */
static gboolean
drop_choice (GPtrArray *situations, const ValiseSchemaChoice *choice)
{
  for (guint i = 0; i < situations->len; i++)
    for (guint branch = 0; branch < choice->branches->len; branch++)
      {
        ValiseKnobSituation *rest = subtract (situations->pdata[i], choice->branches->pdata[branch]);

        if (rest != NULL && allows_every_branch (situations, choice, rest))
          {
            _valise_knob_situations_add (situations, rest);
            return TRUE;
          }
        if (rest != NULL)
          _valise_knob_situation_free (rest);
      }
  return FALSE;
}

static void
drop_choices (const ValiseSchemaNode *node, GPtrArray *situations)
{
  for (const ValiseSchemaNode *around = node; around != NULL && situations->len > 1; around = around->parent)
    for (guint i = 0; i < around->choices->len; i++)
      while (situations->len > 1 && drop_choice (situations, around->choices->pdata[i]))
        ;
}

/* Alternatives of which one asks for nothing are none. */
static void
drop_always (GPtrArray *situations)
{
  if (situations->len == 1 && ((const ValiseKnobSituation *) situations->pdata[0])->conditions->len == 0)
    g_ptr_array_set_size (situations, 0);
}

static void
tidy (GHashTable *by_path, const ValiseSchemaNode *node, GPtrArray **situations)
{
  drop_empty_conditions (by_path, situations);
  drop_choices (node, *situations);
  drop_always (*situations);
}

void
_valise_schema_tidy (GPtrArray *nodes)
{
  /* Paths come from one store: equal ones are the same pointer. */
  g_autoptr (GHashTable) by_path = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < nodes->len; i++)
    {
      ValiseSchemaNode *node = nodes->pdata[i];

      g_hash_table_insert (by_path, (gpointer) node->path, node);
    }
  for (guint i = 0; i < nodes->len; i++)
    {
      ValiseSchemaNode *node = nodes->pdata[i];

      for (guint j = 0; j < node->choices->len; j++)
        tidy_branches (by_path, node->choices->pdata[j]);
    }
  for (guint i = 0; i < nodes->len; i++)
    {
      ValiseSchemaNode *node = nodes->pdata[i];

      tidy (by_path, node, &node->situations);
      for (guint j = 0; j < node->word_sets->len; j++)
        tidy (by_path, node, &((ValiseSchemaWords *) node->word_sets->pdata[j])->situations);
    }
}
