/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Killed before every step of making a linked clone, and of making it independent. */
#include "base/valise-path.h"
#include "bundle/valise-clone.h"
#include "bundle/valise-snapshot-private.h"
#include "kill-points.h"
#include "snapshot-fixture.h"

#include <glib/gstdio.h>

typedef struct
{
  char *root, *path, *clone;
  char *id;    /* of the snapshot that the clone is made of */
  char *saved; /* the clone as it is before it is made independent */
  guint killed, whole;
} Place;

static void
place_set_up (Place *self, gconstpointer unused)
{
  self->root = g_dir_make_tmp ("v-XXXXXX", NULL);
  self->path = snapshot_fixture_make (self->root);
  self->clone = g_build_filename (self->root, "Clone.vmbundle", NULL);
  snapshot_fixture_write (self->path, 'A');
  self->id = snapshot_fixture_take (self->path, "A");
  snapshot_fixture_write (self->path, 'B');
  self->saved = g_build_filename (self->root, "saved", NULL);
  self->killed = self->whole = 0;
}

static void
place_tear_down (Place *self, gconstpointer unused)
{
  g_assert_true (valise_directory_remove (self->root, NULL));
  g_free (self->root);
  g_free (self->path);
  g_free (self->clone);
  g_free (self->id);
  g_free (self->saved);
}

static void
work_clone (gpointer data)
{
  Place *self = data;
  const ValiseCloneChoice choice = { .linked = TRUE, .snapshot = self->id, .keep_keys = TRUE };
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (self->path, NULL);
  g_autoptr (ValiseClone) clone = valise_clone_begin (bundle, self->root, "Clone", &choice, TRUE, NULL, NULL);

  if (clone != NULL && valise_clone_fill (clone, NULL, NULL, NULL))
    (void) valise_bundle_commit (valise_clone_get_bundle (clone), valise_clone_get_document (clone), NULL);
}

static void
work_detach (gpointer data)
{
  Place *self = data;
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (self->clone, NULL);

  (void) valise_clone_detach (bundle, NULL, NULL, NULL);
}

static void
assert_original (Place *self)
{
  g_assert_cmpint (snapshot_fixture_read (self->path), ==, 'B');
  g_assert_cmpuint (snapshot_fixture_check_all (self->path), ==, 1);
}

static void
clear_leftovers (Place *self)
{
  g_autoptr (GPtrArray) leftovers = valise_bundle_find_leftovers (self->root);

  for (guint i = 0; i < leftovers->len; i++)
    g_assert_true (valise_bundle_remove_leftover (leftovers->pdata[i], NULL));
}

static void
look_at_clone (gpointer data)
{
  Place *self = data;

  self->killed++;
  assert_original (self);
  clear_leftovers (self);
  if (g_file_test (self->clone, G_FILE_TEST_IS_DIR))
    {
      self->whole++;
      g_assert_cmpint (snapshot_fixture_read (self->clone), ==, 'A');
      g_assert_true (valise_directory_remove (self->clone, NULL));
    }
  assert_original (self);
}

/* Much quicker than making it anew. */
static void
put_back (Place *self)
{
  static const char script[] = "rm -rf \"$2\" && cp -a \"$1\" \"$2\" && cd \"$3/disks\" && "
                               "for f in *; do if [ -e \"$2/disks/$f\" ]; then ln -f \"$f\" \"$2/disks/$f\"; fi; done";
  const char *const argv[] = { "sh", "-c", script, "sh", self->saved, self->clone, self->path, NULL };
  int status = -1;

  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, NULL));
  g_assert_cmpint (status, ==, 0);
}

/* What was begun is taken up by trying again. */
static void
look_at_detached (gpointer data)
{
  Place *self = data;
  g_autoptr (GError) error = NULL;

  self->killed++;
  assert_original (self);
  valise_snapshots_settle (self->clone, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (snapshot_fixture_read (self->clone), ==, 'C');
  if (self->killed % 8 == 0)
    {
      work_detach (self);
      g_assert_cmpint (snapshot_fixture_read (self->clone), ==, 'C');
      g_assert_cmpuint (snapshot_fixture_count_images (self->clone), ==, 2);
    }
  put_back (self);
}

static void
test_clone (Place *self, gconstpointer unused)
{
  kill_points_try (work_clone, look_at_clone, self);
  g_test_message ("killed at %u points; %u times the clone was there", self->killed, self->whole);
  g_assert_cmpuint (self->killed, >, 20);
  g_assert_cmpuint (self->whole, >, 0);
}

static void
test_detach (Place *self, gconstpointer unused)
{
  work_clone (self);
  snapshot_fixture_write (self->clone, 'C');
  g_assert_cmpint (g_rename (self->clone, self->saved), ==, 0);
  put_back (self);
  kill_points_try (work_detach, look_at_detached, self);
  g_test_message ("killed at %u points", self->killed);
  g_assert_cmpuint (self->killed, >, 10);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/bundle/clone/kill", Place, NULL, place_set_up, test_clone, place_tear_down);
  g_test_add ("/bundle/clone/kill-detach", Place, NULL, place_set_up, test_detach, place_tear_down);
  return g_test_run ();
}
