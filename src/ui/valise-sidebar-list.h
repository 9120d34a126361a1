/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A list that Tab leaves at once: in a plain one Tab goes from row to row and selects each, so that the pages rush
 * by. */
#define VALISE_TYPE_SIDEBAR_LIST (valise_sidebar_list_get_type ())
G_DECLARE_FINAL_TYPE (ValiseSidebarList, valise_sidebar_list, VALISE, SIDEBAR_LIST, GtkListBox)

G_END_DECLS
