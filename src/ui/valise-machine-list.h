/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include "engine/valise-library.h"

G_BEGIN_DECLS

#define VALISE_TYPE_MACHINE_LIST (valise_machine_list_get_type ())
G_DECLARE_FINAL_TYPE (ValiseMachineList, valise_machine_list, VALISE, MACHINE_LIST, GtkBox)

G_END_DECLS
