/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The qcow2 header as laid down in QEMU's docs/interop/qcow2.txt. The file may be anybody's: bounds first. */
#include "bundle/valise-image-header.h"

#include "base/valise-bytes.h"
#include "base/valise-path.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* QEMU's own limits; a file beyond them would be refused by it later, with a worse message. */
#define L1_BYTES_MOST (32 * 1024 * 1024)
#define REFCOUNT_TABLE_BYTES_MOST (8 * 1024 * 1024)
#define SNAPSHOTS_MOST 65536

#define INCOMPATIBLE_DIRTY (1u << 0)
#define INCOMPATIBLE_CORRUPT (1u << 1)
#define INCOMPATIBLE_DATA_FILE (1u << 2)
#define INCOMPATIBLE_COMPRESSION (1u << 3)
#define INCOMPATIBLE_EXTENDED_L2 (1u << 4)
#define INCOMPATIBLE_KNOWN 0x1fu

#define EXTENSION_END 0x00000000u
#define EXTENSION_BACKING_FORMAT 0xe2792acau
#define EXTENSION_CRYPTO 0x0537be77u
#define EXTENSION_DATA_FILE 0x44415441u

typedef struct
{
  const guint8 *bytes;
  gsize length;
  guint64 file_size;
  const char *name;
  ValiseImageBacking *backing; /* where it may have one */

  guint32 version, header_length, cluster_bits;
  guint64 incompatible;
} Header;

static guint32
get32 (const Header *header, gsize at)
{
  return valise_bytes_get_be32 (header->bytes + at);
}

static guint64
get64 (const Header *header, gsize at)
{
  return valise_bytes_get_be64 (header->bytes + at);
}

static guint64
cluster_size (const Header *header)
{
  return G_GUINT64_CONSTANT (1) << header->cluster_bits;
}

static gboolean
set_damaged (const Header *header, const char *field, GError **error)
{
  g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_DAMAGED,
               _ ("“%s” is damaged: the header field “%s” cannot be true. Restore the disk from a backup."),
               header->name, field);
  return FALSE;
}

gboolean
_valise_image_set_cut (const char *name, GError **error)
{
  g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_DAMAGED,
               _ ("The disk “%s” is not whole: parts of it lie behind its end. Get the file once more from where it "
                  "came."),
               name);
  return FALSE;
}

static gboolean
check_version (Header *header, GError **error)
{
  header->version = get32 (header, 4);
  if (header->version != 2 && header->version != 3)
    {
      g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_FORMAT,
                   _ ("“%s” is qcow version %u; Valise opens versions 2 and 3. Convert it with qemu-img."),
                   header->name, header->version);
      return FALSE;
    }
  header->header_length = 72;
  header->cluster_bits = get32 (header, 20);
  if (header->cluster_bits < 9 || header->cluster_bits > 21)
    return set_damaged (header, "cluster_bits", error);
  if (header->version == 2)
    return TRUE;
  if (header->length < 104)
    return set_damaged (header, "header_length", error);
  header->header_length = get32 (header, 100);
  if (header->header_length < 104 || header->header_length % 8 != 0 || header->header_length > cluster_size (header)
      || header->header_length > header->length)
    return set_damaged (header, "header_length", error);
  header->incompatible = get64 (header, 72);
  return TRUE;
}

static gboolean
set_unsafe (const Header *header, const char *what, GError **error)
{
  g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_UNSAFE, "“%s”: %s", header->name, what);
  return FALSE;
}

static gboolean
set_data_file (const Header *header, GError **error)
{
  return set_unsafe (
      header,
      _ ("the disk keeps its data in another file of this computer. Merge it into one with “qemu-img convert”."),
      error);
}

static gboolean
set_encrypted (const Header *header, GError **error)
{
  return set_unsafe (header, _ ("the disk is encrypted, which Valise cannot open. Decrypt it with “qemu-img convert”."),
                     error);
}

static gboolean
check_features (const Header *header, GError **error)
{
  guint64 unknown = header->incompatible & ~(guint64) INCOMPATIBLE_KNOWN;

  if (header->incompatible & INCOMPATIBLE_DATA_FILE)
    return set_data_file (header, error);
  if (header->incompatible & INCOMPATIBLE_CORRUPT)
    {
      g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_DAMAGED,
                   _ ("“%s” is marked as corrupt. Look at it with “qemu-img check”, on a copy."), header->name);
      return FALSE;
    }
  if (unknown != 0)
    {
      g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_FORMAT,
                   _ ("“%s” uses a feature that this version does not know (bit %d). Update Valise, or convert the "
                      "disk with qemu-img."),
                   header->name, g_bit_nth_lsf ((gulong) unknown, -1));
      return FALSE;
    }
  /* The byte is only there in a header long enough, and only means anything with its bit. */
  if (header->header_length > 104 && header->bytes[104] > 1)
    return set_damaged (header, "compression_type", error);
  return TRUE;
}

static gboolean
check_backing (const Header *header, GError **error)
{
  guint64 offset = get64 (header, 8);
  guint32 size = get32 (header, 16);
  g_autofree char *raw = NULL;
  g_autofree char *shown = NULL;
  g_autofree char *what = NULL;

  if (offset == 0 && size == 0)
    return TRUE;
  if (offset <= header->length && size <= header->length - offset)
    raw = g_strndup ((const char *) header->bytes + offset, size);
  if (header->backing != NULL && raw != NULL && strlen (raw) == size)
    {
      header->backing->file = g_steal_pointer (&raw);
      return TRUE;
    }
  shown = valise_text_for_display (raw != NULL ? raw : "?", 200);
  what = g_strdup_printf (
      _ ("the disk is only the difference to another file, “%s”. Merge the two with “qemu-img convert”."), shown);
  return set_unsafe (header, what, error);
}

/* Extensions lie between the header and the end of the first cluster. */
static gboolean
check_extensions (const Header *header, GError **error)
{
  gsize at = header->header_length;
  gsize end = MIN (header->length, cluster_size (header));

  while (at + 8 <= end)
    {
      guint32 kind = get32 (header, at);
      guint32 size = get32 (header, at + 4);

      if (kind == EXTENSION_END)
        return TRUE;
      if (kind == EXTENSION_DATA_FILE)
        return set_data_file (header, error);
      if (kind == EXTENSION_CRYPTO)
        return set_encrypted (header, error);
      if (size > end - at - 8)
        return set_damaged (header, "header extension", error);
      if (kind == EXTENSION_BACKING_FORMAT && header->backing != NULL && header->backing->format == NULL)
        header->backing->format = g_strndup ((const char *) header->bytes + at + 8, size);
      at += 8 + ((gsize) size + 7) / 8 * 8;
    }
  return TRUE;
}

static gboolean
lies_inside (const Header *header, guint64 offset, guint64 bytes)
{
  return offset % cluster_size (header) == 0 && offset <= header->file_size && bytes <= header->file_size - offset;
}

static gboolean
check_l1 (const Header *header, guint64 virtual_size, GError **error)
{
  guint64 entry_size = header->incompatible & INCOMPATIBLE_EXTENDED_L2 ? 16 : 8;
  guint64 per_entry = cluster_size (header) * (cluster_size (header) / entry_size);
  guint64 entries = get32 (header, 36);

  if (virtual_size > G_MAXINT64)
    return set_damaged (header, "size", error);
  if (entries * 8 > L1_BYTES_MOST || virtual_size / per_entry + (virtual_size % per_entry != 0) > entries)
    return set_damaged (header, "l1_size", error);
  if (!lies_inside (header, get64 (header, 40), entries * 8) || (entries > 0 && get64 (header, 40) == 0))
    return set_damaged (header, "l1_table_offset", error);
  return TRUE;
}

static gboolean
check_refcounts (const Header *header, GError **error)
{
  guint64 bytes = (guint64) get32 (header, 56) * cluster_size (header);
  guint64 offset = get64 (header, 48);

  if (bytes == 0 || bytes > REFCOUNT_TABLE_BYTES_MOST)
    return set_damaged (header, "refcount_table_clusters", error);
  if (offset == 0 || !lies_inside (header, offset, bytes))
    return set_damaged (header, "refcount_table_offset", error);
  if (header->version == 3 && get32 (header, 96) > 6)
    return set_damaged (header, "refcount_order", error);
  return TRUE;
}

static gboolean
check_snapshots (const Header *header, GError **error)
{
  guint32 count = get32 (header, 60);

  if (count > SNAPSHOTS_MOST)
    return set_damaged (header, "nb_snapshots", error);
  /* Each takes 40 bytes or more. */
  if (count > 0 && !lies_inside (header, get64 (header, 64), (guint64) count * 40))
    return set_damaged (header, "snapshots_offset", error);
  return TRUE;
}

void
_valise_image_backing_clear (ValiseImageBacking *self)
{
  g_clear_pointer (&self->file, g_free);
  g_clear_pointer (&self->format, g_free);
}

guint64
_valise_image_header_check_qcow2 (const guint8 *head,
                                  gsize length,
                                  guint64 file_size,
                                  const char *name,
                                  ValiseImageBacking *backing,
                                  GError **error)
{
  Header header = { .bytes = head, .length = length, .file_size = file_size, .name = name, .backing = backing };
  guint64 size;

  if (length < 72)
    {
      set_damaged (&header, "magic", error);
      return 0;
    }
  /* What leads out of the file comes first: it matters more than a wrong number. */
  if (!check_version (&header, error) || !check_features (&header, error) || !check_backing (&header, error)
      || !check_extensions (&header, error))
    return 0;
  if (get32 (&header, 32) != 0)
    {
      set_encrypted (&header, error);
      return 0;
    }
  size = get64 (&header, 24);
  if (!check_l1 (&header, size, error) || !check_refcounts (&header, error) || !check_snapshots (&header, error))
    return 0;
  if (size == 0)
    set_damaged (&header, "size", error);
  return size;
}

ValiseQcow2Shape
_valise_image_header_shape (const guint8 *head)
{
  Header header = { .bytes = head };
  gboolean has_features = get32 (&header, 4) >= 3;

  header.cluster_bits = get32 (&header, 20);
  return (ValiseQcow2Shape){
    .cluster_size = cluster_size (&header),
    .snapshots = get32 (&header, 60),
    .extended_l2 = has_features && (get64 (&header, 72) & INCOMPATIBLE_EXTENDED_L2) != 0,
  };
}

const char *
_valise_image_header_format (const guint8 *head, gsize length)
{
  static const struct
  {
    gsize at;
    const char *magic;
    gsize magic_length;
    const char *format;
  } known[] = {
    { 0, "QFI\xfb", 4, "qcow2" },
    { 0, "QED\0", 4, "qed" },
    { 0, "KDMV", 4, "vmdk" },
    { 0, "COWD", 4, "vmdk" },
    { 0, "# Disk Descriptor", 17, "vmdk" },
    { 0, "vhdxfile", 8, "vhdx" },
    { 0, "conectix", 8, "vpc" },
    { 64, "\x7f\x10\xda\xbe", 4, "vdi" },
    { 0, "WithoutFreeSpace", 16, "parallels" },
    { 0, "WithouFreSpacExt", 16, "parallels" },
    { 0, "Bochs Virtual HD Image", 22, "bochs" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (known[i].at + known[i].magic_length <= length
        && memcmp (head + known[i].at, known[i].magic, known[i].magic_length) == 0)
      return known[i].format;
  return NULL;
}
