/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-packed-image.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <zlib.h>

#include "base/valise-path.h"
#include "base/valise-size.h"

/* Unpacked bytes are kept in blocks of this size. A table of a streamed VMDK speaks of 32 MiB that lie before it; most
 * of those are kept until they are asked for. Several at once share what one may have. */
#define BLOCK_BYTES (128 * 1024)
#define BLOCKS_MOST 192
#define BLOCKS_LEAST 16
#define INPUT_BYTES (32 * 1024)
#define WINDOW_BYTES (32 * 1024)
/* A mark is set after so many packed or unpacked bytes; twice as many when there are too many marks. */
#define MARK_PACKED (2 * VALISE_MIB)
#define MARK_UNPACKED (16 * VALISE_MIB)
#define MARKS_MOST 384
/* Of gzip, behind what is packed: a checksum and a length. */
#define TRAILER_BYTES 8
/* Whose blocks lie in a wild order is written to a file once this many times its bytes were unpacked to be read. */
#define AGAIN_MOST 4
/* More empty blocks than zlib can have in its hand without taking or giving a byte. */
#define IDLE_MOST 16

/* From where unpacking can begin: @in packed bytes and the last @bits of the one before, and what lay before @out. */
typedef struct
{
  guint64 in, out;
  int bits;
  guint8 *window; /* NULL: the beginning of all */
  guint window_length;
} Mark;

typedef struct
{
  guint64 number;
  guint64 used; /* 0: never */
  guint8 *bytes;
} Block;

struct _ValisePackedImage
{
  const ValiseImagePlace *parts;
  guint n_parts;
  char *name;
  GCancellable *cancellable;
  gboolean gzip, packed;

  z_stream zlib;
  gboolean begun;  /* zlib has to be ended */
  gboolean inside; /* something packed has begun and not ended */
  gboolean bare;   /* begun at a mark, so that zlib does not see the trailer */
  guint skip;      /* bytes of the trailer that are still to come */
  guint64 in, out;

  GArray *marks;
  guint64 mark_packed, mark_unpacked;
  gboolean on_way;   /* the first byte was fed */
  gboolean surveyed; /* and the last */
  guint64 size;

  guint8 *block;        /* the one that fills up */
  gboolean block_whole; /* from its beginning */
  Block blocks[BLOCKS_MOST];
  guint n_blocks;
  guint64 clock;

  char *folder;  /* for the file; NULL: it is not written, or is already */
  int whole;     /* the file, without a name, or -1 */
  guint64 again; /* bytes that were unpacked since the way through */
};

/* How many there are in the program. */
static gint sharers;

/* --- packed bytes --- */

static gboolean
set_damaged (ValisePackedImage *self, GError **error)
{
  g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_DAMAGED,
               _ ("The compressed disk “%s” is damaged. Get it once more from where it came."), self->name);
  return FALSE;
}

static gssize
read_part (ValisePackedImage *self,
           const ValiseImagePlace *part,
           guint64 at,
           guint8 *bytes,
           gsize length,
           GError **error)
{
  gssize got;

  do
    got = pread (part->fd, bytes, MIN (length, part->size - at), (off_t) (part->offset + at));
  while (got < 0 && errno == EINTR);
  if (got > 0)
    return got;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (got < 0 ? errno : EIO), _ ("The disk “%s” cannot be read: %s"),
               self->name, got < 0 ? g_strerror (errno) : _ ("it ends early"));
  return -1;
}

/* What lies at @at of all parts one after the other. 0: the end. */
static gssize
read_packed (ValisePackedImage *self, guint64 at, guint8 *bytes, gsize length, GError **error)
{
  for (guint i = 0; i < self->n_parts; i++)
    {
      if (at < self->parts[i].size)
        return read_part (self, &self->parts[i], at, bytes, length, error);
      at -= self->parts[i].size;
    }
  return 0;
}

/* --- blocks --- */

static Block *
find_block (ValisePackedImage *self, guint64 number)
{
  for (guint i = 0; i < self->n_blocks; i++)
    if (self->blocks[i].used > 0 && self->blocks[i].number == number)
      {
        self->blocks[i].used = ++self->clock;
        return &self->blocks[i];
      }
  return NULL;
}

/* The one that nobody asked for the longest gives its place. */
static void
keep_block (ValisePackedImage *self, guint64 number)
{
  Block *oldest = find_block (self, number);
  guint8 *bytes;

  if (oldest == NULL)
    oldest = &self->blocks[0];
  for (guint i = 0; oldest->number != number && i < self->n_blocks; i++)
    if (self->blocks[i].used < oldest->used)
      oldest = &self->blocks[i];
  bytes = oldest->bytes != NULL ? oldest->bytes : g_malloc (BLOCK_BYTES);
  *oldest = (Block){ number, ++self->clock, self->block };
  self->block = bytes;
}

/* --- marks --- */

static void
mark_clear (gpointer mark)
{
  g_free (((Mark *) mark)->window);
}

static void
thin_out (ValisePackedImage *self)
{
  if (self->marks->len < MARKS_MOST)
    return;
  for (guint i = self->marks->len - 1; i > 0; i--)
    if (i % 2 == 1)
      g_array_remove_index (self->marks, i);
  self->mark_packed *= 2;
  self->mark_unpacked *= 2;
}

static void
set_mark (ValisePackedImage *self)
{
  const Mark *last = &g_array_index (self->marks, Mark, self->marks->len - 1);
  Mark mark = { .in = self->in, .out = self->out, .bits = self->zlib.data_type & 7, .window_length = WINDOW_BYTES };

  /* Between two blocks, and not behind the last of them. */
  if ((self->zlib.data_type & 192) != 128
      || (mark.in - last->in < self->mark_packed && mark.out - last->out < self->mark_unpacked))
    return;
  mark.window = g_malloc (WINDOW_BYTES);
  if (inflateGetDictionary (&self->zlib, mark.window, &mark.window_length) != Z_OK)
    {
      g_free (mark.window);
      return;
    }
  g_array_append_val (self->marks, mark);
  thin_out (self);
}

static void
end_zlib (ValisePackedImage *self)
{
  if (self->begun)
    inflateEnd (&self->zlib);
  self->begun = FALSE;
}

static gboolean
begin_zlib (ValisePackedImage *self, int window_bits)
{
  end_zlib (self);
  memset (&self->zlib, 0, sizeof self->zlib);
  self->begun = inflateInit2 (&self->zlib, window_bits) == Z_OK;
  return self->begun;
}

static gboolean
go_to_mark (ValisePackedImage *self, const Mark *mark, GError **error)
{
  guint8 before = 0;

  self->bare = mark->window != NULL;
  self->inside = self->bare;
  self->in = mark->in;
  self->out = mark->out;
  self->skip = 0;
  self->block_whole = mark->out % BLOCK_BYTES == 0;
  if (!begin_zlib (self, self->gzip && !self->bare ? 16 + MAX_WBITS : -MAX_WBITS))
    return set_damaged (self, error);
  if (!self->bare)
    return TRUE;
  if (mark->bits > 0 && read_packed (self, mark->in - 1, &before, 1, error) != 1)
    return FALSE;
  if ((mark->bits > 0 && inflatePrime (&self->zlib, mark->bits, before >> (8 - mark->bits)) != Z_OK)
      || inflateSetDictionary (&self->zlib, mark->window, mark->window_length) != Z_OK)
    return set_damaged (self, error);
  return TRUE;
}

/* --- unpacking --- */

/* Another may follow at once. */
static gboolean
end_packed (ValisePackedImage *self)
{
  self->inside = FALSE;
  self->skip = self->bare && self->gzip ? TRAILER_BYTES : 0;
  if (!self->bare)
    return inflateReset (&self->zlib) == Z_OK;
  self->bare = !self->gzip;
  return begin_zlib (self, self->gzip ? 16 + MAX_WBITS : -MAX_WBITS);
}

static gsize
skip_trailer (ValisePackedImage *self, gsize length)
{
  guint skipped = (guint) MIN (length, self->skip);

  self->skip -= skipped;
  self->in += skipped;
  return skipped;
}

/* Unpacks until all of @length bytes are taken or a block is full. @taken: (out): of them */
static gboolean
unpack (ValisePackedImage *self, const guint8 *bytes, gsize length, gsize *taken, GError **error)
{
  gsize at = (gsize) (self->out % BLOCK_BYTES), made;
  int result;

  *taken = skip_trailer (self, length);
  self->zlib.next_in = (guint8 *) bytes + *taken;
  self->zlib.avail_in = (guint) (length - *taken);
  self->zlib.next_out = self->block + at;
  self->zlib.avail_out = (guint) (BLOCK_BYTES - at);
  result = inflate (&self->zlib, self->surveyed ? Z_NO_FLUSH : Z_BLOCK);
  if (result != Z_OK && result != Z_BUF_ERROR && result != Z_STREAM_END)
    return set_damaged (self, error);
  made = (gsize) (BLOCK_BYTES - at) - self->zlib.avail_out;
  self->in += length - *taken - self->zlib.avail_in;
  *taken = length - self->zlib.avail_in;
  self->out += made;
  self->again += self->surveyed ? made : 0;
  self->inside |= *taken > 0;
  if (self->zlib.avail_out == 0 && self->block_whole)
    keep_block (self, self->out / BLOCK_BYTES - 1);
  self->block_whole |= self->zlib.avail_out == 0;
  if (result == Z_STREAM_END)
    return end_packed (self) || set_damaged (self, error);
  if (!self->surveyed)
    set_mark (self);
  return TRUE;
}

gboolean
_valise_packed_image_feed (ValisePackedImage *self, const guint8 *bytes, gsize length, GError **error)
{
  guint64 before;
  gsize taken;

  if (!self->packed)
    return TRUE;
  if (!self->on_way && !go_to_mark (self, &g_array_index (self->marks, Mark, 0), error))
    return FALSE;
  self->on_way = TRUE;
  for (guint idle = 0; length > 0 || idle<IDLE_MOST; idle = self->out> before ? 0 : idle + 1)
    {
      before = self->out;
      if (!unpack (self, bytes, length, &taken, error)
          || g_cancellable_set_error_if_cancelled (self->cancellable, error))
        return FALSE;
      bytes += taken;
      length -= taken;
    }
  return TRUE;
}

gboolean
_valise_packed_image_end (ValisePackedImage *self)
{
  if (!self->packed)
    return TRUE;
  if (self->out % BLOCK_BYTES != 0)
    keep_block (self, self->out / BLOCK_BYTES);
  self->size = self->out;
  self->surveyed = TRUE;
  /* The next reading begins at a mark. */
  end_zlib (self);
  return !self->inside;
}

/* --- reading --- */

/* The last mark at or before @out, unless going on from here is as near. */
static gboolean
go_near (ValisePackedImage *self, guint64 out, GError **error)
{
  const Mark *mark = &g_array_index (self->marks, Mark, 0);

  for (guint i = 1; i < self->marks->len; i++)
    if (g_array_index (self->marks, Mark, i).out <= out)
      mark = &g_array_index (self->marks, Mark, i);
  if (self->begun && self->out <= out && self->out >= mark->out)
    return TRUE;
  return go_to_mark (self, mark, error);
}

/* @stuck: (out): nothing comes of it any more */
static gboolean
unpack_input (ValisePackedImage *self, const guint8 *bytes, gsize length, guint64 end, gboolean *stuck, GError **error)
{
  gsize at = 0;

  do
    {
      guint64 before = self->out;
      gsize taken;

      if (!unpack (self, bytes + at, length - at, &taken, error)
          || g_cancellable_set_error_if_cancelled (self->cancellable, error))
        return FALSE;
      at += taken;
      *stuck = taken == 0 && self->out == before;
    }
  while (!*stuck && at < length && self->out < end);
  return TRUE;
}

static const guint8 *
unpack_block (ValisePackedImage *self, guint64 number, GError **error)
{
  guint64 end = (number + 1) * BLOCK_BYTES;
  g_autofree guint8 *input = g_malloc (INPUT_BYTES);
  gboolean stuck = FALSE;
  const Block *block;

  if (!go_near (self, number * BLOCK_BYTES, error))
    return NULL;
  while (!stuck && self->out < end && !(self->surveyed && self->out == self->size))
    {
      gssize got = read_packed (self, self->in, input, INPUT_BYTES, error);

      if (got < 0 || !unpack_input (self, input, (gsize) got, end, &stuck, error))
        return NULL;
    }
  /* Its last block is not filled by anything. */
  if (self->out < end && self->out > number * BLOCK_BYTES)
    {
      keep_block (self, number);
      end_zlib (self);
    }
  block = find_block (self, number);
  if (block == NULL)
    set_damaged (self, error);
  return block != NULL ? block->bytes : NULL;
}

/* Beside it the disk itself is being written. */
static gboolean
has_room (const ValisePackedImage *self)
{
  struct statvfs medium;

  return statvfs (self->folder, &medium) == 0 && (guint64) medium.f_bavail * medium.f_frsize / 2 > self->size;
}

/* Tried once: where it cannot be written, reading goes on as it did. */
static gboolean
write_whole (ValisePackedImage *self, GError **error)
{
  int fd = has_room (self) ? open (self->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600) : -1;

  g_clear_pointer (&self->folder, g_free);
  for (guint64 at = 0; fd >= 0 && at < self->size; at += BLOCK_BYTES)
    {
      gssize length = (gssize) MIN (BLOCK_BYTES, self->size - at);
      const guint8 *bytes = unpack_block (self, at / BLOCK_BYTES, error);
      gboolean written = bytes != NULL && pwrite (fd, bytes, (gsize) length, (off_t) at) == length;

      if (!written)
        close (fd);
      if (bytes == NULL)
        return FALSE;
      fd = written ? fd : -1;
    }
  self->whole = fd;
  return TRUE;
}

static gssize
read_unpacked (ValisePackedImage *self, guint64 offset, guint8 *bytes, gsize length, GError **error)
{
  guint64 number = offset / BLOCK_BYTES;
  gsize at = (gsize) (offset % BLOCK_BYTES);
  const Block *block = find_block (self, number);
  const guint8 *from = block != NULL ? block->bytes : unpack_block (self, number, error);
  gsize got = MIN (length, BLOCK_BYTES - at);

  if (from == NULL)
    return -1;
  memcpy (bytes, from + at, got);
  return (gssize) got;
}

static gssize
read_whole (ValisePackedImage *self, guint64 offset, guint8 *bytes, gsize length, GError **error)
{
  ValiseImagePlace whole = { .fd = self->whole, .size = self->size };

  return read_part (self, &whole, offset, bytes, length, error);
}

gssize
_valise_packed_image_read (ValisePackedImage *self, guint64 offset, guint8 *bytes, gsize length, GError **error)
{
  guint64 size = self->surveyed ? self->size : BLOCK_BYTES;
  gsize done = 0;

  if (offset >= size)
    return 0;
  if (self->again / AGAIN_MOST > size && self->folder != NULL && !write_whole (self, error))
    return -1;
  length = (gsize) MIN (length, size - offset);
  while (done < length)
    {
      gssize got = self->whole >= 0 ? read_whole (self, offset + done, bytes + done, length - done, error)
                   : self->packed   ? read_unpacked (self, offset + done, bytes + done, length - done, error)
                                    : read_packed (self, offset + done, bytes + done, length - done, error);

      if (got < 0)
        return -1;
      if (got == 0)
        break;
      done += (gsize) got;
    }
  return (gssize) done;
}

guint64
_valise_packed_image_get_size (const ValisePackedImage *self)
{
  return self->surveyed ? self->size : self->out;
}

/* --- the way in and out --- */

ValisePackedImage *
_valise_packed_image_new (const ValiseImageSource *source, const char *folder, GCancellable *cancellable)
{
  gboolean gzip = g_strcmp0 (source->compression, "gzip") == 0;
  ValisePackedImage *self;
  Mark first = { 0 };

  if (source->compression != NULL && !gzip && !g_str_equal (source->compression, "deflate"))
    return NULL;
  self = g_new0 (ValisePackedImage, 1);
  self->parts = source->parts;
  self->n_parts = source->n_parts;
  self->name = valise_text_for_display (source->parts[0].name, 120);
  self->cancellable = cancellable != NULL ? g_object_ref (cancellable) : NULL;
  self->folder = g_strdup (folder);
  self->whole = -1;
  self->gzip = gzip;
  self->packed = source->compression != NULL;
  self->surveyed = !self->packed;
  for (guint i = 0; i < source->n_parts && !self->packed; i++)
    self->size += source->parts[i].size;
  self->mark_packed = MARK_PACKED;
  self->mark_unpacked = MARK_UNPACKED;
  self->marks = g_array_new (FALSE, FALSE, sizeof (Mark));
  g_array_set_clear_func (self->marks, mark_clear);
  g_array_append_val (self->marks, first);
  self->block = g_malloc0 (BLOCK_BYTES);
  self->n_blocks = MAX (BLOCKS_MOST / (guint) (g_atomic_int_add (&sharers, 1) + 1), BLOCKS_LEAST);
  return self;
}

void
_valise_packed_image_free (ValisePackedImage *self)
{
  if (self == NULL)
    return;
  g_atomic_int_add (&sharers, -1);
  end_zlib (self);
  if (self->whole >= 0)
    close (self->whole);
  for (guint i = 0; i < self->n_blocks; i++)
    g_free (self->blocks[i].bytes);
  g_free (self->block);
  g_array_unref (self->marks);
  g_clear_object (&self->cancellable);
  g_free (self->folder);
  g_free (self->name);
  g_free (self);
}
