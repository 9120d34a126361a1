/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-document-private.h"

#include "base/valise-path.h"
#include "base/valise-xml.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define LONGEST (1u << 20)
/* Fifteen times the largest real one that is known: what takes a moment for each pair of siblings still takes a
 * moment. */
#define MOST_ELEMENTS 10000

G_DEFINE_QUARK (valise_document_error_quark, valise_document_error)
G_DEFINE_BOXED_TYPE (ValiseDocument, valise_document, valise_document_ref, valise_document_unref)

/* Lets valise_document_path_of find a node's place in the map. */
static void
number_nodes (xmlNode *node, guint *n)
{
  for (; node != NULL; node = node->next)
    if (node->type == XML_ELEMENT_NODE)
      {
        node->_private = GUINT_TO_POINTER (++*n);
        number_nodes (node->children, n);
      }
}

static gboolean
check_count (const ValiseSourceMap *map, const char *name, GError **error)
{
  if (map->elements->len <= MOST_ELEMENTS)
    return TRUE;
  g_set_error (error, VALISE_XML_ERROR, VALISE_XML_ERROR_LIMIT, _ ("%s has more than %d elements."), name,
               MOST_ELEMENTS);
  return FALSE;
}

/* Reads @text; on error *tree and *map are untouched. */
static gboolean
read_text (const char *text, gsize length, const char *name, xmlDoc **tree, ValiseSourceMap **map, GError **error)
{
  g_autoptr (xmlDoc) parsed = valise_xml_parse (text, (gssize) length, name, error);
  g_autoptr (ValiseSourceMap) source = NULL;
  xmlNode *root;
  guint n = 0;

  if (parsed == NULL)
    return FALSE;
  root = xmlDocGetRootElement (parsed);
  if (root == NULL || strcmp ((const char *) root->name, "domain") != 0 || root->ns != NULL)
    {
      g_set_error (error, VALISE_DOCUMENT_ERROR, VALISE_DOCUMENT_ERROR_NOT_A_DOMAIN,
                   _ ("%s does not describe a virtual machine: it begins with <%s> instead of <domain>."), name,
                   root != NULL ? (const char *) root->name : "");
      return FALSE;
    }
  source = _valise_source_map_new (text, length);
  if (source == NULL)
    {
      g_set_error (error, VALISE_XML_ERROR, VALISE_XML_ERROR_SYNTAX,
                   _ ("%s has an element or attribute whose name has a colon in the wrong place."), name);
      return FALSE;
    }
  number_nodes (root, &n);
  if (!check_count (source, name, error))
    return FALSE;
  *tree = g_steal_pointer (&parsed);
  *map = g_steal_pointer (&source);
  return TRUE;
}

/* Takes @text, which the map and the tree (nullable) were made from. */
static void
take_text (ValiseDocument *self, char *text, gsize length, ValiseSourceMap *map, xmlDoc *tree)
{
  g_free (self->text);
  self->text = text;
  self->length = length;
  _valise_source_map_free (self->map);
  self->map = map;
  g_clear_pointer (&self->tree, xmlFreeDoc);
  self->tree = tree;
}

static gboolean
fail_with_length (ValiseDocument *self, GError **error)
{
  g_set_error (error, VALISE_XML_ERROR, VALISE_XML_ERROR_LIMIT, _ ("%s would become longer than 1 MiB."), self->name);
  return FALSE;
}

gboolean
_valise_document_splice (ValiseDocument *self, gsize start, gsize end, const char *bytes, GError **error)
{
  gsize added = strlen (bytes);
  gsize length = self->length - (end - start) + added;
  g_autofree char *text = NULL;
  g_autoptr (ValiseSourceMap) map = NULL;

  g_assert (start <= end && end <= self->length);
  if (length > LONGEST)
    return fail_with_length (self, error);
  text = g_malloc (length + 1);
  memcpy (text, self->text, start);
  memcpy (text + start, bytes, added);
  memcpy (text + start + added, self->text + end, self->length - end);
  text[length] = '\0';
  map = _valise_source_map_new (text, length);
  g_return_val_if_fail (map != NULL, FALSE);
  if (!check_count (map, self->name, error))
    return FALSE;
  take_text (self, g_steal_pointer (&text), length, g_steal_pointer (&map), NULL);
  return TRUE;
}

void
_valise_document_restore (ValiseDocument *self, const char *text, gsize length)
{
  g_autofree char *now = g_steal_pointer (&self->text);

  _valise_source_map_free (self->map);
  g_clear_pointer (&self->tree, xmlFreeDoc);
  self->text = g_memdup2 (text, length + 1);
  self->length = length;
  self->map = _valise_source_map_new (self->text, length);
}

gboolean
_valise_document_fail (int code, const char *format, const char *path, GError **error)
{
  g_autofree char *shown = valise_text_for_display (path, 200);
  GString *message = g_string_new (format);

  g_string_replace (message, "%s", shown, 1);
  g_set_error_literal (error, VALISE_DOCUMENT_ERROR, code, message->str);
  g_string_free (message, TRUE);
  return FALSE;
}

gboolean
_valise_document_fail_with_path (const char *path, GError **error)
{
  return _valise_document_fail (VALISE_DOCUMENT_ERROR_PATH,
                                _ ("“%s” is not a setting. Write it like devices/disk[1]/driver/@cache."), path, error);
}

ValiseDocument *
valise_document_new (const char *text, gssize length, const char *name, GError **error)
{
  g_autoptr (ValiseDocument) self = NULL;

  g_return_val_if_fail (text != NULL && name != NULL, NULL);
  self = g_new0 (ValiseDocument, 1);
  g_atomic_ref_count_init (&self->references);
  self->name = g_strdup (name);
  if (!valise_document_set_text (self, text, length, error))
    return NULL;
  return g_steal_pointer (&self);
}

ValiseDocument *
valise_document_copy (ValiseDocument *self)
{
  ValiseDocument *copy;

  g_return_val_if_fail (self != NULL, NULL);
  copy = g_new0 (ValiseDocument, 1);
  g_atomic_ref_count_init (&copy->references);
  copy->name = g_strdup (self->name);
  copy->text = g_memdup2 (self->text, self->length + 1);
  copy->length = self->length;
  copy->map = _valise_source_map_new (copy->text, copy->length);
  return copy;
}

ValiseDocument *
valise_document_ref (ValiseDocument *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
valise_document_unref (ValiseDocument *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->references))
    return;
  _valise_source_map_free (self->map);
  g_clear_pointer (&self->tree, xmlFreeDoc);
  g_free (self->text);
  g_free (self->name);
  g_free (self);
}

const char *
valise_document_get_text (ValiseDocument *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->text;
}

gsize
valise_document_get_length (ValiseDocument *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->length;
}

xmlDoc *
valise_document_get_tree (ValiseDocument *self)
{
  guint n = 0;

  g_return_val_if_fail (self != NULL, NULL);
  if (self->tree != NULL)
    return self->tree;
  self->tree = valise_xml_parse (self->text, (gssize) self->length, self->name, NULL);
  g_return_val_if_fail (self->tree != NULL, NULL);
  number_nodes (xmlDocGetRootElement (self->tree), &n);
  return self->tree;
}

gboolean
valise_document_set_text (ValiseDocument *self, const char *text, gssize length, GError **error)
{
  g_autofree char *copy = NULL;
  gsize size;
  ValiseSourceMap *map;
  xmlDoc *tree;

  g_return_val_if_fail (self != NULL && text != NULL, FALSE);
  size = length < 0 ? strlen (text) : (gsize) length;
  /* More is refused by the parser; no need to copy it. */
  size = MIN (size, (gsize) LONGEST + 1);
  copy = g_malloc (size + 1);
  memcpy (copy, text, size);
  copy[size] = '\0';
  if (!read_text (copy, size, self->name, &tree, &map, error))
    return FALSE;
  take_text (self, g_steal_pointer (&copy), size, map, tree);
  return TRUE;
}

char *
valise_document_get (ValiseDocument *self, const char *path)
{
  ValisePlace place;

  g_return_val_if_fail (self != NULL && path != NULL, NULL);
  if (_valise_document_resolve (self, path, &place) != VALISE_PLACE_FOUND)
    return NULL;
  return _valise_document_value_at (self, &place);
}

char *
valise_document_get_device (ValiseDocument *self, const char *device, guint number, const char *rest)
{
  g_autofree char *path = g_strdup_printf ("devices/%s[%u]/%s", device, number, rest);

  return valise_document_get (self, path);
}

gboolean
valise_document_has (ValiseDocument *self, const char *path)
{
  ValisePlace place;

  g_return_val_if_fail (self != NULL && path != NULL, FALSE);
  return _valise_document_resolve (self, path, &place) == VALISE_PLACE_FOUND;
}

guint
valise_document_count (ValiseDocument *self, const char *path)
{
  g_autofree char *indexed = NULL;
  ValisePlace place;
  ValisePlaceResult result;

  g_return_val_if_fail (self != NULL && path != NULL, 0);
  /* One more than there can be: the walk ends at the missing one and has counted the others. */
  indexed = g_strdup_printf ("%s[%d]", path, G_MAXINT);
  result = _valise_document_resolve (self, indexed, &place);
  if (result == VALISE_PLACE_ABSENT && *place.rest == '\0')
    return place.n_matching;
  /* An attribute, or a path that names one element. */
  return valise_document_has (self, path) ? 1 : 0;
}

char *
valise_document_get_fragment (ValiseDocument *self, const char *path)
{
  const ValiseSourceElement *element;
  ValisePlace place;

  g_return_val_if_fail (self != NULL && path != NULL, NULL);
  if (_valise_document_resolve (self, path, &place) != VALISE_PLACE_FOUND || place.attribute != VALISE_SOURCE_NONE)
    return NULL;
  element = _valise_source_element (self->map, place.element);
  return g_strndup (self->text + element->start, element->end - element->start);
}
