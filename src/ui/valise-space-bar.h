/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "bundle/valise-space.h"

G_BEGIN_DECLS

/**
 * ValiseSpaceBar:
 *
 * What takes the room of a machine as one bar: each part as wide as it is large, in the color of its kind. What it shows
 * stands in words beside it.
 */
#define VALISE_TYPE_SPACE_BAR (valise_space_bar_get_type ())
G_DECLARE_FINAL_TYPE (ValiseSpaceBar, valise_space_bar, VALISE, SPACE_BAR, GtkDrawingArea)

/* @parts: (element-type ValiseSpacePart) */
void valise_space_bar_set_parts (ValiseSpaceBar *self, GPtrArray *parts);
/* A square in the color of a kind. (transfer floating) */
GtkWidget *valise_space_bar_make_mark (ValiseSpaceKind kind);

G_END_DECLS
