/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * _valise_frame_wait:
 * @fd: a connected socket that speaks RFB; stays the caller's
 * @timeout_ms: how long to wait at most
 *
 * Waits until the guest has drawn: not QEMU's own notice that it has not, not one colour, and standing still for a
 * second and a half, where a blinking cursor counts as still. Who draws all the time has drawn after some seconds.
 * Reads what the display sends as it comes; needs no main loop (a VncConnection runs in the default context only, which
 * belongs to the windows).
 *
 * Returns: %FALSE with %VALISE_ENGINE_ERROR_TIMEOUT, %G_IO_ERROR_CANCELLED, or %VALISE_ENGINE_ERROR_HYPERVISOR when the
 * display ended
 */
gboolean _valise_frame_wait (int fd, guint timeout_ms, GCancellable *cancellable, GError **error);

/* Whether a guest has drawn in these pixels (0x00RRGGBB, rows without gaps). */
gboolean _valise_frame_is_drawn (const guint32 *pixels, guint width, guint height);

G_END_DECLS
