/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packed disks that are read at any place. Input: a byte for the way (1: deflate rather than gzip; 2: in two pieces),
 * another that chooses where it is read, then what is packed. */
#include "bundle/valise-packed-image.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define UNPACKED_MOST (64 << 20)
#define READ_BYTES 5000
/* So many share the memory that each keeps little, and has to go back to its marks. */
#define SHARERS 11

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
share_memory (void)
{
  static ValisePackedImage *others[SHARERS];
  static ValiseImagePlace place = { .fd = -1, .name = "other" };
  const ValiseImageSource source = { .parts = &place, .n_parts = 1, .compression = "gzip" };

  for (guint i = 0; i < SHARERS && others[i] == NULL; i++)
    others[i] = _valise_packed_image_new (&source, NULL, NULL);
}

/* Whatever lies somewhere is the same however one came there. */
static void
read_about (ValisePackedImage *image, guint8 seed)
{
  guint64 size = _valise_packed_image_get_size (image);
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);

  for (guint i = 0; i < 3 && size > 0; i++)
    {
      guint64 at = (guint64) (g_rand_double (rand) * (double) size);
      guint8 first[READ_BYTES], again[READ_BYTES];
      gssize got = _valise_packed_image_read (image, at, first, sizeof first, NULL);

      g_assert_cmpint (got, ==, (gssize) MIN (sizeof first, size - at));
      /* By way of another place. */
      g_assert_cmpint (_valise_packed_image_read (image, size - 1 - at / 2, again, 1, NULL), ==, 1);
      g_assert_cmpint (_valise_packed_image_read (image, at, again, sizeof again, NULL), ==, got);
      g_assert_true (memcmp (first, again, (gsize) got) == 0);
    }
  g_assert_cmpint (_valise_packed_image_read (image, size, (guint8[1]){ 0 }, 1, NULL), ==, 0);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  int fd = size >= 2 ? memfd_create ("packed", MFD_CLOEXEC) : -1;
  gsize length = size - 2, first = length / 3;
  ValiseImagePlace places[2] = { { .fd = fd, .name = "disk", .size = length }, { .fd = fd, .name = "more" } };
  ValiseImageSource source = { .parts = places, .n_parts = 1 };
  g_autoptr (ValisePackedImage) image = NULL;
  guint8 head[512];

  if (fd < 0)
    return 0;
  g_assert_true (write (fd, data + 2, length) == (gssize) length);
  source.compression = data[0] & 1 ? "deflate" : "gzip";
  if (data[0] & 2)
    {
      places[0].size = first;
      places[1].offset = first;
      places[1].size = length - first;
      source.n_parts = 2;
    }
  share_memory ();
  image = _valise_packed_image_new (&source, g_get_tmp_dir (), NULL);
  _valise_packed_image_read (image, 0, head, sizeof head, NULL);
  for (gsize at = 0; at < length; at += 4096)
    if (!_valise_packed_image_feed (image, data + 2 + at, MIN (4096, length - at), NULL)
        || _valise_packed_image_get_size (image) > UNPACKED_MOST)
      {
        close (fd);
        return 0;
      }
  if (_valise_packed_image_end (image))
    read_about (image, data[1]);
  close (fd);
  return 0;
}
