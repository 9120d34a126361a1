/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include "engine/valise-machine.h"

G_BEGIN_DECLS

/**
 * ValiseGrantDialog:
 *
 * What a machine from elsewhere asks of this computer, each with a switch, off. Both answers settle the list; closing
 * settles nothing.
 *
 * Signal "settled": the answer is stored; the receiver starts the machine. The dialog then closes itself.
 */
#define VALISE_TYPE_GRANT_DIALOG (valise_grant_dialog_get_type ())
G_DECLARE_FINAL_TYPE (ValiseGrantDialog, valise_grant_dialog, VALISE, GRANT_DIALOG, GtkDialog)

/* @parent: (nullable) */
GtkWidget *valise_grant_dialog_new (ValiseMachine *machine, GtkWindow *parent);

/* The same later on, from the settings: shows what is allowed now, and saves. "settled" is emitted too; nothing is to
 * be started. */
GtkWidget *valise_grant_dialog_new_review (ValiseMachine *machine, GtkWindow *parent);

G_END_DECLS
