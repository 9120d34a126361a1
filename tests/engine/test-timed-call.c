/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-timed-call-private.h"

#include <string.h>

#include "engine/valise-engine-error.h"

/* A call that answers when it is let go. */
typedef struct
{
  GMutex mutex;
  GCond cond;
  gboolean free_to_go;
  gboolean data_freed;
  gboolean result_freed;
} Gate;

static Gate gate;

static void
let_go (void)
{
  g_mutex_lock (&gate.mutex);
  gate.free_to_go = TRUE;
  g_cond_broadcast (&gate.cond);
  g_mutex_unlock (&gate.mutex);
}

static void
set_flag (gboolean *flag)
{
  g_mutex_lock (&gate.mutex);
  *flag = TRUE;
  g_cond_broadcast (&gate.cond);
  g_mutex_unlock (&gate.mutex);
}

static void
wait_flag (gboolean *flag)
{
  gint64 until = g_get_monotonic_time () + 40 * G_TIME_SPAN_SECOND;

  g_mutex_lock (&gate.mutex);
  while (!*flag && g_cond_wait_until (&gate.cond, &gate.mutex, until))
    ;
  g_assert_true (*flag);
  g_mutex_unlock (&gate.mutex);
}

static void
free_data (gpointer data)
{
  set_flag (&gate.data_freed);
}

static void
free_result (gpointer result)
{
  g_assert_cmpstr (result, ==, "late");
  set_flag (&gate.result_freed);
}

static gpointer
answer_late (gpointer data, GError **error)
{
  wait_flag (&gate.free_to_go);
  return (gpointer) "late";
}

static gpointer
answer (gpointer data, GError **error)
{
  return data;
}

static gpointer
refuse (gpointer data, GError **error)
{
  g_set_error_literal (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE, "no");
  return NULL;
}

static void
reset (void)
{
  gate.free_to_go = gate.data_freed = gate.result_freed = FALSE;
}

static void
test_answers (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (_valise_timed_call ("Asking", answer, (gpointer) "yes", NULL, NULL, 10, NULL, &error), ==, "yes");
  g_assert_no_error (error);
  g_assert_null (_valise_timed_call ("Asking", refuse, NULL, NULL, NULL, 10, NULL, &error));
  g_assert_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE);
}

/* Given up on, named, and tidied up after when the answer comes at last. */
static void
test_hangs (void)
{
  g_autoptr (GError) error = NULL;
  gint64 start = g_get_monotonic_time ();

  reset ();
  g_assert_null (_valise_timed_call ("Pausing “x”", answer_late, NULL, free_data, free_result, 1, NULL, &error));
  g_assert_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_TIMEOUT);
  g_assert_true (g_str_has_prefix (error->message, "Pausing “x”"));
  g_assert_cmpint (g_get_monotonic_time () - start, <, 30 * G_TIME_SPAN_SECOND);
  g_assert_false (gate.data_freed);
  let_go ();
  wait_flag (&gate.data_freed);
  wait_flag (&gate.result_freed);
}

static gpointer
cancel_soon (gpointer cancellable)
{
  g_usleep (50000);
  g_cancellable_cancel (cancellable);
  return NULL;
}

static void
test_cancelled (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *thread;

  reset ();
  thread = g_thread_new ("cancel", cancel_soon, cancellable);
  g_assert_null (_valise_timed_call ("Asking", answer_late, NULL, free_data, free_result, 30, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
  let_go ();
  wait_flag (&gate.result_freed);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine/timed-call/answers", test_answers);
  g_test_add_func ("/engine/timed-call/hangs", test_hangs);
  g_test_add_func ("/engine/timed-call/cancelled", test_cancelled);
  return g_test_run ();
}
