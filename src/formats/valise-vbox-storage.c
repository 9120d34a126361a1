/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-vbox-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-path.h"

#define NAME_SHOWN 120
#define MOST_DEVICES 512
#define MOST_PORT 1024

/* What is attached to a controller, in the order in which the guest's firmware looks. */
typedef struct
{
  const xmlNode *node;
  const xmlNode *controller;
  const char *bus;
  guint rank;  /* of the bus */
  guint index; /* of the controller among those of its bus */
  guint64 port, device;
} Attachment;

static const struct
{
  const char *type, *bus;
} controllers[] = {
  { "PIIX3", "ide" },       { "PIIX4", "ide" },     { "ICH6", "ide" },      { "AHCI", "sata" },
  { "IntelAhci", "sata" },  { "LsiLogic", "scsi" }, { "BusLogic", "scsi" }, { "LsiLogicSas", "scsi" },
  { "VirtioSCSI", "scsi" }, { "NVMe", "nvme" },     { "USB", "usb" },       { "I82078", "fdc" },
};

static const char *const ranks[] = { "ide", "sata", "scsi", "nvme", "usb", "fdc" };

/* --- controllers --- */

static const char *
bus_of (const xmlNode *controller)
{
  g_autofree char *type = valise_foreign_xml_attribute (controller, "type");

  for (gsize i = 0; type != NULL && i < G_N_ELEMENTS (controllers); i++)
    if (g_ascii_strcasecmp (controllers[i].type, type) == 0)
      return controllers[i].bus;
  return NULL;
}

static guint
rank_of (const char *bus)
{
  for (guint i = 0; bus != NULL && i < G_N_ELEMENTS (ranks); i++)
    if (g_str_equal (ranks[i], bus))
      return i;
  return G_N_ELEMENTS (ranks);
}

static guint64
read_place (const xmlNode *node, const char *attribute)
{
  g_autofree char *written = valise_foreign_xml_attribute (node, attribute);
  guint64 number;

  return written != NULL && g_ascii_string_to_unsigned (written, 10, 0, MOST_PORT, &number, NULL) ? number : 0;
}

static void
add_attachments (GArray *attachments, const xmlNode *controller, const char *bus, guint index)
{
  for (const xmlNode *node = valise_foreign_xml_child (controller, "AttachedDevice");
       node != NULL && attachments->len < MOST_DEVICES; node = valise_foreign_xml_next (node->next, "AttachedDevice"))
    {
      Attachment attachment = { .node = node,
                                .controller = controller,
                                .bus = bus,
                                .rank = rank_of (bus),
                                .index = index,
                                .port = read_place (node, "port"),
                                .device = read_place (node, "device") };

      g_array_append_val (attachments, attachment);
    }
}

static int
compare_attachments (gconstpointer a, gconstpointer b)
{
  const Attachment *first = a, *second = b;
  const guint64 ours[] = { first->rank, first->index, first->port, first->device };
  const guint64 theirs[] = { second->rank, second->index, second->port, second->device };

  for (gsize i = 0; i < G_N_ELEMENTS (ours); i++)
    if (ours[i] != theirs[i])
      return ours[i] < theirs[i] ? -1 : 1;
  return 0;
}

/* They stand beside the hardware or, in newer settings, in it. */
static GArray *
find_attachments (ValiseVbox *self)
{
  const xmlNode *list = valise_foreign_xml_child (self->machine, "StorageControllers");
  GArray *attachments = g_array_new (FALSE, FALSE, sizeof (Attachment));
  guint counts[G_N_ELEMENTS (ranks) + 1] = { 0 };

  if (list == NULL)
    list = valise_foreign_xml_child (self->hardware, "StorageControllers");
  for (const xmlNode *node = valise_foreign_xml_child (list, "StorageController"); node != NULL;
       node = valise_foreign_xml_next (node->next, "StorageController"))
    {
      const char *bus = bus_of (node);

      add_attachments (attachments, node, bus, counts[rank_of (bus)]++);
    }
  g_array_sort (attachments, compare_attachments);
  return attachments;
}

/* --- drives --- */

/* IDE has two channels with two drives each; on the others a port is a drive. */
static void
set_place (const Attachment *attachment, ValiseBlueprintDrive *drive)
{
  gboolean ide = g_strcmp0 (attachment->bus, "ide") == 0;

  drive->bus = g_strdup (attachment->bus);
  drive->controller = _valise_vbox_shown (attachment->controller, "type");
  drive->unit = g_strdup_printf ("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT, ide ? attachment->port : attachment->index,
                                 ide ? attachment->device : attachment->port);
}

static void
tell_unknown (ValiseVbox *self, const xmlNode *image, const char *uuid, gboolean disk)
{
  g_autofree char *shown = valise_text_for_display (uuid, NAME_SHOWN);
  g_autofree char *text =
      g_strdup_printf (_ ("A drive names the image %s, and nothing says which file that is."), shown);

  if (disk)
    _valise_vbox_tell (self, VALISE_SEVERITY_ERROR, "disk-unknown", image, text,
                       _ ("Choose the disk yourself, or export the machine in VirtualBox and bring that in."));
  else
    _valise_vbox_tell (self, VALISE_SEVERITY_INFO, "medium-unknown", image, text, NULL);
}

static void
set_image (ValiseVbox *self, const Attachment *attachment, ValiseBlueprintDrive *drive)
{
  const xmlNode *image = valise_foreign_xml_child (attachment->node, "Image");
  g_autofree char *uuid = valise_foreign_xml_attribute (image, "uuid");
  g_autofree char *folded = uuid != NULL ? g_ascii_strdown (uuid, -1) : NULL;
  const ValiseVboxMedium *medium = folded != NULL ? g_hash_table_lookup (self->media, folded) : NULL;

  drive->file = g_steal_pointer (&uuid);
  if (medium != NULL)
    _valise_vbox_check_image (self, medium, drive);
  else if (drive->file != NULL || drive->device == VALISE_BLUEPRINT_DISK)
    tell_unknown (self, image != NULL ? image : attachment->node, drive->file != NULL ? drive->file : "?",
                  drive->device == VALISE_BLUEPRINT_DISK);
}

static void
ask_for_host_drive (ValiseVbox *self, const Attachment *attachment)
{
  const xmlNode *host = valise_foreign_xml_child (attachment->node, "HostDrive");
  g_autofree char *shown = _valise_vbox_shown (host, "src");

  if (host != NULL)
    g_ptr_array_add (self->blueprint->asks,
                     g_strdup_printf (_ ("To use the drive “%s” of this computer."), shown != NULL ? shown : "?"));
}

static ValiseBlueprintDevice
device_of (const Attachment *attachment)
{
  g_autofree char *type = valise_foreign_xml_attribute (attachment->node, "type");

  if (type != NULL && g_ascii_strcasecmp (type, "DVD") == 0)
    return VALISE_BLUEPRINT_CDROM;
  return type != NULL && g_ascii_strcasecmp (type, "Floppy") == 0 ? VALISE_BLUEPRINT_FLOPPY : VALISE_BLUEPRINT_DISK;
}

static void
add_drive (ValiseVbox *self, const Attachment *attachment)
{
  ValiseBlueprintDrive *drive = valise_blueprint_add_drive (self->blueprint, device_of (attachment));

  set_place (attachment, drive);
  drive->read_only = drive->device == VALISE_BLUEPRINT_CDROM;
  set_image (self, attachment, drive);
  ask_for_host_drive (self, attachment);
}

void
_valise_vbox_add_drives (ValiseVbox *self)
{
  g_autoptr (GArray) attachments = find_attachments (self);

  for (int device = VALISE_BLUEPRINT_DISK; device <= VALISE_BLUEPRINT_FLOPPY; device++)
    for (guint i = 0; i < attachments->len; i++)
      if ((int) device_of (&g_array_index (attachments, Attachment, i)) == device)
        add_drive (self, &g_array_index (attachments, Attachment, i));
}
