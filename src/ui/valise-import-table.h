/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "engine/valise-import-points.h"

G_BEGIN_DECLS

/**
 * ValiseImportTable:
 *
 * All that can be chosen for one foreign machine, and beside each row what was changed on the way.
 *
 * Signals: "changed" (something was chosen: the plan has to be made anew and given to valise_import_table_show()),
 * "configuration" (with its name: another deployment option is wanted).
 */
#define VALISE_TYPE_IMPORT_TABLE (valise_import_table_get_type ())
G_DECLARE_FINAL_TYPE (ValiseImportTable, valise_import_table, VALISE, IMPORT_TABLE, GtkBox)

/* @choices: live as long as the table, which writes into them; @capabilities: of this computer. (transfer floating) */
GtkWidget *
valise_import_table_new (ValiseImportChoices *choices, ValiseCapabilities *capabilities, const ValiseImportPlan *plan);
/* @plan: (nullable), @points: what was made of the choices; both live until the next ones are shown. */
void valise_import_table_show (ValiseImportTable *self, const ValiseImportPlan *plan, GPtrArray *points);
/* Gives the keyboard to the deployment option where there are some, else to the name. */
void valise_import_table_focus (ValiseImportTable *self);

G_END_DECLS
