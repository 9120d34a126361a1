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
#include "bundle/valise-image-header.h"
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

/* Of VHD. */
#define DYNAMIC 3
#define UNUSED G_MAXUINT32
/* Of VHDX. */
#define STATE 7
#define PRESENT 6
#define PLACE_MASK (~G_GUINT64_CONSTANT (0xfffff))
/* Of Parallels. */
#define TABLE_AT 64

typedef struct
{
  const ValiseImagePlace *place;
  const ValiseForeignImage *image;
  guint64 left;      /* that may be read: tables lie in the file, each once */
  guint64 most;      /* that the caller has time for */
  gboolean enough;   /* it was more */
  gboolean streamed; /* its tables lie between its data */
  GCancellable *cancellable;
  GError **error;
} Reach;

static gboolean
set_cut (const Reach *self)
{
  g_autofree char *name = valise_text_for_display (self->place->name, 120);

  return _valise_image_set_cut (name, self->error);
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
  self->enough = length > self->most;
  if (self->enough || g_cancellable_set_error_if_cancelled (self->cancellable, self->error))
    return FALSE;
  self->left -= length;
  self->most -= length;
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

typedef gboolean (*Visit) (Reach *self, const guint8 *entry, guint64 index, gconstpointer data);

/* @size: of an entry, which divides a piece */
static gboolean
walk_table (Reach *self, guint64 at, guint64 entries, gsize size, Visit visit, gconstpointer data)
{
  g_autofree guint8 *piece = g_malloc (PIECE_BYTES);

  if (at > self->place->size || entries > self->left / size)
    return set_cut (self);
  for (guint64 first = 0; first < entries; first += PIECE_BYTES / size)
    {
      gsize length = (gsize) MIN ((entries - first) * size, PIECE_BYTES);

      if (!read_table (self, at + first * size, piece, length))
        return FALSE;
      for (gsize i = 0; i < length / size; i++)
        if (!visit (self, piece + i * size, first + i, data))
          return FALSE;
    }
  return TRUE;
}

static gboolean
lies_inside (const Reach *self, guint64 at, guint64 length)
{
  return (at <= self->place->size && length <= self->place->size - at) || set_cut (self);
}

/* Where the disk ends before its last block does, who wrote it may have ended there, too. */
static gboolean
check_block (const Reach *self, guint64 at, guint64 before, guint64 index, guint64 block)
{
  guint64 start, seen = self->image->capacity;

  if (!g_uint64_checked_mul (&start, index, block) || start >= seen)
    return TRUE;
  return lies_inside (self, at, before) && lies_inside (self, at + before, MIN (block, seen - start));
}

/* --- qcow2 --- */

/* It says how many sectors there are behind its first. The last of them may be there in part, and one is forgiven to who
 * counted too many. QEMU unpacks what is left without a word. */
static gboolean
check_packed_cluster (const Reach *self, guint64 entry, guint bits)
{
  guint shift = 62 - (bits - 8);
  guint64 at = entry & ((G_GUINT64_CONSTANT (1) << shift) - 1), more = (entry & (COMPRESSED - 1)) >> shift;

  return lies_inside (self, at, 1) && (more < 2 || lies_inside (self, at - at % SECTOR, (more - 1) * SECTOR + 1));
}

/* Of one that is not packed the beginning is enough: a file may end within its last cluster, and be whole. */
static gboolean
check_cluster (Reach *self, const guint8 *bytes, guint64 index, gconstpointer bits)
{
  guint64 entry = valise_bytes_get_be64 (bytes);

  if (entry & COMPRESSED)
    return check_packed_cluster (self, entry, GPOINTER_TO_UINT (bits));
  if (entry & READS_ZEROS)
    return TRUE;
  return (entry & OFFSET_MASK) == 0 || lies_inside (self, entry & OFFSET_MASK, 1);
}

static gboolean
check_second_table (Reach *self, const guint8 *bytes, guint64 index, gconstpointer head)
{
  guint64 at = valise_bytes_get_be64 (bytes) & OFFSET_MASK;
  guint bits = valise_bytes_get_be32 ((const guint8 *) head + 20);
  gboolean extended = valise_bytes_get_be32 ((const guint8 *) head + 4) >= 3
                      && (valise_bytes_get_be64 ((const guint8 *) head + 72) & EXTENDED) != 0;
  gsize entry = extended ? 16 : 8;

  return at == 0 || walk_table (self, at, ((guint64) 1 << bits) / entry, entry, check_cluster, GUINT_TO_POINTER (bits));
}

static gboolean
check_qcow2 (Reach *self, const guint8 *head)
{
  guint bits = valise_bytes_get_be32 (head + 20);

  if (bits < 9 || bits > 21)
    return set_cut (self);
  return walk_table (self, valise_bytes_get_be64 (head + 40), valise_bytes_get_be32 (head + 36), 8, check_second_table,
                     head);
}

/* --- VMDK --- */

/* 1 stands for a grain of zeros. */
static gboolean
check_grain (Reach *self, const guint8 *bytes, guint64 index, gconstpointer unused)
{
  guint64 at = valise_bytes_get_le32 (bytes);

  return at <= 1 || lies_inside (self, at * SECTOR, 1);
}

static gboolean
check_grains (Reach *self, const guint8 *bytes, guint64 index, gconstpointer count)
{
  guint64 at = valise_bytes_get_le32 (bytes);

  if (at <= 1)
    return TRUE;
  /* Reading the tables there would unpack it all once more. */
  if (self->streamed && self->place->packed != NULL)
    return lies_inside (self, at * SECTOR, 1);
  return walk_table (self, at * SECTOR, GPOINTER_TO_UINT (count), 4, check_grain, NULL);
}

/* In one that was written as a stream what stands at the head is found at the end. QEMU says itself when it is not. */
static gboolean
check_vmdk (Reach *self, const guint8 *head)
{
  guint8 footer[HEAD_BYTES];
  guint64 size = self->place->size, at, covered;
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
  at = valise_bytes_get_le64 (head + 56);
  if (count == 0 || count > GRAINS_MOST || covered == 0 || covered > G_MAXUINT32 || at > G_MAXINT64 / SECTOR)
    return set_cut (self);
  covered *= count;
  return walk_table (self, at * SECTOR, (valise_bytes_get_le64 (head + 12) + covered - 1) / covered, 4, check_grains,
                     GUINT_TO_POINTER (count));
}

/* --- VDI --- */

/* Its blocks lie one behind the other; which of them is the disk's last does not matter for how long the file is at
 * least. */
static gboolean
check_vdi (Reach *self, const guint8 *head)
{
  guint64 data = valise_bytes_get_le32 (head + 344), block = valise_bytes_get_le32 (head + 376),
          more = valise_bytes_get_le32 (head + 380), blocks = valise_bytes_get_le32 (head + 388);
  guint64 tail = block > 0 ? self->image->capacity % block : 0;

  if (blocks == 0)
    return TRUE;
  return lies_inside (self, data + (blocks - 1) * (block + more), more + (tail > 0 ? tail : block));
}

/* --- VHD --- */

typedef struct
{
  guint64 block, bitmap;
} Vhd;

static gboolean
check_vhd_block (Reach *self, const guint8 *bytes, guint64 index, gconstpointer data)
{
  const Vhd *vhd = data;
  guint32 at = valise_bytes_get_be32 (bytes);

  return at == UNUSED || check_block (self, (guint64) at * SECTOR, vhd->bitmap, index, vhd->block);
}

/* A fixed one has no footer at its head, and when it lacks the one at its end it is a raw disk. What a dynamic one loses
 * with the one at its end it has twice. */
static gboolean
check_vhd (Reach *self, const guint8 *head)
{
  guint8 header[HEAD_BYTES];
  Vhd vhd;

  if (memcmp (head, "conectix", 8) != 0 || valise_bytes_get_be32 (head + 60) != DYNAMIC)
    return TRUE;
  if (!read_table (self, valise_bytes_get_be64 (head + 16), header, sizeof header))
    return FALSE;
  vhd.block = valise_bytes_get_be32 (header + 32);
  vhd.bitmap = (vhd.block / SECTOR / 8 + SECTOR - 1) / SECTOR * SECTOR;
  return walk_table (self, valise_bytes_get_be64 (header + 16), valise_bytes_get_be32 (header + 28), 4, check_vhd_block,
                     &vhd);
}

/* --- VHDX --- */

/* Bitmaps of sectors, which stand between the blocks, are there only beside a parent. */
static gboolean
check_vhdx_block (Reach *self, const guint8 *bytes, guint64 index, gconstpointer unused)
{
  guint64 entry = valise_bytes_get_le64 (bytes);

  return (entry & STATE) < PRESENT || lies_inside (self, entry & PLACE_MASK, self->image->block);
}

static gboolean
check_vhdx (Reach *self, const guint8 *head)
{
  return walk_table (self, self->image->table, self->image->table_bytes / 8, 8, check_vhdx_block, NULL);
}

/* --- Parallels --- */

typedef struct
{
  guint64 block, unit;
} Parallels;

static gboolean
check_parallels_block (Reach *self, const guint8 *bytes, guint64 index, gconstpointer data)
{
  const Parallels *parallels = data;
  guint64 at;

  if (valise_bytes_get_le32 (bytes) == 0)
    return TRUE;
  if (!g_uint64_checked_mul (&at, valise_bytes_get_le32 (bytes), parallels->unit))
    return set_cut (self);
  return check_block (self, at, 0, index, parallels->block);
}

static gboolean
check_parallels (Reach *self, const guint8 *head)
{
  Parallels parallels = { .block = (guint64) valise_bytes_get_le32 (head + 28) * SECTOR };

  parallels.unit = memcmp (head, "WithouFreSpacExt", 16) == 0 ? parallels.block : SECTOR;
  return walk_table (self, TABLE_AT, valise_bytes_get_le32 (head + 32), 4, check_parallels_block, &parallels);
}

/* --- QED --- */

typedef struct
{
  guint64 block, entries, first;
} Qed;

/* 1 stands for a block of zeros. */
static gboolean
check_qed_block (Reach *self, const guint8 *bytes, guint64 index, gconstpointer data)
{
  const Qed *qed = data;
  guint64 at = valise_bytes_get_le64 (bytes);

  return at <= 1 || check_block (self, at, 0, qed->first + index, qed->block);
}

static gboolean
check_qed_blocks (Reach *self, const guint8 *bytes, guint64 index, gconstpointer data)
{
  Qed qed = *(const Qed *) data;
  guint64 at = valise_bytes_get_le64 (bytes);

  if (at == 0)
    return TRUE;
  qed.first = index * qed.entries;
  /* As of a VMDK that was written as a stream. */
  if (self->place->packed != NULL)
    return lies_inside (self, at, qed.entries * 8);
  return walk_table (self, at, qed.entries, 8, check_qed_block, &qed);
}

static gboolean
check_qed (Reach *self, const guint8 *head)
{
  Qed qed = { .block = valise_bytes_get_le32 (head + 4) };

  qed.entries = qed.block * valise_bytes_get_le32 (head + 8) / 8;
  return walk_table (self, valise_bytes_get_le64 (head + 40), qed.entries, 8, check_qed_blocks, &qed);
}

gboolean
valise_image_check_reach (const ValiseImagePlace *place,
                          const ValiseForeignImage *image,
                          guint64 most,
                          GCancellable *cancellable,
                          GError **error)
{
  static const struct
  {
    const char *driver;
    gboolean (*check) (Reach *self, const guint8 *head);
  } known[] = {
    { "qcow2", check_qcow2 }, { "vmdk", check_vmdk },           { "vdi", check_vdi }, { "vpc", check_vhd },
    { "vhdx", check_vhdx },   { "parallels", check_parallels }, { "qed", check_qed },
  };
  Reach self = {
    .place = place, .image = image, .left = place->size, .most = most, .cancellable = cancellable, .error = error
  };
  guint8 head[HEAD_BYTES] = { 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_equal (image->driver, known[i].driver))
      return (read_table (&self, 0, head, (gsize) MIN (place->size, HEAD_BYTES)) && known[i].check (&self, head))
             || self.enough;
  return TRUE;
}

/* --- a disk in several files --- */

/* In a plain one nothing leads anywhere. */
static const ValiseForeignImage sparse_extent = { .driver = "vmdk" };

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
      whole = valise_image_check_reach (&place, &sparse_extent, G_MAXUINT64, cancellable, error);
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
                 ? valise_image_check_reach (&source->extents[i], &sparse_extent, G_MAXUINT64, cancellable, error)
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

  if (image->extents == NULL ? !valise_image_check_reach (&source->parts[0], image, G_MAXUINT64, cancellable, error)
                             : !check_extents (source, image, cancellable, error))
    return FALSE;
  if (source->parent == NULL)
    return TRUE;
  parent = valise_foreign_image_look (&source->parent->parts[0], error);
  return parent != NULL && _valise_image_check_source (source->parent, parent, cancellable, error);
}
