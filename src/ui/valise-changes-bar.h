/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include "model/valise-edit-session.h"

G_BEGIN_DECLS

/* The strip below the pages: what differs, in words; Undo, Redo, Revert and Apply. Signals: "apply"; "before-undo", so
 * that what is still being typed becomes a step first. */
#define VALISE_TYPE_CHANGES_BAR (valise_changes_bar_get_type ())
G_DECLARE_FINAL_TYPE (ValiseChangesBar, valise_changes_bar, VALISE, CHANGES_BAR, GtkBin)

void valise_changes_bar_set_session (ValiseChangesBar *self, ValiseEditSession *session);
/* @problem: (nullable): what keeps the draft from being applied besides its findings. */
void valise_changes_bar_refresh (ValiseChangesBar *self, const char *problem);
void valise_changes_bar_set_apply_visible (ValiseChangesBar *self, gboolean visible);

/* "2 changes: vCPUs 2 → 4 (after restart), ..."; @separator goes between them. (transfer full) */
char *valise_changes_in_words (ValiseEditSession *session, const char *separator);

G_END_DECLS
