/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <handy.h>
#include "engine/valise-library.h"

G_BEGIN_DECLS

/**
 * ValiseNewMachine:
 *
 * A new machine in two steps: what do you have, and the settings editor filled in for it. Stays open until the machine
 * is made, so that a failure loses nothing that was typed.
 *
 * Signal "created" (ValiseMachine *machine, gboolean start): the bundle is whole and in the library; the receiver shows
 * it, and starts it when
 * @start. The window then closes itself.
 * Signal "bring-in" (char *path): the user has a bundle or an archive; the receiver opens or imports it. The window
 * then closes itself.
 */
#define VALISE_TYPE_NEW_MACHINE (valise_new_machine_get_type ())
G_DECLARE_FINAL_TYPE (ValiseNewMachine, valise_new_machine, VALISE, NEW_MACHINE, HdyWindow)

/* @parent: (nullable) */
GtkWidget *valise_new_machine_new (ValiseLibrary *library, GtkWindow *parent);
/* As if the file had been dropped on the window: an ISO goes on to the second step, a bundle or archive is brought
 * in. */
void valise_new_machine_take_file (ValiseNewMachine *self, const char *path);

G_END_DECLS
