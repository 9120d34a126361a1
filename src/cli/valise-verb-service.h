/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-library.h"

G_BEGIN_DECLS

/**
 * ValiseVerbService:
 *
 * The door of the process that holds the embedded driver. Only one process can hold it, so another valisectl hands its
 * whole command line over to this one. An application that uses a daemon has one too: it holds its machines' bundles,
 * for hours where it merges snapshots, and only in its own process others' verbs have their turn. Interface
 * io.github.valise.Verbs1, method Run (aay arguments, ay directory, ay library, h output, h errors) -> i exit code, on a
 * D-Bus socket of its own in the driver's root (so that it works over ssh, where there is no session bus) which admits
 * the same user only. The verb runs in a thread and writes to the caller's descriptors; signal Begun goes out before its
 * first step. It is cancelled when the caller goes away.
 */
#define VALISE_TYPE_VERB_SERVICE (valise_verb_service_get_type ())
G_DECLARE_FINAL_TYPE (ValiseVerbService, valise_verb_service, VALISE, VERB_SERVICE, GObject)

/* Opens the door for @library's host; it closes with the last reference. To be called once the host is connected. Errors
 * are #GIOErrorEnum (%G_IO_ERROR_BUSY: another process has opened it for a daemon), or %VALISE_ENGINE_ERROR_PERMISSION,
 * and not fatal to the caller: verbs from outside then get "busy" or find the bundle locked. */
ValiseVerbService *valise_verb_service_new (ValiseLibrary *library, GError **error);

/* How many verbs of others are being carried out. */
guint valise_verb_service_count_visits (ValiseVerbService *self);
/* Cancels those; each ends when what it half did is undone. What comes in afterwards is served as before. */
void valise_verb_service_cancel_visits (ValiseVerbService *self);

/* Waits until no verb of others is being carried out, or @cancellable (nullable) is cancelled, and lets nobody in from then
 * on: whoever knocks hears that nothing was begun. For a program that ends. */
void valise_verb_service_close (ValiseVerbService *self, GCancellable *cancellable);

G_END_DECLS
