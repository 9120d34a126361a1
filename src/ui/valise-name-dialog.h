/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * ValiseNameDialog:
 *
 * Asks for one name, with choices if there are some.
 *
 * Signal "named" (const char *name): trimmed. The dialog then closes itself.
 */
#define VALISE_TYPE_NAME_DIALOG (valise_name_dialog_get_type ())
G_DECLARE_FINAL_TYPE (ValiseNameDialog, valise_name_dialog, VALISE, NAME_DIALOG, GtkDialog)

/* @label: of the entry; @accept: of the button; both with mnemonics. */
GtkWidget *valise_name_dialog_new (GtkWindow *parent, const char *title, const char *label, const char *accept);
void valise_name_dialog_set_name (ValiseNameDialog *self, const char *name);
/* An empty name is not accepted. */
void valise_name_dialog_set_required (ValiseNameDialog *self);
/* @choices: (element-type utf8); @hint: (nullable) */
void valise_name_dialog_set_choices (ValiseNameDialog *self, GPtrArray *choices, const char *hint);

G_END_DECLS
