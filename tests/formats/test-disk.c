/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-reader.h"

#include "place.h"

static void
place_set_up (Place *self, gconstpointer unused)
{
  place_begin (self, "disk");
}

/* What the real tools make, and what is read of it. @format: NULL when it is no disk; @code: of the worst finding */
static const struct
{
  const char *command, *file, *format, *compression;
  guint64 bytes;
  const char *code;
} disks[] = {
  { "qemu-img create -q -f qcow2 a.qcow2 10M", "a.qcow2", "qcow2", NULL, 10485760, NULL },
  { "qemu-img create -q -f qcow2 -o compat=0.10 b.qcow2 10M", "b.qcow2", "qcow2", NULL, 10485760, NULL },
  { "qemu-img create -q -f qcow2 -b a.qcow2 -F qcow2 c.qcow2", "c.qcow2", "qcow2", NULL, 10485760, "disk-difference" },
  { "qemu-img create -q -f qcow2 -o data_file=d.raw d.qcow2 1M", "d.qcow2", "qcow2", NULL, 1048576, "disk-outside" },
  { "cp a.qcow2 e.qcow2; printf '\\2' | dd of=e.qcow2 bs=1 seek=35 conv=notrunc status=none", "e.qcow2", "qcow2", NULL,
    10485760, "disk-encrypted" },
  { "qemu-img create -q -f qcow2 f.qcow2 1M; qemu-img snapshot -c now f.qcow2", "f.qcow2", "qcow2", NULL, 1048576,
    "snapshots-left" },
  { "qemu-img create -q -f vmdk g.vmdk 10M", "g.vmdk", "vmdk", NULL, 10485760, NULL },
  { "qemu-img create -q -f vmdk -o subformat=monolithicFlat h.vmdk 1M", "h-flat.vmdk", "vmdk", NULL, 1048576, NULL },
  { "qemu-img create -q -f vdi i.vdi 10M", "i.vdi", "vdi", NULL, 10485760, NULL },
  { "qemu-img create -q -f vpc -o force_size=on j.vhd 10M", "j.vhd", "vpc-dynamic", NULL, 10485760, NULL },
  { "qemu-img create -q -f vpc -o subformat=fixed,force_size=on k.vhd 10M", "k.vhd", "vpc-fixed", NULL, 10485760,
    NULL },
  { "qemu-img create -q -f vhdx l.vhdx 10M", "l.vhdx", "vhdx", NULL, 10485760, NULL },
  { "qemu-img create -q -f qed m.qed 10M", "m.qed", "qed", NULL, 10485760, NULL },
  { "qemu-img create -q -f qed -b a.qcow2 -F qcow2 n.qed", "n.qed", "qed", NULL, 10485760, "disk-difference" },
  { "qemu-img create -q -f parallels o.hds 10M", "o.hds", "parallels", NULL, 10485760, NULL },
  { "truncate -s 1M p.img", "p.img", "raw", NULL, 1048576, NULL },
  { "truncate -s 1M q.bin; printf '\\125\\252' | dd of=q.bin bs=1 seek=510 conv=notrunc status=none", "q.bin", "raw",
    NULL, 1048576, NULL },
  { "gzip -k a.qcow2", "a.qcow2.gz", "qcow2", "gzip", 10485760, NULL },
  { "xz -k a.qcow2", "a.qcow2.xz", "qcow2", "xz", 10485760, NULL },
  { "zstd -q -k a.qcow2", "a.qcow2.zst", "qcow2", "zstd", 10485760, NULL },
  { "xz -k p.img", "p.img.xz", "raw", "xz", 0, NULL },
  { "head -c 100 a.qcow2.xz > r.img.xz", "r.img.xz", "raw", "xz", 0, "disk-damaged" },
  { "printf 'shdw' > s.img; truncate -s 1M s.img", "s.img", "asif", NULL, 0, "disk-format" },
  { "cp a.qcow2 debian-12-genericcloud-arm64.qcow2", "debian-12-genericcloud-arm64.qcow2", "qcow2", NULL, 10485760,
    "cloud-image" },
  { "head -c 20 a.qcow2 > t.qcow2", "t.qcow2", "qcow2", NULL, 0, "disk-damaged" },
  { "head -c 70000 l.vhdx > u.vhdx", "u.vhdx", "vhdx", NULL, 0, "disk-damaged" },
  { "head -c 3M /dev/urandom > z; truncate -s 10M z; qemu-img convert -O qcow2 z aa.qcow2; truncate -s 2M aa.qcow2",
    "aa.qcow2", "qcow2", NULL, 10485760, "disk-damaged" },
  { "head -c 786432 /dev/urandom | base64 -w0 > y; qemu-img convert -c -O qcow2 y ar.qcow2; rm y", "ar.qcow2", "qcow2",
    NULL, 1048576, NULL },
  { "cp ar.qcow2 as.qcow2; truncate -s -2000 as.qcow2", "as.qcow2", "qcow2", NULL, 1048576, "disk-damaged" },
  { "qemu-img convert -c -O qcow2 -o compression_type=zstd,cluster_size=2M ar.qcow2 at.qcow2; truncate -s -1 at.qcow2",
    "at.qcow2", "qcow2", NULL, 1048576, NULL },
  { "qemu-img convert -O vmdk z ab.vmdk; truncate -s 2M ab.vmdk", "ab.vmdk", "vmdk", NULL, 10485760, "disk-damaged" },
  { "head -c 600 ab.vmdk > ap.vmdk", "ap.vmdk", "vmdk", NULL, 0, "disk-damaged" },
  { "qemu-img convert -O vmdk -o subformat=streamOptimized z aq.vmdk; truncate -s 570 aq.vmdk", "aq.vmdk", "vmdk", NULL,
    0, "disk-damaged" },
  { "qemu-img convert -O vmdk -o subformat=twoGbMaxExtentSparse z ac.vmdk; truncate -s 2M ac-s001.vmdk", "ac.vmdk",
    "vmdk", NULL, 10485760, "disk-damaged" },
  { "qemu-img convert -O vmdk z ad.vmdk; qemu-img create -q -f vmdk -b ad.vmdk -F vmdk ae.vmdk; truncate -s 2M ad.vmdk",
    "ae.vmdk", "vmdk", NULL, 10485760, "disk-damaged" },
  { "qemu-img convert -O vdi z af.vdi; truncate -s 2M af.vdi", "af.vdi", "vdi", NULL, 10485760, "disk-damaged" },
  { "qemu-img convert -O vpc -o force_size=on z ag.vhd; truncate -s 2M ag.vhd", "ag.vhd", "vpc-dynamic", NULL, 10485760,
    "disk-damaged" },
  { "qemu-img convert -O vhdx z ah.vhdx; truncate -s 10M ah.vhdx", "ah.vhdx", "vhdx", NULL, 10485760, "disk-damaged" },
  { "qemu-img convert -O qed z ai.qed; truncate -s 2M ai.qed", "ai.qed", "qed", NULL, 10485760, "disk-damaged" },
  { "qemu-img convert -O parallels z ak.hds; truncate -s 100 ak.hds", "ak.hds", "parallels", NULL, 10485760,
    "disk-damaged" },
  { "qemu-img convert -O vpc -o subformat=fixed,force_size=on z al.vhd; truncate -s 2M al.vhd; "
    "printf '\\125\\252' | dd of=al.vhd bs=1 seek=510 conv=notrunc status=none",
    "al.vhd", "raw", NULL, 2097152, "disk-short" },
  { "qemu-img convert -O parallels z aj.hds; truncate -s 2M aj.hds; rm z", "aj.hds", "parallels", NULL, 10485760,
    "disk-damaged" },
  { "python3 -c 'import zipfile; zipfile.ZipFile(\"am.zip\", \"w\", 8).write(\"j.vhd\")'", "am.zip", "vpc-dynamic",
    NULL, 10485760, NULL },
  { "tar -cf an.tar a.qcow2", "an.tar", "qcow2", NULL, 10485760, NULL },
  { "tar -cf ao.tar a.qcow2 b.qcow2", "ao.tar", NULL, NULL, 0, NULL },
  { "echo hello > v.txt", "v.txt", NULL, NULL, 0, NULL },
  { "echo hello | gzip > w.txt.gz", "w.txt.gz", NULL, NULL, 0, NULL },
  { ": > x.img", "x.img", NULL, NULL, 0, NULL },
  { "xorriso -as mkisofs -quiet -o y.iso p.img 2>/dev/null", "y.iso", NULL, NULL, 0, NULL },
};

static const char *
find_code (const ValiseBlueprint *machine)
{
  const ValiseFinding *worst = NULL;

  for (guint i = 0; i < machine->findings->len; i++)
    {
      const ValiseFinding *finding = machine->findings->pdata[i];

      if (worst == NULL || finding->severity > worst->severity)
        worst = finding;
    }
  return worst != NULL ? worst->code : NULL;
}

static void
test_real (Place *self, gconstpointer unused)
{
  for (gsize i = 0; i < G_N_ELEMENTS (disks); i++)
    {
      g_autofree char *path = g_build_filename (self->directory, disks[i].file, NULL);
      g_autoptr (GPtrArray) machines = NULL;
      g_autoptr (GError) error = NULL;
      const ValiseBlueprint *machine;
      const ValiseBlueprintDrive *drive;

      g_test_message ("%s", disks[i].command);
      place_run (self->directory, disks[i].command);
      machines = valise_reader_read (path, NULL, NULL, &error);
      if (disks[i].format == NULL)
        {
          g_assert_error (error, VALISE_READER_ERROR, VALISE_READER_ERROR_UNKNOWN);
          continue;
        }
      g_assert_no_error (error);
      machine = machines->pdata[0];
      drive = machine->drives->pdata[0];
      g_assert_cmpstr (drive->format, ==, disks[i].format);
      g_assert_cmpstr (drive->compression, ==, disks[i].compression);
      g_assert_cmpuint (drive->capacity, ==, disks[i].bytes);
      g_assert_cmpstr (find_code (machine), ==, disks[i].code);
    }
}

/* Called off, nothing is said of the machine, also nothing wrong. */
static void
test_cancelled (Place *self, gconstpointer unused)
{
  g_autofree char *path = g_build_filename (self->directory, "a.qcow2", NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  place_run (self->directory, "qemu-img create -q -f qcow2 a.qcow2 10M");
  g_cancellable_cancel (cancellable);
  g_assert_null (valise_reader_read (path, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/formats/disk/real", Place, NULL, place_set_up, test_real, place_tear_down);
  g_test_add ("/formats/disk/cancelled", Place, NULL, place_set_up, test_cancelled, place_tear_down);
  return g_test_run ();
}
