/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Where each element and attribute of a well-formed text stands, in bytes. This is what lets an edit touch only the
 * bytes concerned. Made only from text that valise_xml_parse has accepted, and bounded all the
 * same. */

#define VALISE_SOURCE_NONE G_MAXUINT

typedef enum
{
  VALISE_TOKEN_TEXT,
  VALISE_TOKEN_CDATA,
  VALISE_TOKEN_COMMENT,
  VALISE_TOKEN_INSTRUCTION,
  VALISE_TOKEN_START,
  VALISE_TOKEN_EMPTY, /* <a/> */
  VALISE_TOKEN_END,
} ValiseTokenKind;

typedef struct
{
  ValiseTokenKind kind;
  gsize start, end;
} ValiseToken;

/* The token that begins at @offset; %FALSE at the end of the text, or when it is no XML. */
gboolean _valise_token_at (const char *text, gsize length, gsize offset, ValiseToken *token);

/* The namespaces that knob paths know by a fixed prefix. */
typedef enum
{
  VALISE_SOURCE_NS_NONE,
  VALISE_SOURCE_NS_VALISE,
  VALISE_SOURCE_NS_QEMU,
  VALISE_SOURCE_NS_LXC,
  VALISE_SOURCE_NS_BHYVE,
  VALISE_SOURCE_NS_XEN,
  VALISE_SOURCE_NS_VMWARE,
  VALISE_SOURCE_NS_OTHER,
} ValiseSourceNs;

/* Whether a fixed prefix stands for it. */
gboolean _valise_source_ns_is_known (ValiseSourceNs ns);

const char *_valise_source_ns_uri (ValiseSourceNs ns);
const char *_valise_source_ns_prefix (ValiseSourceNs ns);
/* %VALISE_SOURCE_NS_OTHER when @prefix is none of ours. */
ValiseSourceNs _valise_source_ns_of_prefix (const char *prefix, gsize length);

/* Offsets into the text; parent and siblings are indices into the elements, %VALISE_SOURCE_NONE where there is none. */
typedef struct
{
  gsize start, end;     /* all of it */
  gsize name, name_end; /* the name with its prefix */
  gsize local;          /* the name without its prefix */
  gsize inner;          /* past the start tag */
  gsize close;          /* the end tag; equals inner and end for <a/> */
  gboolean empty_tag;
  ValiseSourceNs ns, default_ns;
  guint parent, first_child, last_child, next;
  guint first_attribute, n_attributes;
  guint depth; /* the root has 1 */
} ValiseSourceElement;

typedef struct
{
  gsize start;            /* of the white space before the name */
  gsize name, name_end;   /* with its prefix */
  gsize value, value_end; /* between the quotes */
} ValiseSourceAttribute;

typedef struct
{
  const char *text; /* not owned */
  gsize length;
  GArray *elements; /* in document order; the first is the root */
  GArray *attributes;
  char quote; /* the one that most attributes use */
} ValiseSourceMap;

/* @text must outlive the map. %NULL when it is not one well-formed element with comments and instructions around it. */
ValiseSourceMap *_valise_source_map_new (const char *text, gsize length);
void _valise_source_map_free (ValiseSourceMap *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseSourceMap, _valise_source_map_free)

static inline const ValiseSourceElement *
_valise_source_element (const ValiseSourceMap *self, guint index)
{
  return &g_array_index (self->elements, ValiseSourceElement, index);
}

static inline const ValiseSourceAttribute *
_valise_source_attribute (const ValiseSourceMap *self, guint index)
{
  return &g_array_index (self->attributes, ValiseSourceAttribute, index);
}

/* Whether the attribute declares a namespace; @prefix is then its prefix, "" for the default one. */
gboolean _valise_source_declares (const ValiseSourceMap *self, guint attribute, const char **prefix, gsize *length);
/* What @prefix means inside @element (%VALISE_SOURCE_NS_NONE: nothing). */
ValiseSourceNs _valise_source_lookup (const ValiseSourceMap *self, guint element, const char *prefix, gsize length);

/* @quote: the one the attribute stands in, '\0' for text */
char *_valise_source_encode (const char *value, char quote);
/* As the XML rules read it: references resolved, line ends made "\n", white space made a space. */
char *_valise_source_attribute_value (const ValiseSourceMap *self, guint attribute);
gboolean
_valise_source_attribute_equals (const ValiseSourceMap *self, guint attribute, const char *value, gsize length);
/* The text and CDATA that stand directly in the element; "" when that is white space between elements. */
char *_valise_source_element_text (const ValiseSourceMap *self, guint element);

G_END_DECLS
