/* SPDX-License-Identifier: GPL-3.0-or-later */
/* xz and zstd as converters, beside the one of GLib. Their windows are bounded: what asks for more than a person's
 * computer can spare is damaged or an attack. */
#include "bundle/valise-unpacker.h"

#include <lzma.h>
#include <zstd.h>

#include "bundle/valise-apple-unpacker.h"

#define MOST_XZ (G_GUINT64_CONSTANT (160) << 20)
#define MOST_ZSTD_LOG 27

struct _ValiseUnpacker
{
  GObject parent_instance;
  lzma_stream xz;
  ZSTD_DStream *zstd; /* NULL: xz */
};

#define VALISE_TYPE_UNPACKER (valise_unpacker_get_type ())
G_DECLARE_FINAL_TYPE (ValiseUnpacker, valise_unpacker, VALISE, UNPACKER, GObject)

static void unpacker_init_converter (GConverterIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ValiseUnpacker,
                               valise_unpacker,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_CONVERTER, unpacker_init_converter))

static GConverterResult
fail (GError **error, int code, const char *text)
{
  g_set_error_literal (error, G_IO_ERROR, code, text);
  return G_CONVERTER_ERROR;
}

/* --- the two --- */

static GConverterResult
convert_xz (ValiseUnpacker *self, GError **error)
{
  gsize left = self->xz.avail_in, room = self->xz.avail_out;

  switch (lzma_code (&self->xz, LZMA_RUN))
    {
    case LZMA_STREAM_END:
      return G_CONVERTER_FINISHED;
    case LZMA_OK:
    case LZMA_BUF_ERROR:
      if (self->xz.avail_in == left && self->xz.avail_out == room)
        return fail (error, G_IO_ERROR_PARTIAL_INPUT, "xz");
      return G_CONVERTER_CONVERTED;
    default:
      return fail (error, G_IO_ERROR_INVALID_DATA, "xz");
    }
}

static GConverterResult
convert_zstd (ValiseUnpacker *self, ZSTD_inBuffer *in, ZSTD_outBuffer *out, GError **error)
{
  gsize result = ZSTD_decompressStream (self->zstd, out, in);

  if (ZSTD_isError (result))
    return fail (error, G_IO_ERROR_INVALID_DATA, "zstd");
  if (result == 0)
    return G_CONVERTER_FINISHED;
  return in->pos == 0 && out->pos == 0 ? fail (error, G_IO_ERROR_PARTIAL_INPUT, "zstd") : G_CONVERTER_CONVERTED;
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
  ValiseUnpacker *self = VALISE_UNPACKER (converter);
  ZSTD_inBuffer in = { from, from_length, 0 };
  ZSTD_outBuffer out = { to, to_length, 0 };
  GConverterResult result;

  (void) flags;
  self->xz.next_in = from;
  self->xz.avail_in = from_length;
  self->xz.next_out = to;
  self->xz.avail_out = to_length;
  result = self->zstd != NULL ? convert_zstd (self, &in, &out, error) : convert_xz (self, error);
  *taken = self->zstd != NULL ? in.pos : from_length - self->xz.avail_in;
  *made = self->zstd != NULL ? out.pos : to_length - self->xz.avail_out;
  return result;
}

static void
unpacker_reset (GConverter *converter)
{
  ValiseUnpacker *self = VALISE_UNPACKER (converter);

  if (self->zstd != NULL)
    ZSTD_DCtx_reset (self->zstd, ZSTD_reset_session_only);
  else if (lzma_stream_decoder (&self->xz, MOST_XZ, 0) != LZMA_OK)
    g_warn_if_reached ();
}

static void
unpacker_init_converter (GConverterIface *iface)
{
  iface->convert = unpacker_convert;
  iface->reset = unpacker_reset;
}

static void
valise_unpacker_finalize (GObject *object)
{
  ValiseUnpacker *self = VALISE_UNPACKER (object);

  lzma_end (&self->xz);
  ZSTD_freeDStream (self->zstd);
  G_OBJECT_CLASS (valise_unpacker_parent_class)->finalize (object);
}

static void
valise_unpacker_class_init (ValiseUnpackerClass *class)
{
  G_OBJECT_CLASS (class)->finalize = valise_unpacker_finalize;
}

static void
valise_unpacker_init (ValiseUnpacker *self)
{
  self->xz = (lzma_stream) LZMA_STREAM_INIT;
}

/* --- the way in --- */

GConverter *
_valise_unpacker_new (const char *compression)
{
  ValiseUnpacker *self;

  if (g_strcmp0 (compression, "gzip") == 0)
    return G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));
  if (g_strcmp0 (compression, "deflate") == 0)
    return G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_RAW));
  if (g_strcmp0 (compression, "lz4-apple") == 0)
    return _valise_apple_unpacker_new ();
  if (g_strcmp0 (compression, "xz") != 0 && g_strcmp0 (compression, "zstd") != 0)
    return NULL;
  self = g_object_new (VALISE_TYPE_UNPACKER, NULL);
  if (g_str_equal (compression, "zstd"))
    {
      self->zstd = ZSTD_createDStream ();
      ZSTD_DCtx_setParameter (self->zstd, ZSTD_d_windowLogMax, MOST_ZSTD_LOG);
    }
  unpacker_reset (G_CONVERTER (self));
  return G_CONVERTER (self);
}
