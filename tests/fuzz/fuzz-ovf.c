/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A stranger's OVF descriptor, with a file beside it that its references may mean. The same bytes are its manifest, whose
 * lines a seed has in a comment. */
#include "formats/valise-blueprint-json.h"
#include "formats/valise-reader.h"

#include <glib/gstdio.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
write_file (const char *directory, const char *name, const void *data, gsize size)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);

  g_assert_true (
      g_file_set_contents_full (path, size > 0 ? data : "", (gssize) size, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

static void
assert_shown (const char *text)
{
  g_assert_true (g_utf8_validate (text, -1, NULL));
  for (const char *c = text; *c != '\0'; c++)
    g_assert_cmpuint ((guchar) *c, >=, 0x20);
}

static void
use (const ValiseBlueprint *machine)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;

  assert_shown (machine->name);
  json_builder_begin_object (builder);
  valise_blueprint_add_json (machine, builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  text = json_to_string (root, FALSE);
  g_assert_true (g_utf8_validate (text, -1, NULL));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *directory =
      g_strdup_printf ("%s/v-ovf-%d", g_file_test ("/dev/shm", G_FILE_TEST_IS_DIR) ? "/dev/shm" : g_get_tmp_dir (),
                       getpid ());
  g_autofree char *path = g_build_filename (directory, "box.ovf", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) machines = NULL;

  g_assert_cmpint (g_mkdir_with_parents (directory, 0700), ==, 0);
  write_file (directory, "box.ovf", data, size);
  write_file (directory, "box.mf", data, size);
  write_file (directory, "disk.vmdk", "\x1f\x8b", 2);
  machines = valise_reader_read (path, NULL, NULL, &error);
  g_assert_true ((machines == NULL) == (error != NULL));
  for (guint i = 0; machines != NULL && i < machines->len; i++)
    use (machines->pdata[i]);
  for (const char *const *name = (const char *const[]){ "box.ovf", "box.mf", "disk.vmdk", NULL }; *name != NULL; name++)
    {
      g_autofree char *file = g_build_filename (directory, *name, NULL);

      g_unlink (file);
    }
  g_rmdir (directory);
  return 0;
}
