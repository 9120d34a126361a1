/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "bundle/valise-snapshot.h"
#include "engine/valise-library.h"

G_BEGIN_DECLS

/**
 * ValiseCloneDialog:
 *
 * Asks how a machine is to be cloned: name, folder, moment, full or linked, addresses, keys and what becomes of each
 * disk; says what it takes on the disk.
 *
 * Signal "cloned" (#ValiseJob *job): the job that was asked for, not yet started. The dialog then closes itself.
 */
#define VALISE_TYPE_CLONE_DIALOG (valise_clone_dialog_get_type ())
G_DECLARE_FINAL_TYPE (ValiseCloneDialog, valise_clone_dialog, VALISE, CLONE_DIALOG, GtkDialog)

/* @machine: one that is read. A template is proposed to be linked. @snapshot: (nullable): the moment that is proposed */
GtkWidget *valise_clone_dialog_new (ValiseMachine *machine,
                                    const ValiseSnapshot *snapshot,
                                    ValiseLibrary *library,
                                    GtkWindow *parent);

G_END_DECLS
