/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "formats/valise-blueprint.h"
#include "formats/valise-package.h"

G_BEGIN_DECLS

/**
 * ValiseVmdkExtent:
 * @kind: "SPARSE", "FLAT", "ZERO", "VMFS", "VMFSSPARSE" or "SESPARSE"
 * @file: as written; %NULL for "ZERO"
 * @bytes: that the guest sees of it
 * @offset: where they begin in a flat file
 */
typedef struct
{
  char *kind;
  char *file;
  guint64 bytes;
  guint64 offset;
} ValiseVmdkExtent;

/**
 * ValiseVmdk:
 * @kind: "monolithicSparse", "twoGbMaxExtentFlat", ...; %NULL: not stated
 * @capacity: bytes that the guest sees
 * @cid: changes with every writer, so that a difference knows whether its parent is still the one it was made from
 * @parent: (nullable): the file that this is the difference to, as written; then @parent_cid is the CID it had
 * @extents: (element-type ValiseVmdkExtent): the files the bytes lie in; empty when they lie in this very file
 *
 * A VMware disk as its descriptor states it.
 */
typedef struct
{
  char *kind;
  guint64 capacity;
  guint32 cid;
  char *parent;
  guint32 parent_cid;
  GPtrArray *extents;
} ValiseVmdk;

/**
 * valise_vmdk_read:
 *
 * Reads the descriptor, a text file of its own or the one inside a sparse file, and opens nothing that it names. A line
 * that Valise does not understand is an error: another program might read a file's name in it.
 *
 * Returns: (transfer full): or %NULL with a %VALISE_READER_ERROR_DAMAGED, _REFUSED or #ValisePackageError that names
 *   @member
 */
ValiseVmdk *valise_vmdk_read (ValisePackage *package, const ValisePackageMember *member, GError **error);
void valise_vmdk_free (ValiseVmdk *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseVmdk, valise_vmdk_free)

/**
 * valise_vmdk_attach:
 * @member: the image that @drive has
 *
 * Looks through the whole image, with its extents and all that it is a difference to: all have to lie in the same
 * folder of the source. Sets the drive's capacity and @beside, and tells @blueprint what is missing or cannot be read.
 * A chain of differences is one disk afterwards, with what the guest saw last.
 */
void valise_vmdk_attach (ValisePackage *package,
                         const ValisePackageMember *member,
                         ValiseBlueprint *blueprint,
                         ValiseBlueprintDrive *drive);

G_END_DECLS
