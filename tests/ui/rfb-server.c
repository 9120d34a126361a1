/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rfb-server.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define ENCODING_RESIZE (-223)
#define ENCODING_CURSOR (-239)
#define ENCODING_POINTER_MODE (-257)
#define ENCODING_EXT_KEY (-258)

struct _RfbServer
{
  GMutex mutex;
  GCond arrived;
  GThread *thread;
  int fd;
  int wake;
  int timer;
  gboolean stopping;
  gboolean hung_up;
  GBytes *opening;

  int width;
  int height;
  guint32 *pixels;
  guint32 *other; /* the second picture of an animation */
  guint32 *whole; /* the whole picture follows what was collected */
  gboolean resized;
  cairo_region_t *dirty;
  gboolean requested;
  GQueue outbox; /* GBytes */
  GArray *keys;
  GArray *pointers;
  guint updates;
  guint requests;
  guint64 sent_pixels;
};

/* --- bytes --- */

static void
put_u8 (GByteArray *out, guint value)
{
  guint8 byte = (guint8) value;

  g_byte_array_append (out, &byte, 1);
}

static void
put_u16 (GByteArray *out, guint value)
{
  guint16 word = GUINT16_TO_BE ((guint16) value);

  g_byte_array_append (out, (const guint8 *) &word, 2);
}

static void
put_u32 (GByteArray *out, guint32 value)
{
  guint32 word = GUINT32_TO_BE (value);

  g_byte_array_append (out, (const guint8 *) &word, 4);
}

static guint32
get_u16 (const guint8 *in)
{
  return (guint32) in[0] << 8 | in[1];
}

static guint32
get_u32 (const guint8 *in)
{
  return get_u16 (in) << 16 | get_u16 (in + 2);
}

static gboolean
write_all (RfbServer *self, const void *data, gsize size)
{
  const guint8 *bytes = data;

  while (size > 0)
    {
      ssize_t n = send (self->fd, bytes, size, MSG_NOSIGNAL);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      bytes += n;
      size -= (gsize) n;
    }
  return TRUE;
}

static gboolean
read_all (RfbServer *self, void *data, gsize size)
{
  guint8 *bytes = data;

  while (size > 0)
    {
      ssize_t n = recv (self->fd, bytes, size, 0);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      bytes += n;
      size -= (gsize) n;
    }
  return TRUE;
}

static void
wake (RfbServer *self)
{
  guint64 one = 1;

  g_assert_cmpint (write (self->wake, &one, sizeof one), ==, sizeof one);
}

/* --- talking --- */

static void
put_rectangle (GByteArray *out, int x, int y, int width, int height, int encoding)
{
  put_u16 (out, (guint) x);
  put_u16 (out, (guint) y);
  put_u16 (out, (guint) width);
  put_u16 (out, (guint) height);
  put_u32 (out, (guint32) encoding);
}

static gboolean
say_hello (RfbServer *self)
{
  static const guint8 format[16] = { 32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0 };
  g_autoptr (GByteArray) out = g_byte_array_new ();
  guint8 in[16];

  if (!write_all (self, "RFB 003.008\n", 12) || !read_all (self, in, 12) || !write_all (self, "\1\1", 2)
      || !read_all (self, in, 1) || !write_all (self, "\0\0\0\0", 4) || !read_all (self, in, 1))
    return FALSE;
  put_u16 (out, (guint) self->width);
  put_u16 (out, (guint) self->height);
  g_byte_array_append (out, format, sizeof format);
  put_u32 (out, 4);
  g_byte_array_append (out, (const guint8 *) "Test", 4);
  return write_all (self, out->data, out->len);
}

/* An animated picture is not copied: nobody else touches it, and the copy would count against the client that shares
 * the processor. */
static void
put_pixels (RfbServer *self, GByteArray *out, const cairo_rectangle_int_t *area)
{
  put_rectangle (out, area->x, area->y, area->width, area->height, 0);
  self->sent_pixels += (guint64) area->width * area->height;
  if (self->other != NULL && area->width == self->width && area->height == self->height)
    {
      self->whole = self->pixels;
      return;
    }
  for (int y = area->y; y < area->y + area->height; y++)
    g_byte_array_append (out, (const guint8 *) (self->pixels + (gsize) y * self->width + area->x),
                         (guint) area->width * 4);
}

static void
put_update (RfbServer *self, GByteArray *out)
{
  int n = cairo_region_num_rectangles (self->dirty);

  self->updates++;
  self->requested = FALSE;
  put_u16 (out, 0);
  put_u16 (out, self->resized ? 1 : (guint) n);
  if (self->resized)
    {
      put_rectangle (out, 0, 0, self->width, self->height, ENCODING_RESIZE);
      self->resized = FALSE;
      return;
    }
  for (int i = 0; i < n; i++)
    {
      cairo_rectangle_int_t area;

      cairo_region_get_rectangle (self->dirty, i, &area);
      put_pixels (self, out, &area);
    }
  cairo_region_destroy (self->dirty);
  self->dirty = cairo_region_create ();
}

/* What is to be sent now; written without the lock, for the client may be the very thread that waits for it. */
static GByteArray *
collect (RfbServer *self)
{
  GByteArray *out = g_byte_array_new ();
  GBytes *bytes;

  self->whole = NULL;
  while ((bytes = g_queue_pop_head (&self->outbox)) != NULL)
    {
      gsize size;
      gconstpointer data = g_bytes_get_data (bytes, &size);

      g_byte_array_append (out, data, (guint) size);
      g_bytes_unref (bytes);
    }
  if (self->requested && (self->resized || !cairo_region_is_empty (self->dirty)))
    put_update (self, out);
  return out;
}

/* --- listening --- */

static gboolean
take_encodings (RfbServer *self)
{
  guint8 head[3], encoding[4];
  gboolean ext_key = FALSE;
  g_autoptr (GByteArray) out = g_byte_array_new ();

  if (!read_all (self, head, 3))
    return FALSE;
  for (guint i = 0; i < get_u16 (head + 1); i++)
    {
      if (!read_all (self, encoding, 4))
        return FALSE;
      ext_key |= (gint32) get_u32 (encoding) == ENCODING_EXT_KEY;
    }
  if (!ext_key)
    return TRUE;
  put_u16 (out, 0);
  put_u16 (out, 1);
  put_rectangle (out, 0, 0, self->width, self->height, ENCODING_EXT_KEY);
  return write_all (self, out->data, out->len);
}

static gboolean
take_request (RfbServer *self)
{
  guint8 in[9];
  cairo_rectangle_int_t all = { 0, 0, self->width, self->height };

  if (!read_all (self, in, sizeof in))
    return FALSE;
  self->requests++;
  self->requested = TRUE;
  if (!in[0])
    cairo_region_union_rectangle (self->dirty, &all);
  return TRUE;
}

static gboolean
take_key (RfbServer *self, gboolean extended)
{
  guint8 in[11] = { 0 };
  RfbKey key = { 0 };

  if (!read_all (self, in, extended ? 11 : 7))
    return FALSE;
  key.down = extended ? get_u16 (in + 1) != 0 : in[0] != 0;
  key.keysym = get_u32 (in + 3);
  key.scancode = extended ? get_u32 (in + 7) : 0;
  g_array_append_val (self->keys, key);
  g_cond_broadcast (&self->arrived);
  return TRUE;
}

static gboolean
take_pointer (RfbServer *self)
{
  guint8 in[5];
  RfbPointer pointer;

  if (!read_all (self, in, sizeof in))
    return FALSE;
  pointer = (RfbPointer){ in[0], (guint16) get_u16 (in + 1), (guint16) get_u16 (in + 3) };
  g_array_append_val (self->pointers, pointer);
  g_cond_broadcast (&self->arrived);
  return TRUE;
}

static gboolean
skip (RfbServer *self, gsize size)
{
  g_autofree guint8 *bytes = g_malloc (size);

  return read_all (self, bytes, size);
}

static gboolean
take_cut_text (RfbServer *self)
{
  guint8 in[7];

  return read_all (self, in, 7) && skip (self, get_u32 (in + 3));
}

static gboolean
listen_once (RfbServer *self)
{
  guint8 type;

  if (!read_all (self, &type, 1))
    return FALSE;
  switch (type)
    {
    case 0:
      return skip (self, 19);
    case 2:
      return take_encodings (self);
    case 3:
      return take_request (self);
    case 4:
      return take_key (self, FALSE);
    case 5:
      return take_pointer (self);
    case 6:
      return take_cut_text (self);
    case 251:
      return skip (self, 23);
    case 255:
      return take_key (self, TRUE);
    default:
      return FALSE;
    }
}

static void
flip (RfbServer *self)
{
  guint64 ticks;
  cairo_rectangle_int_t all = { 0, 0, self->width, self->height };
  guint32 *shown = self->pixels;

  if (read (self->timer, &ticks, sizeof ticks) != sizeof ticks)
    return;
  self->pixels = self->other;
  self->other = shown;
  cairo_region_union_rectangle (self->dirty, &all);
}

static gboolean
turn (RfbServer *self)
{
  struct pollfd what[] = { { self->fd, POLLIN, 0 }, { self->wake, POLLIN, 0 }, { self->timer, POLLIN, 0 } };
  g_autoptr (GByteArray) out = NULL;
  guint64 ignored;
  gboolean going = TRUE;

  if (poll (what, G_N_ELEMENTS (what), -1) < 0)
    return errno == EINTR;
  g_mutex_lock (&self->mutex);
  if (what[1].revents != 0 && read (self->wake, &ignored, sizeof ignored) < 0)
    going = FALSE;
  if (what[2].revents != 0)
    flip (self);
  if (what[0].revents != 0)
    going = listen_once (self);
  going = going && !self->stopping && !self->hung_up;
  out = collect (self);
  g_mutex_unlock (&self->mutex);
  return going && write_all (self, out->data, out->len)
         && (self->whole == NULL || write_all (self, self->whole, (gsize) self->width * self->height * 4));
}

static gpointer
serve (gpointer user_data)
{
  RfbServer *self = user_data;
  gsize size;
  gconstpointer data;
  gboolean going;

  if (self->opening != NULL)
    {
      data = g_bytes_get_data (self->opening, &size);
      going = write_all (self, data, size);
      while (going && recv (self->fd, &size, sizeof size, 0) > 0)
        ;
    }
  else if (say_hello (self))
    while (turn (self))
      ;
  g_mutex_lock (&self->mutex);
  self->hung_up = TRUE;
  shutdown (self->fd, SHUT_RDWR);
  g_cond_broadcast (&self->arrived);
  g_mutex_unlock (&self->mutex);
  return NULL;
}

/* --- public --- */

RfbServer *
rfb_server_new_for_fd (int fd, int width, int height)
{
  RfbServer *self = g_new0 (RfbServer, 1);

  g_mutex_init (&self->mutex);
  g_cond_init (&self->arrived);
  g_queue_init (&self->outbox);
  self->fd = fd;
  self->wake = eventfd (0, EFD_CLOEXEC);
  self->timer = timerfd_create (CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  self->width = width;
  self->height = height;
  self->pixels = g_new0 (guint32, (gsize) width * height);
  self->dirty = cairo_region_create ();
  self->keys = g_array_new (FALSE, FALSE, sizeof (RfbKey));
  self->pointers = g_array_new (FALSE, FALSE, sizeof (RfbPointer));
  return self;
}

RfbServer *
rfb_server_new (int width, int height, int *client_fd)
{
  int pair[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
  *client_fd = pair[1];
  return rfb_server_new_for_fd (pair[0], width, height);
}

void
rfb_server_set_opening (RfbServer *self, GBytes *opening)
{
  self->opening = g_bytes_ref (opening);
}

void
rfb_server_start (RfbServer *self)
{
  self->thread = g_thread_new ("rfb-server", serve, self);
}

void
rfb_server_free (RfbServer *self)
{
  /* Without the lock: the thread may hold it in the middle of a write that only this ends. */
  shutdown (self->fd, SHUT_RDWR);
  g_mutex_lock (&self->mutex);
  self->stopping = TRUE;
  g_mutex_unlock (&self->mutex);
  wake (self);
  if (self->thread != NULL)
    g_thread_join (self->thread);
  close (self->fd);
  close (self->wake);
  close (self->timer);
  g_clear_pointer (&self->opening, g_bytes_unref);
  g_free (self->pixels);
  g_free (self->other);
  cairo_region_destroy (self->dirty);
  g_queue_clear_full (&self->outbox, (GDestroyNotify) g_bytes_unref);
  g_array_unref (self->keys);
  g_array_unref (self->pointers);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->arrived);
  g_free (self);
}

guint32
rfb_server_pattern (int x, int y, guint seed)
{
  return ((guint32) (x * 3) & 0xff) << 16 | ((guint32) (y * 5) & 0xff) << 8 | ((seed + (guint) x / 7) & 0xff);
}

static void
draw (RfbServer *self, guint32 *pixels, const cairo_rectangle_int_t *area, guint seed)
{
  for (int y = area->y; y < area->y + area->height; y++)
    for (int x = area->x; x < area->x + area->width; x++)
      pixels[(gsize) y * self->width + x] = rfb_server_pattern (x, y, seed);
}

void
rfb_server_draw (RfbServer *self, const cairo_rectangle_int_t *area, guint seed)
{
  g_mutex_lock (&self->mutex);
  draw (self, self->pixels, area, seed);
  cairo_region_union_rectangle (self->dirty, area);
  g_mutex_unlock (&self->mutex);
  wake (self);
}

void
rfb_server_resize (RfbServer *self, int width, int height, guint seed)
{
  cairo_rectangle_int_t all = { 0, 0, width, height };

  g_mutex_lock (&self->mutex);
  g_free (self->pixels);
  self->pixels = g_new0 (guint32, (gsize) width * height);
  self->width = width;
  self->height = height;
  self->resized = TRUE;
  cairo_region_destroy (self->dirty);
  self->dirty = cairo_region_create ();
  draw (self, self->pixels, &all, seed);
  g_mutex_unlock (&self->mutex);
  wake (self);
}

void
rfb_server_animate (RfbServer *self, guint rate)
{
  struct itimerspec when = { { 0, rate > 0 ? 1000000000 / rate : 0 }, { 0, rate > 0 ? 1 : 0 } };
  cairo_rectangle_int_t all = { 0, 0, self->width, self->height };

  g_mutex_lock (&self->mutex);
  if (self->other == NULL)
    self->other = g_new0 (guint32, (gsize) self->width * self->height);
  draw (self, self->pixels, &all, 40);
  draw (self, self->other, &all, 168);
  timerfd_settime (self->timer, 0, &when, NULL);
  g_mutex_unlock (&self->mutex);
  wake (self);
}

void
rfb_server_send (RfbServer *self, GBytes *bytes)
{
  g_mutex_lock (&self->mutex);
  g_queue_push_tail (&self->outbox, g_bytes_ref (bytes));
  g_mutex_unlock (&self->mutex);
  wake (self);
}

static void
send_array (RfbServer *self, GByteArray *out)
{
  g_autoptr (GBytes) bytes = g_byte_array_free_to_bytes (out);

  rfb_server_send (self, bytes);
}

void
rfb_server_send_cursor (RfbServer *self, int width, int height, int hot_x, int hot_y)
{
  GByteArray *out = g_byte_array_new ();

  put_u16 (out, 0);
  put_u16 (out, 1);
  put_rectangle (out, hot_x, hot_y, width, height, ENCODING_CURSOR);
  for (int i = 0; i < width * height; i++)
    put_u32 (out, 0x00ff0000);
  for (int i = 0; i < (width + 7) / 8 * height; i++)
    put_u8 (out, 0xff);
  send_array (self, out);
}

void
rfb_server_send_pointer_mode (RfbServer *self, gboolean absolute)
{
  GByteArray *out = g_byte_array_new ();

  put_u16 (out, 0);
  put_u16 (out, 1);
  put_rectangle (out, absolute, 0, self->width, self->height, ENCODING_POINTER_MODE);
  send_array (self, out);
}

void
rfb_server_hang_up (RfbServer *self)
{
  g_mutex_lock (&self->mutex);
  self->hung_up = TRUE;
  g_mutex_unlock (&self->mutex);
  wake (self);
}

static gboolean
take (RfbServer *self, GArray *from, gpointer item, guint timeout_ms)
{
  gint64 end = g_get_monotonic_time () + (gint64) timeout_ms * 1000;
  gboolean found;

  g_mutex_lock (&self->mutex);
  while (from->len == 0 && !self->hung_up && g_cond_wait_until (&self->arrived, &self->mutex, end))
    ;
  found = from->len > 0;
  if (found)
    {
      memcpy (item, from->data, g_array_get_element_size (from));
      g_array_remove_index (from, 0);
    }
  g_mutex_unlock (&self->mutex);
  return found;
}

gboolean
rfb_server_take_key (RfbServer *self, RfbKey *key, guint timeout_ms)
{
  return take (self, self->keys, key, timeout_ms);
}

gboolean
rfb_server_take_pointer (RfbServer *self, RfbPointer *pointer, guint timeout_ms)
{
  return take (self, self->pointers, pointer, timeout_ms);
}

static guint
read_count (RfbServer *self, const guint *count)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  return *count;
}

guint
rfb_server_count_updates (RfbServer *self)
{
  return read_count (self, &self->updates);
}

guint
rfb_server_count_requests (RfbServer *self)
{
  return read_count (self, &self->requests);
}

guint64
rfb_server_count_pixels (RfbServer *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  return self->sent_pixels;
}
