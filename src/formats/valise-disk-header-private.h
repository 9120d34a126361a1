/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "formats/valise-disk-header.h"

G_BEGIN_DECLS

/* Where the bytes of a disk come from, compressed or not. Private to this room. */
typedef struct
{
  ValisePackage *package;
  const ValisePackageMember *member;
  guint64 length; /* bytes of the image; 0: not known, for it lies compressed */
  guint8 *inflated;
  gsize inflated_length;
} ValiseDiskLook;

/* At most @length bytes from @at on; how many there were. */
gsize _valise_disk_look (const ValiseDiskLook *self, guint64 at, gpointer buffer, gsize length);

/* Notes why the disk cannot be taken; only the first reason is kept. @text: taken over */
void _valise_disk_header_refuse (ValiseDiskHeader *self, const char *code, char *text, const char *remedy);
/* It is only the difference to @name (nullable). */
void _valise_disk_header_needs (ValiseDiskHeader *self, const char *name);

/* VHDX, whose size stands in a table of a table. */
void _valise_vhdx_header_read (ValiseDiskHeader *self, const ValiseDiskLook *look);

G_END_DECLS
