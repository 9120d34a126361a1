/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "base/valise-size.h"
#include "bundle/valise-new-disks.h"
#include "ui/valise-disk-facts.h"
#include "ui/valise-knob-control.h"
#include "ui/valise-settings-files.h"
#include "ui/valise-shrink-popover.h"
#include "ui/valise-special-rows.h"

#define MOST (64 * 1024 * VALISE_GIB)

VALISE_DEFINE_SPECIAL_ROW (ValiseDiskSizeRow, valise_disk_size_row, GtkWidget *spin; GtkLabel * unit_label;
                           GtkWidget * shrink;
                           guint64 unit;)

static const ValiseImageInfo *
look (ValiseSettingsRow *row)
{
  ValiseEditSession *session = valise_settings_row_get_session (row);

  return valise_disk_facts_of (valise_disk_facts_get (), valise_settings_row_get_draft (row),
                               valise_edit_session_get_directory (session), valise_settings_row_get_device (row));
}

/* --- smaller, which is done at once --- */

static void
on_shrink_chosen_cb (ValiseSettingsRow *row, guint64 bytes, gboolean lose)
{
  g_autofree char *target = valise_settings_row_get_value (row, "devices/disk/target/@dev");

  valise_settings_files_do (GTK_WIDGET (row), "shrink",
                            g_variant_new ("(stb)", target != NULL ? target : "", bytes, lose));
}

/* What can be done is known by the window that it comes into. */
static void
on_hierarchy_changed_cb (ValiseSettingsRow *row)
{
  if (valise_settings_row_get_session (row) != NULL)
    valise_settings_row_refresh (row);
}

static void
add_shrink (ValiseDiskSizeRow *self, ValiseSettingsRow *row)
{
  GtkWidget *popover = valise_shrink_popover_new ();

  self->shrink = gtk_menu_button_new ();
  gtk_button_set_label (GTK_BUTTON (self->shrink), _ ("Make Smaller…"));
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (self->shrink), popover);
  g_signal_connect_object (popover, "chosen", G_CALLBACK (on_shrink_chosen_cb), row, G_CONNECT_SWAPPED);
  valise_settings_row_add_control (row, self->shrink, _ ("make smaller"));
  g_signal_connect_object (row, "hierarchy-changed", G_CALLBACK (on_hierarchy_changed_cb), row, G_CONNECT_SWAPPED);
}

static void
update_shrink (ValiseDiskSizeRow *self, ValiseSettingsRow *row, const ValiseImageInfo *info, gboolean ours)
{
  gboolean changed = valise_edit_session_is_changed (valise_settings_row_get_session (row));
  GtkPopover *popover = gtk_menu_button_get_popover (GTK_MENU_BUTTON (self->shrink));

  gtk_widget_set_visible (self->shrink, ours && info != NULL && valise_settings_files_are_there (GTK_WIDGET (row)));
  gtk_widget_set_sensitive (self->shrink, !changed && valise_settings_files_can (GTK_WIDGET (row), "shrink"));
  if (info != NULL)
    valise_shrink_popover_set_size (VALISE_SHRINK_POPOVER (popover), info->virtual_size);
}

/* --- larger --- */

static void
valise_disk_size_row_bound (ValiseSettingsRow *row)
{
  ValiseDiskSizeRow *self = (ValiseDiskSizeRow *) row;

  if (self->spin != NULL)
    return;
  self->spin = valise_knob_spin_new (row, 0, 64 * 1024, 1, 0);
  gtk_spin_button_set_increments (GTK_SPIN_BUTTON (self->spin), 1, 10);
  self->unit_label = GTK_LABEL (gtk_label_new (NULL));
  valise_settings_row_add_control (row, self->spin, NULL);
  valise_settings_row_add_control (row, GTK_WIDGET (self->unit_label), _ ("unit"));
  add_shrink (self, row);
  g_signal_connect_object (valise_disk_facts_get (), "changed", G_CALLBACK (valise_settings_row_refresh), row,
                           G_CONNECT_SWAPPED);
}

static void
say_what_it_takes (ValiseSettingsRow *row, const ValiseImageInfo *info, guint64 most, gboolean ours)
{
  g_autofree char *now = info != NULL ? valise_size_format (info->actual_size) : NULL;
  g_autofree char *at_most = valise_size_format (most);
  g_autofree char *text = NULL;

  if (!ours)
    text = g_strdup (_ ("This disk does not lie in the machine's own folder; its size cannot be changed here."));
  else if (info != NULL && most > info->virtual_size)
    text = g_strdup_printf (_ ("Takes %s now, at most %s once it is applied. The system inside has to make use of it."),
                            now, at_most);
  else if (info != NULL)
    text = g_strdup_printf (_ ("Takes %s now, at most %s. A larger size is applied with the other changes."), now,
                            at_most);
  else
    text = g_strdup_printf (_ ("Takes next to nothing at first, at most %s once it is full"), at_most);
  valise_settings_row_set_help (row, text);
}

/* A stick of a few MiB is no "0.00 GiB". The unit does not change while somebody types: it goes by what the disk was at
 * first. */
static void
choose_unit (ValiseDiskSizeRow *self, guint64 least, const char *source)
{
  ValiseDocument *original =
      valise_edit_session_get_original (valise_settings_row_get_session (&self->parent_instance));
  guint64 first = MAX (least, source != NULL ? valise_new_disks_get_size (original, source) : 0);

  self->unit = first > 0 && first < VALISE_GIB ? VALISE_MIB : VALISE_GIB;
  gtk_label_set_text (self->unit_label, self->unit == VALISE_GIB ? "GiB" : "MiB");
}

static void
valise_disk_size_row_refresh (ValiseSettingsRow *row)
{
  ValiseDiskSizeRow *self = (ValiseDiskSizeRow *) row;
  g_autofree char *source = valise_settings_row_get_value (row, "devices/disk/source/@file");
  g_autofree char *knob = source != NULL ? valise_new_disks_knob (source) : NULL;
  const ValiseImageInfo *info = look (row);
  gboolean ours = source != NULL && *source != '\0' && !g_path_is_absolute (source);
  guint64 stated = ours ? valise_new_disks_get_size (valise_settings_row_get_draft (row), source) : 0;
  guint64 least = info != NULL ? info->virtual_size : 0;
  guint64 size = MAX (stated, least);

  valise_settings_row_set_knob (row, knob);
  gtk_widget_set_sensitive (self->spin, ours);
  choose_unit (self, least, source);
  gtk_spin_button_set_digits (GTK_SPIN_BUTTON (self->spin), size % self->unit == 0 ? 0 : 2);
  gtk_spin_button_set_range (GTK_SPIN_BUTTON (self->spin), (double) least / (double) self->unit,
                             (double) MOST / (double) self->unit);
  valise_knob_spin_show (self->spin, (double) size / (double) self->unit, FALSE, NULL);
  say_what_it_takes (row, info, size, ours);
  update_shrink (self, row, info, ours);
  valise_settings_row_set_source (row, stated > least ? _ ("Set here") : _ ("The disk as it is"));
}

static void
valise_disk_size_row_commit (ValiseSettingsRow *row)
{
  ValiseDiskSizeRow *self = (ValiseDiskSizeRow *) row;
  const ValiseImageInfo *info = look (row);
  g_autofree char *text = NULL;
  double number;
  guint64 bytes;

  if (valise_settings_row_get_knob (row) == NULL || !valise_knob_spin_read (self->spin, &number) || number <= 0)
    return;
  bytes = (guint64) (number * (double) self->unit);
  if (info != NULL && bytes <= info->virtual_size)
    {
      valise_settings_row_set_value (row, valise_settings_row_get_knob (row), NULL);
      return;
    }
  text = g_strdup_printf ("%" G_GUINT64_FORMAT, bytes);
  valise_settings_row_set_value (row, valise_settings_row_get_knob (row), text);
}

/* A disk that is not made yet has to have some size: the one it was proposed with. */
static void
valise_disk_size_row_reset (ValiseSettingsRow *row)
{
  ValiseDocument *original = valise_edit_session_get_original (valise_settings_row_get_session (row));
  g_autofree char *before = valise_document_get (original, valise_settings_row_get_knob (row));

  if (before != NULL || look (row) != NULL)
    valise_settings_row_set_value (row, valise_settings_row_get_knob (row), before);
}

static void
valise_disk_size_row_class_init (ValiseDiskSizeRowClass *klass)
{
  ValiseSettingsRowClass *row_class = VALISE_SETTINGS_ROW_CLASS (klass);

  row_class->bound = valise_disk_size_row_bound;
  row_class->refresh = valise_disk_size_row_refresh;
  row_class->commit = valise_disk_size_row_commit;
  row_class->reset = valise_disk_size_row_reset;
}
