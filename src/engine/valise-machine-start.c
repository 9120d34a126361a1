/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-machine-private.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "bundle/valise-disposable.h"
#include "bundle/valise-snapshot.h"
#include "engine/valise-conversion-private.h"
#include "engine/valise-engine-error-private.h"
#include "engine/valise-libvirt-private.h"
#include "engine/valise-machine-log-private.h"
#include "engine/valise-machine-template.h"
#include "engine/valise-still-private.h"
#include "engine/valise-suspended-private.h"
#include "engine/valise-timed-call-private.h"
#include "engine/valise-tpm-private.h"
#include "engine/valise-wake-firmware-private.h"
#include "engine/valise-wake-host-private.h"

#define START_SECONDS 90
#define WAKE_SECONDS 1800

#define ACCEL_KNOB "metadata/valise:machine/@accel"
#define PATH_KNOB "metadata/valise:machine/@path"

/* --- what this host decides --- */

/* A user who insists on KVM gets it where it can be opened at all. */
static gboolean
choose_kvm (ValiseMachine *self, ValiseDocument *document, gboolean *kvm, GError **error)
{
  g_autofree char *wanted = valise_document_get (document, ACCEL_KNOB);
  g_autofree char *reason = NULL;
  ValiseAccel accel;

  *kvm = FALSE;
  if (g_strcmp0 (wanted, "tcg") == 0)
    return TRUE;
  accel = valise_host_probe_accel (self->host, &reason);
  *kvm = accel == VALISE_ACCEL_NATIVE;
  if (g_strcmp0 (wanted, "kvm") != 0 || accel == VALISE_ACCEL_NATIVE)
    return TRUE;
  *kvm = accel == VALISE_ACCEL_UNUSABLE;
  if (*kvm)
    return TRUE;
  g_set_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_PERMISSION,
               _ ("“%s” is set to run with KVM only. %s Set its accelerator to “automatic” to start it all the same."),
               valise_machine_get_name (self), reason);
  return FALSE;
}

ValiseDocument *
_valise_machine_make_effective_of (ValiseMachine *self,
                                   ValiseDocument *stored,
                                   ValiseGrants *grants,
                                   const char *tpm_socket,
                                   const char *boot_once,
                                   gboolean only_ask,
                                   GError **error)
{
  g_autoptr (ValiseDocument) effective = NULL;
  ValiseHostChoice choice = { .tpm_socket = tpm_socket,
                              .boot_once = boot_once,
                              .planned_images = only_ask,
                              .quick_questions = _valise_host_has_quick_questions (self->host) };

  if (!choose_kvm (self, stored, &choice.kvm, error))
    return NULL;
  effective = valise_effective_document_new (stored, self->path, &choice, valise_host_get_capabilities (self->host),
                                             grants, NULL, error);
  /* A later run finds the bundle of a running domain by this. */
  if (effective == NULL || !valise_document_set (effective, PATH_KNOB, self->path, error))
    return NULL;
  return g_steal_pointer (&effective);
}

static ValiseDocument *
make_effective (ValiseMachine *self,
                ValiseBundle *bundle,
                const char *tpm_socket,
                const char *boot_once,
                GError **error)
{
  ValiseDocument *stored = valise_bundle_get_document (bundle);
  g_autofree char *uuid = valise_document_get (stored, "uuid");
  g_autoptr (ValiseGrants) grants = valise_grants_load (uuid, error);

  return grants != NULL ? _valise_machine_make_effective_of (self, stored, grants, tpm_socket, boot_once, FALSE, error)
                        : NULL;
}

ValiseDocument *
_valise_machine_make_effective (ValiseMachine *self, ValiseBundle *bundle, const char *tpm_socket, GError **error)
{
  return make_effective (self, bundle, tpm_socket, NULL, error);
}

/* --- create and wake --- */

typedef struct
{
  ValiseHost *host;
  virConnectPtr connect;
  char *what;
  char *xml;
  char *bundle_path;
  char *saved; /* file to wake from, or NULL */
  char *uuid;
  gboolean disposable;
} Launch;

static void
launch_free (gpointer data)
{
  Launch *launch = data;

  virConnectClose (launch->connect);
  g_object_unref (launch->host);
  g_free (launch->what);
  g_free (launch->xml);
  g_free (launch->bundle_path);
  g_free (launch->saved);
  g_free (launch->uuid);
  g_free (launch);
}

static void
free_domain (gpointer data)
{
  virDomainFree (data);
}

/* The guest does nothing before its memory is gone from the disk: given to it once more, after a crash of ours or of
 * the computer, it would contradict what the guest has written since. One that cannot be resumed then is seen to be
 * paused. */
static virDomainPtr
wake (Launch *launch)
{
  gboolean ran = _valise_suspended_was_running (launch->saved);
  g_autofree char *xml = _valise_wake_firmware_name (launch->connect, launch->saved, launch->xml);
  virDomainPtr domain = NULL;

  if (virDomainRestoreFlags (launch->connect, launch->saved, xml, VIR_DOMAIN_SAVE_PAUSED) == 0)
    domain = virDomainLookupByUUIDString (launch->connect, launch->uuid);
  if (domain == NULL)
    return NULL;
  _valise_suspended_remove (launch->bundle_path, launch->uuid);
  _valise_wake_host_forget (launch->bundle_path);
  if (ran)
    (void) virDomainResume (domain);
  return domain;
}

/* libvirt may have taken so long that nobody waited for it, and somebody else had the machine meanwhile: what it was to
 * write to may be gone then, and it would be taken for one that keeps what it writes. */
static virDomainPtr
check_disposable (Launch *launch, virDomainPtr domain)
{
  if (domain == NULL || !launch->disposable || valise_disposable_exists (launch->bundle_path))
    return domain;
  (void) virDomainDestroyFlags (domain, 0);
  virDomainFree (domain);
  return NULL;
}

/* The one place that hands libvirt a document to run. */
static gpointer
run_launch (gpointer data, GError **error)
{
  Launch *launch = data;
  virDomainPtr domain;

  _valise_still_forget_earlier (launch->uuid);
  domain = launch->saved != NULL ? wake (launch) : virDomainCreateXML (launch->connect, launch->xml, 0);
  domain = check_disposable (launch, domain);

  if (domain == NULL)
    _valise_engine_error_take (error, launch->what);
  else
    {
      /* What stood still in an earlier life of it is over. */
      _valise_still_forget (domain);
      _valise_host_refresh (launch->host, domain);
    }
  return domain;
}

static virDomainPtr
launch (ValiseMachine *self, ValiseDocument *effective, const char *saved, gboolean disposable, GError **error)
{
  virConnectPtr connect = _valise_host_dup_connect (self->host, error);
  Launch *launching;

  if (connect == NULL)
    return NULL;
  launching = g_new0 (Launch, 1);
  launching->host = g_object_ref (self->host);
  launching->connect = connect;
  launching->what =
      g_strdup_printf (saved != NULL ? _ ("Waking “%s”") : _ ("Starting “%s”"), valise_machine_get_name (self));
  launching->xml = g_strndup (valise_document_get_text (effective), valise_document_get_length (effective));
  launching->bundle_path = g_strdup (self->path);
  launching->saved = g_strdup (saved);
  launching->uuid = _valise_machine_dup_uuid (self);
  launching->disposable = disposable;
  /* A start cannot be called off half way; a cancel is looked at when it is through. */
  return _valise_timed_call (launching->what, run_launch, launching, launch_free, free_domain,
                             saved != NULL ? WAKE_SECONDS : START_SECONDS, NULL, error);
}

static void
make_directories (const char *path)
{
  static const char *const names[] = { "nvram", "logs", "state", ".history" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *directory = g_build_filename (path, names[i], NULL);

      g_mkdir (directory, 0700);
    }
}

static virDomainPtr
launch_with_tpm (ValiseMachine *self,
                 ValiseBundle *bundle,
                 const char *uuid,
                 const char *saved,
                 const ValiseStartChoice *choice,
                 GCancellable *cancellable,
                 GError **error)
{
  gboolean tpm = _valise_tpm_is_wanted (valise_bundle_get_document (bundle));
  g_autofree char *state = choice->disposable ? valise_disposable_tpm (self->path) : valise_bundle_file (bundle, "tpm");
  g_autofree char *socket = tpm ? _valise_tpm_start (bundle, state, uuid, cancellable, error) : NULL;
  g_autoptr (ValiseDocument) effective = NULL;
  virDomainPtr domain = NULL;

  if (tpm && socket == NULL)
    return NULL;
  effective = make_effective (self, bundle, socket, choice->boot_once, error);
  if (effective != NULL && (!choice->disposable || valise_disposable_redirect (bundle, effective, cancellable, error)))
    domain = launch (self, effective, saved, choice->disposable, error);
  if (domain == NULL && tpm)
    _valise_tpm_stop (uuid);
  return domain;
}

/* --- afterwards --- */

/* libvirt has chosen addresses for the devices; from now on they are the machine's own. A failure costs a guest that
 * finds its devices elsewhere after an edit, and is tried again at the next start. */
static void
keep_addresses (ValiseMachine *self, ValiseBundle *bundle, virDomainPtr domain)
{
  char *xml = virDomainGetXMLDesc (domain, 0);
  g_autoptr (ValiseDocument) live = xml != NULL ? valise_document_new (xml, -1, "domain", NULL) : NULL;
  g_autoptr (ValiseDocument) stored = valise_document_copy (valise_bundle_get_document (bundle));

  free (xml);
  if (live == NULL || !valise_effective_keep_addresses (stored, live, NULL))
    return;
  if (valise_bundle_save (bundle, stored, NULL))
    _valise_machine_publish (self, valise_bundle_ref (bundle));
}

static gboolean
finish_start (ValiseMachine *self,
              ValiseBundle *bundle,
              const char *saved,
              virDomainPtr domain,
              GCancellable *cancellable,
              GError **error)
{
  _valise_machine_look_for_suspended (self);
  _valise_machine_catch_up (self);
  _valise_machine_set_transition (self, VALISE_TRANSITION_NONE);
  if (g_cancellable_is_cancelled (cancellable) && saved == NULL)
    {
      virDomainDestroyFlags (domain, 0);
      _valise_host_refresh (self->host, domain);
      _valise_machine_catch_up (self);
      return !g_cancellable_set_error_if_cancelled (cancellable, error);
    }
  keep_addresses (self, bundle, domain);
  return TRUE;
}

/* What wakes goes on where it was: nothing is booted, and its disks are not set apart. */
static gboolean
check_boots (ValiseMachine *self, const ValiseStartChoice *choice, GError **error)
{
  if (choice->disposable)
    {
      g_set_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE,
                   _ ("“%s” is suspended and would go on where it was. Continue it and shut it down, or discard its "
                      "suspended memory, then start it without keeping changes."),
                   valise_machine_get_name (self));
      return FALSE;
    }
  if (choice->boot_once == NULL)
    return TRUE;
  g_set_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE,
               _ ("“%s” is suspended and would go on where it was. Continue it, or discard its suspended memory, then "
                  "choose what it starts from."),
               valise_machine_get_name (self));
  return FALSE;
}

/* What was written elsewhere is used when its user trusts it and this computer can go on with it. */
static gboolean
check_memory (ValiseMachine *self, const char *saved, const char *uuid, const ValiseStartChoice *choice, GError **error)
{
  virConnectPtr connect;
  gboolean fits;

  if (!choice->trusts || _valise_suspended_check_own (self->path, uuid, NULL))
    return _valise_suspended_check_own (self->path, uuid, error);
  connect = _valise_host_dup_connect (self->host, error);
  if (connect == NULL)
    return FALSE;
  fits = _valise_wake_host_check (connect, self->path, saved, valise_machine_get_name (self), error);
  virConnectClose (connect);
  return fits && _valise_suspended_adopt (self->path, uuid, error);
}

/* Without an answer libvirt may still be starting it, on these files: whoever has the machine next removes them. */
static void
end_disposable (ValiseMachine *self, const GError *failure)
{
  if (!g_error_matches (failure, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_TIMEOUT)
      && !g_error_matches (failure, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_DISCONNECTED))
    valise_disposable_end (self->path, NULL);
}

static gboolean
start_locked (ValiseMachine *self,
              ValiseBundle *bundle,
              const ValiseStartChoice *choice,
              GCancellable *cancellable,
              GError **error)
{
  g_autofree char *uuid = _valise_machine_dup_uuid (self);
  g_autofree char *saved = NULL;
  g_autoptr (GError) failure = NULL;
  virDomainPtr domain;
  gboolean done;

  if (!valise_snapshots_stamp (self->path, NULL, error)
      || !valise_snapshots_check (self->path, valise_bundle_get_document (bundle), error))
    return FALSE;
  if (_valise_suspended_exists (self->path, uuid))
    {
      saved = _valise_suspended_get_path (self->path);
      if (!check_boots (self, choice, error) || !check_memory (self, saved, uuid, choice, error))
        return FALSE;
    }
  make_directories (self->path);
  _valise_suspended_forget_discarded (self->path);
  if (choice->disposable && !valise_disposable_begin (bundle, cancellable, error))
    return FALSE;
  domain = launch_with_tpm (self, bundle, uuid, saved, choice, cancellable, &failure);
  if (domain == NULL)
    {
      _valise_machine_log_keep (self->host, self->path, uuid);
      end_disposable (self, failure);
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  done = finish_start (self, bundle, saved, domain, cancellable, error);
  virDomainFree (domain);
  return done;
}

/* libvirt says that there is no QEMU in the user's language, and in more than one way. */
static void
explain_missing_qemu (ValiseBundle *bundle, GError **error)
{
  g_autofree char *stated = valise_document_get (valise_bundle_get_document (bundle), "os/type/@arch");
  const char *arch = stated != NULL ? stated : "x86_64";
  g_autofree char *name = g_strdup_printf ("qemu-system-%s", g_str_equal (arch, "i686") ? "i386" : arch);
  g_autofree char *program = g_find_program_in_path (name);
  g_autofree char *what = NULL;

  if (program != NULL || !g_error_matches (*error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_HYPERVISOR)
      || g_file_test ("/usr/libexec/qemu-kvm", G_FILE_TEST_IS_EXECUTABLE))
    return;
  g_clear_error (error);
  what = g_strdup_printf (_ ("There is no %s on this computer, the program that runs this kind of machine"), name);
  _valise_engine_error_set (error, VALISE_ENGINE_ERROR_NO_QEMU, what, NULL);
}

/* With the lock held: what an interrupted snapshot had left has been settled by then, and the settings are what will be
 * run. */
static ValiseBundle *
open_to_start (ValiseMachine *self, GError **error)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (self->path, error);

  if (bundle == NULL || !_valise_machine_check_no_template (self, valise_bundle_get_document (bundle), error)
      || !_valise_machine_check_settled (self, bundle, error))
    return NULL;
  _valise_machine_publish (self, valise_bundle_ref (bundle));
  return g_steal_pointer (&bundle);
}

/* Until libvirt has answered; the answer may be that it runs already. */
static gboolean
await_host (ValiseMachine *self, GCancellable *cancellable, GError **error)
{
  g_autofree char *uuid = _valise_machine_dup_uuid (self);

  if (_valise_host_is_unanswered (self->host))
    _valise_machine_set_transition (self, VALISE_TRANSITION_WAITING);
  if (!_valise_host_await (self->host, cancellable, error))
    return FALSE;
  if (!_valise_host_look (self->host, uuid, self->path).live)
    return TRUE;
  g_set_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE, _ ("“%s” runs already."),
               valise_machine_get_name (self));
  return FALSE;
}

static gboolean
start_opened (ValiseMachine *self, const ValiseStartChoice *choice, GCancellable *cancellable, GError **error)
{
  g_autoptr (ValiseBundle) bundle = NULL;
  g_autoptr (GError) failure = NULL;

  _valise_conversion_settle (self->path);
  bundle = open_to_start (self, error);
  if (bundle == NULL)
    return FALSE;
  _valise_machine_set_transition (self, VALISE_TRANSITION_STARTING);
  if (start_locked (self, bundle, choice, cancellable, &failure))
    return TRUE;
  explain_missing_qemu (bundle, &failure);
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

gboolean
_valise_machine_start (ValiseMachine *self, const ValiseStartChoice *choice, GCancellable *cancellable, GError **error)
{
  gboolean held = await_host (self, cancellable, error) && _valise_machine_hold_lock (self, "running", error);
  gboolean done = held && start_opened (self, choice, cancellable, error);

  _valise_machine_set_transition (self, VALISE_TRANSITION_NONE);
  if (held)
    _valise_machine_release_lock (self);
  return done;
}
