/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model-fixture.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "base/valise-size.h"
#include "bundle/valise-new-disks.h"
#include "disc-fixture.h"
#include "model/valise-profile-private.h"
#include "model/valise-rules.h"

static ValiseCapabilities *capabilities;

/* --- labels of systems that are younger than libosinfo's database --- */

static const struct
{
  const char *label;
  const char *name; /* NULL: not in the table */
  const char *os_id;
  gboolean virtio;
  gboolean windows;
} labels[] = {
  { "Debian 12.5.0 amd64 n", "Debian 12", "http://debian.org/debian/12", TRUE, FALSE },
  { "Debian 13.1.0 amd64 1", "Debian 13", "http://debian.org/debian/13", TRUE, FALSE },
  { "d-live 13.0.0 gn amd64", "Debian 13 Live", "http://debian.org/debian/13", TRUE, FALSE },
  { "Ubuntu 24.04.1 LTS amd64", "Ubuntu 24.04", "http://ubuntu.com/ubuntu/24.04", TRUE, FALSE },
  { "Ubuntu 26.04 LTS amd64", "Ubuntu 26.04", "http://ubuntu.com/ubuntu/26.04", TRUE, FALSE },
  { "Ubuntu-Server 25.10 amd64", "Ubuntu Server 25.10", "http://ubuntu.com/ubuntu/25.10", TRUE, FALSE },
  { "Kubuntu 24.04 LTS amd64", "Kubuntu 24.04", "http://ubuntu.com/ubuntu/24.04", TRUE, FALSE },
  { "Ubuntu-MATE 24.10 amd64", "Ubuntu 24.10", "http://ubuntu.com/ubuntu/24.10", TRUE, FALSE },
  { "Linux Mint 22 Cinnamon 64-bit", "Linux Mint 22", NULL, TRUE, FALSE },
  { "Fedora-WS-Live-40-1-14", "Fedora 40", "http://fedoraproject.org/fedora/40", TRUE, FALSE },
  { "Fedora-WS-Live-43", "Fedora 43", "http://fedoraproject.org/fedora/43", TRUE, FALSE },
  { "Fedora-S-dvd-x86_64-41", "Fedora Server 41", "http://fedoraproject.org/fedora/41", TRUE, FALSE },
  { "alpine-standard 3.20.0 x86_64", "Alpine Linux 3.20", "http://alpinelinux.org/alpinelinux/3.20", TRUE, FALSE },
  { "alpine-std 3.18.4 x86_64", "Alpine Linux 3.18", "http://alpinelinux.org/alpinelinux/3.18", TRUE, FALSE },
  { "ARCH_202507", "Arch Linux", "http://archlinux.org/archlinux/rolling", TRUE, FALSE },
  { "openSUSE-Tumbleweed-DVD-x86_64", "openSUSE Tumbleweed", "http://opensuse.org/opensuse/tumbleweed", TRUE, FALSE },
  { "openSUSE-Leap-15.6-DVD-x86_64317.1", "openSUSE Leap 15.6", "http://opensuse.org/opensuse/15.6", TRUE, FALSE },
  { "RHEL-9-4-0-BaseOS-x86_64", "Red Hat Enterprise Linux 9.4", "http://redhat.com/rhel/9.4", TRUE, FALSE },
  { "Rocky-10-0-x86_64-dvd", "Rocky Linux 10", "http://rockylinux.org/rocky/10", TRUE, FALSE },
  { "nixos-minimal-25.05-x86_64", "NixOS 25.05", "http://nixos.org/nixos/25.05", TRUE, FALSE },
  { "14_2_RELEASE_AMD64_DVD", "FreeBSD 14.2", "http://freebsd.org/freebsd/14.2", TRUE, FALSE },
  { "CCCOMA_X64FRE_EN-US_DV9", "Windows 11", "http://microsoft.com/win/11", FALSE, TRUE },
  { "CPBA_X64FRE_DE-DE_DV9", "Windows 11", "http://microsoft.com/win/11", FALSE, TRUE },
  { "SSS_X64FRE_EN-US_DV9", "Windows Server", "http://microsoft.com/win/2k22", FALSE, TRUE },
  { "MT86PLUS_64", "Memtest86+", NULL, TRUE, FALSE },
  { "ISOIMAGE", NULL },
  { "My holiday photos", NULL },
  { "", NULL },
};

static void
test_labels (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (labels); i++)
    {
      g_autoptr (ValiseAdvice) advice = _valise_advice_from_label (labels[i].label);

      g_test_message ("%s", labels[i].label);
      g_assert_cmpstr (advice != NULL ? advice->name : NULL, ==, labels[i].name);
      if (advice == NULL)
        continue;
      g_assert_cmpstr (advice->os_id, ==, labels[i].os_id);
      g_assert_cmpint (advice->virtio, ==, labels[i].virtio);
      g_assert_cmpint (advice->windows, ==, labels[i].windows);
      g_assert_cmpuint (advice->memory, >=, 512 * VALISE_MIB);
      g_assert_cmpuint (advice->disk, >=, VALISE_GIB);
    }
}

/* --- discs --- */

typedef struct
{
  const char *file; /* golden: tests/model/data/profiles/FILE.xml */
  const char *label;
  const char *system;
  const char *publisher;
  gboolean bios, uefi;
} Case;

static const Case cases[] = {
  { "debian-12", "Debian 12.5.0 amd64 n", "LINUX", "", TRUE, TRUE },
  { "debian-11", "Debian 11.6.0 amd64 n", "LINUX", "", TRUE, TRUE },
  { "alpine-bios", "alpine-standard 3.20.0 x86_64", "LINUX", "", TRUE, FALSE },
  { "windows-11", "CCCOMA_X64FRE_EN-US_DV9", "", "MICROSOFT CORPORATION", TRUE, TRUE },
  { "windows-xp", "WXPFPP_EN", "", "MICROSOFT CORPORATION", TRUE, FALSE },
  { "unknown-linux", "HOMEMADE", "LINUX", "", TRUE, TRUE },
  { "unknown-other", "HOMEMADE", "WIN32", "", TRUE, FALSE },
};

static char *
write_disc (const Case *this)
{
  g_autofree Disc *disc = g_new0 (Disc, 1);
  char *path = g_build_filename (model_fixture_directory (), "disc.iso", NULL);

  disc_put_primary (disc, this->label);
  disc_put_text (disc_sector (disc, 16) + 8, this->system, 32);
  disc_put_text (disc_sector (disc, 16) + 318, this->publisher, 128);
  disc_put_boot (disc, 40);
  disc_put_catalog (disc, 40, this->bios ? 0x00 : 0xef, this->bios && this->uefi ? 0xef : -1);
  g_assert_true (g_file_set_contents (path, (const char *) disc->bytes, sizeof disc->bytes, NULL));
  return path;
}

static ValiseProfile *
read_profile (const Case *this)
{
  g_autofree char *path = write_disc (this);
  g_autoptr (GError) error = NULL;
  ValiseProfile *profile = valise_profile_from_iso (path, capabilities, NULL, &error);

  g_assert_no_error (error);
  return profile;
}

static char *
replace_value (const char *text, const char *pattern, const char *with)
{
  g_autoptr (GRegex) regex = g_regex_new (pattern, 0, 0, NULL);

  return g_regex_replace_literal (regex, text, -1, 0, with, 0, NULL);
}

/* What is different each time is written as zeros. */
static char *
settle (const char *text)
{
  g_autofree char *without_uuid =
      replace_value (text, "<uuid>[^<]*</uuid>", "<uuid>00000000-0000-0000-0000-000000000000</uuid>");

  return replace_value (without_uuid, "52:54:00:[0-9a-f:]{8}", "52:54:00:00:00:00");
}

static void
assert_golden (const char *name, const char *text)
{
  g_autofree char *file = g_strdup_printf ("%s.xml", name);
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "model", "data", "profiles", file, NULL);
  g_autofree char *settled = settle (text);
  g_autofree char *expected = NULL;

  if (g_getenv ("VALISE_TEST_WRITE_GOLDEN") != NULL)
    g_assert_true (g_file_set_contents (path, settled, -1, NULL));
  g_assert_true (g_file_get_contents (path, &expected, NULL, NULL));
  g_assert_cmpstr (settled, ==, expected);
}

static void
test_golden (gconstpointer data)
{
  const Case *this = data;
  g_autoptr (ValiseProfile) profile = read_profile (this);
  ValiseProposal proposal = { .iso = (char *) "/media/disc.iso", .firmware = -1 };
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseDocument) document = valise_profile_propose (profile, &proposal, capabilities, &error);
  g_autoptr (GPtrArray) findings = NULL;

  g_assert_no_error (error);
  g_test_message ("%s %s: %u CPUs, %" G_GUINT64_FORMAT " MiB, firmware %d", profile->name, profile->os_id,
                  profile->cpus, profile->memory / VALISE_MIB, profile->firmware);
  assert_golden (this->file, valise_document_get_text (document));
  findings = valise_rules_check (document, capabilities, NULL);
  for (guint i = 0; i < findings->len; i++)
    g_test_message ("%s", ((ValiseFinding *) findings->pdata[i])->text);
  g_assert_cmpint (valise_findings_worst (findings), <, VALISE_SEVERITY_ERROR);
}

/* The table must not hide what the database knows, nor the database's "some Fedora" the table. */
static void
test_sources (void)
{
  static const struct
  {
    Case disc;
    const char *os_id;
  } rows[] = {
    { { "", "Debian 11.6.0 amd64 n", "LINUX", "", TRUE, TRUE }, "http://debian.org/debian/11" },
    { { "", "Debian 12.5.0 amd64 n", "LINUX", "", TRUE, TRUE }, "http://debian.org/debian/12" },
    { { "", "Fedora-WS-Live-40-1-14", "LINUX", "", TRUE, TRUE }, "http://fedoraproject.org/fedora/40" },
    { { "", "AlmaLinux-9-4-x86_64-dvd", "LINUX", "", TRUE, TRUE }, "http://almalinux.org/almalinux/9" },
    { { "", "ISOIMAGE", "", "", TRUE, FALSE }, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (ValiseProfile) profile = read_profile (&rows[i].disc);

      g_assert_cmpstr (profile->os_id, ==, rows[i].os_id);
      g_assert_cmpstr (profile->label, ==, rows[i].disc.label);
      g_assert_true (profile->virtio);
    }
}

static void
test_bounds (void)
{
  static const struct
  {
    guint cpus_here;
    guint64 memory_here; /* MiB */
    guint cpus;
    guint64 memory; /* MiB */
  } rows[] = {
    { 1, 1024, 1, 512 },  { 2, 2048, 2, 1024 },   { 2, 4800, 2, 2048 },
    { 4, 8192, 2, 2048 }, { 16, 65536, 4, 4096 }, { 2, 0, 2, 2048 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (ValiseCapabilities) here =
          valise_capabilities_new (NULL, NULL, rows[i].cpus_here, rows[i].memory_here * VALISE_MIB, NULL);
      g_autoptr (ValiseProfile) profile = valise_profile_generic (here);

      g_assert_cmpuint (profile->cpus, ==, rows[i].cpus);
      g_assert_cmpuint (profile->memory / VALISE_MIB, ==, rows[i].memory);
    }
}

/* Without UEFI here, or on the disc, a machine starts with BIOS. */
static void
test_firmware (void)
{
  static const Case both = { "", "Debian 12.5.0 amd64 n", "LINUX", "", TRUE, TRUE };
  static const Case only_uefi = { "", "Debian 12.5.0 amd64 n", "LINUX", "", FALSE, TRUE };
  static const Case only_bios = { "", "Debian 12.5.0 amd64 n", "LINUX", "", TRUE, FALSE };
  g_autofree char *before = g_strdup (g_getenv ("VALISE_FIRMWARE_DIR"));
  g_autoptr (ValiseProfile) one = read_profile (&both);
  g_autoptr (ValiseProfile) two = read_profile (&only_uefi);
  g_autoptr (ValiseProfile) three = read_profile (&only_bios);
  ValiseCapabilities *all = capabilities;
  g_autoptr (ValiseProfile) four = NULL;

  g_assert_cmpint (one->firmware, ==, VALISE_FIRMWARE_UEFI);
  g_assert_cmpint (two->firmware, ==, VALISE_FIRMWARE_UEFI);
  g_assert_cmpint (three->firmware, ==, VALISE_FIRMWARE_BIOS);
  g_setenv ("VALISE_FIRMWARE_DIR", "/nowhere", TRUE);
  capabilities = model_fixture_capabilities ("domcaps-q35-tcg.xml");
  four = read_profile (&both);
  g_assert_cmpint (four->firmware, ==, VALISE_FIRMWARE_BIOS);
  valise_capabilities_unref (capabilities);
  capabilities = all;
  g_setenv ("VALISE_FIRMWARE_DIR", before, TRUE);
}

/* What the user chose stands, whatever the profile thinks. */
static void
test_proposal (void)
{
  g_autoptr (ValiseProfile) profile = valise_profile_generic (capabilities);
  g_autoptr (GArray) disks = g_array_new (FALSE, FALSE, sizeof (guint64));
  guint64 sizes[] = { 10 * VALISE_GIB, 20 * VALISE_GIB };
  ValiseProposal proposal = { .name = (char *) "A/B <c> \"é\" '&'",
                              .iso = (char *) "/tmp/it's <an> iso & more.iso",
                              .cpus = 3,
                              .memory = 3 * VALISE_GIB,
                              .disks = disks,
                              .firmware = VALISE_FIRMWARE_BIOS,
                              .accel = (char *) "tcg" };
  static const char *const expected[][2] = {
    { "@type", "qemu" },
    { "title", "A/B <c> \"é\" '&'" },
    { "metadata/valise:machine/@name", "A/B <c> \"é\" '&'" },
    { "metadata/valise:machine/@accel", "tcg" },
    { "metadata/valise:machine/@version", "1" },
    { "vcpu", "3" },
    { "memory", "3145728" },
    { "os/@firmware", NULL },
    { "devices/disk[1]/source/@file", "disks/root.qcow2" },
    { "devices/disk[2]/source/@file", "disks/disk2.qcow2" },
    { "devices/disk[2]/target/@dev", "vdb" },
    { "devices/disk[3]/source/@file", "/tmp/it's <an> iso & more.iso" },
    { "devices/disk[3]/@device", "cdrom" },
    { "devices/disk[3]/boot/@order", "1" },
    { "devices/disk[1]/boot/@order", "2" },
    { "devices/interface/@type", "user" },
  };
  g_autoptr (ValiseDocument) document = NULL;
  g_autofree char *name = NULL;

  g_array_append_vals (disks, sizes, 2);
  document = valise_profile_propose (profile, &proposal, capabilities, NULL);
  g_assert_nonnull (document);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_autofree char *value = valise_document_get (document, expected[i][0]);

      g_test_message ("%s", expected[i][0]);
      g_assert_cmpstr (value, ==, expected[i][1]);
    }
  name = valise_document_get (document, "name");
  g_assert_null (strchr (name, '/'));
  g_assert_cmpuint (valise_new_disks_get_size (document, "disks/root.qcow2"), ==, sizes[0]);
  g_assert_cmpuint (valise_new_disks_get_size (document, "disks/disk2.qcow2"), ==, sizes[1]);
}

static void
test_bad_name (void)
{
  g_autoptr (ValiseProfile) profile = valise_profile_generic (capabilities);
  ValiseProposal proposal = { .iso = (char *) "/tmp/\xff.iso", .firmware = -1 };
  g_autoptr (GError) error = NULL;

  g_assert_null (valise_profile_propose (profile, &proposal, capabilities, &error));
  g_assert_error (error, VALISE_PROFILE_ERROR, VALISE_PROFILE_ERROR_UNREADABLE);
}

static char *
knob (ValiseDocument *document, const char *path)
{
  return valise_document_get (document, path);
}

/* A disk that there is becomes the first one, in its own format and size. */
static void
test_image (void)
{
  g_autofree char *path = g_build_filename (model_fixture_directory (), "there.raw", NULL);
  g_autoptr (ValiseProfile) profile = NULL;
  g_autoptr (ValiseDocument) document = NULL;
  g_autofree char *source = NULL;
  g_autofree char *format = NULL;
  g_autoptr (GError) error = NULL;
  ValiseProposal proposal = { .name = (char *) "There", .firmware = -1 };

  g_assert_true (g_file_set_contents (path, "a disk", 6, NULL));
  g_assert_cmpint (truncate (path, 3 * VALISE_MIB), ==, 0);
  profile = valise_profile_from_image (path, capabilities, &error);
  g_assert_no_error (error);
  document = valise_profile_propose (profile, &proposal, capabilities, &error);
  g_assert_no_error (error);
  source = knob (document, "devices/disk[1]/source/@file");
  format = knob (document, "devices/disk[1]/driver/@type");
  g_assert_cmpstr (source, ==, "disks/root.raw");
  g_assert_cmpstr (format, ==, "raw");
  g_assert_cmpuint (valise_new_disks_get_size (document, source), ==, 3 * VALISE_MIB);
  g_assert_null (valise_profile_from_image ("/nowhere/disk.raw", capabilities, &error));
  g_assert_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_MISSING);
}

static void
test_kernel (void)
{
  g_autofree char *path = g_build_filename (model_fixture_directory (), "vmlinuz", NULL);
  g_autofree char *initrd = g_build_filename (model_fixture_directory (), "initrd.img", NULL);
  char head[1024] = { 0 };
  g_autoptr (ValiseProfile) profile = NULL;
  g_autoptr (ValiseDocument) document = NULL;
  g_autoptr (GPtrArray) findings = NULL;
  g_autofree char *has_kernel = NULL;
  g_autofree char *has_initrd = NULL;
  g_autoptr (GError) error = NULL;
  ValiseProposal proposal = { .firmware = -1 };

  memcpy (head + 0x202, "HdrS", 4);
  g_assert_true (g_file_set_contents (path, head, sizeof head, NULL));
  g_assert_true (g_file_set_contents (initrd, "x", 1, NULL));
  profile = valise_profile_from_kernel (path, capabilities, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (profile->name, ==, "Linux");
  document = valise_profile_propose (profile, &proposal, capabilities, &error);
  g_assert_no_error (error);
  has_kernel = knob (document, "os/kernel");
  has_initrd = knob (document, "os/initrd");
  g_assert_cmpstr (has_kernel, ==, path);
  g_assert_cmpstr (has_initrd, ==, initrd);
  findings = valise_rules_check (document, capabilities, NULL);
  g_assert_cmpint (valise_findings_worst (findings), <, VALISE_SEVERITY_ERROR);
}

static void
test_not_an_iso (void)
{
  g_autofree char *text = g_build_filename (model_fixture_directory (), "text.iso", NULL);
  g_autofree char *gone = g_build_filename (model_fixture_directory (), "gone.iso", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (text, "no disc", -1, NULL));
  g_assert_null (valise_profile_from_iso (text, capabilities, NULL, &error));
  g_assert_error (error, VALISE_PROFILE_ERROR, VALISE_PROFILE_ERROR_NOT_AN_ISO);
  g_assert_nonnull (strstr (error->message, text));
  g_clear_error (&error);
  g_assert_null (valise_profile_from_iso (gone, capabilities, NULL, &error));
  g_assert_error (error, VALISE_PROFILE_ERROR, VALISE_PROFILE_ERROR_UNREADABLE);
}

static void
on_profile (GObject *source, GAsyncResult *result, gpointer data)
{
  GAsyncResult **kept = data;

  *kept = g_object_ref (result);
}

static ValiseProfile *
read_async (const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  valise_profile_look_async (VALISE_HAS_ISO, path, capabilities, cancellable, on_profile, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return valise_profile_look_finish (result, error);
}

static void
test_async (void)
{
  g_autofree char *path = write_disc (&cases[0]);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseProfile) profile = read_async (path, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (profile->name, ==, "Debian 12");
  g_cancellable_cancel (cancellable);
  g_assert_null (read_async (path, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  model_fixture_begin ();
  model_fixture_program ("swtpm", TRUE);
  capabilities = model_fixture_capabilities ("domcaps-q35-tcg.xml");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/model/profile/golden/%s", cases[i].file);

      g_test_add_data_func (path, &cases[i], test_golden);
    }
  g_test_add_func ("/model/profile/labels", test_labels);
  g_test_add_func ("/model/profile/sources", test_sources);
  g_test_add_func ("/model/profile/bounds", test_bounds);
  g_test_add_func ("/model/profile/firmware", test_firmware);
  g_test_add_func ("/model/profile/proposal", test_proposal);
  g_test_add_func ("/model/profile/bad-name", test_bad_name);
  g_test_add_func ("/model/profile/image", test_image);
  g_test_add_func ("/model/profile/kernel", test_kernel);
  g_test_add_func ("/model/profile/not-an-iso", test_not_an_iso);
  g_test_add_func ("/model/profile/async", test_async);
  result = g_test_run ();
  valise_capabilities_unref (capabilities);
  model_fixture_end ();
  return result;
}
