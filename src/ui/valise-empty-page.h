/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include "engine/valise-library.h"

G_BEGIN_DECLS

#define VALISE_TYPE_EMPTY_PAGE (valise_empty_page_get_type ())
G_DECLARE_FINAL_TYPE (ValiseEmptyPage, valise_empty_page, VALISE, EMPTY_PAGE, GtkBox)

G_END_DECLS
