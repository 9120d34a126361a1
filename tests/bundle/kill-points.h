/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef void (*KillPointsFunc) (gpointer data);

/* Runs @work in a process of its own that is killed before its first, second, third... system call that changes a file,
 * until it gets through, and each time @look looks here at what is there and puts it back. Unlike kills at random this
 * leaves no gap between two steps untried. To be called before there are threads; skips the test where tracing is not
 * allowed. */
void kill_points_try (KillPointsFunc work, KillPointsFunc look, gpointer data);

G_END_DECLS
