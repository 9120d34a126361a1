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

/* QEMU's main loop and each iothread read and write files, for the guest and for jobs, with a few threads at once from now on.
 * Returns (transfer full) what they had, for _valise_qemu_jobs_widen(), which frees it. QEMU before 7.1 has no such number. Its main
 * loop shows it in an object that stays: there may be one, it cannot be taken away again, and it does nothing else. */
GHashTable *_valise_qemu_jobs_narrow (virDomainPtr domain);
void _valise_qemu_jobs_widen (virDomainPtr domain, GHashTable *before);
/* Where a process was killed in between. */
void _valise_qemu_jobs_widen_left (virDomainPtr domain);

G_END_DECLS
