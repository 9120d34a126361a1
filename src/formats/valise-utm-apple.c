/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UTM's machines of Apple's Virtualization framework, in both generations. */
#include "formats/valise-utm-private.h"

#include <glib/gi18n-lib.h>

#include "base/valise-path.h"
#include <string.h>

#define LONGEST_WORD 100
#define MOST_VCPUS 1024
#define MOST_MIB (16 * 1024 * 1024)
#define MIB (1024 * 1024)

static void
take_member (ValiseUtm *self, char **field, char *name, const char *place)
{
  g_autofree char *owned = name;

  if (owned == NULL || *owned == '\0')
    return;
  *field = _valise_utm_member (self, owned, place);
  if (*field == NULL)
    *field = g_steal_pointer (&owned);
}

static void
refuse_system (ValiseUtm *self, const char *system, gboolean mac_platform)
{
  if (mac_platform || g_strcmp0 (system, "macOS") == 0)
    _valise_utm_refuse (self, "macos-guest", NULL, _ ("The guest is macOS, which only runs on a Mac."),
                        _ ("Keep using it on the Mac."));
  else if (g_strcmp0 (system, "Linux") != 0)
    _valise_utm_refuse (self, "nothing-to-start", NULL, _ ("The machine does not say what it starts."),
                        _ ("Choose Linux as its system in UTM, and bring it in again."));
}

static void
tell_apple (ValiseUtm *self)
{
  ValiseBlueprint *blueprint = self->blueprint;

  if (blueprint->firmware == VALISE_BLUEPRINT_FIRMWARE_EFI)
    _valise_utm_tell (self, VALISE_SEVERITY_INFO, "nvram-new", NULL,
                      _ ("The firmware's variables are Apple's own; the machine begins with fresh ones and starts from "
                         "the disk's fallback path."),
                      NULL);
  blueprint->machine = g_strdup (g_strcmp0 (blueprint->arch, "x86_64") == 0 ? "q35" : "virt");
  blueprint->serial_ports = MAX (blueprint->serial_ports, 1);
}

static void
add_network (ValiseUtm *self, char *mode, const char *mac, const char *place)
{
  ValiseBlueprintNic *nic = valise_blueprint_add_nic (self->blueprint);

  nic->model = g_strdup ("virtio-net-pci");
  nic->network = mode;
  _valise_utm_read_mac (self, mac, place);
  if (g_strcmp0 (mode, "Bridged") == 0)
    _valise_utm_ask_for_network (self);
}

/* What has no image was outside of the bundle and did not come along. */
static void
add_drive (ValiseUtm *self, const char *name, const char *bus, gboolean read_only, const char *place)
{
  gboolean disc = name == NULL;
  ValiseBlueprintDrive *drive = _valise_utm_add_drive (self, disc ? VALISE_BLUEPRINT_CDROM : VALISE_BLUEPRINT_DISK,
                                                       disc ? "usb" : bus, name, place);

  drive->read_only = read_only || disc;
  if (!disc && g_str_equal (bus, "nvme"))
    _valise_utm_tell (self, VALISE_SEVERITY_INFO, "disk-name-in-guest", place,
                      _ ("The guest knows the disk as /dev/nvme0n1; on another bus it has another name."), NULL);
}

/* --- the fourth generation --- */

static void
read_boot (ValiseUtm *self, plist_t system)
{
  ValiseBlueprint *blueprint = self->blueprint;
  plist_t boot = valise_plist_get (system, "Boot", PLIST_DICT);
  g_autofree char *guest = valise_plist_get_text (boot, "OperatingSystem");
  gboolean uefi = valise_plist_get_flag (boot, "UEFIBoot", FALSE);

  refuse_system (self, guest, valise_plist_get (system, "MacPlatform", PLIST_DICT) != NULL);
  if (guest != NULL)
    {
      g_autofree char *small = g_ascii_strdown (guest, -1);

      blueprint->os_type = valise_text_for_display (small, LONGEST_WORD);
    }
  if (uefi)
    blueprint->firmware = VALISE_BLUEPRINT_FIRMWARE_EFI;
  if (uefi || blueprint->refused)
    return;
  take_member (self, &blueprint->kernel, valise_plist_get_text (boot, "LinuxKernelPath"),
               "System/Boot/LinuxKernelPath");
  take_member (self, &blueprint->initrd, valise_plist_get_text (boot, "LinuxInitialRamdiskPath"),
               "System/Boot/LinuxInitialRamdiskPath");
  blueprint->cmdline = valise_plist_get_text (boot, "LinuxCommandLine");
}

static void
read_drive (ValiseUtm *self, plist_t drive, const char *place)
{
  g_autofree char *name = valise_plist_get_text (drive, "ImageName");

  add_drive (self, name, valise_plist_get_flag (drive, "Nvme", FALSE) ? "nvme" : "virtio",
             valise_plist_get_flag (drive, "ReadOnly", FALSE), place);
}

static void
read_network (ValiseUtm *self, plist_t network, const char *place)
{
  g_autofree char *address = valise_plist_get_text (network, "MacAddress");

  add_network (self, valise_plist_get_text (network, "Mode"), address, place);
}

static void
read_extras (ValiseUtm *self)
{
  plist_t extras = valise_plist_get (self->settings, "Virtualization", PLIST_DICT);

  self->blueprint->serial_ports =
      MIN (valise_plist_count (valise_plist_get (self->settings, "Serial", PLIST_ARRAY)), 4);
  if (valise_plist_get_flag (extras, "Audio", FALSE))
    self->blueprint->sound = g_strdup ("virtio-sound");
  if (valise_plist_get_flag (extras, "Rosetta", FALSE))
    _valise_utm_tell (self, VALISE_SEVERITY_WARNING, "rosetta", "Virtualization/Rosetta",
                      _ ("Rosetta is Apple's: programs for Intel processors stop working in the guest."), NULL);
}

void
_valise_utm_read_apple (ValiseUtm *self)
{
  plist_t system = valise_plist_get (self->settings, "System", PLIST_DICT);
  plist_t information = valise_plist_get (self->settings, "Information", PLIST_DICT);
  g_autofree char *name = valise_plist_get_text (information, "Name");

  valise_blueprint_set_name (self->blueprint, name);
  self->blueprint->arch = valise_plist_get_text (system, "Architecture");
  self->blueprint->vcpus = (int) valise_plist_get_number (system, "CPUCount", MOST_VCPUS, 0);
  self->blueprint->memory = valise_plist_get_number (system, "MemorySize", MOST_MIB, 0);
  read_boot (self, system);
  if (self->blueprint->refused)
    return;
  _valise_utm_read_items (self, "Drive", read_drive);
  _valise_utm_read_items (self, "Network", read_network);
  read_extras (self);
  tell_apple (self);
}

/* --- the third --- */

static void
read_loader (ValiseUtm *self)
{
  ValiseBlueprint *blueprint = self->blueprint;
  plist_t loader = valise_plist_get (self->settings, "bootLoader", PLIST_DICT);
  g_autofree char *guest = valise_plist_get_text (loader, "operatingSystem");

  refuse_system (self, guest, valise_plist_get (self->settings, "macPlatform", PLIST_DICT) != NULL);
  if (blueprint->refused)
    return;
  blueprint->os_type = g_strdup ("linux");
  take_member (self, &blueprint->kernel, valise_plist_get_text (loader, "linuxKernelPath"),
               "bootLoader/linuxKernelPath");
  take_member (self, &blueprint->initrd, valise_plist_get_text (loader, "linuxInitialRamdiskPath"),
               "bootLoader/linuxInitialRamdiskPath");
  blueprint->cmdline = valise_plist_get_text (loader, "linuxCommandLine");
}

static void
read_old_drive (ValiseUtm *self, plist_t drive, const char *place)
{
  g_autofree char *name = valise_plist_get_text (drive, "imagePath");

  add_drive (self, name, "virtio", valise_plist_get_flag (drive, "isReadOnly", FALSE), place);
}

static void
read_old_network (ValiseUtm *self, plist_t network, const char *place)
{
  g_autofree char *address = valise_plist_get_text (network, "macAddress");

  add_network (self, valise_plist_get_text (network, "networkMode"), address, place);
}

void
_valise_utm_read_old_apple (ValiseUtm *self)
{
  ValiseBlueprint *blueprint = self->blueprint;
  g_autofree char *name = valise_plist_get_text (self->settings, "name");

  valise_blueprint_set_name (blueprint, name);
  blueprint->arch = valise_plist_get_text (self->settings, "architecture");
  blueprint->vcpus = (int) valise_plist_get_number (self->settings, "cpuCount", MOST_VCPUS, 0);
  /* Bytes here, and MiB in every other generation. */
  blueprint->memory = valise_plist_get_number (self->settings, "memorySize", (guint64) MOST_MIB * MIB, 0) / MIB;
  read_loader (self);
  if (blueprint->refused)
    return;
  _valise_utm_read_items (self, "diskImages", read_old_drive);
  _valise_utm_read_items (self, "networkDevices", read_old_network);
  blueprint->serial_ports = valise_plist_get_flag (self->settings, "isSerialEnabled", FALSE);
  if (valise_plist_get_flag (self->settings, "isAudioEnabled", FALSE))
    blueprint->sound = g_strdup ("virtio-sound");
  tell_apple (self);
}
