/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-parcel.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "bundle/valise-bundle.h"
#include "bundle/valise-gnutls.h"
#include "bundle/valise-medium.h"

#define BLOCK 512
#define NAME_BYTES 100
#define HOLD_TRIES 16
/* What twelve octal digits hold. */
#define OCTAL_MOST ((G_GUINT64_CONSTANT (1) << 33) - 1)

/* POSIX.1-1988, which the standard of OVA wants. */
typedef struct
{
  char name[NAME_BYTES];
  char mode[8];
  char uid[8];
  char gid[8];
  char size[12];
  char mtime[12];
  char checksum[8];
  char type;
  char link[NAME_BYTES];
  char magic[6];
  char version[2];
  char user[32];
  char group[32];
  char device_major[8];
  char device_minor[8];
  char prefix[155];
  char pad[12];
} Header;
G_STATIC_ASSERT (sizeof (Header) == BLOCK);

typedef struct
{
  guint64 offset;
  gsize size;
} Room;

struct _ValiseParcel
{
  ValiseParcelKind kind;
  char *path;
  char *partial;
  gboolean replaces;
  gboolean is_made; /* something of ours lies at @partial */
  int fd;           /* of the partial, which is locked */
  int file;         /* the file that is open: the tar itself, or one in the folder */
  char *name;       /* of the open file */
  guint64 at;       /* end of the tar so far */
  guint64 start;    /* where the open file's header is */
  guint64 size;     /* of the open file so far */
  guint64 behind;   /* up to here it is on its way to the disk */
  gnutls_hash_hd_t sum;
  GHashTable *rooms; /* (element-type utf8 Room) */
};

/* --- the tar --- */

static void
set_size (Header *header, guint64 size)
{
  if (size <= OCTAL_MOST)
    {
      g_snprintf (header->size, sizeof header->size, "%011" G_GINT64_MODIFIER "o", size);
      return;
    }
  /* Base 256, which every reader of today takes. */
  header->size[0] = (char) 0x80;
  for (gsize i = 0; i < 8; i++)
    header->size[sizeof header->size - 1 - i] = (char) (size >> (8 * i) & 0xff);
}

static void
header_init (Header *header, const char *name, guint64 size)
{
  guint sum = 0;

  memset (header, 0, sizeof *header);
  memcpy (header->name, name, MIN (strlen (name), NAME_BYTES));
  memcpy (header->mode, "0000644", 8);
  memcpy (header->uid, "0000000", 8);
  memcpy (header->gid, "0000000", 8);
  set_size (header, size);
  g_snprintf (header->mtime, sizeof header->mtime, "%011" G_GINT64_MODIFIER "o", g_get_real_time () / G_USEC_PER_SEC);
  memset (header->checksum, ' ', sizeof header->checksum);
  header->type = '0';
  memcpy (header->magic, "ustar", 6);
  memcpy (header->version, "00", 2);
  for (gsize i = 0; i < sizeof *header; i++)
    sum += ((const guint8 *) header)[i];
  g_snprintf (header->checksum, 7, "%06o", sum);
  header->checksum[7] = ' ';
}

/* Zero and what is left of it. */
static gboolean
check_medium (ValiseParcel *self, int code, GError **error)
{
  if (code == 0)
    return TRUE;
  _valise_medium_set_error (error, code, self->partial, 0);
  return FALSE;
}

static int
write_at (int fd, guint64 offset, const void *bytes, gsize length)
{
  gsize done = 0;

  while (done < length)
    {
      gssize wrote = pwrite (fd, (const char *) bytes + done, length - done, (off_t) (offset + done));

      if (wrote < 0 && errno != EINTR)
        return errno;
      if (wrote > 0)
        done += (gsize) wrote;
    }
  return 0;
}

static gboolean
write_header (ValiseParcel *self, guint64 offset, const char *name, guint64 size, GError **error)
{
  Header header;

  header_init (&header, name, size);
  return check_medium (self, write_at (self->fd, offset, &header, sizeof header), error);
}

static guint64
whole_blocks (guint64 size)
{
  return (size + BLOCK - 1) / BLOCK * BLOCK;
}

/* Two empty blocks, and what readers of old tapes expect after them. */
static gboolean
end_tar (ValiseParcel *self, GError **error)
{
  guint64 end = (self->at + 2 * BLOCK + 20 * BLOCK - 1) / (20 * BLOCK) * (20 * BLOCK);

  return check_medium (self, ftruncate (self->fd, (off_t) end) == 0 ? 0 : errno, error);
}

/* --- making --- */

static gboolean
set_held (ValiseParcel *self, GError **error)
{
  g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_LOCKED,
               _ ("“%s” is being written by another program right now. Wait until that is done."), self->partial);
  return FALSE;
}

/* A folder knows no locks of ranges, and qemu-img takes some of its own in a file. A file system that knows none of
 * whole files has nobody beside us. */
static gboolean
hold (ValiseParcel *self, int fd, GError **error)
{
  return flock (fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK || set_held (self, error);
}

static gboolean
make_folder (ValiseParcel *self, GError **error)
{
  if (g_mkdir (self->partial, 0755) != 0)
    {
      _valise_medium_set_error (error, errno, self->partial, 0);
      return FALSE;
    }
  self->is_made = TRUE;
  self->fd = open (self->partial, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  return check_medium (self, self->fd >= 0 ? 0 : errno, error) && hold (self, self->fd, error);
}

/* Between opening it and holding it, whoever held it may have given it its name: what is at hand is then his work. */
static gboolean
is_still_partial (ValiseParcel *self)
{
  struct stat here, there;

  return fstat (self->fd, &here) == 0 && lstat (self->partial, &there) == 0 && here.st_dev == there.st_dev
         && here.st_ino == there.st_ino;
}

static gboolean
open_file (ValiseParcel *self, GError **error)
{
  struct stat st;

  self->fd = open (self->partial, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644);
  if (self->fd >= 0 && fstat (self->fd, &st) == 0 && S_ISREG (st.st_mode))
    return hold (self, self->fd, error);
  _valise_medium_set_error (error, self->fd < 0 ? errno : EEXIST, self->partial, 0);
  return FALSE;
}

static gboolean
make_file (ValiseParcel *self, GError **error)
{
  for (guint i = 0; i < HOLD_TRIES; i++)
    {
      if (!open_file (self, error))
        return FALSE;
      self->is_made = is_still_partial (self);
      if (self->is_made)
        return check_medium (self, ftruncate (self->fd, 0) == 0 ? 0 : errno, error);
      close (self->fd);
      self->fd = -1;
    }
  return set_held (self, error);
}

/* Who makes a folder holds it as long as it is at work; one that nobody holds is left over. */
static gboolean
clear_left_over (ValiseParcel *self, GError **error)
{
  int fd = open (self->partial, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  gboolean cleared;

  if (fd < 0)
    return TRUE;
  cleared = hold (self, fd, error) && valise_directory_remove (self->partial, error);
  close (fd);
  return cleared;
}

ValiseParcel *
valise_parcel_begin (const char *path, ValiseParcelKind kind, gboolean replaces, GError **error)
{
  g_autoptr (ValiseParcel) self = g_new0 (ValiseParcel, 1);
  g_autofree char *directory = g_path_get_dirname (path);
  g_autofree char *base = g_path_get_basename (path);
  struct stat st;

  self->kind = kind;
  self->path = g_strdup (path);
  self->partial = g_strdup_printf ("%s/.%s.partial", directory, base);
  self->replaces = replaces && kind != VALISE_PARCEL_FOLDER;
  self->fd = self->file = -1;
  self->rooms = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (lstat (path, &st) == 0 && (!self->replaces || !S_ISREG (st.st_mode)))
    {
      _valise_medium_set_error (error, EEXIST, path, 0);
      return NULL;
    }
  if (kind == VALISE_PARCEL_FOLDER ? !clear_left_over (self, error) || !make_folder (self, error)
                                   : !make_file (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

static void
stop_file (ValiseParcel *self)
{
  if (self->sum != NULL)
    gnutls_hash_deinit (self->sum, NULL);
  self->sum = NULL;
  if (self->file >= 0 && self->file != self->fd)
    close (self->file);
  self->file = -1;
  g_clear_pointer (&self->name, g_free);
}

void
valise_parcel_free (ValiseParcel *self)
{
  stop_file (self);
  if (self->is_made && self->kind == VALISE_PARCEL_FOLDER)
    (void) valise_directory_remove (self->partial, NULL);
  else if (self->is_made)
    (void) g_unlink (self->partial);
  if (self->fd >= 0)
    close (self->fd);
  g_hash_table_unref (self->rooms);
  g_free (self->path);
  g_free (self->partial);
  g_free (self);
}

char *
valise_parcel_path (ValiseParcel *self, const char *name)
{
  return name != NULL ? g_build_filename (self->partial, name, NULL) : g_strdup (self->partial);
}

gboolean
valise_parcel_add_folder (ValiseParcel *self, const char *name, GError **error)
{
  g_autofree char *path = valise_parcel_path (self, name);

  return check_medium (self, g_mkdir (path, 0755) == 0 ? 0 : errno, error);
}

/* --- files in it --- */

static gboolean
check_name (ValiseParcel *self, const char *name, GError **error)
{
  g_autofree char *shown = NULL;

  if (self->kind != VALISE_PARCEL_TAR || strlen (name) < NAME_BYTES)
    return TRUE;
  shown = valise_text_for_display (name, 120);
  g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_NAME,
               _ ("“%s” is too long for the name of a file in an OVA. Choose a shorter name."), shown);
  return FALSE;
}

gboolean
valise_parcel_reserve (ValiseParcel *self, const char *name, gsize size, GError **error)
{
  Room *room;

  if (self->kind != VALISE_PARCEL_TAR)
    return TRUE;
  if (!check_name (self, name, error))
    return FALSE;
  room = g_new (Room, 1);
  room->offset = self->at;
  room->size = size;
  g_hash_table_insert (self->rooms, g_strdup (name), room);
  self->at += BLOCK + whole_blocks (size);
  return TRUE;
}

static gboolean
fill_room (ValiseParcel *self, const Room *room, const char *name, const char *text, GError **error)
{
  gsize length = strlen (text);
  g_autofree char *padded = g_malloc (room->size + 1);

  g_return_val_if_fail (length <= room->size, FALSE);
  memcpy (padded, text, length);
  memset (padded + length, '\n', room->size - length);
  return write_header (self, room->offset, name, room->size, error)
         && check_medium (self, write_at (self->fd, room->offset + BLOCK, padded, room->size), error);
}

gboolean
valise_parcel_fill (ValiseParcel *self, const char *name, const char *text, GError **error)
{
  const Room *room = g_hash_table_lookup (self->rooms, name);
  char digest[VALISE_PARCEL_DIGEST_LENGTH];
  guint64 size;

  if (room != NULL)
    return fill_room (self, room, name, text, error);
  return valise_parcel_open (self, name, error) && valise_parcel_write (self, text, strlen (text), error)
         && valise_parcel_close (self, digest, &size, error);
}

gboolean
valise_parcel_open (ValiseParcel *self, const char *name, GError **error)
{
  g_autofree char *path = valise_parcel_path (self, name);

  g_return_val_if_fail (self->name == NULL, FALSE);
  if (!check_name (self, name, error) || !valise_late_load (&valise_gnutls, error))
    return FALSE;
  self->name = g_strdup (name);
  self->start = self->at;
  self->size = 0;
  if (self->kind != VALISE_PARCEL_TAR)
    self->behind = 0;
  if (self->kind == VALISE_PARCEL_TAR)
    self->file = self->fd;
  else
    self->file = open (path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (!check_medium (self, self->file >= 0 ? 0 : errno, error))
    return FALSE;
  if (gnutls_hash_init (&self->sum, GNUTLS_DIG_SHA256) == 0)
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("No digest can be made here. Install GnuTLS anew."));
  return FALSE;
}

gboolean
valise_parcel_write (ValiseParcel *self, const void *bytes, gsize length, GError **error)
{
  guint64 from = self->kind == VALISE_PARCEL_TAR ? self->start + BLOCK : 0;

  gnutls_hash (self->sum, bytes, length);
  if (!check_medium (self, write_at (self->file, from + self->size, bytes, length), error))
    return FALSE;
  self->size += length;
  return check_medium (self, _valise_medium_write_behind (self->file, &self->behind, from + self->size), error);
}

gboolean
valise_parcel_close (ValiseParcel *self, char digest[VALISE_PARCEL_DIGEST_LENGTH], guint64 *size, GError **error)
{
  guint8 raw[32];
  gboolean closed = TRUE;

  gnutls_hash_output (self->sum, raw);
  for (gsize i = 0; i < sizeof raw; i++)
    g_snprintf (digest + 2 * i, 3, "%02x", raw[i]);
  *size = self->size;
  if (self->kind == VALISE_PARCEL_TAR)
    {
      closed = write_header (self, self->start, self->name, self->size, error);
      self->at = self->start + BLOCK + whole_blocks (self->size);
    }
  stop_file (self);
  return closed;
}

gboolean
valise_parcel_write_text (ValiseParcel *self, const char *text, GError **error)
{
  return check_medium (self, write_at (self->fd, 0, text, strlen (text)), error);
}

/* --- the end --- */

static gboolean
replace (ValiseParcel *self, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (self->path);

  if (g_rename (self->partial, self->path) == 0)
    {
      self->is_made = FALSE;
      return valise_directory_sync (folder, error);
    }
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
               _ ("“%s” cannot be replaced: %s. Choose another name."), self->path, g_strerror (errno));
  return FALSE;
}

static gboolean
sync_all (ValiseParcel *self, GError **error)
{
  if (self->kind == VALISE_PARCEL_FOLDER)
    return _valise_medium_sync_tree (self->partial, error);
  return check_medium (self, fsync (self->fd) == 0 ? 0 : errno, error);
}

gboolean
valise_parcel_commit (ValiseParcel *self, GError **error)
{
  if ((self->kind == VALISE_PARCEL_TAR && !end_tar (self, error)) || !sync_all (self, error))
    return FALSE;
  if (self->replaces ? !replace (self, error) : !_valise_medium_rename_new (self->partial, self->path, error))
    return FALSE;
  self->is_made = FALSE;
  return TRUE;
}
