/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include "engine/valise-machine.h"

G_BEGIN_DECLS

/**
 * ValiseMachineFacts:
 *
 * What a machine is made of, in four short columns: hardware, disks (taken of most), network, notes. Files are looked
 * at in a thread.
 */
#define VALISE_TYPE_MACHINE_FACTS (valise_machine_facts_get_type ())
G_DECLARE_FINAL_TYPE (ValiseMachineFacts, valise_machine_facts, VALISE, MACHINE_FACTS, GtkFlowBox)

/* @machine: (nullable): a loaded one */
void valise_machine_facts_show (ValiseMachineFacts *self, ValiseMachine *machine);

G_END_DECLS
