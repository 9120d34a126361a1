/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/valise-edit-session.h"

G_BEGIN_DECLS

/* Something a machine can be booted from. */
typedef struct
{
  char *device; /* "devices/disk[2]", or "os/kernel" */
  char *title;
  char *subtitle;
  const char *icon;
  gboolean on;
  guint order; /* as stated; 0 when it takes no part */
} ValiseBootEntry;

/* Everything that can be booted from, those that take part first and in their order; a kernel is before all others, as
 * in libvirt. Reads boot/@order of the devices and, where there is none, os/boot. (element-type ValiseBootEntry)
 * (transfer full) */
GPtrArray *valise_boot_order_read (ValiseEditSession *session);
/* Numbers the entries that are on from 1, in the order of the list, and removes os/boot: no two can hold the same
 * number. One undoable step. */
gboolean valise_boot_order_write (ValiseEditSession *session, GPtrArray *entries, GError **error);

G_END_DECLS
