/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Of the time that work in the background takes, what it keeps a disk busy: one part of so many. */
#define VALISE_BACKGROUND_SHARE 4

/**
 * valise_background_run:
 *
 * Runs @func to its end in a thread that gives way: it gets the disk when nobody else wants it and little of a processor
 * that others want, and so do the threads and programs that it starts. For long work beside a guest that runs. Not for anything that somebody
 * waits for while it holds something.
 *
 * Returns: what @func returns
 */
gpointer valise_background_run (GThreadFunc func, gpointer data);

/**
 * valise_background_write:
 * @fd: a file; what is written to it is on its way to the disk from @offset on, for @length bytes (0: to its end)
 *
 * In a thread of valise_background_run() it waits until the disk has it, and then so long again that the disk stays free
 * most of the time: however long others wait for the disk meanwhile, they lose no more than one part in
 * %VALISE_BACKGROUND_SHARE of their time. In other threads it begins the writing and returns.
 */
void valise_background_write (int fd, guint64 offset, guint64 length);

G_END_DECLS
