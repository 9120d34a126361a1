/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "engine/valise-libvirt-private.h"

G_BEGIN_DECLS

/* Which computer a machine's memory was written on, and whether this one can go on with it. */

/* Writes down in the bundle, beside the memory that is about to be written, what QEMU and processor there are here.
 * Without it less can be said elsewhere, so that a failure is none. Calls libvirt. */
void _valise_wake_host_note (virConnectPtr connect, const char *bundle_path);
/* In a thread, whether the memory in the file @saved, which its user trusts, can be woken here: kind of machine, QEMU,
 * processor. %VALISE_ENGINE_ERROR_HYPERVISOR says what is missing; nothing has been changed then. @name: of the machine */
gboolean _valise_wake_host_check (virConnectPtr connect,
                                  const char *bundle_path,
                                  const char *saved,
                                  const char *name,
                                  GError **error);
/* The memory is gone. */
void _valise_wake_host_forget (const char *bundle_path);

G_END_DECLS
