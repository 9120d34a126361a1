/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-machine-private.h"

#include <glib/gi18n-lib.h>

#include "engine/valise-still-private.h"
#include "engine/valise-suspended-private.h"
#include "engine/valise-wake-host-private.h"

#define ABORT_SECONDS 30
#define SUSPEND_SECONDS 3600

typedef struct
{
  char *bundle, *path, *uuid;
} Save;

static void
save_free (gpointer data)
{
  Save *self = data;

  g_free (self->bundle);
  g_free (self->path);
  g_free (self->uuid);
  g_free (self);
}

static int
call_save (virDomainPtr domain, gpointer data)
{
  const Save *self = data;
  int mark = _valise_still_begin_save (domain, self->bundle);
  int saved = virDomainSaveFlags (domain, self->path, NULL, 0);

  _valise_still_end_save (self->uuid, mark, saved == 0);
  return saved;
}

static int
call_abort (virDomainPtr domain, gpointer data)
{
  return virDomainAbortJob (domain);
}

static gpointer
run_abort (gpointer data)
{
  g_autoptr (ValiseMachine) self = data;

  (void) _valise_machine_call (self, "", call_abort, NULL, NULL, ABORT_SECONDS, NULL, NULL);
  return NULL;
}

/* libvirt resumes the guest and removes the file. */
static void
on_suspend_cancelled_cb (GCancellable *cancellable, ValiseMachine *self)
{
  g_thread_unref (g_thread_new ("abort-save", run_abort, g_object_ref (self)));
}

static gboolean
save_to (ValiseMachine *self, const char *path, GCancellable *cancellable, GError **error)
{
  g_autofree char *what = g_strdup_printf (_ ("Suspending “%s”"), valise_machine_get_name (self));
  Save *save = g_new0 (Save, 1);
  gulong handler = 0;
  int result;

  save->bundle = g_strdup (self->path);
  save->path = g_strdup (path);
  save->uuid = _valise_machine_dup_uuid (self);
  if (cancellable != NULL)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (on_suspend_cancelled_cb), self, NULL);
  result = _valise_machine_call (self, what, call_save, save, save_free, SUSPEND_SECONDS, NULL, error);
  if (cancellable != NULL)
    g_cancellable_disconnect (cancellable, handler);
  return result >= 0;
}

/* What libvirt may still be writing is the guest's memory: without an answer it is left where it can be finished. */
static gboolean
came_back (const GError *error)
{
  return !g_error_matches (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_TIMEOUT)
         && !g_error_matches (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_DISCONNECTED);
}

static int
call_note (virDomainPtr domain, gpointer data)
{
  _valise_wake_host_note (virDomainGetConnect (domain), data);
  return 0;
}

/* For wherever it is woken. */
static void
note_host (ValiseMachine *self)
{
  (void) _valise_machine_call (self, "", call_note, g_strdup (self->path), g_free, ABORT_SECONDS, NULL, NULL);
}

static gboolean
save_and_commit (ValiseMachine *self, GCancellable *cancellable, GError **error)
{
  g_autofree char *uuid = _valise_machine_dup_uuid (self);
  g_autofree char *path = _valise_suspended_begin (self->path, uuid, error);
  g_autoptr (GError) failure = NULL;

  if (path == NULL)
    return FALSE;
  note_host (self);
  if (save_to (self, path, cancellable, &failure))
    return _valise_suspended_commit (self->path, uuid, error);
  if (came_back (failure))
    _valise_suspended_abandon (self->path, uuid);
  if (!g_cancellable_set_error_if_cancelled (cancellable, error))
    g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

gboolean
_valise_machine_suspend (ValiseMachine *self, GCancellable *cancellable, GError **error)
{
  gboolean done;

  if (!_valise_machine_check_keeps (self,
                                    _ ("“%s” runs without keeping changes, and its memory would belong to disks that "
                                       "are gone. It can be shut down, "
                                       "not suspended."),
                                    error))
    return FALSE;
  _valise_machine_set_transition (self, VALISE_TRANSITION_STOPPING);
  done = save_and_commit (self, cancellable, error);
  /* The domain was gone before its memory had the place where it is looked for. */
  _valise_machine_look_for_suspended (self);
  _valise_machine_set_transition (self, VALISE_TRANSITION_NONE);
  return done;
}

gboolean
valise_machine_has_strange_memory (ValiseMachine *self)
{
  g_autofree char *uuid = NULL;

  g_return_val_if_fail (VALISE_IS_MACHINE (self), FALSE);
  if (valise_machine_get_state (self) != VALISE_MACHINE_SUSPENDED)
    return FALSE;
  uuid = _valise_machine_dup_uuid (self);
  return !_valise_suspended_check_own (self->path, uuid, NULL);
}

gboolean
_valise_machine_discard (ValiseMachine *self, GError **error)
{
  g_autofree char *uuid = _valise_machine_dup_uuid (self);
  gboolean done =
      _valise_machine_hold_lock (self, "editing", error) && _valise_suspended_discard (self->path, uuid, error);

  if (done)
    _valise_wake_host_forget (self->path);
  _valise_machine_look_for_suspended (self);
  _valise_machine_release_lock (self);
  return done;
}
