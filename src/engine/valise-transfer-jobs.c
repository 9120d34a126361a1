/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-jobs.h"

#include <glib/gi18n-lib.h>

#include "base/valise-path.h"
#include "bundle/valise-archive.h"
#include "bundle/valise-in-use.h"
#include "bundle/valise-lock.h"
#include "engine/valise-settle-private.h"

typedef struct
{
  char *source;
  char *directory;
  char *name;
} Transfer;

static void
transfer_free (gpointer data)
{
  Transfer *self = data;

  g_free (self->source);
  g_free (self->directory);
  g_free (self->name);
  g_free (self);
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
