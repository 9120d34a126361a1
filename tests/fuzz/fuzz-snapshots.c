/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Snapshots of a stranger's bundle. Input: the record of one; after a NUL, if there is one, that of another; after one
 * more what is said to have been begun with them. */
#include "bundle/valise-snapshot-private.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "bundle/valise-bundle-private.h"
#include "bundle/valise-forms.h"

#define FIRST "0123456789ab"
#define SECOND "ba9876543210"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static const char settings[] =
    "<domain type='kvm'><name>Box</name><memory>1048576</memory><os><type>hvm</type></os>"
    "<devices><disk type='file' device='disk'><driver name='qemu' type='raw'/>"
    "<source file='disks/root.raw'/><target dev='vda' bus='virtio'/></disk></devices></domain>";

static void
write_file (const char *directory, const char *name, const void *data, gsize size)
{
  g_autofree char *file = g_build_filename (directory, name, NULL);
  g_autofree char *folder = g_path_get_dirname (file);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (
      g_file_set_contents_full (file, size > 0 ? data : "", (gssize) size, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

static const guint8 *
write_part (const char *directory, const char *name, const guint8 *data, const guint8 *end)
{
  const guint8 *stop = data < end ? memchr (data, '\0', (gsize) (end - data)) : NULL;

  if (stop == NULL)
    stop = end;
  if (stop > data)
    write_file (directory, name, data, (gsize) (stop - data));
  return MIN (stop + 1, end);
}

static void
list (const char *path)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (path, NULL);
  g_autoptr (GPtrArray) snapshots = bundle != NULL ? valise_snapshots_list (bundle, NULL) : NULL;
  g_autoptr (GPtrArray) images = valise_snapshots_list_images (path, NULL);

  for (guint i = 0; snapshots != NULL && i < snapshots->len; i++)
    {
      const ValiseSnapshot *snapshot = snapshots->pdata[i];

      g_assert_true (g_utf8_validate (snapshot->name, -1, NULL));
      for (guint j = 0; j < snapshot->disks->len; j++)
        g_assert_true (valise_path_is_plain_relative (((ValiseSnapshotDisk *) snapshot->disks->pdata[j])->file));
    }
}

/* What lies beside the bundle stays, and what is not a disk's in it. */
static void
check_kept (const char *root, const char *path)
{
  g_autofree char *outside = g_build_filename (root, "outside", NULL);
  g_autofree char *config = g_build_filename (path, VALISE_BUNDLE_CONFIG, NULL);

  g_assert_true (g_file_test (outside, G_FILE_TEST_IS_REGULAR));
  g_assert_true (g_file_test (config, G_FILE_TEST_IS_REGULAR));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *root =
      g_strdup_printf ("%s/v-fuzz-%d", g_file_test ("/dev/shm", G_FILE_TEST_IS_DIR) ? "/dev/shm" : g_get_tmp_dir (),
                       getpid ());
  g_autofree char *path = g_build_filename (root, "box.vmbundle", NULL);
  const guint8 *end = data + size;
  g_autofree char *said = NULL;

  write_file (root, "outside", "kept", 4);
  write_file (path, VALISE_BUNDLE_CONFIG, settings, strlen (settings));
  write_file (path, "disks/root.raw", "disk", 4);
  data = write_part (path, "snapshots/" FIRST "/snapshot.xml", data, end);
  data = write_part (path, "snapshots/" SECOND "/snapshot.xml", data, end);
  write_part (path, "snapshots/.journal", data, end);
  list (path);
  valise_snapshots_settle (path, &said, NULL);
  check_kept (root, path);
  list (path);
  g_assert_true (valise_directory_remove (root, NULL));
  return 0;
}
