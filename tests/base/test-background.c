/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/valise-background.h"

#include <gio/gio.h>
#include <sys/resource.h>

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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/background/gives-way", test_gives_way);
  return g_test_run ();
}
