/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/valise-path.h"
#include "base/valise-size.h"
#include "bundle/valise-archive.h"
#include "bundle/valise-lock.h"
#include "kill-points.h"

#include <errno.h>
#include <glib/gstdio.h>

typedef struct
{
  char *root;
  char *library; /* where things are made */
  char *source;  /* a whole bundle, outside of @library */
  char *archive; /* the same as one file */
  char *before;  /* config.xml of @source */
} Place;

static ValiseBundle *
make (const char *directory, const char *name)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_begin (directory, name, NULL);
  g_autofree char *disk = bundle != NULL ? valise_bundle_file (bundle, "disks/root.img") : NULL;

  if (bundle == NULL || !g_file_set_contents (disk, "what is on the disk", -1, NULL))
    return NULL;
  return valise_bundle_commit (bundle, valise_bundle_get_document (bundle), NULL) ? g_steal_pointer (&bundle) : NULL;
}

static void
place_set_up (Place *self, gconstpointer unused)
{
  g_autoptr (ValiseBundle) bundle = NULL;

  self->root = g_dir_make_tmp ("v-XXXXXX", NULL);
  bundle = make (self->root, "Source");
  self->source = g_strdup (valise_bundle_get_path (bundle));
  self->before = g_strdup (valise_document_get_text (valise_bundle_get_document (bundle)));
  self->library = g_build_filename (self->root, "made", NULL);
  self->archive = g_build_filename (self->root, "Source.vmbundle.tar.zst", NULL);
  g_assert_true (valise_archive_write (self->source, self->archive, NULL, NULL, NULL, NULL));
}

static void
place_tear_down (Place *self, gconstpointer unused)
{
  g_assert_true (valise_directory_remove (self->root, NULL));
  g_free (self->root);
  g_free (self->library);
  g_free (self->source);
  g_free (self->archive);
  g_free (self->before);
}

/* --- what the child does, once --- */

static void
work_create (gpointer data)
{
  Place *self = data;
  g_autoptr (ValiseBundle) bundle = make (self->library, "Made");
}

static void
work_save (gpointer data)
{
  Place *self = data;
  g_autoptr (ValiseLock) lock = valise_lock_take (self->source, "editing", NULL);
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (self->source, NULL);
  g_autoptr (ValiseDocument) draft = valise_document_copy (valise_bundle_get_document (bundle));

  valise_document_set (draft, "memory", "4321", NULL);
  valise_bundle_save (bundle, draft, NULL);
}

static void
work_export (gpointer data)
{
  Place *self = data;
  g_autofree char *file = g_build_filename (self->library, "Made.vmbundle.tar.zst", NULL);

  g_mkdir (self->library, 0700);
  valise_archive_write (self->source, file, NULL, NULL, NULL, NULL);
}

static void
work_import (gpointer data)
{
  Place *self = data;
  g_autofree char *path = valise_archive_read (self->archive, self->library, "Made", NULL, NULL, NULL);
}

static void
work_copy (gpointer data)
{
  Place *self = data;
  g_autofree char *path = valise_bundle_copy (self->source, self->library, "Made", NULL, NULL, NULL);
}

/* --- looking --- */

static void
remove_leftovers (Place *self)
{
  g_autoptr (GPtrArray) found = valise_bundle_find_leftovers (self->library);

  for (guint i = 0; i < found->len; i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (valise_bundle_remove_leftover (found->pdata[i], &error));
      g_assert_no_error (error);
    }
}

static void
assert_whole (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (path, &error);
  g_autofree char *disk = NULL;
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  disk = valise_bundle_file (bundle, "disks/root.img");
  g_assert_true (g_file_get_contents (disk, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "what is on the disk");
}

/* Either nothing or the whole thing. */
static void
look_at_made (gpointer data)
{
  Place *self = data;
  g_autofree char *bundle = g_build_filename (self->library, "Made.vmbundle", NULL);
  g_autofree char *archive = g_build_filename (self->library, "Made.vmbundle.tar.zst", NULL);
  g_autoptr (GError) error = NULL;

  remove_leftovers (self);
  if (g_file_test (archive, G_FILE_TEST_EXISTS))
    {
      g_autofree char *path = valise_archive_read (archive, self->library, "Unpacked", NULL, NULL, &error);

      g_assert_no_error (error);
      assert_whole (path);
      g_assert_true (valise_directory_remove (path, NULL));
      g_assert_cmpint (g_unlink (archive), ==, 0);
    }
  if (g_file_test (bundle, G_FILE_TEST_EXISTS))
    assert_whole (bundle);
  g_assert_true (valise_directory_remove (bundle, NULL));
  g_assert_true (g_rmdir (self->library) == 0 || errno == ENOENT);
}

static void
look_at_saved (gpointer data)
{
  Place *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseLock) lock = valise_lock_take (self->source, "editing", &error);
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (self->source, NULL);
  g_autoptr (ValiseDocument) back = valise_document_new (self->before, -1, "before", NULL);
  g_autofree char *memory = NULL;

  g_assert_no_error (error);
  memory = valise_document_get (valise_bundle_get_document (bundle), "memory");
  g_assert_true (g_str_equal (memory, "4321")
                 || g_str_equal (valise_document_get_text (valise_bundle_get_document (bundle)), self->before));
  g_assert_true (valise_bundle_save (bundle, back, NULL));
}

typedef struct
{
  const char *path;
  KillPointsFunc work, look;
} Case;

static void
test_points (Place *self, gconstpointer data)
{
  const Case *kind = data;

  g_test_summary ("Killed before every single change to a file: as before, or whole");
  kill_points_try (kind->work, kind->look, self);
}

int
main (int argc, char **argv)
{
  static const Case cases[] = {
    { "/bundle/kill-points/create", work_create, look_at_made },
    { "/bundle/kill-points/save", work_save, look_at_saved },
    { "/bundle/kill-points/export", work_export, look_at_made },
    { "/bundle/kill-points/import", work_import, look_at_made },
    { "/bundle/kill-points/copy", work_copy, look_at_made },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_test_add (cases[i].path, Place, &cases[i], place_set_up, test_points, place_tear_down);
  return g_test_run ();
}
