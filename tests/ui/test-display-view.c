/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The view around the display, with a real machine through the embedded driver. The cases follow one machine through
 * its life, in order. */
#include <glib/gstdio.h>
#include <gtk/gtk.h>
#include <string.h>

#include "engine-fixture.h"
#include "lit-pixels.h"
#include "main-loop.h"
#include "ui/valise-display-view.h"
#include "ui/valise-display-window.h"
#include "ui/valise-style.h"

#define WAIT_S 60

static ValiseMachine *machine;
static GtkWidget *window;
static ValiseDisplayView *view;
static guint disconnections;

/* --- helpers --- */

typedef gboolean (*Condition) (void);

static void
wait_for (Condition condition)
{
  for (int i = 0; i < WAIT_S * 20 && !condition (); i++)
    turn_for (50);
  g_assert_true (condition ());
}

static GtkWidget *
part (ValiseDisplayView *of, const char *name)
{
  return GTK_WIDGET (gtk_widget_get_template_child (GTK_WIDGET (of), VALISE_TYPE_DISPLAY_VIEW, name));
}

static const char *
text_of (const char *name)
{
  return gtk_label_get_text (GTK_LABEL (part (view, name)));
}

static void
activate (const char *action, GVariant *parameter)
{
  g_action_group_activate_action (gtk_widget_get_action_group (GTK_WIDGET (view), "display"), action, parameter);
}

static gboolean
has_frame (void)
{
  ValiseDisplay *display = valise_display_view_get_display (view);

  return display != NULL && valise_display_has_frame (display);
}

/* GRUB's menu, with its highlighted line. */
static gboolean
shows_menu (void)
{
  return has_frame () && lit_pixels_count (valise_display_view_get_display (view)) > 18000;
}

/* GRUB's command line, when the last of the menu has gone: three looks see the same, but for the cursor. */
static void
wait_for_command_line (void)
{
  int before = 0;

  for (int still = 0, i = 0; still < 3; i++)
    {
      int lit = (int) lit_pixels_count (valise_display_view_get_display (view));

      g_assert_cmpint (i, <, WAIT_S * 5);
      still = lit > 2000 && lit < 18000 && ABS (lit - before) < 50 ? still + 1 : 0;
      before = lit;
      turn_for (200);
    }
}

static void
on_disconnected_cb (void)
{
  disconnections++;
}

static void
do_verb (ValiseVerb verb)
{
  g_autoptr (GError) error = NULL;

  valise_machine_do (machine, verb, NULL, &error);
  g_assert_no_error (error);
  turn_for (200);
}

/* --- cases --- */

static void
test_off (void)
{
  valise_display_view_set_machine (view, machine);
  turn_for (50);
  g_assert_true (gtk_widget_get_visible (part (view, "state_box")));
  g_assert_cmpstr (text_of ("state_label"), ==, valise_machine_state_to_label (VALISE_MACHINE_OFF));
  g_assert_true (gtk_widget_get_visible (part (view, "state_button")));
  g_assert_cmpstr (atk_object_get_name (
                       gtk_widget_get_accessible (GTK_WIDGET (valise_display_view_get_display (view)))),
                   ==, "Screen of Grub");
}

static void
test_start (void)
{
  gtk_button_clicked (GTK_BUTTON (part (view, "state_button")));
  wait_for (has_frame);
  wait_for (shows_menu);
  g_assert_false (gtk_widget_get_visible (part (view, "state_box")));
  g_signal_connect (valise_display_view_get_display (view), "disconnected", G_CALLBACK (on_disconnected_cb), NULL);
}

static guint lit_before;

static gboolean
shows_typed (void)
{
  return lit_pixels_count (valise_display_view_get_display (view)) > lit_before + 150;
}

static gboolean
has_typed (void)
{
  return gtk_widget_get_sensitive (part (view, "type_send"));
}

static void
test_type (void)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (part (view, "type_text")));

  activate ("send-keys", g_variant_new_string ("c"));
  wait_for_command_line ();
  lit_before = lit_pixels_count (valise_display_view_get_display (view));
  gtk_text_buffer_set_text (buffer, "echo WWWW", -1);
  gtk_button_clicked (GTK_BUTTON (part (view, "type_send")));
  wait_for (has_typed);
  wait_for (shows_typed);
  g_assert_cmpint (gtk_text_buffer_get_char_count (buffer), ==, 0);
}

static gboolean
has_message (void)
{
  return gtk_revealer_get_reveal_child (GTK_REVEALER (part (view, "message_revealer")));
}

static void
test_screenshot (void)
{
  g_autoptr (GdkPixbuf) saved = NULL;
  g_autoptr (GError) error = NULL;
  const char *path;

  activate ("screenshot", NULL);
  wait_for (has_message);
  path = strchr (text_of ("message_label"), '/');
  g_assert_nonnull (path);
  g_assert_true (g_str_has_prefix (path, g_get_home_dir ()));
  saved = gdk_pixbuf_new_from_file (path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (gdk_pixbuf_get_width (saved), ==,
                   valise_display_get_guest_width (valise_display_view_get_display (view)));
  g_assert_true (gtk_widget_get_visible (part (view, "message_folder")));
  gtk_button_clicked (GTK_BUTTON (part (view, "message_close")));
  g_assert_false (has_message ());
}

static gboolean
is_away (void)
{
  gboolean away;

  g_object_get (view, "away", &away, NULL);
  return away;
}

static gboolean
is_back (void)
{
  return !is_away ();
}

/* The very same picture goes there and comes back: nothing is closed in between. */
static void
test_own_window (void)
{
  ValiseDisplay *display = valise_display_view_get_display (view);
  ValiseDisplayWindow *own;

  activate ("own-window", NULL);
  turn_for (200);
  own = valise_display_window_find (machine);
  g_assert_nonnull (own);
  g_assert_true (is_away ());
  g_assert_null (valise_display_view_get_display (view));
  g_assert_true (valise_display_view_get_display (valise_display_window_get_view (own)) == display);
  g_assert_true (valise_display_has_frame (display));
  g_assert_true (gtk_widget_get_mapped (GTK_WIDGET (display)));
  g_assert_true (gtk_window_get_focus (GTK_WINDOW (own)) == GTK_WIDGET (display));
  g_assert_cmpstr (gtk_window_get_title (GTK_WINDOW (own)), ==, "Grub");
  /* Somebody else's machine in between changes nothing. */
  valise_display_view_set_machine (view, NULL);
  g_assert_false (is_away ());
  valise_display_view_set_machine (view, machine);
  g_assert_true (is_away ());
  gtk_button_clicked (GTK_BUTTON (part (view, "away_back")));
  wait_for (is_back);
  turn_for (100);
  g_assert_null (valise_display_window_find (machine));
  g_assert_true (valise_display_view_get_display (view) == display);
  g_assert_true (valise_display_has_frame (display));
  g_assert_cmpuint (disconnections, ==, 0);
}

static void
touch (double y)
{
  GtkWidget *display = GTK_WIDGET (valise_display_view_get_display (view));
  g_autoptr (GdkEvent) event = gdk_event_new (GDK_MOTION_NOTIFY);

  event->motion.window = g_object_ref (gtk_widget_get_window (display));
  event->motion.x = 50;
  event->motion.y = y;
  gdk_event_set_device (event, gdk_seat_get_pointer (gdk_display_get_default_seat (gdk_display_get_default ())));
  gtk_widget_event (display, event);
}

static void
fling_pointer (int y)
{
  GtkWidget *display = GTK_WIDGET (valise_display_view_get_display (view));
  GdkDevice *pointer = gdk_seat_get_pointer (gdk_display_get_default_seat (gdk_display_get_default ()));
  int left, top;

  gdk_window_get_root_coords (gtk_widget_get_window (display), gtk_widget_get_allocated_width (display) / 2, y, &left,
                              &top);
  gdk_device_warp (pointer, gtk_widget_get_screen (display), left, top);
}

static gboolean
shows_edge (void)
{
  return gtk_revealer_get_reveal_child (GTK_REVEALER (part (view, "edge_revealer")));
}

static void
test_fullscreen (void)
{
  GtkRevealer *edge = GTK_REVEALER (part (view, "edge_revealer"));

  valise_display_view_set_fullscreen (view, TRUE);
  turn_for (50);
  g_assert_false (gtk_widget_get_visible (part (view, "toolbar")));
  g_assert_false (gtk_revealer_get_reveal_child (edge));
  touch (0);
  g_assert_true (gtk_revealer_get_reveal_child (edge));
  touch (200);
  g_assert_false (gtk_revealer_get_reveal_child (edge));
  /* In one go into the middle of the uppermost line, where the hidden bar lies. */
  fling_pointer (300);
  turn_for (500);
  g_assert_false (gtk_revealer_get_reveal_child (edge));
  fling_pointer (0);
  wait_for (shows_edge);
  valise_display_view_set_fullscreen (view, FALSE);
  g_assert_true (gtk_widget_get_visible (part (view, "toolbar")));
}

static gboolean
is_paused (void)
{
  return valise_machine_get_state (machine) == VALISE_MACHINE_PAUSED;
}

static gboolean
is_running (void)
{
  return valise_machine_get_state (machine) == VALISE_MACHINE_RUNNING;
}

static gboolean
shows_state (void)
{
  return gtk_widget_get_visible (part (view, "state_box"));
}

static gboolean
hides_state (void)
{
  return !shows_state ();
}

static void
test_pause (void)
{
  do_verb (VALISE_VERB_PAUSE);
  wait_for (is_paused);
  wait_for (shows_state);
  g_assert_nonnull (strstr (text_of ("state_label"), "Paused"));
  gtk_button_clicked (GTK_BUTTON (part (view, "state_button")));
  wait_for (is_running);
  wait_for (hides_state);
}

/* A view that goes while it connects, types and saves a picture leaves nothing behind that would still write on it. */
static void
test_destroyed (void)
{
  for (guint ms = 0; ms <= 400; ms += 200)
    {
      GtkWidget *other = gtk_window_new (GTK_WINDOW_TOPLEVEL);
      ValiseDisplayView *brief = VALISE_DISPLAY_VIEW (valise_display_view_new ());

      gtk_container_add (GTK_CONTAINER (other), GTK_WIDGET (brief));
      gtk_widget_show (other);
      valise_display_view_set_machine (brief, machine);
      turn_for (ms);
      gtk_text_buffer_set_text (gtk_text_view_get_buffer (GTK_TEXT_VIEW (part (brief, "type_text"))), "x", -1);
      gtk_button_clicked (GTK_BUTTON (part (brief, "type_send")));
      g_action_group_activate_action (gtk_widget_get_action_group (GTK_WIDGET (brief), "display"), "screenshot", NULL);
      gtk_widget_destroy (other);
      turn_for (300);
    }
  g_assert_true (has_frame ());
}

/* Off and on again: it connects by itself. */
static gboolean
is_off (void)
{
  return valise_machine_get_state (machine) == VALISE_MACHINE_OFF && !has_frame ();
}

static void
test_again (void)
{
  do_verb (VALISE_VERB_STOP);
  wait_for (is_off);
  g_assert_true (gtk_widget_get_visible (part (view, "state_box")));
  do_verb (VALISE_VERB_START);
  wait_for (has_frame);
  wait_for (hides_state);
  do_verb (VALISE_VERB_STOP);
  wait_for (is_off);
}

int
main (int argc, char **argv)
{
  g_autofree char *home = g_dir_make_tmp ("valise-view-XXXXXX", NULL);
  g_autofree char *pictures = g_build_filename (home, "Pictures", NULL);
  g_autoptr (ValiseHost) host = NULL;
  g_autoptr (GDir) saved = NULL;
  const char *name;
  int status;

  g_setenv ("HOME", home, TRUE);
  g_setenv ("XDG_CONFIG_HOME", home, TRUE);
  g_setenv ("GSETTINGS_BACKEND", "memory", TRUE);
  gtk_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
  valise_style_load ();
  engine_fixture_begin ();
  host = engine_fixture_host ();
  machine = engine_fixture_machine (host, "Grub", NULL, NULL);
  window = gtk_window_new (GTK_WINDOW_TOPLEVEL);
  view = VALISE_DISPLAY_VIEW (valise_display_view_new ());
  gtk_container_add (GTK_CONTAINER (window), GTK_WIDGET (view));
  gtk_window_resize (GTK_WINDOW (window), 800, 560);
  gtk_widget_show (window);
  g_test_add_func ("/ui/display-view/off", test_off);
  g_test_add_func ("/ui/display-view/start", test_start);
  g_test_add_func ("/ui/display-view/type", test_type);
  g_test_add_func ("/ui/display-view/screenshot", test_screenshot);
  g_test_add_func ("/ui/display-view/own-window", test_own_window);
  g_test_add_func ("/ui/display-view/fullscreen", test_fullscreen);
  g_test_add_func ("/ui/display-view/pause", test_pause);
  g_test_add_func ("/ui/display-view/destroyed", test_destroyed);
  g_test_add_func ("/ui/display-view/again", test_again);
  status = g_test_run ();
  gtk_widget_destroy (window);
  turn_for (100);
  g_object_unref (machine);
  g_clear_object (&host);
  /* libvirt lets go of its callbacks in a thread of its own. */
  turn_for (300);
  engine_fixture_end ();
  saved = g_dir_open (pictures, 0, NULL);
  while (saved != NULL && (name = g_dir_read_name (saved)) != NULL)
    {
      g_autofree char *path = g_build_filename (pictures, name, NULL);

      g_remove (path);
    }
  g_rmdir (pictures);
  g_rmdir (home);
  return status;
}
