/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/valise-path.h"
#include "bundle/valise-archive.h"
#include "bundle/valise-image-chain.h"
#include "bundle/valise-snapshot-private.h"
#include "snapshot-fixture.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A, B and C in a row, then D as a branch of A; the present is 'E' on D. */
static void
grow_tree (SnapshotPlace *self)
{
  static const char *const row[] = { "A", "B", "C" };

  for (gsize i = 0; i < G_N_ELEMENTS (row); i++)
    {
      snapshot_fixture_write (self->path, row[i][0]);
      snapshot_fixture_take_one (self, row[i]);
    }
  snapshot_fixture_revert (self->path, "A");
  snapshot_fixture_write (self->path, 'D');
  snapshot_fixture_take_one (self, "D");
  snapshot_fixture_write (self->path, 'E');
}

static char *
describe_tree (const char *path)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (path, NULL);
  g_autoptr (GPtrArray) snapshots = valise_snapshots_list (bundle, NULL);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < snapshots->len; i++)
    {
      const ValiseSnapshot *snapshot = snapshots->pdata[i];
      const ValiseSnapshot *parent =
          snapshot->parent != NULL ? valise_snapshots_find (snapshots, snapshot->parent, NULL) : NULL;

      g_string_append_printf (text, "%s<%s%s ", snapshot->name, parent != NULL ? parent->name : "-",
                              snapshot->is_current ? "*" : "");
      g_assert_cmpuint (snapshot->size, >, 0);
    }
  return g_string_free (text, FALSE);
}

static void
assert_tree (const char *path, const char *expected)
{
  g_autofree char *text = describe_tree (path);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_take (SnapshotPlace *self, gconstpointer unused)
{
  g_autoptr (ValiseBundle) bundle = NULL;
  g_autoptr (GPtrArray) snapshots = NULL;
  ValiseSnapshot *snapshot;

  snapshot_fixture_write (self->path, 'A');
  snapshot_fixture_take_one (self, "A");
  g_assert_cmpint (snapshot_fixture_read (self->path), ==, 'A');
  snapshot_fixture_write (self->path, 'B');
  g_assert_cmpint (snapshot_fixture_read (self->path), ==, 'B');
  g_assert_cmpuint (snapshot_fixture_check_all (self->path), ==, 1);
  g_assert_cmpuint (snapshot_fixture_count_images (self->path), ==, 4);
  bundle = valise_bundle_open (self->path, NULL);
  snapshots = valise_snapshots_list (bundle, NULL);
  snapshot = snapshots->pdata[0];
  g_assert_cmpstr (snapshot->note, ==, "a note");
  g_assert_cmpint (ABS (g_get_real_time () - snapshot->time), <, G_TIME_SPAN_HOUR);
  g_assert_true (snapshot->is_current);
}

static void
place_host_note (const char *file)
{
  g_autofree char *folder = g_path_get_dirname (file);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, "[host]\n", -1, NULL));
}

static void
test_tree (SnapshotPlace *self, gconstpointer unused)
{
  static const char *const names[] = { "C", "A", "D", "B" };
  g_autofree char *host = g_build_filename (self->path, "state", "suspend.host", NULL);

  g_test_summary (
      "Whichever is gone back to, in whatever order, all of it is there, and what was said of other memory is not");
  grow_tree (self);
  assert_tree (self->path, "A<- B<A C<B D<A* ");
  g_assert_cmpuint (snapshot_fixture_check_all (self->path), ==, 4);
  g_assert_cmpint (snapshot_fixture_read (self->path), ==, 'E');
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      place_host_note (host);
      snapshot_fixture_revert (self->path, names[i]);
      g_assert_false (g_file_test (host, G_FILE_TEST_EXISTS));
      g_assert_cmpint (snapshot_fixture_read (self->path), ==, names[i][0]);
      g_assert_cmpuint (snapshot_fixture_check_all (self->path), ==, 4);
      snapshot_fixture_write (self->path, 'X');
    }
  snapshot_fixture_check_images (self->path);
  /* What was written in between is gone: four frozen images and the present one of each disk. */
  g_assert_cmpuint (snapshot_fixture_count_images (self->path), ==, 10);
}

/* Every order of deleting the four: those that remain, and the present, keep what they hold. */
static void
test_delete (gconstpointer order)
{
  SnapshotPlace self = { NULL, NULL };
  guint left = 4;

  snapshot_fixture_set_up (&self, NULL);
  grow_tree (&self);
  for (const char *name = order; *name != '\0'; name++)
    {
      char text[2] = { *name, '\0' };

      snapshot_fixture_delete (self.path, text);
      g_assert_cmpuint (snapshot_fixture_check_all (self.path), ==, --left);
      g_assert_cmpint (snapshot_fixture_read (self.path), ==, 'E');
      snapshot_fixture_check_images (self.path);
    }
  g_assert_cmpuint (snapshot_fixture_count_images (self.path), ==, 2);
  snapshot_fixture_tear_down (&self, NULL);
}

static void
test_delete_base (SnapshotPlace *self, gconstpointer unused)
{
  grow_tree (self);
  /* B and D both build on A, which stays as it is where nobody sees it. */
  snapshot_fixture_delete (self->path, "A");
  assert_tree (self->path, "B<- C<B D<-* ");
  g_assert_cmpuint (snapshot_fixture_count_images (self->path), ==, 10);
  snapshot_fixture_delete (self->path, "D");
  assert_tree (self->path, "B<- C<B ");
  snapshot_fixture_delete (self->path, "C");
  g_assert_cmpuint (snapshot_fixture_check_all (self->path), ==, 1);
  g_assert_cmpint (snapshot_fixture_read (self->path), ==, 'E');
}

static void
test_describe (SnapshotPlace *self, gconstpointer unused)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (self->path, NULL);
  g_autofree char *id = snapshot_fixture_take (self->path, "First");
  g_autofree char *other = snapshot_fixture_take (self->path, "Second <&\"> \xf0\x9f\x90\xa7");
  g_autoptr (GPtrArray) snapshots = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (valise_snapshot_describe (bundle, id, NULL, "  two\nlines <b>", NULL));
  g_assert_false (valise_snapshot_describe (bundle, id, " ", NULL, &error));
  g_assert_error (error, VALISE_SNAPSHOT_ERROR, VALISE_SNAPSHOT_ERROR_NAME);
  g_clear_error (&error);
  snapshots = valise_snapshots_list (bundle, NULL);
  g_assert_cmpstr (valise_snapshots_find (snapshots, "First", NULL)->note, ==, "  two\nlines <b>");
  g_assert_cmpstr (valise_snapshots_find (snapshots, other, NULL)->name, ==, "Second <&\"> \xf0\x9f\x90\xa7");
  g_assert_null (valise_snapshots_find (snapshots, "Third", &error));
  g_assert_error (error, VALISE_SNAPSHOT_ERROR, VALISE_SNAPSHOT_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_true (valise_snapshot_describe (bundle, other, "First", NULL, NULL));
  g_ptr_array_unref (snapshots);
  snapshots = valise_snapshots_list (bundle, NULL);
  g_assert_null (valise_snapshots_find (snapshots, "First", &error));
  g_assert_error (error, VALISE_SNAPSHOT_ERROR, VALISE_SNAPSHOT_ERROR_AMBIGUOUS);
}

/* What could be written and not be read again would keep the machine from ever starting. */
static void
test_words (SnapshotPlace *self, gconstpointer unused)
{
  static const char *const words[] = { "", " \n", "a\x01", "\x1b[31m", "\xef\xbf\xbe", "\xff" };
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (self->path, NULL);
  g_autofree char *id = snapshot_fixture_take (self->path, "First");
  g_autofree char *endless = g_strnfill (1 << 20, 'x');

  for (gsize i = 0; i <= G_N_ELEMENTS (words); i++)
    {
      const char *word = i < G_N_ELEMENTS (words) ? words[i] : endless;
      g_autoptr (GError) error = NULL;

      g_assert_null (valise_snapshot_begin (bundle, word, NULL, NULL, &error));
      g_assert_error (error, VALISE_SNAPSHOT_ERROR, VALISE_SNAPSHOT_ERROR_NAME);
      g_clear_error (&error);
      g_assert_false (valise_snapshot_describe (bundle, id, word, NULL, &error));
      g_assert_error (error, VALISE_SNAPSHOT_ERROR, VALISE_SNAPSHOT_ERROR_NAME);
      g_clear_error (&error);
      if (i < 2)
        continue;
      g_assert_false (valise_snapshot_describe (bundle, id, NULL, word, &error));
      g_assert_error (error, VALISE_SNAPSHOT_ERROR, VALISE_SNAPSHOT_ERROR_NAME);
    }
  assert_tree (self->path, "First<-* ");
}

static void
test_changed_base (SnapshotPlace *self, gconstpointer unused)
{
  g_autofree char *image = NULL;
  g_autofree char *aside = NULL;
  char byte = 'x';
  int fd;

  snapshot_fixture_write (self->path, 'A');
  snapshot_fixture_take_one (self, "A");
  snapshot_fixture_write (self->path, 'B');
  snapshot_fixture_take_one (self, "B");
  image = snapshot_fixture_frozen_image (self->path, "A");
  aside = g_strconcat (image, ".aside", NULL);
  g_assert_cmpint (g_rename (image, aside), ==, 0);
  snapshot_fixture_assert_refused (self->path, -1);
  g_assert_cmpint (g_rename (aside, image), ==, 0);
  g_assert_cmpint (snapshot_fixture_read (self->path), ==, 'B');

  fd = open (image, O_WRONLY | O_CLOEXEC);
  g_assert_cmpint (pwrite (fd, &byte, 1, 4096 * 30), ==, 1);
  close (fd);
  snapshot_fixture_assert_refused (self->path, VALISE_SNAPSHOT_ERROR_CHANGED);
}

static void
test_frozen_settings (SnapshotPlace *self, gconstpointer unused)
{
  g_autoptr (ValiseBundle) before = valise_bundle_open (self->path, NULL);
  g_autoptr (ValiseDocument) stale = valise_document_copy (valise_bundle_get_document (before));
  g_autoptr (ValiseBundle) bundle = NULL;
  g_autoptr (ValiseDocument) document = NULL;
  g_autoptr (GError) error = NULL;

  snapshot_fixture_take_one (self, "A");
  bundle = valise_bundle_open (self->path, NULL);
  g_assert_false (valise_bundle_save (bundle, stale, &error));
  g_assert_error (error, VALISE_SNAPSHOT_ERROR, VALISE_SNAPSHOT_ERROR_FROZEN);
  g_clear_error (&error);
  document = valise_document_copy (valise_bundle_get_document (bundle));
  g_assert_true (valise_document_set (document, "devices/disk[1]/source/@file", "disks/root.qcow2", NULL));
  g_assert_false (valise_bundle_save (bundle, document, &error));
  g_assert_error (error, VALISE_SNAPSHOT_ERROR, VALISE_SNAPSHOT_ERROR_FROZEN);
  g_clear_error (&error);
  /* The versions of before name what is frozen now. */
  g_assert_false (valise_bundle_undo (bundle, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

static void
test_travels (SnapshotPlace *self, gconstpointer unused)
{
  g_autofree char *archive = g_build_filename (self->root, "x.vmbundle.tar.zst", NULL);
  g_autofree char *elsewhere = g_build_filename (self->root, "elsewhere", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_autofree char *copy = NULL;

  grow_tree (self);
  valise_archive_write (self->path, archive, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  path = valise_archive_read (archive, elsewhere, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  assert_tree (path, "A<- B<A C<B D<A* ");
  g_assert_cmpuint (snapshot_fixture_check_all (path), ==, 4);
  snapshot_fixture_revert (path, "C");
  g_assert_cmpint (snapshot_fixture_read (path), ==, 'C');
  copy = valise_bundle_copy (path, self->root, "Again", NULL, NULL, &error);
  g_assert_no_error (error);
  snapshot_fixture_revert (copy, "B");
  g_assert_cmpint (snapshot_fixture_read (copy), ==, 'B');
  g_assert_cmpuint (snapshot_fixture_check_all (copy), ==, 4);
}

/* A copy with an identity of its own keeps it when it goes back. */
static void
test_identity (SnapshotPlace *self, gconstpointer unused)
{
  g_autoptr (ValiseBundle) bundle = NULL;
  g_autoptr (ValiseDocument) document = NULL;
  g_autofree char *uuid = NULL;
  g_autofree char *after = NULL;
  g_autofree char *label = NULL;

  snapshot_fixture_write (self->path, 'A');
  snapshot_fixture_take_one (self, "A");
  bundle = valise_bundle_open (self->path, NULL);
  document = valise_document_copy (valise_bundle_get_document (bundle));
  g_assert_true (valise_bundle_renew_identity (document, "Other", NULL));
  g_assert_true (valise_bundle_save (bundle, document, NULL));
  uuid = valise_document_get (document, "uuid");
  snapshot_fixture_revert (self->path, "A");
  valise_bundle_unref (bundle);
  bundle = valise_bundle_open (self->path, NULL);
  after = valise_document_get (valise_bundle_get_document (bundle), "uuid");
  label = valise_bundle_dup_name (bundle);
  g_assert_cmpstr (after, ==, uuid);
  g_assert_cmpstr (label, ==, "Other");
}

/* It is said that it is damaged, and nothing of what it says is believed. */
static void
assert_damaged (ValiseBundle *bundle, const char *id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) snapshots = valise_snapshots_list (bundle, &error);
  const ValiseSnapshot *snapshot;

  g_assert_no_error (error);
  snapshot = valise_snapshots_find (snapshots, id, NULL);
  g_assert_nonnull (snapshot);
  g_assert_true (snapshot->is_damaged);
  g_assert_cmpuint (snapshot->disks->len, ==, 0);
  g_assert_nonnull (strstr (snapshot->note, id));
  g_assert_null (valise_snapshots_list_images (valise_bundle_get_path (bundle), &error));
  g_assert_error (error, VALISE_SNAPSHOT_ERROR, VALISE_SNAPSHOT_ERROR_DAMAGED);
}

static void
test_hostile (SnapshotPlace *self, gconstpointer unused)
{
  static const char *const records[] = {
    "",
    "<snapshot",
    "<domain/>",
    "<snapshot name='x'><disk target='vda' file='../../etc/passwd' format='raw'/></snapshot>",
    "<snapshot name='x'><disk target='vda' file='/etc/passwd' format='raw'/></snapshot>",
    "<snapshot name='x'><disk target='vda' file='.history/x' format='raw'/></snapshot>",
    "<snapshot name='x'><disk target='vda' file='config.xml' format='raw'/></snapshot>",
    "<snapshot name='x'><disk target='vda' file='tpm/tpm2-00.permall' format='raw'/></snapshot>",
    "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><snapshot name='&e;'/>",
  };
  g_autofree char *folder = _valise_snapshot_folder (self->path, "0123456789ab");
  g_autofree char *file = g_build_filename (folder, "snapshot.xml", NULL);
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (self->path, NULL);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (records); i++)
    {
      g_assert_true (g_file_set_contents (file, records[i], -1, NULL));
      assert_damaged (bundle, "0123456789ab");
    }
  g_assert_cmpint (g_unlink (file), ==, 0);
  g_assert_cmpint (symlink ("/etc/passwd", file), ==, 0);
  assert_damaged (bundle, "0123456789ab");
  g_assert_true (valise_snapshot_delete (bundle, "0123456789ab", NULL, NULL, NULL));
  g_assert_false (g_file_test (folder, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test ("/etc/passwd", G_FILE_TEST_EXISTS));
}

static char *
present_image (const char *path)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (path, NULL);
  g_autofree char *file = valise_document_get_device (valise_bundle_get_document (bundle), "disk", 1, "source/@file");

  return valise_bundle_file (bundle, file);
}

/* An image that cannot be looked at may build on the one that a deleted snapshot leaves. */
static void
test_unreadable_image (SnapshotPlace *self, gconstpointer unused)
{
  g_autofree char *frozen = NULL;
  g_autofree char *above = NULL;
  g_autofree char *id = NULL;
  g_autoptr (ValiseBundle) bundle = NULL;
  g_autoptr (GError) error = NULL;

  snapshot_fixture_write (self->path, 'A');
  snapshot_fixture_take_one (self, "A");
  snapshot_fixture_write (self->path, 'B');
  frozen = snapshot_fixture_frozen_image (self->path, "A");
  above = present_image (self->path);
  id = snapshot_fixture_find (self->path, "A");
  bundle = valise_bundle_open (self->path, NULL);
  snapshot_fixture_write_byte (above, 20, 99); /* no qcow2 image has such clusters */
  g_assert_false (valise_snapshot_delete (bundle, id, NULL, NULL, &error));
  g_assert_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_DAMAGED);
  g_assert_true (g_file_test (frozen, G_FILE_TEST_EXISTS));
  snapshot_fixture_write_byte (above, 20, 0);
  g_assert_cmpint (snapshot_fixture_read (self->path), ==, 'B');
}

/* A stranger's bundle whose folder of disks is another machine's. */
static void
test_led_astray (SnapshotPlace *self, gconstpointer unused)
{
  g_autofree char *disks = g_build_filename (self->path, "disks", NULL);
  g_autofree char *victims = g_build_filename (self->root, "victims", NULL);
  g_autofree char *frozen = NULL;
  g_autofree char *victim = NULL;
  g_autofree char *id = NULL;
  g_autofree char *name = NULL;
  g_autoptr (ValiseBundle) bundle = NULL;
  g_autoptr (GError) error = NULL;

  snapshot_fixture_take_one (self, "A");
  frozen = snapshot_fixture_frozen_image (self->path, "A");
  id = snapshot_fixture_find (self->path, "A");
  bundle = valise_bundle_open (self->path, NULL);
  g_assert_cmpint (g_rename (disks, victims), ==, 0);
  g_assert_cmpint (symlink ("../victims", disks), ==, 0);
  name = g_path_get_basename (frozen);
  victim = g_build_filename (victims, name, NULL);
  g_assert_false (valise_snapshot_delete (bundle, id, NULL, NULL, &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_UNSAFE);
  g_assert_true (g_file_test (victim, G_FILE_TEST_EXISTS));
}

static void
test_unreadable_files (SnapshotPlace *self, gconstpointer unused)
{
  g_autofree char *snapshots = g_build_filename (self->path, "snapshots", NULL);
  g_autofree char *journal = g_build_filename (snapshots, ".journal", NULL);
  g_autofree char *config = g_build_filename (self->path, "config.xml", NULL);
  g_autofree char *to = g_build_filename (self->path, "copied", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (_valise_snapshot_copy_folder (config, to, NULL, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOTDIR);
  g_clear_error (&error);
  g_assert_true (_valise_snapshot_copy_folder (to, to, NULL, NULL));
  g_assert_cmpint (g_mkdir (snapshots, 0700), ==, 0);
  g_assert_true (g_file_set_contents (journal, "[journal]\nwhat=revert\n", -1, NULL));
  g_assert_false (valise_snapshots_settle (self->path, NULL, &error));
  g_assert_error (error, VALISE_SNAPSHOT_ERROR, VALISE_SNAPSHOT_ERROR_DAMAGED);
}

/* A journal from a stranger reaches nothing outside of the bundle, nor what the bundle is made of. */
static void
test_hostile_journal (SnapshotPlace *self, gconstpointer unused)
{
  static const char *const files[] = { "../victim", "/tmp/victim", "config.xml",
                                       ".history",  "snapshots",   "way-out/victim" };
  g_autofree char *snapshots = g_build_filename (self->path, "snapshots", NULL);
  g_autofree char *journal = g_build_filename (snapshots, ".journal", NULL);
  g_autofree char *victim = g_build_filename (self->root, "victim", NULL);
  g_autofree char *link = g_build_filename (self->path, "way-out", NULL);
  g_autofree char *config = g_build_filename (self->path, "config.xml", NULL);

  g_assert_cmpint (g_mkdir (snapshots, 0700), ==, 0);
  g_assert_true (g_file_set_contents (victim, "x", 1, NULL));
  g_assert_cmpint (symlink ("..", link), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *text =
          g_strdup_printf ("[journal]\nwhat=take\nname=x\npresent=none\nmade=%s;\nold=%s;\nmoves=%s;disks/x;\n",
                           files[i], files[i], files[i]);

      g_assert_true (g_file_set_contents (journal, text, -1, NULL));
      valise_snapshots_settle (self->path, NULL, NULL);
      g_assert_true (g_file_test (victim, G_FILE_TEST_EXISTS));
      g_assert_true (g_file_test (config, G_FILE_TEST_EXISTS));
    }
}

static void
test_chain_refused (SnapshotPlace *self, gconstpointer unused)
{
  static const struct
  {
    const char *backing, *format;
    int code;
  } cases[] = {
    { "../outside.img", "raw", VALISE_IMAGE_ERROR_UNSAFE }, { "/etc/passwd", "raw", VALISE_IMAGE_ERROR_UNSAFE },
    { "nbd:host:10809", "raw", VALISE_IMAGE_ERROR_UNSAFE }, { "json:{}", "raw", VALISE_IMAGE_ERROR_UNSAFE },
    { "missing.img", "raw", VALISE_IMAGE_ERROR_MISSING },   { "top.qcow2", "qcow2", VALISE_IMAGE_ERROR_UNSAFE },
    { "data.img", "vmdk", VALISE_IMAGE_ERROR_FORMAT },      { "root.qcow2", "raw", VALISE_IMAGE_ERROR_FORMAT },
    { "link.img", "raw", VALISE_IMAGE_ERROR_UNSAFE },
  };
  g_autofree char *top = g_build_filename (self->path, "disks", "top.qcow2", NULL);
  g_autofree char *link = g_build_filename (self->path, "disks", "link.img", NULL);

  g_assert_cmpint (symlink ("data.img", link), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *const argv[] = { "qemu-img", "create",        "-q", "-u", "-f", "qcow2", "-b", cases[i].backing,
                                   "-F",       cases[i].format, "--", top,  "2M", NULL };
      g_autoptr (GError) error = NULL;

      g_assert_true (
          g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL));
      g_assert_null (valise_image_inspect_chain (top, "qcow2", NULL, &error));
      g_assert_error (error, VALISE_IMAGE_ERROR, cases[i].code);
      g_assert_cmpint (g_unlink (top), ==, 0);
    }
}

/* What taking and going back change in the settings by themselves is no difference; what somebody set is. */
static void
test_plain_settings (SnapshotPlace *self, gconstpointer unused)
{
  g_autofree char *first = snapshot_fixture_take (self->path, "first");
  g_autofree char *second = snapshot_fixture_take (self->path, "second");
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (self->path, &error);
  g_autoptr (ValiseDocument) then = valise_snapshot_read_document (bundle, first, &error);
  g_autoptr (ValiseDocument) before = valise_snapshot_plain_settings (then);
  g_autoptr (ValiseDocument) after = valise_snapshot_plain_settings (valise_bundle_get_document (bundle));
  g_autoptr (GPtrArray) raw = valise_document_diff (then, valise_bundle_get_document (bundle));
  g_autoptr (GPtrArray) same = valise_document_diff (before, after);
  g_autoptr (GPtrArray) one = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (raw->len, >, 0);
  g_assert_cmpuint (same->len, ==, 0);
  g_assert_true (valise_document_set (after, "vcpu", "7", NULL));
  one = valise_document_diff (before, after);
  g_assert_cmpuint (one->len, ==, 1);
  g_assert_cmpstr (((ValiseDocumentChange *) one->pdata[0])->path, ==, "vcpu");
}

/* --- records that cannot be read --- */

static void
damage (SnapshotPlace *self, const char *id)
{
  g_autofree char *folder = _valise_snapshot_folder (self->path, id);
  g_autofree char *file = g_build_filename (folder, "snapshot.xml", NULL);

  g_assert_true (g_file_set_contents (file, "<snapsh", -1, NULL));
}

/* It stands in the way of what builds on its images only, and it can be deleted; then the others are tidied as before. */
static void
test_damaged (SnapshotPlace *self, gconstpointer unused)
{
  g_autofree char *first = NULL, *branch = NULL;
  g_autoptr (ValiseBundle) bundle = NULL;
  g_autoptr (GError) error = NULL;

  grow_tree (self);
  branch = snapshot_fixture_find (self->path, "C");
  damage (self, branch);
  g_assert_cmpint (snapshot_fixture_read (self->path), ==, 'E');
  snapshot_fixture_delete (self->path, "B");
  g_assert_cmpuint (snapshot_fixture_count_hidden (self->path), ==, 1);
  g_assert_cmpint (snapshot_fixture_read (self->path), ==, 'E');
  first = snapshot_fixture_find (self->path, "A");
  bundle = valise_bundle_open (self->path, NULL);
  valise_snapshot_delete (bundle, branch, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (snapshot_fixture_check_all (self->path), ==, 2);
  g_assert_cmpint (snapshot_fixture_read (self->path), ==, 'E');

  damage (self, first);
  snapshot_fixture_assert_refused (self->path, VALISE_SNAPSHOT_ERROR_DAMAGED);
  g_assert_true (valise_snapshot_delete (bundle, first, NULL, NULL, NULL));
  g_assert_cmpint (snapshot_fixture_read (self->path), ==, 'E');
  snapshot_fixture_revert (self->path, "D");
  g_assert_cmpint (snapshot_fixture_read (self->path), ==, 'D');
}

typedef struct
{
  ValiseBundle *bundle;
  const char *id;
} Watched;

static gboolean
delete_watched (ValiseJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  const Watched *watched = data;
  const ValiseSnapshotLive live = { .job = job };

  return valise_snapshot_delete (watched->bundle, watched->id, &live, cancellable, error);
}

/* Who watches a machine that is off sees how far it is. */
static void
test_progress (SnapshotPlace *self, gconstpointer unused)
{
  g_autofree char *id = NULL;
  g_autoptr (ValiseBundle) bundle = NULL;
  g_autoptr (ValiseJob) job = NULL;
  g_autoptr (GError) error = NULL;
  Watched watched;

  grow_tree (self);
  id = snapshot_fixture_find (self->path, "B");
  bundle = valise_bundle_open (self->path, NULL);
  watched = (Watched){ bundle, id };
  job = valise_job_new ("work", delete_watched, &watched, NULL);
  g_assert_true (valise_job_run_sync (job, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (valise_job_get_total (job), >, 0);
  g_assert_cmpint (snapshot_fixture_read (self->path), ==, 'E');
}

/* Nobody sees it, so nobody goes back to it. */
static void
test_hidden (SnapshotPlace *self, gconstpointer unused)
{
  g_autofree char *id = NULL;
  g_autoptr (ValiseBundle) bundle = NULL;
  g_autoptr (GError) error = NULL;

  snapshot_fixture_write (self->path, 'A');
  snapshot_fixture_take_one (self, "A");
  snapshot_fixture_write (self->path, 'B');
  snapshot_fixture_take_one (self, "B");
  snapshot_fixture_revert (self->path, "A");
  id = snapshot_fixture_find (self->path, "A");
  snapshot_fixture_delete (self->path, "A");
  g_assert_cmpuint (snapshot_fixture_count_hidden (self->path), ==, 1);
  bundle = valise_bundle_open (self->path, NULL);
  g_assert_false (valise_snapshot_revert (bundle, id, TRUE, NULL, &error));
  g_assert_error (error, VALISE_SNAPSHOT_ERROR, VALISE_SNAPSHOT_ERROR_NOT_FOUND);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (SnapshotPlace *, gconstpointer);
  } cases[] = {
    { "/bundle/snapshot/take", test_take },
    { "/bundle/snapshot/tree", test_tree },
    { "/bundle/snapshot/delete-base", test_delete_base },
    { "/bundle/snapshot/describe", test_describe },
    { "/bundle/snapshot/words", test_words },
    { "/bundle/snapshot/changed-base", test_changed_base },
    { "/bundle/snapshot/unreadable-image", test_unreadable_image },
    { "/bundle/snapshot/led-astray", test_led_astray },
    { "/bundle/snapshot/unreadable-files", test_unreadable_files },
    { "/bundle/snapshot/frozen-settings", test_frozen_settings },
    { "/bundle/snapshot/plain-settings", test_plain_settings },
    { "/bundle/snapshot/travels", test_travels },
    { "/bundle/snapshot/identity", test_identity },
    { "/bundle/snapshot/hostile", test_hostile },
    { "/bundle/snapshot/hostile-journal", test_hostile_journal },
    { "/bundle/snapshot/chain-refused", test_chain_refused },
    { "/bundle/snapshot/damaged", test_damaged },
    { "/bundle/snapshot/hidden", test_hidden },
    { "/bundle/snapshot/progress", test_progress },
  };
  static const char *const orders[] = { "ABCD", "DCBA", "BADC", "CABD", "ADBC", "DABC" };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_test_add (cases[i].path, SnapshotPlace, NULL, snapshot_fixture_set_up, cases[i].test, snapshot_fixture_tear_down);
  for (gsize i = 0; i < G_N_ELEMENTS (orders); i++)
    {
      g_autofree char *path = g_strconcat ("/bundle/snapshot/delete/", orders[i], NULL);

      g_test_add_data_func (path, orders[i], test_delete);
    }
  return g_test_run ();
}
