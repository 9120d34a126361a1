/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-staged-disk-private.h"

#include <string.h>
#include <sys/stat.h>

static void
staged_disk_free (gpointer data)
{
  ValiseStagedDisk *disk = data;

  g_free (disk->target);
  g_free (disk->from);
  g_free (disk->stored);
  g_free (disk->format);
  g_free (disk);
}

/* The part of @path below the bundle, or %NULL. */
static const char *
below (const char *bundle, const char *path)
{
  gsize length = strlen (bundle);

  return g_str_has_prefix (path, bundle) && path[length] == '/' ? path + length + 1 : NULL;
}

static gboolean
is_taken (const char *bundle, GPtrArray *disks, const char *stored)
{
  g_autofree char *path = g_build_filename (bundle, stored, NULL);
  struct stat status;

  for (guint i = 0; i < disks->len; i++)
    if (g_str_equal (((const ValiseStagedDisk *) disks->pdata[i])->stored, stored))
      return TRUE;
  return lstat (path, &status) == 0;
}

/* For a disk from elsewhere: a name that is nobody's in the bundle, so that none of its files is written over. */
static char *
choose_stored (const char *bundle, GPtrArray *disks, const char *target)
{
  for (guint i = 1;; i++)
    {
      g_autofree char *number = i > 1 ? g_strdup_printf ("-%u", i) : g_strdup ("");
      g_autofree char *stored = g_strdup_printf ("disks/%s%s.qcow2", target, number);

      if (!is_taken (bundle, disks, stored))
        return g_steal_pointer (&stored);
    }
}

static ValiseStagedDisk *
read_disk (ValiseDocument *live, guint number, const char *bundle, GPtrArray *disks)
{
  g_autofree char *device = valise_document_get_device (live, "disk", number, "@device");
  g_autofree char *from = valise_document_get_device (live, "disk", number, "source/@file");
  g_autofree char *readonly = g_strdup_printf ("devices/disk[%u]/readonly", number);
  const char *relative = from != NULL ? below (bundle, from) : NULL;
  ValiseStagedDisk *disk;

  if (from == NULL || (device != NULL && !g_str_equal (device, "disk")) || valise_document_has (live, readonly))
    return NULL;
  disk = g_new0 (ValiseStagedDisk, 1);
  disk->target = valise_document_get_device (live, "disk", number, "target/@dev");
  disk->format = valise_document_get_device (live, "disk", number, "driver/@type");
  disk->stored = relative != NULL ? g_strdup (relative) : choose_stored (bundle, disks, disk->target);
  if (relative == NULL)
    {
      g_free (disk->format);
      disk->format = g_strdup ("qcow2");
    }
  disk->from = g_steal_pointer (&from);
  return disk;
}

GPtrArray *
_valise_staged_disks_read (ValiseDocument *live, const char *bundle)
{
  GPtrArray *disks = g_ptr_array_new_with_free_func (staged_disk_free);

  for (guint i = 1; i <= valise_document_count (live, "devices/disk"); i++)
    {
      ValiseStagedDisk *disk = read_disk (live, i, bundle, disks);

      if (disk != NULL)
        g_ptr_array_add (disks, disk);
    }
  return disks;
}

char *
_valise_staged_disks_describe (GPtrArray *disks, ValiseBundle *stage)
{
  GString *xml = g_string_new ("<domainbackup mode='push'>\n  <disks>\n");

  for (guint i = 0; i < disks->len; i++)
    {
      const ValiseStagedDisk *disk = disks->pdata[i];
      g_autofree char *to = valise_bundle_file (stage, disk->stored);
      g_autofree char *line =
          g_markup_printf_escaped ("    <disk name='%s' backup='yes' type='file'>\n      <driver type='%s'/>\n"
                                   "      <target file='%s'/>\n    </disk>\n",
                                   disk->target, disk->format, to);

      g_string_append (xml, line);
    }
  g_string_append (xml, "  </disks>\n</domainbackup>\n");
  return g_string_free (xml, FALSE);
}

/* Where a disk of elsewhere has become one of the copy's. */
static gboolean
take_in (ValiseDocument *document, const ValiseStagedDisk *disk, GError **error)
{
  for (guint i = 1; i <= valise_document_count (document, "devices/disk"); i++)
    {
      g_autofree char *file = valise_document_get_device (document, "disk", i, "source/@file");
      g_autofree char *source = g_strdup_printf ("devices/disk[%u]/source/@file", i);
      g_autofree char *type = g_strdup_printf ("devices/disk[%u]/driver/@type", i);

      if (g_strcmp0 (file, disk->from) == 0
          && (!valise_document_set (document, source, disk->stored, error)
              || !valise_document_set (document, type, disk->format, error)))
        return FALSE;
    }
  return TRUE;
}

gboolean
_valise_staged_disks_take_in (GPtrArray *disks, ValiseDocument *document, GError **error)
{
  for (guint i = 0; i < disks->len; i++)
    if (!take_in (document, disks->pdata[i], error))
      return FALSE;
  return TRUE;
}

guint64
_valise_staged_disks_count (GPtrArray *disks)
{
  guint64 bytes = 0;

  for (guint i = 0; i < disks->len; i++)
    {
      const ValiseStagedDisk *disk = disks->pdata[i];
      g_autoptr (GFile) file = g_file_new_for_path (disk->from);
      g_autoptr (GFileInfo) info =
          g_file_query_info (file, G_FILE_ATTRIBUTE_STANDARD_ALLOCATED_SIZE, G_FILE_QUERY_INFO_NONE, NULL, NULL);

      bytes += info != NULL ? g_file_info_get_attribute_uint64 (info, G_FILE_ATTRIBUTE_STANDARD_ALLOCATED_SIZE) : 0;
    }
  return bytes;
}
