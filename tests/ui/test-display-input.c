/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "display-picture.h"

static void
send_key_event (DisplayFixture *self, gboolean down, guint keyval, guint16 keycode)
{
  g_autoptr (GdkEvent) event = gdk_event_new (down ? GDK_KEY_PRESS : GDK_KEY_RELEASE);

  event->key.window = g_object_ref (gtk_widget_get_window (GTK_WIDGET (self->display)));
  event->key.send_event = TRUE;
  event->key.time = GDK_CURRENT_TIME;
  event->key.keyval = keyval;
  event->key.hardware_keycode = keycode;
  gdk_event_set_device (event, gdk_seat_get_keyboard (gdk_display_get_default_seat (gdk_display_get_default ())));
  gtk_main_do_event (event);
}

static void
take_key (DisplayFixture *self, RfbKey *key)
{
  turn_until_true (rfb_server_take_key (self->server, key, 0));
}

static void
assert_key (DisplayFixture *self, gboolean down, guint keysym, guint scancode)
{
  RfbKey key;

  /* The nudges that follow each key say nothing of keys. */
  do
    take_key (self, &key);
  while (key.keysym == GDK_KEY_VoidSymbol && !key.down);
  g_assert_cmpint (key.down, ==, down);
  g_assert_cmphex (key.keysym, ==, keysym);
  g_assert_cmphex (key.scancode, ==, scancode);
}

static void
assert_no_key (DisplayFixture *self)
{
  RfbKey key;

  turn_for (50);
  while (rfb_server_take_key (self->server, &key, 0))
    g_assert_true (key.keysym == GDK_KEY_VoidSymbol && !key.down);
}

/* A guest that has just been started is about to draw: QEMU is kept looking for a while, and no longer than that, or
 * than somebody looks. */
static void
test_opening_nudges (gconstpointer data)
{
  gboolean hide = GPOINTER_TO_INT (data);
  gint64 end_time = g_get_monotonic_time () + MAIN_LOOP_PATIENCE_MS * G_TIME_SPAN_MILLISECOND;
  gboolean quiet = FALSE;
  DisplayFixture self;
  RfbKey key;

  display_fixture_begin (&self, 320, 200, 320, 200, VALISE_DISPLAY_FIT, TRUE);
  take_key (&self, &key);
  g_assert_cmphex (key.keysym, ==, GDK_KEY_VoidSymbol);
  g_assert_false (key.down);
  if (hide)
    gtk_widget_hide (self.window);
  while (!quiet && g_get_monotonic_time () < end_time)
    {
      while (rfb_server_take_key (self.server, &key, 0))
        ;
      turn_for (300);
      quiet = !rfb_server_take_key (self.server, &key, 0);
    }
  g_assert_true (quiet);
  display_fixture_end (&self);
}

static void
test_keys (void)
{
  DisplayFixture self;

  display_fixture_begin (&self, 320, 200, 320, 200, VALISE_DISPLAY_FIT, TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (self.display));
  turn_for (50);
  send_key_event (&self, TRUE, GDK_KEY_a, 0);
  assert_key (&self, TRUE, GDK_KEY_a, 0x1e);
  send_key_event (&self, FALSE, GDK_KEY_A, 0);
  assert_key (&self, FALSE, GDK_KEY_a, 0x1e);
  send_key_event (&self, TRUE, GDK_KEY_ISO_Left_Tab, 0);
  assert_key (&self, TRUE, GDK_KEY_Tab, 0x0f);
  send_key_event (&self, FALSE, GDK_KEY_ISO_Left_Tab, 0);
  assert_key (&self, FALSE, GDK_KEY_Tab, 0x0f);
  /* A key that nobody pressed here is not released there. */
  send_key_event (&self, FALSE, GDK_KEY_b, 0);
  assert_no_key (&self);
  /* A key without a scancode goes by its name. */
  send_key_event (&self, TRUE, GDK_KEY_Adiaeresis, 0);
  assert_key (&self, TRUE, GDK_KEY_Adiaeresis, 0);
  display_fixture_end (&self);
}

/* The focus goes while keys are down: the guest is told that they are not any more. */
static void
test_keys_let_go (void)
{
  DisplayFixture self;
  GdkEvent *event;

  display_fixture_begin (&self, 320, 200, 320, 200, VALISE_DISPLAY_FIT, TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (self.display));
  turn_for (50);
  send_key_event (&self, TRUE, GDK_KEY_Shift_L, 0);
  assert_key (&self, TRUE, GDK_KEY_Shift_L, 0x2a);
  event = gdk_event_new (GDK_FOCUS_CHANGE);
  event->focus_change.window = g_object_ref (gtk_widget_get_window (GTK_WIDGET (self.display)));
  event->focus_change.in = FALSE;
  gtk_widget_event (GTK_WIDGET (self.display), event);
  gdk_event_free (event);
  assert_key (&self, FALSE, GDK_KEY_Shift_L, 0x2a);
  assert_no_key (&self);
  display_fixture_end (&self);
}

static void
test_send_keys (void)
{
  static const guint keyvals[] = { GDK_KEY_Control_L, GDK_KEY_Alt_L, GDK_KEY_Delete };
  static const guint scancodes[] = { 0x1d, 0x38, 0xd3 };
  DisplayFixture self;

  display_fixture_begin (&self, 320, 200, 320, 200, VALISE_DISPLAY_FIT, TRUE);
  valise_display_send_keys (self.display, keyvals, 3);
  for (int i = 0; i < 3; i++)
    assert_key (&self, TRUE, keyvals[i], scancodes[i]);
  for (int i = 2; i >= 0; i--)
    assert_key (&self, FALSE, keyvals[i], scancodes[i]);
  display_fixture_end (&self);
}

static void
send_button_event (DisplayFixture *self, gboolean down, guint button, double x, double y)
{
  g_autoptr (GdkEvent) event = gdk_event_new (down ? GDK_BUTTON_PRESS : GDK_BUTTON_RELEASE);

  event->button.window = g_object_ref (gtk_widget_get_window (GTK_WIDGET (self->display)));
  event->button.button = button;
  event->button.x = x;
  event->button.y = y;
  gdk_event_set_device (event, gdk_seat_get_pointer (gdk_display_get_default_seat (gdk_display_get_default ())));
  gtk_widget_event (GTK_WIDGET (self->display), event);
}

/* Scaled to half, with a border: a point of the widget is a pixel of the guest. */
static void
test_pointer (void)
{
  DisplayFixture self;
  g_autoptr (GdkEvent) scroll = gdk_event_new (GDK_SCROLL);

  display_fixture_begin (&self, 320, 200, 160, 140, VALISE_DISPLAY_FIT, TRUE);
  display_picture_assert (&self, 160, 140, display_picture_smooth,
                          &(DisplayPicture){ 320, 200, { 0, 20, 160, 100 }, 1, { 0 }, 0 });
  display_fixture_move (&self, 80, 70);
  display_fixture_assert_pointer (&self, 0, 160, 100);
  display_fixture_move (&self, 159, 119);
  display_fixture_assert_pointer (&self, 0, 318, 198);
  display_fixture_move (&self, 10, 5);
  display_fixture_assert_pointer (&self, 0, 20, 0);
  send_button_event (&self, TRUE, 1, 80, 70);
  display_fixture_assert_pointer (&self, 1, 160, 100);
  send_button_event (&self, TRUE, 3, 80, 70);
  display_fixture_assert_pointer (&self, 5, 160, 100);
  send_button_event (&self, FALSE, 1, 81, 70);
  display_fixture_assert_pointer (&self, 4, 162, 100);
  send_button_event (&self, FALSE, 3, 81, 70);
  display_fixture_assert_pointer (&self, 0, 162, 100);
  scroll->scroll.window = g_object_ref (gtk_widget_get_window (GTK_WIDGET (self.display)));
  scroll->scroll.direction = GDK_SCROLL_DOWN;
  scroll->scroll.x = 81;
  scroll->scroll.y = 70;
  gtk_widget_event (GTK_WIDGET (self.display), scroll);
  display_fixture_assert_pointer (&self, 16, 162, 100);
  display_fixture_assert_pointer (&self, 0, 162, 100);
  display_fixture_end (&self);
}

static gboolean
is_absolute (DisplayFixture *self)
{
  gboolean absolute;

  g_object_get (self->display, "absolute", &absolute, NULL);
  return absolute;
}

/* A guest with a relative pointer gets motion only after a click, and Ctrl+Alt ends it. */
static void
test_relative (void)
{
  DisplayFixture self;

  display_fixture_begin (&self, 320, 200, 320, 200, VALISE_DISPLAY_FIT, TRUE);
  rfb_server_send_pointer_mode (self.server, FALSE);
  turn_until_true (!is_absolute (&self));
  display_fixture_move (&self, 50, 50);
  g_assert_cmpuint (self.grabs_wanted, ==, 1);
  send_button_event (&self, TRUE, 1, 50, 50);
  send_button_event (&self, FALSE, 1, 50, 50);
  g_assert_true (valise_display_is_grabbed (self.display));
  display_fixture_move (&self, 150, 150);
  display_fixture_move (&self, 157, 145);
  display_fixture_assert_pointer (&self, 0, 0x7fff + 7, 0x7fff - 5);
  send_key_event (&self, TRUE, GDK_KEY_Control_L, 0);
  send_key_event (&self, TRUE, GDK_KEY_Alt_L, 0);
  g_assert_true (valise_display_is_grabbed (self.display));
  send_key_event (&self, FALSE, GDK_KEY_Alt_L, 0);
  g_assert_false (valise_display_is_grabbed (self.display));
  /* Nothing stays down over there. */
  assert_key (&self, TRUE, GDK_KEY_Control_L, 0x1d);
  assert_key (&self, TRUE, GDK_KEY_Alt_L, 0x38);
  assert_key (&self, FALSE, GDK_KEY_Alt_L, 0x38);
  assert_key (&self, FALSE, GDK_KEY_Control_L, 0x1d);
  display_fixture_end (&self);
}

/* Ctrl+Alt+F1 is for the guest and releases nothing. */
static void
test_grab_keeps (void)
{
  DisplayFixture self;

  display_fixture_begin (&self, 320, 200, 320, 200, VALISE_DISPLAY_FIT, TRUE);
  send_button_event (&self, TRUE, 1, 50, 50);
  send_button_event (&self, FALSE, 1, 50, 50);
  g_assert_true (valise_display_is_grabbed (self.display));
  send_key_event (&self, TRUE, GDK_KEY_Control_L, 0);
  send_key_event (&self, TRUE, GDK_KEY_Alt_L, 0);
  send_key_event (&self, TRUE, GDK_KEY_F1, 0);
  send_key_event (&self, FALSE, GDK_KEY_F1, 0);
  send_key_event (&self, FALSE, GDK_KEY_Alt_L, 0);
  send_key_event (&self, FALSE, GDK_KEY_Control_L, 0);
  g_assert_true (valise_display_is_grabbed (self.display));
  valise_display_ungrab (self.display);
  g_assert_false (valise_display_is_grabbed (self.display));
  display_fixture_end (&self);
}

int
main (int argc, char **argv)
{
  gtk_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/ui/display-input/opening-nudges/shown", GINT_TO_POINTER (FALSE), test_opening_nudges);
  g_test_add_data_func ("/ui/display-input/opening-nudges/hidden", GINT_TO_POINTER (TRUE), test_opening_nudges);
  g_test_add_func ("/ui/display-input/keys", test_keys);
  g_test_add_func ("/ui/display-input/keys-let-go", test_keys_let_go);
  g_test_add_func ("/ui/display-input/send-keys", test_send_keys);
  g_test_add_func ("/ui/display-input/pointer", test_pointer);
  g_test_add_func ("/ui/display-input/relative", test_relative);
  g_test_add_func ("/ui/display-input/grab-keeps", test_grab_keeps);
  return g_test_run ();
}
