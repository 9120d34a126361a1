/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-knob.h"

#include <glib/gi18n-lib.h>

#include "model/valise-knob-private.h"

const ValiseKnobChoice _valise_knob_virtio_models[] = {
  { "virtio", N_ ("virtio") },
  { "virtio-transitional", N_ ("virtio, old and new guests") },
  { "virtio-non-transitional", N_ ("virtio, new guests only") },
  { NULL },
};

static const ValiseKnob *const *const PARTS[] = {
  &_valise_knobs_system,     &_valise_knobs_processor, &_valise_knobs_memory,     &_valise_knobs_boot,
  &_valise_knobs_clock,      &_valise_knobs_features,  &_valise_knobs_disk,       &_valise_knobs_cdrom,
  &_valise_knobs_network,    &_valise_knobs_display,   &_valise_knobs_sound,      &_valise_knobs_input,
  &_valise_knobs_filesystem, &_valise_knobs_hostdev,   &_valise_knobs_ports,      &_valise_knobs_tpm,
  &_valise_knobs_rng,        &_valise_knobs_watchdog,  &_valise_knobs_panic,      &_valise_knobs_vsock,
  &_valise_knobs_shmem,      &_valise_knobs_smartcard, &_valise_knobs_iommu,      &_valise_knobs_module,
  &_valise_knobs_hub,        &_valise_knobs_nvram,     &_valise_knobs_lease,      &_valise_knobs_controller,
  &_valise_knobs_tuning,     &_valise_knobs_security,  &_valise_knobs_hypervisor,
};

static const ValiseKnob *
join_parts (gsize *length)
{
  GArray *all = g_array_new (TRUE, TRUE, sizeof (ValiseKnob));

  for (guint part = 0; part < G_N_ELEMENTS (PARTS); part++)
    for (const ValiseKnob *knob = *PARTS[part]; knob->path != NULL; knob++)
      g_array_append_val (all, *knob);
  *length = all->len;
  return (const ValiseKnob *) g_array_free (all, FALSE);
}

static GHashTable *
index_by_path (void)
{
  static gsize once = 0;
  static GHashTable *index = NULL;

  if (g_once_init_enter (&once))
    {
      gsize length;
      const ValiseKnob *table = valise_knob_table (&length);

      index = g_hash_table_new (g_str_hash, g_str_equal);
      for (gsize i = 0; i < length; i++)
        g_hash_table_insert (index, (gpointer) table[i].path, (gpointer) &table[i]);
      g_once_init_leave (&once, 1);
    }
  return index;
}

const char *
_valise_knob_skip_predicate (const char *open)
{
  char quote = 0;

  for (const char *p = open; *p != '\0'; p++)
    if (quote != 0)
      quote = *p == quote ? 0 : quote;
    else if (*p == '\'' || *p == '"')
      quote = *p;
    else if (*p == ']')
      return p + 1;
  return open + strlen (open);
}

static void
strip_predicates (const char *path, gboolean keep_named, GString *out)
{
  g_string_truncate (out, 0);
  for (const char *p = path; *p != '\0';)
    {
      const char *end = *p == '[' ? _valise_knob_skip_predicate (p) : p + 1;

      if (*p != '[' || (keep_named && !g_ascii_isdigit (p[1])))
        g_string_append_len (out, p, end - p);
      p = end;
    }
}

const ValiseKnob *
valise_knob_table (gsize *length)
{
  static gsize once = 0;
  static const ValiseKnob *table = NULL;
  static gsize table_length = 0;

  if (g_once_init_enter (&once))
    {
      table = join_parts (&table_length);
      g_once_init_leave (&once, 1);
    }
  if (length != NULL)
    *length = table_length;
  return table;
}

const ValiseKnob *
valise_knob_lookup (const char *path)
{
  g_autoptr (GString) plain = NULL;
  const ValiseKnob *knob;

  g_return_val_if_fail (path != NULL, NULL);

  knob = g_hash_table_lookup (index_by_path (), path);
  if (knob != NULL || strchr (path, '[') == NULL)
    return knob;
  plain = g_string_sized_new (64);
  strip_predicates (path, TRUE, plain);
  knob = g_hash_table_lookup (index_by_path (), plain->str);
  if (knob != NULL)
    return knob;
  strip_predicates (path, FALSE, plain);
  return g_hash_table_lookup (index_by_path (), plain->str);
}

char *
valise_knob_pattern (const char *path)
{
  GString *pattern;

  g_return_val_if_fail (path != NULL, NULL);

  pattern = g_string_sized_new (64);
  strip_predicates (path, TRUE, pattern);
  return g_string_free (pattern, FALSE);
}

const char *
valise_knob_get_label (const ValiseKnob *knob)
{
  g_return_val_if_fail (knob != NULL, NULL);

  return _ (knob->label);
}

const char *
valise_knob_get_help (const ValiseKnob *knob)
{
  g_return_val_if_fail (knob != NULL, NULL);

  return _ (knob->help);
}

const char *
valise_knob_get_choice_label (const ValiseKnob *knob, const char *value)
{
  g_return_val_if_fail (knob != NULL, NULL);

  for (const ValiseKnobChoice *choice = knob->choices; value != NULL && choice != NULL && choice->value != NULL;
       choice++)
    if (g_str_equal (choice->value, value))
      return _ (choice->label);
  return NULL;
}
