/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-settings-private.h"

#include <glib/gi18n-lib.h>

#include "model/valise-knob-catalogue.h"
#include "ui/valise-settings-pages.h"

#define KNOB "valise-knob"
/* More than anybody reads; typing on is quicker. */
#define MOST_RESULTS 60

static const char *
title_of (const char *page)
{
  const ValisePageInfo *info = valise_settings_pages_lookup (page);

  return info != NULL ? _ (info->title) : page;
}

static GtkWidget *
make_label (const char *text, gboolean dim)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  if (dim)
    {
      gtk_style_context_add_class (gtk_widget_get_style_context (label), GTK_STYLE_CLASS_DIM_LABEL);
      gtk_style_context_add_class (gtk_widget_get_style_context (label), "valise-caption");
    }
  return label;
}

static void
add_result (ValiseSettings *self, const ValiseKnob *knob)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  g_object_set (box, "margin", 8, NULL);
  gtk_container_add (GTK_CONTAINER (box), make_label (valise_knob_get_label (knob), FALSE));
  gtk_container_add (GTK_CONTAINER (box), make_label (title_of (knob->page), TRUE));
  gtk_container_add (GTK_CONTAINER (row), box);
  /* The path is what those know it by who know libvirt. */
  gtk_widget_set_tooltip_text (row, knob->path);
  atk_object_set_name (gtk_widget_get_accessible (row), valise_knob_get_label (knob));
  g_object_set_data (G_OBJECT (row), KNOB, (gpointer) knob->path);
  gtk_container_add (GTK_CONTAINER (self->result_list), row);
  gtk_widget_show_all (row);
}

void
_valise_settings_search (ValiseSettings *self)
{
  g_autofree char *words = g_strstrip (g_strdup (gtk_entry_get_text (self->search_entry)));
  g_autoptr (GPtrArray) found = NULL;
  gboolean has_order = FALSE;

  _valise_settings_empty (GTK_CONTAINER (self->result_list));
  if (*words == '\0')
    {
      gtk_stack_set_visible_child_name (self->sidebar_stack, "pages");
      return;
    }
  found = valise_knob_catalogue_search (valise_knob_catalogue_get_default (), words);
  for (guint i = 0; i < MIN (found->len, MOST_RESULTS); i++)
    {
      const ValiseKnob *knob = &((const ValiseKnobEntry *) g_ptr_array_index (found, i))->knob;
      gboolean order = valise_settings_page_is_boot_order (knob->path);
      /* Every device's place in the boot order is set in one and the same list. */
      if (!order || !has_order)
        add_result (self, knob);
      has_order |= order;
    }
  gtk_stack_set_visible_child_name (self->sidebar_stack, found->len > 0 ? "results" : "nothing");
  if (found->len > 0)
    gtk_list_box_select_row (self->result_list, gtk_list_box_get_row_at_index (self->result_list, 0));
}

void
_valise_settings_activate_result (ValiseSettings *self, GtkListBoxRow *row)
{
  const char *knob = row != NULL ? g_object_get_data (G_OBJECT (row), KNOB) : NULL;

  if (knob != NULL)
    valise_settings_show_knob (self, knob);
}

void
_valise_settings_stop_search (ValiseSettings *self)
{
  gtk_entry_set_text (self->search_entry, "");
  _valise_settings_search (self);
}
