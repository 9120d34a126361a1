/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef void (*FreezerFunc) (gpointer data);

/* Runs @work in a process of its own, stops it and the programs that it has started at a moment of no choice within
 * @limit microseconds, has @look see what lies there then (a copy of which is what a power cut leaves), and kills them.
 * @limit follows what the work takes. %TRUE when it had got through before. To be called before there are threads. */
gboolean freezer_run (FreezerFunc work, FreezerFunc look, gpointer data, double *limit);
/* Copies the file or directory @from, as it lies, to @to, which is not there. */
void freezer_copy (const char *from, const char *to);

G_END_DECLS
