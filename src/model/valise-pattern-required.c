/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-pattern-required-private.h"

/* Patterns inside each other. */
#define DEEPEST 512

struct _ValiseRequirements
{
  GStringChunk *strings;
  GHashTable *known; /* pattern -> array of ValiseRequirement */
};

static void
add_unique (GPtrArray *array, gconstpointer pointer)
{
  if (!g_ptr_array_find (array, pointer, NULL))
    g_ptr_array_add (array, (gpointer) pointer);
}

static void
requirement_free (gpointer data)
{
  ValiseRequirement *self = data;

  g_ptr_array_unref (self->words);
  g_free (self);
}

static ValiseRequirement *
requirement_new (const char *rest, GPtrArray *words, gboolean or_unset)
{
  ValiseRequirement *self = g_new0 (ValiseRequirement, 1);

  self->rest = rest;
  self->words = g_ptr_array_copy (words, NULL, NULL);
  self->or_unset = or_unset;
  return self;
}

/* Adds the words that @pattern stands for; %FALSE when it stands for more than words. Attributes and elements in it do
 * not count. */
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

static const GPtrArray *list_required (ValiseRequirements *self, const ValisePattern *pattern, guint depth);

static void
require_words (ValiseRequirements *self, const ValisePattern *pattern, const char *rest, GPtrArray *required)
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
require_attribute (ValiseRequirements *self, const ValisePattern *pattern, GPtrArray *required)
{
  g_autofree char *rest = g_strconcat ("@", pattern->names->pdata[0], NULL);

  require_words (self, pattern, g_string_chunk_insert_const (self->strings, rest), required);
}

/* An element's own text and attributes; what stands deeper tells too little. */
static void
require_element (ValiseRequirements *self, const ValisePattern *pattern, GPtrArray *required, guint depth)
{
  const char *name = pattern->names->pdata[0];
  const GPtrArray *within = list_required (self, pattern->parts->pdata[0], depth);

  require_words (self, pattern, g_string_chunk_insert_const (self->strings, name), required);
  for (guint i = 0; i < within->len; i++)
    {
      const ValiseRequirement *inner = within->pdata[i];

      if (inner->rest[0] == '@' && !inner->or_unset)
        g_ptr_array_add (required,
                         requirement_new (_valise_schema_join (self->strings, name, inner->rest), inner->words, FALSE));
    }
}

static const ValiseRequirement *
find_requirement (const GPtrArray *required, const char *rest)
{
  for (guint i = 0; i < required->len; i++)
    if (((const ValiseRequirement *) required->pdata[i])->rest == rest)
      return required->pdata[i];
  return NULL;
}

static void
add_all (GPtrArray *required, const GPtrArray *more, gboolean optional)
{
  for (guint i = 0; i < more->len; i++)
    {
      const ValiseRequirement *one = more->pdata[i];

      if (!optional || one->rest[0] == '@')
        g_ptr_array_add (required, requirement_new (one->rest, one->words, optional || one->or_unset));
    }
}

/* Of a choice that holds which each of its branches asks for, with the words of all. */
static void
require_common (ValiseRequirements *self, const ValisePattern *pattern, GPtrArray *required, guint depth)
{
  const GPtrArray *first = pattern->parts->len > 0 ? list_required (self, pattern->parts->pdata[0], depth) : NULL;

  for (guint i = 0; first != NULL && i < first->len; i++)
    {
      const ValiseRequirement *one = first->pdata[i];
      ValiseRequirement *common = requirement_new (one->rest, one->words, one->or_unset);
      gboolean in_all = TRUE;

      for (guint branch = 1; in_all && branch < pattern->parts->len; branch++)
        {
          const ValiseRequirement *also =
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
collect_required (ValiseRequirements *self, const ValisePattern *pattern, GPtrArray *required, guint depth)
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
list_required (ValiseRequirements *self, const ValisePattern *pattern, guint depth)
{
  GPtrArray *required = g_hash_table_lookup (self->known, pattern);

  if (required != NULL)
    return required;
  required = g_ptr_array_new_with_free_func (requirement_free);
  g_hash_table_insert (self->known, (gpointer) pattern, required);
  if (depth < DEEPEST)
    collect_required (self, pattern, required, depth + 1);
  return required;
}

/* --- public --- */

ValiseRequirements *
_valise_requirements_new (GStringChunk *strings)
{
  ValiseRequirements *self = g_new0 (ValiseRequirements, 1);

  self->strings = strings;
  self->known = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_ptr_array_unref);
  return self;
}

void
_valise_requirements_free (ValiseRequirements *self)
{
  g_hash_table_unref (self->known);
  g_free (self);
}

const GPtrArray *
_valise_requirements_list (ValiseRequirements *self, const ValisePattern *pattern)
{
  return list_required (self, pattern, 0);
}

GPtrArray *
_valise_requirements_list_common (ValiseRequirements *self, const ValisePattern *choice)
{
  GPtrArray *common = g_ptr_array_new ();
  const GPtrArray *first = choice->parts->len > 0 ? list_required (self, choice->parts->pdata[0], 0) : NULL;

  for (guint i = 0; first != NULL && i < first->len; i++)
    {
      const ValiseRequirement *one = first->pdata[i];
      gboolean in_all = TRUE;

      for (guint branch = 1; in_all && branch < choice->parts->len; branch++)
        {
          const ValiseRequirement *also =
              find_requirement (list_required (self, choice->parts->pdata[branch], 0), one->rest);

          in_all = also != NULL && also->or_unset == one->or_unset
                   && _valise_requirement_same_words (one->words, also->words);
        }
      if (in_all)
        g_ptr_array_add (common, (gpointer) one->rest);
    }
  return common;
}

gboolean
_valise_requirement_same_words (const GPtrArray *a, const GPtrArray *b)
{
  if (a->len != b->len)
    return FALSE;
  for (guint i = 0; i < a->len; i++)
    if (!g_ptr_array_find ((GPtrArray *) b, a->pdata[i], NULL))
      return FALSE;
  return TRUE;
}

const char *
_valise_schema_join (GStringChunk *strings, const char *path, const char *rest)
{
  g_autofree char *joined = *path != '\0' ? g_strconcat (path, "/", rest, NULL) : NULL;

  return g_string_chunk_insert_const (strings, joined != NULL ? joined : rest);
}
