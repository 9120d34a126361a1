/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-preferences.h"

#include <glib/gi18n-lib.h>

#include "bundle/valise-bundle.h"
#include "ui/valise-gsettings.h"
#include "ui/valise-style.h"

struct _ValisePreferences
{
  HdyPreferencesWindow parent_instance;

  HdyActionRow *library_row;
  HdyActionRow *connection_row;
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

/* To a file chooser a bundle is a folder like any other; who picks one means where it lies. */
static void
on_library_set_cb (ValisePreferences *self)
{
  g_autofree char *chosen = gtk_file_chooser_get_filename (self->library);
  g_autofree char *parent = chosen != NULL ? g_path_get_dirname (chosen) : NULL;
  gboolean bundle = chosen != NULL && g_str_has_suffix (chosen, VALISE_BUNDLE_SUFFIX);

  if (bundle)
    gtk_file_chooser_set_filename (self->library, parent);
  if (chosen != NULL)
    g_settings_set_string (valise_gsettings_get (), "library", bundle ? parent : chosen);
}

/* What the environment says wins; a control that changes nothing says why. */
static void
heed_environment (HdyActionRow *row, const char *variable)
{
  g_autofree char *reason = NULL;

  if (g_getenv (variable) == NULL)
    return;
  reason = g_strdup_printf (_ ("Set by %s where Valise was started"), variable);
  hdy_action_row_set_subtitle (row, reason);
  gtk_widget_set_sensitive (GTK_WIDGET (row), FALSE);
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
  gtk_widget_class_bind_template_child (widget_class, ValisePreferences, connection_row);
  gtk_widget_class_bind_template_child (widget_class, ValisePreferences, library);
  gtk_widget_class_bind_template_child (widget_class, ValisePreferences, library_row);
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
  heed_environment (self->library_row, "VALISE_LIBRARY");
  heed_environment (self->connection_row, "VALISE_CONNECT");
}

GtkWidget *
valise_preferences_new (GtkWindow *parent, const char *library)
{
  ValisePreferences *self = g_object_new (VALISE_TYPE_PREFERENCES, "transient-for", parent, NULL);

  gtk_file_chooser_set_filename (self->library, library);
  return GTK_WIDGET (self);
}
