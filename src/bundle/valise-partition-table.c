/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-partition-table.h"

#include <lzma.h>
#include <string.h>

#include "base/valise-bytes.h"

#define MBR_ENTRIES 446
#define MBR_ENTRY 16
#define MBR_MAGIC 510
#define MBR_TYPE_GPT 0xee
#define HEADER_LEAST 92
#define ENTRY_LEAST 128
#define ENTRIES_MOST (1024 * 1024)

/* Fields of a GPT header. */
#define SIZE_FIELD 12
#define CRC_FIELD 16
#define OWN_FIELD 24
#define OTHER_FIELD 32
#define LAST_FIELD 48
#define ENTRIES_FIELD 72
#define COUNT_FIELD 80
#define ENTRY_SIZE_FIELD 84
#define ENTRIES_CRC_FIELD 88

void
_valise_partition_table_free (ValisePartitionTable *self)
{
  g_free (self->head);
  g_free (self->entries);
  g_free (self);
}

static void
take_in (ValisePartitionTable *self, guint number, guint64 end)
{
  if (end <= self->end)
    return;
  self->end = end;
  self->last = number;
}

/* --- MBR --- */

/* A file system that has the whole disk ends its first sector in the same two bytes. */
static gboolean
is_file_system (const guint8 *sector)
{
  return memcmp (sector + 3, "NTFS", 4) == 0 || memcmp (sector + 3, "EXFAT", 5) == 0
         || memcmp (sector + 54, "FAT", 3) == 0 || memcmp (sector + 82, "FAT", 3) == 0;
}

static gboolean
is_mbr (const guint8 *sector)
{
  if (sector[MBR_MAGIC] != 0x55 || sector[MBR_MAGIC + 1] != 0xaa || is_file_system (sector))
    return FALSE;
  for (guint i = 0; i < 4; i++)
    if (sector[MBR_ENTRIES + i * MBR_ENTRY] & 0x7f)
      return FALSE;
  return TRUE;
}

static gboolean
has_type (const guint8 *sector, guint8 type)
{
  for (guint i = 0; i < 4; i++)
    if (sector[MBR_ENTRIES + i * MBR_ENTRY + 4] == type)
      return TRUE;
  return FALSE;
}

static void
read_mbr (ValisePartitionTable *self, const guint8 *sector, guint64 size, guint64 unit)
{
  for (guint i = 0; i < 4; i++)
    {
      const guint8 *entry = sector + MBR_ENTRIES + i * MBR_ENTRY;
      guint64 end = ((guint64) valise_bytes_get_le32 (entry + 8) + valise_bytes_get_le32 (entry + 12)) * unit;

      if (entry[4] == 0)
        continue;
      self->kind = VALISE_PARTITION_TABLE_MBR;
      if (valise_bytes_get_le32 (entry + 8) == 0 || valise_bytes_get_le32 (entry + 12) == 0 || end > size)
        {
          self->kind = VALISE_PARTITION_TABLE_DAMAGED;
          return;
        }
      take_in (self, i + 1, end);
    }
}

/* --- GPT --- */

static gboolean
has_header (const guint8 *at)
{
  return memcmp (at, "EFI PART", 8) == 0;
}

static gboolean
is_header_sound (const guint8 *header, guint64 sector)
{
  guint32 length = valise_bytes_get_le32 (header + SIZE_FIELD);
  g_autofree guint8 *copy = NULL;

  if (length < HEADER_LEAST || length > sector)
    return FALSE;
  copy = g_memdup2 (header, length);
  valise_bytes_put_le32 (copy + CRC_FIELD, 0);
  return lzma_crc32 (copy, length, 0) == valise_bytes_get_le32 (header + CRC_FIELD);
}

/* FALSE also for what no disk of that size can have. */
static gboolean
find_entries (ValisePartitionTable *self, const guint8 *header, guint64 size, guint64 *offset)
{
  guint64 count = valise_bytes_get_le32 (header + COUNT_FIELD),
          length = valise_bytes_get_le32 (header + ENTRY_SIZE_FIELD);
  guint64 lba = valise_bytes_get_le64 (header + ENTRIES_FIELD);

  if (!is_header_sound (header, self->sector) || length < ENTRY_LEAST || length % ENTRY_LEAST != 0
      || length > ENTRIES_MOST || count == 0 || count > ENTRIES_MOST / length || lba < 2 || lba >= size / self->sector
      || count * length > size - lba * self->sector)
    return FALSE;
  *offset = lba * self->sector;
  self->entries_length = count * length;
  return TRUE;
}

static gboolean
read_entries (ValisePartitionTable *self, const guint8 *header, guint64 size)
{
  static const guint8 unused[16];
  guint length = valise_bytes_get_le32 (header + ENTRY_SIZE_FIELD);

  if (lzma_crc32 (self->entries, self->entries_length, 0) != valise_bytes_get_le32 (header + ENTRIES_CRC_FIELD))
    return FALSE;
  for (gsize i = 0; i < self->entries_length / length; i++)
    {
      const guint8 *entry = self->entries + i * length;
      guint64 first = valise_bytes_get_le64 (entry + 32), last = valise_bytes_get_le64 (entry + 40);

      if (memcmp (entry, unused, sizeof unused) == 0)
        continue;
      if (first > last || last >= size / self->sector)
        return FALSE;
      take_in (self, i + 1, (last + 1) * self->sector);
    }
  return TRUE;
}

static guint64
entries_sectors (const ValisePartitionTable *self)
{
  return (self->entries_length + self->sector - 1) / self->sector;
}

static gboolean
read_gpt (ValisePartitionTable *self, ValiseImageTap *tap, const guint8 *head, guint64 sector, GError **error)
{
  const guint8 *header = head + sector;
  guint64 size = valise_image_tap_get_size (tap), offset;

  self->kind = VALISE_PARTITION_TABLE_DAMAGED;
  self->sector = sector;
  self->head = g_memdup2 (head, 2 * sector);
  if (!find_entries (self, header, size, &offset))
    return TRUE;
  self->entries = g_malloc (self->entries_length);
  if (!valise_image_tap_read (tap, offset, self->entries, self->entries_length, error))
    return FALSE;
  if (!read_entries (self, header, size))
    return TRUE;
  self->kind = VALISE_PARTITION_TABLE_GPT;
  self->behind = (entries_sectors (self) + 1) * sector;
  return TRUE;
}

ValisePartitionTable *
_valise_partition_table_read (ValiseImageTap *tap, guint64 sector, GError **error)
{
  g_autoptr (ValisePartitionTable) self = g_new0 (ValisePartitionTable, 1);
  g_autofree guint8 *head = g_malloc0 (2 * sector);
  guint64 size = valise_image_tap_get_size (tap);

  if (!valise_image_tap_read (tap, 0, head, MIN (size, 2 * sector), error))
    return NULL;
  if (has_header (head + sector))
    {
      if (!read_gpt (self, tap, head, sector, error))
        return NULL;
    }
  /* Also one that was made when the disk had sectors of another size. */
  else if (is_mbr (head) && has_type (head, MBR_TYPE_GPT))
    self->kind = VALISE_PARTITION_TABLE_DAMAGED;
  else if (is_mbr (head))
    read_mbr (self, head, size, sector);
  return g_steal_pointer (&self);
}

/* --- for another size --- */

static void
patch_free (gpointer data)
{
  ValisePartitionPatch *self = data;

  g_bytes_unref (self->bytes);
  g_free (self);
}

static void
add_patch (GPtrArray *patches, guint64 offset, const guint8 *bytes, gsize length)
{
  ValisePartitionPatch *patch = g_new0 (ValisePartitionPatch, 1);

  patch->offset = offset;
  patch->bytes = g_bytes_new (bytes, length);
  g_ptr_array_add (patches, patch);
}

/* The table before the first sector, for those that know no other, says that all of the disk is taken. */
static void
resize_protection (guint8 *sector, guint64 sectors)
{
  for (guint i = 0; i < 4; i++)
    if (sector[MBR_ENTRIES + i * MBR_ENTRY + 4] == MBR_TYPE_GPT)
      valise_bytes_put_le32 (sector + MBR_ENTRIES + i * MBR_ENTRY + 12, (guint32) MIN (sectors - 1, G_MAXUINT32));
}

static void
seal (guint8 *header)
{
  valise_bytes_put_le32 (header + CRC_FIELD, 0);
  valise_bytes_put_le32 (header + CRC_FIELD, lzma_crc32 (header, valise_bytes_get_le32 (header + SIZE_FIELD), 0));
}

GPtrArray *
_valise_partition_table_resize (const ValisePartitionTable *self, guint64 size)
{
  GPtrArray *patches = g_ptr_array_new_with_free_func (patch_free);
  g_autofree guint8 *head = NULL;
  guint64 sectors, second;
  guint8 *header;

  if (self->kind != VALISE_PARTITION_TABLE_GPT)
    return patches;
  sectors = size / self->sector;
  second = sectors - 1 - entries_sectors (self);
  head = g_memdup2 (self->head, 2 * self->sector);
  header = head + self->sector;
  resize_protection (head, sectors);
  valise_bytes_put_le64 (header + OTHER_FIELD, sectors - 1);
  valise_bytes_put_le64 (header + LAST_FIELD, second - 1);
  seal (header);
  add_patch (patches, 0, head, 2 * self->sector);
  add_patch (patches, second * self->sector, self->entries, self->entries_length);
  valise_bytes_put_le64 (header + OWN_FIELD, sectors - 1);
  valise_bytes_put_le64 (header + OTHER_FIELD, 1);
  valise_bytes_put_le64 (header + ENTRIES_FIELD, second);
  seal (header);
  add_patch (patches, (sectors - 1) * self->sector, header, self->sector);
  return patches;
}
