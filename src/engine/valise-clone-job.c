/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-clone-job.h"

#include <glib/gi18n-lib.h>

#include "bundle/valise-snapshot.h"
#include "engine/valise-engine-error.h"
#include "engine/valise-export-private.h"
#include "engine/valise-machine-snapshots-private.h"
#include "engine/valise-settle-private.h"

typedef struct
{
  ValiseMachine *machine;
  char *directory, *name, *snapshot;
  ValiseCloneChoice choice;
} Work;

static void
work_free (gpointer data)
{
  Work *self = data;

  g_object_unref (self->machine);
  g_free (self->directory);
  g_free (self->name);
  g_free (self->snapshot);
  g_clear_pointer (&self->choice.disks, g_hash_table_unref);
  g_clear_pointer (&self->choice.withheld, g_hash_table_unref);
  g_free (self);
}

static gboolean
set_state_error (ValiseMachine *machine, const char *text, GError **error)
{
  g_set_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE, "“%s”: %s", valise_machine_get_name (machine),
               text);
  return FALSE;
}

/* --- the original stands still --- */

/* The settings that are cloned. */
static ValiseDocument *
read_moment (Work *self, ValiseBundle *original, GError **error)
{
  return self->choice.snapshot != NULL ? valise_snapshot_read_document (original, self->choice.snapshot, error)
                                       : valise_document_ref (valise_bundle_get_document (original));
}

/* What a stranger's document merely names is not made the clone's own. */
static gboolean
find_withheld (Work *self, ValiseBundle *original, GError **error)
{
  g_autoptr (ValiseDocument) document = read_moment (self, original, error);

  g_clear_pointer (&self->choice.withheld, g_hash_table_unref);
  if (document != NULL)
    self->choice.withheld = _valise_export_list_withheld (original, document);
  return document != NULL;
}

static gboolean
finish (Work *self,
        ValiseBundle *original,
        ValiseBundle *clone,
        ValiseDocument *document,
        ValiseJob *job,
        GError **error)
{
  g_autoptr (ValiseDocument) before = read_moment (self, original, error);

  if (before == NULL || !_valise_settle_clone (clone, document, original, before, job, error))
    return FALSE;
  valise_job_set_result_path (job, valise_bundle_get_path (clone));
  return TRUE;
}

static gboolean
fill (Work *self, ValiseBundle *original, ValiseClone *clone, ValiseJob *job, GCancellable *cancellable, GError **error)
{
  valise_job_set_stage (job, _ ("Copying"));
  return valise_clone_fill (clone, job, cancellable, error)
         && finish (self, original, valise_clone_get_bundle (clone), valise_clone_get_document (clone), job, error);
}

static gboolean
clone_at_rest (Work *self, ValiseJob *job, GCancellable *cancellable, GError **error)
{
  g_autoptr (ValiseLock) lock = NULL;
  g_autoptr (ValiseBundle) original = NULL;
  g_autoptr (ValiseClone) clone = NULL;

  if (!_valise_machine_lock_to_read (self->machine, "cloning", &lock, error))
    return FALSE;
  original = valise_bundle_open (valise_machine_get_path (self->machine), error);
  if (original == NULL || !find_withheld (self, original, error))
    return FALSE;
  clone = valise_clone_begin (original, self->directory, self->name, &self->choice, FALSE, cancellable, error);
  return clone != NULL && fill (self, original, clone, job, cancellable, error);
}

/* --- while it runs --- */

typedef struct
{
  Work *work;
  ValiseBundle *original;
  ValiseClone *clone;
} Pinning;

static gboolean
work_pin (ValiseMachine *machine, ValiseBundle *bundle, gpointer data, GCancellable *cancellable, GError **error)
{
  Pinning *self = data;

  self->original = valise_bundle_open (valise_bundle_get_path (bundle), error);
  if (self->original != NULL && find_withheld (self->work, self->original, error))
    self->clone = valise_clone_begin (self->original, self->work->directory, self->work->name, &self->work->choice,
                                      TRUE, cancellable, error);
  return self->clone != NULL;
}

/* Its snapshots do not change while the frozen images get a second name, and may afterwards. */
static gboolean
clone_snapshot_of_running (Work *self, ValiseJob *job, GCancellable *cancellable, GError **error)
{
  Pinning pinning = { self, NULL, NULL };
  gboolean done = _valise_machine_work_on_snapshots (self->machine, work_pin, &pinning, cancellable, error)
                  && fill (self, pinning.original, pinning.clone, job, cancellable, error);

  g_clear_pointer (&pinning.clone, valise_clone_free);
  g_clear_pointer (&pinning.original, valise_bundle_unref);
  return done;
}

static gboolean
check_whole (Work *self, ValiseDocument *document, GError **error)
{
  guint count = valise_document_count (document, "devices/disk");

  for (guint i = 1; self->choice.disks != NULL && i <= count; i++)
    {
      g_autofree char *target = valise_document_get_device (document, "disk", i, "target/@dev");
      gpointer chosen;

      if (target != NULL && g_hash_table_lookup_extended (self->choice.disks, target, NULL, &chosen)
          && (ValiseCloneDisk) GPOINTER_TO_INT (chosen) != valise_clone_default (document, i))
        return set_state_error (self->machine,
                                _ ("while it runs, all of its disks are cloned. To choose among them, shut it down, "
                                   "make a linked clone, or clone one of its snapshots."),
                                error);
    }
  return TRUE;
}

static char **
list_left (Work *self, ValiseBundle *bundle, GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  if (!_valise_export_list_frozen (bundle, valise_bundle_get_document (bundle), builder, error))
    return NULL;
  g_strv_builder_add (builder, "screenshot.png");
  if (!self->choice.keep_keys)
    g_strv_builder_add (builder, "tpm");
  return g_strv_builder_end (builder);
}

static gboolean
finish_running (Work *self,
                ValiseBundle *original,
                ValiseBundle *stage,
                ValiseDocument *document,
                ValiseJob *job,
                GError **error)
{
  return valise_clone_rename (document, self->name, self->choice.keep_macs, error)
         && valise_document_unset (document, "metadata/valise:machine/@snapshot", error)
         && valise_document_unset (document, "metadata/valise:machine/@present", error)
         && finish (self, original, stage, document, job, error);
}

/* QEMU copies all disks as they are at one moment. */
static gboolean
clone_running (Work *self, ValiseJob *job, GCancellable *cancellable, GError **error)
{
  g_autoptr (ValiseBundle) original = valise_bundle_open (valise_machine_get_path (self->machine), error);
  g_autoptr (ValiseBundle) stage = NULL;
  g_autoptr (ValiseDocument) document = NULL;
  g_auto (GStrv) left = NULL;
  ValiseMoment moment;

  if (original == NULL || !check_whole (self, valise_bundle_get_document (original), error))
    return FALSE;
  left = list_left (self, original, error);
  if (left == NULL)
    return FALSE;
  valise_job_set_stage (job, _ ("Copying the running machine"));
  stage = _valise_export_stage (self->machine, self->directory, self->name, (const char *const *) left, &document,
                                &moment, job, cancellable, error);
  if (stage == NULL)
    return FALSE;
  if (finish_running (self, original, stage, document, job, error))
    return TRUE;
  valise_bundle_abandon (stage);
  return FALSE;
}

/* --- the job --- */

static gboolean
check_state (ValiseMachine *machine, GError **error)
{
  ValiseMachineState state = valise_machine_get_state (machine);

  if (state != VALISE_MACHINE_STARTING && state != VALISE_MACHINE_STOPPING)
    return TRUE;
  return set_state_error (machine, _ ("it is just being started or stopped. Try again in a moment."), error);
}

static gboolean
needs_snapshot (Work *self, gboolean live)
{
  ValiseBundle *bundle = valise_machine_get_bundle (self->machine);

  if (!self->choice.linked || self->choice.snapshot != NULL)
    return FALSE;
  return live || (bundle != NULL && valise_clone_needs_snapshot (bundle, &self->choice));
}

/* What is frozen for the clone is a snapshot like any other: people see what it is for, and can go back to it. */
static gboolean
take_snapshot (Work *self, GCancellable *cancellable, GError **error)
{
  g_autofree char *name = g_strdup_printf (_ ("Base of “%s”"), self->name);
  g_autofree char *note = g_strdup_printf (_ ("The linked clone “%s” was made of this."), self->name);

  self->snapshot = valise_machine_take_snapshot (self->machine, name, note, FALSE, cancellable, error);
  self->choice.snapshot = self->snapshot;
  return self->snapshot != NULL;
}

static gboolean
make (Work *self, gboolean live, ValiseJob *job, GCancellable *cancellable, GError **error)
{
  if (!live)
    return clone_at_rest (self, job, cancellable, error);
  return self->choice.snapshot != NULL ? clone_snapshot_of_running (self, job, cancellable, error)
                                       : clone_running (self, job, cancellable, error);
}

static gboolean
clone_machine (ValiseJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  Work *self = data;
  gboolean live, taken = FALSE, done;

  if (!valise_machine_load (self->machine, TRUE, error) || !check_state (self->machine, error)
      || !_valise_machine_check_keeps (self->machine,
                                       _ ("“%s” runs without keeping changes. Shut it down before you clone it."),
                                       error))
    return FALSE;
  live = valise_machine_is_live (self->machine);
  if (needs_snapshot (self, live))
    {
      taken = take_snapshot (self, cancellable, error);
      if (!taken)
        return FALSE;
    }
  done = make (self, live, job, cancellable, error);
  /* Nobody needs it then; one that cannot be deleted is seen, and says what it was for. */
  if (!done && taken)
    valise_machine_delete_snapshot (self->machine, self->snapshot, NULL, NULL);
  return done;
}

ValiseJob *
valise_clone_job_new (ValiseMachine *machine, const char *directory, const char *name, const ValiseCloneChoice *choice)
{
  g_autofree char *title = NULL;
  Work *self;

  g_return_val_if_fail (VALISE_IS_MACHINE (machine) && directory != NULL && name != NULL && choice != NULL, NULL);
  title = g_strdup_printf (_ ("Cloning “%s”"), valise_machine_get_name (machine));
  self = g_new0 (Work, 1);
  self->machine = g_object_ref (machine);
  self->directory = g_strdup (directory);
  self->name = g_strdup (name);
  self->choice = *choice;
  self->choice.withheld = NULL;
  self->choice.snapshot = self->snapshot = g_strdup (choice->snapshot);
  if (choice->disks != NULL)
    g_hash_table_ref (choice->disks);
  return valise_job_new (title, clone_machine, self, work_free);
}

/* --- independence --- */

static gboolean
detach (ValiseJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  ValiseMachine *machine = data;
  const char *path = valise_machine_get_path (machine);
  g_autoptr (ValiseLock) lock = NULL;
  g_autoptr (ValiseBundle) bundle = NULL;

  if (!valise_machine_load (machine, FALSE, error))
    return FALSE;
  if (valise_machine_get_state (machine) == VALISE_MACHINE_SUSPENDED)
    return set_state_error (machine,
                            _ ("it is suspended. Continue it and shut it down, or discard its suspended memory first."),
                            error);
  if (valise_machine_get_state (machine) != VALISE_MACHINE_OFF)
    return set_state_error (machine, _ ("its disks are in use. Shut it down first."), error);
  lock = _valise_machine_lock_still (machine, "copying", error);
  if (lock == NULL)
    return FALSE;
  bundle = valise_bundle_open (path, error);
  valise_job_set_stage (job, _ ("Copying"));
  return bundle != NULL && valise_clone_detach (bundle, job, cancellable, error)
         && valise_machine_load (machine, TRUE, error);
}

ValiseJob *
valise_detach_job_new (ValiseMachine *machine)
{
  g_autofree char *title = NULL;

  g_return_val_if_fail (VALISE_IS_MACHINE (machine), NULL);
  title = g_strdup_printf (_ ("Making “%s” independent"), valise_machine_get_name (machine));
  return valise_job_new (title, detach, g_object_ref (machine), g_object_unref);
}
