/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine-fixture.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/valise-path.h"

static char *directory;

const char *
engine_fixture_directory (void)
{
  return directory;
}

static void
set_directory (const char *variable, const char *name)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);

  g_assert_cmpint (g_mkdir_with_parents (path, 0700), ==, 0);
  g_setenv (variable, path, TRUE);
}

static void
share_cache (void)
{
  const char *build = g_getenv ("G_TEST_BUILDDIR");
  g_autofree char *shared = g_build_filename (build != NULL ? build : "/tmp", "engine", "qemu-cache", NULL);
  g_autofree char *root = g_build_filename (directory, "s", "e", NULL);
  g_autofree char *cache = g_build_filename (root, "cache", NULL);

  g_assert_cmpint (g_mkdir_with_parents (shared, 0700), ==, 0);
  g_assert_cmpint (g_mkdir_with_parents (root, 0700), ==, 0);
  g_assert_cmpint (symlink (shared, cache), ==, 0);
}

void
engine_fixture_begin (void)
{
  g_autoptr (GError) error = NULL;

  directory = g_strdup ("/tmp/ve-XXXXXX");
  g_assert_nonnull (g_mkdtemp (directory));
  set_directory ("VALISE_STATE_DIR", "s");
  set_directory ("VALISE_LIBRARY", "l");
  set_directory ("XDG_RUNTIME_DIR", "r");
  g_unsetenv ("VALISE_CONNECT");
  share_cache ();
}

/* QEMU outlives whoever started it: a test that failed half way must not leave one behind. */
static void
kill_machines (void)
{
  g_autofree char *run = g_build_filename (directory, "s", "e", "run", "qemu", NULL);
  g_autoptr (GDir) listing = g_dir_open (run, 0, NULL);
  const char *name;

  while (listing != NULL && (name = g_dir_read_name (listing)) != NULL)
    {
      g_autofree char *path = g_build_filename (run, name, NULL);
      g_autofree char *text = NULL;

      if (g_str_has_prefix (name, "vm-") && g_str_has_suffix (name, ".pid")
          && g_file_get_contents (path, &text, NULL, NULL) && atoi (text) > 1)
        kill (atoi (text), SIGKILL);
    }
}

void
engine_fixture_end (void)
{
  g_autoptr (GError) error = NULL;

  kill_machines ();
  g_assert_true (valise_directory_remove (directory, &error));
  g_assert_no_error (error);
  g_clear_pointer (&directory, g_free);
}
