/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which files an export reads: the machine's own, and those outside of its folder that its user allowed it. What a
 * stranger's document merely names must not go out with the machine. */
#include "engine/valise-export-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-path.h"
#include "bundle/valise-identity.h"
#include "model/valise-effective.h"

#define DISK_CODE "disk-"

ValiseGrants *
_valise_export_load_grants (ValiseBundle *bundle)
{
  g_autofree char *uuid = valise_document_get (valise_bundle_get_document (bundle), "uuid");

  /* One that says it is another of this computer's machines has not been allowed what that one was. */
  if (uuid == NULL || valise_identity_check (bundle, NULL) == VALISE_IDENTITY_TWIN)
    return NULL;
  return valise_grants_load (uuid, NULL);
}

/* A device that is the only one of its kind has no number there. */
static gboolean
is_at (const char *knob, const char *ask)
{
  g_autoptr (GString) first = g_string_new (knob), second = g_string_new (ask);

  g_string_replace (first, "[1]", "", 0);
  g_string_replace (second, "[1]", "", 0);
  return g_str_has_prefix (first->str, second->str) && (first->len == second->len || first->str[second->len] == '/');
}

static gboolean
may_read (const char *knob, const char *path, gpointer user_data)
{
  const GPtrArray *asks = user_data;

  for (guint i = 0; i < asks->len; i++)
    {
      const ValiseAsk *ask = asks->pdata[i];

      if (ask->granted && is_at (knob, ask->knob))
        return TRUE;
    }
  return FALSE;
}

GHashTable *
_valise_export_list_withheld (ValiseBundle *bundle, ValiseDocument *document)
{
  g_autoptr (ValiseGrants) grants = _valise_export_load_grants (bundle);
  g_autoptr (GPtrArray) asks = valise_effective_list_asks (document, valise_bundle_get_path (bundle), grants);
  GHashTable *withheld = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint count = valise_document_count (document, "devices/disk");

  for (guint i = 1; i <= count; i++)
    {
      g_autofree char *knob = g_strdup_printf ("devices/disk[%u]/source/@file", i);
      g_autofree char *file = valise_document_get (document, knob);
      g_autofree char *target = valise_document_get_device (document, "disk", i, "target/@dev");

      if (file != NULL && target != NULL && g_path_is_absolute (file) && !may_read (knob, file, asks))
        g_hash_table_add (withheld, g_steal_pointer (&target));
    }
  return withheld;
}

static void
tell_later (ValiseBlueprint *outline, const ValiseBlueprintDrive *drive)
{
  g_autofree char *shown = valise_text_for_display (drive->member, 200);
  g_autofree char *text = g_strdup_printf (
      _ ("“%s” stays behind: it lies outside of the machine’s folder, and the snapshot does not have it as it was."),
      shown);

  valise_blueprint_tell (outline, VALISE_SEVERITY_WARNING, DISK_CODE "later", NULL, text,
                         _ ("To take it along as it is now, export the machine itself."));
}

static void
leave_later (ValiseBlueprint *outline)
{
  for (guint i = 0; i < outline->drives->len; i++)
    {
      ValiseBlueprintDrive *drive = outline->drives->pdata[i];

      if (drive->device != VALISE_BLUEPRINT_DISK || drive->read_only || drive->member == NULL
          || !g_path_is_absolute (drive->file))
        continue;
      tell_later (outline, drive);
      g_clear_pointer (&drive->member, g_free);
    }
}

ValiseBlueprint *
_valise_export_outline (ValiseBundle *bundle,
                        ValiseDocument *document,
                        ValiseGrants *grants,
                        const ValiseExportChoice *choice)
{
  g_autoptr (GPtrArray) asks = valise_effective_list_asks (document, valise_bundle_get_path (bundle), grants);
  ValiseBlueprint *outline = valise_outline (bundle, document, may_read, asks);

  if (choice->snapshot != NULL)
    leave_later (outline);
  return outline;
}

/* What of the machine the format would have had. */
static gboolean
concerns (const ValiseExportChoice *choice, const ValiseFinding *finding)
{
  switch (choice->kind)
    {
    case VALISE_EXPORT_OVA:
    case VALISE_EXPORT_OVF:
    case VALISE_EXPORT_DISK:
      return g_str_has_prefix (finding->code, DISK_CODE);
    case VALISE_EXPORT_UTM:
      return choice->media || !g_str_has_prefix (finding->code, "medium-");
    case VALISE_EXPORT_BUNDLE:
    case VALISE_EXPORT_ARCHIVE:
    case VALISE_EXPORT_XML:
    case VALISE_EXPORT_COMMAND:
    default:
      return FALSE;
    }
}

/* Of a single disk's export only that disk matters, which is said to be none when it may not be read. */
static gboolean
is_wanted_disk_there (const ValiseExportChoice *choice, const ValiseBlueprint *outline)
{
  for (guint i = 0; i < outline->drives->len; i++)
    {
      const ValiseBlueprintDrive *drive = outline->drives->pdata[i];

      if (drive->member != NULL && g_strcmp0 (drive->unit, choice->disk) == 0)
        return TRUE;
    }
  return FALSE;
}

void
_valise_export_tell_reach (GPtrArray *report, const ValiseBlueprint *outline, const ValiseExportChoice *choice)
{
  if (choice->disk != NULL && is_wanted_disk_there (choice, outline))
    return;
  for (guint i = 0; i < outline->findings->len; i++)
    if (concerns (choice, outline->findings->pdata[i]))
      g_ptr_array_add (report, valise_finding_copy (outline->findings->pdata[i]));
}
