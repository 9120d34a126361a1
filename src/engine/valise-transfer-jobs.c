/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-jobs.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "base/valise-path.h"
#include "bundle/valise-archive.h"
#include "bundle/valise-in-use.h"
#include "bundle/valise-lock.h"
#include "engine/valise-settle-private.h"

typedef struct
{
  ValiseMachine *machine; /* export only */
  char *source;
  char *directory;
  char *name;
  char *target;
  gboolean replaces; /* a file at target */
} Transfer;

static void
transfer_free (gpointer data)
{
  Transfer *self = data;

  g_clear_object (&self->machine);
  g_free (self->source);
  g_free (self->directory);
  g_free (self->name);
  g_free (self->target);
  g_free (self);
}

/* "copies/Big.vmbundle" names the copy; "copies" is where a copy under the machine's own name goes. */
static char *
copy_out (Transfer *self, ValiseJob *job, GCancellable *cancellable, GError **error)
{
  g_autofree char *directory = NULL;
  g_autofree char *name = NULL;

  if (!g_str_has_suffix (self->target, VALISE_BUNDLE_SUFFIX))
    return valise_bundle_copy (self->source, self->target, NULL, job, cancellable, error);
  directory = g_path_get_dirname (self->target);
  name = g_path_get_basename (self->target);
  name[strlen (name) - strlen (VALISE_BUNDLE_SUFFIX)] = '\0';
  return valise_bundle_copy (self->source, directory, name, job, cancellable, error);
}

/* Over a file that is there only with one that is whole. */
static char *
archive_out (Transfer *self, ValiseJob *job, GCancellable *cancellable, GError **error)
{
  g_autofree char *aside = g_strconcat (self->target, ".new", NULL);
  int saved;

  if (!self->replaces)
    return valise_archive_write (self->source, self->target, job, cancellable, error) ? g_strdup (self->target) : NULL;
  if (!valise_archive_write (self->source, aside, job, cancellable, error))
    return NULL;
  if (g_rename (aside, self->target) == 0)
    return g_strdup (self->target);
  saved = errno;
  g_unlink (aside);
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved),
               _ ("“%s” cannot be replaced: %s. Choose another name."), self->target, g_strerror (saved));
  return NULL;
}

/* From a medium that cannot be written nothing is held: nobody else can change it either, and taking the machine away
 * from there is what its user has to do. */
static gboolean
lock_source (const char *path, ValiseLock **lock, GError **error)
{
  g_autoptr (GError) local = NULL;

  *lock = valise_lock_take (path, "exporting", &local);
  if (*lock != NULL || g_error_matches (local, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_READ_ONLY))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* A bundle that is only read is left without a trace of us, so its lock is looked at and not taken. */
static gboolean
check_source_is_free (const char *path, GError **error)
{
  g_autofree char *holder = valise_lock_describe_holder (path);

  if (holder == NULL)
    return valise_bundle_check_unused (path, error);
  g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_LOCKED, _ ("“%s” cannot be copied now: %s"), path,
               holder);
  return FALSE;
}

static gboolean
export_machine (ValiseJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  Transfer *self = data;
  g_autoptr (ValiseLock) lock = NULL;
  g_autofree char *made = NULL;

  if (valise_machine_is_live (self->machine))
    {
      g_set_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE,
                   _ ("“%s” is running. Shut it down or suspend it, then export it."),
                   valise_machine_get_name (self->machine));
      return FALSE;
    }
  if (!lock_source (self->source, &lock, error) || !valise_bundle_check_unused (self->source, error))
    return FALSE;

  valise_job_set_stage (job, _ ("Copying"));
  made = g_str_has_suffix (self->target, VALISE_BUNDLE_ARCHIVE_SUFFIX) ? archive_out (self, job, cancellable, error)
                                                                       : copy_out (self, job, cancellable, error);
  valise_job_set_result_path (job, made);
  return made != NULL;
}

static gboolean
import_machine (ValiseJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  Transfer *self = data;
  g_autofree char *path = NULL;
  g_autoptr (ValiseBundle) bundle = NULL;

  valise_job_set_stage (job, _ ("Copying"));
  if (g_file_test (self->source, G_FILE_TEST_IS_DIR) && !check_source_is_free (self->source, error))
    return FALSE;
  if (g_file_test (self->source, G_FILE_TEST_IS_DIR))
    path = valise_bundle_copy (self->source, self->directory, self->name, job, cancellable, error);
  else
    path = valise_archive_read (self->source, self->directory, self->name, job, cancellable, error);
  if (path == NULL)
    return FALSE;

  bundle = valise_bundle_open (path, error);
  if (bundle == NULL || !_valise_settle_foreign (bundle, error))
    {
      _valise_settle_undo (path);
      return FALSE;
    }
  valise_job_set_result_path (job, path);
  return TRUE;
}

static ValiseJob *
new_export (ValiseMachine *machine, const char *target, gboolean replaces)
{
  g_autofree char *title = g_strdup_printf (_ ("Exporting “%s”"), valise_machine_get_name (machine));
  Transfer *self = g_new0 (Transfer, 1);

  self->machine = g_object_ref (machine);
  self->source = g_strdup (valise_machine_get_path (machine));
  self->target = g_strdup (target);
  self->replaces = replaces;
  return valise_job_new (title, export_machine, self, transfer_free);
}

ValiseJob *
valise_export_job_new (ValiseMachine *machine, const char *target)
{
  return new_export (machine, target, FALSE);
}

ValiseJob *
valise_export_job_new_replacing (ValiseMachine *machine, const char *target)
{
  return new_export (machine, target, TRUE);
}

ValiseJob *
valise_import_job_new (ValiseLibrary *library, const char *file, const char *directory, const char *name)
{
  g_autofree char *base = g_path_get_basename (file);
  g_autofree char *shown = valise_text_for_display (base, 80);
  g_autofree char *title = g_strdup_printf (_ ("Bringing in “%s”"), shown);
  Transfer *self = g_new0 (Transfer, 1);

  self->source = g_strdup (file);
  self->directory = g_strdup (directory != NULL ? directory : valise_library_get_directory (library));
  self->name = g_strdup (name);
  return valise_job_new (title, import_machine, self, transfer_free);
}
