/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-libvirt-private.h"
#include <glib.h>

G_BEGIN_DECLS

/* A file of the state directory that says that the file systems of a machine's guest are frozen, and is locked while the
 * one who had them frozen lives. */

/* Returns the mark, or -1 when it cannot be made or somebody else has it. */
int _valise_still_mark_take (virDomainPtr domain);
/* Takes one that a dead process has left behind, or returns -1. */
int _valise_still_mark_inherit (virDomainPtr domain);
/* The guest can write again. @mark: or -1 */
void _valise_still_mark_drop (virDomainPtr domain, int mark);
/* It is not known whether it can. @mark: or -1 */
void _valise_still_mark_leave (int mark);

G_END_DECLS
