/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-machine-private.h"

#include <glib/gi18n-lib.h>

#include "bundle/valise-disposable.h"
#include "bundle/valise-in-use.h"
#include "bundle/valise-snapshot.h"
#include "engine/valise-engine-error-private.h"
#include "engine/valise-machine-log-private.h"
#include "engine/valise-suspended-private.h"
#include "engine/valise-tpm-private.h"

/* How many replaced bundles are kept for those who still look at their documents. */
#define MOST_RETIRED 16

enum
{
  PROP_PATH = 1,
  PROP_NAME,
  PROP_STATE,
  PROP_ERROR,
  PROP_PAUSE_REASON,
  N_PROPS
};
static GParamSpec *props[N_PROPS];

enum
{
  DISPLAY_READY,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (ValiseMachine, valise_machine, G_TYPE_OBJECT)

/* --- what is known --- */

/* What libvirt has told, which may be ahead of what is shown. */
static ValiseLife
look (ValiseMachine *self)
{
  g_autofree char *uuid = _valise_machine_dup_uuid (self);

  return _valise_host_look (self->host, uuid, self->path);
}

static const char *
pause_reason (const ValiseLife *life)
{
  if (!life->live || life->state != VIR_DOMAIN_PAUSED)
    return NULL;
  if (life->out_of_space)
    return _ ("The disk of this computer is full. Free some space, then resume.");
  switch (life->reason)
    {
    case VIR_DOMAIN_PAUSED_IOERROR:
      return _ ("A disk of the machine could not be read or written. Check its file, then resume.");
    case VIR_DOMAIN_PAUSED_CRASHED:
      return _ ("The guest system has crashed.");
    case VIR_DOMAIN_PAUSED_WATCHDOG:
      return _ ("The guest's watchdog has gone off.");
    case VIR_DOMAIN_PAUSED_SAVE:
      return _ ("Its memory is being saved.");
    default:
      return NULL;
    }
}

static ValiseMachineState
live_state (const ValiseLife *life)
{
  if (life->state == VIR_DOMAIN_SHUTDOWN)
    return VALISE_MACHINE_STOPPING;
  return life->state == VIR_DOMAIN_PAUSED || life->state == VIR_DOMAIN_PMSUSPENDED ? VALISE_MACHINE_PAUSED
                                                                                   : VALISE_MACHINE_RUNNING;
}

char *
_valise_machine_dup_uuid (ValiseMachine *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  return g_strdup (self->uuid);
}

/* With the mutex held. */
static ValiseMachineState
get_state_locked (ValiseMachine *self)
{
  if (self->transition == VALISE_TRANSITION_WAITING || self->transition == VALISE_TRANSITION_STARTING)
    return VALISE_MACHINE_STARTING;
  if (self->transition == VALISE_TRANSITION_STOPPING)
    return VALISE_MACHINE_STOPPING;
  if (self->life.live)
    return live_state (&self->life);
  if (self->broken)
    return VALISE_MACHINE_BROKEN;
  if (self->bundle == NULL)
    return VALISE_MACHINE_UNREAD;
  return self->suspended ? VALISE_MACHINE_SUSPENDED : VALISE_MACHINE_OFF;
}

/* --- telling the main context --- */

static void
notify_changes (ValiseMachine *self, ValiseMachineState state, const char *reason)
{
  const char *name = valise_machine_get_name (self);

  g_object_freeze_notify (G_OBJECT (self));
  if (state != self->told_state)
    {
      self->told_state = state;
      g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);
    }
  if (name != self->told_name)
    {
      self->told_name = name;
      g_object_notify_by_pspec (G_OBJECT (self), props[PROP_NAME]);
    }
  if (g_strcmp0 (reason, self->told_reason) != 0)
    {
      g_free (self->told_reason);
      self->told_reason = g_strdup (reason);
      g_object_notify_by_pspec (G_OBJECT (self), props[PROP_PAUSE_REASON]);
    }
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_ERROR]);
  g_object_thaw_notify (G_OBJECT (self));
}

static gboolean
on_changed_cb (gpointer data)
{
  g_autoptr (ValiseMachine) self = g_weak_ref_get (data);
  ValiseMachineState state;
  ValiseLife life;

  if (self == NULL)
    return G_SOURCE_REMOVE;
  g_mutex_lock (&self->mutex);
  self->telling = FALSE;
  life = self->life;
  state = get_state_locked (self);
  g_mutex_unlock (&self->mutex);
  notify_changes (self, state, pause_reason (&life));
  if (life.live && state != VALISE_MACHINE_STARTING && !self->told_display)
    {
      self->told_display = TRUE;
      g_signal_emit (self, signals[DISPLAY_READY], 0);
    }
  else if (!life.live)
    self->told_display = FALSE;
  return G_SOURCE_REMOVE;
}

static void
weak_free (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

void
_valise_machine_changed (ValiseMachine *self)
{
  GWeakRef *weak;
  gboolean telling;

  g_mutex_lock (&self->mutex);
  telling = self->telling;
  self->telling = TRUE;
  g_mutex_unlock (&self->mutex);
  _valise_host_wake (self->host);
  if (telling)
    return;
  weak = g_new0 (GWeakRef, 1);
  g_weak_ref_init (weak, self);
  _valise_host_invoke (self->host, on_changed_cb, weak, weak_free);
}

void
_valise_machine_set_transition (ValiseMachine *self, ValiseTransition transition)
{
  g_mutex_lock (&self->mutex);
  self->transition = transition;
  g_mutex_unlock (&self->mutex);
  _valise_machine_changed (self);
}

void
_valise_machine_set_error (ValiseMachine *self, const GError *error)
{
  gboolean same;

  g_mutex_lock (&self->mutex);
  same = error == NULL && self->error == NULL;
  g_clear_error (&self->error);
  if (error != NULL)
    self->error = g_error_copy (error);
  g_mutex_unlock (&self->mutex);
  if (!same)
    _valise_machine_changed (self);
}

/* --- the domain comes and goes --- */

static char *
settle_suspend (ValiseMachine *self)
{
  g_autofree char *uuid = _valise_machine_dup_uuid (self);

  if (uuid == NULL || !_valise_suspended_settle (self->path, uuid))
    return NULL;
  return g_strdup_printf (_ ("“%s” was being suspended when this program or the computer stopped, and its memory was "
                             "not whole yet. It starts afresh, with its disks as they were then."),
                          valise_machine_get_name (self));
}

/* What somebody was killed over comes before whatever is wanted of the machine now. */
static gboolean
settle_killed (ValiseMachine *self, GError **error)
{
  g_autofree char *said = NULL;

  if (!valise_snapshots_settle (self->path, &said, error) || !valise_snapshots_put_back (self->path, error))
    return FALSE;
  if (said == NULL)
    said = settle_suspend (self);
  if (said != NULL)
    _valise_machine_set_notice (self, said);
  return TRUE;
}

void
_valise_machine_set_notice (ValiseMachine *self, const char *notice)
{
  g_mutex_lock (&self->mutex);
  g_free (self->notice);
  self->notice = g_strdup (notice);
  g_mutex_unlock (&self->mutex);
}

char *
valise_machine_take_notice (ValiseMachine *self)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_val_if_fail (VALISE_IS_MACHINE (self), NULL);
  locker = g_mutex_locker_new (&self->mutex);
  return g_steal_pointer (&self->notice);
}

/* With the life's mutex held, as the next. */
static ValiseLock *
take_lock (ValiseMachine *self, const char *purpose, GError **error)
{
  return self->kept != NULL ? g_steal_pointer (&self->kept) : valise_lock_take (self->path, purpose, error);
}

/* Who copies what a snapshot froze goes on when the machine is off, and nobody takes the files away meanwhile.
 * @lock: (transfer full) (nullable) */
static void
let_go (ValiseMachine *self, ValiseLock *lock)
{
  if (self->kept == NULL && !_valise_machine_check_not_copied (self, NULL))
    self->kept = lock;
  else
    g_clear_pointer (&lock, valise_lock_free);
}

/* @lock: (out): %NULL when it is held already, or on an error. Returns whether the machine has been seen to run. */
static gboolean
try_lock (ValiseMachine *self, const char *purpose, gboolean *held, ValiseLock **lock, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->life_mutex);

  *held = self->lock != NULL;
  *lock = !*held && valise_bundle_check_folders (self->path, error) ? take_lock (self, purpose, error) : NULL;
  return self->seen_live;
}

/* Whose turn it is holds the bundle's lock by then. What is put in order may take QEMU's programs long, and whoever only
 * looks at the machine, or hears of its life, does not wait for that. */
gboolean
_valise_machine_hold_lock (ValiseMachine *self, const char *purpose, GError **error)
{
  g_autoptr (GMutexLocker) locker = NULL;
  g_autoptr (ValiseLock) lock = NULL;
  gboolean held, runs, settled;

  _valise_machine_catch_up (self);
  runs = try_lock (self, purpose, &held, &lock, error);
  if (held || lock == NULL)
    return held;
  settled = runs
            || (valise_bundle_check_unused (self->path, error) && settle_killed (self, error)
                && valise_disposable_end (self->path, error));
  locker = g_mutex_locker_new (&self->life_mutex);
  if (!settled)
    let_go (self, g_steal_pointer (&lock));
  else if (self->lock == NULL)
    self->lock = g_steal_pointer (&lock);
  return settled;
}

void
_valise_machine_release_lock (ValiseMachine *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->life_mutex);

  if (!look (self).live)
    let_go (self, g_steal_pointer (&self->lock));
}

void
_valise_machine_look_for_suspended (ValiseMachine *self)
{
  g_autofree char *uuid = _valise_machine_dup_uuid (self);
  gboolean suspended = _valise_suspended_exists (self->path, uuid);

  g_mutex_lock (&self->mutex);
  self->suspended = suspended;
  g_mutex_unlock (&self->mutex);
}

/* A lock that somebody else has is no fault here: the machine runs, and edits will name the holder. */
static void
come (ValiseMachine *self)
{
  if (self->lock == NULL)
    {
      self->lock = take_lock (self, "running", NULL);
      if (self->lock != NULL)
        _valise_machine_resume_merges (self);
    }
}

static void
go (ValiseMachine *self)
{
  g_autofree char *uuid = _valise_machine_dup_uuid (self);

  if (uuid != NULL)
    {
      _valise_machine_log_keep (self->host, self->path, uuid);
      _valise_tpm_stop (uuid);
    }
  _valise_machine_look_for_suspended (self);
  /* Whose lock it is not, may be running elsewhere. */
  if (self->lock != NULL)
    {
      valise_disposable_end (self->path, NULL);
      _valise_machine_resume_merges (self);
    }
  let_go (self, g_steal_pointer (&self->lock));
}

/* A machine that is being started anew has taken over what an attempt before it would let go. */
static void
follow (ValiseMachine *self, gboolean live)
{
  gboolean starting;

  g_mutex_lock (&self->mutex);
  starting = self->transition == VALISE_TRANSITION_STARTING;
  g_mutex_unlock (&self->mutex);
  if (live == self->seen_live || (starting && !live))
    return;
  if (live)
    come (self);
  else
    go (self);
  self->seen_live = live;
}

/* The state and the reason for it at one stroke. */
static void
show (ValiseMachine *self, const ValiseLife *life)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  if (!life->out_of_space)
    g_clear_error (&self->full);
  else if (!self->life.out_of_space)
    g_set_error (&self->full, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_SPACE,
                 _ ("“%s” is paused: the disk of this computer is full. Free some space, then resume it."), self->name);
  self->life = *life;
}

void
_valise_machine_catch_up (ValiseMachine *self)
{
  ValiseLife life;

  g_mutex_lock (&self->life_mutex);
  life = look (self);
  follow (self, life.live);
  show (self, &life);
  g_mutex_unlock (&self->life_mutex);
  _valise_machine_changed (self);
}

static void
on_life_cb (gpointer object)
{
  _valise_machine_catch_up (object);
}

/* --- reading --- */

/* As libvirt writes it; %NULL when it is none to the letter, since it becomes a file name. */
static char *
uuid_of (ValiseBundle *bundle)
{
  g_autofree char *stated = valise_document_get (valise_bundle_get_document (bundle), "uuid");

  return stated != NULL && g_uuid_string_is_valid (stated) ? g_ascii_strdown (stated, -1) : NULL;
}

/* Whose life it is has to be known before there is a bundle to have a state. */
static void
adopt_uuid (ValiseMachine *self, const char *uuid)
{
  gboolean renewed;

  g_mutex_lock (&self->mutex);
  renewed = g_strcmp0 (self->uuid, uuid) != 0;
  if (renewed)
    {
      g_free (self->uuid);
      self->uuid = g_strdup (uuid);
    }
  g_mutex_unlock (&self->mutex);
  if (renewed && uuid != NULL)
    _valise_host_watch (self->host, uuid, self, on_life_cb);
  _valise_machine_look_for_suspended (self);
  _valise_machine_catch_up (self);
}

void
_valise_machine_publish (ValiseMachine *self, ValiseBundle *bundle)
{
  g_autofree char *name = valise_bundle_dup_name (bundle);
  g_autofree char *uuid = uuid_of (bundle);

  adopt_uuid (self, uuid);
  g_mutex_lock (&self->mutex);
  if (self->bundle != NULL)
    g_ptr_array_add (self->retired, self->bundle);
  if (self->retired->len > MOST_RETIRED)
    g_ptr_array_remove_index (self->retired, 0);
  self->bundle = bundle;
  if (self->broken)
    g_clear_error (&self->error);
  self->broken = FALSE;
  if (name != NULL && *name != '\0')
    self->name = g_intern_string (name);
  g_mutex_unlock (&self->mutex);
  _valise_machine_changed (self);
}

static void
set_broken (ValiseMachine *self, const GError *error)
{
  g_mutex_lock (&self->mutex);
  self->broken = TRUE;
  g_clear_error (&self->error);
  self->error = g_error_copy (error);
  g_mutex_unlock (&self->mutex);
  _valise_machine_changed (self);
}

gboolean
_valise_machine_adopt_life (ValiseMachine *self)
{
  g_autofree char *known = _valise_machine_dup_uuid (self);
  g_autofree char *uuid = known == NULL ? _valise_host_dup_live_uuid (self->host, self->path) : NULL;

  if (uuid != NULL)
    adopt_uuid (self, uuid);
  return known != NULL || uuid != NULL;
}

static gboolean
is_loaded (ValiseMachine *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  return self->bundle != NULL && !self->broken;
}

gboolean
valise_machine_load (ValiseMachine *self, gboolean again, GError **error)
{
  g_autoptr (GError) failure = NULL;
  ValiseBundle *bundle;

  g_return_val_if_fail (VALISE_IS_MACHINE (self), FALSE);
  if (!again && is_loaded (self))
    return TRUE;
  bundle = valise_bundle_open (self->path, &failure);
  if (bundle == NULL)
    {
      set_broken (self, failure);
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  _valise_machine_publish (self, bundle);
  return TRUE;
}

/* --- the object --- */

static char *
name_from_path (const char *path)
{
  char *name = g_path_get_basename (path);

  if (g_str_has_suffix (name, VALISE_BUNDLE_SUFFIX))
    name[strlen (name) - strlen (VALISE_BUNDLE_SUFFIX)] = '\0';
  return name;
}

/* Every machine of this process by host and path, so that a window and a verb from outside share one life and one
 * lock. */
static GMutex roll_mutex;
static GHashTable *roll; /* machine -> GWeakRef */

static guint
roll_hash (gconstpointer key)
{
  const ValiseMachine *machine = key;

  return g_str_hash (machine->path);
}

static gboolean
roll_equal (gconstpointer one, gconstpointer two)
{
  const ValiseMachine *first = one, *second = two;

  return first->host == second->host && g_str_equal (first->path, second->path);
}

static void
roll_entry_free (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

/* The machine that is there already, or %NULL after putting @self down as the one. One that is just being disposed of
 * gives way. */
static ValiseMachine *
roll_enter (ValiseMachine *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&roll_mutex);
  GWeakRef *entry;
  ValiseMachine *there;

  if (roll == NULL)
    roll = g_hash_table_new_full (roll_hash, roll_equal, NULL, roll_entry_free);
  entry = g_hash_table_lookup (roll, self);
  there = entry != NULL ? g_weak_ref_get (entry) : NULL;
  if (there != NULL)
    return there;
  entry = g_new0 (GWeakRef, 1);
  g_weak_ref_init (entry, self);
  g_hash_table_replace (roll, self, entry);
  return NULL;
}

static void
roll_leave (ValiseMachine *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&roll_mutex);
  gpointer key;

  if (roll != NULL && g_hash_table_lookup_extended (roll, self, &key, NULL) && key == self)
    g_hash_table_remove (roll, self);
}

static void
valise_machine_finalize (GObject *object)
{
  ValiseMachine *self = VALISE_MACHINE (object);

  roll_leave (self);
  _valise_host_unwatch (self->host, self->path);
  if (self->uuid != NULL)
    _valise_host_unwatch (self->host, self->uuid);
  g_clear_object (&self->merging);
  g_clear_pointer (&self->lock, valise_lock_free);
  g_clear_pointer (&self->kept, valise_lock_free);
  g_clear_pointer (&self->bundle, valise_bundle_unref);
  g_ptr_array_unref (self->retired);
  g_clear_error (&self->error);
  g_free (self->notice);
  g_clear_error (&self->full);
  g_free (self->uuid);
  g_free (self->path);
  g_free (self->told_reason);
  g_mutex_clear (&self->mutex);
  g_mutex_clear (&self->life_mutex);
  g_mutex_clear (&self->verb_mutex);
  g_object_unref (self->host);
  G_OBJECT_CLASS (valise_machine_parent_class)->finalize (object);
}

static void
valise_machine_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  ValiseMachine *self = VALISE_MACHINE (object);

  switch (id)
    {
    case PROP_PATH:
      g_value_set_string (value, self->path);
      break;
    case PROP_NAME:
      g_value_set_string (value, valise_machine_get_name (self));
      break;
    case PROP_STATE:
      g_value_set_enum (value, valise_machine_get_state (self));
      break;
    case PROP_ERROR:
      g_value_take_boxed (value, valise_machine_dup_error (self));
      break;
    case PROP_PAUSE_REASON:
      g_mutex_lock (&self->mutex);
      g_value_set_static_string (value, pause_reason (&self->life));
      g_mutex_unlock (&self->mutex);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
valise_machine_class_init (ValiseMachineClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->finalize = valise_machine_finalize;
  object_class->get_property = valise_machine_get_property;
  props[PROP_PATH] = g_param_spec_string ("path", NULL, NULL, NULL, flags);
  props[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  props[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, VALISE_TYPE_MACHINE_STATE, VALISE_MACHINE_UNREAD, flags);
  props[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, flags);
  props[PROP_PAUSE_REASON] = g_param_spec_string ("pause-reason", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
  signals[DISPLAY_READY] =
      g_signal_new ("display-ready", VALISE_TYPE_MACHINE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
valise_machine_init (ValiseMachine *self)
{
  g_mutex_init (&self->mutex);
  g_mutex_init (&self->life_mutex);
  g_mutex_init (&self->verb_mutex);
  self->retired = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_bundle_unref);
}

/* --- public --- */

ValiseMachine *
valise_machine_new (ValiseHost *host, const char *bundle_path)
{
  ValiseMachine *self, *there;
  g_autofree char *name = NULL;

  g_return_val_if_fail (VALISE_IS_HOST (host), NULL);
  self = g_object_new (VALISE_TYPE_MACHINE, NULL);
  self->host = g_object_ref (host);
  self->path = g_canonicalize_filename (bundle_path, NULL);
  name = name_from_path (self->path);
  self->name = self->told_name = g_intern_string (name);
  there = roll_enter (self);
  if (there != NULL)
    {
      g_object_unref (self);
      return there;
    }
  _valise_host_watch (host, self->path, self, on_life_cb);
  if (look (self).live)
    _valise_machine_catch_up (self);
  return self;
}

const char *
valise_machine_get_path (ValiseMachine *self)
{
  g_return_val_if_fail (VALISE_IS_MACHINE (self), NULL);
  return self->path;
}

const char *
valise_machine_get_name (ValiseMachine *self)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_val_if_fail (VALISE_IS_MACHINE (self), NULL);
  locker = g_mutex_locker_new (&self->mutex);
  return self->name;
}

ValiseMachineState
valise_machine_get_state (ValiseMachine *self)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_val_if_fail (VALISE_IS_MACHINE (self), VALISE_MACHINE_BROKEN);
  locker = g_mutex_locker_new (&self->mutex);
  return get_state_locked (self);
}

gboolean
valise_machine_is_live (ValiseMachine *self)
{
  return valise_machine_get_state (self) >= VALISE_MACHINE_STARTING;
}

GError *
valise_machine_dup_error (ValiseMachine *self)
{
  g_autoptr (GMutexLocker) locker = NULL;
  const GError *error;

  g_return_val_if_fail (VALISE_IS_MACHINE (self), NULL);
  locker = g_mutex_locker_new (&self->mutex);
  error = self->full != NULL ? self->full : self->error;
  return error != NULL ? g_error_copy (error) : NULL;
}

void
valise_machine_clear_error (ValiseMachine *self)
{
  g_return_if_fail (VALISE_IS_MACHINE (self));
  g_mutex_lock (&self->mutex);
  g_clear_error (&self->error);
  g_clear_error (&self->full);
  g_mutex_unlock (&self->mutex);
  _valise_machine_changed (self);
}

ValiseHost *
valise_machine_get_host (ValiseMachine *self)
{
  g_return_val_if_fail (VALISE_IS_MACHINE (self), NULL);
  return self->host;
}

ValiseBundle *
valise_machine_get_bundle (ValiseMachine *self)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_val_if_fail (VALISE_IS_MACHINE (self), NULL);
  locker = g_mutex_locker_new (&self->mutex);
  return self->bundle;
}

ValiseDocument *
valise_machine_get_document (ValiseMachine *self)
{
  ValiseBundle *bundle = valise_machine_get_bundle (self);

  return bundle != NULL ? valise_bundle_get_document (bundle) : NULL;
}
