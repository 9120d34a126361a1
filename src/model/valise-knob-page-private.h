/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/valise-knob.h"

G_BEGIN_DECLS

/* Which page a knob is on that our table says nothing of: the page of its nearest relatives in the table, else of its
 * device or section. */
typedef struct _ValiseKnobPages ValiseKnobPages;

ValiseKnobPages *_valise_knob_pages_new (void);
void _valise_knob_pages_free (ValiseKnobPages *self);
/* Never %NULL. */
const char *_valise_knob_pages_find (ValiseKnobPages *self, const char *path);

G_END_DECLS
