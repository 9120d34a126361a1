/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-libvirt-private.h"
#include <glib.h>

G_BEGIN_DECLS

/* What a running machine has open. */
typedef struct
{
  char *target;     /* "vda" */
  GPtrArray *files; /* absolute: the image it writes to, then those below; empty without a medium */
  GPtrArray *formats;
} ValiseLiveDisk;

/* What QEMU has merged by now is left out, whether libvirt has heard of it or not. %NULL with libvirt's error set. (element-type ValiseLiveDisk) (transfer full) */
GPtrArray *_valise_live_disks_read (virDomainPtr domain);
/* (nullable) */
const ValiseLiveDisk *_valise_live_disks_find (GPtrArray *disks, const char *target);

G_END_DECLS
