/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-display-link.h"

#include <errno.h>
#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ui/valise-display-reader.h"
#include "ui/valise-display.h"

/* QEMU looks for changes of the screen every 30 ms while something happens and ever more rarely while nothing does. It
 * looks at once when a key comes, which is too early for the guest to have answered, and would look again 80 ms later.
 * A message of input brings it back to 30 ms, so some follow each key for as long as somebody may be typing, and the
 * opening, when the guest may just be about to draw for the first time. */
#define NUDGE_INTERVAL_MS 14
#define NUDGE_SPAN_US (700 * 1000)
#define NUDGE_OPENING_US (2 * G_USEC_PER_SEC)
/* The release of a key that is not down: QEMU drops it before the guest could notice. No key has this number. */
#define NUDGE_SCANCODE 0xff

/* After input and after what is due to be drawn: a flood of pixels must not keep the window from showing them. */
#define READ_PRIORITY (GDK_PRIORITY_REDRAW + 10)
/* A machine that reads nothing for so long is not there any more. */
#define UNSENT_MAX (256 * 1024)

struct _ValiseDisplayLink
{
  GObject parent_instance;
  GdkScreen *screen;
  ValiseDisplayReader *reader;
  ValiseDisplayImage *image;
  int fd; /* -1: closed */
  guint read_id;
  guint write_id;
  GByteArray *unsent;
  gboolean open;
  gboolean wanted;
  gboolean asked; /* an update is on its way, or will be when something changes */
  gboolean absolute;
  gboolean takes_scancodes;
  gboolean takes_sizes;
  guint8 leds;
  guint8 buttons;
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

/* --- sending --- */

static void
put_u8 (GByteArray *out, guint value)
{
  guint8 byte = (guint8) value;

  g_byte_array_append (out, &byte, 1);
}

static void
put_u16 (GByteArray *out, guint value)
{
  put_u8 (out, value >> 8 & 0xff);
  put_u8 (out, value & 0xff);
}

static void
put_u32 (GByteArray *out, guint32 value)
{
  put_u16 (out, value >> 16);
  put_u16 (out, value & 0xffff);
}

/* How much of it the socket takes now. A broken one is noticed by the reader. */
static gsize
send_now (ValiseDisplayLink *self, const guint8 *bytes, gsize size)
{
  ssize_t n = send (self->fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);

  return n > 0 ? (gsize) n : 0;
}

static gboolean
write_cb (int fd, GIOCondition condition, gpointer user_data)
{
  ValiseDisplayLink *self = user_data;

  g_byte_array_remove_range (self->unsent, 0, (guint) send_now (self, self->unsent->data, self->unsent->len));
  if (self->unsent->len > 0 && (condition & (G_IO_HUP | G_IO_ERR)) == 0)
    return G_SOURCE_CONTINUE;
  self->write_id = 0;
  return G_SOURCE_REMOVE;
}

static void
send_bytes (ValiseDisplayLink *self, const guint8 *bytes, gsize size)
{
  gsize sent = 0;

  if (self->fd < 0)
    return;
  if (self->unsent->len == 0)
    sent = send_now (self, bytes, size);
  if (sent == size)
    return;
  g_byte_array_append (self->unsent, bytes + sent, (guint) (size - sent));
  if (self->unsent->len > UNSENT_MAX)
    shutdown (self->fd, SHUT_RDWR);
  else if (self->write_id == 0)
    self->write_id = g_unix_fd_add (self->fd, G_IO_OUT, write_cb, self);
}

static void
send_message (ValiseDisplayLink *self, GByteArray *message)
{
  send_bytes (self, message->data, message->len);
  g_byte_array_unref (message);
}

static void
request (ValiseDisplayLink *self, gboolean incremental)
{
  GByteArray *out = g_byte_array_new ();

  self->asked = TRUE;
  put_u8 (out, 3);
  put_u8 (out, incremental);
  put_u32 (out, 0);
  put_u16 (out, (guint) valise_display_image_get_width (self->image));
  put_u16 (out, (guint) valise_display_image_get_height (self->image));
  send_message (self, out);
}

static void
send_format (ValiseDisplayLink *self)
{
  GByteArray *out = g_byte_array_new ();

  put_u32 (out, 0);
  put_u8 (out, 32);
  put_u8 (out, 24);
  put_u8 (out, G_BYTE_ORDER == G_BIG_ENDIAN);
  put_u8 (out, TRUE);
  for (int i = 0; i < 3; i++)
    put_u16 (out, 255);
  put_u8 (out, 16);
  put_u8 (out, 8);
  put_u32 (out, 0);
  send_message (self, out);
}

static void
send_encodings (ValiseDisplayLink *self)
{
  GByteArray *out = g_byte_array_new ();

  put_u16 (out, 2 << 8);
  put_u16 (out, VALISE_DISPLAY_N_ENCODINGS);
  for (guint i = 0; i < VALISE_DISPLAY_N_ENCODINGS; i++)
    put_u32 (out, (guint32) VALISE_DISPLAY_ENCODINGS[i]);
  send_message (self, out);
}

static void
send_key (ValiseDisplayLink *self, gboolean down, guint keyval, guint16 scancode)
{
  GByteArray *out = g_byte_array_new ();

  if (self->takes_scancodes && scancode != 0)
    {
      put_u16 (out, 255 << 8);
      put_u16 (out, down);
      put_u32 (out, keyval);
      put_u32 (out, scancode);
    }
  else
    {
      put_u8 (out, 4);
      put_u8 (out, down);
      put_u16 (out, 0);
      put_u32 (out, keyval);
    }
  send_message (self, out);
}

static gboolean
nudge_cb (gpointer user_data)
{
  ValiseDisplayLink *self = user_data;

  if (!self->open || !self->wanted || g_get_monotonic_time () >= self->nudge_until)
    {
      self->nudge_id = 0;
      return G_SOURCE_REMOVE;
    }
  send_key (self, FALSE, GDK_KEY_VoidSymbol, NUDGE_SCANCODE);
  return G_SOURCE_CONTINUE;
}

static void
nudge (ValiseDisplayLink *self, gint64 span)
{
  if (!self->wanted || !self->takes_scancodes)
    return;
  self->nudge_until = MAX (self->nudge_until, g_get_monotonic_time () + span);
  if (self->nudge_id == 0)
    self->nudge_id = g_timeout_add (NUDGE_INTERVAL_MS, nudge_cb, self);
}

/* --- events of the reader --- */

static void
on_say (gpointer user_data, const void *bytes, gsize size)
{
  send_bytes (user_data, bytes, size);
}

static gboolean
on_sized (gpointer user_data, int width, int height, GError **error)
{
  ValiseDisplayLink *self = user_data;
  ValiseDisplayImage *image = valise_display_image_new (self->screen, width, height);

  if (image == NULL)
    {
      g_set_error (
          error, VALISE_DISPLAY_ERROR, VALISE_DISPLAY_ERROR_SIZE,
          _ ("The machine asked for a screen of %d × %d pixels, which is more than this program shows. Choose a "
             "smaller resolution in the machine."),
          width, height);
      return FALSE;
    }
  g_clear_pointer (&self->image, valise_display_image_unref);
  self->image = image;
  valise_display_reader_set_framebuffer (self->reader, valise_display_image_get_pixels (image),
                                         valise_display_image_get_stride (image), width, height);
  g_signal_emit (self, signals[RESIZED], 0);
  return TRUE;
}

static void
on_opened (gpointer user_data)
{
  ValiseDisplayLink *self = user_data;

  self->open = TRUE;
  send_format (self);
  send_encodings (self);
  request (self, FALSE);
  g_signal_emit (self, signals[OPENED], 0);
}

static void
on_damaged (gpointer user_data, int x, int y, int width, int height)
{
  g_signal_emit (user_data, signals[DAMAGED], 0, x, y, width, height);
}

static void
on_updated (gpointer user_data, gboolean fresh)
{
  ValiseDisplayLink *self = user_data;

  self->asked = FALSE;
  if (self->open && (self->wanted || fresh))
    request (self, !fresh);
}

static void
on_cursor (gpointer user_data, const guint8 *pixels, int width, int height, int hot_x, int hot_y)
{
  ValiseDisplayLink *self = user_data;
  GdkDisplay *display = self->screen != NULL ? gdk_screen_get_display (self->screen) : gdk_display_get_default ();
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GdkPixbuf) pixbuf = NULL;
  g_autoptr (GdkCursor) cursor = NULL;

  if (pixels != NULL)
    {
      bytes = g_bytes_new (pixels, (gsize) width * height * 4);
      pixbuf = gdk_pixbuf_new_from_bytes (bytes, GDK_COLORSPACE_RGB, TRUE, 8, width, height, width * 4);
      cursor = gdk_cursor_new_from_pixbuf (display, pixbuf, hot_x, hot_y);
    }
  g_signal_emit (self, signals[CURSOR], 0, cursor);
}

static void
on_pointer_mode (gpointer user_data, gboolean absolute)
{
  ValiseDisplayLink *self = user_data;

  if (self->absolute == absolute)
    return;
  self->absolute = absolute;
  g_signal_emit (self, signals[POINTER_MODE], 0);
}

static void
on_leds (gpointer user_data, guint8 leds)
{
  VALISE_DISPLAY_LINK (user_data)->leds = leds;
}

static void
on_takes_scancodes (gpointer user_data)
{
  ValiseDisplayLink *self = user_data;

  if (self->takes_scancodes)
    return;
  self->takes_scancodes = TRUE;
  nudge (self, NUDGE_OPENING_US);
}

static void
on_takes_sizes (gpointer user_data)
{
  VALISE_DISPLAY_LINK (user_data)->takes_sizes = TRUE;
}

static const ValiseDisplayEvents EVENTS = {
  .say = on_say,
  .sized = on_sized,
  .opened = on_opened,
  .damaged = on_damaged,
  .updated = on_updated,
  .cursor = on_cursor,
  .pointer_mode = on_pointer_mode,
  .leds = on_leds,
  .takes_scancodes = on_takes_scancodes,
  .takes_sizes = on_takes_sizes,
};

/* --- helpers --- */

static void
hang_up (ValiseDisplayLink *self)
{
  self->open = FALSE;
  valise_display_reader_stop (self->reader);
  g_clear_handle_id (&self->read_id, g_source_remove);
  g_clear_handle_id (&self->write_id, g_source_remove);
  g_clear_handle_id (&self->nudge_id, g_source_remove);
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
}

static gboolean
read_cb (int fd, GIOCondition condition, gpointer user_data)
{
  g_autoptr (ValiseDisplayLink) self = g_object_ref (VALISE_DISPLAY_LINK (user_data));
  g_autoptr (GError) error = NULL;

  if (valise_display_reader_read (self->reader, fd, &error))
    return G_SOURCE_CONTINUE;
  if (error == NULL) /* closed by a receiver of an event, and this source with it */
    return G_SOURCE_REMOVE;
  self->read_id = 0;
  hang_up (self);
  g_signal_emit (self, signals[CLOSED], 0, error);
  return G_SOURCE_REMOVE;
}

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

/* --- overrides --- */

static void
valise_display_link_finalize (GObject *object)
{
  ValiseDisplayLink *self = VALISE_DISPLAY_LINK (object);

  hang_up (self);
  valise_display_reader_free (self->reader);
  g_byte_array_unref (self->unsent);
  g_clear_object (&self->screen);
  g_clear_pointer (&self->image, valise_display_image_unref);
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
  self->fd = -1;
  self->wanted = TRUE;
  self->absolute = TRUE;
  self->unsent = g_byte_array_new ();
  self->reader = valise_display_reader_new (&EVENTS, self);
}

/* --- public --- */

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
  self->fd = fd;
  self->read_id = g_unix_fd_add_full (READ_PRIORITY, fd, G_IO_IN, read_cb, self, NULL);
  return self;
}

void
valise_display_link_close (ValiseDisplayLink *self)
{
  hang_up (self);
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
  return self->absolute;
}

gboolean
valise_display_link_has_caps_lock (ValiseDisplayLink *self, gboolean *on)
{
  *on = (self->leds & VALISE_DISPLAY_LED_CAPS) != 0;
  return self->takes_scancodes;
}

void
valise_display_link_set_wanted (ValiseDisplayLink *self, gboolean wanted)
{
  if (self->wanted == wanted)
    return;
  self->wanted = wanted;
  if (wanted && self->open && !self->asked)
    request (self, TRUE);
}

void
valise_display_link_send_key (ValiseDisplayLink *self, gboolean down, guint keyval, guint16 scancode)
{
  if (!self->open)
    return;
  send_key (self, down, keyval, scancode);
  if (down)
    nudge (self, NUDGE_SPAN_US);
}

void
valise_display_link_send_pointer (ValiseDisplayLink *self, guint8 buttons, int x, int y)
{
  GByteArray *out;

  if (!self->open)
    return;
  if (!self->absolute)
    {
      x = CLAMP (x + 0x7fff, 0, 0xffff);
      y = CLAMP (y + 0x7fff, 0, 0xffff);
    }
  out = g_byte_array_new ();
  put_u8 (out, 5);
  put_u8 (out, buttons);
  put_u16 (out, (guint) x);
  put_u16 (out, (guint) y);
  send_message (self, out);
  if ((buttons & ~self->buttons) != 0)
    nudge (self, NUDGE_SPAN_US);
  self->buttons = buttons;
}

void
valise_display_link_resize_guest (ValiseDisplayLink *self, int width, int height)
{
  GByteArray *out;

  if (!self->open || !self->takes_sizes || width <= 0 || height <= 0 || width > VALISE_DISPLAY_IMAGE_SIDE
      || height > VALISE_DISPLAY_IMAGE_SIDE)
    return;
  out = g_byte_array_new ();
  put_u16 (out, 251 << 8);
  put_u16 (out, (guint) width);
  put_u16 (out, (guint) height);
  put_u16 (out, 1 << 8); /* one screen, from 0, 0 */
  put_u32 (out, 0);
  put_u32 (out, 0);
  put_u16 (out, (guint) width);
  put_u16 (out, (guint) height);
  put_u32 (out, 0);
  send_message (self, out);
}
