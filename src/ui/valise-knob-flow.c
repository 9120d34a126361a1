/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-knob-control.h"

GtkWidget *
valise_knob_flow_new (guint beside)
{
  GtkWidget *flow = gtk_flow_box_new ();

  gtk_flow_box_set_selection_mode (GTK_FLOW_BOX (flow), GTK_SELECTION_NONE);
  gtk_flow_box_set_max_children_per_line (GTK_FLOW_BOX (flow), beside);
  gtk_flow_box_set_column_spacing (GTK_FLOW_BOX (flow), 6);
  gtk_flow_box_set_row_spacing (GTK_FLOW_BOX (flow), 6);
  return flow;
}

void
valise_knob_flow_add (GtkWidget *flow, GtkWidget *control)
{
  gtk_container_add (GTK_CONTAINER (flow), control);
  /* The control is what takes the keyboard, not the place that it stands in. */
  gtk_widget_set_can_focus (gtk_widget_get_parent (control), FALSE);
}
