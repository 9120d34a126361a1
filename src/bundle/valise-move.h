/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/valise-job.h"

G_BEGIN_DECLS

/* It is at @path now. */
typedef void (*ValiseMovedFunc) (const char *path, gpointer user_data);

/**
 * valise_bundle_move:
 * @bundle_path: a bundle whose lock the caller holds, and that does not run
 * @directory: where it is to be; made if missing
 * @func: (nullable): called when it is there, before an old one goes; once more if that had to be taken back
 *
 * Moves it there, with all that it is and was. On the same file system that is a rename. On another it is copied aside,
 * read back and compared, and appears when it is whole; then the old one goes. A kill leaves the old one or the new one.
 * Between the two moments in which the new one appears and the old one goes both are there, and then whichever of them
 * this computer does not know yet is asked about before it starts.
 *
 * Fails as valise_bundle_open and valise_travel_fill, with %VALISE_BUNDLE_ERROR_EXISTS when there is one of that name or
 * it lies there already, _CORRUPT when the copy is not what was copied, %G_IO_ERROR_WOULD_RECURSE when @directory lies
 * in it, and %G_IO_ERROR_CANCELLED; then it is where it was and nothing is left of the copy.
 *
 * Returns: (transfer full): where it is now, or %NULL
 */
char *valise_bundle_move (const char *bundle_path,
                          const char *directory,
                          ValiseMovedFunc func,
                          gpointer user_data,
                          ValiseJob *job,
                          GCancellable *cancellable,
                          GError **error);

G_END_DECLS
