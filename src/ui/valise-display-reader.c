/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-display-reader.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/valise-bytes.h"
#include "ui/valise-display.h"

#define BUFFER_SIZE (64 * 1024)
/* The main loop gets its turn after so much. */
#define TURN_SIZE (16 * 1024 * 1024)
#define ROWS_AT_ONCE 64
#define RESULT_BYTES 4
#define NAME_MAX_BYTES 4096

enum
{
  ENCODING_RAW = 0,
  ENCODING_SIZE = -223,
  ENCODING_CURSOR = -239,
  ENCODING_POINTER_MODE = -257,
  ENCODING_SCANCODES = -258,
  ENCODING_LEDS = -261,
  ENCODING_EXTENDED_SIZE = -308,
  ENCODING_ALPHA_CURSOR = -314,
};
const gint32 VALISE_DISPLAY_ENCODINGS[] = {
  ENCODING_RAW,  ENCODING_EXTENDED_SIZE, ENCODING_SIZE,         ENCODING_SCANCODES,
  ENCODING_LEDS, ENCODING_POINTER_MODE,  ENCODING_ALPHA_CURSOR, ENCODING_CURSOR,
};
const guint VALISE_DISPLAY_N_ENCODINGS = G_N_ELEMENTS (VALISE_DISPLAY_ENCODINGS);

typedef struct
{
  int x;
  int y;
  int width;
  int height;
} Area;

/* Called with the bytes it wanted. */
typedef void (*Step) (ValiseDisplayReader *self, const guint8 *bytes);

struct _ValiseDisplayReader
{
  const ValiseDisplayEvents *events;
  gpointer user_data;
  GError *error;
  gboolean stopped;

  guint8 buffer[BUFFER_SIZE];
  gsize start;
  gsize end;

  /* What comes next: @pixels_left bytes of a rectangle, else @skip bytes to be dropped, else @want bytes for @step. */
  Step step;
  gsize want;
  guint64 skip;
  gsize pixels_left;
  GByteArray *blob; /* what is wanted when it is more than the buffer holds */

  guint8 *framebuffer;
  gsize stride;
  int width;
  int height;
  guint rectangles; /* still to come in this update */
  Area area;
  gboolean fresh;
};

static void expect_message (ValiseDisplayReader *self);
static void next_rectangle (ValiseDisplayReader *self);

/* --- helpers --- */

static void
expect (ValiseDisplayReader *self, gsize want, Step step)
{
  self->want = want;
  self->step = step;
}

G_GNUC_PRINTF (2, 3)
static void
fail (ValiseDisplayReader *self, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list arguments;

  va_start (arguments, format);
  what = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  if (self->error == NULL)
    self->error =
        g_error_new (VALISE_DISPLAY_ERROR, VALISE_DISPLAY_ERROR_PROTOCOL,
                     _ ("The machine's screen sent something that is not understood (%s). Connect again; if it "
                        "happens again, restart the machine."),
                     what);
}

static gboolean
is_within (ValiseDisplayReader *self, const Area *area)
{
  return area->x + area->width <= self->width && area->y + area->height <= self->height;
}

/* --- cursor --- */

/* An image of x8r8g8b8 pixels, then one bit a pixel that says whether it is seen. */
static void
take_cursor (ValiseDisplayReader *self, const guint8 *bytes)
{
  const Area *area = &self->area;
  gsize n = (gsize) area->width * area->height;
  gsize mask_stride = (gsize) (area->width + 7) / 8;
  const guint8 *mask = bytes + n * 4;
  g_autofree guint8 *out = g_malloc (n * 4);

  for (gsize i = 0; i < n; i++)
    {
      gsize x = i % area->width;
      guint32 pixel;

      memcpy (&pixel, bytes + i * 4, 4);
      out[i * 4] = (guint8) (pixel >> 16);
      out[i * 4 + 1] = (guint8) (pixel >> 8);
      out[i * 4 + 2] = (guint8) pixel;
      out[i * 4 + 3] = mask[i / area->width * mask_stride + x / 8] & (0x80 >> x % 8) ? 255 : 0;
    }
  self->events->cursor (self->user_data, out, area->width, area->height, MIN (area->x, area->width - 1),
                        MIN (area->y, area->height - 1));
  next_rectangle (self);
}

static guint8
divide_alpha (guint channel, guint alpha)
{
  return alpha == 0 ? 0 : (guint8) MIN (255, (channel * 255 + alpha / 2) / alpha);
}

/* The kind of encoding of the pixels, then r, g, b, a bytes, premultiplied. */
static void
take_alpha_cursor (ValiseDisplayReader *self, const guint8 *bytes)
{
  const Area *area = &self->area;
  gsize n = (gsize) area->width * area->height;
  g_autofree guint8 *out = g_malloc (n * 4);

  if (valise_bytes_get_be32 (bytes) != ENCODING_RAW)
    {
      fail (self, "cursor encoding %u", valise_bytes_get_be32 (bytes));
      return;
    }
  for (gsize i = 0; i < n; i++)
    {
      const guint8 *in = bytes + 4 + i * 4;

      for (int channel = 0; channel < 3; channel++)
        out[i * 4 + channel] = divide_alpha (in[channel], in[3]);
      out[i * 4 + 3] = in[3];
    }
  self->events->cursor (self->user_data, out, area->width, area->height, MIN (area->x, area->width - 1),
                        MIN (area->y, area->height - 1));
  next_rectangle (self);
}

static void
take_no_cursor (ValiseDisplayReader *self, const guint8 *bytes)
{
  self->events->cursor (self->user_data, NULL, 0, 0, 0, 0);
  next_rectangle (self);
}

static void
expect_cursor (ValiseDisplayReader *self, gboolean alpha)
{
  gsize n = (gsize) self->area.width * self->area.height;
  gsize mask = (gsize) (self->area.width + 7) / 8 * self->area.height;

  if (self->area.width > VALISE_DISPLAY_CURSOR_SIDE || self->area.height > VALISE_DISPLAY_CURSOR_SIDE)
    fail (self, "a cursor of %d × %d pixels", self->area.width, self->area.height);
  else if (n == 0)
    expect (self, alpha ? 4 : 0, take_no_cursor);
  else if (alpha)
    expect (self, 4 + n * 4, take_alpha_cursor);
  else
    expect (self, n * 4 + mask, take_cursor);
}

/* --- rectangles --- */

static void
take_size (ValiseDisplayReader *self, int width, int height)
{
  self->fresh = TRUE;
  if (!self->events->sized (self->user_data, width, height, &self->error))
    return;
  next_rectangle (self);
}

/* A list of screens that says nothing new: x is the reason, y the result. */
static void
take_screens (ValiseDisplayReader *self, const guint8 *bytes)
{
  self->skip = (guint64) bytes[0] * 16;
  self->events->takes_sizes (self->user_data);
  if (self->area.y == 0 && (self->area.width != self->width || self->area.height != self->height))
    take_size (self, self->area.width, self->area.height);
  else
    next_rectangle (self);
}

static void
take_leds (ValiseDisplayReader *self, const guint8 *bytes)
{
  self->events->leds (self->user_data, bytes[0]);
  next_rectangle (self);
}

static void
expect_pixels (ValiseDisplayReader *self)
{
  const Area *area = &self->area;

  if (!is_within (self, area))
    {
      fail (self, "pixels at %d, %d of %d × %d, outside the screen of %d × %d", area->x, area->y, area->width,
            area->height, self->width, self->height);
      return;
    }
  self->pixels_left = (gsize) area->width * area->height * 4;
  if (self->pixels_left == 0)
    next_rectangle (self);
}

static void
take_rectangle (ValiseDisplayReader *self, const guint8 *bytes)
{
  gint32 encoding = (gint32) valise_bytes_get_be32 (bytes + 8);

  self->area = (Area){ (int) valise_bytes_get_be16 (bytes), (int) valise_bytes_get_be16 (bytes + 2),
                       (int) valise_bytes_get_be16 (bytes + 4), (int) valise_bytes_get_be16 (bytes + 6) };
  switch (encoding)
    {
    case ENCODING_RAW:
      expect_pixels (self);
      break;
    case ENCODING_SIZE:
      take_size (self, self->area.width, self->area.height);
      break;
    case ENCODING_EXTENDED_SIZE:
      expect (self, 4, take_screens);
      break;
    case ENCODING_CURSOR:
      expect_cursor (self, FALSE);
      break;
    case ENCODING_ALPHA_CURSOR:
      expect_cursor (self, TRUE);
      break;
    case ENCODING_POINTER_MODE:
      self->events->pointer_mode (self->user_data, self->area.x != 0);
      next_rectangle (self);
      break;
    case ENCODING_SCANCODES:
      self->events->takes_scancodes (self->user_data);
      next_rectangle (self);
      break;
    case ENCODING_LEDS:
      expect (self, 1, take_leds);
      break;
    default:
      fail (self, "encoding %d", encoding);
    }
}

static void
next_rectangle (ValiseDisplayReader *self)
{
  gboolean fresh = self->fresh;

  if (self->rectangles > 0)
    {
      self->rectangles--;
      expect (self, 12, take_rectangle);
      return;
    }
  expect_message (self);
  self->fresh = FALSE;
  self->events->updated (self->user_data, fresh);
}

/* --- messages --- */

static void
take_update (ValiseDisplayReader *self, const guint8 *bytes)
{
  self->rectangles = valise_bytes_get_be16 (bytes + 1);
  next_rectangle (self);
}

/* The guest's clipboard: not used over this connection. */
static void
take_cut_text (ValiseDisplayReader *self, const guint8 *bytes)
{
  self->skip = valise_bytes_get_be32 (bytes + 3);
  expect_message (self);
}

static void
take_message (ValiseDisplayReader *self, const guint8 *bytes)
{
  switch (bytes[0])
    {
    case 0:
      expect (self, 3, take_update);
      break;
    case 2: /* bell */
      expect_message (self);
      break;
    case 3:
      expect (self, 7, take_cut_text);
      break;
    default:
      fail (self, "message %u", bytes[0]);
    }
}

static void
expect_message (ValiseDisplayReader *self)
{
  expect (self, 1, take_message);
}

/* --- opening --- */

static void
take_name (ValiseDisplayReader *self, const guint8 *bytes)
{
  guint32 length = valise_bytes_get_be32 (bytes + 20);

  if (length > NAME_MAX_BYTES)
    {
      fail (self, "a name of %u bytes", length);
      return;
    }
  self->skip = length;
  if (!self->events->sized (self->user_data, (int) valise_bytes_get_be16 (bytes),
                            (int) valise_bytes_get_be16 (bytes + 2), &self->error))
    return;
  expect_message (self);
  self->events->opened (self->user_data);
}

static void
take_result (ValiseDisplayReader *self, const guint8 *bytes)
{
  static const guint8 shared = 1;

  if (valise_bytes_get_be32 (bytes) != 0)
    {
      fail (self, "access refused");
      return;
    }
  self->events->say (self->user_data, &shared, 1);
  expect (self, 24, take_name);
}

static void
take_security (ValiseDisplayReader *self, const guint8 *bytes)
{
  static const guint8 none = 1;
  gsize n = self->want;

  if (memchr (bytes, none, n) == NULL)
    {
      self->error = g_error_new_literal (
          VALISE_DISPLAY_ERROR, VALISE_DISPLAY_ERROR_PROTOCOL,
          _ ("The machine's screen asks for a password. Remove the VNC password in the settings, page Display."));
      return;
    }
  self->events->say (self->user_data, &none, 1);
  expect (self, RESULT_BYTES, take_result);
}

static void
take_security_count (ValiseDisplayReader *self, const guint8 *bytes)
{
  if (bytes[0] == 0)
    fail (self, "access refused");
  else
    expect (self, bytes[0], take_security);
}

static void
take_version (ValiseDisplayReader *self, const guint8 *bytes)
{
  static const char version[] = "RFB 003.008\n";

  if (memcmp (bytes, version, 8) != 0 || bytes[11] != '\n' || memcmp (bytes + 8, "008", 3) < 0
      || memcmp (bytes + 8, "999", 3) > 0)
    {
      fail (self, "no RFB 3.8");
      return;
    }
  self->events->say (self->user_data, version, 12);
  expect (self, 1, take_security_count);
}

/* --- reading --- */

static guint8 *
find_pixel_bytes (ValiseDisplayReader *self, gsize *row_left)
{
  const Area *area = &self->area;
  gsize row_bytes = (gsize) area->width * 4;
  gsize done = row_bytes * area->height - self->pixels_left;
  gsize row = done / row_bytes;
  gsize column = done % row_bytes;

  *row_left = row_bytes - column;
  return self->framebuffer + (area->y + row) * self->stride + (gsize) area->x * 4 + column;
}

static void
finish_pixels (ValiseDisplayReader *self, gsize bytes)
{
  Area area = self->area;

  self->pixels_left -= bytes;
  if (self->pixels_left > 0)
    return;
  self->events->damaged (self->user_data, area.x, area.y, area.width, area.height);
  next_rectangle (self);
}

static void
use_pixels (ValiseDisplayReader *self)
{
  gsize row_left, n;
  guint8 *to = find_pixel_bytes (self, &row_left);

  n = MIN (row_left, self->end - self->start);
  memcpy (to, self->buffer + self->start, n);
  self->start += n;
  finish_pixels (self, n);
}

static void
use_skipped (ValiseDisplayReader *self)
{
  gsize n = (gsize) MIN (self->skip, (guint64) (self->end - self->start));

  self->start += n;
  self->skip -= n;
}

static void
use_blob (ValiseDisplayReader *self)
{
  gsize n = MIN (self->want - self->blob->len, self->end - self->start);
  g_autoptr (GByteArray) whole = NULL;

  g_byte_array_append (self->blob, self->buffer + self->start, (guint) n);
  self->start += n;
  if (self->blob->len < self->want)
    return;
  whole = g_steal_pointer (&self->blob);
  self->step (self, whole->data);
}

/* FALSE: more bytes are needed. */
static gboolean
use_buffer (ValiseDisplayReader *self)
{
  gsize available = self->end - self->start;
  const guint8 *bytes = self->buffer + self->start;

  if (self->skip > 0)
    {
      use_skipped (self);
      return available > 0;
    }
  if (self->pixels_left > 0)
    {
      if (available > 0)
        use_pixels (self);
      return available > 0;
    }
  if (self->want > BUFFER_SIZE)
    {
      if (self->blob == NULL)
        self->blob = g_byte_array_sized_new ((guint) self->want);
      if (available > 0)
        use_blob (self);
      return available > 0;
    }
  if (available < self->want)
    return FALSE;
  self->start += self->want;
  self->step (self, bytes);
  return TRUE;
}

static ssize_t
receive_rows (ValiseDisplayReader *self, int fd)
{
  struct iovec rows[ROWS_AT_ONCE];
  struct msghdr message = { .msg_iov = rows };
  gsize row_left, row_bytes = (gsize) self->area.width * 4;
  gsize left = self->pixels_left;
  guint8 *to = find_pixel_bytes (self, &row_left);

  while (left > 0 && message.msg_iovlen < ROWS_AT_ONCE)
    {
      rows[message.msg_iovlen++] = (struct iovec){ to, row_left };
      left -= row_left;
      to += row_left - row_bytes + self->stride;
      row_left = row_bytes;
    }
  return recvmsg (fd, &message, MSG_DONTWAIT);
}

static ssize_t
receive_pixels (ValiseDisplayReader *self, int fd)
{
  gsize row_left;
  ssize_t n;

  if ((gsize) self->area.width * 4 == self->stride)
    n = recv (fd, find_pixel_bytes (self, &row_left), self->pixels_left, MSG_DONTWAIT);
  else
    n = receive_rows (self, fd);
  if (n > 0)
    finish_pixels (self, (gsize) n);
  return n;
}

static ssize_t
receive_buffer (ValiseDisplayReader *self, int fd)
{
  ssize_t n;

  memmove (self->buffer, self->buffer + self->start, self->end - self->start);
  self->end -= self->start;
  self->start = 0;
  n = recv (fd, self->buffer + self->end, BUFFER_SIZE - self->end, MSG_DONTWAIT);
  if (n > 0)
    self->end += (gsize) n;
  return n;
}

static void
fail_closed (ValiseDisplayReader *self)
{
  if (self->error == NULL)
    self->error = g_error_new_literal (VALISE_DISPLAY_ERROR, VALISE_DISPLAY_ERROR_CLOSED,
                                       _ ("The machine closed its screen. Connect again, or start the machine."));
}

/* --- public --- */

ValiseDisplayReader *
valise_display_reader_new (const ValiseDisplayEvents *events, gpointer user_data)
{
  ValiseDisplayReader *self = g_new0 (ValiseDisplayReader, 1);

  self->events = events;
  self->user_data = user_data;
  expect (self, 12, take_version);
  return self;
}

void
valise_display_reader_free (ValiseDisplayReader *self)
{
  g_clear_pointer (&self->blob, g_byte_array_unref);
  g_clear_error (&self->error);
  g_free (self);
}

void
valise_display_reader_set_framebuffer (ValiseDisplayReader *self, guint8 *pixels, gsize stride, int width, int height)
{
  self->framebuffer = pixels;
  self->stride = stride;
  self->width = width;
  self->height = height;
}

void
valise_display_reader_stop (ValiseDisplayReader *self)
{
  self->stopped = TRUE;
}

gboolean
valise_display_reader_read (ValiseDisplayReader *self, int fd, GError **error)
{
  gsize total = 0;

  while (!self->stopped && self->error == NULL && total < TURN_SIZE)
    {
      ssize_t n;

      if (use_buffer (self))
        continue;
      n = self->pixels_left > 0 && self->skip == 0 ? receive_pixels (self, fd) : receive_buffer (self, fd);
      if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return TRUE;
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        fail_closed (self);
      else
        total += (gsize) n;
    }
  if (self->error == NULL)
    return !self->stopped;
  g_propagate_error (error, g_error_copy (self->error));
  return FALSE;
}
