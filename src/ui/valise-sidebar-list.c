/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-sidebar-list.h"

struct _ValiseSidebarList
{
  GtkListBox parent_instance;
};

G_DEFINE_FINAL_TYPE (ValiseSidebarList, valise_sidebar_list, GTK_TYPE_LIST_BOX)

static gboolean
valise_sidebar_list_focus (GtkWidget *widget, GtkDirectionType direction)
{
  GtkListBoxRow *selected = gtk_list_box_get_selected_row (GTK_LIST_BOX (widget));
  GtkWidget *inside = gtk_container_get_focus_child (GTK_CONTAINER (widget));
  gboolean tab = direction == GTK_DIR_TAB_FORWARD || direction == GTK_DIR_TAB_BACKWARD;

  if (!tab || selected == NULL)
    return GTK_WIDGET_CLASS (valise_sidebar_list_parent_class)->focus (widget, direction);
  if (inside != NULL)
    return gtk_widget_child_focus (inside, direction);
  gtk_widget_grab_focus (GTK_WIDGET (selected));
  return TRUE;
}

static void
valise_sidebar_list_class_init (ValiseSidebarListClass *klass)
{
  GTK_WIDGET_CLASS (klass)->focus = valise_sidebar_list_focus;
}

static void
valise_sidebar_list_init (ValiseSidebarList *self)
{
}
