/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/valise-effective-private.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "bundle/valise-image-chain.h"
#include "bundle/valise-new-disks.h"
#include "model/valise-node-private.h"

static gboolean
check_plain (int fd, const char *path, GError **error)
{
  struct stat status;

  if (fstat (fd, &status) == 0 && S_ISREG (status.st_mode))
    return TRUE;
  g_set_error (error, VALISE_PATH_ERROR, VALISE_PATH_ERROR_SPECIAL, _ ("%s is not a plain file."), path);
  return FALSE;
}

/* A file of the bundle, reached through no link. */
gboolean
_valise_build_check_beneath (ValiseBuild *build, const char *relative, GError **error)
{
  int fd = valise_path_open_beneath (build->directory_fd, relative, O_RDONLY | O_NONBLOCK, 0, error);
  gboolean plain;

  if (fd < 0)
    return FALSE;
  plain = check_plain (fd, relative, error);
  close (fd);
  return plain;
}

/* A file that was granted; links on the way are the user's own. A FIFO would block libvirt for ever. */
static gboolean
check_outside (const char *path, GError **error)
{
  int fd = open (path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  gboolean plain;

  if (fd < 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), _ ("%s cannot be opened: %s"), path,
                   g_strerror (errno));
      return FALSE;
    }
  plain = check_plain (fd, path, error);
  close (fd);
  return plain;
}

static gboolean
is_drive (xmlNode *node)
{
  return node->parent != NULL && _valise_node_is (node->parent, "disk");
}

static gboolean
has_medium (xmlNode *disk)
{
  return !_valise_node_is_set_to (disk, "device", "cdrom") && !_valise_node_is_set_to (disk, "device", "floppy");
}

/* What is not there is an error that says what to do about it. */
static void
explain_missing (const char *relative, GError **error)
{
  g_clear_error (error);
  g_set_error (error, VALISE_EFFECTIVE_ERROR, VALISE_EFFECTIVE_ERROR_MISSING,
               _ ("%s is missing from the bundle. Put it back, or remove it from the settings."), relative);
}

/* Kernels, firmware tables and the like: each must be a plain file. A disk's own path is looked at with the disk. */
gboolean
_valise_build_settle_files (ValiseBuild *build, GError **error)
{
  for (guint i = 0; i < build->sieve->files->len; i++)
    {
      const ValiseSieveFile *file = build->sieve->files->pdata[i];
      g_autofree char *absolute = NULL;
      g_autoptr (GError) local = NULL;

      if (is_drive (file->node))
        continue;
      if (!_valise_build_check_beneath (build, file->relative, &local))
        {
          if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
            explain_missing (file->relative, &local);
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      absolute = g_build_filename (build->directory, file->relative, NULL);
      if (file->attribute != NULL)
        _valise_node_set (file->node, file->attribute, absolute);
      else
        {
          xmlNodeSetContent (file->node, NULL);
          xmlNodeAddContent (file->node, (const xmlChar *) absolute);
        }
    }
  return TRUE;
}

/* --- disks --- */

static gboolean
image_failed (GError *local, gboolean chain_granted, GError **error)
{
  if (chain_granted && g_error_matches (local, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_UNSAFE))
    return TRUE;
  g_set_error (error, VALISE_EFFECTIVE_ERROR, VALISE_EFFECTIVE_ERROR_IMAGE, "%s", local->message);
  return FALSE;
}

/* @layers: (out): what the image builds on, which only an image of the bundle may. */
static gboolean
inspect (xmlNode *disk, const char *path, gboolean is_own, GPtrArray **layers, GError **error)
{
  g_autofree char *format = _valise_node_get (_valise_node_child (disk, "driver"), "type");
  g_autoptr (ValiseImageInfo) info = NULL;
  g_autoptr (GError) local = NULL;

  /* A disc is opened as raw whatever is in it. */
  if (!has_medium (disk) && g_strcmp0 (format, "raw") == 0)
    return TRUE;
  info =
      is_own ? valise_image_inspect_chain (path, format, layers, &local) : valise_image_inspect (path, format, &local);
  return info != NULL || image_failed (local, _valise_node_child (disk, "backingStore") != NULL, error);
}

/* Each layer by name and format, so that nobody probes, and an empty one at the end, so that nobody looks further. */
static void
add_layers (xmlNode *disk, GPtrArray *layers)
{
  xmlNode *store = _valise_node_add (disk, "backingStore");

  for (guint i = 0; layers != NULL && i < layers->len; i++)
    {
      const ValiseImageLayer *layer = layers->pdata[i];

      _valise_node_set (store, "type", "file");
      _valise_node_set (_valise_node_add (store, "format"), "type", layer->format);
      _valise_node_set (_valise_node_add (store, "source"), "file", layer->path);
      store = _valise_node_add (store, "backingStore");
    }
}

/* Formats are always said, never probed, and a chain that was not granted ends here. */
static void
settle_driver (xmlNode *disk)
{
  xmlNode *driver = _valise_node_ensure (disk, "driver");

  _valise_node_set (driver, "name", "qemu");
  _valise_node_set_if_missing (driver, "type", "raw");
  if (!has_medium (disk))
    return;
  _valise_node_set_if_missing (driver, "error_policy", "stop");
  _valise_node_set_if_missing (driver, "rerror_policy", "stop");
}

/* One that is made when the settings are applied. */
static gboolean
is_planned (ValiseBuild *build, xmlNode *disk, const char *file)
{
  return build->choice->planned_images && has_medium (disk) && !g_path_is_absolute (file)
         && valise_new_disks_get_size (build->stored, file) > 0;
}

static gboolean
settle_image (ValiseBuild *build, xmlNode *disk, xmlNode *source, const char *file, GError **error)
{
  g_autofree char *absolute = g_canonicalize_filename (file, build->directory);
  g_autoptr (GPtrArray) layers = NULL;
  g_autoptr (GError) local = NULL;

  if (g_path_is_absolute (file) ? check_outside (file, &local) : _valise_build_check_beneath (build, file, &local))
    {
      _valise_node_set (source, "file", absolute);
      if (!inspect (disk, absolute, !g_path_is_absolute (file), &layers, error))
        return FALSE;
      if (_valise_node_child (disk, "backingStore") == NULL)
        add_layers (disk, layers);
      return TRUE;
    }
  if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) && is_planned (build, disk, file))
    {
      _valise_node_set (source, "file", absolute);
      if (_valise_node_child (disk, "backingStore") == NULL)
        _valise_node_add (disk, "backingStore");
      return TRUE;
    }
  if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) && !has_medium (disk))
    {
      _valise_node_remove (source);
      return TRUE;
    }
  if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    explain_missing (file, &local);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* A disk without its file is left out; a drive for discs stays, empty. */
static gboolean
settle_disk (ValiseBuild *build, xmlNode *disk, GError **error)
{
  xmlNode *source = _valise_node_child (disk, "source");
  g_autofree char *file = source != NULL ? _valise_node_get (source, "file") : NULL;

  if (file == NULL || *file == '\0')
    {
      _valise_node_remove (has_medium (disk) ? disk : source);
      return TRUE;
    }
  settle_driver (disk);
  return settle_image (build, disk, source, file, error);
}

gboolean
_valise_build_settle_disks (ValiseBuild *build, xmlNode *devices, GError **error)
{
  xmlNode *next;

  for (xmlNode *node = devices->children; node != NULL; node = next)
    {
      next = node->next;
      if (!_valise_node_is (node, "disk") || _valise_build_is_granted (build, node))
        continue;
      _valise_node_set_if_missing (node, "type", "file");
      _valise_node_set_if_missing (node, "device", "disk");
      if (!settle_disk (build, node, error))
        return FALSE;
    }
  return TRUE;
}
