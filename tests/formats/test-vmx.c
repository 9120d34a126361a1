/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-reader.h"

#include <glib/gstdio.h>

#include "blueprint-text.h"
#include "place.h"

static void
test_samples (void)
{
  blueprint_check_folder ("vmx");
}

static void
place_set_up (Place *self, gconstpointer unused)
{
  place_begin (self, "vmx");
}

/* Disks that qemu-img makes, of each kind that it makes, and a chain of differences. */
static const struct
{
  const char *command, *file, *beside;
  guint64 bytes;
  const char *code;
} disks[] = {
  { "qemu-img create -q -f vmdk a.vmdk 10M", "a.vmdk", NULL, 10485760, NULL },
  { "qemu-img create -q -f vmdk -o subformat=monolithicFlat b.vmdk 1M", "b.vmdk", "b-flat.vmdk", 1048576, NULL },
  { "qemu-img create -q -f vmdk -o subformat=twoGbMaxExtentSparse c.vmdk 3G", "c.vmdk", "c-s001.vmdk c-s002.vmdk",
    3221225472, NULL },
  { "qemu-img create -q -f vmdk -o subformat=twoGbMaxExtentFlat d.vmdk 1M", "d.vmdk", "d-f001.vmdk", 1048576, NULL },
  { "qemu-io -f vmdk -c 'write 0 4k' d.vmdk > qemu-io.log", "d.vmdk", "d-f001.vmdk", 1048576, NULL },
  /* QEMU wrote a shorter content id, and what the text ended with is left behind it. */
  { "sed 's/^CID=.*/CID=ca95c4/' d.vmdk | tr -d '\\0' > k.vmdk; printf '\\0\\n' >> k.vmdk; truncate -s 512 k.vmdk",
    "k.vmdk", "d-f001.vmdk", 1048576, NULL },
  { "tr -d '\\0' < d.vmdk > l.vmdk; printf '\\0RW' >> l.vmdk; truncate -s 512 l.vmdk", "l.vmdk", NULL, 0,
    "disk-damaged" },
  { "tr -d '\\0' < d.vmdk > l.vmdk; truncate -s 504 l.vmdk; printf '\\n' >> l.vmdk", "l.vmdk", NULL, 0,
    "disk-damaged" },
  { "cp d.vmdk e.vmdk; printf 'RW 1 FLAT \"raw\" 0' >> e.vmdk", "e.vmdk", NULL, 0, "disk-damaged" },
  { "rm -f e.vmdk; qemu-img create -q -f raw raw 1M; qemu-img convert -O vmdk -o subformat=streamOptimized raw e.vmdk",
    "e.vmdk", NULL, 1048576, NULL },
  { "qemu-img create -q -f vmdk -b a.vmdk -F vmdk a-000001.vmdk; qemu-img create -q -f vmdk -b a-000001.vmdk -F vmdk "
    "a-000002.vmdk",
    "a-000002.vmdk", "a-000001.vmdk a.vmdk", 10485760, "disk-flattened" },
  { "qemu-img create -q -f vmdk -b a.vmdk -F vmdk lost.vmdk; mv a.vmdk elsewhere", "lost.vmdk", NULL, 10485760,
    "disk-parent-missing" },
  { "rm c-s002.vmdk", "c.vmdk", NULL, 3221225472, "disk-extent-missing" },
  { "ln -s c-s001.vmdk c-s002.vmdk", "c.vmdk", NULL, 3221225472, "disk-extent-missing" },
  { "cp e.vmdk f.vmdk; printf '\\0\\0\\0\\0\\0\\0\\0\\0' | dd of=f.vmdk bs=1 seek=12 conv=notrunc status=none",
    "f.vmdk", NULL, 0, "disk-damaged" },
  { "cp e.vmdk g.vmdk; printf '\\2' | dd of=g.vmdk bs=1 seek=28 conv=notrunc status=none", "g.vmdk", NULL, 0,
    "disk-damaged" },
  { "printf KDMV > h.vmdk", "h.vmdk", NULL, 0, "disk-damaged" },
  { ": > i.vmdk", "i.vmdk", NULL, 0, "disk-damaged" },
  { "head -c 1000000 /dev/urandom > j.vmdk", "j.vmdk", NULL, 0, "disk-damaged" },
};

static gboolean
has_code (const ValiseBlueprint *blueprint, const char *code)
{
  for (guint i = 0; i < blueprint->findings->len; i++)
    if (g_str_equal (((ValiseFinding *) blueprint->findings->pdata[i])->code, code))
      return TRUE;
  return FALSE;
}

static void
check_disk (const char *directory, gsize i)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (directory, "machine.vmx", NULL);
  g_autofree char *text =
      g_strdup_printf ("config.version = \"8\"\nide0:0.present = \"TRUE\"\nide0:0.fileName = \"%s\"\n", disks[i].file);
  g_autofree char *beside = NULL;
  g_autoptr (GPtrArray) machines = NULL;
  const ValiseBlueprint *blueprint;
  const ValiseBlueprintDrive *drive;

  place_run (directory, disks[i].command);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  machines = valise_reader_read (path, NULL, NULL, &error);
  g_assert_no_error (error);
  blueprint = machines->pdata[0];
  drive = blueprint->drives->pdata[0];
  g_test_message ("%s", disks[i].file);
  g_assert_cmpuint (drive->capacity, ==, disks[i].bytes);
  beside = drive->beside != NULL ? g_strjoinv (" ", drive->beside) : NULL;
  g_assert_cmpstr (beside, ==, disks[i].beside);
  g_assert_true (disks[i].code == NULL ? blueprint->findings->len == 0 : has_code (blueprint, disks[i].code));
}

static void
test_disks (Place *self, gconstpointer unused)
{
  for (gsize i = 0; i < G_N_ELEMENTS (disks); i++)
    check_disk (self->directory, i);
}

/* In an archive the pieces of a disk are read where they lie, unless they are packed there. */
static void
test_archive (Place *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (self->directory, "machine.tar", NULL);
  g_autoptr (GPtrArray) machines = NULL;

  place_run (
      self->directory,
      "printf 'config.version = \"8\"\\nide0:0.present = \"TRUE\"\\nide0:0.fileName = \"b.vmdk\"\\n' > m.vmx; qemu-img "
      "create -q -f vmdk -o subformat=monolithicFlat b.vmdk 1M; tar cf machine.tar m.vmx b.vmdk b-flat.vmdk");
  machines = valise_reader_read (path, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (has_code (machines->pdata[0], "disk-in-archive"));
  g_assert_false (((const ValiseBlueprint *) machines->pdata[0])->refused);
}

/* QEMU would take what comes after for what lies there. */
static void
test_zeros (Place *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (self->directory, "m.vmx", NULL);
  g_autoptr (GPtrArray) machines = NULL;

  place_run (
      self->directory,
      "printf 'config.version = \"8\"\nide0:0.present = \"TRUE\"\nide0:0.fileName = \"b.vmdk\"\n' > m.vmx; qemu-img "
      "create -q -f vmdk -o subformat=monolithicFlat b.vmdk 1M; sed -i 's/^RW .*/RW 1024 ZERO\\nRW 1024 FLAT "
      "\"b-flat.vmdk\" 0/' b.vmdk; grep -q ZERO b.vmdk");
  machines = valise_reader_read (path, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (has_code (machines->pdata[0], "disk-format"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/formats/vmx/samples", test_samples);
  g_test_add ("/formats/vmx/disks", Place, NULL, place_set_up, test_disks, place_tear_down);
  g_test_add ("/formats/vmx/archive", Place, NULL, place_set_up, test_archive, place_tear_down);
  g_test_add ("/formats/vmx/zeros", Place, NULL, place_set_up, test_zeros, place_tear_down);
  return g_test_run ();
}
