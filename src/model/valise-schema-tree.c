/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-schema-tree-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "model/valise-pattern-required-private.h"

/* libvirt 9.0 takes a tenth of both. */
#define MOST_STEPS 1000000
#define MOST_NODES 30000
/* Elements, and references between two elements, inside each other. */
#define DEEPEST 512

struct _ValiseSchemaTree
{
  ValiseGrammar *grammar;
  GStringChunk *strings;
  GPtrArray *nodes;
  ValiseRequirements *required;
  ValiseSchemaNode *top;
  ValiseSchemaNode *root;
  guint steps;
};

/* A requirement at its place. */
typedef struct _Given Given;
struct _Given
{
  const Given *outer;
  const char *path;
  const ValiseRequirement *requirement;
};

typedef struct _Around Around;
struct _Around
{
  const Around *outer;
  const ValisePattern *pattern; /* an element or a definition that is being followed */
  ValiseSchemaNode *node;
};

typedef struct
{
  ValiseSchemaNode *node;
  const Given *given;
  const Around *elements;
  const Around *references; /* since the last element */
  GPtrArray *words;         /* of the attribute that is being read, or NULL */
  guint kind;               /* bit, or 0 */
  gboolean repeated;
  gboolean in_list;
  guint depth;
} Place;

/* What a value is, libvirt says by the name of the definition that describes it. */
static const struct
{
  const char *name;
  ValiseKnobKind kind;
} NAMED_KINDS[] = {
  { "UUID", VALISE_KNOB_UUID },
  { "absDirPath", VALISE_KNOB_PATH },
  { "absFilePath", VALISE_KNOB_PATH },
  { "cpuset", VALISE_KNOB_CPU_SET },
  { "dirPath", VALISE_KNOB_PATH },
  { "filePath", VALISE_KNOB_PATH },
  { "hexuint", VALISE_KNOB_NUMBER },
  { "macAddr", VALISE_KNOB_MAC },
  { "multiMacAddr", VALISE_KNOB_MAC },
  { "pciBus", VALISE_KNOB_PCI_ADDRESS },
  { "pciDomain", VALISE_KNOB_PCI_ADDRESS },
  { "pciFunc", VALISE_KNOB_PCI_ADDRESS },
  { "pciSlot", VALISE_KNOB_PCI_ADDRESS },
  { "scaledInteger", VALISE_KNOB_SIZE },
  { "uniMacAddr", VALISE_KNOB_MAC },
};

static guint
kind_named (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (NAMED_KINDS); i++)
    if (g_str_equal (NAMED_KINDS[i].name, name))
      return 1u << NAMED_KINDS[i].kind;
  return 0;
}

/* --- nodes --- */

static void
choice_free (gpointer data)
{
  ValiseSchemaChoice *self = data;

  g_ptr_array_unref (self->branches);
  g_free (self);
}

static void
words_free (gpointer data)
{
  ValiseSchemaWords *self = data;

  g_ptr_array_unref (self->words);
  g_ptr_array_unref (self->situations);
  g_free (self);
}

static void
node_free (gpointer data)
{
  ValiseSchemaNode *self = data;

  g_ptr_array_unref (self->children);
  g_ptr_array_unref (self->words);
  g_ptr_array_unref (self->word_sets);
  g_ptr_array_unref (self->data);
  g_ptr_array_unref (self->situations);
  g_ptr_array_unref (self->choices);
  g_clear_pointer (&self->except, g_ptr_array_unref);
  g_free (self);
}

static ValiseSchemaNode *
add_node (ValiseSchemaTree *self, ValiseSchemaNode *parent, const char *name)
{
  ValiseSchemaNode *node = g_new0 (ValiseSchemaNode, 1);

  node->parent = parent;
  node->name = name;
  /* Paths begin below the root, which is the only child of the top. */
  node->path = parent == NULL || parent->parent == NULL ? "" : _valise_schema_join (self->strings, parent->path, name);
  node->children = g_ptr_array_new ();
  node->words = g_ptr_array_new ();
  node->word_sets = g_ptr_array_new_with_free_func (words_free);
  node->data = g_ptr_array_new ();
  node->situations = g_ptr_array_new_with_free_func ((GDestroyNotify) _valise_knob_situation_free);
  node->choices = g_ptr_array_new_with_free_func (choice_free);
  g_ptr_array_add (self->nodes, node);
  if (parent != NULL)
    g_ptr_array_add (parent->children, node);
  return node;
}

static ValiseSchemaNode *
own_child (ValiseSchemaNode *self, const char *name)
{
  for (guint i = 0; i < self->children->len; i++)
    if (g_str_equal (((ValiseSchemaNode *) self->children->pdata[i])->name, name))
      return self->children->pdata[i];
  return NULL;
}

static ValiseSchemaNode *
ensure_child (ValiseSchemaTree *self, ValiseSchemaNode *parent, const char *name)
{
  ValiseSchemaNode *child = own_child (parent, name);

  return child != NULL ? child : add_node (self, parent, name);
}

static void
add_unique (GPtrArray *array, gconstpointer pointer)
{
  if (!g_ptr_array_find (array, pointer, NULL))
    g_ptr_array_add (array, (gpointer) pointer);
}

/* --- unfolding --- */

static void walk (ValiseSchemaTree *self, const ValisePattern *pattern, const Place *place);

static const Around *
find_around (const Around *around, const ValisePattern *pattern)
{
  while (around != NULL && around->pattern != pattern)
    around = around->outer;
  return around;
}

static void
walk_parts (ValiseSchemaTree *self, const ValisePattern *pattern, const Place *place)
{
  for (guint i = 0; i < pattern->parts->len; i++)
    walk (self, pattern->parts->pdata[i], place);
}

/* Walks @pattern where what @required[@from...] says is given. */
static void
walk_given (ValiseSchemaTree *self,
            const ValisePattern *pattern,
            const Place *place,
            const GPtrArray *required,
            guint from,
            const GPtrArray *skip)
{
  Place inner = *place;
  Given given = { place->given, NULL, NULL };

  for (; from < required->len; from++)
    {
      const ValiseRequirement *one = required->pdata[from];

      if (g_ptr_array_find ((GPtrArray *) skip, one->rest, NULL))
        continue;
      given.path = _valise_schema_join (self->strings, place->node->path, one->rest);
      given.requirement = one;
      inner.given = &given;
      walk_given (self, pattern, &inner, required, from + 1, skip);
      return;
    }
  walk (self, pattern, place);
}

/* What tells the branches of a choice from each other. A knob that stands in all of them stands there whichever it
 * is. */
static void
note_choice (ValiseSchemaTree *self, const ValisePattern *pattern, ValiseSchemaNode *node, GPtrArray *common)
{
  ValiseSchemaChoice *choice;

  for (guint i = 0; i < node->choices->len; i++)
    if (((ValiseSchemaChoice *) node->choices->pdata[i])->pattern == pattern)
      return;
  choice = g_new0 (ValiseSchemaChoice, 1);
  choice->pattern = pattern;
  choice->branches = g_ptr_array_new_with_free_func ((GDestroyNotify) _valise_knob_situation_free);
  g_ptr_array_add (node->choices, choice);
  for (guint i = 0; i < pattern->parts->len; i++)
    {
      const GPtrArray *required = _valise_requirements_list (self->required, pattern->parts->pdata[i]);
      ValiseKnobSituation *branch = _valise_knob_situation_new ();

      for (guint j = 0; j < required->len; j++)
        {
          const ValiseRequirement *one = required->pdata[j];

          if (!g_ptr_array_find (common, one->rest, NULL))
            _valise_knob_situation_require (branch, _valise_schema_join (self->strings, node->path, one->rest),
                                            one->words, one->or_unset);
        }
      g_ptr_array_add (choice->branches, branch);
    }
}

static void
walk_choice (ValiseSchemaTree *self, const ValisePattern *pattern, const Place *place)
{
  g_autoptr (GPtrArray) common = _valise_requirements_list_common (self->required, pattern);

  if (pattern->parts->len > 1 && place->node->name[0] != '@')
    note_choice (self, pattern, place->node, common);
  for (guint i = 0; i < pattern->parts->len; i++)
    {
      const ValisePattern *branch = pattern->parts->pdata[i];

      walk_given (self, branch, place, _valise_requirements_list (self->required, branch), 0, common);
    }
}

/* Of what an element holds in any case, single words tell which of several elements of the name it is. */
static GPtrArray *
list_vague (const GPtrArray *required)
{
  GPtrArray *vague = g_ptr_array_new ();

  for (guint i = 0; i < required->len; i++)
    {
      const ValiseRequirement *one = required->pdata[i];

      if (one->words->len != 1 || one->or_unset)
        g_ptr_array_add (vague, (gpointer) one->rest);
    }
  return vague;
}

/* That a knob is itself is no condition, nor what stands inside it or, of an attribute, deeper in its element: that
 * comes after it. */
static gboolean
is_before (const ValiseSchemaNode *node, const char *path)
{
  const ValiseSchemaNode *around = node->name[0] == '@' ? node->parent : node;
  gsize length = strlen (around->path);
  const char *rest = path + length;

  if (g_str_equal (path, node->path))
    return FALSE;
  if (length > 0 && (strncmp (path, around->path, length) != 0 || (*rest != '/' && *rest != '\0')))
    return TRUE;
  return around != node && strchr (length > 0 && *rest == '/' ? rest + 1 : rest, '/') == NULL;
}

static ValiseKnobSituation *
situation_of (const ValiseSchemaNode *node, const Given *given)
{
  ValiseKnobSituation *situation = _valise_knob_situation_new ();

  for (; given != NULL; given = given->outer)
    if (is_before (node, given->path))
      _valise_knob_situation_require (situation, given->path, given->requirement->words, given->requirement->or_unset);
  return situation;
}

static void
note_situation (ValiseSchemaNode *node, const Given *given)
{
  _valise_knob_situations_add (node->situations, situation_of (node, given));
}

/* Where an attribute stands in several places of a grammar, each has words of its own. */
static void
note_words (ValiseSchemaNode *node, GPtrArray *words, const Given *given)
{
  ValiseSchemaWords *set = NULL;

  for (guint i = 0; i < node->word_sets->len && set == NULL; i++)
    if (_valise_requirement_same_words (((ValiseSchemaWords *) node->word_sets->pdata[i])->words, words))
      set = node->word_sets->pdata[i];
  if (set == NULL)
    {
      set = g_new0 (ValiseSchemaWords, 1);
      set->words = g_ptr_array_ref (words);
      set->situations = g_ptr_array_new_with_free_func ((GDestroyNotify) _valise_knob_situation_free);
      g_ptr_array_add (node->word_sets, set);
    }
  _valise_knob_situations_add (set->situations, situation_of (node, given));
}

static void
walk_attribute (ValiseSchemaTree *self, const ValisePattern *pattern, const Place *place)
{
  for (guint i = 0; i < pattern->names->len; i++)
    {
      g_autofree char *name = g_strconcat ("@", pattern->names->pdata[i], NULL);
      g_autoptr (GPtrArray) words = g_ptr_array_new ();
      ValiseSchemaNode *node = ensure_child (self, place->node, g_string_chunk_insert_const (self->strings, name));
      Place inner = *place;

      note_situation (node, place->given);
      inner.node = node;
      inner.words = words;
      inner.kind = 0;
      inner.references = NULL;
      inner.depth++;
      walk_parts (self, pattern, &inner);
      if (words->len > 0)
        note_words (node, words, place->given);
    }
}

static void
walk_content (ValiseSchemaTree *self, const ValisePattern *pattern, const Place *place, ValiseSchemaNode *node)
{
  const ValisePattern *content = pattern->parts->pdata[0];
  const Around around = { place->elements, pattern, node };
  const GPtrArray *required = _valise_requirements_list (self->required, content);
  g_autoptr (GPtrArray) vague = list_vague (required);
  const Place inner = { .node = node, .given = place->given, .elements = &around, .depth = place->depth + 1 };

  walk_given (self, content, &inner, required, 0, vague);
}

static void
walk_element (ValiseSchemaTree *self, const ValisePattern *pattern, const Place *place)
{
  const Around *same = find_around (place->elements, pattern);

  for (guint i = 0; i < pattern->names->len; i++)
    {
      ValiseSchemaNode *node = ensure_child (self, place->node, pattern->names->pdata[i]);

      node->repeated |= place->repeated;
      node->nullable |= _valise_pattern_is_nullable (pattern->parts->pdata[0]);
      node->may_lack_text |= _valise_pattern_may_lack_text (pattern->parts->pdata[0]);
      if (pattern->except != NULL && node->except == NULL)
        node->except = g_ptr_array_ref (pattern->except);
      note_situation (node, place->given);
      if (same != NULL)
        node->same_as = same->node != node ? same->node : NULL;
      else
        walk_content (self, pattern, place, node);
    }
}

static void
walk_reference (ValiseSchemaTree *self, const ValisePattern *pattern, const Place *place)
{
  const ValisePattern *target = pattern->definition->pattern;
  const Around around = { place->references, target, NULL };
  Place inner = *place;

  if (target == NULL || find_around (place->references, target) != NULL)
    return;
  inner.references = &around;
  inner.depth++;
  if (inner.kind == 0)
    inner.kind = kind_named (pattern->definition->name);
  walk (self, target, &inner);
}

static void
walk_repeated (ValiseSchemaTree *self, const ValisePattern *pattern, const Place *place)
{
  Place inner = *place;

  inner.repeated |= pattern->kind != VALISE_PATTERN_OPTIONAL && pattern->kind != VALISE_PATTERN_LIST;
  inner.in_list |= pattern->kind == VALISE_PATTERN_LIST;
  place->node->list |= inner.in_list;
  walk_parts (self, pattern, &inner);
}

static void
walk (ValiseSchemaTree *self, const ValisePattern *pattern, const Place *place)
{
  ValiseSchemaNode *node = place->node;

  if (self->steps >= MOST_STEPS || self->nodes->len >= MOST_NODES || place->depth >= DEEPEST)
    {
      self->steps = MOST_STEPS;
      return;
    }
  self->steps++;
  switch (pattern->kind)
    {
    case VALISE_PATTERN_ELEMENT:
      walk_element (self, pattern, place);
      return;
    case VALISE_PATTERN_ATTRIBUTE:
      walk_attribute (self, pattern, place);
      return;
    case VALISE_PATTERN_GROUP:
      walk_parts (self, pattern, place);
      return;
    case VALISE_PATTERN_CHOICE:
      walk_choice (self, pattern, place);
      return;
    case VALISE_PATTERN_REF:
      walk_reference (self, pattern, place);
      return;
    case VALISE_PATTERN_EMPTY:
    case VALISE_PATTERN_NOT_ALLOWED:
      return;
    case VALISE_PATTERN_VALUE:
      add_unique (node->words, pattern->text);
      if (place->words != NULL)
        add_unique (place->words, pattern->text);
      return;
    case VALISE_PATTERN_DATA:
      add_unique (node->data, pattern);
      break;
    case VALISE_PATTERN_TEXT:
      node->text = TRUE;
      break;
    default:
      walk_repeated (self, pattern, place);
      return;
    }
  node->kinds |= place->kind != 0 ? place->kind : VALISE_SCHEMA_NO_KIND;
}

/* --- public --- */

ValiseSchemaTree *
_valise_schema_tree_new (ValiseGrammar *grammar, const char *root, GError **error)
{
  g_autoptr (ValiseSchemaTree) self = g_new0 (ValiseSchemaTree, 1);
  Place place = { NULL };

  self->grammar = grammar;
  self->strings = g_string_chunk_new (65536);
  self->nodes = g_ptr_array_new_with_free_func (node_free);
  self->required = _valise_requirements_new (self->strings);
  self->top = place.node = add_node (self, NULL, "");
  walk (self, _valise_grammar_get_start (grammar), &place);
  self->root = own_child (self->top, root);
  if (self->root == NULL || self->steps >= MOST_STEPS)
    {
      g_set_error (error, VALISE_KNOB_CATALOGUE_ERROR, VALISE_KNOB_CATALOGUE_ERROR_SCHEMA,
                   self->root == NULL ? _ ("libvirt's schema describes no <%s>. Install libvirt again.")
                                      : _ ("libvirt's schema of <%s> is larger than it can be. Install libvirt again."),
                   root);
      return NULL;
    }
  _valise_schema_tidy (self->nodes);
  return g_steal_pointer (&self);
}

void
_valise_schema_tree_free (ValiseSchemaTree *self)
{
  g_ptr_array_unref (self->nodes);
  _valise_requirements_free (self->required);
  g_string_chunk_free (self->strings);
  _valise_grammar_free (self->grammar);
  g_free (self);
}

ValiseSchemaNode *
_valise_schema_tree_get_root (ValiseSchemaTree *self)
{
  return self->root;
}

static gboolean
stands_for (const ValiseSchemaNode *self, const char *name)
{
  const char *star = g_strrstr (self->name, "*");
  gsize length;

  if (star == NULL)
    return FALSE;
  length = (gsize) (star - self->name);
  for (guint i = 0; self->except != NULL && i < self->except->len; i++)
    {
      const char *except = self->except->pdata[i];

      if (g_str_equal (except, name + (*name == '@')))
        return FALSE;
    }
  return strncmp (self->name, name, length) == 0 && (length > 0 || *name != '@');
}

ValiseSchemaNode *
_valise_schema_node_step (ValiseSchemaNode *self, const char *name)
{
  ValiseSchemaNode *child = own_child (self, name);

  for (guint i = 0; child == NULL && i < self->children->len; i++)
    if (stands_for (self->children->pdata[i], name))
      child = self->children->pdata[i];
  if (child == NULL && self->same_as != NULL && self->same_as != self)
    child = _valise_schema_node_step (self->same_as, name);
  return child;
}
