/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-embed-root-private.h"
#include "engine/valise-host.h"

static void
wait_thread (GTask *task, gpointer host, gpointer root, GCancellable *cancellable)
{
  _valise_embed_root_wait (root, cancellable);
  g_task_return_boolean (task, TRUE);
}

void
valise_host_wait_for_embed_async (ValiseHost *self,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, valise_host_wait_for_embed_async);
  g_task_set_task_data (task, valise_host_dup_embed_root (self), g_free);
  /* The kernel wakes whoever waits for a lock with it, and with nothing else. */
  g_task_set_return_on_cancel (task, TRUE);
  g_task_run_in_thread (task, wait_thread);
}

gboolean
valise_host_wait_for_embed_finish (ValiseHost *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
