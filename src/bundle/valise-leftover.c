/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-bundle-private.h"

#include "base/valise-path.h"
#include "bundle/valise-medium.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A partial archive is locked on itself, since a file has no .lock in it. */
static gboolean
file_is_held (const char *path)
{
  struct flock range = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
  int fd = open (path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  gboolean held;

  if (fd < 0)
    return FALSE;
  held = fcntl (fd, F_OFD_GETLK, &range) == 0 && range.l_type != F_UNLCK;
  close (fd);
  return held;
}

static gboolean
is_held (const char *path, const struct stat *st)
{
  g_autofree char *holder = NULL;

  if (!S_ISDIR (st->st_mode))
    return file_is_held (path);
  holder = valise_lock_describe_holder (path);
  return holder != NULL;
}

static gboolean
is_half_made (const char *path, struct stat *st)
{
  return _valise_bundle_is_partial_name (path) && lstat (path, st) == 0
         && (S_ISDIR (st->st_mode) || S_ISREG (st->st_mode));
}

GPtrArray *
valise_bundle_find_leftovers (const char *directory)
{
  GPtrArray *found = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = NULL;
  const char *name;

  g_return_val_if_fail (directory != NULL, found);

  dir = g_dir_open (directory, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = NULL;
      struct stat st;

      if (name[0] != '.')
        continue;
      path = g_build_filename (directory, name, NULL);
      if (is_half_made (path, &st) && !is_held (path, &st))
        g_ptr_array_add (found, g_steal_pointer (&path));
    }
  return found;
}

static gboolean
remove_directory (const char *path, GError **error)
{
  ValiseLock *lock = valise_lock_take (path, "removing", error);
  gboolean removed;

  if (lock == NULL)
    return FALSE;
  removed = valise_directory_remove (path, error);
  valise_lock_free (lock);
  _valise_medium_translate (error, path, 0);
  return removed;
}

gboolean
valise_bundle_is_leftover (const char *path)
{
  struct stat st;

  g_return_val_if_fail (path != NULL, FALSE);

  return is_half_made (path, &st);
}

gboolean
valise_bundle_remove_leftover (const char *path, GError **error)
{
  struct stat st;

  g_return_val_if_fail (path != NULL, FALSE);

  if (!is_half_made (path, &st))
    {
      g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_UNSAFE,
                   _ ("“%s” is not something that was left half made, so it is not removed."), path);
      return FALSE;
    }
  if (S_ISDIR (st.st_mode))
    return remove_directory (path, error);
  if (file_is_held (path))
    {
      g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_LOCKED,
                   _ ("“%s” is being written right now. Wait until that is done."), path);
      return FALSE;
    }
  if (unlink (path) == 0)
    return TRUE;
  _valise_medium_set_error (error, errno, path, 0);
  return FALSE;
}
