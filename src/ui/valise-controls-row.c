/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-controls-row.h"

struct _ValiseControlsRow
{
  HdyPreferencesRow parent_instance;
};

G_DEFINE_FINAL_TYPE (ValiseControlsRow, valise_controls_row, HDY_TYPE_PREFERENCES_ROW)

/* The next that is shown; a list asks no more than one. */
static GtkWidget *
find_next (GtkWidget *row, GtkDirectionType direction)
{
  gboolean back = direction == GTK_DIR_TAB_BACKWARD || direction == GTK_DIR_UP || direction == GTK_DIR_LEFT;
  GtkListBox *list = GTK_LIST_BOX (gtk_widget_get_parent (row));
  int index = gtk_list_box_row_get_index (GTK_LIST_BOX_ROW (row));
  GtkWidget *next;

  do
    {
      index += back ? -1 : 1;
      next = index >= 0 ? GTK_WIDGET (gtk_list_box_get_row_at_index (list, index)) : NULL;
    }
  while (next != NULL && !gtk_widget_get_visible (next));
  return next;
}

static gboolean
valise_controls_row_focus (GtkWidget *widget, GtkDirectionType direction)
{
  GtkWidget *child = gtk_bin_get_child (GTK_BIN (widget));
  gboolean inside = gtk_container_get_focus_child (GTK_CONTAINER (widget)) != NULL;
  GtkWidget *next;

  if (child != NULL && gtk_widget_child_focus (child, direction))
    return TRUE;
  /* The list goes on from here itself. */
  if (inside || !GTK_IS_LIST_BOX (gtk_widget_get_parent (widget)))
    return FALSE;
  next = find_next (widget, direction);
  return next != NULL && gtk_widget_child_focus (next, direction);
}

static void
valise_controls_row_class_init (ValiseControlsRowClass *klass)
{
  GTK_WIDGET_CLASS (klass)->focus = valise_controls_row_focus;
}

static void
valise_controls_row_init (ValiseControlsRow *self)
{
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (self), FALSE);
  gtk_widget_set_can_focus (GTK_WIDGET (self), FALSE);
}

GtkWidget *
valise_controls_row_new (void)
{
  return g_object_new (VALISE_TYPE_CONTROLS_ROW, "visible", TRUE, NULL);
}
