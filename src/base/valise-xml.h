/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "base/valise-libxml2.h"

G_BEGIN_DECLS

#define VALISE_XML_ERROR (valise_xml_error_quark ())
GQuark valise_xml_error_quark (void);
typedef enum
{
  VALISE_XML_ERROR_SYNTAX,    /* not well-formed; the message holds name, line and column */
  VALISE_XML_ERROR_FORBIDDEN, /* a DOCTYPE, an entity declaration, or not UTF-8 */
  VALISE_XML_ERROR_LIMIT, /* longer than allowed, which is 1 MiB for valise_xml_parse(), or deeper than 64 elements */
} ValiseXmlError;

/**
 * valise_xml_parse:
 * @text: the bytes; need not end with a NUL
 * @length: number of bytes, or -1 if NUL-terminated
 * @name: what to call it in errors (a file name)
 *
 * The only way XML gets into Valise: no network, no DTD, no entities, bounded size and depth.
 * Line numbers are kept. Safe for bytes from a stranger.
 *
 * Returns: (transfer full): a tree, or %NULL with a #ValiseXmlError
 */
xmlDoc *valise_xml_parse (const char *text, gssize length, const char *name, GError **error);
/* The same with another bound than 1 MiB. @most: whole MiB, in bytes */
xmlDoc *valise_xml_parse_up_to (const char *text, gssize length, gsize most, const char *name, GError **error);

/* Its first child of that name, whatever the namespace; %NULL where there is none, or no @parent (nullable). */
xmlNode *valise_xml_find_child (xmlNode *parent, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (xmlDoc, xmlFreeDoc)
typedef xmlChar ValiseXmlChar;
static inline void
valise_xml_char_free (ValiseXmlChar *text)
{
  xmlFree (text);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseXmlChar, valise_xml_char_free)

G_END_DECLS
