/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-display-scaler.h"

#include <string.h>
#if defined(__x86_64__)
#  include <immintrin.h>
#endif

/* For one destination column or row: the first of two neighbouring source pixels, and the second one's share in 1/256,
 * kept as two 16-bit halves (first, second) so that one multiply-and-add instruction takes both. */
typedef struct
{
  guint32 *first;
  guint32 *shares;
} Taps;

typedef void (*BlendRows) (const guint32 *upper, const guint32 *lower, guint32 share, guint32 *out, int n);
typedef void (*BlendColumns) (const guint32 *row,
                              const guint32 *first,
                              guint32 origin,
                              const guint32 *shares,
                              guint32 *out,
                              int n);

struct _ValiseDisplayScaler
{
  int source_width;
  int source_height;
  int width;
  int height;
  gboolean smooth;
  Taps columns;
  Taps rows;
  guint32 *mixed; /* one source row, mixed from two */
  BlendRows blend_rows;
  BlendColumns blend_columns;
};

static void
place_taps_sharp (Taps *taps, int source, int length)
{
  for (int i = 0; i < length; i++)
    taps->first[i] = (guint32) (((gint64) (2 * i + 1) * source) / (2 * (gint64) length));
}

static void
place_taps_smooth (Taps *taps, int source, int length)
{
  for (int i = 0; i < length; i++)
    {
      gint64 position = ((gint64) (2 * i + 1) * source * 256) / (2 * (gint64) length) - 128;
      guint32 share;

      position = CLAMP (position, 0, (gint64) (source - 1) * 256);
      taps->first[i] = (guint32) (position >> 8);
      share = (guint32) (position & 255);
      /* There is no pixel after the last one: take the last as the second, whole. */
      if (taps->first[i] == (guint32) (source - 1) && source > 1)
        {
          taps->first[i]--;
          share = 256;
        }
      taps->shares[i] = share << 16 | (256 - share);
    }
}

static void
make_taps (Taps *taps, int source, int length, gboolean smooth)
{
  taps->first = g_new (guint32, length);
  taps->shares = g_new0 (guint32, length);
  if (smooth)
    place_taps_smooth (taps, source, length);
  else
    place_taps_sharp (taps, source, length);
}

/* Two channels at a time in the halves of a 32-bit word: 255 * 256 + 128 fits in 16 bits. */
static inline guint32
blend_pixel (guint32 a, guint32 b, guint32 share)
{
  guint32 even = ((a & 0xff00ff) * (256 - share) + (b & 0xff00ff) * share + 0x800080) >> 8;
  guint32 odd = ((a >> 8) & 0xff00ff) * (256 - share) + ((b >> 8) & 0xff00ff) * share + 0x800080;

  return (even & 0xff00ff) | (odd & 0xff00ff00);
}

static void
blend_rows_portable (const guint32 *upper, const guint32 *lower, guint32 share, guint32 *out, int n)
{
  for (int i = 0; i < n; i++)
    out[i] = blend_pixel (upper[i], lower[i], share);
}

static void
blend_columns_portable (const guint32 *row,
                        const guint32 *first,
                        guint32 origin,
                        const guint32 *shares,
                        guint32 *out,
                        int n)
{
  for (int i = 0; i < n; i++)
    {
      const guint32 *pair = row + (first[i] - origin);

      out[i] = blend_pixel (pair[0], pair[1], shares[i] >> 16);
    }
}

#if defined(__x86_64__)
__attribute__ ((target ("avx2"))) static void
blend_rows_avx2 (const guint32 *upper, const guint32 *lower, guint32 share, guint32 *out, int n)
{
  const __m256i zero = _mm256_setzero_si256 ();
  const __m256i half = _mm256_set1_epi16 (128);
  const __m256i upper_share = _mm256_set1_epi16 ((short) (256 - share));
  const __m256i lower_share = _mm256_set1_epi16 ((short) share);
  int i = 0;

  for (; i + 8 <= n; i += 8)
    {
      __m256i a = _mm256_loadu_si256 ((const __m256i *) (const void *) (upper + i));
      __m256i b = _mm256_loadu_si256 ((const __m256i *) (const void *) (lower + i));
      __m256i low = _mm256_add_epi16 (_mm256_mullo_epi16 (_mm256_unpacklo_epi8 (a, zero), upper_share),
                                      _mm256_mullo_epi16 (_mm256_unpacklo_epi8 (b, zero), lower_share));
      __m256i high = _mm256_add_epi16 (_mm256_mullo_epi16 (_mm256_unpackhi_epi8 (a, zero), upper_share),
                                       _mm256_mullo_epi16 (_mm256_unpackhi_epi8 (b, zero), lower_share));

      low = _mm256_srli_epi16 (_mm256_add_epi16 (low, half), 8);
      high = _mm256_srli_epi16 (_mm256_add_epi16 (high, half), 8);
      _mm256_storeu_si256 ((__m256i *) (void *) (out + i), _mm256_packus_epi16 (low, high));
    }
  blend_rows_portable (upper + i, lower + i, share, out + i, n - i);
}

/* The pair of pixels at @pair as eight 16-bit channels, each followed by its neighbour's: b0 b1 g0 g1 r0 r1 x0 x1. */
#  define LOAD_PAIR(pair) _mm_loadl_epi64 ((const __m128i *) (const void *) (pair))

/* For processors of before 2013. */
static void
blend_rows_sse2 (const guint32 *upper, const guint32 *lower, guint32 share, guint32 *out, int n)
{
  const __m128i zero = _mm_setzero_si128 ();
  const __m128i half = _mm_set1_epi16 (128);
  const __m128i upper_share = _mm_set1_epi16 ((short) (256 - share));
  const __m128i lower_share = _mm_set1_epi16 ((short) share);
  int i = 0;

  for (; i + 4 <= n; i += 4)
    {
      __m128i a = _mm_loadu_si128 ((const __m128i *) (const void *) (upper + i));
      __m128i b = _mm_loadu_si128 ((const __m128i *) (const void *) (lower + i));
      __m128i low = _mm_add_epi16 (_mm_mullo_epi16 (_mm_unpacklo_epi8 (a, zero), upper_share),
                                   _mm_mullo_epi16 (_mm_unpacklo_epi8 (b, zero), lower_share));
      __m128i high = _mm_add_epi16 (_mm_mullo_epi16 (_mm_unpackhi_epi8 (a, zero), upper_share),
                                    _mm_mullo_epi16 (_mm_unpackhi_epi8 (b, zero), lower_share));

      low = _mm_srli_epi16 (_mm_add_epi16 (low, half), 8);
      high = _mm_srli_epi16 (_mm_add_epi16 (high, half), 8);
      _mm_storeu_si128 ((__m128i *) (void *) (out + i), _mm_packus_epi16 (low, high));
    }
  blend_rows_portable (upper + i, lower + i, share, out + i, n - i);
}

static void
blend_columns_sse2 (const guint32 *row,
                    const guint32 *first,
                    guint32 origin,
                    const guint32 *shares,
                    guint32 *out,
                    int n)
{
  const __m128i zero = _mm_setzero_si128 ();
  const __m128i half = _mm_set1_epi32 (128);
  const guint32 *base = row - origin;
  int i = 0;

  for (; i + 2 <= n; i += 2)
    {
      __m128i a = _mm_unpacklo_epi8 (LOAD_PAIR (base + first[i]), zero);
      __m128i b = _mm_unpacklo_epi8 (LOAD_PAIR (base + first[i + 1]), zero);

      a = _mm_madd_epi16 (_mm_unpacklo_epi16 (a, _mm_srli_si128 (a, 8)), _mm_set1_epi32 ((int) shares[i]));
      b = _mm_madd_epi16 (_mm_unpacklo_epi16 (b, _mm_srli_si128 (b, 8)), _mm_set1_epi32 ((int) shares[i + 1]));
      a = _mm_srli_epi32 (_mm_add_epi32 (a, half), 8);
      b = _mm_srli_epi32 (_mm_add_epi32 (b, half), 8);
      a = _mm_packs_epi32 (a, b);
      _mm_storel_epi64 ((__m128i *) (void *) (out + i), _mm_packus_epi16 (a, a));
    }
  blend_columns_portable (row, first + i, origin, shares + i, out + i, n - i);
}

__attribute__ ((target ("avx2"))) static void
blend_columns_avx2 (const guint32 *row,
                    const guint32 *first,
                    guint32 origin,
                    const guint32 *shares,
                    guint32 *out,
                    int n)
{
  const __m256i spread = _mm256_setr_epi8 (0, -1, 4, -1, 1, -1, 5, -1, 2, -1, 6, -1, 3, -1, 7, -1, 0, -1, 4, -1, 1, -1,
                                           5, -1, 2, -1, 6, -1, 3, -1, 7, -1);
  const __m256i even = _mm256_setr_epi32 (0, 0, 0, 0, 2, 2, 2, 2);
  const __m256i odd = _mm256_setr_epi32 (1, 1, 1, 1, 3, 3, 3, 3);
  const __m256i half = _mm256_set1_epi32 (128);
  const guint32 *base = row - origin;
  int i = 0;

  for (; i + 4 <= n; i += 4)
    {
      __m256i share = _mm256_castsi128_si256 (_mm_loadu_si128 ((const __m128i *) (const void *) (shares + i)));
      __m256i a = _mm256_inserti128_si256 (_mm256_castsi128_si256 (LOAD_PAIR (base + first[i])),
                                           LOAD_PAIR (base + first[i + 2]), 1);
      __m256i b = _mm256_inserti128_si256 (_mm256_castsi128_si256 (LOAD_PAIR (base + first[i + 1])),
                                           LOAD_PAIR (base + first[i + 3]), 1);

      a = _mm256_madd_epi16 (_mm256_shuffle_epi8 (a, spread), _mm256_permutevar8x32_epi32 (share, even));
      b = _mm256_madd_epi16 (_mm256_shuffle_epi8 (b, spread), _mm256_permutevar8x32_epi32 (share, odd));
      a = _mm256_srli_epi32 (_mm256_add_epi32 (a, half), 8);
      b = _mm256_srli_epi32 (_mm256_add_epi32 (b, half), 8);
      a = _mm256_packs_epi32 (a, b);
      a = _mm256_permute4x64_epi64 (_mm256_packus_epi16 (a, a), 0x08);
      _mm_storeu_si128 ((__m128i *) (void *) (out + i), _mm256_castsi256_si128 (a));
    }
  blend_columns_portable (row, first + i, origin, shares + i, out + i, n - i);
}
#endif

static void
run_sharp (ValiseDisplayScaler *self,
           const guint8 *source,
           gsize source_stride,
           guint8 *destination,
           gsize stride,
           const cairo_rectangle_int_t *area)
{
  const guint32 *first = self->columns.first + area->x;
  guint32 last_row = G_MAXUINT32;
  guint32 *last = NULL;

  for (int y = area->y; y < area->y + area->height; y++)
    {
      guint32 *out = (guint32 *) (void *) (destination + y * stride) + area->x;
      const guint32 *row = (const guint32 *) (const void *) (source + self->rows.first[y] * source_stride);

      if (self->rows.first[y] == last_row)
        memcpy (out, last, area->width * sizeof *out);
      else
        for (int i = 0; i < area->width; i++)
          out[i] = row[first[i]];
      last_row = self->rows.first[y];
      last = out;
    }
}

static void
run_smooth (ValiseDisplayScaler *self,
            const guint8 *source,
            gsize source_stride,
            guint8 *destination,
            gsize stride,
            const cairo_rectangle_int_t *area)
{
  guint32 origin = self->columns.first[area->x];
  int span = (int) (self->columns.first[area->x + area->width - 1] + 2 - origin);

  for (int y = area->y; y < area->y + area->height; y++)
    {
      const guint8 *upper = source + self->rows.first[y] * source_stride + origin * 4;
      guint32 share = self->rows.shares[y] >> 16;
      const guint32 *row = self->mixed;

      if (share == 0)
        row = (const guint32 *) (const void *) upper;
      else if (share == 256)
        row = (const guint32 *) (const void *) (upper + source_stride);
      else
        self->blend_rows ((const guint32 *) (const void *) upper,
                          (const guint32 *) (const void *) (upper + source_stride), share, self->mixed, span);
      self->blend_columns (row, self->columns.first + area->x, origin, self->columns.shares + area->x,
                           (guint32 *) (void *) (destination + y * stride) + area->x, area->width);
    }
}

ValiseDisplayScaler *
valise_display_scaler_new (int source_width, int source_height, int width, int height, gboolean smooth)
{
  ValiseDisplayScaler *self = g_new0 (ValiseDisplayScaler, 1);

  g_return_val_if_fail (source_width > 0 && source_height > 0 && width > 0 && height > 0, NULL);
  self->source_width = source_width;
  self->source_height = source_height;
  self->width = width;
  self->height = height;
  /* A picture one pixel wide or high has no neighbours to mix. */
  self->smooth = smooth && source_width > 1 && source_height > 1;
  make_taps (&self->columns, source_width, width, self->smooth);
  make_taps (&self->rows, source_height, height, self->smooth);
  self->mixed = g_new (guint32, source_width);
  valise_display_scaler_set_level (self, G_MAXUINT);
  return self;
}

void
valise_display_scaler_free (ValiseDisplayScaler *self)
{
  g_free (self->columns.first);
  g_free (self->columns.shares);
  g_free (self->rows.first);
  g_free (self->rows.shares);
  g_free (self->mixed);
  g_free (self);
}

void
valise_display_scaler_set_level (ValiseDisplayScaler *self, guint level)
{
  self->blend_rows = blend_rows_portable;
  self->blend_columns = blend_columns_portable;
#if defined(__x86_64__)
  if (level >= 1)
    {
      self->blend_rows = blend_rows_sse2;
      self->blend_columns = blend_columns_sse2;
    }
  if (level >= 2 && __builtin_cpu_supports ("avx2"))
    {
      self->blend_rows = blend_rows_avx2;
      self->blend_columns = blend_columns_avx2;
    }
#endif
}

static void
map_side (int start, int length, int source, int size, int *out_start, int *out_length)
{
  /* One source pixel more on each side: a smooth pixel takes from both its neighbours. */
  gint64 from = ((gint64) (start - 1) * size) / source - 1;
  gint64 to = ((gint64) (start + length + 1) * size + source - 1) / source + 1;

  from = CLAMP (from, 0, size);
  to = CLAMP (to, from, size);
  *out_start = (int) from;
  *out_length = (int) (to - from);
}

void
valise_display_scaler_map (ValiseDisplayScaler *self, const cairo_rectangle_int_t *source, cairo_rectangle_int_t *area)
{
  map_side (source->x, source->width, self->source_width, self->width, &area->x, &area->width);
  map_side (source->y, source->height, self->source_height, self->height, &area->y, &area->height);
}

void
valise_display_scaler_run (ValiseDisplayScaler *self,
                           const guint8 *source,
                           gsize source_stride,
                           guint8 *destination,
                           gsize stride,
                           const cairo_rectangle_int_t *area)
{
  g_return_if_fail (area->x >= 0 && area->y >= 0 && area->x + area->width <= self->width
                    && area->y + area->height <= self->height);

  if (area->width == 0 || area->height == 0)
    return;
  if (self->smooth)
    run_smooth (self, source, source_stride, destination, stride, area);
  else
    run_sharp (self, source, source_stride, destination, stride, area);
}
