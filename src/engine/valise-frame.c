/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-frame-private.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/valise-bytes.h"
#include "engine/valise-engine-error.h"

#define MOST_SIDE 16384
#define STILL_MS 1500
#define BUSY_MS 5000      /* a guest that never stands still has drawn after this long */
#define SMALL_CHANGE 1024 /* pixels of one update: a cursor or a clock */
#define MOST_TEXT (1 << 20)

typedef struct
{
  int fd;
  gint64 until; /* of the present wait, monotonic µs */
  GCancellable *cancellable;
  GPollFD cancel;
  guint width, height;
  guint32 *pixels;
} Frame;

/* --- reading --- */

static gboolean
wait_readable (Frame *self, gboolean *readable, GError **error)
{
  struct pollfd fds[2] = { { self->fd, POLLIN, 0 }, { self->cancel.fd, POLLIN, 0 } };
  gint64 left = self->until - g_get_monotonic_time ();
  int result;

  if (left < 0)
    left = 0;
  result = poll (fds, self->cancel.fd >= 0 ? 2 : 1, (int) MIN (left / 1000 + (left > 0), G_MAXINT));
  if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
    return FALSE;
  *readable = result > 0 && fds[0].revents != 0;
  return TRUE;
}

static gboolean
fail (GError **error)
{
  g_set_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_HYPERVISOR,
               _ ("The machine's display has ended. See whether the machine still runs."));
  return FALSE;
}

static gboolean
time_out (GError **error)
{
  g_set_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_TIMEOUT,
               _ ("The guest has drawn nothing in the time given. Look at its display, or wait longer."));
  return FALSE;
}

static gboolean
read_exactly (Frame *self, void *buffer, gsize length, GError **error)
{
  gsize done = 0;

  while (done < length)
    {
      gboolean readable;
      gssize got;

      if (!wait_readable (self, &readable, error))
        return FALSE;
      if (!readable)
        return time_out (error);
      got = read (self->fd, (char *) buffer + done, length - done);
      if (got > 0)
        done += (gsize) got;
      else if (got == 0 || (errno != EAGAIN && errno != EINTR))
        return fail (error);
    }
  return TRUE;
}

static gboolean
skip (Frame *self, gsize length, GError **error)
{
  char buffer[4096];

  while (length > 0)
    {
      gsize part = MIN (length, sizeof buffer);

      if (!read_exactly (self, buffer, part, error))
        return FALSE;
      length -= part;
    }
  return TRUE;
}

static gboolean
send_all (Frame *self, const void *data, gsize length, GError **error)
{
  gsize done = 0;

  while (done < length)
    {
      gssize put = send (self->fd, (const char *) data + done, length - done, MSG_NOSIGNAL);
      struct pollfd writable = { self->fd, POLLOUT, 0 };

      if (put > 0)
        done += (gsize) put;
      else if (errno == EAGAIN)
        (void) poll (&writable, 1, 1000);
      else if (errno != EINTR)
        return fail (error);
    }
  return TRUE;
}

/* --- the protocol, as far as it is needed (RFB 3.8, no password, raw pixels) --- */

static gboolean
set_size (Frame *self, guint width, guint height, GError **error)
{
  if (width == 0 || height == 0 || width > MOST_SIDE || height > MOST_SIDE)
    return fail (error);
  self->width = width;
  self->height = height;
  g_free (self->pixels);
  self->pixels = g_try_malloc0_n ((gsize) width * height, sizeof (guint32));
  return self->pixels != NULL || fail (error);
}

static gboolean
agree (Frame *self, GError **error)
{
  guint8 version[12], types[256], result[4];
  const guint8 none = 1, shared = 1;

  if (!read_exactly (self, version, sizeof version, error) || !send_all (self, "RFB 003.008\n", 12, error)
      || !read_exactly (self, types, 1, error))
    return FALSE;
  if (types[0] == 0)
    return fail (error);
  if (!read_exactly (self, types + 1, types[0], error))
    return FALSE;
  if (memchr (types + 1, none, types[0]) == NULL)
    return fail (error);
  return send_all (self, &none, 1, error) && read_exactly (self, result, sizeof result, error)
         && (valise_bytes_get_be32 (result) == 0 || fail (error)) && send_all (self, &shared, 1, error);
}

static gboolean
ask_for_update (Frame *self, gboolean incremental, GError **error)
{
  guint8 request[10] = { 3, incremental != FALSE };

  request[6] = (guint8) (self->width >> 8);
  request[7] = (guint8) self->width;
  request[8] = (guint8) (self->height >> 8);
  request[9] = (guint8) self->height;
  return send_all (self, request, sizeof request, error);
}

static gboolean
begin (Frame *self, GError **error)
{
  static const guint8 format[] = { 0, 0, 0, 0, 32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0 };
  static const guint8 encodings[] = { 2, 0, 0, 2, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0x21 }; /* raw, desktop size */
  guint8 head[24];

  return agree (self, error) && read_exactly (self, head, sizeof head, error)
         && (valise_bytes_get_be32 (head + 20) <= MOST_TEXT || fail (error))
         && skip (self, valise_bytes_get_be32 (head + 20), error)
         && set_size (self, valise_bytes_get_be16 (head), valise_bytes_get_be16 (head + 2), error)
         && send_all (self, format, sizeof format, error) && send_all (self, encodings, sizeof encodings, error)
         && ask_for_update (self, FALSE, error);
}

static gboolean
read_raw (Frame *self, guint x, guint y, guint width, guint height, guint *changed, GError **error)
{
  g_autofree guint32 *row = NULL;

  if (x + width > self->width || y + height > self->height)
    return fail (error);
  row = g_new (guint32, MAX (width, 1));
  for (guint i = 0; i < height; i++)
    {
      guint32 *there = self->pixels + (gsize) (y + i) * self->width + x;

      if (!read_exactly (self, row, width * sizeof *row, error))
        return FALSE;
      for (guint j = 0; j < width; j++)
        {
          guint32 pixel = GUINT32_FROM_LE (row[j]) & 0xffffff;

          *changed += pixel != there[j];
          there[j] = pixel;
        }
    }
  return TRUE;
}

static gboolean
read_rectangle (Frame *self, guint *changed, gboolean *resized, GError **error)
{
  guint8 head[12];

  if (!read_exactly (self, head, sizeof head, error))
    return FALSE;
  switch ((gint32) valise_bytes_get_be32 (head + 8))
    {
    case 0:
      return read_raw (self, valise_bytes_get_be16 (head), valise_bytes_get_be16 (head + 2),
                       valise_bytes_get_be16 (head + 4), valise_bytes_get_be16 (head + 6), changed, error);
    case -223:
      *resized = TRUE;
      *changed = G_MAXUINT / 2;
      return set_size (self, valise_bytes_get_be16 (head + 4), valise_bytes_get_be16 (head + 6), error);
    default:
      return fail (error);
    }
}

static gboolean
read_update (Frame *self, guint *changed, GError **error)
{
  gboolean resized = FALSE;
  guint8 head[3];

  if (!read_exactly (self, head, sizeof head, error))
    return FALSE;
  for (guint i = 0; i < valise_bytes_get_be16 (head + 1); i++)
    if (!read_rectangle (self, changed, &resized, error))
      return FALSE;
  return ask_for_update (self, !resized, error);
}

/* Everything that a server may say; only updates change anything. */
static gboolean
read_message (Frame *self, guint *changed, GError **error)
{
  guint8 kind, head[7];

  *changed = 0;
  if (!read_exactly (self, &kind, 1, error))
    return FALSE;
  switch (kind)
    {
    case 0:
      return read_update (self, changed, error);
    case 1:
      return read_exactly (self, head, 5, error) && skip (self, 6 * valise_bytes_get_be16 (head + 3), error);
    case 2:
      return TRUE;
    case 3:
      return read_exactly (self, head, 7, error) && (valise_bytes_get_be32 (head + 3) <= MOST_TEXT || fail (error))
             && skip (self, valise_bytes_get_be32 (head + 3), error);
    default:
      return fail (error);
    }
}

/* --- looking --- */

/* QEMU writes its notice as one line of 16 pixels in the middle of a black picture. */
static gboolean
is_notice (guint top, guint bottom, guint left, guint right, guint width, guint height)
{
  return bottom - top < 16 && ABS ((int) (top + bottom) - (int) height) < 48
         && ABS ((int) (left + right) - (int) width) < 32;
}

/* A cursor alone is not enough to have drawn. */
gboolean
_valise_frame_is_drawn (const guint32 *pixels, guint width, guint height)
{
  guint top = height, bottom = 0, left = width, right = 0, count = 0;

  for (guint y = 0; y < height; y++)
    for (guint x = 0; x < width; x++)
      {
        if (pixels[(gsize) y * width + x] == pixels[(gsize) (height - 1) * width + width - 1])
          continue;
        count++;
        top = MIN (top, y);
        bottom = MAX (bottom, y);
        left = MIN (left, x);
        right = MAX (right, x);
      }
  return count > 200 && !is_notice (top, bottom, left, right, width, height);
}

static gboolean
watch (Frame *self, gint64 until, GError **error)
{
  gint64 drawn_since = 0, still_since = g_get_monotonic_time ();
  gboolean drawn = FALSE;

  for (;;)
    {
      gint64 enough = MIN (still_since + STILL_MS * 1000, drawn_since + BUSY_MS * 1000);
      gboolean readable;
      guint changed;

      if (drawn && g_get_monotonic_time () >= enough)
        return TRUE;
      self->until = drawn ? MIN (enough, until) : until;
      if (!wait_readable (self, &readable, error))
        return FALSE;
      if (!readable && g_get_monotonic_time () >= until)
        return time_out (error);
      if (!readable)
        continue;
      self->until = until;
      if (!read_message (self, &changed, error))
        return FALSE;
      if (changed > SMALL_CHANGE)
        still_since = g_get_monotonic_time ();
      if (changed > 0 && _valise_frame_is_drawn (self->pixels, self->width, self->height) != drawn)
        {
          drawn = !drawn;
          drawn_since = still_since = g_get_monotonic_time ();
        }
    }
}

gboolean
_valise_frame_wait (int fd, guint timeout_ms, GCancellable *cancellable, GError **error)
{
  gint64 until = g_get_monotonic_time () + timeout_ms * G_TIME_SPAN_MILLISECOND;
  Frame frame = { .fd = fd, .until = until, .cancellable = cancellable, .cancel.fd = -1 };
  gboolean done;

  if (cancellable != NULL)
    (void) g_cancellable_make_pollfd (cancellable, &frame.cancel);
  done = begin (&frame, error) && watch (&frame, until, error);
  if (frame.cancel.fd >= 0)
    g_cancellable_release_fd (cancellable);
  g_free (frame.pixels);
  return done;
}
