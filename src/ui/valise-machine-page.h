/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include "engine/valise-library.h"

G_BEGIN_DECLS

/**
 * ValiseMachinePage:
 *
 * The right pane: one machine. Off: its last screen, Start, and what it is made of. Running: its display. Broken: why,
 * and what can be done.
 *
 * Signal "changed": what one can do with it is different (a disc came or went, the settings changed).
 */
#define VALISE_TYPE_MACHINE_PAGE (valise_machine_page_get_type ())
G_DECLARE_FINAL_TYPE (ValiseMachinePage, valise_machine_page, VALISE, MACHINE_PAGE, GtkBox)

void valise_machine_page_set_library (ValiseMachinePage *self, ValiseLibrary *library);
/* @machine: (nullable) */
void valise_machine_page_set_machine (ValiseMachinePage *self, ValiseMachine *machine);
/* Reads the settings again. */
void valise_machine_page_refresh (ValiseMachinePage *self);

void valise_machine_page_focus (ValiseMachinePage *self);
/* Whether keys belong to the guest while @focus has them. @self: (nullable) */
gboolean valise_machine_page_owns_keys (ValiseMachinePage *self, GtkWidget *focus);
void valise_machine_page_open_window (ValiseMachinePage *self, gboolean fullscreen);

/* Asks "moved or copied" if that is not settled; %FALSE when there is nothing to ask. The machine is started after the
 * answer. */
gboolean valise_machine_page_ask_identity (ValiseMachinePage *self);
/* Asks whether memory from another computer is trusted. */
void valise_machine_page_ask_memory (ValiseMachinePage *self);

gboolean valise_machine_page_has_cd (ValiseMachinePage *self);
/* (nullable): the file in the first drive */
const char *valise_machine_page_get_cd (ValiseMachinePage *self);
void valise_machine_page_change_cd (ValiseMachinePage *self);
void valise_machine_page_eject_cd (ValiseMachinePage *self);
/* Whether an earlier version of the settings is kept. */
gboolean valise_machine_page_can_undo (ValiseMachinePage *self);

G_END_DECLS
