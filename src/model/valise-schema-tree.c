/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-schema-tree-private.h"

#include <glib/gi18n-lib.h>

/* libvirt 9.0 takes a twentieth of it. */
#define MOST_STEPS 2000000
/* Elements, and references between two elements, inside each other. */
#define DEEPEST 512

struct _ValiseSchemaTree
{
  ValiseGrammar *grammar;
  GStringChunk *strings;
  GPtrArray *nodes;
  GHashTable *required; /* pattern -> Requirement array: what stands there when the pattern is matched */
  ValiseSchemaNode *top;
  ValiseSchemaNode *root;
  guint steps;
};

/* An attribute ("@type", "target/@bus") or element text that has to be one of some words. */
typedef struct
{
  const char *rest;
  GPtrArray *words;
  gboolean or_unset;
} Requirement;

/* The same at its place. */
typedef struct _Given Given;
struct _Given
{
  const Given *outer;
  const char *path;
  const Requirement *requirement;
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
node_free (gpointer data)
{
  ValiseSchemaNode *self = data;

  g_ptr_array_unref (self->children);
  g_ptr_array_unref (self->words);
  g_ptr_array_unref (self->data);
  g_ptr_array_unref (self->situations);
  g_clear_pointer (&self->except, g_ptr_array_unref);
  g_free (self);
}

static const char *
join (ValiseSchemaTree *self, const char *path, const char *rest)
{
  g_autofree char *joined = *path != '\0' ? g_strconcat (path, "/", rest, NULL) : NULL;

  return joined != NULL ? g_string_chunk_insert_const (self->strings, joined)
                        : g_string_chunk_insert_const (self->strings, rest);
}

static ValiseSchemaNode *
add_node (ValiseSchemaTree *self, ValiseSchemaNode *parent, const char *name)
{
  ValiseSchemaNode *node = g_new0 (ValiseSchemaNode, 1);

  node->parent = parent;
  node->name = name;
  /* Paths begin below the root, which is the only child of the top. */
  node->path = parent == NULL || parent->parent == NULL ? "" : join (self, parent->path, name);
  node->children = g_ptr_array_new ();
  node->words = g_ptr_array_new ();
  node->data = g_ptr_array_new ();
  node->situations = g_ptr_array_new_with_free_func ((GDestroyNotify) _valise_knob_situation_free);
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

/* --- what has to stand there when a pattern is matched --- */

static void
requirement_free (gpointer data)
{
  Requirement *self = data;

  g_ptr_array_unref (self->words);
  g_free (self);
}

static Requirement *
requirement_new (const char *rest, GPtrArray *words, gboolean or_unset)
{
  Requirement *self = g_new0 (Requirement, 1);

  self->rest = rest;
  self->words = g_ptr_array_copy (words, NULL, NULL);
  self->or_unset = or_unset;
  return self;
}

/* Adds the words that @pattern stands for; %FALSE when it stands for more than words. Attributes and elements in it do not count. */
static gboolean
collect_words (const ValisePattern *pattern, GPtrArray *words, guint depth)
{
  switch (pattern->kind)
    {
    case VALISE_PATTERN_VALUE:
      add_unique (words, pattern->text);
      return TRUE;
    case VALISE_PATTERN_GROUP:
    case VALISE_PATTERN_CHOICE:
      for (guint i = 0; i < pattern->parts->len; i++)
        if (!collect_words (pattern->parts->pdata[i], words, depth))
          return FALSE;
      return TRUE;
    case VALISE_PATTERN_REF:
      return depth < DEEPEST && pattern->definition->pattern != NULL
             && collect_words (pattern->definition->pattern, words, depth + 1);
    case VALISE_PATTERN_DATA:
    case VALISE_PATTERN_TEXT:
    case VALISE_PATTERN_LIST:
      return FALSE;
    default:
      return TRUE;
    }
}

static const GPtrArray *list_required (ValiseSchemaTree *self, const ValisePattern *pattern, guint depth);

static void
require_words (ValiseSchemaTree *self, const ValisePattern *pattern, const char *rest, GPtrArray *required)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();

  if (collect_words (pattern->parts->pdata[0], words, 0) && words->len > 0)
    g_ptr_array_add (required, requirement_new (rest, words, FALSE));
}

static gboolean
has_one_name (const ValisePattern *pattern)
{
  return pattern->names->len == 1 && !g_str_has_suffix (pattern->names->pdata[0], "*");
}

static void
require_attribute (ValiseSchemaTree *self, const ValisePattern *pattern, GPtrArray *required)
{
  g_autofree char *rest = g_strconcat ("@", pattern->names->pdata[0], NULL);

  require_words (self, pattern, g_string_chunk_insert_const (self->strings, rest), required);
}

/* An element's own text and attributes; what stands deeper tells too little. */
static void
require_element (ValiseSchemaTree *self, const ValisePattern *pattern, GPtrArray *required, guint depth)
{
  const char *name = pattern->names->pdata[0];
  const GPtrArray *within = list_required (self, pattern->parts->pdata[0], depth);

  require_words (self, pattern, g_string_chunk_insert_const (self->strings, name), required);
  for (guint i = 0; i < within->len; i++)
    {
      const Requirement *inner = within->pdata[i];

      if (inner->rest[0] == '@' && !inner->or_unset)
        g_ptr_array_add (required, requirement_new (join (self, name, inner->rest), inner->words, FALSE));
    }
}

static const Requirement *
find_requirement (const GPtrArray *required, const char *rest)
{
  for (guint i = 0; i < required->len; i++)
    if (((const Requirement *) required->pdata[i])->rest == rest)
      return required->pdata[i];
  return NULL;
}

static void
add_all (GPtrArray *required, const GPtrArray *more, gboolean optional)
{
  for (guint i = 0; i < more->len; i++)
    {
      const Requirement *one = more->pdata[i];

      if (!optional || one->rest[0] == '@')
        g_ptr_array_add (required, requirement_new (one->rest, one->words, optional || one->or_unset));
    }
}

/* Of a choice that holds which each of its branches asks for, with the words of all. */
static void
require_common (ValiseSchemaTree *self, const ValisePattern *pattern, GPtrArray *required, guint depth)
{
  const GPtrArray *first =
      pattern->parts->len > 0 ? list_required (self, pattern->parts->pdata[0], depth) : NULL;

  for (guint i = 0; first != NULL && i < first->len; i++)
    {
      const Requirement *one = first->pdata[i];
      Requirement *common = requirement_new (one->rest, one->words, one->or_unset);
      gboolean in_all = TRUE;

      for (guint branch = 1; in_all && branch < pattern->parts->len; branch++)
        {
          const Requirement *also =
              find_requirement (list_required (self, pattern->parts->pdata[branch], depth), one->rest);

          in_all = also != NULL;
          for (guint word = 0; in_all && word < also->words->len; word++)
            add_unique (common->words, also->words->pdata[word]);
          common->or_unset |= in_all && also->or_unset;
        }
      if (in_all)
        g_ptr_array_add (required, common);
      else
        requirement_free (common);
    }
}

static void
collect_required (ValiseSchemaTree *self, const ValisePattern *pattern, GPtrArray *required, guint depth)
{
  switch (pattern->kind)
    {
    case VALISE_PATTERN_ATTRIBUTE:
      if (has_one_name (pattern))
        require_attribute (self, pattern, required);
      break;
    case VALISE_PATTERN_ELEMENT:
      if (has_one_name (pattern))
        require_element (self, pattern, required, depth);
      break;
    case VALISE_PATTERN_GROUP:
    case VALISE_PATTERN_OPTIONAL:
      for (guint i = 0; i < pattern->parts->len; i++)
        add_all (required, list_required (self, pattern->parts->pdata[i], depth),
                 pattern->kind == VALISE_PATTERN_OPTIONAL);
      break;
    case VALISE_PATTERN_CHOICE:
      require_common (self, pattern, required, depth);
      break;
    case VALISE_PATTERN_REF:
      if (pattern->definition->pattern != NULL)
        add_all (required, list_required (self, pattern->definition->pattern, depth), FALSE);
      break;
    default:
      break;
    }
}

/* Kept for each pattern; while it is being found out it is empty, which ends what refers to itself. */
static const GPtrArray *
list_required (ValiseSchemaTree *self, const ValisePattern *pattern, guint depth)
{
  GPtrArray *required = g_hash_table_lookup (self->required, pattern);

  if (required != NULL)
    return required;
  required = g_ptr_array_new_with_free_func (requirement_free);
  g_hash_table_insert (self->required, (gpointer) pattern, required);
  if (depth < DEEPEST)
    collect_required (self, pattern, required, depth + 1);
  return required;
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
      const Requirement *one = required->pdata[from];

      if (g_ptr_array_find ((GPtrArray *) skip, one->rest, NULL))
        continue;
      given.path = join (self, place->node->path, one->rest);
      given.requirement = one;
      inner.given = &given;
      walk_given (self, pattern, &inner, required, from + 1, skip);
      return;
    }
  walk (self, pattern, place);
}

static gboolean
same_words (const GPtrArray *a, const GPtrArray *b)
{
  if (a->len != b->len)
    return FALSE;
  for (guint i = 0; i < a->len; i++)
    if (!g_ptr_array_find ((GPtrArray *) b, a->pdata[i], NULL))
      return FALSE;
  return TRUE;
}

/* What every branch asks for alike tells nothing about which of them it is. */
static GPtrArray *
list_common (ValiseSchemaTree *self, const ValisePattern *choice)
{
  GPtrArray *common = g_ptr_array_new ();
  const GPtrArray *first = list_required (self, choice->parts->pdata[0], 0);

  for (guint i = 0; i < first->len; i++)
    {
      const Requirement *one = first->pdata[i];
      gboolean in_all = TRUE;

      for (guint branch = 1; in_all && branch < choice->parts->len; branch++)
        {
          const Requirement *also = find_requirement (list_required (self, choice->parts->pdata[branch], 0), one->rest);

          in_all = also != NULL && also->or_unset == one->or_unset && same_words (one->words, also->words);
        }
      if (in_all)
        g_ptr_array_add (common, (gpointer) one->rest);
    }
  return common;
}

static void
walk_choice (ValiseSchemaTree *self, const ValisePattern *pattern, const Place *place)
{
  g_autoptr (GPtrArray) common = pattern->parts->len > 0 ? list_common (self, pattern) : NULL;

  for (guint i = 0; i < pattern->parts->len; i++)
    {
      const ValisePattern *branch = pattern->parts->pdata[i];

      walk_given (self, branch, place, list_required (self, branch, 0), 0, common);
    }
}

/* Of what an element holds in any case, single words tell which of several elements of the name it is. */
static GPtrArray *
list_vague (const GPtrArray *required)
{
  GPtrArray *vague = g_ptr_array_new ();

  for (guint i = 0; i < required->len; i++)
    {
      const Requirement *one = required->pdata[i];

      if (one->words->len != 1 || one->or_unset)
        g_ptr_array_add (vague, (gpointer) one->rest);
    }
  return vague;
}

static void
note_situation (ValiseSchemaNode *node, const Given *given)
{
  ValiseKnobSituation *situation = _valise_knob_situation_new ();
  gsize length = strlen (node->path);

  for (; given != NULL; given = given->outer)
    {
      /* That a knob is itself, or has what is inside it, is no condition. */
      gboolean inside = g_str_has_prefix (given->path, node->path)
                        && (given->path[length] == '\0' || given->path[length] == '/');

      if (!inside)
        _valise_knob_situation_require (situation, given->path, given->requirement->words,
                                        given->requirement->or_unset);
    }
  _valise_knob_situations_add (node->situations, situation);
}

static void
walk_attribute (ValiseSchemaTree *self, const ValisePattern *pattern, const Place *place)
{
  for (guint i = 0; i < pattern->names->len; i++)
    {
      g_autofree char *name = g_strconcat ("@", pattern->names->pdata[i], NULL);
      ValiseSchemaNode *node =
          ensure_child (self, place->node, g_string_chunk_insert_const (self->strings, name));
      Place inner = *place;

      note_situation (node, place->given);
      inner.node = node;
      inner.kind = 0;
      inner.references = NULL;
      inner.depth++;
      walk_parts (self, pattern, &inner);
    }
}

static void
walk_content (ValiseSchemaTree *self, const ValisePattern *pattern, const Place *place, ValiseSchemaNode *node)
{
  const ValisePattern *content = pattern->parts->pdata[0];
  const Around around = { place->elements, pattern, node };
  const GPtrArray *required = list_required (self, content, 0);
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

  if (self->steps >= MOST_STEPS || place->depth >= DEEPEST)
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

/* --- afterwards --- */

/* That a knob has one of all the words that it can have is no condition. */
static gboolean
says_nothing (GHashTable *by_path, const ValiseKnobCondition *condition)
{
  const ValiseSchemaNode *node = g_hash_table_lookup (by_path, condition->path);

  return node != NULL && !node->text && node->data->len == 0 && same_words (node->words, condition->words);
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

/* Alternatives that lose a condition may become one, which may lose another. Where one asks for nothing there are none. */
static void
tidy_situations (GHashTable *by_path, ValiseSchemaNode *node)
{
  gboolean changed = TRUE;

  while (changed)
    {
      g_autoptr (GPtrArray) all = node->situations;

      changed = FALSE;
      node->situations = g_ptr_array_new_with_free_func ((GDestroyNotify) _valise_knob_situation_free);
      for (guint i = 0; i < all->len; i++)
        _valise_knob_situations_add (node->situations, tidy_situation (by_path, all->pdata[i], &changed));
    }
  if (node->situations->len == 1
      && ((const ValiseKnobSituation *) node->situations->pdata[0])->conditions->len == 0)
    g_ptr_array_set_size (node->situations, 0);
}

static void
tidy_nodes (ValiseSchemaTree *self)
{
  /* Paths come from one store: equal ones are the same pointer. */
  g_autoptr (GHashTable) by_path = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < self->nodes->len; i++)
    {
      ValiseSchemaNode *node = self->nodes->pdata[i];

      g_hash_table_insert (by_path, (gpointer) node->path, node);
    }
  for (guint i = 0; i < self->nodes->len; i++)
    tidy_situations (by_path, self->nodes->pdata[i]);
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
  self->required = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_ptr_array_unref);
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
  tidy_nodes (self);
  g_hash_table_remove_all (self->required);
  return g_steal_pointer (&self);
}

void
_valise_schema_tree_free (ValiseSchemaTree *self)
{
  g_ptr_array_unref (self->nodes);
  g_hash_table_unref (self->required);
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
