/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/valise-job.h"

G_BEGIN_DECLS

/* A disk format that is written for others. */
typedef struct
{
  const char *word;    /* as a person says it: "qcow2", "vhd" */
  const char *suffix;  /* of a file: ".vhd" */
  const char *driver;  /* QEMU's */
  const char *options; /* (nullable) */
} ValiseImageKind;

/* %NULL for what is none. */
const ValiseImageKind *valise_image_kind_find (const char *word);
const ValiseImageKind *valise_image_kind_of_file (const char *file);

/**
 * valise_image_export:
 * @from: an image of a bundle, and all that it is the difference to; @format: what the document says, "qcow2" or "raw"
 * @to: the file to make, over one that is there
 *
 * Converts what the guest sees, holes as holes. Advances @job (nullable) by the bytes that the guest sees.
 *
 * Fails as valise_image_inspect(), with %VALISE_IMAGE_ERROR_DAMAGED, %VALISE_BUNDLE_ERROR_NO_SPACE, #ValiseProcessError,
 * %G_IO_ERROR_CANCELLED, or another #GIOErrorEnum when the disk failed to take it; what is at @to then is for the caller to remove.
 */
gboolean valise_image_export (const char *from,
                              const char *format,
                              const char *to,
                              const ValiseImageKind *kind,
                              ValiseJob *job,
                              GCancellable *cancellable,
                              GError **error);

G_END_DECLS
