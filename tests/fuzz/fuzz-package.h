/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* An archive as a package: whatever it says, members lie inside and reading them ends. */
#include "formats/valise-package.h"
#include <glib/gstdio.h>
#include <unistd.h>

#define MOST 65536

static void
fuzz_package (const guint8 *data, gsize size)
{
  g_autofree char *path = NULL;
  int fd = g_file_open_tmp ("package-XXXXXX", &path, NULL);
  g_autoptr (ValisePackage) package = NULL;
  GPtrArray *members;

  g_assert (fd >= 0);
  g_assert (pwrite (fd, data, size, 0) == (gssize) size);
  package = valise_package_open (path, NULL);
  members = package != NULL && valise_package_is_archive (package) ? valise_package_get_members (package) : NULL;
  for (guint i = 0; members != NULL && i < members->len && i < 8; i++)
    {
      const ValisePackageMember *member = members->pdata[i];
      g_autoptr (GBytes) bytes = valise_package_read (package, member, MOST, NULL);
      guint8 peeked[512];

      g_assert (member->offset <= size);
      g_assert (bytes == NULL || g_bytes_get_size (bytes) == member->size);
      g_assert (valise_package_peek (package, member, member->size / 2, peeked, sizeof peeked) <= sizeof peeked);
    }
  g_unlink (path);
  close (fd);
}
