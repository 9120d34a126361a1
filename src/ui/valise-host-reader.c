/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-host-reader.h"

#include <unistd.h>

/* Connecting takes a tenth of a second where all is well; a window does not wait for a daemon that does not answer. */
#define PATIENCE_MS 2000

typedef struct
{
  gulong handlers[2];
  guint timeout_id;
} Wait;

static void
read_in_thread (GTask *task, gpointer host, gpointer data, GCancellable *cancellable)
{
  ValiseCapabilities *capabilities = valise_capabilities_ref (valise_host_get_capabilities (host));

  g_task_return_pointer (task, capabilities, (GDestroyNotify) valise_capabilities_unref);
}

static void
stop_waiting (GTask *task)
{
  Wait *wait = g_task_get_task_data (task);

  for (gsize i = 0; i < G_N_ELEMENTS (wait->handlers); i++)
    g_clear_signal_handler (&wait->handlers[i], g_task_get_source_object (task));
  g_clear_handle_id (&wait->timeout_id, g_source_remove);
}

static void
read_now (GTask *task)
{
  g_autoptr (GTask) kept = g_object_ref (task);

  stop_waiting (task);
  g_task_run_in_thread (task, read_in_thread);
  g_object_unref (task); /* the reference of the wait */
}

static void
on_host_changed_cb (GTask *task)
{
  read_now (task);
}

static gboolean
on_timeout_cb (gpointer user_data)
{
  Wait *wait = g_task_get_task_data (user_data);

  wait->timeout_id = 0;
  read_now (user_data);
  return G_SOURCE_REMOVE;
}

void
valise_host_reader_read_async (ValiseHost *host,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  GTask *task = g_task_new (host, cancellable, callback, user_data);
  Wait *wait = g_new0 (Wait, 1);
  g_autoptr (GError) error = NULL;

  g_task_set_task_data (task, wait, g_free);
  g_object_get (host, "error", &error, NULL);
  if (valise_host_is_connected (host) || error != NULL)
    {
      read_now (task);
      return;
    }
  wait->handlers[0] = g_signal_connect_swapped (host, "notify::connected", G_CALLBACK (on_host_changed_cb), task);
  wait->handlers[1] = g_signal_connect_swapped (host, "notify::error", G_CALLBACK (on_host_changed_cb), task);
  wait->timeout_id = g_timeout_add (PATIENCE_MS, on_timeout_cb, task);
}

ValiseCapabilities *
valise_host_reader_read_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

ValiseCapabilities *
valise_host_reader_guess (void)
{
  guint64 memory = (guint64) sysconf (_SC_PHYS_PAGES) * (guint64) sysconf (_SC_PAGESIZE);

  return valise_capabilities_new (NULL, NULL, g_get_num_processors (), memory, NULL);
}
