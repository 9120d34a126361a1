/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of the NBD protocol (its fixed newstyle handshake, options and simple replies) that reading takes. */
#include "bundle/valise-image-server.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/valise-size.h"

#define SECTOR 512
/* QEMU asks for no more at once. */
#define REQUEST_MOST (32 * VALISE_MIB)
#define OPTION_MOST 4096

#define MAGIC G_GUINT64_CONSTANT (0x4e42444d41474943)
#define OPTION_MAGIC G_GUINT64_CONSTANT (0x49484156454f5054)
#define OPTION_REPLY_MAGIC G_GUINT64_CONSTANT (0x3e889045565a9)
#define REQUEST_MAGIC 0x25609513u
#define REPLY_MAGIC 0x67446698u

/* Of the handshake: as the protocol was fixed, and without 124 zeros. */
#define HANDSHAKE_FLAGS 3
/* Of the image: there are flags, and it can only be read. */
#define IMAGE_FLAGS 3

enum
{
  OPTION_EXPORT_NAME = 1,
  OPTION_ABORT = 2,
  OPTION_INFO = 6,
  OPTION_GO = 7,
};

#define OPTION_DONE 1u
#define OPTION_INFORMATION 3u
#define OPTION_UNKNOWN 0x80000001u
#define INFORMATION_EXPORT 0

enum
{
  REQUEST_READ = 0,
  REQUEST_END = 2,
};

struct _ValiseImageServer
{
  ValisePackedImage *image;
  guint64 size; /* whole sectors; QEMU counts in those */
  int ours, theirs;
  GThread *thread;
  GError *error; /* of the thread */
};

/* --- the wire --- */

static gboolean
take (ValiseImageServer *self, void *bytes, gsize length)
{
  gsize done = 0;

  while (done < length)
    {
      gssize got = recv (self->ours, (guint8 *) bytes + done, length - done, 0);

      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        return FALSE;
      done += (gsize) got;
    }
  return TRUE;
}

static gboolean
give (ValiseImageServer *self, const void *bytes, gsize length)
{
  gsize done = 0;

  while (done < length)
    {
      gssize sent = send (self->ours, (const guint8 *) bytes + done, length - done, MSG_NOSIGNAL);

      if (sent < 0 && errno == EINTR)
        continue;
      if (sent <= 0)
        return FALSE;
      done += (gsize) sent;
    }
  return TRUE;
}

static void
put (guint8 *bytes, guint64 number, guint length)
{
  for (guint i = 0; i < length; i++)
    bytes[i] = (guint8) (number >> 8 * (length - 1 - i));
}

static guint64
get (const guint8 *bytes, guint length)
{
  guint64 number = 0;

  for (guint i = 0; i < length; i++)
    number = number << 8 | bytes[i];
  return number;
}

/* --- the handshake --- */

static gboolean
answer_option (ValiseImageServer *self, guint32 option, guint32 type, const guint8 *bytes, gsize length)
{
  guint8 head[20];

  put (head, OPTION_REPLY_MAGIC, 8);
  put (head + 8, option, 4);
  put (head + 12, type, 4);
  put (head + 16, length, 4);
  return give (self, head, sizeof head) && (length == 0 || give (self, bytes, length));
}

static gboolean
describe (ValiseImageServer *self, guint32 option)
{
  guint8 bytes[12];

  put (bytes, INFORMATION_EXPORT, 2);
  put (bytes + 2, self->size, 8);
  put (bytes + 10, IMAGE_FLAGS, 2);
  return answer_option (self, option, OPTION_INFORMATION, bytes, sizeof bytes)
         && answer_option (self, option, OPTION_DONE, NULL, 0);
}

static gboolean
describe_briefly (ValiseImageServer *self)
{
  guint8 bytes[10];

  put (bytes, self->size, 8);
  put (bytes + 8, IMAGE_FLAGS, 2);
  return give (self, bytes, sizeof bytes);
}

/* 1: another option; 0: requests follow; -1: the end */
static int
take_option (ValiseImageServer *self)
{
  guint8 head[16], data[OPTION_MOST];
  guint32 option, length;

  if (!take (self, head, sizeof head) || get (head, 8) != OPTION_MAGIC)
    return -1;
  option = (guint32) get (head + 8, 4);
  length = (guint32) get (head + 12, 4);
  if (length > sizeof data || !take (self, data, length))
    return -1;
  switch (option)
    {
    case OPTION_EXPORT_NAME:
      return describe_briefly (self) ? 0 : -1;
    case OPTION_GO:
      return describe (self, option) ? 0 : -1;
    case OPTION_INFO:
      return describe (self, option) ? 1 : -1;
    case OPTION_ABORT:
      answer_option (self, option, OPTION_DONE, NULL, 0);
      return -1;
    default:
      return answer_option (self, option, OPTION_UNKNOWN, NULL, 0) ? 1 : -1;
    }
}

static gboolean
shake_hands (ValiseImageServer *self)
{
  guint8 bytes[18];
  int more = 1;

  put (bytes, MAGIC, 8);
  put (bytes + 8, OPTION_MAGIC, 8);
  put (bytes + 16, HANDSHAKE_FLAGS, 2);
  /* Which flags the program has is of no matter: only QEMU is here, which knows both. */
  if (!give (self, bytes, sizeof bytes) || !take (self, bytes, 4))
    return FALSE;
  while (more > 0)
    more = take_option (self);
  return more == 0;
}

/* --- requests --- */

/* What is left of its last sector are zeros. */
static gboolean
read_image (ValiseImageServer *self, guint64 offset, guint8 *bytes, gsize length)
{
  gssize got =
      _valise_packed_image_read (self->image, offset, bytes, length, self->error == NULL ? &self->error : NULL);

  if (got >= 0)
    memset (bytes + got, 0, length - (gsize) got);
  return got >= 0;
}

static gboolean
answer (ValiseImageServer *self, const guint8 *handle, int code, const guint8 *bytes, gsize length)
{
  guint8 head[16];

  put (head, REPLY_MAGIC, 4);
  put (head + 4, (guint64) code, 4);
  memcpy (head + 8, handle, 8);
  return give (self, head, sizeof head) && (code != 0 || give (self, bytes, length));
}

static gboolean
take_request (ValiseImageServer *self)
{
  g_autofree guint8 *bytes = NULL;
  guint8 head[28];
  guint64 offset, length;
  int type;

  if (!take (self, head, sizeof head) || get (head, 4) != REQUEST_MAGIC)
    return FALSE;
  type = (int) get (head + 6, 2);
  offset = get (head + 16, 8);
  length = get (head + 24, 4);
  if (type == REQUEST_END)
    return FALSE;
  if (type != REQUEST_READ || length > REQUEST_MOST || offset > self->size || length > self->size - offset)
    return answer (self, head + 8, EINVAL, NULL, 0);
  bytes = g_malloc (length);
  return answer (self, head + 8, read_image (self, offset, bytes, length) ? 0 : EIO, bytes, length);
}

static gpointer
serve_thread (gpointer data)
{
  ValiseImageServer *self = data;
  gboolean more = shake_hands (self);

  while (more)
    more = take_request (self);
  /* Who waits for an answer gets to know that there will be none. */
  shutdown (self->ours, SHUT_RDWR);
  return NULL;
}

/* --- the way in and out --- */

ValiseImageServer *
_valise_image_server_new (ValisePackedImage *image, GError **error)
{
  ValiseImageServer *self;
  int pair[2];

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
                   _ ("A packed disk cannot be given to qemu-img: %s. Close other programs and try again."),
                   g_strerror (errno));
      return NULL;
    }
  self = g_new0 (ValiseImageServer, 1);
  self->image = image;
  self->size = (_valise_packed_image_get_size (image) + SECTOR - 1) / SECTOR * SECTOR;
  self->ours = pair[0];
  self->theirs = pair[1];
  self->thread = g_thread_new ("image-server", serve_thread, self);
  return self;
}

int
_valise_image_server_get_fd (const ValiseImageServer *self)
{
  return self->theirs;
}

gboolean
_valise_image_server_stop (ValiseImageServer *self, GError **error)
{
  if (self->thread != NULL)
    {
      shutdown (self->ours, SHUT_RDWR);
      g_thread_join (g_steal_pointer (&self->thread));
    }
  if (self->error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&self->error));
  return FALSE;
}

void
_valise_image_server_free (ValiseImageServer *self)
{
  if (self == NULL)
    return;
  _valise_image_server_stop (self, NULL);
  close (self->ours);
  close (self->theirs);
  g_clear_error (&self->error);
  g_free (self);
}
