/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-timed-call-private.h"

#include <glib/gi18n-lib.h>

#include "engine/valise-engine-error-private.h"

typedef struct
{
  gatomicrefcount references;
  GMutex mutex;
  GCond cond;
  gboolean finished;
  gboolean abandoned;
  ValiseCallFunc func;
  gpointer data;
  GDestroyNotify free_data;
  GDestroyNotify free_result;
  gpointer result;
  GError *error;
} Call;

static void
call_unref (gpointer data)
{
  Call *call = data;

  if (!g_atomic_ref_count_dec (&call->references))
    return;
  g_clear_error (&call->error);
  g_mutex_clear (&call->mutex);
  g_cond_clear (&call->cond);
  g_free (call);
}

static Call *
call_ref (Call *call)
{
  g_atomic_ref_count_inc (&call->references);
  return call;
}

static gpointer
run_call (gpointer data)
{
  Call *call = data;
  g_autoptr (GError) error = NULL;
  gpointer result = call->func (call->data, &error);
  gboolean abandoned;

  if (call->free_data != NULL)
    call->free_data (call->data);
  g_mutex_lock (&call->mutex);
  abandoned = call->abandoned;
  call->finished = TRUE;
  call->result = result;
  call->error = g_steal_pointer (&error);
  g_cond_signal (&call->cond);
  g_mutex_unlock (&call->mutex);
  if (abandoned && result != NULL && call->free_result != NULL)
    call->free_result (result);
  call_unref (call);
  return NULL;
}

static void
on_cancelled_cb (GCancellable *cancellable, Call *call)
{
  g_mutex_lock (&call->mutex);
  g_cond_signal (&call->cond);
  g_mutex_unlock (&call->mutex);
}

static gboolean
wait_for (Call *call, guint seconds, GCancellable *cancellable)
{
  gint64 until = g_get_monotonic_time () + seconds * G_TIME_SPAN_SECOND;
  gulong handler = 0;
  gboolean finished;

  if (cancellable != NULL)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled_cb), call_ref (call), call_unref);
  g_mutex_lock (&call->mutex);
  while (!call->finished && !g_cancellable_is_cancelled (cancellable))
    if (!g_cond_wait_until (&call->cond, &call->mutex, until))
      break;
  finished = call->finished;
  call->abandoned = !finished;
  g_mutex_unlock (&call->mutex);
  if (cancellable != NULL)
    g_cancellable_disconnect (cancellable, handler);
  return finished;
}

gpointer
_valise_timed_call (const char *what,
                    ValiseCallFunc func,
                    gpointer data,
                    GDestroyNotify free_data,
                    GDestroyNotify free_result,
                    guint seconds,
                    GCancellable *cancellable,
                    GError **error)
{
  Call *call = g_new0 (Call, 1);
  gpointer result = NULL;

  g_atomic_ref_count_init (&call->references);
  g_mutex_init (&call->mutex);
  g_cond_init (&call->cond);
  call->func = func;
  call->data = data;
  call->free_data = free_data;
  call->free_result = free_result;
  g_thread_unref (g_thread_new ("libvirt-call", run_call, call_ref (call)));

  if (wait_for (call, seconds, cancellable))
    {
      result = call->result;
      if (call->error != NULL)
        g_propagate_error (error, g_steal_pointer (&call->error));
    }
  else if (!g_cancellable_set_error_if_cancelled (cancellable, error))
    {
      g_autofree char *said =
          g_strdup_printf (ngettext ("no answer within %u second", "no answer within %u seconds", seconds), seconds);
      _valise_engine_error_set (error, VALISE_ENGINE_ERROR_TIMEOUT, what, said);
    }
  call_unref (call);
  return result;
}
