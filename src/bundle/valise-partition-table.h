/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-image-tap.h"

G_BEGIN_DECLS

/* How the guest has parted a disk, as far as its size matters. Private to this room. */

typedef enum
{
  VALISE_PARTITION_TABLE_NONE, /* none that we know; one file system may have the whole disk */
  VALISE_PARTITION_TABLE_MBR,
  VALISE_PARTITION_TABLE_GPT,
  VALISE_PARTITION_TABLE_DAMAGED, /* there is one, and it contradicts itself */
} ValisePartitionTableKind;

typedef struct
{
  ValisePartitionTableKind kind;
  guint64 end;    /* the first byte after the partition that ends last */
  guint64 behind; /* bytes that the table itself needs after it */
  guint last;     /* number of that partition, from 1 */
  guint64 sector; /* bytes; of a GPT */
  guint8 *head;   /* of a GPT: the first two sectors */
  guint8 *entries;
  gsize entries_length;
} ValisePartitionTable;

/* @sector: bytes, a power of two from 512, that the guest counts the disk in. #ValiseImageError when the disk cannot be
 * read. (transfer full) */
ValisePartitionTable *_valise_partition_table_read (ValiseImageTap *tap, guint64 sector, GError **error);
void _valise_partition_table_free (ValisePartitionTable *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValisePartitionTable, _valise_partition_table_free)

/* A piece of a disk. */
typedef struct
{
  guint64 offset;
  GBytes *bytes;
} ValisePartitionPatch;

/* What is to be written so that a GPT, all of whose partitions fit, is one of a disk of @size bytes; nothing of other
 * tables. (element-type ValisePartitionPatch) (transfer full) */
GPtrArray *_valise_partition_table_resize (const ValisePartitionTable *self, guint64 size);

G_END_DECLS
