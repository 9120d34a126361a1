/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/valise-job.h"
#include "formats/valise-ovf-write.h"

G_BEGIN_DECLS

#define VALISE_OVA_SUFFIX ".ova"
#define VALISE_OVF_SUFFIX ".ovf"

/**
 * valise_ovf_package_write:
 * @machines: (element-type ValiseBlueprint): as valise_outline() makes them; their disks are whole and nobody writes to
 *   them
 * @path: with %VALISE_OVA_SUFFIX the one file to make; otherwise the folder to make, which gets a descriptor, a manifest
 *   and the disks
 * @replaces: whether a file at @path may be replaced
 *
 * Each disk is read once and written once, where it stays; digests are taken on the way. Sets @job's total.
 *
 * Fails as valise_parcel_begin(), valise_image_inspect() and valise_vmdk_write().
 *
 * Returns: (transfer full): what was made: the .ova, or the descriptor in its folder; %NULL on error
 */
char *valise_ovf_package_write (GPtrArray *machines,
                                const char *path,
                                ValiseOvfVersion version,
                                gboolean replaces,
                                ValiseJob *job,
                                GCancellable *cancellable,
                                GError **error);

G_END_DECLS
