/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/valise-background.h"

#include <gio/gio.h>
#include <sched.h>
#include <string.h>

#include "base/valise-process.h"

static gpointer
policy_thread (gpointer data)
{
  return GINT_TO_POINTER (sched_getscheduler (0));
}

static int
policy_beside (void)
{
  return GPOINTER_TO_INT (g_thread_join (g_thread_new ("beside", policy_thread, NULL)));
}

/* Of a program that is started here. */
static int
policy_below (void)
{
  const char *const argv[] = { "sh", "-c", "chrt -p $$ | sed -n 1p", NULL };
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (valise_process_run (argv, NULL, NULL, &output, NULL, &error));
  g_assert_no_error (error);
  return strstr (output, "SCHED_IDLE") != NULL ? SCHED_IDLE : SCHED_OTHER;
}

static gpointer
look_around (gpointer data)
{
  g_assert_cmpint (sched_getscheduler (0), ==, SCHED_IDLE);
  g_assert_cmpint (policy_beside (), ==, SCHED_IDLE);
  g_assert_cmpint (policy_below (), ==, SCHED_IDLE);
  return data;
}

static void
test_gives_way (void)
{
  int number = 0;

  g_assert_true (valise_background_run (look_around, &number) == &number);
  g_assert_cmpint (sched_getscheduler (0), ==, SCHED_OTHER);
  g_assert_cmpint (policy_beside (), ==, SCHED_OTHER);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/background/gives-way", test_gives_way);
  return g_test_run ();
}
