/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-libvirt-private.h"
#include <glib.h>

G_BEGIN_DECLS

/* @xml as a machine is to be woken with it from the memory in the file @saved. Of firmware that libvirt is to choose it
 * chooses none then, and QEMU finds no place for its memory, so it is named: the one that the machine had when it was
 * saved. (transfer full) */
char *_valise_wake_firmware_name (virConnectPtr connect, const char *saved, const char *xml);

G_END_DECLS
