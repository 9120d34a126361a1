/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-display-view-private.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "engine/valise-engine-error.h"
#include "ui/valise-gsettings.h"
#include "ui/valise-style.h"

/* A connection that breaks while the machine runs is tried again this often, each time after a longer pause. */
#define ATTEMPTS_MAX 4
#define RETRY_MS 250
#define HINT_SECONDS 4
/* What is over before this needs nothing that turns. */
#define SPIN_MS 500
/* A window that is being resized settles before the guest is asked to follow. */
#define RESIZE_MS 400
#define EDGE_SHOW 2
#define EDGE_HIDE 64

enum
{
  PROP_0,
  PROP_MACHINE,
  PROP_AWAY,
  PROP_FULLSCREEN,
  N_PROPS
};
static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (ValiseDisplayView, valise_display_view, GTK_TYPE_BOX)

static void open_display (ValiseDisplayView *self);
static void update (ValiseDisplayView *self);

/* --- state over the picture --- */

static gboolean
has_picture (ValiseDisplayView *self)
{
  return self->display != NULL && valise_display_has_frame (self->display);
}

/* What to say where there is no picture, or over one that stands still. @busy: something is under way. @button: the
 * next step, or NULL. */
static char *
describe (ValiseDisplayView *self, gboolean *busy, const char **button)
{
  ValiseMachineState state = valise_machine_get_state (self->machine);
  g_autofree char *reason = NULL;

  switch (state)
    {
    case VALISE_MACHINE_STARTING:
      *busy = TRUE;
      return has_picture (self) ? NULL : g_strdup (_ ("Starting…"));
    case VALISE_MACHINE_PAUSED:
      *button = _ ("_Resume");
      g_object_get (self->machine, "pause-reason", &reason, NULL);
      return reason != NULL && reason[0] != '\0' ? g_strdup_printf (_ ("Paused: %s"), reason) : g_strdup (_ ("Paused"));
    case VALISE_MACHINE_STOPPING:
      *busy = TRUE;
      return g_strdup (valise_machine_state_to_label (state));
    case VALISE_MACHINE_RUNNING:
      break;
    default:
      *button = valise_machine_can (self->machine, VALISE_VERB_START) ? _ ("_Start") : NULL;
      return g_strdup (valise_machine_state_to_label (state));
    }
  if (self->error != NULL)
    {
      *button = _ ("_Connect Again");
      return g_strdup (self->error->message);
    }
  *busy = TRUE;
  return has_picture (self) ? NULL : g_strdup (_ ("Connecting to the screen…"));
}

static gboolean
is_spinning (ValiseDisplayView *self)
{
  gboolean active;

  g_object_get (self->state_spinner, "active", &active, NULL);
  return active;
}

static gboolean
spin_cb (gpointer user_data)
{
  ValiseDisplayView *self = user_data;

  self->spin_id = 0;
  g_object_set (self->state_spinner, "active", TRUE, NULL);
  return G_SOURCE_REMOVE;
}

/* Turning it draws the window sixty times a second, while QEMU needs the processor to get where there is nothing to
 * wait for. It has its place from the beginning. */
static void
set_busy (ValiseDisplayView *self, gboolean busy)
{
  gtk_widget_set_visible (GTK_WIDGET (self->state_spinner), busy);
  if (busy && self->spin_id == 0 && !is_spinning (self))
    self->spin_id = g_timeout_add (SPIN_MS, spin_cb, self);
  if (busy)
    return;
  g_clear_handle_id (&self->spin_id, g_source_remove);
  g_object_set (self->state_spinner, "active", FALSE, NULL);
}

static void
update_state_box (ValiseDisplayView *self)
{
  gboolean busy = FALSE;
  const char *button = NULL;
  g_autofree char *text = self->machine != NULL ? describe (self, &busy, &button) : NULL;

  gtk_widget_set_visible (self->state_box, text != NULL);
  if (text == NULL)
    busy = FALSE;
  else
    gtk_label_set_text (self->state_label, text);
  set_busy (self, busy);
  gtk_widget_set_visible (GTK_WIDGET (self->state_button), button != NULL);
  if (button != NULL)
    gtk_button_set_label (self->state_button, button);
}

static void
update (ValiseDisplayView *self)
{
  gtk_stack_set_visible_child_name (self->stack, self->window != NULL ? "away" : "screen");
  gtk_widget_set_visible (self->toolbar, self->window == NULL && !self->fullscreen);
  if (!self->fullscreen)
    gtk_revealer_set_reveal_child (self->edge_revealer, FALSE);
  _valise_display_view_enable_tools (self, self->display != NULL && valise_display_is_connected (self->display));
  update_state_box (self);
}

static void
on_verb_done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ValiseDisplayView) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!valise_machine_do_finish (VALISE_MACHINE (source), result, &error) && !_valise_display_view_is_gone (self)
      && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    _valise_display_view_say (self, error->message, NULL);
}

static void
on_state_clicked_cb (ValiseDisplayView *self)
{
  ValiseMachineState state = valise_machine_get_state (self->machine);

  if (state == VALISE_MACHINE_RUNNING)
    {
      self->attempts = 0;
      open_display (self);
      return;
    }
  valise_machine_do_async (self->machine, state == VALISE_MACHINE_PAUSED ? VALISE_VERB_RESUME : VALISE_VERB_START,
                           self->cancellable, on_verb_done_cb, g_object_ref (self));
}

/* --- hints --- */

static gboolean
hide_hint_cb (gpointer user_data)
{
  ValiseDisplayView *self = user_data;

  self->hint_id = 0;
  gtk_revealer_set_reveal_child (self->hint_revealer, FALSE);
  return G_SOURCE_REMOVE;
}

static void
show_hint (ValiseDisplayView *self, const char *text)
{
  gtk_label_set_text (self->hint_label, text);
  if (!self->fullscreen)
    return;
  gtk_label_set_text (self->overlay_hint_label, text);
  gtk_revealer_set_reveal_child (self->hint_revealer, TRUE);
  g_clear_handle_id (&self->hint_id, g_source_remove);
  self->hint_id = g_timeout_add_seconds (HINT_SECONDS, hide_hint_cb, self);
}

static void
on_grabbed_cb (ValiseDisplayView *self)
{
  if (valise_display_is_grabbed (self->display))
    show_hint (self, _ ("All keys go to the machine. Ctrl+Alt takes them back."));
  else
    show_hint (self, "");
}

static void
on_needs_pointer_grab_cb (ValiseDisplayView *self)
{
  show_hint (self, _ ("Click to give the pointer to the machine. Ctrl+Alt takes it back."));
}

/* The edge bar slides in when the pointer touches the upper edge. */
static gboolean
on_motion_cb (ValiseDisplayView *self, GdkEventMotion *event, GtkWidget *display)
{
  int x, y;

  if (!self->fullscreen
      || !gtk_widget_translate_coordinates (display, GTK_WIDGET (self), (int) event->x, (int) event->y, &x, &y))
    return GDK_EVENT_PROPAGATE;
  if (y <= EDGE_SHOW)
    gtk_revealer_set_reveal_child (self->edge_revealer, TRUE);
  else if (y > EDGE_HIDE)
    gtk_revealer_set_reveal_child (self->edge_revealer, FALSE);
  return GDK_EVENT_PROPAGATE;
}

/* Hidden it still is a line of pixels, and a pointer flung to the edge comes to rest on them, not on the display. */
static gboolean
on_edge_entered_cb (ValiseDisplayView *self)
{
  if (self->fullscreen)
    gtk_revealer_set_reveal_child (self->edge_revealer, TRUE);
  return GDK_EVENT_PROPAGATE;
}

/* --- connection --- */

static void
set_error (ValiseDisplayView *self, const GError *error)
{
  g_clear_error (&self->error);
  if (error != NULL)
    self->error = g_error_copy (error);
}

static gboolean
is_open_for_display (ValiseDisplayView *self)
{
  ValiseMachineState state = valise_machine_get_state (self->machine);

  return state == VALISE_MACHINE_RUNNING || state == VALISE_MACHINE_PAUSED || state == VALISE_MACHINE_STOPPING;
}

static gboolean
retry_cb (gpointer user_data)
{
  ValiseDisplayView *self = user_data;

  self->retry_id = 0;
  if (self->machine != NULL && is_open_for_display (self))
    open_display (self);
  return G_SOURCE_REMOVE;
}

/* The machine may be on its way off, which libvirt tells a little later than the socket does. */
static void
retry_later (ValiseDisplayView *self)
{
  if (self->attempts >= ATTEMPTS_MAX || self->retry_id != 0)
    return;
  self->retry_id = g_timeout_add (RETRY_MS << self->attempts, retry_cb, self);
  self->attempts++;
}

static void
on_display_opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ValiseDisplayView) self = user_data;
  g_autoptr (GError) error = NULL;
  int fd = valise_machine_open_display_finish (VALISE_MACHINE (source), result, &error);

  /* Another machine by now: its own opening is under way. */
  if (self->machine != VALISE_MACHINE (source) || self->display == NULL
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      if (fd >= 0)
        g_close (fd, NULL);
      return;
    }
  self->opening = FALSE;
  if (fd < 0 || !valise_display_open_fd (self->display, fd, &error))
    {
      set_error (self, error);
      retry_later (self);
    }
  update (self);
}

static void
open_display (ValiseDisplayView *self)
{
  if (self->opening || self->display == NULL || valise_display_is_connected (self->display))
    return;
  g_clear_handle_id (&self->retry_id, g_source_remove);
  set_error (self, NULL);
  self->opening = TRUE;
  valise_machine_open_display_async (self->machine, self->cancellable, on_display_opened_cb, g_object_ref (self));
  update (self);
}

static void
on_display_ready_cb (ValiseDisplayView *self)
{
  self->attempts = 0;
  open_display (self);
}

static void
on_connected_cb (ValiseDisplayView *self)
{
  set_error (self, NULL);
  update (self);
}

static void
on_first_frame_cb (ValiseDisplayView *self)
{
  self->attempts = 0;
  update (self);
}

static void
on_disconnected_cb (ValiseDisplayView *self, const GError *error)
{
  set_error (self, error);
  show_hint (self, "");
  if (error != NULL && self->machine != NULL && is_open_for_display (self))
    retry_later (self);
  update (self);
}

static gboolean
follow_size_cb (gpointer user_data)
{
  ValiseDisplayView *self = user_data;
  int scale = gtk_widget_get_scale_factor (GTK_WIDGET (self));

  self->resize_id = 0;
  if (self->display != NULL && g_settings_get_boolean (valise_gsettings_get (), "resize-guest"))
    valise_display_resize_guest (self->display, gtk_widget_get_allocated_width (GTK_WIDGET (self->scroller)) * scale,
                                 gtk_widget_get_allocated_height (GTK_WIDGET (self->scroller)) * scale);
  return G_SOURCE_REMOVE;
}

static void
on_scroller_allocated_cb (ValiseDisplayView *self)
{
  if (self->display == NULL || !valise_display_is_connected (self->display) || self->resize_id != 0)
    return;
  self->resize_id = g_timeout_add (RESIZE_MS, follow_size_cb, self);
}

/* --- the display itself --- */

static void
adopt_display (ValiseDisplayView *self, ValiseDisplay *display)
{
  GSettings *settings = valise_gsettings_get ();

  self->display = display;
  gtk_container_add (GTK_CONTAINER (self->scroller), GTK_WIDGET (display));
  gtk_widget_show (GTK_WIDGET (display));
  g_settings_bind (settings, "scaling", display, "scaling", G_SETTINGS_BIND_GET);
  g_settings_bind (settings, "scaling-smooth", display, "smooth", G_SETTINGS_BIND_GET);
  g_signal_connect_object (display, "connected", G_CALLBACK (on_connected_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (display, "first-frame", G_CALLBACK (on_first_frame_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (display, "disconnected", G_CALLBACK (on_disconnected_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (display, "notify::grabbed", G_CALLBACK (on_grabbed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (display, "needs-pointer-grab", G_CALLBACK (on_needs_pointer_grab_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (display, "motion-notify-event", G_CALLBACK (on_motion_cb), self, G_CONNECT_SWAPPED);
}

static void
make_display (ValiseDisplayView *self)
{
  if (self->display != NULL)
    return;
  adopt_display (self, VALISE_DISPLAY (valise_display_new ()));
  if (self->machine != NULL)
    valise_display_set_machine_name (self->display, valise_machine_get_name (self->machine));
}

/* (transfer full): the display, connection and all, out of its place. */
static ValiseDisplay *
release_display (ValiseDisplayView *self)
{
  ValiseDisplay *display = g_object_ref (self->display);
  GtkWidget *parent = gtk_widget_get_parent (GTK_WIDGET (display));

  valise_display_ungrab (display);
  g_signal_handlers_disconnect_by_data (display, self);
  gtk_container_remove (GTK_CONTAINER (parent), GTK_WIDGET (display));
  /* The viewport that the scroller had put in between. */
  if (parent != GTK_WIDGET (self->scroller))
    gtk_container_remove (GTK_CONTAINER (self->scroller), parent);
  self->display = NULL;
  return display;
}

static void
drop_display (ValiseDisplayView *self)
{
  g_autoptr (ValiseDisplay) display = self->display != NULL ? release_display (self) : NULL;

  if (display != NULL)
    valise_display_close (display);
}

/* --- away --- */

static void set_window (ValiseDisplayView *self, ValiseDisplayWindow *window);

static void
on_returning_cb (ValiseDisplayView *self, ValiseDisplayWindow *window)
{
  ValiseDisplayView *from = valise_display_window_get_view (window);

  if (valise_display_view_get_display (from) != NULL)
    {
      valise_display_view_take (self, from);
      return;
    }
  /* Another view was faster. */
  set_window (self, NULL);
  make_display (self);
  if (is_open_for_display (self))
    open_display (self);
  update (self);
}

static void
set_window (ValiseDisplayView *self, ValiseDisplayWindow *window)
{
  if (self->window == window)
    return;
  if (self->window != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->window, self);
      g_object_remove_weak_pointer (G_OBJECT (self->window), (gpointer *) &self->window);
    }
  self->window = window;
  if (window != NULL)
    {
      g_object_add_weak_pointer (G_OBJECT (window), (gpointer *) &self->window);
      g_signal_connect_object (window, "returning", G_CALLBACK (on_returning_cb), self, G_CONNECT_SWAPPED);
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_AWAY]);
}

static void
on_away_show_clicked_cb (ValiseDisplayView *self)
{
  if (self->window != NULL)
    gtk_window_present (GTK_WINDOW (self->window));
}

static void
on_away_back_clicked_cb (ValiseDisplayView *self)
{
  if (self->window != NULL)
    gtk_window_close (GTK_WINDOW (self->window));
}

/* --- machine --- */

static void
on_machine_state_cb (ValiseDisplayView *self)
{
  if (!valise_machine_is_live (self->machine))
    {
      set_error (self, NULL);
      g_clear_handle_id (&self->retry_id, g_source_remove);
    }
  update (self);
}

static void
on_machine_name_cb (ValiseDisplayView *self)
{
  const char *name = valise_machine_get_name (self->machine);

  gtk_label_set_text (self->edge_label, name);
  if (self->display != NULL)
    valise_display_set_machine_name (self->display, name);
}

static void
let_machine_go (ValiseDisplayView *self)
{
  g_clear_handle_id (&self->retry_id, g_source_remove);
  g_clear_handle_id (&self->resize_id, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  set_error (self, NULL);
  self->opening = FALSE;
  self->attempts = 0;
  if (self->machine != NULL)
    g_signal_handlers_disconnect_by_data (self->machine, self);
  g_clear_object (&self->machine);
}

static void
follow_machine (ValiseDisplayView *self, ValiseMachine *machine)
{
  self->machine = g_object_ref (machine);
  self->cancellable = g_cancellable_new ();
  g_signal_connect_object (machine, "display-ready", G_CALLBACK (on_display_ready_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (machine, "notify::state", G_CALLBACK (on_machine_state_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (machine, "notify::pause-reason", G_CALLBACK (on_machine_state_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (machine, "notify::name", G_CALLBACK (on_machine_name_cb), self, G_CONNECT_SWAPPED);
}

/* --- overrides --- */

static void
valise_display_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  ValiseDisplayView *self = VALISE_DISPLAY_VIEW (object);

  switch (id)
    {
    case PROP_MACHINE:
      g_value_set_object (value, self->machine);
      break;
    case PROP_AWAY:
      g_value_set_boolean (value, self->window != NULL);
      break;
    case PROP_FULLSCREEN:
      g_value_set_boolean (value, self->fullscreen);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
valise_display_view_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  ValiseDisplayView *self = VALISE_DISPLAY_VIEW (object);

  switch (id)
    {
    case PROP_MACHINE:
      valise_display_view_set_machine (self, g_value_get_object (value));
      break;
    case PROP_FULLSCREEN:
      valise_display_view_set_fullscreen (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
valise_display_view_dispose (GObject *object)
{
  ValiseDisplayView *self = VALISE_DISPLAY_VIEW (object);

  let_machine_go (self);
  set_window (self, NULL);
  g_clear_handle_id (&self->spin_id, g_source_remove);
  g_clear_handle_id (&self->hint_id, g_source_remove);
  g_clear_handle_id (&self->message_id, g_source_remove);
  if (self->display != NULL)
    drop_display (self);
  if (self->actions != NULL)
    gtk_widget_insert_action_group (GTK_WIDGET (self), "display", NULL);
  g_clear_object (&self->actions);
  g_clear_pointer (&self->folder, g_free);
  G_OBJECT_CLASS (valise_display_view_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *class)
{
  gtk_widget_class_bind_template_child (class, ValiseDisplayView, toolbar);
  gtk_widget_class_bind_template_child (class, ValiseDisplayView, hint_label);
  gtk_widget_class_bind_template_child (class, ValiseDisplayView, stack);
  gtk_widget_class_bind_template_child (class, ValiseDisplayView, scroller);
  gtk_widget_class_bind_template_child (class, ValiseDisplayView, state_box);
  gtk_widget_class_bind_template_child (class, ValiseDisplayView, state_spinner);
  gtk_widget_class_bind_template_child (class, ValiseDisplayView, state_label);
  gtk_widget_class_bind_template_child (class, ValiseDisplayView, state_button);
  gtk_widget_class_bind_template_child (class, ValiseDisplayView, edge_revealer);
  gtk_widget_class_bind_template_child (class, ValiseDisplayView, edge_label);
  gtk_widget_class_bind_template_child (class, ValiseDisplayView, hint_revealer);
  gtk_widget_class_bind_template_child (class, ValiseDisplayView, overlay_hint_label);
  gtk_widget_class_bind_template_child (class, ValiseDisplayView, message_revealer);
  gtk_widget_class_bind_template_child (class, ValiseDisplayView, message_label);
  gtk_widget_class_bind_template_child (class, ValiseDisplayView, message_folder);
  gtk_widget_class_bind_template_child (class, ValiseDisplayView, keys_button);
  gtk_widget_class_bind_template_child (class, ValiseDisplayView, edge_keys_button);
  gtk_widget_class_bind_template_child (class, ValiseDisplayView, keys_menu);
  gtk_widget_class_bind_template_child (class, ValiseDisplayView, scaling_button);
  gtk_widget_class_bind_template_child (class, ValiseDisplayView, scaling_menu);
  gtk_widget_class_bind_template_child (class, ValiseDisplayView, type_button);
  gtk_widget_class_bind_template_child (class, ValiseDisplayView, type_popover);
  gtk_widget_class_bind_template_child (class, ValiseDisplayView, type_text);
  gtk_widget_class_bind_template_child (class, ValiseDisplayView, type_send);
  /* Only tests ask for these. */
  gtk_widget_class_bind_template_child_full (class, "away_back", FALSE, 0);
  gtk_widget_class_bind_template_child_full (class, "message_close", FALSE, 0);
  gtk_widget_class_bind_template_callback_full (class, "on_type_clicked_cb",
                                                G_CALLBACK (_valise_display_view_send_text));
  gtk_widget_class_bind_template_callback_full (class, "on_folder_clicked_cb",
                                                G_CALLBACK (_valise_display_view_open_folder));
  gtk_widget_class_bind_template_callback_full (class, "on_message_close_clicked_cb",
                                                G_CALLBACK (_valise_display_view_close_message));
  gtk_widget_class_bind_template_callback (class, on_edge_entered_cb);
  gtk_widget_class_bind_template_callback (class, on_state_clicked_cb);
  gtk_widget_class_bind_template_callback (class, on_away_show_clicked_cb);
  gtk_widget_class_bind_template_callback (class, on_away_back_clicked_cb);
}

static void
valise_display_view_class_init (ValiseDisplayViewClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  GParamFlags write = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = valise_display_view_get_property;
  object_class->set_property = valise_display_view_set_property;
  object_class->dispose = valise_display_view_dispose;
  properties[PROP_MACHINE] = g_param_spec_object ("machine", NULL, NULL, VALISE_TYPE_MACHINE, write);
  properties[PROP_AWAY] = g_param_spec_boolean ("away", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_FULLSCREEN] = g_param_spec_boolean ("fullscreen", NULL, NULL, FALSE, write);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_template_from_resource (widget_class, VALISE_RESOURCE_PATH "/ui/valise-display-view.glade");
  bind_children (widget_class);
}

static void
valise_display_view_init (ValiseDisplayView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  _valise_display_view_add_tools (self);
  g_signal_connect_object (self->scroller, "size-allocate", G_CALLBACK (on_scroller_allocated_cb), self,
                           G_CONNECT_SWAPPED);
  make_display (self);
  update (self);
}

/* --- public --- */

GtkWidget *
valise_display_view_new (void)
{
  return g_object_new (VALISE_TYPE_DISPLAY_VIEW, NULL);
}

void
valise_display_view_set_machine (ValiseDisplayView *self, ValiseMachine *machine)
{
  ValiseDisplayWindow *window;

  g_return_if_fail (VALISE_IS_DISPLAY_VIEW (self));
  if (self->machine == machine)
    return;
  let_machine_go (self);
  _valise_display_view_close_message (self);
  /* A new one, so that the last picture of the other machine is gone too. */
  drop_display (self);
  window = machine != NULL ? valise_display_window_find (machine) : NULL;
  if (window != NULL && valise_display_window_get_view (window) == self)
    window = NULL;
  set_window (self, window);
  if (machine != NULL)
    follow_machine (self, machine);
  if (window == NULL)
    make_display (self);
  if (machine != NULL)
    {
      on_machine_name_cb (self);
      if (window == NULL && is_open_for_display (self))
        open_display (self);
    }
  update (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MACHINE]);
}

ValiseDisplay *
valise_display_view_get_display (ValiseDisplayView *self)
{
  g_return_val_if_fail (VALISE_IS_DISPLAY_VIEW (self), NULL);

  return self->display;
}

void
valise_display_view_set_fullscreen (ValiseDisplayView *self, gboolean fullscreen)
{
  g_return_if_fail (VALISE_IS_DISPLAY_VIEW (self));

  if (self->fullscreen == !!fullscreen)
    return;
  self->fullscreen = !!fullscreen;
  update (self);
  if (self->fullscreen)
    show_hint (self,
               _ ("Touch the upper edge with the pointer, or press Ctrl+Alt and then F11, to leave full screen."));
  else
    gtk_revealer_set_reveal_child (self->hint_revealer, FALSE);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FULLSCREEN]);
}

static void
open_new_window (ValiseDisplayView *self, GtkWidget *toplevel, gboolean fullscreen)
{
  GtkApplication *application = GTK_IS_WINDOW (toplevel) ? gtk_window_get_application (GTK_WINDOW (toplevel)) : NULL;
  GtkWidget *window = valise_display_window_new (application, self->machine, self);

  if (fullscreen)
    valise_display_window_visit_fullscreen (VALISE_DISPLAY_WINDOW (window));
  gtk_window_present (GTK_WINDOW (window));
}

void
valise_display_view_open_window (ValiseDisplayView *self, gboolean fullscreen)
{
  GtkWidget *toplevel = gtk_widget_get_toplevel (GTK_WIDGET (self));
  ValiseDisplayWindow *window;

  g_return_if_fail (VALISE_IS_DISPLAY_VIEW (self));
  if (self->machine == NULL)
    return;
  window = valise_display_window_find (self->machine);
  if (window == NULL)
    open_new_window (self, toplevel, fullscreen);
  else if (fullscreen)
    valise_display_window_toggle_fullscreen (window);
  else if (GTK_WIDGET (window) == toplevel)
    gtk_window_close (GTK_WINDOW (window));
  else
    gtk_window_present (GTK_WINDOW (window));
}

void
valise_display_view_take (ValiseDisplayView *self, ValiseDisplayView *from)
{
  GtkWidget *toplevel = gtk_widget_get_toplevel (GTK_WIDGET (self));
  g_autoptr (ValiseDisplay) display = NULL;

  g_return_if_fail (VALISE_IS_DISPLAY_VIEW (self) && VALISE_IS_DISPLAY_VIEW (from) && from != self);
  g_return_if_fail (from->machine != NULL && from->display != NULL);
  display = release_display (from);
  drop_display (self);
  if (self->machine != from->machine)
    {
      let_machine_go (self);
      follow_machine (self, from->machine);
      on_machine_name_cb (self);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MACHINE]);
    }
  set_window (self, NULL);
  set_window (from, VALISE_IS_DISPLAY_WINDOW (toplevel) ? VALISE_DISPLAY_WINDOW (toplevel) : NULL);
  adopt_display (self, display);
  gtk_widget_grab_focus (GTK_WIDGET (display));
  /* An opening that was under way belonged to the other view. */
  if (!valise_display_is_connected (display) && is_open_for_display (self))
    open_display (self);
  update (self);
  update (from);
}
