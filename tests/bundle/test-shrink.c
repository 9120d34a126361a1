/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Disks with real partition tables made smaller: what stays is what was there, what may not be cut is not, and it can
 * be had back, also when the program is killed at each of its steps. */
#include "bundle/valise-shrink.h"

#include "base/valise-path.h"
#include "base/valise-process.h"
#include "base/valise-size.h"
#include "bundle/valise-image-chain.h"
#include "bundle/valise-new-disks.h"
#include "bundle/valise-snapshot.h"
#include "kill-points.h"

#include <glib/gstdio.h>
#include <string.h>

#define SECTOR 512
#define OLD_BYTES (8 * VALISE_MIB)
#define NEW_BYTES (3 * VALISE_MIB)
#define OLD_SECTORS (OLD_BYTES / SECTOR)
#define NEW_SECTORS (NEW_BYTES / SECTOR)
#define ENTRIES_BYTES (128 * 128)
#define ENTRIES_SECTORS (ENTRIES_BYTES / SECTOR)

static const char devices[] = "<disk type='file' device='disk'><driver name='qemu' type='%s'/>"
                              "<source file='disks/root.img'/><blockio logical_block_size='%u'/>"
                              "<target dev='vda' bus='virtio'/></disk>";
static const char stated[] = "metadata/valise:machine/valise:disk[@source='disks/root.img']/@size";

/* --- disks --- */

static guint32
crc32 (const guint8 *bytes, gsize length)
{
  guint32 sum = 0xffffffff;

  for (gsize i = 0; i < length; i++)
    {
      sum ^= bytes[i];
      for (guint bit = 0; bit < 8; bit++)
        sum = (sum >> 1) ^ (sum & 1 ? 0xedb88320 : 0);
    }
  return ~sum;
}

static void
put (guint8 *at, guint64 value, guint bytes)
{
  for (guint i = 0; i < bytes; i++)
    at[i] = (guint8) (value >> (8 * i));
}

static guint64
get (const guint8 *at, guint bytes)
{
  guint64 value = 0;

  for (guint i = 0; i < bytes; i++)
    value |= (guint64) at[i] << (8 * i);
  return value;
}

static void
fill_no_more (guint8 *disk)
{
}

static void
fill_empty (guint8 *disk)
{
  memset (disk, 0, OLD_BYTES);
}

static void
fill_end (guint8 *disk)
{
  disk[OLD_BYTES - 5 * VALISE_MIB] = 'x';
}

static void
set_magic (guint8 *disk)
{
  disk[510] = 0x55;
  disk[511] = 0xaa;
}

static void
add_mbr_partition (guint8 *disk, guint8 type, guint32 first, guint32 count)
{
  guint8 *entry = disk + 446;

  set_magic (disk);
  entry[4] = type;
  put (entry + 8, first, 4);
  put (entry + 12, count, 4);
}

/* What an earlier, larger file system has left behind it. */
static void
fill_mbr (guint8 *disk)
{
  add_mbr_partition (disk, 0x83, 2048, NEW_SECTORS - 2048);
  fill_end (disk);
}

static void
fill_mbr_beyond (guint8 *disk)
{
  add_mbr_partition (disk, 0x83, 2048, NEW_SECTORS - 2047);
}

/* In sectors of 4 KiB. */
static void
fill_mbr_large (guint8 *disk)
{
  add_mbr_partition (disk, 0x83, 256, NEW_BYTES / 4096 - 256);
}

static void
fill_mbr_large_beyond (guint8 *disk)
{
  add_mbr_partition (disk, 0x83, 256, NEW_BYTES / 4096 - 255);
}

/* Ends in the bytes of a partition table, and is none. */
static void
fill_file_system (guint8 *disk)
{
  set_magic (disk);
  memcpy (disk + 3, "NTFS    ", 8);
  fill_end (disk);
}

static void
add_gpt_header (guint8 *disk, guint64 own, guint64 other, guint64 entries)
{
  guint8 *header = disk + own * SECTOR;

  memcpy (header, "EFI PART", 8);
  put (header + 8, 0x00010000, 4);
  put (header + 12, 92, 4);
  put (header + 24, own, 8);
  put (header + 32, other, 8);
  put (header + 40, 2 + ENTRIES_SECTORS, 8);
  put (header + 48, OLD_SECTORS - 2 - ENTRIES_SECTORS, 8);
  memset (header + 56, 0x5a, 16);
  put (header + 72, entries, 8);
  put (header + 80, 128, 4);
  put (header + 84, 128, 4);
  put (header + 88, crc32 (disk + entries * SECTOR, ENTRIES_BYTES), 4);
  put (header + 16, crc32 (header, 92), 4);
}

static void
fill_gpt_to (guint8 *disk, guint64 last)
{
  guint8 *entry = disk + 2 * SECTOR + 128; /* the second one */
  guint64 second = OLD_SECTORS - 1 - ENTRIES_SECTORS;

  add_mbr_partition (disk, 0xee, 1, OLD_SECTORS - 1);
  memset (entry, 0xaf, 16);
  memset (entry + 16, 0x11, 16);
  put (entry + 32, 2048, 8);
  put (entry + 40, last, 8);
  memcpy (disk + second * SECTOR, disk + 2 * SECTOR, ENTRIES_BYTES);
  add_gpt_header (disk, 1, OLD_SECTORS - 1, 2);
  add_gpt_header (disk, OLD_SECTORS - 1, 1, second);
  fill_end (disk);
}

/* To the last sector before the table's copy. */
static void
fill_gpt (guint8 *disk)
{
  fill_gpt_to (disk, NEW_SECTORS - 2 - ENTRIES_SECTORS);
}

static void
fill_gpt_beyond (guint8 *disk)
{
  fill_gpt_to (disk, NEW_SECTORS - 1 - ENTRIES_SECTORS);
}

static void
fill_damaged_gpt (guint8 *disk)
{
  fill_gpt (disk);
  disk[2 * SECTOR + 200] ^= 1;
}

static void
fill_huge_gpt (guint8 *disk)
{
  fill_gpt (disk);
  put (disk + SECTOR + 80, 0xffffffff, 4);
  put (disk + SECTOR + 16, 0, 4);
  put (disk + SECTOR + 16, crc32 (disk + SECTOR, 92), 4);
}

static const struct
{
  const char *name;
  void (*fill) (guint8 *disk);
  const char *refused; /* words of the message */
  guint sector;        /* of the settings; 0: SECTOR */
} cases[] = {
  { "empty", fill_empty, NULL },
  { "zeros-at-the-end", fill_no_more, "which has no partitions" },
  { "data", fill_end, "which has no partitions" },
  { "file-system", fill_file_system, "which has no partitions" },
  { "mbr", fill_mbr, NULL },
  { "mbr-beyond", fill_mbr_beyond, "Partition 1" },
  { "gpt", fill_gpt, NULL },
  { "gpt-beyond", fill_gpt_beyond, "Partition 2" },
  { "gpt-damaged", fill_damaged_gpt, "contradicts itself" },
  { "gpt-huge", fill_huge_gpt, "contradicts itself" },
  { "mbr-large-sectors", fill_mbr_large, NULL, 4096 },
  { "mbr-large-sectors-beyond", fill_mbr_large_beyond, "Partition 1", 4096 },
  { "gpt-other-sectors", fill_gpt, "contradicts itself", 4096 },
  { "odd-sectors", fill_mbr, "no power of two", 520 },
};

/* --- machines --- */

typedef struct
{
  char *root, *path;
  guint8 *disk; /* what was on it */
} Place;

static void
run (const char *first, ...)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  va_list words;

  va_start (words, first);
  for (const char *word = first; word != NULL; word = va_arg (words, const char *))
    g_ptr_array_add (argv, (gpointer) word);
  va_end (words);
  g_ptr_array_add (argv, NULL);
  valise_process_run ((const char *const *) argv->pdata, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
make_with_sectors (Place *self, void (*fill) (guint8 *disk), const char *format, guint sector)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = NULL;
  g_autoptr (ValiseDocument) document = NULL;
  g_autofree char *raw = NULL;
  g_autofree char *image = NULL;
  g_autofree char *disk = g_strdup_printf (devices, format, sector);

  self->root = g_dir_make_tmp ("v-XXXXXX", NULL);
  self->disk = g_malloc0 (OLD_BYTES);
  for (gsize i = VALISE_MIB; i < 2 * VALISE_MIB; i++)
    self->disk[i] = (guint8) (i * 7 + i / 251);
  fill (self->disk);
  raw = g_build_filename (self->root, "disk.raw", NULL);
  g_assert_true (g_file_set_contents (raw, (const char *) self->disk, OLD_BYTES, NULL));
  bundle = valise_bundle_begin (self->root, "Made", &error);
  g_assert_no_error (error);
  image = valise_bundle_file (bundle, "disks/root.img");
  run ("qemu-img", "convert", "-f", "raw", "-O", format, raw, image, NULL);
  document = valise_document_copy (valise_bundle_get_document (bundle));
  g_assert_true (valise_document_add_fragment (document, "devices", disk, NULL));
  g_assert_true (valise_document_set (document, stated, "8388608", &error));
  g_assert_true (valise_bundle_commit (bundle, document, &error));
  self->path = g_strdup (valise_bundle_get_path (bundle));
}

static void
make (Place *self, void (*fill) (guint8 *disk), const char *format)
{
  make_with_sectors (self, fill, format, SECTOR);
}

static void
place_clear (Place *self)
{
  g_assert_true (valise_directory_remove (self->root, NULL));
  g_free (self->root);
  g_free (self->path);
  g_free (self->disk);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Place, place_clear)

static char *
keep (ValiseBundle *bundle, gpointer user_data, GCancellable *cancellable, GError **error)
{
  g_autoptr (ValiseSnapshotTaking) taking = valise_snapshot_begin (bundle, "Before", NULL, cancellable, error);

  return taking != NULL ? valise_snapshot_taking_commit (taking, VALISE_SNAPSHOT_MEMORY_NONE, error) : NULL;
}

static char *
shrink (Place *self, guint64 bytes, gboolean lose, GError **error)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (self->path, error);
  char *snapshot = NULL;

  if (valise_shrink_disk (bundle, "vda", bytes, lose, keep, NULL, NULL, &snapshot, NULL, error))
    return snapshot;
  g_assert_null (snapshot);
  return NULL;
}

/* All that the guest sees of its disk. */
static guint8 *
read_disk (Place *self, gsize *length)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (self->path, NULL);
  ValiseDocument *document = valise_bundle_get_document (bundle);
  g_autofree char *file = valise_document_get (document, "devices/disk[1]/source/@file");
  g_autofree char *format = valise_document_get (document, "devices/disk[1]/driver/@type");
  g_autofree char *image = valise_bundle_file (bundle, file);
  g_autofree char *raw = g_build_filename (self->root, "seen.raw", NULL);
  char *seen = NULL;

  run ("qemu-img", "convert", "-f", format, "-O", "raw", image, raw, NULL);
  g_assert_true (g_file_get_contents (raw, &seen, length, NULL));
  return (guint8 *) seen;
}

static guint
count_snapshots (Place *self)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (self->path, NULL);
  g_autoptr (GPtrArray) snapshots = valise_snapshots_list (bundle, NULL);

  return snapshots->len;
}

/* As it was before all of it. */
static void
assert_old_bytes (Place *self, const guint8 *seen, gsize length)
{
  g_assert_cmpuint (length, ==, OLD_BYTES);
  g_assert_cmpint (memcmp (seen, self->disk, OLD_BYTES), ==, 0);
}

static void
assert_old (Place *self)
{
  gsize length = 0;
  g_autofree guint8 *seen = read_disk (self, &length);

  assert_old_bytes (self, seen, length);
}

static void
assert_gpt_header (const guint8 *seen, guint64 own, guint64 other, guint64 entries)
{
  g_autofree guint8 *header = g_memdup2 (seen + own * SECTOR, SECTOR);
  guint64 sum = get (header + 16, 4);

  g_assert_cmpint (memcmp (header, "EFI PART", 8), ==, 0);
  put (header + 16, 0, 4);
  g_assert_cmpuint (crc32 (header, 92), ==, sum);
  g_assert_cmpuint (get (header + 24, 8), ==, own);
  g_assert_cmpuint (get (header + 32, 8), ==, other);
  g_assert_cmpuint (get (header + 48, 8), ==, NEW_SECTORS - 2 - ENTRIES_SECTORS);
  g_assert_cmpuint (get (header + 72, 8), ==, entries);
  g_assert_cmpuint (get (header + 88, 4), ==, crc32 (seen + entries * SECTOR, ENTRIES_BYTES));
}

/* Smaller, with all that fits as it was; of a GPT both copies are those of a disk of this size. */
static void
assert_new_bytes (Place *self, const guint8 *seen, gsize length)
{
  gboolean gpt = memcmp (self->disk + SECTOR, "EFI PART", 8) == 0;
  gsize from = gpt ? 2 * SECTOR : 0, to = gpt ? NEW_BYTES - (1 + ENTRIES_SECTORS) * SECTOR : NEW_BYTES;

  g_assert_cmpuint (length, ==, NEW_BYTES);
  g_assert_cmpint (memcmp (seen + from, self->disk + from, to - from), ==, 0);
  if (!gpt)
    return;
  g_assert_cmpuint (get (seen + 446 + 12, 4), ==, NEW_SECTORS - 1);
  assert_gpt_header (seen, 1, NEW_SECTORS - 1, 2);
  assert_gpt_header (seen, NEW_SECTORS - 1, 1, NEW_SECTORS - 1 - ENTRIES_SECTORS);
}

static void
assert_new (Place *self)
{
  gsize length = 0;
  g_autofree guint8 *seen = read_disk (self, &length);

  assert_new_bytes (self, seen, length);
}

static guint64
stated_size (Place *self)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (self->path, NULL);
  ValiseDocument *document = valise_bundle_get_document (bundle);
  g_autofree char *file = valise_document_get (document, "devices/disk[1]/source/@file");

  return valise_new_disks_get_size (document, file);
}

/* --- tests --- */

static void
test_case (gconstpointer data)
{
  guint number = GPOINTER_TO_UINT (data);
  g_auto (Place) self = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *snapshot = NULL;

  make_with_sectors (&self, cases[number].fill, number % 2 == 0 ? "qcow2" : "raw",
                     cases[number].sector != 0 ? cases[number].sector : SECTOR);
  snapshot = shrink (&self, NEW_BYTES, FALSE, &error);
  if (cases[number].refused == NULL)
    {
      g_assert_no_error (error);
      assert_new (&self);
      g_assert_cmpuint (stated_size (&self), ==, NEW_BYTES);
      g_assert_cmpuint (count_snapshots (&self), ==, 1);
      return;
    }
  g_assert_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_DATA);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, cases[number].refused));
  g_assert_cmpuint (count_snapshots (&self), ==, 0);
  assert_old (&self);
}

/* The message says a size that is enough, and not a piece more than it needs. */
static void
test_least (void)
{
  g_auto (Place) self = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *least = g_strdup_printf ("%" G_GUINT64_FORMAT " bytes", (guint64) NEW_BYTES + 4096);
  g_autofree char *snapshot = NULL;

  make (&self, fill_gpt_beyond, "qcow2");
  g_assert_null (shrink (&self, VALISE_MIB, FALSE, &error));
  g_assert_nonnull (strstr (error->message, least));
  g_clear_error (&error);
  snapshot = shrink (&self, NEW_BYTES + 4096, FALSE, &error);
  g_assert_no_error (error);
}

/* At the user's word what is beyond is cut, and the snapshot has it. */
static void
test_lose (void)
{
  g_auto (Place) self = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = NULL;
  g_autofree char *snapshot = NULL;

  make (&self, fill_end, "qcow2");
  snapshot = shrink (&self, NEW_BYTES, TRUE, &error);
  g_assert_no_error (error);
  assert_new (&self);
  bundle = valise_bundle_open (self.path, NULL);
  g_assert_true (valise_snapshot_revert (bundle, snapshot, FALSE, NULL, &error));
  assert_old (&self);
  g_assert_cmpuint (stated_size (&self), ==, OLD_BYTES);
}

/* Nothing of what was cut comes back. */
static void
assert_grows_by_zeros (Place *self, ValiseBundle *bundle)
{
  g_autofree char *file = valise_document_get (valise_bundle_get_document (bundle), "devices/disk[1]/source/@file");
  g_autofree char *image = valise_bundle_file (bundle, file);
  g_autofree guint8 *seen = NULL;
  g_autoptr (GError) error = NULL;
  gsize length = 0;

  g_assert_true (valise_image_grow (image, "qcow2", OLD_BYTES, NULL, &error));
  seen = read_disk (self, &length);
  g_assert_cmpuint (length, ==, OLD_BYTES);
  for (gsize i = NEW_BYTES; i < OLD_BYTES; i++)
    g_assert_cmpuint (seen[i], ==, 0);
}

/* What the snapshot kept is merged, whichever way is less to copy, and the disk stays as small as it is; when it grows
 * again nothing of what was cut comes back. */
static void
test_merged (gconstpointer format)
{
  g_auto (Place) self = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = NULL;
  g_autofree char *snapshot = NULL;

  make (&self, fill_gpt, format);
  snapshot = shrink (&self, NEW_BYTES, FALSE, &error);
  g_assert_no_error (error);
  bundle = valise_bundle_open (self.path, NULL);
  g_assert_true (valise_snapshot_delete (bundle, snapshot, NULL, NULL, &error));
  g_assert_no_error (error);
  assert_new (&self);
  assert_grows_by_zeros (&self, bundle);
}

/* The same while the snapshot is there. */
static void
test_grown (void)
{
  g_auto (Place) self = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = NULL;
  g_autofree char *snapshot = NULL;

  make (&self, fill_mbr, "raw");
  snapshot = shrink (&self, NEW_BYTES, FALSE, &error);
  g_assert_no_error (error);
  bundle = valise_bundle_open (self.path, NULL);
  assert_grows_by_zeros (&self, bundle);
}

static void
test_errors (void)
{
  g_auto (Place) self = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (ValiseBundle) bundle = NULL;
  g_autofree char *snapshot = NULL;
  static const guint64 sizes[] = { 0, OLD_BYTES, OLD_BYTES + 1, G_MAXUINT64 };

  make (&self, fill_no_more, "qcow2");
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_assert_null (shrink (&self, sizes[i], TRUE, &error));
      g_assert_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_SIZE);
      g_clear_error (&error);
    }
  bundle = valise_bundle_open (self.path, NULL);
  g_assert_false (valise_shrink_disk (bundle, "vdz", NEW_BYTES, FALSE, keep, NULL, NULL, &snapshot, NULL, &error));
  g_assert_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_MISSING);
  g_clear_error (&error);
  g_cancellable_cancel (cancelled);
  g_assert_false (valise_shrink_disk (bundle, "vda", NEW_BYTES, FALSE, keep, NULL, NULL, &snapshot, cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_old (&self);
  g_assert_cmpuint (count_snapshots (&self), ==, 0);
}

/* A qemu-img that makes the snapshot's image, and then no other; meanwhile somebody took away what is gone back to. */
static void
test_undo_fails (void)
{
  static const char script[] = "#!/bin/sh\n"
                               "case \"$*\" in *.partial*) rm \"$V_PATH\"/snapshots/*/domain.xml; exit 1 ;; esac\n"
                               "PATH=$V_OLD; exec qemu-img \"$@\"\n";
  g_auto (Place) self = { 0 };
  g_autofree char *old = g_strdup (g_getenv ("PATH"));
  g_autofree char *program = NULL, *path = NULL, *snapshot = NULL;
  g_autoptr (GError) error = NULL;

  make (&self, fill_mbr, "qcow2");
  program = g_build_filename (self.root, "qemu-img", NULL);
  path = g_strdup_printf ("%s:%s", self.root, old);
  g_assert_true (g_file_set_contents_full (program, script, -1, G_FILE_SET_CONTENTS_NONE, 0700, NULL));
  g_setenv ("V_PATH", self.path, TRUE);
  g_setenv ("V_OLD", old, TRUE);
  g_setenv ("PATH", path, TRUE);
  snapshot = shrink (&self, NEW_BYTES, FALSE, &error);
  g_setenv ("PATH", old, TRUE);
  g_assert_null (snapshot);
  g_assert_nonnull (error);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, "It could not be put back either"));
  g_assert_cmpuint (count_snapshots (&self), ==, 1);
  assert_old (&self);
}

/* --- killed --- */

static void
work (gpointer data)
{
  g_autofree char *snapshot = shrink (data, NEW_BYTES, FALSE, NULL);
}

/* Old or new, never in between; and once nothing is left of the snapshot, old again, as the next look sees. */
static void
look (gpointer data)
{
  Place *self = data;
  g_autoptr (ValiseBundle) bundle = NULL;
  g_autoptr (GPtrArray) snapshots = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *seen = NULL;
  gsize length = 0;

  g_assert_true (valise_snapshots_settle (self->path, NULL, &error));
  bundle = valise_bundle_open (self->path, &error);
  g_assert_no_error (error);
  g_assert_true (valise_snapshots_check (self->path, valise_bundle_get_document (bundle), &error));
  g_assert_no_error (error);
  seen = read_disk (self, &length);
  if (length == OLD_BYTES)
    assert_old_bytes (self, seen, length);
  else
    assert_new_bytes (self, seen, length);
  snapshots = valise_snapshots_list (bundle, NULL);
  for (guint i = 0; i < snapshots->len; i++)
    {
      const ValiseSnapshot *snapshot = snapshots->pdata[i];

      g_assert_true (valise_snapshot_revert (bundle, snapshot->id, FALSE, NULL, NULL));
      g_assert_true (valise_snapshot_delete (bundle, snapshot->id, NULL, NULL, &error));
    }
}

static void
test_killed (void)
{
  g_auto (Place) self = { 0 };

  make (&self, fill_gpt, "qcow2");
  kill_points_try (work, look, &self);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bundle/shrink/killed", test_killed);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strconcat ("/bundle/shrink/", cases[i].name, NULL);

      g_test_add_data_func (name, GUINT_TO_POINTER (i), test_case);
    }
  g_test_add_func ("/bundle/shrink/least", test_least);
  g_test_add_func ("/bundle/shrink/lose", test_lose);
  g_test_add_data_func ("/bundle/shrink/merged/qcow2", "qcow2", test_merged);
  g_test_add_data_func ("/bundle/shrink/merged/raw", "raw", test_merged);
  g_test_add_func ("/bundle/shrink/grown", test_grown);
  g_test_add_func ("/bundle/shrink/errors", test_errors);
  g_test_add_func ("/bundle/shrink/undo-fails", test_undo_fails);
  return g_test_run ();
}
