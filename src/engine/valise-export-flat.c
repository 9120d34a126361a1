/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A machine without its snapshots: each of its disks becomes one whole image. */
#include "engine/valise-export-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "bundle/valise-image-chain.h"
#include "bundle/valise-snapshot.h"
#include "bundle/valise-travel.h"

static gboolean
is_named (const ValiseBlueprint *outline, const char *stored)
{
  for (guint i = 0; i < outline->drives->len; i++)
    if (g_strcmp0 (((const ValiseBlueprintDrive *) outline->drives->pdata[i])->file, stored) == 0)
      return TRUE;
  return FALSE;
}

/* What of the bundle's own disks is to be looked at; a disk that is gone is gone in the copy too. */
static gboolean
inspect (const ValiseBlueprintDrive *drive, ValiseImageInfo **info, GPtrArray **layers, GError **error)
{
  *info = NULL;
  if (drive->device != VALISE_BLUEPRINT_DISK || drive->member == NULL || *drive->file == '/'
      || !g_file_test (drive->member, G_FILE_TEST_EXISTS))
    return TRUE;
  *info = valise_image_inspect_chain (drive->member, drive->format, layers, error);
  return *info != NULL;
}

/* Names relative to the bundle. */
static gboolean
add_layers (ValiseBundle *bundle, const ValiseBlueprint *outline, GPtrArray *frozen, GError **error)
{
  gsize root = strlen (valise_bundle_get_path (bundle)) + 1;

  for (guint i = 0; i < outline->drives->len; i++)
    {
      g_autoptr (GPtrArray) layers = NULL;
      g_autoptr (ValiseImageInfo) info = NULL;

      if (!inspect (outline->drives->pdata[i], &info, &layers, error))
        return FALSE;
      for (guint j = 0; layers != NULL && j < layers->len; j++)
        g_ptr_array_add (frozen, g_strdup (((const ValiseImageLayer *) layers->pdata[j])->path + root));
    }
  return TRUE;
}

gboolean
_valise_export_list_frozen (ValiseBundle *bundle, ValiseDocument *document, GStrvBuilder *left, GError **error)
{
  g_autoptr (ValiseBlueprint) outline = valise_outline (bundle, document, NULL, NULL);
  g_autoptr (GPtrArray) frozen = valise_snapshots_list_images (valise_bundle_get_path (bundle), error);

  if (frozen == NULL || !add_layers (bundle, outline, frozen, error))
    return FALSE;
  g_strv_builder_add (left, "snapshots");
  for (guint i = 0; i < frozen->len; i++)
    if (!is_named (outline, frozen->pdata[i]))
      g_strv_builder_add (left, frozen->pdata[i]);
  return TRUE;
}

/* (element-type ValiseBlueprintDrive): those of the bundle that are the difference to something. */
static GPtrArray *
list_layered (const ValiseBlueprint *outline, guint64 *bytes, GError **error)
{
  g_autoptr (GPtrArray) layered = g_ptr_array_new ();

  for (guint i = 0; i < outline->drives->len; i++)
    {
      g_autoptr (GPtrArray) layers = NULL;
      g_autoptr (ValiseImageInfo) info = NULL;

      if (!inspect (outline->drives->pdata[i], &info, &layers, error))
        return NULL;
      if (info == NULL || layers->len == 0)
        continue;
      g_ptr_array_add (layered, outline->drives->pdata[i]);
      *bytes += info->virtual_size;
    }
  return g_steal_pointer (&layered);
}

gboolean
_valise_export_is_layered (ValiseBundle *bundle, ValiseDocument *document, gboolean *layered, GError **error)
{
  g_autoptr (ValiseBlueprint) outline = valise_outline (bundle, document, NULL, NULL);
  guint64 bytes = 0;
  g_autoptr (GPtrArray) drives = list_layered (outline, &bytes, error);

  *layered = drives != NULL && drives->len > 0;
  return drives != NULL;
}

static gboolean
copy_rest (ValiseBundle *stage,
           ValiseBundle *bundle,
           GPtrArray *layered,
           const char *const *left,
           ValiseJob *job,
           GCancellable *cancellable,
           GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) words = NULL;
  ValiseTravel travel = { 0 };

  g_strv_builder_addv (builder, (const char **) left);
  for (guint i = 0; i < layered->len; i++)
    g_strv_builder_add (builder, ((const ValiseBlueprintDrive *) layered->pdata[i])->file);
  words = g_strv_builder_end (builder);
  travel.left = (const char *const *) words;
  return valise_travel_fill (stage, valise_bundle_get_path (bundle), &travel, job, cancellable, error);
}

static gboolean
write_whole (ValiseBundle *stage, GPtrArray *layered, ValiseJob *job, GCancellable *cancellable, GError **error)
{
  for (guint i = 0; i < layered->len; i++)
    {
      const ValiseBlueprintDrive *drive = layered->pdata[i];
      g_autofree char *to = valise_bundle_file (stage, drive->file);

      if (!valise_image_export (drive->member, drive->format, to, valise_image_kind_find (drive->format), job,
                                cancellable, error))
        return FALSE;
    }
  return TRUE;
}

ValiseBundle *
_valise_export_flatten (ValiseBundle *bundle,
                        ValiseDocument *document,
                        const char *directory,
                        const char *name,
                        const char *const *left,
                        ValiseJob *job,
                        GCancellable *cancellable,
                        GError **error)
{
  g_autoptr (ValiseBlueprint) outline = valise_outline (bundle, document, NULL, NULL);
  guint64 bytes = 0;
  g_autoptr (GPtrArray) layered = list_layered (outline, &bytes, error);
  g_autoptr (ValiseBundle) stage = layered != NULL ? valise_bundle_begin (directory, name, error) : NULL;

  if (stage == NULL)
    return NULL;
  valise_job_set_total (job, bytes);
  return copy_rest (stage, bundle, layered, left, job, cancellable, error)
                 && write_whole (stage, layered, job, cancellable, error)
             ? g_steal_pointer (&stage)
             : NULL;
}
