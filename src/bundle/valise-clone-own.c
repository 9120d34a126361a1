/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Images that two machines have become each machine's own. */
#include "bundle/valise-clone-private.h"

#include "base/valise-path.h"
#include "bundle/valise-copier.h"
#include "bundle/valise-medium.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean
copy_open (int from, int to, const char *path, ValiseJob *job, GCancellable *cancellable, GError **error)
{
  ValiseCopier copier = { .to_path = path, .job = job, .cancellable = cancellable };
  struct stat status;

  if (fstat (from, &status) != 0)
    {
      _valise_medium_set_error (error, errno, path, 0);
      return FALSE;
    }
  copier.left = MIN ((guint64) status.st_size, (guint64) status.st_blocks * 512);
  if (!_valise_copier_copy (&copier, from, to, path, (guint64) status.st_size, copier.left, error))
    return FALSE;
  /* It is known by its time, and is what it was. */
  if (futimens (to, (const struct timespec[]){ status.st_atim, status.st_mtim }) == 0 && fsync (to) == 0)
    return TRUE;
  _valise_medium_set_error (error, errno, path, 0);
  return FALSE;
}

static gboolean
copy_aside (const char *path, const char *aside, ValiseJob *job, GCancellable *cancellable, GError **error)
{
  int from = open (path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  int to = from >= 0 ? open (aside, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600) : -1;
  gboolean copied = FALSE;

  if (to < 0)
    _valise_medium_set_error (error, errno, from < 0 ? path : aside, 0);
  else
    copied = copy_open (from, to, path, job, cancellable, error);
  if (to >= 0)
    close (to);
  if (from >= 0)
    close (from);
  return copied;
}

/* Whichever of the two is there after a kill holds the same. */
gboolean
_valise_clone_own (const char *path, ValiseJob *job, GCancellable *cancellable, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *aside = g_strdup_printf ("%s/.%s.partial", folder, name);

  if (!_valise_snapshot_is_shared (path))
    return TRUE;
  g_unlink (aside);
  if (!copy_aside (path, aside, job, cancellable, error))
    {
      g_unlink (aside);
      _valise_medium_translate (error, path, 0);
      return FALSE;
    }
  if (rename (aside, path) == 0)
    return valise_directory_sync (folder, error);
  _valise_medium_set_error (error, errno, path, 0);
  g_unlink (aside);
  return FALSE;
}

/* --- a whole machine --- */

/* (element-type utf8): paths of images that another machine has too. */
static GPtrArray *
list_shared (const char *bundle_path, GPtrArray *snapshots, guint64 *bytes)
{
  GPtrArray *shared = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < snapshots->len; i++)
    {
      const ValiseSnapshot *snapshot = snapshots->pdata[i];

      for (guint j = 0; j < snapshot->disks->len; j++)
        {
          const ValiseSnapshotDisk *disk = snapshot->disks->pdata[j];
          g_autofree char *path = g_build_filename (bundle_path, disk->file, NULL);
          struct stat status;

          if (!_valise_snapshot_is_shared (path) || g_ptr_array_find_with_equal_func (shared, path, g_str_equal, NULL)
              || lstat (path, &status) != 0)
            continue;
          *bytes += MIN ((guint64) status.st_size, (guint64) status.st_blocks * 512);
          g_ptr_array_add (shared, g_steal_pointer (&path));
        }
    }
  return shared;
}

static gboolean
has_hidden (GPtrArray *snapshots)
{
  for (guint i = 0; i < snapshots->len; i++)
    if (((const ValiseSnapshot *) snapshots->pdata[i])->hidden)
      return TRUE;
  return FALSE;
}

gboolean
valise_clone_is_linked (ValiseBundle *bundle)
{
  g_autoptr (GPtrArray) snapshots = NULL;
  g_autoptr (GPtrArray) shared = NULL;
  guint64 bytes = 0;

  g_return_val_if_fail (bundle != NULL, FALSE);

  snapshots = _valise_snapshots_read_all (valise_bundle_get_path (bundle), NULL);
  if (snapshots == NULL)
    return FALSE;
  shared = list_shared (valise_bundle_get_path (bundle), snapshots, &bytes);
  return shared->len > 0 || has_hidden (snapshots);
}

static gboolean
is_base (const char *bundle_path, const ValiseSnapshot *snapshot)
{
  for (guint i = 0; snapshot->hidden && i < snapshot->disks->len; i++)
    {
      const ValiseSnapshotDisk *disk = snapshot->disks->pdata[i];
      g_autofree char *path = g_build_filename (bundle_path, disk->file, NULL);

      if (_valise_snapshot_is_shared (path))
        return TRUE;
    }
  return FALSE;
}

gboolean
valise_clone_has_base (ValiseBundle *bundle)
{
  g_autoptr (GPtrArray) snapshots = NULL;

  g_return_val_if_fail (bundle != NULL, FALSE);

  snapshots = _valise_snapshots_read_all (valise_bundle_get_path (bundle), NULL);
  for (guint i = 0; snapshots != NULL && i < snapshots->len; i++)
    if (is_base (valise_bundle_get_path (bundle), snapshots->pdata[i]))
      return TRUE;
  return FALSE;
}

gboolean
valise_clone_detach (ValiseBundle *bundle, ValiseJob *job, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) snapshots = NULL;
  g_autoptr (GPtrArray) shared = NULL;
  guint64 bytes = 0;
  const char *path;

  g_return_val_if_fail (bundle != NULL, FALSE);

  path = valise_bundle_get_path (bundle);
  snapshots = _valise_snapshots_read_sound (path, error);
  if (snapshots == NULL)
    return FALSE;
  shared = list_shared (path, snapshots, &bytes);
  valise_job_set_total (job, bytes);
  for (guint i = 0; i < shared->len; i++)
    if (!_valise_snapshot_check_inside (path, (const char *) shared->pdata[i] + strlen (path) + 1, error)
        || !_valise_clone_own (shared->pdata[i], job, cancellable, error))
      return FALSE;
  return valise_snapshots_tidy (bundle, NULL, cancellable, error);
}
