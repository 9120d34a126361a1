/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-bring.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "base/valise-size.h"
#include "bundle/valise-bundle.h"

typedef struct
{
  char *directory;
  ValiseBundle *bundle;
  GHashTable *files;
} Place;

static void
place_set_up (Place *self, gconstpointer unused)
{
  self->directory = g_dir_make_tmp ("v-XXXXXX", NULL);
  self->bundle = valise_bundle_begin (self->directory, "machine", NULL);
  self->files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_assert_nonnull (self->bundle);
}

static void
place_tear_down (Place *self, gconstpointer unused)
{
  valise_bundle_abandon (self->bundle);
  valise_bundle_unref (self->bundle);
  g_hash_table_unref (self->files);
  g_assert_true (valise_directory_remove (self->directory, NULL));
  g_free (self->directory);
}

static char *
path_of (Place *self, const char *name)
{
  return g_build_filename (self->directory, name, NULL);
}

/* @size bytes, of which only the last few are there. */
static char *
write_sparse (Place *self, const char *name, goffset size)
{
  char *path = path_of (self, name);
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (pwrite (fd, "the end", 7, size - 7), ==, 7);
  close (fd);
  return path;
}

static gboolean
bring (Place *self, GError **error)
{
  return valise_bring_files (valise_bundle_get_path (self->bundle), self->files, NULL, NULL, error);
}

static void
test_sparse (Place *self, gconstpointer unused)
{
  g_autofree char *from = write_sparse (self, "big.raw", 64 * VALISE_MIB);
  g_autofree char *link = path_of (self, "link.raw");
  g_autofree char *copy = valise_bundle_file (self->bundle, "disks/root.raw");
  g_autoptr (GError) error = NULL;
  char end[8] = { 0 };
  struct stat st;
  int fd;

  g_assert_cmpint (symlink (from, link), ==, 0);
  g_hash_table_insert (self->files, g_strdup ("disks/root.raw"), g_strdup (link));
  g_assert_true (bring (self, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_stat (copy, &st), ==, 0);
  g_assert_true (S_ISREG (st.st_mode));
  g_assert_cmpint (st.st_size, ==, 64 * VALISE_MIB);
  g_assert_cmpint (st.st_blocks * 512, <, VALISE_MIB);
  fd = open (copy, O_RDONLY | O_CLOEXEC);
  g_assert_cmpint (pread (fd, end, 7, st.st_size - 7), ==, 7);
  g_assert_cmpstr (end, ==, "the end");
  close (fd);
}

/* QEMU's own lock, as a machine that writes to the disk has it. */
static void
test_in_use (Place *self, gconstpointer unused)
{
  g_autofree char *from = write_sparse (self, "used.raw", VALISE_MIB);
  struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = 101, .l_len = 1 };
  int fd = open (from, O_RDWR | O_CLOEXEC);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (fcntl (fd, F_OFD_SETLK, &lock), ==, 0);
  g_hash_table_insert (self->files, g_strdup ("disks/root.raw"), g_strdup (from));
  g_assert_false (bring (self, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_assert_nonnull (strstr (error->message, from));
  g_clear_error (&error);
  close (fd);
  g_assert_true (bring (self, &error));
}

static void
test_unreadable (Place *self, gconstpointer unused)
{
  g_autofree char *fifo = path_of (self, "fifo");
  static const char *const names[] = { "gone", "fifo", "." };

  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;

      g_hash_table_remove_all (self->files);
      g_hash_table_insert (self->files, g_strdup ("media/kernel"), path_of (self, names[i]));
      g_assert_false (bring (self, &error));
      g_assert_nonnull (strstr (error->message, names[i]));
    }
}

static void
test_kernel (Place *self, gconstpointer unused)
{
  static const char text[] = "<domain type='qemu'><name>m</name><os><type>hvm</type><kernel>/a/image</kernel>"
                             "<initrd>/b/image</initrd><dtb>media/there</dtb></os></domain>";
  g_autoptr (ValiseDocument) document = valise_document_new (text, -1, "m", NULL);
  g_autofree char *kernel = NULL;
  g_autofree char *initrd = NULL;
  g_autofree char *dtb = NULL;

  g_assert_true (valise_bring_kernel (document, self->files, NULL));
  kernel = valise_document_get (document, "os/kernel");
  initrd = valise_document_get (document, "os/initrd");
  dtb = valise_document_get (document, "os/dtb");
  g_assert_cmpuint (g_hash_table_size (self->files), ==, 2);
  g_assert_cmpstr (kernel, !=, initrd);
  g_assert_cmpstr (g_hash_table_lookup (self->files, kernel), ==, "/a/image");
  g_assert_cmpstr (g_hash_table_lookup (self->files, initrd), ==, "/b/image");
  g_assert_cmpstr (dtb, ==, "media/there");
}

#define ADD(path, func) g_test_add ("/bundle/bring/" path, Place, NULL, place_set_up, func, place_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("sparse", test_sparse);
  ADD ("in-use", test_in_use);
  ADD ("unreadable", test_unreadable);
  ADD ("kernel", test_kernel);
  return g_test_run ();
}
