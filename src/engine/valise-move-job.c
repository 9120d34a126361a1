/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-move-job.h"

#include <glib/gi18n-lib.h>

#include "bundle/valise-move.h"
#include "engine/valise-engine-error.h"
#include "engine/valise-machine-private.h"
#include "engine/valise-machine-snapshots.h"
#include "engine/valise-suspended-private.h"

#define MEMORY "memory"

typedef struct
{
  ValiseMachine *machine;
  char *directory;
  char *uuid;
  gboolean is_own;  /* its suspended memory was written here */
  GPtrArray *known; /* (element-type utf8): snapshots whose memory was */
} Work;

static void
work_free (gpointer data)
{
  Work *self = data;

  g_object_unref (self->machine);
  g_free (self->directory);
  g_free (self->uuid);
  g_ptr_array_unref (self->known);
  g_free (self);
}

/* --- memory that is this computer's stays so, also as another file --- */

static char *
memory_of (const char *path, const char *id)
{
  return g_build_filename (path, "snapshots", id, MEMORY, NULL);
}

static void
look_at_memory (Work *self, const char *path)
{
  g_autoptr (GPtrArray) snapshots = valise_machine_list_snapshots (self->machine, NULL);

  self->uuid = valise_document_get (valise_machine_get_document (self->machine), "uuid");
  if (self->uuid == NULL)
    return;
  self->is_own = valise_machine_get_state (self->machine) == VALISE_MACHINE_SUSPENDED
                 && _valise_suspended_check_own (path, self->uuid, NULL);
  for (guint i = 0; snapshots != NULL && i < snapshots->len; i++)
    {
      const char *id = ((const ValiseSnapshot *) snapshots->pdata[i])->id;
      g_autofree char *memory = memory_of (path, id);

      if (_valise_suspended_knows_kept (self->uuid, id, memory))
        g_ptr_array_add (self->known, g_strdup (id));
    }
}

/* Memory that is not known any more is asked about, so a failure loses nothing. */
static void
moved_cb (const char *path, gpointer data)
{
  Work *self = data;

  if (self->is_own && !_valise_suspended_adopt (path, self->uuid, NULL))
    g_debug ("%s: the suspended memory will be asked about", path);
  for (guint i = 0; i < self->known->len; i++)
    {
      g_autofree char *memory = memory_of (path, self->known->pdata[i]);

      if (!_valise_suspended_remember_kept (self->uuid, self->known->pdata[i], memory, NULL))
        g_debug ("%s will be asked about", memory);
    }
}

/* --- the job --- */

static gboolean
check_off (ValiseMachine *machine, GError **error)
{
  if (!valise_machine_is_live (machine))
    return TRUE;
  g_set_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE,
               _ ("“%s” is running. Shut it down or suspend it before you move it."),
               valise_machine_get_name (machine));
  return FALSE;
}

static gboolean
move (ValiseJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  Work *self = data;
  const char *path = valise_machine_get_path (self->machine);
  g_autoptr (ValiseLock) lock = NULL;
  g_autofree char *moved = NULL;

  if (!valise_machine_load (self->machine, FALSE, error) || !check_off (self->machine, error))
    return FALSE;
  lock = _valise_machine_lock_still (self->machine, "moving", error);
  if (lock == NULL)
    return FALSE;
  look_at_memory (self, path);
  moved = valise_bundle_move (path, self->directory, moved_cb, self, job, cancellable, error);
  if (moved == NULL)
    return FALSE;
  valise_job_set_result_path (job, moved);
  return TRUE;
}

ValiseJob *
valise_move_job_new (ValiseMachine *machine, const char *directory)
{
  g_autofree char *title = NULL;
  Work *self;

  g_return_val_if_fail (VALISE_IS_MACHINE (machine) && directory != NULL, NULL);
  title = g_strdup_printf (_ ("Moving “%s”"), valise_machine_get_name (machine));
  self = g_new0 (Work, 1);
  self->machine = g_object_ref (machine);
  self->directory = g_strdup (directory);
  self->known = g_ptr_array_new_with_free_func (g_free);
  return valise_job_new (title, move, self, work_free);
}
