/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-bundle-private.h"

#include "base/valise-path.h"
#include "bundle/valise-new-disks.h"

#include <glib/gi18n-lib.h>

/* The image of a hard disk in the bundle; %NULL of anything else, which no conversion renames. */
static char *
image_of (ValiseDocument *document, guint disk)
{
  g_autofree char *device = valise_document_get_device (document, "disk", disk, "@device");
  g_autofree char *source = valise_document_get_device (document, "disk", disk, "source/@file");

  if (source == NULL || !valise_path_is_plain_relative (source) || (device != NULL && !g_str_equal (device, "disk")))
    return NULL;
  return g_steal_pointer (&source);
}

static gboolean
is_there (const char *path, const char *image)
{
  g_autofree char *file = g_build_filename (path, image, NULL);

  return g_file_test (file, G_FILE_TEST_EXISTS);
}

/* The disk that has the same place in the guest; 0 when there is none. */
static guint
find_successor (ValiseDocument *present, const char *target)
{
  guint count = valise_document_count (present, "devices/disk");

  for (guint i = 1; target != NULL && i <= count; i++)
    {
      g_autofree char *other = valise_document_get_device (present, "disk", i, "target/@dev");
      g_autofree char *image = g_strcmp0 (other, target) == 0 ? image_of (present, i) : NULL;

      if (image != NULL)
        return i;
    }
  return 0;
}

static gboolean
take_over (ValiseDocument *version,
           guint disk,
           const char *image,
           ValiseDocument *present,
           guint successor,
           GError **error)
{
  g_autofree char *source = g_strdup_printf ("devices/disk[%u]/source/@file", disk);
  g_autofree char *driver = g_strdup_printf ("devices/disk[%u]/driver/@type", disk);
  g_autofree char *tables = g_strdup_printf ("devices/disk[%u]/driver/metadata_cache", disk);
  g_autofree char *now = image_of (present, successor);
  g_autofree char *format = valise_document_get_device (present, "disk", successor, "driver/@type");

  /* Only qcow2 has tables to keep in memory. */
  return valise_document_set (version, source, now, error)
         && (format != NULL ? valise_document_set (version, driver, format, error)
                            : valise_document_unset (version, driver, error))
         && (g_strcmp0 (format, "qcow2") == 0 || valise_document_unset (version, tables, error))
         && valise_new_disks_rename (version, image, now, error);
}

static gboolean
refuse (const char *image, GError **error)
{
  g_autofree char *shown = valise_text_for_display (image, 80);

  g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_FILE_GONE,
               _ ("The settings before name the disk “%s”, whose file is not there any more. Open the settings and "
                  "change what you want back; their XML page shows the earlier versions."),
               shown);
  return FALSE;
}

gboolean
_valise_history_follow_disks (const char *path, ValiseDocument *version, ValiseDocument *present, GError **error)
{
  guint count = valise_document_count (version, "devices/disk");

  for (guint i = 1; i <= count; i++)
    {
      g_autofree char *image = image_of (version, i);
      g_autofree char *target = NULL;
      guint successor;

      if (image == NULL || is_there (path, image))
        continue;
      target = valise_document_get_device (version, "disk", i, "target/@dev");
      successor = find_successor (present, target);
      if (successor != 0 ? !take_over (version, i, image, present, successor, error)
                         : valise_new_disks_get_size (version, image) == 0 && !refuse (image, error))
        return FALSE;
    }
  return TRUE;
}
