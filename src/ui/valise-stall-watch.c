/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-stall-watch.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define PERIOD_US (20 * 1000)
#define STALL_US (50 * 1000)
#define PIECE_BLOCKS 4000

/* Of the main thread, in microseconds. */
typedef struct
{
  gint64 when;
  gint64 ran;     /* had a processor, ever */
  gint64 starved; /* was ready for one and others had them, ever */
  gint64 stolen;  /* the host of a virtual computer had its cores, ever */
} Moment;

typedef struct
{
  GMutex mutex;
  GCond cond;
  char *statistics; /* the kernel's, of the main thread */
  gboolean answered;
  Moment asked;
  FILE *log;
} Question;

/* Of all cores together, since a thread is not told what was taken from it: rather too much than too little. The ninth
 * word of the first line, in ticks; proc(5). */
static gint64
get_stolen (void)
{
  g_autofree char *text = NULL;
  guint64 ticks = 0;

  if (g_file_get_contents ("/proc/stat", &text, NULL, NULL))
    (void) sscanf (text, "cpu %*u %*u %*u %*u %*u %*u %*u %" G_GUINT64_FORMAT, &ticks);
  return (gint64) ticks * G_USEC_PER_SEC / sysconf (_SC_CLK_TCK);
}

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
  moment->stolen = get_stolen ();
}

static gint64
get_own_time (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;
}

/* What a fixed piece of work takes at this moment, in microseconds: of the kind that windows are made of, many small
 * blocks of memory that are found again by their names. What slows this computer slows both. */
static int
measure_piece (void)
{
  g_autoptr (GHashTable) table = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  gint64 begun = get_own_time ();

  for (int i = 0; i < PIECE_BLOCKS; i++)
    g_hash_table_insert (table, g_strdup_printf ("row %d", i), g_utf8_casefold ("Memory Balloon", -1));
  for (int i = 0; i < PIECE_BLOCKS; i++)
    {
      char name[16];

      g_snprintf (name, sizeof name, "row %d", i * 7 % PIECE_BLOCKS);
      g_hash_table_remove (table, name);
    }
  return (int) (get_own_time () - begun);
}

/* A program that is not let run does not stand still by itself. What the host took is in the time that a thread ran on
 * some kernels and left out of it on others. */
static void
judge (const Question *question, const Moment *answer)
{
  const Moment *asked = &question->asked;
  gint64 taken = answer->starved - asked->starved + answer->stolen - asked->stolen;
  gint64 all = MAX (0, answer->when - asked->when - taken);
  gint64 ran = MIN (all, answer->ran - asked->ran);

  if (all <= STALL_US)
    return;
  fprintf (question->log, "%d %d %d\n", (int) (ran / 1000), (int) ((all - ran) / 1000), measure_piece ());
  fflush (question->log);
}

/* The fixed piece of work is measured in the main thread too: cores need not be alike. */
static gboolean
answer_cb (gpointer data)
{
  Question *question = data;
  Moment answer;

  g_mutex_lock (&question->mutex);
  take_moment (question, &answer);
  judge (question, &answer);
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

static gpointer
watch_thread (gpointer data)
{
  Question question = { .statistics = g_strdup_printf ("/proc/self/task/%d/schedstat", getpid ()), .log = data };

  g_mutex_init (&question.mutex);
  g_cond_init (&question.cond);
  for (;;)
    {
      ask (&question);
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
