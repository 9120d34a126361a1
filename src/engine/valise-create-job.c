/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-jobs.h"

#include <glib/gi18n-lib.h>

#include "bundle/valise-bring.h"
#include "bundle/valise-new-disks.h"
#include "engine/valise-settle-private.h"

typedef struct
{
  char *directory;
  char *name;
  ValiseDocument *document;
  GHashTable *files; /* to be brought in, or NULL */
} Creation;

static void
creation_free (gpointer data)
{
  Creation *self = data;

  g_free (self->directory);
  g_free (self->name);
  valise_document_unref (self->document);
  g_clear_pointer (&self->files, g_hash_table_unref);
  g_free (self);
}

static gboolean
bring_files (ValiseBundle *bundle, GHashTable *files, ValiseJob *job, GCancellable *cancellable, GError **error)
{
  if (files == NULL)
    return TRUE;
  valise_job_set_stage (job, _ ("Copying"));
  return valise_bring_files (valise_bundle_get_path (bundle), files, job, cancellable, error);
}

static gboolean
fill (ValiseBundle *bundle, Creation *self, ValiseJob *job, GCancellable *cancellable, GError **error)
{
  ValiseDocument *document = self->document;
  g_autoptr (GPtrArray) made = NULL;

  if (!bring_files (bundle, self->files, job, cancellable, error))
    return FALSE;
  valise_job_set_stage (job, _ ("Making the disks"));
  return valise_new_disks_make (document, valise_bundle_get_path (bundle), &made, cancellable, error)
         && !g_cancellable_set_error_if_cancelled (cancellable, error);
}

static gboolean
create (ValiseJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  Creation *self = data;
  g_autoptr (ValiseBundle) bundle = valise_bundle_begin (self->directory, self->name, error);

  if (bundle == NULL)
    return FALSE;
  if (!valise_document_set (self->document, "metadata/valise:machine/@name", self->name, error)
      || !fill (bundle, self, job, cancellable, error) || !_valise_settle_commit (bundle, self->document, job, error))
    {
      valise_bundle_abandon (bundle);
      return FALSE;
    }
  valise_job_set_result_path (job, valise_bundle_get_path (bundle));
  return TRUE;
}

ValiseJob *
valise_create_job_new (ValiseLibrary *library,
                       const char *directory,
                       const char *name,
                       ValiseDocument *document,
                       GHashTable *files)
{
  g_autofree char *title = g_strdup_printf (_ ("Creating “%s”"), name);
  Creation *self = g_new0 (Creation, 1);

  self->directory = g_strdup (directory != NULL ? directory : valise_library_get_directory (library));
  self->name = g_strdup (name);
  self->document = valise_document_copy (document);
  self->files = files != NULL ? g_hash_table_ref (files) : NULL;
  return valise_job_new (title, create, self, creation_free);
}
