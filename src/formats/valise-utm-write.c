/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UTM refuses a machine in which one key is missing or one word is not its own, so all of them are written. */
#include "formats/valise-utm-write.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <plist/plist.h>
#include <string.h>

#include "bundle/valise-image-export.h"
#include "bundle/valise-image-chain.h"
#include "bundle/valise-parcel.h"

#define DATA "Data"
#define VARIABLES DATA "/efi_vars.fd"

typedef struct
{
  const ValiseBlueprint *machine;
  ValiseParcel *parcel;
  gboolean media;
  ValiseJob *job;
  GCancellable *cancellable;
} Writer;

/* --- words --- */

typedef struct
{
  const char *ours, *theirs;
} Word;

static const char *
translate (const Word *words, gsize count, const char *ours, const char *otherwise)
{
  for (gsize i = 0; ours != NULL && i < count; i++)
    if (g_str_equal (ours, words[i].ours))
      return words[i].theirs;
  return otherwise;
}

/* On a Q35 UTM's IDE is SATA. It has no virtio-scsi. */
static const Word interfaces[] = {
  { "virtio", "VirtIO" }, { "sata", "IDE" }, { "ide", "IDE" },    { "scsi", "VirtIO" },
  { "nvme", "NVMe" },     { "usb", "USB" },  { "fdc", "Floppy" }, { "sd", "SD" },
};

static const Word cards[] = {
  { "virtio", "virtio-net-pci" }, { "e1000", "e1000" }, { "e1000e", "e1000e" },     { "rtl8139", "rtl8139" },
  { "vmxnet3", "vmxnet3" },       { "pcnet", "pcnet" }, { "ne2k_pci", "ne2k_pci" },
};

static const Word modes[] = {
  { "user", "Emulated" },
  { "network", "Shared" },
  { "bridge", "Bridged" },
  { "direct", "Bridged" },
};

static const Word sounds[] = {
  { "ich6", "intel-hda" }, { "ich9", "ich9-intel-hda" }, { "ac97", "AC97" },
  { "es1370", "ES1370" },  { "sb16", "sb16" },           { "usb", "usb-audio" },
};

static const Word processors[] = { { "i686", "i386" }, { "armv7l", "arm" } };

/* Its list of versions is another one than ours, the names without a version are in both. */
static const char *
target_of (const ValiseBlueprint *machine)
{
  const char *name = machine->machine != NULL ? machine->machine : "";

  if (strstr (name, "q35") != NULL)
    return "q35";
  if (g_str_has_prefix (name, "virt"))
    return "virt";
  if (g_str_has_prefix (name, "pc"))
    return "pc";
  return g_strcmp0 (machine->arch, "aarch64") == 0 ? "virt" : "q35";
}

/* --- property lists --- */

static void
put_text (plist_t to, const char *key, const char *text)
{
  plist_dict_set_item (to, key, plist_new_string (text));
}

static void
put_number (plist_t to, const char *key, guint64 number)
{
  plist_dict_set_item (to, key, plist_new_uint (number));
}

static void
put_flag (plist_t to, const char *key, gboolean flag)
{
  plist_dict_set_item (to, key, plist_new_bool (flag ? 1 : 0));
}

static plist_t
put_group (plist_t to, const char *key)
{
  plist_t group = plist_new_dict ();

  plist_dict_set_item (to, key, group);
  return group;
}

static plist_t
put_list (plist_t to, const char *key)
{
  plist_t list = plist_new_array ();

  plist_dict_set_item (to, key, list);
  return list;
}

static plist_t
add_group (plist_t list)
{
  plist_t group = plist_new_dict ();

  plist_array_append_item (list, group);
  return group;
}

static char *
new_identifier (void)
{
  g_autofree char *uuid = g_uuid_string_random ();

  return g_ascii_strup (uuid, -1);
}

/* --- the machine --- */

static void
put_information (plist_t root, const ValiseBlueprint *machine)
{
  plist_t group = put_group (root, "Information");
  g_autofree char *uuid = new_identifier ();

  put_text (group, "Name", machine->name);
  put_text (group, "UUID", uuid);
  put_flag (group, "IconCustom", FALSE);
}

static void
put_system (plist_t root, const ValiseBlueprint *machine)
{
  plist_t group = put_group (root, "System");

  put_text (group, "Architecture",
            translate (processors, G_N_ELEMENTS (processors), machine->arch,
                       machine->arch != NULL ? machine->arch : "x86_64"));
  put_text (group, "Target", target_of (machine));
  put_text (group, "CPU", "default");
  (void) put_list (group, "CPUFlagsAdd");
  (void) put_list (group, "CPUFlagsRemove");
  put_number (group, "CPUCount", machine->vcpus > 0 ? (guint64) machine->vcpus : 0);
  put_flag (group, "ForceMulticore", FALSE);
  put_number (group, "MemorySize", machine->memory);
  put_number (group, "JITCacheSize", 0);
}

static void
put_qemu (plist_t root, const ValiseBlueprint *machine)
{
  plist_t group = put_group (root, "QEMU"), arguments;

  put_flag (group, "DebugLog", FALSE);
  put_flag (group, "UEFIBoot", machine->firmware == VALISE_BLUEPRINT_FIRMWARE_EFI);
  put_flag (group, "RNGDevice", TRUE);
  put_flag (group, "BalloonDevice", FALSE);
  put_flag (group, "TPMDevice", machine->tpm);
  put_flag (group, "Hypervisor", TRUE);
  put_flag (group, "RTCLocalTime", machine->local_time);
  put_flag (group, "PS2Controller", FALSE);
  arguments = put_list (group, "AdditionalArguments");
  if (machine->kernel == NULL || machine->cmdline == NULL)
    return;
  plist_array_append_item (arguments, plist_new_string ("-append"));
  plist_array_append_item (arguments, plist_new_string (machine->cmdline));
}

static void
put_habits (plist_t root)
{
  plist_t input = put_group (root, "Input"), sharing = put_group (root, "Sharing");

  put_text (input, "UsbBusSupport", "3.0");
  put_flag (input, "UsbSharing", FALSE);
  put_number (input, "MaximumUsbShare", 3);
  put_text (sharing, "DirectoryShareMode", "None");
  put_flag (sharing, "DirectoryShareReadOnly", FALSE);
  put_flag (sharing, "ClipboardSharing", TRUE);
}

static void
put_display (plist_t root, const ValiseBlueprint *machine)
{
  plist_t display = add_group (put_list (root, "Display"));

  put_text (display, "Hardware", g_str_equal (target_of (machine), "virt") ? "virtio-ramfb" : "virtio-vga");
  put_flag (display, "DynamicResolution", TRUE);
  put_text (display, "UpscalingFilter", "Linear");
  put_text (display, "DownscalingFilter", "Linear");
  put_flag (display, "NativeResolution", FALSE);
}

static void
put_card (plist_t list, const ValiseBlueprintNic *nic)
{
  plist_t card = add_group (list);
  guint32 random = g_random_int ();
  g_autofree char *mac = nic->mac != NULL ? g_ascii_strup (nic->mac, -1)
                                          : g_strdup_printf ("52:54:00:%02X:%02X:%02X", random & 0xff,
                                                             random >> 8 & 0xff, random >> 16 & 0xff);

  put_text (card, "Mode", translate (modes, G_N_ELEMENTS (modes), nic->network, "Emulated"));
  put_text (card, "Hardware", translate (cards, G_N_ELEMENTS (cards), nic->model, "virtio-net-pci"));
  put_text (card, "MacAddress", mac);
  put_flag (card, "IsolateFromHost", FALSE);
  (void) put_list (card, "PortForward");
}

static void
put_ports (plist_t root, const ValiseBlueprint *machine)
{
  plist_t networks = put_list (root, "Network"), serials = put_list (root, "Serial"), list = put_list (root, "Sound");
  const char *sound = translate (sounds, G_N_ELEMENTS (sounds), machine->sound, NULL);

  for (guint i = 0; i < machine->nics->len; i++)
    put_card (networks, machine->nics->pdata[i]);
  for (guint i = 0; i < machine->serial_ports; i++)
    {
      plist_t serial = add_group (serials);

      put_text (serial, "Mode", "Ptty");
      put_text (serial, "Target", "Auto");
    }
  if (sound != NULL)
    put_text (add_group (list), "Hardware", sound);
}

/* --- drives --- */

static gboolean
write_image (Writer *self, const char *from, const char *format, const char *name, const char *word, GError **error)
{
  g_autofree char *relative = g_build_filename (DATA, name, NULL);
  g_autofree char *to = valise_parcel_path (self->parcel, relative);

  return valise_image_export (from, format, to, valise_image_kind_find (word), self->job, self->cancellable, error);
}

static gboolean
goes_along (Writer *self, const ValiseBlueprintDrive *drive)
{
  if (drive->member == NULL)
    return FALSE;
  return drive->device == VALISE_BLUEPRINT_DISK || (self->media && g_file_test (drive->member, G_FILE_TEST_IS_REGULAR));
}

static gboolean
put_drive (Writer *self, plist_t list, const ValiseBlueprintDrive *drive, GError **error)
{
  gboolean disk = drive->device == VALISE_BLUEPRINT_DISK;
  plist_t entry = add_group (list);
  g_autofree char *identifier = new_identifier ();
  g_autofree char *name = g_strconcat (identifier, disk ? ".qcow2" : ".iso", NULL);

  put_text (entry, "Identifier", identifier);
  put_text (entry, "ImageType", drive->device == VALISE_BLUEPRINT_CDROM ? "CD" : "Disk");
  put_text (entry, "Interface", translate (interfaces, G_N_ELEMENTS (interfaces), drive->bus, "VirtIO"));
  put_number (entry, "InterfaceVersion", 1);
  put_flag (entry, "ReadOnly", drive->read_only);
  if (!goes_along (self, drive))
    return TRUE;
  put_text (entry, "ImageName", name);
  return write_image (self, drive->member, drive->format, name, disk ? "qcow2" : "raw", error);
}

static gboolean
put_direct (Writer *self, plist_t list, const char *path, const char *kind, GError **error)
{
  g_autofree char *identifier = path != NULL ? new_identifier () : NULL;
  g_autofree char *name = NULL, *relative = NULL, *text = NULL;
  plist_t entry;
  gsize length;
  char digest[VALISE_PARCEL_DIGEST_LENGTH];
  guint64 size;

  if (path == NULL)
    return TRUE;
  if (!g_file_get_contents (path, &text, &length, error))
    return FALSE;
  name = g_path_get_basename (path);
  relative = g_build_filename (DATA, name, NULL);
  entry = add_group (list);
  put_text (entry, "Identifier", identifier);
  put_text (entry, "ImageName", name);
  put_text (entry, "ImageType", kind);
  put_text (entry, "Interface", "None");
  put_flag (entry, "ReadOnly", TRUE);
  return valise_parcel_open (self->parcel, relative, error) && valise_parcel_write (self->parcel, text, length, error)
         && valise_parcel_close (self->parcel, digest, &size, error);
}

/* What is not there yet, before a first start, UTM makes itself. */
static gboolean
write_variables (Writer *self, GError **error)
{
  const ValiseBlueprint *machine = self->machine;
  g_autofree char *to = valise_parcel_path (self->parcel, VARIABLES);

  if (machine->firmware != VALISE_BLUEPRINT_FIRMWARE_EFI || machine->nvram == NULL
      || !g_file_test (machine->nvram, G_FILE_TEST_IS_REGULAR))
    return TRUE;
  return valise_image_export (machine->nvram, "raw", to, valise_image_kind_find ("qcow2"), NULL, self->cancellable,
                              error);
}

static gboolean
put_drives (Writer *self, plist_t root, GError **error)
{
  const ValiseBlueprint *machine = self->machine;
  plist_t list = put_list (root, "Drive");

  for (guint i = 0; i < machine->drives->len; i++)
    if (!put_drive (self, list, machine->drives->pdata[i], error))
      return FALSE;
  return put_direct (self, list, machine->kernel, "LinuxKernel", error)
         && put_direct (self, list, machine->initrd, "LinuxInitrd", error)
         && put_direct (self, list, machine->dtb, "LinuxDTB", error) && write_variables (self, error);
}

/* --- the folder --- */

static gboolean
write_settings (Writer *self, plist_t root, GError **error)
{
  char *xml = NULL;
  uint32_t length = 0;
  gboolean written;

  plist_to_xml (root, &xml, &length);
  written = xml != NULL && valise_parcel_fill (self->parcel, "config.plist", xml, error);
  if (xml == NULL)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("UTM’s settings could not be written."));
  plist_to_xml_free (xml);
  return written;
}

static gboolean
write_all (Writer *self, GError **error)
{
  plist_t root = plist_new_dict ();
  gboolean written;

  put_text (root, "Backend", "QEMU");
  put_number (root, "ConfigurationVersion", 4);
  put_information (root, self->machine);
  put_system (root, self->machine);
  put_qemu (root, self->machine);
  put_habits (root);
  put_display (root, self->machine);
  put_ports (root, self->machine);
  written = valise_parcel_add_folder (self->parcel, DATA, error) && put_drives (self, root, error)
            && write_settings (self, root, error) && !g_cancellable_set_error_if_cancelled (self->cancellable, error)
            && valise_parcel_commit (self->parcel, error);
  plist_free (root);
  return written;
}

static gboolean
count_bytes (Writer *self, guint64 *total, GError **error)
{
  for (guint i = 0; i < self->machine->drives->len; i++)
    {
      const ValiseBlueprintDrive *drive = self->machine->drives->pdata[i];
      g_autoptr (ValiseImageInfo) info = NULL;

      if (!goes_along (self, drive))
        continue;
      info = valise_image_inspect_chain (drive->member, drive->format, NULL, error);
      if (info == NULL)
        return FALSE;
      *total += info->virtual_size;
    }
  return TRUE;
}

gboolean
valise_utm_write (const ValiseBlueprint *machine,
                  const char *path,
                  gboolean media,
                  ValiseJob *job,
                  GCancellable *cancellable,
                  GError **error)
{
  Writer self = { .machine = machine, .media = media, .job = job, .cancellable = cancellable };
  guint64 total = 0;
  gboolean written;

  if (!count_bytes (&self, &total, error))
    return FALSE;
  valise_job_set_total (job, total);
  self.parcel = valise_parcel_begin (path, VALISE_PARCEL_FOLDER, FALSE, error);
  written = self.parcel != NULL && write_all (&self, error);
  g_clear_pointer (&self.parcel, valise_parcel_free);
  return written;
}
