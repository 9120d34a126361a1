/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  VALISE_XML_PLACE_NOWHERE,   /* in a comment, between an attribute and its value, outside <domain> */
  VALISE_XML_PLACE_TEXT,      /* between tags */
  VALISE_XML_PLACE_ELEMENT,   /* behind "<", or in the name that follows */
  VALISE_XML_PLACE_CLOSING,   /* behind "</" */
  VALISE_XML_PLACE_ATTRIBUTE, /* where an attribute's name may stand */
  VALISE_XML_PLACE_VALUE,     /* between an attribute's quotes */
} ValiseXmlPlaceKind;

/**
 * ValiseXmlPlace:
 * @path: (nullable): the element that is open there, or whose tag it is: "devices/disk[2]/driver", "" is <domain>;
 * %NULL above it
 * @name: (nullable): the last step of @path without its number: "driver"
 * @attribute: (nullable): of a value, whose it is
 * @present: (element-type utf8): names that need not be offered again: the tag's attributes, or the elements in @path
 * @start: byte at which @word begins
 * @word: what stands there already, up to the place
 * @quote: the quotation mark that the tag, or the text before it, uses
 * @around: a document that has what was there before the place and nothing else, for asking what is possible there
 *
 * A place in XML that is still being typed and need not be well-formed.
 */
typedef struct
{
  ValiseXmlPlaceKind kind;
  char *path;
  char *name;
  char *attribute;
  GPtrArray *present;
  gsize start;
  char *word;
  char quote;
  char *around;
} ValiseXmlPlace;

/* @offset: in bytes, at most the text's length. Never %NULL. Time is that of reading over the text once. */
ValiseXmlPlace *valise_xml_place_find (const char *text, gsize offset);
void valise_xml_place_free (ValiseXmlPlace *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseXmlPlace, valise_xml_place_free)

G_END_DECLS
