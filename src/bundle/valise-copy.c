/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-archive.h"

#include "base/valise-path.h"
#include "bundle/valise-bundle-private.h"
#include "bundle/valise-copier.h"
#include "bundle/valise-medium.h"
#include "bundle/valise-tree.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  const char *from_path;
  const char *to_path;
  int from, to; /* the two directories */
  ValiseCopier copier;
} Copy;

static gboolean
copy_file (Copy *self, const ValiseTreeEntry *entry, GError **error)
{
  int from = valise_path_open_beneath (self->from, entry->path, O_RDONLY | O_NONBLOCK, 0, error);
  int to = from >= 0 ? valise_path_open_beneath (self->to, entry->path, O_RDWR | O_CREAT | O_EXCL, 0600, error) : -1;
  gboolean copied =
      to >= 0 && _valise_copier_copy (&self->copier, from, to, entry->path, entry->size, entry->data, error);

  if (from >= 0)
    close (from);
  if (to >= 0 && close (to) != 0 && copied)
    {
      _valise_medium_set_error (error, errno, self->to_path, 0);
      copied = FALSE;
    }
  return copied;
}

static gboolean
copy_folder (Copy *self, const ValiseTreeEntry *entry, GError **error)
{
  g_autofree char *path = g_build_filename (self->to_path, entry->path, NULL);

  if (mkdir (path, 0700) == 0 || errno == EEXIST)
    return TRUE;
  _valise_medium_set_error (error, errno, path, 0);
  return FALSE;
}

static gboolean
copy_entries (Copy *self, GPtrArray *entries, GError **error)
{
  for (guint i = 0; i < entries->len; i++)
    {
      const ValiseTreeEntry *entry = entries->pdata[i];

      if (g_cancellable_set_error_if_cancelled (self->copier.cancellable, error))
        return FALSE;
      /* config.xml is written by the commit, last of all. */
      if (g_str_equal (entry->path, VALISE_BUNDLE_CONFIG))
        continue;
      if (entry->is_folder ? !copy_folder (self, entry, error) : !copy_file (self, entry, error))
        {
          _valise_medium_translate (error, self->to_path, self->copier.left);
          return FALSE;
        }
    }
  return TRUE;
}

gboolean
valise_travel_fill (ValiseBundle *copy,
                    const char *from_path,
                    const ValiseTravel *travel,
                    ValiseJob *job,
                    GCancellable *cancellable,
                    GError **error)
{
  g_autoptr (GPtrArray) entries = _valise_tree_list (from_path, travel, error);
  Copy self = { .from_path = from_path,
                .to_path = valise_bundle_get_path (copy),
                .copier = { .to_path = valise_bundle_get_path (copy), .job = job, .cancellable = cancellable } };
  gboolean filled = FALSE;
  guint64 total, before = job != NULL ? valise_job_get_total (job) : 0;

  if (entries == NULL)
    return FALSE;
  self.copier.left = _valise_tree_total (entries);
  total = before + self.copier.left;
  valise_job_set_total (job, total);
  self.from = open (self.from_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  self.to = open (self.to_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (self.from < 0 || self.to < 0)
    _valise_medium_set_error (error, errno, self.from < 0 ? self.from_path : self.to_path, 0);
  else
    filled = copy_entries (&self, entries, error);
  if (filled)
    valise_job_set_done (job, total);
  if (self.from >= 0)
    close (self.from);
  if (self.to >= 0)
    close (self.to);
  return filled;
}

char *
valise_travel_copy (const char *bundle_path,
                    const char *directory,
                    const char *name,
                    const ValiseTravel *travel,
                    ValiseJob *job,
                    GCancellable *cancellable,
                    GError **error)
{
  g_autoptr (ValiseBundle) original = NULL;
  g_autoptr (ValiseBundle) copy = NULL;
  g_autoptr (ValiseDocument) document = NULL;
  g_autofree char *label = NULL;

  g_return_val_if_fail (bundle_path != NULL && directory != NULL, NULL);

  original = valise_bundle_open (bundle_path, error);
  if (original == NULL)
    return NULL;
  document = valise_document_copy (travel != NULL && travel->document != NULL ? travel->document
                                                                              : valise_bundle_get_document (original));
  if (name != NULL && !_valise_bundle_set_label (document, name, error))
    return NULL;
  label = name != NULL ? g_strdup (name) : valise_bundle_dup_name (original);
  copy = valise_bundle_begin (directory, label, error);
  if (copy == NULL || !valise_travel_fill (copy, valise_bundle_get_path (original), travel, job, cancellable, error)
      || g_cancellable_set_error_if_cancelled (cancellable, error) || !valise_bundle_commit (copy, document, error))
    return NULL;
  valise_job_set_result_path (job, valise_bundle_get_path (copy));
  return g_strdup (valise_bundle_get_path (copy));
}

char *
valise_bundle_copy (const char *bundle_path,
                    const char *directory,
                    const char *name,
                    ValiseJob *job,
                    GCancellable *cancellable,
                    GError **error)
{
  return valise_travel_copy (bundle_path, directory, name, NULL, job, cancellable, error);
}
