/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The knob catalogue: whatever a schema says, reading it ends, every knob of it is found again, and can be described
 * and asked for values. */
#include "model/valise-knob-catalogue-private.h"

#include <string.h>

#define MOST_KNOBS 300

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* Every file that it includes is the same again. */
static char *
read_same (const char *name, gsize *length, gpointer user_data, GError **error)
{
  GBytes *bytes = user_data;
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);

  *length = size;
  return g_strndup (size > 0 ? data : "", size);
}

static void
ask (ValiseKnobCatalogue *catalogue, const ValiseKnobEntry *entry)
{
  static const char *const VALUES[] = { "", "1", "-9999999999999999999999", "yes", "a b", "0x1f", "w w" };
  g_autofree char *values = valise_knob_entry_describe_values (entry);
  g_autofree char *situations = valise_knob_entry_describe_situations (entry);
  g_autoptr (GPtrArray) children = valise_knob_catalogue_list_children (catalogue, entry->knob.path);

  g_assert (valise_knob_catalogue_lookup (catalogue, entry->knob.path) != NULL);
  for (guint i = 0; i < G_N_ELEMENTS (VALUES); i++)
    valise_knob_entry_check (entry, VALUES[i], NULL);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (ValiseKnobCatalogue) catalogue = _valise_knob_catalogue_new_from (read_same, bytes, NULL);
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (GPtrArray) found = NULL;

  if (catalogue == NULL)
    return 0;
  all = valise_knob_catalogue_list_below (catalogue, NULL);
  found = valise_knob_catalogue_search (catalogue, "a");
  for (guint i = 0; i < MIN (all->len, MOST_KNOBS); i++)
    ask (catalogue, all->pdata[i]);
  return 0;
}
