/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-machine-page.h"

#include "ui/valise-style.h"

struct _ValiseMachinePage
{
  GtkBox parent_instance;
};

G_DEFINE_FINAL_TYPE (ValiseMachinePage, valise_machine_page, GTK_TYPE_BOX)

static void
valise_machine_page_class_init (ValiseMachinePageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  gtk_widget_class_set_template_from_resource (widget_class, VALISE_RESOURCE_PATH "/ui/valise-machine-page.glade");
}

static void
valise_machine_page_init (ValiseMachinePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
