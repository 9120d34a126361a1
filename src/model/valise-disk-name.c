/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/valise-disk-name.h"

const char *
valise_disk_name_prefix (const char *bus)
{
  static const char *const PREFIXES[][2] = {
    { "virtio", "vd" }, { "sata", "sd" }, { "scsi", "sd" }, { "usb", "sd" },
    { "sd", "sd" },     { "ide", "hd" },  { "fdc", "fd" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (PREFIXES); i++)
    if (g_strcmp0 (PREFIXES[i][0], bus) == 0)
      return PREFIXES[i][1];
  return NULL;
}

char *
valise_disk_name_new (const char *prefix, guint number)
{
  g_autoptr (GString) letters = g_string_new (NULL);

  for (guint rest = number + 1; rest > 0; rest = (rest - 1) / 26)
    g_string_prepend_c (letters, (char) ('a' + (rest - 1) % 26));
  return g_strconcat (prefix, letters->str, NULL);
}

char *
valise_disk_name_find_free (ValiseDocument *document, const char *prefix)
{
  g_autoptr (GHashTable) taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = valise_document_count (document, "devices/disk"); i > 0; i--)
    {
      char *name = valise_document_get_device (document, "disk", i, "target/@dev");

      if (name != NULL)
        g_hash_table_add (taken, name);
    }
  for (guint number = 0;; number++)
    {
      g_autofree char *name = valise_disk_name_new (prefix, number);

      if (!g_hash_table_contains (taken, name))
        return g_steal_pointer (&name);
    }
}
