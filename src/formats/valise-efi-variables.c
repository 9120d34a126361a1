/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The variables of EDK2's firmware, OVMF and AAVMF: a firmware volume (UEFI PI, volume 3) whose only content is a store
 * of variables, one after the other. Which build of the firmware it was shows in nothing but the sizes, so the variables
 * are moved into the layout of the build that is here. */
#include "formats/valise-efi-variables.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-bytes.h"

/* The volume itself is of at most 768 KiB in any build; as qcow2 its clusters follow five of tables. */
#define VOLUME_MOST (2u << 20)
#define FILE_LOOKED_AT (4u << 20)
#define VOLUME_HEADER 56
#define STORE_HEADER 28
#define VARIABLE_HEADER 60
#define VARIABLES_MOST 4096
#define ERASED 0xff

#define START_ID 0x55aa
#define STATE_ADDED 0x3f
/* Being replaced when the power went; it counts as long as there is no other. */
#define STATE_LEAVING 0x3e

/* As they lie there: the first three fields are of the lower byte first. */
static const guint8 volume_kind[16] = { 0x8d, 0x2b, 0xf1, 0xff, 0x96, 0x76, 0x8b, 0x4c,
                                        0xa9, 0x85, 0x27, 0x47, 0x07, 0x5b, 0x4f, 0x50 };
static const guint8 store_kind[16] = { 0x78, 0x2c, 0xf3, 0xaa, 0x7b, 0x94, 0x9a, 0x43,
                                       0xa1, 0x80, 0x2e, 0x14, 0x4e, 0xc3, 0x77, 0x92 };

typedef struct
{
  const guint8 *bytes; /* of the whole variable, with its header */
  gsize length;
} Variable;

/* Where the variables of a volume lie. */
typedef struct
{
  const guint8 *bytes;
  gsize start, end;
} Store;

static guint64
get_big (const guint8 *at, guint bytes)
{
  guint64 number = 0;

  for (guint i = 0; i < bytes; i++)
    number = number << 8 | at[i];
  return number;
}

/* --- the file --- */

/* A disk image of QEMU's with nothing beneath it. */
typedef struct
{
  const guint8 *bytes;
  gsize length;
  guint cluster_bits;
  guint64 size;
  guint64 table;
  guint64 tables;
} Image;

static gboolean
open_image (Image *self, const guint8 *bytes, gsize length)
{
  if (length < 104 || memcmp (bytes, "QFI\xfb", 4) != 0)
    return FALSE;
  self->bytes = bytes;
  self->length = length;
  self->cluster_bits = (guint) get_big (bytes + 20, 4);
  self->size = get_big (bytes + 24, 8);
  self->tables = get_big (bytes + 36, 4);
  self->table = get_big (bytes + 40, 8);
  /* No backing file, no encryption, and of the features only the mark of an image that was not closed. */
  return get_big (bytes + 8, 8) == 0 && get_big (bytes + 32, 4) == 0 && self->cluster_bits >= 9
         && self->cluster_bits <= 21
         && (get_big (bytes + 4, 4) == 2 || (get_big (bytes + 72, 8) & ~G_GUINT64_CONSTANT (1)) == 0);
}

static gboolean
entry_at (const Image *self, guint64 table, guint64 index, guint64 *entry)
{
  guint64 at;

  if (index > self->length / 8 || table > self->length)
    return FALSE;
  at = table + index * 8;
  if (at > self->length || self->length - at < 8)
    return FALSE;
  *entry = get_big (self->bytes + at, 8);
  return TRUE;
}

/* One cluster of what the guest sees; what was never written is zero. */
static gboolean
copy_cluster (const Image *self, guint64 number, guint8 *to, gsize length)
{
  const guint64 place = G_GUINT64_CONSTANT (0x00fffffffffffe00);
  guint64 per_table = G_GUINT64_CONSTANT (1) << (self->cluster_bits - 3);
  guint64 table = 0, cluster = 0;

  memset (to, 0, length);
  if (number / per_table >= self->tables || !entry_at (self, self->table, number / per_table, &table))
    return FALSE;
  if ((table & place) == 0)
    return TRUE;
  if (!entry_at (self, table & place, number % per_table, &cluster))
    return FALSE;
  /* Compressed: by a person, then. */
  if ((cluster >> 62 & 1) != 0)
    return FALSE;
  if ((cluster & 1) != 0 || (cluster & place) == 0)
    return TRUE;
  cluster &= place;
  if (cluster > self->length || self->length - cluster < length)
    return FALSE;
  memcpy (to, self->bytes + cluster, length);
  return TRUE;
}

static GBytes *
unfold_image (const Image *self)
{
  gsize length = (gsize) MIN (self->size, VOLUME_MOST);
  gsize cluster = (gsize) 1 << self->cluster_bits;
  g_autofree guint8 *bytes = g_malloc (length);

  for (gsize at = 0; at < length; at += cluster)
    if (!copy_cluster (self, at / cluster, bytes + at, MIN (cluster, length - at)))
      return NULL;
  return g_bytes_new_take (g_steal_pointer (&bytes), length);
}

/* --- the volume --- */

static gboolean
open_store (Store *self, const guint8 *bytes, gsize length)
{
  gsize header, size;

  if (length < VOLUME_HEADER || memcmp (bytes + 16, volume_kind, 16) != 0 || memcmp (bytes + 40, "_FVH", 4) != 0)
    return FALSE;
  header = valise_bytes_get_le16 (bytes + 48);
  if (header < VOLUME_HEADER || header > length || length - header < STORE_HEADER
      || memcmp (bytes + header, store_kind, 16) != 0)
    return FALSE;
  size = valise_bytes_get_le32 (bytes + header + 16);
  /* "formatted" and "healthy" */
  if (size < STORE_HEADER || size > length - header || bytes[header + 20] != 0x5a || bytes[header + 21] != 0xfe)
    return FALSE;
  self->bytes = bytes;
  self->start = header + STORE_HEADER;
  self->end = header + size;
  return TRUE;
}

static gsize
align (gsize number)
{
  return (number + 3) & ~(gsize) 3;
}

static gboolean
is_same (const Variable *a, const Variable *b)
{
  guint32 length = valise_bytes_get_le32 (a->bytes + 36);

  return valise_bytes_get_le32 (b->bytes + 36) == length && memcmp (a->bytes + 44, b->bytes + 44, 16 + length) == 0;
}

static gboolean
has_same (GArray *variables, const Variable *one)
{
  for (guint i = 0; i < variables->len; i++)
    if (is_same (&g_array_index (variables, Variable, i), one))
      return TRUE;
  return FALSE;
}

/* Those of one state, and of each only one. What is no variable any more ends the store, as it does for the firmware. */
static void
collect (const Store *store, guint8 state, GArray *variables)
{
  gsize at = align (store->start);

  while (at < store->end && store->end - at >= VARIABLE_HEADER && valise_bytes_get_le16 (store->bytes + at) == START_ID)
    {
      const guint8 *bytes = store->bytes + at;
      guint64 length =
          (guint64) VARIABLE_HEADER + valise_bytes_get_le32 (bytes + 36) + valise_bytes_get_le32 (bytes + 40);
      Variable variable = { bytes, (gsize) length };

      if (length > store->end - at)
        return;
      if (bytes[2] == state && variables->len < VARIABLES_MOST && !has_same (variables, &variable))
        g_array_append_val (variables, variable);
      at = align (at + (gsize) length);
    }
}

static GArray *
read_variables (const Store *store)
{
  GArray *variables = g_array_new (FALSE, FALSE, sizeof (Variable));

  collect (store, STATE_ADDED, variables);
  collect (store, STATE_LEAVING, variables);
  return variables;
}

GBytes *
valise_efi_volume_new (GBytes *file)
{
  gsize length;
  const guint8 *bytes = g_bytes_get_data (file, &length);
  g_autoptr (GBytes) unfolded = NULL;
  Image image;
  Store store;
  guint64 volume;

  if (open_image (&image, bytes, length))
    {
      unfolded = unfold_image (&image);
      bytes = unfolded != NULL ? g_bytes_get_data (unfolded, &length) : NULL;
    }
  if (bytes == NULL || length < VOLUME_HEADER)
    return NULL;
  volume = valise_bytes_get_le64 (bytes + 32);
  if (volume > MIN (length, VOLUME_MOST) || !open_store (&store, bytes, (gsize) volume))
    return NULL;
  return g_bytes_new (bytes, (gsize) volume);
}

GBytes *
valise_efi_volume_move (GBytes *volume, GBytes *empty)
{
  gsize length, room;
  const guint8 *from = g_bytes_get_data (volume, &length);
  g_autofree guint8 *to = g_memdup2 (g_bytes_get_data (empty, NULL), g_bytes_get_size (empty));
  g_autoptr (GArray) variables = NULL;
  Store source, target;
  gsize at;

  room = g_bytes_get_size (empty);
  if (!open_store (&source, from, length) || !open_store (&target, to, room))
    return NULL;
  variables = read_variables (&source);
  memset (to + target.start, ERASED, target.end - target.start);
  at = align (target.start);
  for (guint i = 0; i < variables->len; i++)
    {
      const Variable *variable = &g_array_index (variables, Variable, i);

      if (at > target.end || target.end - at < variable->length)
        return NULL;
      memcpy (to + at, variable->bytes, variable->length);
      to[at + 2] = STATE_ADDED;
      at = align (at + variable->length);
    }
  return g_bytes_new_take (g_steal_pointer (&to), room);
}

/* --- in a package --- */

GBytes *
valise_efi_volume_read (ValisePackage *package, const ValisePackageMember *member)
{
  gsize length = (gsize) MIN (member->size, FILE_LOOKED_AT), got = 0;
  g_autofree guint8 *bytes = g_malloc (MAX (length, 1));
  g_autoptr (GInputStream) stream = valise_package_stream (package, member, NULL);
  g_autoptr (GBytes) file = NULL;

  if (stream == NULL || !g_input_stream_read_all (stream, bytes, length, &got, NULL, NULL))
    return NULL;
  file = g_bytes_new_take (g_steal_pointer (&bytes), got);
  return valise_efi_volume_new (file);
}

void
valise_efi_variables_apply (ValisePackage *package,
                            const ValisePackageMember *member,
                            ValiseBlueprint *blueprint,
                            const char *place)
{
  g_autoptr (GBytes) volume = valise_efi_volume_read (package, member);

  g_free (blueprint->nvram);
  blueprint->nvram = g_strdup (member->name);
  blueprint->nvram_kept = volume != NULL;
  if (volume == NULL)
    valise_blueprint_tell (blueprint, VALISE_SEVERITY_INFO, "nvram-new", place,
                           _ ("The firmware's variables are of another firmware, or damaged. They begin anew; the "
                              "system is found by its usual place on the disk."),
                           NULL);
}
