/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-libvirt-private.h"
#include <gio/gio.h>

G_BEGIN_DECLS

/* The end of a moment in which a guest stood still for us: it is tried again before anybody gives up, since a guest that
 * is not let go is as good as off. */

/* Lets the processors go on. -1 with libvirt's error set when they stand still after all. */
int _valise_still_resume (virDomainPtr domain);
/* Lets the guest's file systems be written again. -1 with libvirt's error set when the agent has not said that they
 * are. */
int _valise_still_thaw (virDomainPtr domain);

/* Says in @error, before what else went wrong (if anything), that the machine @name was left standing still and what is
 * to be done. @why: what libvirt said */
void _valise_still_tell_paused (GError **error, const char *name, const char *why);
void _valise_still_tell_frozen (GError **error, const char *name, const char *why);

G_END_DECLS
