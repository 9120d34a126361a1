/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One at a time works on a machine. Merging what deleted snapshots left, which may take long and can be done at any
 * time, gives way to whoever comes. */
#include <glib/gi18n-lib.h>

#include "bundle/valise-disposable.h"
#include "bundle/valise-in-use.h"
#include "bundle/valise-snapshot.h"
#include "engine/valise-engine-error.h"
#include "engine/valise-machine-private.h"

/* The end of every turn wakes who waits for his, so that this is no more than a bound for one wait. */
#define TURN_MS (60 * 1000)
/* What is held by another program tells nobody when it is let go. */
#define PATIENCE_MS (10 * 60 * 1000)

void
_valise_turn_end (ValiseTurn *self)
{
  g_mutex_unlock (&self->verb_mutex);
  _valise_host_wake (self->host);
}

ValiseTurn *
_valise_machine_take_turn (ValiseMachine *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GCancellable) merging = NULL;
  g_autoptr (ValiseTurn) turn = NULL;

  g_mutex_lock (&self->mutex);
  self->waiting++;
  g_set_object (&merging, self->merging);
  g_mutex_unlock (&self->mutex);
  g_cancellable_cancel (merging);
  g_mutex_lock (&self->verb_mutex);
  g_mutex_lock (&self->mutex);
  self->waiting--;
  g_mutex_unlock (&self->mutex);
  turn = self;
  return g_cancellable_set_error_if_cancelled (cancellable, error) ? NULL : g_steal_pointer (&turn);
}

static gboolean
try_turn (gpointer data)
{
  ValiseMachine *self = data;
  gboolean wanted;

  g_mutex_lock (&self->mutex);
  wanted = self->waiting > 0;
  g_mutex_unlock (&self->mutex);
  return !wanted && g_mutex_trylock (&self->verb_mutex);
}

gboolean
_valise_machine_wait_turn (ValiseMachine *self, ValiseJob *job, GCancellable *cancellable, GError **error)
{
  if (try_turn (self))
    return TRUE;
  valise_job_set_stage (job, _ ("Waiting for what is being done with the machine"));
  while (!_valise_host_wait (self->host, try_turn, self, TURN_MS, cancellable))
    if (g_cancellable_set_error_if_cancelled (cancellable, error))
      return FALSE;
  return TRUE;
}

static gboolean
is_let_go (gpointer data)
{
  ValiseMachine *self = data;
  g_autofree char *holder = NULL;
  gboolean own;

  if (!_valise_machine_check_not_copied (self, NULL))
    return FALSE;
  g_mutex_lock (&self->life_mutex);
  own = self->lock != NULL;
  g_mutex_unlock (&self->life_mutex);
  holder = own ? NULL : valise_lock_describe_holder (self->path);
  return holder == NULL;
}

gboolean
_valise_machine_wait_let_go (ValiseMachine *self, ValiseJob *job, GCancellable *cancellable)
{
  valise_job_set_stage (job, _ ("Waiting for what is being done with the machine"));
  return _valise_host_wait (self->host, is_let_go, self, PATIENCE_MS, cancellable)
         || g_cancellable_is_cancelled (cancellable);
}

static void
wake_and_unref (gpointer data)
{
  g_autoptr (ValiseHost) host = data;

  _valise_host_wake (host);
}

void
_valise_machine_tell_of_lock (ValiseMachine *self, ValiseLock *lock)
{
  valise_lock_on_free (lock, wake_and_unref, g_object_ref (self->host));
}

void
_valise_machine_set_merging (ValiseMachine *self, GCancellable *merging)
{
  gboolean wanted;

  g_mutex_lock (&self->mutex);
  g_set_object (&self->merging, merging);
  wanted = self->waiting > 0;
  g_mutex_unlock (&self->mutex);
  if (wanted)
    g_cancellable_cancel (merging);
}

/* --- images that stay the ones that they are --- */

gboolean
_valise_machine_check_not_copied (ValiseMachine *self, GError **error)
{
  gboolean copied;

  g_mutex_lock (&self->mutex);
  copied = self->copied;
  g_mutex_unlock (&self->mutex);
  if (copied)
    g_set_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_BUSY,
                 _ ("“%s” is being copied while it runs, and its disks have to stay as they are until that is done. "
                    "Wait for it, or cancel the export or clone."),
                 valise_machine_get_name (self));
  return !copied;
}

/* Whoever goes off before, has let go by then; whoever does after, keeps the lock. */
static void
set_copied (ValiseMachine *self, gboolean copied)
{
  g_mutex_lock (&self->life_mutex);
  g_mutex_lock (&self->mutex);
  self->copied = copied;
  g_mutex_unlock (&self->mutex);
  if (!copied)
    g_clear_pointer (&self->kept, valise_lock_free);
  g_mutex_unlock (&self->life_mutex);
  _valise_host_wake (self->host);
}

/* One that goes off between the two keeps the lock. */
static gboolean
hold_while_copied (ValiseMachine *self, const char *purpose, GError **error)
{
  gboolean held = _valise_machine_hold_lock (self, purpose, error);

  _valise_machine_release_lock (self);
  if (!held)
    set_copied (self, FALSE);
  return held;
}

gboolean
_valise_machine_begin_copy (ValiseMachine *self, const char *purpose, GError **error)
{
  g_autoptr (ValiseTurn) locker = NULL;

  locker = _valise_machine_take_turn (self, NULL, NULL);
  if (!_valise_machine_check_not_copied (self, error))
    return FALSE;
  set_copied (self, TRUE);
  return purpose == NULL || hold_while_copied (self, purpose, error);
}

void
_valise_machine_end_copy (ValiseMachine *self)
{
  set_copied (self, FALSE);
}

/* --- the bundle of a machine that does not run --- */

ValiseLock *
_valise_machine_lock_still (ValiseMachine *self, const char *purpose, GError **error)
{
  g_autoptr (ValiseTurn) turn = _valise_machine_take_turn (self, NULL, NULL);
  g_autoptr (ValiseLock) lock = valise_lock_take (self->path, purpose, error);
  g_autofree char *said = NULL;

  if (lock == NULL || !valise_bundle_check_unused (self->path, error)
      || !valise_snapshots_settle (self->path, &said, error) || !valise_snapshots_put_back (self->path, error)
      || !valise_disposable_end (self->path, error))
    return NULL;
  if (said != NULL)
    _valise_machine_set_notice (self, said);
  _valise_machine_tell_of_lock (self, lock);
  return g_steal_pointer (&lock);
}

gboolean
_valise_machine_lock_to_read (ValiseMachine *self, const char *purpose, ValiseLock **lock, GError **error)
{
  g_autoptr (GError) local = NULL;

  *lock = _valise_machine_lock_still (self, purpose, &local);
  if (*lock != NULL)
    return TRUE;
  if (g_error_matches (local, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_READ_ONLY))
    return valise_bundle_check_unused (self->path, error);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}
