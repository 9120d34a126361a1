/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The descriptor is written for those who read it: the standard wants an Item's elements in the order of the alphabet,
 * VirtualBox wants a controller before what hangs on it, VMware wants its own words for what hardware it is. */
#include "formats/valise-ovf-write.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-size.h"

#define VMDK_FORMAT "http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"
#define CIM_SCHEMA "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/"

enum
{
  RESOURCE_OTHER = 1,
  RESOURCE_CPU = 3,
  RESOURCE_MEMORY = 4,
  RESOURCE_IDE = 5,
  RESOURCE_SCSI = 6,
  RESOURCE_ETHERNET = 10,
  RESOURCE_FLOPPY = 14,
  RESOURCE_CD = 15,
  RESOURCE_DISK = 17,
  RESOURCE_STORAGE = 20,
  RESOURCE_SERIAL = 21,
  RESOURCE_VIDEO = 24,
};

typedef struct
{
  const char *bus;
  int type;
  const char *subtype;
  const char *name;
  guint places; /* on one controller */
  guint index;  /* of the controller that the next one gets */
} Bus;

static const Bus buses[] = {
  { "ide", RESOURCE_IDE, "PIIX4", "IDE Controller", 2, 0 },
  { "sata", RESOURCE_STORAGE, "vmware.sata.ahci", "SATA Controller", 30, 0 },
  { "scsi", RESOURCE_SCSI, "lsilogic", "SCSI Controller", 15, 0 },
  { "nvme", RESOURCE_STORAGE, "vmware.nvme.controller", "NVMe Controller", 15, 0 },
};

typedef struct
{
  GString *xml;
  ValiseOvfVersion version;
  GPtrArray *files;
  const ValiseBlueprint *machine;
  guint last; /* InstanceID */
} Writer;

/* All but @id and @type nullable or 0. */
typedef struct
{
  int type;
  const char *address;
  int place; /* on the parent, from 0; with a parent only */
  const char *automatic;
  const char *connection;
  const char *units;
  const char *name;
  const char *resource;
  guint parent;
  const char *subtype;
  guint64 quantity;
} Item;

/* --- Items --- */

static void
put (Writer *self, const char *prefix, const char *element, const char *text)
{
  g_autofree char *escaped = text != NULL ? g_markup_escape_text (text, -1) : NULL;

  if (text != NULL)
    g_string_append_printf (self->xml, "        <%s:%s>%s</%s:%s>\n", prefix, element, escaped, prefix, element);
}

static void
put_number (Writer *self, const char *prefix, const char *element, guint64 number)
{
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, number);

  put (self, prefix, element, text);
}

/* OVF 2 has elements of their own for what bytes are kept on and for network cards. */
static const char *
element_of (Writer *self, int type, const char **prefix)
{
  gboolean storage = type == RESOURCE_DISK || type == RESOURCE_CD || type == RESOURCE_FLOPPY;

  *prefix = "rasd";
  if (self->version == VALISE_OVF_VERSION_1 || (!storage && type != RESOURCE_ETHERNET))
    return "Item";
  *prefix = storage ? "sasd" : "epasd";
  return storage ? "StorageItem" : "EthernetPortItem";
}

static guint
put_item (Writer *self, const Item *item)
{
  const char *prefix, *element = element_of (self, item->type, &prefix);

  g_string_append_printf (self->xml, "      <%s>\n", element);
  put (self, prefix, "Address", item->address);
  if (item->parent != 0)
    put_number (self, prefix, "AddressOnParent", (guint64) item->place);
  put (self, prefix, "AllocationUnits", item->units);
  put (self, prefix, "AutomaticAllocation", item->automatic);
  put (self, prefix, "Connection", item->connection);
  put (self, prefix, "ElementName", item->name);
  put (self, prefix, "HostResource", item->resource);
  put_number (self, prefix, "InstanceID", ++self->last);
  if (item->parent != 0)
    put_number (self, prefix, "Parent", item->parent);
  put (self, prefix, "ResourceSubType", item->subtype);
  put_number (self, prefix, "ResourceType", (guint64) item->type);
  if (item->quantity > 0)
    put_number (self, prefix, "VirtualQuantity", item->quantity);
  g_string_append_printf (self->xml, "      </%s>\n", element);
  return self->last;
}

/* --- drives --- */

const char *
valise_ovf_bus (const ValiseBlueprintDrive *drive)
{
  if (drive->device == VALISE_BLUEPRINT_FLOPPY)
    return "fdc";
  for (gsize i = 0; drive->bus != NULL && i < G_N_ELEMENTS (buses); i++)
    if (g_str_equal (drive->bus, buses[i].bus)
        && (!g_str_equal (drive->bus, "scsi") || g_strcmp0 (drive->controller, "virtio-scsi") != 0))
      return buses[i].bus;
  return "sata";
}

static const ValiseOvfFile *
find_file (Writer *self, const ValiseBlueprintDrive *drive, guint *number)
{
  for (guint i = 0; i < self->files->len; i++)
    {
      const ValiseOvfFile *file = self->files->pdata[i];

      *number = i + 1;
      if (file->drive == drive)
        return file;
    }
  return NULL;
}

/* A hard disk that is no file of the machine's stays behind; CDs and floppies come without what lies in them. */
static gboolean
goes_along (Writer *self, const ValiseBlueprintDrive *drive)
{
  guint number;

  return drive->device != VALISE_BLUEPRINT_DISK || find_file (self, drive, &number) != NULL;
}

static void
put_drive (Writer *self, const ValiseBlueprintDrive *drive, guint parent, int place)
{
  Item item = { .parent = parent, .place = place };
  g_autofree char *resource = NULL;
  guint number = 0;

  if (drive->device == VALISE_BLUEPRINT_DISK)
    {
      (void) find_file (self, drive, &number);
      resource = g_strdup_printf ("ovf:/disk/disk%u", number);
      item.type = RESOURCE_DISK;
      item.name = "Hard Disk";
      item.resource = resource;
    }
  else
    {
      item.type = drive->device == VALISE_BLUEPRINT_CDROM ? RESOURCE_CD : RESOURCE_FLOPPY;
      item.name = drive->device == VALISE_BLUEPRINT_CDROM ? "CD/DVD Drive" : "Floppy Drive";
      item.automatic = "false";
    }
  put_item (self, &item);
}

static guint
put_controller (Writer *self, const Bus *bus)
{
  g_autofree char *address = g_strdup_printf ("%u", bus->index);
  Item item = { .type = bus->type, .address = address, .name = bus->name, .subtype = bus->subtype };

  return put_item (self, &item);
}

/* IDE has a controller per channel, and the drive's name says where on which it is. */
static int
ide_place (const ValiseBlueprintDrive *drive)
{
  const char *name = drive->unit;

  if (name == NULL || strlen (name) != 3 || !g_str_has_prefix (name, "hd") || name[2] < 'a' || name[2] > 'd')
    return -1;
  return name[2] - 'a';
}

static gboolean
is_ide_stated (Writer *self)
{
  guint seen = 0;

  for (guint i = 0; i < self->machine->drives->len; i++)
    {
      const ValiseBlueprintDrive *drive = self->machine->drives->pdata[i];
      int place = ide_place (drive);

      if (!g_str_equal (valise_ovf_bus (drive), "ide"))
        continue;
      if (place < 0 || (seen & 1u << place) != 0)
        return FALSE;
      seen |= 1u << place;
    }
  return TRUE;
}

static void
put_bus (Writer *self, Bus bus)
{
  gboolean stated = g_str_equal (bus.bus, "ide") && is_ide_stated (self);
  guint controllers[256] = { 0 };
  guint count = 0;

  for (guint i = 0; i < self->machine->drives->len; i++)
    {
      const ValiseBlueprintDrive *drive = self->machine->drives->pdata[i];
      guint place;

      if (!g_str_equal (valise_ovf_bus (drive), bus.bus) || !goes_along (self, drive))
        continue;
      place = stated ? (guint) ide_place (drive) : count;
      count++;
      bus.index = place / bus.places;
      if (bus.index >= G_N_ELEMENTS (controllers))
        return;
      if (controllers[bus.index] == 0)
        controllers[bus.index] = put_controller (self, &bus);
      place %= bus.places;
      /* The controller itself is at the seventh. */
      if (g_str_equal (bus.bus, "scsi") && place >= 7)
        place++;
      put_drive (self, drive, controllers[bus.index], (int) place);
    }
}

static void
put_drives (Writer *self)
{
  for (gsize i = 0; i < G_N_ELEMENTS (buses); i++)
    put_bus (self, buses[i]);
  for (guint i = 0; i < self->machine->drives->len; i++)
    if (g_str_equal (valise_ovf_bus (self->machine->drives->pdata[i]), "fdc"))
      put_drive (self, self->machine->drives->pdata[i], 0, 0);
}

/* --- cards --- */

const char *
valise_ovf_card (const ValiseBlueprintNic *nic)
{
  static const struct
  {
    const char *ours, *theirs;
  } cards[] = { { "e1000", "E1000" }, { "e1000e", "E1000e" }, { "vmxnet3", "VmxNet3" }, { "pcnet", "PCNet32" } };

  for (gsize i = 0; nic->model != NULL && i < G_N_ELEMENTS (cards); i++)
    if (g_str_equal (nic->model, cards[i].ours))
      return cards[i].theirs;
  return "E1000";
}

static const char *
network_of (const ValiseBlueprintNic *nic)
{
  if (g_strcmp0 (nic->network, "bridge") == 0 || g_strcmp0 (nic->network, "direct") == 0)
    return "Bridged";
  return "NAT";
}

static void
put_cards (Writer *self)
{
  for (guint i = 0; i < self->machine->nics->len; i++)
    {
      const ValiseBlueprintNic *nic = self->machine->nics->pdata[i];
      Item item = { .type = RESOURCE_ETHERNET,
                    .address = nic->mac,
                    .automatic = nic->connected ? "true" : "false",
                    .connection = network_of (nic),
                    .name = "Network Adapter",
                    .subtype = valise_ovf_card (nic) };

      put_item (self, &item);
    }
}

/* --- the machine --- */

static void
put_basics (Writer *self)
{
  guint64 count = self->machine->vcpus > 0 ? (guint64) self->machine->vcpus : 1;
  g_autofree char *cpus = g_strdup_printf ("%" G_GUINT64_FORMAT " virtual CPU(s)", count);
  g_autofree char *memory = g_strdup_printf ("%" G_GUINT64_FORMAT " MB of memory", self->machine->memory);
  Item processors = { .type = RESOURCE_CPU, .units = "hertz * 10^6", .name = cpus, .quantity = count };
  Item mebibytes = {
    .type = RESOURCE_MEMORY, .units = "byte * 2^20", .name = memory, .quantity = self->machine->memory
  };

  put_item (self, &processors);
  put_item (self, &mebibytes);
}

static void
put_rest (Writer *self)
{
  Item video = { .type = RESOURCE_VIDEO, .automatic = "false", .name = "Video Card" };
  Item chip = { .type = RESOURCE_OTHER, .automatic = "false", .name = "Virtual TPM", .subtype = "vmware.vtpm" };
  Item sound = {
    .type = RESOURCE_OTHER, .automatic = "false", .name = "Sound Card", .subtype = "vmware.soundcard.hdaudio"
  };
  Item port = { .type = RESOURCE_SERIAL, .automatic = "false", .name = "Serial Port" };

  put_item (self, &video);
  if (self->machine->sound != NULL)
    put_item (self, &sound);
  for (guint i = 0; i < self->machine->serial_ports; i++)
    put_item (self, &port);
  if (self->machine->tpm)
    put_item (self, &chip);
}

static void
put_config (Writer *self, const char *key, const char *value)
{
  g_string_append_printf (self->xml, "      <vmw:Config ovf:required=\"false\" vmw:key=\"%s\" vmw:value=\"%s\"/>\n",
                          key, value);
}

static void
put_hardware (Writer *self, const char *escaped)
{
  gboolean efi = self->machine->firmware == VALISE_BLUEPRINT_FIRMWARE_EFI;

  g_string_append_printf (self->xml,
                          "    <VirtualHardwareSection>\n"
                          "      <Info>Virtual hardware</Info>\n"
                          "      <System>\n"
                          "        <vssd:ElementName>Virtual Hardware Family</vssd:ElementName>\n"
                          "        <vssd:InstanceID>0</vssd:InstanceID>\n"
                          "        <vssd:VirtualSystemIdentifier>%s</vssd:VirtualSystemIdentifier>\n"
                          "        <vssd:VirtualSystemType>vmx-%u</vssd:VirtualSystemType>\n"
                          "      </System>\n",
                          escaped, self->machine->tpm ? 14 : 13);
  self->last = 0;
  put_basics (self);
  put_drives (self);
  put_cards (self);
  put_rest (self);
  put_config (self, "firmware", efi ? "efi" : "bios");
  if (efi)
    put_config (self, "bootOptions.efiSecureBootEnabled", self->machine->secure_boot ? "true" : "false");
  g_string_append (self->xml, "    </VirtualHardwareSection>\n");
}

/* By the beginning of libosinfo's short names. CIM's numbers stop at systems of 2010. */
static const struct
{
  const char *begins;
  int cim;
  const char *vmware;
} systems[] = {
  { "debian", 96, "debian10_64Guest" },
  { "ubuntu", 94, "ubuntu64Guest" },
  { "fedora", 101, "fedora64Guest" },
  { "rhel", 80, "rhel8_64Guest" },
  { "centos", 107, "centos8_64Guest" },
  { "opensuse", 101, "opensuse64Guest" },
  { "sle", 85, "sles15_64Guest" },
  { "freebsd", 78, "freebsd12_64Guest" },
  { "win11", 1, "windows9_64Guest" },
  { "win10", 1, "windows9_64Guest" },
  { "win2k19", 1, "windows2019srv_64Guest" },
  { "win2k16", 1, "windows9Server64Guest" },
  { "win8", 1, "windows8_64Guest" },
  { "win7", 105, "windows7_64Guest" },
};

static void
put_system_kind (Writer *self)
{
  const char *os = self->machine->os_type != NULL ? self->machine->os_type : "", *vmware = "otherGuest64";
  int cim = 1;

  if (g_strcmp0 (self->machine->arch, "aarch64") == 0)
    vmware = "arm-other-64";
  else
    for (gsize i = 0; i < G_N_ELEMENTS (systems); i++)
      if (g_str_has_prefix (os, systems[i].begins))
        {
          cim = systems[i].cim;
          vmware = systems[i].vmware;
          break;
        }
  g_string_append_printf (self->xml,
                          "    <OperatingSystemSection ovf:id=\"%d\" vmw:osType=\"%s\">\n"
                          "      <Info>The kind of installed guest operating system</Info>\n"
                          "    </OperatingSystemSection>\n",
                          cim, vmware);
}

/* Ids have to differ in one file; two machines of one name get a number. */
static void
put_system (Writer *self, guint number, gboolean alone)
{
  g_autofree char *escaped = g_markup_escape_text (self->machine->name, -1);

  if (alone)
    g_string_append (self->xml, "  <VirtualSystem ovf:id=\"vm\">\n");
  else
    g_string_append_printf (self->xml, "  <VirtualSystem ovf:id=\"vm%u\">\n", number);
  g_string_append_printf (self->xml,
                          "    <Info>A virtual machine</Info>\n"
                          "    <Name>%s</Name>\n",
                          escaped);
  put_system_kind (self);
  put_hardware (self, escaped);
  g_string_append (self->xml, "  </VirtualSystem>\n");
}

/* --- what is beside it --- */

static void
put_references (Writer *self)
{
  g_string_append (self->xml, "  <References>\n");
  for (guint i = 0; i < self->files->len; i++)
    {
      const ValiseOvfFile *file = self->files->pdata[i];
      g_autofree char *href = g_uri_escape_string (file->name, " ()+,;=@", TRUE);
      g_autofree char *name = g_markup_escape_text (href, -1);

      g_string_append_printf (self->xml,
                              "    <File ovf:href=\"%s\" ovf:id=\"file%u\" ovf:size=\"%" G_GUINT64_FORMAT "\"/>\n",
                              name, i + 1, file->size);
    }
  g_string_append (self->xml, "  </References>\n");
}

static void
put_disks (Writer *self)
{
  g_string_append (self->xml, "  <DiskSection>\n    <Info>Virtual disks</Info>\n");
  for (guint i = 0; i < self->files->len; i++)
    {
      const ValiseOvfFile *file = self->files->pdata[i];

      g_string_append_printf (self->xml,
                              "    <Disk ovf:capacity=\"%" G_GUINT64_FORMAT
                              "\" ovf:capacityAllocationUnits=\"byte\" ovf:diskId=\"disk%u\" ovf:fileRef=\"file%u\""
                              " ovf:format=\"" VMDK_FORMAT "\" ovf:populatedSize=\"%" G_GUINT64_FORMAT "\"/>\n",
                              file->capacity, i + 1, i + 1, file->populated);
    }
  g_string_append (self->xml, "  </DiskSection>\n");
}

static void
put_networks (Writer *self, GPtrArray *machines)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  g_string_append (self->xml, "  <NetworkSection>\n    <Info>Networks</Info>\n");
  for (guint i = 0; i < machines->len; i++)
    {
      const ValiseBlueprint *machine = machines->pdata[i];

      for (guint j = 0; j < machine->nics->len; j++)
        {
          const char *network = network_of (machine->nics->pdata[j]);

          if (g_hash_table_add (seen, (gpointer) network))
            g_string_append_printf (self->xml,
                                    "    <Network ovf:name=\"%s\">\n      <Description>%s</Description>\n"
                                    "    </Network>\n",
                                    network, network);
        }
    }
  g_string_append (self->xml, "  </NetworkSection>\n");
}

static void
put_envelope (Writer *self)
{
  const char *number = self->version == VALISE_OVF_VERSION_2 ? "2" : "1";

  g_string_append_printf (self->xml,
                          "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                          "<Envelope xmlns=\"http://schemas.dmtf.org/ovf/envelope/%s\""
                          " xmlns:ovf=\"http://schemas.dmtf.org/ovf/envelope/%s\""
                          " xmlns:rasd=\"" CIM_SCHEMA "CIM_ResourceAllocationSettingData\""
                          " xmlns:vssd=\"" CIM_SCHEMA "CIM_VirtualSystemSettingData\"",
                          number, number);
  if (self->version == VALISE_OVF_VERSION_2)
    g_string_append (self->xml, " xmlns:sasd=\"" CIM_SCHEMA "CIM_StorageAllocationSettingData.xsd\""
                                " xmlns:epasd=\"" CIM_SCHEMA "CIM_EthernetPortAllocationSettingData.xsd\"");
  g_string_append (self->xml, " xmlns:vmw=\"http://www.vmware.com/schema/ovf\""
                              " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n");
}

char *
valise_ovf_write (GPtrArray *machines, GPtrArray *files, ValiseOvfVersion version)
{
  Writer self = { .xml = g_string_new (NULL), .version = version, .files = files };
  gboolean alone = machines->len == 1;

  put_envelope (&self);
  put_references (&self);
  put_disks (&self);
  put_networks (&self, machines);
  if (!alone)
    g_string_append (self.xml, "  <VirtualSystemCollection ovf:id=\"machines\">\n  <Info>Virtual machines</Info>\n");
  for (guint i = 0; i < machines->len; i++)
    {
      self.machine = machines->pdata[i];
      put_system (&self, i + 1, alone);
    }
  if (!alone)
    g_string_append (self.xml, "  </VirtualSystemCollection>\n");
  g_string_append (self.xml, "</Envelope>\n");
  return g_string_free (self.xml, FALSE);
}

char *
valise_ovf_write_manifest (const char *name, const char *descriptor, GPtrArray *files)
{
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, descriptor, -1);
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "SHA256(%s)= %s\n", name, digest);
  for (guint i = 0; i < files->len; i++)
    {
      const ValiseOvfFile *file = files->pdata[i];

      g_string_append_printf (text, "SHA256(%s)= %s\n", file->name, file->digest);
    }
  return g_string_free (text, FALSE);
}

ValiseOvfFile *
valise_ovf_file_new (const ValiseBlueprintDrive *drive, const char *name, guint64 capacity)
{
  ValiseOvfFile *self = g_new0 (ValiseOvfFile, 1);

  self->drive = drive;
  self->name = g_strdup (name);
  self->capacity = capacity;
  return self;
}

void
valise_ovf_file_free (ValiseOvfFile *self)
{
  g_free (self->name);
  g_free (self);
}
