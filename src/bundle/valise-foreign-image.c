/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Headers of other programs' disk images: VMDK, VDI, VHD, VHDX and Parallels as their makers published them. Anybody may
 * have written the file: bounds first, and nothing that leads out of it reaches a program that would follow it. */
#include "bundle/valise-foreign-image.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/valise-bytes.h"
#include "base/valise-path.h"
#include "bundle/valise-image-header.h"
#include "bundle/valise-packed-image.h"

#define HEAD_MOST (64 * 1024)
#define SECTOR 512
#define FOOTER_BYTES 512
#define DESCRIPTOR_MOST (1024 * 1024)
#define ID_DIGITS_MOST 8
#define EXTENTS_MOST 4096
/* Of read_extent(). */
#define ZEROS 2
/* 8 EiB would not fit a signed number of bytes; nothing real comes near. */
#define CAPACITY_MOST (G_GUINT64_CONSTANT (1) << 56)

typedef struct
{
  const ValiseImagePlace *place;
  char *name;
  guint8 *head;
  gsize length;
  int *trouble; /* errno of what could not be read, for which no field is to blame */
} Look;

void
valise_foreign_image_free (ValiseForeignImage *self)
{
  if (self == NULL)
    return;
  g_strfreev (self->extents);
  g_free (self->sparse);
  g_clear_pointer (&self->layout, g_array_unref);
  g_free (self->kind);
  g_free (self->cid);
  g_free (self->parent_cid);
  g_free (self->parent);
  g_free (self);
}

/* --- reading --- */

static gssize
read_packed (const Look *look, void *buffer, guint64 at, gsize length)
{
  gssize got = _valise_packed_image_read (look->place->packed, at, buffer, length, NULL);

  if (got < 0)
    *look->trouble = EIO;
  return got;
}

static gssize
read_at (const Look *look, void *buffer, guint64 at, gsize length)
{
  const ValiseImagePlace *place = look->place;
  gsize done = 0;

  if (at >= place->size)
    return 0;
  length = MIN (length, place->size - at);
  if (place->packed != NULL)
    return read_packed (look, buffer, at, length);
  while (done < length)
    {
      gssize got = pread (place->fd, (guint8 *) buffer + done, length - done, (off_t) (place->offset + at + done));

      if (got < 0 && errno == EINTR)
        continue;
      if (got < 0)
        {
          *look->trouble = errno;
          return -1;
        }
      if (got == 0)
        break;
      done += (gsize) got;
    }
  return (gssize) done;
}

/* --- what is wrong --- */

static gboolean
set_damaged (const Look *look, const char *field, GError **error)
{
  g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_DAMAGED,
               _ ("The disk “%s” is damaged: “%s” cannot be true. Get the file once more from where it came."),
               look->name, field);
  return FALSE;
}

static gboolean
set_differencing (const Look *look, GError **error)
{
  g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_UNSAFE,
               _ ("The disk “%s” holds only what has changed since a snapshot, and its other part cannot be read here. "
                  "Delete the machine's snapshots in the program that made it, or export the machine there."),
               look->name);
  return FALSE;
}

static gboolean
set_outside (const Look *look, const char *other, GError **error)
{
  g_autofree char *shown = valise_text_for_display (other, 120);

  g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_UNSAFE,
               _ ("The disk “%s” takes its data from “%s”, which is not a file beside it. Put all its files into one "
                  "folder, or export the machine once more."),
               look->name, shown);
  return FALSE;
}

static gboolean
set_unknown_kind (const Look *look, const char *kind, GError **error)
{
  g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_FORMAT,
               _ ("The disk “%s” is of a kind that cannot be read here (%s). Export the machine once more, as OVA."),
               look->name, kind);
  return FALSE;
}

static gboolean
set_capacity (const Look *look, ValiseForeignImage *image, guint64 bytes, GError **error)
{
  if (bytes == 0 || bytes > CAPACITY_MOST)
    return set_damaged (look, "size", error);
  image->capacity = bytes;
  return TRUE;
}

/* --- VMDK --- */

/* A name that QEMU takes for a file in the description's own folder and for nothing else. */
static gboolean
is_bare_name (const char *name)
{
  return *name != '\0' && *name != '.' && *name != '-' && strpbrk (name, "/\\:%") == NULL
         && valise_path_is_plain_relative (name);
}

static gboolean
holds_plain_bytes (const char *type)
{
  return g_str_equal (type, "FLAT") || g_str_equal (type, "VMFS");
}

static gboolean
is_known_extent (const char *type)
{
  static const char *const known[] = { "FLAT", "SPARSE", "ZERO", "VMFS", "VMFSSPARSE", "SESPARSE", NULL };

  return g_strv_contains (known, type);
}

/* As QEMU takes a line apart, so that there is none that it understands in another way. 1: an extent; ZEROS: one without
 * a file; 0: something else; -1: an error. */
static int
read_extent (const Look *look, const char *line, GPtrArray *names, GArray *layout, guint64 *sectors, GError **error)
{
  ValiseForeignExtent extent = { .offset = -1 };
  char access[11], type[11], name[512] = "";
  gint64 count = 0, offset = -1;
  int got = sscanf (line, "%10s %" G_GINT64_FORMAT " %10s \"%511[^\n\r\"]\" %" G_GINT64_FORMAT, access, &count, type,
                    name, &offset);

  if (got < 3 || (!g_str_equal (access, "RW") && !g_str_equal (access, "RDONLY")))
    return 0;
  if (count < 0 || (guint64) count > CAPACITY_MOST / SECTOR || *sectors > CAPACITY_MOST / SECTOR)
    return set_damaged (look, "extent", error) - 1;
  if (!is_known_extent (type))
    return set_unknown_kind (look, type, error) - 1;
  *sectors += (guint64) count;
  if (g_str_equal (type, "ZERO"))
    return count > 0 ? ZEROS : 1;
  if (got < 4 || !is_bare_name (name))
    return set_outside (look, name, error) - 1;
  g_strlcpy (extent.kind, type, sizeof extent.kind);
  extent.sectors = (guint64) count;
  extent.offset = got > 4 ? offset : -1;
  g_ptr_array_add (names, g_strdup (name));
  g_array_append_val (layout, extent);
  return names->len > EXTENTS_MOST ? set_damaged (look, "extents", error) - 1 : 1;
}

/* The value of KEY="value" or KEY=value, anywhere in the text as QEMU looks for it. */
static char *
read_value (const char *text, const char *key)
{
  const char *at = strstr (text, key);
  gsize length;

  if (at == NULL)
    return NULL;
  at += strlen (key);
  at += strspn (at, " \t");
  if (*at != '=')
    return NULL;
  at += 1 + strspn (at + 1, " \t");
  at += *at == '"';
  length = strcspn (at, "\"\r\n");
  /* VMware ends these lines with a space. */
  return g_strchomp (g_strndup (at, length));
}

static gboolean
read_parent (const char *text, ValiseForeignImage *image)
{
  g_autofree char *cid = read_value (text, "parentCID");
  g_autofree char *hint = read_value (text, "parentFileNameHint");

  if (hint == NULL && (cid == NULL || g_ascii_strcasecmp (cid, "ffffffff") == 0))
    return FALSE;
  image->parent = g_strdup (hint != NULL ? hint : "");
  return TRUE;
}

static gboolean
read_description (const Look *look, const char *text, ValiseForeignImage *image, GError **error)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  guint64 sectors = 0;

  image->layout = g_array_new (FALSE, TRUE, sizeof (ValiseForeignExtent));
  for (char **line = lines; *line != NULL; line++)
    {
      int extent = read_extent (look, *line, names, image->layout, &sectors, error);

      if (extent < 0)
        return FALSE;
      image->zeros |= extent == ZEROS;
    }
  read_parent (text, image);
  image->kind = read_value (text, "createType");
  image->cid = read_value (text, "CID");
  image->parent_cid = read_value (text, "parentCID");
  image->sparse = g_new0 (gboolean, image->layout->len + 1);
  for (guint i = 0; i < image->layout->len; i++)
    image->sparse[i] = !holds_plain_bytes (g_array_index (image->layout, ValiseForeignExtent, i).kind);
  g_ptr_array_add (names, NULL);
  image->extents = (char **) g_ptr_array_free (g_steal_pointer (&names), FALSE);
  return set_capacity (look, image, sectors * SECTOR, error);
}

/* A content id has one to eight digits, so up to six bytes of what the text ends with may come once more. */
static gboolean
is_left_over (const char *text, gsize length, const char *run, gsize run_length)
{
  return (gsize) (run - text) + run_length < length + ID_DIGITS_MOST && run_length <= length
         && memcmp (text + length - run_length, run, run_length) == 0;
}

/* The whole file is the description. */
static gboolean
look_at_description (const Look *look, ValiseForeignImage *image, GError **error)
{
  g_autofree char *text = NULL;
  gssize got;

  if (look->place->size > DESCRIPTOR_MOST)
    return set_damaged (look, "length", error);
  text = g_malloc0 (look->place->size + 1);
  got = read_at (look, text, 0, look->place->size);
  if (got != (gssize) look->place->size || !valise_foreign_image_ends_plainly (text, look->place->size))
    return set_damaged (look, "description", error);
  return read_description (look, text, image, error);
}

/* The description inside a sparse image only matters for the parent: QEMU takes the data from the image itself. */
static gboolean
look_for_parent (const Look *look, ValiseForeignImage *image, GError **error)
{
  guint64 at = valise_bytes_get_le64 (look->head + 28), sectors = valise_bytes_get_le64 (look->head + 36);
  g_autofree char *text = NULL;

  if (at == 0 || sectors == 0)
    return TRUE;
  if (sectors > DESCRIPTOR_MOST / SECTOR)
    return set_damaged (look, "descriptor", error);
  /* The half of a line would tell of another parent. */
  if (at > look->place->size / SECTOR || sectors > look->place->size / SECTOR - at)
    return _valise_image_set_cut (look->name, error);
  text = g_malloc0 (sectors * SECTOR + 1);
  if (read_at (look, text, at * SECTOR, sectors * SECTOR) < 0)
    return set_damaged (look, "descriptor", error);
  read_parent (text, image);
  return TRUE;
}

static gboolean
look_at_sparse_vmdk (const Look *look, ValiseForeignImage *image, GError **error)
{
  guint64 capacity, grain;

  if (look->length < SECTOR)
    return set_damaged (look, "header", error);
  capacity = valise_bytes_get_le64 (look->head + 12);
  grain = valise_bytes_get_le64 (look->head + 20);
  /* Without a size QEMU would read a list of files from within. */
  if (capacity == 0 || capacity > CAPACITY_MOST / SECTOR)
    return set_damaged (look, "capacity", error);
  if (grain == 0 || grain > 128 * 1024 || (grain & (grain - 1)) != 0)
    return set_damaged (look, "grainSize", error);
  return look_for_parent (look, image, error) && set_capacity (look, image, capacity * SECTOR, error);
}

static gboolean
look_at_vmdk (const Look *look, ValiseForeignImage *image, GError **error)
{
  image->driver = "vmdk";
  if (memcmp (look->head, "KDMV", 4) == 0)
    return look_at_sparse_vmdk (look, image, error);
  if (memcmp (look->head, "COWD", 4) == 0)
    return set_unknown_kind (look, "COWD", error);
  return look_at_description (look, image, error);
}

/* --- the others --- */

static gboolean
look_at_vdi (const Look *look, ValiseForeignImage *image, GError **error)
{
  guint32 type;

  image->driver = "vdi";
  if (look->length < SECTOR)
    return set_damaged (look, "header", error);
  type = valise_bytes_get_le32 (look->head + 76);
  if (type == 3 || type == 4)
    return set_differencing (look, error);
  if (type != 1 && type != 2)
    return set_unknown_kind (look, "VDI", error);
  return set_capacity (look, image, valise_bytes_get_le64 (look->head + 368), error);
}

static gboolean
look_at_vhd (const Look *look, const guint8 *footer, ValiseForeignImage *image, GError **error)
{
  guint32 type = valise_bytes_get_be32 (footer + 60);

  image->driver = "vpc";
  if (type == 4)
    return set_differencing (look, error);
  if (type != 2 && type != 3)
    return set_unknown_kind (look, "VHD", error);
  return set_capacity (look, image, valise_bytes_get_be64 (footer + 48), error);
}

#define VHDX_REGION_TABLE (192 * 1024)
#define VHDX_REGION_BYTES (64 * 1024)

/* GUIDs as they lie in the file. */
static const guint8 vhdx_metadata[16] = { 0x06, 0xa2, 0x7c, 0x8b, 0x90, 0x47, 0x9a, 0x4b,
                                          0xb8, 0xfe, 0x57, 0x5f, 0x05, 0x0f, 0x88, 0x6e };
static const guint8 vhdx_blocks[16] = { 0x66, 0x77, 0xc2, 0x2d, 0x23, 0xf6, 0x00, 0x42,
                                        0x9d, 0x64, 0x11, 0x5e, 0x9b, 0xfd, 0x4a, 0x08 };
static const guint8 vhdx_parameters[16] = { 0x37, 0x67, 0xa1, 0xca, 0x36, 0xfa, 0x43, 0x4d,
                                            0xb3, 0xb6, 0x33, 0xf0, 0xaa, 0x44, 0xe7, 0x6b };
static const guint8 vhdx_size[16] = { 0x24, 0x42, 0xa5, 0x2f, 0x1b, 0xcd, 0x76, 0x48,
                                      0xb2, 0x11, 0x5d, 0xbe, 0xd8, 0x3b, 0xf4, 0xb8 };

/* Finds the entry of @guid in a table of 32-byte entries and returns it, or NULL. */
static const guint8 *
find_entry (const guint8 *table, gsize length, gsize first, guint count, const guint8 *guid)
{
  for (guint i = 0; i < count && first + (i + 1) * 32 <= length; i++)
    if (memcmp (table + first + i * 32, guid, 16) == 0)
      return table + first + i * 32;
  return NULL;
}

static gboolean
read_vhdx_value (const Look *look, const guint8 *table, gsize length, guint64 at, const guint8 *guid, guint64 *value)
{
  const guint8 *entry = find_entry (table, length, 32, length >= 12 ? (guint) (table[10] | table[11] << 8) : 0, guid);
  guint8 bytes[8];

  if (entry == NULL || read_at (look, bytes, at + valise_bytes_get_le32 (entry + 16), sizeof bytes) != sizeof bytes)
    return FALSE;
  *value = valise_bytes_get_le64 (bytes);
  return TRUE;
}

static gboolean
look_at_vhdx (const Look *look, ValiseForeignImage *image, GError **error)
{
  g_autofree guint8 *table = g_malloc (VHDX_REGION_BYTES);
  gssize got = read_at (look, table, VHDX_REGION_TABLE, VHDX_REGION_BYTES);
  const guint8 *entry = NULL, *blocks = NULL;
  guint64 at, parameters, size;

  image->driver = "vhdx";
  if (got > 16 && memcmp (table, "regi", 4) == 0)
    {
      entry = find_entry (table, (gsize) got, 16, valise_bytes_get_le32 (table + 8), vhdx_metadata);
      blocks = find_entry (table, (gsize) got, 16, valise_bytes_get_le32 (table + 8), vhdx_blocks);
    }
  if (entry == NULL || blocks == NULL)
    return set_damaged (look, "region table", error);
  image->table = valise_bytes_get_le64 (blocks + 16);
  image->table_bytes = valise_bytes_get_le32 (blocks + 24);
  at = valise_bytes_get_le64 (entry + 16);
  got = at < look->place->size ? read_at (look, table, at, VHDX_REGION_BYTES) : 0;
  if (got < 32 || memcmp (table, "metadata", 8) != 0
      || !read_vhdx_value (look, table, (gsize) got, at, vhdx_parameters, &parameters)
      || !read_vhdx_value (look, table, (gsize) got, at, vhdx_size, &size))
    return set_damaged (look, "metadata", error);
  if ((parameters >> 32 & 2) != 0)
    return set_differencing (look, error);
  image->block = parameters & G_MAXUINT32;
  return set_capacity (look, image, size, error);
}

static gboolean
look_at_parallels (const Look *look, ValiseForeignImage *image, GError **error)
{
  image->driver = "parallels";
  if (look->length < 64)
    return set_damaged (look, "header", error);
  return set_capacity (look, image, (valise_bytes_get_le64 (look->head + 36) & 0xffffffffffff) * SECTOR, error);
}

#define QED_BACKING 1
#define QED_KNOWN 7

static gboolean
look_at_qed (const Look *look, ValiseForeignImage *image, GError **error)
{
  guint32 cluster, table;
  guint64 features;

  image->driver = "qed";
  if (look->length < 64)
    return set_damaged (look, "header", error);
  cluster = valise_bytes_get_le32 (look->head + 4);
  table = valise_bytes_get_le32 (look->head + 8);
  features = valise_bytes_get_le64 (look->head + 16);
  if (cluster < 4096 || cluster > 64 * 1024 * 1024 || (cluster & (cluster - 1)) != 0)
    return set_damaged (look, "cluster_size", error);
  if (table == 0 || table > 16 || (table & (table - 1)) != 0)
    return set_damaged (look, "table_size", error);
  if ((features & QED_BACKING) != 0)
    return set_differencing (look, error);
  if ((features & ~(guint64) QED_KNOWN) != 0)
    return set_unknown_kind (look, "QED", error);
  if (valise_bytes_get_le64 (look->head + 40) > look->place->size)
    return set_damaged (look, "l1_table_offset", error);
  return set_capacity (look, image, valise_bytes_get_le64 (look->head + 48), error);
}

static gboolean
look_at_qcow2 (const Look *look, ValiseForeignImage *image, GError **error)
{
  image->driver = "qcow2";
  image->capacity =
      _valise_image_header_check_qcow2 (look->head, look->length, look->place->size, look->name, NULL, error);
  return image->capacity != 0;
}

/* A fixed VHD is a raw disk with a footer behind it. */
static gboolean
look_at_rest (const Look *look, ValiseForeignImage *image, GError **error)
{
  guint8 footer[FOOTER_BYTES];

  if (look->place->size >= 2 * FOOTER_BYTES
      && read_at (look, footer, look->place->size - FOOTER_BYTES, FOOTER_BYTES) == FOOTER_BYTES
      && memcmp (footer, "conectix", 8) == 0)
    return look_at_vhd (look, footer, image, error);
  image->driver = "raw";
  if (look->place->size == 0)
    return set_damaged (look, "length", error);
  image->capacity = look->place->size;
  return TRUE;
}

static gboolean
look_at (const Look *look, ValiseForeignImage *image, GError **error)
{
  const char *format = _valise_image_header_format (look->head, look->length);

  if (format == NULL)
    return look_at_rest (look, image, error);
  if (g_str_equal (format, "qcow2"))
    return look_at_qcow2 (look, image, error);
  if (g_str_equal (format, "vmdk"))
    return look_at_vmdk (look, image, error);
  if (g_str_equal (format, "vdi"))
    return look_at_vdi (look, image, error);
  if (g_str_equal (format, "vpc"))
    return look->length >= FOOTER_BYTES ? look_at_vhd (look, look->head, image, error)
                                        : set_damaged (look, "footer", error);
  if (g_str_equal (format, "vhdx"))
    return look_at_vhdx (look, image, error);
  if (g_str_equal (format, "parallels"))
    return look_at_parallels (look, image, error);
  if (g_str_equal (format, "qed"))
    return look_at_qed (look, image, error);
  return set_unknown_kind (look, format, error);
}

static gboolean
set_unreadable (const Look *look, GError **error)
{
  g_clear_error (error);
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (*look->trouble), _ ("The disk “%s” cannot be read: %s"),
               look->name, g_strerror (*look->trouble));
  return FALSE;
}

gboolean
valise_foreign_image_ends_plainly (const char *bytes, gsize length)
{
  gsize end = strnlen (bytes, length);
  gsize at = end;

  while (at < length)
    {
      gsize run = strnlen (bytes + at, length - at);

      if (run > 0 && !is_left_over (bytes, end, bytes + at, run))
        return FALSE;
      at += MAX (run, 1);
    }
  return TRUE;
}

ValiseForeignImage *
valise_foreign_image_look (const ValiseImagePlace *place, GError **error)
{
  g_autoptr (ValiseForeignImage) image = g_new0 (ValiseForeignImage, 1);
  g_autofree guint8 *head = g_malloc0 (HEAD_MOST);
  g_autofree char *name = NULL;
  int trouble = 0;
  Look look = { .place = place, .head = head, .trouble = &trouble };
  gssize got;
  gboolean done;

  g_return_val_if_fail (place != NULL && place->name != NULL, NULL);

  look.name = name = valise_text_for_display (place->name, 120);
  got = read_at (&look, head, 0, HEAD_MOST);
  look.length = (gsize) MAX (got, 0);
  done = got >= 0 && look_at (&look, image, error);
  if (!done && trouble != 0)
    set_unreadable (&look, error);
  return done ? g_steal_pointer (&image) : NULL;
}
