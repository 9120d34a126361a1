/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-document-private.h"

G_BEGIN_DECLS

/* Where a new element goes, so that it stands as its siblings do: @before, the element, @after replace [start, end). */
typedef struct
{
  gsize start, end;
  char *before, *after; /* or NULL */
  char *indent;         /* of the new element; NULL: it shares its line with others */
} ValiseInsertion;

/* @name as it is written in the new element's tag. */
void _valise_document_find_insertion (ValiseDocument *self, guint parent, const char *name, ValiseInsertion *insertion);
void _valise_insertion_clear (ValiseInsertion *insertion);
/* What goes when the element goes, its line if it stood alone there, and what is left in that place. */
void _valise_document_find_removal (ValiseDocument *self, guint element, gsize *start, gsize *end, const char **left);
/* The blanks before the element on its line; NULL when something else stands there. */
char *_valise_document_indent_of (ValiseDocument *self, guint element);
/* @xml with its further lines indented to stand at @indent; text, CDATA and comments stay as they are. */
char *_valise_document_reindent (ValiseDocument *self, const char *xml, const char *indent);
/* Puts in an element whose tag says @name, as the last of its like in @parent. On error nothing has changed. */
gboolean
_valise_document_insert (ValiseDocument *self, guint parent, const char *name, const char *xml, GError **error);

G_END_DECLS
