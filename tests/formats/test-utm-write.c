/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What we write for UTM, read by plistutil, qemu-img and our own reader of UTM's bundles. */
#include <string.h>

#include "bundle/valise-bundle.h"
#include "formats/valise-outline.h"
#include "formats/valise-reader.h"
#include "formats/valise-utm-write.h"
#include "place.h"

static const char config[] =
    "<domain type='qemu'><name>Büro &amp; Co</name><uuid>5b6c7a31-6d6e-4d0c-9d0e-0d1f5a3c9b10</uuid>"
    "<memory unit='GiB'>2</memory><vcpu>3</vcpu>"
    "<os firmware='efi'><type arch='x86_64' machine='pc-q35-7.2'>hvm</type><nvram>nvram/vars.fd</nvram></os>"
    "<clock offset='localtime'/><devices>"
    "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='disks/root.qcow2'/>"
    "<target dev='vda' bus='virtio'/></disk>"
    "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='disks/data.img'/>"
    "<target dev='sda' bus='sata'/></disk>"
    "<disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='media/disc.iso'/>"
    "<target dev='sdb' bus='sata'/><readonly/></disk>"
    "<interface type='user'><mac address='52:54:00:3a:1f:9c'/><model type='virtio'/></interface>"
    "<sound model='ich9'/><tpm model='tpm-crb'><backend type='emulator'/></tpm><serial type='pty'/>"
    "</devices></domain>";

static void
place_set_up (Place *self, gconstpointer unused)
{
  g_autofree char *path = NULL;

  place_begin (self, "Office.utm");
  path = g_build_filename (self->directory, "Office.vmbundle", "config.xml", NULL);
  place_run (self->directory,
             "mkdir -p Office.vmbundle/disks Office.vmbundle/nvram Office.vmbundle/media && cd Office.vmbundle &&"
             " head -c 3000000 /dev/urandom > raw && truncate -s 8M raw &&"
             " qemu-img convert -q -f raw -O qcow2 raw disks/root.qcow2 && rm raw && truncate -s 3M disks/data.img &&"
             " head -c 540672 /dev/urandom > nvram/vars.fd && head -c 40960 /dev/urandom > media/disc.iso");
  g_assert_true (g_file_set_contents (path, config, -1, NULL));
}

static ValiseBlueprint *
outline (Place *self)
{
  g_autofree char *path = g_build_filename (self->directory, "Office.vmbundle", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (path, &error);

  g_assert_no_error (error);
  return valise_outline (bundle, valise_bundle_get_document (bundle), NULL, NULL);
}

static void
check_facts (const ValiseBlueprint *machine, gboolean media)
{
  const ValiseBlueprintNic *nic = machine->nics->pdata[0];
  const ValiseBlueprintDrive *root = machine->drives->pdata[0], *data = machine->drives->pdata[1],
                             *disc = machine->drives->pdata[2];

  g_assert_cmpstr (machine->name, ==, "Büro & Co");
  g_assert_cmpint (machine->vcpus, ==, 3);
  g_assert_cmpuint (machine->memory, ==, 2048);
  g_assert_cmpstr (machine->arch, ==, "x86_64");
  g_assert_cmpstr (machine->machine, ==, "q35");
  g_assert_cmpint (machine->firmware, ==, VALISE_BLUEPRINT_FIRMWARE_EFI);
  g_assert_true (machine->tpm);
  g_assert_true (machine->local_time);
  g_assert_cmpstr (machine->sound, ==, "ich9-intel-hda");
  g_assert_cmpuint (machine->serial_ports, ==, 1);
  g_assert_nonnull (machine->nvram);
  g_assert_cmpuint (machine->drives->len, ==, 3);
  g_assert_cmpuint (root->capacity, ==, 8 * 1024 * 1024);
  g_assert_cmpuint (data->capacity, ==, 3 * 1024 * 1024);
  g_assert_cmpint (disc->device, ==, VALISE_BLUEPRINT_CDROM);
  g_assert_cmpint (disc->member != NULL, ==, media);
  g_assert_cmpstr (nic->model, ==, "virtio-net-pci");
  g_assert_cmpint (g_ascii_strcasecmp (nic->mac, "52:54:00:3a:1f:9c"), ==, 0);
}

static void
test_write (Place *self, gconstpointer media)
{
  g_autoptr (ValiseBlueprint) machine = outline (self);
  g_autoptr (GPtrArray) read = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (valise_utm_write (machine, self->file, media != NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  read = valise_reader_read (self->file, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (read->len, ==, 1);
  check_facts (read->pdata[0], media != NULL);
  place_run (self->directory,
             "plistutil -i Office.utm/config.plist -o binary && xmllint --noout --nonet Office.utm/config.plist &&"
             " qemu-img compare -q -f qcow2 -F raw Office.utm/Data/efi_vars.fd Office.vmbundle/nvram/vars.fd &&"
             " for disk in Office.utm/Data/*-*.qcow2; do qemu-img check -q -f qcow2 $disk || exit 1;"
             " qemu-img compare -q -f qcow2 -F qcow2 $disk Office.vmbundle/disks/root.qcow2 && found=yes; done;"
             " test \"$found\" = yes");
}

static void
test_faults (Place *self, gconstpointer unused)
{
  g_autoptr (ValiseBlueprint) machine = outline (self);
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  guint before = place_count (self->directory);

  g_cancellable_cancel (cancelled);
  g_assert_false (valise_utm_write (machine, self->file, TRUE, NULL, cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_cmpuint (place_count (self->directory), ==, before);
  place_run (self->directory, "mkdir Office.utm");
  g_assert_false (valise_utm_write (machine, self->file, TRUE, NULL, NULL, &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_EXISTS);
  g_assert_cmpuint (place_count (self->directory), ==, before + 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/formats/utm-write/disks", Place, NULL, place_set_up, test_write, place_tear_down);
  g_test_add ("/formats/utm-write/media", Place, "media", place_set_up, test_write, place_tear_down);
  g_test_add ("/formats/utm-write/faults", Place, NULL, place_set_up, test_faults, place_tear_down);
  return g_test_run ();
}
