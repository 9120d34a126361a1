/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-precaution-private.h"

#include <glib/gi18n-lib.h>
#include <sys/stat.h>

#include "base/valise-path.h"
#include "base/valise-size.h"
#include "bundle/valise-schedule.h"
#include "engine/valise-machine-private.h"
#include "engine/valise-machine-snapshots-private.h"
#include "engine/valise-machine-template.h"

#define KEPT_MOST 3
/* What a disk has on the medium when somebody has begun to install on it. */
#define USED_LEAST VALISE_MIB

/* --- whether --- */

static gboolean
is_used (const char *bundle_path, ValiseDocument *document, guint number)
{
  g_autofree char *file = valise_document_get_device (document, "disk", number, "source/@file");
  g_autofree char *device = valise_document_get_device (document, "disk", number, "@device");
  g_autofree char *path = NULL;
  struct stat status;

  if (file == NULL || !valise_path_is_plain_relative (file) || g_strcmp0 (device, "cdrom") == 0)
    return FALSE;
  path = g_build_filename (bundle_path, file, NULL);
  return lstat (path, &status) == 0 && S_ISREG (status.st_mode) && (guint64) status.st_blocks * 512 >= USED_LEAST;
}

static gboolean
is_any_used (const char *bundle_path, ValiseDocument *document)
{
  guint count = valise_document_count (document, "devices/disk");

  for (guint i = 1; i <= count; i++)
    if (is_used (bundle_path, document, i))
      return TRUE;
  return FALSE;
}

static gboolean
is_wanted (ValiseMachine *self, ValiseBundle *bundle)
{
  ValiseDocument *document = valise_bundle_get_document (bundle);
  ValiseMachineState state = valise_machine_get_state (self);

  return valise_precautions_read (document) && (state == VALISE_MACHINE_OFF || state == VALISE_MACHINE_SUSPENDED)
         && _valise_machine_check_no_template (self, document, NULL)
         && is_any_used (valise_bundle_get_path (bundle), document);
}

/* --- not too many --- */

static const ValiseSnapshot *
find_oldest (GPtrArray *snapshots, const char *kept, guint *count)
{
  const ValiseSnapshot *oldest = NULL;

  *count = 0;
  for (guint i = 0; i < snapshots->len; i++)
    {
      const ValiseSnapshot *snapshot = snapshots->pdata[i];

      if (!snapshot->precaution)
        continue;
      ++*count;
      if (g_strcmp0 (snapshot->id, kept) != 0 && (oldest == NULL || snapshot->time < oldest->time))
        oldest = snapshot;
    }
  return oldest;
}

gboolean
_valise_precaution_prune (ValiseBundle *bundle, const char *kept, GCancellable *cancellable)
{
  g_autoptr (GPtrArray) snapshots = valise_snapshots_list (bundle, NULL);
  g_autoptr (GError) error = NULL;
  const ValiseSnapshot *oldest;
  guint count;

  oldest = snapshots != NULL ? find_oldest (snapshots, kept, &count) : NULL;
  if (oldest == NULL || count <= KEPT_MOST)
    return FALSE;
  if (!valise_snapshot_delete (bundle, oldest->id, NULL, cancellable, &error))
    g_debug ("%s: %s", oldest->id, error->message);
  return TRUE;
}

/* --- telling --- */

static void
tell_taken (GPtrArray *findings, const char *name)
{
  g_autofree char *text = g_strdup_printf (_ ("A snapshot was taken before, “%s”."), name);

  g_ptr_array_add (findings, valise_finding_new (VALISE_SEVERITY_INFO, "precaution-taken", NULL, text,
                                                 _ ("If the system does not start any more, go back to it.")));
}

static void
tell_failed (GPtrArray *findings, const GError *error)
{
  g_autofree char *text = g_strdup_printf (_ ("No snapshot could be taken before: %s"), error->message);

  g_ptr_array_add (findings, valise_finding_new (VALISE_SEVERITY_WARNING, "precaution-failed", NULL, text,
                                                 _ ("If the system does not start any more, undo what was changed.")));
}

/* --- taking one --- */

static char *
make_name (const char *what)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *when = g_date_time_format (now, "%F %R");

  /* Translators: name of a snapshot that was taken by itself: what came after it, then date and time. */
  return g_strdup_printf (_ ("Before %s, %s"), what, when);
}

char *
_valise_precaution_keep (ValiseMachine *self,
                         ValiseBundle *bundle,
                         const char *what,
                         const char *note,
                         gboolean stays,
                         GCancellable *cancellable,
                         GError **error)
{
  g_autofree char *name = make_name (what);

  return _valise_machine_take_precaution (self, bundle, name, note, stays, cancellable, error);
}

gboolean
_valise_precaution_take (ValiseMachine *self,
                         ValiseBundle *bundle,
                         const char *what,
                         char **id,
                         GPtrArray *findings,
                         GCancellable *cancellable,
                         GError **error)
{
  g_autofree char *name = make_name (what);
  g_autoptr (GError) local = NULL;

  *id = NULL;
  if (!is_wanted (self, bundle))
    return TRUE;
  *id = _valise_machine_take_precaution (self, bundle, name, NULL, FALSE, cancellable, &local);
  if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (*id == NULL)
    tell_failed (findings, local);
  else
    tell_taken (findings, name);
  return TRUE;
}

void
_valise_precaution_undo (ValiseBundle *bundle, const char *id)
{
  g_autoptr (GError) error = NULL;

  if (!valise_snapshot_delete (bundle, id, NULL, NULL, &error))
    g_debug ("%s: %s", id, error->message);
}
