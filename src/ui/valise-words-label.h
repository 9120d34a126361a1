/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Words of any length at the left, on as many lines as they need. @class: (nullable): of the style sheet.
 * (transfer floating) */
GtkWidget *valise_words_label_new (const char *text, const char *class);

G_END_DECLS
