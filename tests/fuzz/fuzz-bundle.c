/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Opening a stranger's folder. Input: config.xml; after a NUL, if there is one, the text of .lock; after another, a
 * version of the history. */
#include "base/valise-path.h"
#include "bundle/valise-bundle.h"
#include "bundle/valise-lock.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static const guint8 *
write_part (const char *directory, const char *name, const guint8 *data, const guint8 *end)
{
  g_autofree char *file = g_build_filename (directory, name, NULL);
  const guint8 *stop = data < end ? memchr (data, '\0', end - data) : NULL;

  if (stop == NULL)
    stop = end;
  g_assert_true (
      g_file_set_contents_full (file, (const char *) data, stop - data, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  return MIN (stop + 1, end);
}

static void
use (ValiseBundle *bundle)
{
  g_autofree char *name = valise_bundle_dup_name (bundle);
  g_autoptr (ValiseDocument) renewed = valise_document_copy (valise_bundle_get_document (bundle));
  g_autoptr (GError) error = NULL;

  g_assert_true (g_utf8_validate (name, -1, NULL));
  g_assert_cmpstr (name, !=, "");
  if (!valise_bundle_renew_identity (renewed, "Copy", &error))
    {
      g_assert_nonnull (error);
      return;
    }
  g_assert_true (valise_bundle_save (bundle, renewed, NULL));
  g_assert_true (valise_bundle_undo (bundle, &error));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *directory =
      g_strdup_printf ("%s/v-fuzz-%d.vmbundle",
                       g_file_test ("/dev/shm", G_FILE_TEST_IS_DIR) ? "/dev/shm" : g_get_tmp_dir (), getpid ());
  g_autofree char *history = g_build_filename (directory, ".history", NULL);
  const guint8 *end = data + size;
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = NULL;
  g_autofree char *holder = NULL;

  g_assert_cmpint (g_mkdir_with_parents (history, 0700), ==, 0);
  data = write_part (directory, "config.xml", data, end);
  data = write_part (directory, ".lock", data, end);
  write_part (history, "0000000000000001.xml", data, end);
  holder = valise_lock_describe_holder (directory);
  g_assert_null (holder);
  valise_lock_free (valise_lock_take (directory, "editing", NULL));
  bundle = valise_bundle_open (directory, &error);
  g_assert_true ((bundle == NULL) == (error != NULL));
  if (bundle == NULL && g_error_matches (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_DAMAGED))
    bundle = valise_bundle_restore (directory, NULL);
  if (bundle != NULL)
    use (bundle);
  g_assert_true (valise_directory_remove (directory, NULL));
  return 0;
}
