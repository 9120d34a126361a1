/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-host.h"

G_BEGIN_DECLS

/* What this computer can do, read in a thread. Waits a moment for a connection that is just being made, since without one little is known. */
void valise_host_reader_read_async (ValiseHost *host,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
/* (transfer full): %NULL only when cancelled */
ValiseCapabilities *valise_host_reader_read_finish (GAsyncResult *result, GError **error);

G_END_DECLS
