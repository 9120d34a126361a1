/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define VALISE_ISO_ERROR (valise_iso_error_quark ())
GQuark valise_iso_error_quark (void);
typedef enum
{
  VALISE_ISO_ERROR_NOT_AN_ISO, /* neither ISO 9660 nor UDF */
  VALISE_ISO_ERROR_UNREADABLE, /* reading failed, or it is no plain file */
} ValiseIsoError;

/**
 * ValiseIso:
 *
 * What the first sectors of a disc image say about it. Texts are valid UTF-8 without control characters, never %NULL.
 */
typedef struct
{
  char *label;
  char *system;
  char *publisher;
  char *application;
  guint64 volume_size; /* bytes that the file system spans, 0 when not told */
  gboolean iso9660;
  gboolean udf;
  gboolean boots_bios; /* El Torito, platform 80x86 */
  gboolean boots_uefi; /* El Torito, platform EFI */
} ValiseIso;

/**
 * valise_iso_read:
 * @path: any file; a FIFO or device never blocks
 *
 * Reads at most a few dozen sectors and believes none of them: every offset and count is bounded by the file.
 *
 * Returns: (transfer full): what it is, or %NULL with a #ValiseIsoError that names @path
 */
ValiseIso *valise_iso_read (const char *path, GError **error);
/* The same from an open file, which stays open. @name is what errors call it. (transfer full) */
ValiseIso *valise_iso_read_fd (int fd, const char *name, GError **error);
void valise_iso_free (ValiseIso *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseIso, valise_iso_free)

G_END_DECLS
