/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "base/valise-path.h"
#include "ui/valise-disk-facts.h"
#include "ui/valise-settings-files.h"
#include "ui/valise-special-rows.h"

VALISE_DEFINE_SPECIAL_ROW (ValiseDiskImageRow, valise_disk_image_row, GtkWidget *compact; GtkWidget * convert;)

static const char *
other_format (ValiseSettingsRow *row)
{
  g_autofree char *format = valise_settings_row_get_value (row, "devices/disk/driver/@type");

  return g_strcmp0 (format, "qcow2") == 0 ? "raw" : "qcow2";
}

static void
on_compact_clicked_cb (ValiseSettingsRow *row)
{
  g_autofree char *target = valise_settings_row_get_value (row, "devices/disk/target/@dev");

  valise_settings_files_do (GTK_WIDGET (row), "compact", g_variant_new_string (target != NULL ? target : ""));
}

static void
on_convert_clicked_cb (ValiseSettingsRow *row)
{
  g_autofree char *target = valise_settings_row_get_value (row, "devices/disk/target/@dev");

  valise_settings_files_do (GTK_WIDGET (row), "convert",
                            g_variant_new ("(ss)", target != NULL ? target : "", other_format (row)));
}

/* What can be done is known by the window that it comes into. */
static void
on_hierarchy_changed_cb (ValiseSettingsRow *row)
{
  if (valise_settings_row_get_session (row) != NULL)
    valise_settings_row_refresh (row);
}

static void
valise_disk_image_row_bound (ValiseSettingsRow *row)
{
  ValiseDiskImageRow *self = (ValiseDiskImageRow *) row;

  if (self->compact != NULL)
    return;
  self->compact = gtk_button_new_with_label (_ ("Compact"));
  self->convert = gtk_button_new_with_label ("");
  valise_settings_row_add_control (row, self->compact, _ ("compact"));
  valise_settings_row_add_control (row, self->convert, _ ("convert"));
  g_signal_connect_object (row, "hierarchy-changed", G_CALLBACK (on_hierarchy_changed_cb), row, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->compact, "clicked", G_CALLBACK (on_compact_clicked_cb), row, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->convert, "clicked", G_CALLBACK (on_convert_clicked_cb), row, G_CONNECT_SWAPPED);
  g_signal_connect_object (valise_disk_facts_get (), "changed", G_CALLBACK (valise_settings_row_refresh), row,
                           G_CONNECT_SWAPPED);
}

/* Only a file in the machine's own folder, of a machine that is made. */
static gboolean
has_file (ValiseSettingsRow *row)
{
  g_autofree char *source = valise_settings_row_get_value (row, "devices/disk/source/@file");
  const char *directory = valise_edit_session_get_directory (valise_settings_row_get_session (row));
  g_autofree char *path = source != NULL && directory != NULL ? g_build_filename (directory, source, NULL) : NULL;

  return path != NULL && valise_path_is_plain_relative (source) && g_file_test (path, G_FILE_TEST_IS_REGULAR);
}

static const char *
describe (gboolean can, gboolean changed)
{
  if (changed)
    return _ ("Apply or revert the changes below first; then the file can be compacted and converted.");
  if (!can)
    return _ ("Shut the machine down to compact the file or to convert it.");
  return _ ("Compacting gives back what the file stores of zeros. While it is written anew, the file is there twice.");
}

static void
valise_disk_image_row_refresh (ValiseSettingsRow *row)
{
  ValiseDiskImageRow *self = (ValiseDiskImageRow *) row;
  gboolean changed = valise_edit_session_is_changed (valise_settings_row_get_session (row));
  gboolean can = valise_settings_files_can (GTK_WIDGET (row), "compact");
  gboolean raw = g_str_equal (other_format (row), "raw");

  gtk_button_set_label (GTK_BUTTON (self->convert), raw ? _ ("Convert to raw") : _ ("Convert to qcow2"));
  valise_settings_row_name_control (row, self->convert, raw ? _ ("convert to raw") : _ ("convert to qcow2"));
  gtk_widget_set_sensitive (self->compact, can && !changed);
  gtk_widget_set_sensitive (self->convert, can && !changed);
  gtk_widget_set_visible (GTK_WIDGET (row), has_file (row) && valise_settings_files_are_there (GTK_WIDGET (row)));
  valise_settings_row_set_help (row, describe (can, changed));
  valise_settings_row_set_source (row, "");
}

static void
valise_disk_image_row_class_init (ValiseDiskImageRowClass *klass)
{
  ValiseSettingsRowClass *row_class = VALISE_SETTINGS_ROW_CLASS (klass);

  row_class->bound = valise_disk_image_row_bound;
  row_class->refresh = valise_disk_image_row_refresh;
}
