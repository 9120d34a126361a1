/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-image-chain.h"

#include "base/valise-path.h"
#include "base/valise-process.h"
#include "bundle/valise-image-header.h"
#include "bundle/valise-medium.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIZE_FIELD 24 /* of a qcow2 header */
#define LAYERS_MOST 256

static void
layer_free (gpointer data)
{
  ValiseImageLayer *layer = data;

  g_free (layer->path);
  g_free (layer->format);
  g_free (layer);
}

/* One name in the same folder. A colon would make a protocol of it. */
static gboolean
is_sibling_name (const char *name)
{
  return valise_path_is_plain_relative (name) && strpbrk (name, "/:") == NULL;
}

static gboolean
check_backing (const char *path, const ValiseImageBacking *backing, GError **error)
{
  g_autofree char *base = g_path_get_basename (path);
  g_autofree char *name = valise_text_for_display (base, 120);
  g_autofree char *shown = valise_text_for_display (backing->file, 200);

  if (is_sibling_name (backing->file) && backing->format != NULL)
    return TRUE;
  g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_UNSAFE,
               _ ("The disk “%s” is only the difference to “%s”, which does not lie beside it or has no stated format. "
                  "Merge the two with “qemu-img convert”."),
               name, shown);
  return FALSE;
}

static gboolean
explain_missing (const char *above, const char *below, GError **error)
{
  g_autofree char *first = g_path_get_basename (above);
  g_autofree char *second = g_path_get_basename (below);
  g_autofree char *name = valise_text_for_display (first, 120);
  g_autofree char *missing = valise_text_for_display (second, 120);

  g_clear_error (error);
  g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_MISSING,
               _ ("The disk “%s” builds on “%s”, which is missing. Put that file back beside it, from a backup or from "
                  "where the machine was copied."),
               name, missing);
  return FALSE;
}

/* The image at @path below that at @above. */
static gboolean
add_layer (GPtrArray *layers,
           const char *above,
           const char *path,
           const char *format,
           ValiseImageBacking *backing,
           GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (ValiseImageInfo) info = _valise_image_inspect_layer (path, format, backing, &local);
  ValiseImageLayer *layer;

  if (info == NULL)
    {
      if (g_error_matches (local, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_MISSING))
        return explain_missing (above, path, error);
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  layer = g_new0 (ValiseImageLayer, 1);
  layer->path = g_strdup (path);
  layer->format = g_strdup (format);
  layer->virtual_size = info->virtual_size;
  layer->actual_size = info->actual_size;
  g_ptr_array_add (layers, layer);
  return TRUE;
}

static gboolean
set_too_deep (const char *path, GError **error)
{
  g_autofree char *base = g_path_get_basename (path);
  g_autofree char *name = valise_text_for_display (base, 120);

  g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_UNSAFE,
               _ ("The disk “%s” builds on itself, or on more than %d images. Delete some of the machine's snapshots."),
               name, LAYERS_MOST);
  return FALSE;
}

/* A chain that runs in a circle ends at the bound. */
static gboolean
follow (const char *path, ValiseImageBacking *backing, GPtrArray *layers, GError **error)
{
  g_autofree char *directory = g_path_get_dirname (path);
  g_autofree char *above = g_strdup (path);

  while (backing->file != NULL)
    {
      g_auto (ValiseImageBacking) next = { NULL, NULL };
      g_autofree char *below = NULL;

      if (layers->len == LAYERS_MOST)
        return set_too_deep (path, error);
      if (!check_backing (above, backing, error))
        return FALSE;
      below = g_build_filename (directory, backing->file, NULL);
      if (!add_layer (layers, above, below, backing->format, &next, error))
        return FALSE;
      _valise_image_backing_clear (backing);
      *backing = next;
      next = (ValiseImageBacking){ NULL, NULL };
      g_free (above);
      above = g_steal_pointer (&below);
    }
  return TRUE;
}

ValiseImageInfo *
valise_image_inspect_chain (const char *path, const char *format, GPtrArray **layers, GError **error)
{
  g_auto (ValiseImageBacking) backing = { NULL, NULL };
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (layer_free);
  g_autoptr (ValiseImageInfo) info = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  info = _valise_image_inspect_layer (path, format, &backing, error);
  if (info == NULL || !follow (path, &backing, found, error))
    return NULL;
  if (layers != NULL)
    *layers = g_steal_pointer (&found);
  return g_steal_pointer (&info);
}

/* qemu-img first writes that an image which it makes has no bytes. One that it was killed over is nobody's. */
static gboolean
is_unfinished (const char *path)
{
  guint8 head[SIZE_FIELD + 8];
  static const guint8 nothing[8];
  int fd = open (path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  gssize got = fd >= 0 ? pread (fd, head, sizeof head, 0) : -1;

  if (fd >= 0)
    close (fd);
  return got == sizeof head && memcmp (head + SIZE_FIELD, nothing, sizeof nothing) == 0;
}

/* An image that cannot be looked at may be one, which is an error; what is no such image at all is none. */
static gboolean
is_above (const char *directory, const char *entry, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (directory, entry, NULL);
  g_auto (ValiseImageBacking) backing = { NULL, NULL };
  g_autoptr (ValiseImageInfo) info = NULL;
  g_autoptr (GError) local = NULL;
  struct stat status;

  if (entry[0] == '.' || g_str_equal (entry, name) || g_str_has_suffix (entry, ".partial")
      || (lstat (path, &status) == 0 && !S_ISREG (status.st_mode)))
    return FALSE;
  info = _valise_image_inspect_layer (path, "qcow2", &backing, &local);
  if (info != NULL)
    return g_strcmp0 (backing.file, name) == 0;
  if (!g_error_matches (local, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_FORMAT)
      && !g_error_matches (local, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_MISSING) && !is_unfinished (path))
    g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

GPtrArray *
_valise_image_list_above (const char *directory, const char *name, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GDir) dir = g_dir_open (directory, 0, &local);
  g_autoptr (GPtrArray) above = g_ptr_array_new_with_free_func (g_free);
  const char *entry;

  while (dir != NULL && local == NULL && (entry = g_dir_read_name (dir)) != NULL)
    if (is_above (directory, entry, name, &local))
      g_ptr_array_add (above, g_strdup (entry));
  if (local == NULL || g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    return g_steal_pointer (&above);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

/* --- making one --- */

static gboolean
check_base_name (const char *base, GError **error)
{
  g_autofree char *shown = valise_text_for_display (base, 120);

  if (is_sibling_name (base))
    return TRUE;
  g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_UNSAFE,
               _ ("No snapshot can be taken of the disk “%s”, since there is a colon in its name. Rename the file, and "
                  "name it so in the settings."),
               shown);
  return FALSE;
}

/* qemu-img writes over what is there. */
static gboolean
claim (const char *path, GError **error)
{
  int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

  if (fd < 0)
    _valise_medium_set_error (error, errno, path, 0);
  else
    close (fd);
  return fd >= 0;
}

/* Without a look at the base, which the caller has looked at himself. */
gboolean
_valise_image_create_overlay (const char *path,
                              const char *base,
                              const char *base_format,
                              guint64 bytes,
                              GCancellable *cancellable,
                              GError **error)
{
  g_autofree char *size = g_strdup_printf ("%" G_GUINT64_FORMAT, bytes);
  const char *const argv[] = { "qemu-img", "create", "-q",        "-u", "-f", "qcow2", "-b",
                               base,       "-F",     base_format, "--", path, size,    NULL };
  g_autoptr (GError) local = NULL;

  if (!check_base_name (base, error) || !claim (path, error))
    return FALSE;
  if (!valise_process_run (argv, NULL, NULL, NULL, cancellable, &local))
    {
      g_unlink (path);
      _valise_image_translate_qemu_error (&local, path, 0);
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  return TRUE;
}
