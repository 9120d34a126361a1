/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ValiseImageTap:
 *
 * What the guest sees of a disk image, whatever its format and whatever it is the difference to. QEMU reads it, in a
 * process of its own that ends with this.
 */
typedef struct _ValiseImageTap ValiseImageTap;

/* @path: absolute; @format: "qcow2" or "raw", which the caller has checked. Blocking. #ValiseImageError or
 * %VALISE_PROCESS_ERROR_MISSING. (transfer full) */
ValiseImageTap *valise_image_tap_open (const char *path, const char *format, GError **error);
void valise_image_tap_free (ValiseImageTap *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseImageTap, valise_image_tap_free)

/* Bytes. */
guint64 valise_image_tap_get_size (ValiseImageTap *self);
/* Where the next bytes lie at or after @from that may be something else than zeros. @length: (out): 0 when there are
 * none. */
gboolean valise_image_tap_next (ValiseImageTap *self, guint64 from, guint64 *offset, guint64 *length, GError **error);
gboolean valise_image_tap_read (ValiseImageTap *self, guint64 offset, void *bytes, gsize length, GError **error);

G_END_DECLS
