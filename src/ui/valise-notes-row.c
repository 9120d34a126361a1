/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-special-rows.h"

/* Some four lines; more is scrolled to. */
#define LEAST_HEIGHT 88

VALISE_DEFINE_SPECIAL_ROW (ValiseNotesRow, valise_notes_row, GtkTextView *view;)

static void
on_changed_cb (ValiseSettingsRow *row)
{
  if (!valise_settings_row_is_refreshing (row))
    valise_settings_row_queue_commit (row);
}

static gboolean
on_left_cb (ValiseSettingsRow *row)
{
  valise_settings_row_flush (row);
  return GDK_EVENT_PROPAGATE;
}

static char *
get_text (ValiseNotesRow *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->view);
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
}

static void
valise_notes_row_bound (ValiseSettingsRow *row)
{
  ValiseNotesRow *self = (ValiseNotesRow *) row;
  GtkWidget *view, *scrolled;

  if (self->view != NULL)
    return;
  view = gtk_text_view_new ();
  scrolled = gtk_scrolled_window_new (NULL, NULL);
  self->view = GTK_TEXT_VIEW (view);
  gtk_text_view_set_wrap_mode (self->view, GTK_WRAP_WORD_CHAR);
  /* Tab goes on to the next setting. */
  gtk_text_view_set_accepts_tab (self->view, FALSE);
  g_object_set (view, "left-margin", 6, "right-margin", 6, "top-margin", 6, "bottom-margin", 6, NULL);
  g_object_set (scrolled, "hscrollbar-policy", GTK_POLICY_NEVER, "shadow-type", GTK_SHADOW_IN, "min-content-height",
                LEAST_HEIGHT, NULL);
  g_signal_connect_object (gtk_text_view_get_buffer (self->view), "changed", G_CALLBACK (on_changed_cb), row,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (view, "focus-out-event", G_CALLBACK (on_left_cb), row, G_CONNECT_SWAPPED);
  gtk_container_add (GTK_CONTAINER (scrolled), view);
  gtk_widget_show (view);
  valise_settings_row_name_control (row, view, NULL);
  valise_settings_row_add_wide (row, scrolled);
}

static void
valise_notes_row_refresh (ValiseSettingsRow *row)
{
  ValiseNotesRow *self = (ValiseNotesRow *) row;
  g_autofree char *value = valise_settings_row_get_value (row, valise_settings_row_get_knob (row));
  g_autofree char *shown = get_text (self);

  if (g_strcmp0 (shown, value != NULL ? value : "") != 0)
    gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->view), value != NULL ? value : "", -1);
}

static void
valise_notes_row_commit (ValiseSettingsRow *row)
{
  g_autofree char *text = get_text ((ValiseNotesRow *) row);

  valise_settings_row_set_value (row, valise_settings_row_get_knob (row), *text != '\0' ? text : NULL);
}

static void
valise_notes_row_class_init (ValiseNotesRowClass *klass)
{
  ValiseSettingsRowClass *row_class = VALISE_SETTINGS_ROW_CLASS (klass);

  row_class->bound = valise_notes_row_bound;
  row_class->refresh = valise_notes_row_refresh;
  row_class->commit = valise_notes_row_commit;
}
