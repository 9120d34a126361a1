/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-image-reach.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/valise-bytes.h"
#include "base/valise-path.h"
#include "bundle/valise-packed-image.h"

#define HEAD_BYTES 512
#define SECTOR 512
/* Of the first table that is read at once. */
#define PIECE_BYTES (64 * 1024)
/* Of VMDK. */
#define FOOTER_BEHIND 1024
#define GRAINS_MOST 4096

/* Of qcow2. */
#define OFFSET_MASK G_GUINT64_CONSTANT (0x00fffffffffffe00)
#define COMPRESSED (G_GUINT64_CONSTANT (1) << 62)
#define READS_ZEROS 1
#define EXTENDED 16

typedef struct
{
  const ValiseImagePlace *place;
  guint64 left;      /* that may be read: tables lie in the file, each once */
  gboolean streamed; /* its tables lie between its data */
  GCancellable *cancellable;
  GError **error;
} Reach;

static gboolean
set_cut (const Reach *self)
{
  g_autofree char *name = valise_text_for_display (self->place->name, 120);

  g_set_error (self->error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_DAMAGED,
               _ ("The disk “%s” is not whole: parts of it lie behind its end. Get the file once more from where it "
                  "came."),
               name);
  return FALSE;
}

static gssize
read_some (const Reach *self, guint64 at, guint8 *bytes, gsize length)
{
  const ValiseImagePlace *place = self->place;
  gssize got;

  if (place->packed != NULL)
    return _valise_packed_image_read (place->packed, at, bytes, length, self->error);
  do
    got = pread (place->fd, bytes, length, (off_t) (place->offset + at));
  while (got < 0 && errno == EINTR);
  if (got < 0)
    {
      int code = errno;
      g_autofree char *name = valise_text_for_display (place->name, 120);

      g_set_error (self->error, G_IO_ERROR, g_io_error_from_errno (code), _ ("The disk “%s” cannot be read: %s"), name,
                   g_strerror (code));
    }
  return got;
}

static gboolean
read_table (Reach *self, guint64 at, guint8 *bytes, gsize length)
{
  if (at > self->place->size || length > self->place->size - at || length > self->left)
    return set_cut (self);
  if (g_cancellable_set_error_if_cancelled (self->cancellable, self->error))
    return FALSE;
  self->left -= length;
  for (gsize done = 0; done < length;)
    {
      gssize got = read_some (self, at + done, bytes + done, length - done);

      if (got < 0)
        return FALSE;
      if (got == 0)
        return set_cut (self);
      done += (gsize) got;
    }
  return TRUE;
}

static gboolean
lies_inside (const Reach *self, guint64 at)
{
  return at < self->place->size || set_cut (self);
}

/* --- qcow2 --- */

typedef struct
{
  guint cluster_bits;
  gsize entry; /* bytes */
  guint8 *table;
} Qcow2;

static gboolean
check_cluster (Reach *self, const Qcow2 *image, guint64 entry)
{
  guint64 packed = (G_GUINT64_CONSTANT (1) << (62 - (image->cluster_bits - 8))) - 1;

  if (entry & COMPRESSED)
    return lies_inside (self, entry & packed);
  if (entry & READS_ZEROS)
    return TRUE;
  return (entry & OFFSET_MASK) == 0 || lies_inside (self, entry & OFFSET_MASK);
}

static gboolean
check_second_table (Reach *self, const Qcow2 *image, guint64 at)
{
  gsize length = (gsize) 1 << image->cluster_bits;

  if (at == 0)
    return TRUE;
  if (!read_table (self, at, image->table, length))
    return FALSE;
  for (gsize i = 0; i < length; i += image->entry)
    if (!check_cluster (self, image, valise_bytes_get_be64 (image->table + i)))
      return FALSE;
  return TRUE;
}

static gboolean
check_qcow2 (Reach *self, const guint8 *head)
{
  g_autofree guint8 *first = g_malloc (PIECE_BYTES);
  g_autofree guint8 *table = NULL;
  Qcow2 image = { .cluster_bits = valise_bytes_get_be32 (head + 20), .entry = 8 };
  guint64 at = valise_bytes_get_be64 (head + 40), bytes = (guint64) valise_bytes_get_be32 (head + 36) * 8;

  if (image.cluster_bits < 9 || image.cluster_bits > 21)
    return set_cut (self);
  if (valise_bytes_get_be32 (head + 4) >= 3 && (valise_bytes_get_be64 (head + 72) & EXTENDED) != 0)
    image.entry = 16;
  image.table = table = g_malloc ((gsize) 1 << image.cluster_bits);
  while (bytes > 0)
    {
      gsize length = (gsize) MIN (bytes, PIECE_BYTES);

      if (!read_table (self, at, first, length))
        return FALSE;
      for (gsize i = 0; i < length; i += 8)
        if (!check_second_table (self, &image, valise_bytes_get_be64 (first + i) & OFFSET_MASK))
          return FALSE;
      at += length;
      bytes -= length;
    }
  return TRUE;
}

/* --- VMDK --- */

static gboolean
check_grains (Reach *self, guint64 at, guint count)
{
  guint8 table[GRAINS_MOST * 4];

  /* 1 stands for a grain of zeros. */
  if (at <= 1)
    return TRUE;
  /* Reading the tables there would unpack it all once more. */
  if (self->streamed && self->place->packed != NULL)
    return lies_inside (self, at * SECTOR);
  if (!read_table (self, at * SECTOR, table, count * 4))
    return FALSE;
  for (guint i = 0; i < count; i++)
    if (valise_bytes_get_le32 (table + i * 4) > 1
        && !lies_inside (self, (guint64) valise_bytes_get_le32 (table + i * 4) * SECTOR))
      return FALSE;
  return TRUE;
}

static gboolean
check_directory (Reach *self, guint64 at, guint64 tables, guint count)
{
  g_autofree guint8 *piece = g_malloc (PIECE_BYTES);

  if (at > G_MAXINT64 / SECTOR || tables > self->left / 4)
    return set_cut (self);
  for (guint64 done = 0; done < tables;)
    {
      gsize length = (gsize) MIN ((tables - done) * 4, PIECE_BYTES);

      if (!read_table (self, at * SECTOR + done * 4, piece, length))
        return FALSE;
      for (gsize i = 0; i < length; i += 4)
        if (!check_grains (self, valise_bytes_get_le32 (piece + i), count))
          return FALSE;
      done += length / 4;
    }
  return TRUE;
}

/* In one that was written as a stream what stands at the head is found at the end. QEMU says itself when it is not. */
static gboolean
check_vmdk (Reach *self, const guint8 *head)
{
  guint8 footer[HEAD_BYTES];
  guint64 size = self->place->size, covered;
  guint count;

  if (memcmp (head, "KDMV", 4) != 0)
    return TRUE;
  if (valise_bytes_get_le64 (head + 56) == G_MAXUINT64)
    {
      if (size < FOOTER_BEHIND)
        return set_cut (self);
      if (!read_table (self, size - FOOTER_BEHIND, footer, sizeof footer))
        return FALSE;
      if (memcmp (footer, "KDMV", 4) != 0)
        return set_cut (self);
      head = footer;
      self->streamed = TRUE;
    }
  count = valise_bytes_get_le32 (head + 44);
  covered = valise_bytes_get_le64 (head + 20);
  if (count == 0 || count > GRAINS_MOST || covered == 0 || covered > G_MAXUINT32)
    return set_cut (self);
  covered *= count;
  return check_directory (self, valise_bytes_get_le64 (head + 56),
                          (valise_bytes_get_le64 (head + 12) + covered - 1) / covered, count);
}

/* --- VDI --- */

static gboolean
check_vdi (Reach *self, const guint8 *head)
{
  guint64 data = valise_bytes_get_le32 (head + 344), block = valise_bytes_get_le32 (head + 376),
          more = valise_bytes_get_le32 (head + 380), blocks = valise_bytes_get_le32 (head + 388);

  return blocks == 0 || lies_inside (self, data + (blocks - 1) * (block + more));
}

gboolean
_valise_image_check_reach (const ValiseImagePlace *place, const char *driver, GCancellable *cancellable, GError **error)
{
  static const struct
  {
    const char *driver;
    gboolean (*check) (Reach *self, const guint8 *head);
  } known[] = { { "qcow2", check_qcow2 }, { "vmdk", check_vmdk }, { "vdi", check_vdi } };
  Reach self = { .place = place, .left = place->size, .cancellable = cancellable, .error = error };
  guint8 head[HEAD_BYTES];

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_equal (driver, known[i].driver) && place->size >= HEAD_BYTES)
      return read_table (&self, 0, head, sizeof head) && known[i].check (&self, head);
  return TRUE;
}

/* --- a disk in several files --- */

/* Which cannot be opened, QEMU says better. */
static gboolean
check_beside (const char *path, const char *extent, GCancellable *cancellable, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *file = g_build_filename (folder, extent, NULL);
  ValiseImagePlace place = { .fd = open (file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), .name = extent };
  gboolean whole = TRUE;
  struct stat st;

  if (place.fd < 0)
    return TRUE;
  if (fstat (place.fd, &st) == 0 && S_ISREG (st.st_mode))
    {
      place.size = (guint64) st.st_size;
      whole = _valise_image_check_reach (&place, "vmdk", cancellable, error);
    }
  close (place.fd);
  return whole;
}

static gboolean
check_extents (const ValiseImageSource *source,
               const ValiseForeignImage *image,
               GCancellable *cancellable,
               GError **error)
{
  for (guint i = 0; image->extents != NULL && image->extents[i] != NULL; i++)
    if (image->sparse[i]
        && !(i < source->n_extents
                 ? _valise_image_check_reach (&source->extents[i], "vmdk", cancellable, error)
                 : source->path == NULL || check_beside (source->path, image->extents[i], cancellable, error)))
      return FALSE;
  return TRUE;
}

gboolean
_valise_image_check_source (const ValiseImageSource *source,
                            const ValiseForeignImage *image,
                            GCancellable *cancellable,
                            GError **error)
{
  g_autoptr (ValiseForeignImage) parent = NULL;

  if (image->extents == NULL ? !_valise_image_check_reach (&source->parts[0], image->driver, cancellable, error)
                             : !check_extents (source, image, cancellable, error))
    return FALSE;
  if (source->parent == NULL)
    return TRUE;
  parent = valise_foreign_image_look (&source->parent->parts[0], error);
  return parent != NULL && _valise_image_check_source (source->parent, parent, cancellable, error);
}
