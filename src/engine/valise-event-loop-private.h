/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * The one thread that libvirt's own sources run in. libvirt's default event implementation sits on GLib's default main
 * context, which belongs to the windows; this one has a context of its own, so that neither a busy window delays the
 * embedded driver nor the driver the window. The thread sleeps in poll while there is nothing to do.
 */

/* libvirt is to be silent on standard error: errors come back as return values, and are shown by whoever asked. Before
 * there are threads, because libvirt takes this from the environment when it is loaded; what the user has set there stays. Programs that
 * are started here have it as well, and are silent likewise. */
void _valise_event_loop_silence (void);

/* Loads and initialises libvirt, registers the implementation and starts the thread, once per process; before any other
 * call into libvirt. Takes some milliseconds, so not in the main thread. Fails with %VALISE_ENGINE_ERROR_NO_LIBVIRT. */
gboolean _valise_event_loop_start (GError **error);

/* Calls @func in the event thread after @milliseconds, once. It must not block. (transfer full): destroy and unref to
 * take it back. */
GSource *_valise_event_loop_after (guint milliseconds, GSourceFunc func, gpointer user_data, GDestroyNotify destroy);

G_END_DECLS
