/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-news.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "model/valise-effective.h"

static const struct
{
  const char *knob;
  const char *leader;
} followers[] = {
  { "currentMemory", "memory" },
  { "name", "metadata/valise:machine/@name" },
  { "title", "metadata/valise:machine/@name" },
};

/* All that the choice of a firmware writes. */
static const char *const firmware_parts[] = { "os/@firmware", "os/firmware", "os/nvram", "os/loader", "features/smm" };

static gboolean
has_change (GPtrArray *changes, const char *knob)
{
  for (guint i = 0; i < changes->len; i++)
    if (g_str_equal (((const ValiseChange *) g_ptr_array_index (changes, i))->knob, knob))
      return TRUE;
  return FALSE;
}

/* A disk on another bus has another name. */
static gboolean
follows_bus (GPtrArray *changes, const char *knob)
{
  g_autofree char *bus = NULL;

  if (!g_str_has_prefix (knob, "devices/disk") || !g_str_has_suffix (knob, "/target/@dev"))
    return FALSE;
  bus = g_strdup_printf ("%.*s/@bus", (int) (strlen (knob) - strlen ("/@dev")), knob);
  return has_change (changes, bus);
}

/* A device on another bus or board is elsewhere on it. */
static gboolean
is_address_of_moved (GPtrArray *changes, const char *knob)
{
  const char *address = g_str_has_prefix (knob, "devices/") ? strstr (knob, "/address") : NULL;
  g_autofree char *bus = NULL;
  g_autofree char *target_bus = NULL;

  if (address == NULL)
    return FALSE;
  bus = g_strdup_printf ("%.*s/@bus", (int) (address - knob), knob);
  target_bus = g_strdup_printf ("%.*s/target/@bus", (int) (address - knob), knob);
  return has_change (changes, "os/type/@machine") || has_change (changes, bus) || has_change (changes, target_bus);
}

static gboolean
is_follower (GPtrArray *changes, const char *knob)
{
  for (gsize i = 0; i < G_N_ELEMENTS (followers); i++)
    if (g_str_equal (knob, followers[i].knob) && has_change (changes, followers[i].leader))
      return TRUE;
  return follows_bus (changes, knob) || is_address_of_moved (changes, knob);
}

static gboolean
is_firmware_part (const char *knob)
{
  for (gsize i = 0; i < G_N_ELEMENTS (firmware_parts); i++)
    {
      gsize length = strlen (firmware_parts[i]);
      if (strncmp (knob, firmware_parts[i], length) == 0 && strchr ("/[", knob[length]) != NULL)
        return TRUE;
    }
  return FALSE;
}

static void
tell_firmware (GPtrArray *changes, ValiseFirmware before, ValiseFirmware after)
{
  ValiseChange *change = g_new0 (ValiseChange, 1);

  for (guint i = changes->len; i > 0; i--)
    if (is_firmware_part (((const ValiseChange *) g_ptr_array_index (changes, i - 1))->knob))
      g_ptr_array_remove_index (changes, i - 1);
  change->knob = g_strdup ("os/@firmware");
  change->label = g_strdup (_ ("Firmware"));
  change->before = g_strdup (valise_firmware_label (before));
  change->after = g_strdup (valise_firmware_label (after));
  change->timing = VALISE_KNOB_AFTER_RESTART;
  g_ptr_array_insert (changes, 0, change);
}

GPtrArray *
valise_news_list (ValiseEditSession *session)
{
  GPtrArray *changes = valise_edit_session_list_changes (session);
  ValiseFirmware before = valise_effective_get_firmware (valise_edit_session_get_original (session));
  ValiseFirmware after = valise_effective_get_firmware (valise_edit_session_get_draft (session));

  for (guint i = changes->len; i > 0; i--)
    if (is_follower (changes, ((const ValiseChange *) g_ptr_array_index (changes, i - 1))->knob))
      g_ptr_array_remove_index (changes, i - 1);
  if (before != after)
    tell_firmware (changes, before, after);
  return changes;
}
