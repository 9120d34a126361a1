/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-document-layout-private.h"

#include "base/valise-xml.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define DEEPEST 64

static gboolean
check_value (const char *path, const char *value, GError **error)
{
  gboolean good = g_utf8_validate (value, -1, NULL);

  for (const char *p = value; good && *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      good = (c >= 0x20 || c == '\t' || c == '\n' || c == '\r') && c != 0xfffe && c != 0xffff;
    }
  return good
         || _valise_document_fail (VALISE_DOCUMENT_ERROR_VALUE,
                                   _ ("The value for %s holds characters that a text cannot."), path, error);
}

/* --- values --- */

static gboolean
set_attribute_value (ValiseDocument *self, guint attribute, const char *value, GError **error)
{
  const ValiseSourceAttribute *found = _valise_source_attribute (self->map, attribute);
  g_autofree char *encoded = NULL;

  if (_valise_source_attribute_equals (self->map, attribute, value, strlen (value)))
    return TRUE;
  encoded = _valise_source_encode (value, self->text[found->value_end]);
  return _valise_document_splice (self, found->value, found->value_end, encoded, error);
}

static void
append_value (GString *out, const char *value, const ValiseToken *chunk)
{
  g_autofree char *encoded = NULL;

  if (chunk->kind == VALISE_TOKEN_CDATA && strstr (value, "]]>") == NULL && strchr (value, '\r') == NULL)
    {
      g_string_append_printf (out, "<![CDATA[%s]]>", value);
      return;
    }
  encoded = _valise_source_encode (value, '\0');
  g_string_append (out, encoded);
}

/* What stands in the element, with the value for its text: comments and elements stay, and CDATA stays CDATA. */
static char *
content_with (ValiseDocument *self, const ValiseSourceElement *element, const char *value)
{
  GString *out = g_string_new (NULL);
  ValiseToken token = { .end = element->inner };
  gboolean put = *value == '\0';
  guint child = element->first_child;

  while (token.end < element->close && _valise_token_at (self->text, element->close, token.end, &token))
    if (child != VALISE_SOURCE_NONE && token.start == _valise_source_element (self->map, child)->start)
      {
        token.end = _valise_source_element (self->map, child)->end;
        child = _valise_source_element (self->map, child)->next;
        g_string_append_len (out, self->text + token.start, (gssize) (token.end - token.start));
      }
    else if (token.kind != VALISE_TOKEN_TEXT && token.kind != VALISE_TOKEN_CDATA)
      g_string_append_len (out, self->text + token.start, (gssize) (token.end - token.start));
    else if (!put)
      {
        append_value (out, value, &token);
        put = TRUE;
      }
  if (!put)
    append_value (out, value, &(ValiseToken){ .kind = VALISE_TOKEN_TEXT });
  return g_string_free (out, FALSE);
}

static gboolean
set_element_text (ValiseDocument *self, guint index, const char *path, const char *value, GError **error)
{
  const ValiseSourceElement *element = _valise_source_element (self->map, index);
  g_autofree char *before = _valise_source_element_text (self->map, index);
  g_autofree char *content = NULL, *whole = NULL;

  if (strcmp (before, value) == 0)
    return TRUE;
  /* White space among elements is no value, so it cannot be set as one either. */
  if (element->first_child != VALISE_SOURCE_NONE
      && (*before == '\0' || (*value != '\0' && value[strspn (value, " \t\r\n")] == '\0')))
    return _valise_document_fail (VALISE_DOCUMENT_ERROR_VALUE,
                                  _ ("%s has settings in it and takes no text. Set one of those."), path, error);
  content = content_with (self, element, value);
  if (element->empty_tag)
    {
      whole = g_strdup_printf (">%s</%.*s>", content, (int) (element->name_end - element->name),
                               self->text + element->name);
      return _valise_document_splice (self, element->end - 2, element->end, whole, error);
    }
  if (*content == '\0')
    return _valise_document_splice (self, element->inner - 1, element->end, "/>", error);
  return _valise_document_splice (self, element->inner, element->close, content, error);
}

/* --- new names --- */

static gboolean
step_has_valid_names (const ValiseKnobStep *step)
{
  g_autofree char *prefix = g_strndup (step->prefix, step->prefix_length);
  g_autofree char *name = g_strndup (step->name, step->name_length);

  return g_utf8_validate (name, -1, NULL) && g_utf8_validate (prefix, -1, NULL)
         && xmlValidateNCName ((const xmlChar *) name, 0) == 0
         && (step->prefix_length == 0 || xmlValidateNCName ((const xmlChar *) prefix, 0) == 0)
         && !(step->attribute && (strcmp (name, "xmlns") == 0 || strcmp (prefix, "xmlns") == 0));
}

/* A prefix that means @ns inside @element, or NULL. */
static char *
bound_prefix (ValiseDocument *self, guint element, ValiseSourceNs ns)
{
  for (guint at = element; at != VALISE_SOURCE_NONE; at = _valise_source_element (self->map, at)->parent)
    {
      const ValiseSourceElement *found = _valise_source_element (self->map, at);

      for (guint i = 0; i < found->n_attributes; i++)
        {
          const char *prefix;
          gsize length;

          if (_valise_source_declares (self->map, found->first_attribute + i, &prefix, &length) && length > 0
              && _valise_source_lookup (self->map, element, prefix, length) == ns)
            return g_strndup (prefix, length);
        }
    }
  return NULL;
}

static char *
free_prefix (ValiseDocument *self, guint element, ValiseSourceNs ns)
{
  const char *wanted = _valise_source_ns_prefix (ns);
  char *prefix = g_strdup (wanted);

  for (guint n = 1; _valise_source_lookup (self->map, element, prefix, strlen (prefix)) != VALISE_SOURCE_NS_NONE; n++)
    {
      g_free (prefix);
      prefix = g_strdup_printf ("%s%u", wanted, n);
    }
  return prefix;
}

/* How a new element or attribute is called inside @parent; *declaration is what must be declared for it, or "". */
static char *
qualified_name (ValiseDocument *self, guint parent, const ValiseKnobStep *step, char **declaration)
{
  ValiseSourceNs around = _valise_source_element (self->map, parent)->default_ns;
  g_autofree char *prefix = NULL;
  char quote = self->map->quote;

  *declaration = g_strdup ("");
  if (step->ns == VALISE_SOURCE_NS_NONE && !step->attribute && _valise_source_ns_is_known (around))
    {
      g_free (*declaration);
      *declaration = g_strdup_printf (" xmlns=%c%c", quote, quote);
    }
  if (step->ns == VALISE_SOURCE_NS_NONE
      || (!step->attribute && step->ns == around && step->ns != VALISE_SOURCE_NS_OTHER))
    return g_strndup (step->name, step->name_length);
  if (step->ns == VALISE_SOURCE_NS_OTHER)
    return g_strdup_printf ("%.*s:%.*s", (int) step->prefix_length, step->prefix, (int) step->name_length, step->name);
  prefix = bound_prefix (self, parent, step->ns);
  if (prefix == NULL)
    {
      prefix = free_prefix (self, parent, step->ns);
      g_free (*declaration);
      *declaration = g_strdup_printf (" xmlns:%s=%c%s%c", prefix, quote, _valise_source_ns_uri (step->ns), quote);
    }
  return g_strdup_printf ("%s:%.*s", prefix, (int) step->name_length, step->name);
}

static gboolean
check_step (ValiseDocument *self, const ValisePlace *place, const char *path, GError **error)
{
  const ValiseKnobStep *step = &place->missing;

  if (!step_has_valid_names (step)
      || (step->ns == VALISE_SOURCE_NS_OTHER
          && _valise_source_lookup (self->map, place->element, step->prefix, step->prefix_length)
                 == VALISE_SOURCE_NS_NONE))
    return _valise_document_fail_with_path (path, error);
  if (!step->attribute && step->index > place->n_matching + 1)
    return _valise_document_fail (VALISE_DOCUMENT_ERROR_MISSING,
                                  _ ("%s does not exist: there are fewer of them. Add one first."), path, error);
  if (!step->attribute && _valise_source_element (self->map, place->element)->depth >= DEEPEST)
    return _valise_document_fail (VALISE_DOCUMENT_ERROR_PATH, _ ("%s is nested too deeply."), path, error);
  return TRUE;
}

/* --- new attributes and elements --- */

/* The white space between attributes, when they stand on lines of their own. */
static char *
attribute_gap (ValiseDocument *self, const ValiseSourceElement *element)
{
  const ValiseSourceAttribute *last;

  if (element->n_attributes < 2)
    return g_strdup (" ");
  last = _valise_source_attribute (self->map, element->first_attribute + element->n_attributes - 1);
  if (memchr (self->text + last->start, '\n', last->name - last->start) == NULL)
    return g_strdup (" ");
  return g_strndup (self->text + last->start, last->name - last->start);
}

static gboolean
add_attribute (ValiseDocument *self, const ValisePlace *place, const char *value, GError **error)
{
  const ValiseSourceElement *element = _valise_source_element (self->map, place->element);
  g_autofree char *declaration = NULL;
  g_autofree char *name = qualified_name (self, place->element, &place->missing, &declaration);
  g_autofree char *gap = attribute_gap (self, element);
  g_autofree char *encoded = _valise_source_encode (value, self->map->quote);
  g_autofree char *bytes =
      g_strdup_printf ("%s%s%s=%c%s%c", declaration, gap, name, self->map->quote, encoded, self->map->quote);
  gsize end = element->name_end;

  if (element->n_attributes > 0)
    end = _valise_source_attribute (self->map, element->first_attribute + element->n_attributes - 1)->value_end + 1;
  return _valise_document_splice (self, end, end, bytes, error);
}

/* Makes what the predicates of the step ask for true in the new element, the last one of its name below @parent. */
static gboolean
fulfil_predicates (ValiseDocument *self, guint parent, const char *name, const ValiseKnobStep *step, GError **error)
{
  guint child = _valise_source_element (self->map, parent)->first_child, element = VALISE_SOURCE_NONE;
  g_autofree char *base = NULL;

  if (step->n_predicates == 0)
    return TRUE;
  for (; child != VALISE_SOURCE_NONE; child = _valise_source_element (self->map, child)->next)
    {
      const ValiseSourceElement *found = _valise_source_element (self->map, child);

      if (found->name_end - found->name == strlen (name) && memcmp (self->text + found->name, name, strlen (name)) == 0)
        element = child;
    }
  base = _valise_document_element_path (self, element);
  for (guint i = 0; i < step->n_predicates; i++)
    {
      const ValiseKnobPredicate *predicate = &step->predicates[i];
      g_autofree char *path = g_strdup_printf ("%s/%.*s", base, (int) predicate->path_length, predicate->path);
      g_autofree char *value = g_strndup (predicate->value, predicate->value_length);

      if (!valise_document_set (self, path, value, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
add_element (ValiseDocument *self, const ValisePlace *place, GError **error)
{
  g_autofree char *declaration = NULL;
  g_autofree char *name = qualified_name (self, place->element, &place->missing, &declaration);
  g_autofree char *xml = g_strdup_printf ("<%s%s/>", name, declaration);

  return _valise_document_insert (self, place->element, name, xml, error)
         && fulfil_predicates (self, place->element, name, &place->missing, error);
}

/* Makes the missing steps one by one. */
static gboolean
set_missing (ValiseDocument *self, const char *path, const char *value, ValisePlace *place, GError **error)
{
  for (guint i = 0; i <= DEEPEST; i++)
    {
      const char *rest = place->rest;
      ValisePlaceResult result;
      GError *cause = NULL;

      if (!check_step (self, place, path, error))
        return FALSE;
      if (place->missing.attribute)
        return add_attribute (self, place, value, error);
      if (!add_element (self, place, &cause))
        {
          /* Of a predicate; the path as it was asked for is what people know. */
          if (g_error_matches (cause, VALISE_DOCUMENT_ERROR, VALISE_DOCUMENT_ERROR_PATH))
            {
              g_error_free (cause);
              break;
            }
          g_propagate_error (error, cause);
          return FALSE;
        }
      result = _valise_document_resolve (self, path, place);
      if (result == VALISE_PLACE_FOUND && place->attribute != VALISE_SOURCE_NONE)
        return set_attribute_value (self, place->attribute, value, error);
      if (result == VALISE_PLACE_FOUND)
        return set_element_text (self, place->element, path, value, error);
      /* The predicates contradict each other, so that no element can be what the path names. */
      if (result == VALISE_PLACE_BAD || place->rest == rest)
        break;
    }
  return _valise_document_fail_with_path (path, error);
}

gboolean
valise_document_set (ValiseDocument *self, const char *path, const char *value, GError **error)
{
  ValisePlace place;
  g_autofree char *before = NULL;
  gsize length;

  g_return_val_if_fail (self != NULL && path != NULL && value != NULL, FALSE);
  if (!check_value (path, value, error))
    return FALSE;
  switch (_valise_document_resolve (self, path, &place))
    {
    case VALISE_PLACE_FOUND:
      if (place.attribute != VALISE_SOURCE_NONE)
        return set_attribute_value (self, place.attribute, value, error);
      return set_element_text (self, place.element, path, value, error);
    case VALISE_PLACE_ABSENT:
      before = g_memdup2 (self->text, self->length + 1);
      length = self->length;
      if (set_missing (self, path, value, &place, error))
        return TRUE;
      _valise_document_restore (self, before, length);
      return FALSE;
    case VALISE_PLACE_BAD:
    default:
      return _valise_document_fail_with_path (path, error);
    }
}

gboolean
valise_document_unset (ValiseDocument *self, const char *path, GError **error)
{
  const ValiseSourceAttribute *attribute;
  const char *left;
  ValisePlace place;
  gsize start, end;

  g_return_val_if_fail (self != NULL && path != NULL, FALSE);
  switch (_valise_document_resolve (self, path, &place))
    {
    case VALISE_PLACE_FOUND:
      break;
    case VALISE_PLACE_ABSENT:
      return TRUE;
    case VALISE_PLACE_BAD:
    default:
      return _valise_document_fail_with_path (path, error);
    }
  if (place.attribute != VALISE_SOURCE_NONE)
    {
      attribute = _valise_source_attribute (self->map, place.attribute);
      return _valise_document_splice (self, attribute->start, attribute->value_end + 1, "", error);
    }
  if (place.element == 0)
    return _valise_document_fail_with_path (path, error);
  _valise_document_find_removal (self, place.element, &start, &end, &left);
  return _valise_document_splice (self, start, end, left, error);
}
