/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-display-view-private.h"

#include <glib/gi18n-lib.h>

#include "ui/valise-gsettings.h"

#define KEYS_MAX 8
/* So many pictures may be taken within one second before their names run out. */
#define NAMES_MAX 1000

/* Long enough to go to the folder from there. */
#define MESSAGE_SECONDS 12

/* --- messages --- */

static gboolean
message_over_cb (gpointer user_data)
{
  ValiseDisplayView *self = user_data;

  self->message_id = 0;
  gtk_revealer_set_reveal_child (self->message_revealer, FALSE);
  return G_SOURCE_REMOVE;
}

void
_valise_display_view_say (ValiseDisplayView *self, const char *text, const char *folder)
{
  g_free (self->folder);
  self->folder = g_strdup (folder);
  gtk_label_set_text (self->message_label, text);
  gtk_widget_set_visible (self->message_folder, folder != NULL);
  gtk_revealer_set_reveal_child (self->message_revealer, TRUE);
  g_clear_handle_id (&self->message_id, g_source_remove);
  if (folder != NULL)
    self->message_id = g_timeout_add_seconds (MESSAGE_SECONDS, message_over_cb, self);
}

void
_valise_display_view_close_message (ValiseDisplayView *self)
{
  g_clear_handle_id (&self->message_id, g_source_remove);
  gtk_revealer_set_reveal_child (self->message_revealer, FALSE);
}

void
_valise_display_view_open_folder (ValiseDisplayView *self)
{
  GtkWidget *toplevel = gtk_widget_get_toplevel (GTK_WIDGET (self));
  g_autofree char *uri = g_filename_to_uri (self->folder, NULL, NULL);
  g_autoptr (GError) error = NULL;

  if (uri != NULL
      && !gtk_show_uri_on_window (GTK_IS_WINDOW (toplevel) ? GTK_WINDOW (toplevel) : NULL, uri, GDK_CURRENT_TIME,
                                  &error))
    _valise_display_view_say (self, error->message, self->folder);
}

/* --- keys --- */

/* @parameter: names of keys as GDK knows them, in the order in which they go down. */
static void
on_send_keys_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  ValiseDisplayView *self = user_data;
  g_auto (GStrv) names = g_strsplit (g_variant_get_string (parameter, NULL), " ", KEYS_MAX);
  guint keyvals[KEYS_MAX];
  guint n = 0;

  for (; names[n] != NULL; n++)
    keyvals[n] = gdk_keyval_from_name (names[n]);
  if (self->display == NULL)
    return;
  valise_display_send_keys (self->display, keyvals, n);
  gtk_widget_grab_focus (GTK_WIDGET (self->display));
}

/* --- typing --- */

static void
type_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;

  if (valise_machine_type (source, data, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
on_typed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ValiseDisplayView) self = user_data;
  g_autoptr (GError) error = NULL;

  if (_valise_display_view_is_gone (self))
    return;
  gtk_widget_set_sensitive (self->type_send, TRUE);
  if (g_task_propagate_boolean (G_TASK (result), &error))
    gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->type_text), "", 0);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    _valise_display_view_say (self, error->message, NULL);
}

void
_valise_display_view_send_text (ValiseDisplayView *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->type_text);
  GtkTextIter start, end;
  g_autoptr (GTask) task = NULL;
  g_autofree char *text = NULL;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  text = gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
  gtk_popover_popdown (self->type_popover);
  if (self->display != NULL)
    gtk_widget_grab_focus (GTK_WIDGET (self->display));
  if (self->machine == NULL || text[0] == '\0')
    return;
  gtk_widget_set_sensitive (self->type_send, FALSE);
  task = g_task_new (self->machine, self->cancellable, on_typed_cb, g_object_ref (self));
  g_task_set_task_data (task, g_steal_pointer (&text), g_free);
  g_task_run_in_thread (task, type_thread);
}

/* --- screenshot --- */

typedef struct
{
  GdkPixbuf *picture;
  char *folder;
  char *name; /* of the machine */
} Shot;

static void
shot_free (gpointer data)
{
  Shot *shot = data;

  g_object_unref (shot->picture);
  g_free (shot->folder);
  g_free (shot->name);
  g_free (shot);
}

static char *
name_shot (const Shot *shot, guint number)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *when = g_date_time_format (now, "%Y-%m-%d %H.%M.%S");
  g_autofree char *machine = g_strdelimit (g_strdup (shot->name), "/", '-');

  if (number > 1)
    return g_strdup_printf ("%s %s (%u).png", machine, when, number);
  return g_strdup_printf ("%s %s.png", machine, when);
}

/* Never over a file that is there. */
static GFileOutputStream *
create_shot (const Shot *shot, GFile **file, GCancellable *cancellable, GError **error)
{
  for (guint number = 1; number < NAMES_MAX; number++)
    {
      g_autofree char *name = name_shot (shot, number);
      g_autoptr (GFile) each = g_file_new_build_filename (shot->folder, name, NULL);
      g_autoptr (GError) taken = NULL;
      GFileOutputStream *stream = g_file_create (each, G_FILE_CREATE_NONE, cancellable, &taken);

      if (stream != NULL || !g_error_matches (taken, G_IO_ERROR, G_IO_ERROR_EXISTS))
        {
          *file = g_steal_pointer (&each);
          if (taken != NULL)
            g_propagate_error (error, g_steal_pointer (&taken));
          return stream;
        }
    }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS, _ ("%s holds too many pictures of this moment. Take another one."),
               shot->folder);
  return NULL;
}

static void
shot_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Shot *shot = data;
  g_autoptr (GFile) file = NULL;
  g_autoptr (GFileOutputStream) stream = NULL;
  GError *error = NULL;

  g_mkdir_with_parents (shot->folder, 0700);
  stream = create_shot (shot, &file, cancellable, &error);
  if (stream == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  if (!gdk_pixbuf_save_to_stream (shot->picture, G_OUTPUT_STREAM (stream), "png", cancellable, &error, NULL)
      || !g_output_stream_close (G_OUTPUT_STREAM (stream), cancellable, &error))
    {
      g_file_delete (file, NULL, NULL);
      g_task_return_error (task, error);
      return;
    }
  g_task_return_pointer (task, g_file_get_path (file), g_free);
}

static void
on_shot_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  ValiseDisplayView *self = VALISE_DISPLAY_VIEW (source);
  const Shot *shot = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_task_propagate_pointer (G_TASK (result), &error);
  g_autofree char *shown = path != NULL ? g_filename_display_name (path) : NULL;
  g_autofree char *text = NULL;

  if (_valise_display_view_is_gone (self))
    return;
  if (path != NULL)
    text = g_strdup_printf (_ ("The picture is %s"), shown);
  else
    text = g_strdup_printf (
        _ ("The picture was not saved: %s. Make room or choose another Pictures folder, then try again."),
        error->message);
  _valise_display_view_say (self, text, path != NULL ? shot->folder : NULL);
}

static void
on_screenshot_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  ValiseDisplayView *self = user_data;
  const char *pictures = g_get_user_special_dir (G_USER_DIRECTORY_PICTURES);
  g_autoptr (GError) error = NULL;
  g_autoptr (GTask) task = NULL;
  GdkPixbuf *picture;
  Shot *shot;

  if (self->display == NULL || self->machine == NULL)
    return;
  picture = valise_display_screenshot (self->display, &error);
  if (picture == NULL)
    {
      _valise_display_view_say (self, error->message, NULL);
      return;
    }
  shot = g_new0 (Shot, 1);
  shot->picture = picture;
  shot->folder = pictures != NULL ? g_strdup (pictures) : g_build_filename (g_get_home_dir (), "Pictures", NULL);
  shot->name = g_strdup (valise_machine_get_name (self->machine));
  task = g_task_new (self, NULL, on_shot_cb, NULL);
  g_task_set_task_data (task, shot, shot_free);
  g_task_run_in_thread (task, shot_thread);
}

/* --- windows --- */

static void
on_fullscreen_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  valise_display_view_open_window (user_data, TRUE);
}

static void
on_own_window_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  valise_display_view_open_window (user_data, FALSE);
}

/* --- private --- */

static const GActionEntry ENTRIES[] = {
  { .name = "send-keys", .activate = on_send_keys_cb, .parameter_type = "s" },
  { .name = "screenshot", .activate = on_screenshot_cb },
  { .name = "fullscreen", .activate = on_fullscreen_cb },
  { .name = "own-window", .activate = on_own_window_cb },
};

void
_valise_display_view_add_tools (ValiseDisplayView *self)
{
  static const char *const settings[] = { "scaling", "scaling-smooth", "resize-guest" };

  self->actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), ENTRIES, G_N_ELEMENTS (ENTRIES), self);
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    {
      g_autoptr (GAction) action = g_settings_create_action (valise_gsettings_get (), settings[i]);

      g_action_map_add_action (G_ACTION_MAP (self->actions), action);
    }
  gtk_widget_insert_action_group (GTK_WIDGET (self), "display", G_ACTION_GROUP (self->actions));
}

gboolean
_valise_display_view_is_gone (ValiseDisplayView *self)
{
  return self->actions == NULL;
}

/* The menus come with the connection: a view that was made beforehand and is never used would only bring them into
 * the window and take them away again. */
static void
attach_menus (ValiseDisplayView *self)
{
  if (gtk_menu_button_get_popover (self->type_button) != NULL)
    return;
  gtk_menu_button_set_popover (self->type_button, GTK_WIDGET (self->type_popover));
  gtk_menu_button_set_menu_model (self->keys_button, self->keys_menu);
  gtk_menu_button_set_menu_model (self->edge_keys_button, self->keys_menu);
  gtk_menu_button_set_menu_model (self->scaling_button, self->scaling_menu);
}

void
_valise_display_view_enable_tools (ValiseDisplayView *self, gboolean connected)
{
  static const char *const names[] = { "send-keys", "screenshot" };

  if (connected)
    attach_menus (self);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self->actions), names[i])),
                                 connected);
}
