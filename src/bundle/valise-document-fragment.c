/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-document-layout-private.h"

#include "base/valise-xml.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* The bytes of @xml without a declaration and the white space around; *name is that of its element. */
static char *
read_fragment (const char *xml, char **name, GError **error)
{
  g_autoptr (xmlDoc) document = NULL;
  g_autoptr (ValiseSourceMap) map = NULL;
  const ValiseSourceElement *root;
  g_autofree char *fragment = NULL;

  while (*xml != '\0' && g_ascii_isspace (*xml))
    xml++;
  document = valise_xml_parse (xml, -1, _ ("The new element"), error);
  if (document == NULL)
    return NULL;
  if (g_str_has_prefix (xml, "<?xml") && g_ascii_isspace (xml[5]))
    xml = strstr (xml, "?>") + 2;
  fragment = g_strstrip (g_strdup (xml));
  map = _valise_source_map_new (fragment, strlen (fragment));
  if (map == NULL)
    {
      g_set_error (error, VALISE_XML_ERROR, VALISE_XML_ERROR_SYNTAX,
                   _ ("%s has an element or attribute whose name has a colon in the wrong place."),
                   _ ("The new element"));
      return NULL;
    }
  root = _valise_source_element (map, 0);
  *name = g_strndup (fragment + root->name, root->name_end - root->name);
  return g_steal_pointer (&fragment);
}

/* What the prefix of a name in the fragment means, there or around it; NONE when nothing says. */
static ValiseSourceNs
meaning_of (ValiseDocument *self,
            guint parent,
            const ValiseSourceMap *fragment,
            guint element,
            const char *prefix,
            gsize length)
{
  ValiseSourceNs ns = _valise_source_lookup (fragment, element, prefix, length);

  if (ns == VALISE_SOURCE_NS_NONE && parent != VALISE_SOURCE_NONE)
    ns = _valise_source_lookup (self->map, parent, prefix, length);
  return ns;
}

/* Notes in @missing the namespace of a name whose prefix nothing declares; FALSE when it is none of ours. */
static gboolean
check_prefix (ValiseDocument *self,
              guint parent,
              const ValiseSourceMap *fragment,
              guint element,
              const char *name,
              gsize length,
              gboolean *missing,
              GError **error)
{
  const char *colon = memchr (name, ':', length);
  gsize size = colon != NULL ? (gsize) (colon - name) : 0;
  g_autofree char *prefix = g_strndup (name, size);
  ValiseSourceNs ns;

  if (colon == NULL || strcmp (prefix, "xmlns") == 0 || strcmp (prefix, "xml") == 0
      || meaning_of (self, parent, fragment, element, prefix, size) != VALISE_SOURCE_NS_NONE)
    return TRUE;
  ns = _valise_source_ns_of_prefix (prefix, size);
  if (ns != VALISE_SOURCE_NS_OTHER)
    {
      missing[ns] = TRUE;
      return TRUE;
    }
  g_set_error (error, VALISE_XML_ERROR, VALISE_XML_ERROR_SYNTAX,
               _ ("The prefix “%s” of the new element is not declared. Add xmlns:%s to it."), prefix, prefix);
  return FALSE;
}

/* The fragment with the declarations that it needs inside @parent. */
static char *
declare_prefixes (ValiseDocument *self, guint parent, const char *fragment, GError **error)
{
  g_autoptr (ValiseSourceMap) map = _valise_source_map_new (fragment, strlen (fragment));
  gboolean missing[VALISE_SOURCE_NS_OTHER] = { FALSE };
  GString *declared;
  char quote = self->map->quote;

  for (guint i = 0; i < map->elements->len; i++)
    {
      const ValiseSourceElement *element = _valise_source_element (map, i);

      if (!check_prefix (self, parent, map, i, fragment + element->name, element->name_end - element->name, missing,
                         error))
        return NULL;
      for (guint j = element->first_attribute; j < element->first_attribute + element->n_attributes; j++)
        {
          const ValiseSourceAttribute *attribute = _valise_source_attribute (map, j);

          if (!check_prefix (self, parent, map, i, fragment + attribute->name, attribute->name_end - attribute->name,
                             missing, error))
            return NULL;
        }
    }
  declared = g_string_new_len (fragment, (gssize) _valise_source_element (map, 0)->name_end);
  for (int ns = VALISE_SOURCE_NS_VALISE; ns < VALISE_SOURCE_NS_OTHER; ns++)
    if (missing[ns])
      g_string_append_printf (declared, " xmlns:%s=%c%s%c", _valise_source_ns_prefix (ns), quote,
                              _valise_source_ns_uri (ns), quote);
  g_string_append (declared, fragment + _valise_source_element (map, 0)->name_end);
  return g_string_free (declared, FALSE);
}

/* The pieces were well-formed; what they make together must be as well, and not too deep. */
static gboolean
confirm (ValiseDocument *self, const char *before, gsize length, GError **error)
{
  g_autoptr (ValiseDocument) whole = valise_document_new (self->text, (gssize) self->length, self->name, error);

  if (whole == NULL)
    _valise_document_restore (self, before, length);
  return whole != NULL;
}

gboolean
valise_document_add_fragment (ValiseDocument *self, const char *parent, const char *xml, GError **error)
{
  g_autofree char *fragment = NULL, *name = NULL, *before = NULL, *declared = NULL;
  gsize length;
  ValisePlace place;

  g_return_val_if_fail (self != NULL && xml != NULL, FALSE);
  fragment = read_fragment (xml, &name, error);
  if (fragment == NULL)
    return FALSE;
  before = g_memdup2 (self->text, self->length + 1);
  length = self->length;
  if (!valise_document_has (self, parent != NULL ? parent : "") && !valise_document_set (self, parent, "", error))
    return FALSE;
  if (_valise_document_resolve (self, parent, &place) != VALISE_PLACE_FOUND || place.attribute != VALISE_SOURCE_NONE)
    {
      _valise_document_restore (self, before, length);
      return _valise_document_fail_with_path (parent, error);
    }
  declared = declare_prefixes (self, place.element, fragment, error);
  if (declared == NULL || !_valise_document_insert (self, place.element, name, declared, error))
    {
      _valise_document_restore (self, before, length);
      return FALSE;
    }
  return confirm (self, before, length, error);
}
