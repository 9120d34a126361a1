/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* How much is free where @directory is or is to be made. */
void valise_free_space_ask_async (const char *directory,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
/* Bytes; 0 when it is not known or was cancelled. */
guint64 valise_free_space_ask_finish (GObject *source, GAsyncResult *result);

G_END_DECLS
