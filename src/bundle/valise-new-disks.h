/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-document.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* The knob that states how large a disk's image is to be, in bytes:
 * metadata/valise:machine/valise:disk[@source='disks/root.qcow2']/@size. It stays in the document; an image that is as
 * large already, or larger, is left alone. (transfer full) */
char *valise_new_disks_knob (const char *source);
/* The stated size of the image in bytes, 0 when none is. */
guint64 valise_new_disks_get_size (ValiseDocument *document, const char *source);

/* Has the size that is stated for an image stated for it under another name. #ValiseDocumentError */
gboolean valise_new_disks_rename (ValiseDocument *document, const char *from, const char *to, GError **error);
/* Whether a disk or a drive of @document has that file. */
gboolean valise_new_disks_is_named (ValiseDocument *document, const char *source);

/**
 * valise_new_disks_make:
 * @document: a stored document
 * @directory: its bundle
 * @made: (out) (element-type filename): absolute paths of the images that were not there before
 *
 * Makes the image of every disk inside the bundle that has a stated size and no file yet, and grows those that are
 * smaller than stated. Blocking. On failure or cancel what was made is removed again; what was grown stays grown, which
 * no guest notices. Errors as valise_image_create and valise_image_grow, and %VALISE_PATH_ERROR_UNSAFE for an image in
 * a folder that is a link.
 */
gboolean valise_new_disks_make (ValiseDocument *document,
                                const char *directory,
                                GPtrArray **made,
                                GCancellable *cancellable,
                                GError **error);

/* Removes the images of @made again, because what came after failed. */
void valise_new_disks_undo (GPtrArray *made);

G_END_DECLS
