/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-machine-snapshots.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <sys/stat.h>

#include "engine/valise-engine-error-private.h"
#include "engine/valise-live-disks-private.h"
#include "engine/valise-live-merge-private.h"
#include "engine/valise-live-snapshot-private.h"
#include "engine/valise-machine-private.h"
#include "engine/valise-machine-snapshots-private.h"
#include "engine/valise-machine-template.h"
#include "engine/valise-still-private.h"
#include "engine/valise-suspended-private.h"

#define QUICK_SECONDS 30
#define MEMORY_SECONDS 3600
#define MEMORY "memory"
#define PICTURE "screenshot.png"
#define PICTURE_ASIDE ".screenshot.png.new"

#define STATE_BIT(name) (1u << VALISE_MACHINE_##name)
#define STATES_STILL (STATE_BIT (OFF) | STATE_BIT (SUSPENDED))
#define STATES_ALL (STATES_STILL | STATE_BIT (RUNNING) | STATE_BIT (PAUSED))

static gboolean
check_state (ValiseMachine *self, guint states, GError **error)
{
  ValiseMachineState state = valise_machine_get_state (self);

  if (states & (1u << state))
    return TRUE;
  g_set_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE,
               states == STATES_STILL ? _ ("“%s” can only go back to a snapshot while it does not run. Shut it down or "
                                           "force it off first. Its state is: %s.")
                                      : _ ("The snapshots of “%s” cannot be changed now. Its state is: %s."),
               valise_machine_get_name (self), valise_machine_state_to_label (state));
  return FALSE;
}

/* --- the settings name what the machine writes to --- */

static int
call_read_disks (virDomainPtr domain, gpointer data)
{
  *(GPtrArray **) data = _valise_live_disks_read (domain);
  return *(GPtrArray **) data != NULL ? 0 : -1;
}

typedef struct
{
  GPtrArray *disks;
} DisksCall;

static void
disks_call_clear (gpointer data)
{
  DisksCall *call = data;

  g_clear_pointer (&call->disks, g_ptr_array_unref);
}

static void
disks_call_unref (gpointer data)
{
  g_atomic_rc_box_release_full (data, disks_call_clear);
}

GPtrArray *
_valise_machine_read_live_disks (ValiseMachine *self, GError **error)
{
  g_autofree char *what = g_strdup_printf (_ ("Asking for the disks of “%s”"), valise_machine_get_name (self));
  DisksCall *call = g_atomic_rc_box_new0 (DisksCall);
  GPtrArray *disks = NULL;

  if (_valise_machine_call (self, what, call_read_disks, g_atomic_rc_box_acquire (call), disks_call_unref,
                            QUICK_SECONDS, NULL, error)
      >= 0)
    disks = g_steal_pointer (&call->disks);
  disks_call_unref (call);
  return disks;
}

static const char *
written (const char *target, const char **format, gpointer user_data)
{
  const ValiseLiveDisk *disk = _valise_live_disks_find (user_data, target);

  if (disk == NULL || disk->files->len == 0)
    return NULL;
  *format = disk->formats->pdata[0];
  return disk->files->pdata[0];
}

/* A killed program may have left settings that name images which the machine never came to write to. */
static gboolean
follow_machine (ValiseMachine *self, ValiseBundle *bundle, GError **error)
{
  g_autoptr (GPtrArray) disks = _valise_machine_read_live_disks (self, error);

  return disks != NULL && valise_snapshots_follow (bundle, written, disks, error);
}

/* --- around each of them --- */

/* @merges: merging itself goes on with what is under way; nothing else waits for it. */
static gboolean
work_locked (ValiseMachine *self,
             gboolean merges,
             ValiseSnapshotWork func,
             gpointer data,
             GCancellable *cancellable,
             GError **error)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (self->path, error);
  g_autofree char *said = NULL;
  gboolean done;

  if (bundle == NULL
      || (valise_machine_is_live (self)
          && ((!merges && !_valise_live_merge_stop_all (self, bundle, error)) || !follow_machine (self, bundle, error)))
      || !valise_snapshots_settle (self->path, &said, error))
    return FALSE;
  if (said != NULL)
    _valise_machine_set_notice (self, said);
  done = func (self, bundle, data, cancellable, error);
  _valise_machine_publish (self, g_steal_pointer (&bundle));
  return done;
}

static gboolean
work_in_turn (ValiseMachine *self,
              guint states,
              gboolean merges,
              ValiseSnapshotWork func,
              gpointer data,
              GCancellable *cancellable,
              GError **error)
{
  gboolean done;

  _valise_machine_catch_up (self);
  if (g_cancellable_set_error_if_cancelled (cancellable, error) || !valise_machine_load (self, FALSE, error)
      || !check_state (self, states, error) || !_valise_machine_check_not_copied (self, error)
      || !_valise_machine_check_keeps (self,
                                       _ ("“%s” runs without keeping changes. Shut it down before you change its "
                                          "snapshots."),
                                       error)
      || !_valise_machine_hold_lock (self, "editing", error))
    return FALSE;
  done = work_locked (self, merges, func, data, cancellable, error);
  _valise_machine_look_for_suspended (self);
  _valise_machine_release_lock (self);
  _valise_machine_changed (self);
  return done;
}

static gboolean
work (ValiseMachine *self,
      guint states,
      ValiseSnapshotWork func,
      gpointer data,
      GCancellable *cancellable,
      GError **error)
{
  g_autoptr (ValiseTurn) locker = _valise_machine_take_turn (self, cancellable, error);

  return locker != NULL && work_in_turn (self, states, FALSE, func, data, cancellable, error);
}

GPtrArray *
valise_machine_list_snapshots (ValiseMachine *self, GError **error)
{
  g_autoptr (ValiseBundle) bundle = NULL;

  g_return_val_if_fail (VALISE_IS_MACHINE (self), NULL);
  bundle = valise_bundle_open (self->path, error);
  return bundle != NULL ? valise_snapshots_list (bundle, error) : NULL;
}

/* --- taking one while it runs --- */

typedef struct
{
  const char *name, *note;
  gboolean with_memory, scheduled, precaution;
  char *id;
} Take;

/* Shared with a call that may outlive who waits for it. */
typedef struct
{
  char *directory;
  GPtrArray *switches;
  char *memory;
} TakeCall;

static void
take_call_clear (gpointer data)
{
  TakeCall *call = data;

  g_free (call->directory);
  g_ptr_array_unref (call->switches);
  g_free (call->memory);
}

static void
take_call_unref (gpointer data)
{
  g_atomic_rc_box_release_full (data, take_call_clear);
}

static int
call_take (virDomainPtr domain, gpointer data)
{
  const TakeCall *call = data;

  return _valise_live_snapshot_take (domain, call->directory, call->switches, call->memory);
}

static int
call_pause (virDomainPtr domain, gpointer data)
{
  return _valise_still_pause (domain);
}

static int
call_resume (virDomainPtr domain, gpointer data)
{
  return _valise_still_resume (domain);
}

static int
call_stir (virDomainPtr domain, gpointer data)
{
  return _valise_still_stir (domain);
}

static gboolean
quick_call (ValiseMachine *self, const char *what, ValiseDomainFunc func, GError **error)
{
  return _valise_machine_call (self, what, func, NULL, NULL, QUICK_SECONDS, NULL, error) >= 0;
}

/* No answer may mean that it is still at it: then the machine writes to the new images, or will. */
static gboolean
may_be_switched (ValiseMachine *self, GPtrArray *switches, const GError *failure)
{
  g_autoptr (GPtrArray) disks = NULL;

  if (g_error_matches (failure, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_TIMEOUT)
      || g_error_matches (failure, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_DISCONNECTED))
    return TRUE;
  disks = _valise_machine_read_live_disks (self, NULL);
  return disks == NULL || _valise_live_snapshot_is_switched (disks, self->path, switches);
}

gboolean
_valise_machine_switch_images (ValiseMachine *self,
                               ValiseSnapshotTaking *taking,
                               const char *what,
                               const char *memory,
                               GError **error)
{
  TakeCall *call = g_atomic_rc_box_new0 (TakeCall);
  g_autoptr (GError) failure = NULL;
  gboolean done;

  call->directory = g_strdup (self->path);
  call->switches = g_ptr_array_ref (valise_snapshot_taking_get_switches (taking));
  call->memory = g_strdup (memory);
  done = _valise_machine_call (self, what, call_take, g_atomic_rc_box_acquire (call), take_call_unref,
                               memory != NULL ? MEMORY_SECONDS : QUICK_SECONDS, NULL, &failure)
         >= 0;
  if (done || may_be_switched (self, call->switches, failure))
    valise_snapshot_taking_set_switched (taking);
  take_call_unref (call);
  if (!done)
    g_propagate_error (error, g_steal_pointer (&failure));
  return done;
}

/* What it shows, or showed last. */
static gboolean
keep_picture (ValiseMachine *self, const char *folder)
{
  g_autofree char *file = g_build_filename (folder, PICTURE, NULL);
  g_autoptr (GdkPixbuf) picture = valise_machine_screenshot (self, NULL, NULL);

  return picture != NULL && gdk_pixbuf_save (picture, file, "png", NULL, NULL);
}

/* @wrote: (out): the guest's memory, or may have; whatever came of it. */
static gboolean
take_still (ValiseMachine *self,
            ValiseSnapshotTaking *taking,
            Take *take,
            gboolean ran,
            gboolean *wrote,
            GError **error)
{
  const char *folder = valise_snapshot_taking_get_folder (taking);
  g_autofree char *what = g_strdup_printf (_ ("Taking a snapshot of “%s”"), valise_machine_get_name (self));
  g_autofree char *memory = take->with_memory ? g_build_filename (folder, MEMORY, NULL) : NULL;
  ValiseSnapshotMemory kept = memory == NULL ? VALISE_SNAPSHOT_MEMORY_NONE
                              : ran          ? VALISE_SNAPSHOT_MEMORY_RUNNING
                                             : VALISE_SNAPSHOT_MEMORY_PAUSED;

  *wrote = FALSE;
  if (!valise_snapshot_taking_switch (taking, error))
    return FALSE;
  *wrote = memory != NULL;
  if (!_valise_machine_switch_images (self, taking, what, memory, error)
      || (memory != NULL && ran && !_valise_suspended_mark_running (memory, error)))
    return FALSE;
  take->id = valise_snapshot_taking_commit (taking, kept, error);
  return take->id != NULL;
}

/* Disks, memory, firmware variables and TPM are those of one moment, in which it stands still. */
static gboolean
take_live (ValiseMachine *self, ValiseSnapshotTaking *taking, Take *take, GError **error)
{
  gboolean runs = valise_machine_get_state (self) == VALISE_MACHINE_RUNNING;
  g_autofree char *pausing = g_strdup_printf (_ ("Pausing “%s”"), valise_machine_get_name (self));
  g_autofree char *resuming = g_strdup_printf (_ ("Resuming “%s”"), valise_machine_get_name (self));
  g_autoptr (GError) failure = NULL;
  gboolean done, wrote;

  keep_picture (self, valise_snapshot_taking_get_folder (taking));
  if (runs && !quick_call (self, pausing, call_pause, error))
    return FALSE;
  done = take_still (self, taking, take, runs, &wrote, error);
  if (!runs)
    return (!wrote || quick_call (self, pausing, call_stir, done ? error : NULL)) && done;
  if (quick_call (self, resuming, call_resume, &failure))
    return done;
  _valise_still_tell_paused (error, valise_machine_get_name (self), failure->message);
  return FALSE;
}

/* --- taking one while it does not --- */

/* A snapshot is none the worse for having no picture. */
static gboolean
keep_file (const char *from, const char *to)
{
  g_autoptr (GError) error = NULL;
  struct stat status;

  if (lstat (from, &status) != 0 || !S_ISREG (status.st_mode))
    return FALSE;
  if (valise_snapshot_keep_file (from, to, NULL, &error))
    return TRUE;
  g_debug ("%s: %s", to, error->message);
  return FALSE;
}

static void
keep_last_picture (ValiseMachine *self, const char *folder)
{
  g_autofree char *last = g_build_filename (self->path, PICTURE, NULL);
  g_autofree char *file = g_build_filename (folder, PICTURE, NULL);

  keep_file (last, file);
}

static gboolean
take_off (ValiseMachine *self, ValiseSnapshotTaking *taking, Take *take, GError **error)
{
  g_autofree char *saved = _valise_suspended_get_path (self->path);
  g_autofree char *memory = g_build_filename (valise_snapshot_taking_get_folder (taking), MEMORY, NULL);
  ValiseSnapshotMemory kept = VALISE_SNAPSHOT_MEMORY_NONE;

  keep_last_picture (self, valise_snapshot_taking_get_folder (taking));
  if (valise_machine_get_state (self) == VALISE_MACHINE_SUSPENDED)
    {
      if (!valise_snapshot_keep_file (saved, memory, NULL, error))
        return FALSE;
      kept = _valise_suspended_was_running (saved) ? VALISE_SNAPSHOT_MEMORY_RUNNING : VALISE_SNAPSHOT_MEMORY_PAUSED;
    }
  take->id = valise_snapshot_taking_commit (taking, kept, error);
  return take->id != NULL;
}

/* Without this the memory would be taken for another computer's, which can be overruled. */
static void
remember_memory (ValiseMachine *self, ValiseBundle *bundle, const char *id)
{
  g_autofree char *uuid = _valise_machine_dup_uuid (self);
  g_autofree char *memory = valise_snapshot_file (bundle, id, MEMORY);
  g_autoptr (GError) error = NULL;

  if (uuid != NULL && g_file_test (memory, G_FILE_TEST_EXISTS)
      && !_valise_suspended_remember_kept (uuid, id, memory, &error))
    g_debug ("%s: %s", memory, error->message);
}

static gboolean
work_take (ValiseMachine *self, ValiseBundle *bundle, gpointer data, GCancellable *cancellable, GError **error)
{
  Take *take = data;
  gboolean live = valise_machine_is_live (self);
  g_autofree char *uuid = _valise_machine_dup_uuid (self);
  gboolean own = valise_machine_get_state (self) != VALISE_MACHINE_SUSPENDED
                 || _valise_suspended_check_own (self->path, uuid, NULL);
  g_autoptr (ValiseSnapshotTaking) taking = NULL;
  gboolean done;

  taking = valise_snapshot_begin (bundle, take->name, take->note, cancellable, error);
  if (taking == NULL)
    return FALSE;
  if (take->scheduled)
    valise_snapshot_taking_set_scheduled (taking);
  if (take->precaution)
    valise_snapshot_taking_set_precaution (taking);
  done = live ? take_live (self, taking, take, error) : take_off (self, taking, take, error);
  /* It is there also when the guest did not go on, or stand still, after it. */
  if (own && take->id != NULL)
    remember_memory (self, bundle, take->id);
  return done;
}

static char *
take_one (ValiseMachine *self, Take *take, GCancellable *cancellable, GError **error)
{
  if (work (self, STATES_ALL, work_take, take, cancellable, error))
    return take->id;
  g_free (take->id);
  return NULL;
}

char *
valise_machine_take_snapshot (ValiseMachine *self,
                              const char *name,
                              const char *note,
                              gboolean with_memory,
                              GCancellable *cancellable,
                              GError **error)
{
  Take take = { name, note, with_memory, FALSE, FALSE, NULL };

  g_return_val_if_fail (VALISE_IS_MACHINE (self) && name != NULL, NULL);
  return take_one (self, &take, cancellable, error);
}

char *
_valise_machine_take_scheduled (ValiseMachine *self, const char *name, GCancellable *cancellable, GError **error)
{
  Take take = { name, NULL, FALSE, TRUE, FALSE, NULL };

  return take_one (self, &take, cancellable, error);
}

char *
_valise_machine_take_precaution (ValiseMachine *self,
                                 ValiseBundle *bundle,
                                 const char *name,
                                 const char *note,
                                 gboolean stays,
                                 GCancellable *cancellable,
                                 GError **error)
{
  Take take = { name, note, TRUE, FALSE, !stays, NULL };

  if (work_take (self, bundle, &take, cancellable, error))
    return take.id;
  g_free (take.id);
  return NULL;
}

gboolean
_valise_machine_work_on_snapshots (ValiseMachine *self,
                                   ValiseSnapshotWork func,
                                   gpointer data,
                                   GCancellable *cancellable,
                                   GError **error)
{
  return work (self, STATES_ALL, func, data, cancellable, error);
}

gboolean
_valise_machine_work_on_merges (ValiseMachine *self,
                                ValiseSnapshotWork func,
                                gpointer data,
                                GCancellable *cancellable,
                                GError **error)
{
  return work_in_turn (self, STATES_ALL, TRUE, func, data, cancellable, error);
}

/* --- going back --- */

typedef struct
{
  const char *id;
  ValiseRevertFlags flags;
} Revert;

static gboolean
set_ask (ValiseMachine *self, const char *text, GError **error)
{
  g_set_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_ASK, "“%s”: %s", valise_machine_get_name (self), text);
  return FALSE;
}

/* There is an answer to be had about memory, as when it is another computer's. */
static gboolean
check_whole (ValiseMachine *self, ValiseBundle *bundle, const Revert *revert, GError **error)
{
  g_autoptr (GError) missing = NULL;

  if (!valise_snapshot_check_whole (bundle, revert->id, FALSE, error))
    return FALSE;
  return (revert->flags & VALISE_REVERT_WITHOUT_MEMORY)
         || valise_snapshot_check_whole (bundle, revert->id, TRUE, &missing) || set_ask (self, missing->message, error);
}

/* What it kept is there. Memory is the state of devices for QEMU, which must be able to rely on it. */
static gboolean
check_kept (ValiseMachine *self, ValiseBundle *bundle, const Revert *revert, gboolean *has_memory, GError **error)
{
  g_autofree char *memory = valise_snapshot_file (bundle, revert->id, MEMORY);
  g_autofree char *uuid = valise_document_get (valise_bundle_get_document (bundle), "uuid");
  g_autoptr (ValiseDocument) then = NULL;
  g_autofree char *other = NULL;

  *has_memory = !(revert->flags & VALISE_REVERT_WITHOUT_MEMORY) && g_file_test (memory, G_FILE_TEST_EXISTS);
  if (!(revert->flags & VALISE_REVERT_INCOMPLETE) && !check_whole (self, bundle, revert, error))
    return FALSE;
  if (!*has_memory)
    return TRUE;
  then = valise_snapshot_read_document (bundle, revert->id, error);
  if (then == NULL)
    return FALSE;
  other = valise_document_get (then, "uuid");
  if (g_strcmp0 (uuid, other) != 0)
    return set_ask (self,
                    _ ("the memory of this snapshot belongs to the machine that this one was copied from. Go back "
                       "to it without its memory."),
                    error);
  if ((revert->flags & VALISE_REVERT_TRUST_MEMORY) || _valise_suspended_knows_kept (uuid, revert->id, memory))
    return TRUE;
  return set_ask (self,
                  _ ("the memory of this snapshot was not written on this computer. Go back to it without its "
                     "memory, or say that you trust where it comes from."),
                  error);
}

/* Its last screen is the snapshot's then. */
static void
put_picture_back (ValiseMachine *self, ValiseBundle *bundle, const char *id)
{
  g_autofree char *kept = valise_snapshot_file (bundle, id, PICTURE);
  g_autofree char *aside = g_build_filename (self->path, PICTURE_ASIDE, NULL);
  g_autofree char *last = g_build_filename (self->path, PICTURE, NULL);

  g_unlink (aside);
  if (!keep_file (kept, aside))
    g_unlink (last);
  else if (g_rename (aside, last) != 0)
    g_unlink (aside);
}

static gboolean
work_revert (ValiseMachine *self, ValiseBundle *bundle, gpointer data, GCancellable *cancellable, GError **error)
{
  const Revert *revert = data;
  g_autofree char *uuid = _valise_machine_dup_uuid (self);
  gboolean has_memory;

  if (!_valise_machine_check_no_template (self, valise_bundle_get_document (bundle), error)
      || !check_kept (self, bundle, revert, &has_memory, error)
      || !valise_snapshot_revert (bundle, revert->id, has_memory, cancellable, error))
    return FALSE;
  put_picture_back (self, bundle, revert->id);
  return !has_memory || _valise_suspended_adopt (self->path, uuid, error);
}

gboolean
valise_machine_check_revert (ValiseMachine *self, const char *id, ValiseRevertFlags flags, GError **error)
{
  const Revert revert = { id, flags };
  g_autoptr (ValiseBundle) bundle = NULL;
  gboolean has_memory;

  g_return_val_if_fail (VALISE_IS_MACHINE (self) && id != NULL, FALSE);
  bundle = valise_bundle_open (self->path, error);
  return bundle != NULL && _valise_machine_check_no_template (self, valise_bundle_get_document (bundle), error)
         && check_kept (self, bundle, &revert, &has_memory, error);
}

gboolean
valise_machine_revert_snapshot (ValiseMachine *self,
                                const char *id,
                                ValiseRevertFlags flags,
                                GCancellable *cancellable,
                                GError **error)
{
  Revert revert = { id, flags };

  g_return_val_if_fail (VALISE_IS_MACHINE (self) && id != NULL, FALSE);
  return work (self, STATES_STILL, work_revert, &revert, cancellable, error);
}

/* --- the rest --- */

typedef struct
{
  const char *id, *name, *note;
} Description;

static gboolean
work_describe (ValiseMachine *self, ValiseBundle *bundle, gpointer data, GCancellable *cancellable, GError **error)
{
  const Description *description = data;

  return valise_snapshot_describe (bundle, description->id, description->name, description->note, error);
}

gboolean
valise_machine_describe_snapshot (ValiseMachine *self,
                                  const char *id,
                                  const char *name,
                                  const char *note,
                                  GError **error)
{
  Description description = { id, name, note };

  g_return_val_if_fail (VALISE_IS_MACHINE (self) && id != NULL, FALSE);
  return work (self, STATES_ALL, work_describe, &description, NULL, error);
}

static gboolean
work_accept (ValiseMachine *self, ValiseBundle *bundle, gpointer data, GCancellable *cancellable, GError **error)
{
  return valise_snapshots_stamp (self->path, data, error);
}

GPtrArray *
valise_machine_accept_images (ValiseMachine *self, GCancellable *cancellable, GError **error)
{
  GPtrArray *accepted = NULL;

  g_return_val_if_fail (VALISE_IS_MACHINE (self), NULL);
  return work (self, STATES_ALL, work_accept, &accepted, cancellable, error) ? accepted : NULL;
}
