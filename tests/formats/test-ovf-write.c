/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What we write as OVA and OVF, read by tar, qemu-img, sha256sum, xmllint, virt-v2v and ourselves. */
#include <glib/gstdio.h>
#include <string.h>

#include "bundle/valise-bundle.h"
#include "bundle/valise-image-tap.h"
#include "bundle/valise-parcel.h"
#include "formats/valise-outline.h"
#include "formats/valise-ovf-package.h"
#include "formats/valise-reader.h"
#include "place.h"

/* Two tables and a bit of a grain. */
#define ROOT_BYTES (40 * 1024 * 1024 + 3 * 512)

static const char config[] =
    "<domain type='qemu'><name>Büro &amp; Co</name><uuid>5b6c7a31-6d6e-4d0c-9d0e-0d1f5a3c9b10</uuid>"
    "<metadata><valise:machine xmlns:valise='https://valise.page/bundle/1' version='1' os='debian12'/></metadata>"
    "<memory unit='MiB'>768</memory><vcpu>3</vcpu>"
    "<os firmware='efi'><type arch='x86_64' machine='q35'>hvm</type></os><devices>"
    "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='disks/root.qcow2'/>"
    "<target dev='vda' bus='virtio'/></disk>"
    "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='disks/data.img'/>"
    "<target dev='hdc' bus='ide'/></disk>"
    "<disk type='file' device='cdrom'><target dev='sda' bus='sata'/><readonly/></disk>"
    "<interface type='user'><mac address='52:54:00:3a:1f:9c'/><model type='e1000'/></interface>"
    "<interface type='bridge'><model type='virtio'/><link state='down'/></interface>"
    "<tpm model='tpm-crb'><backend type='emulator'/></tpm><serial type='pty'/></devices></domain>";

typedef struct
{
  Place place;
  char *bundle;
} Fixture;

static void
set_up (Fixture *self, gconstpointer unused)
{
  g_autofree char *path = NULL;

  place_begin (&self->place, "out.ova");
  self->bundle = g_build_filename (self->place.directory, "Office.vmbundle", NULL);
  path = g_build_filename (self->bundle, "config.xml", NULL);
  place_run (self->place.directory, "mkdir -p Office.vmbundle/disks");
  g_assert_true (g_file_set_contents (path, config, -1, NULL));
  place_run (self->bundle,
             "head -c 41944576 /dev/zero > raw && head -c 3000000 /dev/urandom > noise &&"
             " dd if=noise of=raw bs=1M seek=31 conv=notrunc status=none &&"
             " yes valise | head -c 200000 | dd of=raw bs=512 seek=81500 conv=notrunc status=none iflag=fullblock &&"
             " truncate -s 41944576 raw &&"
             " qemu-img convert -q -f raw -O qcow2 raw disks/root.qcow2 && rm raw noise &&"
             " truncate -s 5M disks/data.img &&"
             " printf end | dd of=disks/data.img bs=1 seek=5242877 conv=notrunc status=none");
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  g_free (self->bundle);
  place_tear_down (&self->place, NULL);
}

static GPtrArray *
outline (const char *path, guint times)
{
  GPtrArray *machines = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_blueprint_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (path, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < times; i++)
    g_ptr_array_add (machines, valise_outline (bundle, valise_bundle_get_document (bundle), NULL, NULL));
  return machines;
}

static GPtrArray *
write_and_read (GPtrArray *machines, const char *path, ValiseOvfVersion version)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *made = valise_ovf_package_write (machines, path, version, FALSE, NULL, NULL, &error);
  GPtrArray *read;

  g_assert_no_error (error);
  read = valise_reader_read (made, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (read->len, ==, machines->len);
  return read;
}

static ValiseBlueprintDrive *
drive_on (const ValiseBlueprint *machine, const char *bus)
{
  for (guint i = 0; i < machine->drives->len; i++)
    {
      ValiseBlueprintDrive *drive = machine->drives->pdata[i];

      if (drive->device == VALISE_BLUEPRINT_DISK && g_strcmp0 (drive->bus, bus) == 0)
        return drive;
    }
  return NULL;
}

static void
check_facts (const ValiseBlueprint *machine)
{
  const ValiseBlueprintNic *first = machine->nics->pdata[0], *second = machine->nics->pdata[1];

  g_assert_cmpstr (machine->name, ==, "Büro & Co");
  g_assert_cmpint (machine->vcpus, ==, 3);
  g_assert_cmpuint (machine->memory, ==, 768);
  g_assert_cmpint (machine->firmware, ==, VALISE_BLUEPRINT_FIRMWARE_EFI);
  g_assert_true (machine->tpm);
  g_assert_cmpuint (machine->serial_ports, ==, 1);
  g_assert_cmpstr (machine->os_type, ==, "debian10_64Guest");
  g_assert_cmpuint (machine->drives->len, ==, 3);
  g_assert_cmpuint (machine->nics->len, ==, 2);
  g_assert_cmpstr (first->mac, ==, "52:54:00:3a:1f:9c");
  g_assert_cmpstr (first->model, ==, "E1000");
  g_assert_true (first->connected);
  g_assert_null (second->mac);
  g_assert_cmpstr (second->network, ==, "Bridged");
  g_assert_false (second->connected);
  /* virtio is neither VMware's nor VirtualBox's. */
  g_assert_cmpuint (drive_on (machine, "sata")->capacity, ==, ROOT_BYTES);
  g_assert_cmpuint (drive_on (machine, "ide")->capacity, ==, 5 * 1024 * 1024);
  g_assert_cmpstr (drive_on (machine, "ide")->unit, ==, "1:0");
}

static void
check_disks (const char *folder, const char *stem)
{
  g_autofree char *command =
      g_strdup_printf ("for n in 1 2; do qemu-img check -q -f vmdk %s-disk$n.vmdk || exit 1; done &&"
                       " qemu-img compare -q -f vmdk -F qcow2 %s-disk1.vmdk ../Office.vmbundle/disks/root.qcow2 &&"
                       " qemu-img compare -q -f vmdk -F raw %s-disk2.vmdk ../Office.vmbundle/disks/data.img &&"
                       " sed 's/^SHA256(\\(.*\\))= \\(.*\\)/\\2  \\1/' %s.mf | sha256sum --quiet -c -",
                       stem, stem, stem, stem);

  place_run (folder, command);
}

/* What the standard asks of its parts and their order; that what is referred to is there, our own reader has found. */
static void
check_structure (const char *descriptor, ValiseOvfVersion version)
{
  g_autofree char *schema = g_test_build_filename (G_TEST_DIST, "formats", "ovf.rng", NULL);
  g_autofree char *folder = g_path_get_dirname (descriptor);
  g_autofree char *command = g_strdup_printf (
      "sed 's|envelope/1\"|envelope/%d\"|' '%s' > ovf.rng && xmllint --noout --nonet --relaxng ovf.rng '%s'"
      " 2> told || { cat told >&2; exit 1; }; rm ovf.rng told",
      version == VALISE_OVF_VERSION_2 ? 2 : 1, schema, descriptor);

  place_run (folder, command);
}

static void
test_ova (Fixture *self, gconstpointer unused)
{
  g_autoptr (GPtrArray) machines = outline (self->bundle, 1);
  g_autoptr (GPtrArray) read = write_and_read (machines, self->place.file, VALISE_OVF_VERSION_1);
  g_autofree char *folder = g_build_filename (self->place.directory, "unpacked", NULL);
  g_autofree char *descriptor = g_build_filename (folder, "out.ovf", NULL);

  check_facts (read->pdata[0]);
  place_run (self->place.directory, "mkdir unpacked && tar -xf out.ova -C unpacked && tar -tf out.ova | head -1 |"
                                    " grep -qx out.ovf && test $(tar -tf out.ova | wc -l) = 4");
  check_disks (folder, "out");
  check_structure (descriptor, VALISE_OVF_VERSION_1);
}

static void
test_folder (Fixture *self, gconstpointer version)
{
  g_autoptr (GPtrArray) machines = outline (self->bundle, 1);
  g_autofree char *folder = g_build_filename (self->place.directory, "out", NULL);
  g_autoptr (GPtrArray) read = write_and_read (machines, folder, (ValiseOvfVersion) GPOINTER_TO_INT (version));
  g_autofree char *descriptor = g_build_filename (folder, "out.ovf", NULL);

  check_facts (read->pdata[0]);
  check_disks (folder, "out");
  check_structure (descriptor, (ValiseOvfVersion) GPOINTER_TO_INT (version));
}

static void
test_several (Fixture *self, gconstpointer unused)
{
  g_autoptr (GPtrArray) machines = outline (self->bundle, 2);
  g_autoptr (GPtrArray) read = NULL;
  g_autofree char *descriptor = g_build_filename (self->place.directory, "out.ovf", NULL);
  ValiseBlueprint *second = machines->pdata[1];

  valise_blueprint_set_name (second, "Second");
  read = write_and_read (machines, self->place.file, VALISE_OVF_VERSION_1);
  place_run (self->place.directory, "tar -xf out.ova out.ovf");
  check_structure (descriptor, VALISE_OVF_VERSION_1);
  check_facts (read->pdata[0]);
  second = read->pdata[1];
  g_assert_cmpstr (second->name, ==, "Second");
  g_assert_cmpstr (drive_on (second, "sata")->file, ==, "out-disk3.vmdk");
}

/* With --print-source it says what it found and starts nothing; it knows the first version only. */
static void
test_virt_v2v (Fixture *self, gconstpointer unused)
{
  g_autofree char *program = g_find_program_in_path ("virt-v2v");
  g_autoptr (GPtrArray) machines = NULL;
  g_autoptr (GPtrArray) read = NULL;

  g_test_summary ("virt-v2v reads the machine, its hardware and disks as they were written");
  if (program == NULL)
    {
      g_test_skip ("virt-v2v is not installed (package virt-v2v)");
      return;
    }
  machines = outline (self->bundle, 1);
  read = write_and_read (machines, self->place.file, VALISE_OVF_VERSION_1);
  place_run (
      self->place.directory,
      "virt-v2v -i ova out.ova --print-source > seen 2> told || { cat told >&2; exit 1; };"
      " for words in 'source name: Büro & Co' 'memory: 805306368 ' 'nr vCPUs: 3' 'firmware: uefi' '52:54:00:3a:1f:9c'"
      " '[e1000]' '[sata]' '[ide]'; do grep -qF -- \"$words\" seen || { cat seen >&2; exit 1; }; done");
}

/* QEMU gets the disk where it lies in the file. */
static void
test_in_place (Fixture *self, gconstpointer unused)
{
  g_autoptr (GPtrArray) machines = outline (self->bundle, 1);
  g_autoptr (GPtrArray) read = write_and_read (machines, self->place.file, VALISE_OVF_VERSION_1);
  ValiseBlueprint *machine = machines->pdata[0];

  g_assert_nonnull (machine);
  place_run (
      self->place.directory,
      "set -- $(tar -tvRf out.ova | grep disk1.vmdk | tr -d :) &&"
      " size=$(tar -tvf out.ova | awk '/disk1/ {print $3}') && at=$((($2 + 1) * 512)) &&"
      " qemu-img compare -q --image-opts"
      " driver=vmdk,file.driver=raw,file.offset=$at,file.size=$size,file.file.driver=file,file.file.filename=out.ova"
      " driver=qcow2,file.driver=file,file.filename=Office.vmbundle/disks/root.qcow2");
}

static void
check_nothing_left (Fixture *self,
                    GPtrArray *machines,
                    const char *path,
                    GCancellable *cancellable,
                    GQuark domain,
                    int code)
{
  g_autoptr (GError) error = NULL;
  guint before = place_count (self->place.directory);

  g_assert_null (valise_ovf_package_write (machines, path, VALISE_OVF_VERSION_1, FALSE, NULL, cancellable, &error));
  g_assert_error (error, domain, code);
  g_assert_cmpuint (place_count (self->place.directory), ==, before);
}

static void
test_faults (Fixture *self, gconstpointer unused)
{
  g_autoptr (GPtrArray) machines = outline (self->bundle, 1);
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autofree char *folder = g_build_filename (self->place.directory, "out", NULL);

  g_cancellable_cancel (cancelled);
  check_nothing_left (self, machines, self->place.file, cancelled, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  check_nothing_left (self, machines, folder, cancelled, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  place_run (self->place.directory, "touch out.ova && mkdir out");
  check_nothing_left (self, machines, self->place.file, NULL, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_EXISTS);
  check_nothing_left (self, machines, folder, NULL, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_EXISTS);
}

/* What a killed one left is no obstacle; what somebody is at work on is. */
static void
test_left_over (Fixture *self, gconstpointer unused)
{
  g_autofree char *folder = g_build_filename (self->place.directory, "out", NULL);
  g_autoptr (ValiseParcel) parcel = NULL;
  g_autoptr (GError) error = NULL;

  place_run (self->place.directory, "mkdir .out.partial && touch .out.partial/half");
  parcel = valise_parcel_begin (folder, VALISE_PARCEL_FOLDER, FALSE, &error);
  g_assert_no_error (error);
  g_assert_null (valise_parcel_begin (folder, VALISE_PARCEL_FOLDER, FALSE, &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_LOCKED);
  g_clear_error (&error);
  g_assert_true (valise_parcel_commit (parcel, &error));
  g_assert_cmpuint (place_count (folder), ==, 0);
}

static void
test_members (Fixture *self, gconstpointer unused)
{
  g_autoptr (ValiseParcel) parcel = NULL;
  g_autoptr (GError) error = NULL;
  char digest[VALISE_PARCEL_DIGEST_LENGTH];
  guint64 size;

  parcel = valise_parcel_begin (self->place.file, VALISE_PARCEL_TAR, FALSE, &error);
  g_assert_no_error (error);
  g_assert_true (valise_parcel_reserve (parcel, "first", 100, &error));
  g_assert_true (valise_parcel_open (parcel, "empty", &error));
  g_assert_true (valise_parcel_close (parcel, digest, &size, &error));
  g_assert_cmpstr (digest, ==, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  g_assert_true (valise_parcel_fill (parcel, "first", "hello", &error));
  g_assert_true (valise_parcel_commit (parcel, &error));
  place_run (self->place.directory,
             "test \"$(tar -xOf out.ova first)\" = hello && test $(tar -tf out.ova | wc -l) = 2");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/formats/ovf-write/ova", Fixture, NULL, set_up, test_ova, tear_down);
  g_test_add ("/formats/ovf-write/folder", Fixture, GINT_TO_POINTER (VALISE_OVF_VERSION_1), set_up, test_folder,
              tear_down);
  g_test_add ("/formats/ovf-write/version-2", Fixture, GINT_TO_POINTER (VALISE_OVF_VERSION_2), set_up, test_folder,
              tear_down);
  g_test_add ("/formats/ovf-write/several", Fixture, NULL, set_up, test_several, tear_down);
  g_test_add ("/formats/ovf-write/virt-v2v", Fixture, NULL, set_up, test_virt_v2v, tear_down);
  g_test_add ("/formats/ovf-write/in-place", Fixture, NULL, set_up, test_in_place, tear_down);
  g_test_add ("/formats/ovf-write/faults", Fixture, NULL, set_up, test_faults, tear_down);
  g_test_add ("/formats/ovf-write/left-over", Fixture, NULL, set_up, test_left_over, tear_down);
  g_test_add ("/formats/ovf-write/members", Fixture, NULL, set_up, test_members, tear_down);
  return g_test_run ();
}
