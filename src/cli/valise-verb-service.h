/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-library.h"

G_BEGIN_DECLS

/**
 * valise_verb_service_export:
 * @library: the application's
 * @connection: its bus
 *
 * Puts io.github.valise.Verbs1 on the bus: Run (as argv, s directory, h stdout, h stderr) -> i exit code. valisectl hands its whole command
 * line over while the application holds the embedded driver, and the same verb code runs here in a thread, writing to the caller's
 * descriptors. The verb is cancelled when the caller leaves the bus.
 *
 * Returns: a registration id for g_dbus_connection_unregister_object, 0 on error
 */
guint valise_verb_service_export (ValiseLibrary *library, GDBusConnection *connection, GError **error);

G_END_DECLS
