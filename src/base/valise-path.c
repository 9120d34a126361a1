/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/valise-path-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LONGEST_NAME 80
#define NAME_WITHOUT_LETTERS "machine"

G_DEFINE_QUARK (valise_path_error_quark, valise_path_error)

gboolean
valise_path_is_plain_relative (const char *path)
{
  gsize part = 0;

  if (path == NULL || *path == '\0' || *path == '/')
    return FALSE;
  for (const char *p = path;; p++)
    {
      if (*p != '/' && *p != '\0')
        {
          if ((guchar) *p < 0x20 || *p == 0x7f)
            return FALSE;
          part++;
          continue;
        }
      if (part == 0 || (part == 1 && p[-1] == '.') || (part == 2 && p[-1] == '.' && p[-2] == '.'))
        return FALSE;
      if (*p == '\0')
        return TRUE;
      part = 0;
    }
}

int
_valise_path_walk_beneath (int directory_fd, const char *relative, int flags, mode_t mode)
{
  g_auto (GStrv) parts = g_strsplit (relative, "/", -1);
  int fd = directory_fd;

  for (guint i = 0; parts[i] != NULL; i++)
    {
      gboolean last = parts[i + 1] == NULL;
      int next, saved;

      if (strcmp (parts[i], "..") == 0)
        {
          next = -1;
          errno = EXDEV;
        }
      else
        next = openat (fd, parts[i], last ? flags | O_NOFOLLOW : O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, mode);
      saved = errno;
      if (fd != directory_fd)
        close (fd);
      /* O_DIRECTORY and O_NOFOLLOW together report a link as "not a directory". */
      if (next < 0 && saved == ENOTDIR)
        saved = ELOOP;
      errno = saved;
      if (next < 0)
        return -1;
      fd = next;
    }
  return fd;
}

static int
open_resolved (int directory_fd, const char *relative, int flags, mode_t mode)
{
  struct open_how how = {
    .flags = (guint64) flags,
    .mode = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE ? mode : 0,
    .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
  };
  int fd = (int) syscall (SYS_openat2, directory_fd, relative, &how, sizeof how);

  /* EPERM: sandboxes that do not know the call refuse it instead of saying that it is missing. */
  if (fd < 0 && (errno == ENOSYS || errno == EPERM))
    return _valise_path_walk_beneath (directory_fd, relative, flags, mode);
  return fd;
}

static gboolean
is_special (int fd)
{
  struct stat status;

  /* A link (which only O_PATH opens) is refused by the resolution itself. */
  return fstat (fd, &status) == 0 && !S_ISREG (status.st_mode) && !S_ISDIR (status.st_mode)
         && !S_ISLNK (status.st_mode);
}

/* Opening a device can already do something, so look before. A file that appears in between is caught after the
 * open. */
static gboolean
names_special (int directory_fd, const char *relative)
{
  int fd = open_resolved (directory_fd, relative, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
  gboolean special = fd >= 0 && is_special (fd);

  if (fd >= 0)
    close (fd);
  return special;
}

static int
fail_with_errno (int code, const char *relative, GError **error)
{
  if (code == ELOOP || code == EXDEV)
    g_set_error (error, VALISE_PATH_ERROR, VALISE_PATH_ERROR_UNSAFE,
                 _ ("“%s” leads through a link. Put the file itself there instead."), relative);
  else if (code == ENAMETOOLONG)
    g_set_error (error, VALISE_PATH_ERROR, VALISE_PATH_ERROR_NAME, _ ("“%s” is too long for a file name."), relative);
  else
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), _ ("“%s” could not be opened: %s"), relative,
                 g_strerror (code));
  return -1;
}

static int
fail_special (const char *relative, GError **error)
{
  g_set_error (error, VALISE_PATH_ERROR, VALISE_PATH_ERROR_SPECIAL,
               _ ("“%s” is a pipe, socket or device where a file was expected. Remove it."), relative);
  return -1;
}

int
valise_path_open_beneath (int directory_fd, const char *relative, int flags, mode_t mode, GError **error)
{
  int all = flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  int fd;

  g_return_val_if_fail (directory_fd >= 0 && relative != NULL, -1);
  if (!valise_path_is_plain_relative (relative))
    {
      g_autofree char *shown = valise_text_for_display (relative, 200);

      g_set_error (error, VALISE_PATH_ERROR, VALISE_PATH_ERROR_UNSAFE,
                   _ ("“%s” is not a plain path inside the directory. Use one without “..” and without a leading “/”."),
                   shown);
      return -1;
    }
  if (names_special (directory_fd, relative))
    return fail_special (relative, error);
  fd = open_resolved (directory_fd, relative, (all & O_PATH) != 0 ? all & ~(O_NONBLOCK | O_NOCTTY) : all, mode);
  if (fd < 0)
    return errno == ENXIO ? fail_special (relative, error) : fail_with_errno (errno, relative, error);
  if (is_special (fd))
    {
      close (fd);
      return fail_special (relative, error);
    }
  if ((flags & (O_NONBLOCK | O_PATH)) == 0)
    fcntl (fd, F_SETFL, fcntl (fd, F_GETFL) & ~O_NONBLOCK);
  return fd;
}

static gboolean
stays_in_name (gunichar c)
{
  return g_unichar_isalnum (c) || g_unichar_ismark (c) || c == ' ' || c == '.' || c == '-' || c == '_';
}

static void
cut_name (GString *name)
{
  if (name->len > LONGEST_NAME)
    g_string_truncate (name, (gsize) (g_utf8_find_prev_char (name->str, name->str + LONGEST_NAME + 1) - name->str));
  /* FAT drops dots and spaces at the end, so that the name would not be found again. */
  while (name->len > 0 && strchr (" .", name->str[name->len - 1]) != NULL)
    g_string_truncate (name, name->len - 1);
  if (name->len == 0)
    g_string_assign (name, NAME_WITHOUT_LETTERS);
}

char *
valise_path_name_from_label (const char *label)
{
  g_autofree char *valid = g_utf8_make_valid (label != NULL ? label : "", -1);
  g_autofree char *normal = g_utf8_normalize (valid, -1, G_NORMALIZE_NFC);
  GString *name = g_string_new (NULL);

  for (const char *p = normal; *p != '\0'; p = g_utf8_next_char (p))
    g_string_append_unichar (name, stays_in_name (g_utf8_get_char (p)) ? g_utf8_get_char (p) : '-');
  g_string_erase (name, 0, (gssize) strspn (name->str, " .-"));
  cut_name (name);
  return g_string_free (name, FALSE);
}

/* Characters that steer the terminal or the direction of the text around them. */
static gboolean
misleads (gunichar c)
{
  return g_unichar_iscntrl (c) || c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e)
         || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

char *
valise_text_for_display (const char *raw, guint most)
{
  g_autofree char *valid = g_utf8_make_valid (raw != NULL ? raw : "", -1);
  GString *shown = g_string_new (NULL);
  guint length = 0;

  for (const char *p = valid; *p != '\0' && length < most; p = g_utf8_next_char (p), length++)
    {
      gunichar c = g_utf8_get_char (p);

      if (length + 1 == most && *g_utf8_next_char (p) != '\0')
        c = 0x2026;
      else if (c == '\n' || c == '\t' || c == '\r')
        c = ' ';
      else if (misleads (c))
        c = 0xfffd;
      g_string_append_unichar (shown, c);
    }
  return g_string_free (shown, FALSE);
}
