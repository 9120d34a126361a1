/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define MAIN_LOOP_PATIENCE_MS 5000

/* Runs the main loop for so long. */
void turn_for (guint ms);
/* Runs the main loop until *@what is at least @value, which must not take longer than MAIN_LOOP_PATIENCE_MS. */
void turn_until (const guint *what, guint value);

G_END_DECLS
