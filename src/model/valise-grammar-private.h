/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* RELAX NG as patterns, read from the XML form: includes, overrides, combine, nested grammars, namespaces and name
 * classes are resolved; references stay references, because a schema that describes a chain refers to itself. */

typedef enum
{
  VALISE_PATTERN_EMPTY,
  VALISE_PATTERN_NOT_ALLOWED,
  VALISE_PATTERN_TEXT,
  VALISE_PATTERN_ELEMENT,
  VALISE_PATTERN_ATTRIBUTE,
  VALISE_PATTERN_GROUP, /* also interleave: which of them comes first says nothing about what there is */
  VALISE_PATTERN_CHOICE,
  VALISE_PATTERN_OPTIONAL,
  VALISE_PATTERN_ZERO_OR_MORE,
  VALISE_PATTERN_ONE_OR_MORE,
  VALISE_PATTERN_LIST,
  VALISE_PATTERN_REF,
  VALISE_PATTERN_DATA,
  VALISE_PATTERN_VALUE,
} ValisePatternKind;

typedef struct _ValisePattern ValisePattern;

typedef struct
{
  const char *name;
  ValisePattern *pattern; /* NULL while nothing has defined it; a reference to it then allows nothing */
} ValiseDefinition;

struct _ValisePattern
{
  ValisePatternKind kind;
  gint8 may_lack[2]; /* everything, text: 1 yes, -1 no, 0 until somebody asked */
  GPtrArray *parts;
  const char *text;             /* DATA: the datatype; VALUE: the word */
  ValiseDefinition *definition; /* REF */
  GPtrArray *names;             /* ELEMENT, ATTRIBUTE: "disk", "qemu:arg", "*" for any */
  GPtrArray *except;            /* names that "*" does not stand for; words that DATA does not allow */
  GPtrArray *regexes;           /* DATA: XML Schema regular expressions that all have to match, or NULL */
  gint64 minimum, maximum; /* DATA that is a whole number; what is beyond 63 bits counts as the last number within */
  guint longest;           /* DATA: characters, 0 = no limit */
  gboolean is_number;
};

typedef struct _ValiseGrammar ValiseGrammar;

/* The contents of @name, a path relative to the grammar's directory. (transfer full) */
typedef char *(*ValiseGrammarRead) (const char *name, gsize *length, gpointer user_data, GError **error);

/* Errors: what @read and valise_xml_parse say; %VALISE_KNOB_CATALOGUE_ERROR_SCHEMA. Each names the file. */
ValiseGrammar *_valise_grammar_new (const char *name, ValiseGrammarRead read, gpointer user_data, GError **error);
void _valise_grammar_free (ValiseGrammar *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseGrammar, _valise_grammar_free)

/* What a document starts with. */
const ValisePattern *_valise_grammar_get_start (ValiseGrammar *self);

/* Whether the pattern matches nothing at all, such as the content of <acpi/>. */
gboolean _valise_pattern_is_nullable (const ValisePattern *self);
/* Whether it matches without text, though attributes and elements may have to be there. */
gboolean _valise_pattern_may_lack_text (const ValisePattern *self);

G_END_DECLS
