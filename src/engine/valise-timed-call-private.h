/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Runs in a thread of its own. Returns what the caller gets, or %NULL and sets @error. */
typedef gpointer (*ValiseCallFunc) (gpointer data, GError **error);

/**
 * _valise_timed_call:
 * @what: what is being tried, translated, for the message; without a full stop
 * @data: given to @func and freed with @free_data when @func has returned, however late that is
 * @free_result: (nullable): frees a result that came when nobody waited any more
 * @seconds: how long to wait
 * @cancellable: (nullable): ends the waiting, not the call
 *
 * libvirt's calls cannot be called off and may hang with the driver. This waits for one and gives up on it in time:
 * then %VALISE_ENGINE_ERROR_TIMEOUT names @what, and the call goes on by itself.
 */
gpointer _valise_timed_call (const char *what,
                             ValiseCallFunc func,
                             gpointer data,
                             GDestroyNotify free_data,
                             GDestroyNotify free_result,
                             guint seconds,
                             GCancellable *cancellable,
                             GError **error);

G_END_DECLS
