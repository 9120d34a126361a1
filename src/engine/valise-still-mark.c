/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-still-mark-private.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/valise-path.h"

static char *
path_for (const char *uuid, const char *which)
{
  g_autofree char *state = valise_state_directory ();

  return g_build_filename (state, which, uuid, NULL);
}

static char *
path_of (virDomainPtr domain, const char *which)
{
  char uuid[VIR_UUID_STRING_BUFLEN];

  return virDomainGetUUIDString (domain, uuid) == 0 ? path_for (uuid, which) : NULL;
}

static int
take (const char *path, int flags)
{
  int mark = open (path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600);

  if (mark < 0 || flock (mark, LOCK_EX | LOCK_NB) == 0)
    return mark;
  close (mark);
  return -1;
}

int
_valise_still_mark_take (virDomainPtr domain, const char *which)
{
  g_autofree char *path = path_of (domain, which);
  g_autofree char *directory = path != NULL ? g_path_get_dirname (path) : NULL;

  if (path == NULL || g_mkdir_with_parents (directory, 0700) != 0)
    return -1;
  return take (path, O_CREAT);
}

int
_valise_still_mark_inherit (virDomainPtr domain, const char *which)
{
  g_autofree char *path = path_of (domain, which);

  return path != NULL ? take (path, 0) : -1;
}

void
_valise_still_mark_drop (virDomainPtr domain, const char *which, int mark)
{
  g_autofree char *path = mark >= 0 ? path_of (domain, which) : NULL;

  if (path != NULL)
    g_unlink (path);
  _valise_still_mark_leave (mark);
}

void
_valise_still_mark_remove (const char *uuid, const char *which)
{
  g_autofree char *path = path_for (uuid, which);

  g_unlink (path);
}

void
_valise_still_mark_leave (int mark)
{
  if (mark >= 0)
    close (mark);
}

void
_valise_still_mark_write (int mark, const char *text)
{
  gssize length = (gssize) strlen (text);

  if (mark >= 0 && (ftruncate (mark, 0) < 0 || pwrite (mark, text, (gsize) length, 0) != length))
    g_debug ("What is being done to a machine could not be written down");
}

char *
_valise_still_mark_read (int mark)
{
  char text[PATH_MAX + 1];
  gssize length = pread (mark, text, sizeof text, 0);

  return g_strndup (text, (gsize) MAX (length, 0));
}
