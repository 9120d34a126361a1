/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The floor that starting is measured against: GTK 3, one window, one list. */
#include <gtk/gtk.h>

static GtkWidget *
make_list (void)
{
  GtkListStore *store = gtk_list_store_new (1, G_TYPE_STRING);
  GtkWidget *view = gtk_tree_view_new_with_model (GTK_TREE_MODEL (store));
  GtkWidget *scrolled = gtk_scrolled_window_new (NULL, NULL);

  for (int i = 0; i < 20; i++)
    {
      g_autofree char *text = g_strdup_printf ("Machine %d", i);

      gtk_list_store_insert_with_values (store, NULL, -1, 0, text, -1);
    }
  gtk_tree_view_insert_column_with_attributes (GTK_TREE_VIEW (view), -1, "Name", gtk_cell_renderer_text_new (), "text",
                                               0, NULL);
  gtk_container_add (GTK_CONTAINER (scrolled), view);
  g_object_unref (store);
  return scrolled;
}

static void
on_activate_cb (GtkApplication *application)
{
  GtkWidget *window = gtk_application_window_new (application);

  gtk_window_set_default_size (GTK_WINDOW (window), 1080, 720);
  gtk_container_add (GTK_CONTAINER (window), make_list ());
  gtk_widget_show_all (window);
}

int
main (int argc, char **argv)
{
  g_autoptr (GtkApplication) application = gtk_application_new ("io.github.valise.Floor", G_APPLICATION_DEFAULT_FLAGS);

  g_signal_connect (application, "activate", G_CALLBACK (on_activate_cb), NULL);
  return g_application_run (G_APPLICATION (application), argc, argv);
}
