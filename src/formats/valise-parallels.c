/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A machine of Parallels is a folder NAME.pvm with config.pvs in it, and each disk a folder NAME.hdd in that. */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-path.h"
#include "formats/valise-boot-order.h"
#include "formats/valise-foreign-xml.h"
#include "formats/valise-image-place.h"
#include "formats/valise-parallels-disk.h"
#include "formats/valise-reader.h"

#define LONGEST ((gsize) 4 * 1024 * 1024)
#define MACHINE_FILE "config.pvs"
#define DISK_FILE "DiskDescriptor.xml"
#define MOST_DEVICES 64
/* Kinds of devices, as its own numbers. */
#define DEVICE_FLOPPY 3
#define DEVICE_CDROM 5
#define DEVICE_DISK 6
#define DEVICE_NETWORK 8
#define MOST_VCPUS 4096
#define MOST_MEMORY (G_GUINT64_CONSTANT (64) * 1024 * 1024)
#define NAME_SHOWN 120

typedef struct
{
  ValisePackage *package;
  const ValisePackageMember *member;
  char *folder; /* that names in the file are relative to */
  const xmlNode *settings, *hardware;
  ValiseBlueprint *blueprint;
} Machine;

/* --- elements --- */

/* The element at the end of a path such as "Startup/Bios". (nullable) */
static const xmlNode *
descend (const xmlNode *node, const char *path)
{
  g_auto (GStrv) names = g_strsplit (path, "/", -1);

  for (char **name = names; node != NULL && *name != NULL; name++)
    node = valise_foreign_xml_child (node, *name);
  return node;
}

/* A whole number of at most @most, or @usual. */
static guint64
get_number (const xmlNode *parent, const char *name, guint64 most, guint64 usual)
{
  g_autofree char *text = valise_foreign_xml_text (parent, name);
  guint64 number;

  return text != NULL && g_ascii_string_to_unsigned (text, 10, 0, most, &number, NULL) ? number : usual;
}

static gboolean
is_on (const xmlNode *parent, const char *name)
{
  return get_number (parent, name, G_MAXUINT32, 0) > 0;
}

static char *
get_shown (const xmlNode *parent, const char *name)
{
  g_autofree char *text = valise_foreign_xml_text (parent, name);

  return text != NULL ? valise_text_for_display (text, NAME_SHOWN) : NULL;
}

static char *
place_of (Machine *self, const xmlNode *node)
{
  g_autofree char *place = node != NULL ? valise_foreign_xml_place (node, MACHINE_FILE) : g_strdup (MACHINE_FILE);

  return valise_text_for_display (place, NAME_SHOWN);
}

static void
tell (Machine *self,
      ValiseSeverity severity,
      const char *code,
      const xmlNode *node,
      const char *text,
      const char *remedy)
{
  g_autofree char *place = place_of (self, node);

  valise_blueprint_tell (self->blueprint, severity, code, place, text, remedy);
}

static void
refuse (Machine *self, const char *code, const xmlNode *node, const char *text, const char *remedy)
{
  tell (self, VALISE_SEVERITY_ERROR, code, node, text, remedy);
  self->blueprint->refused = TRUE;
}

/* --- the machine --- */

static void
read_system (Machine *self)
{
  static const char *const systems[] = { "macos", "windows", "linux", "freebsd" };
  const xmlNode *general = valise_foreign_xml_child (self->settings, "General");
  guint64 type = get_number (general, "OsType", G_MAXUINT32, 0);

  if (type < 7 || type - 7 >= G_N_ELEMENTS (systems))
    return;
  self->blueprint->os_type = g_strdup (systems[type - 7]);
  self->blueprint->local_time = type == 8;
  if (type == 7)
    refuse (self, "guest-macos", general, _ ("The machine runs macOS, which starts on Apple's computers only."), NULL);
}

static void
read_size (Machine *self)
{
  const xmlNode *cpu = valise_foreign_xml_child (self->hardware, "Cpu");
  guint64 vcpus = get_number (cpu, "Number", MOST_VCPUS, 0);

  self->blueprint->vcpus = vcpus > 0 ? (int) vcpus : -1;
  self->blueprint->memory = get_number (valise_foreign_xml_child (self->hardware, "Memory"), "RAM", MOST_MEMORY, 0);
  self->blueprint->arch = g_strdup (is_on (cpu, "Type") ? "aarch64" : "x86_64");
}

static void
read_firmware (Machine *self)
{
  const xmlNode *bios = descend (self->settings, "Startup/Bios");
  const xmlNode *chip = valise_foreign_xml_child (self->hardware, "TpmChip");
  gboolean efi = is_on (bios, "EfiEnabled");

  if (bios != NULL)
    self->blueprint->firmware = efi ? VALISE_BLUEPRINT_FIRMWARE_EFI : VALISE_BLUEPRINT_FIRMWARE_BIOS;
  self->blueprint->secure_boot = efi && is_on (bios, "EfiSecureBoot");
  self->blueprint->tpm = is_on (chip, "Type");
  if (self->blueprint->tpm)
    tell (self, VALISE_SEVERITY_WARNING, "tpm-new", chip,
          _ ("What is in the security chip cannot be taken along; the machine gets an empty one."),
          _ ("Have the recovery key at hand when Windows encrypts its disk (BitLocker)."));
}

static void
check_encryption (Machine *self)
{
  const xmlNode *info = valise_foreign_xml_child (self->settings, "VmEncryptionInfo");

  if (is_on (info, "Enabled"))
    refuse (self, "encrypted", info, _ ("The machine is encrypted, and only Parallels can read it."),
            _ ("In Parallels, turn the encryption off and bring it in again."));
}

/* --- drives --- */

static void
set_place (const xmlNode *node, ValiseBlueprintDrive *drive)
{
  static const char *const buses[] = { "ide", "scsi", "sata", "virtio" };
  guint64 type = get_number (node, "InterfaceType", G_MAXUINT32, G_MAXUINT32);
  guint64 index = get_number (node, "StackIndex", MOST_DEVICES, 0);

  drive->bus = type < G_N_ELEMENTS (buses) ? g_strdup (buses[type]) : NULL;
  drive->unit = g_strdup_printf ("%" G_GUINT64_FORMAT, index);
}

static const char *
last_part (const char *path)
{
  const char *slash = strrchr (path, '/');

  return slash != NULL ? slash + 1 : path;
}

/* The folder's descriptor, or the disk itself in machines of old. */
static void
set_disk (Machine *self, const xmlNode *node, ValiseBlueprintDrive *drive)
{
  g_autofree char *below = g_strconcat (last_part (drive->file), "/" DISK_FILE, NULL);
  const ValisePackageMember *descriptor = valise_package_find (self->package, self->folder, below);
  g_autofree char *place = place_of (self, node);

  if (descriptor != NULL)
    _valise_parallels_disk_read (self->package, descriptor, self->blueprint, drive);
  else
    valise_image_place_find (self->package, self->folder, drive->file, place, self->blueprint, drive);
}

static void
add_disk (Machine *self, const xmlNode *node)
{
  g_autofree char *file = valise_foreign_xml_text (node, "SystemName");
  ValiseBlueprintDrive *drive;

  if (get_number (node, "EmulatedType", G_MAXUINT32, 1) != 1)
    {
      tell (self, VALISE_SEVERITY_WARNING, "device-host", node,
            _ ("The machine used a device of the computer it ran on, which stays behind."),
            _ ("To have what is on such a disk, copy it into a file first."));
      return;
    }
  drive = valise_blueprint_add_drive (self->blueprint, VALISE_BLUEPRINT_DISK);
  set_place (node, drive);
  drive->file = file != NULL ? g_steal_pointer (&file) : g_strdup ("");
  set_disk (self, node, drive);
}

static void
add_cdrom (Machine *self, const xmlNode *node)
{
  g_autofree char *file = valise_foreign_xml_text (node, "SystemName");
  ValiseBlueprintDrive *drive = valise_blueprint_add_drive (self->blueprint, VALISE_BLUEPRINT_CDROM);
  g_autofree char *place = place_of (self, node);

  set_place (node, drive);
  drive->read_only = TRUE;
  if (file == NULL || !is_on (node, "Connected") || get_number (node, "EmulatedType", G_MAXUINT32, 1) != 1)
    return;
  drive->file = g_steal_pointer (&file);
  valise_image_place_find (self->package, self->folder, drive->file, place, self->blueprint, drive);
}

/* --- cards --- */

/* "001C42F11C90" as it is written everywhere else. */
static char *
read_mac (const xmlNode *node)
{
  g_autofree char *digits = get_shown (node, "MAC");

  if (digits == NULL || strlen (digits) != 12 || strspn (digits, "0123456789abcdefABCDEF") != 12)
    return g_steal_pointer (&digits);
  return g_strdup_printf ("%.2s:%.2s:%.2s:%.2s:%.2s:%.2s", digits, digits + 2, digits + 4, digits + 6, digits + 8,
                          digits + 10);
}

static void
add_nic (Machine *self, const xmlNode *node)
{
  static const char *const networks[] = { "hostonly", "shared", "bridged" };
  static const char *const models[] = { NULL, "rtl8139", "e1000", "virtio" };
  ValiseBlueprintNic *nic = valise_blueprint_add_nic (self->blueprint);
  guint64 network = get_number (node, "EmulatedType", G_MAXUINT32, G_MAXUINT32);
  guint64 model = get_number (node, "AdapterType", G_MAXUINT32, 0);

  nic->model = model < G_N_ELEMENTS (models) ? g_strdup (models[model]) : NULL;
  nic->network = network < G_N_ELEMENTS (networks) ? g_strdup (networks[network]) : NULL;
  nic->mac = read_mac (node);
  nic->connected = get_number (node, "Connected", 1, 1) == 1;
}

static void
add_sound (Machine *self, const xmlNode *node)
{
  if (self->blueprint->sound == NULL)
    self->blueprint->sound = g_strdup (get_number (node, "AdvancedType", G_MAXUINT32, 0) >= 2 ? "hda" : "ac97");
}

static void
add_serial (Machine *self, const xmlNode *node)
{
  g_autofree char *file = get_shown (node, "SystemName");

  self->blueprint->serial_ports++;
  if (file == NULL)
    return;
  g_ptr_array_add (self->blueprint->asks, g_strdup_printf (_ ("To use the port “%s” of this computer."), file));
  if (g_str_has_prefix (file, "/dev/"))
    valise_blueprint_wish_port_end (self->blueprint, (int) self->blueprint->serial_ports - 1, "dev", file, FALSE);
}

static void
add_each (Machine *self, const char *name, void (*add) (Machine *self, const xmlNode *node))
{
  guint n = 0;

  for (const xmlNode *node = valise_foreign_xml_child (self->hardware, name); node != NULL && n < MOST_DEVICES;
       node = valise_foreign_xml_next (node->next, name), n++)
    if (is_on (node, "Enabled"))
      add (self, node);
}

/* --- what it starts from --- */

/* One device of a kind, by its number. */
static void
add_to_order (Machine *self, guint64 type, guint64 index)
{
  ValiseBlueprintDevice kind = type == DEVICE_FLOPPY  ? VALISE_BLUEPRINT_FLOPPY
                               : type == DEVICE_CDROM ? VALISE_BLUEPRINT_CDROM
                                                      : VALISE_BLUEPRINT_DISK;
  guint64 at = 0;

  if (type == DEVICE_NETWORK)
    valise_boot_order_add_nic (self->blueprint, (guint) index);
  if (type != DEVICE_FLOPPY && type != DEVICE_CDROM && type != DEVICE_DISK)
    return;
  for (guint i = 0; i < self->blueprint->drives->len; i++)
    {
      ValiseBlueprintDrive *drive = self->blueprint->drives->pdata[i];

      if (drive->device == kind && at++ == index)
        valise_boot_order_add_drive (self->blueprint, drive);
    }
}

static void
read_order (Machine *self)
{
  const xmlNode *node = valise_foreign_xml_child (descend (self->settings, "Startup/BootingOrder"), "BootDevice");
  const xmlNode *places[MOST_DEVICES] = { NULL };

  for (guint n = 0; node != NULL && n < MOST_DEVICES; node = valise_foreign_xml_next (node->next, "BootDevice"), n++)
    {
      guint64 number = get_number (node, "BootingNumber", MOST_DEVICES - 1, MOST_DEVICES - 1);

      if (is_on (node, "InUse"))
        places[number] = node;
    }
  for (guint i = 0; i < MOST_DEVICES; i++)
    if (places[i] != NULL)
      add_to_order (self, get_number (places[i], "Type", G_MAXUINT32, 0),
                    get_number (places[i], "Index", MOST_DEVICES, 0));
}

/* --- folders --- */

static void
ask_for_folder (Machine *self, const xmlNode *node)
{
  g_autofree char *path = get_shown (node, "Path");

  if (path == NULL || !is_on (node, "Enabled"))
    return;
  g_ptr_array_add (self->blueprint->asks,
                   g_strdup_printf (is_on (node, "ReadOnly")
                                        ? _ ("To read the folder “%s” of this computer.")
                                        : _ ("To read and write the folder “%s” of this computer."),
                                    path));
  valise_blueprint_wish_folder (self->blueprint, path, NULL, is_on (node, "ReadOnly"));
}

static void
ask_for_folders (Machine *self)
{
  const xmlNode *sharing = descend (self->settings, "Tools/SharedFolders/HostSharing");
  guint n = 0;

  if (!is_on (sharing, "Enabled"))
    return;
  if (is_on (sharing, "ShareAllMacDisks"))
    g_ptr_array_add (self->blueprint->asks, g_strdup (_ ("To read and write all disks of this computer.")));
  if (is_on (sharing, "ShareUserHomeDir"))
    g_ptr_array_add (self->blueprint->asks, g_strdup (_ ("To read and write your home folder.")));
  for (const xmlNode *node = valise_foreign_xml_child (sharing, "SharedFolder"); node != NULL && n < MOST_DEVICES;
       node = valise_foreign_xml_next (node->next, "SharedFolder"), n++)
    ask_for_folder (self, node);
}

/* --- read --- */

static char *
name_from_folder (ValisePackage *package, const char *folder)
{
  g_autofree char *above = NULL;
  char *name;

  if (*folder != '\0')
    name = g_path_get_basename (folder);
  else if (valise_package_get_main (package) == NULL)
    name = g_path_get_basename (valise_package_get_path (package));
  else
    {
      above = g_path_get_dirname (valise_package_get_path (package));
      name = g_path_get_basename (above);
    }
  if (g_str_has_suffix (name, ".pvm") || g_str_has_suffix (name, ".hdd"))
    name[strlen (name) - strlen (".pvm")] = '\0';
  return name;
}

static ValiseBlueprint *
read_machine (ValisePackage *package, const ValisePackageMember *member, const xmlNode *root)
{
  g_autofree char *folder = valise_package_member_folder (member);
  g_autofree char *name = name_from_folder (package, folder);
  g_autofree char *written = valise_foreign_xml_text (valise_foreign_xml_child (root, "Identification"), "VmName");
  Machine self = { .package = package, .member = member, .folder = folder };

  self.settings = valise_foreign_xml_child (root, "Settings");
  self.hardware = valise_foreign_xml_child (root, "Hardware");
  self.blueprint = valise_blueprint_new ("parallels", name);
  valise_blueprint_set_name (self.blueprint, written);
  check_encryption (&self);
  read_system (&self);
  read_size (&self);
  read_firmware (&self);
  add_each (&self, "Hdd", add_disk);
  add_each (&self, "CdRom", add_cdrom);
  add_each (&self, "NetworkAdapter", add_nic);
  add_each (&self, "Sound", add_sound);
  add_each (&self, "Serial", add_serial);
  read_order (&self);
  ask_for_folders (&self);
  return self.blueprint;
}

/* A disk alone makes a machine of which nothing else is known. */
static ValiseBlueprint *
read_disk (ValisePackage *package, const ValisePackageMember *member)
{
  g_autofree char *folder = valise_package_member_folder (member);
  g_autofree char *name = name_from_folder (package, folder);
  ValiseBlueprint *blueprint = valise_blueprint_new ("parallels", name);
  ValiseBlueprintDrive *drive = valise_blueprint_add_drive (blueprint, VALISE_BLUEPRINT_DISK);

  drive->file = g_strdup (member->name);
  _valise_parallels_disk_read (package, member, blueprint, drive);
  return blueprint;
}

/* --- recognised --- */

static gboolean
is_named (const ValisePackageMember *member, const char *name, guint depth)
{
  return valise_package_member_depth (member) == depth && g_str_equal (last_part (member->name), name);
}

/* In the folder itself or in the one folder in it. (nullable) */
static const ValisePackageMember *
find_file (ValisePackage *package, const char *name)
{
  const ValisePackageMember *named = valise_package_get_main (package);
  GPtrArray *members = valise_package_get_members (package);

  if (named != NULL)
    return is_named (named, name, 0) ? named : NULL;
  for (guint depth = 0; depth < 2; depth++)
    for (guint i = 0; i < members->len; i++)
      if (is_named (members->pdata[i], name, depth))
        return members->pdata[i];
  return NULL;
}

static gboolean
begins_as (ValisePackage *package, const ValisePackageMember *member, const char *mark)
{
  g_autoptr (GBytes) bytes = member != NULL ? valise_package_read (package, member, LONGEST, NULL) : NULL;

  return bytes != NULL && g_bytes_get_size (bytes) > 0
         && g_strstr_len (g_bytes_get_data (bytes, NULL), (gssize) MIN (g_bytes_get_size (bytes), 4096), mark) != NULL;
}

static gboolean
recognise (ValisePackage *package)
{
  return begins_as (package, find_file (package, MACHINE_FILE), "<ParallelsVirtualMachine")
         || begins_as (package, find_file (package, DISK_FILE), "<Parallels_disk_image");
}

static ValiseBlueprint *
read_any (ValisePackage *package, GError **error)
{
  const ValisePackageMember *member = find_file (package, MACHINE_FILE);
  g_autoptr (GError) why = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (xmlDoc) document = NULL;

  if (member == NULL)
    return read_disk (package, find_file (package, DISK_FILE));
  bytes = valise_package_read (package, member, LONGEST, error);
  document = bytes != NULL ? valise_foreign_xml_parse (bytes, MACHINE_FILE, NULL, &why) : NULL;
  if (document != NULL)
    return read_machine (package, member, xmlDocGetRootElement (document));
  if (why != NULL)
    g_set_error_literal (error, VALISE_READER_ERROR, VALISE_READER_ERROR_DAMAGED, why->message);
  return NULL;
}

static GPtrArray *
read_machines (ValisePackage *package, const char *configuration, GError **error)
{
  ValiseBlueprint *blueprint = read_any (package, error);
  GPtrArray *machines;

  if (blueprint == NULL)
    return NULL;
  machines = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_blueprint_free);
  g_ptr_array_add (machines, blueprint);
  return machines;
}

const ValiseReader valise_parallels_reader = { .format = "parallels", .recognise = recognise, .read = read_machines };
