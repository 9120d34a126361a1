/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What can be chosen for a foreign machine, in libvirt's words and in those of people. */
#include "engine/valise-import-plan-private.h"

#include <glib/gi18n-lib.h>

#include "engine/valise-passt-private.h"

const char *const *
valise_import_disk_buses (const ValiseImportPlan *self)
{
  static const char *const pc[] = { "virtio", "sata", "scsi", "ide", "usb", NULL };
  static const char *const other[] = { "virtio", "scsi", "usb", NULL };

  return _valise_import_plan_is_pc (self) ? pc : other;
}

const char *const *
valise_import_nic_models (const ValiseImportPlan *self)
{
  static const char *const pc[] = { "virtio", "e1000e", "e1000", "vmxnet3", "rtl8139", "pcnet", "ne2k_pci", NULL };
  static const char *const other[] = { "virtio", NULL };

  return _valise_import_plan_is_pc (self) ? pc : other;
}

const char *const *
valise_import_networks (void)
{
  static const char *const usual[] = { "user", "bridge", "none", NULL };
  static const char *const all[] = { "user", "bridge", "none", "passt", NULL };

  return _valise_passt_is_taken () ? all : usual;
}

const char *const *
valise_import_sounds (const ValiseImportPlan *self)
{
  static const char *const pc[] = { "none", "ich9", "ich6", "ac97", "es1370", "sb16", NULL };
  static const char *const other[] = { "none", NULL };

  return _valise_import_plan_is_pc (self) ? pc : other;
}

const char *
_valise_import_find_word (const char *const *words, const char *word)
{
  for (; *words != NULL; words++)
    if (g_strcmp0 (*words, word) == 0)
      return *words;
  return NULL;
}

const char *
valise_import_word_label (const char *word)
{
  static const struct
  {
    const char *word, *label;
  } known[] = {
    { "virtio", N_ ("virtio (fastest)") },
    { "sata", "SATA" },
    { "scsi", "SCSI (virtio)" },
    { "ide", "IDE" },
    { "usb", "USB" },
    { "user", N_ ("Shared network (NAT)") },
    { "passt", N_ ("Shared network (passt)") },
    { "bridge", N_ ("Bridge to the local network") },
    { "none", N_ ("None") },
    { "ich9", "Intel HDA (ICH9)" },
    { "ich6", "Intel HDA (ICH6)" },
    { "ac97", "AC'97" },
    { "es1370", "Ensoniq ES1370" },
    { "sb16", "Sound Blaster 16" },
    { "e1000e", "Intel 82574 (e1000e)" },
    { "e1000", "Intel 82540 (e1000)" },
    { "vmxnet3", "VMware vmxnet3" },
    { "rtl8139", "Realtek 8139" },
    { "pcnet", "AMD PCnet" },
    { "ne2k_pci", "NE2000" },
    { "leave-out", N_ ("Leave the disk out") },
    { "empty", N_ ("Make an empty disk of its size") },
    { "go-on", N_ ("Bring the machine in all the same") },
    { "x86_64", N_ ("A PC’s (x86_64)") },
    { "aarch64", N_ ("ARM (aarch64)") },
    { "bios", N_ ("Start with BIOS") },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_strcmp0 (known[i].word, word) == 0)
      return _ (known[i].label);
  return word;
}

/* --- room --- */

static guint64
count_member (ValisePackage *package, const char *name)
{
  const ValisePackageMember *member = name != NULL ? valise_package_lookup (package, name) : NULL;

  return member != NULL ? member->packed : 0;
}

static guint64
count_drive (const ValiseImportDrive *drive, ValisePackage *package)
{
  char *const *parts = drive->source->parts, *const *beside = drive->source->beside;
  guint64 bytes = parts == NULL ? count_member (package, drive->source->member) : 0;

  for (; parts != NULL && *parts != NULL; parts++)
    bytes += count_member (package, *parts);
  for (; beside != NULL && *beside != NULL; beside++)
    bytes += count_member (package, *beside);
  return drive->empty || drive->stem == NULL ? 0 : bytes;
}

guint64
valise_import_plan_count_bytes (const ValiseImportPlan *self, ValisePackage *package, guint64 *most)
{
  guint64 least = 0, full = 0;

  for (guint i = 0; i < self->drives->len; i++)
    {
      const ValiseImportDrive *drive = self->drives->pdata[i];
      guint64 bytes = count_drive (drive, package);
      guint64 capacity = drive->stem != NULL ? drive->source->capacity : 0;

      least += bytes;
      full = MAX (bytes, capacity) > G_MAXUINT64 - full ? G_MAXUINT64 : full + MAX (bytes, capacity);
    }
  if (most != NULL)
    *most = full;
  return least;
}
