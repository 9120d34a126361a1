/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-preferences.h"

#include "ui/valise-gsettings.h"
#include "ui/valise-style.h"

struct _ValisePreferences
{
  HdyPreferencesWindow parent_instance;

  GtkFileChooser *library;
  GtkComboBox *quit_behaviour;
  GtkEntry *connection;
  GtkComboBox *scaling;
  GtkSwitch *scaling_smooth;
  GtkSwitch *resize_guest;
  GtkComboBox *color_scheme;
  GtkSwitch *show_details;
};

G_DEFINE_FINAL_TYPE (ValisePreferences, valise_preferences, HDY_TYPE_PREFERENCES_WINDOW)

static void
on_library_set_cb (ValisePreferences *self)
{
  g_autofree char *folder = gtk_file_chooser_get_filename (self->library);

  if (folder != NULL)
    g_settings_set_string (valise_gsettings_get (), "library", folder);
}

static void
bind_settings (ValisePreferences *self)
{
  GSettings *settings = valise_gsettings_get ();

  g_settings_bind (settings, "quit-behaviour", self->quit_behaviour, "active-id", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "connection", self->connection, "text", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "scaling", self->scaling, "active-id", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "scaling-smooth", self->scaling_smooth, "active", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "resize-guest", self->resize_guest, "active", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "color-scheme", self->color_scheme, "active-id", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "show-details", self->show_details, "active", G_SETTINGS_BIND_DEFAULT);
}

static void
valise_preferences_class_init (ValisePreferencesClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  gtk_widget_class_set_template_from_resource (widget_class, VALISE_RESOURCE_PATH "/ui/valise-preferences.glade");
  gtk_widget_class_bind_template_child (widget_class, ValisePreferences, color_scheme);
  gtk_widget_class_bind_template_child (widget_class, ValisePreferences, connection);
  gtk_widget_class_bind_template_child (widget_class, ValisePreferences, library);
  gtk_widget_class_bind_template_child (widget_class, ValisePreferences, quit_behaviour);
  gtk_widget_class_bind_template_child (widget_class, ValisePreferences, resize_guest);
  gtk_widget_class_bind_template_child (widget_class, ValisePreferences, scaling);
  gtk_widget_class_bind_template_child (widget_class, ValisePreferences, scaling_smooth);
  gtk_widget_class_bind_template_child (widget_class, ValisePreferences, show_details);
  gtk_widget_class_bind_template_callback (widget_class, on_library_set_cb);
}

static void
valise_preferences_init (ValisePreferences *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  bind_settings (self);
}

GtkWidget *
valise_preferences_new (GtkWindow *parent, const char *library)
{
  ValisePreferences *self = g_object_new (VALISE_TYPE_PREFERENCES, "transient-for", parent, NULL);

  gtk_file_chooser_set_filename (self->library, library);
  return GTK_WIDGET (self);
}
