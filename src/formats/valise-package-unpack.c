/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-package-unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle/valise-libarchive.h"
#include "formats/valise-package.h"

#define BLOCK 65536
#define TAR_HEADER 512
/* Some hundred bytes can unpack to more than any disk. Real disks, with all their zeros, stay far below this. */
#define ALWAYS_ALLOWED (G_GUINT64_CONSTANT (1) << 30)
#define MOST_TIMES 400

typedef struct archive Archive;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Archive, archive_read_free)

/* What comes out: GLib unpacks gzip, because libarchive does not compare the checksum that stands at its end. */
typedef struct
{
  GInputStream *gzip;
  Archive *other;
} Packed;

static void
packed_clear (Packed *self)
{
  g_clear_object (&self->gzip);
  g_clear_pointer (&self->other, archive_read_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Packed, packed_clear)

/* --- looking --- */

static gboolean
begins_with (int fd, const char *magic)
{
  char head[8] = { 0 };

  return pread (fd, head, sizeof head, 0) > 0 && memcmp (head, magic, strlen (magic)) == 0;
}

static GInputStream *
open_gzip (int fd)
{
  int own = fcntl (fd, F_DUPFD_CLOEXEC, 0);
  g_autoptr (GInputStream) plain = own >= 0 ? g_unix_input_stream_new (own, TRUE) : NULL;
  g_autoptr (GConverter) inflater = G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));

  return plain != NULL ? g_converter_input_stream_new (plain, inflater) : NULL;
}

/* Placed at the first byte of what is packed, whatever it is; %NULL when it cannot be unpacked. */
static Archive *
open_other (int fd)
{
  g_autoptr (Archive) packed = archive_read_new ();
  struct archive_entry *entry;

  archive_read_support_filter_bzip2 (packed);
  archive_read_support_filter_xz (packed);
  archive_read_support_filter_zstd (packed);
  archive_read_support_format_raw (packed);
  if (archive_read_open_fd (packed, fd, BLOCK) != ARCHIVE_OK || archive_read_next_header (packed, &entry) != ARCHIVE_OK)
    return NULL;
  return g_steal_pointer (&packed);
}

static gboolean
open_packed (Packed *self, int fd)
{
  if (lseek (fd, 0, SEEK_SET) < 0)
    return FALSE;
  if (begins_with (fd, "\x1f\x8b"))
    self->gzip = open_gzip (fd);
  else if (begins_with (fd, "BZh")
           || begins_with (fd, "\xfd"
                               "7zXZ")
           || begins_with (fd, "\x28\xb5\x2f\xfd"))
    self->other = open_other (fd);
  return self->gzip != NULL || self->other != NULL;
}

/* The bytes that come next, all of @length unless it ends before; -1 when it is damaged. */
static gssize
read_block (Packed *self, char *buffer, gsize length)
{
  gsize done = 0;

  if (self->gzip != NULL)
    return g_input_stream_read_all (self->gzip, buffer, length, &done, NULL, NULL) ? (gssize) done : -1;
  while (done < length)
    {
      gssize got = archive_read_data (self->other, buffer + done, length - done);

      if (got < 0)
        return -1;
      if (got == 0)
        break;
      done += (gsize) got;
    }
  return (gssize) done;
}

/* --- writing --- */

/* Where there is room for disks: not in memory, if it can be helped. */
static int
open_nameless (const char *path)
{
  g_autofree char *beside = g_path_get_dirname (path);
  const char *const folders[] = { g_get_user_cache_dir (), beside, g_get_tmp_dir () };
  int fd = -1;

  g_mkdir_with_parents (g_get_user_cache_dir (), 0700);
  for (gsize i = 0; fd < 0 && i < G_N_ELEMENTS (folders); i++)
    fd = open (folders[i], O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  return fd;
}

static gboolean
is_zero (const char *buffer, gsize length)
{
  return length == 0 || (buffer[0] == '\0' && memcmp (buffer, buffer + 1, length - 1) == 0);
}

static gboolean
write_block (int fd, const char *buffer, gsize length, guint64 at)
{
  gsize done = is_zero (buffer, length) ? length : 0;

  while (done < length)
    {
      gssize put = pwrite (fd, buffer + done, length - done, (off_t) (at + done));

      if (put < 0 && errno != EINTR)
        return FALSE;
      done += put > 0 ? (gsize) put : 0;
    }
  return TRUE;
}

static gboolean
set_damaged (const char *path, GError **error)
{
  g_set_error (error, VALISE_PACKAGE_ERROR, VALISE_PACKAGE_ERROR_DAMAGED,
               _ ("%s is damaged or was not copied to its end. Get it again."), path);
  return FALSE;
}

static gboolean
set_no_room (const char *path, GError **error)
{
  g_set_error (error, VALISE_PACKAGE_ERROR, VALISE_PACKAGE_ERROR_UNREADABLE,
               _ ("%s cannot be unpacked: %s. Make room, or unpack it yourself and bring in the folder."), path,
               g_strerror (errno));
  return FALSE;
}

/* @buffer holds the first @got bytes. */
static gboolean
unpack_all (Packed *packed, char *buffer, gssize got, const char *path, guint64 most, int fd, GError **error)
{
  guint64 at = 0;

  while (got > 0)
    {
      if (!write_block (fd, buffer, (gsize) got, at))
        return set_no_room (path, error);
      at += (guint64) got;
      if (at > most)
        {
          g_set_error (error, VALISE_PACKAGE_ERROR, VALISE_PACKAGE_ERROR_LIMIT,
                       _ ("%s unpacks to far more than any machine would. Unpack it yourself if you know what it is."),
                       path);
          return FALSE;
        }
      got = read_block (packed, buffer, BLOCK);
    }
  if (got < 0)
    return set_damaged (path, error);
  return ftruncate (fd, (off_t) at) == 0 || set_no_room (path, error);
}

static guint64
allow (guint64 packed)
{
  return packed < G_MAXINT64 / MOST_TIMES - ALWAYS_ALLOWED ? ALWAYS_ALLOWED + packed * MOST_TIMES : G_MAXINT64;
}

static guint64
most_unpacked (int fd)
{
  struct stat status = { .st_size = 0 };

  return fstat (fd, &status) == 0 ? allow ((guint64) status.st_size) : 0;
}

/* @most: bytes that may come out */
static gboolean
unpack_tar (Packed *packed, const char *path, guint64 most, int *unpacked, GError **error)
{
  g_autofree char *buffer = g_malloc (BLOCK);
  gssize got = read_block (packed, buffer, BLOCK);

  if (got < TAR_HEADER || memcmp (buffer + 257, "ustar", 5) != 0)
    return TRUE;
  *unpacked = open_nameless (path);
  if (*unpacked < 0)
    return set_no_room (path, error);
  if (unpack_all (packed, buffer, got, path, most, *unpacked, error))
    return TRUE;
  close (*unpacked);
  *unpacked = -1;
  return FALSE;
}

gboolean
_valise_package_unpack (int fd, const char *path, int *unpacked, GError **error)
{
  g_auto (Packed) packed = { NULL, NULL };

  *unpacked = -1;
  return !open_packed (&packed, fd) || unpack_tar (&packed, path, most_unpacked (fd), unpacked, error);
}

gboolean
_valise_package_unpack_member (GInputStream *stream,
                               guint64 size,
                               guint64 packed,
                               const char *path,
                               int *unpacked,
                               GError **error)
{
  g_auto (Packed) inner = { g_object_ref (stream), NULL };

  *unpacked = -1;
  return unpack_tar (&inner, path, MIN (size, allow (packed)), unpacked, error);
}
