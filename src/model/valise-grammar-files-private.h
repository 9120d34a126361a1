/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/valise-libxml2.h"
#include "model/valise-grammar-private.h"

G_BEGIN_DECLS

/* What reads a grammar: its store, the scopes of names, and the file that is being read. */

typedef struct _ValiseGrammarScope ValiseGrammarScope;
struct _ValiseGrammarScope
{
  ValiseGrammarScope *outer; /* for parentRef */
  GHashTable *definitions;   /* name -> ValiseDefinition */
};

/* Names that an include puts its own in the place of. */
typedef struct _ValiseGrammarOverride ValiseGrammarOverride;
struct _ValiseGrammarOverride
{
  const ValiseGrammarOverride *outer;
  GHashTable *names;
};

typedef struct _ValiseGrammarFile ValiseGrammarFile;
struct _ValiseGrammarFile
{
  ValiseGrammar *grammar;
  const ValiseGrammarFile *from; /* that includes this one */
  const char *name;
  ValiseGrammarScope *scope;
  const ValiseGrammarOverride *override;
};

struct _ValiseGrammar
{
  ValiseGrammarRead read;
  gpointer user_data;
  GStringChunk *strings;
  GPtrArray *patterns;
  GPtrArray *definitions;
  GPtrArray *scopes;
  guint n_files;
  const ValisePattern *start;
};

/* The name under which <start> is kept among the definitions. */
#define VALISE_GRAMMAR_START "(start)"

/* --- store (valise-grammar.c) --- */
ValisePattern *_valise_grammar_add (ValiseGrammar *self, ValisePatternKind kind);
const char *_valise_grammar_keep (ValiseGrammar *self, const char *text);
ValiseDefinition *_valise_grammar_define (ValiseGrammar *self, ValiseGrammarScope *scope, const char *name);
ValiseGrammarScope *_valise_grammar_add_scope (ValiseGrammar *self, ValiseGrammarScope *outer);
/* %FALSE with an error that names the file and line. */
gboolean _valise_grammar_refuse (const ValiseGrammarFile *file, xmlNode *node, GError **error, const char *format, ...)
    G_GNUC_PRINTF (4, 5);

/* --- grammars and files (valise-grammar.c) --- */
gboolean _valise_grammar_read_body (const ValiseGrammarFile *file, xmlNode *body, GError **error);
/* The pattern that another file is, in a scope of its own. */
ValisePattern *_valise_grammar_read_external (const ValiseGrammarFile *file, xmlNode *node, GError **error);

/* --- patterns (valise-pattern.c) --- */
gboolean _valise_pattern_is_rng (xmlNode *node, const char *name);
/* One element of the grammar. */
ValisePattern *_valise_pattern_read (const ValiseGrammarFile *file, xmlNode *node, GError **error);
/* The children of @node as one pattern: a group when there are several. */
ValisePattern *_valise_pattern_read_parts (const ValiseGrammarFile *file, xmlNode *node, GError **error);

G_END_DECLS
