/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-shrink-job.h"

#include <glib/gi18n-lib.h>

#include "bundle/valise-shrink.h"
#include "engine/valise-engine-error.h"
#include "engine/valise-machine-private.h"
#include "engine/valise-machine-snapshots-private.h"
#include "engine/valise-machine-template.h"
#include "engine/valise-precaution-private.h"

#define SNAPSHOT "valise-snapshot"

typedef struct
{
  ValiseMachine *machine;
  char *target;
  guint64 bytes;
  gboolean lose;
  ValiseJob *job; /* while it runs */
} Work;

static void
work_free (gpointer data)
{
  Work *self = data;

  g_object_unref (self->machine);
  g_free (self->target);
  g_free (self);
}

static gboolean
check_off (ValiseMachine *machine, GError **error)
{
  gboolean suspended = valise_machine_get_state (machine) == VALISE_MACHINE_SUSPENDED;

  if (!suspended && !valise_machine_is_live (machine))
    return _valise_machine_check_no_template (machine, valise_machine_get_document (machine), error);
  g_set_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE,
               suspended ? _ ("“%s” is suspended and goes on with its disks as they are. Continue it and shut it down "
                              "before you make a disk smaller.")
                         : _ ("“%s” is running. Shut it down before you make a disk smaller."),
               valise_machine_get_name (machine));
  return FALSE;
}

static char *
keep (ValiseBundle *bundle, gpointer data, GCancellable *cancellable, GError **error)
{
  const Work *self = data;
  /* Translators: comes after "Before"; %s is a disk's name as "vda". */
  g_autofree char *what = g_strdup_printf (_ ("disk %s was made smaller"), self->target);

  return _valise_precaution_keep (self->machine, bundle, what,
                                  _ ("Going back to it gives the disk its old size again."), self->lose, cancellable,
                                  error);
}

static gboolean
shrink_alone (ValiseMachine *machine, ValiseBundle *bundle, gpointer data, GCancellable *cancellable, GError **error)
{
  Work *self = data;
  g_autofree char *snapshot = NULL;

  if (!check_off (machine, error)
      || !valise_shrink_disk (bundle, self->target, self->bytes, self->lose, keep, self, self->job, &snapshot,
                              cancellable, error))
    return FALSE;
  _valise_precaution_prune (bundle, snapshot, cancellable);
  g_object_set_data_full (G_OBJECT (self->job), SNAPSHOT, g_steal_pointer (&snapshot), g_free);
  return TRUE;
}

static gboolean
shrink (ValiseJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  Work *self = data;

  self->job = job;
  return _valise_machine_work_on_snapshots (self->machine, shrink_alone, self, cancellable, error);
}

ValiseJob *
valise_shrink_job_new (ValiseMachine *machine, const char *target, guint64 bytes, gboolean lose)
{
  g_autofree char *title = NULL;
  Work *self;

  g_return_val_if_fail (VALISE_IS_MACHINE (machine) && target != NULL, NULL);

  title = g_strdup_printf (_ ("Making a disk of “%s” smaller"), valise_machine_get_name (machine));
  self = g_new0 (Work, 1);
  self->machine = g_object_ref (machine);
  self->target = g_strdup (target);
  self->bytes = bytes;
  self->lose = lose;
  return valise_job_new (title, shrink, self, work_free);
}

char *
valise_shrink_job_dup_snapshot (ValiseJob *job)
{
  g_return_val_if_fail (VALISE_IS_JOB (job), NULL);

  return g_strdup (g_object_get_data (G_OBJECT (job), SNAPSHOT));
}
