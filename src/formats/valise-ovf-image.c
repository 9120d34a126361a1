/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-ovf-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "base/valise-size.h"

/* Producers cut at some GiB; a descriptor that wants more pieces is no honest one. */
#define MOST_PARTS 10000
#define PART_FORMAT "%s.%09u"

/* What the words at the end of a format's address, or the whole of it, stand for. */
static const struct
{
  const char *part, *format;
} formats[] = {
  { "vmdk.html#streamoptimized", "vmdk-streamOptimized" },
  { "vmdk.html#sparse", "vmdk-sparse" },
  { "vmdk.html#compressed", "vmdk-streamOptimized" },
  { "vmdk", "vmdk" },
  { "vhdx", "vhdx" },
  { "vhd", "vhd" },
  { "qcow2", "qcow2" },
  { "qcow", "qcow2" },
  { "wiki/byte", "raw" },
  { "raw", "raw" },
  { "vdi", "vdi" },
  { "iso", "iso" },
};

/* --- the disk and the file that a drive means --- */

/* "ovf:/disk/ID", "/disk/ID", "ovf://file/ID" or a bare name. */
static void
resolve_resource (ValiseOvf *self, const char *resource, xmlNode **disk, xmlNode **file)
{
  const char *id = resource;

  if (g_str_has_prefix (id, "ovf:"))
    id += strlen ("ovf:");
  id += strspn (id, "/");
  *disk = *file = NULL;
  if (g_str_has_prefix (id, "disk/"))
    *disk = _valise_ovf_disk (self, id + strlen ("disk/"));
  else if (g_str_has_prefix (id, "file/"))
    *file = _valise_ovf_file (self, id + strlen ("file/"));
  else if ((*disk = _valise_ovf_disk (self, id)) == NULL)
    *file = _valise_ovf_file (self, id);
}

static char *
format_of (const xmlNode *disk, const char *href)
{
  g_autofree char *stated = valise_foreign_xml_attribute (disk, "format");
  g_autofree char *volume = valise_foreign_xml_attribute (disk, "volume-format");
  g_autofree char *lower = NULL;

  /* RHV writes the address of one format and keeps another; its own word is the true one. */
  if (g_strcmp0 (volume, "COW") == 0)
    return g_strdup ("qcow2");
  if (g_strcmp0 (volume, "RAW") == 0)
    return g_strdup ("raw");
  if (stated == NULL)
    return href != NULL && g_str_has_suffix (href, ".raw") ? g_strdup ("raw") : NULL;
  lower = g_ascii_strdown (stated, -1);
  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++)
    if (strstr (lower, formats[i].part) != NULL)
      return g_strdup (formats[i].format);
  return NULL;
}

/* --- capacity --- */

static void
tell_number (ValiseOvf *self, ValiseBlueprint *machine, const xmlNode *node, const char *number)
{
  g_autofree char *text = g_strdup_printf (_ ("The size “%s” is no number that Valise understands."), number);

  _valise_ovf_tell (self, machine, VALISE_SEVERITY_WARNING, "number-unreadable", node, text,
                    _ ("The image itself says how large it is; an empty disk needs a size from you."));
}

static gboolean
read_rhv_size (const xmlNode *disk, guint64 *bytes)
{
  g_autofree char *gigabytes = valise_foreign_xml_attribute (disk, "size");

  return _valise_ovf_parse_size (gigabytes, NULL, VALISE_GIB, bytes);
}

static void
read_capacity (ValiseOvf *self,
               ValiseBlueprint *machine,
               xmlNode *system,
               const xmlNode *disk,
               ValiseBlueprintDrive *drive)
{
  g_autofree char *stated = valise_foreign_xml_attribute (disk, "capacity");
  g_autofree char *units = valise_foreign_xml_attribute (disk, "capacityAllocationUnits");
  g_autofree char *value = _valise_ovf_expand (self, system, stated);

  if (_valise_ovf_parse_size (value, units, 1, &drive->capacity))
    return;
  drive->capacity = 0;
  if (stated != NULL)
    tell_number (self, machine, disk, stated);
  else if (self->dialect == VALISE_OVF_RHV && read_rhv_size (disk, &drive->capacity))
    drive->capacity_step = VALISE_GIB;
}

/* --- where the bytes are --- */

static gboolean
begins_gzip (ValiseOvf *self, const char *name)
{
  const ValisePackageMember *member = name != NULL ? valise_package_lookup (self->package, name) : NULL;
  guchar head[2] = { 0, 0 };
  int fd =
      member != NULL && member->size >= sizeof head ? valise_package_open_member (self->package, member, NULL) : -1;
  gboolean gzip;

  if (fd < 0)
    return FALSE;
  gzip = read (fd, head, sizeof head) == sizeof head && head[0] == 0x1f && head[1] == 0x8b;
  close (fd);
  return gzip;
}

static void
tell_missing (ValiseOvf *self,
              ValiseBlueprint *machine,
              const xmlNode *file,
              ValiseBlueprintDevice device,
              const char *name)
{
  g_autofree char *text = g_strdup_printf (_ ("The file “%s” is not there."), name);

  if (device == VALISE_BLUEPRINT_DISK)
    _valise_ovf_tell (self, machine, VALISE_SEVERITY_ERROR, "disk-missing", file, text,
                      _ ("Get it from where the rest came from and put it beside the other files."));
  else
    _valise_ovf_tell (self, machine, VALISE_SEVERITY_WARNING, "medium-missing", file, text,
                      _ ("The drive is brought in empty; put the disc or floppy in later."));
}

/* The same names are pieces of one disk to some programs and snapshots to others. */
static void
tell_unclear (ValiseOvf *self, ValiseBlueprint *machine, const xmlNode *file, const char *name)
{
  g_autofree char *text =
      g_strdup_printf (_ ("“%s” lies in several files, and it is not said whether they are pieces or snapshots."),
                       name);

  _valise_ovf_tell (self, machine, VALISE_SEVERITY_ERROR, "disk-parts-unclear", file, text,
                    _ ("Export the machine again as one file."));
}

/* Once a piece is missing the others are only named. */
static void
add_part (ValiseOvf *self, GPtrArray *parts, guint64 *total, gboolean *whole, const char *name)
{
  const ValisePackageMember *member = *whole ? _valise_ovf_find (self, name) : NULL;

  *whole &= member != NULL;
  *total += member != NULL ? member->size : 0;
  g_ptr_array_add (parts, g_strdup (member != NULL ? member->name : name));
}

/* How many pieces there should be: by their size when it is stated, else as many as there are. */
static guint64
count_parts (ValiseOvf *self, const char *href, guint64 size, guint64 chunk)
{
  guint64 count = 0;

  if (size > 0 && chunk > 0)
    return size / chunk + (size % chunk != 0);
  for (; count < MOST_PARTS; count++)
    {
      g_autofree char *name = g_strdup_printf (PART_FORMAT, href, (guint) count);

      if (_valise_ovf_find (self, name) == NULL)
        break;
    }
  return MAX (count, 1);
}

static void
read_parts (ValiseOvf *self,
            ValiseBlueprint *machine,
            const xmlNode *file,
            guint64 size,
            guint64 chunk,
            ValiseBlueprintDrive *drive)
{
  guint64 count = count_parts (self, drive->file, size, chunk), total = 0;
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);
  gboolean whole = TRUE;

  if (count > MOST_PARTS)
    {
      valise_blueprint_refuse (machine, "disk-parts", drive->file,
                               _ ("A disk is said to lie in more pieces than anybody makes."),
                               _ ("Do not trust this file; get it again from its maker."));
      return;
    }
  for (guint i = 0; i < count; i++)
    {
      g_autofree char *name = g_strdup_printf (PART_FORMAT, drive->file, i);

      add_part (self, parts, &total, &whole, name);
    }
  if (!whole || total < size)
    tell_missing (self, machine, file, drive->device, parts->pdata[parts->len - 1]);
  else if (chunk == 0 && count > 1)
    tell_unclear (self, machine, file, drive->file);
  g_ptr_array_add (parts, NULL);
  drive->parts = (char **) g_ptr_array_free (g_steal_pointer (&parts), FALSE);
}

static char *
join_digests (ValiseOvf *self, char **parts)
{
  g_autoptr (GString) joined = g_string_new (NULL);
  gboolean any = FALSE;

  for (char **part = parts; *part != NULL; part++)
    {
      const char *digest = g_hash_table_lookup (self->digests, *part);

      any |= digest != NULL;
      g_string_append_printf (joined, "%s%s", part == parts ? "" : " ", digest != NULL ? digest : "-");
    }
  return any ? g_string_free (g_steal_pointer (&joined), FALSE) : NULL;
}

static void
check_size (ValiseOvf *self, ValiseBlueprint *machine, const xmlNode *file, const ValisePackageMember *member)
{
  g_autofree char *stated = valise_foreign_xml_attribute (file, "size");
  guint64 size;

  if (stated == NULL || (_valise_ovf_parse_number (stated, &size) && size == member->size))
    return;
  _valise_ovf_tell (self, machine, VALISE_SEVERITY_WARNING, "file-size", file,
                    _ ("The file of a disk is not as long as it is said to be."),
                    _ ("It may not have been copied to its end; compare it with where it came from."));
}

static void
read_member (ValiseOvf *self, ValiseBlueprint *machine, const xmlNode *file, ValiseBlueprintDrive *drive)
{
  g_autofree char *chunk_text = valise_foreign_xml_attribute (file, "chunkSize");
  g_autofree char *size_text = valise_foreign_xml_attribute (file, "size");
  g_autofree char *first = g_strdup_printf (PART_FORMAT, drive->file, 0);
  const ValisePackageMember *member = _valise_ovf_find (self, drive->file);
  guint64 chunk = 0, size = 0;

  _valise_ovf_parse_number (chunk_text, &chunk);
  _valise_ovf_parse_number (size_text, &size);
  if (member == NULL && (chunk > 0 || _valise_ovf_find (self, first) != NULL))
    {
      read_parts (self, machine, file, size, chunk, drive);
      drive->digest = drive->parts != NULL ? join_digests (self, drive->parts) : NULL;
    }
  else if (member == NULL)
    tell_missing (self, machine, file, drive->device, drive->file);
  else
    {
      check_size (self, machine, file, member);
      drive->member = g_strdup (member->name);
      drive->digest = g_strdup (g_hash_table_lookup (self->digests, member->name));
    }
}

static void
read_compression (ValiseOvf *self, ValiseBlueprint *machine, const xmlNode *file, ValiseBlueprintDrive *drive)
{
  g_autofree char *stated = valise_foreign_xml_attribute (file, "compression");
  g_autofree char *text = NULL;

  if (g_strcmp0 (stated, "gzip") == 0 || begins_gzip (self, drive->parts != NULL ? drive->parts[0] : drive->member))
    drive->compression = "gzip";
  if (drive->compression != NULL || stated == NULL || *stated == '\0' || g_str_equal (stated, "identity"))
    return;
  text =
      g_strdup_printf (_ ("The disk “%s” is compressed in a way that Valise does not read: %s."), drive->file, stated);
  _valise_ovf_tell (self, machine, VALISE_SEVERITY_ERROR, "disk-compression", file, text,
                    _ ("Unpack the file and take the word out of the descriptor."));
}

static void
read_file (ValiseOvf *self, ValiseBlueprint *machine, const xmlNode *file, ValiseBlueprintDrive *drive)
{
  drive->file = valise_foreign_xml_attribute (file, "href");
  if (drive->file == NULL || *drive->file == '\0')
    {
      g_clear_pointer (&drive->file, g_free);
      _valise_ovf_tell (self, machine, VALISE_SEVERITY_ERROR, "disk-missing", file, _ ("A file of a disk has no name."),
                        _ ("Get the descriptor again."));
      return;
    }
  if (strstr (drive->file, "://") != NULL)
    {
      g_autofree char *text =
          g_strdup_printf (_ ("A disk lies elsewhere, and Valise fetches nothing: %s"), drive->file);

      _valise_ovf_tell (self, machine, VALISE_SEVERITY_ERROR, "disk-remote", file, text,
                        _ ("Fetch it yourself, put it beside the descriptor and write its name there."));
      return;
    }
  read_member (self, machine, file, drive);
  read_compression (self, machine, file, drive);
}

/* --- one drive --- */

static void
tell_unknown (ValiseOvf *self, ValiseBlueprint *machine, const ValiseOvfItem *item, gboolean disk)
{
  g_autofree char *text =
      g_strdup_printf (_ ("A drive holds “%s”, which the descriptor does not explain."), item->host_resource);

  if (disk)
    _valise_ovf_tell (self, machine, VALISE_SEVERITY_ERROR, "disk-unknown", item->node, text,
                      _ ("Get the descriptor again, or choose the disk yourself."));
  else
    _valise_ovf_tell (self, machine, VALISE_SEVERITY_INFO, "drive-emptied", item->node, text,
                      _ ("The drive is brought in empty."));
}

static void
read_disk (ValiseOvf *self, ValiseBlueprint *machine, xmlNode *system, const xmlNode *disk, ValiseBlueprintDrive *drive)
{
  g_autofree char *file_id = valise_foreign_xml_attribute (disk, "fileRef");
  g_autofree char *parent = valise_foreign_xml_attribute (disk, "parentRef");
  xmlNode *file = file_id != NULL && *file_id != '\0' ? _valise_ovf_file (self, file_id) : NULL;

  read_capacity (self, machine, system, disk, drive);
  if (file != NULL)
    read_file (self, machine, file, drive);
  else if (file_id != NULL && *file_id != '\0')
    tell_missing (self, machine, disk, drive->device, file_id);
  drive->format = format_of (disk, drive->file);
  if (parent != NULL && *parent != '\0' && !g_str_has_prefix (parent, "00000000-"))
    {
      g_autofree char *place = valise_foreign_xml_place (disk, self->descriptor->name);

      valise_blueprint_refuse (machine, "disk-delta", place,
                               _ ("A disk holds only what changed since a snapshot of another."),
                               _ ("Join the snapshots in the program that made this, and export it again."));
    }
}

void
_valise_ovf_read_image (ValiseOvf *self,
                        ValiseBlueprint *machine,
                        xmlNode *system,
                        const ValiseOvfItem *item,
                        ValiseBlueprintDrive *drive)
{
  gboolean is_disk = drive->device == VALISE_BLUEPRINT_DISK;
  xmlNode *disk = NULL, *file = NULL;

  if (item->host_resource != NULL)
    resolve_resource (self, item->host_resource, &disk, &file);
  if (disk != NULL)
    read_disk (self, machine, system, disk, drive);
  else if (file != NULL)
    {
      read_file (self, machine, file, drive);
      drive->format = format_of (NULL, drive->file);
    }
  else if (item->host_resource != NULL)
    tell_unknown (self, machine, item, is_disk);
  /* Without an image the Item's own number is the size of a new disk. */
  if (disk == NULL && file == NULL && is_disk && item->quantity != NULL
      && !_valise_ovf_parse_size (item->quantity, item->units, 1, &drive->capacity))
    tell_number (self, machine, item->node, item->quantity);
}
