/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-snapshot-jobs.h"

#include <glib/gi18n-lib.h>

#define TAKEN "valise-taken"

typedef struct
{
  ValiseMachine *machine;
  char *id; /* of the snapshot that it is about */
  char *name, *note;
  gboolean with_memory;
  ValiseRevertFlags flags;
  gboolean stop;
} Work;

static void
work_free (gpointer data)
{
  Work *self = data;

  g_object_unref (self->machine);
  g_free (self->id);
  g_free (self->name);
  g_free (self->note);
  g_free (self);
}

static Work *
work_new (ValiseMachine *machine, const char *id)
{
  Work *self = g_new0 (Work, 1);

  self->machine = g_object_ref (machine);
  self->id = g_strdup (id);
  return self;
}

/* --- taking --- */

static char *
take (ValiseJob *job, Work *self, gboolean with_memory, GCancellable *cancellable, GError **error)
{
  gboolean live = valise_machine_is_live (self->machine);
  char *id;

  valise_job_set_stage (job, live && with_memory ? _ ("Writing the memory; the machine stands still")
                                                 : _ ("Taking the snapshot"));
  id = valise_machine_take_snapshot (self->machine, self->name, self->note, with_memory, cancellable, error);
  if (id != NULL)
    g_object_set_data_full (G_OBJECT (job), TAKEN, g_strdup (id), g_free);
  return id;
}

static gboolean
run_take (ValiseJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  Work *self = data;
  g_autofree char *id = take (job, self, self->with_memory, cancellable, error);

  return id != NULL;
}

ValiseJob *
valise_snapshot_take_job_new (ValiseMachine *machine, const char *name, const char *note, gboolean with_memory)
{
  Work *self;
  g_autofree char *title = NULL;

  g_return_val_if_fail (VALISE_IS_MACHINE (machine) && name != NULL, NULL);

  self = work_new (machine, NULL);
  self->name = g_strdup (name);
  self->note = g_strdup (note);
  self->with_memory = with_memory;
  title = g_strdup_printf (_ ("Taking a snapshot of “%s”"), valise_machine_get_name (machine));
  return valise_job_new (title, run_take, self, work_free);
}

/* --- deleting --- */

static gboolean
run_delete (ValiseJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  Work *self = data;

  valise_job_set_stage (job, _ ("Merging what only this snapshot kept apart"));
  return valise_machine_delete_snapshot_in (self->machine, self->id, job, cancellable, error);
}

ValiseJob *
valise_snapshot_delete_job_new (ValiseMachine *machine, const char *id)
{
  g_autofree char *title = NULL;

  g_return_val_if_fail (VALISE_IS_MACHINE (machine) && id != NULL, NULL);

  title = g_strdup_printf (_ ("Deleting a snapshot of “%s”"), valise_machine_get_name (machine));
  return valise_job_new (title, run_delete, work_new (machine, id), work_free);
}

/* --- going back --- */

static gboolean
stop_machine (ValiseJob *job, Work *self, GCancellable *cancellable, GError **error)
{
  if (!self->stop || !valise_machine_is_live (self->machine))
    return TRUE;
  valise_job_set_stage (job, _ ("Forcing the machine off"));
  return valise_machine_do (self->machine, VALISE_VERB_STOP, cancellable, error);
}

static gboolean
go_back (ValiseJob *job, Work *self, GCancellable *cancellable, GError **error)
{
  valise_job_set_stage (job, _ ("Going back"));
  return valise_machine_revert_snapshot (self->machine, self->id, self->flags, cancellable, error);
}

/* @taken: what the present was kept as. */
static void
drop_taken (ValiseJob *job, Work *self, const char *taken)
{
  g_autoptr (GError) error = NULL;

  g_object_set_data (G_OBJECT (job), TAKEN, NULL);
  if (!valise_machine_delete_snapshot (self->machine, taken, NULL, &error))
    g_debug ("The snapshot %s stays: %s", taken, error->message);
}

static gboolean
run_revert (ValiseJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  Work *self = data;
  gboolean live = valise_machine_is_live (self->machine);
  g_autofree char *taken = NULL;

  if (!valise_machine_check_revert (self->machine, self->id, self->flags, error))
    return FALSE;
  if (self->name != NULL && (taken = take (job, self, TRUE, cancellable, error)) == NULL)
    return FALSE;
  if (stop_machine (job, self, cancellable, error) && go_back (job, self, cancellable, error))
    return TRUE;
  if (taken != NULL && !(live && self->stop))
    drop_taken (job, self, taken);
  return FALSE;
}

ValiseJob *
valise_snapshot_revert_job_new (ValiseMachine *machine,
                                const char *id,
                                ValiseRevertFlags flags,
                                const char *keep,
                                gboolean stop)
{
  Work *self;
  g_autofree char *title = NULL;

  g_return_val_if_fail (VALISE_IS_MACHINE (machine) && id != NULL, NULL);

  self = work_new (machine, id);
  self->flags = flags;
  self->name = g_strdup (keep);
  self->stop = stop;
  title = g_strdup_printf (_ ("Going back to a snapshot of “%s”"), valise_machine_get_name (machine));
  return valise_job_new (title, run_revert, self, work_free);
}

static gboolean
run_return (ValiseJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  Work *self = data;

  return go_back (job, self, cancellable, error) && run_delete (job, data, cancellable, error);
}

ValiseJob *
valise_snapshot_return_job_new (ValiseMachine *machine, const char *id)
{
  g_autofree char *title = NULL;

  g_return_val_if_fail (VALISE_IS_MACHINE (machine) && id != NULL, NULL);

  title = g_strdup_printf (_ ("Undoing the way back of “%s”"), valise_machine_get_name (machine));
  return valise_job_new (title, run_return, work_new (machine, id), work_free);
}

char *
valise_snapshot_job_dup_taken (ValiseJob *job)
{
  g_return_val_if_fail (VALISE_IS_JOB (job), NULL);

  return g_strdup (g_object_get_data (G_OBJECT (job), TAKEN));
}
