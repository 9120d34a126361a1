/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "engine/valise-machine.h"

G_BEGIN_DECLS

/**
 * ValiseMemoryBar:
 *
 * Asks what is to become of memory that another computer wrote: gone on with, at the user's word, or discarded. It
 * answers with the actions "machine.trust" and "machine.discard".
 */
#define VALISE_TYPE_MEMORY_BAR (valise_memory_bar_get_type ())
G_DECLARE_FINAL_TYPE (ValiseMemoryBar, valise_memory_bar, VALISE, MEMORY_BAR, GtkInfoBar)

void valise_memory_bar_ask (ValiseMemoryBar *self, ValiseMachine *machine);
/* Asks no longer, unless it is about @machine and that is still suspended. */
void valise_memory_bar_follow (ValiseMemoryBar *self, ValiseMachine *machine);

G_END_DECLS
