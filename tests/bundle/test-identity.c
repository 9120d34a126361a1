/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/valise-path.h"
#include "bundle/valise-archive.h"
#include "bundle/valise-identity.h"

#include <glib/gstdio.h>
#include <unistd.h>

typedef struct
{
  char *directory;
  char *state;
  ValiseBundle *bundle;
} Place;

static void
place_set_up (Place *self, gconstpointer unused)
{
  self->directory = g_dir_make_tmp ("v-XXXXXX", NULL);
  self->state = g_build_filename (self->directory, "state", NULL);
  g_setenv ("VALISE_STATE_DIR", self->state, TRUE);
  self->bundle = valise_bundle_begin (self->directory, "Machine", NULL);
  g_assert_true (valise_bundle_commit (self->bundle, valise_bundle_get_document (self->bundle), NULL));
}

static void
place_tear_down (Place *self, gconstpointer unused)
{
  valise_bundle_unref (self->bundle);
  g_assert_true (valise_directory_remove (self->directory, NULL));
  g_free (self->directory);
  g_free (self->state);
}

static void
assert_check (ValiseBundle *bundle, ValiseIdentity expected, const char *expected_other)
{
  g_autofree char *other = NULL;

  g_assert_cmpint (valise_identity_check (bundle, &other), ==, expected);
  g_assert_cmpstr (other, ==, expected_other);
}

static ValiseBundle *
copy (Place *self, const char *name)
{
  g_autofree char *path =
      valise_bundle_copy (valise_bundle_get_path (self->bundle), self->directory, name, NULL, NULL, NULL);

  return valise_bundle_open (path, NULL);
}

static ValiseBundle *
move (ValiseBundle *bundle, const char *name)
{
  g_autofree char *parent = g_path_get_dirname (valise_bundle_get_path (bundle));
  g_autofree char *path = g_build_filename (parent, name, NULL);

  g_assert_cmpint (g_rename (valise_bundle_get_path (bundle), path), ==, 0);
  return valise_bundle_open (path, NULL);
}

static void
test_new_then_known (Place *self, gconstpointer unused)
{
  g_test_summary ("New until remembered; asking writes nothing");
  assert_check (self->bundle, VALISE_IDENTITY_NEW, NULL);
  assert_check (self->bundle, VALISE_IDENTITY_NEW, NULL);
  g_assert_true (valise_identity_remember (self->bundle, NULL));
  assert_check (self->bundle, VALISE_IDENTITY_KNOWN, NULL);
}

static void
test_moved (Place *self, gconstpointer unused)
{
  g_autofree char *before = g_strdup (valise_bundle_get_path (self->bundle));
  g_autoptr (ValiseBundle) moved = NULL;

  g_test_summary ("A renamed folder is the same machine");
  g_assert_true (valise_identity_remember (self->bundle, NULL));
  moved = move (self->bundle, "Other.vmbundle");
  assert_check (moved, VALISE_IDENTITY_MOVED, before);
  g_assert_true (valise_identity_remember (moved, NULL));
  assert_check (moved, VALISE_IDENTITY_KNOWN, NULL);
}

static void
test_twin (Place *self, gconstpointer unused)
{
  g_autoptr (ValiseBundle) twin = NULL;
  g_autoptr (ValiseDocument) renewed = NULL;

  g_test_summary ("A copy beside its original is a twin until it has an identity of its own");
  g_assert_true (valise_identity_remember (self->bundle, NULL));
  twin = copy (self, "Copy");
  assert_check (twin, VALISE_IDENTITY_TWIN, valise_bundle_get_path (self->bundle));
  assert_check (self->bundle, VALISE_IDENTITY_KNOWN, NULL);
  renewed = valise_document_copy (valise_bundle_get_document (twin));
  g_assert_true (valise_bundle_renew_identity (renewed, NULL, NULL));
  g_assert_true (valise_bundle_save (twin, renewed, NULL));
  assert_check (twin, VALISE_IDENTITY_NEW, NULL);
}

static void
test_replaced (Place *self, gconstpointer unused)
{
  g_autofree char *place = g_strdup (valise_bundle_get_path (self->bundle));
  g_autoptr (ValiseBundle) moved = NULL;
  g_autoptr (ValiseBundle) other = NULL;

  g_test_summary ("Another machine in the old place makes no twin");
  g_assert_true (valise_identity_remember (self->bundle, NULL));
  moved = move (self->bundle, "Elsewhere.vmbundle");
  other = valise_bundle_begin (self->directory, "Machine", NULL);
  g_assert_true (valise_bundle_commit (other, valise_bundle_get_document (other), NULL));
  g_assert_cmpstr (valise_bundle_get_path (other), ==, place);
  assert_check (moved, VALISE_IDENTITY_MOVED, place);
}

static void
test_two_names (Place *self, gconstpointer unused)
{
  g_autofree char *link_path = g_build_filename (self->directory, "Link.vmbundle", NULL);
  g_autoptr (ValiseBundle) linked = NULL;

  g_test_summary ("One folder under two names is one machine");
  g_assert_true (valise_identity_remember (self->bundle, NULL));
  g_assert_cmpint (symlink (valise_bundle_get_path (self->bundle), link_path), ==, 0);
  linked = valise_bundle_open (link_path, NULL);
  assert_check (linked, VALISE_IDENTITY_KNOWN, NULL);
}

static void
test_evil_uuid (Place *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseDocument) draft = valise_document_copy (valise_bundle_get_document (self->bundle));

  g_test_summary ("A uuid that is a path names no file");
  g_assert_true (valise_document_set (draft, "uuid", "../../evil", NULL));
  g_assert_true (valise_bundle_save (self->bundle, draft, NULL));
  assert_check (self->bundle, VALISE_IDENTITY_NEW, NULL);
  g_assert_false (valise_identity_remember (self->bundle, &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_DAMAGED);
}

#define ADD(path, func) g_test_add ("/bundle/identity/" path, Place, NULL, place_set_up, func, place_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("new-then-known", test_new_then_known);
  ADD ("moved", test_moved);
  ADD ("twin", test_twin);
  ADD ("replaced", test_replaced);
  ADD ("two-names", test_two_names);
  ADD ("evil-uuid", test_evil_uuid);
  return g_test_run ();
}
