/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One machine of every family that can be brought in starts and draws on its screen; make-family.sh makes them. Those that
 * are read as others are, and only packed in another way, are seen with VALISE_FAMILIES=all alone. */
#include "engine-fixture.h"
#include "foreign-fixture.h"

#include "base/valise-process.h"

#define MEMTEST "/boot/memtest86+x64"
#define OVMF "/usr/share/OVMF"

static ValiseHost *host;

/* What it starts: GRUB from its disk with a BIOS, or the test of memory as a kernel or by way of UEFI */
typedef enum
{
  STARTS_GRUB,
  STARTS_KERNEL,
  STARTS_UEFI,
} Starts;

static const struct
{
  const char *name;
  Starts starts;
  gboolean always;
} families[] = {
  { "xen", STARTS_GRUB, TRUE },
  { "ovirt", STARTS_GRUB, TRUE },
  { "gzip", STARTS_GRUB, TRUE },
  { "chunks", STARTS_GRUB, TRUE },
  { "vmx", STARTS_GRUB, TRUE },
  { "vbox", STARTS_GRUB, TRUE },
  { "vagrant-virtualbox", STARTS_GRUB, FALSE },
  { "vagrant-vmware", STARTS_GRUB, FALSE },
  { "vagrant-libvirt", STARTS_GRUB, FALSE },
  { "tart", STARTS_UEFI, FALSE },
  { "oci", STARTS_UEFI, FALSE },
  { "linuxkit", STARTS_KERNEL, TRUE },
  { "linuxkit-image", STARTS_GRUB, FALSE },
  { "hyperkit", STARTS_KERNEL, FALSE },
  { "libvirt", STARTS_GRUB, TRUE },
  { "parallels", STARTS_GRUB, TRUE },
  { "utm-2", STARTS_GRUB, TRUE },
  { "utm-3", STARTS_KERNEL, FALSE },
  { "utm-4-apple", STARTS_UEFI, FALSE },
  { "disk-vdi", STARTS_GRUB, FALSE },
  { "disk-vpc", STARTS_GRUB, FALSE },
  { "disk-vhdx", STARTS_GRUB, FALSE },
  { "disk-vmdk", STARTS_GRUB, FALSE },
  { "disk-qed", STARTS_GRUB, FALSE },
  { "packed-gz", STARTS_GRUB, FALSE },
  { "packed-xz", STARTS_GRUB, TRUE },
  { "packed-zst", STARTS_GRUB, FALSE },
  { "cloud", STARTS_GRUB, FALSE },
};

static char *
make (const char *family)
{
  g_autofree char *script = g_test_build_filename (G_TEST_DIST, "engine", "make-family.sh", NULL);
  g_autofree char *folder = g_build_filename (engine_fixture_directory (), family, NULL);
  const char *const argv[] = { script, family, folder, ENGINE_FIXTURE_GRUB_ISO, MEMTEST, NULL };
  g_autofree char *said = NULL;
  g_autoptr (GError) error = NULL;

  valise_process_run (argv, NULL, NULL, &said, NULL, &error);
  g_assert_no_error (error);
  return g_build_filename (folder, g_strstrip (said), NULL);
}

static gboolean
lacks (Starts starts)
{
  if (starts != STARTS_GRUB && !g_file_test (MEMTEST ".bin", G_FILE_TEST_EXISTS))
    g_test_skip ("memtest86+ is not installed");
  else if (starts == STARTS_UEFI && !g_file_test (OVMF, G_FILE_TEST_IS_DIR))
    g_test_skip ("ovmf is not installed");
  else
    return FALSE;
  return TRUE;
}

static void
test_family (gconstpointer data)
{
  gsize number = GPOINTER_TO_SIZE (data);
  g_autofree char *file = NULL;
  g_autoptr (ValiseLibrary) library = NULL;
  g_autoptr (ValiseMachine) machine = NULL;

  if (lacks (families[number].starts))
    return;
  file = make (families[number].name);
  library = valise_library_new (host, NULL);
  machine = foreign_fixture_bring_in (library, file);
  foreign_fixture_start_and_see (machine, families[number].starts == STARTS_GRUB ? FOREIGN_FIXTURE_MENU_PIXELS
                                                                                 : FOREIGN_FIXTURE_MEMTEST_PIXELS);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  engine_fixture_begin ();
  host = engine_fixture_host ();
  for (gsize i = 0; i < G_N_ELEMENTS (families); i++)
    {
      g_autofree char *path = g_strconcat ("/engine/foreign-families/", families[i].name, NULL);

      if (families[i].always || g_strcmp0 (g_getenv ("VALISE_FAMILIES"), "all") == 0)
        g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_family);
    }
  result = g_test_run ();
  g_object_unref (host);
  engine_fixture_end ();
  return result;
}
