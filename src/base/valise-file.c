/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/valise-path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean
fail (int code, const char *format, const char *path, GError **error)
{
  g_autofree char *shown = valise_text_for_display (path, 300);
  GString *message = g_string_new (format);

  g_string_replace (message, "%s", shown, 1);
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "%s: %s", message->str, g_strerror (code));
  g_string_free (message, TRUE);
  return FALSE;
}

static gboolean
write_all (int fd, const char *data, gsize length)
{
  while (length > 0)
    {
      gssize n = write (fd, data, length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return FALSE;
      data += n;
      length -= (gsize) n;
    }
  return TRUE;
}

/* The file that is replaced keeps its permissions. FAT has none to set and says EPERM. */
static gboolean
set_mode (int fd, const char *path, int mode)
{
  struct stat before;

  if (stat (path, &before) == 0)
    mode = (int) (before.st_mode & 07777);
  return fchmod (fd, (mode_t) mode) == 0 || errno == EPERM || errno == ENOTSUP;
}

static gboolean
write_aside (const char *aside, int fd, const char *path, const char *data, gsize length, int mode)
{
  gboolean written = write_all (fd, data, length) && set_mode (fd, path, mode) && fsync (fd) == 0;
  int code = errno;

  if (close (fd) != 0 && written)
    return FALSE;
  errno = code;
  return written && g_rename (aside, path) == 0;
}

gboolean
valise_file_replace (const char *path, const char *data, gssize length, int mode, GError **error)
{
  g_autofree char *directory = NULL, *aside = NULL;
  int fd, code;

  g_return_val_if_fail (path != NULL && data != NULL, FALSE);
  directory = g_path_get_dirname (path);
  aside = g_build_filename (directory, ".valise-XXXXXX.tmp", NULL);
  fd = g_mkstemp_full (aside, O_WRONLY | O_CLOEXEC, 0600);
  if (fd < 0)
    return fail (errno, _ ("“%s” could not be written"), path, error);
  if (!write_aside (aside, fd, path, data, length < 0 ? strlen (data) : (gsize) length, mode))
    {
      code = errno;
      g_unlink (aside);
      return fail (code, _ ("“%s” could not be written"), path, error);
    }
  return valise_directory_sync (directory, error);
}

gboolean
valise_directory_sync (const char *path, GError **error)
{
  int fd, result, code;

  g_return_val_if_fail (path != NULL, FALSE);
  fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return fail (errno, _ ("The directory “%s” could not be opened"), path, error);
  result = fsync (fd);
  code = errno;
  close (fd);
  /* Some file systems have nothing to do here and say so with these. */
  if (result != 0 && code != EINVAL && code != ENOTSUP && code != EROFS)
    return fail (code, _ ("The directory “%s” could not be written to disk"), path, error);
  return TRUE;
}

static gboolean
is_dot (const char *name)
{
  return strcmp (name, ".") == 0 || strcmp (name, "..") == 0;
}

static gboolean remove_at (int parent, const char *name);

/* Empties the directory behind @fd, which it closes. */
static gboolean
empty_directory (int fd)
{
  DIR *directory = fdopendir (fd);
  struct dirent *entry;
  gboolean emptied = TRUE;
  int code;

  if (directory == NULL)
    {
      close (fd);
      return FALSE;
    }
  while (emptied && (errno = 0, entry = readdir (directory)) != NULL)
    emptied = is_dot (entry->d_name) || remove_at (dirfd (directory), entry->d_name);
  code = errno;
  closedir (directory);
  errno = code;
  return emptied && code == 0;
}

static int
open_to_empty (int parent, const char *name)
{
  int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  int fd = openat (parent, name, flags);

  /* A directory of ours that forbids even us to look into it. */
  if (fd < 0 && errno == EACCES && fchmodat (parent, name, 0700, 0) == 0)
    fd = openat (parent, name, flags);
  return fd;
}

static gboolean
remove_at (int parent, const char *name)
{
  int fd;

  if (unlinkat (parent, name, 0) == 0 || errno == ENOENT)
    return TRUE;
  if (errno != EISDIR && errno != EPERM)
    return FALSE;
  fd = open_to_empty (parent, name);
  if (fd < 0)
    return FALSE;
  if (faccessat (fd, ".", W_OK | X_OK, 0) != 0)
    (void) !fchmod (fd, 0700);
  return empty_directory (fd) && unlinkat (parent, name, AT_REMOVEDIR) == 0;
}

gboolean
valise_directory_remove (const char *path, GError **error)
{
  g_return_val_if_fail (path != NULL, FALSE);
  if (!remove_at (AT_FDCWD, path))
    return fail (errno, _ ("“%s” could not be removed"), path, error);
  return TRUE;
}

char *
valise_state_directory (void)
{
  const char *chosen = g_getenv ("VALISE_STATE_DIR");
  char *path = chosen != NULL && *chosen != '\0' ? g_strdup (chosen)
                                                 : g_build_filename (g_get_user_state_dir (), "valise", NULL);

  g_mkdir_with_parents (path, 0700);
  return path;
}
