/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "model/valise-attached.h"
#include "model/valise-label.h"
#include "ui/valise-settings.h"
#include "ui/valise-special-rows.h"

/* What is connected to a controller, each a way to its page. */
VALISE_DEFINE_SPECIAL_ROW (ValiseAttachedRow, valise_attached_row, GtkLabel *label;)

static gboolean
on_link_cb (ValiseSettingsRow *row, const char *device)
{
  GtkWidget *settings = gtk_widget_get_ancestor (GTK_WIDGET (row), VALISE_TYPE_SETTINGS);

  if (settings != NULL)
    valise_settings_show_page (VALISE_SETTINGS (settings), device);
  return TRUE;
}

static void
valise_attached_row_bound (ValiseSettingsRow *row)
{
  ValiseAttachedRow *self = (ValiseAttachedRow *) row;

  if (self->label != NULL)
    return;
  self->label = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->label, 0);
  gtk_label_set_line_wrap (self->label, TRUE);
  gtk_label_set_line_wrap_mode (self->label, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_track_visited_links (self->label, FALSE);
  g_signal_connect_object (self->label, "activate-link", G_CALLBACK (on_link_cb), row, G_CONNECT_SWAPPED);
  valise_settings_row_name_control (row, GTK_WIDGET (self->label), NULL);
  valise_settings_row_add_wide (row, GTK_WIDGET (self->label));
  valise_settings_row_set_source (row, "");
}

static void
append_link (GString *words, ValiseDocument *document, const char *device)
{
  g_autofree char *name = valise_label_device (document, device);
  g_autofree char *link = g_markup_printf_escaped ("<a href=\"%s\">%s</a>", device, name);

  g_string_append_printf (words, "%s%s", words->len > 0 ? "\n" : "", link);
}

static void
valise_attached_row_refresh (ValiseSettingsRow *row)
{
  ValiseAttachedRow *self = (ValiseAttachedRow *) row;
  ValiseDocument *draft = valise_settings_row_get_draft (row);
  g_autoptr (GPtrArray) attached = valise_attached_list (draft, valise_settings_row_get_device (row));
  g_autoptr (GString) words = g_string_new (NULL);

  for (guint i = 0; i < attached->len; i++)
    append_link (words, draft, attached->pdata[i]);
  if (words->len == 0)
    g_string_append (words, _ ("Nothing has a place on it yet. Each device gets one when the machine is started."));
  gtk_label_set_markup (self->label, words->str);
}

static void
valise_attached_row_class_init (ValiseAttachedRowClass *klass)
{
  ValiseSettingsRowClass *row_class = VALISE_SETTINGS_ROW_CLASS (klass);

  row_class->bound = valise_attached_row_bound;
  row_class->refresh = valise_attached_row_refresh;
}
