/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/valise-grammar-private.h"

G_BEGIN_DECLS

/* What has to stand there when a pattern is matched: attributes and texts that are one of some words. They tell the
 * branches of a choice, and elements of the same name, from each other. */

/* @rest: "@type" of the element itself; "target/@bus" and "mode" of one directly in it. Equal ones are the same
 * pointer. */
typedef struct
{
  const char *rest;
  GPtrArray *words; /* const char, from the grammar */
  gboolean or_unset;
} ValiseRequirement;

typedef struct _ValiseRequirements ValiseRequirements;

/* @strings: where paths are kept. */
ValiseRequirements *_valise_requirements_new (GStringChunk *strings);
void _valise_requirements_free (ValiseRequirements *self);

/* (element-type ValiseRequirement) (transfer none) */
const GPtrArray *_valise_requirements_list (ValiseRequirements *self, const ValisePattern *pattern);
/* The @rest of those that all branches of a choice have alike: they tell nothing. (transfer container) */
GPtrArray *_valise_requirements_list_common (ValiseRequirements *self, const ValisePattern *choice);

/* Whether two sets of words of one grammar are the same. */
gboolean _valise_requirement_same_words (const GPtrArray *a, const GPtrArray *b);

/* "devices/disk" and "@type"; what is joined to nothing stays as it is. Kept in @strings, equal ones once. */
const char *_valise_schema_join (GStringChunk *strings, const char *path, const char *rest);

G_END_DECLS
