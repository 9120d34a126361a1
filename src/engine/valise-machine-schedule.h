/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-schedule.h"
#include "engine/valise-machine.h"

G_BEGIN_DECLS

/* Snapshots that are taken by themselves. All of these block; errors are those of valise-machine-snapshots.h. */

gboolean valise_machine_get_schedule (ValiseMachine *self, ValiseSchedule *schedule, GError **error);
/* In force at once in the program that has a #ValiseKeeper. */
gboolean valise_machine_set_schedule (ValiseMachine *self, const ValiseSchedule *schedule, GError **error);

/* @wanted: (out): whether one is taken before something risky, as another firmware or a smaller disk */
gboolean valise_machine_get_precautions (ValiseMachine *self, gboolean *wanted, GError **error);
gboolean valise_machine_set_precautions (ValiseMachine *self, gboolean wanted, GError **error);

/**
 * valise_machine_follow_schedule:
 * @next: (out): when to come again, in microseconds of unix time; G_MAXINT64 for never
 *
 * Takes a snapshot if one is due, without memory, and deletes those of its own that are too many, the oldest first. Of a
 * machine that is off and was not used since the last one none is taken.
 *
 * Returns: %FALSE if that failed; @next then says when to try again
 */
gboolean valise_machine_follow_schedule (ValiseMachine *self, gint64 *next, GCancellable *cancellable, GError **error);

G_END_DECLS
