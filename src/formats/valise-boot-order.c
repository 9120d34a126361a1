/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-boot-order.h"

#include <string.h>

#include "formats/valise-foreign-xml.h"

#define MOST_WORDS 64
#define VIRTUALBOX_POSITIONS 8

static guint
count_stated (const ValiseBlueprint *blueprint)
{
  guint most = 0;

  for (guint i = 0; i < blueprint->drives->len; i++)
    most = MAX (most, ((ValiseBlueprintDrive *) blueprint->drives->pdata[i])->order);
  for (guint i = 0; i < blueprint->nics->len; i++)
    most = MAX (most, ((ValiseBlueprintNic *) blueprint->nics->pdata[i])->order);
  return most;
}

static void
add (ValiseBlueprint *blueprint, guint *order)
{
  if (*order == 0)
    *order = count_stated (blueprint) + 1;
}

void
valise_boot_order_add_drive (ValiseBlueprint *blueprint, ValiseBlueprintDrive *drive)
{
  add (blueprint, &drive->order);
}

static void
add_drives (ValiseBlueprint *blueprint, ValiseBlueprintDevice device)
{
  for (guint i = 0; i < blueprint->drives->len; i++)
    {
      ValiseBlueprintDrive *drive = blueprint->drives->pdata[i];

      if (drive->device == device)
        add (blueprint, &drive->order);
    }
}

void
valise_boot_order_add_nic (ValiseBlueprint *blueprint, guint at)
{
  if (at < blueprint->nics->len)
    add (blueprint, &((ValiseBlueprintNic *) blueprint->nics->pdata[at])->order);
}

static void
add_nics (ValiseBlueprint *blueprint)
{
  for (guint i = 0; i < blueprint->nics->len; i++)
    valise_boot_order_add_nic (blueprint, i);
}

void
valise_boot_order_add_word (ValiseBlueprint *blueprint, const char *word)
{
  static const char *const disks[] = { "hdd", "harddisk", "disk", "hd", NULL };
  static const char *const discs[] = { "cdrom", "dvd", "cd", NULL };
  static const char *const floppies[] = { "floppy", "fd", NULL };
  static const char *const networks[] = { "network", "ethernet", "net", NULL };
  g_autofree char *lower = g_ascii_strdown (word, -1);

  if (g_strv_contains (disks, lower))
    add_drives (blueprint, VALISE_BLUEPRINT_DISK);
  else if (g_strv_contains (discs, lower))
    add_drives (blueprint, VALISE_BLUEPRINT_CDROM);
  else if (g_strv_contains (floppies, lower))
    add_drives (blueprint, VALISE_BLUEPRINT_FLOPPY);
  else if (g_strv_contains (networks, lower))
    add_nics (blueprint);
}

/* --- VMware --- */

static void
add_disk_at (ValiseBlueprint *blueprint, const char *place)
{
  for (guint i = 0; i < blueprint->drives->len; i++)
    {
      ValiseBlueprintDrive *drive = blueprint->drives->pdata[i];
      g_autofree char *own = g_strconcat (drive->bus != NULL ? drive->bus : "", drive->unit, NULL);

      if (drive->device == VALISE_BLUEPRINT_DISK && g_ascii_strcasecmp (own, place) == 0)
        valise_boot_order_add_drive (blueprint, drive);
    }
}

static gboolean
add_card (ValiseBlueprint *blueprint, const char *word, GArray *cards)
{
  guint64 number;

  if (!g_str_has_prefix (word, "ethernet")
      || !g_ascii_string_to_unsigned (word + strlen ("ethernet"), 10, 0, 255, &number, NULL))
    return FALSE;
  for (guint i = 0; i < cards->len; i++)
    if (g_array_index (cards, guint, i) == number)
      valise_boot_order_add_nic (blueprint, i);
  return TRUE;
}

static char **
split (const char *words)
{
  char **list = g_strsplit (words, ",", MOST_WORDS);

  for (char **word = list; *word != NULL; word++)
    g_strstrip (*word);
  return list;
}

void
valise_boot_order_add_vmware (ValiseBlueprint *blueprint, const char *words, const char *disks, GArray *cards)
{
  g_auto (GStrv) list = split (words);
  g_auto (GStrv) places = split (disks != NULL ? disks : "");

  for (char **word = list; *word != NULL; word++)
    {
      for (char **place = places; g_ascii_strcasecmp (*word, "hdd") == 0 && *place != NULL; place++)
        add_disk_at (blueprint, *place);
      if (!add_card (blueprint, *word, cards))
        valise_boot_order_add_word (blueprint, *word);
    }
}

/* --- VirtualBox --- */

void
valise_boot_order_add_virtualbox (ValiseBlueprint *blueprint, const xmlNode *boot)
{
  for (guint position = 1; position <= VIRTUALBOX_POSITIONS; position++)
    for (const xmlNode *node = valise_foreign_xml_child (boot, "Order"); node != NULL;
         node = valise_foreign_xml_next (node->next, "Order"))
      {
        g_autofree char *stated = valise_foreign_xml_attribute (node, "position");
        g_autofree char *device = valise_foreign_xml_attribute (node, "device");
        guint64 number;

        if (stated != NULL && device != NULL && g_ascii_string_to_unsigned (stated, 10, 1, 255, &number, NULL)
            && number == position)
          valise_boot_order_add_word (blueprint, device);
      }
}
