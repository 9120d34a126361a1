/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define MAIN_LOOP_PATIENCE_MS 60000

/* Runs the main loop until @condition is true, which must not take longer than MAIN_LOOP_PATIENCE_MS. */
#define turn_until_true(condition)                                                                                     \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    gint64 end_time = g_get_monotonic_time () + MAIN_LOOP_PATIENCE_MS * G_TIME_SPAN_MILLISECOND;                       \
    while (!(condition))                                                                                               \
      {                                                                                                                \
        if (g_get_monotonic_time () >= end_time)                                                                       \
          g_error ("waited in vain: %s", #condition);                                                                  \
        turn_for (5);                                                                                                  \
      }                                                                                                                \
  }                                                                                                                    \
  G_STMT_END

/* Runs the main loop for so long, and until nothing waits. */
void turn_for (guint ms);
/* Runs the main loop until *@what is at least @value, which must not take longer than MAIN_LOOP_PATIENCE_MS. */
void turn_until (const guint *what, guint value);

G_END_DECLS
