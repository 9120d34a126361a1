/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "bundle/valise-snapshot.h"
#include "engine/valise-machine.h"

G_BEGIN_DECLS

/**
 * ValiseExportDialog:
 *
 * Asks how machines are to leave: format, name and folder, and what goes along; says beforehand how much is written,
 * whether there is room for it, and what whoever gets it has to know.
 *
 * Signal "exported" (#ValiseJob *job): the job that was asked for, not yet started. The dialog then closes itself.
 */
#define VALISE_TYPE_EXPORT_DIALOG (valise_export_dialog_get_type ())
G_DECLARE_FINAL_TYPE (ValiseExportDialog, valise_export_dialog, VALISE, EXPORT_DIALOG, GtkDialog)

/* @machines: (element-type ValiseMachine): at least one
 * @snapshot: (nullable): the moment of the only one that is exported; %NULL for now */
GtkWidget *valise_export_dialog_new (GPtrArray *machines, const ValiseSnapshot *snapshot, GtkWindow *parent);

G_END_DECLS
