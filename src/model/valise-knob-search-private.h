/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What search looks at, folded once. */
typedef struct _ValiseKnobIndex ValiseKnobIndex;

ValiseKnobIndex *_valise_knob_index_new (void);
void _valise_knob_index_free (ValiseKnobIndex *self);

/* The next number, from 0. Words as people see them and as they are in the source; any but @path may be %NULL. One that
 * is @behind comes after others that fit as well. */
void _valise_knob_index_add (ValiseKnobIndex *self,
                             const char *path,
                             const char *label,
                             const char *english,
                             const char *synonyms,
                             const char *help,
                             gboolean behind);

/* Numbers of those that every word is found in, best first. (element-type guint) (transfer full) */
GArray *_valise_knob_index_search (ValiseKnobIndex *self, const char *words);

G_END_DECLS
