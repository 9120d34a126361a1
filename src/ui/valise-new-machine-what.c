/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-new-machine-private.h"

#include <glib/gi18n-lib.h>

#include "ui/valise-file-dialog.h"
#include "ui/valise-file-kind.h"
#include "ui/valise-iso-finder.h"

/* --- what a file is --- */

/* What is nothing is taken for an ISO: the look at it says what is wrong. */
static void
on_kind_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ValiseNewMachine) self = user_data;
  const char *path;
  ValiseFileKind kind = valise_file_kind_find_finish (result, &path, NULL);
  ValiseHas has;

  if (g_cancellable_is_cancelled (self->cancellable) || self->job != NULL)
    return;
  if (kind == VALISE_FILE_BUNDLE || kind == VALISE_FILE_ARCHIVE || kind == VALISE_FILE_FOREIGN)
    _valise_new_machine_bring_in (self, path);
  else
    _valise_new_machine_take (self, valise_file_kind_makes_machine (kind, &has) ? has : VALISE_HAS_ISO, path);
}

void
valise_new_machine_take_file (ValiseNewMachine *self, const char *path)
{
  g_return_if_fail (VALISE_IS_NEW_MACHINE (self) && path != NULL);

  valise_file_kind_find_async (self, path, self->cancellable, on_kind_cb, g_object_ref (self));
}

/* --- what was found --- */

static void
on_found_activated_cb (HdyActionRow *row, ValiseNewMachine *self)
{
  _valise_new_machine_take (self, VALISE_HAS_ISO, g_object_get_data (G_OBJECT (row), "valise-path"));
}

static void
add_found (ValiseNewMachine *self, const char *path)
{
  GtkWidget *row = hdy_action_row_new ();
  g_autofree char *name = g_filename_display_basename (path);
  g_autofree char *escaped = g_markup_escape_text (name, -1);

  hdy_preferences_row_set_title (HDY_PREFERENCES_ROW (row), escaped);
  hdy_action_row_set_icon_name (HDY_ACTION_ROW (row), "media-optical-symbolic");
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  atk_object_set_name (gtk_widget_get_accessible (row), name);
  g_object_set_data_full (G_OBJECT (row), "valise-path", g_strdup (path), g_free);
  g_signal_connect_object (row, "activated", G_CALLBACK (on_found_activated_cb), self, 0);
  gtk_container_add (GTK_CONTAINER (self->found_group), row);
  gtk_widget_show (row);
}

static void
on_found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ValiseNewMachine) self = user_data;
  g_autoptr (GPtrArray) paths = valise_iso_finder_find_finish (result, NULL);

  if (g_cancellable_is_cancelled (self->cancellable) || paths == NULL || paths->len == 0)
    return;
  for (guint i = 0; i < paths->len; i++)
    add_found (self, g_ptr_array_index (paths, i));
  gtk_widget_show (self->found_group);
}

void
_valise_new_machine_find_discs (ValiseNewMachine *self)
{
  valise_iso_finder_find_async (self->cancellable, on_found_cb, g_object_ref (self));
}

/* --- what is chosen --- */

static void
on_chosen_cb (GtkNativeDialog *dialog, int response, ValiseNewMachine *self)
{
  g_autofree char *path = valise_file_dialog_take (self->chooser, response);

  self->chooser = NULL;
  if (path == NULL)
    return;
  if (self->chosen == VALISE_HAS_NOTHING)
    valise_new_machine_take_file (self, path);
  else
    _valise_new_machine_take (self, self->chosen, path);
}

static void
add_kind (GtkFileChooserNative *chooser, const char *name, const char *const *patterns)
{
  GtkFileFilter *filter = valise_file_dialog_add_kind (chooser, name, patterns[0]);

  for (gsize i = 1; patterns[i] != NULL; i++)
    gtk_file_filter_add_pattern (filter, patterns[i]);
}

/* @has: what the file is taken for, or %VALISE_HAS_NOTHING to go by what it is. @kind: (nullable): of files, with
 * @patterns. */
static void
choose (ValiseNewMachine *self,
        ValiseHas has,
        const char *title,
        GtkFileChooserAction action,
        const char *kind,
        const char *const *patterns)
{
  self->chosen = has;
  g_clear_object (&self->chooser);
  self->chooser = valise_file_dialog_new (title, GTK_WINDOW (self), action, _ ("_Open"));
  if (kind != NULL)
    {
      add_kind (self->chooser, kind, patterns);
      valise_file_dialog_add_kind (self->chooser, _ ("All files"), "*");
    }
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (on_chosen_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
on_iso_activated_cb (ValiseNewMachine *self)
{
  static const char *const patterns[] = { "*.[iI][sS][oO]", NULL };

  choose (self, VALISE_HAS_NOTHING, _ ("Choose an ISO"), GTK_FILE_CHOOSER_ACTION_OPEN, _ ("ISO images"), patterns);
}

static void
on_image_activated_cb (ValiseNewMachine *self)
{
  static const char *const patterns[] = { "*.[qQ][cC][oO][wW]2", "*.[iI][mM][gG]", "*.[rR][aA][wW]", NULL };

  choose (self, VALISE_HAS_IMAGE, _ ("Choose a Disk Image"), GTK_FILE_CHOOSER_ACTION_OPEN, _ ("Disk images"), patterns);
}

static void
on_kernel_activated_cb (ValiseNewMachine *self)
{
  static const char *const patterns[] = { "vmlinuz*", "bzImage*", "linux*", "kernel*", NULL };

  choose (self, VALISE_HAS_KERNEL, _ ("Choose a Kernel"), GTK_FILE_CHOOSER_ACTION_OPEN, _ ("Linux kernels"), patterns);
}

static void
on_bundle_activated_cb (ValiseNewMachine *self)
{
  choose (self, VALISE_HAS_NOTHING, _ ("Choose a .vmbundle Folder"), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, NULL, NULL);
}

static void
on_elsewhere_activated_cb (ValiseNewMachine *self)
{
  choose (self, VALISE_HAS_NOTHING, _ ("Choose a Machine to Bring In"), GTK_FILE_CHOOSER_ACTION_OPEN, NULL, NULL);
}

static void
on_nothing_activated_cb (ValiseNewMachine *self)
{
  _valise_new_machine_take (self, VALISE_HAS_NOTHING, NULL);
}

static void
on_drag_data_received_cb (ValiseNewMachine *self,
                          GdkDragContext *context,
                          int x,
                          int y,
                          GtkSelectionData *data,
                          guint info,
                          guint time)
{
  g_auto (GStrv) uris = gtk_selection_data_get_uris (data);
  g_autofree char *path = uris != NULL && uris[0] != NULL ? g_filename_from_uri (uris[0], NULL, NULL) : NULL;

  if (path != NULL && self->job == NULL)
    valise_new_machine_take_file (self, path);
  else if (path == NULL)
    _valise_new_machine_show_error (self, _ ("Only files of this computer can be dropped here."));
}

void
_valise_new_machine_bind_what (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, ValiseNewMachine, found_group);
  gtk_widget_class_bind_template_callback (widget_class, on_iso_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_image_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_kernel_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_bundle_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_elsewhere_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_nothing_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_drag_data_received_cb);
}
