/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/valise-path.h"
#include "place.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static void
place_set_up (Place *self, gconstpointer unused)
{
  place_begin (self, "config.xml");
}

static void
test_replace (Place *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  struct stat status;

  g_test_summary ("New with the mode asked for, replaced with its own; nothing else is left beside it");
  g_assert_true (valise_file_replace (self->file, "one", -1, 0640, &error));
  g_assert_cmpint (stat (self->file, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0640);
  g_assert_cmpint (g_chmod (self->file, 0600), ==, 0);
  g_assert_true (valise_file_replace (self->file, "twofold", 3, 0644, &error));
  g_assert_cmpint (stat (self->file, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);
  g_assert_true (g_file_get_contents (self->file, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "two");
  g_assert_cmpuint (place_count (self->directory), ==, 1);
}

static void
test_replace_fails (Place *self, gconstpointer unused)
{
  g_autofree char *missing = g_build_filename (self->directory, "none", "config.xml", NULL);
  g_autoptr (GError) error = NULL, second = NULL;

  g_test_summary ("A failure names the file and leaves nothing behind");
  g_assert_false (valise_file_replace (missing, "x", -1, 0600, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, missing));
  g_assert_cmpint (g_mkdir (self->file, 0700), ==, 0);
  g_assert_false (valise_file_replace (self->file, "x", -1, 0600, &second));
  g_assert_nonnull (second);
  g_assert_cmpuint (place_count (self->directory), ==, 1);
}

static void
test_replace_full (Place *self, gconstpointer unused)
{
  g_autofree char *big = g_strnfill (1 << 20, 'x');
  struct rlimit limit, before;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  g_test_summary ("When writing fails in the middle the old file is still whole and nothing lies beside it");
  g_assert_true (valise_file_replace (self->file, "old", -1, 0600, NULL));
  signal (SIGXFSZ, SIG_IGN);
  getrlimit (RLIMIT_FSIZE, &before);
  limit = before;
  limit.rlim_cur = 65536;
  setrlimit (RLIMIT_FSIZE, &limit);
  g_assert_false (valise_file_replace (self->file, big, 1 << 20, 0600, &error));
  setrlimit (RLIMIT_FSIZE, &before);
  g_assert_nonnull (error);
  g_assert_true (g_file_get_contents (self->file, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "old");
  g_assert_cmpuint (place_count (self->directory), ==, 1);
}

static void
test_remove (Place *self, gconstpointer unused)
{
  g_autofree char *tree = g_build_filename (self->directory, "tree", NULL);
  g_autofree char *deep = g_build_filename (tree, "a", "b", "c", NULL);
  g_autofree char *link_in = g_build_filename (tree, "a", "link", NULL);
  g_autofree char *outside = g_build_filename (self->directory, "outside", NULL);
  g_autofree char *kept = g_build_filename (outside, "kept", NULL);
  g_autoptr (GError) error = NULL;

  g_test_summary ("Everything below goes, links are not followed, missing is fine");
  g_mkdir_with_parents (deep, 0700);
  g_mkdir_with_parents (outside, 0700);
  g_assert_true (g_file_set_contents (kept, "x", -1, NULL));
  g_assert_cmpint (symlink (outside, link_in), ==, 0);
  g_assert_cmpint (g_chmod (deep, 0), ==, 0);
  g_assert_true (valise_directory_remove (tree, &error));
  g_assert_no_error (error);
  g_assert_false (g_file_test (tree, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (kept, G_FILE_TEST_EXISTS));
  g_assert_true (valise_directory_remove (tree, &error));
}

static void
test_state (Place *self, gconstpointer unused)
{
  g_autofree char *chosen = g_build_filename (self->directory, "state", NULL);
  g_autofree char *path = NULL;
  struct stat status;

  g_test_summary ("The state directory is made, for us only");
  g_setenv ("VALISE_STATE_DIR", chosen, TRUE);
  path = valise_state_directory ();
  g_unsetenv ("VALISE_STATE_DIR");
  g_assert_cmpstr (path, ==, chosen);
  g_assert_cmpint (stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0700);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/base/file/replace", Place, NULL, place_set_up, test_replace, place_tear_down);
  g_test_add ("/base/file/replace-fails", Place, NULL, place_set_up, test_replace_fails, place_tear_down);
  g_test_add ("/base/file/replace-full", Place, NULL, place_set_up, test_replace_full, place_tear_down);
  g_test_add ("/base/file/remove", Place, NULL, place_set_up, test_remove, place_tear_down);
  g_test_add ("/base/file/state", Place, NULL, place_set_up, test_state, place_tear_down);
  return g_test_run ();
}
