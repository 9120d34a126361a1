/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-empty-page.h"

#include "ui/valise-style.h"

struct _ValiseEmptyPage
{
  GtkScrolledWindow parent_instance;
};

G_DEFINE_FINAL_TYPE (ValiseEmptyPage, valise_empty_page, GTK_TYPE_SCROLLED_WINDOW)

static void
valise_empty_page_class_init (ValiseEmptyPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  gtk_widget_class_set_template_from_resource (widget_class, VALISE_RESOURCE_PATH "/ui/valise-empty-page.glade");
}

static void
valise_empty_page_init (ValiseEmptyPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
