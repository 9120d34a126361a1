/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-vmx-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-path.h"
#include "formats/valise-image-place.h"
#include "formats/valise-vmdk.h"

#define MOST_CONTROLLERS 8
#define MOST_UNITS 256
#define MOST_DRIVES 512
#define NAME_SHOWN 120

/* A device such as "scsi0:1". */
typedef struct
{
  const char *bus;
  guint controller, unit;
  char *device;
} Slot;

/* In the order in which the guest's firmware looks for disks. What a key begins with, and the bus it means. */
static const struct
{
  const char *prefix, *bus;
} buses[] = {
  { "ide", "ide" }, { "scsi", "scsi" }, { "sata", "sata" }, { "nvme", "nvme" }, { "usb", "usb" }, { "usb_xhci", "usb" },
};

static void
slot_free (gpointer data)
{
  Slot *slot = data;

  g_free (slot->device);
  g_free (slot);
}

/* --- which there are --- */

/* "scsi0:12.present" with @prefix "scsi"; USB has one controller, which has no number. */
static Slot *
read_slot (const char *key, const char *prefix, const char *bus)
{
  g_autofree char *rest = NULL;
  g_auto (GStrv) parts = NULL;
  guint64 controller = 0, unit;
  Slot *slot;

  if (!g_str_has_prefix (key, prefix) || !g_str_has_suffix (key, ".present"))
    return NULL;
  rest = g_strndup (key + strlen (prefix), strlen (key) - strlen (prefix) - strlen (".present"));
  parts = g_strsplit (rest, ":", 3);
  if (g_strv_length (parts) != 2 || !g_ascii_string_to_unsigned (parts[1], 10, 0, MOST_UNITS - 1, &unit, NULL)
      || (*parts[0] != '\0' ? !g_ascii_string_to_unsigned (parts[0], 10, 0, MOST_CONTROLLERS - 1, &controller, NULL)
                            : !g_str_equal (bus, "usb")))
    return NULL;
  slot = g_new0 (Slot, 1);
  slot->bus = bus;
  slot->controller = (guint) controller;
  slot->unit = (guint) unit;
  slot->device = g_strndup (key, strlen (key) - strlen (".present"));
  return slot;
}

static int
compare_slots (gconstpointer a, gconstpointer b)
{
  const Slot *first = *(const Slot *const *) a, *second = *(const Slot *const *) b;

  if (first->controller != second->controller)
    return first->controller < second->controller ? -1 : 1;
  return first->unit < second->unit ? -1 : first->unit > second->unit;
}

static GPtrArray *
find_slots (ValiseVmx *self, const char *prefix, const char *bus)
{
  g_autoptr (GPtrArray) keys = valise_vmx_text_keys (self->text);
  GPtrArray *slots = g_ptr_array_new_with_free_func (slot_free);

  for (guint i = 0; i < keys->len && slots->len < MOST_DRIVES; i++)
    {
      Slot *slot = valise_vmx_text_is_on (self->text, keys->pdata[i]) ? read_slot (keys->pdata[i], prefix, bus) : NULL;

      if (slot != NULL)
        g_ptr_array_add (slots, slot);
    }
  g_ptr_array_sort (slots, compare_slots);
  return slots;
}

/* IDE and USB are always there. */
static gboolean
has_controller (ValiseVmx *self, const Slot *slot)
{
  g_autofree char *controller = g_strdup_printf ("%s%u", slot->bus, slot->controller);
  g_autofree char *key = NULL;

  if (g_str_equal (slot->bus, "ide") || g_str_equal (slot->bus, "usb")
      || _valise_vmx_is_on (self, controller, "present"))
    return TRUE;
  key = _valise_vmx_key (slot->device, "present");
  _valise_vmx_tell (self, VALISE_SEVERITY_WARNING, "controller-off", key,
                    _ ("The drive is on a controller that is turned off, so the guest never saw it. It stays behind."),
                    NULL);
  return FALSE;
}

/* --- what they are --- */

static gboolean
is_any_of (const char *value, const char *const *words)
{
  for (; value != NULL && *words != NULL; words++)
    if (g_ascii_strcasecmp (value, *words) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
is_cdrom (const char *kind, const char *file)
{
  static const char *const words[] = { "cdrom-image", "cdrom-raw", "atapi-cdrom", "cdrom", NULL };
  g_autofree char *folded = file != NULL ? g_ascii_strdown (file, -1) : NULL;

  return is_any_of (kind, words) || (kind == NULL && folded != NULL && g_str_has_suffix (folded, ".iso"));
}

static gboolean
is_disk (const char *kind)
{
  static const char *const words[] = {
    "disk", "scsi-hardDisk", "ata-hardDisk", "sata-hardDisk", "nvme-hardDisk", "plainDisk", NULL
  };

  return kind == NULL || is_any_of (kind, words);
}

static void
set_place (ValiseVmx *self, const Slot *slot, ValiseBlueprintDrive *drive)
{
  g_autofree char *controller = g_strdup_printf ("%s%u", slot->bus, slot->controller);
  const char *model = g_str_equal (slot->bus, "scsi") ? _valise_vmx_get (self, controller, "virtualDev") : slot->bus;

  drive->bus = g_strdup (slot->bus);
  drive->controller = model != NULL ? valise_text_for_display (model, NAME_SHOWN) : NULL;
  drive->unit = g_strdup_printf ("%u:%u", slot->controller, slot->unit);
}

/* --- its image --- */

static const ValisePackageMember *
find_image (ValiseVmx *self, const char *file, const char *key, ValiseBlueprintDrive *drive)
{
  g_autofree char *place = valise_vmx_text_place (self->text, key);
  g_autofree char *shown = valise_text_for_display (place, NAME_SHOWN);

  return valise_image_place_find (self->package, self->folder, file, shown, self->blueprint, drive);
}

static void
check_writing (ValiseVmx *self, const Slot *slot)
{
  const char *mode = _valise_vmx_get (self, slot->device, "mode");
  g_autofree char *mode_key = _valise_vmx_key (slot->device, "mode");
  g_autofree char *redo_key = _valise_vmx_key (slot->device, "redo");
  g_autofree char *controller = g_strdup_printf ("%s%u", slot->bus, slot->controller);
  const char *shared = _valise_vmx_get (self, controller, "sharedBus");
  g_autofree char *shared_key = _valise_vmx_key (controller, "sharedBus");

  if (mode != NULL && g_str_has_suffix (mode, "nonpersistent"))
    _valise_vmx_tell (self, VALISE_SEVERITY_INFO, "disk-nonpersistent", mode_key,
                      _ ("VMware threw away what was written to this disk whenever the machine was turned off. Here it "
                         "is kept."),
                      NULL);
  if (valise_vmx_text_get_filled (self->text, redo_key) != NULL
      || (mode != NULL && is_any_of (mode, (const char *const[]){ "undoable", "append", NULL })))
    _valise_vmx_tell (self, VALISE_SEVERITY_ERROR, "disk-redo", redo_key,
                      _ ("The last changes of this disk lie in another file that only VMware can read."),
                      _ ("Start the machine in VMware and shut it down, keeping the changes."));
  if (shared != NULL && g_ascii_strcasecmp (shared, "none") != 0)
    _valise_vmx_tell (self, VALISE_SEVERITY_WARNING, "disk-shared", shared_key,
                      _ ("The disk was shared with other machines. Here it belongs to this one alone."), NULL);
}

static void
add_disk (ValiseVmx *self, const Slot *slot)
{
  ValiseBlueprintDrive *drive = valise_blueprint_add_drive (self->blueprint, VALISE_BLUEPRINT_DISK);
  const char *file = _valise_vmx_get (self, slot->device, "fileName");
  g_autofree char *key = _valise_vmx_key (slot->device, "fileName");
  const ValisePackageMember *member;

  set_place (self, slot, drive);
  drive->file = g_strdup (file);
  drive->format = g_strdup ("vmdk");
  drive->read_only = _valise_vmx_is_on (self, slot->device, "readonly");
  check_writing (self, slot);
  member = find_image (self, file != NULL ? file : "", key, drive);
  if (member != NULL)
    valise_vmdk_attach (self->package, member, self->blueprint, drive);
}

/* What stands where the name of an image would, and is none. */
static gboolean
is_nothing (const char *file)
{
  static const char *const words[] = { "emptyBackingString", "vmware-null-remote-floppy", "unknown", NULL };

  return file == NULL || is_any_of (file, words);
}

static void
ask_for_drive (ValiseVmx *self, const char *file)
{
  g_autofree char *shown = valise_text_for_display (file, NAME_SHOWN);

  g_ptr_array_add (self->blueprint->asks, g_strdup_printf (_ ("To use the drive “%s” of this computer."), shown));
}

/* The image of a removable drive, when it is one; a drive of the computer is asked for, or was just any. */
static void
set_medium (ValiseVmx *self, const char *device, const char *kind, ValiseBlueprintDrive *drive)
{
  const char *file = _valise_vmx_get (self, device, "fileName");
  g_autofree char *key = _valise_vmx_key (device, "fileName");
  gboolean host =
      kind != NULL && g_ascii_strcasecmp (kind, "cdrom-image") != 0 && g_ascii_strcasecmp (kind, "file") != 0;

  drive->file = is_nothing (file) ? NULL : g_strdup (file);
  if (drive->file == NULL || _valise_vmx_is_on (self, device, "clientDevice"))
    return;
  if (g_str_has_prefix (file, "/dev/") || strncmp (file, "\\\\.\\", 4) == 0)
    ask_for_drive (self, file);
  if (host || g_ascii_strcasecmp (file, "auto detect") == 0)
    return;
  find_image (self, file, key, drive);
}

static void
add_cdrom (ValiseVmx *self, const Slot *slot)
{
  ValiseBlueprintDrive *drive = valise_blueprint_add_drive (self->blueprint, VALISE_BLUEPRINT_CDROM);

  set_place (self, slot, drive);
  drive->read_only = TRUE;
  set_medium (self, slot->device, _valise_vmx_get (self, slot->device, "deviceType"), drive);
}

/* A disk of the computer, or a device that the guest would speak to itself. */
static void
add_foreign (ValiseVmx *self, const Slot *slot)
{
  const char *file = _valise_vmx_get (self, slot->device, "fileName");
  g_autofree char *key = _valise_vmx_key (slot->device, "deviceType");
  const char *kind = _valise_vmx_get (self, slot->device, "deviceType");

  if (is_any_of (kind, (const char *const[]){ "hid", "hub", "mouse", "bluetooth", NULL })
      && g_str_equal (slot->bus, "usb"))
    return;
  ask_for_drive (self, file != NULL ? file : kind);
  _valise_vmx_tell (self, VALISE_SEVERITY_WARNING, "device-host", key,
                    _ ("The machine used a device of the computer it ran on, which stays behind."),
                    _ ("To have what is on such a disk, copy it into a file first."));
}

/* --- all of them --- */

static void
add_slot (ValiseVmx *self, const Slot *slot, gboolean disks)
{
  const char *kind = _valise_vmx_get (self, slot->device, "deviceType");
  gboolean cdrom = is_cdrom (kind, _valise_vmx_get (self, slot->device, "fileName"));
  gboolean disk = !cdrom && is_disk (kind) && (kind != NULL || !g_str_equal (slot->bus, "usb"));

  if (disk && disks)
    add_disk (self, slot);
  else if (cdrom && !disks)
    add_cdrom (self, slot);
  else if (!disk && !cdrom && !disks && kind != NULL)
    add_foreign (self, slot);
}

static void
add_slots (ValiseVmx *self, gboolean disks)
{
  for (gsize bus = 0; bus < G_N_ELEMENTS (buses); bus++)
    {
      g_autoptr (GPtrArray) slots = find_slots (self, buses[bus].prefix, buses[bus].bus);

      for (guint i = 0; i < slots->len; i++)
        if (disks ? has_controller (self, slots->pdata[i]) : TRUE)
          add_slot (self, slots->pdata[i], disks);
    }
}

static void
add_floppy (ValiseVmx *self, guint number)
{
  g_autofree char *device = g_strdup_printf ("floppy%u", number);
  const char *kind = _valise_vmx_get (self, device, "fileType");
  ValiseBlueprintDrive *drive = valise_blueprint_add_drive (self->blueprint, VALISE_BLUEPRINT_FLOPPY);

  drive->bus = g_strdup ("fdc");
  drive->unit = g_strdup_printf ("%u", number);
  set_medium (self, device, kind != NULL ? kind : "device", drive);
}

void
_valise_vmx_add_drives (ValiseVmx *self)
{
  g_autoptr (GArray) floppies = _valise_vmx_numbers (self, "floppy");

  add_slots (self, TRUE);
  add_slots (self, FALSE);
  for (guint i = 0; i < floppies->len && i < 2; i++)
    add_floppy (self, g_array_index (floppies, guint, i));
}
