/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-host.h"

G_BEGIN_DECLS

/* What this computer can do, read in a thread. Waits a moment for a connection that is just being made, since without
 * one little is known. */
void valise_host_reader_read_async (ValiseHost *host,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
/* (transfer full): %NULL only when cancelled */
ValiseCapabilities *valise_host_reader_read_finish (GAsyncResult *result, GError **error);

/* What is known of this computer without asking libvirt, whose first look at QEMU takes seconds: its processors and its
 * memory; everything counts as possible here. Never waits. (transfer full) */
ValiseCapabilities *valise_host_reader_guess (void);

G_END_DECLS
