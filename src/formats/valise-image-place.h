/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "formats/valise-blueprint.h"
#include "formats/valise-package.h"

G_BEGIN_DECLS

/**
 * valise_image_place_find:
 * @folder: that @path is relative to; "" for the source's own
 * @path: as another program wrote it, of Linux, macOS or Windows
 * @place: where it stands, for findings
 *
 * Looks for the image of @drive inside the source. A machine that was copied still names where it lay, so of a path that
 * leads out the file of that name beside the machine is taken, and that is told. Sets the drive's member.
 *
 * Returns: (transfer none) (nullable): %NULL when it is not there, which is told: a disk needs a decision, any other
 *   drive is empty then
 */
const ValisePackageMember *valise_image_place_find (ValisePackage *package,
                                                    const char *folder,
                                                    const char *path,
                                                    const char *place,
                                                    ValiseBlueprint *blueprint,
                                                    ValiseBlueprintDrive *drive);

G_END_DECLS
