/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-verify-job.h"

#include <glib/gi18n-lib.h>

#include "base/valise-path.h"
#include "bundle/valise-lock.h"
#include "bundle/valise-snapshot.h"
#include "bundle/valise-verify.h"
#include "engine/valise-machine-private.h"
#include "model/valise-rules.h"

#define FINDINGS "valise-findings"
#define IMAGES "valise-images"

/* --- settings --- */

/* @file: relative to the bundle */
static void
check_schema (ValiseDocument *document, const char *file, GPtrArray *findings)
{
  g_autoptr (GPtrArray) found = valise_rules_check_schema (document);

  for (guint i = 0; i < found->len; i++)
    {
      const ValiseFinding *finding = found->pdata[i];
      g_autofree char *where =
          finding->where != NULL ? g_strdup_printf ("%s: %s", file, finding->where) : g_strdup (file);

      g_ptr_array_add (findings,
                       valise_finding_new (finding->severity, finding->code, where, finding->text, finding->remedy));
    }
}

static void
check_snapshot (ValiseBundle *bundle, const ValiseSnapshot *snapshot, GPtrArray *findings)
{
  g_autoptr (ValiseDocument) document = valise_snapshot_read_document (bundle, snapshot->id, NULL);
  g_autofree char *file = g_build_filename ("snapshots", snapshot->id, "domain.xml", NULL);

  if (document != NULL)
    check_schema (document, file, findings);
}

/* What cannot be read at all has been said by then. */
static gboolean
check_settings (const char *path, GPtrArray *findings, GCancellable *cancellable, GError **error)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (path, NULL);
  g_autoptr (GPtrArray) snapshots = bundle != NULL ? valise_snapshots_list (bundle, NULL) : NULL;

  if (bundle != NULL)
    check_schema (valise_bundle_get_document (bundle), "config.xml", findings);
  for (guint i = 0; snapshots != NULL && i < snapshots->len; i++)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      check_snapshot (bundle, snapshots->pdata[i], findings);
    }
  return TRUE;
}

/* --- the job --- */

/* Nobody need have it for himself to look at it: a medium that cannot be written has no lock either. */
static ValiseLock *
hold (ValiseMachine *machine, GPtrArray *findings)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (ValiseTurn) turn = _valise_machine_take_turn (machine, NULL, NULL);
  ValiseLock *lock = valise_lock_take (valise_machine_get_path (machine), "verifying", &local);

  if (g_error_matches (local, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_LOCKED))
    g_ptr_array_add (
        findings, valise_finding_new (VALISE_SEVERITY_INFO, "in-use", NULL,
                                      valise_machine_is_live (machine) ? _ (
                                          "The machine is running, and what it writes to cannot be checked meanwhile.")
                                                                       : local->message,
                                      _ ("Shut it down and verify it once more to have all of it checked.")));
  else if (lock != NULL)
    _valise_machine_tell_of_lock (machine, lock);
  return lock;
}

static int
compare_findings (gconstpointer a, gconstpointer b)
{
  const ValiseFinding *first = *(ValiseFinding *const *) a, *second = *(ValiseFinding *const *) b;

  if (first->severity != second->severity)
    return first->severity > second->severity ? -1 : 1;
  return g_strcmp0 (first->where, second->where);
}

static gboolean
verify (ValiseJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  ValiseMachine *machine = data;
  const char *path = valise_machine_get_path (machine);
  g_autoptr (GPtrArray) findings = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_finding_free);
  g_autoptr (ValiseLock) lock = NULL;
  guint images = 0;

  /* Only to know whether it runs. */
  valise_machine_load (machine, FALSE, NULL);
  lock = hold (machine, findings);
  if (!valise_verify_files (path, findings, &images, job, cancellable, error))
    return FALSE;
  valise_job_set_stage (job, _ ("Looking at the settings"));
  if (!check_settings (path, findings, cancellable, error))
    return FALSE;
  g_ptr_array_sort (findings, compare_findings);
  g_object_set_data (G_OBJECT (job), IMAGES, GUINT_TO_POINTER (images));
  g_object_set_data_full (G_OBJECT (job), FINDINGS, g_steal_pointer (&findings), (GDestroyNotify) g_ptr_array_unref);
  return TRUE;
}

ValiseJob *
valise_verify_job_new (ValiseMachine *machine)
{
  g_autofree char *title = NULL;

  g_return_val_if_fail (VALISE_IS_MACHINE (machine), NULL);

  title = g_strdup_printf (_ ("Verifying “%s”"), valise_machine_get_name (machine));
  return valise_job_new (title, verify, g_object_ref (machine), g_object_unref);
}

GPtrArray *
valise_verify_job_get_findings (ValiseJob *job)
{
  g_return_val_if_fail (VALISE_IS_JOB (job), NULL);

  return g_object_get_data (G_OBJECT (job), FINDINGS);
}

guint
valise_verify_job_get_images (ValiseJob *job)
{
  g_return_val_if_fail (VALISE_IS_JOB (job), 0);

  return GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (job), IMAGES));
}
