/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A machine as it was at one of its snapshots. What that froze is read where it lies: nobody writes to it. */
#include "engine/valise-export-private.h"

#include <glib/gi18n-lib.h>

#include "base/valise-path.h"
#include "bundle/valise-snapshot.h"

#define VARIABLES "os/nvram"

ValiseDocument *
_valise_export_read_moment (ValiseBundle *bundle, const ValiseExportChoice *choice, GError **error)
{
  ValiseDocument *now = valise_bundle_get_document (bundle);
  g_autoptr (ValiseDocument) then = NULL;

  if (choice->snapshot == NULL)
    return valise_document_copy (now);
  then = valise_snapshot_read_document (bundle, choice->snapshot, error);
  return then != NULL && valise_snapshot_keep_identity (now, then, error) ? g_steal_pointer (&then) : NULL;
}

gboolean
_valise_export_tell_snapshot (GPtrArray *report, ValiseBundle *bundle, const ValiseExportChoice *choice, GError **error)
{
  g_autoptr (GPtrArray) snapshots = valise_snapshots_list (bundle, error);
  const ValiseSnapshot *snapshot =
      snapshots != NULL ? valise_snapshots_find (snapshots, choice->snapshot, error) : NULL;

  if (snapshot == NULL)
    return FALSE;
  if (choice->kind == VALISE_EXPORT_XML || choice->kind == VALISE_EXPORT_COMMAND)
    g_ptr_array_add (report, valise_finding_new (VALISE_SEVERITY_ERROR, "snapshot-settings", NULL,
                                                 _ ("The settings of a snapshot name disks that nobody may write to."),
                                                 _ ("Clone the snapshot, and export the clone’s settings.")));
  else if (snapshot->memory != VALISE_SNAPSHOT_MEMORY_NONE)
    g_ptr_array_add (report,
                     valise_finding_new (VALISE_SEVERITY_WARNING, "snapshot-memory", NULL,
                                         _ ("The memory of the snapshot stays behind: the copy’s disks are as after "
                                            "a power cut at that moment."),
                                         NULL));
  return TRUE;
}

gboolean
_valise_export_enter_snapshot (ValiseBundle *bundle, const char *id, ValiseDocument *document, GError **error)
{
  g_autofree char *variables = g_build_filename ("snapshots", id, "vars.fd", NULL);
  g_autofree char *path = valise_bundle_file (bundle, variables);

  if (!valise_snapshot_check_read (valise_bundle_get_path (bundle), document, error))
    return FALSE;
  return !g_file_test (path, G_FILE_TEST_EXISTS) || valise_document_set (document, VARIABLES, variables, error);
}

/* The present's own files, which the snapshot does not know. */
static void
add_present (ValiseBundle *bundle, ValiseDocument *document, GStrvBuilder *builder)
{
  ValiseDocument *present = valise_bundle_get_document (bundle);
  g_autofree char *variables = valise_document_get (document, VARIABLES);
  g_autoptr (GHashTable) used = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint count = valise_document_count (document, "devices/disk");

  for (guint i = 1; i <= count; i++)
    {
      char *file = valise_document_get_device (document, "disk", i, "source/@file");

      if (file != NULL)
        g_hash_table_add (used, file);
    }
  count = valise_document_count (present, "devices/disk");
  for (guint i = 1; i <= count; i++)
    {
      g_autofree char *file = valise_document_get_device (present, "disk", i, "source/@file");

      if (file != NULL && valise_path_is_plain_relative (file) && !g_hash_table_contains (used, file))
        g_strv_builder_add (builder, file);
    }
  if (variables != NULL && valise_path_is_plain_relative (variables))
    g_strv_builder_add (builder, variables);
}

ValiseBundle *
_valise_export_flatten_snapshot (ValiseBundle *bundle,
                                 const char *id,
                                 ValiseDocument *document,
                                 gboolean keys,
                                 const char *directory,
                                 const char *name,
                                 const char *const *left,
                                 ValiseJob *job,
                                 GCancellable *cancellable,
                                 GError **error)
{
  static const char *const stays[] = { "nvram", "screenshot.png", "state", "tpm", NULL };
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (ValiseBundle) stage = NULL;
  g_auto (GStrv) words = NULL;

  g_strv_builder_addv (builder, (const char **) left);
  g_strv_builder_addv (builder, (const char **) stays);
  add_present (bundle, document, builder);
  words = g_strv_builder_end (builder);
  stage =
      _valise_export_flatten (bundle, document, directory, name, (const char *const *) words, job, cancellable, error);
  return stage != NULL && valise_snapshot_give (bundle, id, document, keys, stage, cancellable, error)
             ? g_steal_pointer (&stage)
             : NULL;
}
