/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Disks of other programs that lie packed or in pieces are read where they lie: no file is made but the disk itself. */
#include "bundle/valise-image-bring.h"

#include <fcntl.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle/valise-image.h"
#include "place.h"

#define PARTS_MOST 3
/* Of the kinds the one that is packed in every way, and how many of the ways all kinds are packed in. */
#define STREAM 1
#define WAYS_OF_ALL 2

/* More that does not pack than is kept in memory, with a hole in it, and an end that is no whole block: what a table
 * speaks of has to be unpacked a second time. */
#define MAKE                                                                                                           \
  "head -c 34M /dev/urandom > disk; truncate -s 60M disk; head -c 3M /dev/urandom >> disk; truncate -s 70M disk; "     \
  "head -c 70000 /dev/urandom >> disk; truncate -s 73500160 disk"
#define SMALL "head -c 3M /dev/urandom > disk; truncate -s 9M disk"

static const struct
{
  const char *name, *convert;
} kinds[] = {
  { "vmdk", "qemu-img convert -f raw -O vmdk disk image" },
  { "vmdk-stream", "qemu-img convert -f raw -O vmdk -o subformat=streamOptimized disk image" },
  { "vdi", "qemu-img convert -f raw -O vdi disk image" },
  { "vhdx", "qemu-img convert -f raw -O vhdx disk image" },
  { "vhd", "qemu-img convert -f raw -O vpc -o force_size=on disk image" },
  { "vhd-fixed", "qemu-img convert -f raw -O vpc -o subformat=fixed,force_size=on disk image" },
  { "parallels", "qemu-img convert -f raw -O parallels disk image" },
  { "qcow2", "qemu-img convert -f raw -O qcow2 disk image" },
  { "raw", "cp --sparse=always disk image" },
};

#define DEFLATE                                                                                                        \
  "python3 -c 'import zlib\n"                                                                                          \
  "c = zlib.compressobj(1, 8, -15)\n"                                                                                  \
  "open(\"packed\", \"wb\").write(c.compress(open(\"image\", \"rb\").read()) + c.flush())'"

/* @parts: how many files, packed.0 and so on, or one, packed */
static const struct
{
  const char *name, *pack, *compression;
  guint parts;
} ways[] = {
  { "gzip", "gzip -1c image > packed", "gzip", 1 },
  { "pieces", "split -n 3 -a 1 -d image packed.", NULL, 3 },
  { "gzip-members", "(head -c 5000001 image | gzip -1; tail -c +5000002 image | gzip -1) > packed", "gzip", 1 },
  { "gzip-stored",
    "python3 -c 'import gzip, sys; sys.stdout.buffer.write(gzip.compress(open(\"image\", \"rb\").read(), 0))' > packed",
    "gzip", 1 },
  { "gzip-pieces", "gzip -1c image | split -b 17000003 -a 1 -d - packed.; touch packed.0 packed.1 packed.2", "gzip",
    3 },
  { "deflate", DEFLATE, "deflate", 1 },
};

typedef struct
{
  ValiseImagePlace places[PARTS_MOST];
  char *names[PARTS_MOST];
  ValiseImageSource source;
  int watch;
} Packed;

static void
packed_open (Packed *self, const char *directory, guint parts, const char *compression)
{
  memset (self, 0, sizeof *self);
  for (guint i = 0; i < parts; i++)
    {
      g_autofree char *path = NULL;
      struct stat status;

      self->names[i] = parts == 1 ? g_strdup ("packed") : g_strdup_printf ("packed.%u", i);
      path = g_build_filename (directory, self->names[i], NULL);
      self->places[i] = (ValiseImagePlace){ .fd = open (path, O_RDONLY | O_CLOEXEC), .name = self->names[i] };
      g_assert_cmpint (fstat (self->places[i].fd, &status), ==, 0);
      self->places[i].size = (guint64) status.st_size;
    }
  self->source = (ValiseImageSource){ .parts = self->places, .n_parts = parts, .compression = compression };
  self->watch = inotify_init1 (IN_NONBLOCK | IN_CLOEXEC);
  g_assert_cmpint (inotify_add_watch (self->watch, directory, IN_CREATE), >=, 0);
}

static void
packed_close (Packed *self)
{
  for (guint i = 0; i < self->source.n_parts; i++)
    {
      close (self->places[i].fd);
      g_free (self->names[i]);
    }
  close (self->watch);
}

/* Whatever was made meanwhile, even if it is gone again. (transfer full) */
static char *
list_created (const Packed *self)
{
  char buffer[4096] __attribute__ ((aligned (__alignof__(struct inotify_event))));
  g_autoptr (GString) list = g_string_new (NULL);
  gssize got;

  while ((got = read (self->watch, buffer, sizeof buffer)) > 0)
    for (char *at = buffer; at < buffer + got;)
      {
        const struct inotify_event *event = (const struct inotify_event *) (gpointer) at;

        g_string_append_printf (list, "%s%s", list->len > 0 ? " " : "", event->name);
        at += sizeof *event + event->len;
      }
  return g_string_free (g_steal_pointer (&list), FALSE);
}

static const char *
bring (Packed *self, const char *directory, GError **error)
{
  g_autofree char *stem = g_build_filename (directory, "made", NULL);

  return valise_image_bring (&self->source, stem, NULL, NULL, NULL, error);
}

static void
check_way (Place *self, gsize kind, gsize way)
{
  gboolean qcow2 = g_str_equal (kinds[kind].name, "qcow2");
  gboolean raw = g_str_equal (kinds[kind].name, "raw") || g_str_equal (kinds[kind].name, "vhd-fixed");

  g_test_message ("%s %s", kinds[kind].name, ways[way].name);
  place_run (self->directory, ways[way].pack);
  for (guint to_qcow2 = 0; to_qcow2 < 2; to_qcow2++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *created = NULL;
      const char *format;
      Packed packed;

      packed_open (&packed, self->directory, ways[way].parts, ways[way].compression);
      packed.source.to_qcow2 = to_qcow2;
      format = bring (&packed, self->directory, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (format, ==, raw && !to_qcow2 ? "raw" : "qcow2");
      created = list_created (&packed);
      /* What is a disk of ours already gets its name in the end. */
      g_assert_cmpstr (created, ==, qcow2 || (raw && !to_qcow2) ? "made.unpacked" : "made.qcow2");
      {
        g_autofree char *compare =
            g_strdup_printf ("qemu-img compare -q -f raw -F %s disk made.%s && rm made.*", format, format);

        place_run (self->directory, compare);
      }
      packed_close (&packed);
      if (!raw)
        break;
    }
  place_run (self->directory, "rm packed*");
}

/* --- cases --- */

static void
place_set_up (Place *self, gconstpointer unused)
{
  place_begin (self, "packed-image");
}

static void
test_kinds (Place *self, gconstpointer unused)
{
  place_run (self->directory, SMALL);
  for (gsize kind = 0; kind < G_N_ELEMENTS (kinds); kind++)
    {
      place_run (self->directory, kinds[kind].convert);
      for (gsize way = 0; way < (kind == STREAM ? G_N_ELEMENTS (ways) : WAYS_OF_ALL); way++)
        check_way (self, kind, way);
    }
}

static void
test_large (Place *self, gconstpointer unused)
{
  place_run (self->directory, MAKE);
  for (gsize kind = 0; kind < 2; kind++)
    {
      place_run (self->directory, kinds[kind].convert);
      check_way (self, kind, 0);
      check_way (self, kind, 4);
    }
}

/* The blocks of a VDI in another order than the guest sees them, so that each is unpacked anew from the mark before it. */
#define SHUFFLE                                                                                                        \
  "python3 -c '\n"                                                                                                     \
  "import random, struct\n"                                                                                            \
  "old = open(\"image\", \"rb\").read()\n"                                                                             \
  "table, data = struct.unpack_from(\"<II\", old, 340)\n"                                                              \
  "order = list(range(struct.unpack_from(\"<I\", old, 388)[0]))\n"                                                     \
  "random.Random(1).shuffle(order)\n"                                                                                  \
  "head = bytearray(old[:data])\n"                                                                                     \
  "for place, block in enumerate(order):\n"                                                                            \
  "    struct.pack_into(\"<I\", head, table + 4 * block, place)\n"                                                     \
  "with open(\"image\", \"wb\") as new:\n"                                                                             \
  "    new.write(head)\n"                                                                                              \
  "    for block in order:\n"                                                                                          \
  "        new.write(old[data + (block << 20):data + (block + 1 << 20)])\n"                                            \
  "'"

static void
test_wild (Place *self, gconstpointer unused)
{
  gsize vdi = 0;

  while (!g_str_equal (kinds[vdi].name, "vdi"))
    vdi++;
  place_run (self->directory, "seq -f %0200.0f 1000000 | head -c 64M > disk");
  place_run (self->directory, kinds[vdi].convert);
  place_run (self->directory, SHUFFLE);
  check_way (self, vdi, 0);
}

static const struct
{
  const char *make;
  const char *compression;
  guint parts;
  const char *digest;
  int code; /* of VALISE_IMAGE_ERROR; -1: G_IO_ERROR */
} bad[] = {
  { "gzip -1c image > packed; truncate -s -1000 packed", "gzip", 1, NULL, -1 },
  { "gzip -1c image > packed; truncate -s 1000000 packed", "gzip", 1, NULL, -1 },
  { "gzip -1c image > packed; printf XXXXXXXX | dd of=packed bs=1 seek=2000000 conv=notrunc status=none", "gzip", 1,
    NULL, VALISE_IMAGE_ERROR_DAMAGED },
  { "(gzip -1c image; echo more) > packed", "gzip", 1, NULL, VALISE_IMAGE_ERROR_DAMAGED },
  { "gzip -1c image > packed", "gzip", 1, "sha1:0000000000000000000000000000000000000000", VALISE_IMAGE_ERROR_DAMAGED },
  { "cp image packed", NULL, 1, "sha1:0000000000000000000000000000000000000000", VALISE_IMAGE_ERROR_DAMAGED },
  { "split -n 3 -a 1 -d image packed.", NULL, 3, "- - sha1:0000000000000000000000000000000000000000",
    VALISE_IMAGE_ERROR_DAMAGED },
  { "head -c 1000000 image | gzip -1c > packed", "gzip", 1, NULL, VALISE_IMAGE_ERROR_DAMAGED },
  { "head -c 1000000 image > cut; split -n 3 -a 1 -d cut packed.; rm cut", NULL, 3, NULL, VALISE_IMAGE_ERROR_DAMAGED },
  { "head -c 1000000 image > packed", NULL, 1, NULL, VALISE_IMAGE_ERROR_DAMAGED },
  { "qemu-img convert -f raw -O vdi disk packed; truncate -s 2M packed", NULL, 1, NULL, VALISE_IMAGE_ERROR_DAMAGED },
  { "qemu-img convert -f raw -O qcow2 disk packed; truncate -s 2M packed", NULL, 1, NULL, VALISE_IMAGE_ERROR_DAMAGED },
  { "qemu-img convert -f raw -O qcow2 disk cut; truncate -s 2M cut; gzip -1c cut > packed; rm cut", "gzip", 1, NULL,
    VALISE_IMAGE_ERROR_DAMAGED },
  { "qemu-img convert -c -f raw -O qcow2 disk packed; truncate -s 2M packed", NULL, 1, NULL,
    VALISE_IMAGE_ERROR_DAMAGED },
  { "qemu-img convert -f raw -O vmdk -o subformat=streamOptimized disk packed; truncate -s 2M packed", NULL, 1, NULL,
    VALISE_IMAGE_ERROR_DAMAGED },
  /* A footer that speaks of more tables than can be counted. */
  { "head -c 44 image > packed; head -c 512 image | tail -c +45 >> packed; "
    "(head -c 12 image; printf '\\0\\0\\0\\0\\0\\0\\0\\100\\1\\0\\0\\0\\0\\0\\0\\0'; head -c 44 image | tail -c 16; "
    "printf '\\1\\0\\0\\0'; head -c 56 image | tail -c 8; printf '\\0\\0\\0\\0\\0\\0\\0\\0'; head -c 448 /dev/zero; "
    "head -c 512 /dev/zero) >> packed; "
    "printf '\\377\\377\\377\\377\\377\\377\\377\\377' | dd of=packed bs=1 seek=56 conv=notrunc status=none",
    NULL, 1, NULL, VALISE_IMAGE_ERROR_DAMAGED },
  { "sed 's/parentCID=ffffffff/parentCID=12345678/' image | gzip -1 > packed", "gzip", 1, NULL,
    VALISE_IMAGE_ERROR_UNSAFE },
  { "sed 's/parentCID=ffffffff/parentCID=12345678/' image > cut; split -n 3 -a 1 -d cut packed.; rm cut", NULL, 3, NULL,
    VALISE_IMAGE_ERROR_UNSAFE },
  { "(echo '# Disk DescriptorFile'; echo 'RW 8 FLAT \"other\" 0') | gzip -1 > packed", "gzip", 1, NULL,
    VALISE_IMAGE_ERROR_FORMAT },
};

static void
check_bad (Place *self, gsize i)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *created = NULL;
  Packed packed;
  guint before;

  place_run (self->directory, bad[i].make);
  before = place_count (self->directory);
  packed_open (&packed, self->directory, bad[i].parts, bad[i].compression);
  packed.source.digest = bad[i].digest;
  g_assert_null (bring (&packed, self->directory, &error));
  g_assert_nonnull (error);
  g_test_message ("%s: %s", bad[i].make, error->message);
  g_assert_true (error->domain == (bad[i].code < 0 ? G_IO_ERROR : VALISE_IMAGE_ERROR));
  if (bad[i].code >= 0)
    g_assert_cmpint (error->code, ==, bad[i].code);
  g_assert_nonnull (strstr (error->message, "packed"));
  g_assert_cmpuint (place_count (self->directory), ==, before);
  packed_close (&packed);
  place_run (self->directory, "rm packed*");
}

static void
test_bad (Place *self, gconstpointer unused)
{
  place_run (self->directory, SMALL);
  place_run (self->directory, kinds[0].convert);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    check_bad (self, i);
}

/* What each lacks is the end of what the guest has written. @whole: of what was cut off nothing is missing */
static const struct
{
  const char *make;
  const char *compression;
  gboolean whole;
} cuts[] = {
  { "qemu-img convert -f raw -O vdi disk packed; truncate -s -4096 packed", NULL },
  { "qemu-img convert -f raw -O vpc -o force_size=on disk packed; truncate -s 4M packed", NULL },
  { "qemu-img convert -f raw -O vpc -o force_size=on disk packed; truncate -s -1024 packed", NULL },
  { "qemu-img convert -f raw -O vpc -o force_size=on disk packed; truncate -s -512 packed", NULL, TRUE },
  { "qemu-img convert -f raw -O vhdx disk packed; truncate -s 10M packed", NULL },
  { "qemu-img convert -f raw -O vhdx disk packed; truncate -s -1 packed", NULL },
  { "qemu-img convert -f raw -O parallels disk packed; truncate -s 2M packed", NULL },
  { "qemu-img convert -f raw -O parallels disk packed; truncate -s -512 packed", NULL },
  { "qemu-img convert -f raw -O parallels disk image; truncate -s 2M image; gzip -1c image > packed", "gzip" },
  { "qemu-img convert -f raw -O qed disk packed; truncate -s 2M packed", NULL },
  { "qemu-img convert -f raw -O qed disk packed; truncate -s -512 packed", NULL },
};

static void
test_cut (Place *self, gconstpointer unused)
{
  place_run (self->directory, SMALL);
  for (gsize i = 0; i < G_N_ELEMENTS (cuts); i++)
    {
      g_autoptr (GError) error = NULL;
      Packed packed;

      g_test_message ("%s", cuts[i].make);
      place_run (self->directory, cuts[i].make);
      packed_open (&packed, self->directory, 1, cuts[i].compression);
      g_assert_true ((bring (&packed, self->directory, &error) != NULL) == cuts[i].whole);
      if (cuts[i].whole)
        place_run (self->directory, "qemu-img compare -q -f raw -F qcow2 disk made.qcow2 && rm made.*");
      else
        {
          g_assert_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_DAMAGED);
          g_assert_nonnull (strstr (error->message, "behind its end"));
        }
      packed_close (&packed);
    }
}

static void
assert_cut (Packed *packed, Place *self, const char *name)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (bring (packed, self->directory, &error));
  g_assert_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_DAMAGED);
  g_assert_nonnull (strstr (error->message, name));
}

/* Of a disk in several files, and of one that holds the changes of another, every file is whole, or it is not brought. */
static void
test_cut_beside (Place *self, gconstpointer unused)
{
  g_autofree char *path = g_build_filename (self->directory, "packed", NULL);
  ValiseImageSource parent;
  Packed packed;

  place_run (self->directory, SMALL);
  place_run (self->directory, "qemu-img convert -f raw -O vmdk -o subformat=twoGbMaxExtentSparse disk packed");
  place_run (self->directory, "truncate -s 1M packed-s001");
  packed_open (&packed, self->directory, 1, NULL);
  packed.source.path = path;
  assert_cut (&packed, self, "packed-s001");
  packed_close (&packed);

  place_run (self->directory, "rm packed*; qemu-img convert -f raw -O vmdk disk packed.0");
  place_run (self->directory, "qemu-img create -q -f vmdk -b packed.0 -F vmdk packed.1; truncate -s 1M packed.0");
  packed_open (&packed, self->directory, 2, NULL);
  parent = (ValiseImageSource){ .parts = &packed.places[0], .n_parts = 1 };
  packed.source = (ValiseImageSource){ .parts = &packed.places[1], .n_parts = 1, .parent = &parent };
  assert_cut (&packed, self, "packed.0");
  packed.source.n_parts = 2;
  packed_close (&packed);
}

/* 64 MiB of zeros that say they are 9 MiB. */
static void
test_bomb (Place *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  Packed packed;

  place_run (self->directory, SMALL);
  place_run (self->directory, kinds[0].convert);
  place_run (self->directory, "(cat image; head -c 64M /dev/zero) | gzip -1 > packed");
  packed_open (&packed, self->directory, 1, "gzip");
  packed.source.capacity = 9 << 20;
  g_assert_null (bring (&packed, self->directory, &error));
  g_assert_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_SIZE);
  packed_close (&packed);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/bundle/packed-image/kinds", Place, NULL, place_set_up, test_kinds, place_tear_down);
  g_test_add ("/bundle/packed-image/large", Place, NULL, place_set_up, test_large, place_tear_down);
  g_test_add ("/bundle/packed-image/wild", Place, NULL, place_set_up, test_wild, place_tear_down);
  g_test_add ("/bundle/packed-image/bad", Place, NULL, place_set_up, test_bad, place_tear_down);
  g_test_add ("/bundle/packed-image/cut", Place, NULL, place_set_up, test_cut, place_tear_down);
  g_test_add ("/bundle/packed-image/cut-beside", Place, NULL, place_set_up, test_cut_beside, place_tear_down);
  g_test_add ("/bundle/packed-image/bomb", Place, NULL, place_set_up, test_bomb, place_tear_down);
  return g_test_run ();
}
