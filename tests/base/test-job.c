/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/valise-job.h"

/* A worker that makes something, and takes it back when it cannot finish. */
typedef struct
{
  gint made;       /* atomic: what lies there now */
  gint calls;      /* how often the function ran */
  gint wait;       /* go on until cancelled */
  GError *failure; /* fail with it */
  gboolean *destroyed;
} Work;

static void
work_free (gpointer data)
{
  Work *work = data;

  if (work->destroyed != NULL)
    *work->destroyed = TRUE;
}

static gboolean
work_cb (ValiseJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  Work *work = data;

  g_atomic_int_inc (&work->calls);
  g_atomic_int_set (&work->made, 1);
  valise_job_set_stage (job, "working");
  valise_job_set_total (job, 100);
  valise_job_advance (job, 40);
  while (work->wait && !g_cancellable_is_cancelled (cancellable))
    g_usleep (1000);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    {
      g_atomic_int_set (&work->made, 0);
      return FALSE;
    }
  if (work->failure != NULL)
    {
      g_atomic_int_set (&work->made, 0);
      g_propagate_error (error, g_error_copy (work->failure));
      return FALSE;
    }
  valise_job_set_done (job, 100);
  valise_job_set_result_path (job, "/made");
  return TRUE;
}

typedef struct
{
  GMainLoop *loop;
  GError *error;
  ValiseJobState state;
  guint n_state;
  guint n_progress;
  guint n_wrong_thread;
  GThread *thread;
} Watch;

static void
on_notify_cb (GObject *object, GParamSpec *pspec, gpointer data)
{
  Watch *watch = data;

  if (g_thread_self () != watch->thread)
    watch->n_wrong_thread++;
  if (g_str_equal (pspec->name, "state"))
    watch->n_state++;
  if (g_str_equal (pspec->name, "done"))
    watch->n_progress++;
}

static void
on_finished_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Watch *watch = data;

  valise_job_run_finish (VALISE_JOB (source), result, &watch->error);
  watch->state = valise_job_get_state (VALISE_JOB (source));
  g_main_loop_quit (watch->loop);
}

static void
run_to_end (ValiseJob *job, Watch *watch)
{
  watch->thread = g_thread_self ();
  watch->loop = g_main_loop_new (NULL, FALSE);
  g_signal_connect (job, "notify", G_CALLBACK (on_notify_cb), watch);
  valise_job_run_async (job, on_finished_cb, watch);
  g_main_loop_run (watch->loop);
  g_main_loop_unref (watch->loop);
  g_signal_handlers_disconnect_by_data (job, watch);
}

static void
test_done (void)
{
  gboolean destroyed = FALSE;
  Work work = { .destroyed = &destroyed };
  Watch watch = { NULL };
  g_autoptr (ValiseJob) job = valise_job_new ("Making", work_cb, &work, work_free);
  g_autofree char *stage = NULL, *path = NULL;

  g_test_summary ("A job that ends well");
  g_assert_cmpint (valise_job_get_state (job), ==, VALISE_JOB_WAITING);
  g_assert_cmpfloat (valise_job_get_fraction (job), ==, -1);
  run_to_end (job, &watch);
  g_assert_no_error (watch.error);
  g_assert_cmpint (watch.state, ==, VALISE_JOB_DONE);
  g_assert_cmpuint (watch.n_state, >=, 1);
  g_assert_cmpuint (watch.n_wrong_thread, ==, 0);
  g_assert_cmpint (work.made, ==, 1);
  g_assert_true (destroyed);
  stage = valise_job_dup_stage (job);
  path = valise_job_dup_result_path (job);
  g_assert_cmpstr (valise_job_get_title (job), ==, "Making");
  g_assert_cmpstr (stage, ==, "working");
  g_assert_cmpstr (path, ==, "/made");
  g_assert_cmpfloat (valise_job_get_fraction (job), ==, 1);
  g_assert_cmpuint (valise_job_get_done (job), ==, 100);
  g_assert_null (valise_job_get_error (job));
}

/* As soon as it is at work. */
static gboolean
cancel_cb (gpointer job)
{
  Work *work = g_object_get_data (job, "work");

  if (g_atomic_int_get (&work->calls) == 0)
    return G_SOURCE_CONTINUE;
  valise_job_cancel (job);
  return G_SOURCE_REMOVE;
}

static void
test_cancel (void)
{
  Work work = { .wait = 1 };
  Watch watch = { NULL };
  g_autoptr (ValiseJob) job = valise_job_new ("Making", work_cb, &work, NULL);

  g_test_summary ("A cancelled job ends only when it has undone what it did");
  g_object_set_data (G_OBJECT (job), "work", &work);
  g_timeout_add (5, cancel_cb, job);
  run_to_end (job, &watch);
  g_assert_error (watch.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (watch.state, ==, VALISE_JOB_CANCELLED);
  g_assert_cmpint (work.calls, ==, 1);
  g_assert_cmpint (work.made, ==, 0);
  g_assert_error (valise_job_get_error (job), G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&watch.error);
}

static void
test_cancel_before (void)
{
  gboolean destroyed = FALSE;
  Work work = { .destroyed = &destroyed };
  g_autoptr (ValiseJob) job = valise_job_new ("Making", work_cb, &work, work_free);
  g_autoptr (GError) error = NULL;

  g_test_summary ("Cancelled before it began: the function never runs");
  valise_job_cancel (job);
  g_assert_false (valise_job_run_sync (job, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (work.calls, ==, 0);
  g_assert_true (destroyed);
}

static void
test_fail (void)
{
  g_autoptr (GError) failure = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NO_SPACE, "The disk is full");
  Work work = { .failure = failure };
  g_autoptr (ValiseJob) job = valise_job_new ("Making", work_cb, &work, NULL);
  g_autoptr (GError) error = NULL;

  g_test_summary ("A failed job keeps its error for those who come later");
  g_assert_false (valise_job_run_sync (job, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_assert_error (valise_job_get_error (job), G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_assert_cmpint (valise_job_get_state (job), ==, VALISE_JOB_FAILED);
  g_assert_cmpint (work.made, ==, 0);
}

static void
test_never_run (void)
{
  gboolean destroyed = FALSE;
  Work work = { .destroyed = &destroyed };
  ValiseJob *job = valise_job_new ("Making", work_cb, &work, work_free);

  g_test_summary ("A job that is dropped unrun gives its data back");
  g_object_unref (job);
  g_assert_true (destroyed);
}

static gboolean
busy_cb (ValiseJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  gint64 end = g_get_monotonic_time () + 600000;

  valise_job_set_total (job, 600000);
  while (g_get_monotonic_time () < end)
    {
      valise_job_advance (job, 100);
      g_usleep (100);
    }
  return TRUE;
}

static void
test_coalesced (void)
{
  Watch watch = { NULL };
  g_autoptr (ValiseJob) job = valise_job_new ("Making", busy_cb, NULL, NULL);
  gint64 start = g_get_monotonic_time ();
  guint most;

  g_test_summary ("Thousands of steps become ten notifications a second, on the main thread");
  run_to_end (job, &watch);
  /* One more for each change of state, which is told at once. */
  most = (guint) ((g_get_monotonic_time () - start) / 100000) + 4;
  g_assert_cmpuint (watch.n_progress, >=, 3);
  g_assert_cmpuint (watch.n_progress, <=, most);
  g_assert_cmpuint (watch.n_wrong_thread, ==, 0);
}

static gboolean
measured_cb (ValiseJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  guint64 *speed = data;

  valise_job_set_total (job, 2000);
  for (int i = 0; i < 50; i++)
    {
      valise_job_advance (job, 10);
      g_usleep (10000);
    }
  *speed = valise_job_get_speed (job);
  g_assert_cmpint (valise_job_get_remaining (job), >, 0);
  return TRUE;
}

static void
test_speed (void)
{
  guint64 speed = 0;
  g_autoptr (ValiseJob) job = valise_job_new ("Making", measured_cb, &speed, NULL);

  g_test_summary ("Speed and remaining time come from what was really done");
  g_assert_cmpint (valise_job_get_remaining (job), ==, -1);
  g_assert_true (valise_job_run_sync (job, NULL));
  g_assert_cmpuint (speed, >, 100);
  g_assert_cmpuint (speed, <=, 1100);
}

static void
test_null (void)
{
  g_test_summary ("The functions for workers take no job at all");
  valise_job_set_stage (NULL, "x");
  valise_job_set_total (NULL, 1);
  valise_job_set_done (NULL, 1);
  valise_job_advance (NULL, 1);
  valise_job_set_result_path (NULL, "x");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/job/done", test_done);
  g_test_add_func ("/base/job/cancel", test_cancel);
  g_test_add_func ("/base/job/cancel-before", test_cancel_before);
  g_test_add_func ("/base/job/fail", test_fail);
  g_test_add_func ("/base/job/never-run", test_never_run);
  g_test_add_func ("/base/job/coalesced", test_coalesced);
  g_test_add_func ("/base/job/speed", test_speed);
  g_test_add_func ("/base/job/null", test_null);
  return g_test_run ();
}
