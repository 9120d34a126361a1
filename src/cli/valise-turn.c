/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/valise-turn-private.h"

#include <glib/gi18n-lib.h>
#include <unistd.h>

#include "cli/valise-door-private.h"

typedef struct
{
  ValiseCall *call;
  ValiseHost *host;
  GMainContext *context; /* of its own: nothing else is to run meanwhile */
  GCancellable *waiting; /* ends with the wait, or with the verb */
  GFileMonitor *monitor; /* of the door */
  const char *reason;
  gulong handler;
  gboolean is_free;     /* nobody holds the driver any more, and nobody else may take it */
  gboolean has_changed; /* something happened at the door */
  gboolean is_late;
} Turn;

static void
on_verb_cancelled_cb (GCancellable *cancellable, Turn *self)
{
  g_cancellable_cancel (self->waiting);
}

static void
on_free_cb (GObject *host, GAsyncResult *result, gpointer user_data)
{
  Turn *self = user_data;

  /* An error can only be that nobody waits any more. */
  if (valise_host_wait_for_embed_finish (VALISE_HOST (host), result, NULL))
    self->is_free = TRUE;
}

static void
on_door_cb (GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event, Turn *self)
{
  self->has_changed = TRUE;
}

static gboolean
on_notice_cb (gpointer user_data)
{
  Turn *self = user_data;

  if (isatty (fileno (self->call->err)))
    fprintf (self->call->err, "valisectl: %s\n%s\n", self->reason, _ ("Waiting for it. Ctrl+C ends that."));
  return G_SOURCE_REMOVE;
}

static gboolean
on_late_cb (gpointer user_data)
{
  Turn *self = user_data;

  self->is_late = TRUE;
  return G_SOURCE_REMOVE;
}

static void
watch_door (Turn *self)
{
  g_autofree char *path = valise_door_socket (self->host);
  g_autoptr (GFile) door = g_file_new_for_path (path);

  self->monitor = g_file_monitor_file (door, G_FILE_MONITOR_NONE, NULL, NULL);
  if (self->monitor != NULL)
    g_signal_connect (self->monitor, "changed", G_CALLBACK (on_door_cb), self);
}

static void
turn_begin (Turn *self)
{
  self->context = g_main_context_new ();
  self->waiting = g_cancellable_new ();
  g_main_context_push_thread_default (self->context);
  watch_door (self);
  self->handler = g_cancellable_connect (self->call->cancellable, G_CALLBACK (on_verb_cancelled_cb), self, NULL);
  valise_host_wait_for_embed_async (self->host, self->waiting, on_free_cb, self);
}

static void
turn_end (Turn *self)
{
  g_cancellable_disconnect (self->call->cancellable, self->handler);
  g_cancellable_cancel (self->waiting);
  g_clear_object (&self->monitor);
  /* The answer to the cancel still comes to this frame. */
  while (g_main_context_iteration (self->context, FALSE))
    ;
  g_main_context_pop_thread_default (self->context);
  g_main_context_unref (self->context);
  g_object_unref (self->waiting);
}

/* FALSE when there is nothing to wait for any more but to connect, or to give up. */
static gboolean
wait_for_change (Turn *self, guint seconds)
{
  GSource *notice = valise_door_add_timeout (self->context, VALISE_DOOR_NOTICE_MS, on_notice_cb, self);
  GSource *late = valise_door_add_timeout (self->context, seconds * 1000, on_late_cb, self);

  while (!self->has_changed && !self->is_free && !self->is_late && !g_cancellable_is_cancelled (self->waiting))
    g_main_context_iteration (self->context, TRUE);
  valise_door_remove_timeout (notice);
  valise_door_remove_timeout (late);
  return !self->is_free && !self->is_late && !g_cancellable_is_cancelled (self->waiting);
}

/* TRUE when somebody has done it, or begun to: it is never done a second time. */
static gboolean
knock (Turn *self, char **arguments, int *code)
{
  ValiseCall *call = self->call;
  g_autoptr (GDBusConnection) connection = valise_door_open (self->host, on_notice_cb, self, call->cancellable, NULL);
  g_autoptr (GError) lost = NULL;
  gboolean begun;

  if (connection == NULL)
    return FALSE;
  if (valise_door_knock (connection, arguments, call->directory, valise_library_get_directory (call->library), code,
                         &begun, call->cancellable, NULL))
    return TRUE;
  if (!begun || g_cancellable_is_cancelled (call->cancellable))
    return FALSE;
  lost = g_error_new_literal (VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_DISCONNECTED,
                              _ ("The application that was carrying this out has ended before it was done. Look with "
                                 "“valisectl list” and “valisectl show” how far it came, before you try again."));
  *code = valise_command_fail (call, lost);
  return TRUE;
}

/* Sleeps until the driver is free; TRUE when somebody has answered at the door instead. */
static gboolean
knock_until_free (Turn *self, char **arguments, guint seconds, int *code)
{
  do
    {
      self->has_changed = FALSE;
      if (knock (self, arguments, code))
        return TRUE;
    }
  while (wait_for_change (self, seconds));
  return FALSE;
}

gboolean
_valise_turn_take (ValiseCall *call, char **arguments, guint seconds, int *code, GError **error)
{
  ValiseHost *host = valise_library_get_host (call->library);
  g_autoptr (GError) busy = NULL;
  Turn turn = { .call = call, .host = host, .reason = _ ("The application that has the machines does not answer.") };
  gboolean done;

  /* An application that uses the same daemon holds its machines, and gives way only in its own process. */
  if (!valise_host_is_embedded (host) && knock (&turn, arguments, code))
    return FALSE;
  if (valise_host_connect_sync (host, call->cancellable, &busy))
    return TRUE;
  if (!g_error_matches (busy, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_BUSY))
    {
      g_propagate_error (error, g_steal_pointer (&busy));
      return FALSE;
    }
  turn.reason = busy->message;
  turn_begin (&turn);
  done = knock_until_free (&turn, arguments, seconds, code);
  turn_end (&turn);
  if (done)
    return FALSE;
  if (turn.is_free)
    return valise_host_connect_sync (host, call->cancellable, error);
  if (!g_cancellable_set_error_if_cancelled (call->cancellable, error))
    g_propagate_error (error, g_steal_pointer (&busy));
  return FALSE;
}
