/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-machine-list.h"

#include "ui/valise-style.h"

struct _ValiseMachineList
{
  GtkBox parent_instance;
};

G_DEFINE_FINAL_TYPE (ValiseMachineList, valise_machine_list, GTK_TYPE_BOX)

static void
valise_machine_list_class_init (ValiseMachineListClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  gtk_widget_class_set_template_from_resource (widget_class, VALISE_RESOURCE_PATH "/ui/valise-machine-list.glade");
}

static void
valise_machine_list_init (ValiseMachineList *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
