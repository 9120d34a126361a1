/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How large an export gets, and what room it takes meanwhile: by what is allocated, which is quickly told. */
#include "engine/valise-export-private.h"

#include "bundle/valise-image-chain.h"
#include "bundle/valise-space.h"

static gboolean
is_ours (const ValiseExportChoice *choice)
{
  return choice->kind == VALISE_EXPORT_BUNDLE || choice->kind == VALISE_EXPORT_ARCHIVE;
}

static gboolean
has_bytes (const ValiseExportChoice *choice)
{
  return choice->kind != VALISE_EXPORT_XML && choice->kind != VALISE_EXPORT_COMMAND;
}

gboolean
_valise_export_takes_snapshots (const ValiseExportChoice *choice)
{
  return is_ours (choice) && choice->snapshot == NULL && choice->snapshots && choice->tpm && choice->suspended
         && !choice->share;
}

/* --- drives --- */

static gboolean
is_written (const ValiseBlueprintDrive *drive, const ValiseExportChoice *choice)
{
  if (drive->member == NULL)
    return FALSE;
  if (drive->device == VALISE_BLUEPRINT_DISK)
    return choice->disk == NULL || g_strcmp0 (choice->disk, drive->unit) == 0;
  return choice->media && (is_ours (choice) || choice->kind == VALISE_EXPORT_UTM);
}

/* What layers hide of each other is in none but the uppermost. */
static guint64
measure_drive (const ValiseBlueprintDrive *drive, gboolean *layered)
{
  g_autoptr (GPtrArray) layers = NULL;
  g_autoptr (ValiseImageInfo) info = valise_image_inspect_chain (drive->member, drive->format, &layers, NULL);
  guint64 bytes = info != NULL ? info->actual_size : 0;

  if (info == NULL || layers->len == 0)
    return bytes;
  *layered = TRUE;
  for (guint i = 0; i < layers->len; i++)
    bytes += ((const ValiseImageLayer *) layers->pdata[i])->actual_size;
  return MIN (bytes, info->virtual_size);
}

static guint64
measure_drives (ValiseBundle *bundle, const ValiseExportChoice *choice, gboolean *layered)
{
  g_autoptr (ValiseGrants) grants = _valise_export_load_grants (bundle);
  g_autoptr (ValiseDocument) document = _valise_export_read_moment (bundle, choice, NULL);
  g_autoptr (ValiseBlueprint) outline =
      document != NULL ? _valise_export_outline (bundle, document, grants, choice) : NULL;
  guint64 bytes = 0;

  for (guint i = 0; outline != NULL && i < outline->drives->len; i++)
    if (is_written (outline->drives->pdata[i], choice))
      bytes += measure_drive (outline->drives->pdata[i], layered);
  return bytes;
}

/* --- what else a bundle has --- */

static gboolean
goes_along (ValiseSpaceKind kind, const ValiseExportChoice *choice)
{
  switch (kind)
    {
    case VALISE_SPACE_DISK:
    case VALISE_SPACE_SNAPSHOT:
      return _valise_export_takes_snapshots (choice);
    case VALISE_SPACE_MEMORY:
      return choice->suspended && !choice->share && choice->snapshot == NULL;
    case VALISE_SPACE_MEDIA:
      return choice->media && _valise_export_takes_snapshots (choice);
    case VALISE_SPACE_FIRMWARE:
    case VALISE_SPACE_LOGS:
    case VALISE_SPACE_SETTINGS:
    case VALISE_SPACE_ORPHAN:
    default:
      return TRUE;
    }
}

static guint64
measure_bundle (ValiseBundle *bundle, const ValiseExportChoice *choice)
{
  g_autoptr (GPtrArray) parts = valise_space_measure (valise_bundle_get_path (bundle), NULL, NULL);
  guint64 bytes = 0;

  for (guint i = 0; parts != NULL && i < parts->len; i++)
    {
      const ValiseSpacePart *part = parts->pdata[i];

      if (goes_along (part->kind, choice))
        bytes += part->taken;
    }
  return bytes;
}

/* --- public --- */

guint64
valise_export_estimate (ValiseMachine *machine, const ValiseExportChoice *choice, guint64 *room)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (valise_machine_get_path (machine), NULL);
  gboolean layered = FALSE, aside;
  guint64 bytes = 0;

  if (bundle != NULL && has_bytes (choice) && !_valise_export_takes_snapshots (choice))
    bytes = measure_drives (bundle, choice, &layered);
  if (bundle != NULL && is_ours (choice))
    bytes += measure_bundle (bundle, choice);
  /* What runs is copied before it becomes another format, as is what has to become whole before. */
  aside = choice->snapshot == NULL ? valise_machine_is_live (machine) && has_bytes (choice)
                                   : choice->kind == VALISE_EXPORT_ARCHIVE;
  aside = (aside && choice->kind != VALISE_EXPORT_BUNDLE) || (layered && choice->kind == VALISE_EXPORT_ARCHIVE);
  if (room != NULL)
    *room = aside ? 2 * bytes : bytes;
  return bytes;
}

gboolean
valise_export_is_compressed (const ValiseExportChoice *choice)
{
  return choice->kind == VALISE_EXPORT_ARCHIVE || choice->kind == VALISE_EXPORT_OVA
         || choice->kind == VALISE_EXPORT_OVF;
}
