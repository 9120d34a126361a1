/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "snapshot-fixture.h"

#include "base/valise-path.h"
#include "base/valise-size.h"
#include "bundle/valise-image-chain.h"
#include "bundle/valise-snapshot-private.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define DISK_BYTES (2 * VALISE_MIB)
#define NOTED "description"

static const char devices[] = "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>"
                              "<source file='disks/root.qcow2'/><target dev='vda' bus='virtio'/></disk>";
static const char second[] = "<disk type='file' device='disk'><driver name='qemu' type='raw'/>"
                             "<source file='disks/data.img'/><target dev='vdb' bus='virtio'/></disk>";

static char *
run (const char *const *argv, int *status)
{
  g_autoptr (GError) error = NULL;
  char *output = NULL;

  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL,
                               &output, NULL, status, &error));
  g_assert_no_error (error);
  return output;
}

/* At the beginning, and at a place of the letter's own, so that images above one another hold different pieces. */
static void
write_disk (const char *image, const char *format, char letter)
{
  g_autofree char *first = g_strdup_printf ("write -P %d 0 4096", letter);
  g_autofree char *other = g_strdup_printf ("write -P %d %d 4096", letter, 65536 * (1 + letter % 16));
  const char *const argv[] = { "qemu-io", "-f", format, "-c", first, "-c", other, image, NULL };
  int status = -1;
  g_autofree char *output = run (argv, &status);

  g_assert_cmpint (status, ==, 0);
}

static guint64
get64 (int fd, goffset at)
{
  guint64 value = 0;

  g_assert_cmpint (pread (fd, &value, sizeof value, at), ==, sizeof value);
  return GUINT64_FROM_BE (value);
}

/* Where the first cluster of a qcow2 image is in its file, or 0 when it is below. */
static goffset
find_first_cluster (int fd)
{
  guint64 table = get64 (fd, get64 (fd, 40)) & 0x00fffffffffffe00;

  return table != 0 ? get64 (fd, table) & 0x00fffffffffffe00 : 0;
}

/* With a reader of one's own, since QEMU's would have to be started for each of thousands of looks. */
static char
read_disk (const char *image, const char *format)
{
  g_autoptr (GPtrArray) layers = NULL;
  g_autoptr (ValiseImageInfo) info = valise_image_inspect_chain (image, format, &layers, NULL);
  const char *path = image;
  char letter = 0;
  goffset at = 0;

  g_assert_nonnull (info);
  for (guint i = 0;; i++)
    {
      int fd = open (path, O_RDONLY | O_CLOEXEC);
      gboolean whole = g_str_equal (format, "raw");

      at = whole ? 0 : find_first_cluster (fd);
      if (whole || at != 0)
        g_assert_cmpint (pread (fd, &letter, 1, at), ==, 1);
      close (fd);
      if (whole || at != 0 || i == layers->len)
        return letter;
      path = ((ValiseImageLayer *) layers->pdata[i])->path;
      format = ((ValiseImageLayer *) layers->pdata[i])->format;
    }
}

static void
check_image (const char *image)
{
  const char *const argv[] = { "qemu-img", "check", "-q", "-f", "qcow2", image, NULL };
  int status = -1;
  g_autofree char *output = run (argv, &status);

  /* Clusters that nobody uses any more, which is all that a kill may leave, are 3. */
  if (WEXITSTATUS (status) != 3)
    g_assert_cmpint (status, ==, 0);
}

static void
write_text (const char *path, const char *relative, char letter)
{
  g_autofree char *file = g_build_filename (path, relative, NULL);
  g_autofree char *folder = g_path_get_dirname (file);
  char text[2] = { letter, '\0' };

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, text, 1, NULL));
}

static char
read_text (const char *path, const char *relative)
{
  g_autofree char *file = g_build_filename (path, relative, NULL);
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (file, &text, NULL, NULL));
  return text[0];
}

char *
snapshot_fixture_make (const char *directory)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = valise_bundle_begin (directory, "Snapped", &error);
  g_autoptr (ValiseDocument) document = NULL;
  g_autofree char *root = NULL, *data = NULL;

  g_assert_no_error (error);
  root = valise_bundle_file (bundle, "disks/root.qcow2");
  data = valise_bundle_file (bundle, "disks/data.img");
  g_assert_true (valise_image_create (root, "qcow2", DISK_BYTES, NULL, NULL));
  g_assert_true (valise_image_create (data, "raw", DISK_BYTES, NULL, NULL));
  document = valise_document_copy (valise_bundle_get_document (bundle));
  g_assert_true (valise_document_add_fragment (document, "devices", devices, NULL));
  g_assert_true (valise_document_add_fragment (document, "devices", second, NULL));
  g_assert_true (valise_document_set (document, "os/nvram", "nvram/vars.fd", NULL));
  g_assert_true (valise_bundle_commit (bundle, document, NULL));
  snapshot_fixture_write (valise_bundle_get_path (bundle), '@');
  return g_strdup (valise_bundle_get_path (bundle));
}

void
snapshot_fixture_write (const char *path, char letter)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (path, NULL);
  g_autoptr (ValiseDocument) document = valise_document_copy (valise_bundle_get_document (bundle));
  g_autoptr (GError) error = NULL;
  char text[2] = { letter, '\0' };

  for (guint i = 1; i <= 2; i++)
    {
      g_autofree char *file = valise_document_get_device (document, "disk", i, "source/@file");
      g_autofree char *format = valise_document_get_device (document, "disk", i, "driver/@type");
      g_autofree char *image = valise_bundle_file (bundle, file);

      write_disk (image, format, letter);
    }
  write_text (path, "nvram/vars.fd", letter);
  write_text (path, "tpm/tpm2-00.permall", letter);
  g_assert_true (valise_document_set (document, NOTED, text, NULL));
  valise_bundle_save (bundle, document, &error);
  g_assert_no_error (error);
}

static void
assert_chain (const char *image, const char *format)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) layers = NULL;
  g_autoptr (ValiseImageInfo) info = valise_image_inspect_chain (image, format, &layers, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (info->virtual_size, ==, DISK_BYTES);
}

char
snapshot_fixture_read (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (path, &error);
  ValiseDocument *document;
  g_autofree char *noted = NULL;

  g_assert_no_error (error);
  document = valise_bundle_get_document (bundle);
  valise_snapshots_check (path, document, &error);
  g_assert_no_error (error);
  noted = valise_document_get (document, NOTED);
  for (guint i = 1; i <= 2; i++)
    {
      g_autofree char *file = valise_document_get_device (document, "disk", i, "source/@file");
      g_autofree char *format = valise_document_get_device (document, "disk", i, "driver/@type");
      g_autofree char *image = valise_bundle_file (bundle, file);

      assert_chain (image, format);
      g_assert_cmpint (read_disk (image, format), ==, noted[0]);
    }
  g_assert_cmpint (read_text (path, "nvram/vars.fd"), ==, noted[0]);
  g_assert_cmpint (read_text (path, "tpm/tpm2-00.permall"), ==, noted[0]);
  return noted[0];
}

static void
check_one (ValiseBundle *bundle, const ValiseSnapshot *snapshot)
{
  char letter = snapshot->name[0];
  g_autofree char *folder = valise_snapshot_file (bundle, snapshot->id, ".");
  g_autoptr (ValiseDocument) document = valise_snapshot_read_document (bundle, snapshot->id, NULL);
  g_autofree char *noted = valise_document_get (document, NOTED);

  g_assert_cmpint (noted[0], ==, letter);
  g_assert_cmpint (read_text (folder, "vars.fd"), ==, letter);
  g_assert_cmpint (read_text (folder, "tpm/tpm2-00.permall"), ==, letter);
  g_assert_cmpuint (snapshot->disks->len, ==, 2);
  for (guint i = 0; i < snapshot->disks->len; i++)
    {
      const ValiseSnapshotDisk *disk = snapshot->disks->pdata[i];
      g_autofree char *image = valise_bundle_file (bundle, disk->file);

      assert_chain (image, disk->format);
      g_assert_true (_valise_image_stamp_fits (image, &disk->stamp));
      g_assert_cmpint (read_disk (image, disk->format), ==, letter);
    }
}

guint
snapshot_fixture_check_all (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (path, &error);
  g_autoptr (GPtrArray) snapshots = valise_snapshots_list (bundle, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < snapshots->len; i++)
    check_one (bundle, snapshots->pdata[i]);
  return snapshots->len;
}

char *
snapshot_fixture_take (const char *path, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (path, NULL);
  g_autoptr (ValiseSnapshotTaking) taking = valise_snapshot_begin (bundle, name, "a note", NULL, &error);
  char *id;

  g_assert_no_error (error);
  id = valise_snapshot_taking_commit (taking, VALISE_SNAPSHOT_MEMORY_NONE, &error);
  g_assert_no_error (error);
  return id;
}

char *
snapshot_fixture_find (const char *path, const char *name)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (path, NULL);
  g_autoptr (GPtrArray) snapshots = valise_snapshots_list (bundle, NULL);
  g_autoptr (GError) error = NULL;
  ValiseSnapshot *snapshot = valise_snapshots_find (snapshots, name, &error);

  g_assert_no_error (error);
  return g_strdup (snapshot->id);
}

void
snapshot_fixture_revert (const char *path, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (path, NULL);
  g_autofree char *id = snapshot_fixture_find (path, name);

  valise_snapshot_revert (bundle, id, TRUE, NULL, &error);
  g_assert_no_error (error);
}

void
snapshot_fixture_delete (const char *path, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (path, NULL);
  g_autofree char *id = snapshot_fixture_find (path, name);

  valise_snapshot_delete (bundle, id, NULL, NULL, &error);
  g_assert_no_error (error);
}

void
snapshot_fixture_check_images (const char *path)
{
  g_autofree char *disks = g_build_filename (path, "disks", NULL);
  g_autoptr (GDir) directory = g_dir_open (disks, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (directory)) != NULL)
    if (g_str_has_suffix (name, ".qcow2"))
      {
        g_autofree char *image = g_build_filename (disks, name, NULL);

        check_image (image);
      }
}

guint
snapshot_fixture_count_images (const char *path)
{
  g_autofree char *disks = g_build_filename (path, "disks", NULL);
  g_autoptr (GDir) directory = g_dir_open (disks, 0, NULL);
  guint count = 0;

  while (g_dir_read_name (directory) != NULL)
    count++;
  return count;
}

void
snapshot_fixture_set_up (SnapshotPlace *self, gconstpointer unused)
{
  self->root = g_dir_make_tmp ("v-XXXXXX", NULL);
  self->path = snapshot_fixture_make (self->root);
}

void
snapshot_fixture_tear_down (SnapshotPlace *self, gconstpointer unused)
{
  g_assert_true (valise_directory_remove (self->root, NULL));
  g_free (self->root);
  g_free (self->path);
}

void
snapshot_fixture_take_one (SnapshotPlace *self, const char *name)
{
  g_autofree char *id = snapshot_fixture_take (self->path, name);

  g_assert_true (_valise_snapshot_is_id (id));
}

void
snapshot_fixture_assert_refused (const char *path, int code)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (path, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (valise_snapshots_check (path, valise_bundle_get_document (bundle), &error));
  if (code < 0)
    g_assert_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_MISSING);
  else
    g_assert_error (error, VALISE_SNAPSHOT_ERROR, code);
}

guint
snapshot_fixture_count_hidden (const char *path)
{
  g_autoptr (GPtrArray) all = _valise_snapshots_read_all (path, NULL);
  guint count = 0;

  for (guint i = 0; i < all->len; i++)
    count += ((const ValiseSnapshot *) all->pdata[i])->hidden;
  return count;
}

char *
snapshot_fixture_frozen_image (const char *path, const char *name)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (path, NULL);
  g_autoptr (GPtrArray) snapshots = valise_snapshots_list (bundle, NULL);
  ValiseSnapshot *snapshot = valise_snapshots_find (snapshots, name, NULL);

  return valise_bundle_file (bundle, ((ValiseSnapshotDisk *) snapshot->disks->pdata[0])->file);
}

void
snapshot_fixture_write_byte (const char *path, off_t at, char byte)
{
  int fd = open (path, O_WRONLY | O_CLOEXEC);

  g_assert_cmpint (pwrite (fd, &byte, 1, at), ==, 1);
  close (fd);
}
