/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/valise-settings-row.h"

G_BEGIN_DECLS

/* Takes over a row that has been made, to bind it like the page's own. */
typedef void (*ValiseRowMade) (ValiseSettingsRow *row, gpointer user_data);

/**
 * ValiseRemainder:
 *
 * Everything that the catalogue knows of a page and no row of it stands for: what our table has words for first, the
 * rest folded by the element that it is in. Rows are made when they are unfolded.
 */
#define VALISE_TYPE_REMAINDER (valise_remainder_get_type ())
G_DECLARE_FINAL_TYPE (ValiseRemainder, valise_remainder, VALISE, REMAINDER, HdyExpanderRow)

/* @page: the knob table's word for it; @rows: (element-type ValiseSettingsRow): that it has already */
GtkWidget *valise_remainder_new (const char *page, GPtrArray *rows, ValiseRowMade made, gpointer user_data);
/* Makes the row of @knob and unfolds what it is in. %FALSE when it is not among the rest. */
gboolean valise_remainder_reveal (ValiseRemainder *self, const char *knob);

G_END_DECLS
