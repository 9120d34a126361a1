/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-export-look.h"

#include <string.h>

#include "bundle/valise-snapshot.h"
#include "formats/valise-ovf-package.h"

static void
look_free (gpointer data)
{
  ValiseExportLook *self = data;

  g_ptr_array_unref (self->machines);
  g_ptr_array_unref (self->report);
  g_clear_pointer (&self->moment, valise_document_unref);
  g_free (self->target);
  g_free (self->disk);
  g_free (self->snapshot);
  g_free (self);
}

/* Of an OVF, the folder. */
static void
look_at_target (ValiseExportLook *self)
{
  g_autofree char *path = g_strdup (self->target);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GFile) file = g_file_new_for_path (folder);
  g_autoptr (GFileInfo) info = g_file_query_filesystem_info (file, G_FILE_ATTRIBUTE_FILESYSTEM_FREE, NULL, NULL);

  if (self->choice.kind == VALISE_EXPORT_OVF && g_str_has_suffix (path, VALISE_OVF_SUFFIX))
    path[strlen (path) - strlen (VALISE_OVF_SUFFIX)] = '\0';
  self->is_folder = g_file_test (path, G_FILE_TEST_IS_DIR);
  self->is_file = !self->is_folder && g_file_test (path, G_FILE_TEST_EXISTS);
  self->is_available_known = info != NULL && g_file_info_has_attribute (info, G_FILE_ATTRIBUTE_FILESYSTEM_FREE);
  if (self->is_available_known)
    self->available = g_file_info_get_attribute_uint64 (info, G_FILE_ATTRIBUTE_FILESYSTEM_FREE);
}

static gboolean
look_at_moment (ValiseExportLook *self, GError **error)
{
  g_autoptr (ValiseBundle) bundle = NULL;

  if (self->snapshot == NULL)
    return TRUE;
  bundle = valise_bundle_open (valise_machine_get_path (self->machines->pdata[0]), error);
  self->moment = bundle != NULL ? valise_snapshot_read_document (bundle, self->snapshot, error) : NULL;
  return self->moment != NULL;
}

static gboolean
look_at_machine (ValiseExportLook *self, ValiseMachine *machine, GError **error)
{
  g_autoptr (GPtrArray) report = valise_export_report (machine, &self->choice, error);
  guint64 room = 0;

  if (report == NULL)
    return FALSE;
  for (guint i = 0; i < report->len; i++)
    g_ptr_array_add (self->report, valise_finding_copy (report->pdata[i]));
  self->bytes += valise_export_estimate (machine, &self->choice, &room);
  self->room += room;
  return TRUE;
}

static void
look_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  ValiseExportLook *self = data;
  GError *error = NULL;

  look_at_target (self);
  if (!look_at_moment (self, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  for (guint i = 0; i < self->machines->len && !g_cancellable_is_cancelled (cancellable); i++)
    if (!look_at_machine (self, self->machines->pdata[i], &error))
      {
        g_task_return_error (task, error);
        return;
      }
  g_task_return_boolean (task, TRUE);
}

void
valise_export_look_async (gpointer source,
                          GPtrArray *machines,
                          const char *target,
                          const ValiseExportChoice *choice,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback)
{
  g_autoptr (GTask) task = g_task_new (source, cancellable, callback, NULL);
  ValiseExportLook *self = g_new0 (ValiseExportLook, 1);

  self->machines = g_ptr_array_ref (machines);
  self->target = g_strdup (target);
  self->disk = g_strdup (choice->disk);
  self->snapshot = g_strdup (choice->snapshot);
  self->choice = *choice;
  self->choice.disk = self->disk;
  self->choice.snapshot = self->snapshot;
  self->is_compressed = valise_export_is_compressed (choice);
  self->report = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_finding_free);
  g_task_set_source_tag (task, valise_export_look_async);
  g_task_set_task_data (task, self, look_free);
  g_task_run_in_thread (task, look_thread);
}

const ValiseExportLook *
valise_export_look_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error) ? g_task_get_task_data (G_TASK (result)) : NULL;
}
