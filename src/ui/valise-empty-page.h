/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The empty library: three ways to a first machine. */
#define VALISE_TYPE_EMPTY_PAGE (valise_empty_page_get_type ())
G_DECLARE_FINAL_TYPE (ValiseEmptyPage, valise_empty_page, VALISE, EMPTY_PAGE, GtkBin)

G_END_DECLS
