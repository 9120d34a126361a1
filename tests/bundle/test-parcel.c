/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/valise-path.h"
#include "bundle/valise-bundle.h"
#include "bundle/valise-archive.h"
#include "bundle/valise-gnutls.h"
#include "bundle/valise-parcel.h"

#include <glib/gstdio.h>
#include <string.h>

#define ROUNDS 40

typedef struct
{
  char *root, *path;
} Place;

static void
place_set_up (Place *self, gconstpointer unused)
{
  self->root = g_dir_make_tmp ("v-XXXXXX", NULL);
  self->path = g_build_filename (self->root, "parcel", NULL);
}

static void
place_tear_down (Place *self, gconstpointer unused)
{
  g_assert_true (valise_directory_remove (self->root, NULL));
  g_free (self->root);
  g_free (self->path);
}

static void
test_long_names (Place *self, gconstpointer unused)
{
  static const ValiseParcelKind kinds[] = { VALISE_PARCEL_TAR, VALISE_PARCEL_FOLDER };
  g_autofree char *name = g_strnfill (120, 'n');

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ValiseParcel) parcel = valise_parcel_begin (self->path, kinds[i], FALSE, &error);
      char digest[VALISE_PARCEL_DIGEST_LENGTH];
      guint64 size;

      g_assert_no_error (error);
      if (kinds[i] == VALISE_PARCEL_FOLDER)
        {
          g_assert_true (valise_parcel_open (parcel, name, &error));
          g_assert_true (valise_parcel_write (parcel, "x", 1, NULL));
          g_assert_true (valise_parcel_close (parcel, digest, &size, NULL));
          continue;
        }
      g_assert_false (valise_parcel_open (parcel, name, &error));
      g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_NAME);
      g_clear_error (&error);
      g_assert_false (valise_parcel_reserve (parcel, name, 10, &error));
      g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_NAME);
    }
}

/* Who is refused, since the other is at it, did not do anything. */
static gpointer
write_often (gpointer data)
{
  const char *path = data;
  guint *done = g_new0 (guint, 1);

  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autoptr (ValiseParcel) parcel = valise_parcel_begin (path, VALISE_PARCEL_FILE, TRUE, NULL);

      if (parcel != NULL && valise_parcel_write_text (parcel, "whole", NULL) && valise_parcel_commit (parcel, NULL))
        (*done)++;
    }
  return done;
}

/* Of two that write the same file at the same time, neither empties what the other has made. */
static void
test_race (Place *self, gconstpointer unused)
{
  GThread *threads[3];
  guint all = 0;

  g_assert_true (g_file_set_contents (self->path, "whole", -1, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("writer", write_often, self->path);
  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autofree char *text = NULL;

      g_assert_true (g_file_get_contents (self->path, &text, NULL, NULL));
      g_assert_cmpstr (text, ==, "whole");
      g_usleep (1000);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    {
      g_autofree guint *done = g_thread_join (threads[i]);

      all += *done;
    }
  g_assert_cmpuint (all, >, 0);
}

/* The first of all, as long as the library has not been loaded. */
static void
test_no_gnutls (Place *self, gconstpointer unused)
{
  const char *file = valise_gnutls.file;
  g_autofree char *folder = g_build_filename (self->root, "One.vmbundle", NULL);
  g_autofree char *config = g_build_filename (folder, "config.xml", NULL);
  g_autofree char *archive = g_build_filename (self->root, "one.vmbundle.tar.zst", NULL);
  g_autoptr (ValiseParcel) parcel = valise_parcel_begin (self->path, VALISE_PARCEL_TAR, FALSE, NULL);
  g_autoptr (GError) error = NULL;

  g_test_summary ("Where GnuTLS is missing it is said what to install, nothing is left behind, and all goes on");
  valise_gnutls.file = "libnobody-has-this.so.1";
  g_assert_false (valise_parcel_fill (parcel, "name", "text", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "libgnutls30"));
  g_clear_error (&error);

  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (config, "<domain><name>one</name></domain>", -1, NULL));
  g_assert_false (valise_archive_write (folder, archive, NULL, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_false (g_file_test (archive, G_FILE_TEST_EXISTS));
  g_clear_error (&error);

  valise_gnutls.file = file;
  valise_archive_write (folder, archive, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_test (archive, G_FILE_TEST_EXISTS));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/bundle/parcel/no-gnutls", Place, NULL, place_set_up, test_no_gnutls, place_tear_down);
  g_test_add ("/bundle/parcel/long-names", Place, NULL, place_set_up, test_long_names, place_tear_down);
  g_test_add ("/bundle/parcel/race", Place, NULL, place_set_up, test_race, place_tear_down);
  return g_test_run ();
}
