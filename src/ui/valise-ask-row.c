/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-ask-row.h"

#include "base/valise-path.h"
#include "ui/valise-controls-row.h"

#define LONGEST_TEXT 400 /* as long as any that can be granted */
#define LONGEST_DETAIL 120
#define PLACE "valise-place"

static GtkWidget *
label_new (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_line_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_line_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 46);
  gtk_widget_show (label);
  return label;
}

static GtkWidget *
make_words (const char *text, GtkWidget *place)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);

  gtk_style_context_add_class (gtk_widget_get_style_context (place), GTK_STYLE_CLASS_DIM_LABEL);
  gtk_style_context_add_class (gtk_widget_get_style_context (place), "valise-caption");
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_container_add (GTK_CONTAINER (box), label_new (text));
  gtk_container_add (GTK_CONTAINER (box), place);
  gtk_widget_show (box);
  return box;
}

void
valise_ask_row_set_reason (GtkWidget *allow, const char *detail, const char *reason)
{
  GtkWidget *place = g_object_get_data (G_OBJECT (allow), PLACE);
  g_autofree char *shown = NULL;

  if (reason == NULL)
    shown = valise_text_for_display (detail != NULL ? detail : "", LONGEST_DETAIL);
  gtk_label_set_text (GTK_LABEL (place), reason != NULL ? reason : shown);
  gtk_widget_set_visible (place, reason != NULL || *shown != '\0');
  gtk_widget_set_sensitive (allow, reason == NULL);
  gtk_widget_set_tooltip_text (allow, reason);
}

GtkWidget *
valise_ask_row_new (const char *text, const char *detail, const char *reason, GtkWidget **allow)
{
  g_autofree char *shown = valise_text_for_display (text, LONGEST_TEXT);
  GtkWidget *row = valise_controls_row_new ();
  GtkBox *box = GTK_BOX (gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12));
  GtkWidget *place = label_new (NULL);

  *allow = gtk_switch_new ();
  g_object_set_data (G_OBJECT (*allow), PLACE, place);
  g_object_set (box, "margin", 10, NULL);
  gtk_widget_set_valign (*allow, GTK_ALIGN_CENTER);
  atk_object_set_name (gtk_widget_get_accessible (*allow), shown);
  gtk_box_pack_start (box, make_words (shown, place), TRUE, TRUE, 0);
  gtk_box_pack_end (box, *allow, FALSE, FALSE, 0);
  valise_ask_row_set_reason (*allow, detail, reason);
  gtk_widget_show (*allow);
  gtk_widget_show (GTK_WIDGET (box));
  gtk_container_add (GTK_CONTAINER (row), GTK_WIDGET (box));
  return row;
}
