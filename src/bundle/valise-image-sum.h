/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-foreign-image.h"

G_BEGIN_DECLS

/* The digest that somebody has promised for an image. Private to this room. */
typedef struct _ValiseImageSum ValiseImageSum;

/* @promise: "sha256:HEX" (nullable: everything is right). %NULL with %VALISE_IMAGE_ERROR_FORMAT for a digest that
 * nobody knows. (transfer full) */
ValiseImageSum *_valise_image_sum_new (const char *promise, const char *name, GError **error);
void _valise_image_sum_add (ValiseImageSum *self, const void *bytes, gsize length);
/* Whether there is something to be checked. */
gboolean _valise_image_sum_matters (ValiseImageSum *self);
/* Ends it. %VALISE_IMAGE_ERROR_DAMAGED when the promise was not kept. */
gboolean _valise_image_sum_check (ValiseImageSum *self, GError **error);
void _valise_image_sum_free (ValiseImageSum *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseImageSum, _valise_image_sum_free)

/* Reads @place in a thread beside the one that converts it, whose pages are in memory then. @cancellable: of the two,
 * cancelled as soon as it is known that the promise was not kept */
void _valise_image_sum_start (ValiseImageSum *self, const ValiseImagePlace *place, GCancellable *cancellable);
/* Waits for the thread. */
gboolean _valise_image_sum_join (ValiseImageSum *self, GError **error);

G_END_DECLS
