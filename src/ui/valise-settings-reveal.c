/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-settings-private.h"

/* Between the row and the edge of what is seen. */
#define MARGIN 24

static void
scroll_to (GtkWidget *row)
{
  GtkWidget *viewport = gtk_widget_get_ancestor (row, GTK_TYPE_VIEWPORT);
  GtkWidget *content = viewport != NULL ? gtk_bin_get_child (GTK_BIN (viewport)) : NULL;
  int y;

  if (content == NULL || !gtk_widget_translate_coordinates (row, content, 0, 0, NULL, &y))
    return;
  gtk_adjustment_clamp_page (gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (viewport)), y - MARGIN,
                             y + gtk_widget_get_allocated_height (row) + MARGIN);
}

/* The widget of the row that has the focus, or NULL. */
static GtkWidget *
get_focus (GtkWidget *row)
{
  GtkWidget *top = gtk_widget_get_toplevel (row);
  GtkWidget *focus = GTK_IS_WINDOW (top) ? gtk_window_get_focus (GTK_WINDOW (top)) : NULL;

  return focus != NULL && (focus == row || gtk_widget_is_ancestor (focus, row)) ? focus : NULL;
}

/* When all around it has its place as well. Whoever has gone on to another row is not called back. */
static gboolean
on_placed_cb (gpointer row)
{
  if (get_focus (row) != NULL)
    scroll_to (row);
  return G_SOURCE_REMOVE;
}

static void
queue_scroll (GtkWidget *row)
{
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, on_placed_cb, g_object_ref (row), g_object_unref);
}

/* What is folded comes out little by little, and the row is moved each time. */
static void
on_row_moved_cb (GtkWidget *row, GdkRectangle *allocation, gpointer unused)
{
  if (get_focus (row) != NULL)
    queue_scroll (row);
  else
    g_signal_handlers_disconnect_by_func (row, on_row_moved_cb, unused);
}

void
_valise_settings_reveal_row (GtkWidget *row)
{
  GtkWidget *focus = get_focus (row);

  /* The key that led here is let go before a new page is drawn, and GTK brings that to what has the focus. */
  if (focus != NULL)
    gtk_widget_realize (focus);
  g_signal_handlers_disconnect_by_func (row, on_row_moved_cb, NULL);
  g_signal_connect_after (row, "size-allocate", G_CALLBACK (on_row_moved_cb), NULL);
  queue_scroll (row);
}
