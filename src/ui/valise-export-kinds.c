/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-export-kinds.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "bundle/valise-archive.h"
#include "bundle/valise-bundle.h"

static const ValiseExportFile kinds[] = {
  { N_ ("One file to hand on (.vmbundle.tar.zst)"), VALISE_BUNDLE_ARCHIVE_SUFFIX, FALSE, FALSE },
  { N_ ("Folder that runs where it lies (.vmbundle)"), VALISE_BUNDLE_SUFFIX, FALSE, FALSE },
  { N_ ("For VirtualBox and VMware, one file (.ova)"), ".ova", TRUE, FALSE },
  { N_ ("For VirtualBox and VMware, a folder (.ovf)"), ".ovf", TRUE, FALSE },
  { N_ ("For UTM on a Mac (.utm)"), ".utm", FALSE, FALSE },
  { N_ ("Settings for libvirt (.xml)"), ".xml", FALSE, TRUE },
  { N_ ("Command that starts QEMU (.sh)"), ".sh", FALSE, TRUE },
  { N_ ("One disk for QEMU (.qcow2)"), ".qcow2", FALSE, FALSE },
  { N_ ("One disk, byte for byte (.img)"), ".img", FALSE, FALSE },
  { N_ ("One disk for VMware (.vmdk)"), ".vmdk", FALSE, FALSE },
  { N_ ("One disk for VirtualBox (.vdi)"), ".vdi", FALSE, FALSE },
  { N_ ("One disk for Hyper-V (.vhdx)"), ".vhdx", FALSE, FALSE },
};

const ValiseExportFile *
valise_export_kinds_get (guint number)
{
  return number < G_N_ELEMENTS (kinds) ? &kinds[number] : NULL;
}

const ValiseExportFile *
valise_export_kinds_find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_has_suffix (name, kinds[i].suffix))
      return &kinds[i];
  return NULL;
}

char *
valise_export_kinds_fit (const char *name, const char *suffix)
{
  const ValiseExportFile *kind = valise_export_kinds_find (name);
  g_autofree char *stem = g_strndup (name, strlen (name) - (kind != NULL ? strlen (kind->suffix) : 0));

  return g_strconcat (stem, suffix, NULL);
}
