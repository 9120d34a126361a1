/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deleting snapshots of a machine, and merging what they leave: while it runs in QEMU, beside whatever else is done with it,
 * which it gives way to. */
#include "engine/valise-machine-snapshots.h"

#include <glib/gi18n-lib.h>

#include "engine/valise-engine-error-private.h"
#include "engine/valise-keeper-private.h"
#include "engine/valise-live-disks-private.h"
#include "engine/valise-live-merge-private.h"
#include "engine/valise-machine-private.h"
#include "engine/valise-machine-snapshots-private.h"

#define WAITS_MOST 8

typedef struct
{
  ValiseMachine *machine;
  const char *id; /* NULL: only what was interrupted */
  ValiseJob *job;
  GPtrArray *disks;  /* as they are in QEMU now */
  gboolean gave_way; /* to somebody who came meanwhile */
  gboolean is_again; /* after that */
  guint waits;       /* for somebody to let go of the bundle */
} Delete;

static gboolean
is_open (const char *file, gpointer user_data)
{
  const Delete *deleting = user_data;
  g_autofree char *whole = g_build_filename (deleting->machine->path, file, NULL);

  for (guint i = 0; i < deleting->disks->len; i++)
    {
      const ValiseLiveDisk *disk = deleting->disks->pdata[i];

      if (g_ptr_array_find_with_equal_func (disk->files, whole, g_str_equal, NULL))
        return TRUE;
    }
  return FALSE;
}

static gboolean
read_anew (Delete *self, GError **error)
{
  GPtrArray *disks = _valise_machine_read_live_disks (self->machine, error);

  if (disks == NULL)
    return FALSE;
  g_clear_pointer (&self->disks, g_ptr_array_unref);
  self->disks = disks;
  return TRUE;
}

static gboolean
merge (const char *upper, const char *lower, gpointer user_data, GCancellable *cancellable, GError **error)
{
  Delete *deleting = user_data;

  return _valise_live_merge (deleting->machine, deleting->disks, upper, lower, deleting->job, cancellable, error)
         && read_anew (deleting, error);
}

static gboolean
go_over (ValiseSnapshotTaking *taking, gpointer user_data, GError **error)
{
  Delete *deleting = user_data;
  g_autofree char *what =
      g_strdup_printf (_ ("Merging the disks of “%s”"), valise_machine_get_name (deleting->machine));

  return _valise_machine_switch_images (deleting->machine, taking, what, NULL, error) && read_anew (deleting, error);
}

static void
on_cancelled_cb (GCancellable *cancellable, GCancellable *own)
{
  g_cancellable_cancel (own);
}

static gboolean
merge_all (ValiseMachine *self, ValiseBundle *bundle, gpointer data, GCancellable *cancellable, GError **error)
{
  Delete *deleting = data;
  gboolean runs = valise_machine_is_live (self);
  const ValiseSnapshotLive live = { runs ? is_open : NULL, merge, go_over, deleting, deleting->job };
  g_autoptr (GError) local = NULL;

  if (runs
      && (!read_anew (deleting, error)
          || !_valise_live_merge_see_through (self, deleting->disks, deleting->job, cancellable, error)
          || !read_anew (deleting, error)))
    return FALSE;
  if (deleting->id == NULL)
    return valise_snapshots_tidy (bundle, &live, cancellable, error);
  if (valise_snapshot_delete (bundle, deleting->id, &live, cancellable, &local))
    return TRUE;
  if (deleting->is_again && g_error_matches (local, VALISE_SNAPSHOT_ERROR, VALISE_SNAPSHOT_ERROR_NOT_FOUND))
    return valise_snapshots_tidy (bundle, &live, cancellable, error);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
work_delete (ValiseMachine *self, ValiseBundle *bundle, gpointer data, GCancellable *cancellable, GError **error)
{
  Delete *deleting = data;
  g_autoptr (GCancellable) own = g_cancellable_new ();
  gulong handler =
      cancellable != NULL ? g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled_cb), own, NULL) : 0;
  gboolean done;

  _valise_machine_set_merging (self, own);
  done = merge_all (self, bundle, deleting, own, error);
  _valise_machine_set_merging (self, NULL);
  if (cancellable != NULL)
    g_cancellable_disconnect (cancellable, handler);
  deleting->gave_way = !done && g_cancellable_is_cancelled (own) && !g_cancellable_is_cancelled (cancellable);
  return done;
}

/* --- giving way --- */

static gboolean
delete_in_turn (Delete *self, GCancellable *cancellable, GError **error)
{
  gboolean done;

  self->gave_way = FALSE;
  if (!_valise_machine_wait_turn (self->machine, self->job, cancellable, error))
    return FALSE;
  done = _valise_machine_work_on_merges (self->machine, work_delete, self, cancellable, error);
  _valise_turn_end (self->machine);
  g_clear_pointer (&self->disks, g_ptr_array_unref);
  return done;
}

/* Who came meanwhile may hold the bundle for longer than his turn. */
static gboolean
is_in_way (const GError *error)
{
  return g_error_matches (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_LOCKED)
         || g_error_matches (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_BUSY);
}

static gboolean
may_go_on (Delete *self, GCancellable *cancellable, const GError *failure)
{
  if (self->gave_way)
    return TRUE;
  return self->is_again && is_in_way (failure) && self->waits++ < WAITS_MOST
         && _valise_machine_wait_let_go (self->machine, self->job, cancellable);
}

/* For the user it is deleted; the next delete, or its going off, merges the rest. */
static gboolean
is_left_for_later (const Delete *self, const GError *failure)
{
  g_autoptr (GPtrArray) snapshots = NULL;

  if (!self->is_again || self->id == NULL || !is_in_way (failure))
    return FALSE;
  snapshots = valise_machine_list_snapshots (self->machine, NULL);
  for (guint i = 0; snapshots != NULL && i < snapshots->len; i++)
    if (g_str_equal (((const ValiseSnapshot *) snapshots->pdata[i])->id, self->id))
      return FALSE;
  return snapshots != NULL;
}

static gboolean
delete_one (ValiseMachine *self, const char *id, ValiseJob *job, GCancellable *cancellable, GError **error)
{
  Delete deleting = { .machine = self, .id = id, .job = job };
  g_autoptr (GError) local = NULL;
  gboolean done = delete_in_turn (&deleting, cancellable, &local);

  while (!done && may_go_on (&deleting, cancellable, local))
    {
      g_clear_error (&local);
      deleting.is_again = TRUE;
      done = delete_in_turn (&deleting, cancellable, &local);
    }
  if (done || is_left_for_later (&deleting, local))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* --- public --- */

gboolean
valise_machine_delete_snapshot (ValiseMachine *self, const char *id, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (VALISE_IS_MACHINE (self) && id != NULL, FALSE);
  return delete_one (self, id, NULL, cancellable, error);
}

gboolean
valise_machine_delete_snapshot_in (ValiseMachine *self,
                                   const char *id,
                                   ValiseJob *job,
                                   GCancellable *cancellable,
                                   GError **error)
{
  g_return_val_if_fail (VALISE_IS_MACHINE (self) && id != NULL, FALSE);
  return delete_one (self, id, job, cancellable, error);
}

/* What has just gone off is only known to be once whoever saw to that is done. */
static gboolean
has_merging_left (ValiseMachine *self)
{
  if (!_valise_machine_wait_turn (self, NULL, NULL, NULL))
    return FALSE;
  _valise_turn_end (self);
  _valise_machine_catch_up (self);
  return valise_snapshots_is_merging (self->path)
         || (valise_machine_get_state (self) == VALISE_MACHINE_OFF && valise_snapshots_has_left (self->path));
}

static gpointer
run_resume (gpointer data)
{
  g_autoptr (ValiseMachine) self = data;
  g_autoptr (GError) error = NULL;

  if (has_merging_left (self) && !delete_one (self, NULL, NULL, NULL, &error))
    g_debug ("%s: %s", self->path, error->message);
  return NULL;
}

/* In a thread, because the domain may still be on its way back to the driver, and because it reads. */
void
_valise_machine_resume_merges (ValiseMachine *self)
{
  if (_valise_keeper_is_there ())
    g_thread_unref (g_thread_new ("merge-snapshots", run_resume, g_object_ref (self)));
}
