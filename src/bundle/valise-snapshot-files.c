/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-snapshot-private.h"

#include "base/valise-path.h"
#include "bundle/valise-copier.h"
#include "bundle/valise-medium.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

gboolean
_valise_snapshot_is_shared (const char *path)
{
  struct stat status;

  return lstat (path, &status) == 0 && S_ISREG (status.st_mode) && status.st_nlink > 1;
}

gboolean
_valise_snapshot_sync (const char *path, GError **error)
{
  int fd = open (path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  gboolean synced = fd >= 0 && fsync (fd) == 0;

  if (!synced)
    _valise_medium_set_error (error, errno, path, 0);
  if (fd >= 0)
    close (fd);
  return synced;
}

static gboolean
copy_open (int from, const struct stat *status, const char *to, GCancellable *cancellable, GError **error)
{
  ValiseCopier copier = { .to_path = to, .left = status->st_size, .cancellable = cancellable };
  int fd = open (to, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  guint64 data = MIN ((guint64) status->st_size, (guint64) status->st_blocks * 512);
  gboolean copied;

  if (fd < 0)
    {
      _valise_medium_set_error (error, errno, to, 0);
      return FALSE;
    }
  copied = _valise_copier_copy (&copier, from, fd, to, status->st_size, data, error);
  if (copied && fsync (fd) != 0)
    {
      _valise_medium_set_error (error, errno, to, 0);
      copied = FALSE;
    }
  close (fd);
  return copied;
}

gboolean
_valise_snapshot_copy_file (const char *from, const char *to, GCancellable *cancellable, GError **error)
{
  int fd = open (from, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  struct stat status;
  gboolean copied = FALSE;

  if (fd < 0 && errno == ENOENT)
    return TRUE;
  if (fd < 0 || fstat (fd, &status) != 0)
    _valise_medium_set_error (error, errno, from, 0);
  else if (!S_ISREG (status.st_mode))
    _valise_medium_set_error (error, EINVAL, from, 0);
  else
    copied = copy_open (fd, &status, to, cancellable, error);
  if (fd >= 0)
    close (fd);
  return copied;
}

gboolean
_valise_snapshot_copy_folder (const char *from, const char *to, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GDir) directory = g_dir_open (from, 0, &local);
  const char *name;

  if (g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    return TRUE;
  if (directory == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (mkdir (to, 0700) != 0)
    {
      _valise_medium_set_error (error, errno, to, 0);
      return FALSE;
    }
  while ((name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *here = g_build_filename (from, name, NULL);
      g_autofree char *there = g_build_filename (to, name, NULL);
      struct stat status;

      if (name[0] != '.' && lstat (here, &status) == 0 && S_ISREG (status.st_mode)
          && !_valise_snapshot_copy_file (here, there, cancellable, error))
        return FALSE;
    }
  return _valise_snapshot_sync (to, error);
}

/* --- what is not on a disk --- */

static gboolean
give_variables (ValiseBundle *bundle,
                const char *id,
                ValiseDocument *document,
                ValiseBundle *copy,
                GCancellable *cancellable,
                GError **error)
{
  g_autofree char *relative = _valise_snapshot_variables (document);
  g_autofree char *from = valise_snapshot_file (bundle, id, "vars.fd");
  g_autofree char *to = valise_bundle_file (copy, relative);
  g_autofree char *folder = g_path_get_dirname (to);

  if (g_mkdir_with_parents (folder, 0700) == 0)
    return _valise_snapshot_copy_file (from, to, cancellable, error);
  _valise_medium_set_error (error, errno, folder, 0);
  return FALSE;
}

static gboolean
give_keys (ValiseBundle *bundle, const char *id, ValiseBundle *copy, GCancellable *cancellable, GError **error)
{
  g_autofree char *from = valise_snapshot_file (bundle, id, "tpm");
  g_autofree char *to = valise_bundle_file (copy, "tpm");

  if (!g_file_test (from, G_FILE_TEST_IS_DIR))
    return TRUE;
  g_rmdir (to);
  return _valise_snapshot_copy_folder (from, to, cancellable, error);
}

gboolean
valise_snapshot_give (ValiseBundle *bundle,
                      const char *id,
                      ValiseDocument *document,
                      gboolean keys,
                      ValiseBundle *copy,
                      GCancellable *cancellable,
                      GError **error)
{
  g_return_val_if_fail (bundle != NULL && id != NULL && document != NULL && copy != NULL, FALSE);

  return give_variables (bundle, id, document, copy, cancellable, error)
         && (!keys || give_keys (bundle, id, copy, cancellable, error));
}

gboolean
valise_snapshot_keep_file (const char *from, const char *to, GCancellable *cancellable, GError **error)
{
  struct stat status;

  if (lstat (from, &status) == 0 && S_ISREG (status.st_mode) && link (from, to) == 0)
    return TRUE;
  return _valise_snapshot_copy_file (from, to, cancellable, error);
}
