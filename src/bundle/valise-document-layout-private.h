/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-document-private.h"

G_BEGIN_DECLS

/* What goes when the element goes, its line if it stood alone there, and what is left in that place. */
void _valise_document_find_removal (ValiseDocument *self, guint element, gsize *start, gsize *end, const char **left);
/* Puts in an element whose tag says @name, as the last of its like in @parent. On error nothing has changed. */
gboolean
_valise_document_insert (ValiseDocument *self, guint parent, const char *name, const char *xml, GError **error);

G_END_DECLS
