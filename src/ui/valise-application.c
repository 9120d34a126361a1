/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-application-private.h"

#include <glib/gi18n-lib.h>

#include "ui/valise-gsettings.h"
#include "ui/valise-preferences.h"
#include "ui/valise-stall-watch.h"
#include "ui/valise-style.h"
#include "ui/valise-thumbnails.h"
#include "valise-config.h"

G_DEFINE_FINAL_TYPE (ValiseApplication, valise_application, GTK_TYPE_APPLICATION)

/* --- after the first picture: everything that takes time --- */

static ValiseNoticeBar *
get_notices (ValiseApplication *self)
{
  return self->window != NULL ? valise_window_get_notices (self->window) : NULL;
}

static void
open_door (ValiseApplication *self)
{
  g_autoptr (GError) error = NULL;

  if (self->door != NULL)
    return;
  self->door = valise_verb_service_new (self->library, &error);
  if (self->door == NULL)
    g_debug ("Other programs will find the driver or the machines busy: %s", error->message);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (ValiseApplication) self = data;
  g_autoptr (GError) error = NULL;

  if (valise_host_connect_finish (VALISE_HOST (source), result, &error))
    open_door (self);
  else if (self->window != NULL)
    valise_window_say_host_error (self->window, error);
}

static void
remove_leftovers_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GPtrArray *leftovers = data;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < leftovers->len && error == NULL; i++)
    valise_bundle_remove_leftover (g_ptr_array_index (leftovers, i), &error);
  if (error == NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
leftovers_removed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  ValiseApplication *self = VALISE_APPLICATION (source);
  g_autoptr (GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error) && self->window != NULL)
    valise_notice_bar_say_error (get_notices (self), NULL, error);
}

static void
remove_leftovers (gpointer data)
{
  GPtrArray *leftovers = data;
  g_autoptr (GTask) task = g_task_new (g_application_get_default (), NULL, leftovers_removed_cb, NULL);

  g_task_set_source_tag (task, remove_leftovers);
  g_task_set_task_data (task, g_ptr_array_ref (leftovers), (GDestroyNotify) g_ptr_array_unref);
  g_task_run_in_thread (task, remove_leftovers_thread);
}

static void
list_leftovers_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  ValiseApplication *self = source;

  g_task_return_pointer (task, valise_library_list_leftovers (self->library), (GDestroyNotify) g_ptr_array_unref);
}

static void
leftovers_listed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  ValiseApplication *self = VALISE_APPLICATION (source);
  g_autoptr (GPtrArray) leftovers = g_task_propagate_pointer (G_TASK (result), NULL);
  g_autofree char *text = NULL;

  if (leftovers == NULL || leftovers->len == 0 || self->window == NULL)
    return;
  text =
      g_strdup_printf (ngettext ("%u unfinished machine was left behind when work was broken off.",
                                 "%u unfinished machines were left behind when work was broken off.", leftovers->len),
                       leftovers->len);
  valise_notice_bar_offer (get_notices (self), GTK_MESSAGE_WARNING, text, _ ("_Remove"), remove_leftovers,
                           g_ptr_array_ref (leftovers), (GDestroyNotify) g_ptr_array_unref);
}

static gboolean
begin_cb (gpointer data)
{
  ValiseApplication *self = data;
  g_autoptr (GTask) task = g_task_new (self, NULL, leftovers_listed_cb, NULL);

  valise_stall_watch_start ();
  if (self->window != NULL)
    gtk_window_set_icon_name (GTK_WINDOW (self->window), VALISE_APPLICATION_ID);
  valise_host_connect_async (self->host, NULL, connected_cb, g_object_ref (self));
  g_task_set_source_tag (task, begin_cb);
  g_task_run_in_thread (task, list_leftovers_thread);
  return G_SOURCE_REMOVE;
}

static void
on_after_paint_cb (GdkFrameClock *clock, ValiseApplication *self)
{
  g_signal_handlers_disconnect_by_func (clock, on_after_paint_cb, self);
  g_idle_add_full (G_PRIORITY_LOW, begin_cb, g_object_ref (self), g_object_unref);
}

static void
on_window_realize_cb (GtkWidget *window, ValiseApplication *self)
{
  g_signal_connect_object (gtk_widget_get_frame_clock (window), "after-paint", G_CALLBACK (on_after_paint_cb), self, 0);
}

/* --- actions --- */

static void
on_preferences_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ValiseApplication *self = data;
  GtkWidget *window = valise_preferences_new (GTK_WINDOW (self->window), valise_library_get_directory (self->library));

  g_signal_connect_object (window, "destroy", G_CALLBACK (_valise_application_consider_renewal), self,
                           G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (window));
}

static void
on_about_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ValiseApplication *self = data;

  gtk_show_about_dialog (GTK_WINDOW (self->window), "program-name", _ ("Valise"), "version", VALISE_VERSION, "comments",
                         _ ("Virtual machines you can carry"), "license-type", GTK_LICENSE_GPL_3_0, "logo-icon-name",
                         VALISE_APPLICATION_ID, NULL);
}

static void
on_quit_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  _valise_application_ask_quit (data);
}

static const GActionEntry entries[] = {
  { .name = "preferences", .activate = on_preferences_cb },
  { .name = "about", .activate = on_about_cb },
  { .name = "quit", .activate = on_quit_cb },
};

static const struct
{
  const char *action;
  const char *keys[3];
} accels[] = {
  { "app.preferences", { "<Primary>p", NULL } },
  { "app.quit", { "<Primary>q", NULL } },
  { "win.new", { "<Primary>n", NULL } },
  { "win.open", { "<Primary>o", NULL } },
  { "win.bring-in", { "<Primary>i", NULL } },
  { "win.find", { "<Primary>f", NULL } },
  { "win.menu", { "F10", NULL } },
  { "win.undo", { "<Primary>z", NULL } },
  { "win.back", { "<Alt>Left", NULL } },
  { "win.shortcuts", { "<Primary>question", "F1", NULL } },
  { "machine.settings", { "<Primary>comma", NULL } },
  { "machine.snapshots", { "<Primary>t", NULL } },
  { "machine.window", { "<Primary>d", NULL } },
  { "machine.fullscreen", { "F11", NULL } },
};

static void
add_actions (ValiseApplication *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  for (guint i = 0; i < G_N_ELEMENTS (accels); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (self), accels[i].action, accels[i].keys);
}

/* --- settings --- */

static void
apply_color_scheme (GSettings *settings, const char *key, gpointer unused)
{
  static const HdyColorScheme schemes[] = { HDY_COLOR_SCHEME_PREFER_LIGHT, HDY_COLOR_SCHEME_FORCE_LIGHT,
                                            HDY_COLOR_SCHEME_FORCE_DARK };

  hdy_style_manager_set_color_scheme (hdy_style_manager_get_default (), schemes[g_settings_get_enum (settings, key)]);
}

/* --- overrides --- */

static void
valise_application_startup (GApplication *application)
{
  ValiseApplication *self = VALISE_APPLICATION (application);

  _valise_application_make_library (self);
  G_APPLICATION_CLASS (valise_application_parent_class)->startup (application);
  valise_style_load ();
  g_signal_connect (valise_gsettings_get (), "changed::color-scheme", G_CALLBACK (apply_color_scheme), NULL);
  if (g_settings_get_enum (valise_gsettings_get (), "color-scheme") != 0)
    apply_color_scheme (valise_gsettings_get (), "color-scheme", NULL);
  add_actions (self);
  _valise_application_heed_signals (self);
}

static void
valise_application_activate (GApplication *application)
{
  ValiseApplication *self = VALISE_APPLICATION (application);

  if (self->window == NULL)
    {
      self->window = valise_window_new (GTK_APPLICATION (self), self->library);
      g_object_add_weak_pointer (G_OBJECT (self->window), (gpointer *) &self->window);
      g_signal_connect_object (self->window, "realize", G_CALLBACK (on_window_realize_cb), self, G_CONNECT_AFTER);
    }
  gtk_window_present (GTK_WINDOW (self->window));
}

static void
valise_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  ValiseApplication *self = VALISE_APPLICATION (application);

  g_application_activate (application);
  for (int i = 0; i < n_files; i++)
    {
      g_autofree char *path = g_file_get_path (files[i]);
      g_autofree char *uri = path == NULL ? g_file_get_uri (files[i]) : NULL;

      valise_window_take_file (self->window, path != NULL ? path : uri, (guint) n_files);
    }
}

static void
valise_application_shutdown (GApplication *application)
{
  _valise_application_ignore_signals (VALISE_APPLICATION (application));
  valise_thumbnails_finish (valise_thumbnails_get_default ());
  G_APPLICATION_CLASS (valise_application_parent_class)->shutdown (application);
}

static void
valise_application_finalize (GObject *object)
{
  ValiseApplication *self = VALISE_APPLICATION (object);

  g_clear_object (&self->door);
  _valise_application_drop_library (self);
  g_clear_object (&self->host);
  g_free (self->uri);
  g_free (self->directory);
  G_OBJECT_CLASS (valise_application_parent_class)->finalize (object);
}

static void
valise_application_class_init (ValiseApplicationClass *class)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = valise_application_finalize;
  application_class->startup = valise_application_startup;
  application_class->activate = valise_application_activate;
  application_class->open = valise_application_open;
  application_class->shutdown = valise_application_shutdown;
}

static void
valise_application_init (ValiseApplication *self)
{
}

/* --- public --- */

ValiseApplication *
valise_application_new (void)
{
  return g_object_new (VALISE_TYPE_APPLICATION, "application-id", VALISE_APPLICATION_ID, "flags",
                       G_APPLICATION_HANDLES_OPEN, NULL);
}
