/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-bundle.h"
#include "bundle/valise-document.h"

G_BEGIN_DECLS

/* A disk that is copied while the guest writes to it. */
typedef struct
{
  char *target; /* libvirt's name: "vda" */
  char *from;   /* whole path */
  char *stored; /* below the bundle */
  char *format;
} ValiseStagedDisk;

/* Those that a running machine writes to. @live: libvirt's description of it; @bundle: whole path of its bundle; a disk
 * from elsewhere gets a name there that is nobody's. (element-type ValiseStagedDisk) (transfer full) */
GPtrArray *_valise_staged_disks_read (ValiseDocument *live, const char *bundle);
/* What libvirt is to do: copy them into @stage. (transfer full) */
char *_valise_staged_disks_describe (GPtrArray *disks, ValiseBundle *stage);
/* Where a disk of elsewhere has become one of the copy's, @document says so. */
gboolean _valise_staged_disks_take_in (GPtrArray *disks, ValiseDocument *document, GError **error);
/* Bytes that they take on their media; a blocking look at each. */
guint64 _valise_staged_disks_count (GPtrArray *disks);

G_END_DECLS
