/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A program that was killed while it started a machine may leave a domain of which the embedded driver has written down
 * that it starts, but not yet its process. The driver would look for it for half a minute each time it is opened, and a
 * short program never sees the end of that. This ends what has been started of such domains (it has not run an
 * instruction yet) and takes them off the driver's list. A QEMU that libvirt only asks what it can do outlives its
 * asker, too, and waits for a question for ever; it is ended. Only for whoever is about to open the driver of @root,
 * and has claimed it. */
void _valise_half_started_clear (const char *root);

G_END_DECLS
