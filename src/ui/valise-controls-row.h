/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <handy.h>

G_BEGIN_DECLS

/**
 * ValiseControlsRow:
 *
 * A row whose controls take the keyboard, and never the row itself: Tab goes from the controls of one to those of the next
 * that has some. (A #GtkListBoxRow that is only told not to take the focus swallows the key.)
 */
#define VALISE_TYPE_CONTROLS_ROW (valise_controls_row_get_type ())
G_DECLARE_FINAL_TYPE (ValiseControlsRow, valise_controls_row, VALISE, CONTROLS_ROW, HdyPreferencesRow)

/* (transfer floating) */
GtkWidget *valise_controls_row_new (void);

G_END_DECLS
