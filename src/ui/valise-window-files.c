/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-window-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "engine/valise-jobs.h"
#include "formats/valise-iso.h"
#include "ui/valise-new-machine.h"

/* --- what it is --- */

typedef enum
{
  FILE_UNKNOWN,
  FILE_MISSING,
  FILE_ISO,
  FILE_BUNDLE,
  FILE_ARCHIVE,
} FileKind;

static FileKind
recognise (const char *path)
{
  g_autofree char *config = g_build_filename (path, "config.xml", NULL);
  g_autoptr (ValiseIso) iso = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return FILE_MISSING;
  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return g_str_has_suffix (path, VALISE_BUNDLE_SUFFIX) || g_file_test (config, G_FILE_TEST_IS_REGULAR) ? FILE_BUNDLE
                                                                                                         : FILE_UNKNOWN;
  if (g_str_has_suffix (path, VALISE_BUNDLE_ARCHIVE_SUFFIX))
    return FILE_ARCHIVE;
  iso = valise_iso_read (path, NULL);
  return iso != NULL ? FILE_ISO : FILE_UNKNOWN;
}

static void
recognise_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_task_return_int (task, recognise (data));
}

/* --- what is done with it --- */

static void
on_created_cb (ValiseNewMachine *dialog, ValiseMachine *machine, gboolean start, ValiseWindow *self)
{
  valise_window_show_machine (self, machine, start);
}

static void
on_bring_in_path_cb (ValiseNewMachine *dialog, const char *path, ValiseWindow *self)
{
  valise_window_take_file (self, path);
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

static void
on_import_state_cb (ValiseJob *job, GParamSpec *pspec, ValiseWindow *self)
{
  g_autofree char *path = NULL;

  if (valise_job_get_state (job) != VALISE_JOB_DONE || self->library == NULL)
    return;
  path = valise_job_dup_result_path (job);
  if (path != NULL)
    open_bundle (self, path);
}

static void
import_archive (ValiseWindow *self, const char *path)
{
  g_autoptr (ValiseJob) job = valise_import_job_new (self->library, path, NULL, NULL);

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
  const char *path = g_task_get_task_data (G_TASK (result));
  FileKind kind = (FileKind) g_task_propagate_int (G_TASK (result), &error);

  if (error != NULL || self->library == NULL)
    return;
  switch (kind)
    {
    case FILE_ISO:
      present_new_machine (self, path);
      break;
    case FILE_BUNDLE:
      open_bundle (self, path);
      break;
    case FILE_ARCHIVE:
      import_archive (self, path);
      break;
    case FILE_MISSING:
      refuse (self, path, _ ("“%s” is not there any more."));
      break;
    case FILE_UNKNOWN:
    default:
      refuse (self, path,
              _ ("“%s” is nothing that Valise can use. It takes disc images (.iso), bundles (.vmbundle) and machines "
                 "in one file "
                 "(.vmbundle.tar.zst)."));
      break;
    }
}

void
valise_window_take_file (ValiseWindow *self, const char *path)
{
  g_autoptr (GTask) task = g_task_new (self, self->cancellable, recognised_cb, NULL);

  self->chosen = TRUE;
  g_task_set_source_tag (task, valise_window_take_file);
  g_task_set_task_data (task, g_canonicalize_filename (path, NULL), g_free);
  g_task_run_in_thread (task, recognise_thread);
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
        valise_window_take_file (self, path);
      else
        refuse (self, uris[i], _ ("“%s” is not on this computer. Copy it here first."));
      taken = TRUE;
    }
  gtk_drag_finish (context, taken, FALSE, time);
}

/* --- chosen --- */

static void
on_file_response_cb (GtkNativeDialog *dialog, int response, ValiseWindow *self)
{
  g_autofree char *path = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    path = gtk_file_chooser_get_filename (GTK_FILE_CHOOSER (dialog));
  gtk_native_dialog_destroy (dialog);
  if (path != NULL)
    valise_window_take_file (self, path);
  g_object_unref (dialog);
}

static void
choose (ValiseWindow *self,
        const char *title,
        GtkFileChooserAction action,
        const char *accept,
        const char *name,
        const char *pattern)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (title, GTK_WINDOW (self), action, accept, NULL);

  if (pattern != NULL)
    {
      GtkFileFilter *filter = gtk_file_filter_new ();

      gtk_file_filter_set_name (filter, name);
      gtk_file_filter_add_pattern (filter, pattern);
      gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), filter);
    }
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
  choose (data, _ ("Bring In a Machine"), GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Bring In"),
          _ ("Machines in one file (.vmbundle.tar.zst)"), "*" VALISE_BUNDLE_ARCHIVE_SUFFIX);
}

static const GActionEntry entries[] = {
  { .name = "new", .activate = on_new_cb },
  { .name = "new-from-iso", .activate = on_new_from_iso_cb },
  { .name = "open", .activate = on_open_cb },
  { .name = "bring-in", .activate = on_bring_in_cb },
};

void
_valise_window_add_file_actions (ValiseWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  gtk_drag_dest_set (GTK_WIDGET (self), GTK_DEST_DEFAULT_ALL, NULL, 0, GDK_ACTION_COPY);
  gtk_drag_dest_add_uri_targets (GTK_WIDGET (self));
  g_signal_connect (self, "drag-data-received", G_CALLBACK (on_drag_data_received_cb), NULL);
}
