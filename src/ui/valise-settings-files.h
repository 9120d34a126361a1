/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include "engine/valise-library.h"

G_BEGIN_DECLS

/**
 * ValiseSettingsFiles:
 *
 * What is done at once with a machine's files from its settings: an action group that rows find as "files" in their
 * window, where there is a machine. Actions: compact (target), convert (target, format), shrink (target, bytes, whether
 * what is stored beyond may be lost), reset-variables, put-back-variables; off unless the machine is off and nothing else is done with its files.
 *
 * Signals: "done" (text: what became of it, or %NULL), "failed" (text), "changed" (what can be done).
 */
#define VALISE_TYPE_SETTINGS_FILES (valise_settings_files_get_type ())
G_DECLARE_FINAL_TYPE (ValiseSettingsFiles, valise_settings_files, VALISE, SETTINGS_FILES, GObject)

#define VALISE_SETTINGS_FILES_GROUP "files"

/* @library: runs the long work. @jobs: shows it while it goes on. */
ValiseSettingsFiles *valise_settings_files_new (ValiseMachine *machine, ValiseLibrary *library, GtkListBox *jobs);
GActionGroup *valise_settings_files_get_actions (ValiseSettingsFiles *self);

/* For rows: whether the window of @widget has such actions, and whether @action can be done now; doing it. */
gboolean valise_settings_files_are_there (GtkWidget *widget);
gboolean valise_settings_files_can (GtkWidget *widget, const char *action);
void valise_settings_files_do (GtkWidget *widget, const char *action, GVariant *parameter);

G_END_DECLS
