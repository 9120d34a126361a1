/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-reader.h"

#include <glib/gstdio.h>

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
  { "cp -r $FROM plain", "plain/metadata.json", "plain" },
};

static void
test_boxes (Place *self, gconstpointer unused)
{
  g_autofree char *from = g_test_build_filename (G_TEST_DIST, "formats", "data", "vagrant", "libvirt", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (boxes); i++)
    {
      g_autofree char *path = g_build_filename (self->directory, boxes[i].path, NULL);
      g_autofree char *command = g_strdup_printf ("FROM='%s'; %s", from, boxes[i].command);
      const char *argv[] = { "/bin/sh", "-ec", command, NULL };
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) machines = NULL;
      const ValiseBlueprint *blueprint;
      int status;

      g_spawn_sync (self->directory, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, &error);
      g_assert_no_error (error);
      g_assert_cmpint (status, ==, 0);
      machines = valise_reader_read (path, NULL, &error);
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
  return g_test_run ();
}
