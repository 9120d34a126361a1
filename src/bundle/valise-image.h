/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/valise-job.h"

G_BEGIN_DECLS

#define VALISE_IMAGE_ERROR (valise_image_error_quark ())
GQuark valise_image_error_quark (void);
typedef enum
{
  VALISE_IMAGE_ERROR_MISSING, /* there is no such file */
  VALISE_IMAGE_ERROR_FORMAT,  /* not the format that the document says, or none Valise opens */
  VALISE_IMAGE_ERROR_UNSAFE,  /* backing file, external data file or encryption where none is allowed; names it */
  VALISE_IMAGE_ERROR_DAMAGED, /* header fields that contradict the file */
  VALISE_IMAGE_ERROR_SIZE,    /* smaller than now, zero, or larger than the format holds */
  VALISE_IMAGE_ERROR_DATA,    /* what is stored would be cut off */
} ValiseImageError;

typedef struct
{
  char *format;         /* "qcow2" or "raw" */
  guint64 virtual_size; /* bytes the guest sees */
  guint64 actual_size;  /* bytes taken on this file system now (st_blocks) */
} ValiseImageInfo;
void valise_image_info_free (ValiseImageInfo *self);
ValiseImageInfo *valise_image_info_copy (const ValiseImageInfo *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseImageInfo, valise_image_info_free)

/* Reads the header itself: starts no program and follows nothing. @format is what the document says; content that says
 * otherwise is %VALISE_IMAGE_ERROR_FORMAT. A qcow2 image that refers to other files is _UNSAFE, a header that
 * contradicts the file _DAMAGED. Fast enough for a start. (transfer full) */
ValiseImageInfo *valise_image_inspect (const char *path, const char *format, GError **error);

/* The same for a file that no machine says anything about yet: what has no known header is a raw disk. Links are
 * followed. A disk of another program is _FORMAT, and the message says what it is. */
ValiseImageInfo *valise_image_identify (const char *path, GError **error);

/**
 * valise_image_create:
 * @path: the image to make, which must not be there
 * @format: "qcow2" or "raw"
 * @bytes: what the guest sees, greater than 0; rounded up to 512
 *
 * With qemu-img, sparse, readable by the user alone. Blocking.
 *
 * Fails with %VALISE_IMAGE_ERROR_FORMAT, _SIZE, %VALISE_BUNDLE_ERROR_EXISTS, _NO_SPACE, _READ_ONLY, #ValiseProcessError
 * or %G_IO_ERROR_CANCELLED; then there is no file.
 */
gboolean
valise_image_create (const char *path, const char *format, guint64 bytes, GCancellable *cancellable, GError **error);
/* Growing only: a smaller size is %VALISE_IMAGE_ERROR_SIZE, the same size success. Else as valise_image_inspect and
 * valise_image_create; on failure or cancel the guest's bytes are as they were. */
gboolean
valise_image_grow (const char *path, const char *format, guint64 bytes, GCancellable *cancellable, GError **error);

G_END_DECLS
