/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/valise-machine-tree.h"

G_BEGIN_DECLS

/**
 * ValiseMachineList:
 *
 * The left pane: search, work under way, and all machines in their groups.
 *
 * Signals: "selection-changed"; "activated" (ValiseMachine *machine: Return or double click); "picked" (a click on one
 * machine); "dropped-on-group" (const char *group: the selected machines were dragged to it, %NULL = out of their
 * group).
 */
#define VALISE_TYPE_MACHINE_LIST (valise_machine_list_get_type ())
G_DECLARE_FINAL_TYPE (ValiseMachineList, valise_machine_list, VALISE, MACHINE_LIST, GtkBox)

/* The model comes with it; both stay to the end. */
void valise_machine_list_set_library (ValiseMachineList *self, ValiseLibrary *library);
/* (element-type ValiseMachine) (transfer full): in the order of the list */
GPtrArray *valise_machine_list_get_selected (ValiseMachineList *self);
guint valise_machine_list_count_selected (ValiseMachineList *self);
/* Selects it alone and brings it into view, searching and folding undone if need be. */
void valise_machine_list_select (ValiseMachineList *self, ValiseMachine *machine);
/* Selects the first machine if there is one. */
void valise_machine_list_select_first (ValiseMachineList *self);
void valise_machine_list_select_all (ValiseMachineList *self);
void valise_machine_list_focus (ValiseMachineList *self);
void valise_machine_list_focus_search (ValiseMachineList *self);
/* The menu of a right click, with actions of the window. */
void valise_machine_list_set_menu (ValiseMachineList *self, GMenuModel *menu);
/* (element-type utf8) (transfer container) */
GPtrArray *valise_machine_list_list_groups (ValiseMachineList *self);
/* Takes new pictures of the running machines in view. */
void valise_machine_list_refresh_pictures (ValiseMachineList *self);

G_END_DECLS
