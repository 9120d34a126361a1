/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-libvirt-private.h"
#include <glib.h>

G_BEGIN_DECLS

/* A file of the state directory that says that a machine's guest stands still for us, or is copied or saved, and is locked while the one
 * who began that lives. There is one for each of these. */
#define VALISE_STILL_MARK_FROZEN "frozen" /* its file systems are not written */
#define VALISE_STILL_MARK_PAUSED "paused" /* its processors stand */
#define VALISE_STILL_MARK_COPIED "copied" /* QEMU copies its disks */
#define VALISE_STILL_MARK_SAVED "saved"   /* QEMU writes its memory */

/* Returns the mark, or -1 when it cannot be made or somebody else has it. */
int _valise_still_mark_take (virDomainPtr domain, const char *which);
/* Takes one that a dead process has left behind, or returns -1. */
int _valise_still_mark_inherit (virDomainPtr domain, const char *which);
/* It goes on, or is done. @mark: or -1 */
void _valise_still_mark_drop (virDomainPtr domain, const char *which, int mark);
/* The same without asking libvirt, whose last error stays; whoever has the mark has to leave it then. */
void _valise_still_mark_remove (const char *uuid, const char *which);
/* It is not known whether it does. @mark: or -1 */
void _valise_still_mark_leave (int mark);
/* What whoever inherits it has to know. @mark: or -1 */
void _valise_still_mark_write (int mark, const char *text);
/* (transfer full) */
char *_valise_still_mark_read (int mark);

G_END_DECLS
