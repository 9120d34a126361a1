/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/valise-grammar-private.h"
#include "model/valise-knob-catalogue.h"

G_BEGIN_DECLS

/* A grammar unfolded: one node for each path, whatever number of patterns leads to it. Where an element may hold itself
 * (a backing file that has a backing file) the inner node points back to the outer one. */

typedef struct _ValiseSchemaNode ValiseSchemaNode;

/* A choice in an element: what tells each of its branches from the others. */
typedef struct
{
  const ValisePattern *pattern;
  GPtrArray *branches; /* ValiseKnobSituation */
} ValiseSchemaChoice;

/* Words of an attribute that can stand there in the same situations. */
typedef struct
{
  GPtrArray *words;      /* const char */
  GPtrArray *situations; /* ValiseKnobSituation */
} ValiseSchemaWords;

struct _ValiseSchemaNode
{
  ValiseSchemaNode *parent;
  const char *name; /* "disk", "qemu:arg", "@type"; "*" and "@*" for any */
  const char *path; /* below the root: "devices/disk/@type" */
  GPtrArray *children;
  ValiseSchemaNode *same_as; /* the node whose children are this one's too, or NULL */
  GPtrArray *except;         /* names that "*" does not stand for, or NULL */
  gboolean repeated;
  gboolean nullable;      /* an element that may hold nothing */
  gboolean may_lack_text; /* an element that may have no text */

  /* What it holds itself. */
  GPtrArray *words;     /* const char */
  GPtrArray *word_sets; /* ValiseSchemaWords: an attribute's words; none of an element */
  GPtrArray *data;      /* const ValisePattern */
  gboolean text, list;
  guint kinds; /* bits of ValiseKnobKind, by the names of libvirt's definitions; VALISE_SCHEMA_NO_KIND for values of no
                  such name */

  GPtrArray *situations; /* ValiseKnobSituation: any of them; empty when it may always stand */
  GPtrArray *choices;    /* ValiseSchemaChoice */
};

#define VALISE_SCHEMA_NO_KIND (1u << 31)

typedef struct _ValiseSchemaTree ValiseSchemaTree;

/* Takes the grammar. @root: the element below which paths begin ("domain"). Errors: %VALISE_KNOB_CATALOGUE_ERROR_SCHEMA
 * when documents do not start with it or the schema is beyond all bounds. */
ValiseSchemaTree *_valise_schema_tree_new (ValiseGrammar *grammar, const char *root, GError **error);
void _valise_schema_tree_free (ValiseSchemaTree *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseSchemaTree, _valise_schema_tree_free)

ValiseSchemaNode *_valise_schema_tree_get_root (ValiseSchemaTree *self);
/* The node that one step of a path leads to ("disk", "@type"), or %NULL. */
ValiseSchemaNode *_valise_schema_node_step (ValiseSchemaNode *self, const char *name);

/* --- situations (valise-knob-situation.c) --- */

/* Strings are kept as they are; equal ones have to be the same pointer. */

ValiseKnobSituation *_valise_knob_situation_new (void);
void _valise_knob_situation_free (ValiseKnobSituation *self);
void _valise_knob_situation_require (ValiseKnobSituation *self, const char *path, GPtrArray *words, gboolean or_unset);
/* Whether @self allows whatever @strong allows. */
gboolean _valise_knob_situation_is_weaker (const ValiseKnobSituation *self, const ValiseKnobSituation *strong);
/* Adds @more (taken) to the alternatives: what is weaker swallows what is stronger, and what differs in one condition
 * becomes one. */
void _valise_knob_situations_add (GPtrArray *situations, ValiseKnobSituation *more);

/* --- afterwards (valise-schema-tidy.c) --- */

/* Takes out of all situations what says nothing. */
void _valise_schema_tidy (GPtrArray *nodes);

G_END_DECLS
