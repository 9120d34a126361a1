/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-snapshot-private.h"

#include "base/valise-size.h"
#include "bundle/valise-medium.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE (64 * VALISE_KIB)
#define PIECES 64

static int
open_plain (const char *path, struct stat *status)
{
  int fd = open (path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

  if (fd < 0 || (fstat (fd, status) == 0 && S_ISREG (status->st_mode)))
    return fd;
  close (fd);
  errno = EINVAL;
  return -1;
}

static gboolean
add_piece (GChecksum *sum, int fd, guint64 offset, guint8 *bytes)
{
  gssize got = pread (fd, bytes, PIECE, (off_t) offset);

  if (got < 0)
    return FALSE;
  g_checksum_update (sum, bytes, got);
  return TRUE;
}

/* The first and the last piece, and others at even distances. */
static char *
sample (int fd, guint64 size)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree guint8 *bytes = g_malloc (PIECE);
  guint64 last = size > PIECE ? size - PIECE : 0;
  gboolean good = TRUE;

  for (guint i = 0; good && i < PIECES; i++)
    good = add_piece (sum, fd, last / (PIECES - 1) * i, bytes);
  good = good && add_piece (sum, fd, last, bytes);
  return good ? g_strdup (g_checksum_get_string (sum)) : NULL;
}

static gint64
modified (const struct stat *status)
{
  return status->st_mtim.tv_sec * G_GINT64_CONSTANT (1000000000) + status->st_mtim.tv_nsec;
}

static gint64
born (int fd)
{
  struct statx status;

  if (statx (fd, "", AT_EMPTY_PATH, STATX_BTIME, &status) != 0 || (status.stx_mask & STATX_BTIME) == 0)
    return 0;
  return status.stx_btime.tv_sec * G_GINT64_CONSTANT (1000000000) + status.stx_btime.tv_nsec;
}

gboolean
_valise_image_stamp_take (const char *path, ValiseImageStamp *stamp, GError **error)
{
  struct stat status;
  int fd = open_plain (path, &status);

  g_clear_pointer (&stamp->sample, g_free);
  if (fd >= 0)
    {
      stamp->sample = sample (fd, status.st_size);
      stamp->born = born (fd);
      close (fd);
    }
  if (stamp->sample == NULL)
    {
      _valise_medium_set_error (error, errno, path, 0);
      return FALSE;
    }
  stamp->size = status.st_size;
  stamp->modified = modified (&status);
  stamp->inode = status.st_ino;
  return TRUE;
}

void
_valise_image_stamp_clear (ValiseImageStamp *stamp)
{
  g_clear_pointer (&stamp->sample, g_free);
}

/* The inode of a file that is gone is given to the next one. */
static gboolean
is_same_file (int fd, const struct stat *status, const ValiseImageStamp *stamp)
{
  return (guint64) status->st_ino == stamp->inode && (stamp->born == 0 || born (fd) == stamp->born);
}

/* The same file at another time was written to here; another file may be a copy. */
gboolean
_valise_image_stamp_fits (const char *path, const ValiseImageStamp *stamp)
{
  g_autofree char *found = NULL;
  struct stat status;
  int fd;

  if (stamp->sample == NULL)
    return TRUE;
  fd = open_plain (path, &status);
  if (fd < 0)
    return FALSE;
  if (modified (&status) != stamp->modified && !is_same_file (fd, &status, stamp))
    found = sample (fd, status.st_size);
  close (fd);
  return (guint64) status.st_size == stamp->size
         && (modified (&status) == stamp->modified || g_strcmp0 (found, stamp->sample) == 0);
}
