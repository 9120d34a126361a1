/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-gnutls.h"

#include <glib/gi18n-lib.h>

ValiseLate valise_gnutls = { .file = "libgnutls.so.30" };

gboolean
valise_gnutls_load (GError **error)
{
  if (valise_late_load (&valise_gnutls, error))
    return TRUE;
  g_prefix_error (error, _ ("Digests and signatures cannot be checked or made here. Install GnuTLS (package "
                            "libgnutls30 or gnutls) and try again: "));
  return FALSE;
}
