/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-ovf-private.h"

#include <string.h>

/* A machine has some dozens; the rest would only cost time. */
#define MOST_ITEMS 2000

static void
item_free (gpointer data)
{
  ValiseOvfItem *item = data;

  g_free (item->id);
  g_free (item->parent);
  g_free (item->subtype);
  g_free (item->units);
  g_free (item->quantity);
  g_free (item->host_resource);
  g_free (item);
}

static ValiseOvfItem *
read_item (xmlNode *node, gboolean labelled)
{
  ValiseOvfItem *item = g_new0 (ValiseOvfItem, 1);
  g_autofree char *type = valise_foreign_xml_text (node, "ResourceType");
  guint64 number;

  item->node = node;
  item->labelled = labelled;
  item->id = valise_foreign_xml_text (node, "InstanceID");
  item->parent = valise_foreign_xml_text (node, "Parent");
  item->subtype = valise_foreign_xml_text (node, "ResourceSubType");
  item->units = valise_foreign_xml_text (node, "AllocationUnits");
  item->quantity = valise_foreign_xml_text (node, "VirtualQuantity");
  item->host_resource = valise_foreign_xml_text (node, "HostResource");
  item->type = _valise_ovf_parse_number (type, &number) && number < G_MAXINT16 ? (int) number : 0;
  return item;
}

static gboolean
is_item (const xmlNode *node)
{
  return valise_foreign_xml_is (node, "Item") || valise_foreign_xml_is (node, "StorageItem")
         || valise_foreign_xml_is (node, "EthernetPortItem");
}

/* The ends of a range repeat an Item and are no hardware of their own. */
static gboolean
is_bound (const xmlNode *node)
{
  g_autofree char *bound = valise_foreign_xml_attribute (node, "bound");

  return bound != NULL && *bound != '\0' && !g_str_equal (bound, "normal");
}

static gint
find_same (GPtrArray *items, const ValiseOvfItem *item)
{
  for (guint i = 0; item->id != NULL && i < items->len; i++)
    if (g_strcmp0 (((ValiseOvfItem *) items->pdata[i])->id, item->id) == 0)
      return (gint) i;
  return -1;
}

/* What is for the chosen option stands in for what is for all; two that are for all are two, though they share a number. */
static void
add_item (GPtrArray *items, ValiseOvfItem *item)
{
  gint same = find_same (items, item);
  ValiseOvfItem *other = same >= 0 ? items->pdata[same] : NULL;

  if (other == NULL || (!item->labelled && !other->labelled))
    g_ptr_array_add (items, item);
  else if (!item->labelled)
    item_free (item);
  else
    {
      items->pdata[same] = item;
      item_free (other);
    }
}

GPtrArray *
_valise_ovf_read_items (ValiseOvf *self, xmlNode *hardware)
{
  GPtrArray *items = g_ptr_array_new_with_free_func (item_free);

  for (xmlNode *node = hardware->children; node != NULL && items->len < MOST_ITEMS; node = node->next)
    {
      gboolean labelled;

      if (is_item (node) && !is_bound (node) && _valise_ovf_applies (self, node, &labelled))
        add_item (items, read_item (node, labelled));
    }
  return items;
}
