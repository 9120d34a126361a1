/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/valise-xml.h"

#include "base/valise-size.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define LONGEST ((gsize) VALISE_MIB)
#define DEEPEST 64
#define OPTIONS (XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_BIG_LINES)

/* What made us stop the parser; lives in ctxt->_private. */
typedef struct
{
  gboolean doctype;
  gboolean too_deep;
} Verdict;

/* Its name changed with the layout of its structures. */
ValiseLate valise_libxml2 = { .file = LIBXML_VERSION >= 21400 ? "libxml2.so.16" : "libxml2.so.2" };

G_DEFINE_QUARK (valise_xml_error_quark, valise_xml_error)

static void
on_doctype_cb (void *context, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
  xmlParserCtxt *parser = context;

  /* Stopping here, before the subset is read, means that no entity is ever declared, let alone expanded. */
  ((Verdict *) parser->_private)->doctype = TRUE;
  xmlStopParser (parser);
}

static void
on_start_element_cb (void *context,
                     const xmlChar *name,
                     const xmlChar *prefix,
                     const xmlChar *uri,
                     int n_namespaces,
                     const xmlChar **namespaces,
                     int n_attributes,
                     int n_defaulted,
                     const xmlChar **attributes)
{
  xmlParserCtxt *parser = context;

  if (parser->nodeNr >= DEEPEST)
    {
      ((Verdict *) parser->_private)->too_deep = TRUE;
      xmlStopParser (parser);
      return;
    }
  xmlSAX2StartElementNs (context, name, prefix, uri, n_namespaces, namespaces, n_attributes, n_defaulted, attributes);
}

static gboolean
set_syntax_error (xmlParserCtxt *parser, const char *name, GError **error)
{
  const xmlError *last = xmlCtxtGetLastError (parser);
  g_autofree char *message = g_strdup (last != NULL && last->message != NULL ? last->message : "");

  /* libxml2 ends its sentences with a line break and only some of them with a full stop. */
  g_strchomp (message);
  if (g_str_has_suffix (message, "."))
    message[strlen (message) - 1] = '\0';
  g_set_error (error, VALISE_XML_ERROR, VALISE_XML_ERROR_SYNTAX,
               _ ("%s is not well-formed XML: line %d, column %d: %s."), name, last != NULL ? last->line : 1,
               last != NULL ? last->int2 : 1, message);
  return FALSE;
}

static gboolean
check_bytes (const char *text, gsize length, gsize most, const char *name, GError **error)
{
  if (length > most)
    {
      g_set_error (error, VALISE_XML_ERROR, VALISE_XML_ERROR_LIMIT, _ ("%s is longer than %u MiB and was not read."),
                   name, (guint) (most / VALISE_MIB));
      return FALSE;
    }
  if (!g_utf8_validate_len (text, length, NULL))
    {
      g_set_error (error, VALISE_XML_ERROR, VALISE_XML_ERROR_FORBIDDEN, _ ("%s is not UTF-8 text. Save it as UTF-8."),
                   name);
      return FALSE;
    }
  return TRUE;
}

static gboolean
encoding_is_utf8 (const xmlDoc *document)
{
  const char *const accepted[] = { "UTF-8", "UTF8", "US-ASCII", "ASCII", NULL };

  if (document->encoding == NULL)
    return TRUE;
  for (gsize i = 0; accepted[i] != NULL; i++)
    if (g_ascii_strcasecmp ((const char *) document->encoding, accepted[i]) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
check_result (xmlParserCtxt *parser, const xmlDoc *document, const char *name, GError **error)
{
  const Verdict *verdict = parser->_private;

  if (verdict->doctype)
    {
      g_set_error (error, VALISE_XML_ERROR, VALISE_XML_ERROR_FORBIDDEN,
                   _ ("%s has a DOCTYPE, which is not allowed. Remove it."), name);
      return FALSE;
    }
  if (verdict->too_deep)
    {
      g_set_error (error, VALISE_XML_ERROR, VALISE_XML_ERROR_LIMIT, _ ("%s is nested deeper than %d elements."), name,
                   DEEPEST);
      return FALSE;
    }
  if (document == NULL || !parser->wellFormed)
    return set_syntax_error (parser, name, error);
  if (!encoding_is_utf8 (document))
    {
      g_set_error (error, VALISE_XML_ERROR, VALISE_XML_ERROR_FORBIDDEN,
                   _ ("%s says that it is written in %s. Save it as UTF-8."), name, (const char *) document->encoding);
      return FALSE;
    }
  return TRUE;
}

xmlDoc *
valise_xml_parse (const char *text, gssize length, const char *name, GError **error)
{
  return valise_xml_parse_up_to (text, length, LONGEST, name, error);
}

xmlDoc *
valise_xml_parse_up_to (const char *text, gssize length, gsize most, const char *name, GError **error)
{
  gsize size;
  Verdict verdict = { FALSE, FALSE };
  g_autoptr (xmlDoc) document = NULL;
  xmlParserCtxt *parser;
  gboolean good;

  g_return_val_if_fail (text != NULL && name != NULL, NULL);
  size = length < 0 ? strlen (text) : (gsize) length;
  if (!check_bytes (text, size, most, name, error))
    return NULL;
  parser = xmlNewParserCtxt ();
  if (parser == NULL)
    g_error ("out of memory");
  parser->_private = &verdict;
  parser->sax->internalSubset = on_doctype_cb;
  parser->sax->startElementNs = on_start_element_cb;
  document = xmlCtxtReadMemory (parser, text, (int) size, NULL, NULL, OPTIONS);
  good = check_result (parser, document, name, error);
  xmlFreeParserCtxt (parser);
  return good ? g_steal_pointer (&document) : NULL;
}

xmlNode *
valise_xml_find_child (xmlNode *parent, const char *name)
{
  for (xmlNode *node = parent != NULL ? parent->children : NULL; node != NULL; node = node->next)
    if (node->type == XML_ELEMENT_NODE && xmlStrEqual (node->name, (const xmlChar *) name))
      return node;
  return NULL;
}
