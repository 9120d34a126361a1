/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Partition tables that a guest wrote. Input: a byte for how (1: sectors of 4096 bytes; 2: the sums of a GPT are made
 * right first, so that damage gets past them), the size of the disk in eight bytes, and the disk from its beginning;
 * all after that are zeros. */
#include "bundle/valise-partition-table.h"

#include <lzma.h>
#include <string.h>

#define SIZE_MOST (G_GUINT64_CONSTANT (1) << 56)
#define PARAMETERS 9

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

struct _ValiseImageTap
{
  const guint8 *bytes;
  gsize length;
  guint64 size;
};

/* --- the disk, instead of one that QEMU reads --- */

ValiseImageTap *
valise_image_tap_open (const char *path, const char *format, GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, path);
  return NULL;
}

void
valise_image_tap_free (ValiseImageTap *self)
{
}

guint64
valise_image_tap_get_size (ValiseImageTap *self)
{
  return self->size;
}

gboolean
valise_image_tap_next (ValiseImageTap *self, guint64 from, guint64 *offset, guint64 *length, GError **error)
{
  *offset = from;
  *length = 0;
  return TRUE;
}

/* Nobody may ask for what is behind the end. */
gboolean
valise_image_tap_read (ValiseImageTap *self, guint64 offset, void *bytes, gsize length, GError **error)
{
  g_assert_true (offset <= self->size && length <= self->size - offset);
  memset (bytes, 0, length);
  if (offset < self->length)
    memcpy (bytes, self->bytes + offset, MIN (length, self->length - offset));
  return TRUE;
}

/* --- sums --- */

static guint32
get32 (const guint8 *at)
{
  return at[0] | at[1] << 8 | at[2] << 16 | (guint32) at[3] << 24;
}

static void
put32 (guint8 *at, guint32 value)
{
  for (guint i = 0; i < 4; i++)
    at[i] = (guint8) (value >> 8 * i);
}

static void
seal (guint8 *disk, gsize length, gsize sector)
{
  guint8 *header;
  guint64 at, bytes;

  if (length < 2 * sector || get32 (disk + sector + 12) > sector)
    return;
  header = disk + sector;
  at = (guint64) get32 (header + 72) * sector;
  bytes = (guint64) get32 (header + 80) * get32 (header + 84);
  if (at <= length && bytes <= length - at)
    put32 (header + 88, lzma_crc32 (disk + at, bytes, 0));
  put32 (header + 16, 0);
  put32 (header + 16, lzma_crc32 (header, get32 (header + 12), 0));
}

/* --- what comes out --- */

static void
check (const ValisePartitionTable *table, guint64 size)
{
  guint64 least = (table->end + table->behind + table->sector - 1) / MAX (table->sector, 1) * MAX (table->sector, 1);
  g_autoptr (GPtrArray) patches = NULL;

  if (table->kind == VALISE_PARTITION_TABLE_NONE || table->kind == VALISE_PARTITION_TABLE_DAMAGED)
    return;
  g_assert_cmpuint (table->end, <=, size);
  if (table->kind == VALISE_PARTITION_TABLE_GPT)
    least = MAX (least, 2 * table->sector + table->behind);
  patches = _valise_partition_table_resize (table, least);
  for (guint i = 0; i < patches->len; i++)
    {
      const ValisePartitionPatch *patch = patches->pdata[i];

      g_assert_cmpuint (patch->offset, <=, least);
      g_assert_cmpuint (g_bytes_get_size (patch->bytes), <=, least - patch->offset);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (ValisePartitionTable) table = NULL;
  g_autofree guint8 *disk = NULL;
  ValiseImageTap tap = { 0 };
  gsize sector;

  if (size < PARAMETERS)
    return 0;
  sector = data[0] & 1 ? 4096 : 512;
  for (guint i = 0; i < 8; i++)
    tap.size |= (guint64) data[1 + i] << 8 * i;
  tap.size = tap.size % SIZE_MOST / sector * sector;
  tap.bytes = disk = g_memdup2 (data + PARAMETERS, size - PARAMETERS);
  tap.length = size - PARAMETERS;
  if (data[0] & 2)
    seal (disk, tap.length, sector);
  table = _valise_partition_table_read (&tap, sector, NULL);
  g_assert_nonnull (table);
  check (table, tap.size);
  return 0;
}
