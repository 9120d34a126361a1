/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/valise-path.h"
#include "base/valise-size.h"
#include "bundle/valise-archive.h"
#include "bundle/valise-clone.h"
#include "bundle/valise-snapshot-private.h"
#include "snapshot-fixture.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *
try_clone (SnapshotPlace *self, const char *name, const ValiseCloneChoice *choice, GError **error)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (self->path, NULL);
  g_autoptr (ValiseClone) clone = valise_clone_begin (bundle, self->root, name, choice, FALSE, NULL, error);

  if (clone == NULL || !valise_clone_fill (clone, NULL, NULL, error)
      || !valise_bundle_commit (valise_clone_get_bundle (clone), valise_clone_get_document (clone), error))
    return NULL;
  return g_strdup (valise_bundle_get_path (valise_clone_get_bundle (clone)));
}

static char *
make_clone (SnapshotPlace *self, const char *name, const ValiseCloneChoice *choice)
{
  g_autoptr (GError) error = NULL;
  char *path = try_clone (self, name, choice, &error);

  g_assert_no_error (error);
  return path;
}

static void
assert_refused (SnapshotPlace *self, const ValiseCloneChoice *choice, GQuark domain, int code)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = try_clone (self, "No", choice, &error);
  g_autoptr (GPtrArray) leftovers = NULL;

  g_assert_null (path);
  g_assert_error (error, domain, code);
  leftovers = valise_bundle_find_leftovers (self->root);
  g_assert_cmpuint (leftovers->len, ==, 0);
}

static char *
get (const char *path, const char *knob)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (path, NULL);

  return valise_document_get (valise_bundle_get_document (bundle), knob);
}

static void
set (const char *path, const char *knob, const char *value)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (path, NULL);
  g_autoptr (ValiseDocument) document = valise_document_copy (valise_bundle_get_document (bundle));
  g_autoptr (GError) error = NULL;

  g_assert_true (valise_document_set (document, knob, value, NULL));
  valise_bundle_save (bundle, document, &error);
  g_assert_no_error (error);
}

static void
add (const char *path, const char *fragment)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (path, NULL);
  g_autoptr (ValiseDocument) document = valise_document_copy (valise_bundle_get_document (bundle));

  g_assert_true (valise_document_add_fragment (document, "devices", fragment, NULL));
  g_assert_true (valise_bundle_save (bundle, document, NULL));
}

static void
assert_differs (const char *path, const char *other, const char *knob)
{
  g_autofree char *first = get (path, knob);
  g_autofree char *second = get (other, knob);

  g_assert_nonnull (first);
  g_assert_nonnull (second);
  g_assert_cmpstr (first, !=, second);
}

static guint64
blocks_of_own (const char *path)
{
  g_autofree char *folder = g_build_filename (path, "disks", NULL);
  g_autoptr (GDir) directory = g_dir_open (folder, 0, NULL);
  guint64 bytes = 0;
  const char *name;

  while ((name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *file = g_build_filename (folder, name, NULL);
      struct stat status;

      g_assert_cmpint (lstat (file, &status), ==, 0);
      bytes += status.st_nlink == 1 ? (guint64) status.st_blocks * 512 : 0;
    }
  return bytes;
}

/* --- full --- */

static const char card[] = "<interface type='user'><mac address='52:54:00:01:02:03'/><model type='virtio'/>"
                           "<address type='pci' domain='0x0000' bus='0x02' slot='0x00' function='0x0'/></interface>";

static void
test_full (SnapshotPlace *self, gconstpointer unused)
{
  const ValiseCloneChoice choice = { .keep_keys = TRUE };
  g_autofree char *path = NULL, *name = NULL, *bus = NULL, *state = NULL;

  add (self->path, card);
  set (self->path, "genid", "11111111-2222-3333-4444-555555555555");
  snapshot_fixture_write (self->path, 'A');
  state = g_build_filename (self->path, "state", NULL);
  g_assert_cmpint (g_mkdir (state, 0700), ==, 0);
  path = make_clone (self, "Twin", &choice);
  g_assert_true (g_str_has_suffix (path, "/Twin.vmbundle"));
  name = get (path, "metadata/valise:machine/@name");
  g_assert_cmpstr (name, ==, "Twin");
  assert_differs (self->path, path, "uuid");
  assert_differs (self->path, path, "genid");
  assert_differs (self->path, path, "devices/interface/mac/@address");
  bus = get (path, "devices/interface/address/@bus");
  g_assert_cmpstr (bus, ==, "0x02");
  snapshot_fixture_write (self->path, 'B');
  g_assert_cmpint (snapshot_fixture_read (path), ==, 'A');
  snapshot_fixture_write (path, 'C');
  g_assert_cmpint (snapshot_fixture_read (self->path), ==, 'B');
  g_assert_cmpuint (snapshot_fixture_count_images (path), ==, 2);
}

static void
test_policies (SnapshotPlace *self, gconstpointer unused)
{
  const ValiseCloneChoice choice = { .keep_macs = TRUE };
  g_autofree char *path = NULL, *mac = NULL, *keys = NULL;

  add (self->path, card);
  set (self->path, VALISE_TEMPLATE_KNOB, "yes");
  path = make_clone (self, "Same", &choice);
  mac = get (path, "devices/interface/mac/@address");
  g_assert_cmpstr (mac, ==, "52:54:00:01:02:03");
  g_assert_null (get (path, VALISE_TEMPLATE_KNOB));
  keys = g_build_filename (path, "tpm", "tpm2-00.permall", NULL);
  g_assert_false (g_file_test (keys, G_FILE_TEST_EXISTS));
}

/* Every moment of a tree, linked or not: it holds throughout what it held then, and nothing of other moments. */
static void
test_moments (SnapshotPlace *self, gconstpointer linked)
{
  static const char *const names[] = { "A", "B", "C" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      snapshot_fixture_write (self->path, names[i][0]);
      g_free (snapshot_fixture_take (self->path, names[i]));
    }
  snapshot_fixture_write (self->path, 'Z');
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *id = snapshot_fixture_find (self->path, names[i]);
      ValiseCloneChoice choice = { .linked = linked != NULL, .snapshot = id, .keep_keys = TRUE };
      g_autofree char *path = make_clone (self, names[i], &choice);
      g_autoptr (ValiseBundle) bundle = valise_bundle_open (path, NULL);

      g_assert_cmpint (snapshot_fixture_read (path), ==, names[i][0]);
      g_assert_cmpuint (snapshot_fixture_check_all (path), ==, 0);
      snapshot_fixture_write (path, 'x');
      g_assert_cmpint (snapshot_fixture_read (path), ==, 'x');
      snapshot_fixture_check_images (path);
      g_assert_cmpuint (snapshot_fixture_count_images (path), ==, 2 * (i + 1) + (linked != NULL ? 2 : 0));
      g_assert_true (valise_clone_is_linked (bundle) == (linked != NULL || i > 0));
      g_free (snapshot_fixture_take (path, "x"));
      snapshot_fixture_write (path, 'y');
      g_assert_cmpuint (snapshot_fixture_check_all (path), ==, 1);
    }
  g_assert_cmpint (snapshot_fixture_read (self->path), ==, 'Z');
  g_assert_cmpuint (snapshot_fixture_check_all (self->path), ==, 3);
}

/* Now, of a machine whose disks are differences already. */
static void
test_layered (SnapshotPlace *self, gconstpointer unused)
{
  const ValiseCloneChoice choice = { .keep_keys = TRUE };
  g_autofree char *path = NULL, *present = NULL;

  snapshot_fixture_write (self->path, 'A');
  g_free (snapshot_fixture_take (self->path, "A"));
  snapshot_fixture_write (self->path, 'B');
  path = make_clone (self, "Twin", &choice);
  g_assert_cmpint (snapshot_fixture_read (path), ==, 'B');
  snapshot_fixture_delete (self->path, "A");
  g_assert_cmpint (snapshot_fixture_read (self->path), ==, 'B');
  g_assert_cmpint (snapshot_fixture_read (path), ==, 'B');
  g_assert_cmpuint (snapshot_fixture_count_images (self->path), ==, 2);
  present = get (path, "metadata/valise:machine/@present");
  g_assert_nonnull (present);
}

/* --- linked --- */

static char *
make_linked (SnapshotPlace *self, const char *name)
{
  g_autofree char *id = snapshot_fixture_take (self->path, name);
  const ValiseCloneChoice choice = { .linked = TRUE, .snapshot = id, .keep_keys = TRUE };

  return make_clone (self, name, &choice);
}

static void
test_linked (SnapshotPlace *self, gconstpointer unused)
{
  g_autofree char *path = NULL, *second = NULL;
  ValiseCloneChoice choice = { .linked = TRUE, .keep_keys = TRUE };
  g_autoptr (ValiseBundle) bundle = NULL;

  snapshot_fixture_write (self->path, 'A');
  bundle = valise_bundle_open (self->path, NULL);
  g_assert_true (valise_clone_needs_snapshot (bundle, &choice));
  assert_refused (self, &choice, VALISE_SNAPSHOT_ERROR, VALISE_SNAPSHOT_ERROR_NOT_FOUND);
  path = make_linked (self, "A");
  g_assert_cmpuint (blocks_of_own (path), <, VALISE_MIB);
  /* Nothing was written since, so another one needs no snapshot, and its original no further image. */
  g_clear_pointer (&bundle, valise_bundle_unref);
  bundle = valise_bundle_open (self->path, NULL);
  g_assert_false (valise_clone_needs_snapshot (bundle, &choice));
  second = make_clone (self, "Second", &choice);
  g_assert_cmpuint (snapshot_fixture_count_images (second), ==, 4);
  snapshot_fixture_write (self->path, 'B');
  snapshot_fixture_write (path, 'C');
  g_assert_cmpint (snapshot_fixture_read (self->path), ==, 'B');
  g_assert_cmpint (snapshot_fixture_read (path), ==, 'C');
  g_assert_cmpint (snapshot_fixture_read (second), ==, 'A');
  snapshot_fixture_check_images (self->path);
  snapshot_fixture_check_images (path);
}

/* The other machine's image cannot be attached to be written to, not even when nothing of one's own is left on it. */
static void
test_guarded (SnapshotPlace *self, gconstpointer unused)
{
  g_autofree char *path = NULL, *base = NULL, *overlay = NULL, *whole = NULL;
  g_autoptr (ValiseBundle) bundle = NULL;
  g_autoptr (ValiseDocument) document = NULL;
  g_autoptr (GError) error = NULL;

  snapshot_fixture_write (self->path, 'A');
  base = get (self->path, "devices/disk[1]/source/@file");
  path = make_linked (self, "A");
  overlay = get (path, "devices/disk[1]/source/@file");
  bundle = valise_bundle_open (path, NULL);
  whole = valise_bundle_file (bundle, overlay);
  g_assert_cmpint (g_unlink (whole), ==, 0);
  document = valise_document_copy (valise_bundle_get_document (bundle));
  g_assert_true (valise_document_set (document, "devices/disk[1]/source/@file", base, NULL));
  g_assert_false (valise_bundle_save (bundle, document, &error));
  g_assert_error (error, VALISE_SNAPSHOT_ERROR, VALISE_SNAPSHOT_ERROR_FROZEN);
}

/* A disk that is only read has layers below it all the same. */
static void
test_read_only (SnapshotPlace *self, gconstpointer unused)
{
  const ValiseCloneChoice choice = { .keep_keys = TRUE };
  g_autoptr (ValiseBundle) bundle = NULL;
  g_autoptr (ValiseDocument) document = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;

  snapshot_fixture_write (self->path, 'A');
  g_free (snapshot_fixture_take (self->path, "A"));
  bundle = valise_bundle_open (self->path, NULL);
  document = valise_document_copy (valise_bundle_get_document (bundle));
  g_assert_true (valise_document_set (document, "devices/disk[1]/readonly", "yes", NULL));
  valise_bundle_save (bundle, document, &error);
  g_assert_no_error (error);
  path = make_clone (self, "Reader", &choice);
  snapshot_fixture_check_images (path);
  g_assert_cmpint (snapshot_fixture_read (path), ==, 'A');
}

/* What both need stays as it is, whatever either does about its snapshots. */
static void
test_kept (SnapshotPlace *self, gconstpointer unused)
{
  g_autofree char *path = NULL;

  snapshot_fixture_write (self->path, 'A');
  path = make_linked (self, "A");
  snapshot_fixture_write (self->path, 'B');
  snapshot_fixture_delete (self->path, "A");
  g_assert_cmpint (snapshot_fixture_read (self->path), ==, 'B');
  g_assert_cmpint (snapshot_fixture_read (path), ==, 'A');
  g_assert_cmpuint (snapshot_fixture_count_images (self->path), ==, 4);
  /* Nor is it merged by what the clone deletes. */
  g_free (snapshot_fixture_take (path, "Aa"));
  snapshot_fixture_write (path, 'D');
  snapshot_fixture_delete (path, "Aa");
  g_assert_cmpint (snapshot_fixture_read (path), ==, 'D');
  g_assert_cmpint (snapshot_fixture_read (self->path), ==, 'B');
  /* Without the clone, the next delete merges what is left. */
  g_assert_true (valise_directory_remove (path, NULL));
  g_free (snapshot_fixture_take (self->path, "B"));
  snapshot_fixture_delete (self->path, "B");
  g_assert_cmpint (snapshot_fixture_read (self->path), ==, 'B');
  g_assert_cmpuint (snapshot_fixture_count_images (self->path), ==, 2);
}

/* Neither needs the other: not when it is gone, nor when it is taken elsewhere. */
static void
test_apart (SnapshotPlace *self, gconstpointer unused)
{
  g_autofree char *path = NULL, *moved = g_build_filename (self->root, "sub", "Moved.vmbundle", NULL);
  g_autofree char *folder = g_path_get_dirname (moved), *copy = NULL, *file = NULL, *out = NULL;
  g_autoptr (GError) error = NULL;

  snapshot_fixture_write (self->path, 'A');
  path = make_linked (self, "A");
  snapshot_fixture_write (path, 'C');
  g_assert_true (valise_directory_remove (self->path, NULL));
  g_assert_cmpint (snapshot_fixture_read (path), ==, 'C');
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  g_assert_cmpint (g_rename (path, moved), ==, 0);
  g_assert_cmpint (snapshot_fixture_read (moved), ==, 'C');
  copy = valise_bundle_copy (moved, self->root, "Copy", NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (snapshot_fixture_read (copy), ==, 'C');
  file = g_build_filename (self->root, "One.vmbundle.tar.zst", NULL);
  valise_archive_write (moved, file, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  out = valise_archive_read (file, self->root, "Out", NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (snapshot_fixture_read (out), ==, 'C');
}

/* What somebody else wrote to is noticed by both before they start. */
static void
test_changed (SnapshotPlace *self, gconstpointer unused)
{
  g_autofree char *path = NULL, *shared = g_build_filename (self->path, "disks", "data.img", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = NULL;
  int fd;

  snapshot_fixture_write (self->path, 'A');
  path = make_linked (self, "A");
  fd = open (shared, O_WRONLY | O_CLOEXEC);
  g_assert_cmpint (pwrite (fd, "?", 1, 100), ==, 1);
  close (fd);
  bundle = valise_bundle_open (path, NULL);
  g_assert_false (valise_snapshots_check (path, valise_bundle_get_document (bundle), &error));
  g_assert_error (error, VALISE_SNAPSHOT_ERROR, VALISE_SNAPSHOT_ERROR_CHANGED);
  assert_refused (self, &(ValiseCloneChoice){ .linked = TRUE }, VALISE_SNAPSHOT_ERROR, VALISE_SNAPSHOT_ERROR_CHANGED);
}

static void
detach (const char *path)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (path, NULL);
  g_autoptr (GError) error = NULL;

  valise_clone_detach (bundle, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
test_detach (SnapshotPlace *self, gconstpointer unused)
{
  g_autofree char *path = NULL;
  g_autoptr (ValiseBundle) bundle = NULL;

  snapshot_fixture_write (self->path, 'A');
  path = make_linked (self, "A");
  snapshot_fixture_write (path, 'C');
  detach (path);
  g_assert_cmpint (snapshot_fixture_read (path), ==, 'C');
  g_assert_cmpuint (snapshot_fixture_count_images (path), ==, 2);
  bundle = valise_bundle_open (path, NULL);
  g_assert_false (valise_clone_is_linked (bundle));
  g_assert_cmpint (snapshot_fixture_read (self->path), ==, 'A');
  g_assert_cmpuint (snapshot_fixture_check_all (self->path), ==, 1);
  /* Nobody else has them now, so deleting merges again. */
  snapshot_fixture_write (self->path, 'B');
  snapshot_fixture_delete (self->path, "A");
  g_assert_cmpuint (snapshot_fixture_count_images (self->path), ==, 2);
  g_assert_cmpint (snapshot_fixture_read (self->path), ==, 'B');
}

/* --- disks --- */

static GHashTable *
choose (const char *target, ValiseCloneDisk what)
{
  GHashTable *disks = g_hash_table_new (g_str_hash, g_str_equal);

  g_hash_table_insert (disks, (gpointer) target, GINT_TO_POINTER (what));
  return disks;
}

static void
test_disks (SnapshotPlace *self, gconstpointer unused)
{
  g_autoptr (GHashTable) leave = choose ("vdb", VALISE_CLONE_DISK_LEAVE);
  g_autoptr (GHashTable) share = choose ("vda", VALISE_CLONE_DISK_SHARE);
  g_autoptr (GHashTable) none = choose ("vdz", VALISE_CLONE_DISK_LEAVE);
  g_autoptr (ValiseBundle) bundle = NULL;
  g_autofree char *path = NULL;

  assert_refused (self, &(ValiseCloneChoice){ .disks = share }, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  assert_refused (self, &(ValiseCloneChoice){ .disks = none }, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  path = make_clone (self, "One", &(ValiseCloneChoice){ .disks = leave });
  bundle = valise_bundle_open (path, NULL);
  g_assert_cmpuint (valise_document_count (valise_bundle_get_document (bundle), "devices/disk"), ==, 1);
  g_assert_cmpuint (snapshot_fixture_count_images (path), ==, 1);
}

/* What lies elsewhere: a written one comes along, a read one is shared, and one that is read can be had as well. */
static void
test_outside (SnapshotPlace *self, gconstpointer unused)
{
  g_autofree char *raw = g_build_filename (self->root, "outside.img", NULL);
  g_autofree char *disc = g_build_filename (self->root, "a disc.iso", NULL);
  g_autofree char *written = g_strdup_printf ("<disk type='file' device='disk'><driver name='qemu' type='raw'/>"
                                              "<source file='%s'/><target dev='vdc' bus='virtio'/></disk>",
                                              raw);
  g_autofree char *read = g_strdup_printf ("<disk type='file' device='cdrom'><driver name='qemu' type='raw'/>"
                                           "<source file='%s'/><target dev='sda' bus='sata'/><readonly/></disk>",
                                           disc);
  g_autoptr (GHashTable) both = choose ("sda", VALISE_CLONE_DISK_CLONE);
  g_autofree char *path = NULL, *other = NULL, *third = NULL, *fourth = NULL, *inside = NULL;

  g_assert_true (g_file_set_contents (raw, "0123456789", 10, NULL));
  g_assert_cmpint (truncate (raw, 65536), ==, 0);
  g_assert_true (g_file_set_contents (disc, "a disc", -1, NULL));
  g_assert_cmpint (truncate (disc, 65536), ==, 0);
  add (self->path, written);
  add (self->path, read);
  path = make_clone (self, "One", &(ValiseCloneChoice){ 0 });
  third = get (path, "devices/disk[3]/source/@file");
  fourth = get (path, "devices/disk[4]/source/@file");
  g_assert_cmpstr (third, ==, "disks/vdc-outside.img");
  g_assert_cmpstr (fourth, ==, disc);
  inside = g_build_filename (path, third, NULL);
  g_assert_true (g_file_test (inside, G_FILE_TEST_IS_REGULAR));
  other = make_clone (self, "Two", &(ValiseCloneChoice){ .disks = both });
  g_free (fourth);
  fourth = get (other, "devices/disk[4]/source/@file");
  g_assert_cmpstr (fourth, ==, "media/sda-a disc.iso");
}

static void
test_cancel (SnapshotPlace *self, gconstpointer unused)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (self->path, NULL);
  const ValiseCloneChoice choice = { 0 };
  g_autoptr (ValiseClone) clone = valise_clone_begin (bundle, self->root, "No", &choice, TRUE, NULL, NULL);
  g_autoptr (GPtrArray) leftovers = NULL;
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_false (valise_clone_fill (clone, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_pointer (&clone, valise_clone_free);
  leftovers = valise_bundle_find_leftovers (self->root);
  g_assert_cmpuint (leftovers->len, ==, 0);
  g_assert_cmpint (snapshot_fixture_read (self->path), ==, '@');
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*func) (SnapshotPlace *, gconstpointer);
    gconstpointer data;
  } tests[] = {
    { "/bundle/clone/full", test_full, NULL },       { "/bundle/clone/policies", test_policies, NULL },
    { "/bundle/clone/moments", test_moments, NULL }, { "/bundle/clone/moments-linked", test_moments, "linked" },
    { "/bundle/clone/layered", test_layered, NULL }, { "/bundle/clone/linked", test_linked, NULL },
    { "/bundle/clone/guarded", test_guarded, NULL }, { "/bundle/clone/read-only", test_read_only, NULL },
    { "/bundle/clone/kept", test_kept, NULL },       { "/bundle/clone/apart", test_apart, NULL },
    { "/bundle/clone/changed", test_changed, NULL }, { "/bundle/clone/detach", test_detach, NULL },
    { "/bundle/clone/disks", test_disks, NULL },     { "/bundle/clone/outside", test_outside, NULL },
    { "/bundle/clone/cancel", test_cancel, NULL },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, SnapshotPlace, tests[i].data, snapshot_fixture_set_up, tests[i].func,
                snapshot_fixture_tear_down);
  return g_test_run ();
}
