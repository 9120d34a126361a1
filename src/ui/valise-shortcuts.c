/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-shortcuts.h"

#include "ui/valise-style.h"

void
valise_shortcuts_present (GtkWindow *parent)
{
  g_autoptr (GtkBuilder) builder = gtk_builder_new_from_resource (VALISE_RESOURCE_PATH "/ui/valise-shortcuts.glade");
  GtkWindow *window = GTK_WINDOW (gtk_builder_get_object (builder, "shortcuts"));

  gtk_window_set_transient_for (window, parent);
  gtk_window_present (window);
}
