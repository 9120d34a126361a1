/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "formats/valise-blueprint.h"
#include "formats/valise-package.h"

G_BEGIN_DECLS

/**
 * ValiseDiskHeader:
 * @format: QEMU's word for it: "qcow2", "vmdk", "vdi", "vpc", "vhdx", "qed", "parallels", or "raw" for what has no magic
 * @variant: (nullable): the kind within the format, as the file words it ("streamOptimized")
 * @compression: (nullable): the file lies compressed with "gzip", "xz" or "zstd", and the rest is of what is inside
 * @size: bytes that the guest sees; 0: the header does not tell
 * @looks_raw: a raw disk that shows a partition table or a file system
 * @snapshots: how many states of the past lie inside
 * @needs: (nullable): another file that it is only the difference to, or that holds its bytes, as written
 * @code: (nullable): why it cannot be taken, a word for findings, with @text and @remedy
 *
 * What the head of a disk image says. Nothing of it is believed: who opens the image checks again.
 */
typedef struct
{
  const char *format;
  char *variant;
  const char *compression;
  guint64 size;
  gboolean looks_raw;
  guint snapshots;
  char *needs;
  const char *code;
  char *text;
  char *remedy;
} ValiseDiskHeader;

/* Looks at a few blocks of @member. (transfer full) */
ValiseDiskHeader *valise_disk_header_read (ValisePackage *package, const ValisePackageMember *member);
void valise_disk_header_free (ValiseDiskHeader *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseDiskHeader, valise_disk_header_free)

/* Puts what the header of @member says into @drive, and what is wrong with it into @blueprint's findings at @place. */
void valise_disk_header_apply (ValisePackage *package,
                               const ValisePackageMember *member,
                               ValiseBlueprint *blueprint,
                               ValiseBlueprintDrive *drive,
                               const char *place);

G_END_DECLS
