/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Images of a running machine, merged by QEMU. Only ones that the guest does not write to: whatever is killed on the
 * way, the upper image is still whole, and copying it once more does no harm. */
#include "engine/valise-live-merge-private.h"

#include <glib/gi18n-lib.h>
#include <stdlib.h>
#include <string.h>

#include "bundle/valise-snapshot.h"
#include "engine/valise-engine-error-private.h"
#include "engine/valise-libvirt-private.h"
#include "engine/valise-live-disks-private.h"
#include "engine/valise-machine-private.h"
#include "engine/valise-qemu-jobs-private.h"

#define BEGIN_SECONDS 60
#define ASK_SECONDS 30
#define STOP_SECONDS 120
/* How often libvirt is asked how far it is; it tells by itself when it is done. */
#define LOOK_US (G_USEC_PER_SEC / 4)
#define STOP_US (G_USEC_PER_SEC / 20)

/* Shared by who waits, the calls that may come back late, and libvirt's event. */
typedef struct
{
  char *target, *upper, *lower; /* of libvirt's: "vda", whole paths */
  GMutex mutex;
  GCond cond;
  gboolean has_ended;
  guint64 done, total; /* bytes */
  gboolean is_merged;
  gboolean refused; /* by QEMU, or by libvirt */
  char *what;       /* that is, for messages */
} Merging;

static void
merging_clear (gpointer data)
{
  Merging *self = data;

  g_free (self->target);
  g_free (self->upper);
  g_free (self->lower);
  g_free (self->what);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->cond);
}

static void
merging_unref (gpointer data)
{
  g_atomic_rc_box_release_full (data, merging_clear);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Merging, merging_unref)

/* The disk that has @lower right below @upper. */
static const ValiseLiveDisk *
find_disk (GPtrArray *disks, const char *upper, const char *lower)
{
  for (guint i = 0; i < disks->len; i++)
    {
      const ValiseLiveDisk *disk = disks->pdata[i];

      for (guint j = 1; j < disk->files->len; j++)
        if (g_str_equal (disk->files->pdata[j], lower) && g_str_equal (disk->files->pdata[j - 1], upper))
          return disk;
    }
  return NULL;
}

/* @target: (transfer full) (nullable) */
static Merging *
merging_new (ValiseMachine *machine, char *target)
{
  Merging *self = g_atomic_rc_box_new0 (Merging);

  g_mutex_init (&self->mutex);
  g_cond_init (&self->cond);
  self->target = target;
  self->what = g_strdup_printf (_ ("Merging the disks of “%s”"), valise_machine_get_name (machine));
  return self;
}

static Merging *
merging_new_of (ValiseMachine *machine, GPtrArray *disks, const char *upper, const char *lower)
{
  g_autofree char *above = g_build_filename (machine->path, upper, NULL);
  g_autofree char *below = g_build_filename (machine->path, lower, NULL);
  const ValiseLiveDisk *disk = find_disk (disks, above, below);
  Merging *self = merging_new (machine, disk != NULL ? g_strdup (disk->target) : NULL);

  self->upper = g_steal_pointer (&above);
  self->lower = g_steal_pointer (&below);
  return self;
}

/* --- libvirt's part --- */

static void
on_block_job_cb (virConnectPtr connect, virDomainPtr domain, const char *disk, int type, int status, void *data)
{
  Merging *self = data;

  g_mutex_lock (&self->mutex);
  if (g_strcmp0 (disk, self->target) == 0 && status != VIR_DOMAIN_BLOCK_JOB_READY)
    {
      self->has_ended = TRUE;
      g_cond_broadcast (&self->cond);
    }
  g_mutex_unlock (&self->mutex);
}

/* Returns the number of the event. */
static int
call_listen (virDomainPtr domain, gpointer data)
{
  Merging *self = data;
  int event = virConnectDomainEventRegisterAny (virDomainGetConnect (domain), domain, VIR_DOMAIN_EVENT_ID_BLOCK_JOB_2,
                                                VIR_DOMAIN_EVENT_CALLBACK (on_block_job_cb),
                                                g_atomic_rc_box_acquire (self), merging_unref);

  if (event < 0)
    merging_unref (self);
  return event;
}

static int
call_begin (virDomainPtr domain, gpointer data)
{
  Merging *self = data;

  if (virDomainBlockCommit (domain, self->target, self->lower, self->upper, 0, VIR_DOMAIN_BLOCK_COMMIT_RELATIVE) == 0)
    return 0;
  self->refused = TRUE;
  return -1;
}

static int
call_look (virDomainPtr domain, gpointer data)
{
  Merging *self = data;
  virDomainBlockJobInfo info;
  int running;

  memset (&info, 0, sizeof info);
  running = virDomainGetBlockJobInfo (domain, self->target, &info, 0);
  g_mutex_lock (&self->mutex);
  if (running == 0 || (running == 1 && info.type != VIR_DOMAIN_BLOCK_JOB_TYPE_COMMIT))
    self->has_ended = TRUE;
  self->done = info.cur;
  self->total = info.end;
  g_mutex_unlock (&self->mutex);
  return running < 0 ? -1 : 0;
}

static int
call_check (virDomainPtr domain, gpointer data)
{
  Merging *self = data;
  g_autoptr (GPtrArray) disks = _valise_live_disks_read (domain);
  const ValiseLiveDisk *disk = disks != NULL ? _valise_live_disks_find (disks, self->target) : NULL;

  if (disk == NULL)
    return -1;
  self->is_merged = !g_ptr_array_find_with_equal_func (disk->files, self->upper, g_str_equal, NULL);
  return 0;
}

static int
call (ValiseMachine *machine, ValiseDomainFunc func, Merging *self, guint seconds, GError **error)
{
  return _valise_machine_call (machine, self->what, func, g_atomic_rc_box_acquire (self), merging_unref, seconds, NULL,
                               error);
}

/* --- stopping --- */

/* Not through libvirt: it takes a merge that it was told to stop for one that was stopped, also when QEMU had come to
 * its end before, and then goes on naming an image which QEMU has left out. From QEMU itself it hears what became of
 * it. */
static void
cancel_in_qemu (virDomainPtr domain, const char *target)
{
  /* The name that libvirt gives it is this and the image's. */
  g_autofree char *prefix = g_strdup_printf ("commit-%s-", target);

  _valise_qemu_jobs_cancel (domain, "commit", prefix);
}

/* One that is just ending is not over before libvirt has heard so. */
static gboolean
stop_disk (virDomainPtr domain, const char *target)
{
  virDomainBlockJobInfo info;
  int running = 1;

  for (guint i = 0; running == 1 && i < STOP_SECONDS * G_USEC_PER_SEC / STOP_US; i++)
    {
      if (i > 0)
        g_usleep (STOP_US);
      memset (&info, 0, sizeof info);
      running = virDomainGetBlockJobInfo (domain, target, &info, 0);
      if (running == 1 && info.type != VIR_DOMAIN_BLOCK_JOB_TYPE_COMMIT)
        return TRUE;
      if (running == 1)
        cancel_in_qemu (domain, target);
    }
  return running == 0;
}

static int
call_stop (virDomainPtr domain, gpointer data)
{
  return stop_disk (domain, ((const Merging *) data)->target) ? 0 : -1;
}

static int
call_stop_all (virDomainPtr domain, gpointer data)
{
  g_autoptr (GPtrArray) disks = _valise_live_disks_read (domain);

  for (guint i = 0; disks != NULL && i < disks->len; i++)
    {
      const ValiseLiveDisk *disk = disks->pdata[i];

      if (disk->files->len > 1 && !stop_disk (domain, disk->target))
        return -1;
    }
  return disks != NULL ? 0 : -1;
}

gboolean
_valise_live_merge_stop_all (ValiseMachine *machine, ValiseBundle *bundle, GError **error)
{
  g_autoptr (Merging) self = NULL;

  if (!valise_snapshots_is_merging (valise_bundle_get_path (bundle)))
    return TRUE;
  self = merging_new (machine, NULL);
  return call (machine, call_stop_all, self, STOP_SECONDS + ASK_SECONDS, error) >= 0;
}

/* --- waiting --- */

static gboolean
wait_a_moment (Merging *self)
{
  gboolean ended;

  g_mutex_lock (&self->mutex);
  if (!self->has_ended)
    (void) g_cond_wait_until (&self->cond, &self->mutex, g_get_monotonic_time () + LOOK_US);
  ended = self->has_ended;
  g_mutex_unlock (&self->mutex);
  return ended;
}

static void
tell (Merging *self, ValiseJob *job)
{
  g_mutex_lock (&self->mutex);
  if (self->total > 0)
    {
      valise_job_set_total (job, self->total);
      valise_job_set_done (job, self->done);
    }
  g_mutex_unlock (&self->mutex);
}

/* It is over then, or, where it could not be stopped, was cancelled all the same: whoever comes next stops it. */
static gboolean
stop (ValiseMachine *machine, Merging *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (call (machine, call_stop, self, STOP_SECONDS + ASK_SECONDS, &local) >= 0)
    return TRUE;
  g_debug ("%s: %s", self->upper != NULL ? self->upper : self->target, local->message);
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

static gboolean
wait_for_end (ValiseMachine *machine, Merging *self, ValiseJob *job, GCancellable *cancellable, GError **error)
{
  while (!wait_a_moment (self))
    {
      if (g_cancellable_is_cancelled (cancellable))
        return stop (machine, self, cancellable, error);
      if (call (machine, call_look, self, ASK_SECONDS, error) < 0)
        return FALSE;
      tell (self, job);
    }
  return TRUE;
}

static gboolean
check_merged (ValiseMachine *machine, Merging *self, GCancellable *cancellable, GError **error)
{
  if (call (machine, call_check, self, ASK_SECONDS, error) < 0)
    return FALSE;
  if (self->is_merged)
    return TRUE;
  if (!g_cancellable_set_error_if_cancelled (cancellable, error))
    _valise_engine_error_set (error, VALISE_ENGINE_ERROR_HYPERVISOR, self->what,
                              _ ("QEMU gave up. The machine's log may say why; delete another snapshot to try again"));
  return FALSE;
}

/* Nothing is lost by it: the upper image is whole, and what QEMU does not understand now qemu-img will when nobody has
 * the images open. */
static gboolean
begin (ValiseMachine *machine, Merging *self, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (call (machine, call_begin, self, BEGIN_SECONDS, &local) >= 0)
    return TRUE;
  /* One that has not come back may still be writing to it. */
  if (g_error_matches (local, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_TIMEOUT) || !self->refused
      || !valise_machine_is_live (machine))
    g_propagate_error (error, g_steal_pointer (&local));
  else
    g_set_error (
        error, VALISE_SNAPSHOT_ERROR, VALISE_SNAPSHOT_ERROR_LATER,
        _ ("The snapshot is deleted, but its disks cannot be merged while “%s” runs. Nothing is lost: they are "
           "merged once it is off. (%s)"),
        valise_machine_get_name (machine), local->message);
  return FALSE;
}

gboolean
_valise_live_merge (ValiseMachine *machine,
                    GPtrArray *disks,
                    const char *upper,
                    const char *lower,
                    ValiseJob *job,
                    GCancellable *cancellable,
                    GError **error)
{
  g_autoptr (Merging) self = merging_new_of (machine, disks, upper, lower);
  gboolean done;
  int event;

  if (self->target == NULL)
    {
      _valise_engine_error_set (error, VALISE_ENGINE_ERROR_HYPERVISOR, self->what, _ ("QEMU uses other images by now"));
      return FALSE;
    }
  valise_job_set_stage (job, _ ("Merging disks"));
  event = call (machine, call_listen, self, ASK_SECONDS, error);
  if (event < 0)
    return FALSE;
  done = begin (machine, self, error) && wait_for_end (machine, self, job, cancellable, error)
         && check_merged (machine, self, cancellable, error);
  _valise_host_unlisten (machine->host, event);
  return done;
}

/* --- what a killed program left behind --- */

static gboolean
see_through (ValiseMachine *machine, const char *target, ValiseJob *job, GCancellable *cancellable, GError **error)
{
  g_autoptr (Merging) self = merging_new (machine, g_strdup (target));
  int event = call (machine, call_listen, self, ASK_SECONDS, error);
  gboolean done;

  if (event < 0)
    return FALSE;
  done = call (machine, call_look, self, ASK_SECONDS, error) >= 0
         && wait_for_end (machine, self, job, cancellable, error)
         && !g_cancellable_set_error_if_cancelled (cancellable, error);
  _valise_host_unlisten (machine->host, event);
  return done;
}

gboolean
_valise_live_merge_see_through (ValiseMachine *machine,
                                GPtrArray *disks,
                                ValiseJob *job,
                                GCancellable *cancellable,
                                GError **error)
{
  if (!valise_snapshots_is_merging (machine->path))
    return TRUE;
  valise_job_set_stage (job, _ ("Merging disks"));
  for (guint i = 0; i < disks->len; i++)
    {
      const ValiseLiveDisk *disk = disks->pdata[i];

      if (disk->files->len > 1 && !see_through (machine, disk->target, job, cancellable, error))
        return FALSE;
    }
  return TRUE;
}
