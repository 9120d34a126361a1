/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/valise-path.h"
#include "base/valise-size.h"
#include "bundle/valise-bundle.h"
#include "bundle/valise-image-convert.h"
#include "bundle/valise-image.h"
#include "place.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
place_set_up (Place *self, gconstpointer unused)
{
  place_begin (self, "disk.img");
}

static void
run (const char *const *argv)
{
  g_autoptr (GError) error = NULL;
  int status = 0;

  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL,
                               NULL, NULL, &status, &error));
  g_assert_no_error (error);
  g_assert_true (g_spawn_check_wait_status (status, NULL));
}

static void
patch (const char *file, goffset at, const void *bytes, gsize length)
{
  int fd = open (file, O_WRONLY | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (pwrite (fd, bytes, length, at), ==, length);
  close (fd);
}

static void
test_create (Place *self, gconstpointer unused)
{
  static const struct
  {
    const char *name, *format;
    guint64 bytes, expected;
  } cases[] = {
    { "root.qcow2", "qcow2", 20 * VALISE_GIB, 20 * VALISE_GIB },
    { "root.img", "raw", 20 * VALISE_GIB, 20 * VALISE_GIB },
    { "odd.qcow2", "qcow2", 1000, 1024 },
    { "odd.img", "raw", 1, 512 },
    { "a,b=c.qcow2", "qcow2", VALISE_MIB, VALISE_MIB },
    { "nbd:host:10809", "qcow2", VALISE_MIB, VALISE_MIB },
    { "json:{}", "qcow2", VALISE_MIB, VALISE_MIB },
    { "-f", "qcow2", VALISE_MIB, VALISE_MIB },
    { "with space % \xf0\x9f\x90\xa7.qcow2", "qcow2", VALISE_MIB, VALISE_MIB },
    { "huge.qcow2", "qcow2", G_GUINT64_CONSTANT (1) << 46, G_GUINT64_CONSTANT (1) << 46 },
  };

  g_test_summary ("Images are sparse, private, of the size asked for, whatever their name says to qemu-img");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *file = g_build_filename (self->directory, cases[i].name, NULL);
      g_autoptr (ValiseImageInfo) info = NULL;
      struct stat st;

      g_assert_true (valise_image_create (file, cases[i].format, cases[i].bytes, NULL, &error));
      g_assert_no_error (error);
      info = valise_image_inspect (file, cases[i].format, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (info->format, ==, cases[i].format);
      g_assert_cmpuint (info->virtual_size, ==, cases[i].expected);
      g_assert_cmpuint (info->actual_size, <, 4 * VALISE_MIB);
      g_assert_cmpint (stat (file, &st), ==, 0);
      g_assert_cmpint (st.st_mode & 0777, ==, 0600);
    }
  g_assert_cmpuint (place_count (self->directory), ==, G_N_ELEMENTS (cases));
}

static void
test_create_refused (Place *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *nowhere = g_build_filename (self->directory, "none", "disk.qcow2", NULL);

  g_test_summary ("Nothing is left of what could not be made, and nothing is overwritten");
  g_assert_false (valise_image_create (self->file, "qcow2", 0, NULL, &error));
  g_assert_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_SIZE);
  g_clear_error (&error);
  g_assert_false (valise_image_create (self->file, "qcow2", G_GUINT64_CONSTANT (1) << 60, NULL, &error));
  g_assert_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_SIZE);
  g_clear_error (&error);
  g_assert_false (valise_image_create (self->file, "vmdk", VALISE_MIB, NULL, &error));
  g_assert_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_FORMAT);
  g_clear_error (&error);
  g_assert_false (valise_image_create (nowhere, "qcow2", VALISE_MIB, NULL, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_cancellable_cancel (cancellable);
  g_assert_false (valise_image_create (self->file, "qcow2", VALISE_MIB, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_cmpuint (place_count (self->directory), ==, 0);

  g_assert_true (g_file_set_contents (self->file, "mine", -1, NULL));
  g_assert_false (valise_image_create (self->file, "raw", VALISE_MIB, NULL, &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_EXISTS);
  g_assert_cmpuint (place_count (self->directory), ==, 1);
}

static void
test_grow (Place *self, gconstpointer data)
{
  const char *format = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseImageInfo) info = NULL;

  g_test_summary ("Disks grow and never shrink");
  g_assert_true (valise_image_create (self->file, format, VALISE_GIB, NULL, &error));
  g_assert_true (valise_image_grow (self->file, format, 3 * VALISE_GIB, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (valise_image_grow (self->file, format, 3 * VALISE_GIB, NULL, &error));
  g_assert_false (valise_image_grow (self->file, format, VALISE_GIB, NULL, &error));
  g_assert_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_SIZE);
  info = valise_image_inspect (self->file, format, NULL);
  g_assert_cmpuint (info->virtual_size, ==, 3 * VALISE_GIB);
}

static void
test_no_plain_file (Place *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *target = g_build_filename (self->directory, "target", NULL);

  g_test_summary ("A missing file is missing; links, FIFOs and folders are not opened and do not hang");
  g_assert_null (valise_image_inspect (self->file, "raw", &error));
  g_assert_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_MISSING);
  g_clear_error (&error);
  g_assert_cmpint (mkfifo (self->file, 0600), ==, 0);
  g_assert_null (valise_image_inspect (self->file, "raw", &error));
  g_assert_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_UNSAFE);
  g_clear_error (&error);
  unlink (self->file);
  g_assert_true (g_file_set_contents (target, "secret", -1, NULL));
  g_assert_cmpint (symlink (target, self->file), ==, 0);
  g_assert_null (valise_image_inspect (self->file, "raw", &error));
  g_assert_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_UNSAFE);
  g_clear_error (&error);
  g_assert_null (valise_image_inspect (self->directory, "raw", &error));
  g_assert_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_UNSAFE);
  g_clear_error (&error);
  g_assert_null (valise_image_inspect (target, "vmdk", &error));
  g_assert_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_FORMAT);
  g_clear_error (&error);
  g_assert_true (g_file_set_contents (target, "", 0, NULL));
  g_assert_null (valise_image_inspect (target, "raw", &error));
  g_assert_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_DAMAGED);
}

static void
test_disagreement (Place *self, gconstpointer unused)
{
  static const struct
  {
    gsize at;
    const char *magic, *format, *content;
  } cases[] = {
    { 0, "QFI\xfb", "raw", "qcow2" },
    { 0, "KDMV", "raw", "vmdk" },
    { 0, "# Disk DescriptorFile", "raw", "vmdk" },
    { 64, "\x7f\x10\xda\xbe", "raw", "vdi" },
    { 0, "vhdxfile", "raw", "vhdx" },
    { 0, "conectix", "raw", "vpc" },
    { 0, "KDMV", "qcow2", "vmdk" },
    { 0, "", "qcow2", NULL },
  };

  g_test_summary ("Content that is another format than the machine says is refused, and the message names both");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *zeros = g_malloc0 (1024);

      memcpy (zeros + cases[i].at, cases[i].magic, strlen (cases[i].magic));
      g_assert_true (g_file_set_contents (self->file, zeros, 1024, NULL));
      g_assert_null (valise_image_inspect (self->file, cases[i].format, &error));
      g_assert_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_FORMAT);
      g_assert_nonnull (strstr (error->message, cases[i].format));
      if (cases[i].content != NULL)
        g_assert_nonnull (strstr (error->message, cases[i].content));
    }
}

/* Values are big-endian, @width bytes of @value at @at. */
typedef struct
{
  const char *name;
  goffset at;
  guint width;
  guint64 value;
  int code;
} Fault;

static const Fault faults[] = {
  { "version 1", 4, 4, 1, VALISE_IMAGE_ERROR_FORMAT },
  { "version 4", 4, 4, 4, VALISE_IMAGE_ERROR_FORMAT },
  { "backing offset", 8, 8, 0x100, VALISE_IMAGE_ERROR_UNSAFE },
  { "backing size", 16, 4, 12, VALISE_IMAGE_ERROR_UNSAFE },
  { "backing offset outside", 8, 8, G_MAXUINT64, VALISE_IMAGE_ERROR_UNSAFE },
  { "cluster bits 8", 20, 4, 8, VALISE_IMAGE_ERROR_DAMAGED },
  { "cluster bits 22", 20, 4, 22, VALISE_IMAGE_ERROR_DAMAGED },
  { "cluster bits 63", 20, 4, 63, VALISE_IMAGE_ERROR_DAMAGED },
  { "size 0", 24, 8, 0, VALISE_IMAGE_ERROR_DAMAGED },
  { "size 8 EiB", 24, 8, G_GUINT64_CONSTANT (1) << 63, VALISE_IMAGE_ERROR_DAMAGED },
  { "size beyond L1", 24, 8, G_GUINT64_CONSTANT (1) << 45, VALISE_IMAGE_ERROR_DAMAGED },
  { "AES", 32, 4, 1, VALISE_IMAGE_ERROR_UNSAFE },
  { "LUKS", 32, 4, 2, VALISE_IMAGE_ERROR_UNSAFE },
  { "L1 entries 0", 36, 4, 0, VALISE_IMAGE_ERROR_DAMAGED },
  { "L1 of 16 GiB", 36, 4, 0x7fffffff, VALISE_IMAGE_ERROR_DAMAGED },
  { "L1 not on a cluster", 40, 8, 0x30001, VALISE_IMAGE_ERROR_DAMAGED },
  { "L1 outside", 40, 8, G_GUINT64_CONSTANT (1) << 40, VALISE_IMAGE_ERROR_DAMAGED },
  { "L1 wraps", 40, 8, G_MAXUINT64 - 0xffff, VALISE_IMAGE_ERROR_DAMAGED },
  { "refcounts nowhere", 48, 8, 0, VALISE_IMAGE_ERROR_DAMAGED },
  { "refcounts outside", 48, 8, G_GUINT64_CONSTANT (1) << 40, VALISE_IMAGE_ERROR_DAMAGED },
  { "no refcounts", 56, 4, 0, VALISE_IMAGE_ERROR_DAMAGED },
  { "refcounts of 64 TiB", 56, 4, 0x40000000, VALISE_IMAGE_ERROR_DAMAGED },
  { "snapshots without place", 60, 4, 65536, VALISE_IMAGE_ERROR_DAMAGED },
  { "too many snapshots", 60, 4, 65537, VALISE_IMAGE_ERROR_DAMAGED },
  { "corrupt bit", 72, 8, 2, VALISE_IMAGE_ERROR_DAMAGED },
  { "data file bit", 72, 8, 4, VALISE_IMAGE_ERROR_UNSAFE },
  { "unknown feature", 72, 8, 1 << 5, VALISE_IMAGE_ERROR_FORMAT },
  { "unknown high feature", 72, 8, G_GUINT64_CONSTANT (1) << 63, VALISE_IMAGE_ERROR_FORMAT },
  { "refcount order", 96, 4, 7, VALISE_IMAGE_ERROR_DAMAGED },
  { "header length 72", 100, 4, 72, VALISE_IMAGE_ERROR_DAMAGED },
  { "header length odd", 100, 4, 105, VALISE_IMAGE_ERROR_DAMAGED },
  { "header length outside", 100, 4, 0x7ffffff8, VALISE_IMAGE_ERROR_DAMAGED },
  { "compression type", 104, 1, 9, VALISE_IMAGE_ERROR_DAMAGED },
  { "data file extension", 112, 8, G_GUINT64_CONSTANT (0x4441544100000005), VALISE_IMAGE_ERROR_UNSAFE },
  { "crypto extension", 112, 8, G_GUINT64_CONSTANT (0x0537be7700000010), VALISE_IMAGE_ERROR_UNSAFE },
  { "extension outside", 112, 8, G_GUINT64_CONSTANT (0x12345678fffffff0), VALISE_IMAGE_ERROR_DAMAGED },
};

static void
apply (const char *file, const Fault *fault)
{
  guint8 bytes[8];

  for (guint i = 0; i < fault->width; i++)
    bytes[i] = fault->value >> (8 * (fault->width - 1 - i));
  patch (file, fault->at, bytes, fault->width);
}

static void
test_header_faults (Place *self, gconstpointer unused)
{
  g_test_summary ("Each field of a qcow2 header that lies is refused with the code that fits");
  for (gsize i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", faults[i].name);
      unlink (self->file);
      g_assert_true (valise_image_create (self->file, "qcow2", VALISE_GIB, NULL, NULL));
      apply (self->file, &faults[i]);
      g_assert_null (valise_image_inspect (self->file, "qcow2", &error));
      g_assert_error (error, VALISE_IMAGE_ERROR, faults[i].code);
    }
}

static void
test_truncated (Place *self, gconstpointer unused)
{
  static const off_t lengths[] = { 0, 3, 4, 71, 72, 103, 104, 1000, 65536, 131072, 196608 };

  g_test_summary ("A header without the file it speaks of is damage, at any length");
  g_assert_true (valise_image_create (self->file, "qcow2", VALISE_GIB, NULL, NULL));
  for (gsize i = G_N_ELEMENTS (lengths); i-- > 0;)
    {
      g_autoptr (GError) error = NULL;
      int code = lengths[i] < 4 ? VALISE_IMAGE_ERROR_FORMAT : VALISE_IMAGE_ERROR_DAMAGED;

      g_assert_cmpint (truncate (self->file, lengths[i]), ==, 0);
      g_assert_null (valise_image_inspect (self->file, "qcow2", &error));
      g_assert_error (error, VALISE_IMAGE_ERROR, code);
    }
}

static void
test_honest_variants (Place *self, gconstpointer unused)
{
  static const char *const options[] = { "compat=0.10",
                                         "compat=1.1,cluster_size=512",
                                         "compat=1.1,cluster_size=2M",
                                         "compat=1.1,lazy_refcounts=on",
                                         "compat=1.1,compression_type=zstd",
                                         "compat=1.1,extended_l2=on",
                                         "compat=1.1,refcount_bits=1",
                                         "compat=1.1,preallocation=metadata" };

  g_test_summary ("What qemu-img makes honestly is taken");
  for (gsize i = 0; i < G_N_ELEMENTS (options); i++)
    {
      const char *const argv[] = {
        "qemu-img", "create", "-q", "-f", "qcow2", "-o", options[i], self->file, "100M", NULL
      };
      g_autoptr (GError) error = NULL;
      g_autoptr (ValiseImageInfo) info = NULL;

      unlink (self->file);
      run (argv);
      info = valise_image_inspect (self->file, "qcow2", &error);
      g_assert_no_error (error);
      g_assert_cmpuint (info->virtual_size, ==, 100 * VALISE_MIB);
    }
}

static void
test_real_references (Place *self, gconstpointer unused)
{
  g_autofree char *base = g_build_filename (self->directory, "base.img", NULL);
  g_autofree char *data_option = g_strdup_printf ("data_file=%s/d.raw", self->directory);
  const char *const backing[] = {
    "qemu-img", "create", "-q", "-f", "qcow2", "-b", base, "-F", "raw", self->file, NULL
  };
  const char *const data_file[] = {
    "qemu-img", "create", "-q", "-f", "qcow2", "-o", data_option, self->file, "1M", NULL
  };
  g_autoptr (GError) error = NULL;

  g_test_summary ("A backing file and a data file made by qemu-img are refused; the message names the file");
  g_assert_true (valise_image_create (base, "raw", VALISE_MIB, NULL, NULL));
  run (backing);
  g_assert_null (valise_image_inspect (self->file, "qcow2", &error));
  g_assert_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_UNSAFE);
  g_assert_nonnull (strstr (error->message, "base.img"));
  g_clear_error (&error);
  unlink (self->file);
  run (data_file);
  g_assert_null (valise_image_inspect (self->file, "qcow2", &error));
  g_assert_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_UNSAFE);
  /* The extension alone must be enough: the bit can be cleared by whoever wrote the file. */
  g_clear_error (&error);
  patch (self->file, 72, "\0\0\0\0\0\0\0\0", 8);
  g_assert_null (valise_image_inspect (self->file, "qcow2", &error));
  g_assert_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_UNSAFE);
}

/* What a file is, when no machine says it. */
static void
test_identify (Place *self, gconstpointer unused)
{
  static const char *const formats[] = { "qcow2", "raw" };
  g_autofree char *link = g_build_filename (self->directory, "link", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (symlink (self->file, link), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      g_autoptr (ValiseImageInfo) info = NULL;
      g_autoptr (ValiseImageInfo) copy = NULL;

      g_assert_true (valise_image_create (self->file, formats[i], VALISE_MIB, NULL, NULL));
      info = valise_image_identify (link, &error);
      g_assert_no_error (error);
      copy = valise_image_info_copy (info);
      g_assert_cmpstr (copy->format, ==, formats[i]);
      g_assert_cmpuint (copy->virtual_size, ==, VALISE_MIB);
      g_assert_cmpint (g_unlink (self->file), ==, 0);
    }
  run ((const char *const[]){ "qemu-img", "create", "-f", "vdi", self->file, "1M", NULL });
  g_assert_null (valise_image_identify (self->file, &error));
  g_assert_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "vdi"));
  g_assert_nonnull (strstr (error->message, "qemu-img convert"));
}

/* A raw target has its whole length from the first moment; what is not written yet is not reached by what follows. */
static void
test_write_behind (Place *self, gconstpointer unused)
{
  ValiseImageProgress progress = { .size = VALISE_GIB, .to = self->file };
  g_autofree char *piece = g_malloc (16 * VALISE_MIB);
  int fd = open (self->file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (ftruncate (fd, 256 * VALISE_MIB), ==, 0);
  _valise_image_progress_cb ("    (1.00/100%)", &progress);
  g_assert_cmpuint (progress.behind, ==, 0);
  memset (piece, 'x', 16 * VALISE_MIB);
  g_assert_cmpint (write (fd, piece, 16 * VALISE_MIB), ==, 16 * VALISE_MIB);
  g_assert_cmpint (fsync (fd), ==, 0);
  _valise_image_progress_cb ("    (50.00/100%)", &progress);
  g_assert_cmpuint (progress.behind, >=, 16 * VALISE_MIB);
  g_assert_cmpuint (progress.behind, <, 256 * VALISE_MIB);
  close (fd);
}

#define ADD(path, data, func) g_test_add ("/bundle/image/" path, Place, data, place_set_up, func, place_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("create", NULL, test_create);
  ADD ("identify", NULL, test_identify);
  ADD ("create-refused", NULL, test_create_refused);
  ADD ("grow/qcow2", "qcow2", test_grow);
  ADD ("grow/raw", "raw", test_grow);
  ADD ("no-plain-file", NULL, test_no_plain_file);
  ADD ("disagreement", NULL, test_disagreement);
  ADD ("header-faults", NULL, test_header_faults);
  ADD ("truncated", NULL, test_truncated);
  ADD ("honest-variants", NULL, test_honest_variants);
  ADD ("real-references", NULL, test_real_references);
  ADD ("write-behind", NULL, test_write_behind);
  return g_test_run ();
}
