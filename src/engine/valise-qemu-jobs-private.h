/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "engine/valise-libvirt-private.h"

G_BEGIN_DECLS

/* What QEMU does with the disks of a running machine, told to QEMU itself where libvirt has no word for it or hears of the
 * outcome from QEMU anyway; libvirt marks the domain as one that was spoken to like this. Blocking; what QEMU refuses is only logged: the job has ended meanwhile. */

/* @type: QEMU's word: "commit", "backup"; @prefix: of the names that are meant. */
void _valise_qemu_jobs_cancel (virDomainPtr domain, const char *type, const char *prefix);
/* @speed: bytes in a second that each of them may copy at most; 0: as many as it can. */
void _valise_qemu_jobs_set_speed (virDomainPtr domain, const char *type, const char *prefix, guint64 speed);

/* What QEMU has by itself. */
#define VALISE_QEMU_THREADS 64
/* @most: how many threads QEMU reads and writes files with at once, for the guest and for its jobs; not for disks that have
 * an iothread. Nothing happens where it has been told so on its command line or does not know it (before 7.1). */
void _valise_qemu_jobs_set_threads (virDomainPtr domain, guint most);

G_END_DECLS
