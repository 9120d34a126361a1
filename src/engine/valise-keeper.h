/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-library.h"

G_BEGIN_DECLS

/**
 * ValiseKeeper:
 *
 * Has the machines of a library keep to their schedules for as long as it is there: looks which snapshot is due first,
 * sleeps until then, and takes it, as it does with those that became due while nobody was there. Belongs to the main
 * context; the work is done in threads, one machine after the other.
 *
 * As long as there is one, machines that are found running, and those that go off, have what deleted snapshots left of
 * them merged in the background; it gives way to whatever else is done with them.
 *
 * "failed" (#ValiseMachine, #GError): the snapshot that was due could not be taken. It is tried again later, and told of
 * once until it goes well. A machine that is busy, or somebody else's at the moment, is no failure.
 */
#define VALISE_TYPE_KEEPER (valise_keeper_get_type ())
G_DECLARE_FINAL_TYPE (ValiseKeeper, valise_keeper, VALISE, KEEPER, GObject)

/* Does nothing for the first seconds, in which a program has better things to do. (transfer full) */
ValiseKeeper *valise_keeper_new (ValiseLibrary *library);
/* Takes no more; one that is being taken is taken back. */
void valise_keeper_stop (ValiseKeeper *self);
/* A schedule has changed: the keeper of this process, if there is one, looks again. From any thread. */
void valise_keeper_wake (void);

G_END_DECLS
