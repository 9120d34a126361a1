/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-library.h"

G_BEGIN_DECLS

/**
 * ValiseVerbService:
 *
 * The door of the process that holds the embedded driver. Only one process can hold it, so another valisectl hands its
 * whole command line over to this one: interface io.github.valise.Verbs1, method Run (aay arguments, ay directory, ay
 * library, h output, h errors) -> i exit code, on a D-Bus socket of its own beside the driver's root (so that it works
 * over ssh, where there is no session bus) which admits the same user only. The verb runs in a thread and writes to the
 * caller's descriptors; it is cancelled when the caller goes away.
 */
#define VALISE_TYPE_VERB_SERVICE (valise_verb_service_get_type ())
G_DECLARE_FINAL_TYPE (ValiseVerbService, valise_verb_service, VALISE, VERB_SERVICE, GObject)

/* Opens the door for @library's host; it closes with the last reference. To be called once the host is connected and
 * embedded (valise_host_is_embedded). Errors are #GIOErrorEnum and not fatal to the caller: verbs from outside then get
 * "busy". */
ValiseVerbService *valise_verb_service_new (ValiseLibrary *library, GError **error);

/* Waits until no verb of others is being carried out, or @cancellable (nullable) is cancelled. */
void valise_verb_service_wait_idle (ValiseVerbService *self, GCancellable *cancellable);

G_END_DECLS
