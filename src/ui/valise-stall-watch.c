/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-stall-watch.h"

#include <stdio.h>
#include <unistd.h>

#define PERIOD_US (20 * 1000)
#define STALL_US (50 * 1000)

typedef struct
{
  GMutex mutex;
  GCond cond;
  char *statistics; /* the kernel's, of the main thread */
  gboolean answered;
  gint64 asked_at, answered_at;
  gint64 starved; /* us that the main thread waited for a processor before the question, then during it */
} Question;

/* How long the main thread has been ready to run while others had the processors, in all. 0 where the kernel keeps no count. */
static gint64
read_starved (const Question *question)
{
  g_autofree char *text = NULL;
  guint64 ran, waited;

  if (!g_file_get_contents (question->statistics, &text, NULL, NULL)
      || sscanf (text, "%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT, &ran, &waited) != 2)
    return 0;
  return (gint64) (waited / 1000);
}

static gboolean
answer_cb (gpointer data)
{
  Question *question = data;

  g_mutex_lock (&question->mutex);
  question->answered_at = g_get_monotonic_time ();
  question->starved = read_starved (question) - question->starved;
  question->answered = TRUE;
  g_cond_signal (&question->cond);
  g_mutex_unlock (&question->mutex);
  return G_SOURCE_REMOVE;
}

/* What it took, less what a busy computer took: a program that is not let run does not stand still by itself. */
static gint64
ask (Question *question)
{
  g_mutex_lock (&question->mutex);
  question->answered = FALSE;
  question->starved = read_starved (question);
  question->asked_at = g_get_monotonic_time ();
  g_idle_add_full (G_PRIORITY_HIGH, answer_cb, question, NULL);
  while (!question->answered)
    g_cond_wait (&question->cond, &question->mutex);
  g_mutex_unlock (&question->mutex);
  return question->answered_at - question->asked_at - MAX (0, question->starved);
}

static gpointer
watch_thread (gpointer data)
{
  FILE *log = data;
  Question question = { .statistics = g_strdup_printf ("/proc/self/task/%d/schedstat", getpid ()) };

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
