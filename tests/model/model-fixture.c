/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model-fixture.h"

#include <glib/gstdio.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "base/valise-size.h"

static char *directory;

void
model_fixture_begin (void)
{
  g_autofree char *firmware = g_test_build_filename (G_TEST_DIST, "model", "data", "firmware", NULL);
  g_autofree char *state = NULL;
  g_autofree char *bin = NULL;
  g_autofree char *path = NULL;

  directory = g_dir_make_tmp ("valise-model-XXXXXX", NULL);
  g_assert_nonnull (directory);
  state = g_build_filename (directory, "state", NULL);
  bin = g_build_filename (directory, "bin", NULL);
  g_assert_cmpint (g_mkdir (bin, 0700), ==, 0);
  path = g_strdup_printf ("%s", bin);
  g_setenv ("VALISE_FIRMWARE_DIR", firmware, TRUE);
  g_setenv ("VALISE_STATE_DIR", state, TRUE);
  g_setenv ("PATH", path, TRUE);
}

void
model_fixture_end (void)
{
  g_assert_true (valise_directory_remove (directory, NULL));
  g_clear_pointer (&directory, g_free);
}

const char *
model_fixture_directory (void)
{
  return directory;
}

char *
model_fixture_read (const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "model", "data", name, NULL);
  g_autoptr (GError) error = NULL;
  char *text = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

ValiseCapabilities *
model_fixture_capabilities (const char *domain)
{
  g_autofree char *domain_xml = model_fixture_read (domain);
  g_autofree char *host_xml = model_fixture_read ("capabilities.xml");
  g_autoptr (GError) error = NULL;
  ValiseCapabilities *capabilities = valise_capabilities_new (domain_xml, host_xml, 8, 16 * VALISE_GIB, &error);

  g_assert_no_error (error);
  return capabilities;
}

void
model_fixture_program (const char *name, gboolean there)
{
  g_autofree char *path = g_build_filename (directory, "bin", name, NULL);

  if (there)
    g_assert_true (g_file_set_contents_full (path, "", 0, G_FILE_SET_CONTENTS_NONE, 0700, NULL));
  else
    g_unlink (path);
}
