/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-bundle.h"

G_BEGIN_DECLS

/* A run of which nothing is kept: what the machine writes goes to state/disposable/, to images that are the difference
 * to its own, and to copies of its firmware variables and its TPM. */

/* The TPM's copy: absolute. (transfer full) */
char *valise_disposable_tpm (const char *bundle_path);
/* Whether there is such a folder: of a machine that runs, that nothing is kept. */
gboolean valise_disposable_exists (const char *bundle_path);

/**
 * valise_disposable_begin:
 * @bundle: of a machine that does not run
 *
 * Makes the folder, anew, with the copies of variables and TPM. Fails as the medium does.
 */
gboolean valise_disposable_begin (ValiseBundle *bundle, GCancellable *cancellable, GError **error);

/**
 * valise_disposable_redirect:
 * @effective: what libvirt is to get, with absolute paths; changed
 *
 * Makes the images and has @effective name them and the copies. Fails with %VALISE_IMAGE_ERROR_FORMAT for a disk that
 * is written and is no file, and as valise_image_create.
 */
gboolean
valise_disposable_redirect (ValiseBundle *bundle, ValiseDocument *effective, GCancellable *cancellable, GError **error);

/* Removes the folder, if it is there. */
gboolean valise_disposable_end (const char *bundle_path, GError **error);

G_END_DECLS
