/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-ovf-private.h"

#include <string.h>

#include "formats/valise-boot-order.h"

/* RHV counts from 1. */
#define MOST_ORDER 100

static void
add_item (ValiseBlueprint *machine, const ValiseOvfItem *item)
{
  if (item->drive != NULL)
    valise_boot_order_add_drive (machine, item->drive);
  else if (item->nic > 0)
    valise_boot_order_add_nic (machine, item->nic - 1);
}

/* --- VMware --- */

static const ValiseOvfItem *
find_item (GPtrArray *items, const char *id)
{
  for (guint i = 0; id != NULL && i < items->len; i++)
    if (g_strcmp0 (((ValiseOvfItem *) items->pdata[i])->id, id) == 0)
      return items->pdata[i];
  return NULL;
}

/* One section for each device, in their order; without a device it names a kind. */
static void
read_sections (ValiseBlueprint *machine, xmlNode *system, GPtrArray *items)
{
  guint n = 0;

  for (xmlNode *node = _valise_ovf_section (system, "BootOrderSection"); node != NULL && n < MOST_ORDER;
       node = _valise_ovf_next_section (node->next, "BootOrderSection"), n++)
    {
      g_autofree char *id = valise_foreign_xml_attribute (node, "instanceId");
      g_autofree char *kind = valise_foreign_xml_attribute (node, "type");
      const ValiseOvfItem *item = find_item (items, id);

      if (item != NULL)
        add_item (machine, item);
      else if (id == NULL && kind != NULL)
        valise_boot_order_add_word (machine, kind);
    }
}

/* The same words as in VMware's own files. */
static void
read_settings (ValiseOvf *self, ValiseBlueprint *machine, xmlNode *system)
{
  xmlNode *hardware = _valise_ovf_section (system, "VirtualHardwareSection");
  g_autoptr (GArray) cards = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autofree char *words = NULL;
  g_autofree char *disks = NULL;

  for (guint i = 0; i < machine->nics->len; i++)
    g_array_append_val (cards, i);
  for (xmlNode *node = hardware->children; node != NULL; node = node->next)
    {
      g_autofree char *key = valise_foreign_xml_attribute (node, "key");
      char **field = g_strcmp0 (key, "bios.bootOrder") == 0  ? &words
                     : g_strcmp0 (key, "bios.hddOrder") == 0 ? &disks
                                                             : NULL;

      if (field == NULL || !valise_foreign_xml_is (node, "ExtraConfig") || !_valise_ovf_applies (self, node, NULL))
        continue;
      g_free (*field);
      *field = valise_foreign_xml_attribute (node, "value");
    }
  if (words != NULL || disks != NULL)
    valise_boot_order_add_vmware (machine, words != NULL ? words : "floppy,hdd,cdrom", disks, cards);
}

/* --- RHV and oVirt --- */

/* Items may share a number; then the first is first. */
static void
read_numbers (ValiseBlueprint *machine, GPtrArray *items)
{
  for (guint64 number = 1; number <= MOST_ORDER; number++)
    for (guint i = 0; i < items->len; i++)
      {
        const ValiseOvfItem *item = items->pdata[i];
        g_autofree char *written = valise_foreign_xml_text (item->node, "BootOrder");
        guint64 stated;

        if (_valise_ovf_parse_number (written, &stated) && stated == number)
          add_item (machine, item);
      }
}

/* --- OVF 2 --- */

/* "CIM:Hard-Disk:1" */
static void
read_source (ValiseBlueprint *machine, const char *source)
{
  static const char *const words[][2] = {
    { "hard-disk", "disk" },  { "cd/dvd", "cdrom" }, { "floppy", "floppy" },
    { "network", "network" }, { "pxe", "network" },
  };
  g_auto (GStrv) parts = g_strsplit (source, ":", 3);
  const char *kind = parts[0] != NULL && parts[1] != NULL ? parts[1] : source;

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_ascii_strcasecmp (kind, words[i][0]) == 0)
      valise_boot_order_add_word (machine, words[i][1]);
}

static void
read_sources (ValiseBlueprint *machine, const xmlNode *node, guint depth)
{
  for (; node != NULL; node = node->next)
    {
      g_autofree char *text = valise_foreign_xml_text (node, "StructuredBootString");

      if (node->type != XML_ELEMENT_NODE)
        continue;
      if (text != NULL)
        read_source (machine, text);
      else if (depth > 0)
        read_sources (machine, node->children, depth - 1);
    }
}

void
_valise_ovf_read_order (ValiseOvf *self, ValiseBlueprint *machine, xmlNode *system, GPtrArray *items)
{
  xmlNode *section = _valise_ovf_section (system, "BootDeviceSection");

  read_sections (machine, system, items);
  read_settings (self, machine, system);
  read_numbers (machine, items);
  if (section != NULL)
    read_sources (machine, section->children, 3);
}
