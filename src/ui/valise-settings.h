/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include "model/valise-edit-session.h"

G_BEGIN_DECLS

/**
 * ValiseSettings:
 *
 * The settings editor: search, pages, devices, and the strip that says what changed. Edits one #ValiseEditSession and
 * knows nothing of machines, so that the same editor serves before the first boot, later and while running.
 *
 * Signals: "apply" (the button or Ctrl+S), "notify::folded" (a narrow window shows the list or the page).
 * Properties: session, folded (read only), apply-visible.
 */
#define VALISE_TYPE_SETTINGS (valise_settings_get_type ())
G_DECLARE_FINAL_TYPE (ValiseSettings, valise_settings, VALISE, SETTINGS, GtkBin)

/* @session: (nullable) */
void valise_settings_set_session (ValiseSettings *self, ValiseEditSession *session);

/* @page: "system", ..., "xml", or a device's path ("devices/disk[2]"). %FALSE when there is no such page. */
gboolean valise_settings_show_page (ValiseSettings *self, const char *page);
/* The same where both panes are seen; a narrow editor goes on showing the list. */
gboolean valise_settings_select_page (ValiseSettings *self, const char *page);
/* Goes to the page and row of a knob and puts the focus there. */
gboolean valise_settings_show_knob (ValiseSettings *self, const char *knob);
/* Shows the page's rows as things are now, where that is more than the draft. */
void valise_settings_refresh (ValiseSettings *self);
/* Narrow windows: back to the list. */
void valise_settings_go_back (ValiseSettings *self);
gboolean valise_settings_get_folded (ValiseSettings *self);

/* Takes what is still being typed into the draft. %FALSE when the XML page holds text that is none. */
gboolean valise_settings_flush (ValiseSettings *self);
/* Whether the draft has no error in it (changed or not). @reason: (out) (optional): why not, translated */
gboolean valise_settings_is_sound (ValiseSettings *self, char **reason);
/* What the hypervisor refused of the last apply. (element-type ValiseFinding) (nullable) */
void valise_settings_set_refusals (ValiseSettings *self, GPtrArray *findings);

G_END_DECLS
