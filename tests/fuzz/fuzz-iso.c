/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The reader of disc images: whatever stands after the 16 sectors that no file system uses, it ends, stays within the
 * file, and what it says is fit to be shown. */
#include "formats/valise-iso.h"

#include <sys/mman.h>
#include <unistd.h>

#define UNUSED (16 * 2048)

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
assert_shown (const char *text)
{
  g_assert (g_utf8_validate (text, -1, NULL));
  for (const char *c = text; *c != '\0'; c++)
    g_assert ((guchar) *c >= 0x20);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  int fd = memfd_create ("iso", MFD_CLOEXEC);
  g_autoptr (ValiseIso) iso = NULL;

  g_assert (fd >= 0);
  g_assert (pwrite (fd, data, size, UNUSED) == (gssize) size);
  iso = valise_iso_read_fd (fd, "iso", NULL);
  close (fd);
  if (iso == NULL)
    return 0;
  g_assert (iso->iso9660 || iso->udf);
  assert_shown (iso->label);
  assert_shown (iso->system);
  assert_shown (iso->publisher);
  assert_shown (iso->application);
  return 0;
}
