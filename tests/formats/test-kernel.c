/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-kernel.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "place.h"

/* A program that starts by Linux' boot protocol. */
#define MEMTEST "/boot/memtest86+x64.bin"
#define HEAD_BYTES 4096

static void
place_set_up (Place *self, gconstpointer unused)
{
  place_begin (self, "file");
}

/* A kernel's head: the magic, and where its version stands. */
static char *
write_kernel (Place *self, const char *name, guint16 pointer, const char *version)
{
  char *path = g_build_filename (self->directory, name, NULL);
  g_autofree char *head = g_malloc0 (HEAD_BYTES);

  memcpy (head + 0x202, "HdrS", 4);
  head[0x20e] = (char) (pointer & 0xff);
  head[0x20f] = (char) (pointer >> 8);
  if (pointer + 0x200 + strlen (version) <= HEAD_BYTES)
    memcpy (head + 0x200 + pointer, version, strlen (version));
  g_assert_true (g_file_set_contents (path, head, HEAD_BYTES, NULL));
  return path;
}

static void
test_real (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseKernel) kernel = valise_kernel_read (MEMTEST, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (kernel->version, ==, "Memtest86+");
  g_assert_null (kernel->initrd);
}

static void
test_version (Place *self, gconstpointer unused)
{
  static const struct
  {
    guint16 pointer;
    const char *text;
    const char *expected;
  } cases[] = {
    { 0x300, "6.1.0-18-amd64 (debian-kernel@lists) #1 SMP", "6.1.0-18-amd64" },
    { 0x300, "6.6\nx", "6.6" },
    { 0, "", "" },
    { 0xffff, "far behind the end", "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = write_kernel (self, "vmlinuz", cases[i].pointer, cases[i].text);
      g_autoptr (ValiseKernel) kernel = valise_kernel_read (path, NULL);

      g_assert_nonnull (kernel);
      g_assert_cmpstr (kernel->version, ==, cases[i].expected);
    }
}

static void
test_initrd (Place *self, gconstpointer unused)
{
  static const struct
  {
    const char *kernel, *initrd;
    gboolean found;
  } cases[] = {
    { "vmlinuz-6.1.0", "initrd.img-6.1.0", TRUE },
    { "vmlinuz-linux", "initramfs-linux.img", TRUE },
    { "linux", "initrd.gz", TRUE },
    { "vmlinuz-6.9.fc40", "initramfs-6.9.fc40.img", TRUE },
    { "vmlinuz-6.1.0", "initrd.img-5.10.0", FALSE },
    { "something", "initrd.img", FALSE },
    { "bzImage", "initrd", TRUE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = write_kernel (self, cases[i].kernel, 0, "");
      g_autofree char *beside = g_build_filename (self->directory, cases[i].initrd, NULL);
      g_autoptr (ValiseKernel) kernel = NULL;

      g_test_message ("%s beside %s", cases[i].initrd, cases[i].kernel);
      g_assert_true (g_file_set_contents (beside, "x", 1, NULL));
      kernel = valise_kernel_read (path, NULL);
      g_assert_cmpstr (kernel->initrd, ==, cases[i].found ? beside : NULL);
      g_assert_cmpint (g_unlink (path), ==, 0);
      g_assert_cmpint (g_unlink (beside), ==, 0);
    }
}

static void
test_refused (Place *self, gconstpointer unused)
{
  g_autofree char *text = g_build_filename (self->directory, "text", NULL);
  g_autofree char *fifo = g_build_filename (self->directory, "fifo", NULL);
  g_autofree char *gone = g_build_filename (self->directory, "gone", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (text, "HdrS", -1, NULL));
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  g_assert_null (valise_kernel_read (text, &error));
  g_assert_error (error, VALISE_KERNEL_ERROR, VALISE_KERNEL_ERROR_NOT_A_KERNEL);
  g_assert_nonnull (strstr (error->message, "text"));
  g_clear_error (&error);
  g_assert_null (valise_kernel_read (fifo, &error));
  g_assert_error (error, VALISE_KERNEL_ERROR, VALISE_KERNEL_ERROR_UNREADABLE);
  g_clear_error (&error);
  g_assert_null (valise_kernel_read (gone, &error));
  g_assert_error (error, VALISE_KERNEL_ERROR, VALISE_KERNEL_ERROR_UNREADABLE);
}

#define ADD(path, func) g_test_add ("/formats/kernel/" path, Place, NULL, place_set_up, func, place_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/formats/kernel/real", test_real);
  ADD ("version", test_version);
  ADD ("initrd", test_initrd);
  ADD ("refused", test_refused);
  return g_test_run ();
}
