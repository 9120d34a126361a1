/* SPDX-License-Identifier: GPL-3.0-or-later */
/* VMware's "streamOptimized": grains of 64 KiB, each compressed by itself behind a marker that says which it is; behind
 * every 512 of them the table of where they are, at the end the directory of the tables and the header once more. */
#include "formats/valise-vmdk-write.h"

#include <glib/gi18n-lib.h>
#include <libdeflate.h>
#include <string.h>

#include "base/valise-background.h"
#include "base/valise-size.h"
#include "bundle/valise-image.h"

#define SECTOR 512
#define GRAIN_SECTORS 128
#define GRAIN_BYTES (GRAIN_SECTORS * SECTOR)
#define TABLE_GRAINS 512
#define TABLE_BYTES (TABLE_GRAINS * 4)
#define HEADER_SECTORS 128
#define DESCRIPTION_SECTORS 20
#define DIRECTORY_AT_END G_MAXUINT64
/* Half of what 32 bits count in sectors, and no more tables than the readers of this world take. */
#define CAPACITY_MOST (2 * 1024 * VALISE_GIB)

/* Grains that travel together through a thread. */
#define BATCH_GRAINS 16
#define MARKER_BYTES 12
/* What does not get smaller grows by a few bytes. */
#define PACKED_MOST (GRAIN_BYTES + 1024)
#define LEVEL 6

enum
{
  MARKER_END,
  MARKER_TABLE,
  MARKER_DIRECTORY,
  MARKER_FOOTER,
};

typedef struct
{
  guint table; /* all of its grains are of this one */
  guint n_grains;
  guint64 grains[BATCH_GRAINS];
  guint32 sectors[BATCH_GRAINS]; /* from the start of @out; @missing when it holds nothing */
  guint8 in[BATCH_GRAINS * GRAIN_BYTES];
  guint8 out[BATCH_GRAINS * (MARKER_BYTES + PACKED_MOST)];
  gsize length; /* of @out */
  gboolean is_packed;
} Batch;

static const guint32 missing = G_MAXUINT32;

typedef struct
{
  ValiseImageTap *tap;
  ValiseParcel *parcel;
  ValiseJob *job;
  GCancellable *cancellable;
  guint64 size;
  guint64 at; /* sectors written */
  guint64 populated;
  guint table; /* that is being filled */
  guint32 entries[TABLE_GRAINS];
  gboolean has_entries;
  guint32 *directory;
  guint n_tables;
  GThreadPool *pool;
  GMutex mutex;
  GCond packed;
  GQueue pending; /* (element-type Batch), in the order in which they are written */
  Batch *filling;
  guint64 told;
} Writer;

/* --- packing, in a thread --- */

static gboolean
is_zero (const guint8 *bytes, gsize length)
{
  return bytes[0] == 0 && memcmp (bytes, bytes + 1, length - 1) == 0;
}

static void
put_number (guint8 *to, guint64 number, gsize bytes)
{
  for (gsize i = 0; i < bytes; i++)
    to[i] = (guint8) (number >> (8 * i));
}

static void
pack_grain (Batch *batch, guint number, struct libdeflate_compressor *compressor)
{
  const guint8 *grain = batch->in + (gsize) number * GRAIN_BYTES;
  guint8 *marker = batch->out + batch->length;
  gsize length, padded;

  batch->sectors[number] = missing;
  if (is_zero (grain, GRAIN_BYTES))
    return;
  length = libdeflate_zlib_compress (compressor, grain, GRAIN_BYTES, marker + MARKER_BYTES, PACKED_MOST);
  batch->sectors[number] = (guint32) (batch->length / SECTOR);
  put_number (marker, batch->grains[number] * GRAIN_SECTORS, 8);
  put_number (marker + 8, length, 4);
  padded = (MARKER_BYTES + length + SECTOR - 1) / SECTOR * SECTOR;
  memset (marker + MARKER_BYTES + length, 0, padded - MARKER_BYTES - length);
  batch->length += padded;
}

static void
pack (gpointer data, gpointer user_data)
{
  static GPrivate compressors = G_PRIVATE_INIT ((GDestroyNotify) libdeflate_free_compressor);
  Batch *batch = data;
  Writer *self = user_data;

  if (g_private_get (&compressors) == NULL)
    g_private_set (&compressors, libdeflate_alloc_compressor (LEVEL));
  for (guint i = 0; i < batch->n_grains; i++)
    pack_grain (batch, i, g_private_get (&compressors));
  g_mutex_lock (&self->mutex);
  batch->is_packed = TRUE;
  g_cond_broadcast (&self->packed);
  g_mutex_unlock (&self->mutex);
}

/* --- writing --- */

static gboolean
write_sectors (Writer *self, const void *bytes, gsize length, GError **error)
{
  self->at += length / SECTOR;
  return valise_parcel_write (self->parcel, bytes, length, error);
}

static gboolean
write_marker (Writer *self, guint type, guint64 sectors, GError **error)
{
  guint8 marker[SECTOR] = { 0 };

  put_number (marker, sectors, 8);
  put_number (marker + MARKER_BYTES, type, 4);
  return write_sectors (self, marker, sizeof marker, error);
}

static gboolean
end_table (Writer *self, GError **error)
{
  guint8 bytes[TABLE_BYTES];

  if (!self->has_entries)
    return TRUE;
  for (gsize i = 0; i < TABLE_GRAINS; i++)
    put_number (bytes + 4 * i, self->entries[i], 4);
  if (!write_marker (self, MARKER_TABLE, TABLE_BYTES / SECTOR, error))
    return FALSE;
  self->directory[self->table] = (guint32) self->at;
  memset (self->entries, 0, sizeof self->entries);
  self->has_entries = FALSE;
  return write_sectors (self, bytes, sizeof bytes, error);
}

static gboolean
write_batch (Writer *self, const Batch *batch, GError **error)
{
  if (batch->table != self->table && !end_table (self, error))
    return FALSE;
  self->table = batch->table;
  for (guint i = 0; i < batch->n_grains; i++)
    if (batch->sectors[i] != missing)
      {
        self->entries[batch->grains[i] % TABLE_GRAINS] = (guint32) (self->at + batch->sectors[i]);
        self->has_entries = TRUE;
        self->populated += GRAIN_BYTES;
      }
  return write_sectors (self, batch->out, batch->length, error);
}

static gboolean
write_first (Writer *self, GError **error)
{
  g_autofree Batch *batch = g_queue_pop_head (&self->pending);

  g_mutex_lock (&self->mutex);
  while (!batch->is_packed)
    g_cond_wait (&self->packed, &self->mutex);
  g_mutex_unlock (&self->mutex);
  return write_batch (self, batch, error);
}

/* --- header --- */

static void
header_init (guint8 header[SECTOR], guint64 size, guint64 directory)
{
  memset (header, 0, SECTOR);
  memcpy (header, "KDMV", 4);
  put_number (header + 4, 3, 4);
  put_number (header + 8, 0x30001, 4); /* line ends are good, packed grains, markers */
  put_number (header + 12, size / SECTOR, 8);
  put_number (header + 20, GRAIN_SECTORS, 8);
  put_number (header + 28, 1, 8);
  put_number (header + 36, DESCRIPTION_SECTORS, 8);
  put_number (header + 44, TABLE_GRAINS, 4);
  put_number (header + 56, directory, 8);
  put_number (header + 64, HEADER_SECTORS, 8);
  memcpy (header + 73, "\n \r\n", 4);
  put_number (header + 77, 1, 2); /* deflate */
}

static char *
describe (guint64 size, const char *name, const char *adapter)
{
  guint heads = g_str_equal (adapter, "ide") ? 16 : 255;
  guint64 cylinders = size / SECTOR / (heads * 63);

  return g_strdup_printf ("# Disk DescriptorFile\n"
                          "version=1\n"
                          "CID=%08x\n"
                          "parentCID=ffffffff\n"
                          "createType=\"streamOptimized\"\n"
                          "\n"
                          "# Extent description\n"
                          "RW %" G_GUINT64_FORMAT " SPARSE \"%s\"\n"
                          "\n"
                          "# The Disk Data Base\n"
                          "#DDB\n"
                          "\n"
                          "ddb.virtualHWVersion = \"13\"\n"
                          "ddb.geometry.cylinders = \"%" G_GUINT64_FORMAT "\"\n"
                          "ddb.geometry.heads = \"%u\"\n"
                          "ddb.geometry.sectors = \"63\"\n"
                          "ddb.adapterType = \"%s\"\n",
                          MAX (1, g_random_int () & 0xfffffffd), size / SECTOR, name,
                          MIN (cylinders, heads == 16 ? 16383 : 65535), heads, adapter);
}

static gboolean
write_head (Writer *self, const char *name, const char *adapter, GError **error)
{
  g_autofree guint8 *head = g_malloc0 (HEADER_SECTORS * SECTOR);
  g_autofree char *description = describe (self->size, name, adapter);

  header_init (head, self->size, DIRECTORY_AT_END);
  memcpy (head + SECTOR, description, MIN (strlen (description), DESCRIPTION_SECTORS * SECTOR));
  return write_sectors (self, head, HEADER_SECTORS * SECTOR, error);
}

static gboolean
write_tail (Writer *self, GError **error)
{
  gsize length = (self->n_tables * 4 + SECTOR - 1) / SECTOR * SECTOR;
  g_autofree guint8 *bytes = g_malloc0 (length);
  guint8 footer[SECTOR];
  guint64 directory;

  if (!end_table (self, error) || !write_marker (self, MARKER_DIRECTORY, length / SECTOR, error))
    return FALSE;
  for (guint i = 0; i < self->n_tables; i++)
    put_number (bytes + (gsize) 4 * i, self->directory[i], 4);
  directory = self->at;
  header_init (footer, self->size, directory);
  return write_sectors (self, bytes, length, error) && write_marker (self, MARKER_FOOTER, 1, error)
         && write_sectors (self, footer, sizeof footer, error) && write_marker (self, MARKER_END, 0, error);
}

/* --- reading --- */

static gboolean
send_batch (Writer *self, GError **error)
{
  guint most = 2 * g_get_num_processors () + 2;

  if (self->filling == NULL)
    return TRUE;
  valise_background_share ();
  g_queue_push_tail (&self->pending, self->filling);
  g_thread_pool_push (self->pool, g_steal_pointer (&self->filling), NULL);
  return g_queue_get_length (&self->pending) < most || write_first (self, error);
}

static gboolean
begin_batch (Writer *self, guint table, GError **error)
{
  if (self->filling != NULL && (self->filling->table != table || self->filling->n_grains == BATCH_GRAINS)
      && !send_batch (self, error))
    return FALSE;
  if (self->filling == NULL)
    {
      self->filling = g_new (Batch, 1);
      self->filling->table = table;
      self->filling->n_grains = 0;
      self->filling->length = 0;
      self->filling->is_packed = FALSE;
    }
  return TRUE;
}

static void
tell (Writer *self, guint64 done)
{
  valise_job_advance (self->job, done - self->told);
  self->told = done;
}

/* As many grains from @first as are whole in one batch. */
static gboolean
read_grains (Writer *self, guint64 first, guint64 most, guint *count, GError **error)
{
  guint table = (guint) (first / TABLE_GRAINS);
  guint8 *to;
  gsize length;

  if (g_cancellable_set_error_if_cancelled (self->cancellable, error) || !begin_batch (self, table, error))
    return FALSE;
  *count = (guint) MIN (MIN (most, BATCH_GRAINS - self->filling->n_grains), TABLE_GRAINS - first % TABLE_GRAINS);
  to = self->filling->in + (gsize) self->filling->n_grains * GRAIN_BYTES;
  length = (gsize) MIN ((guint64) *count * GRAIN_BYTES, self->size - first * GRAIN_BYTES);
  if (!valise_image_tap_read (self->tap, first * GRAIN_BYTES, to, length, error))
    return FALSE;
  memset (to + length, 0, (gsize) *count * GRAIN_BYTES - length);
  for (guint i = 0; i < *count; i++)
    self->filling->grains[self->filling->n_grains++] = first + i;
  tell (self, first * GRAIN_BYTES + length);
  return TRUE;
}

static gboolean
write_grains (Writer *self, GError **error)
{
  guint64 next = 0, offset, length;

  for (;;)
    {
      guint64 end;

      if (!valise_image_tap_next (self->tap, next * GRAIN_BYTES, &offset, &length, error))
        return FALSE;
      if (length == 0)
        break;
      next = MAX (next, offset / GRAIN_BYTES);
      end = (offset + length + GRAIN_BYTES - 1) / GRAIN_BYTES;
      while (next < end)
        {
          guint count = 0;

          if (!read_grains (self, next, end - next, &count, error))
            return FALSE;
          next += count;
        }
      if (next * GRAIN_BYTES >= self->size)
        break;
    }
  tell (self, self->size);
  if (!send_batch (self, error))
    return FALSE;
  while (!g_queue_is_empty (&self->pending))
    if (!write_first (self, error))
      return FALSE;
  return TRUE;
}

static gboolean
check_size (Writer *self, GError **error)
{
  g_autofree char *most = valise_size_format (CAPACITY_MOST);

  if (self->size > 0 && self->size <= CAPACITY_MOST)
    return TRUE;
  g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_SIZE,
               _ ("A VMDK disk holds at most %s. Export the machine in another format."), most);
  return FALSE;
}

/* The threads work on what waits to be written, and have to be done with it first. */
static void
writer_clear (Writer *self)
{
  g_thread_pool_free (self->pool, FALSE, TRUE);
  g_queue_clear_full (&self->pending, g_free);
  g_free (self->filling);
  g_free (self->directory);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->packed);
}

gboolean
valise_vmdk_write (ValiseImageTap *tap,
                   ValiseParcel *parcel,
                   const char *name,
                   const char *adapter,
                   guint64 *populated,
                   ValiseJob *job,
                   GCancellable *cancellable,
                   GError **error)
{
  Writer self = { .tap = tap, .parcel = parcel, .job = job, .cancellable = cancellable };
  guint64 span = (guint64) GRAIN_BYTES * TABLE_GRAINS;
  gboolean written;

  self.size = (valise_image_tap_get_size (tap) + SECTOR - 1) / SECTOR * SECTOR;
  if (!check_size (&self, error))
    return FALSE;
  self.n_tables = (guint) ((self.size + span - 1) / span);
  self.directory = g_new0 (guint32, self.n_tables);
  /* Threads of its own take after this one, which may give way to others. */
  self.pool = g_thread_pool_new (pack, &self, (int) g_get_num_processors (), TRUE, NULL);
  g_mutex_init (&self.mutex);
  g_cond_init (&self.packed);
  g_queue_init (&self.pending);
  written = write_head (&self, name, adapter, error) && write_grains (&self, error) && write_tail (&self, error);
  *populated = MIN (self.populated, self.size);
  writer_clear (&self);
  return written;
}
