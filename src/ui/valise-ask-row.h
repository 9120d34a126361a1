/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* One thing that a machine from elsewhere asks of this computer, with a switch that allows it: for machines that were
 * opened and for those that are brought in. @text and @detail (nullable) come from strangers; @reason (nullable): why it
 * cannot be allowed. @allow: (out): the switch. (transfer floating): a #ValiseControlsRow */
GtkWidget *valise_ask_row_new (const char *text, const char *detail, const char *reason, GtkWidget **allow);
/* Says another detail or reason beside the switch @allow. */
void valise_ask_row_set_reason (GtkWidget *allow, const char *detail, const char *reason);

G_END_DECLS
