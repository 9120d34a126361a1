/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The reader of disk image headers. Input: the beginning of an image. */
#include "bundle/valise-image-header.h"
#include "bundle/valise-image-reach.h"

#include <sys/mman.h>
#include <unistd.h>

#define HEAD_MOST (64 * 1024)

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* Any length of the file may come with any header; a size of 0 always comes with an error. */
static void
check (const guint8 *data, gsize size, guint64 file_size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) chain_error = NULL;
  g_auto (ValiseImageBacking) backing = { NULL, NULL };
  guint64 bytes = _valise_image_header_check_qcow2 (data, size, file_size, "disk", NULL, &error);

  g_assert_true ((bytes == 0) == (error != NULL));
  g_assert_cmpuint (bytes, <=, G_MAXINT64);
  bytes = _valise_image_header_check_qcow2 (data, size, file_size, "disk", &backing, &chain_error);
  g_assert_true ((bytes == 0) == (chain_error != NULL));
}

/* Also of other programs' images: what the tables point to. */
static void
check_reach (const guint8 *data, gsize size)
{
  ValiseImagePlace place = { .fd = memfd_create ("image", MFD_CLOEXEC), .name = "disk", .size = size };
  g_autoptr (ValiseForeignImage) image = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (write (place.fd, data, size) == (gssize) size);
  image = valise_foreign_image_look (&place, NULL);
  if (image != NULL)
    g_assert_true (valise_image_check_reach (&place, image, G_MAXUINT64, NULL, &error) == (error == NULL));
  close (place.fd);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  gsize head = MIN (size, HEAD_MOST);

  _valise_image_header_format (data, head);
  check (data, head, head);
  check (data, head, G_GUINT64_CONSTANT (1) << 40);
  check (data, head, G_MAXUINT64);
  check_reach (data, size);
  return 0;
}
