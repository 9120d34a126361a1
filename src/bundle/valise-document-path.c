/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-document-private.h"

#include <string.h>

/* --- reading a knob path --- */

static gsize
name_span (const char *text)
{
  return strcspn (text, "/[]@='\"<>&! \t\r\n");
}

/* What XML lets a name be, as far as ASCII goes: "." and "*" are none. */
static gboolean
is_name (const char *text, gsize length)
{
  if (length == 0 || strchr (".-0123456789", text[0]) != NULL)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if ((guchar) text[i] < 0x80 && !g_ascii_isalnum (text[i]) && strchr ("_-.", text[i]) == NULL)
      return FALSE;
  return TRUE;
}

static gboolean
read_name (const char **cursor, ValiseKnobStep *step)
{
  /* ":valise:x" is x under whatever the document itself calls "valise", should that not be ours. */
  gboolean as_written = **cursor == ':';
  gsize length;
  const char *colon;

  if (as_written)
    (*cursor)++;
  length = name_span (*cursor);
  colon = memchr (*cursor, ':', length);
  step->prefix = *cursor;
  step->prefix_length = colon != NULL ? (gsize) (colon - *cursor) : 0;
  step->name = colon != NULL ? colon + 1 : *cursor;
  step->name_length = length - (gsize) (step->name - *cursor);
  if (as_written)
    step->ns = VALISE_SOURCE_NS_OTHER;
  else if (colon != NULL)
    step->ns = _valise_source_ns_of_prefix (step->prefix, step->prefix_length);
  *cursor += length;
  return is_name (step->name, step->name_length)
         && (colon == NULL ? !as_written : is_name (step->prefix, step->prefix_length));
}

static gboolean
read_index (const char **cursor, ValiseKnobStep *step)
{
  guint64 index = 0;

  for (; g_ascii_isdigit (**cursor); (*cursor)++)
    index = MIN (index * 10 + (guint64) (**cursor - '0'), G_MAXINT);
  if (index == 0 || step->index != 0 || *(*cursor)++ != ']')
    return FALSE;
  step->index = (guint) index;
  return TRUE;
}

static gboolean
read_predicate (const char **cursor, ValiseKnobStep *step)
{
  ValiseKnobPredicate *predicate;
  const char *quote, *end;

  if (step->n_predicates == VALISE_KNOB_PREDICATES)
    return FALSE;
  predicate = &step->predicates[step->n_predicates++];
  predicate->path = *cursor;
  predicate->path_length = strcspn (*cursor, "=[]'\"");
  quote = *cursor + predicate->path_length + 1;
  if (predicate->path_length == 0 || quote[-1] != '=' || (*quote != '\'' && *quote != '"'))
    return FALSE;
  predicate->value = quote + 1;
  end = strchr (quote + 1, *quote);
  if (end == NULL || end[1] != ']')
    return FALSE;
  predicate->value_length = (gsize) (end - predicate->value);
  *cursor = end + 2;
  return TRUE;
}

/* Reads one step; FALSE when there is none there. Moves *cursor past it and the "/" behind it. */
static gboolean
read_step (const char **cursor, ValiseKnobStep *step)
{
  memset (step, 0, sizeof *step);
  if (**cursor == '@')
    {
      step->attribute = TRUE;
      (*cursor)++;
      return read_name (cursor, step) && **cursor == '\0';
    }
  if (!read_name (cursor, step))
    return FALSE;
  while (**cursor == '[')
    {
      (*cursor)++;
      if (!(g_ascii_isdigit (**cursor) ? read_index (cursor, step) : read_predicate (cursor, step)))
        return FALSE;
    }
  if (**cursor == '\0')
    return TRUE;
  return *(*cursor)++ == '/' && **cursor != '\0';
}

/* --- following it --- */

static gboolean
same (const char *a, gsize a_length, const char *b, gsize b_length)
{
  return a_length == b_length && memcmp (a, b, a_length) == 0;
}

/* Our prefixes stand for their namespace, whatever the document calls it; all other names are taken as they are
 * written. */
static gboolean
element_matches (const ValiseSourceMap *map, const ValiseSourceElement *element, const ValiseKnobStep *step)
{
  if (_valise_source_ns_is_known (step->ns) || _valise_source_ns_is_known (element->ns))
    return step->ns == element->ns
           && same (map->text + element->local, element->name_end - element->local, step->name, step->name_length);
  return same (map->text + element->name, element->name_end - element->name,
               step->prefix_length > 0 ? step->prefix : step->name,
               step->prefix_length > 0 ? step->prefix_length + 1 + step->name_length : step->name_length);
}

static gboolean
attribute_matches (const ValiseSourceMap *map, guint element, guint attribute, const ValiseKnobStep *step)
{
  const ValiseSourceAttribute *found = _valise_source_attribute (map, attribute);
  const char *name = map->text + found->name;
  gsize length = found->name_end - found->name;
  const char *colon;

  if (!_valise_source_ns_is_known (step->ns))
    return same (name, length, step->prefix_length > 0 ? step->prefix : step->name,
                 step->prefix_length > 0 ? step->prefix_length + 1 + step->name_length : step->name_length);
  colon = memchr (name, ':', length);
  return colon != NULL && same (colon + 1, (gsize) (name + length - colon) - 1, step->name, step->name_length)
         && _valise_source_lookup (map, element, name, (gsize) (colon - name)) == step->ns;
}

static gboolean
prefix_is_taken (ValiseSourceNs ns, const char *name, gsize length)
{
  const char *colon = memchr (name, ':', length);

  return !_valise_source_ns_is_known (ns) && colon != NULL
         && _valise_source_ns_is_known (_valise_source_ns_of_prefix (name, (gsize) (colon - name)));
}

static guint
find_attribute (const ValiseSourceMap *map, guint element, const ValiseKnobStep *step)
{
  const ValiseSourceElement *found = _valise_source_element (map, element);

  for (guint i = 0; i < found->n_attributes; i++)
    if (attribute_matches (map, element, found->first_attribute + i, step))
      return found->first_attribute + i;
  return VALISE_SOURCE_NONE;
}

static gboolean predicates_hold (const ValiseSourceMap *map, guint element, const ValiseKnobStep *step);

static guint
find_child (const ValiseSourceMap *map, guint parent, const ValiseKnobStep *step, guint *n_matching)
{
  guint wanted = MAX (step->index, 1), n = 0;
  guint child = _valise_source_element (map, parent)->first_child;

  for (; child != VALISE_SOURCE_NONE; child = _valise_source_element (map, child)->next)
    if (element_matches (map, _valise_source_element (map, child), step) && predicates_hold (map, child, step)
        && ++n == wanted)
      break;
  if (n_matching != NULL)
    *n_matching = n;
  return child;
}

static gboolean
predicate_holds (const ValiseSourceMap *map, guint element, const ValiseKnobPredicate *predicate)
{
  g_autofree char *path = g_strndup (predicate->path, predicate->path_length);
  const char *cursor = path;
  g_autofree char *text = NULL;

  do
    {
      ValiseKnobStep step;

      if (!read_step (&cursor, &step))
        return FALSE;
      if (step.attribute)
        {
          guint attribute = find_attribute (map, element, &step);

          return attribute != VALISE_SOURCE_NONE
                 && _valise_source_attribute_equals (map, attribute, predicate->value, predicate->value_length);
        }
      element = find_child (map, element, &step, NULL);
    }
  while (*cursor != '\0' && element != VALISE_SOURCE_NONE);
  if (element == VALISE_SOURCE_NONE)
    return FALSE;
  text = _valise_source_element_text (map, element);
  return same (text, strlen (text), predicate->value, predicate->value_length);
}

static gboolean
predicates_hold (const ValiseSourceMap *map, guint element, const ValiseKnobStep *step)
{
  for (guint i = 0; i < step->n_predicates; i++)
    if (!predicate_holds (map, element, &step->predicates[i]))
      return FALSE;
  return TRUE;
}

/* The rest of a path that leads nowhere must still be one. */
static gboolean
rest_is_path (const char *rest)
{
  ValiseKnobStep step;

  while (*rest != '\0')
    if (!read_step (&rest, &step))
      return FALSE;
  return TRUE;
}

ValisePlaceResult
_valise_document_resolve (ValiseDocument *self, const char *path, ValisePlace *place)
{
  return _valise_document_resolve_below (self, 0, path != NULL ? path : "", place);
}

char *
_valise_document_value_at (ValiseDocument *self, const ValisePlace *place)
{
  if (place->attribute != VALISE_SOURCE_NONE)
    return _valise_source_attribute_value (self->map, place->attribute);
  return _valise_source_element_text (self->map, place->element);
}

ValisePlaceResult
_valise_document_resolve_below (ValiseDocument *self, guint element, const char *path, ValisePlace *place)
{
  const char *cursor = path;

  place->element = element;
  place->attribute = VALISE_SOURCE_NONE;
  while (*cursor != '\0')
    {
      ValiseKnobStep *step = &place->missing;
      guint child;

      if (!read_step (&cursor, step))
        return VALISE_PLACE_BAD;
      place->rest = cursor;
      if (step->attribute)
        {
          place->attribute = find_attribute (self->map, place->element, step);
          return place->attribute != VALISE_SOURCE_NONE ? VALISE_PLACE_FOUND : VALISE_PLACE_ABSENT;
        }
      child = find_child (self->map, place->element, step, &place->n_matching);
      if (child == VALISE_SOURCE_NONE)
        return rest_is_path (cursor) ? VALISE_PLACE_ABSENT : VALISE_PLACE_BAD;
      place->element = child;
    }
  return VALISE_PLACE_FOUND;
}

/* --- and back --- */

static gboolean
same_kind (const ValiseSourceMap *map, const ValiseSourceElement *a, const ValiseSourceElement *b)
{
  if (_valise_source_ns_is_known (a->ns) || _valise_source_ns_is_known (b->ns))
    return a->ns == b->ns
           && same (map->text + a->local, a->name_end - a->local, map->text + b->local, b->name_end - b->local);
  return same (map->text + a->name, a->name_end - a->name, map->text + b->name, b->name_end - b->name);
}

/* Its place among its like, from 1; 0 when it is the only one. */
static guint
index_of (const ValiseSourceMap *map, guint element)
{
  const ValiseSourceElement *self = _valise_source_element (map, element);
  guint n = 0, place = 0;
  guint other = _valise_source_element (map, self->parent)->first_child;

  for (; other != VALISE_SOURCE_NONE; other = _valise_source_element (map, other)->next)
    if (same_kind (map, self, _valise_source_element (map, other)))
      {
        n++;
        if (other == element)
          place = n;
      }
  return n > 1 ? place : 0;
}

static void
append_element_path (const ValiseSourceMap *map, guint element, GString *path)
{
  const ValiseSourceElement *self = _valise_source_element (map, element);
  guint index;

  if (self->parent == VALISE_SOURCE_NONE)
    return;
  append_element_path (map, self->parent, path);
  if (path->len > 0)
    g_string_append_c (path, '/');
  if (_valise_source_ns_is_known (self->ns))
    g_string_append_printf (path, "%s:%.*s", _valise_source_ns_prefix (self->ns), (int) (self->name_end - self->local),
                            map->text + self->local);
  else
    {
      if (prefix_is_taken (self->ns, map->text + self->name, self->name_end - self->name))
        g_string_append_c (path, ':');
      g_string_append_len (path, map->text + self->name, (gssize) (self->name_end - self->name));
    }
  index = index_of (map, element);
  if (index > 0)
    g_string_append_printf (path, "[%u]", index);
}

char *
_valise_document_element_path (ValiseDocument *self, guint element)
{
  GString *path = g_string_new (NULL);

  append_element_path (self->map, element, path);
  return g_string_free (path, FALSE);
}

/* The name of an attribute as a step of a knob path. */
static char *
attribute_step (ValiseDocument *self, guint element, const char *name, gsize length)
{
  const char *colon = memchr (name, ':', length);
  ValiseSourceNs ns = VALISE_SOURCE_NS_NONE;

  if (colon != NULL)
    ns = _valise_source_lookup (self->map, element, name, (gsize) (colon - name));
  if (_valise_source_ns_is_known (ns))
    return g_strdup_printf ("@%s:%.*s", _valise_source_ns_prefix (ns), (int) (name + length - colon) - 1, colon + 1);
  return g_strdup_printf ("@%s%.*s", prefix_is_taken (ns, name, length) ? ":" : "", (int) length, name);
}

char *
_valise_document_attribute_path (ValiseDocument *self, guint element, guint attribute)
{
  const ValiseSourceAttribute *found = _valise_source_attribute (self->map, attribute);
  g_autofree char *path = _valise_document_element_path (self, element);
  g_autofree char *step = attribute_step (self, element, self->text + found->name, found->name_end - found->name);

  return g_strconcat (path, *path != '\0' ? "/" : "", step, NULL);
}

static guint
number_of (ValiseDocument *self, xmlNode *node)
{
  guint element = GPOINTER_TO_UINT (node->_private) - 1;

  g_return_val_if_fail (node->type == XML_ELEMENT_NODE && element < self->map->elements->len, 0);
  return element;
}

/* Every element node carries its number in document order, which is that of the map. */
char *
valise_document_path_of (ValiseDocument *self, xmlNode *node)
{
  g_autofree char *name = NULL, *path = NULL, *step = NULL;

  g_return_val_if_fail (self != NULL && node != NULL, NULL);
  if (node->type != XML_ATTRIBUTE_NODE)
    return _valise_document_element_path (self, number_of (self, node));
  name = node->ns != NULL && node->ns->prefix != NULL
             ? g_strdup_printf ("%s:%s", (const char *) node->ns->prefix, (const char *) node->name)
             : g_strdup ((const char *) node->name);
  path = _valise_document_element_path (self, number_of (self, node->parent));
  step = attribute_step (self, number_of (self, node->parent), name, strlen (name));
  return g_strconcat (path, *path != '\0' ? "/" : "", step, NULL);
}

/* --- lines --- */

static guint
line_at (ValiseDocument *self, gsize offset)
{
  guint line = 1;

  for (gsize i = 0; i < offset; i++)
    if (self->text[i] == '\n')
      line++;
  return line;
}

guint
valise_document_line_of (ValiseDocument *self, const char *path)
{
  ValisePlace place;

  g_return_val_if_fail (self != NULL, 0);
  if (_valise_document_resolve (self, path, &place) != VALISE_PLACE_FOUND)
    return 0;
  if (place.attribute != VALISE_SOURCE_NONE)
    return line_at (self, _valise_source_attribute (self->map, place.attribute)->name);
  return line_at (self, _valise_source_element (self->map, place.element)->start);
}
