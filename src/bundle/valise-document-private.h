/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-document.h"
#include "bundle/valise-source-map-private.h"

G_BEGIN_DECLS

#define VALISE_KNOB_PREDICATES 4

/* [PATH='VALUE'], PATH being "@attribute", "child" or "child/@attribute". Pointers into the knob path. */
typedef struct
{
  const char *path;
  gsize path_length;
  const char *value;
  gsize value_length;
} ValiseKnobPredicate;

/* One part of a knob path, as in "disk[@device='cdrom'][2]" or "@dev". Pointers into the knob path. */
typedef struct
{
  gboolean attribute;
  const char *prefix;
  gsize prefix_length; /* 0: none */
  const char *name;
  gsize name_length;
  ValiseSourceNs ns; /* of the prefix: NONE when there is none, OTHER when it is not one of ours */
  guint index;       /* from 1; 0 when none is given */
  ValiseKnobPredicate predicates[VALISE_KNOB_PREDICATES];
  guint n_predicates;
} ValiseKnobStep;

typedef enum
{
  VALISE_PLACE_FOUND,
  VALISE_PLACE_ABSENT,
  VALISE_PLACE_BAD, /* not a knob path */
} ValisePlaceResult;

/* Where a knob path leads. When it is absent: the innermost element there is, and the step that is missing below it. */
typedef struct
{
  guint element;
  guint attribute; /* VALISE_SOURCE_NONE: the element is meant */
  ValiseKnobStep missing;
  guint n_matching; /* elements that the missing step matched but for its index */
  const char *rest; /* of the path, after the missing step; "" when that is the last */
} ValisePlace;

struct _ValiseDocument
{
  gatomicrefcount references;
  char *name;
  char *text;
  gsize length;
  ValiseSourceMap *map; /* always that of text */
  xmlDoc *tree;         /* that of text, or NULL until somebody asks */
};

ValisePlaceResult _valise_document_resolve (ValiseDocument *self, const char *path, ValisePlace *place);
/* The same for a path below an element. */
ValisePlaceResult
_valise_document_resolve_below (ValiseDocument *self, guint element, const char *path, ValisePlace *place);
/* The value at a place that was found. */
char *_valise_document_value_at (ValiseDocument *self, const ValisePlace *place);
/* The knob path of an element of the map, with indices where they are needed. */
char *_valise_document_element_path (ValiseDocument *self, guint element);
char *_valise_document_attribute_path (ValiseDocument *self, guint element, guint attribute);
/* Puts @bytes in the place of [start, end). On error nothing has changed. */
gboolean _valise_document_splice (ValiseDocument *self, gsize start, gsize end, const char *bytes, GError **error);
/* Takes back what was edited since somebody kept a copy of the text. */
void _valise_document_restore (ValiseDocument *self, const char *text, gsize length);
/* Sets a #ValiseDocumentError whose text is @format with the path for its "%s". Returns: %FALSE */
gboolean _valise_document_fail (int code, const char *format, const char *path, GError **error);
gboolean _valise_document_fail_with_path (const char *path, GError **error);

G_END_DECLS
