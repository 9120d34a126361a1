/* SPDX-License-Identifier: GPL-3.0-or-later */
/* By what frozen images are known, noted again: where a kill kept it from being noted, or at the user's word. */
#include "bundle/valise-snapshot-private.h"

#include "bundle/valise-new-disks.h"

typedef struct
{
  const char *path;
  ValiseDocument *document;
  GPtrArray *accepted; /* NULL when what does not fit stays so */
} Stamping;

/* What the machine writes to is not frozen, whatever the record of one that is being deleted says. */
static gboolean
is_due (const Stamping *self, const ValiseSnapshotDisk *disk, const char *image)
{
  if (valise_new_disks_is_named (self->document, disk->file) || !g_file_test (image, G_FILE_TEST_IS_REGULAR))
    return FALSE;
  return disk->stamp.sample == NULL || (self->accepted != NULL && !_valise_image_stamp_fits (image, &disk->stamp));
}

static gboolean
stamp_disk (const Stamping *self, ValiseSnapshotDisk *disk, gboolean *changed, GError **error)
{
  g_autofree char *image = g_build_filename (self->path, disk->file, NULL);
  gboolean noted = disk->stamp.sample != NULL;

  if (!is_due (self, disk, image))
    return TRUE;
  if (!_valise_image_stamp_take (image, &disk->stamp, error))
    return FALSE;
  *changed = TRUE;
  if (noted && !g_ptr_array_find_with_equal_func (self->accepted, disk->file, g_str_equal, NULL))
    g_ptr_array_add (self->accepted, g_strdup (disk->file));
  return TRUE;
}

static gboolean
stamp_snapshot (const Stamping *self, ValiseSnapshot *snapshot, GError **error)
{
  g_autofree char *folder = _valise_snapshot_folder (self->path, snapshot->id);
  gboolean changed = FALSE;

  for (guint i = 0; i < snapshot->disks->len; i++)
    if (!stamp_disk (self, snapshot->disks->pdata[i], &changed, error))
      return FALSE;
  return !changed || _valise_snapshot_write (folder, snapshot, error);
}

gboolean
valise_snapshots_stamp (const char *bundle_path, GPtrArray **accepted, GError **error)
{
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (ValiseBundle) bundle = NULL;
  Stamping self = { bundle_path, NULL, accepted != NULL ? found : NULL };

  g_return_val_if_fail (bundle_path != NULL, FALSE);

  all = _valise_snapshots_read_all (bundle_path, error);
  bundle = all != NULL ? valise_bundle_open (bundle_path, error) : NULL;
  if (bundle == NULL)
    return FALSE;
  self.document = valise_bundle_get_document (bundle);
  for (guint i = 0; i < all->len; i++)
    if (!stamp_snapshot (&self, all->pdata[i], error))
      return FALSE;
  if (accepted != NULL)
    *accepted = g_steal_pointer (&found);
  return TRUE;
}
