/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "engine/valise-machine.h"

G_BEGIN_DECLS

/**
 * ValiseScheduleBar:
 *
 * How often snapshots of a machine are taken by themselves, and how many of them are kept; what is chosen holds at once.
 * "failed" (#GError): it could not be stored, and the bar shows what holds.
 */
#define VALISE_TYPE_SCHEDULE_BAR (valise_schedule_bar_get_type ())
G_DECLARE_FINAL_TYPE (ValiseScheduleBar, valise_schedule_bar, VALISE, SCHEDULE_BAR, GtkBox)

/* Once. */
void valise_schedule_bar_set_machine (ValiseScheduleBar *self, ValiseMachine *machine);
/* It may have been changed by somebody else. */
void valise_schedule_bar_refresh (ValiseScheduleBar *self);

G_END_DECLS
