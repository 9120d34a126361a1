/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-libarchive.h"

#include <glib/gi18n-lib.h>

ValiseLate valise_libarchive = { .file = "libarchive.so.13" };

gboolean
valise_libarchive_load (GError **error)
{
  if (valise_late_load (&valise_libarchive, error))
    return TRUE;
  g_prefix_error (error, _ ("Archives cannot be read or written here. Install libarchive (package libarchive13 or "
                            "libarchive) and try again: "));
  return FALSE;
}
