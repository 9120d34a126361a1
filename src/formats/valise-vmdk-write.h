/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/valise-job.h"
#include "bundle/valise-image-tap.h"
#include "bundle/valise-parcel.h"

G_BEGIN_DECLS

/**
 * valise_vmdk_write:
 * @tap: the disk
 * @parcel: a file is open in it, and what is written follows there
 * @name: the file's, as the disk's description has it
 * @adapter: the word for what the disk hangs on: "ide", "lsilogic"
 * @populated: (out): bytes of the guest's that are in it
 *
 * A "streamOptimized" disk in one pass, compressed on all cores, with its tables behind the bytes. Advances @job
 * (nullable) by the bytes that the guest sees.
 *
 * Fails as valise_image_tap_read() and valise_parcel_write(), with %VALISE_IMAGE_ERROR_SIZE for a disk that the format
 * cannot hold, or %G_IO_ERROR_CANCELLED.
 */
gboolean valise_vmdk_write (ValiseImageTap *tap,
                            ValiseParcel *parcel,
                            const char *name,
                            const char *adapter,
                            guint64 *populated,
                            ValiseJob *job,
                            GCancellable *cancellable,
                            GError **error);

G_END_DECLS
