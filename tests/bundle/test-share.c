/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-share.h"

#include <string.h>

#include "bundle/valise-archive.h"
#include "bundle/valise-travel.h"
#include "place.h"

static const char config[] =
    "<domain type='qemu' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>\n"
    "  <name>Shared</name>\n"
    "  <uuid>5b6c7a31-6d6e-4d0c-9d0e-0d1f5a3c9b10</uuid>\n"
    "  <description>SECRET words</description>\n"
    "  <metadata>\n"
    "    <valise:machine xmlns:valise='https://valise.page/bundle/1' version='1' group='SECRET'>\n"
    "      <valise:notes>SECRET</valise:notes>\n"
    "    </valise:machine>\n"
    "  </metadata>\n"
    "  <memory unit='MiB'>64</memory>\n"
    "  <sysinfo type='smbios'><system><entry name='serial'>SECRET</entry></system></sysinfo>\n"
    "  <os><type arch='x86_64' machine='q35'>hvm</type><loader>/usr/share/seabios/bios.bin</loader>"
    "<kernel>/home/SECRET/linux</kernel><smbios mode='sysinfo'/></os>\n"
    "  <devices>\n"
    "    <disk type='file' device='disk'><source file='disks/root.img'/><target dev='vda'/></disk>\n"
    "    <disk type='file' device='cdrom'><source file='/home/SECRET/a.iso'/><target dev='sda'/></disk>\n"
    "    <disk type='block' device='disk'><source dev='/dev/SECRET'/><target dev='vdb'/></disk>\n"
    "    <filesystem type='mount'><source dir='/home/SECRET'/><target dir='share'/></filesystem>\n"
    "    <filesystem type='mount'><source dir='/home/SECRET2'/><target dir='more'/></filesystem>\n"
    "    <interface type='user'><mac address='52:54:00:5e:c1:e7'/></interface>\n"
    "    <serial type='pty'><log file='/var/SECRET.log'/></serial>\n"
    "    <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>\n"
    "    <hostdev mode='subsystem' type='usb'><source><vendor id='0x1234'/></source></hostdev>\n"
    "  </devices>\n"
    "  <qemu:commandline><qemu:arg value='/home/SECRET'/></qemu:commandline>\n"
    "</domain>\n";

static ValiseDocument *
document_new (void)
{
  g_autoptr (GError) error = NULL;
  ValiseDocument *document = valise_document_new (config, -1, "config.xml", &error);

  g_assert_no_error (error);
  return document;
}

static void
check_stripped (ValiseDocument *document)
{
  const char *text = valise_document_get_text (document);

  g_assert_null (strstr (text, "SECRET"));
  g_assert_null (strstr (text, "52:54:00:5e:c1:e7"));
  g_assert_null (strstr (text, "5b6c7a31"));
  g_assert_null (strstr (text, "0x1234"));
}

static void
test_strip (void)
{
  g_autoptr (ValiseDocument) document = document_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *uuid = NULL, *disk = NULL, *backend = NULL;

  g_assert_true (valise_share_strip (document, &error));
  g_assert_no_error (error);
  check_stripped (document);
  uuid = valise_document_get (document, "uuid");
  disk = valise_document_get (document, "devices/disk/source/@file");
  backend = valise_document_get (document, "devices/rng/backend");
  g_assert_true (g_uuid_string_is_valid (uuid));
  g_assert_cmpstr (disk, ==, "disks/root.img");
  g_assert_cmpstr (backend, ==, "/dev/urandom");
  g_assert_true (valise_document_has (document, "os/loader"));
  g_assert_cmpuint (valise_document_count (document, "devices/disk"), ==, 2);
  g_assert_cmpuint (valise_document_count (document, "devices/filesystem"), ==, 0);
  g_assert_cmpuint (valise_document_count (document, "devices/serial"), ==, 1);
}

static void
test_macs (void)
{
  g_autoptr (ValiseDocument) document = document_new ();
  g_autofree char *kept = NULL, *renewed = NULL, *uuid = NULL;

  g_assert_true (valise_share_set_macs (document, VALISE_SHARE_MACS_KEEP, NULL));
  kept = valise_document_get (document, "devices/interface/mac/@address");
  g_assert_true (valise_share_set_macs (document, VALISE_SHARE_MACS_NEW, NULL));
  renewed = valise_document_get (document, "devices/interface/mac/@address");
  uuid = valise_document_get (document, "uuid");
  g_assert_cmpstr (kept, ==, "52:54:00:5e:c1:e7");
  g_assert_cmpstr (renewed, !=, kept);
  g_assert_true (g_str_has_prefix (renewed, "52:54:00:"));
  g_assert_cmpstr (uuid, ==, "5b6c7a31-6d6e-4d0c-9d0e-0d1f5a3c9b10");
  g_assert_true (valise_share_set_macs (document, VALISE_SHARE_MACS_STRIP, NULL));
  g_assert_false (valise_document_has (document, "devices/interface/mac"));
}

/* --- what travels --- */

static void
place_set_up (Place *self, gconstpointer unused)
{
  g_autofree char *path = NULL;

  place_begin (self, "Out.vmbundle.tar.zst");
  place_run (self->directory, "mkdir -p A.vmbundle/disks A.vmbundle/tpm/deep A.vmbundle/state &&"
                              " cd A.vmbundle && echo bytes > disks/root.img && echo key > tpm/deep/key &&"
                              " echo memory > state/suspend.save && echo picture > screenshot.png");
  path = g_build_filename (self->directory, "A.vmbundle", "config.xml", NULL);
  g_assert_true (g_file_set_contents (path, config, -1, NULL));
}

static void
check_travelled (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (path, &error);

  g_assert_no_error (error);
  check_stripped (valise_bundle_get_document (bundle));
  place_run (path, "grep -q bytes disks/root.img && test ! -e tpm/deep && test ! -e state/suspend.save &&"
                   " test ! -e screenshot.png");
}

static const char *const left[] = { "tpm", "state", "screenshot.png", NULL };

static void
test_archive (Place *self, gconstpointer unused)
{
  g_autoptr (ValiseDocument) document = document_new ();
  ValiseTravel travel = { .left = left, .document = document };
  g_autofree char *from = g_build_filename (self->directory, "A.vmbundle", NULL), *to = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (valise_share_strip (document, &error));
  g_assert_true (valise_archive_write (from, self->file, &travel, NULL, NULL, &error));
  g_assert_no_error (error);
  place_run (self->directory, "mkdir out && tar --zstd -xf Out.vmbundle.tar.zst -C out");
  /* Its digests are right as well. */
  to = valise_archive_read (self->file, self->directory, "B", NULL, NULL, &error);
  g_assert_no_error (error);
  check_travelled (to);
}

static void
test_copy (Place *self, gconstpointer unused)
{
  g_autoptr (ValiseDocument) document = document_new ();
  ValiseTravel travel = { .left = left, .document = document };
  g_autofree char *from = g_build_filename (self->directory, "A.vmbundle", NULL), *to = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (valise_share_strip (document, &error));
  to = valise_travel_copy (from, self->directory, "C", &travel, NULL, NULL, &error);
  g_assert_no_error (error);
  check_travelled (to);
}

static void
test_only (Place *self, gconstpointer unused)
{
  static const char *const only[] = { "tpm", NULL };
  ValiseTravel travel = { .only = only };
  g_autofree char *from = g_build_filename (self->directory, "A.vmbundle", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = valise_bundle_begin (self->directory, "D", &error);

  g_assert_true (valise_travel_fill (bundle, from, &travel, NULL, NULL, &error));
  g_assert_no_error (error);
  place_run (valise_bundle_get_path (bundle), "grep -q key tpm/deep/key && test ! -e disks/root.img");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bundle/share/strip", test_strip);
  g_test_add_func ("/bundle/share/macs", test_macs);
  g_test_add ("/bundle/share/archive", Place, NULL, place_set_up, test_archive, place_tear_down);
  g_test_add ("/bundle/share/copy", Place, NULL, place_set_up, test_copy, place_tear_down);
  g_test_add ("/bundle/share/only", Place, NULL, place_set_up, test_only, place_tear_down);
  return g_test_run ();
}
