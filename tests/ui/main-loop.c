/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "main-loop.h"

static gboolean
wake_cb (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

void
turn_for (guint ms)
{
  gint64 end = g_get_monotonic_time () + (gint64) ms * 1000;
  guint id = g_timeout_add (5, wake_cb, NULL);

  while (g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (id);
  /* On a busy computer the time may be over before all that it brought had its turn. */
  for (int i = 0; i < 100 && g_main_context_pending (NULL); i++)
    g_main_context_iteration (NULL, FALSE);
}

void
turn_until (const guint *what, guint value)
{
  gint64 end = g_get_monotonic_time () + MAIN_LOOP_PATIENCE_MS * 1000;
  guint id = g_timeout_add (5, wake_cb, NULL);

  while (*what < value && g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (id);
  g_assert_cmpuint (*what, >=, value);
}
