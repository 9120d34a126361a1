/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Images of a running machine, merged by QEMU. Only ones that the guest does not write to: whatever is killed on the
 * way, the upper image is still whole, and copying it once more does no harm. */
#include "engine/valise-live-merge-private.h"

#include <glib/gi18n-lib.h>
#include <libvirt/virterror.h>
#include <string.h>

#include "bundle/valise-snapshot.h"
#include "engine/valise-engine-error-private.h"
#include "engine/valise-live-disks-private.h"
#include "engine/valise-machine-private.h"

#define BEGIN_SECONDS 60
#define ASK_SECONDS 30
#define STOP_SECONDS 120
/* How often libvirt is asked how far it is; it tells by itself when it is done. */
#define LOOK_US (G_USEC_PER_SEC / 4)

/* Shared by who waits, the calls that may come back late, and libvirt's event. */
typedef struct
{
  char *target, *upper, *lower; /* of libvirt's: "vda", whole paths */
  GMutex mutex;
  GCond cond;
  gboolean has_ended;
  guint64 done, total; /* bytes */
  gboolean is_merged;
  char *what;    /* that is, for messages */
  GError *error; /* of the beginning */
} Merging;

static void
merging_clear (gpointer data)
{
  Merging *self = data;

  g_free (self->target);
  g_free (self->upper);
  g_free (self->lower);
  g_free (self->what);
  g_clear_error (&self->error);
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

static Merging *
merging_new (ValiseMachine *machine, GPtrArray *disks, const char *upper, const char *lower)
{
  Merging *self = g_atomic_rc_box_new0 (Merging);
  const ValiseLiveDisk *disk;

  g_mutex_init (&self->mutex);
  g_cond_init (&self->cond);
  self->upper = g_build_filename (machine->path, upper, NULL);
  self->lower = g_build_filename (machine->path, lower, NULL);
  disk = find_disk (disks, self->upper, self->lower);
  self->target = disk != NULL ? g_strdup (disk->target) : NULL;
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
call_begin (virDomainPtr domain, gpointer data)
{
  Merging *self = data;
  int event = virConnectDomainEventRegisterAny (virDomainGetConnect (domain), domain, VIR_DOMAIN_EVENT_ID_BLOCK_JOB_2,
                                                VIR_DOMAIN_EVENT_CALLBACK (on_block_job_cb),
                                                g_atomic_rc_box_acquire (self), merging_unref);

  if (event < 0)
    {
      merging_unref (self);
      return -1;
    }
  if (virDomainBlockCommit (domain, self->target, self->lower, self->upper, 0, VIR_DOMAIN_BLOCK_COMMIT_RELATIVE) == 0)
    return event;
  /* What libvirt says now is soon lost over what it says about the next call. */
  _valise_engine_error_take (&self->error, self->what);
  (void) virConnectDomainEventDeregisterAny (virDomainGetConnect (domain), event);
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
  if (running == 0)
    self->has_ended = TRUE;
  self->done = info.cur;
  self->total = info.end;
  g_mutex_unlock (&self->mutex);
  return running < 0 ? -1 : 0;
}

static int
call_stop (virDomainPtr domain, gpointer data)
{
  const Merging *self = data;

  return virDomainBlockJobAbort (domain, self->target, 0);
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
call (ValiseMachine *machine, const char *what, ValiseDomainFunc func, Merging *self, guint seconds, GError **error)
{
  return _valise_machine_call (machine, what, func, g_atomic_rc_box_acquire (self), merging_unref, seconds, NULL,
                               error);
}

static int
begin (ValiseMachine *machine, Merging *self, GError **error)
{
  g_autoptr (GError) local = NULL;
  int event = call (machine, self->what, call_begin, self, BEGIN_SECONDS, &local);

  if (event >= 0)
    return event;
  /* One that has not come back may still be writing to it. */
  if (g_error_matches (local, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_TIMEOUT) || self->error == NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else
    g_propagate_error (error, g_steal_pointer (&self->error));
  return -1;
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

static gboolean
wait_for_end (ValiseMachine *machine,
              Merging *self,
              const char *what,
              ValiseJob *job,
              GCancellable *cancellable,
              GError **error)
{
  while (!wait_a_moment (self))
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        {
          (void) call (machine, what, call_stop, self, STOP_SECONDS, NULL);
          return FALSE;
        }
      if (call (machine, what, call_look, self, ASK_SECONDS, error) < 0)
        return FALSE;
      tell (self, job);
    }
  return TRUE;
}

static gboolean
check_merged (ValiseMachine *machine, Merging *self, const char *what, GError **error)
{
  if (call (machine, what, call_check, self, ASK_SECONDS, error) < 0)
    return FALSE;
  if (self->is_merged)
    return TRUE;
  _valise_engine_error_set (error, VALISE_ENGINE_ERROR_HYPERVISOR, what,
                            _ ("QEMU gave up. The machine's log may say why; delete another snapshot to try again"));
  return FALSE;
}

/* Of the connection, which knows it longer than the machine. */
static void
unlisten (ValiseMachine *machine, int event)
{
  virConnectPtr connect = _valise_host_dup_connect (machine->host, NULL);

  if (connect == NULL)
    return;
  (void) virConnectDomainEventDeregisterAny (connect, event);
  virConnectClose (connect);
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
  g_autoptr (Merging) self = merging_new (machine, disks, upper, lower);
  g_autofree char *what = g_strdup_printf (_ ("Merging the disks of “%s”"), valise_machine_get_name (machine));
  gboolean done;
  int event;

  if (self->target == NULL)
    {
      _valise_engine_error_set (error, VALISE_ENGINE_ERROR_HYPERVISOR, what, _ ("QEMU uses other images by now"));
      return FALSE;
    }
  valise_job_set_stage (job, _ ("Merging disks"));
  self->what = g_strdup (what);
  event = begin (machine, self, error);
  if (event < 0)
    return FALSE;
  done = wait_for_end (machine, self, what, job, cancellable, error) && check_merged (machine, self, what, error);
  unlisten (machine, event);
  return done;
}

/* --- what a killed program left behind --- */

/* One that is just ending cannot be stopped, and is not over before libvirt has heard so. */
static gboolean
stop_disk (virDomainPtr domain, const char *target)
{
  virDomainBlockJobInfo info;
  int running = 1;

  for (guint i = 0; running == 1 && i < STOP_SECONDS * G_USEC_PER_SEC / LOOK_US; i++)
    {
      if (i > 0)
        g_usleep (LOOK_US);
      memset (&info, 0, sizeof info);
      running = virDomainGetBlockJobInfo (domain, target, &info, 0);
      if (running == 1 && info.type != VIR_DOMAIN_BLOCK_JOB_TYPE_COMMIT)
        return TRUE;
      if (running == 1 && virDomainBlockJobAbort (domain, target, 0) < 0)
        g_debug ("%s: %s", target, virGetLastErrorMessage ());
    }
  return running == 0;
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
  g_autofree char *what = NULL;

  if (!valise_snapshots_is_merging (valise_bundle_get_path (bundle)))
    return TRUE;
  what = g_strdup_printf (_ ("Merging the disks of “%s”"), valise_machine_get_name (machine));
  return _valise_machine_call (machine, what, call_stop_all, NULL, NULL, STOP_SECONDS + ASK_SECONDS, NULL, error) >= 0;
}
