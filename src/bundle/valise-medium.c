/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-medium.h"

#include "base/valise-background.h"
#include "base/valise-path.h"
#include "base/valise-size.h"
#include "bundle/valise-bundle-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* A file system keeps a little for itself; with less than this free the true want is not known. */
#define SPACE_SLACK (64 * VALISE_KIB)
#define WRITE_BEHIND_BYTES (8 * VALISE_MIB)

static guint64
free_bytes (const char *path)
{
  g_autofree char *directory = g_path_get_dirname (path);
  struct statvfs st;

  if (statvfs (path, &st) != 0 && statvfs (directory, &st) != 0)
    return 0;
  return (guint64) st.f_bavail * st.f_frsize;
}

/* What is made in a machine's folder is that machine's, as its suspended memory, and no place that somebody chose. */
static gboolean
is_half_made (const char *path, const char *parent)
{
  g_autofree char *base = g_path_get_basename (path);

  return _valise_bundle_is_partial_name (path)
         || (base[0] == '.' && g_str_has_suffix (base, ".partial") && valise_bundle_check_outside (parent, NULL));
}

/* The folder that the half-made thing is made in; NULL when @path is none and lies in none. */
static char *
place_of_partial (const char *path)
{
  g_autofree char *at = g_strdup (path);
  char *place = NULL;

  while (strlen (at) > 1)
    {
      char *parent = g_path_get_dirname (at);

      if (is_half_made (at, parent))
        {
          g_free (place);
          place = g_strdup (parent);
        }
      g_free (at);
      at = parent;
    }
  return place;
}

/* Nobody asked for a half-made thing, so the folder that it is made in is named. (transfer full) */
static char *
shown_place (const char *path)
{
  g_autofree char *place = place_of_partial (path);
  g_autofree char *directory = place != NULL ? g_steal_pointer (&place) : g_path_get_dirname (path);

  return valise_text_for_display (directory, 200);
}

static char *
shown_want (guint64 needed, guint64 available)
{
  return valise_size_format (needed > available ? needed - available + SPACE_SLACK : SPACE_SLACK);
}

static void
set_no_space (GError **error, const char *path, guint64 needed)
{
  g_autofree char *shown = shown_place (path);
  guint64 available = free_bytes (path);
  g_autofree char *left = valise_size_format (available);
  g_autofree char *missing = shown_want (needed, available);

  if (needed > 0)
    g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_NO_SPACE,
                 _ ("“%s” is full: %s are free and about %s more are needed. Make room there or choose another place."),
                 shown, left, missing);
  else
    g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_NO_SPACE,
                 _ ("“%s” is full: %s are free. Make room there or choose another place."), shown, left);
}

static void
set_no_space_at_rate (GError **error, const char *path, guint64 about, guint64 most)
{
  g_autofree char *shown = shown_place (path);
  guint64 available = free_bytes (path);
  g_autofree char *left = valise_size_format (available);
  g_autofree char *guess = shown_want (about, available);
  g_autofree char *bound = shown_want (most, available);

  g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_NO_SPACE,
               _ ("“%s” is full: %s are free. Going by what has been written so far, about %s more are needed, and at "
                  "most %s. Make room there or choose another place."),
               shown, left, guess, bound);
}

static void
set_no_space_at_least (GError **error, const char *path, guint64 least)
{
  g_autofree char *shown = shown_place (path);
  guint64 available = free_bytes (path);
  g_autofree char *left = valise_size_format (available);
  g_autofree char *missing = shown_want (least, available);

  g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_NO_SPACE,
               _ ("“%s” is full: %s are free and at least %s more are needed, perhaps much more: what is packed grows. "
                  "Make room there or choose another place."),
               shown, left, missing);
}

static void
set_other (GError **error, int code, const char *shown)
{
  if (code == EROFS)
    g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_READ_ONLY,
                 _ ("“%s” lies on a medium that cannot be written. Copy the machine to another place first."), shown);
  else if (code == EACCES || code == EPERM)
    g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_READ_ONLY,
                 _ ("You may not write “%s”. Change its permissions or copy the machine to another place."), shown);
  else if (code == EFBIG)
    g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_NO_SPACE,
                 _ ("The medium cannot hold a file as large as “%s”. FAT media end at 4 GiB; choose another place."),
                 shown);
  else if (code == EEXIST || code == ENOTEMPTY)
    g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_EXISTS,
                 _ ("“%s” exists already. Choose another name."), shown);
  else
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "%s: %s", shown, g_strerror (code));
}

void
_valise_medium_set_error (GError **error, int code, const char *path, guint64 needed)
{
  g_autofree char *place = place_of_partial (path);
  g_autofree char *shown = valise_text_for_display (place != NULL && code != EEXIST ? place : path, 200);

  if (code == ENOSPC || code == EDQUOT)
    set_no_space (error, path, needed);
  else if (place != NULL && (code == EROFS || code == EACCES || code == EPERM))
    g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_READ_ONLY,
                 code == EROFS ? _ ("“%s” lies on a medium that cannot be written. Choose another place.")
                               : _ ("You may not write in “%s”. Change its permissions or choose another place."),
                 shown);
  else
    set_other (error, code, shown);
}

void
_valise_medium_set_error_at_rate (GError **error, int code, const char *path, guint64 about, guint64 most)
{
  if (code == ENOSPC || code == EDQUOT)
    set_no_space_at_rate (error, path, about, most);
  else
    _valise_medium_set_error (error, code, path, 0);
}

void
_valise_medium_set_error_at_least (GError **error, int code, const char *path, guint64 least)
{
  if (code == ENOSPC || code == EDQUOT)
    set_no_space_at_least (error, path, least);
  else
    _valise_medium_set_error (error, code, path, 0);
}

static int
errno_of (const GError *error)
{
  static const struct
  {
    GQuark (*domain) (void);
    int code, number;
  } known[] = {
    { g_file_error_quark, G_FILE_ERROR_NOSPC, ENOSPC },         { g_file_error_quark, G_FILE_ERROR_ROFS, EROFS },
    { g_file_error_quark, G_FILE_ERROR_ACCES, EACCES },         { g_file_error_quark, G_FILE_ERROR_PERM, EPERM },
    { g_io_error_quark, G_IO_ERROR_NO_SPACE, ENOSPC },          { g_io_error_quark, G_IO_ERROR_READ_ONLY, EROFS },
    { g_io_error_quark, G_IO_ERROR_PERMISSION_DENIED, EACCES },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_error_matches (error, known[i].domain (), known[i].code))
      return known[i].number;
  return 0;
}

void
_valise_medium_translate (GError **error, const char *path, guint64 needed)
{
  int number = error != NULL && *error != NULL ? errno_of (*error) : 0;

  if (number == 0)
    return;
  g_clear_error (error);
  _valise_medium_set_error (error, number, path, needed);
}

gboolean
_valise_medium_rename_new (const char *from, const char *to, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (to);
  struct stat st;

  if (renameat2 (AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) != 0)
    {
      /* Some file systems know no such flag; then a look before is the best there is. */
      gboolean plain = errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP;

      if (plain && lstat (to, &st) == 0)
        errno = EEXIST;
      if (!plain || errno == EEXIST || g_rename (from, to) != 0)
        {
          _valise_medium_set_error (error, errno, to, 0);
          return FALSE;
        }
    }
  return valise_directory_sync (parent, error);
}

int
_valise_medium_write (int fd, const void *data, gsize length, gsize *written)
{
  const char *at = data;

  *written = 0;
  while (*written < length)
    {
      gssize wrote = write (fd, at + *written, length - *written);

      if (wrote < 0 && errno == EINTR)
        continue;
      if (wrote <= 0)
        return wrote == 0 ? ENOSPC : errno;
      *written += wrote;
    }
  return 0;
}

void
_valise_medium_begin_writing (int fd, guint64 *behind, guint64 end)
{
  if (end < *behind + WRITE_BEHIND_BYTES)
    return;
  sync_file_range (fd, (off_t) *behind, (off_t) (end - *behind), SYNC_FILE_RANGE_WRITE);
  *behind = end;
}

int
_valise_medium_write_behind (int fd, guint64 *behind, guint64 end)
{
  gint64 begun = g_get_monotonic_time ();
  int failed = 0;

  if (!valise_background_is_here ())
    _valise_medium_begin_writing (fd, behind, end);
  else if (end >= *behind + WRITE_BEHIND_BYTES)
    {
      failed = valise_background_flush (fd, *behind, end - *behind);
      valise_background_rest (g_get_monotonic_time () - begun);
      *behind = end;
    }
  return failed;
}

static gboolean
sync_one (const char *path, gboolean is_directory, GError **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | (is_directory ? O_DIRECTORY : 0));
  int failed = 0;

  /* Media that know no fsync say EINVAL; there is nothing more to be done on them. */
  if (fd < 0 || (fsync (fd) != 0 && errno != EINVAL && errno != EROFS))
    failed = errno;
  if (fd >= 0)
    close (fd);
  if (failed != 0)
    _valise_medium_set_error (error, failed, path, 0);
  return failed == 0;
}

gboolean
_valise_medium_sync_tree (const char *path, GError **error)
{
  g_autoptr (GDir) directory = g_dir_open (path, 0, error);
  const char *name;

  if (directory == NULL)
    return FALSE;
  while ((name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);
      struct stat st;

      if (lstat (child, &st) != 0)
        continue;
      if (S_ISDIR (st.st_mode) && !_valise_medium_sync_tree (child, error))
        return FALSE;
      if (S_ISREG (st.st_mode) && !sync_one (child, FALSE, error))
        return FALSE;
    }
  return sync_one (path, TRUE, error);
}
