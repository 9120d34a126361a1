/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-libarchive.h"

#include "bundle/valise-archive.h"

/* Nothing has loaded the library before: any file will do, it is not looked into. */
static void
test_missing (void)
{
  g_autoptr (GError) error = NULL;

  valise_libarchive.file = "libvalise-is-no-library.so.1";
  g_assert_null (valise_archive_peek ("/proc/self/exe", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "Install libarchive"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bundle/libarchive/missing", test_missing);
  return g_test_run ();
}
