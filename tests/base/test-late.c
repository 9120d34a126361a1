/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/valise-late.h"

#include <math.h>
#include <stdlib.h>

static ValiseLate libm = { .file = "libm.so.6" };
static ValiseLate missing = { .file = "libvalise-is-no-library.so.1", .remedy = "Install it" };

#define cbrt VALISE_LATE (libm, cbrt)
#define hypot VALISE_LATE (libm, hypot)

static void
test_call (void)
{
  for (int i = 0; i < 2; i++) /* a place keeps what it found */
    g_assert_cmpfloat_with_epsilon (cbrt (27), 3, 1e-9);
  g_assert_cmpfloat_with_epsilon (hypot (3, 4), 5, 1e-9);
}

static void
test_missing (void)
{
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (valise_late_load (&missing, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
      g_assert_nonnull (strstr (error->message, missing.file));
      g_assert_true (g_str_has_prefix (error->message, "Install it: "));
    }
}

/* An older library than the program was built with. */
static void
test_unknown (void)
{
  if (g_test_subprocess ())
    {
      valise_late_find (&libm, "no_such_function");
      exit (0);
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*no_such_function*");
}

static gpointer
load (gpointer data)
{
  return GINT_TO_POINTER (valise_late_load (data, NULL));
}

static void
test_threads (void)
{
  ValiseLate late = { .file = "libm.so.6" };
  GThread *threads[8];

  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("load", load, &late);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    g_assert_true (GPOINTER_TO_INT (g_thread_join (threads[i])));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/late/call", test_call);
  g_test_add_func ("/base/late/missing", test_missing);
  g_test_add_func ("/base/late/unknown", test_unknown);
  g_test_add_func ("/base/late/threads", test_threads);
  return g_test_run ();
}
