/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-settings-private.h"

#define KEY "valise-key"
#define HEIGHT 32

static GtkWidget *
make_words (const ValiseSidebarEntry *entry)
{
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *title = gtk_label_new (entry->title);

  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_ellipsize (GTK_LABEL (title), PANGO_ELLIPSIZE_END);
  gtk_widget_set_valign (words, GTK_ALIGN_CENTER);
  gtk_container_add (GTK_CONTAINER (words), title);
  if (entry->subtitle != NULL && *entry->subtitle != '\0')
    {
      GtkWidget *subtitle = gtk_label_new (entry->subtitle);
      gtk_label_set_xalign (GTK_LABEL (subtitle), 0);
      gtk_label_set_ellipsize (GTK_LABEL (subtitle), PANGO_ELLIPSIZE_MIDDLE);
      gtk_style_context_add_class (gtk_widget_get_style_context (subtitle), GTK_STYLE_CLASS_DIM_LABEL);
      gtk_style_context_add_class (gtk_widget_get_style_context (subtitle), "valise-caption");
      gtk_container_add (GTK_CONTAINER (words), subtitle);
    }
  return words;
}

static const char *
mark_in_words (const ValiseSidebarEntry *entry)
{
  if (entry->severity == VALISE_SEVERITY_ERROR)
    return _ ("Something is wrong here");
  if (entry->severity == VALISE_SEVERITY_WARNING)
    return _ ("Something is worth a look here");
  return entry->changed ? _ ("Changed") : NULL;
}

static GtkWidget *
make_mark (const ValiseSidebarEntry *entry)
{
  GtkWidget *mark;

  if (entry->severity == VALISE_SEVERITY_ERROR)
    mark = gtk_image_new_from_icon_name ("dialog-error-symbolic", GTK_ICON_SIZE_BUTTON);
  else if (entry->severity == VALISE_SEVERITY_WARNING)
    mark = gtk_image_new_from_icon_name ("dialog-warning-symbolic", GTK_ICON_SIZE_BUTTON);
  else
    mark = gtk_label_new (entry->changed ? "●" : "");
  gtk_style_context_add_class (gtk_widget_get_style_context (mark), "valise-mark");
  if (entry->severity >= VALISE_SEVERITY_WARNING)
    gtk_style_context_add_class (gtk_widget_get_style_context (mark),
                                 entry->severity == VALISE_SEVERITY_ERROR ? "error" : "warning");
  gtk_widget_set_tooltip_text (mark, mark_in_words (entry));
  return mark;
}

/* --- room-private --- */

GtkWidget *
_valise_sidebar_row_new (const ValiseSidebarEntry *entry)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);

  g_object_set (box, "margin", 6, "margin-start", 10, NULL);
  gtk_widget_set_size_request (box, -1, HEIGHT);
  gtk_container_add (GTK_CONTAINER (row), box);
  gtk_widget_show (box);
  g_object_set_data_full (G_OBJECT (row), KEY, g_strdup (entry->key), g_free);
  return row;
}

const char *
_valise_sidebar_row_get_key (GtkListBoxRow *row)
{
  return g_object_get_data (G_OBJECT (row), KEY);
}

void
_valise_sidebar_row_name (GtkListBoxRow *row, const ValiseSidebarEntry *entry)
{
  g_autofree char *name =
      g_strjoin (", ", entry->title, entry->subtitle != NULL ? entry->subtitle : mark_in_words (entry), NULL);

  /* The line may be too short for it. */
  gtk_widget_set_tooltip_text (GTK_WIDGET (row), name);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (row)), name);
  gtk_widget_set_visible (GTK_WIDGET (row),
                          !entry->quiet || entry->changed || entry->severity >= VALISE_SEVERITY_WARNING);
}

void
_valise_sidebar_row_fill (GtkListBoxRow *row, const ValiseSidebarEntry *entry)
{
  GtkBox *box = GTK_BOX (gtk_bin_get_child (GTK_BIN (row)));

  _valise_settings_empty (GTK_CONTAINER (box));
  gtk_box_pack_start (box, gtk_image_new_from_icon_name (entry->icon, GTK_ICON_SIZE_BUTTON), FALSE, FALSE, 0);
  gtk_box_pack_start (box, make_words (entry), TRUE, TRUE, 0);
  gtk_box_pack_end (box, make_mark (entry), FALSE, FALSE, 0);
  gtk_widget_show_all (GTK_WIDGET (box));
}
