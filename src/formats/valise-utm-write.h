/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/valise-job.h"
#include "formats/valise-blueprint.h"

G_BEGIN_DECLS

#define VALISE_UTM_SUFFIX ".utm"

/**
 * valise_utm_write:
 * @machine: as valise_outline() makes it; its disks are whole and nobody writes to them
 * @path: the folder to make, which ends in %VALISE_UTM_SUFFIX
 * @media: whether the discs in its drives go along
 *
 * A machine of UTM 4 and later with QEMU behind it: config.plist, and in Data/ the disks as qcow2 and the firmware's
 * variables. Sets @job's total.
 *
 * Fails as valise_parcel_begin() and valise_image_export().
 */
gboolean valise_utm_write (const ValiseBlueprint *machine,
                           const char *path,
                           gboolean media,
                           ValiseJob *job,
                           GCancellable *cancellable,
                           GError **error);

G_END_DECLS
