/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A running machine as it is at one moment. QEMU copies all disks from one point in time by itself, while the guest goes
 * on; for the tenth of a second in which that begins, the guest stands still, and what is not disks is copied. */
#include "engine/valise-export-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>

#include "bundle/valise-in-use.h"
#include "bundle/valise-travel.h"
#include "engine/valise-engine-error-private.h"
#include "engine/valise-libvirt-private.h"
#include "engine/valise-qemu-jobs-private.h"
#include "engine/valise-staged-disk-private.h"
#include "engine/valise-still-private.h"

#define BEGIN_SECONDS 120
#define ASK_SECONDS 30
/* How long is waited, when all is copied, for one that has frozen late. */
#define LATE_US (30 * G_USEC_PER_SEC)
/* How often libvirt is asked how far it is; it tells by itself when it is done. */
#define LOOK_US (G_USEC_PER_SEC / 10)
/* How often it may not know of the copy, which it has not told the end of. */
#define LOST_MOST 50
/* How often, and how long at most, what QEMU has still open is looked at. */
#define CLOSING_US (G_USEC_PER_SEC / 50)
#define CLOSINGS 500

/* Shared by the job, the call that may come back late, and libvirt's event. */
typedef struct
{
  gatomicrefcount refs;
  ValiseBundle *stage;
  char *path;       /* of the machine's bundle */
  char *live;       /* libvirt's description of it */
  char *xml;        /* what libvirt is to do */
  char *what;       /* that is, for messages */
  const char *name; /* interned */
  GStrv small;
  GStrv left;
  GMutex mutex;
  GCond cond;
  guint64 speed;        /* bytes in a second that QEMU may copy of each disk */
  gboolean is_alone;    /* no agent is there */
  gboolean is_given_up; /* nobody waits for it to begin any more */
  gboolean is_thawing;  /* somebody still tries to */
  gboolean has_begun;
  gboolean has_ended;
  gboolean has_succeeded;
  char *message;
  virDomainPtr domain; /* that is copied, or NULL */
  int mark;            /* of that */
  gboolean is_aborted; /* and no more */
  ValiseMoment moment;
  GError *error; /* of the moment */
} Staging;

static Staging *
staging_ref (Staging *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

static void
staging_unref (void *data)
{
  Staging *self = data;

  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_clear_pointer (&self->stage, valise_bundle_unref);
  if (self->domain != NULL)
    virDomainFree (self->domain);
  g_free (self->path);
  g_free (self->live);
  g_free (self->xml);
  g_free (self->what);
  g_strfreev (self->small);
  g_strfreev (self->left);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->cond);
  g_free (self->message);
  g_clear_error (&self->error);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Staging, staging_unref)

/* --- what there is to copy --- */

static int
call_describe (virDomainPtr domain, gpointer data)
{
  Staging *self = data;
  char *xml = virDomainGetXMLDesc (domain, 0);

  g_mutex_lock (&self->mutex);
  g_free (self->live);
  self->live = g_strdup (xml);
  g_mutex_unlock (&self->mutex);
  free (xml);
  return xml != NULL ? 0 : -1;
}

/* QEMU tells whether anybody in the guest has opened the agent's port. */
static gboolean
has_nobody (ValiseDocument *live)
{
  for (guint i = 1; i <= valise_document_count (live, "devices/channel"); i++)
    {
      g_autofree char *name = valise_document_get_device (live, "channel", i, "target/@name");
      g_autofree char *state = valise_document_get_device (live, "channel", i, "target/@state");

      if (g_strcmp0 (name, "org.qemu.guest_agent.0") == 0)
        return g_strcmp0 (state, "disconnected") == 0;
    }
  return FALSE;
}

/* (element-type ValiseStagedDisk) */
static GPtrArray *
list_disks (Staging *self, ValiseMachine *machine, GError **error)
{
  g_autoptr (ValiseDocument) live = NULL;

  if (_valise_machine_call (machine, _ ("Looking at the running machine"), call_describe, staging_ref (self),
                            staging_unref, ASK_SECONDS, NULL, error)
      < 0)
    return NULL;
  live = valise_document_new (self->live, -1, "domain", error);
  if (live == NULL)
    return NULL;
  self->is_alone = has_nobody (live);
  return _valise_staged_disks_read (live, self->path);
}

/* --- the moment --- */

static void
on_job_ended_cb (virConnectPtr connect, virDomainPtr domain, virTypedParameterPtr params, int n_params, void *data)
{
  Staging *self = data;
  const char *message = NULL;
  int operation = 0, success = 0;

  (void) virTypedParamsGetInt (params, n_params, VIR_DOMAIN_JOB_OPERATION, &operation);
  (void) virTypedParamsGetBoolean (params, n_params, VIR_DOMAIN_JOB_SUCCESS, &success);
  (void) virTypedParamsGetString (params, n_params, VIR_DOMAIN_JOB_ERRMSG, &message);
  g_mutex_lock (&self->mutex);
  if (self->has_begun && operation == VIR_DOMAIN_JOB_OPERATION_BACKUP && !self->has_ended)
    {
      self->has_ended = TRUE;
      self->has_succeeded = success != 0;
      self->message = g_strdup (message);
      g_cond_broadcast (&self->cond);
    }
  g_mutex_unlock (&self->mutex);
}

/* Small files only: the guest waits. */
static gboolean
copy_small (Staging *self)
{
  ValiseTravel travel = { .only = (const char *const *) self->small, .left = (const char *const *) self->left };

  return valise_travel_fill (self->stage, self->path, &travel, NULL, NULL, &self->error);
}

static int
call_hold_back (virDomainPtr domain, gpointer data)
{
  Staging *self = data;
  guint64 speed;

  g_mutex_lock (&self->mutex);
  speed = self->speed;
  g_mutex_unlock (&self->mutex);
  _valise_qemu_jobs_set_speed (domain, "backup", "backup-", speed);
  return 0;
}

static int
begin_copy (Staging *self, virDomainPtr domain)
{
  int begun;

  g_mutex_lock (&self->mutex);
  self->has_begun = TRUE;
  g_mutex_unlock (&self->mutex);
  begun = virDomainBackupBegin (domain, self->xml, NULL, 0);
  /* What libvirt says now is soon lost over what it says about going on. */
  if (begun < 0)
    _valise_engine_error_take (&self->error, self->what);
  else
    (void) call_hold_back (domain, self);
  return begun;
}

static gboolean
is_given_up (Staging *self)
{
  gboolean given_up;

  g_mutex_lock (&self->mutex);
  given_up = self->is_given_up;
  g_mutex_unlock (&self->mutex);
  return given_up;
}

/* The pause binds disks, firmware variables and keys to one moment. One that the user has paused stays so. */
static int
begin_at_rest (Staging *self, virDomainPtr domain)
{
  int state = 0, begun = -1;
  gboolean running = virDomainGetState (domain, &state, NULL, 0) == 0 && state == VIR_DOMAIN_RUNNING;

  if (running && _valise_still_pause (domain) < 0)
    {
      _valise_engine_error_take (&self->error, self->what);
      return -1;
    }
  if (copy_small (self))
    begun = begin_copy (self, domain);
  if (!running || _valise_still_resume (domain) == 0)
    return begun;
  _valise_still_tell_paused (&self->error, self->name, virGetLastErrorMessage ());
  return -1;
}

/* QEMU begins with 64 pieces of each disk at once, as fast as it can. Its main loop, to be told to go slower, and the
 * guest, would have to wait for a processor behind them all: they stood still until all was copied. */
static int
begin_narrow (Staging *self, virDomainPtr domain)
{
  GHashTable *before = _valise_qemu_jobs_narrow (domain);
  int begun = begin_at_rest (self, domain);

  _valise_qemu_jobs_widen (domain, before);
  return begun;
}

static void
on_thawed_cb (gboolean thawed, gpointer data)
{
  Staging *self = data;

  g_mutex_lock (&self->mutex);
  self->is_thawing = FALSE;
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->mutex);
  staging_unref (self);
}

static void
thaw_late (Staging *self, virDomainPtr domain, int mark)
{
  g_mutex_lock (&self->mutex);
  self->is_thawing = TRUE;
  g_mutex_unlock (&self->mutex);
  _valise_still_thaw_late (domain, mark, on_thawed_cb, staging_ref (self));
}

/* Whether the guest can write again, as far as is known. An agent that died when it had frozen may be there again later. */
static gboolean
thaw (Staging *self, virDomainPtr domain, ValiseStill still, int mark)
{
  if (still == VALISE_STILL_LATE)
    thaw_late (self, domain, mark);
  else if (still == VALISE_STILL_FROZEN && _valise_still_thaw (domain, mark) < 0)
    {
      _valise_still_tell_frozen (&self->error, self->name, virGetLastErrorMessage ());
      thaw_late (self, domain, mark);
      return FALSE;
    }
  return TRUE;
}

/* Frozen, paused, begun, and let go again. */
static int
begin_at_moment (Staging *self, virDomainPtr domain)
{
  static const ValiseMoment moments[] = {
    [VALISE_STILL_FREE] = VALISE_MOMENT_CRASH,
    [VALISE_STILL_SILENT] = VALISE_MOMENT_SILENT,
    [VALISE_STILL_LATE] = VALISE_MOMENT_SILENT,
    [VALISE_STILL_FROZEN] = VALISE_MOMENT_FROZEN,
  };
  int mark = -1;
  ValiseStill still = self->is_alone ? VALISE_STILL_FREE : _valise_still_freeze (domain, &mark);
  int begun = -1;

  if (!is_given_up (self))
    begun = begin_narrow (self, domain);
  self->moment = moments[still];
  return thaw (self, domain, still, mark) ? begun : -1;
}

/* From here on it is the job's to end, when it still waits for it. */
static gboolean
hand_over (Staging *self, virDomainPtr domain, int mark)
{
  gboolean wanted;

  g_mutex_lock (&self->mutex);
  wanted = !self->is_given_up;
  if (wanted)
    {
      virDomainRef (domain);
      self->domain = domain;
      self->mark = mark;
    }
  g_mutex_unlock (&self->mutex);
  return wanted;
}

/* 0 when it has begun. */
static int
begin_marked (Staging *self, virDomainPtr domain)
{
  int mark = _valise_still_begin_copy (domain);

  if (begin_at_moment (self, domain) >= 0 && hand_over (self, domain, mark))
    return 0;
  _valise_still_give_up_copy (domain, mark);
  return -1;
}

static int
call_begin (virDomainPtr domain, gpointer data)
{
  Staging *self = data;
  int event =
      virConnectDomainEventRegisterAny (virDomainGetConnect (domain), domain, VIR_DOMAIN_EVENT_ID_JOB_COMPLETED,
                                        VIR_DOMAIN_EVENT_CALLBACK (on_job_ended_cb), staging_ref (self), staging_unref);

  if (event < 0)
    {
      staging_unref (self);
      return -1;
    }
  if (begin_marked (self, domain) == 0)
    return event;
  (void) virConnectDomainEventDeregisterAny (virDomainGetConnect (domain), event);
  return -1;
}

/* --- the copy --- */

typedef struct
{
  gatomicrefcount refs;
  int event;
  guint64 total, done;
} Look;

static void
look_unref (gpointer data)
{
  Look *look = data;

  if (g_atomic_ref_count_dec (&look->refs))
    g_free (look);
}

static int
call_look (virDomainPtr domain, gpointer data)
{
  Look *look = data;
  virDomainJobInfo info;

  memset (&info, 0, sizeof info);
  if (virDomainGetJobInfo (domain, &info) < 0)
    return -1;
  look->total = info.dataTotal;
  look->done = info.dataProcessed;
  return info.type == VIR_DOMAIN_JOB_NONE ? 0 : 1;
}

static int
call_abort (virDomainPtr domain, gpointer data)
{
  return virDomainAbortJob (domain);
}

/* %FALSE when libvirt knows of no copying any more. */
static gboolean
tell_progress (ValiseMachine *machine, ValiseJob *job, guint64 before, guint64 planned)
{
  Look *look = g_new0 (Look, 1);
  int running;

  g_atomic_ref_count_init (&look->refs);
  g_atomic_ref_count_inc (&look->refs);
  running = _valise_machine_call (machine, _ ("Asking how far the copy is"), call_look, look, look_unref, ASK_SECONDS,
                                  NULL, NULL);
  /* Counted from what was planned: QEMU counts what the guest sees. */
  if (running > 0 && look->total > 0 && job != NULL)
    valise_job_set_done (job, before + (guint64) ((double) planned * ((double) look->done / (double) look->total)));
  look_unref (look);
  return running > 0;
}

static ValiseExportPace *
watch_pace (Staging *self, GPtrArray *disks)
{
  ValiseExportPace *pace = _valise_export_pace_new (self->speed);

  for (guint i = 0; i < disks->len; i++)
    {
      g_autofree char *to = valise_bundle_file (self->stage, ((const ValiseStagedDisk *) disks->pdata[i])->stored);

      _valise_export_pace_add (pace, to);
    }
  return pace;
}

/* QEMU has not heard of it: it is told another time. */
static void
forget_speed (Staging *self)
{
  g_mutex_lock (&self->mutex);
  self->speed = 0;
  g_mutex_unlock (&self->mutex);
}

static void
hold_back (Staging *self, ValiseMachine *machine, ValiseExportPace *pace)
{
  guint64 speed = _valise_export_pace_step (pace);
  gboolean changed;

  g_mutex_lock (&self->mutex);
  changed = speed != self->speed;
  self->speed = speed;
  g_mutex_unlock (&self->mutex);
  if (changed
      && _valise_machine_call (machine, self->what, call_hold_back, staging_ref (self), staging_unref, ASK_SECONDS,
                               NULL, NULL)
             < 0)
    forget_speed (self);
}

static gboolean
wait_a_moment (Staging *self, GCancellable *cancellable)
{
  gboolean ended;

  g_mutex_lock (&self->mutex);
  if (!self->has_ended && !g_cancellable_is_cancelled (cancellable))
    (void) g_cond_wait_until (&self->cond, &self->mutex, g_get_monotonic_time () + LOOK_US);
  ended = self->has_ended;
  g_mutex_unlock (&self->mutex);
  return ended;
}

/* The folder that people know: what is being made lies in hidden ones. */
static char *
find_place (Staging *self)
{
  char *place = g_path_get_dirname (valise_bundle_get_path (self->stage));

  while (g_str_has_suffix (place, ".partial"))
    {
      g_autofree char *inner = place;

      place = g_path_get_dirname (inner);
    }
  return place;
}

static void
set_full (Staging *self, GError **error)
{
  g_autofree char *place = find_place (self);

  g_set_error (
      error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_NO_SPACE,
      _ ("There is not enough room in “%s” for a copy of “%s”. The machine runs on; make room or choose another "
         "place, and try again."),
      place, self->name);
}

static gboolean
check_ended (Staging *self, ValiseMachine *machine, GError **error)
{
  const char *name = valise_machine_get_name (machine);

  if (self->has_ended && self->has_succeeded)
    return TRUE;
  if (!valise_machine_is_live (machine))
    g_set_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE,
                 _ ("“%s” was switched off while it was being copied. Export it once more."), name);
  else if (self->message != NULL && strstr (self->message, "No space left") != NULL)
    set_full (self, error);
  else
    _valise_engine_error_set (error, VALISE_ENGINE_ERROR_HYPERVISOR, self->what, self->message);
  return FALSE;
}

/* QEMU tells the end before it has closed what it wrote, and whoever opens that meanwhile takes it for a machine that runs. */
static void
wait_for_closing (Staging *self)
{
  const char *path = valise_bundle_get_path (self->stage);

  for (guint i = 0; i < CLOSINGS && !valise_bundle_check_unused (path, NULL); i++)
    g_usleep (CLOSING_US);
}

static gboolean
check_written (Staging *self, const ValiseExportPace *pace, GError **error)
{
  int failed = _valise_export_pace_get_failed (pace);

  if (failed != 0)
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (failed),
                 _ ("The copy of “%s” did not reach the disk: %s. Choose another place for it."), self->name,
                 g_strerror (failed));
  return failed == 0;
}

/* The end may be told before the last question is answered, and must not be waited for when nobody tells it. */
static gboolean
wait_for_copy (Staging *self,
               ValiseMachine *machine,
               GPtrArray *disks,
               guint64 planned,
               ValiseJob *job,
               GCancellable *cancellable,
               GError **error)
{
  g_autoptr (ValiseExportPace) pace = watch_pace (self, disks);
  guint64 before = job != NULL ? valise_job_get_done (job) : 0;
  guint lost = 0;

  while (!wait_a_moment (self, cancellable) && lost < LOST_MOST && !g_cancellable_is_cancelled (cancellable))
    {
      hold_back (self, machine, pace);
      lost = tell_progress (machine, job, before, planned) ? 0 : lost + 1;
    }
  /* Also who cancels when all is copied already wants nothing of it. */
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    {
      self->is_aborted =
          _valise_machine_call (machine, _ ("Stopping the copy"), call_abort, NULL, NULL, ASK_SECONDS, NULL, NULL) >= 0;
      return FALSE;
    }
  if (job != NULL)
    valise_job_set_done (job, before + planned);
  wait_for_closing (self);
  return check_ended (self, machine, error) && check_written (self, pace, error);
}

static int
call_go_on (virDomainPtr domain, gpointer data)
{
  return _valise_still_go_on (domain);
}

/* The copy is over, or whoever comes next ends it. */
static void
end_copy (Staging *self, ValiseMachine *machine, gboolean copied)
{
  gboolean ended;

  g_mutex_lock (&self->mutex);
  ended = self->has_ended || self->is_aborted;
  g_mutex_unlock (&self->mutex);
  _valise_still_end_copy (self->domain, self->mark, ended);
  if (!copied)
    (void) _valise_machine_call (machine, self->what, call_go_on, NULL, NULL, ASK_SECONDS, NULL, NULL);
}

/* A call that comes back late finds that it is not wanted any more. */
static gboolean
begin (Staging *self, ValiseMachine *machine, int *event, GError **error)
{
  g_autoptr (GError) local = NULL;
  gboolean late, has_begun;

  *event = _valise_machine_call (machine, self->what, call_begin, staging_ref (self), staging_unref, BEGIN_SECONDS,
                                 NULL, &local);
  if (*event >= 0)
    return TRUE;
  late = g_error_matches (local, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_TIMEOUT);
  g_mutex_lock (&self->mutex);
  self->is_given_up = TRUE;
  has_begun = self->domain != NULL;
  g_mutex_unlock (&self->mutex);
  /* Just when it was given up. */
  if (has_begun)
    _valise_still_give_up_copy (self->domain, self->mark);
  if (!late && self->error != NULL)
    g_propagate_error (error, g_steal_pointer (&self->error));
  else
    g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* --- the stage --- */

static char **
list_left (GPtrArray *disks, const char *const *left, const char *const *small)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  g_strv_builder_add (builder, "state");
  if (left != NULL)
    g_strv_builder_addv (builder, (const char **) left);
  for (guint i = 0; i < disks->len; i++)
    g_strv_builder_add (builder, ((const ValiseStagedDisk *) disks->pdata[i])->stored);
  if (small != NULL)
    g_strv_builder_addv (builder, (const char **) small);
  return g_strv_builder_end (builder);
}

/* What a running machine writes beside its disks. */
static char **
list_small (ValiseBundle *bundle)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *variables = valise_document_get (valise_bundle_get_document (bundle), "os/nvram");

  g_strv_builder_add (builder, "nvram");
  g_strv_builder_add (builder, "tpm");
  if (variables != NULL && *variables != '/')
    g_strv_builder_add (builder, variables);
  return g_strv_builder_end (builder);
}

/* What stands still first, as long as it takes. */
static gboolean
copy_rest (Staging *self, GPtrArray *disks, ValiseJob *job, GCancellable *cancellable, GError **error)
{
  g_auto (GStrv) left = list_left (disks, (const char *const *) self->left, (const char *const *) self->small);
  ValiseTravel travel = { .left = (const char *const *) left };

  return valise_travel_fill (self->stage, self->path, &travel, job, cancellable, error);
}

/* Who ends the application after the export would end that, too. */
static void
wait_for_thaw (Staging *self)
{
  gint64 end = g_get_monotonic_time () + LATE_US;

  g_mutex_lock (&self->mutex);
  while (self->is_thawing && g_cond_wait_until (&self->cond, &self->mutex, end))
    ;
  g_mutex_unlock (&self->mutex);
}

static gboolean
fill_stage (Staging *self,
            ValiseMachine *machine,
            ValiseDocument *document,
            ValiseJob *job,
            GCancellable *cancellable,
            GError **error)
{
  g_autoptr (GPtrArray) disks = list_disks (self, machine, error);
  guint64 planned;
  gboolean copied;
  int event;

  if (disks == NULL || !_valise_staged_disks_take_in (disks, document, error)
      || !copy_rest (self, disks, job, cancellable, error))
    return FALSE;
  planned = _valise_staged_disks_count (disks);
  if (job != NULL)
    valise_job_set_total (job, valise_job_get_total (job) + planned);
  if (disks->len == 0)
    return copy_small (self) || (g_propagate_error (error, g_steal_pointer (&self->error)), FALSE);
  self->xml = _valise_staged_disks_describe (disks, self->stage);
  if (!begin (self, machine, &event, error))
    return FALSE;
  copied = wait_for_copy (self, machine, disks, planned, job, cancellable, error);
  end_copy (self, machine, copied);
  wait_for_thaw (self);
  _valise_host_unlisten (machine->host, event);
  return copied;
}

static Staging *
staging_new (ValiseMachine *machine, ValiseBundle *bundle, const char *const *left)
{
  Staging *self = g_new0 (Staging, 1);

  g_atomic_ref_count_init (&self->refs);
  g_mutex_init (&self->mutex);
  g_cond_init (&self->cond);
  self->speed = VALISE_EXPORT_PACE_FIRST;
  self->path = g_strdup (valise_bundle_get_path (bundle));
  self->name = valise_machine_get_name (machine);
  self->what = g_strdup_printf (_ ("Copying “%s” while it runs"), self->name);
  self->left = g_strdupv ((char **) left);
  self->small = list_small (bundle);
  return self;
}

/* The bundle as it was when nobody could change its images any more. */
static ValiseBundle *
stage (ValiseMachine *machine,
       const char *directory,
       const char *name,
       const char *const *left,
       ValiseDocument **document,
       ValiseMoment *moment,
       ValiseJob *job,
       GCancellable *cancellable,
       GError **error)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (valise_machine_get_path (machine), error);
  g_autoptr (Staging) self = bundle != NULL ? staging_new (machine, bundle, left) : NULL;
  g_autoptr (ValiseDocument) copy = NULL;

  if (self == NULL)
    return NULL;
  self->stage = valise_bundle_begin (directory, name, error);
  copy = valise_document_copy (valise_bundle_get_document (bundle));
  if (self->stage == NULL || !fill_stage (self, machine, copy, job, cancellable, error))
    {
      if (self->stage != NULL)
        valise_bundle_abandon (self->stage);
      return NULL;
    }
  *moment = self->moment;
  *document = g_steal_pointer (&copy);
  return valise_bundle_ref (self->stage);
}

ValiseBundle *
_valise_export_stage (ValiseMachine *machine,
                      const char *directory,
                      const char *name,
                      const char *const *left,
                      ValiseDocument **document,
                      ValiseMoment *moment,
                      ValiseJob *job,
                      GCancellable *cancellable,
                      GError **error)
{
  ValiseBundle *made;

  if (!_valise_machine_begin_copy (machine, NULL, error))
    return NULL;
  made = stage (machine, directory, name, left, document, moment, job, cancellable, error);
  _valise_machine_end_copy (machine);
  return made;
}
