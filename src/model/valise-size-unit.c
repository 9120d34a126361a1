/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-size-unit-private.h"

#include "base/valise-size.h"
#include "model/valise-knob.h"

/* As libvirt's parser has it; the schema does not say. */
static const struct
{
  const char *element; /* end of the path */
  guint64 bytes;
} exceptions[] = {
  { "/smm/tseg", VALISE_MIB }, { "/metadata_cache/max_size", 1 }, { "/shmem/size", 1 },
  { "/space_hard_limit", 1 },  { "/space_soft_limit", 1 },
};

static guint64
default_unit (const char *knob)
{
  g_autofree char *pattern = valise_knob_pattern (knob);

  for (gsize i = 0; i < G_N_ELEMENTS (exceptions); i++)
    if (g_str_has_suffix (pattern, exceptions[i].element))
      return exceptions[i].bytes;
  return VALISE_KIB;
}

guint64
_valise_size_unit_bytes (const char *knob, const char *unit)
{
  g_autofree char *one = NULL;
  guint64 bytes;

  if (unit == NULL)
    return default_unit (knob);
  if (g_ascii_strcasecmp (unit, "b") == 0 || g_ascii_strcasecmp (unit, "byte") == 0
      || g_ascii_strcasecmp (unit, "bytes") == 0)
    return 1;
  one = g_strconcat ("1", unit, NULL);
  return valise_size_parse (one, 1, &bytes, NULL) ? bytes : 0;
}

guint64
_valise_size_unit_of_attribute (const char *knob)
{
  g_autofree char *pattern = valise_knob_pattern (knob);

  return g_str_has_prefix (pattern, "devices/video/model/@") ? VALISE_KIB : 1;
}
