/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-live-disks-private.h"

#include <stdlib.h>
#include <string.h>

#include "base/valise-xml.h"
#include "bundle/valise-image-chain.h"

#define LAYERS_MOST 512

static void
disk_free (gpointer data)
{
  ValiseLiveDisk *disk = data;

  g_free (disk->target);
  g_ptr_array_unref (disk->files);
  g_ptr_array_unref (disk->formats);
  g_free (disk);
}

static char *
get (xmlNode *node, const char *name)
{
  g_autoptr (ValiseXmlChar) value = node != NULL ? xmlGetNoNsProp (node, (const xmlChar *) name) : NULL;

  return g_strdup ((const char *) value);
}

/* The image on top has its format in <driver>, those below in <format>. */
static ValiseLiveDisk *
read_disk (xmlNode *node)
{
  ValiseLiveDisk *disk = g_new0 (ValiseLiveDisk, 1);
  const char *format_name = "driver";

  disk->target = get (valise_xml_find_child (node, "target"), "dev");
  disk->files = g_ptr_array_new_with_free_func (g_free);
  disk->formats = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; node != NULL && i < LAYERS_MOST; i++)
    {
      char *file = get (valise_xml_find_child (node, "source"), "file");

      if (file == NULL)
        break;
      g_ptr_array_add (disk->files, file);
      g_ptr_array_add (disk->formats, get (valise_xml_find_child (node, format_name), "type"));
      format_name = "format";
      node = valise_xml_find_child (node, "backingStore");
    }
  return disk;
}

/* --- what QEMU uses by now --- */

static gboolean
is_among (GPtrArray *layers, const char *file)
{
  for (guint i = 0; i < layers->len; i++)
    if (g_str_equal (((const ValiseImageLayer *) layers->pdata[i])->path, file))
      return TRUE;
  return FALSE;
}

/* A merge ends with QEMU's having the image above name what is below. Where libvirt was killed right then, it goes on
 * naming the image between them, which QEMU does not use any more; what the headers say is QEMU's own word. The image at
 * the bottom is never left out by a merge: headers that do not lead to it are not understood here. */
static void
leave_merged_out (ValiseLiveDisk *disk)
{
  g_autoptr (GPtrArray) layers = NULL;
  g_autoptr (ValiseImageInfo) info = NULL;

  if (disk->files->len < 3 || disk->formats->pdata[0] == NULL)
    return;
  info = valise_image_inspect_chain (disk->files->pdata[0], disk->formats->pdata[0], &layers, NULL);
  if (info == NULL || !is_among (layers, disk->files->pdata[disk->files->len - 1]))
    return;
  for (guint i = disk->files->len - 2; i > 0; i--)
    if (!is_among (layers, disk->files->pdata[i]))
      {
        g_ptr_array_remove_index (disk->files, i);
        g_ptr_array_remove_index (disk->formats, i);
      }
}

GPtrArray *
_valise_live_disks_read (virDomainPtr domain)
{
  char *xml = virDomainGetXMLDesc (domain, 0);
  g_autoptr (xmlDoc) tree = xml != NULL ? valise_xml_parse (xml, -1, "domain", NULL) : NULL;
  GPtrArray *disks;

  free (xml);
  if (tree == NULL)
    return NULL;
  disks = g_ptr_array_new_with_free_func (disk_free);
  for (xmlNode *node = valise_xml_find_child (xmlDocGetRootElement (tree), "devices")->children; node != NULL;
       node = node->next)
    if (node->type == XML_ELEMENT_NODE && strcmp ((const char *) node->name, "disk") == 0)
      g_ptr_array_add (disks, read_disk (node));
  for (guint i = 0; i < disks->len; i++)
    leave_merged_out (disks->pdata[i]);
  return disks;
}

const ValiseLiveDisk *
_valise_live_disks_find (GPtrArray *disks, const char *target)
{
  for (guint i = 0; i < disks->len; i++)
    if (g_strcmp0 (((ValiseLiveDisk *) disks->pdata[i])->target, target) == 0)
      return disks->pdata[i];
  return NULL;
}
