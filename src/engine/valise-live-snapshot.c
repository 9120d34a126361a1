/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-live-snapshot-private.h"

#include <string.h>

#include "engine/valise-libvirt-private.h"
#include "engine/valise-live-disks-private.h"

#define TRIES 16

static const ValiseSnapshotSwitch *
find_switch (GPtrArray *switches, const char *target)
{
  for (guint i = 0; i < switches->len; i++)
    if (g_strcmp0 (((ValiseSnapshotSwitch *) switches->pdata[i])->target, target) == 0)
      return switches->pdata[i];
  return NULL;
}

/* Every disk is named, so that libvirt decides about none. */
static void
add_disk (GString *xml, const char *directory, const char *target, const ValiseSnapshotSwitch *over)
{
  g_autofree char *file = over != NULL ? g_build_filename (directory, over->overlay, NULL) : NULL;
  g_autofree char *text = over != NULL ? g_markup_printf_escaped ("<disk name='%s' snapshot='external' type='file'>"
                                                                  "<driver type='qcow2'/><source file='%s'/></disk>",
                                                                  target, file)
                                       : g_markup_printf_escaped ("<disk name='%s' snapshot='no'/>", target);

  g_string_append (xml, text);
}

static char *
describe (GPtrArray *disks, const char *directory, GPtrArray *switches, const char *memory)
{
  GString *xml = g_string_new ("<domainsnapshot><name>valise</name>");
  g_autofree char *kept = memory != NULL ? g_markup_printf_escaped ("<memory snapshot='external' file='%s'/>", memory)
                                         : g_strdup ("<memory snapshot='no'/>");

  g_string_append (xml, kept);
  g_string_append (xml, "<disks>");
  for (guint i = 0; i < disks->len; i++)
    {
      const ValiseLiveDisk *disk = disks->pdata[i];

      if (disk->target != NULL)
        add_disk (xml, directory, disk->target, find_switch (switches, disk->target));
    }
  g_string_append (xml, "</disks></domainsnapshot>");
  return g_string_free (xml, FALSE);
}

/* libvirt counts the names that it gives QEMU's images, and does not know of one that it gave when it was killed; it
 * goes on counting each time. */
static gboolean
is_name_taken (void)
{
  return strstr (virGetLastErrorMessage (), "Duplicate nodes") != NULL;
}

/* The new images are there already, made with relative names, and libvirt is to remember nothing of it. */
int
_valise_live_snapshot_take (virDomainPtr domain, const char *directory, GPtrArray *switches, const char *memory)
{
  guint flags =
      VIR_DOMAIN_SNAPSHOT_CREATE_REUSE_EXT | VIR_DOMAIN_SNAPSHOT_CREATE_NO_METADATA | VIR_DOMAIN_SNAPSHOT_CREATE_ATOMIC;
  g_autoptr (GPtrArray) disks = _valise_live_disks_read (domain);
  g_autofree char *xml = NULL;
  virDomainSnapshotPtr snapshot;

  if (disks == NULL)
    return -1;
  if (memory == NULL)
    flags |= VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY;
  xml = describe (disks, directory, switches, memory);
  snapshot = virDomainSnapshotCreateXML (domain, xml, flags);
  for (guint i = 0; snapshot == NULL && memory == NULL && is_name_taken () && i < TRIES; i++)
    snapshot = virDomainSnapshotCreateXML (domain, xml, flags);
  if (snapshot == NULL)
    return -1;
  virDomainSnapshotFree (snapshot);
  return 0;
}

gboolean
_valise_live_snapshot_is_switched (GPtrArray *disks, const char *directory, GPtrArray *switches)
{
  for (guint i = 0; i < switches->len; i++)
    {
      const ValiseSnapshotSwitch *over = switches->pdata[i];
      const ValiseLiveDisk *disk = _valise_live_disks_find (disks, over->target);
      g_autofree char *file = g_build_filename (directory, over->overlay, NULL);

      if (disk != NULL && disk->files->len > 0 && g_str_equal (disk->files->pdata[0], file))
        return TRUE;
    }
  return FALSE;
}
