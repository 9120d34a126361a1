/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-vbox-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-path.h"
#include "formats/valise-image-place.h"
#include "formats/valise-vmdk.h"

#define DEEPEST 64
#define NAME_SHOWN 120
#define VDI_HEAD 512
#define VDI_MAGIC 0xbeda107fu
#define VDI_DIFFERENCE 4

static void
medium_free (gpointer data)
{
  ValiseVboxMedium *medium = data;

  g_free (medium->location);
  g_free (medium->format);
  g_free (medium);
}

/* --- the list --- */

static gboolean
has_key (const xmlNode *node)
{
  for (const xmlNode *property = valise_foreign_xml_child (node, "Property"); property != NULL;
       property = valise_foreign_xml_next (property->next, "Property"))
    {
      g_autofree char *name = valise_foreign_xml_attribute (property, "name");

      if (name != NULL && g_str_has_prefix (name, "CRYPT/"))
        return TRUE;
    }
  return FALSE;
}

static void
add_medium (GHashTable *media, const xmlNode *node, guint depth)
{
  g_autofree char *uuid = valise_foreign_xml_attribute (node, "uuid");
  ValiseVboxMedium *medium;

  if (uuid == NULL)
    return;
  medium = g_new0 (ValiseVboxMedium, 1);
  medium->node = node;
  medium->location = valise_foreign_xml_attribute (node, "location");
  medium->format = valise_foreign_xml_attribute (node, "format");
  medium->depth = depth;
  medium->encrypted = has_key (node);
  g_hash_table_replace (media, g_ascii_strdown (uuid, -1), medium);
}

static void
add_media (GHashTable *media, const xmlNode *parent, const char *name, guint depth)
{
  for (const xmlNode *node = valise_foreign_xml_child (parent, name); node != NULL && depth < DEEPEST;
       node = valise_foreign_xml_next (node->next, name))
    {
      add_medium (media, node, depth);
      add_media (media, node, name, depth + 1);
    }
}

GHashTable *
_valise_vbox_read_media (ValiseVbox *self)
{
  GHashTable *media = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, medium_free);
  const xmlNode *registry = valise_foreign_xml_child (self->machine, "MediaRegistry");

  add_media (media, valise_foreign_xml_child (registry, "HardDisks"), "HardDisk", 0);
  add_media (media, valise_foreign_xml_child (registry, "DVDImages"), "Image", 0);
  add_media (media, valise_foreign_xml_child (registry, "FloppyImages"), "Image", 0);
  return media;
}

/* --- an image --- */

static guint64
get_le (const guint8 *head, gsize at, gsize width)
{
  guint64 value = 0;

  for (gsize i = 0; i < width; i++)
    value |= (guint64) head[at + i] << (8 * i);
  return value;
}

static void
refuse_difference (ValiseVbox *self, const xmlNode *node)
{
  _valise_vbox_refuse (
      self, "disk-differencing", node,
      _ ("The disk is only what was written since a snapshot, in a way that no other program reads. The "
         "disk below it alone would be the machine as it was then."),
      _ ("In VirtualBox, make a full clone of the machine (Machine, Clone, “Current machine state”), or "
         "export it (File, Export Appliance), and bring that in."));
}

static void
check_vdi (ValiseVbox *self,
           const ValiseVboxMedium *medium,
           const ValisePackageMember *member,
           ValiseBlueprintDrive *drive)
{
  guint8 head[VDI_HEAD];

  if (valise_package_peek (self->package, member, 0, head, sizeof head) != sizeof head
      || get_le (head, 0x40, 4) != VDI_MAGIC)
    {
      g_autofree char *shown = valise_text_for_display (member->name, NAME_SHOWN);
      g_autofree char *text = g_strdup_printf (_ ("“%s” is damaged, or no disk of VirtualBox."), shown);

      _valise_vbox_refuse (self, "disk-damaged", medium->node, text, _ ("Get the file again from where it came."));
    }
  else if (get_le (head, 0x4c, 4) == VDI_DIFFERENCE)
    refuse_difference (self, medium->node);
  else if (get_le (head, 0x170, 8) <= G_MAXINT64)
    drive->capacity = get_le (head, 0x170, 8);
}

static void
check_member (ValiseVbox *self,
              const ValiseVboxMedium *medium,
              const ValisePackageMember *member,
              ValiseBlueprintDrive *drive)
{
  if (medium->format != NULL && g_ascii_strcasecmp (medium->format, "VDI") == 0)
    check_vdi (self, medium, member, drive);
  else if (medium->format != NULL && g_ascii_strcasecmp (medium->format, "VMDK") == 0)
    valise_vmdk_attach (self->package, member, self->blueprint, drive);
}

static gboolean
check_kind (ValiseVbox *self, const ValiseVboxMedium *medium)
{
  if (medium->depth > 0)
    refuse_difference (self, medium->node);
  else if (medium->encrypted)
    _valise_vbox_refuse (self, "encrypted", medium->node, _ ("The disk is encrypted, and only VirtualBox can read it."),
                         _ ("In VirtualBox, remove the encryption (Settings, General, Disk Encryption) and bring it in "
                            "again."));
  else if (medium->format != NULL && g_ascii_strcasecmp (medium->format, "iSCSI") == 0)
    _valise_vbox_refuse (self, "disk-network", medium->node, _ ("The disk lies on a server, not in a file."),
                         _ ("In VirtualBox, clone the disk into a file, and use that."));
  else
    return TRUE;
  return FALSE;
}

void
_valise_vbox_check_image (ValiseVbox *self, const ValiseVboxMedium *medium, ValiseBlueprintDrive *drive)
{
  g_autofree char *base = g_path_get_basename (self->member->name);
  g_autofree char *place = valise_foreign_xml_place (medium->node, base);
  g_autofree char *shown = valise_text_for_display (place, NAME_SHOWN);
  const ValisePackageMember *member;

  if (drive->device == VALISE_BLUEPRINT_DISK)
    {
      drive->format = medium->format != NULL ? g_ascii_strdown (medium->format, -1) : NULL;
      if (!check_kind (self, medium))
        return;
    }
  member = valise_image_place_find (self->package, self->folder, medium->location != NULL ? medium->location : "",
                                    shown, self->blueprint, drive);
  if (member != NULL && drive->device == VALISE_BLUEPRINT_DISK)
    check_member (self, medium, member, drive);
}
