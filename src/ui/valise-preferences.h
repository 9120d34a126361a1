/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <handy.h>

G_BEGIN_DECLS

/* What applies to all machines; each control is bound to its setting and takes effect at once unless it says
 * otherwise. */
#define VALISE_TYPE_PREFERENCES (valise_preferences_get_type ())
G_DECLARE_FINAL_TYPE (ValisePreferences, valise_preferences, VALISE, PREFERENCES, HdyPreferencesWindow)

/* @library: the folder in use now */
GtkWidget *valise_preferences_new (GtkWindow *parent, const char *library);

G_END_DECLS
