/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* ISO files of the user's Downloads folder, newest first, looked for in a thread. */
void valise_iso_finder_find_async (GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* Absolute paths. (element-type filename) (transfer full) */
GPtrArray *valise_iso_finder_find_finish (GAsyncResult *result, GError **error);

G_END_DECLS
