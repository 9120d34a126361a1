/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-image-bring.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle/valise-image.h"
#include "place.h"

/* A disk with two MiB that do not pack, and zeros that do: more than one buffer either way. */
#define MAKE                                                                                                           \
  "head -c 2M /dev/urandom > disk; truncate -s 12M disk; gzip -k disk; xz -k disk; zstd -q disk; python3 -c 'import "  \
  "zlib\n"                                                                                                             \
  "c = zlib.compressobj(9, 8, -15)\n"                                                                                  \
  "open(\"disk.deflate\", \"wb\").write(c.compress(open(\"disk\", \"rb\").read()) + c.flush())'; "                     \
  "cat disk.gz disk.gz > twice.gz; for i in gz xz zst deflate; do head -c 1500000 "                                    \
  "disk.$i > short.$i; (head -c 1000 disk.$i; head -c 3000000 /dev/zero) > bad.$i; done"

/* As Apple's library frames LZ4, in two streams one after the other: blocks that are packed and not, matches that overlap
 * themselves, that lie in the block before, and that end a block. */
#define MAKE_APPLE                                                                                                     \
  "python3 -c '\n"                                                                                                     \
  "def ext(n):\n  return b\"\" if n < 15 else b\"\\xff\" * ((n - 15) // 255) + bytes([(n - 15) % 255])\n"              \
  "def seq(plain, back, length):\n"                                                                                    \
  "  n, m = len(plain), length - 4\n"                                                                                  \
  "  tail = back.to_bytes(2, \"little\") + ext(m) if length else b\"\"\n"                                              \
  "  return bytes([min(n, 15) << 4 | (min(m, 15) if length else 0)]) + ext(n) + plain + tail\n"                        \
  "def block(size, data):\n"                                                                                           \
  "  return b\"bv41\" + size.to_bytes(4, \"little\") + len(data).to_bytes(4, \"little\") + data\n"                     \
  "disk, out, zeros = open(\"disk\", \"rb\").read(), b\"\", 0\n"                                                       \
  "for i in range(0, len(disk), 65536):\n"                                                                             \
  "  piece = disk[i:i + 65536]\n"                                                                                      \
  "  if any(piece):\n"                                                                                                 \
  "    plain = b\"bv4-\" + len(piece).to_bytes(4, \"little\") + piece\n"                                               \
  "    out += plain if i // 65536 % 2 else block(len(piece), seq(piece, 0, 0))\n"                                      \
  "  else:\n"                                                                                                          \
  "    out += block(65536, seq(b\"\", 65535, 65536) if zeros > 1 else seq(b\"\\0\", 1, 65535))\n"                      \
  "    zeros += 1\n"                                                                                                   \
  "  if i == 65536 * 40:\n"                                                                                            \
  "    out, zeros = out + b\"bv4$\", 0\n"                                                                              \
  "open(\"disk.lz4\", \"wb\").write(out + b\"bv4$\")\n"                                                                \
  "wild = block(65536, seq(b\"a\", 2, 65535)), block(10, seq(b\"a\", 1, 20)), block(20, seq(b\"a\", 1, 5))\n"          \
  "for n, text in enumerate(wild + (b\"bv4-\" + b\"\\xff\" * 4, b\"bv4?1234\", b\"bv41\" + b\"\\xff\" * 8)):\n"        \
  "  open(\"wild%d.lz4\" % n, \"wb\").write(text + b\"bv4$\")\n"                                                       \
  "open(\"short.lz4\", \"wb\").write(out)\n"                                                                           \
  "open(\"bad.lz4\", \"wb\").write(out[:-200000] + bytes(200000))'"

/* @bytes: of the disk that is made; 0: none is, with an error */
static const struct
{
  const char *file, *compression;
  guint64 capacity, bytes;
} cases[] = {
  { "disk.gz", "gzip", 0, 12 << 20 },
  { "disk.xz", "xz", 0, 12 << 20 },
  { "disk.zst", "zstd", 0, 12 << 20 },
  { "disk.deflate", "deflate", 12 << 20, 12 << 20 },
  { "twice.gz", "gzip", 0, 24 << 20 },
  { "short.gz", "gzip", 0, 0 },
  { "short.xz", "xz", 0, 0 },
  { "short.zst", "zstd", 0, 0 },
  { "short.deflate", "deflate", 0, 0 },
  { "bad.gz", "gzip", 0, 0 },
  { "bad.xz", "xz", 0, 0 },
  { "bad.zst", "zstd", 0, 0 },
  { "bad.deflate", "deflate", 0, 0 },
  { "disk.lz4", "lz4-apple", 12 << 20, 12 << 20 },
  { "short.lz4", "lz4-apple", 0, 0 },
  { "bad.lz4", "lz4-apple", 0, 0 },
  { "wild0.lz4", "lz4-apple", 0, 0 },
  { "wild1.lz4", "lz4-apple", 0, 0 },
  { "wild2.lz4", "lz4-apple", 0, 0 },
  { "wild3.lz4", "lz4-apple", 0, 0 },
  { "wild4.lz4", "lz4-apple", 0, 0 },
  { "wild5.lz4", "lz4-apple", 0, 0 },
};

static void
check_made (const char *directory, const char *made, guint64 bytes)
{
  g_autofree char *command =
      g_strdup_printf ("cmp -n 12582912 disk '%s'; test $(stat -c %%s '%s') = %" G_GUINT64_FORMAT, made, made, bytes);

  place_run (directory, command);
}

static void
check_case (Place *self, gsize i)
{
  g_autofree char *path = g_build_filename (self->directory, cases[i].file, NULL);
  g_autofree char *stem = g_build_filename (self->directory, "made", NULL);
  g_autofree char *made = g_strconcat (stem, ".raw", NULL);
  g_autoptr (GError) error = NULL;
  ValiseImagePlace place = { .fd = open (path, O_RDONLY | O_CLOEXEC), .name = cases[i].file };
  ValiseImageSource source = {
    .parts = &place, .n_parts = 1, .compression = cases[i].compression, .capacity = cases[i].capacity
  };
  struct stat status;
  guint before = place_count (self->directory);
  const char *format;

  g_assert_cmpint (fstat (place.fd, &status), ==, 0);
  place.size = (guint64) status.st_size;
  format = valise_image_bring (&source, stem, NULL, NULL, NULL, &error);
  close (place.fd);
  g_test_message ("%s: %s", cases[i].file, error != NULL ? error->message : "made");
  if (cases[i].bytes == 0)
    {
      g_assert_null (format);
      g_assert_nonnull (error);
      g_assert_cmpuint (place_count (self->directory), ==, before);
      return;
    }
  g_assert_no_error (error);
  g_assert_cmpstr (format, ==, "raw");
  check_made (self->directory, made, cases[i].bytes);
  g_assert_cmpint (unlink (made), ==, 0);
}

static void
place_set_up (Place *self, gconstpointer unused)
{
  place_begin (self, "unpacker");
}

static void
test_real (Place *self, gconstpointer unused)
{
  place_run (self->directory, MAKE);
  place_run (self->directory, MAKE_APPLE);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    check_case (self, i);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/bundle/unpacker/real", Place, NULL, place_set_up, test_real, place_tear_down);
  return g_test_run ();
}
