/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-reader.h"

#include <glib/gstdio.h>
#include <string.h>

#include "blueprint-text.h"
#include "place.h"

static void
test_samples (void)
{
  blueprint_check_folder ("vagrant");
}

static void
place_set_up (Place *self, gconstpointer unused)
{
  place_begin (self, "vagrant");
}

/* As it comes from the network, and as Vagrant lays it into its own folder; either by the file of its name. */
static const struct
{
  const char *command, *path, *name;
} boxes[] = {
  { "tar cf small.box -C $FROM .", "small.box", "small" },
  { "mkdir -p debian-VAGRANTSLASH-bookworm64/12.1; cp -r $FROM debian-VAGRANTSLASH-bookworm64/12.1/libvirt",
    "debian-VAGRANTSLASH-bookworm64/12.1/libvirt", "bookworm64" },
  { "tar czf packed.box -C $FROM .", "packed.box", "packed" },
  { "tar cJf packed.xz.box -C $FROM .", "packed.xz.box", "packed.xz" },
  { "tar cjf packed.bz2.box -C $FROM .", "packed.bz2.box", "packed.bz2" },
  { "cp -r $FROM plain", "plain/metadata.json", "plain" },
};

static void
run (const char *directory, const char *from, const char *command)
{
  g_autofree char *whole = g_strdup_printf ("FROM='%s'; %s", from, command);

  place_run (directory, whole);
}

/* Cut anywhere it is damaged, never half a machine; and what is packed but no archive is no box. */
static void
test_damaged (Place *self, gconstpointer unused)
{
  g_autofree char *from = g_test_build_filename (G_TEST_DIST, "formats", "data", "vagrant", "libvirt", NULL);
  const char *const names[] = { "cut.box", "flipped.box", "disk.gz", "nothing.box" };

  run (self->directory, from,
       "cp -r $FROM big; head -c 300000 /dev/urandom > big/box.img; tar czf whole.box -C big .; head -c 200000 "
       "whole.box > "
       "cut.box; cp whole.box flipped.box; printf abcdefgh | dd of=flipped.box bs=1 seek=100000 conv=notrunc "
       "status=none; "
       "head -c 3000 big/box.img | gzip > disk.gz; printf '\\037\\213' > nothing.box");
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (self->directory, names[i], NULL);
      g_autoptr (GError) error = NULL;

      g_assert_null (valise_reader_read (path, NULL, NULL, &error));
      g_assert_nonnull (strstr (error->message, names[i]));
    }
}

/* The bytes in it are the ones that were packed. */
static void
test_packed (Place *self, gconstpointer unused)
{
  g_autofree char *from = g_test_build_filename (G_TEST_DIST, "formats", "data", "vagrant", "libvirt", NULL);
  g_autofree char *path = g_build_filename (self->directory, "whole.box", NULL);
  g_autofree char *image = g_build_filename (self->directory, "big/box.img", NULL);
  g_autofree char *expected = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (ValisePackage) package = NULL;
  g_autoptr (GBytes) bytes = NULL;
  gsize length;

  run (self->directory, from,
       "cp -r $FROM big; (head -c 200000 /dev/zero; head -c 100000 /dev/urandom; head -c 300000 /dev/zero) > "
       "big/box.img; "
       "tar czf whole.box -C big .");
  package = valise_package_open (path, &error);
  g_assert_no_error (error);
  bytes = valise_package_read (package, valise_package_lookup (package, "box.img"), 1 << 20, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (image, &expected, &length, NULL));
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), expected, length);
}

/* A box states whole GiB: a disk of which less is missing may be as long as it was. */
static void
test_rounded (Place *self, gconstpointer unused)
{
  g_autofree char *from = g_test_build_filename (G_TEST_DIST, "formats", "data", "vagrant", "libvirt", NULL);
  static const char *const sizes[] = { "20G", "20000M", "18G" };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *make = g_strdup_printf ("rm -rf r; cp -r $FROM r; truncate -s %s r/box.img", sizes[i]);
      g_autofree char *path = g_build_filename (self->directory, "r/metadata.json", NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) machines = NULL;
      gboolean told = FALSE;

      run (self->directory, from, make);
      machines = valise_reader_read (path, NULL, NULL, &error);
      g_assert_no_error (error);
      for (guint n = 0; n < ((ValiseBlueprint *) machines->pdata[0])->findings->len; n++)
        told |= g_str_equal (((ValiseFinding *) ((ValiseBlueprint *) machines->pdata[0])->findings->pdata[n])->code,
                             "disk-short");
      g_assert_cmpint (told, ==, i == 2);
    }
}

static void
test_boxes (Place *self, gconstpointer unused)
{
  g_autofree char *from = g_test_build_filename (G_TEST_DIST, "formats", "data", "vagrant", "libvirt", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (boxes); i++)
    {
      g_autofree char *path = g_build_filename (self->directory, boxes[i].path, NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) machines = NULL;
      const ValiseBlueprint *blueprint;

      run (self->directory, from, boxes[i].command);
      machines = valise_reader_read (path, NULL, NULL, &error);
      g_assert_no_error (error);
      blueprint = machines->pdata[0];
      g_assert_cmpstr (blueprint->format, ==, "vagrant");
      g_assert_cmpstr (blueprint->name, ==, boxes[i].name);
      g_assert_cmpuint (blueprint->memory, ==, 2048);
      g_assert_cmpstr (((ValiseBlueprintDrive *) blueprint->drives->pdata[0])->member, ==, "box.img");
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/formats/vagrant/samples", test_samples);
  g_test_add ("/formats/vagrant/boxes", Place, NULL, place_set_up, test_boxes, place_tear_down);
  g_test_add ("/formats/vagrant/rounded", Place, NULL, place_set_up, test_rounded, place_tear_down);
  g_test_add ("/formats/vagrant/damaged", Place, NULL, place_set_up, test_damaged, place_tear_down);
  g_test_add ("/formats/vagrant/packed", Place, NULL, place_set_up, test_packed, place_tear_down);
  return g_test_run ();
}
