/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Images of snapshots by other names, and at other times. */
#include "bundle/valise-image-chain.h"
#include "bundle/valise-snapshot-private.h"
#include "place.h"
#include "snapshot-fixture.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

static void
set_knob (const char *path, const char *knob, const char *value)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (path, NULL);
  g_autoptr (ValiseDocument) document = valise_document_copy (valise_bundle_get_document (bundle));
  g_autoptr (GError) error = NULL;

  g_assert_true (valise_document_set (document, knob, value, NULL));
  valise_bundle_save (bundle, document, &error);
  g_assert_no_error (error);
}

/* Two disks of one name but for its ending, and one that looks as if a snapshot had named it. */
static void
test_alike (SnapshotPlace *self, gconstpointer unused)
{
  place_run (self->path, "mv disks/root.qcow2 disks/twin-0badcafe.qcow2; mv disks/data.img disks/twin.img");
  set_knob (self->path, "devices/disk[1]/source/@file", "disks/twin-0badcafe.qcow2");
  set_knob (self->path, "devices/disk[2]/source/@file", "disks/twin.img");
  for (char letter = 'A'; letter <= 'C'; letter++)
    {
      const char name[] = { letter, '\0' };

      snapshot_fixture_write (self->path, letter);
      snapshot_fixture_take_one (self, name);
    }
  snapshot_fixture_revert (self->path, "A");
  g_assert_cmpint (snapshot_fixture_read (self->path), ==, 'A');
  g_assert_cmpuint (snapshot_fixture_check_all (self->path), ==, 3);
}

/* One that was only touched is refused until its user says that it is the same, and is known from then on. */
static void
test_accept (SnapshotPlace *self, gconstpointer unused)
{
  g_autofree char *image = NULL;
  g_autoptr (GPtrArray) accepted = NULL;
  g_autoptr (GPtrArray) again = NULL;
  g_autoptr (GError) error = NULL;

  snapshot_fixture_write (self->path, 'A');
  snapshot_fixture_take_one (self, "A");
  image = snapshot_fixture_frozen_image (self->path, "A");
  g_assert_cmpint (utimensat (AT_FDCWD, image, (const struct timespec[]){ { 1, 2 }, { 3, 4 } }, 0), ==, 0);
  snapshot_fixture_assert_refused (self->path, VALISE_SNAPSHOT_ERROR_CHANGED);
  g_assert_true (valise_snapshots_stamp (self->path, NULL, NULL));
  snapshot_fixture_assert_refused (self->path, VALISE_SNAPSHOT_ERROR_CHANGED);
  valise_snapshots_stamp (self->path, &accepted, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (accepted->len, ==, 1);
  g_assert_true (g_str_has_suffix (image, accepted->pdata[0]));
  g_assert_cmpint (snapshot_fixture_read (self->path), ==, 'A');
  g_assert_true (valise_snapshots_stamp (self->path, &again, NULL));
  g_assert_cmpuint (again->len, ==, 0);
  snapshot_fixture_write_byte (image, 4096 * 30, 'x');
  snapshot_fixture_assert_refused (self->path, VALISE_SNAPSHOT_ERROR_CHANGED);
}

/* As a kill leaves it between the change of an image and the note of it. */
static void
test_unstamped (SnapshotPlace *self, gconstpointer unused)
{
  g_autofree char *image = NULL;

  snapshot_fixture_write (self->path, 'A');
  snapshot_fixture_take_one (self, "A");
  image = snapshot_fixture_frozen_image (self->path, "A");
  place_run (self->path,
             "sed -i 's/ sample=\"[^\"]*\"//' snapshots/*/snapshot.xml && ! grep sample snapshots/*/snapshot.xml");
  g_assert_true (valise_snapshots_stamp (self->path, NULL, NULL));
  g_assert_cmpint (snapshot_fixture_read (self->path), ==, 'A');
  snapshot_fixture_write_byte (image, 4096 * 30, 'x');
  snapshot_fixture_assert_refused (self->path, VALISE_SNAPSHOT_ERROR_CHANGED);
}

/* As a kill leaves it when a deleted snapshot's image had taken over the one above it, and one of the two above that had
 * gone over to it already. */
static void
test_half_lowered (SnapshotPlace *self, gconstpointer unused)
{
  g_autofree char *first = NULL, *second = NULL, *third = NULL, *id = NULL, *command = NULL;

  snapshot_fixture_write (self->path, 'A');
  snapshot_fixture_take_one (self, "A");
  snapshot_fixture_write (self->path, 'B');
  snapshot_fixture_take_one (self, "B");
  snapshot_fixture_write (self->path, 'C');
  snapshot_fixture_take_one (self, "C");
  snapshot_fixture_revert (self->path, "B");
  snapshot_fixture_write (self->path, 'D');
  first = snapshot_fixture_frozen_image (self->path, "A");
  second = snapshot_fixture_frozen_image (self->path, "B");
  third = snapshot_fixture_frozen_image (self->path, "C");
  id = snapshot_fixture_find (self->path, "A");
  command = g_strdup_printf (
      "low=$(basename %s) mid=$(basename %s) top=$(basename %s); cd disks; qemu-img commit -q -d -f qcow2 $mid;"
      " qemu-img rebase -q -u -f qcow2 -b $low -F qcow2 $top; cd ../snapshots;"
      " sed -i \"s,<snapshot ,<snapshot hidden='yes' ,; s,file=\\\"disks/$low\\\",& upper='disks/$mid',\" "
      "%s/snapshot.xml;"
      " sed -i 's/ sample=\"[^\"]*\"//' */snapshot.xml; grep -q upper %s/snapshot.xml",
      first, second, third, id, id);
  place_run (self->path, command);
  g_assert_cmpint (snapshot_fixture_read (self->path), ==, 'D');
  snapshot_fixture_take_one (self, "D");
  snapshot_fixture_delete (self->path, "D");
  g_assert_false (g_file_test (second, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (snapshot_fixture_count_hidden (self->path), ==, 0);
  g_assert_cmpint (snapshot_fixture_read (self->path), ==, 'D');
  g_assert_cmpuint (snapshot_fixture_check_all (self->path), ==, 2);
  snapshot_fixture_check_images (self->path);
}

/* As a killed QEMU leaves it, which had the image above name the lower one before what it copied there was written. */
static void
test_half_written (SnapshotPlace *self, gconstpointer unused)
{
  g_autofree char *first = NULL, *second = NULL, *third = NULL, *id = NULL, *command = NULL, *compare = NULL;
  g_autoptr (GError) error = NULL;

  snapshot_fixture_write (self->path, 'A');
  snapshot_fixture_take_one (self, "A");
  snapshot_fixture_write (self->path, 'B');
  snapshot_fixture_take_one (self, "B");
  snapshot_fixture_write (self->path, 'C');
  snapshot_fixture_take_one (self, "C");
  first = snapshot_fixture_frozen_image (self->path, "A");
  second = snapshot_fixture_frozen_image (self->path, "B");
  third = snapshot_fixture_frozen_image (self->path, "C");
  id = snapshot_fixture_find (self->path, "A");
  command = g_strdup_printf (
      "low=$(basename %s) mid=$(basename %s) top=$(basename %s); cd disks; qemu-img convert -O raw $top ../../whole;"
      " qemu-img rebase -q -u -f qcow2 -b $low -F qcow2 $top; ! qemu-img compare -q -F raw $top ../../whole;"
      " cd ../snapshots; sed -i \"s,<snapshot ,<snapshot hidden='yes' ,; s,file=\\\"disks/$low\\\",& "
      "upper='disks/$mid',\" "
      "%s/snapshot.xml; sed -i 's/ sample=\"[^\"]*\"//' */snapshot.xml; grep -q upper %s/snapshot.xml",
      first, second, third, id, id);
  compare = g_strdup_printf ("qemu-img compare -q -F raw %s ../whole", third);
  place_run (self->path, command);
  g_assert_true (valise_snapshots_put_back (self->path, &error));
  g_assert_no_error (error);
  place_run (self->path, compare);
  snapshot_fixture_take_one (self, "D");
  snapshot_fixture_delete (self->path, "D");
  place_run (self->path, compare);
  g_assert_false (g_file_test (second, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (snapshot_fixture_check_all (self->path), ==, 2);
  snapshot_fixture_check_images (self->path);
}

/* What only qcow2 knows goes with it when the raw disk takes its place back. */
static void
test_back_to_raw (SnapshotPlace *self, gconstpointer unused)
{
  g_autoptr (ValiseBundle) bundle = NULL;
  ValiseDocument *document;

  place_run (self->path, "head -c 2097152 /dev/urandom > disks/data.img");
  snapshot_fixture_write (self->path, '@');
  snapshot_fixture_take_one (self, "A");
  set_knob (self->path, "devices/disk[2]/driver/metadata_cache/max_size", "1048576");
  snapshot_fixture_delete (self->path, "A");
  bundle = valise_bundle_open (self->path, NULL);
  document = valise_bundle_get_document (bundle);
  g_assert_cmpint (snapshot_fixture_read (self->path), ==, '@');
  g_assert_true (valise_document_has (document, "devices/disk[2]/driver[@type='raw']"));
  g_assert_false (valise_document_has (document, "devices/disk[2]/driver/metadata_cache"));
}

static void
write_image (const char *path, char letter)
{
  g_autofree char *bytes = g_strnfill (200000, letter);

  g_assert_true (g_file_set_contents_full (path, bytes, 200000, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

/* A copy may get the number that the image had which it is a copy of, once that is gone. */
static void
test_inode_again (SnapshotPlace *self, gconstpointer unused)
{
  g_autofree char *first = g_build_filename (self->path, "first", NULL);
  g_autofree char *second = g_build_filename (self->path, "second", NULL);
  ValiseImageStamp stamp = { 0 };
  struct stat status;
  g_autoptr (GError) error = NULL;

  write_image (first, 'a');
  g_usleep (20000);
  write_image (second, 'a');
  _valise_image_stamp_take (first, &stamp, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_stat (second, &status), ==, 0);
  g_assert_true (_valise_image_stamp_fits (second, &stamp));
  stamp.inode = status.st_ino;
  if (stamp.born != 0)
    g_assert_true (_valise_image_stamp_fits (second, &stamp));
  else
    g_test_message ("this file system does not say when a file was made");
  place_run (self->path, "printf b | dd of=second conv=notrunc bs=1 seek=70000 status=none");
  g_assert_false (_valise_image_stamp_fits (second, &stamp));
  _valise_image_stamp_clear (&stamp);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (SnapshotPlace *, gconstpointer);
  } cases[] = {
    { "/bundle/snapshot-image/alike", test_alike },
    { "/bundle/snapshot-image/accept", test_accept },
    { "/bundle/snapshot-image/unstamped", test_unstamped },
    { "/bundle/snapshot-image/half-lowered", test_half_lowered },
    { "/bundle/snapshot-image/half-written", test_half_written },
    { "/bundle/snapshot-image/back-to-raw", test_back_to_raw },
    { "/bundle/snapshot-image/inode-again", test_inode_again },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_test_add (cases[i].path, SnapshotPlace, NULL, snapshot_fixture_set_up, cases[i].test, snapshot_fixture_tear_down);
  return g_test_run ();
}
