/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gdk-pixbuf/gdk-pixbuf.h>
#include "base/valise-finding.h"
#include "bundle/valise-bundle.h"
#include "bundle/valise-identity.h"
#include "engine/valise-host.h"
#include "model/valise-effective.h"
#include "model/valise-read-back.h"

G_BEGIN_DECLS

typedef enum
{
  VALISE_MACHINE_UNREAD, /* only its path is known yet */
  VALISE_MACHINE_BROKEN, /* cannot be read; see error */
  VALISE_MACHINE_OFF,
  VALISE_MACHINE_SUSPENDED, /* off, its memory in state/suspend.save */
  VALISE_MACHINE_STARTING,
  VALISE_MACHINE_RUNNING,
  VALISE_MACHINE_PAUSED,
  VALISE_MACHINE_STOPPING,
} ValiseMachineState;
#define VALISE_TYPE_MACHINE_STATE (valise_machine_state_get_type ())
GType valise_machine_state_get_type (void);
/* "Off", "Running", "Paused", ... translated; valise_machine_state_to_word gives the stable word for scripts: off,
 * running, ... */
const char *valise_machine_state_to_label (ValiseMachineState state);
const char *valise_machine_state_to_word (ValiseMachineState state);

/**
 * ValiseMachine:
 *
 * One bundle with its life. Cheap until it is looked at: only the path is held; valise_machine_load reads config.xml.
 *
 * Properties: path, name (from the path until loaded), state (#ValiseMachineState), error (boxed GError: the last thing
 * that went wrong, kept until the next success or valise_machine_clear_error), pause-reason (string, e.g. "disk full").
 * Signal "display-ready": the guest's display can be opened (start finished, or found running).
 *
 * All verbs: sync core (for threads and valisectl), _async for the main loop. On failure the state is what libvirt says
 * it is.
 *
 * Errors that every call to libvirt may give: %VALISE_ENGINE_ERROR_DISCONNECTED (no connection, or it was lost
 * meanwhile), _TIMEOUT (no answer in the time the call may take), _PERMISSION, _HYPERVISOR (it said no, in its own
 * words), and %G_IO_ERROR_CANCELLED: whoever cancels waits no longer, while a question that libvirt has got already
 * runs to its end. Each names the machine.
 */
#define VALISE_TYPE_MACHINE (valise_machine_get_type ())
G_DECLARE_FINAL_TYPE (ValiseMachine, valise_machine, VALISE, MACHINE, GObject)

/* The one object of this process for that bundle (a new reference if it exists already): a bundle has one life, one
 * lock and one state, whoever looks at it, windows and verbs alike. Any thread. (transfer full) */
ValiseMachine *valise_machine_new (ValiseHost *host, const char *bundle_path);
/* Absolute; valid as long as the machine. */
const char *valise_machine_get_path (ValiseMachine *self);
/* What people see; interned, so that it stays valid whatever other threads do. */
const char *valise_machine_get_name (ValiseMachine *self);
/* Never waits for libvirt. */
ValiseMachineState valise_machine_get_state (ValiseMachine *self);
/* Starting, running, paused or stopping. */
gboolean valise_machine_is_live (ValiseMachine *self);
/* A copy, because verbs in other threads replace it. (transfer full) (nullable) */
GError *valise_machine_dup_error (ValiseMachine *self);
void valise_machine_clear_error (ValiseMachine *self);
/* What had been interrupted by a crash, and what became of it: once, for people. (transfer full) (nullable) */
char *valise_machine_take_notice (ValiseMachine *self);
/* (transfer none) */
ValiseHost *valise_machine_get_host (ValiseMachine *self);

/* Reads config.xml if it has not been read (or @again). Milliseconds; safe on the main loop for one machine. Errors as
 * valise_bundle_open; the machine is then broken and keeps the error. */
gboolean valise_machine_load (ValiseMachine *self, gboolean again, GError **error);
/* The stored bundle and its document; %NULL before a successful load. For reading; still valid when another thread has
 * replaced them, but not for ever: who keeps one takes a reference. (transfer none) (nullable) */
ValiseBundle *valise_machine_get_bundle (ValiseMachine *self);
ValiseDocument *valise_machine_get_document (ValiseMachine *self);

typedef enum
{
  VALISE_VERB_START,    /* starts, or wakes a suspended one */
  VALISE_VERB_SHUTDOWN, /* asks the guest (ACPI power button) */
  VALISE_VERB_STOP,     /* pulls the plug */
  VALISE_VERB_RESET,
  VALISE_VERB_PAUSE,
  VALISE_VERB_RESUME,
  VALISE_VERB_SUSPEND, /* memory to state/suspend.save, then off */
  VALISE_VERB_DISCARD, /* throws the suspended memory away (to .history until the next start) */
} ValiseVerb;
/**
 * valise_machine_do:
 * @verb: what to do
 * @cancellable: (nullable): looked at before the verb; a start cannot be called off half way, a suspend is taken back
 * and the guest goes on
 *
 * Blocks until the verb is done, one verb or edit of a machine after the other. SHUTDOWN is done when the guest has
 * been asked.
 *
 * Fails with %VALISE_ENGINE_ERROR_STATE (not possible now; the message says what it is), as valise_bundle_open and
 * valise_lock_take, and as every call. START also with _ASK (the user has to settle what it may reach, or whether it
 * was moved or copied), _NO_QEMU, _PERMISSION (KVM only, and it cannot be had), #ValiseEffectiveError and the errors of
 * making disks; SUSPEND with _SPACE. What was begun is taken back.
 *
 * Returns: %TRUE if it is done
 */
gboolean valise_machine_do (ValiseMachine *self, ValiseVerb verb, GCancellable *cancellable, GError **error);
/* The same in a thread, with the same errors. */
void valise_machine_do_async (ValiseMachine *self,
                              ValiseVerb verb,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
gboolean valise_machine_do_finish (ValiseMachine *self, GAsyncResult *result, GError **error);
/**
 * valise_machine_start_once:
 * @from: a word of model/valise-boot-once.h, or a disk's or drive's target
 *
 * START, this one time from something else than the boot order says: it comes first, and what comes otherwise after it,
 * until the machine is off again. A kernel that is started directly is left out. The stored document stays as it is.
 * For the firmware's settings its key is pressed once it has drawn, which cancelling ends; the machine then runs.
 *
 * Fails as START, with %VALISE_EFFECTIVE_ERROR_BOOT when there is no such thing or nothing in the drive, and with
 * %VALISE_ENGINE_ERROR_STATE also when it is suspended.
 *
 * Returns: %TRUE if it runs
 */
gboolean valise_machine_start_once (ValiseMachine *self, const char *from, GCancellable *cancellable, GError **error);
/* The same in a thread, with the same errors; ends with valise_machine_do_finish. */
void valise_machine_start_once_async (ValiseMachine *self,
                                      const char *from,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
/**
 * valise_machine_start_trusting:
 *
 * START of a suspended machine whose memory was written on another computer, at the word of a user who trusts where it
 * comes from: QEMU believes what the memory says. %VALISE_ENGINE_ERROR_HYPERVISOR when this computer cannot go on with
 * it, for its processor, QEMU or kind of machine; then nothing has changed. Else as START.
 */
gboolean valise_machine_start_trusting (ValiseMachine *self, GCancellable *cancellable, GError **error);
/* The same in a thread, with the same errors; ends with valise_machine_do_finish. */
void valise_machine_start_trusting_async (ValiseMachine *self,
                                          GCancellable *cancellable,
                                          GAsyncReadyCallback callback,
                                          gpointer user_data);
/* Whether it is suspended with memory that another computer wrote, so that START asks. Looks at a few files. */
gboolean valise_machine_has_strange_memory (ValiseMachine *self);
/**
 * valise_machine_start_disposable:
 *
 * START, this one time without keeping anything: whatever is written to the machine's disks, firmware variables and TPM
 * is gone when it is off. Folders that it shares with this computer and devices of this computer are not set apart. Until
 * then it can neither be suspended nor exported, nor can its snapshots be changed.
 *
 * Fails as START, with %VALISE_ENGINE_ERROR_STATE also when it is suspended, and with #ValiseImageError for a disk that
 * is no file.
 */
gboolean valise_machine_start_disposable (ValiseMachine *self, GCancellable *cancellable, GError **error);
/* The same in a thread, with the same errors; ends with valise_machine_do_finish. */
void valise_machine_start_disposable_async (ValiseMachine *self,
                                            GCancellable *cancellable,
                                            GAsyncReadyCallback callback,
                                            gpointer user_data);
/* Whether it runs without keeping anything. Looks at one directory. */
gboolean valise_machine_is_disposable (ValiseMachine *self);
/* Whether the verb makes sense in the present state. */
gboolean valise_machine_can (ValiseMachine *self, ValiseVerb verb);

/* --- before the first start --- */
/* What this bundle asks of this host (#ValiseAsk), and whether its identity is settled. Start fails with _ERROR_ASK
 * until both are. Never %NULL. (transfer full) */
GPtrArray *valise_machine_list_asks (ValiseMachine *self, gboolean *settled);
/* @granted: (nullable) (element-type ValiseAsk): those the user switched on; the others are off, also those that were
 * on before. Settles the list. Errors as valise_bundle_open and valise_grants_allow; the list is then not settled. */
gboolean valise_machine_settle_asks (ValiseMachine *self, GPtrArray *granted, GError **error);
/* As valise_identity_check; %VALISE_IDENTITY_NEW when the bundle cannot be read. */
ValiseIdentity valise_machine_check_identity (ValiseMachine *self, char **other_path);
/* The answer: moved (keep uuid and MACs) or copied (renew them, which needs the lock). Errors as valise_bundle_open,
 * valise_lock_take, valise_bundle_save and valise_identity_remember, or %G_IO_ERROR_CANCELLED; it is then asked again. */
gboolean
valise_machine_settle_identity (ValiseMachine *self, gboolean copied, GCancellable *cancellable, GError **error);

/* --- settings --- */
/* Saves @document (stored form): takes the lock, makes new disk images and grows those whose stated size is larger,
 * writes config.xml with history, grants what was typed here, then changes what a running machine can change at once.
 * @findings: (out) (optional): what the hypervisor or the guest refused live ("live-refused"), per knob, or what the
 * guest was asked for and has not answered within ten seconds
 * ("live-waiting"), although the stored half stands; and what libvirt makes of it, as valise_machine_try. On error nothing is changed and images made are removed.
 * Cancelling while the guest is waited for ends the waiting only. */
gboolean valise_machine_apply (ValiseMachine *self,
                               ValiseDocument *document,
                               GPtrArray **findings,
                               GCancellable *cancellable,
                               GError **error);
void valise_machine_apply_async (ValiseMachine *self,
                                 ValiseDocument *document,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
gboolean valise_machine_apply_finish (ValiseMachine *self, GAsyncResult *result, GPtrArray **findings, GError **error);
/**
 * valise_machine_try:
 * @document: settings in stored form, which need not be saved
 * @before: (nullable): the saved ones that @document was made from; what was typed since then counts as allowed, except
 * programs
 * @cancellable: (nullable): ends the waiting
 *
 * Asks libvirt what it would make of @document: it is defined under another name for some milliseconds. Nothing is
 * started and nothing stays. Blocks.
 *
 * Fails like every call, with %G_IO_ERROR_NOT_SUPPORTED where libvirt has no QEMU, and with #ValiseEffectiveError (a
 * disk that is still to be made, for instance).
 *
 * Returns: (transfer full): what it makes of it, or that it refuses it and why
 */
ValiseReadBack *valise_machine_try (ValiseMachine *self,
                                    ValiseDocument *document,
                                    ValiseDocument *before,
                                    GCancellable *cancellable,
                                    GError **error);
/* The same in a thread, with the same errors. Both documents are copied. */
void valise_machine_try_async (ValiseMachine *self,
                               ValiseDocument *document,
                               ValiseDocument *before,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
ValiseReadBack *valise_machine_try_finish (ValiseMachine *self, GAsyncResult *result, GError **error);
/* Makes the settings as they were before the last change again, as valise_bundle_undo; those that cannot be read, the
 * newest that can. Of one that does not run. Fails like those two, with %VALISE_BUNDLE_ERROR_LOCKED, and with
 * %VALISE_ENGINE_ERROR_STATE for another disk of a template. Blocks. */
gboolean valise_machine_undo_change (ValiseMachine *self, GError **error);
/**
 * valise_machine_change_media:
 * @target: (nullable): the drive, as in "sda"; the first CD drive if %NULL
 * @file: (nullable): the disc, made absolute; %NULL ejects
 * @cancellable: (nullable): as valise_machine_apply
 *
 * Stored, and live when it runs; what a running machine refuses is not stored either.
 *
 * Fails with %VALISE_ENGINE_ERROR_STATE (no such drive), a #GIOErrorEnum that names @file (missing, no plain file),
 * %VALISE_ENGINE_ERROR_HYPERVISOR (the guest holds the drive), and as valise_machine_apply.
 *
 * Returns: %TRUE if the disc is in the drive, or out of it
 */
gboolean valise_machine_change_media (ValiseMachine *self,
                                      const char *target,
                                      const char *file,
                                      GCancellable *cancellable,
                                      GError **error);
/* The same in a thread, with the same errors. */
void valise_machine_change_media_async (ValiseMachine *self,
                                        const char *target,
                                        const char *file,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);
gboolean valise_machine_change_media_finish (ValiseMachine *self, GAsyncResult *result, GError **error);

/* --- screen and keys --- */
/* All of these block and fail with %VALISE_ENGINE_ERROR_STATE when the machine does not run, and as every call;
 * cancelling ends the waiting. */

/* A connected socket that speaks RFB, which the caller closes; -1 on an error. */
int valise_machine_open_display (ValiseMachine *self, GCancellable *cancellable, GError **error);
void valise_machine_open_display_async (ValiseMachine *self,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);
int valise_machine_open_display_finish (ValiseMachine *self, GAsyncResult *result, GError **error);
/* The guest's screen as it is, in its own pixels; also a #GdkPixbufError when the picture cannot be read.
 * (transfer full) */
GdkPixbuf *valise_machine_screenshot (ValiseMachine *self, GCancellable *cancellable, GError **error);
/* @text: UTF-8, typed on a US keyboard; %VALISE_ENGINE_ERROR_HYPERVISOR names a character that has no key, and nothing
 * is typed then. Cancelling stops between two keys. */
gboolean valise_machine_type (ValiseMachine *self, const char *text, GCancellable *cancellable, GError **error);
/* "ctrl-alt-delete", "ctrl-alt-f2", "super", "enter": pressed together. %VALISE_ENGINE_ERROR_HYPERVISOR names a word
 * that is no key. */
gboolean
valise_machine_send_keys (ValiseMachine *self, const char *combination, GCancellable *cancellable, GError **error);
/* Waits until the state is @state, whatever it is now; %VALISE_ENGINE_ERROR_TIMEOUT says what it is instead. */
gboolean valise_machine_wait_state (ValiseMachine *self,
                                    ValiseMachineState state,
                                    guint timeout_ms,
                                    GCancellable *cancellable,
                                    GError **error);
/* Waits until the guest has drawn something that stands still, or goes on drawing; %VALISE_ENGINE_ERROR_TIMEOUT when it
 * has drawn nothing, _HYPERVISOR when the display ended. */
gboolean valise_machine_wait_frame (ValiseMachine *self, guint timeout_ms, GCancellable *cancellable, GError **error);

G_END_DECLS
