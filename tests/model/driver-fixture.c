/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver-fixture.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "base/valise-size.h"

static char *directory;
static char *uri;

/* What QEMU answers the driver's first questions (seconds) is kept in the build directory. */
static void
share_cache (void)
{
  const char *build = g_getenv ("G_TEST_BUILDDIR");
  g_autofree char *shared = g_build_filename (build != NULL ? build : "/tmp", "model", "qemu-cache", NULL);
  g_autofree char *cache = g_build_filename (directory, "e", "cache", NULL);

  g_assert_cmpint (g_mkdir_with_parents (shared, 0700), ==, 0);
  g_assert_cmpint (symlink (shared, cache), ==, 0);
}

void
driver_fixture_begin (void)
{
  static const char as_user[] = "stdio_handler = \"file\"\n";
  static const char as_root[] =
      "stdio_handler = \"file\"\nuser = \"root\"\ngroup = \"root\"\nsecurity_driver = \"none\"\n"
      "remember_owner = 0\nnamespaces = []\ncgroup_controllers = []\n";
  g_autofree char *etc = NULL;
  g_autofree char *file = NULL;

  directory = g_strdup ("/tmp/vm-XXXXXX");
  g_assert_nonnull (g_mkdtemp (directory));
  etc = g_build_filename (directory, "e", "etc", NULL);
  file = g_build_filename (etc, "qemu.conf", NULL);
  g_assert_cmpint (g_mkdir_with_parents (etc, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, geteuid () == 0 ? as_root : as_user, -1, NULL));
  uri = g_strdup_printf ("qemu:///embed?root=%s/e", directory);
  share_cache ();
}

static void
end_machine (const char *path)
{
  g_autofree char *text = NULL;

  if (g_file_get_contents (path, &text, NULL, NULL) && atoi (text) > 1)
    kill (atoi (text), SIGKILL);
}

void
driver_fixture_end (void)
{
  g_autofree char *run = g_build_filename (directory, "e", "run", "qemu", NULL);
  g_autoptr (GDir) listing = g_dir_open (run, 0, NULL);
  const char *name;

  while (listing != NULL && (name = g_dir_read_name (listing)) != NULL)
    {
      g_autofree char *path = g_build_filename (run, name, NULL);

      if (g_str_has_prefix (name, "vm-") && g_str_has_suffix (name, ".pid"))
        end_machine (path);
    }
  valise_directory_remove (directory, NULL);
  g_clear_pointer (&directory, g_free);
  g_clear_pointer (&uri, g_free);
}

const char *
driver_fixture_directory (void)
{
  return directory;
}

char *
driver_fixture_virsh (const char *commands, char **complaint)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) virsh = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE,
                                                    &error, "virsh", "-q", "-c", uri, commands, NULL);
  char *output = NULL;
  g_autofree char *said = NULL;

  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (virsh, NULL, NULL, &output, &said, &error);
  g_assert_no_error (error);
  if (g_subprocess_get_successful (virsh))
    return output;
  if (complaint != NULL)
    *complaint = g_strconcat (output, said, NULL);
  g_free (output);
  return NULL;
}

ValiseCapabilities *
driver_fixture_capabilities (void)
{
  g_autofree char *domain = driver_fixture_virsh ("domcapabilities --virttype qemu --machine q35", NULL);
  g_autofree char *host = driver_fixture_virsh ("capabilities", NULL);
  g_autoptr (GError) error = NULL;
  ValiseCapabilities *self = valise_capabilities_new (domain, host, 2, 8 * VALISE_GIB, &error);

  g_assert_no_error (error);
  return self;
}
