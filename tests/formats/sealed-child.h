/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SealedWork:
 *
 * What is done in a child that can do nothing but read: it may start no program, open no socket, make, change or remove
 * no file (one without a name may be made), and has little memory and time.
 *
 * Returns: (transfer full): what there is to say about it
 */
typedef char *(*SealedWork) (gpointer data);

/* Does @work in such a child. Returns: (transfer full): what it said, or how it ended instead ("killed by signal 31",
 * "grew to 400 MiB") */
char *sealed_child_run (SealedWork work, gpointer data);

G_END_DECLS
