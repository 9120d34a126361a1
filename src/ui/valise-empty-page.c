/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-empty-page.h"

#include "ui/valise-style.h"

/* Not itself what scrolls: GTK gives that its adjustments when the page is already in it, and then measures every word
 * once more, in a font that the window has not. */
struct _ValiseEmptyPage
{
  GtkBin parent_instance;
};

G_DEFINE_FINAL_TYPE (ValiseEmptyPage, valise_empty_page, GTK_TYPE_BIN)

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
