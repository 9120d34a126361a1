/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-display-private.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

enum
{
  PROP_0,
  PROP_SCALING,
  PROP_SMOOTH,
  PROP_CONNECTED,
  PROP_GRABBED,
  PROP_ABSOLUTE,
  PROP_GUEST_WIDTH,
  PROP_GUEST_HEIGHT,
  PROP_MACHINE_NAME,
  N_PROPS
};
static GParamSpec *properties[N_PROPS];

enum
{
  CONNECTED,
  FIRST_FRAME,
  DISCONNECTED,
  NEEDS_POINTER_GRAB,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_QUARK (valise_display_error, valise_display_error)
G_DEFINE_FINAL_TYPE (ValiseDisplay, valise_display, GTK_TYPE_DRAWING_AREA)

GType
valise_display_scaling_get_type (void)
{
  static GType type = 0;
  static const GEnumValue values[] = {
    { VALISE_DISPLAY_FIT, "VALISE_DISPLAY_FIT", "fit" },
    { VALISE_DISPLAY_ACTUAL, "VALISE_DISPLAY_ACTUAL", "actual" },
    { VALISE_DISPLAY_INTEGER, "VALISE_DISPLAY_INTEGER", "integer" },
    { 0, NULL, NULL },
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("ValiseDisplayScaling", values));
  return type;
}

/* --- helpers --- */

static void
update_wanted (ValiseDisplay *self)
{
  gboolean seen = gtk_widget_get_mapped (GTK_WIDGET (self)) && !self->minimised;

  if (self->link != NULL)
    valise_display_link_set_wanted (self->link, seen || !self->has_frame);
}

static void
update_size (ValiseDisplay *self)
{
  GtkWidget *widget = GTK_WIDGET (self);

  valise_display_painter_set_size (self->painter, gtk_widget_get_allocated_width (widget),
                                   gtk_widget_get_allocated_height (widget), gtk_widget_get_scale_factor (widget));
}

static void
show_new_image (ValiseDisplay *self)
{
  self->new_image = FALSE;
  valise_display_painter_set_source (self->painter, gtk_widget_get_screen (GTK_WIDGET (self)),
                                     valise_display_link_get_image (self->link));
  gtk_widget_queue_resize (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_GUEST_WIDTH]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_GUEST_HEIGHT]);
}

static ValiseDisplayImage *
get_image (ValiseDisplay *self)
{
  return self->link != NULL && !self->new_image ? valise_display_link_get_image (self->link) : NULL;
}

static void
drop_link (ValiseDisplay *self)
{
  ValiseDisplayImage *image = self->has_frame ? get_image (self) : NULL;

  g_signal_handlers_disconnect_by_data (self->link, self);
  g_clear_pointer (&self->last_image, valise_display_image_unref);
  self->last_image = image != NULL ? valise_display_image_ref (image) : NULL;
  valise_display_link_close (self->link);
  g_clear_object (&self->link);
  _valise_display_input_link_changed (self);
}

static void
name_for_screen_readers (ValiseDisplay *self)
{
  AtkObject *accessible = gtk_widget_get_accessible (GTK_WIDGET (self));
  g_autofree char *name = NULL;

  if (self->machine_name != NULL)
    /* Translators: %s is the name of a virtual machine */
    name = g_strdup_printf (_ ("Screen of %s"), self->machine_name);
  else
    name = g_strdup (_ ("Screen of the machine"));
  atk_object_set_name (accessible, name);
  atk_object_set_role (accessible, ATK_ROLE_CANVAS);
  atk_object_set_description (
      accessible, _ ("Keys go to the machine while this has the focus. Press Ctrl and Alt together to leave it."));
}

/* --- callbacks --- */

static void
on_link_opened_cb (ValiseDisplay *self)
{
  _valise_display_input_link_changed (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CONNECTED]);
  g_signal_emit (self, signals[CONNECTED], 0);
}

static void
on_link_resized_cb (ValiseDisplay *self)
{
  self->new_image = TRUE;
}

static void
on_link_damaged_cb (ValiseDisplay *self, int x, int y, int width, int height)
{
  cairo_rectangle_int_t rectangle = { x, y, width, height };
  cairo_rectangle_int_t area;

  if (self->new_image)
    show_new_image (self);
  valise_display_painter_damage (self->painter, &rectangle, &area);
  if (area.width > 0 && area.height > 0)
    gtk_widget_queue_draw_area (GTK_WIDGET (self), area.x, area.y, area.width, area.height);
  if (!self->has_frame)
    {
      self->has_frame = TRUE;
      update_wanted (self);
      g_signal_emit (self, signals[FIRST_FRAME], 0);
    }
}

static void
on_link_cursor_cb (ValiseDisplay *self, GdkCursor *cursor)
{
  g_set_object (&self->cursor, cursor);
  self->has_cursor = TRUE;
  _valise_display_update_cursor (self);
}

static void
on_link_pointer_mode_cb (ValiseDisplay *self)
{
  _valise_display_input_link_changed (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ABSOLUTE]);
}

static void
on_link_closed_cb (ValiseDisplay *self, const GError *error)
{
  g_autoptr (GError) copy = error != NULL ? g_error_copy (error) : NULL;

  drop_link (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CONNECTED]);
  g_signal_emit (self, signals[DISCONNECTED], 0, copy);
}

/* --- overrides --- */

static gboolean
valise_display_draw (GtkWidget *widget, cairo_t *cr)
{
  ValiseDisplay *self = VALISE_DISPLAY (widget);

  valise_display_painter_draw (self->painter, cr);
  if (gtk_widget_has_visible_focus (widget) && !self->grabbed)
    gtk_render_focus (gtk_widget_get_style_context (widget), cr, 0, 0, gtk_widget_get_allocated_width (widget),
                      gtk_widget_get_allocated_height (widget));
  return GDK_EVENT_PROPAGATE;
}

static void
valise_display_size_allocate (GtkWidget *widget, GtkAllocation *allocation)
{
  GTK_WIDGET_CLASS (valise_display_parent_class)->size_allocate (widget, allocation);
  update_size (VALISE_DISPLAY (widget));
}

static void
measure (ValiseDisplay *self, GtkOrientation orientation, int *minimum, int *natural)
{
  int width, height;

  valise_display_painter_get_actual_size (self->painter, gtk_widget_get_scale_factor (GTK_WIDGET (self)), &width,
                                          &height);
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? width : height;
  *minimum = self->scaling == VALISE_DISPLAY_ACTUAL ? *natural : 1;
  *natural = MAX (*natural, *minimum);
}

static void
valise_display_get_preferred_width (GtkWidget *widget, int *minimum, int *natural)
{
  measure (VALISE_DISPLAY (widget), GTK_ORIENTATION_HORIZONTAL, minimum, natural);
}

static void
valise_display_get_preferred_height (GtkWidget *widget, int *minimum, int *natural)
{
  measure (VALISE_DISPLAY (widget), GTK_ORIENTATION_VERTICAL, minimum, natural);
}

static void
valise_display_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (valise_display_parent_class)->map (widget);
  update_wanted (VALISE_DISPLAY (widget));
}

static void
valise_display_unmap (GtkWidget *widget)
{
  valise_display_ungrab (VALISE_DISPLAY (widget));
  GTK_WIDGET_CLASS (valise_display_parent_class)->unmap (widget);
  update_wanted (VALISE_DISPLAY (widget));
}

static void
on_scale_factor_changed_cb (ValiseDisplay *self)
{
  update_size (self);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

static void
valise_display_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  ValiseDisplay *self = VALISE_DISPLAY (object);

  switch (id)
    {
    case PROP_SCALING:
      g_value_set_enum (value, (int) self->scaling);
      break;
    case PROP_SMOOTH:
      g_value_set_boolean (value, self->smooth);
      break;
    case PROP_CONNECTED:
      g_value_set_boolean (value, valise_display_is_connected (self));
      break;
    case PROP_GRABBED:
      g_value_set_boolean (value, self->grabbed);
      break;
    case PROP_ABSOLUTE:
      g_value_set_boolean (value, _valise_display_is_absolute (self));
      break;
    case PROP_GUEST_WIDTH:
      g_value_set_int (value, valise_display_get_guest_width (self));
      break;
    case PROP_GUEST_HEIGHT:
      g_value_set_int (value, valise_display_get_guest_height (self));
      break;
    case PROP_MACHINE_NAME:
      g_value_set_string (value, self->machine_name);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
valise_display_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  ValiseDisplay *self = VALISE_DISPLAY (object);

  switch (id)
    {
    case PROP_SCALING:
      valise_display_set_scaling (self, (ValiseDisplayScaling) g_value_get_enum (value));
      break;
    case PROP_SMOOTH:
      valise_display_set_smooth (self, g_value_get_boolean (value));
      break;
    case PROP_MACHINE_NAME:
      valise_display_set_machine_name (self, g_value_get_string (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
valise_display_dispose (GObject *object)
{
  ValiseDisplay *self = VALISE_DISPLAY (object);

  _valise_display_input_dispose (self);
  if (self->link != NULL)
    drop_link (self);
  G_OBJECT_CLASS (valise_display_parent_class)->dispose (object);
}

static void
valise_display_finalize (GObject *object)
{
  ValiseDisplay *self = VALISE_DISPLAY (object);

  g_clear_pointer (&self->last_image, valise_display_image_unref);
  g_clear_pointer (&self->painter, valise_display_painter_free);
  g_clear_pointer (&self->keys, valise_display_keys_free);
  g_clear_object (&self->cursor);
  g_free (self->machine_name);
  G_OBJECT_CLASS (valise_display_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *class)
{
  GParamFlags read = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
  GParamFlags write = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  properties[PROP_SCALING] =
      g_param_spec_enum ("scaling", NULL, NULL, VALISE_TYPE_DISPLAY_SCALING, VALISE_DISPLAY_FIT, write);
  properties[PROP_SMOOTH] = g_param_spec_boolean ("smooth", NULL, NULL, TRUE, write);
  properties[PROP_CONNECTED] = g_param_spec_boolean ("connected", NULL, NULL, FALSE, read);
  properties[PROP_GRABBED] = g_param_spec_boolean ("grabbed", NULL, NULL, FALSE, read);
  properties[PROP_ABSOLUTE] = g_param_spec_boolean ("absolute", NULL, NULL, TRUE, read);
  properties[PROP_GUEST_WIDTH] = g_param_spec_int ("guest-width", NULL, NULL, 0, VALISE_DISPLAY_IMAGE_SIDE, 0, read);
  properties[PROP_GUEST_HEIGHT] = g_param_spec_int ("guest-height", NULL, NULL, 0, VALISE_DISPLAY_IMAGE_SIDE, 0, read);
  properties[PROP_MACHINE_NAME] = g_param_spec_string ("machine-name", NULL, NULL, NULL, write);
  g_object_class_install_properties (class, N_PROPS, properties);
}

static void
install_signals (GType type)
{
  signals[CONNECTED] = g_signal_new ("connected", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[FIRST_FRAME] = g_signal_new ("first-frame", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[DISCONNECTED] = g_signal_new ("disconnected", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                        G_TYPE_ERROR | G_SIGNAL_TYPE_STATIC_SCOPE);
  signals[NEEDS_POINTER_GRAB] =
      g_signal_new ("needs-pointer-grab", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
valise_display_class_init (ValiseDisplayClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->get_property = valise_display_get_property;
  object_class->set_property = valise_display_set_property;
  object_class->dispose = valise_display_dispose;
  object_class->finalize = valise_display_finalize;
  widget_class->draw = valise_display_draw;
  widget_class->size_allocate = valise_display_size_allocate;
  widget_class->get_preferred_width = valise_display_get_preferred_width;
  widget_class->get_preferred_height = valise_display_get_preferred_height;
  widget_class->map = valise_display_map;
  widget_class->unmap = valise_display_unmap;
  _valise_display_input_class_init (widget_class);
  install_properties (object_class);
  install_signals (G_TYPE_FROM_CLASS (class));
  gtk_widget_class_set_css_name (widget_class, "valise-display");
}

static void
valise_display_init (ValiseDisplay *self)
{
  self->smooth = TRUE;
  self->painter = valise_display_painter_new ();
  self->keys = valise_display_keys_new (gtk_widget_get_display (GTK_WIDGET (self)));
  g_signal_connect (self, "notify::scale-factor", G_CALLBACK (on_scale_factor_changed_cb), NULL);
  _valise_display_input_init (self);
  name_for_screen_readers (self);
}

/* --- private --- */

void
_valise_display_notify_grabbed (ValiseDisplay *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_GRABBED]);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
_valise_display_emit_needs_pointer_grab (ValiseDisplay *self)
{
  g_signal_emit (self, signals[NEEDS_POINTER_GRAB], 0);
}

gboolean
_valise_display_is_absolute (ValiseDisplay *self)
{
  return self->link == NULL || valise_display_link_is_absolute (self->link);
}

void
_valise_display_set_minimised (ValiseDisplay *self, gboolean minimised)
{
  if (self->minimised == minimised)
    return;
  self->minimised = minimised;
  update_wanted (self);
}

/* --- public --- */

GtkWidget *
valise_display_new (void)
{
  return g_object_new (VALISE_TYPE_DISPLAY, NULL);
}

static void
follow_link (ValiseDisplay *self)
{
  g_signal_connect_swapped (self->link, "opened", G_CALLBACK (on_link_opened_cb), self);
  g_signal_connect_swapped (self->link, "resized", G_CALLBACK (on_link_resized_cb), self);
  g_signal_connect_swapped (self->link, "damaged", G_CALLBACK (on_link_damaged_cb), self);
  g_signal_connect_swapped (self->link, "cursor", G_CALLBACK (on_link_cursor_cb), self);
  g_signal_connect_swapped (self->link, "pointer-mode", G_CALLBACK (on_link_pointer_mode_cb), self);
  g_signal_connect_swapped (self->link, "closed", G_CALLBACK (on_link_closed_cb), self);
}

gboolean
valise_display_open_fd (ValiseDisplay *self, int fd, GError **error)
{
  g_return_val_if_fail (VALISE_IS_DISPLAY (self), FALSE);

  if (self->link != NULL)
    {
      g_close (fd, NULL);
      g_set_error_literal (error, VALISE_DISPLAY_ERROR, VALISE_DISPLAY_ERROR_OPEN,
                           _ ("This screen is connected already. Close it before it is connected to another machine."));
      return FALSE;
    }
  self->link = valise_display_link_new (gtk_widget_get_screen (GTK_WIDGET (self)), fd, error);
  if (self->link == NULL)
    return FALSE;
  self->has_frame = FALSE;
  g_clear_pointer (&self->last_image, valise_display_image_unref);
  self->has_cursor = FALSE;
  g_clear_object (&self->cursor);
  follow_link (self);
  return TRUE;
}

void
valise_display_close (ValiseDisplay *self)
{
  g_return_if_fail (VALISE_IS_DISPLAY (self));

  if (self->link == NULL)
    return;
  _valise_display_release_keys (self);
  drop_link (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CONNECTED]);
  g_signal_emit (self, signals[DISCONNECTED], 0, NULL);
}

gboolean
valise_display_is_connected (ValiseDisplay *self)
{
  g_return_val_if_fail (VALISE_IS_DISPLAY (self), FALSE);

  return self->link != NULL && valise_display_link_is_open (self->link);
}

gboolean
valise_display_has_frame (ValiseDisplay *self)
{
  g_return_val_if_fail (VALISE_IS_DISPLAY (self), FALSE);

  return self->link != NULL && self->has_frame;
}

static void
apply_scaling (ValiseDisplay *self, int property)
{
  valise_display_painter_set_scaling (self->painter, self->scaling, self->smooth);
  gtk_widget_queue_resize (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

void
valise_display_set_scaling (ValiseDisplay *self, ValiseDisplayScaling scaling)
{
  g_return_if_fail (VALISE_IS_DISPLAY (self));

  if (self->scaling == scaling)
    return;
  self->scaling = scaling;
  apply_scaling (self, PROP_SCALING);
}

void
valise_display_set_smooth (ValiseDisplay *self, gboolean smooth)
{
  g_return_if_fail (VALISE_IS_DISPLAY (self));

  if (self->smooth == !!smooth)
    return;
  self->smooth = !!smooth;
  apply_scaling (self, PROP_SMOOTH);
}

void
valise_display_set_machine_name (ValiseDisplay *self, const char *name)
{
  g_return_if_fail (VALISE_IS_DISPLAY (self));

  if (g_strcmp0 (self->machine_name, name) == 0)
    return;
  g_free (self->machine_name);
  self->machine_name = g_strdup (name);
  name_for_screen_readers (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MACHINE_NAME]);
}

int
valise_display_get_guest_width (ValiseDisplay *self)
{
  ValiseDisplayImage *image = get_image (self);

  return image != NULL ? valise_display_image_get_width (image) : 0;
}

int
valise_display_get_guest_height (ValiseDisplay *self)
{
  ValiseDisplayImage *image = get_image (self);

  return image != NULL ? valise_display_image_get_height (image) : 0;
}

void
valise_display_resize_guest (ValiseDisplay *self, int width, int height)
{
  g_return_if_fail (VALISE_IS_DISPLAY (self));

  if (self->link != NULL)
    valise_display_link_resize_guest (self->link, width, height);
}

GdkPixbuf *
valise_display_screenshot (ValiseDisplay *self, GError **error)
{
  ValiseDisplayImage *image = self->link != NULL ? get_image (self) : self->last_image;
  GdkPixbuf *pixbuf;
  cairo_surface_t *surface;
  int width, height;

  g_return_val_if_fail (VALISE_IS_DISPLAY (self), NULL);
  if (image == NULL || !self->has_frame)
    {
      g_set_error_literal (error, VALISE_DISPLAY_ERROR, VALISE_DISPLAY_ERROR_EMPTY,
                           _ ("The machine has not drawn anything yet. Wait until its screen shows something."));
      return NULL;
    }
  width = valise_display_image_get_width (image);
  height = valise_display_image_get_height (image);
  surface = cairo_image_surface_create_for_data (valise_display_image_get_pixels (image), CAIRO_FORMAT_RGB24, width,
                                                 height, (int) valise_display_image_get_stride (image));
  pixbuf = gdk_pixbuf_get_from_surface (surface, 0, 0, width, height);
  cairo_surface_destroy (surface);
  return pixbuf;
}
