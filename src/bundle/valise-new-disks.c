/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-new-disks.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "bundle/valise-image-chain.h"

/* The image itself is looked at where it is opened; its folder may be a link that came with the bundle. */
static gboolean
check_folder (const char *directory, const char *source, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (source);
  g_autoptr (GError) failure = NULL;
  int root, fd;

  if (g_str_equal (folder, "."))
    return TRUE;
  root = open (directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  fd = root >= 0 ? valise_path_open_beneath (root, folder, O_RDONLY | O_DIRECTORY, 0, &failure) : -1;
  if (fd >= 0)
    close (fd);
  if (root >= 0)
    close (root);
  if (failure == NULL || failure->domain != VALISE_PATH_ERROR)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static gboolean
make_or_grow (const char *path,
              const char *format,
              guint64 size,
              GPtrArray *made,
              GCancellable *cancellable,
              GError **error)
{
  g_autoptr (ValiseImageInfo) info = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      if (!valise_image_create (path, format, size, cancellable, error))
        return FALSE;
      g_ptr_array_add (made, g_strdup (path));
      return TRUE;
    }

  info = valise_image_inspect_chain (path, format, NULL, error);
  if (info == NULL)
    return FALSE;
  return info->virtual_size >= size || valise_image_grow (path, format, size, cancellable, error);
}

static gboolean
make_disk (ValiseDocument *document,
           const char *directory,
           guint number,
           GPtrArray *made,
           GCancellable *cancellable,
           GError **error)
{
  g_autofree char *source = valise_document_get_device (document, "disk", number, "source/@file");
  g_autofree char *format = valise_document_get_device (document, "disk", number, "driver/@type");
  g_autofree char *path = NULL;
  guint64 size;

  if (source == NULL || !valise_path_is_plain_relative (source))
    return TRUE;
  size = valise_new_disks_get_size (document, source);
  if (size == 0)
    return TRUE;

  path = g_build_filename (directory, source, NULL);
  return check_folder (directory, source, error)
         && make_or_grow (path, format != NULL ? format : "raw", size, made, cancellable, error);
}

char *
valise_new_disks_knob (const char *source)
{
  return g_strdup_printf ("metadata/valise:machine/valise:disk[@source='%s']/@size", source);
}

guint64
valise_new_disks_get_size (ValiseDocument *document, const char *source)
{
  g_autofree char *knob = valise_new_disks_knob (source);
  g_autofree char *text = valise_document_get (document, knob);
  guint64 size = 0;

  if (text == NULL || !g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, &size, NULL))
    return 0;
  return size;
}

gboolean
valise_new_disks_make (ValiseDocument *document,
                       const char *directory,
                       GPtrArray **made,
                       GCancellable *cancellable,
                       GError **error)
{
  g_autoptr (GPtrArray) images = g_ptr_array_new_with_free_func (g_free);
  guint count = valise_document_count (document, "devices/disk");

  for (guint number = 1; number <= count; number++)
    if (!make_disk (document, directory, number, images, cancellable, error))
      {
        valise_new_disks_undo (images);
        return FALSE;
      }
  *made = g_steal_pointer (&images);
  return TRUE;
}

void
valise_new_disks_undo (GPtrArray *made)
{
  for (guint i = 0; i < made->len; i++)
    g_unlink (g_ptr_array_index (made, i));
  g_ptr_array_set_size (made, 0);
}

gboolean
valise_new_disks_rename (ValiseDocument *document, const char *from, const char *to, GError **error)
{
  guint count = valise_document_count (document, "metadata/valise:machine/valise:disk");

  for (guint i = 1; i <= count; i++)
    {
      g_autofree char *knob = g_strdup_printf ("metadata/valise:machine/valise:disk[%u]/@source", i);
      g_autofree char *source = valise_document_get (document, knob);

      if (g_strcmp0 (source, from) == 0 && !valise_document_set (document, knob, to, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
valise_new_disks_is_named (ValiseDocument *document, const char *source)
{
  guint count = valise_document_count (document, "devices/disk");

  for (guint i = 1; i <= count; i++)
    {
      g_autofree char *file = valise_document_get_device (document, "disk", i, "source/@file");

      if (g_strcmp0 (file, source) == 0)
        return TRUE;
    }
  return FALSE;
}
