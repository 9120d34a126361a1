/* SPDX-License-Identifier: GPL-3.0-or-later */
/* LZ4 as Apple's Compression library writes it: blocks with a head of its own, each of which may look back into those
 * before it, and may end with a match, which liblz4 takes for damage. Everything is bounded before it is touched. */
#include "bundle/valise-apple-unpacker.h"

#include <string.h>

#include "base/valise-bytes.h"

/* How far back a match may lie. */
#define WINDOW 65535u
/* Apple writes some dozens of KiB; more than this is nothing that it wrote. */
#define BLOCK_MOST (8u << 20)
#define HEAD_PLAIN 8
#define HEAD_PACKED 12
#define SHORTEST_MATCH 4

struct _ValiseAppleUnpacker
{
  GObject parent_instance;
  GByteArray *in;  /* of the block that is being read */
  GByteArray *out; /* what came before, as far as it can be looked at, and what is made */
  gsize served;    /* of @out */
};

#define VALISE_TYPE_APPLE_UNPACKER (valise_apple_unpacker_get_type ())
G_DECLARE_FINAL_TYPE (ValiseAppleUnpacker, valise_apple_unpacker, VALISE, APPLE_UNPACKER, GObject)

static void unpacker_init_converter (GConverterIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ValiseAppleUnpacker,
                               valise_apple_unpacker,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_CONVERTER, unpacker_init_converter))

/* --- one block --- */

/* A length that goes on as long as its bytes are full. */
static gboolean
read_length (const guint8 **at, const guint8 *end, gsize *length)
{
  guint8 byte;

  if (*length != 15)
    return TRUE;
  do
    {
      if (*at == end || *length > BLOCK_MOST)
        return FALSE;
      byte = *(*at)++;
      *length += byte;
    }
  while (byte == 255);
  return TRUE;
}

/* A match may overlap what it makes: "a" once and one back is "aaaa". */
static void
copy_match (guint8 *to, gsize back, gsize length)
{
  for (const guint8 *from = to - back; length > 0; length--)
    *to++ = *from++;
}

/* Fills @out from @made to @most, exactly. */
static gboolean
unpack_block (const guint8 *at, const guint8 *end, guint8 *out, gsize made, gsize most)
{
  while (at < end)
    {
      guint8 token = *at++;
      gsize plain = token >> 4, match = token & 15, back;

      if (!read_length (&at, end, &plain) || plain > (gsize) (end - at) || plain > most - made)
        return FALSE;
      memcpy (out + made, at, plain);
      at += plain;
      made += plain;
      if (at == end)
        break;
      if (end - at < 2)
        return FALSE;
      back = (gsize) at[0] | (gsize) at[1] << 8;
      at += 2;
      if (!read_length (&at, end, &match) || back == 0 || back > made || match + SHORTEST_MATCH > most - made)
        return FALSE;
      copy_match (out + made, back, match + SHORTEST_MATCH);
      made += match + SHORTEST_MATCH;
    }
  return made == most;
}

/* --- the stream --- */

/* How many bytes of the block there have to be before more can be said: its head, then all of it. 0: it makes no
 * sense. */
static gsize
count_needed (const GByteArray *in)
{
  const guint8 *head = in->data;
  gboolean packed = in->len >= 4 && memcmp (head, "bv41", 4) == 0;
  gsize length = packed ? HEAD_PACKED : HEAD_PLAIN;

  if (in->len < 4)
    return 4;
  if (memcmp (head, "bv4$", 4) == 0)
    return 4;
  if (!packed && memcmp (head, "bv4-", 4) != 0)
    return 0;
  if (in->len < length)
    return length;
  if (valise_bytes_get_le32 (head + 4) > BLOCK_MOST || valise_bytes_get_le32 (head + length - 4) > BLOCK_MOST)
    return 0;
  return length + valise_bytes_get_le32 (head + length - 4);
}

static void
forget_served (ValiseAppleUnpacker *self)
{
  if (self->out->len > WINDOW)
    g_byte_array_remove_range (self->out, 0, self->out->len - WINDOW);
  self->served = self->out->len;
}

/* @in holds a whole block. */
static gboolean
make_block (ValiseAppleUnpacker *self)
{
  const guint8 *head = self->in->data;
  gboolean packed = memcmp (head, "bv41", 4) == 0, done;
  gsize before;

  forget_served (self);
  before = self->out->len;
  g_byte_array_set_size (self->out, (guint) (before + valise_bytes_get_le32 (head + 4)));
  if (packed)
    done = unpack_block (head + HEAD_PACKED, head + self->in->len, self->out->data, before, self->out->len);
  else
    done = self->in->len == HEAD_PLAIN + valise_bytes_get_le32 (head + 4);
  if (!packed && done)
    memcpy (self->out->data + before, head + HEAD_PLAIN, self->in->len - HEAD_PLAIN);
  g_byte_array_set_size (self->in, 0);
  return done;
}

static gsize
serve (ValiseAppleUnpacker *self, void *to, gsize room)
{
  gsize length = MIN (room, self->out->len - self->served);

  if (length > 0)
    memcpy (to, self->out->data + self->served, length);
  self->served += length;
  return length;
}

static GConverterResult
fail (GError **error, int code)
{
  g_set_error_literal (error, G_IO_ERROR, code, "lz4");
  return G_CONVERTER_ERROR;
}

/* --- overrides --- */

static GConverterResult
unpacker_convert (GConverter *converter,
                  const void *from,
                  gsize from_length,
                  void *to,
                  gsize to_length,
                  GConverterFlags flags,
                  gsize *taken,
                  gsize *made,
                  GError **error)
{
  ValiseAppleUnpacker *self = VALISE_APPLE_UNPACKER (converter);
  gsize needed;

  (void) flags;
  *taken = 0;
  *made = serve (self, to, to_length);
  if (*made > 0)
    return G_CONVERTER_CONVERTED;
  while ((needed = count_needed (self->in)) > self->in->len && *taken < from_length)
    {
      gsize more = MIN (needed - self->in->len, from_length - *taken);

      g_byte_array_append (self->in, (const guint8 *) from + *taken, (guint) more);
      *taken += more;
    }
  if (needed == 0)
    return fail (error, G_IO_ERROR_INVALID_DATA);
  if (needed > self->in->len)
    return *taken > 0 ? G_CONVERTER_CONVERTED : fail (error, G_IO_ERROR_PARTIAL_INPUT);
  if (self->in->len == 4)
    return G_CONVERTER_FINISHED;
  if (!make_block (self))
    return fail (error, G_IO_ERROR_INVALID_DATA);
  *made = serve (self, to, to_length);
  return G_CONVERTER_CONVERTED;
}

static void
unpacker_reset (GConverter *converter)
{
  ValiseAppleUnpacker *self = VALISE_APPLE_UNPACKER (converter);

  g_byte_array_set_size (self->in, 0);
  g_byte_array_set_size (self->out, 0);
  self->served = 0;
}

static void
unpacker_init_converter (GConverterIface *iface)
{
  iface->convert = unpacker_convert;
  iface->reset = unpacker_reset;
}

static void
valise_apple_unpacker_finalize (GObject *object)
{
  ValiseAppleUnpacker *self = VALISE_APPLE_UNPACKER (object);

  g_byte_array_unref (self->in);
  g_byte_array_unref (self->out);
  G_OBJECT_CLASS (valise_apple_unpacker_parent_class)->finalize (object);
}

static void
valise_apple_unpacker_class_init (ValiseAppleUnpackerClass *class)
{
  G_OBJECT_CLASS (class)->finalize = valise_apple_unpacker_finalize;
}

static void
valise_apple_unpacker_init (ValiseAppleUnpacker *self)
{
  self->in = g_byte_array_new ();
  self->out = g_byte_array_new ();
}

/* --- the way in --- */

GConverter *
_valise_apple_unpacker_new (void)
{
  return g_object_new (VALISE_TYPE_APPLE_UNPACKER, NULL);
}
