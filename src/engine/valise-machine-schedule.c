/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-machine-schedule.h"

#include <glib/gi18n-lib.h>
#include <sys/stat.h>

#include "engine/valise-keeper.h"
#include "engine/valise-machine-private.h"
#include "engine/valise-machine-snapshots-private.h"

#define AGAIN_AFTER (10 * G_TIME_SPAN_MINUTE)

gboolean
valise_machine_get_schedule (ValiseMachine *self, ValiseSchedule *schedule, GError **error)
{
  g_autoptr (ValiseBundle) bundle = NULL;

  g_return_val_if_fail (VALISE_IS_MACHINE (self) && schedule != NULL, FALSE);
  bundle = valise_bundle_open (self->path, error);
  if (bundle == NULL)
    return FALSE;
  *schedule = valise_schedule_read (valise_bundle_get_document (bundle));
  return TRUE;
}

static gboolean
work_set (ValiseMachine *self, ValiseBundle *bundle, gpointer data, GCancellable *cancellable, GError **error)
{
  g_autoptr (ValiseDocument) document = valise_document_copy (valise_bundle_get_document (bundle));

  return valise_schedule_write (document, data, error) && valise_bundle_save (bundle, document, error);
}

gboolean
valise_machine_set_schedule (ValiseMachine *self, const ValiseSchedule *schedule, GError **error)
{
  g_return_val_if_fail (VALISE_IS_MACHINE (self) && schedule != NULL, FALSE);
  if (!_valise_machine_work_on_snapshots (self, work_set, (gpointer) schedule, NULL, error))
    return FALSE;
  valise_keeper_wake ();
  return TRUE;
}

/* --- before something risky --- */

gboolean
valise_machine_get_precautions (ValiseMachine *self, gboolean *wanted, GError **error)
{
  g_autoptr (ValiseBundle) bundle = NULL;

  g_return_val_if_fail (VALISE_IS_MACHINE (self) && wanted != NULL, FALSE);
  bundle = valise_bundle_open (self->path, error);
  if (bundle == NULL)
    return FALSE;
  *wanted = valise_precautions_read (valise_bundle_get_document (bundle));
  return TRUE;
}

static gboolean
work_set_precautions (ValiseMachine *self,
                      ValiseBundle *bundle,
                      gpointer data,
                      GCancellable *cancellable,
                      GError **error)
{
  g_autoptr (ValiseDocument) document = valise_document_copy (valise_bundle_get_document (bundle));

  return valise_precautions_write (document, GPOINTER_TO_INT (data), error)
         && valise_bundle_save (bundle, document, error);
}

gboolean
valise_machine_set_precautions (ValiseMachine *self, gboolean wanted, GError **error)
{
  g_return_val_if_fail (VALISE_IS_MACHINE (self), FALSE);
  return _valise_machine_work_on_snapshots (self, work_set_precautions, GINT_TO_POINTER (wanted), NULL, error);
}

/* --- following it --- */

static char *
make_name (ValiseEvery every)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *when = g_date_time_format (now, "%F %R");

  switch (every)
    {
    case VALISE_EVERY_HOUR:
      /* Translators: name of a snapshot; %s is date and time. */
      return g_strdup_printf (_ ("Hourly, %s"), when);
    case VALISE_EVERY_WEEK:
      /* Translators: name of a snapshot; %s is date and time. */
      return g_strdup_printf (_ ("Weekly, %s"), when);
    case VALISE_EVERY_OFF:
    case VALISE_EVERY_DAY:
    default:
      /* Translators: name of a snapshot; %s is date and time. */
      return g_strdup_printf (_ ("Daily, %s"), when);
    }
}

static const ValiseSnapshot *
find_last (GPtrArray *snapshots)
{
  const ValiseSnapshot *last = NULL;

  for (guint i = 0; i < snapshots->len; i++)
    {
      const ValiseSnapshot *snapshot = snapshots->pdata[i];

      if (snapshot->scheduled && (last == NULL || snapshot->time > last->time))
        last = snapshot;
    }
  return last;
}

static gint64
changed_at (const char *path)
{
  struct stat status;

  return stat (path, &status) == 0 ? status.st_mtim.tv_sec * G_USEC_PER_SEC + status.st_mtim.tv_nsec / 1000 : 0;
}

/* Whether something was written since to what it writes to now: such a snapshot would push out one that says more. */
static gboolean
was_used (ValiseMachine *self, ValiseBundle *bundle, const ValiseSnapshot *last)
{
  ValiseDocument *document = valise_bundle_get_document (bundle);
  guint count = valise_document_count (document, "devices/disk");
  g_autofree char *record = NULL;

  if (last == NULL || !last->is_current || valise_machine_is_live (self))
    return TRUE;
  record = valise_snapshot_file (bundle, last->id, "snapshot.xml");
  for (guint i = 1; i <= count; i++)
    {
      g_autofree char *file = valise_document_get_device (document, "disk", i, "source/@file");
      g_autofree char *device = valise_document_get_device (document, "disk", i, "@device");
      g_autofree char *path = file != NULL ? valise_bundle_source_path (self->path, file) : NULL;

      if (path != NULL && g_strcmp0 (device, "cdrom") != 0 && changed_at (path) > changed_at (record))
        return TRUE;
    }
  return FALSE;
}

static gboolean
prune (ValiseMachine *self, const ValiseSchedule *schedule, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) snapshots = valise_machine_list_snapshots (self, error);
  g_autoptr (GPtrArray) ids = snapshots != NULL ? valise_schedule_list_surplus (schedule, snapshots) : NULL;

  for (guint i = 0; ids != NULL && i < ids->len; i++)
    if (!valise_machine_delete_snapshot (self, ids->pdata[i], cancellable, error))
      return FALSE;
  return ids != NULL;
}

static gboolean
take (ValiseMachine *self, const ValiseSchedule *schedule, GCancellable *cancellable, GError **error)
{
  g_autofree char *name = make_name (schedule->every);
  g_autofree char *id = _valise_machine_take_scheduled (self, name, cancellable, error);

  return id != NULL && prune (self, schedule, cancellable, error);
}

gboolean
valise_machine_follow_schedule (ValiseMachine *self, gint64 *next, GCancellable *cancellable, GError **error)
{
  gint64 now = g_get_real_time ();
  g_autoptr (ValiseBundle) bundle = NULL;
  g_autoptr (GPtrArray) snapshots = NULL;
  ValiseSchedule schedule;

  g_return_val_if_fail (VALISE_IS_MACHINE (self) && next != NULL, FALSE);

  *next = now + AGAIN_AFTER;
  bundle = valise_bundle_open (self->path, error);
  snapshots = bundle != NULL ? valise_snapshots_list (bundle, error) : NULL;
  if (snapshots == NULL)
    return FALSE;
  schedule = valise_schedule_read (valise_bundle_get_document (bundle));
  *next = valise_schedule_get_due (&schedule, snapshots, now);
  if (*next > now)
    return TRUE;
  if (was_used (self, bundle, find_last (snapshots)) && !take (self, &schedule, cancellable, error))
    {
      *next = now + AGAIN_AFTER;
      return FALSE;
    }
  *next = now + valise_every_to_span (schedule.every);
  return TRUE;
}
