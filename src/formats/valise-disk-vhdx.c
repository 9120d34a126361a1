/* SPDX-License-Identifier: GPL-3.0-or-later */
/* VHDX: the region table says where the metadata are, and their table where the size is. */
#include "formats/valise-disk-header-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-bytes.h"

#define REGIONS (192 * 1024)
#define TABLE 4096
#define ENTRY 32
#define HAS_PARENT 2

static const guint8 metadata_region[16] = { 0x06, 0xa2, 0x7c, 0x8b, 0x90, 0x47, 0x9a, 0x4b,
                                            0xb8, 0xfe, 0x57, 0x5f, 0x05, 0x0f, 0x88, 0x6e };
static const guint8 file_parameters[16] = { 0x37, 0x67, 0xa1, 0xca, 0x36, 0xfa, 0x43, 0x4d,
                                            0xb3, 0xb6, 0x33, 0xf0, 0xaa, 0x44, 0xe7, 0x6b };
static const guint8 virtual_size[16] = { 0x24, 0x42, 0xa5, 0x2f, 0x1b, 0xcd, 0x76, 0x48,
                                         0xb2, 0x11, 0x5d, 0xbe, 0xd8, 0x3b, 0xf4, 0xb8 };

/* The entry of @table that begins with @id, or NULL. @from: of the first */
static const guint8 *
find_entry (const guint8 *table, gsize length, gsize from, const guint8 *id)
{
  for (gsize at = from; at + ENTRY <= length; at += ENTRY)
    if (memcmp (table + at, id, 16) == 0)
      return table + at;
  return NULL;
}

static gboolean
read_number (const ValiseDiskLook *look, guint64 region, const guint8 *entry, guint8 *bytes)
{
  return entry != NULL && _valise_disk_look (look, region + valise_bytes_get_le32 (entry + 16), bytes, 8) == 8;
}

static guint64
find_metadata (const ValiseDiskLook *look)
{
  guint8 table[TABLE];
  gsize length = _valise_disk_look (look, REGIONS, table, sizeof table);
  const guint8 *entry;

  if (length < 16 || memcmp (table, "regi", 4) != 0)
    return 0;
  entry = find_entry (table, length, 16, metadata_region);
  return entry != NULL && valise_bytes_get_le64 (entry + 16) <= G_MAXINT64 / 2 ? valise_bytes_get_le64 (entry + 16) : 0;
}

void
_valise_vhdx_header_read (ValiseDiskHeader *self, const ValiseDiskLook *look)
{
  guint8 table[TABLE], number[8];
  guint64 region = find_metadata (look);
  gsize length = region > 0 ? _valise_disk_look (look, region, table, sizeof table) : 0;

  self->format = "vhdx";
  if (length < ENTRY || memcmp (table, "metadata", 8) != 0)
    {
      if (look->inflated == NULL)
        _valise_disk_header_refuse (self, "disk-damaged", g_strdup (_ ("The disk's own description is damaged.")),
                                    _ ("Get the disk again, or repair it where it was made."));
      return;
    }
  if (read_number (look, region, find_entry (table, length, ENTRY, virtual_size), number))
    self->size = valise_bytes_get_le64 (number);
  if (read_number (look, region, find_entry (table, length, ENTRY, file_parameters), number)
      && (valise_bytes_get_le32 (number + 4) & HAS_PARENT))
    _valise_disk_header_needs (self, NULL);
}
