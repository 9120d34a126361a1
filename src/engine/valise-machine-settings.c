/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-machine-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle/valise-forms.h"
#include "bundle/valise-image-chain.h"
#include "bundle/valise-new-disks.h"
#include "bundle/valise-snapshot.h"
#include "engine/valise-engine-error-private.h"
#include "engine/valise-live-private.h"
#include "engine/valise-machine-template.h"
#include "engine/valise-precaution-private.h"
#include "engine/valise-variables-private.h"

#define LIVE_SECONDS 90
#define ANSWER_SECONDS 10 /* for a guest that lets a device or memory go */

static GPtrArray *
findings_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) valise_finding_free);
}

/* --- the running half --- */

typedef struct
{
  ValiseDocument *before;
  ValiseDocument *after;
  ValiseDocument *effective;
  ValiseLiveAnswers *answers; /* once the call is under way */
  GPtrArray *findings;
} LiveChange;

static void
live_change_clear (gpointer data)
{
  LiveChange *change = data;

  valise_document_unref (change->before);
  valise_document_unref (change->after);
  valise_document_unref (change->effective);
  _valise_live_answers_free (change->answers);
  g_ptr_array_unref (change->findings);
}

static void
live_change_unref (gpointer data)
{
  g_atomic_rc_box_release_full (data, live_change_clear);
}

static int
call_change (virDomainPtr domain, gpointer data)
{
  LiveChange *change = data;

  change->answers = _valise_live_answers_new (domain);
  _valise_live_change (domain, change->before, change->after, change->effective, change->answers, change->findings);
  return 0;
}

static void
refuse_all (GPtrArray *findings, const GError *error)
{
  g_ptr_array_add (
      findings, valise_finding_new (VALISE_SEVERITY_WARNING, "live-refused", NULL, error->message,
                                    _ ("The settings are saved and take effect when the machine is started again.")));
}

/* What cannot be changed now is a finding: the stored half stands. Takes the findings over only when the call came
 * back; then what the guest has still to answer is returned. */
static ValiseLiveAnswers *
change_live (ValiseMachine *self,
             ValiseBundle *bundle,
             ValiseDocument *before,
             GPtrArray *findings,
             GCancellable *cancellable)
{
  g_autofree char *what = g_strdup_printf (_ ("Changing “%s” while it runs"), valise_machine_get_name (self));
  g_autoptr (GError) error = NULL;
  ValiseDocument *effective = _valise_machine_make_effective (self, bundle, NULL, &error);
  ValiseLiveAnswers *answers = NULL;
  LiveChange *change;

  if (effective == NULL)
    {
      refuse_all (findings, error);
      return NULL;
    }
  change = g_atomic_rc_box_new0 (LiveChange);
  change->before = valise_document_copy (before);
  change->after = valise_document_copy (valise_bundle_get_document (bundle));
  change->effective = effective;
  change->findings = findings_new ();
  if (_valise_machine_call (self, what, call_change, g_atomic_rc_box_acquire (change), live_change_unref, LIVE_SECONDS,
                            cancellable, &error)
      < 0)
    refuse_all (findings, error);
  else
    {
      g_ptr_array_extend_and_steal (findings, g_steal_pointer (&change->findings));
      answers = g_steal_pointer (&change->answers);
    }
  if (change->findings == NULL)
    change->findings = findings_new ();
  live_change_unref (change);
  return answers;
}

/* --- growing a disk that is in use --- */

typedef struct
{
  char *target;
  guint64 bytes;
} Growth;

static void
growth_free (gpointer data)
{
  Growth *growth = data;

  g_free (growth->target);
  g_free (growth);
}

static int
call_grow (virDomainPtr domain, gpointer data)
{
  Growth *growth = data;

  return virDomainBlockResize (domain, growth->target, growth->bytes, VIR_DOMAIN_BLOCK_RESIZE_BYTES);
}

static gboolean
grow_if_smaller (ValiseMachine *self, ValiseDocument *document, guint number, GCancellable *cancellable, GError **error)
{
  g_autofree char *source = valise_document_get_device (document, "disk", number, "source/@file");
  g_autofree char *target = valise_document_get_device (document, "disk", number, "target/@dev");
  g_autofree char *format = valise_document_get_device (document, "disk", number, "driver/@type");
  guint64 size = source != NULL && target != NULL ? valise_new_disks_get_size (document, source) : 0;
  g_autofree char *path = source != NULL ? valise_bundle_source_path (self->path, source) : NULL;
  g_autoptr (ValiseImageInfo) info = NULL;
  g_autofree char *what = NULL;
  Growth *growth;

  if (size == 0 || !g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  info = valise_image_inspect_chain (path, format != NULL ? format : "raw", NULL, error);
  if (info == NULL)
    return FALSE;
  if (info->virtual_size >= size)
    return TRUE;
  if (!_valise_machine_check_keeps (
          self, _ ("“%s” runs without keeping changes. Shut it down before you make a disk larger."), error))
    return FALSE;
  what = g_strdup_printf (_ ("Making disk %s of “%s” larger"), target, valise_machine_get_name (self));
  growth = g_new0 (Growth, 1);
  growth->target = g_strdup (target);
  growth->bytes = (size + 511) / 512 * 512;
  return _valise_machine_call (self, what, call_grow, growth, growth_free, LIVE_SECONDS, cancellable, error) >= 0;
}

/* QEMU holds the images; only it can grow them now. */
static gboolean
grow_live (ValiseMachine *self, ValiseDocument *document, GCancellable *cancellable, GError **error)
{
  guint count = valise_document_count (document, "devices/disk");

  for (guint i = 1; i <= count; i++)
    if (!grow_if_smaller (self, document, i, cancellable, error))
      return FALSE;
  return TRUE;
}

/* --- the stored half --- */

static gboolean
grant_new (ValiseMachine *self, ValiseDocument *document, ValiseDocument *before, GError **error)
{
  g_autofree char *uuid = valise_document_get (document, "uuid");
  g_autoptr (ValiseGrants) grants = uuid != NULL ? valise_grants_load (uuid, error) : NULL;

  if (uuid == NULL)
    {
      g_set_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_HYPERVISOR,
                   _ ("The settings of “%s” have no uuid any more. Put it back; nothing was changed."),
                   valise_machine_get_name (self));
      return FALSE;
    }
  return grants != NULL && valise_effective_grant_all (document, before, self->path, grants, error);
}

static gboolean
store (ValiseMachine *self,
       ValiseBundle *bundle,
       ValiseDocument *document,
       ValiseDocument *before,
       GCancellable *cancellable,
       GError **error)
{
  g_autoptr (GPtrArray) made = NULL;

  /* An image that is frozen must not become larger for settings that are refused then. */
  if (!valise_bundle_check_save (bundle, document, error))
    return FALSE;
  if (valise_machine_is_live (self) && !grow_live (self, document, cancellable, error))
    return FALSE;
  if (!valise_new_disks_make (document, self->path, &made, cancellable, error))
    return FALSE;
  if (grant_new (self, document, before, error) && valise_bundle_save (bundle, document, error))
    {
      _valise_variables_follow (self->path, before, document);
      _valise_machine_publish (self, valise_bundle_ref (bundle));
      return TRUE;
    }
  if (made != NULL)
    valise_new_disks_undo (made);
  return FALSE;
}

/* @answers: (out): what the guest has still to answer, or %NULL. */
static gboolean
apply_locked (ValiseMachine *self,
              ValiseBundle *bundle,
              ValiseDocument *document,
              ValiseLiveAnswers **answers,
              GPtrArray *findings,
              GCancellable *cancellable,
              GError **error)
{
  g_autoptr (ValiseDocument) before = valise_document_copy (valise_bundle_get_document (bundle));

  if (!store (self, bundle, document, before, cancellable, error))
    return FALSE;
  if (valise_machine_is_live (self))
    *answers = change_live (self, bundle, before, findings, cancellable);
  return TRUE;
}

/* Not while it runs: what would be kept is none of the moment in which the other firmware starts. */
static gboolean
is_risky (ValiseDocument *before, ValiseDocument *after)
{
  return valise_effective_get_firmware (before) != valise_effective_get_firmware (after);
}

/* Anew, because what is published already is not written to. */
static void
prune_precautions (ValiseMachine *self, const char *kept, GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (self->path, &error);

  if (bundle == NULL)
    g_debug ("%s: %s", self->path, error->message);
  else if (_valise_precaution_prune (bundle, kept, cancellable))
    _valise_machine_publish (self, g_steal_pointer (&bundle));
}

static gboolean
apply_with_precaution (ValiseMachine *self,
                       ValiseBundle *bundle,
                       ValiseDocument *document,
                       ValiseDocument *before,
                       ValiseLiveAnswers **answers,
                       GPtrArray *findings,
                       GCancellable *cancellable,
                       GError **error)
{
  g_autoptr (ValiseDocument) settings = valise_document_copy (document);
  g_autofree char *id = NULL;
  gboolean done;

  /* Settings that are refused are not worth a snapshot. */
  if (!valise_bundle_check_save (bundle, document, error))
    return FALSE;
  if (is_risky (before, document)
      && !_valise_precaution_take (self, bundle, _ ("another firmware"), &id, findings, cancellable, error))
    return FALSE;
  done = (id == NULL || valise_snapshots_carry_over (settings, before, valise_bundle_get_document (bundle), error))
         && apply_locked (self, bundle, settings, answers, findings, cancellable, error);
  if (id != NULL && done)
    prune_precautions (self, id, cancellable);
  else if (id != NULL)
    _valise_precaution_undo (bundle, id);
  return done;
}

static gboolean
apply_alone (ValiseMachine *self,
             ValiseDocument *document,
             ValiseLiveAnswers **answers,
             GPtrArray *findings,
             GCancellable *cancellable,
             GError **error)
{
  g_autoptr (ValiseTurn) locker = _valise_machine_take_turn (self, cancellable, error);
  g_autoptr (ValiseBundle) bundle = NULL;
  g_autoptr (ValiseDocument) before = NULL;
  gboolean done;

  if (locker == NULL || !valise_machine_load (self, FALSE, error))
    return FALSE;
  bundle = valise_bundle_open (self->path, error);
  if (bundle == NULL || !_valise_machine_hold_lock (self, "editing", error))
    return FALSE;
  before = valise_document_copy (valise_bundle_get_document (bundle));
  done = _valise_machine_check_template_disks (self, before, document, error)
         && apply_with_precaution (self, bundle, document, before, answers, findings, cancellable, error);
  _valise_machine_release_lock (self);
  _valise_machine_changed (self);
  if (done)
    _valise_machine_add_read_back (self, document, before, findings, cancellable);
  return done;
}

gboolean
valise_machine_apply (ValiseMachine *self,
                      ValiseDocument *document,
                      GPtrArray **findings,
                      GCancellable *cancellable,
                      GError **error)
{
  g_autoptr (GPtrArray) found = findings_new ();
  g_autoptr (ValiseLiveAnswers) answers = NULL;
  gboolean done;

  g_return_val_if_fail (VALISE_IS_MACHINE (self), FALSE);
  g_return_val_if_fail (document != NULL, FALSE);
  done = apply_alone (self, document, &answers, found, cancellable, error);
  /* Everything is stored and asked for by now: a slow guest keeps nobody from forcing it off. */
  if (answers != NULL)
    _valise_live_answers_wait (answers, ANSWER_SECONDS, cancellable, found);
  if (done && findings != NULL)
    *findings = g_steal_pointer (&found);
  return done;
}

typedef struct
{
  ValiseDocument *document;
  GPtrArray *findings;
} Applying;

static void
applying_free (gpointer data)
{
  Applying *applying = data;

  valise_document_unref (applying->document);
  g_clear_pointer (&applying->findings, g_ptr_array_unref);
  g_free (applying);
}

static void
apply_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Applying *applying = data;
  GError *error = NULL;

  if (valise_machine_apply (source, applying->document, &applying->findings, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
valise_machine_apply_async (ValiseMachine *self,
                            ValiseDocument *document,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Applying *applying = g_new0 (Applying, 1);

  applying->document = valise_document_copy (document);
  g_task_set_source_tag (task, valise_machine_apply_async);
  g_task_set_task_data (task, applying, applying_free);
  g_task_set_check_cancellable (task, FALSE);
  g_task_run_in_thread (task, apply_thread);
}

gboolean
valise_machine_apply_finish (ValiseMachine *self, GAsyncResult *result, GPtrArray **findings, GError **error)
{
  Applying *applying;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  applying = g_task_get_task_data (G_TASK (result));
  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  if (findings != NULL)
    *findings = g_steal_pointer (&applying->findings);
  return TRUE;
}

/* --- media --- */

static guint
find_drive (ValiseDocument *document, const char *target)
{
  guint count = valise_document_count (document, "devices/disk");

  for (guint i = 1; i <= count; i++)
    {
      g_autofree char *device = valise_document_get_device (document, "disk", i, "@device");
      g_autofree char *name = valise_document_get_device (document, "disk", i, "target/@dev");

      if (target == NULL ? g_strcmp0 (device, "cdrom") == 0 : g_strcmp0 (name, target) == 0)
        return i;
    }
  return 0;
}

static gboolean
check_medium (const char *file, GError **error)
{
  int fd = open (file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  struct stat status;
  gboolean plain;

  if (fd < 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
                   _ ("“%s” cannot be opened: %s. Choose another file."), file, g_strerror (errno));
      return FALSE;
    }
  plain = fstat (fd, &status) == 0 && S_ISREG (status.st_mode);
  close (fd);
  if (!plain)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE,
                 _ ("“%s” is not a plain file and cannot be inserted. Choose a disc image (ISO)."), file);
  return plain;
}

static gboolean
set_medium (ValiseMachine *self, ValiseDocument *document, const char *target, const char *file, GError **error)
{
  guint number = find_drive (document, target);
  g_autofree char *source = g_strdup_printf ("devices/disk[%u]/source", number);
  g_autofree char *knob = g_strconcat (source, "/@file", NULL);
  g_autofree char *absolute = NULL;

  if (number == 0)
    {
      g_set_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE,
                   target != NULL ? _ ("“%s” has no drive “%s”. Add one in its settings.")
                                  : _ ("“%s” has no CD drive. Add one in its settings."),
                   valise_machine_get_name (self), target);
      return FALSE;
    }
  if (file == NULL)
    return valise_document_unset (document, source, error);
  absolute = g_canonicalize_filename (file, NULL);
  return check_medium (absolute, error) && valise_document_set (document, knob, absolute, error)
         && valise_forms_to_stored (document, self->path, error);
}

/* A disc is in the drive or it is not: what the running machine refuses is not stored either. */
static gboolean
change_medium_locked (ValiseMachine *self,
                      ValiseBundle *bundle,
                      ValiseDocument *document,
                      GCancellable *cancellable,
                      GError **error)
{
  g_autoptr (ValiseDocument) before = valise_document_copy (valise_bundle_get_document (bundle));
  g_autoptr (GPtrArray) findings = findings_new ();
  g_autoptr (ValiseLiveAnswers) answers = NULL;

  if (!apply_locked (self, bundle, document, &answers, findings, cancellable, error))
    return FALSE;
  if (findings->len == 0)
    return TRUE;
  g_set_error_literal (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_HYPERVISOR,
                       ((ValiseFinding *) g_ptr_array_index (findings, 0))->text);
  if (valise_bundle_save (bundle, before, NULL))
    _valise_machine_publish (self, valise_bundle_ref (bundle));
  return FALSE;
}

gboolean
valise_machine_change_media (ValiseMachine *self,
                             const char *target,
                             const char *file,
                             GCancellable *cancellable,
                             GError **error)
{
  g_autoptr (ValiseTurn) locker = NULL;
  g_autoptr (ValiseBundle) bundle = NULL;
  g_autoptr (ValiseDocument) document = NULL;
  gboolean done;

  g_return_val_if_fail (VALISE_IS_MACHINE (self), FALSE);
  locker = _valise_machine_take_turn (self, cancellable, error);
  if (locker == NULL || !valise_machine_load (self, FALSE, error))
    return FALSE;
  bundle = valise_bundle_open (self->path, error);
  if (bundle == NULL)
    return FALSE;
  document = valise_document_copy (valise_bundle_get_document (bundle));
  if (!set_medium (self, document, target, file, error) || !_valise_machine_hold_lock (self, "editing", error))
    return FALSE;
  done = change_medium_locked (self, bundle, document, cancellable, error);
  _valise_machine_release_lock (self);
  _valise_machine_changed (self);
  return done;
}

typedef struct
{
  char *target;
  char *file;
} Medium;

static void
medium_free (gpointer data)
{
  Medium *medium = data;

  g_free (medium->target);
  g_free (medium->file);
  g_free (medium);
}

static void
change_media_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Medium *medium = data;
  GError *error = NULL;

  if (valise_machine_change_media (source, medium->target, medium->file, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
valise_machine_change_media_async (ValiseMachine *self,
                                   const char *target,
                                   const char *file,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Medium *medium = g_new0 (Medium, 1);

  medium->target = g_strdup (target);
  medium->file = g_strdup (file);
  g_task_set_source_tag (task, valise_machine_change_media_async);
  g_task_set_task_data (task, medium, medium_free);
  g_task_set_check_cancellable (task, FALSE);
  g_task_run_in_thread (task, change_media_thread);
}

gboolean
valise_machine_change_media_finish (ValiseMachine *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
