/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the machine is started from. Every number is given once: libvirt takes no machine with two the same. */
#include "engine/valise-import-plan-private.h"

/* A device that the source has put in order. */
typedef struct
{
  guint stated;
  guint place; /* among all, so that those of one number keep their order */
  guint *order;
} Entry;

static gboolean
is_new (const ValiseImportDrive *drive)
{
  return drive->empty;
}

/* --- nothing is stated --- */

static void
order_where (ValiseImportPlan *plan, ValiseBlueprintDevice device, guint *order)
{
  for (guint i = 0; i < plan->drives->len; i++)
    {
      ValiseImportDrive *drive = g_ptr_array_index (plan->drives, i);

      if (drive->order == 0 && drive->source->device == device
          && (device == VALISE_BLUEPRINT_DISK || drive->stem != NULL))
        drive->order = ++*order;
    }
}

/* The disks, then what lies in the drives; a machine that has yet to be installed the other way round. */
static void
order_as_usual (ValiseImportPlan *plan)
{
  guint order = 0;
  gboolean empty = plan->drives->len > 0 && is_new (g_ptr_array_index (plan->drives, 0));

  if (empty)
    order_where (plan, VALISE_BLUEPRINT_CDROM, &order);
  order_where (plan, VALISE_BLUEPRINT_DISK, &order);
  if (!empty)
    order_where (plan, VALISE_BLUEPRINT_CDROM, &order);
  order_where (plan, VALISE_BLUEPRINT_FLOPPY, &order);
}

/* --- as the source has it --- */

static void
add_entry (GArray *entries, guint stated, guint *order)
{
  Entry entry = { stated, entries->len, order };

  if (stated > 0)
    g_array_append_val (entries, entry);
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const Entry *first = a, *second = b;

  if (first->stated != second->stated)
    return first->stated < second->stated ? -1 : 1;
  return first->place < second->place ? -1 : 1;
}

static GArray *
list_stated (ValiseImportPlan *plan)
{
  GArray *entries = g_array_new (FALSE, FALSE, sizeof (Entry));

  for (guint i = 0; i < plan->drives->len; i++)
    {
      ValiseImportDrive *drive = g_ptr_array_index (plan->drives, i);

      add_entry (entries, drive->source->order, &drive->order);
    }
  for (guint i = 0; i < plan->nics->len; i++)
    {
      ValiseImportNic *nic = g_ptr_array_index (plan->nics, i);

      add_entry (entries, nic->source->order, &nic->order);
    }
  g_array_sort (entries, compare_entries);
  return entries;
}

/* What starts a kernel directly starts from nothing else: QEMU puts it before all. A disk that the source never starts
 * from is tried last, when all else has failed. */
void
_valise_import_plan_order (ValiseImportPlan *self)
{
  g_autoptr (GArray) entries = NULL;
  guint order = 0;

  if (self->blueprint->kernel != NULL)
    return;
  entries = list_stated (self);
  if (entries->len == 0)
    {
      order_as_usual (self);
      return;
    }
  for (guint i = 0; i < entries->len; i++)
    *g_array_index (entries, Entry, i).order = ++order;
  order_where (self, VALISE_BLUEPRINT_DISK, &order);
}
