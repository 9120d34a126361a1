/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-stall-watch.h"

#include <stdio.h>

#define PERIOD_US (20 * 1000)
#define STALL_US (50 * 1000)

typedef struct
{
  GMutex mutex;
  GCond cond;
  gboolean answered;
} Question;

static gboolean
answer_cb (gpointer data)
{
  Question *question = data;

  g_mutex_lock (&question->mutex);
  question->answered = TRUE;
  g_cond_signal (&question->cond);
  g_mutex_unlock (&question->mutex);
  return G_SOURCE_REMOVE;
}

static gint64
ask (Question *question)
{
  gint64 asked = g_get_monotonic_time ();

  g_mutex_lock (&question->mutex);
  question->answered = FALSE;
  g_idle_add_full (G_PRIORITY_HIGH, answer_cb, question, NULL);
  while (!question->answered)
    g_cond_wait (&question->cond, &question->mutex);
  g_mutex_unlock (&question->mutex);
  return g_get_monotonic_time () - asked;
}

static gpointer
watch_thread (gpointer data)
{
  FILE *log = data;
  Question question = { .answered = FALSE };

  g_mutex_init (&question.mutex);
  g_cond_init (&question.cond);
  for (;;)
    {
      gint64 took = ask (&question);

      if (took > STALL_US)
        {
          fprintf (log, "%d\n", (int) (took / 1000));
          fflush (log);
        }
      g_usleep (PERIOD_US);
    }
  return NULL;
}

void
valise_stall_watch_start (void)
{
  const char *path = g_getenv ("VALISE_STALL_LOG");
  FILE *log = path != NULL && *path != '\0' ? fopen (path, "ae") : NULL;

  if (log != NULL)
    g_thread_unref (g_thread_new ("stall-watch", watch_thread, log));
}
