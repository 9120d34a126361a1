/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deleting. A snapshot is first hidden, which one replaced file does; then what it froze is merged, image by image. */
#include "bundle/valise-merge-private.h"

#include "base/valise-path.h"
#include "bundle/valise-medium.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#define PARTIAL_SUFFIX ".partial"

/* --- a hidden snapshot --- */

static gboolean
hand_on_children (ValiseMerge *self, const ValiseSnapshot *hidden, GError **error)
{
  ValiseDocument *now = valise_bundle_get_document (self->bundle);
  g_autofree char *current = valise_document_get (now, VALISE_SNAPSHOT_KNOB);
  g_autofree char *present = _valise_snapshot_make_present ();
  g_autoptr (ValiseDocument) after = NULL;

  for (guint i = 0; i < self->all->len; i++)
    {
      ValiseSnapshot *child = self->all->pdata[i];

      if (g_strcmp0 (child->parent, hidden->id) != 0)
        continue;
      g_free (child->parent);
      child->parent = g_strdup (hidden->parent);
      if (!_valise_merge_write_record (self, child, error))
        return FALSE;
    }
  if (g_strcmp0 (current, hidden->id) != 0)
    return TRUE;
  after = valise_document_copy (now);
  return (hidden->parent != NULL ? valise_document_set (after, VALISE_SNAPSHOT_KNOB, hidden->parent, error)
                                 : valise_document_unset (after, VALISE_SNAPSHOT_KNOB, error))
         && valise_document_set (after, VALISE_PRESENT_KNOB, present, error)
         && _valise_bundle_save_present (self->bundle, after, error);
}

static gboolean
remove_folder (ValiseMerge *self, const ValiseSnapshot *hidden, GError **error)
{
  g_autofree char *folder = _valise_snapshot_folder (self->path, hidden->id);
  g_autofree char *aside = g_strconcat (folder, PARTIAL_SUFFIX, NULL);

  if (g_rename (folder, aside) != 0)
    {
      _valise_medium_set_error (error, errno, folder, 0);
      return FALSE;
    }
  return valise_directory_remove (aside, error);
}

static gboolean
tidy_snapshot (ValiseMerge *self, ValiseSnapshot *hidden, gboolean *changed, GError **error)
{
  for (guint i = 0; i < hidden->disks->len;)
    {
      ValiseMergeOutcome outcome = _valise_merge_try_disk (self, hidden, hidden->disks->pdata[i], error);

      if (outcome == VALISE_MERGE_FAILED)
        return FALSE;
      if (outcome == VALISE_MERGE_KEPT)
        {
          i++;
          continue;
        }
      g_ptr_array_remove_index (hidden->disks, i);
      *changed = TRUE;
      if (!_valise_merge_write_record (self, hidden, error))
        return FALSE;
    }
  if (hidden->disks->len > 0)
    return TRUE;
  *changed = TRUE;
  if (!hand_on_children (self, hidden, error) || !remove_folder (self, hidden, error))
    return FALSE;
  g_ptr_array_remove (self->all, hidden);
  return TRUE;
}

/* What a killed delete had put aside. */
static void
remove_partials (ValiseMerge *self)
{
  g_autofree char *folder = valise_bundle_file (self->bundle, VALISE_SNAPSHOTS);
  g_autoptr (GDir) directory = g_dir_open (folder, 0, NULL);
  const char *name;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    if (g_str_has_suffix (name, PARTIAL_SUFFIX))
      {
        g_autofree char *path = g_build_filename (folder, name, NULL);

        valise_directory_remove (path, NULL);
      }
}

/* One that is gone may leave another with nothing to hold apart. */
static gboolean
tidy (ValiseMerge *self, GError **error)
{
  /* What a record that cannot be read needs is not known, so nothing is merged beside it. */
  gboolean changed = _valise_snapshots_find_damaged (self->all) == NULL;

  while (changed)
    {
      changed = FALSE;
      for (guint i = 0; !changed && i < self->all->len; i++)
        {
          ValiseSnapshot *snapshot = self->all->pdata[i];

          if (snapshot->hidden && !tidy_snapshot (self, snapshot, &changed, error))
            {
              g_clear_error (&self->later);
              return FALSE;
            }
        }
    }
  if (self->later == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&self->later));
  return FALSE;
}

/* --- deleting --- */

static ValiseSnapshot *
find (GPtrArray *all, const char *id, GError **error)
{
  ValiseSnapshot *snapshot = valise_snapshots_find (all, id, NULL);

  if (snapshot != NULL && !snapshot->hidden && g_str_equal (snapshot->id, id))
    return snapshot;
  g_set_error (error, VALISE_SNAPSHOT_ERROR, VALISE_SNAPSHOT_ERROR_NOT_FOUND,
               _ ("There is no such snapshot any more."));
  return NULL;
}

static gboolean
hide (ValiseMerge *self, ValiseSnapshot *snapshot, GError **error)
{
  static const char *const files[] = { "memory", "vars.fd", "domain.xml", "screenshot.png", "tpm" };

  snapshot->hidden = TRUE;
  snapshot->memory = VALISE_SNAPSHOT_MEMORY_NONE;
  if (!_valise_merge_write_record (self, snapshot, error))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = valise_snapshot_file (self->bundle, snapshot->id, files[i]);

      if (g_unlink (path) != 0 && (errno == EISDIR || errno == EPERM))
        valise_directory_remove (path, NULL);
    }
  return TRUE;
}

/* Its images stay: they may be what others build on. */
static gboolean
forget_damaged (ValiseMerge *self, ValiseSnapshot *damaged, GError **error)
{
  if (!remove_folder (self, damaged, error))
    return FALSE;
  g_ptr_array_remove (self->all, damaged);
  return TRUE;
}

static ValiseMerge
merge_of (ValiseBundle *bundle, const ValiseSnapshotLive *live, GCancellable *cancellable)
{
  return (ValiseMerge){ .bundle = bundle,
                        .live = live != NULL && live->is_open != NULL ? live : NULL,
                        .job = live != NULL ? live->job : NULL,
                        .cancellable = cancellable };
}

gboolean
valise_snapshot_delete (ValiseBundle *bundle,
                        const char *id,
                        const ValiseSnapshotLive *live,
                        GCancellable *cancellable,
                        GError **error)
{
  ValiseMerge self = merge_of (bundle, live, cancellable);
  g_autoptr (GPtrArray) all = NULL;
  ValiseSnapshot *snapshot;

  g_return_val_if_fail (bundle != NULL && _valise_snapshot_is_id (id), FALSE);

  self.path = valise_bundle_get_path (bundle);
  if (!valise_bundle_check_folders (self.path, error) || !valise_snapshots_settle (self.path, NULL, error))
    return FALSE;
  self.all = all = _valise_snapshots_read_all (self.path, error);
  snapshot = all != NULL ? find (all, id, error) : NULL;
  if (snapshot == NULL
      || !(snapshot->is_damaged ? forget_damaged (&self, snapshot, error) : hide (&self, snapshot, error)))
    return FALSE;
  remove_partials (&self);
  return tidy (&self, error);
}

gboolean
valise_snapshots_is_merging (const char *bundle_path)
{
  g_autoptr (GPtrArray) all = NULL;

  g_return_val_if_fail (bundle_path != NULL, FALSE);

  all = _valise_snapshots_read_all (bundle_path, NULL);
  for (guint i = 0; all != NULL && i < all->len; i++)
    {
      const ValiseSnapshot *snapshot = all->pdata[i];

      for (guint j = 0; snapshot->hidden && j < snapshot->disks->len; j++)
        if (((ValiseSnapshotDisk *) snapshot->disks->pdata[j])->upper != NULL)
          return TRUE;
    }
  return FALSE;
}

gboolean
valise_snapshots_has_left (const char *bundle_path)
{
  g_autoptr (GPtrArray) all = NULL;

  g_return_val_if_fail (bundle_path != NULL, FALSE);

  all = _valise_snapshots_read_all (bundle_path, NULL);
  for (guint i = 0; all != NULL && i < all->len; i++)
    if (((const ValiseSnapshot *) all->pdata[i])->hidden)
      return TRUE;
  return FALSE;
}

gboolean
valise_snapshots_tidy (ValiseBundle *bundle, const ValiseSnapshotLive *live, GCancellable *cancellable, GError **error)
{
  ValiseMerge self = merge_of (bundle, live, cancellable);
  g_autoptr (GPtrArray) all = NULL;

  g_return_val_if_fail (bundle != NULL, FALSE);

  self.path = valise_bundle_get_path (bundle);
  if (!valise_bundle_check_folders (self.path, error) || !valise_snapshots_settle (self.path, NULL, error))
    return FALSE;
  self.all = all = _valise_snapshots_read_all (self.path, error);
  return all != NULL && tidy (&self, error);
}
