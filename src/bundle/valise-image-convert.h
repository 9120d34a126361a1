/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-image-bring.h"

G_BEGIN_DECLS

/* qemu-img's part of bringing a disk in. Private to this room. */

/* What qemu-img -p says, told to a job in bytes; meanwhile the disk begins to take what was written. @to: (nullable): the
 * file that grows */
typedef struct
{
  ValiseJob *job;
  guint64 size;
  const char *to;
  guint64 told, behind;
} ValiseImageProgress;
void _valise_image_progress_cb (const char *line, gpointer progress);

/* Makes the qcow2 @to of the first part of @source, which was looked at as @image. @size: bytes that the job is
 * advanced by in all. */
gboolean _valise_image_convert (const ValiseImageSource *source,
                                const ValiseForeignImage *image,
                                const char *to,
                                guint64 size,
                                ValiseJob *job,
                                GCancellable *cancellable,
                                GError **error);

G_END_DECLS
