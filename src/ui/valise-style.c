/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-style.h"

#include <handy.h>

#include "ui/valise-resources.h"

static void
load_once (void)
{
  g_autoptr (GtkCssProvider) provider = gtk_css_provider_new ();

  g_resources_register (valise_get_resource ());
  hdy_init ();
  gtk_css_provider_load_from_resource (provider, VALISE_RESOURCE_PATH "/style/valise.css");
  gtk_style_context_add_provider_for_screen (gdk_screen_get_default (), GTK_STYLE_PROVIDER (provider),
                                             GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
  /* GtkApplication has added it already, and each time GTK looks there for every one of the hundreds of directories that
   * an icon theme has. */
  if (g_application_get_default () == NULL)
    gtk_icon_theme_add_resource_path (gtk_icon_theme_get_default (), VALISE_RESOURCE_PATH "/icons");
}

void
valise_style_load (void)
{
  static gsize loaded = 0;

  if (g_once_init_enter (&loaded))
    {
      load_once ();
      g_once_init_leave (&loaded, 1);
    }
}
