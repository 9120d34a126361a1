/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UTM's machines of QEMU up to the second generation, with its defaults for what is not written. */
#include "formats/valise-utm-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-path.h"
#include "formats/valise-boot-order.h"

#define LONGEST_WORD 100
#define MOST_VCPUS 1024
#define MOST_MIB (16 * 1024 * 1024)

static plist_t
get_group (ValiseUtm *self, const char *key)
{
  return valise_plist_get (self->settings, key, PLIST_DICT);
}

/* Of a Power Macintosh the properties say which model it is; they belong to its name. */
static char *
get_machine (plist_t system)
{
  g_autofree char *target = valise_plist_get_text (system, "Target");
  g_autofree char *properties = valise_plist_get_text (system, "MachineProperties");

  if (target == NULL || properties == NULL || !g_regex_match_simple ("^via=[a-z0-9=,-]+$", properties, 0, 0))
    return g_steal_pointer (&target);
  return g_strconcat (target, ",", properties, NULL);
}

static void
read_system (ValiseUtm *self)
{
  ValiseBlueprint *blueprint = self->blueprint;
  plist_t system = get_group (self, "System");
  plist_t arguments = valise_plist_get (system, "AddArgs", PLIST_ARRAY);

  blueprint->arch = valise_plist_get_text (system, "Architecture");
  blueprint->machine = get_machine (system);
  blueprint->vcpus = (int) valise_plist_get_number (system, "CPUCount", MOST_VCPUS, 0);
  blueprint->memory = valise_plist_get_number (system, "Memory", MOST_MIB, 0);
  blueprint->local_time = valise_plist_get_flag (system, "RTCUseLocalTime", TRUE);
  if (arguments == NULL)
    arguments = valise_plist_get (system, "AddArgs", PLIST_STRING);
  _valise_utm_read_arguments (self, arguments, "System/AddArgs");
}

static gboolean
read_direct (ValiseUtm *self, const char *type, const char *name, const char *place)
{
  ValiseBlueprint *blueprint = self->blueprint;
  char **field = g_str_equal (type, "kernel")   ? &blueprint->kernel
                 : g_str_equal (type, "initrd") ? &blueprint->initrd
                 : g_str_equal (type, "dtb")    ? &blueprint->dtb
                                                : NULL;

  if (field == NULL)
    return FALSE;
  if (name != NULL && *field == NULL)
    {
      *field = _valise_utm_member (self, name, place);
      if (*field == NULL)
        *field = g_strdup (name);
    }
  return TRUE;
}

/* The first generation had a mark on CDs and no types. */
static char *
get_type (plist_t drive)
{
  char *type = valise_plist_get_text (drive, "ImageType");

  if (type != NULL)
    return type;
  return g_strdup (valise_plist_get_flag (drive, "Cdrom", FALSE) ? "cd" : "disk");
}

static void
read_drive (ValiseUtm *self, plist_t drive, const char *place)
{
  g_autofree char *type = get_type (drive);
  g_autofree char *interface = valise_plist_get_text (drive, "InterfaceType");
  g_autofree char *name = valise_plist_get_text (drive, "ImagePath");
  ValiseBlueprintDrive *added;
  gboolean firmware = g_str_equal (type, "bios") || g_strcmp0 (interface, "pflash") == 0;

  self->own_firmware |= firmware;
  /* The firmware's variables are in the list too, as a disk of no kind. */
  if (g_strcmp0 (name, "efi_vars.fd") == 0 || firmware || g_str_equal (type, "none")
      || read_direct (self, type, name, place))
    return;
  added = _valise_utm_add_drive (self,
                                 g_strcmp0 (interface, "floppy") == 0 ? VALISE_BLUEPRINT_FLOPPY
                                 : g_str_equal (type, "cd")           ? VALISE_BLUEPRINT_CDROM
                                                                      : VALISE_BLUEPRINT_DISK,
                                 interface, name, place);
  valise_boot_order_add_drive (self->blueprint, added);
}

static void
read_firmware (ValiseUtm *self)
{
  plist_t system = get_group (self, "System");
  gboolean virt = self->blueprint->machine != NULL && g_str_has_prefix (self->blueprint->machine, "virt");
  gboolean uefi = valise_plist_get_flag (system, "BootUefi", virt);

  /* That there is no UEFI was also written for machines that have neither firmware of a PC. */
  _valise_utm_read_firmware (self, uefi, uefi);
}

static void
read_network (ValiseUtm *self)
{
  plist_t network = get_group (self, "Networking");
  g_autofree char *mode = valise_plist_get_text (network, "NetworkMode");
  g_autofree char *mac = valise_plist_get_text (network, "NetworkCardMAC");
  ValiseBlueprintNic *nic;

  if (g_strcmp0 (mode, "none") == 0 || !valise_plist_get_flag (network, "NetworkEnabled", TRUE))
    return;
  nic = valise_blueprint_add_nic (self->blueprint);
  nic->model = valise_plist_get_text (network, "NetworkCard");
  if (nic->model == NULL)
    nic->model = g_strdup ("rtl8139");
  nic->network = g_strdup (mode != NULL ? mode : "emulated");
  _valise_utm_read_mac (self, mac, "Networking/NetworkCardMAC");
  if (g_str_equal (nic->network, "bridged"))
    _valise_utm_ask_for_network (self);
  _valise_utm_read_forwards (self, network);
}

static void
read_rest (ValiseUtm *self)
{
  plist_t sound = get_group (self, "Sound");
  g_autofree char *card = valise_plist_get_text (sound, "SoundCard");

  if (valise_plist_get_flag (sound, "SoundEnabled", FALSE) && card != NULL)
    self->blueprint->sound = valise_text_for_display (card, LONGEST_WORD);
  if (valise_plist_get_flag (get_group (self, "Display"), "ConsoleOnly", FALSE))
    self->blueprint->serial_ports = 1;
  if (valise_plist_get_flag (get_group (self, "Sharing"), "DirectorySharing", FALSE))
    {
      _valise_utm_ask (self, g_strdup (_ ("Share a folder of this computer, which is to be chosen, as “share”")));
      valise_blueprint_wish_folder (self->blueprint, NULL, NULL, FALSE);
    }
}

void
_valise_utm_read_v2 (ValiseUtm *self)
{
  if (valise_plist_get_flag (get_group (self, "Debug"), "IgnoreAllConfiguration", FALSE))
    _valise_utm_refuse (self, "qemu-arguments-only", "Debug/IgnoreAllConfiguration",
                        _ ("The machine consists of arguments of QEMU only, which Valise does not take from others."),
                        _ ("Bring in its disks alone, and set the rest here."));
  read_system (self);
  _valise_utm_read_items (self, "Drives", read_drive);
  read_firmware (self);
  read_network (self);
  read_rest (self);
}
