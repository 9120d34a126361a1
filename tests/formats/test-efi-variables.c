/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The variables of OVMF's builds, with those that Debian packs, and qemu-img's images of them. */
#include "formats/valise-efi-variables.h"

#include <glib/gstdio.h>
#include <string.h>

#include "base/valise-process.h"
#include "efi-fixture.h"
#include "formats/valise-reader.h"

#define FILE_THERE "\\EFI\\other\\start.efi"

static char *folder;

static gboolean
has_templates (void)
{
  if (g_file_test (EFI_FIXTURE_LARGE, G_FILE_TEST_EXISTS) && g_file_test (EFI_FIXTURE_SMALL, G_FILE_TEST_EXISTS))
    return TRUE;
  g_test_skip ("ovmf is not installed");
  return FALSE;
}

static GBytes *
read_file (const char *path)
{
  char *bytes;
  gsize length;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &bytes, &length, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (bytes, length);
}

static char *
written (const char *name, const char *template)
{
  char *path = g_build_filename (folder, name, NULL);

  efi_fixture_write (path, template, FILE_THERE, 0x1234, 63, 1000);
  return path;
}

static GBytes *
volume_of (const char *path)
{
  g_autoptr (GBytes) file = read_file (path);
  GBytes *volume = valise_efi_volume_new (file);

  g_assert_nonnull (volume);
  return volume;
}

/* From either layout into either: the same variables, and the layout of the other. */
static void
test_move (void)
{
  static const char *const templates[] = { EFI_FIXTURE_SMALL, EFI_FIXTURE_LARGE };

  if (!has_templates ())
    return;
  for (guint i = 0; i < 4; i++)
    {
      g_autofree char *path = written ("vars.fd", templates[i % 2]);
      g_autofree char *result = g_build_filename (folder, "moved.fd", NULL);
      g_autoptr (GBytes) volume = volume_of (path);
      g_autoptr (GBytes) empty = volume_of (templates[i / 2]);
      g_autoptr (GBytes) moved = valise_efi_volume_move (volume, empty);
      g_autoptr (GBytes) again = NULL;

      g_assert_nonnull (moved);
      g_assert_cmpuint (efi_fixture_count (empty), ==, 0);
      g_assert_cmpuint (efi_fixture_count (moved), ==, 3);
      g_assert_cmpuint (g_bytes_get_size (moved), ==, g_bytes_get_size (empty));
      again = valise_efi_volume_new (moved);
      g_assert_true (g_bytes_equal (again, moved));
      g_assert_true (
          g_file_set_contents (result, g_bytes_get_data (moved, NULL), (gssize) g_bytes_get_size (moved), NULL));
      g_assert_true (efi_fixture_has_mark (result));
      g_unlink (path);
      g_unlink (result);
    }
}

/* Keys of Secure Boot are many and long: they need the larger layout. */
static void
test_keys (void)
{
  g_autoptr (GBytes) keys = NULL;
  g_autoptr (GBytes) empty = NULL;
  g_autoptr (GBytes) moved = NULL;

  if (!has_templates ())
    return;
  keys = volume_of ("/usr/share/OVMF/OVMF_VARS_4M.ms.fd");
  empty = volume_of (EFI_FIXTURE_LARGE);
  moved = valise_efi_volume_move (keys, empty);
  g_assert_nonnull (moved);
  g_assert_cmpuint (efi_fixture_count (keys), >, 3);
  g_assert_cmpuint (efi_fixture_count (moved), ==, efi_fixture_count (keys));
}

static void
write_conf (const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, "guest_os=\"linux\"\ndisk_img=\"box/disk.qcow2\"\n", -1, NULL));
}

/* What qemu-img makes of it, in every form; read as a machine of quickemu's. */
static void
test_images (void)
{
  static const struct
  {
    const char *options;
    gboolean kept;
  } forms[] = {
    { "-O qcow2", TRUE },
    { "-O raw", TRUE },
    { "-O qcow2 -o compat=0.10", TRUE },
    { "-O qcow2 -o cluster_size=512", TRUE },
    { "-O qcow2 -o cluster_size=2M", FALSE }, /* beyond what is looked at */
    { "-O qcow2 -c", FALSE },
    { "-O vmdk", FALSE },
  };
  g_autofree char *source = NULL;
  g_autofree char *box = g_build_filename (folder, "box", NULL);

  if (!has_templates ())
    return;
  source = written ("source.fd", EFI_FIXTURE_LARGE);
  write_conf ("box.conf");
  g_assert_cmpint (g_mkdir (box, 0700), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autofree char *script = g_strdup_printf ("cd '%s' && qemu-img convert -f raw %s source.fd box/OVMF_VARS.fd",
                                                 folder, forms[i].options);
      const char *const argv[] = { "sh", "-c", script, NULL };
      g_autofree char *conf = g_build_filename (folder, "box.conf", NULL);
      g_autoptr (GPtrArray) machines = NULL;
      g_autoptr (GError) error = NULL;
      const ValiseBlueprint *machine;

      valise_process_run (argv, NULL, NULL, NULL, NULL, &error);
      g_assert_no_error (error);
      machines = valise_reader_read (conf, NULL, NULL, &error);
      g_assert_no_error (error);
      machine = machines->pdata[0];
      g_assert_cmpstr (machine->nvram, ==, "box/OVMF_VARS.fd");
      g_test_message ("%s", forms[i].options);
      g_assert_cmpint (machine->nvram_kept, ==, forms[i].kept);
    }
}

/* Cut anywhere, or with any byte of its heads changed, it is read or it is not; never beyond its end. */
static void
test_damaged (void)
{
  g_autofree char *path = NULL;
  g_autoptr (GBytes) file = NULL;
  g_autoptr (GBytes) empty = NULL;
  gsize length;
  const guint8 *bytes;

  if (!has_templates ())
    return;
  path = written ("damaged.fd", EFI_FIXTURE_SMALL);
  file = read_file (path);
  empty = volume_of (EFI_FIXTURE_SMALL);
  bytes = g_bytes_get_data (file, &length);
  for (gsize i = 0; i < 2048; i++)
    {
      g_autofree guint8 *copy = g_memdup2 (bytes, length);
      g_autoptr (GBytes) cut = g_bytes_new (bytes, i * 64);
      g_autoptr (GBytes) none = valise_efi_volume_new (cut);
      g_autoptr (GBytes) changed = NULL;
      g_autoptr (GBytes) volume = NULL;
      g_autoptr (GBytes) moved = NULL;

      g_assert_null (none);
      copy[i % 512] ^= (guint8) (1u << (i / 512 * 2));
      changed = g_bytes_new_take (g_steal_pointer (&copy), length);
      volume = valise_efi_volume_new (changed);
      moved = volume != NULL ? valise_efi_volume_move (volume, empty) : NULL;
      g_assert_true (moved == NULL || g_bytes_get_size (moved) == g_bytes_get_size (empty));
    }
}

int
main (int argc, char **argv)
{
  g_autofree char *script = NULL;
  int result;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("valise-efi-XXXXXX", NULL);
  g_test_add_func ("/formats/efi-variables/move", test_move);
  g_test_add_func ("/formats/efi-variables/keys", test_keys);
  g_test_add_func ("/formats/efi-variables/images", test_images);
  g_test_add_func ("/formats/efi-variables/damaged", test_damaged);
  result = g_test_run ();
  script = g_strdup_printf ("rm -rf '%s'", folder);
  valise_process_run ((const char *const[]){ "sh", "-c", script, NULL }, NULL, NULL, NULL, NULL, NULL);
  g_free (folder);
  return result;
}
