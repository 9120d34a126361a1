/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-stall-watch.h"

#include <stdio.h>
#include <unistd.h>

#define PERIOD_US (20 * 1000)
#define STALL_US (50 * 1000)

/* Of the main thread, in microseconds. */
typedef struct
{
  gint64 when;
  gint64 ran;     /* had a processor, ever */
  gint64 starved; /* was ready for one and others had them, ever */
} Moment;

typedef struct
{
  GMutex mutex;
  GCond cond;
  char *statistics; /* the kernel's, of the main thread */
  gboolean answered;
  Moment asked, answer;
} Question;

/* Where the kernel keeps no such count, all of the time counts as waited for. */
static void
take_moment (const Question *question, Moment *moment)
{
  g_autofree char *text = NULL;
  guint64 ran = 0, starved = 0;

  if (g_file_get_contents (question->statistics, &text, NULL, NULL))
    (void) sscanf (text, "%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT, &ran, &starved);
  moment->when = g_get_monotonic_time ();
  moment->ran = (gint64) (ran / 1000);
  moment->starved = (gint64) (starved / 1000);
}

static gboolean
answer_cb (gpointer data)
{
  Question *question = data;

  g_mutex_lock (&question->mutex);
  take_moment (question, &question->answer);
  question->answered = TRUE;
  g_cond_signal (&question->cond);
  g_mutex_unlock (&question->mutex);
  return G_SOURCE_REMOVE;
}

static void
ask (Question *question)
{
  g_mutex_lock (&question->mutex);
  question->answered = FALSE;
  take_moment (question, &question->asked);
  g_idle_add_full (G_PRIORITY_HIGH, answer_cb, question, NULL);
  while (!question->answered)
    g_cond_wait (&question->cond, &question->mutex);
  g_mutex_unlock (&question->mutex);
}

/* A program that is not let run does not stand still by itself. */
static void
judge (const Question *question, FILE *log)
{
  gint64 ran = question->answer.ran - question->asked.ran;
  gint64 starved = question->answer.starved - question->asked.starved;
  gint64 waited = MAX (0, question->answer.when - question->asked.when - ran - starved);

  if (ran + waited <= STALL_US)
    return;
  fprintf (log, "%d %d\n", (int) (ran / 1000), (int) (waited / 1000));
  fflush (log);
}

static gpointer
watch_thread (gpointer data)
{
  Question question = { .statistics = g_strdup_printf ("/proc/self/task/%d/schedstat", getpid ()) };

  g_mutex_init (&question.mutex);
  g_cond_init (&question.cond);
  for (;;)
    {
      ask (&question);
      judge (&question, data);
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
