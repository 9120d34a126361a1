/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-space.h"

#include "base/valise-path.h"
#include "bundle/valise-bundle.h"
#include "bundle/valise-snapshot-private.h"
#include "bundle/valise-space-blocks-private.h"
#include "snapshot-fixture.h"

#include <glib/gstdio.h>
#include <unistd.h>

#define MIB (1024 * 1024)

static const ValiseSpacePart *
find (GPtrArray *parts, ValiseSpaceKind kind, const char *name)
{
  for (guint i = 0; i < parts->len; i++)
    {
      const ValiseSpacePart *part = parts->pdata[i];

      if (part->kind == kind && (name == NULL || g_str_equal (part->name, name)))
        return part;
    }
  return NULL;
}

static GPtrArray *
measure (const char *path)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *parts = valise_space_measure (path, NULL, &error);

  g_assert_no_error (error);
  return parts;
}

static void
put (const char *path, const char *relative, gsize bytes)
{
  g_autofree char *file = g_build_filename (path, relative, NULL);
  g_autofree char *data = g_malloc (bytes);

  memset (data, 'x', bytes);
  g_assert_true (g_file_set_contents (file, data, (gssize) bytes, NULL));
}

static guint64
du (const char *path)
{
  g_autofree char *command = g_strdup_printf ("sh -c 'find \"%s\" ! -type d -links 1 -printf \"%%b\\n\"; "
                                              "find \"%s\" ! -type d -links +1 -printf \"%%b %%i\\n\" | sort -u'",
                                              path, path);
  g_autofree char *out = NULL;
  g_auto (GStrv) lines = NULL;
  guint64 sum = 0;

  g_assert_true (g_spawn_command_line_sync (command, &out, NULL, NULL, NULL));
  lines = g_strsplit (out, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    sum += g_ascii_strtoull (lines[i], NULL, 10) * 512;
  return sum;
}

/* Every block of the folder is somebody's, and once. */
static void
test_parts (void)
{
  g_autofree char *root = g_dir_make_tmp ("v-XXXXXX", NULL);
  g_autofree char *path = snapshot_fixture_make (root);
  g_autofree char *first = snapshot_fixture_take (path, "first");
  g_autofree char *state = g_build_filename (path, "state", NULL);
  g_autofree char *memory = g_build_filename (path, "state", "suspend.save", NULL);
  g_autofree char *second_name = g_build_filename (path, "snapshots", first, "memory", NULL);
  g_autoptr (GPtrArray) parts = NULL;
  const ValiseSpacePart *disk;

  snapshot_fixture_write (path, 'B');
  g_assert_cmpint (g_mkdir_with_parents (state, 0700), ==, 0);
  put (path, "state/suspend.save", 3 * MIB);
  g_assert_cmpint (link (memory, second_name), ==, 0);
  put (path, "logs/qemu.log", 5000);
  put (path, "disks/forgotten.qcow2", 2 * MIB);
  parts = measure (path);
  g_assert_cmpuint (valise_space_total (parts), ==, du (path));
  disk = find (parts, VALISE_SPACE_DISK, NULL);
  g_assert_nonnull (disk);
  g_assert_cmpuint (disk->most, >, 0);
  g_assert_nonnull (find (parts, VALISE_SPACE_SNAPSHOT, "first"));
  g_assert_cmpuint (find (parts, VALISE_SPACE_LOGS, "logs")->taken, ==, 8192);
  g_assert_nonnull (find (parts, VALISE_SPACE_FIRMWARE, NULL));
  /* The memory has two names, and was counted with the one that was met first. */
  g_assert_cmpuint ((find (parts, VALISE_SPACE_MEMORY, NULL) != NULL ? find (parts, VALISE_SPACE_MEMORY, NULL)->taken
                                                                     : 0)
                        + find (parts, VALISE_SPACE_SNAPSHOT, "first")->taken,
                    >=, 3 * MIB);
  g_assert_cmpuint (find (parts, VALISE_SPACE_ORPHAN, "disks/forgotten.qcow2")->taken, ==, 2 * MIB);
  g_assert_false (find (parts, VALISE_SPACE_ORPHAN, "disks/forgotten.qcow2")->undone);
  g_assert_true (valise_directory_remove (root, NULL));
}

/* A disk that was taken out of the settings is nobody's, but can still be had back with the last version of them. */
static void
test_undone (void)
{
  g_autofree char *root = g_dir_make_tmp ("v-XXXXXX", NULL);
  g_autofree char *path = snapshot_fixture_make (root);
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (path, NULL);
  g_autoptr (ValiseDocument) document = valise_document_copy (valise_bundle_get_document (bundle));
  g_autofree char *file = valise_document_get_device (document, "disk", 1, "source/@file");
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) parts = NULL;

  g_assert_true (valise_document_unset (document, "devices/disk[1]", NULL));
  valise_bundle_save (bundle, document, &error);
  g_assert_no_error (error);
  parts = measure (path);
  g_assert_true (find (parts, VALISE_SPACE_ORPHAN, file)->undone);
  g_assert_true (valise_directory_remove (root, NULL));
}

/* Two branches; of the record between the images of the other one only the image is left. */
static void
test_between (SnapshotPlace *self, gconstpointer unused)
{
  g_autofree char *middle = NULL, *id = NULL, *folder = NULL;
  g_autoptr (GPtrArray) parts = NULL;

  for (const char *const *name = (const char *const[]){ "a", "b", "c", NULL }; *name != NULL; name++)
    {
      snapshot_fixture_write (self->path, **name);
      snapshot_fixture_take_one (self, *name);
    }
  snapshot_fixture_revert (self->path, "a");
  middle = snapshot_fixture_frozen_image (self->path, "b");
  id = snapshot_fixture_find (self->path, "b");
  folder = g_build_filename (self->path, "snapshots", id, NULL);
  g_assert_true (valise_directory_remove (folder, NULL));
  parts = measure (self->path);
  g_assert_null (find (parts, VALISE_SPACE_ORPHAN, strstr (middle, "disks/")));
  g_assert_null (find (parts, VALISE_SPACE_ORPHAN, NULL));
}

/* While two images become one, the upper one may be in no chain, and is still the only whole one. */
static void
test_upper (SnapshotPlace *self, gconstpointer unused)
{
  g_autoptr (GPtrArray) snapshots = NULL, parts = NULL;
  g_autofree char *folder = NULL;
  ValiseSnapshot *snapshot;

  snapshot_fixture_take_one (self, "a");
  snapshots = _valise_snapshots_read_all (self->path, NULL);
  snapshot = snapshots->pdata[0];
  snapshot->hidden = TRUE;
  ((ValiseSnapshotDisk *) snapshot->disks->pdata[0])->upper = g_strdup ("disks/upper.qcow2");
  folder = _valise_snapshot_folder (self->path, snapshot->id);
  g_assert_true (_valise_snapshot_write (folder, snapshot, NULL));
  put (self->path, "disks/upper.qcow2", MIB);
  put (self->path, "disks/forgotten.qcow2", MIB);
  parts = measure (self->path);
  g_assert_null (find (parts, VALISE_SPACE_ORPHAN, "disks/upper.qcow2"));
  g_assert_nonnull (find (parts, VALISE_SPACE_ORPHAN, "disks/forgotten.qcow2"));
}

/* What it builds on may be anything that lies beside it. */
static void
test_unreadable (SnapshotPlace *self, gconstpointer unused)
{
  g_autofree char *frozen = NULL;
  g_autoptr (GPtrArray) parts = NULL;

  snapshot_fixture_take_one (self, "a");
  put (self->path, "disks/forgotten.qcow2", MIB);
  put (self->path, "stray", MIB);
  frozen = snapshot_fixture_frozen_image (self->path, "a");
  snapshot_fixture_write_byte (frozen, 0, 'x');
  parts = measure (self->path);
  g_assert_null (find (parts, VALISE_SPACE_ORPHAN, "disks/forgotten.qcow2"));
  g_assert_nonnull (find (parts, VALISE_SPACE_ORPHAN, "stray"));
}

static const struct
{
  guint64 device, start, end, counted;
} ranges[] = {
  { 1, 100, 200, 100 }, { 1, 100, 200, 0 }, { 1, 150, 250, 50 },  { 2, 100, 200, 100 }, { 1, 0, 300, 150 },
  { 1, 40, 60, 0 },     { 1, 300, 300, 0 }, { 1, 400, 500, 100 }, { 1, 290, 510, 110 }, { 2, 0, 1000, 900 },
};

/* What files share counts for the first of them. */
static void
test_shared (void)
{
  g_autoptr (ValiseSpaceBlocks) blocks = _valise_space_blocks_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (ranges); i++)
    g_assert_cmpuint (_valise_space_blocks_take_range (blocks, ranges[i].device, ranges[i].start, ranges[i].end), ==,
                      ranges[i].counted);
}

static void
test_errors (void)
{
  g_autofree char *root = g_dir_make_tmp ("v-XXXXXX", NULL);
  g_autofree char *path = snapshot_fixture_make (root);
  g_autofree char *first = snapshot_fixture_take (path, "first");
  g_autofree char *record = g_build_filename (path, "snapshots", first, "snapshot.xml", NULL);
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancelled);
  g_assert_null (valise_space_measure (path, cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_true (g_file_set_contents (record, "<", 1, NULL));
  g_assert_null (valise_space_measure (path, NULL, &error));
  g_assert_error (error, VALISE_SNAPSHOT_ERROR, VALISE_SNAPSHOT_ERROR_DAMAGED);
  g_clear_error (&error);
  g_assert_null (valise_space_measure (root, NULL, &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_NOT_A_BUNDLE);
  g_assert_true (valise_directory_remove (root, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bundle/space/parts", test_parts);
  g_test_add_func ("/bundle/space/undone", test_undone);
  g_test_add ("/bundle/space/between", SnapshotPlace, NULL, snapshot_fixture_set_up, test_between,
              snapshot_fixture_tear_down);
  g_test_add ("/bundle/space/upper", SnapshotPlace, NULL, snapshot_fixture_set_up, test_upper,
              snapshot_fixture_tear_down);
  g_test_add ("/bundle/space/unreadable", SnapshotPlace, NULL, snapshot_fixture_set_up, test_unreadable,
              snapshot_fixture_tear_down);
  g_test_add_func ("/bundle/space/shared", test_shared);
  g_test_add_func ("/bundle/space/errors", test_errors);
  return g_test_run ();
}
