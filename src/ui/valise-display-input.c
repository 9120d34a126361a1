/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-display-private.h"

#include <math.h>

/* Bits of ValiseDisplay.release_keys: Ctrl and Alt are down, and nothing else has been pressed since. */
#define RELEASE_CTRL 1u
#define RELEASE_ALT 2u
#define RELEASE_ALL (RELEASE_CTRL | RELEASE_ALT)

#define WHEEL_UP (1u << 3)
#define WHEEL_DOWN (1u << 4)
#define WHEEL_LEFT (1u << 5)
#define WHEEL_RIGHT (1u << 6)

/* A relative pointer is put back to the middle when it comes this near to the edge of the screen. */
#define EDGE 64

static GtkWidgetClass *parent_class;

/* --- helpers --- */

static gboolean
is_open (ValiseDisplay *self)
{
  return self->link != NULL && valise_display_link_is_open (self->link);
}

static GdkSeat *
get_seat (ValiseDisplay *self)
{
  return gdk_display_get_default_seat (gtk_widget_get_display (GTK_WIDGET (self)));
}

void
_valise_display_update_cursor (ValiseDisplay *self)
{
  GdkWindow *window = gtk_widget_get_window (GTK_WIDGET (self));
  g_autoptr (GdkCursor) blank = NULL;
  GdkCursor *cursor = NULL;

  if (window == NULL)
    return;
  if (is_open (self) && (self->pointer_grabbed || self->has_cursor))
    {
      if (!self->pointer_grabbed && self->cursor != NULL)
        cursor = self->cursor;
      else
        cursor = blank = gdk_cursor_new_for_display (gtk_widget_get_display (GTK_WIDGET (self)), GDK_BLANK_CURSOR);
    }
  gdk_window_set_cursor (window, cursor);
}

static void
send_key (ValiseDisplay *self, gboolean down, guint keyval, guint16 scancode)
{
  if (self->link != NULL)
    valise_display_link_send_key (self->link, down, keyval, scancode);
}

static void
send_pointer (ValiseDisplay *self, guint8 buttons, int dx, int dy)
{
  if (!is_open (self))
    return;
  if (_valise_display_is_absolute (self))
    valise_display_link_send_pointer (self->link, buttons, self->guest_x, self->guest_y);
  else
    valise_display_link_send_pointer (self->link, buttons, dx, dy);
}

void
_valise_display_release_keys (ValiseDisplay *self)
{
  guint16 scancode;
  guint keyval;

  while (valise_display_keys_take (self->keys, &scancode, &keyval))
    send_key (self, FALSE, keyval, scancode);
  self->release_keys = 0;
  if (self->buttons != 0)
    {
      self->buttons = 0;
      send_pointer (self, 0, 0, 0);
    }
}

/* The guest's Caps Lock may have gone its own way while the keyboard was elsewhere. */
static void
match_caps_lock (ValiseDisplay *self)
{
  GdkKeymap *keymap = gdk_keymap_get_for_display (gtk_widget_get_display (GTK_WIDGET (self)));
  gboolean guest;

  if (!is_open (self) || !valise_display_link_has_caps_lock (self->link, &guest)
      || guest == gdk_keymap_get_caps_lock_state (keymap))
    return;
  send_key (self, TRUE, GDK_KEY_Caps_Lock, valise_display_keys_from_keyval (GDK_KEY_Caps_Lock, NULL));
  send_key (self, FALSE, GDK_KEY_Caps_Lock, valise_display_keys_from_keyval (GDK_KEY_Caps_Lock, NULL));
}

/* --- grab --- */

static void
start_grab (ValiseDisplay *self)
{
  GdkWindow *window = gtk_widget_get_window (GTK_WIDGET (self));
  gboolean relative = !_valise_display_is_absolute (self);
  GdkSeatCapabilities what = GDK_SEAT_CAPABILITY_KEYBOARD;
  g_autoptr (GdkCursor) blank = NULL;

  if (window == NULL || !gtk_widget_get_mapped (GTK_WIDGET (self)) || !is_open (self) || self->grabbed)
    return;
  if (relative)
    {
      what |= GDK_SEAT_CAPABILITY_ALL_POINTING;
      blank = gdk_cursor_new_for_display (gtk_widget_get_display (GTK_WIDGET (self)), GDK_BLANK_CURSOR);
    }
  if (gdk_seat_grab (get_seat (self), window, what, FALSE, blank, NULL, NULL, NULL) != GDK_GRAB_SUCCESS)
    return;
  self->grabbed = TRUE;
  self->pointer_grabbed = relative;
  self->last_x = self->last_y = NAN;
  _valise_display_update_cursor (self);
  _valise_display_notify_grabbed (self);
}

static void
stop_grab (ValiseDisplay *self)
{
  if (!self->grabbed)
    return;
  self->grabbed = FALSE;
  self->pointer_grabbed = FALSE;
  gdk_seat_ungrab (get_seat (self));
  _valise_display_update_cursor (self);
  _valise_display_notify_grabbed (self);
}

/* Ctrl and Alt pressed and let go with nothing in between: back to the window, past this widget. */
static void
leave (ValiseDisplay *self)
{
  GtkWidget *toplevel = gtk_widget_get_toplevel (GTK_WIDGET (self));

  _valise_display_release_keys (self);
  valise_display_ungrab (self);
  if (GTK_IS_WINDOW (toplevel))
    gtk_widget_child_focus (toplevel, GTK_DIR_TAB_FORWARD);
}

/* Whether the combination is complete with this release. */
static gboolean
follow_release_keys (ValiseDisplay *self, const GdkEventKey *event)
{
  gboolean complete = event->type == GDK_KEY_RELEASE && self->release_keys == RELEASE_ALL;
  guint bit = 0;

  if (event->keyval == GDK_KEY_Control_L || event->keyval == GDK_KEY_Control_R)
    bit = RELEASE_CTRL;
  else if (event->keyval == GDK_KEY_Alt_L || event->keyval == GDK_KEY_Meta_L)
    bit = RELEASE_ALT;
  if (event->type == GDK_KEY_PRESS && bit != 0)
    self->release_keys |= bit;
  else
    self->release_keys = 0;
  return complete && bit != 0;
}

/* --- keyboard --- */

static gboolean
valise_display_key_press (GtkWidget *widget, GdkEventKey *event)
{
  ValiseDisplay *self = VALISE_DISPLAY (widget);
  guint16 scancode = valise_display_keys_from_event (self->keys, event);
  guint keyval = event->keyval == GDK_KEY_ISO_Left_Tab ? GDK_KEY_Tab : event->keyval;

  if (!is_open (self))
    return parent_class->key_press_event (widget, event);
  follow_release_keys (self, event);
  if (scancode != 0)
    valise_display_keys_press (self->keys, scancode, keyval);
  send_key (self, TRUE, keyval, scancode);
  return GDK_EVENT_STOP;
}

static gboolean
valise_display_key_release (GtkWidget *widget, GdkEventKey *event)
{
  ValiseDisplay *self = VALISE_DISPLAY (widget);
  guint16 scancode = valise_display_keys_from_event (self->keys, event);
  gboolean complete;
  guint keyval = event->keyval;

  if (!is_open (self))
    return GDK_EVENT_PROPAGATE;
  complete = follow_release_keys (self, event);
  /* What was pressed elsewhere, such as the shortcut that brought the focus here, is not the guest's to release. */
  if (scancode == 0 || valise_display_keys_release (self->keys, scancode, &keyval))
    send_key (self, FALSE, keyval, scancode);
  if (complete)
    leave (self);
  return GDK_EVENT_STOP;
}

/* The window would take its own shortcuts first. */
static gboolean
on_toplevel_key_cb (GtkWidget *toplevel, GdkEventKey *event, ValiseDisplay *self)
{
  if (!self->grabbed || gtk_window_get_focus (GTK_WINDOW (toplevel)) != GTK_WIDGET (self))
    return GDK_EVENT_PROPAGATE;
  return gtk_widget_event (GTK_WIDGET (self), (GdkEvent *) event);
}

static gboolean
on_toplevel_state_cb (GtkWidget *toplevel, GdkEventWindowState *event, ValiseDisplay *self)
{
  _valise_display_set_minimised (self, (event->new_window_state & GDK_WINDOW_STATE_ICONIFIED) != 0);
  return GDK_EVENT_PROPAGATE;
}

static gboolean
is_minimised (GtkWidget *toplevel)
{
  GdkWindow *window = toplevel != NULL ? gtk_widget_get_window (toplevel) : NULL;

  return window != NULL && (gdk_window_get_state (window) & GDK_WINDOW_STATE_ICONIFIED) != 0;
}

static void
follow_toplevel (ValiseDisplay *self, GtkWidget *toplevel)
{
  if (self->toplevel != NULL)
    {
      g_signal_handlers_disconnect_by_func (self->toplevel, on_toplevel_key_cb, self);
      g_signal_handlers_disconnect_by_func (self->toplevel, on_toplevel_state_cb, self);
      g_object_remove_weak_pointer (G_OBJECT (self->toplevel), (gpointer *) &self->toplevel);
    }
  self->toplevel = toplevel;
  _valise_display_set_minimised (self, is_minimised (toplevel));
  if (toplevel == NULL)
    return;
  g_object_add_weak_pointer (G_OBJECT (toplevel), (gpointer *) &self->toplevel);
  g_signal_connect_object (toplevel, "key-press-event", G_CALLBACK (on_toplevel_key_cb), self, 0);
  g_signal_connect_object (toplevel, "key-release-event", G_CALLBACK (on_toplevel_key_cb), self, 0);
  g_signal_connect_object (toplevel, "window-state-event", G_CALLBACK (on_toplevel_state_cb), self, 0);
}

static void
valise_display_hierarchy_changed (GtkWidget *widget, GtkWidget *previous)
{
  GtkWidget *toplevel = gtk_widget_get_toplevel (widget);

  follow_toplevel (VALISE_DISPLAY (widget), GTK_IS_WINDOW (toplevel) ? toplevel : NULL);
}

/* Tab belongs to the guest as well: the focus leaves with Ctrl+Alt only. */
static gboolean
valise_display_focus (GtkWidget *widget, GtkDirectionType direction)
{
  if (gtk_widget_has_focus (widget) || !gtk_widget_get_can_focus (widget))
    return FALSE;
  gtk_widget_grab_focus (widget);
  return TRUE;
}

static gboolean
valise_display_focus_in (GtkWidget *widget, GdkEventFocus *event)
{
  ValiseDisplay *self = VALISE_DISPLAY (widget);

  match_caps_lock (self);
  if (self->grab_wanted && self->inside)
    start_grab (self);
  gtk_widget_queue_draw (widget);
  return GDK_EVENT_PROPAGATE;
}

static gboolean
valise_display_focus_out (GtkWidget *widget, GdkEventFocus *event)
{
  ValiseDisplay *self = VALISE_DISPLAY (widget);

  _valise_display_release_keys (self);
  stop_grab (self);
  gtk_widget_queue_draw (widget);
  return GDK_EVENT_PROPAGATE;
}

static gboolean
valise_display_grab_broken (GtkWidget *widget, GdkEventGrabBroken *event)
{
  ValiseDisplay *self = VALISE_DISPLAY (widget);

  _valise_display_release_keys (self);
  stop_grab (self);
  return GDK_EVENT_PROPAGATE;
}

/* --- pointer --- */

static void
take_position (ValiseDisplay *self, double x, double y)
{
  valise_display_painter_find_guest (self->painter, x, y, &self->guest_x, &self->guest_y);
}

/* Keeps a grabbed pointer from running into the edge of the screen, where it would report no more motion. */
static void
keep_off_edges (ValiseDisplay *self, GdkEventMotion *event)
{
  GdkDisplay *display = gtk_widget_get_display (GTK_WIDGET (self));
  GdkMonitor *monitor = gdk_display_get_monitor_at_window (display, event->window);
  GdkRectangle area;
  int x, y;

  gdk_monitor_get_geometry (monitor, &area);
  if (event->x_root > area.x + EDGE && event->x_root < area.x + area.width - EDGE && event->y_root > area.y + EDGE
      && event->y_root < area.y + area.height - EDGE)
    return;
  x = area.x + area.width / 2;
  y = area.y + area.height / 2;
  gdk_device_warp (gdk_event_get_device ((GdkEvent *) event), gtk_widget_get_screen (GTK_WIDGET (self)), x, y);
  self->last_x = x;
  self->last_y = y;
}

static void
move_relative (ValiseDisplay *self, GdkEventMotion *event)
{
  int scale = gtk_widget_get_scale_factor (GTK_WIDGET (self));
  int dx = isnan (self->last_x) ? 0 : (int) ((event->x_root - self->last_x) * scale);
  int dy = isnan (self->last_y) ? 0 : (int) ((event->y_root - self->last_y) * scale);

  self->last_x = event->x_root;
  self->last_y = event->y_root;
  if (dx != 0 || dy != 0)
    send_pointer (self, self->buttons, dx, dy);
  keep_off_edges (self, event);
}

static gboolean
valise_display_motion (GtkWidget *widget, GdkEventMotion *event)
{
  ValiseDisplay *self = VALISE_DISPLAY (widget);
  int old_x = self->guest_x;
  int old_y = self->guest_y;

  if (!is_open (self))
    return GDK_EVENT_PROPAGATE;
  if (!_valise_display_is_absolute (self))
    {
      if (self->pointer_grabbed)
        move_relative (self, event);
      else
        _valise_display_emit_needs_pointer_grab (self);
      return GDK_EVENT_PROPAGATE;
    }
  take_position (self, event->x, event->y);
  if (self->guest_x != old_x || self->guest_y != old_y)
    send_pointer (self, self->buttons, 0, 0);
  /* Let an overlay that slides in at the edge see the motion too. */
  return GDK_EVENT_PROPAGATE;
}

static guint8
find_button (guint button)
{
  return button >= 1 && button <= 3 ? (guint8) (1u << (button - 1)) : 0;
}

static gboolean
valise_display_button_press (GtkWidget *widget, GdkEventButton *event)
{
  ValiseDisplay *self = VALISE_DISPLAY (widget);
  gboolean starts_grab = !_valise_display_is_absolute (self) && !self->pointer_grabbed;

  gtk_widget_grab_focus (widget);
  if (!is_open (self) || event->type != GDK_BUTTON_PRESS)
    return GDK_EVENT_STOP;
  self->inside = TRUE;
  self->grab_wanted = TRUE;
  start_grab (self);
  /* The click that gives a relative pointer to the guest is not one in the guest. */
  if (starts_grab)
    return GDK_EVENT_STOP;
  take_position (self, event->x, event->y);
  self->buttons |= find_button (event->button);
  send_pointer (self, self->buttons, 0, 0);
  return GDK_EVENT_STOP;
}

static gboolean
valise_display_button_release (GtkWidget *widget, GdkEventButton *event)
{
  ValiseDisplay *self = VALISE_DISPLAY (widget);

  if ((self->buttons & find_button (event->button)) == 0)
    return GDK_EVENT_STOP;
  take_position (self, event->x, event->y);
  self->buttons &= (guint8) ~find_button (event->button);
  send_pointer (self, self->buttons, 0, 0);
  return GDK_EVENT_STOP;
}

static void
click_wheel (ValiseDisplay *self, guint wheel)
{
  send_pointer (self, (guint8) (self->buttons | wheel), 0, 0);
  send_pointer (self, self->buttons, 0, 0);
}

static double
roll (ValiseDisplay *self, double clicks, guint back, guint forth)
{
  for (; clicks >= 1; clicks -= 1)
    click_wheel (self, forth);
  for (; clicks <= -1; clicks += 1)
    click_wheel (self, back);
  return clicks;
}

static gboolean
valise_display_scroll (GtkWidget *widget, GdkEventScroll *event)
{
  ValiseDisplay *self = VALISE_DISPLAY (widget);
  static const guint wheels[] = { WHEEL_UP, WHEEL_DOWN, WHEEL_LEFT, WHEEL_RIGHT };

  if (!is_open (self))
    return GDK_EVENT_PROPAGATE;
  take_position (self, event->x, event->y);
  if (event->direction == GDK_SCROLL_SMOOTH)
    {
      self->scroll_x = roll (self, self->scroll_x + CLAMP (event->delta_x, -8, 8), WHEEL_LEFT, WHEEL_RIGHT);
      self->scroll_y = roll (self, self->scroll_y + CLAMP (event->delta_y, -8, 8), WHEEL_UP, WHEEL_DOWN);
    }
  else if ((guint) event->direction < G_N_ELEMENTS (wheels))
    click_wheel (self, wheels[event->direction]);
  return GDK_EVENT_STOP;
}

static gboolean
valise_display_enter (GtkWidget *widget, GdkEventCrossing *event)
{
  ValiseDisplay *self = VALISE_DISPLAY (widget);

  self->inside = TRUE;
  if (self->grab_wanted && gtk_widget_has_focus (widget))
    start_grab (self);
  return GDK_EVENT_PROPAGATE;
}

/* With the pointer gone elsewhere the keyboard must follow it there: windows beside this one could not be typed
 * into. */
static gboolean
valise_display_leave (GtkWidget *widget, GdkEventCrossing *event)
{
  ValiseDisplay *self = VALISE_DISPLAY (widget);

  if (event->mode != GDK_CROSSING_NORMAL || self->pointer_grabbed || self->buttons != 0)
    return GDK_EVENT_PROPAGATE;
  self->inside = FALSE;
  stop_grab (self);
  return GDK_EVENT_PROPAGATE;
}

static void
valise_display_realize (GtkWidget *widget)
{
  parent_class->realize (widget);
  _valise_display_update_cursor (VALISE_DISPLAY (widget));
}

/* --- private --- */

void
_valise_display_input_class_init (GtkWidgetClass *class)
{
  parent_class = g_type_class_peek_parent (class);
  class->key_press_event = valise_display_key_press;
  class->key_release_event = valise_display_key_release;
  class->focus = valise_display_focus;
  class->focus_in_event = valise_display_focus_in;
  class->focus_out_event = valise_display_focus_out;
  class->grab_broken_event = valise_display_grab_broken;
  class->hierarchy_changed = valise_display_hierarchy_changed;
  class->motion_notify_event = valise_display_motion;
  class->button_press_event = valise_display_button_press;
  class->button_release_event = valise_display_button_release;
  class->scroll_event = valise_display_scroll;
  class->enter_notify_event = valise_display_enter;
  class->leave_notify_event = valise_display_leave;
  class->realize = valise_display_realize;
}

void
_valise_display_input_init (ValiseDisplay *self)
{
  gtk_widget_set_can_focus (GTK_WIDGET (self), TRUE);
  gtk_widget_add_events (GTK_WIDGET (self), GDK_KEY_PRESS_MASK | GDK_KEY_RELEASE_MASK | GDK_FOCUS_CHANGE_MASK
                                                | GDK_POINTER_MOTION_MASK | GDK_BUTTON_PRESS_MASK
                                                | GDK_BUTTON_RELEASE_MASK | GDK_SCROLL_MASK | GDK_SMOOTH_SCROLL_MASK
                                                | GDK_ENTER_NOTIFY_MASK | GDK_LEAVE_NOTIFY_MASK);
}

void
_valise_display_input_dispose (ValiseDisplay *self)
{
  _valise_display_release_keys (self);
  valise_display_ungrab (self);
  follow_toplevel (self, NULL);
}

void
_valise_display_input_link_changed (ValiseDisplay *self)
{
  if (!is_open (self))
    {
      _valise_display_release_keys (self);
      stop_grab (self);
    }
  else if (self->grabbed && self->pointer_grabbed == _valise_display_is_absolute (self))
    {
      stop_grab (self);
      start_grab (self);
    }
  _valise_display_update_cursor (self);
}

/* --- public --- */

gboolean
valise_display_is_grabbed (ValiseDisplay *self)
{
  g_return_val_if_fail (VALISE_IS_DISPLAY (self), FALSE);

  return self->grabbed;
}

void
valise_display_ungrab (ValiseDisplay *self)
{
  g_return_if_fail (VALISE_IS_DISPLAY (self));

  self->grab_wanted = FALSE;
  stop_grab (self);
}

void
valise_display_send_keys (ValiseDisplay *self, const guint *keyvals, guint n_keyvals)
{
  g_return_if_fail (VALISE_IS_DISPLAY (self));

  for (guint i = 0; i < n_keyvals; i++)
    send_key (self, TRUE, keyvals[i], valise_display_keys_from_keyval (keyvals[i], NULL));
  for (guint i = n_keyvals; i > 0; i--)
    send_key (self, FALSE, keyvals[i - 1], valise_display_keys_from_keyval (keyvals[i - 1], NULL));
}
