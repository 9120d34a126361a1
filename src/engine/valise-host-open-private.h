/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-libvirt-private.h"
#include <gio/gio.h>

G_BEGIN_DECLS

/* The URI that will be tried first: @wanted, else the session's for a user and the embedded driver's for root.
 * (transfer full) */
char *_valise_host_guess_uri (const char *wanted);

/**
 * _valise_host_open:
 * @wanted: (nullable): else the rule, by which a user without a session daemon gets the embedded driver
 * @uri: (out): what was tried last
 *
 * Blocking, for a minute at most. Errors are #ValiseEngineError; %VALISE_ENGINE_ERROR_BUSY names the process that holds
 * the embedded driver.
 */
virConnectPtr _valise_host_open (const char *wanted, char **uri, GCancellable *cancellable, GError **error);

G_END_DECLS
