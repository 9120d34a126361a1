/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-ovf-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define MOST_CONTROLLERS 16
/* More than any machine here can have. */
#define MOST_DRIVES 256
/* QEMU's machines have one IDE controller with two channels of two. */
#define IDE_CHANNELS 2
#define IDE_UNITS 2
#define SCSI_ITSELF 7

/* In the order in which firmware looks for disks. */
static const char *const buses[] = { "ide", "scsi", "sata", "nvme", "usb", "virtio", "nvdimm" };

typedef struct
{
  const ValiseOvfItem *item;
  const char *bus;
  guint index;
} Controller;

typedef struct
{
  const ValiseOvfItem *item;
  ValiseBlueprintDrive *drive;
  const Controller *controller; /* (nullable) */
  guint64 unit;
  gboolean placed; /* @unit is stated */
  guint order;
} Place;

static gboolean
contains (const char *text, const char *word)
{
  g_autofree char *lower = text != NULL ? g_ascii_strdown (text, -1) : NULL;

  return lower != NULL && strstr (lower, word) != NULL;
}

/* The bus that a controller is of; %NULL: it is none that drives hang on. */
static const char *
bus_of (const ValiseOvfItem *item)
{
  g_autofree char *kind = valise_foreign_xml_text (item->node, "Type");

  if (item->type == 5)
    return "ide";
  if (item->type == 6)
    return "scsi";
  if (item->type != 20 || g_strcmp0 (kind, "video") == 0)
    return NULL;
  if (contains (item->subtype, "nvdimm"))
    return contains (item->subtype, "device") ? NULL : "nvdimm";
  if (contains (item->subtype, "nvme"))
    return "nvme";
  return contains (item->subtype, "scsi") ? "scsi" : "sata";
}

/* --- controllers --- */

static gboolean
is_taken (GArray *controllers, const char *bus, guint64 index)
{
  for (guint i = 0; i < controllers->len; i++)
    {
      const Controller *other = &g_array_index (controllers, Controller, i);

      if (other->bus == bus && other->index == index)
        return TRUE;
    }
  return FALSE;
}

static guint
free_index (GArray *controllers, const char *bus)
{
  guint index = 0;

  while (is_taken (controllers, bus, index))
    index++;
  return index;
}

/* Those that say where they are first; the others get what is left, in their order. */
static void
add_controllers (GArray *controllers, GPtrArray *items, gboolean addressed)
{
  for (guint i = 0; i < items->len; i++)
    {
      const ValiseOvfItem *item = items->pdata[i];
      Controller controller = { item, bus_of (item), 0 };
      g_autofree char *address = controller.bus != NULL ? valise_foreign_xml_text (item->node, "Address") : NULL;
      g_autofree char *older = controller.bus != NULL ? valise_foreign_xml_text (item->node, "BusNumber") : NULL;
      guint64 index;
      gboolean stated;

      if (controller.bus == NULL)
        continue;
      stated = _valise_ovf_parse_number (address != NULL ? address : older, &index) && index < MOST_CONTROLLERS;
      /* Who comes second to an address gets another one in the second round. */
      if (stated && is_taken (controllers, controller.bus, index))
        stated = FALSE;
      for (guint j = 0; !addressed && j < controllers->len; j++)
        if (g_array_index (controllers, Controller, j).item == item)
          controller.bus = NULL;
      if (controller.bus == NULL || (addressed && !stated) || controllers->len >= MOST_DRIVES)
        continue;
      controller.index = stated ? (guint) index : free_index (controllers, controller.bus);
      g_array_append_val (controllers, controller);
    }
}

static GArray *
list_controllers (GPtrArray *items)
{
  GArray *controllers = g_array_new (FALSE, FALSE, sizeof (Controller));

  add_controllers (controllers, items, TRUE);
  add_controllers (controllers, items, FALSE);
  return controllers;
}

static const Controller *
find_controller (GArray *controllers, const char *id)
{
  for (guint i = 0; id != NULL && i < controllers->len; i++)
    {
      const Controller *controller = &g_array_index (controllers, Controller, i);

      if (g_strcmp0 (controller->item->id, id) == 0)
        return controller;
    }
  return NULL;
}

/* --- drives --- */

static gboolean
device_of (const ValiseOvfItem *item, ValiseBlueprintDevice *device)
{
  *device = VALISE_BLUEPRINT_DISK;
  if (item->type == 14)
    *device = VALISE_BLUEPRINT_FLOPPY;
  if (item->type == 15 || item->type == 16)
    *device = VALISE_BLUEPRINT_CDROM;
  return (item->type >= 14 && item->type <= 17) || item->type == 19 || item->type == 31
         || (item->type == 20 && contains (item->subtype, "nvdimm.device"));
}

/* RHV states the bus with the disk. */
static const char *
bus_of_disk (ValiseOvf *self, const ValiseOvfItem *item)
{
  static const struct
  {
    const char *word, *bus;
  } interfaces[] = {
    { "IDE", "ide" }, { "VirtIO", "virtio" }, { "VirtIO_SCSI", "scsi" }, { "SPAPR_VSCSI", "scsi" }, { "SATA", "sata" },
  };
  const char *file = item->host_resource != NULL ? item->host_resource : "", *id = item->id != NULL ? item->id : "";
  xmlNode *disk = g_hash_table_lookup (self->disks_by_file, file);
  g_autofree char *stated = NULL;

  if (disk == NULL)
    disk = g_hash_table_lookup (self->disks, id);
  stated = valise_foreign_xml_attribute (disk, "disk-interface");
  for (gsize i = 0; stated != NULL && i < G_N_ELEMENTS (interfaces); i++)
    if (g_ascii_strcasecmp (stated, interfaces[i].word) == 0)
      return interfaces[i].bus;
  return NULL;
}

/* RHV writes a parent of zeros for none. */
static gboolean
is_meaningful (const char *parent)
{
  return parent != NULL && strspn (parent, "0-") != strlen (parent);
}

static Place
place_drive (ValiseOvf *self,
             ValiseBlueprint *machine,
             const ValiseOvfItem *item,
             ValiseBlueprintDrive *drive,
             GArray *controllers)
{
  gboolean floppy = drive->device == VALISE_BLUEPRINT_FLOPPY;
  Place place = { item, drive, floppy ? NULL : find_controller (controllers, item->parent), 0, FALSE, 0 };
  g_autofree char *unit = valise_foreign_xml_text (item->node, "AddressOnParent");

  place.placed = _valise_ovf_parse_number (unit, &place.unit) && place.unit < G_MAXUINT16;
  if (place.controller != NULL)
    {
      drive->bus = g_strdup (place.controller->bus);
      drive->controller = g_strdup (place.controller->item->subtype);
    }
  else if (!floppy && is_meaningful (item->parent))
    _valise_ovf_tell (self, machine, VALISE_SEVERITY_INFO, "controller-unknown", item->node,
                      _ ("A drive hangs on a controller that is not described; another one is chosen."), NULL);
  if (place.controller == NULL)
    drive->bus = g_strdup (floppy ? "fdc" : bus_of_disk (self, item));
  return place;
}

static guint
rank_bus (const char *bus)
{
  for (guint i = 0; bus != NULL && i < G_N_ELEMENTS (buses); i++)
    if (g_str_equal (bus, buses[i]))
      return i;
  return G_N_ELEMENTS (buses);
}

#define COMPARE(a, b)                                                                                                  \
  if ((a) != (b))                                                                                                      \
  return (a) < (b) ? -1 : 1

/* Disks before the others, so that they keep their places; then as firmware counts them. */
static int
compare_places (gconstpointer first, gconstpointer second)
{
  const Place *a = first, *b = second;

  COMPARE (a->drive->device, b->drive->device);
  COMPARE (rank_bus (a->drive->bus), rank_bus (b->drive->bus));
  COMPARE (a->controller != NULL ? a->controller->index : G_MAXUINT,
           b->controller != NULL ? b->controller->index : G_MAXUINT);
  COMPARE (!a->placed, !b->placed);
  if (a->placed)
    COMPARE (a->unit, b->unit);
  COMPARE (a->order, b->order);
  return 0;
}

/* --- places --- */

/* Old producers write one IDE controller and count its four places through. */
static char *
name_place (const Place *place, guint64 channel, guint64 unit)
{
  if (place->controller == NULL)
    return g_strdup_printf ("%" G_GUINT64_FORMAT, unit);
  return g_strdup_printf ("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT, channel, unit);
}

static char *
next_name (const Place *place, guint64 step)
{
  guint64 channel = place->controller != NULL ? place->controller->index : 0, unit = place->unit + step;

  if (g_strcmp0 (place->drive->bus, "ide") == 0 && place->controller != NULL)
    {
      guint64 flat = (channel * IDE_UNITS + unit) % (IDE_CHANNELS * IDE_UNITS);

      return name_place (place, flat / IDE_UNITS, flat % IDE_UNITS);
    }
  /* The controller sits on its own bus. */
  if (step > 0 && g_strcmp0 (place->drive->bus, "scsi") == 0 && unit >= SCSI_ITSELF && place->unit < SCSI_ITSELF)
    unit++;
  return name_place (place, channel, unit);
}

/* Two drives at one place cannot be: the first keeps it, the second gets the next that is free. */
static void
settle_place (ValiseOvf *self, ValiseBlueprint *machine, const Place *place, GHashTable *taken)
{
  for (guint64 step = 0; step <= g_hash_table_size (taken); step++)
    {
      g_autofree char *unit = next_name (place, step);
      char *key = g_strconcat (place->drive->bus, " ", unit, NULL);

      if (!g_hash_table_add (taken, key))
        continue;
      if (step > 0)
        _valise_ovf_tell (self, machine, VALISE_SEVERITY_INFO, "place-taken", place->item->node,
                          _ ("Two drives are said to be at the same place; one moves to the next."), NULL);
      place->drive->unit = g_steal_pointer (&unit);
      return;
    }
  _valise_ovf_tell (self, machine, VALISE_SEVERITY_WARNING, "place-none", place->item->node,
                    _ ("There are more drives than their controller has places."),
                    _ ("The last of them is put on another controller."));
  g_clear_pointer (&place->drive->bus, g_free);
  g_clear_pointer (&place->drive->controller, g_free);
}

static void
put_in_order (ValiseOvf *self, ValiseBlueprint *machine, GArray *places)
{
  g_autoptr (GHashTable) taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  g_array_sort (places, compare_places);
  for (guint i = 0; i < places->len; i++)
    {
      const Place *place = &g_array_index (places, Place, i);

      machine->drives->pdata[i] = place->drive;
      if (place->placed && place->drive->bus != NULL)
        settle_place (self, machine, place, taken);
      else if (place->placed)
        place->drive->unit = name_place (place, 0, place->unit);
    }
}

void
_valise_ovf_read_drives (ValiseOvf *self, ValiseBlueprint *machine, xmlNode *system, GPtrArray *items)
{
  g_autoptr (GArray) controllers = list_controllers (items);
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (Place));

  for (guint i = 0; i < items->len; i++)
    {
      ValiseOvfItem *item = items->pdata[i];
      ValiseBlueprintDevice device;
      ValiseBlueprintDrive *drive;
      Place place;

      if (!device_of (item, &device))
        continue;
      if (places->len >= MOST_DRIVES)
        {
          _valise_ovf_tell (self, machine, VALISE_SEVERITY_ERROR, "drives-many", item->node,
                            _ ("The machine has more drives than any that Valise can make."),
                            _ ("Take drives out in the program that made this, and export it again."));
          break;
        }
      drive = valise_blueprint_add_drive (machine, device);
      place = place_drive (self, machine, item, drive, controllers);
      item->drive = drive;
      place.order = i;
      _valise_ovf_read_image (self, machine, system, item, drive);
      g_array_append_val (places, place);
    }
  put_in_order (self, machine, places);
}
