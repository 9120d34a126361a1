/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/valise-machine-tree.h"

G_BEGIN_DECLS

/**
 * ValiseMachineCell:
 *
 * Paints one line of the list: picture, name, state in words; or the heading of a group. A text cell to screen readers.
 */
#define VALISE_TYPE_MACHINE_CELL (valise_machine_cell_get_type ())
G_DECLARE_FINAL_TYPE (ValiseMachineCell, valise_machine_cell, VALISE, MACHINE_CELL, GtkCellRendererText)

#define VALISE_MACHINE_CELL_HEIGHT 54

GtkCellRenderer *valise_machine_cell_new (void);
/* What the next painting shows; @row stays the caller's. @topmost: nothing is above it. */
void valise_machine_cell_set_row (ValiseMachineCell *self, const ValiseMachineRow *row, gboolean topmost);

/* "Running", "Suspended, 3 May". */
char *valise_machine_cell_describe_state (const ValiseLibraryEntry *entry);
/* What kind of machine it is when it is no usual one, and where it lies. (transfer full) */
char *valise_machine_cell_describe_tooltip (const ValiseLibraryEntry *entry);

G_END_DECLS
