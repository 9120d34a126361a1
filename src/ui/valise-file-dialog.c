/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-file-dialog.h"

#include <glib/gi18n-lib.h>

/* Of all windows: where a path was chosen last. */
static char *last_folder;

char *
valise_file_dialog_dup_folder (void)
{
  const char *downloads = g_get_user_special_dir (G_USER_DIRECTORY_DOWNLOAD);
  const char *home = g_get_home_dir ();

  if (last_folder != NULL && g_file_test (last_folder, G_FILE_TEST_IS_DIR))
    return g_strdup (last_folder);
  return g_strdup (downloads != NULL && g_file_test (downloads, G_FILE_TEST_IS_DIR) ? downloads : home);
}

void
valise_file_dialog_remember (const char *folder)
{
  g_free (last_folder);
  last_folder = g_strdup (folder);
}

static gboolean
let_go_cb (gpointer dialog)
{
  gtk_native_dialog_destroy (dialog);
  return G_SOURCE_REMOVE;
}

GtkFileChooserNative *
valise_file_dialog_new (const char *title, GtkWindow *parent, GtkFileChooserAction action, const char *accept)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (title, parent, action, accept, _ ("_Cancel"));
  g_autofree char *folder = valise_file_dialog_dup_folder ();

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (dialog), folder);
  return dialog;
}

GtkFileFilter *
valise_file_dialog_add_kind (GtkFileChooserNative *dialog, const char *name, const char *pattern)
{
  GtkFileFilter *filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, name);
  gtk_file_filter_add_pattern (filter, pattern);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), filter);
  return filter;
}

char *
valise_file_dialog_take (GtkFileChooserNative *dialog, int response)
{
  g_autofree char *path = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    path = gtk_file_chooser_get_filename (GTK_FILE_CHOOSER (dialog));
  if (path != NULL)
    {
      g_autofree char *folder = g_path_get_dirname (path);

      valise_file_dialog_remember (folder);
    }
  gtk_native_dialog_hide (GTK_NATIVE_DIALOG (dialog));
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, let_go_cb, dialog, g_object_unref);
  return g_steal_pointer (&path);
}
