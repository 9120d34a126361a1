/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What unpacks disks as they come. Input: a byte for the way, then what is packed; it comes in pieces of a length that
 * the byte states, too. */
#include "bundle/valise-unpacker.h"

#define OUT_BYTES 65536
#define OUT_MOST (16 << 20)

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static const char *const ways[] = { "lz4-apple", "gzip", "deflate", "xz", "zstd", "lz4-apple", "lz4-apple", "other" };
  g_autoptr (GConverter) unpacker = size > 0 ? _valise_unpacker_new (ways[data[0] & 7]) : NULL;
  g_autofree guint8 *out = g_malloc (OUT_BYTES);
  gsize piece = size > 0 && data[0] >= 128 ? (gsize) data[0] - 127 : size;
  gsize at = 1, total = 0;

  while (unpacker != NULL && total < OUT_MOST)
    {
      gsize length = MIN (piece, size - at), taken = 0, made = 0;
      g_autoptr (GError) error = NULL;
      g_autofree guint8 *in = g_memdup2 (data + at, length);
      GConverterResult result = g_converter_convert (unpacker, length > 0 ? in : (guint8 *) "", length, out, OUT_BYTES,
                                                     G_CONVERTER_NO_FLAGS, &taken, &made, &error);

      if (result == G_CONVERTER_ERROR && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT))
        {
          if (length == size - at)
            break;
          piece = MIN (2 * piece, size);
          continue;
        }
      if (result == G_CONVERTER_ERROR)
        break;
      g_assert_cmpuint (taken, <=, length);
      g_assert_cmpuint (made, <=, OUT_BYTES);
      if (result == G_CONVERTER_FINISHED)
        g_converter_reset (unpacker);
      if (taken == 0 && made == 0)
        break;
      at += taken;
      total += made;
    }
  return 0;
}
