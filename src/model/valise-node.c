/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/valise-node-private.h"

#include <string.h>

#include "base/valise-xml.h"

gboolean
_valise_node_is (xmlNode *node, const char *name)
{
  return node->type == XML_ELEMENT_NODE && node->ns == NULL && g_str_equal ((const char *) node->name, name);
}

char *
_valise_node_get (xmlNode *node, const char *attribute)
{
  g_autoptr (ValiseXmlChar) value = node != NULL ? xmlGetNoNsProp (node, (const xmlChar *) attribute) : NULL;

  return g_strdup ((const char *) value);
}

gboolean
_valise_node_is_set_to (xmlNode *node, const char *attribute, const char *value)
{
  g_autofree char *actual = _valise_node_get (node, attribute);

  return g_strcmp0 (actual, value) == 0;
}

char *
_valise_node_text (xmlNode *node)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (xmlNode *part = node != NULL ? node->children : NULL; part != NULL; part = part->next)
    if (part->type == XML_TEXT_NODE || part->type == XML_CDATA_SECTION_NODE)
      g_string_append (text, (const char *) part->content);
  return g_strdup (g_strstrip (text->str));
}

xmlNode *
_valise_node_child (xmlNode *parent, const char *name)
{
  for (xmlNode *node = parent != NULL ? parent->children : NULL; node != NULL; node = node->next)
    if (_valise_node_is (node, name))
      return node;
  return NULL;
}

char *
_valise_node_join (const char *parent_path, xmlNode *node)
{
  const char *prefix = node->ns != NULL && node->ns->prefix != NULL ? (const char *) node->ns->prefix : NULL;

  return g_strconcat (parent_path, *parent_path != '\0' ? "/" : "", prefix != NULL ? prefix : "",
                      prefix != NULL ? ":" : "", (const char *) node->name, NULL);
}

/* --- canonical form --- */

static int
compare_attributes (gconstpointer a, gconstpointer b)
{
  const xmlAttr *first = *(const xmlAttr *const *) a;
  const xmlAttr *second = *(const xmlAttr *const *) b;

  return strcmp ((const char *) first->name, (const char *) second->name);
}

static void
append_attribute (GString *text, const char *name, const char *value)
{
  g_autofree char *escaped = g_markup_escape_text (value, -1);

  g_string_append_printf (text, " %s='%s'", name, escaped);
}

static void
append_attributes (GString *text, xmlNode *node)
{
  g_autoptr (GPtrArray) attributes = g_ptr_array_new ();

  for (xmlAttr *attribute = node->properties; attribute != NULL; attribute = attribute->next)
    g_ptr_array_add (attributes, attribute);
  g_ptr_array_sort (attributes, compare_attributes);
  for (guint i = 0; i < attributes->len; i++)
    {
      xmlAttr *attribute = attributes->pdata[i];
      g_autoptr (ValiseXmlChar) value = xmlNodeGetContent ((xmlNode *) attribute);
      const char *prefix = attribute->ns != NULL ? (const char *) attribute->ns->prefix : NULL;
      g_autofree char *name =
          g_strconcat (prefix != NULL ? prefix : "", prefix != NULL ? ":" : "", (const char *) attribute->name, NULL);

      append_attribute (text, name, value != NULL ? (const char *) value : "");
    }
}

static gboolean
is_left_out (xmlNode *node)
{
  xmlNode *device = node->parent;

  return device != NULL && device->parent != NULL && _valise_node_is (device->parent, "devices")
         && (_valise_node_is (node, "address") || _valise_node_is (node, "boot") || _valise_node_is (node, "alias"));
}

static void
append_element (GString *text, xmlNode *node, gboolean with_namespace)
{
  g_autofree char *name = _valise_node_join ("", node);
  g_autofree char *own = _valise_node_text (node);
  g_autofree char *escaped = g_markup_escape_text (own, -1);
  gsize start;

  g_string_append_printf (text, "<%s", name);
  if (node->ns != NULL && with_namespace)
    {
      g_autofree char *declaration =
          g_strconcat ("xmlns", node->ns->prefix != NULL ? ":" : "",
                       node->ns->prefix != NULL ? (const char *) node->ns->prefix : "", NULL);

      append_attribute (text, declaration, (const char *) node->ns->href);
    }
  append_attributes (text, node);
  g_string_append_c (text, '>');
  start = text->len;
  g_string_append (text, escaped);
  for (xmlNode *part = node->children; part != NULL; part = part->next)
    if (part->type == XML_ELEMENT_NODE && !is_left_out (part))
      append_element (text, part, part->ns != node->ns);
  if (text->len > start)
    {
      g_string_append_printf (text, "</%s>", name);
      return;
    }
  g_string_truncate (text, start - 1);
  g_string_append (text, "/>");
}

char *
_valise_node_canonical (xmlNode *node)
{
  GString *text = g_string_new (NULL);

  append_element (text, node, TRUE);
  return g_string_free (text, FALSE);
}

/* --- writing --- */

void
_valise_node_set (xmlNode *node, const char *attribute, const char *value)
{
  xmlSetProp (node, (const xmlChar *) attribute, (const xmlChar *) value);
}

void
_valise_node_set_if_missing (xmlNode *node, const char *attribute, const char *value)
{
  if (xmlHasProp (node, (const xmlChar *) attribute) == NULL)
    _valise_node_set (node, attribute, value);
}

xmlNode *
_valise_node_add (xmlNode *parent, const char *name)
{
  return xmlNewChild (parent, NULL, (const xmlChar *) name, NULL);
}

xmlNode *
_valise_node_add_text (xmlNode *parent, const char *name, const char *text)
{
  return xmlNewTextChild (parent, NULL, (const xmlChar *) name, (const xmlChar *) text);
}

xmlNode *
_valise_node_ensure (xmlNode *parent, const char *name)
{
  xmlNode *node = _valise_node_child (parent, name);

  return node != NULL ? node : _valise_node_add (parent, name);
}

void
_valise_node_remove (xmlNode *node)
{
  if (node == NULL)
    return;
  xmlUnlinkNode (node);
  xmlFreeNode (node);
}

void
_valise_node_prepend (xmlNode *parent, xmlNode *node)
{
  xmlUnlinkNode (node);
  if (parent->children != NULL)
    xmlAddPrevSibling (parent->children, node);
  else
    xmlAddChild (parent, node);
}
