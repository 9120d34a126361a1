/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-parallels-disk.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-path.h"
#include "formats/valise-foreign-xml.h"
#include "formats/valise-image-place.h"

#define LONGEST ((gsize) 256 * 1024)
#define SECTOR 512
#define NAME_SHOWN 120

/* The last GUID of an engine that is none. */
#define NO_ENGINE "{00000000-0000-0000-0000-000000000000}"

typedef struct
{
  ValisePackage *package;
  const ValisePackageMember *descriptor;
  ValiseBlueprint *blueprint;
  ValiseBlueprintDrive *drive;
} Disk;

static void
refuse (Disk *self, const char *code, const xmlNode *node, const char *text, const char *remedy)
{
  g_autofree char *place =
      node != NULL ? valise_foreign_xml_place (node, self->descriptor->name) : g_strdup (self->descriptor->name);
  g_autofree char *shown = valise_text_for_display (place, NAME_SHOWN);

  valise_blueprint_refuse (self->blueprint, code, shown, text, remedy);
}

static guint
count (const xmlNode *parent, const char *name)
{
  guint n = 0;

  for (const xmlNode *node = valise_foreign_xml_child (parent, name); node != NULL;
       node = valise_foreign_xml_next (node->next, name))
    n++;
  return n;
}

static gboolean
check_encryption (Disk *self, const xmlNode *parameters)
{
  const xmlNode *node = valise_foreign_xml_child (parameters, "Encryption");
  g_autofree char *engine = valise_foreign_xml_text (node, "Engine");

  if (engine == NULL || g_str_equal (engine, NO_ENGINE))
    return TRUE;
  refuse (self, "encrypted", node, _ ("The disk is encrypted, and only Parallels can read it."),
          _ ("In Parallels, turn the encryption off and bring it in again."));
  return FALSE;
}

static gboolean
check_layout (Disk *self, const xmlNode *data)
{
  const xmlNode *storage = valise_foreign_xml_child (data, "Storage");

  if (count (data, "Storage") == 1 && count (storage, "Image") == 1)
    return TRUE;
  if (count (data, "Storage") > 1)
    refuse (self, "disk-split", data,
            _ ("The disk is split into pieces of 2 GB, which no other program puts together."),
            _ ("In Parallels, turn off “Split the disk image into 2 GB files” for it, and bring it in again."));
  else if (count (storage, "Image") > 1)
    refuse (self, "disk-differencing", storage,
            _ ("The disk has snapshots, each in a file of its own that no other program reads."),
            _ ("In Parallels, delete the snapshots, or make a full clone of the machine, and bring that in."));
  else
    refuse (self, "disk-damaged", NULL, _ ("The disk names no file that holds its data."), NULL);
  return FALSE;
}

static void
read_capacity (Disk *self, const xmlNode *parameters)
{
  g_autofree char *written = valise_foreign_xml_text (parameters, "Disk_size");
  guint64 sectors;

  if (written != NULL && g_ascii_string_to_unsigned (written, 10, 1, G_MAXINT64 / SECTOR, &sectors, NULL))
    self->drive->capacity = sectors * SECTOR;
}

static void
read_image (Disk *self, const xmlNode *image)
{
  g_autofree char *folder = g_path_get_dirname (self->descriptor->name);
  g_autofree char *kind = valise_foreign_xml_text (image, "Type");
  g_autofree char *file = valise_foreign_xml_text (image, "File");
  g_autofree char *place = valise_foreign_xml_place (image, self->descriptor->name);
  g_autofree char *shown = valise_text_for_display (place, NAME_SHOWN);

  self->drive->format = g_strdup (g_strcmp0 (kind, "Plain") == 0 ? "raw" : "parallels");
  valise_image_place_find (self->package, g_str_equal (folder, ".") ? NULL : folder, file != NULL ? file : "", shown,
                           self->blueprint, self->drive);
}

void
_valise_parallels_disk_read (ValisePackage *package,
                             const ValisePackageMember *descriptor,
                             ValiseBlueprint *blueprint,
                             ValiseBlueprintDrive *drive)
{
  Disk self = { .package = package, .descriptor = descriptor, .blueprint = blueprint, .drive = drive };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = valise_package_read (package, descriptor, LONGEST, &error);
  g_autoptr (xmlDoc) document = bytes != NULL ? valise_foreign_xml_parse (bytes, descriptor->name, NULL, &error) : NULL;
  const xmlNode *root = document != NULL ? xmlDocGetRootElement (document) : NULL;
  const xmlNode *parameters = valise_foreign_xml_child (root, "Disk_Parameters");
  const xmlNode *data = valise_foreign_xml_child (root, "StorageData");

  if (!valise_foreign_xml_is (root, "Parallels_disk_image"))
    {
      g_autofree char *text = valise_text_for_display (error != NULL ? error->message : descriptor->name, 400);

      refuse (&self, "disk-damaged", NULL, text, _ ("Get the disk again from where it came."));
      return;
    }
  read_capacity (&self, parameters);
  if (check_encryption (&self, parameters) && check_layout (&self, data))
    read_image (&self, valise_foreign_xml_child (valise_foreign_xml_child (data, "Storage"), "Image"));
}
