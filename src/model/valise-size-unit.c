/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-size-unit-private.h"

#include "base/valise-size.h"

guint64
_valise_size_unit_bytes (const char *unit)
{
  g_autofree char *one = NULL;
  guint64 bytes;

  if (unit == NULL)
    return VALISE_KIB;
  if (g_ascii_strcasecmp (unit, "b") == 0 || g_ascii_strcasecmp (unit, "byte") == 0
      || g_ascii_strcasecmp (unit, "bytes") == 0)
    return 1;
  one = g_strconcat ("1", unit, NULL);
  return valise_size_parse (one, 1, &bytes, NULL) ? bytes : 0;
}
