/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-image.h"

G_BEGIN_DECLS

typedef struct _ValisePackedImage ValisePackedImage;

/**
 * ValiseImagePlace:
 * @fd: the file that the image lies in, which stays open
 * @name: what messages call it
 * @offset: where it begins there
 * @size: its bytes
 * @packed: (nullable): they are read through this instead
 *
 * A disk image as it lies somewhere, perhaps in the middle of an archive.
 */
typedef struct
{
  int fd;
  const char *name;
  guint64 offset;
  guint64 size;
  ValisePackedImage *packed;
} ValiseImagePlace;

/* A line of a VMDK's description. @sectors: of 512 bytes; @offset: where it begins in its file, in sectors, or -1 */
typedef struct
{
  char kind[11];
  guint64 sectors;
  gint64 offset;
} ValiseForeignExtent;

/**
 * ValiseForeignImage:
 * @driver: what QEMU calls the format: "raw", "qcow2", "vmdk", "vdi", "vpc", "vhdx", "parallels" or "qed"
 * @capacity: bytes that the guest sees
 * @extents: (nullable): bare names of the files beside it that hold its data, when it is only a description
 * @sparse: (nullable) (array): for each of @extents whether it is an image of its own rather than plain bytes
 * @layout: (nullable) (element-type ValiseForeignExtent): what the description says of each of @extents
 * @zeros: a part of it is zeros without a file; QEMU passes over such a part, and what follows moves up
 * @kind, @cid, @parent_cid: (nullable): what else it says: "twoGbMaxExtentSparse", and what tells it from others
 * @parent: (nullable): the name of the image that this one holds only the changes of, as it was written
 * @table, @table_bytes, @block: of VHDX: where the table of its blocks lies, and how long they are
 */
typedef struct
{
  const char *driver;
  guint64 capacity;
  char **extents;
  gboolean *sparse;
  GArray *layout;
  gboolean zeros;
  char *kind;
  char *cid;
  char *parent_cid;
  char *parent;
  guint64 table;
  guint64 table_bytes;
  guint64 block;
} ValiseForeignImage;
void valise_foreign_image_free (ValiseForeignImage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseForeignImage, valise_foreign_image_free)

/**
 * valise_foreign_image_ends_plainly:
 * @bytes: (array length=length): a VMDK description as it lies in its file
 *
 * QEMU writes a description with a shorter content id over the longer one and a NUL behind it; the rest of the file stays
 * (block/vmdk.c, vmdk_write_cid). Anything else behind the text may be meant for another reader.
 *
 * Returns: whether behind the text come only NULs and what it ended with before
 */
gboolean valise_foreign_image_ends_plainly (const char *bytes, gsize length);

/**
 * valise_foreign_image_look:
 *
 * Reads the headers itself, in any format that qemu-img reads: starts no program and follows nothing. What has no known
 * header is a raw disk.
 *
 * Fails with %VALISE_IMAGE_ERROR_UNSAFE when data would come from elsewhere than from files beside it, with _FORMAT for
 * a kind that nothing here can read (the message says how to get the data out), with _DAMAGED for a header that
 * contradicts the file, or with a #GIOErrorEnum. (transfer full)
 */
ValiseForeignImage *valise_foreign_image_look (const ValiseImagePlace *place, GError **error);

G_END_DECLS
