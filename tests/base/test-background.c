/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/valise-background.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/valise-process.h"

static gpointer
nice_thread (gpointer data)
{
  return GINT_TO_POINTER (getpriority (PRIO_PROCESS, 0));
}

static int
nice_beside (void)
{
  return GPOINTER_TO_INT (g_thread_join (g_thread_new ("beside", nice_thread, NULL)));
}

/* Of a program that is started here. */
static int
nice_below (void)
{
  const char *const argv[] = { "nice", NULL };
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (valise_process_run (argv, NULL, NULL, &output, NULL, &error));
  g_assert_no_error (error);
  return (int) g_ascii_strtoll (output, NULL, 10);
}

static gpointer
look_around (gpointer data)
{
  int nice = getpriority (PRIO_PROCESS, 0);

  g_assert_cmpint (nice_beside (), ==, nice);
  g_assert_cmpint (nice_below (), ==, nice);
  return GINT_TO_POINTER (nice);
}

/* So does all that it starts; who calls it does not. */
static void
test_gives_way (void)
{
  int before = getpriority (PRIO_PROCESS, 0);
  int within = GPOINTER_TO_INT (valise_background_run (look_around, NULL));

  g_assert_cmpint (within, >, before);
  g_assert_cmpint (getpriority (PRIO_PROCESS, 0), ==, before);
  g_assert_cmpint (nice_beside (), ==, before);
}

/* --- its share --- */

#define BURN_US (10 * 1000)
#define WATCHED_US (G_USEC_PER_SEC / 2)

static gint64
processor_time (void)
{
  struct rusage usage;

  g_assert_cmpint (getrusage (RUSAGE_SELF, &usage), ==, 0);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * G_USEC_PER_SEC + usage.ru_utime.tv_usec
         + usage.ru_stime.tv_usec;
}

static void
burn (gpointer data, gpointer user_data)
{
  gint64 end = g_get_monotonic_time () + BURN_US;

  while (g_get_monotonic_time () < end)
    ;
}

/* All processors could be kept busy with what is given to them. Returns microseconds that they had. */
static gpointer
give_work (gpointer data)
{
  guint processors = g_get_num_processors ();
  GThreadPool *pool = g_thread_pool_new (burn, NULL, (int) processors, TRUE, NULL);
  gint64 before = processor_time (), end = g_get_monotonic_time () + WATCHED_US;

  while (g_get_monotonic_time () < end)
    {
      valise_background_share ();
      if (g_thread_pool_unprocessed (pool) < processors)
        g_thread_pool_push (pool, pool, NULL);
      else
        g_usleep (BURN_US / 10);
    }
  g_thread_pool_free (pool, FALSE, TRUE);
  return GINT_TO_POINTER ((int) (processor_time () - before));
}

/* Above the share is what is under way when it rests; a busy computer gives less, and less is never wrong. */
static void
test_share (void)
{
  gint64 all = WATCHED_US * g_get_num_processors ();
  gint64 within = GPOINTER_TO_INT (valise_background_run (give_work, NULL));

  g_test_message ("%.2f of the processors", (double) within / all);
  g_assert_cmpfloat ((double) within, <, (VALISE_BACKGROUND_PROCESSORS + 0.25) * all);
}

/* --- the disk --- */

static void
test_rest (void)
{
  gint64 busy = 20 * 1000, before = g_get_monotonic_time ();

  valise_background_rest (busy);
  g_assert_cmpint (g_get_monotonic_time () - before, >=, busy * (VALISE_BACKGROUND_SHARE - 1));
  before = g_get_monotonic_time ();
  valise_background_rest (-busy);
  valise_background_rest (0);
  g_assert_cmpint (g_get_monotonic_time () - before, <, G_USEC_PER_SEC);
}

static void
test_flush (void)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  int fd = g_file_open_tmp ("valise-XXXXXX", &path, &error);
  int ends[2];

  g_assert_no_error (error);
  g_assert_cmpint (write (fd, "abc", 3), ==, 3);
  g_assert_cmpint (valise_background_flush (fd, 0, 0), ==, 0);
  close (fd);
  g_unlink (path);
  /* A pipe has no disk, and what is closed is nobody's. */
  g_assert_cmpint (pipe (ends), ==, 0);
  g_assert_cmpint (valise_background_flush (ends[1], 0, 0), ==, 0);
  close (ends[0]);
  close (ends[1]);
  g_assert_cmpint (valise_background_flush (ends[1], 0, 0), ==, EBADF);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/background/gives-way", test_gives_way);
  g_test_add_func ("/base/background/share", test_share);
  g_test_add_func ("/base/background/rest", test_rest);
  g_test_add_func ("/base/background/flush", test_flush);
  return g_test_run ();
}
