/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Of the time that work in the background takes, what it keeps a disk busy: one part of so many. */
#define VALISE_BACKGROUND_SHARE 6
/* And of the computer's processors, so much. Threads that give way are not enough: a guest's one write wakes half a dozen
 * threads of QEMU one after another, and where no processor is free, each waits for the end of somebody's turn. */
#define VALISE_BACKGROUND_PROCESSORS 0.3

/**
 * valise_background_run:
 * @func: what is to be done
 * @data: (nullable): for it
 *
 * Runs @func to its end in a thread that gives way: it gets the disk when nobody else wants it and little of a processor
 * that others want, and so do the threads and programs that it starts. For long work beside a guest that runs. Not for anything that somebody
 * waits for while it holds something.
 *
 * Returns: what @func returns
 */
gpointer valise_background_run (GThreadFunc func, gpointer data);

/* Whether this is the thread that valise_background_run() made. */
gboolean valise_background_is_here (void);

/**
 * valise_background_flush:
 * @fd: a file; the disk gets what is written to it from @offset on, for @length bytes (0: to its end)
 *
 * Waits until the disk has it; the file's description may still have to be told by fsync. What goes wrong is told here and
 * by no fsync after it.
 *
 * Returns: 0, or what errno said
 */
int valise_background_flush (int fd, guint64 offset, guint64 length);

/**
 * valise_background_rest:
 * @busy: microseconds for which the disk was kept busy
 *
 * Leaves the disk to others, so long that it was kept busy one part in %VALISE_BACKGROUND_SHARE of the time: they lose no
 * more of theirs however long they wait for it. Two seconds at most, since cancelling waits for it.
 */
void valise_background_rest (gint64 busy);

/**
 * valise_background_share:
 *
 * To be called again and again where work in the background is given to the processors: rests when this program has had more
 * of them than %VALISE_BACKGROUND_PROCESSORS, a quarter of a second at most. Elsewhere it does nothing.
 */
void valise_background_share (void);

G_END_DECLS
