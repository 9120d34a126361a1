/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-window-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-path.h"
#include "bundle/valise-archive.h"
#include "engine/valise-jobs.h"
#include "ui/valise-file-dialog.h"
#include "ui/valise-file-kind.h"
#include "ui/valise-folder-notice.h"
#include "ui/valise-new-machine.h"

#define KNOB_NAME "metadata/valise:machine/@name"

/* --- what is done with it --- */

static void
on_created_cb (ValiseNewMachine *dialog, ValiseMachine *machine, gboolean start, ValiseWindow *self)
{
  valise_window_show_machine (self, machine, start);
}

static void
on_bring_in_path_cb (ValiseNewMachine *dialog, const char *path, ValiseWindow *self)
{
  valise_window_take_file (self, path, 1);
}

static void
present_new_machine (ValiseWindow *self, const char *file)
{
  GtkWidget *dialog = valise_new_machine_new (self->library, GTK_WINDOW (self));

  g_signal_connect_object (dialog, "created", G_CALLBACK (on_created_cb), self, 0);
  g_signal_connect_object (dialog, "bring-in", G_CALLBACK (on_bring_in_path_cb), self, 0);
  if (file != NULL)
    valise_new_machine_take_file (VALISE_NEW_MACHINE (dialog), file);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
open_bundle (ValiseWindow *self, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseMachine) machine = valise_library_open (self->library, path, &error);

  if (machine != NULL)
    valise_window_show_machine (self, machine, FALSE);
  else
    valise_notice_bar_say_error (self->notices, NULL, error);
}

typedef struct
{
  char *archive;
  char *directory; /* of the library */
} Taken;

static void
taken_free (gpointer data)
{
  Taken *taken = data;

  g_free (taken->archive);
  g_free (taken->directory);
  g_free (taken);
}

/* "Box 2", "Box 3", ...: the first that is free beside the "Box" that is there. */
static void
find_name_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Taken *taken = data;
  g_autoptr (ValiseDocument) document = valise_archive_peek (taken->archive, NULL);
  g_autofree char *own = document != NULL ? valise_document_get (document, KNOB_NAME) : NULL;
  g_autofree char *label = valise_text_for_display (own != NULL ? own : _ ("Machine"), 80);

  for (guint i = 2;; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s %u", label, i);
      g_autofree char *file = valise_path_name_from_label (name);
      g_autofree char *path = g_strconcat (taken->directory, "/", file, VALISE_BUNDLE_SUFFIX, NULL);

      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        {
          g_task_return_pointer (task, g_steal_pointer (&name), g_free);
          return;
        }
    }
}

static void import_archive (ValiseWindow *self, const char *path, const char *name);

static void
name_found_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  ValiseWindow *self = VALISE_WINDOW (source);
  const Taken *taken = g_task_get_task_data (G_TASK (result));
  g_autofree char *name = g_task_propagate_pointer (G_TASK (result), NULL);

  if (name != NULL && self->library != NULL)
    import_archive (self, taken->archive, name);
}

/* A machine that was given away comes back beside the one that stayed. */
static void
import_beside (ValiseWindow *self, ValiseJob *job)
{
  g_autoptr (GTask) task = g_task_new (self, self->cancellable, name_found_cb, NULL);
  Taken *taken = g_new0 (Taken, 1);

  /* Taken away, because a job may tell its end more than once. */
  taken->archive = g_object_steal_data (G_OBJECT (job), "valise-archive");
  taken->directory = g_strdup (valise_library_get_directory (self->library));
  g_task_set_source_tag (task, import_beside);
  g_task_set_task_data (task, taken, taken_free);
  g_task_run_in_thread (task, find_name_thread);
  valise_library_dismiss_job (self->library, job);
}

static void
on_import_state_cb (ValiseJob *job, GParamSpec *pspec, ValiseWindow *self)
{
  g_autofree char *path = valise_job_dup_result_path (job);

  if (self->library == NULL)
    return;
  if (valise_job_get_state (job) == VALISE_JOB_DONE && path != NULL)
    open_bundle (self, path);
  else if (valise_job_get_state (job) == VALISE_JOB_FAILED
           && g_object_get_data (G_OBJECT (job), "valise-archive") != NULL
           && g_error_matches (valise_job_get_error (job), VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_EXISTS))
    import_beside (self, job);
}

/* @name %NULL: its own, or one like it when that is taken. */
static void
import_archive (ValiseWindow *self, const char *path, const char *name)
{
  g_autoptr (ValiseJob) job = valise_import_job_new (self->library, path, NULL, name);

  if (name == NULL)
    g_object_set_data_full (G_OBJECT (job), "valise-archive", g_strdup (path), g_free);
  g_signal_connect_object (job, "notify::state", G_CALLBACK (on_import_state_cb), self, 0);
  valise_library_run_job (self->library, job);
}

static void
refuse (ValiseWindow *self, const char *path, const char *format)
{
  g_autofree char *base = g_path_get_basename (path);
  g_autofree char *name = g_filename_display_name (base);
  g_autofree char *text = NULL;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  text = g_strdup_printf (format, name);
#pragma GCC diagnostic pop
  valise_notice_bar_say (self->notices, GTK_MESSAGE_WARNING, text);
}

static void
recognised_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  ValiseWindow *self = VALISE_WINDOW (source);
  g_autoptr (GError) error = NULL;
  const char *path;
  ValiseFileKind kind = valise_file_kind_find_finish (result, &path, &error);
  ValiseHas has;

  if (error != NULL || self->library == NULL)
    return;
  if (valise_file_kind_makes_machine (kind, &has))
    present_new_machine (self, path);
  else if (kind == VALISE_FILE_BUNDLE)
    open_bundle (self, path);
  else if (kind == VALISE_FILE_ARCHIVE)
    import_archive (self, path, NULL);
  else if (kind == VALISE_FILE_FOREIGN)
    _valise_window_import_foreign (self, path, GPOINTER_TO_INT (data));
  else if (kind == VALISE_FILE_MISSING)
    refuse (self, path, _ ("“%s” is not there any more."));
  else if (kind == VALISE_FILE_UNREADABLE)
    refuse (self, path, _ ("“%s” cannot be read. Ask whoever owns it for permission, or copy it."));
  else
    refuse (self, path,
            _ ("“%s” is nothing that Valise can use. It takes disc images (.iso), disks (.qcow2, .img), Linux kernels, "
               "bundles (.vmbundle), machines in one file (.vmbundle.tar.zst) and those of other programs (.ova, .ovf, "
               ".vmx, .vbox, .utm)."));
}

void
valise_window_take_file (ValiseWindow *self, const char *path, guint count)
{
  self->chosen = TRUE;
  valise_file_kind_find_async (self, path, self->cancellable, recognised_cb, GINT_TO_POINTER (count > 1));
}

/* --- shown in the file manager --- */

static void
on_show_files_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ValiseMachine *machine = _valise_window_get_machine (data);

  if (machine != NULL)
    valise_folder_notice_show (((ValiseWindow *) data)->notices, valise_machine_get_path (machine));
}

/* --- dropped --- */

static void
on_drag_data_received_cb (GtkWidget *widget,
                          GdkDragContext *context,
                          int x,
                          int y,
                          GtkSelectionData *data,
                          guint info,
                          guint time,
                          gpointer unused)
{
  ValiseWindow *self = VALISE_WINDOW (widget);
  g_auto (GStrv) uris = gtk_selection_data_get_uris (data);
  gboolean taken = FALSE;

  for (guint i = 0; uris != NULL && uris[i] != NULL; i++)
    {
      g_autofree char *path = g_filename_from_uri (uris[i], NULL, NULL);

      if (path != NULL)
        valise_window_take_file (self, path, g_strv_length (uris));
      else
        refuse (self, uris[i], _ ("“%s” is not on this computer. Copy it here first."));
      taken = TRUE;
    }
  gtk_drag_finish (context, taken, FALSE, time);
}

/* --- chosen --- */

static void
on_file_response_cb (GtkFileChooserNative *dialog, int response, ValiseWindow *self)
{
  g_autofree char *path = valise_file_dialog_take (dialog, response);

  if (path != NULL)
    valise_window_take_file (self, path, 1);
}

static void
choose (ValiseWindow *self,
        const char *title,
        GtkFileChooserAction action,
        const char *accept,
        const char *name,
        const char *pattern)
{
  GtkFileChooserNative *dialog = valise_file_dialog_new (title, GTK_WINDOW (self), action, accept);

  if (pattern != NULL)
    valise_file_dialog_add_kind (dialog, name, pattern);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_file_response_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
on_new_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  present_new_machine (data, NULL);
}

static void
on_new_from_iso_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  choose (data, _ ("Install From a Disc Image"), GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Choose"), _ ("Disc images"),
          "*.[iI][sS][oO]");
}

static void
on_open_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  choose (data, _ ("Open a Bundle"), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _ ("_Open"), NULL, NULL);
}

static void
on_bring_in_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  choose (data, _ ("Bring In a Machine"), GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Bring In"), _ ("All files"), "*");
}

static const GActionEntry entries[] = {
  { .name = "new", .activate = on_new_cb },
  { .name = "new-from-iso", .activate = on_new_from_iso_cb },
  { .name = "open", .activate = on_open_cb },
  { .name = "bring-in", .activate = on_bring_in_cb },
};

static const GActionEntry machine_entries[] = {
  { .name = "show-files", .activate = on_show_files_cb },
};

void
_valise_window_add_file_actions (ValiseWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self->machine_actions), machine_entries,
                                   G_N_ELEMENTS (machine_entries), self);
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  gtk_drag_dest_set (GTK_WIDGET (self), GTK_DEST_DEFAULT_ALL, NULL, 0, GDK_ACTION_COPY);
  gtk_drag_dest_add_uri_targets (GTK_WIDGET (self));
  g_signal_connect (self, "drag-data-received", G_CALLBACK (on_drag_data_received_cb), NULL);
}
