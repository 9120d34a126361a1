/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The reader of single-file bundles. Input: a tar, which is compressed here so that damage reaches the tar reader and
 * not only zstd's checksum; or, when it starts with zstd's magic, the file itself. */
#include "base/valise-path.h"
#include "bundle/valise-archive.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static const char *
work_directory (void)
{
  static char *directory = NULL;

  if (directory == NULL)
    directory =
        g_strdup_printf ("%s/v-fuzz-%d", g_file_test ("/dev/shm", G_FILE_TEST_IS_DIR) ? "/dev/shm" : g_get_tmp_dir (),
                         getpid ());
  return directory;
}

static void
write_input (const char *file, const guint8 *data, gsize size)
{
  gsize bound = ZSTD_compressBound (size);
  g_autofree char *frame = NULL;

  if (size >= 4 && memcmp (data, "\x28\xb5\x2f\xfd", 4) == 0)
    {
      g_assert_true (g_file_set_contents_full (file, (const char *) data, size, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
      return;
    }
  frame = g_malloc (bound);
  size = ZSTD_compress (frame, bound, data, size, 1);
  g_assert_true (g_file_set_contents_full (file, frame, size, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

/* Whatever was refused left nothing; whatever was taken opens. */
static void
check_outcome (const char *library, const char *path, GError *error)
{
  g_autoptr (GDir) dir = g_dir_open (library, 0, NULL);

  g_assert_true ((path == NULL) == (error != NULL));
  if (path == NULL)
    {
      g_assert_true (dir == NULL || g_dir_read_name (dir) == NULL);
      return;
    }
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (path, NULL);
  g_assert_nonnull (bundle);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *file = g_build_filename (work_directory (), "in.vmbundle.tar.zst", NULL);
  g_autofree char *library = g_build_filename (work_directory (), "library", NULL);
  g_autofree char *outside = g_build_filename (work_directory (), "evil", NULL);
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (work_directory (), 0700), ==, 0);
  write_input (file, data, size);
  path = valise_archive_read (file, library, NULL, NULL, NULL, &error);
  check_outcome (library, path, error);
  g_assert_false (g_file_test (outside, G_FILE_TEST_EXISTS));
  g_assert_true (valise_directory_remove (work_directory (), NULL));
  return 0;
}
