/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "formats/valise-blueprint.h"
#include "formats/valise-package.h"

G_BEGIN_DECLS

/* A disk of Parallels is a folder: DiskDescriptor.xml names the file with the bytes. Private to this room. */

/* Fills in what @descriptor says of @drive, and tells @blueprint what of it cannot be read. */
void _valise_parallels_disk_read (ValisePackage *package,
                                  const ValisePackageMember *descriptor,
                                  ValiseBlueprint *blueprint,
                                  ValiseBlueprintDrive *drive);

G_END_DECLS
