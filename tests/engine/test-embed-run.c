/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-embed-run-private.h"
#include "engine/valise-embed-root-private.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/valise-path.h"

#define MEMORY "/dev/shm"

typedef struct
{
  char *directory;
  char *root;
  char *run;
  char *memory;
  const char *places[2];
} Fixture;

static void
set_up (Fixture *self, gconstpointer unused)
{
  self->directory = g_dir_make_tmp ("valise-run-XXXXXX", NULL);
  self->root = g_build_filename (self->directory, "e", NULL);
  self->run = g_build_filename (self->root, "run", NULL);
  self->memory = g_strdup (MEMORY "/valise-test-XXXXXX");
  g_assert_cmpint (g_mkdir (self->root, 0700), ==, 0);
  g_assert_nonnull (g_mkdtemp (self->memory));
  self->places[0] = self->memory;
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  g_assert_true (valise_directory_remove (self->directory, NULL));
  g_assert_true (valise_directory_remove (self->memory, NULL));
  g_free (self->directory);
  g_free (self->root);
  g_free (self->run);
  g_free (self->memory);
}

/* Where the run of @root lies, which leads back to it. */
static char *
place (Fixture *self, const char *root)
{
  g_autofree char *run = g_build_filename (root, "run", NULL);
  g_autofree char *back_link = g_build_filename (run, "root", NULL);
  g_autofree char *back = NULL;
  struct stat status;

  _valise_embed_run_place (root, self->places);
  back = g_file_read_link (back_link, NULL);
  g_assert_cmpstr (back, ==, root);
  g_assert_cmpint (stat (run, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0700);
  return g_file_read_link (run, NULL);
}

static void
test_stays (Fixture *self, gconstpointer unused)
{
  g_autofree char *first = place (self, self->root);
  g_autofree char *second = place (self, self->root);

  g_assert_true (g_str_has_prefix (first, self->memory));
  g_assert_cmpstr (first, ==, second);
}

/* Memory is empty after a restart of the computer. */
static void
test_restarted (Fixture *self, gconstpointer unused)
{
  g_autofree char *first = place (self, self->root);
  g_autofree char *second = NULL;

  g_assert_true (valise_directory_remove (first, NULL));
  second = place (self, self->root);
  g_assert_nonnull (second);
}

static void
test_renamed (Fixture *self, gconstpointer unused)
{
  g_autofree char *other = g_build_filename (self->directory, "f", NULL);
  g_autofree char *first = place (self, self->root);
  g_autofree char *second = NULL;

  g_assert_cmpint (g_rename (self->root, other), ==, 0);
  second = place (self, other);
  g_assert_cmpstr (first, ==, second);
}

/* Two drivers must not share what they know of their machines. */
static void
test_copied (Fixture *self, gconstpointer unused)
{
  g_autofree char *other = g_build_filename (self->directory, "f", NULL);
  g_autofree char *copy = g_build_filename (other, "run", NULL);
  g_autofree char *first = place (self, self->root);
  g_autofree char *second = NULL;
  g_autofree char *still = NULL;

  g_assert_cmpint (g_mkdir (other, 0700), ==, 0);
  g_assert_cmpint (symlink (first, copy), ==, 0);
  second = place (self, other);
  still = place (self, self->root);
  g_assert_cmpstr (first, !=, second);
  g_assert_cmpstr (first, ==, still);
}

static void
test_swept (Fixture *self, gconstpointer unused)
{
  g_autofree char *other = g_build_filename (self->directory, "f", NULL);
  g_autofree char *first = place (self, self->root);
  g_autofree char *second = NULL;

  g_assert_true (valise_directory_remove (self->root, NULL));
  g_assert_cmpint (g_mkdir (other, 0700), ==, 0);
  second = place (self, other);
  g_assert_false (g_file_test (first, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (second, G_FILE_TEST_IS_DIR));
}

/* Machines may be running that are written down there. */
static void
test_directory_stays (Fixture *self, gconstpointer unused)
{
  g_assert_cmpint (g_mkdir (self->run, 0700), ==, 0);
  _valise_embed_run_place (self->root, self->places);
  g_assert_false (g_file_test (self->run, G_FILE_TEST_IS_SYMLINK));
}

static void
test_no_memory (Fixture *self, gconstpointer unused)
{
  static const char *const places[] = { "/proc", "/nowhere", NULL };

  _valise_embed_run_place (self->root, places);
  g_assert_false (g_file_test (self->run, G_FILE_TEST_EXISTS));
}

/* Somebody else may have made the directory in a place that everybody can write to. */
static void
test_not_private (Fixture *self, gconstpointer unused)
{
  g_autofree char *own = g_build_filename (self->memory, "valise-embed", NULL);

  g_assert_cmpint (g_mkdir (own, 0700), ==, 0);
  g_assert_cmpint (g_chmod (own, 0777), ==, 0);
  _valise_embed_run_place (self->root, self->places);
  g_assert_false (g_file_test (self->run, G_FILE_TEST_EXISTS));
}

/* However long the state directory's name is, the guest agent's socket can be made below the driver's. */
static void
test_short_root (void)
{
  static const char *const states[] = { "/root/.local/state/valise", "/home/somebody/.local/state/valise",
                                        "/home/somebody.with.a.long.name/.local/state/valise" };
  static const char *const socket = "/lib/qemu/channel/target/domain-999-vm-01234567-89ab-cde/org.qemu.guest_agent.0";

  for (gsize i = 0; i < G_N_ELEMENTS (states); i++)
    {
      g_autofree char *root = NULL;

      g_setenv ("VALISE_STATE_DIR", states[i], TRUE);
      root = _valise_embed_root_default ();
      g_test_message ("%s", root);
      g_assert_cmpuint (strlen (root) + strlen (socket), <, 108);
      g_assert_true ((strlen (states[i]) < 27) == g_str_has_prefix (root, states[i]));
    }
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture *, gconstpointer);
  } cases[] = {
    { "/engine/embed-run/stays", test_stays },         { "/engine/embed-run/restarted", test_restarted },
    { "/engine/embed-run/renamed", test_renamed },     { "/engine/embed-run/copied", test_copied },
    { "/engine/embed-run/swept", test_swept },         { "/engine/embed-run/directory-stays", test_directory_stays },
    { "/engine/embed-run/no-memory", test_no_memory }, { "/engine/embed-run/not-private", test_not_private },
  };

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine/embed-root/short", test_short_root);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_test_add (cases[i].path, Fixture, NULL, set_up, cases[i].test, tear_down);
  return g_test_run ();
}
