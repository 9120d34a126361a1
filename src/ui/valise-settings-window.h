/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <handy.h>
#include "engine/valise-library.h"

G_BEGIN_DECLS

/**
 * ValiseSettingsWindow:
 *
 * The settings of one machine, off or running. Closing with changes asks nothing away: it offers Apply, Discard and
 * Keep editing.
 */
#define VALISE_TYPE_SETTINGS_WINDOW (valise_settings_window_get_type ())
G_DECLARE_FINAL_TYPE (ValiseSettingsWindow, valise_settings_window, VALISE, SETTINGS_WINDOW, HdyWindow)

/* @library: (nullable): runs what is done with the machine's files; without one nothing is. @parent: (nullable) */
GtkWidget *valise_settings_window_new (ValiseMachine *machine, ValiseLibrary *library, GtkWindow *parent);
ValiseMachine *valise_settings_window_get_machine (ValiseSettingsWindow *self);

G_END_DECLS
