/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define VALISE_RESOURCE_PATH "/io/github/valise/Valise"

/* Makes the compiled-in windows, icons and style sheet known to GTK; after gtk_init, once or often. Tests of a single
 * widget call it too. */
void valise_style_load (void);

G_END_DECLS
