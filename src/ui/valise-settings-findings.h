/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "model/valise-edit-session.h"

G_BEGIN_DECLS

/* Makes a list say these and nothing else, and hides it when there are none. What can be put right by itself gets a
 * button for it. (element-type ValiseFinding) */
void valise_settings_findings_fill (GtkListBox *list, ValiseEditSession *session, GPtrArray *findings);

G_END_DECLS
