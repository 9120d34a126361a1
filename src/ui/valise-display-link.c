/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-display-link.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <gvnc.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ui/valise-display.h"

/* QEMU looks for changes of the screen every 30 ms while something happens and ever more rarely while nothing does. It looks at
 * once when a key comes, which is too early for the guest to have answered, and would look again 80 ms later. A message of input
 * brings it back to 30 ms, so some follow each key for as long as somebody may be typing. */
#define NUDGE_INTERVAL_MS 14
#define NUDGE_SPAN_US (700 * 1000)
/* The release of a key that is not down: QEMU drops it before the guest could notice. No key has this number. */
#define NUDGE_SCANCODE 0xff

struct _ValiseDisplayLink
{
  GObject parent_instance;
  GdkScreen *screen;
  VncConnection *connection;
  ValiseDisplayImage *image;
  GError *error;
  gboolean begun;   /* gvnc has taken the descriptor */
  gboolean closing; /* by valise_display_link_close */
  gboolean open;
  gboolean closed;
  gboolean wanted;
  guint8 buttons;
  guint request_id;
  guint nudge_id;
  gint64 nudge_until;
};

enum
{
  OPENED,
  RESIZED,
  DAMAGED,
  CURSOR,
  POINTER_MODE,
  CLOSED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (ValiseDisplayLink, valise_display_link, G_TYPE_OBJECT)

static const VncPixelFormat FORMAT = {
  .bits_per_pixel = 32,
  .depth = 24,
  .byte_order = G_BYTE_ORDER,
  .true_color_flag = TRUE,
  .red_max = 255,
  .green_max = 255,
  .blue_max = 255,
  .red_shift = 16,
  .green_shift = 8,
  .blue_shift = 0,
};

/* --- helpers --- */

static void
fail (ValiseDisplayLink *self, ValiseDisplayError code, const char *message)
{
  if (self->error == NULL)
    self->error = g_error_new_literal (VALISE_DISPLAY_ERROR, (int) code, message);
  vnc_connection_shutdown (self->connection);
}

static gboolean
request (ValiseDisplayLink *self, gboolean incremental)
{
  return vnc_connection_framebuffer_update_request (self->connection, incremental, 0, 0,
                                                    (guint16) valise_display_image_get_width (self->image),
                                                    (guint16) valise_display_image_get_height (self->image));
}

/* gvnc writes straight into the memory of the image and may be in the middle of a row when everybody else lets it go. */
static void
attach_framebuffer (ValiseDisplayLink *self)
{
  VncBaseFramebuffer *framebuffer =
      vnc_base_framebuffer_new (valise_display_image_get_pixels (self->image),
                                (guint16) valise_display_image_get_width (self->image),
                                (guint16) valise_display_image_get_height (self->image),
                                (int) valise_display_image_get_stride (self->image), &FORMAT, &FORMAT);

  g_object_set_data_full (G_OBJECT (framebuffer), "valise-image", valise_display_image_ref (self->image),
                          (GDestroyNotify) valise_display_image_unref);
  vnc_connection_set_framebuffer (self->connection, VNC_FRAMEBUFFER (framebuffer));
  g_object_unref (framebuffer);
}

static gboolean
take_size (ValiseDisplayLink *self, int width, int height)
{
  ValiseDisplayImage *image = valise_display_image_new (self->screen, width, height);
  g_autofree char *message = NULL;

  if (image == NULL)
    {
      message = g_strdup_printf (_ ("The machine asked for a screen of %d × %d pixels, which is more than this program "
                                    "shows. Choose a smaller resolution in the machine."),
                                 width, height);
      fail (self, VALISE_DISPLAY_ERROR_SIZE, message);
      return FALSE;
    }
  g_clear_pointer (&self->image, valise_display_image_unref);
  self->image = image;
  attach_framebuffer (self);
  g_signal_emit (self, signals[RESIZED], 0);
  return TRUE;
}

static gboolean
nudge_cb (gpointer user_data)
{
  ValiseDisplayLink *self = user_data;

  if (!self->open || g_get_monotonic_time () >= self->nudge_until)
    {
      self->nudge_id = 0;
      return G_SOURCE_REMOVE;
    }
  vnc_connection_key_event (self->connection, FALSE, GDK_KEY_VoidSymbol, NUDGE_SCANCODE);
  return G_SOURCE_CONTINUE;
}

static void
nudge (ValiseDisplayLink *self)
{
  if (!self->wanted || !vnc_connection_get_ext_key_event (self->connection))
    return;
  self->nudge_until = g_get_monotonic_time () + NUDGE_SPAN_US;
  if (self->nudge_id == 0)
    self->nudge_id = g_timeout_add (NUDGE_INTERVAL_MS, nudge_cb, self);
}

static GdkCursor *
make_cursor (ValiseDisplayLink *self, VncCursor *cursor)
{
  GdkDisplay *display = self->screen != NULL ? gdk_screen_get_display (self->screen) : gdk_display_get_default ();
  int width = vnc_cursor_get_width (cursor);
  int height = vnc_cursor_get_height (cursor);
  g_autoptr (GBytes) pixels = g_bytes_new (vnc_cursor_get_data (cursor), (gsize) width * height * 4);
  g_autoptr (GdkPixbuf) pixbuf =
      gdk_pixbuf_new_from_bytes (pixels, GDK_COLORSPACE_RGB, TRUE, 8, width, height, width * 4);

  return gdk_cursor_new_from_pixbuf (display, pixbuf, vnc_cursor_get_hotx (cursor), vnc_cursor_get_hoty (cursor));
}

/* --- callbacks --- */

static void
on_begun_cb (ValiseDisplayLink *self)
{
  self->begun = TRUE;
  if (self->closing)
    vnc_connection_shutdown (self->connection);
}

static void
on_choose_type_cb (ValiseDisplayLink *self, GValueArray *types)
{
  G_GNUC_BEGIN_IGNORE_DEPRECATIONS
  for (guint i = 0; i < types->n_values; i++)
    if (g_value_get_enum (g_value_array_get_nth (types, i)) == VNC_CONNECTION_AUTH_NONE)
      {
        vnc_connection_set_auth_type (self->connection, VNC_CONNECTION_AUTH_NONE);
        return;
      }
  G_GNUC_END_IGNORE_DEPRECATIONS
  fail (self, VALISE_DISPLAY_ERROR_PROTOCOL,
        _ ("The machine's screen asks for a password. Remove the VNC password in the settings, page Display."));
}

static void
on_initialized_cb (ValiseDisplayLink *self)
{
  gint32 encodings[] = {
    VNC_CONNECTION_ENCODING_RAW,
    VNC_CONNECTION_ENCODING_EXTENDED_DESKTOP_RESIZE,
    VNC_CONNECTION_ENCODING_DESKTOP_RESIZE,
    VNC_CONNECTION_ENCODING_EXT_KEY_EVENT,
    VNC_CONNECTION_ENCODING_LED_STATE,
    VNC_CONNECTION_ENCODING_POINTER_CHANGE,
    VNC_CONNECTION_ENCODING_ALPHA_CURSOR,
    VNC_CONNECTION_ENCODING_RICH_CURSOR,
  };

  vnc_connection_set_pixel_format (self->connection, &FORMAT);
  if (!take_size (self, vnc_connection_get_width (self->connection), vnc_connection_get_height (self->connection)))
    return;
  vnc_connection_set_encodings (self->connection, G_N_ELEMENTS (encodings), encodings);
  self->open = TRUE;
  g_signal_emit (self, signals[OPENED], 0);
  request (self, FALSE);
}

static void
on_desktop_resize_cb (ValiseDisplayLink *self, guint width, guint height)
{
  if (self->image != NULL && valise_display_image_get_width (self->image) == (int) width
      && valise_display_image_get_height (self->image) == (int) height)
    request (self, TRUE);
  else if (take_size (self, (int) width, (int) height))
    request (self, FALSE);
}

/* Only a server that was asked for it may change the format, and this one was not. */
static void
on_pixel_format_cb (ValiseDisplayLink *self)
{
  fail (self, VALISE_DISPLAY_ERROR_PROTOCOL,
        _ ("The machine's screen changed its colour format unasked. Connect again; if it happens again, restart the "
           "machine."));
}

static gboolean
request_cb (gpointer user_data)
{
  ValiseDisplayLink *self = user_data;

  self->request_id = 0;
  if (self->open && self->wanted)
    request (self, TRUE);
  return G_SOURCE_REMOVE;
}

/* One request for all the rectangles of an update: gvnc reports each from an idle callback of its own, this comes after them. */
static void
on_framebuffer_update_cb (ValiseDisplayLink *self, int x, int y, int width, int height)
{
  if (self->request_id == 0)
    self->request_id = g_idle_add_full (G_PRIORITY_DEFAULT_IDLE + 1, request_cb, self, NULL);
  g_signal_emit (self, signals[DAMAGED], 0, x, y, width, height);
}

static void
on_cursor_changed_cb (ValiseDisplayLink *self, VncCursor *cursor)
{
  g_autoptr (GdkCursor) gdk_cursor = cursor != NULL ? make_cursor (self, cursor) : NULL;

  g_signal_emit (self, signals[CURSOR], 0, gdk_cursor);
}

static void
on_pointer_mode_cb (ValiseDisplayLink *self)
{
  g_signal_emit (self, signals[POINTER_MODE], 0);
}

static void
on_error_cb (ValiseDisplayLink *self, const char *message)
{
  if (self->error != NULL)
    return;
  if (g_strcmp0 (message, "Server closed the connection") == 0 || g_strcmp0 (message, "Unable to read from server") == 0
      || g_strcmp0 (message, "Failed to flush data") == 0)
    self->error = g_error_new_literal (VALISE_DISPLAY_ERROR, VALISE_DISPLAY_ERROR_CLOSED,
                                       _ ("The machine closed its screen. Connect again, or start the machine."));
  else
    self->error =
        g_error_new (VALISE_DISPLAY_ERROR, VALISE_DISPLAY_ERROR_PROTOCOL,
                     _ ("The machine's screen sent something that is not understood (%s). Connect again; if it "
                        "happens again, restart the machine."),
                     message);
}

static void
on_disconnected_cb (ValiseDisplayLink *self)
{
  g_autoptr (ValiseDisplayLink) keep = g_object_ref (self);

  self->open = FALSE;
  self->closed = TRUE;
  g_clear_handle_id (&self->request_id, g_source_remove);
  g_clear_handle_id (&self->nudge_id, g_source_remove);
  g_signal_handlers_disconnect_by_data (self->connection, self);
  if (self->error == NULL && !self->closing)
    self->error = g_error_new_literal (VALISE_DISPLAY_ERROR, VALISE_DISPLAY_ERROR_CLOSED,
                                       _ ("The machine closed its screen. Connect again, or start the machine."));
  g_signal_emit (self, signals[CLOSED], 0, self->closing ? NULL : self->error);
  g_object_unref (self); /* taken when it was opened */
}

/* --- overrides --- */

static void
valise_display_link_finalize (GObject *object)
{
  ValiseDisplayLink *self = VALISE_DISPLAY_LINK (object);

  g_clear_object (&self->connection);
  g_clear_object (&self->screen);
  g_clear_pointer (&self->image, valise_display_image_unref);
  g_clear_error (&self->error);
  G_OBJECT_CLASS (valise_display_link_parent_class)->finalize (object);
}

static void
valise_display_link_class_init (ValiseDisplayLinkClass *class)
{
  GType type = G_TYPE_FROM_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = valise_display_link_finalize;
  signals[OPENED] = g_signal_new ("opened", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[RESIZED] = g_signal_new ("resized", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[DAMAGED] = g_signal_new ("damaged", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 4, G_TYPE_INT,
                                   G_TYPE_INT, G_TYPE_INT, G_TYPE_INT);
  signals[CURSOR] =
      g_signal_new ("cursor", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, GDK_TYPE_CURSOR);
  signals[POINTER_MODE] = g_signal_new ("pointer-mode", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[CLOSED] = g_signal_new ("closed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                  G_TYPE_ERROR | G_SIGNAL_TYPE_STATIC_SCOPE);
}

static void
valise_display_link_init (ValiseDisplayLink *self)
{
  VncConnection *connection = vnc_connection_new ();

  self->wanted = TRUE;
  self->connection = connection;
  vnc_connection_set_shared (connection, TRUE);
  g_signal_connect_swapped (connection, "vnc-connected", G_CALLBACK (on_begun_cb), self);
  g_signal_connect_swapped (connection, "vnc-auth-choose-type", G_CALLBACK (on_choose_type_cb), self);
  g_signal_connect_swapped (connection, "vnc-initialized", G_CALLBACK (on_initialized_cb), self);
  g_signal_connect_swapped (connection, "vnc-desktop-resize", G_CALLBACK (on_desktop_resize_cb), self);
  g_signal_connect_swapped (connection, "vnc-pixel-format-changed", G_CALLBACK (on_pixel_format_cb), self);
  g_signal_connect_swapped (connection, "vnc-framebuffer-update", G_CALLBACK (on_framebuffer_update_cb), self);
  g_signal_connect_swapped (connection, "vnc-cursor-changed", G_CALLBACK (on_cursor_changed_cb), self);
  g_signal_connect_swapped (connection, "vnc-pointer-mode-changed", G_CALLBACK (on_pointer_mode_cb), self);
  g_signal_connect_swapped (connection, "vnc-error", G_CALLBACK (on_error_cb), self);
  g_signal_connect_swapped (connection, "vnc-disconnected", G_CALLBACK (on_disconnected_cb), self);
}

/* --- public --- */

static gboolean
is_connected_socket (int fd)
{
  struct sockaddr_storage address;
  socklen_t length = sizeof address;
  int type = 0;
  socklen_t type_length = sizeof type;

  return getsockopt (fd, SOL_SOCKET, SO_TYPE, &type, &type_length) == 0 && type == SOCK_STREAM
         && getpeername (fd, (struct sockaddr *) &address, &length) == 0;
}

ValiseDisplayLink *
valise_display_link_new (GdkScreen *screen, int fd, GError **error)
{
  ValiseDisplayLink *self;

  if (!is_connected_socket (fd))
    {
      g_set_error (error, VALISE_DISPLAY_ERROR, VALISE_DISPLAY_ERROR_OPEN,
                   _ ("Descriptor %d is no connected socket (%s). Connect to the machine's screen again."), fd,
                   g_strerror (errno));
      if (fd >= 0)
        close (fd);
      return NULL;
    }
  self = g_object_new (VALISE_TYPE_DISPLAY_LINK, NULL);
  g_set_object (&self->screen, screen);
  vnc_connection_open_fd (self->connection, fd);
  return g_object_ref (self); /* one for the connection, until it is closed */
}

void
valise_display_link_close (ValiseDisplayLink *self)
{
  if (self->closed || self->closing)
    return;
  self->closing = TRUE;
  self->open = FALSE;
  /* Before gvnc has taken the descriptor a shutdown would leave it open for ever. */
  if (self->begun)
    vnc_connection_shutdown (self->connection);
}

gboolean
valise_display_link_is_open (ValiseDisplayLink *self)
{
  return self->open;
}

ValiseDisplayImage *
valise_display_link_get_image (ValiseDisplayLink *self)
{
  return self->image;
}

gboolean
valise_display_link_is_absolute (ValiseDisplayLink *self)
{
  return vnc_connection_get_abs_pointer (self->connection);
}

gboolean
valise_display_link_has_caps_lock (ValiseDisplayLink *self, gboolean *on)
{
  *on = (vnc_connection_get_ledstate (self->connection) & VNC_LEDSTATE_CAPS_LOCK) != 0;
  return vnc_connection_get_ext_key_event (self->connection);
}

void
valise_display_link_set_wanted (ValiseDisplayLink *self, gboolean wanted)
{
  if (self->wanted == wanted)
    return;
  self->wanted = wanted;
  if (wanted && self->open)
    request (self, TRUE);
}

void
valise_display_link_send_key (ValiseDisplayLink *self, gboolean down, guint keyval, guint16 scancode)
{
  if (!self->open)
    return;
  vnc_connection_key_event (self->connection, down, keyval, scancode);
  if (down)
    nudge (self);
}

void
valise_display_link_send_pointer (ValiseDisplayLink *self, guint8 buttons, int x, int y)
{
  if (!self->open)
    return;
  if (!vnc_connection_get_abs_pointer (self->connection))
    {
      x = CLAMP (x + 0x7fff, 0, 0xffff);
      y = CLAMP (y + 0x7fff, 0, 0xffff);
    }
  vnc_connection_pointer_event (self->connection, buttons, (guint16) x, (guint16) y);
  if ((buttons & ~self->buttons) != 0)
    nudge (self);
  self->buttons = buttons;
}

void
valise_display_link_resize_guest (ValiseDisplayLink *self, int width, int height)
{
  if (self->open && width > 0 && height > 0 && width <= VALISE_DISPLAY_IMAGE_SIDE
      && height <= VALISE_DISPLAY_IMAGE_SIDE)
    vnc_connection_set_size (self->connection, (guint) width, (guint) height);
}
