/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-libarchive.h"

#include "bundle/valise-archive.h"
#include "place.h"

#include <string.h>

/* Nothing has loaded the library before. To be read any file will do: it is not looked into. */
static void
test_missing (Place *self, gconstpointer unused)
{
  g_autoptr (ValiseBundle) bundle = NULL;
  g_autoptr (GError) error = NULL;

  valise_libarchive.file = "libvalise-is-no-library.so.1";
  g_assert_null (valise_archive_peek ("/proc/self/exe", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "Install libarchive"));
  g_clear_error (&error);
  bundle = valise_bundle_begin (self->directory, "Machine", &error);
  g_assert_no_error (error);
  g_assert_true (valise_bundle_commit (bundle, valise_bundle_get_document (bundle), &error));
  g_assert_no_error (error);
  g_assert_false (valise_archive_write (valise_bundle_get_path (bundle), self->file, NULL, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "Install libarchive"));
  g_assert_cmpuint (place_count (self->directory), ==, 1);
}

static void
place_set_up (Place *self, gconstpointer unused)
{
  place_begin (self, "Machine.vmbundle.tar.zst");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/bundle/libarchive/missing", Place, NULL, place_set_up, test_missing, place_tear_down);
  return g_test_run ();
}
