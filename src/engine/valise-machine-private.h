/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/valise-job.h"
#include "bundle/valise-lock.h"
#include "engine/valise-host-private.h"
#include "engine/valise-libvirt-private.h"
#include "engine/valise-machine.h"

G_BEGIN_DECLS

typedef enum
{
  VALISE_TRANSITION_NONE,
  VALISE_TRANSITION_WAITING, /* to be started once libvirt has answered, and shown as starting */
  VALISE_TRANSITION_STARTING,
  VALISE_TRANSITION_STOPPING,
} ValiseTransition;

struct _ValiseMachine
{
  GObject parent_instance;

  ValiseHost *host;
  char *path;

  GMutex verb_mutex; /* one verb or edit at a time */
  GMutex life_mutex; /* what follows from the domain's coming and going: lock, seen_live */
  ValiseLock *lock;
  ValiseLock *kept; /* @lock, of one that went off while it is copied */
  gboolean seen_live;

  GMutex mutex; /* for all below */
  ValiseBundle *bundle;
  GPtrArray *retired; /* bundles replaced, whose documents somebody may still be looking at */
  char *uuid;
  const char *name; /* interned */
  ValiseLife
      life; /* as far as it has been caught up with, so that nobody sees a state whose consequences are still to come */
  GError *error;         /* what a verb or the reading met */
  char *notice;          /* what had been interrupted, until somebody asks */
  GError *full;          /* what it is paused for, until it is dismissed */
  GCancellable *merging; /* of snapshots, which gives way to everybody */
  guint waiting;         /* those who wait for their turn */
  gboolean copied;       /* its images are, while it runs */
  gboolean broken;
  gboolean suspended;
  ValiseTransition transition;
  gboolean telling;

  /* What the main context was told last. */
  ValiseMachineState told_state;
  const char *told_name;
  char *told_reason;
  gboolean told_display;
};

/* Tells the main context that something may have changed. From any thread. */
void _valise_machine_changed (ValiseMachine *self);
/* Does what follows from the domain's having come or gone (lock, log, suspended memory), unless it has been done; then
 * shows the state that belongs to it. */
void _valise_machine_catch_up (ValiseMachine *self);
void _valise_machine_set_transition (ValiseMachine *self, ValiseTransition transition);
/* Keeps a copy; %NULL clears. */
void _valise_machine_set_error (ValiseMachine *self, const GError *error);
void _valise_machine_set_notice (ValiseMachine *self, const char *notice);
/* Makes @bundle (transfer full) the one people see. */
void _valise_machine_publish (ValiseMachine *self, ValiseBundle *bundle);
/* (transfer full) (nullable) */
char *_valise_machine_dup_uuid (ValiseMachine *self);
/* Of one that runs and whose bundle cannot be read (any more): %FALSE if it is not known either. */
gboolean _valise_machine_adopt_life (ValiseMachine *self);
/* Looks whether there is suspended memory. */
void _valise_machine_look_for_suspended (ValiseMachine *self);
/* The bundle's lock for as long as the machine runs; held already is success. What a life that is over held has been
 * let go before. %VALISE_BUNDLE_ERROR_LOCKED also when the machine runs under a connection that is not ours. */
gboolean _valise_machine_hold_lock (ValiseMachine *self, const char *purpose, GError **error);
/* Unless the domain lives. */
void _valise_machine_release_lock (ValiseMachine *self);
/* From here to the end the machine's images stay the ones that they are: what would freeze, merge or replace them is
 * refused, and the bundle's lock outlives the machine's run. Waits for the verb that is at work. @purpose: (nullable): what
 * the lock has to be held for, by whoever reads files of the bundle himself; without it the machine may be another
 * process's. %VALISE_ENGINE_ERROR_BUSY when it is being copied already, as _valise_machine_hold_lock with @purpose. */
gboolean _valise_machine_begin_copy (ValiseMachine *self, const char *purpose, GError **error);
void _valise_machine_end_copy (ValiseMachine *self);
/* %VALISE_ENGINE_ERROR_BUSY in between. */
gboolean _valise_machine_check_not_copied (ValiseMachine *self, GError **error);
/* %VALISE_ENGINE_ERROR_ASK until identity and asks are settled. Remembers a new or moved place. */
gboolean _valise_machine_check_settled (ValiseMachine *self, ValiseBundle *bundle, GError **error);

/* Runs with the machine's domain in a thread, for @seconds at most. Returns -1 with libvirt's error set on failure. */
typedef int (*ValiseDomainFunc) (virDomainPtr domain, gpointer data);
/* @what: translated, for the message. @data: (nullable): copied by nobody, freed with @free_data when the call is over.
 * Returns what
 * @func returned, or -1. Afterwards the state is up to date. */
int _valise_machine_call (ValiseMachine *self,
                          const char *what,
                          ValiseDomainFunc func,
                          gpointer data,
                          GDestroyNotify free_data,
                          guint seconds,
                          GCancellable *cancellable,
                          GError **error);

/* The same for a function that opens a file descriptor: it is closed when nobody waits for it any more. */
int _valise_machine_call_for_fd (ValiseMachine *self,
                                 const char *what,
                                 ValiseDomainFunc func,
                                 guint seconds,
                                 GCancellable *cancellable,
                                 GError **error);

typedef struct
{
  const char *boot_once; /* (nullable): as valise_machine_start_once */
  gboolean disposable;   /* as valise_machine_start_disposable */
  gboolean trusts;       /* as valise_machine_start_trusting */
} ValiseStartChoice;

/* The whole of START: create or wake. The verb mutex is held. */
gboolean
_valise_machine_start (ValiseMachine *self, const ValiseStartChoice *choice, GCancellable *cancellable, GError **error);
/* %VALISE_ENGINE_ERROR_STATE with @text, which has a place for the name, while it runs without keeping changes. */
gboolean _valise_machine_check_keeps (ValiseMachine *self, const char *text, GError **error);
/* The document that libvirt gets now; starts a TPM's program when @tpm is not %NULL and the machine has one. */
ValiseDocument *
_valise_machine_make_effective (ValiseMachine *self, ValiseBundle *bundle, const char *tpm_socket, GError **error);
/* The same of any document in stored form, with what @grants allows; @only_ask: images that Apply would make count as
 * there. @boot_once: (nullable) */
ValiseDocument *_valise_machine_make_effective_of (ValiseMachine *self,
                                                   ValiseDocument *stored,
                                                   ValiseGrants *grants,
                                                   const char *tpm_socket,
                                                   const char *boot_once,
                                                   gboolean only_ask,
                                                   GError **error);
/* Adds to @findings what valise_machine_try found about other knobs than they are about; nothing when libvirt cannot be asked. */
void _valise_machine_add_read_back (ValiseMachine *self,
                                    ValiseDocument *document,
                                    ValiseDocument *before,
                                    GPtrArray *findings,
                                    GCancellable *cancellable);
/* The machine's verb mutex, held. Its end wakes those who wait to merge. */
typedef struct _ValiseMachine ValiseTurn;
void _valise_turn_end (ValiseTurn *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseTurn, _valise_turn_end)
/* Whoever merges snapshots gives way, and goes on afterwards. %NULL with %G_IO_ERROR_CANCELLED when @cancellable was
 * cancelled meanwhile, also when it had to wait: nobody is there any more who wants what was to be done. */
ValiseTurn *_valise_machine_take_turn (ValiseMachine *self, GCancellable *cancellable, GError **error);
/* The same for who merges: waits until nobody else wants it; the turn is to be ended then. %G_IO_ERROR_CANCELLED. @job:
 * (nullable) */
gboolean _valise_machine_wait_turn (ValiseMachine *self, ValiseJob *job, GCancellable *cancellable, GError **error);
/* For who merges and was refused the bundle: waits until it is not held or copied any more, for a while and at most
 * until it is cancelled. @job: (nullable). Returns whether it is worth another try. */
gboolean _valise_machine_wait_let_go (ValiseMachine *self, ValiseJob *job, GCancellable *cancellable);
/* That letting go of @lock, which is the bundle's, wakes those who wait for it. */
void _valise_machine_tell_of_lock (ValiseMachine *self, ValiseLock *lock);
/* What makes it give way; %NULL when it is over. */
void _valise_machine_set_merging (ValiseMachine *self, GCancellable *merging);
/* The lock of a machine that does not run, for work on its files beside its verbs. What a kill left half done is settled
 * then, and what a run was to keep nothing of is gone. As valise_lock_take; %VALISE_BUNDLE_ERROR_LOCKED also when one
 * runs there after all. */
ValiseLock *_valise_machine_lock_still (ValiseMachine *self, const char *purpose, GError **error);
/* The same to read: from a medium that cannot be written nothing is held, since nobody else can change it either. @lock:
 * (out) (nullable) */
gboolean _valise_machine_lock_to_read (ValiseMachine *self, const char *purpose, ValiseLock **lock, GError **error);
/* Goes on with what somebody was killed over while he merged snapshots of this machine, or what could not be merged while
 * it ran, if this process stays long enough: see #ValiseKeeper. Any thread. */
void _valise_machine_resume_merges (ValiseMachine *self);
gboolean _valise_machine_suspend (ValiseMachine *self, GCancellable *cancellable, GError **error);
gboolean _valise_machine_discard (ValiseMachine *self, GError **error);

G_END_DECLS
