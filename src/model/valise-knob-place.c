/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-knob-catalogue.h"

#include <string.h>

#include "model/valise-knob-private.h"
#include "model/valise-schema-tree-private.h"

/* An element of the schema on the way to a knob, and where the document has it. */
typedef struct
{
  const ValiseSchemaNode *node;
  gsize length; /* of the path to it, without the slash */
} Step;

typedef struct
{
  ValiseDocument *document;
  const char *path;
  GArray *steps;
} Place;

/* How long the step is that begins at @step, with its predicates. (out) @name: without them. */
static gsize
step_length (const char *step, char **name)
{
  const char *end = step;

  *name = g_strndup (step, strcspn (step, "/["));
  while (*end != '\0' && *end != '/')
    end = *end == '[' ? _valise_knob_skip_predicate (end) : end + 1;
  return (gsize) (end - step);
}

static void
add_step (GArray *steps, const ValiseSchemaNode *node, gsize length)
{
  Step step = { node, length };

  g_array_append_val (steps, step);
}

/* An element in one of its kind stands for the outer one as well. */
static GArray *
list_steps (ValiseSchemaNode *root, const char *path)
{
  GArray *steps = g_array_new (FALSE, FALSE, sizeof (Step));
  gsize at = 0;

  add_step (steps, root, 0);
  while (root != NULL && path[at] != '\0')
    {
      g_autofree char *name = NULL;
      gsize length = step_length (path + at, &name);

      root = _valise_schema_node_step (root, name);
      if (root != NULL)
        add_step (steps, root, at + length);
      if (root != NULL && root->same_as != NULL)
        add_step (steps, root->same_as, at + length);
      at += length + (path[at + length] == '/' ? 1 : 0);
    }
  return steps;
}

/* "devices/disk/@type" as seen from "devices/disk[2]/source/@dev": "devices/disk[2]/@type". */
static char *
localise (const Place *self, const char *condition)
{
  for (guint i = self->steps->len; i > 0; i--)
    {
      const Step *step = &g_array_index (self->steps, Step, i - 1);
      gsize length = strlen (step->node->path);

      if (length == 0)
        break;
      if (strncmp (condition, step->node->path, length) == 0 && condition[length] == '/')
        return g_strdup_printf ("%.*s%s", (int) step->length, self->path, condition + length);
    }
  return g_strdup (condition);
}

static gboolean
holds (const Place *self, const ValiseKnobCondition *condition)
{
  g_autofree char *local = localise (self, condition->path);
  g_autofree char *value = valise_document_get (self->document, local);

  if (value == NULL)
    return condition->or_unset;
  g_strstrip (value);
  for (guint i = 0; i < condition->words->len; i++)
    if (g_str_equal (condition->words->pdata[i], value))
      return TRUE;
  return FALSE;
}

static gboolean
is_situation (const Place *self, const ValiseKnobSituation *situation)
{
  for (guint i = 0; i < situation->conditions->len; i++)
    if (!holds (self, situation->conditions->pdata[i]))
      return FALSE;
  return TRUE;
}

static gboolean
is_any (const Place *self, const GPtrArray *situations)
{
  for (guint i = 0; i < situations->len; i++)
    if (is_situation (self, situations->pdata[i]))
      return TRUE;
  return situations->len == 0;
}

static ValiseSchemaNode *
root_of (const ValiseKnobEntry *entry)
{
  ValiseSchemaNode *node = entry->node;

  while (node != NULL && node->path[0] != '\0')
    node = node->parent;
  return node;
}

gboolean
valise_knob_entry_is_possible (const ValiseKnobEntry *self, ValiseDocument *document, const char *path)
{
  g_autoptr (GArray) steps = NULL;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (document != NULL, FALSE);
  g_return_val_if_fail (path != NULL, FALSE);

  if (self->node == NULL)
    return TRUE;
  steps = list_steps (root_of (self), path);
  return is_any (&(Place){ document, path, steps }, self->situations);
}

/* Words are told apart by what stands around them; the text of an element always has the same. */
static gboolean
has_sets (const ValiseSchemaNode *node)
{
  return node->word_sets->len > 0;
}

/* The words of the sets that can stand there. */
static GPtrArray *
list_here (const ValiseSchemaNode *node, const Place *place)
{
  GPtrArray *here = g_ptr_array_new ();

  for (guint i = 0; i < node->word_sets->len; i++)
    {
      const ValiseSchemaWords *set = node->word_sets->pdata[i];

      if (is_any (place, set->situations))
        g_ptr_array_extend (here, set->words, NULL, NULL);
    }
  return here;
}

GPtrArray *
valise_knob_entry_list_words (const ValiseKnobEntry *self, ValiseDocument *document, const char *path)
{
  GPtrArray *words = g_ptr_array_new ();
  g_autoptr (GPtrArray) here = NULL;
  g_autoptr (GArray) steps = NULL;

  g_return_val_if_fail (self != NULL, words);
  g_return_val_if_fail (document != NULL, words);
  g_return_val_if_fail (path != NULL, words);

  if (self->node != NULL && has_sets (self->node))
    {
      steps = list_steps (root_of (self), path);
      here = list_here (self->node, &(Place){ document, path, steps });
    }
  for (guint i = 0; self->words != NULL && self->words[i] != NULL; i++)
    if (here == NULL || (here->len == 0 && !self->open) || g_ptr_array_find (here, self->words[i], NULL))
      g_ptr_array_add (words, (gpointer) self->words[i]);
  return words;
}
