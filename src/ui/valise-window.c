/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-window.h"

#include "ui/valise-empty-page.h"
#include "ui/valise-machine-list.h"
#include "ui/valise-machine-page.h"
#include "ui/valise-gsettings.h"
#include "ui/valise-style.h"

struct _ValiseWindow
{
  HdyApplicationWindow parent_instance;

  HdyLeaflet *leaflet;
  ValiseLibrary *library;
};

G_DEFINE_FINAL_TYPE (ValiseWindow, valise_window, HDY_TYPE_APPLICATION_WINDOW)

static void
valise_window_dispose (GObject *object)
{
  ValiseWindow *self = VALISE_WINDOW (object);

  g_clear_object (&self->library);
  G_OBJECT_CLASS (valise_window_parent_class)->dispose (object);
}

static void
valise_window_class_init (ValiseWindowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = valise_window_dispose;
  g_type_ensure (VALISE_TYPE_EMPTY_PAGE);
  g_type_ensure (VALISE_TYPE_MACHINE_LIST);
  g_type_ensure (VALISE_TYPE_MACHINE_PAGE);
  gtk_widget_class_set_template_from_resource (widget_class, VALISE_RESOURCE_PATH "/ui/valise-window.glade");
  gtk_widget_class_bind_template_child (widget_class, ValiseWindow, leaflet);
}

static void
valise_window_init (ValiseWindow *self)
{
  int width, height;

  gtk_widget_init_template (GTK_WIDGET (self));
  g_settings_get (valise_gsettings_get (), "window-size", "(ii)", &width, &height);
  gtk_window_set_default_size (GTK_WINDOW (self), width, height);
}

ValiseWindow *
valise_window_new (GtkApplication *application, ValiseLibrary *library)
{
  ValiseWindow *self = g_object_new (VALISE_TYPE_WINDOW, "application", application, NULL);

  g_set_object (&self->library, library);
  return self;
}
