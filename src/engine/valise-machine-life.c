/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-machine-private.h"

#include <glib/gi18n-lib.h>
#include <unistd.h>

#include "bundle/valise-disposable.h"
#include "engine/valise-engine-error-private.h"
#include "engine/valise-libvirt-private.h"
#include "engine/valise-machine-template.h"
#include "engine/valise-still-private.h"
#include "engine/valise-suspended-private.h"
#include "engine/valise-timed-call-private.h"
#include "model/valise-boot-once.h"

#define QUICK_SECONDS 30
#define PROMPT_MS 60000
#define STOP_SECONDS 60 /* libvirt itself waits up to 15 for QEMU to end, then kills it */

/* --- calls with a domain --- */

typedef struct
{
  ValiseMachine *machine;
  virConnectPtr connect;
  char *uuid;
  char *what;
  ValiseDomainFunc func;
  gpointer data;
  GDestroyNotify free_data;
} DomainCall;

static void
domain_call_free (gpointer data)
{
  DomainCall *call = data;

  if (call->free_data != NULL)
    call->free_data (call->data);
  virConnectClose (call->connect);
  g_object_unref (call->machine);
  g_free (call->uuid);
  g_free (call->what);
  g_free (call);
}

/* The answer is the number plus one, because no answer is %NULL. */
static gpointer
run_domain_call (gpointer data, GError **error)
{
  DomainCall *call = data;
  ValiseHost *host = call->machine->host;
  virDomainPtr domain = virDomainLookupByUUIDString (call->connect, call->uuid);
  int result;

  if (domain == NULL)
    {
      _valise_engine_error_take (error, call->what);
      return NULL;
    }
  _valise_host_settle (host, domain);
  result = call->func (domain, call->data);
  if (result < 0)
    _valise_engine_error_take (error, call->what);
  _valise_host_refresh (host, domain);
  virDomainFree (domain);
  return result < 0 ? NULL : GINT_TO_POINTER (result + 1);
}

static DomainCall *
domain_call_new (ValiseMachine *self,
                 virConnectPtr connect,
                 const char *what,
                 ValiseDomainFunc func,
                 gpointer data,
                 GDestroyNotify free_data)
{
  DomainCall *call = g_new0 (DomainCall, 1);

  call->machine = g_object_ref (self);
  call->connect = connect;
  call->uuid = _valise_machine_dup_uuid (self);
  call->what = g_strdup (what);
  call->func = func;
  call->data = data;
  call->free_data = free_data;
  return call;
}

int
_valise_machine_call (ValiseMachine *self,
                      const char *what,
                      ValiseDomainFunc func,
                      gpointer data,
                      GDestroyNotify free_data,
                      guint seconds,
                      GCancellable *cancellable,
                      GError **error)
{
  virConnectPtr connect = _valise_host_dup_connect (self->host, error);
  DomainCall *call;
  gpointer result;

  if (connect == NULL)
    {
      if (free_data != NULL)
        free_data (data);
      return -1;
    }
  call = domain_call_new (self, connect, what, func, data, free_data);
  result = _valise_timed_call (what, run_domain_call, call, domain_call_free, NULL, seconds, cancellable, error);
  _valise_machine_catch_up (self);
  return GPOINTER_TO_INT (result) - 1;
}

static void
close_late (gpointer result)
{
  close (GPOINTER_TO_INT (result) - 1);
}

int
_valise_machine_call_for_fd (ValiseMachine *self,
                             const char *what,
                             ValiseDomainFunc func,
                             guint seconds,
                             GCancellable *cancellable,
                             GError **error)
{
  virConnectPtr connect = _valise_host_dup_connect (self->host, error);
  DomainCall *call;
  gpointer result;

  if (connect == NULL)
    return -1;
  call = domain_call_new (self, connect, what, func, NULL, NULL);
  result = _valise_timed_call (what, run_domain_call, call, domain_call_free, close_late, seconds, cancellable, error);
  return GPOINTER_TO_INT (result) - 1;
}

/* --- the verbs --- */

static int
call_shutdown (virDomainPtr domain, gpointer data)
{
  return virDomainShutdownFlags (domain, VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN);
}

static int
call_stop (virDomainPtr domain, gpointer data)
{
  return virDomainDestroyFlags (domain, 0);
}

static int
call_reset (virDomainPtr domain, gpointer data)
{
  return virDomainReset (domain, 0);
}

static int
call_pause (virDomainPtr domain, gpointer data)
{
  if (virDomainSuspend (domain) < 0)
    return -1;
  _valise_still_forget (domain);
  return 0;
}

/* Of a machine that was being woken when this program was killed: it is there, and so is still what it was woken with.
 */
static void
forget_memory (ValiseMachine *self)
{
  g_autofree char *uuid = _valise_machine_dup_uuid (self);

  if (uuid != NULL && _valise_suspended_exists (self->path, NULL))
    _valise_suspended_remove (self->path, uuid);
}

/* One that is found dead only now may be woken once more. */
static int
call_resume (virDomainPtr domain, gpointer machine)
{
  int active = virDomainIsActive (domain);

  if (active > 0)
    forget_memory (machine);
  if (active < 0 || virDomainResume (domain) < 0)
    return -1;
  _valise_still_forget (domain);
  return 0;
}

#define STATE_BIT(name) (1u << VALISE_MACHINE_##name)

/* In the order of ValiseVerb. @refused is for a state that is not among @states. */
static const struct
{
  guint states;
  const char *refused;
  const char *what;
  ValiseDomainFunc func;
  guint seconds;
} verbs[] = {
  { STATE_BIT (OFF) | STATE_BIT (SUSPENDED), N_ ("“%s” cannot be started now. Its state is: %s."), NULL, NULL, 0 },
  { STATE_BIT (RUNNING), N_ ("“%s” can only be shut down while it runs. Its state is: %s."), N_ ("Shutting “%s” down"),
    call_shutdown, QUICK_SECONDS },
  { STATE_BIT (RUNNING) | STATE_BIT (PAUSED) | STATE_BIT (STOPPING),
    N_ ("“%s” is not running and cannot be forced off. Its state is: %s."), N_ ("Forcing “%s” off"), call_stop,
    STOP_SECONDS },
  { STATE_BIT (RUNNING) | STATE_BIT (PAUSED), N_ ("“%s” can only be reset while it runs. Its state is: %s."),
    N_ ("Resetting “%s”"), call_reset, QUICK_SECONDS },
  { STATE_BIT (RUNNING), N_ ("“%s” can only be paused while it runs. Its state is: %s."), N_ ("Pausing “%s”"),
    call_pause, QUICK_SECONDS },
  { STATE_BIT (PAUSED), N_ ("“%s” is not paused and cannot be resumed. Its state is: %s."), N_ ("Resuming “%s”"),
    call_resume, QUICK_SECONDS },
  { STATE_BIT (RUNNING) | STATE_BIT (PAUSED), N_ ("“%s” can only be suspended while it runs. Its state is: %s."), NULL,
    NULL, 0 },
  { STATE_BIT (SUSPENDED), N_ ("“%s” is not suspended; there is nothing to discard. Its state is: %s."), NULL, NULL,
    0 },
};

static gboolean
check_state (ValiseMachine *self, ValiseVerb verb, GError **error)
{
  ValiseMachineState state = valise_machine_get_state (self);

  if (verbs[verb].states & (1u << state))
    return TRUE;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  g_set_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE, _ (verbs[verb].refused),
               valise_machine_get_name (self), valise_machine_state_to_label (state));
#pragma GCC diagnostic pop
  return FALSE;
}

static gboolean
do_simple (ValiseMachine *self, ValiseVerb verb, GCancellable *cancellable, GError **error)
{
  g_autofree char *what = NULL;
  gboolean done;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  what = g_strdup_printf (_ (verbs[verb].what), valise_machine_get_name (self));
#pragma GCC diagnostic pop
  if (verb == VALISE_VERB_STOP)
    _valise_machine_set_transition (self, VALISE_TRANSITION_STOPPING);
  done = _valise_machine_call (self, what, verbs[verb].func, g_object_ref (self), g_object_unref, verbs[verb].seconds,
                               cancellable, error)
         >= 0;
  _valise_machine_set_transition (self, VALISE_TRANSITION_NONE);
  return done;
}

/* It may have gone by itself while it was being stopped. */
static gboolean
is_gone_anyway (ValiseMachine *self, ValiseVerb verb)
{
  return verb == VALISE_VERB_STOP && !valise_machine_is_live (self);
}

static gboolean
do_verb (ValiseMachine *self,
         ValiseVerb verb,
         const ValiseStartChoice *choice,
         GCancellable *cancellable,
         GError **error)
{
  g_autoptr (GError) failure = NULL;

  switch (verb)
    {
    case VALISE_VERB_START:
      return _valise_machine_start (self, choice, cancellable, error);
    case VALISE_VERB_SUSPEND:
      return _valise_machine_suspend (self, cancellable, error);
    case VALISE_VERB_DISCARD:
      return _valise_machine_discard (self, error);
    case VALISE_VERB_SHUTDOWN:
    case VALISE_VERB_STOP:
    case VALISE_VERB_RESET:
    case VALISE_VERB_PAUSE:
    case VALISE_VERB_RESUME:
    default:
      if (do_simple (self, verb, cancellable, &failure) || is_gone_anyway (self, verb))
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
}

/* One that runs can be stopped, whatever has become of its bundle. */
static gboolean
prepare (ValiseMachine *self, ValiseVerb verb, GError **error)
{
  g_autoptr (GError) failure = NULL;

  if (valise_machine_load (self, FALSE, &failure))
    return TRUE;
  if (verbs[verb].func != NULL && valise_machine_is_live (self) && _valise_machine_adopt_life (self))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* Before libvirt has answered nobody knows whether it runs. A start says itself what it waits for. */
static gboolean
await_host (ValiseMachine *self, ValiseVerb verb, GCancellable *cancellable, GError **error)
{
  return verb == VALISE_VERB_START || verb == VALISE_VERB_DISCARD
         || _valise_host_await (self->host, cancellable, error);
}

static gboolean
do_alone (ValiseMachine *self,
          ValiseVerb verb,
          const ValiseStartChoice *choice,
          GCancellable *cancellable,
          GError **error)
{
  g_autoptr (ValiseTurn) locker = NULL;
  g_autoptr (GError) failure = NULL;
  gboolean done;

  locker = _valise_machine_take_turn (self, cancellable, error);
  if (locker == NULL)
    return FALSE;
  done = await_host (self, verb, cancellable, &failure);
  _valise_machine_catch_up (self);
  done = done && prepare (self, verb, &failure) && check_state (self, verb, &failure)
         && do_verb (self, verb, choice, cancellable, &failure);
  _valise_machine_catch_up (self);
  if (done)
    {
      _valise_machine_set_error (self, NULL);
      return TRUE;
    }
  if (!g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      && !g_error_matches (failure, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE))
    _valise_machine_set_error (self, failure);
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

gboolean
valise_machine_do (ValiseMachine *self, ValiseVerb verb, GCancellable *cancellable, GError **error)
{
  static const ValiseStartChoice choice;

  g_return_val_if_fail (VALISE_IS_MACHINE (self), FALSE);
  g_return_val_if_fail (verb < G_N_ELEMENTS (verbs), FALSE);
  return do_alone (self, verb, &choice, cancellable, error);
}

/* --- starting from something else once --- */

/* The firmware waits for a key for as long as it can be told to. One that has drawn nothing, or that somebody has
 * forced off meanwhile, says itself what to press. F2 is UEFI's key that does nothing where the settings are open. */
static void
press_setup_key (ValiseMachine *self, GCancellable *cancellable)
{
  ValiseDocument *document = valise_machine_get_document (self);
  gboolean bios = document == NULL || valise_effective_get_firmware (document) == VALISE_FIRMWARE_BIOS;

  if (valise_machine_wait_frame (self, PROMPT_MS, cancellable, NULL))
    (void) valise_machine_send_keys (self, bios ? "escape" : "f2", cancellable, NULL);
}

gboolean
valise_machine_start_once (ValiseMachine *self, const char *from, GCancellable *cancellable, GError **error)
{
  const ValiseStartChoice choice = { .boot_once = from };

  g_return_val_if_fail (VALISE_IS_MACHINE (self), FALSE);
  g_return_val_if_fail (from != NULL, FALSE);
  if (!do_alone (self, VALISE_VERB_START, &choice, cancellable, error))
    return FALSE;
  if (g_str_equal (from, VALISE_BOOT_ONCE_SETUP))
    press_setup_key (self, cancellable);
  return TRUE;
}

static void
start_once_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;

  if (valise_machine_start_once (source, data, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
valise_machine_start_once_async (ValiseMachine *self,
                                 const char *from,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, valise_machine_start_once_async);
  g_task_set_task_data (task, g_strdup (from), g_free);
  g_task_run_in_thread (task, start_once_thread);
}

/* --- starting without keeping changes, or with memory from elsewhere --- */

static const ValiseStartChoice disposable = { .disposable = TRUE };
static const ValiseStartChoice trusting = { .trusts = TRUE };

static gboolean
start_chosen (ValiseMachine *self, const ValiseStartChoice *choice, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (VALISE_IS_MACHINE (self), FALSE);
  return do_alone (self, VALISE_VERB_START, choice, cancellable, error);
}

static void
start_chosen_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;

  if (start_chosen (source, data, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
start_chosen_async (ValiseMachine *self,
                    const ValiseStartChoice *choice,
                    GCancellable *cancellable,
                    GAsyncReadyCallback callback,
                    gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, start_chosen_async);
  g_task_set_task_data (task, (gpointer) choice, NULL);
  g_task_run_in_thread (task, start_chosen_thread);
}

gboolean
valise_machine_start_trusting (ValiseMachine *self, GCancellable *cancellable, GError **error)
{
  return start_chosen (self, &trusting, cancellable, error);
}

void
valise_machine_start_trusting_async (ValiseMachine *self,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data)
{
  start_chosen_async (self, &trusting, cancellable, callback, user_data);
}

gboolean
valise_machine_start_disposable (ValiseMachine *self, GCancellable *cancellable, GError **error)
{
  return start_chosen (self, &disposable, cancellable, error);
}

void
valise_machine_start_disposable_async (ValiseMachine *self,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data)
{
  start_chosen_async (self, &disposable, cancellable, callback, user_data);
}

gboolean
valise_machine_is_disposable (ValiseMachine *self)
{
  g_return_val_if_fail (VALISE_IS_MACHINE (self), FALSE);
  return valise_machine_is_live (self) && valise_disposable_exists (self->path);
}

gboolean
_valise_machine_check_keeps (ValiseMachine *self, const char *text, GError **error)
{
  if (!valise_machine_is_disposable (self))
    return TRUE;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  g_set_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE, text, valise_machine_get_name (self));
#pragma GCC diagnostic pop
  return FALSE;
}

/* --- in a thread --- */

static void
do_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;

  if (valise_machine_do (source, GPOINTER_TO_UINT (data), cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
valise_machine_do_async (ValiseMachine *self,
                         ValiseVerb verb,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, valise_machine_do_async);
  g_task_set_task_data (task, GUINT_TO_POINTER (verb), NULL);
  g_task_run_in_thread (task, do_thread);
}

gboolean
valise_machine_do_finish (ValiseMachine *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

gboolean
valise_machine_can (ValiseMachine *self, ValiseVerb verb)
{
  ValiseMachineState state = valise_machine_get_state (self);

  g_return_val_if_fail (verb < G_N_ELEMENTS (verbs), FALSE);
  if (state == VALISE_MACHINE_UNREAD)
    state = VALISE_MACHINE_OFF;
  if (verb == VALISE_VERB_START && valise_machine_is_template (self))
    return FALSE;
  return (verbs[verb].states & (1u << state)) != 0
         && (verb != VALISE_VERB_SUSPEND || !valise_machine_is_disposable (self));
}

/* --- waiting --- */

typedef struct
{
  ValiseMachine *machine;
  ValiseMachineState state;
} Wanted;

static gboolean
is_in_state (gpointer data)
{
  Wanted *wanted = data;

  return valise_machine_get_state (wanted->machine) == wanted->state;
}

gboolean
valise_machine_wait_state (ValiseMachine *self,
                           ValiseMachineState state,
                           guint timeout_ms,
                           GCancellable *cancellable,
                           GError **error)
{
  Wanted wanted = { self, state };

  g_return_val_if_fail (VALISE_IS_MACHINE (self), FALSE);
  if (!valise_machine_load (self, FALSE, error))
    return FALSE;
  if (_valise_host_wait (self->host, is_in_state, &wanted, timeout_ms, cancellable))
    return TRUE;
  if (!g_cancellable_set_error_if_cancelled (cancellable, error))
    g_set_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_TIMEOUT,
                 _ ("“%s” did not get to the state “%s” within %.1f seconds. Its state is: %s."),
                 valise_machine_get_name (self), valise_machine_state_to_label (state), timeout_ms / 1000.0,
                 valise_machine_state_to_label (valise_machine_get_state (self)));
  return FALSE;
}
