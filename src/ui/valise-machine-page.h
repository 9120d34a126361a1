/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include "engine/valise-library.h"

G_BEGIN_DECLS

#define VALISE_TYPE_MACHINE_PAGE (valise_machine_page_get_type ())
G_DECLARE_FINAL_TYPE (ValiseMachinePage, valise_machine_page, VALISE, MACHINE_PAGE, GtkBox)

G_END_DECLS
