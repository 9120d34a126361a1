/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "document-fixture.h"
#include "hostile-requests.h"
#include "model-fixture.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "model/valise-effective.h"
#include "model/valise-knob.h"

#define UUID "6f9d2c5e-3a1b-4c8d-9e0f-112233445566"
#define QEMU_NAMESPACE "http://libvirt.org/schemas/domain/qemu/1.0"

static ValiseCapabilities *capabilities;
static char *bundle;
static char *canary; /* a file outside the bundle that no machine may name */

static const ValiseHostChoice tcg = { FALSE, "/usr/bin/qemu-system-x86_64", NULL };
static const ValiseHostChoice kvm = { TRUE, NULL, NULL };

/* --- making documents --- */

static char *
fill_canary (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "CANARY", -1);

  return g_strjoinv (canary, parts);
}

static ValiseDocument *
make (const char *os, const char *top, const char *device)
{
  const char *machine = g_str_has_prefix (os, "MACHINE=") ? os + 8 : "q35";
  const char *arch = g_str_has_prefix (os, "ARCH=") ? os + 5 : "x86_64";
  g_autofree char *raw =
      g_strdup_printf ("<domain type='kvm' xmlns:qemu='" QEMU_NAMESPACE "'>\n"
                       "  <name>../evil name</name>\n  <uuid>" UUID "</uuid>\n"
                       "  <memory unit='KiB'>1048576</memory>\n  <vcpu>2</vcpu>\n"
                       "  <os>\n    <type arch='%s' machine='%s'>hvm</type>\n%s\n  </os>\n%s\n"
                       "  <devices>\n"
                       "    <disk type='file' device='disk'>\n      <driver name='qemu' type='raw'/>\n"
                       "      <source file='disks/root.img'/>\n      <target dev='vda' bus='virtio'/>\n    </disk>\n"
                       "%s\n  </devices>\n</domain>\n",
                       arch, machine, *os == '<' ? os : "", top, device);
  g_autofree char *text = fill_canary (raw);

  return document_fixture_parse (text);
}

static ValiseGrants *
fresh_grants (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("VALISE_STATE_DIR"), "grants", UUID, NULL);
  g_autoptr (GError) error = NULL;
  ValiseGrants *grants;

  g_unlink (path);
  grants = valise_grants_load (UUID, &error);
  g_assert_no_error (error);
  return grants;
}

static ValiseDocument *
effective (ValiseDocument *stored, ValiseGrants *grants, GPtrArray **asks)
{
  g_autoptr (GError) error = NULL;
  ValiseDocument *document = valise_effective_document_new (stored, bundle, &tcg, capabilities, grants, asks, &error);

  g_assert_no_error (error);
  g_assert_nonnull (document);
  return document;
}

static gboolean
contains (ValiseDocument *document, const char *marker)
{
  g_autofree char *filled = fill_canary (marker);

  return strstr (valise_document_get_text (document), filled) != NULL;
}

static const ValiseAsk *
find_ask (GPtrArray *asks, const char *knob)
{
  for (guint i = 0; i < asks->len; i++)
    if (g_str_equal (((ValiseAsk *) asks->pdata[i])->knob, knob))
      return asks->pdata[i];
  return NULL;
}

static void
print_asks (GPtrArray *asks)
{
  for (guint i = 0; i < asks->len; i++)
    {
      const ValiseAsk *ask = asks->pdata[i];

      g_test_message ("  asks %s = %s (%s)%s", ask->knob, ask->value, ask->text, ask->granted ? " granted" : "");
    }
}

/* --- cases --- */

static void
test_hostile (gconstpointer data)
{
  const HostileRequest *request = data;
  g_autoptr (ValiseDocument) stored = make (request->os, request->top, request->device);
  g_autofree char *before = g_strdup (valise_document_get_text (stored));
  g_autoptr (ValiseGrants) grants = fresh_grants ();
  g_autoptr (GPtrArray) asks = NULL;
  g_autoptr (GPtrArray) listed = NULL;
  g_autoptr (GPtrArray) after = NULL;
  g_autoptr (ValiseDocument) refused = effective (stored, grants, &asks);
  g_autoptr (ValiseDocument) granted = NULL;

  print_asks (asks);
  g_test_message ("%s", valise_document_get_text (refused));
  g_assert_false (contains (refused, request->marker));
  g_assert_false (contains (refused, "CANARY"));
  g_assert_nonnull (find_ask (asks, request->knob));
  g_assert_false (find_ask (asks, request->knob)->granted);
  g_assert_cmpstr (find_ask (asks, request->knob)->text, !=, "");
  listed = valise_effective_list_asks (stored, bundle, NULL);
  g_assert_cmpuint (listed->len, ==, asks->len);
  g_assert_cmpstr (valise_document_get_text (stored), ==, before);

  g_assert_true (valise_effective_grant_all (stored, NULL, bundle, grants, NULL));
  granted = effective (stored, grants, &after);
  g_test_message ("%s", valise_document_get_text (granted));
  g_assert_true (find_ask (after, request->knob)->granted);
  g_assert_true (contains (granted, request->marker));
}

static void
test_exact_value (void)
{
  g_autoptr (ValiseDocument) one = make ("", "", "<serial type='file'><source path='/one'/></serial>");
  g_autoptr (ValiseDocument) other = make ("", "", "<serial type='file'><source path='/one' append='on'/></serial>");
  g_autoptr (ValiseDocument) same =
      make ("", "",
            "<serial  type=\"file\" ><!-- x -->\n<source\npath='/one'/> <address type='isa' iobase='0x3f8'/></serial>");
  g_autoptr (ValiseGrants) grants = fresh_grants ();
  g_autoptr (ValiseDocument) document = NULL;
  g_autoptr (ValiseDocument) rewritten = NULL;

  g_assert_true (valise_effective_grant_all (one, NULL, bundle, grants, NULL));
  document = effective (other, grants, NULL);
  g_assert_false (contains (document, "/one"));
  /* How it is written, and where the guest sees it, do not matter. */
  rewritten = effective (same, grants, NULL);
  g_assert_true (contains (rewritten, "/one"));
  g_assert_true (contains (rewritten, "0x3f8"));
}

/* What is delivered is what was granted, to the letter: a blank in front would make it a path of the bundle. */
static void
test_white_space (void)
{
  g_autoptr (ValiseDocument) honest = make ("", "", "<emulator>CANARY</emulator>");
  g_autoptr (ValiseDocument) blank = make ("", "", "<emulator>\n CANARY</emulator>");
  g_autoptr (ValiseDocument) inner =
      make ("", "", "<rng model='virtio'><backend model='random'> /dev/hwrng</backend></rng>");
  g_autoptr (ValiseGrants) grants = fresh_grants ();
  g_autoptr (ValiseDocument) one = NULL;
  g_autoptr (ValiseDocument) two = NULL;
  g_autofree char *emulator = NULL;
  g_autofree char *backend = NULL;

  g_assert_true (valise_effective_grant_all (honest, NULL, bundle, grants, NULL));
  g_assert_true (valise_effective_grant_all (inner, NULL, bundle, grants, NULL));
  one = effective (blank, grants, NULL);
  two = effective (inner, grants, NULL);
  emulator = valise_document_get (one, "devices/emulator");
  backend = valise_document_get (two, "devices/rng/backend");
  g_assert_cmpstr (emulator, ==, canary);
  g_assert_cmpstr (backend, ==, "/dev/hwrng");
  g_assert_false (contains (two, "> /dev/hwrng"));
}

/* An attribute of another namespace is none of libvirt's, and must not become one on the way. */
static void
test_foreign_attribute (void)
{
  g_autoptr (ValiseDocument) stored = make ("", "", "<input xmlns:e='urn:e' type='tablet' bus='usb' e:type='evdev'/>");
  g_autoptr (GPtrArray) asks = NULL;
  g_autoptr (ValiseDocument) document = effective (stored, NULL, &asks);
  g_autofree char *input = valise_document_get_fragment (document, "devices/input");

  g_assert_cmpuint (asks->len, ==, 0);
  g_assert_null (strstr (input, "evdev"));
}

/* What a stranger's file asked for stays off when the user edits something else here. */
static void
test_grant_edit (void)
{
  g_autoptr (ValiseDocument) before = make ("<kernel>/boot/vmlinuz</kernel>", "", "");
  g_autoptr (ValiseDocument) after = make ("<kernel>/boot/vmlinuz</kernel>", "", "<shmem name='mine'/>");
  g_autoptr (ValiseGrants) grants = fresh_grants ();
  g_autoptr (GPtrArray) asks = NULL;

  g_assert_true (valise_effective_grant_all (after, before, bundle, grants, NULL));
  asks = valise_effective_list_asks (after, bundle, grants);
  g_assert_cmpuint (asks->len, ==, 2);
  g_assert_true (find_ask (asks, "devices/shmem")->granted);
  g_assert_false (find_ask (asks, "os/kernel")->granted);
}

static char *
get (ValiseDocument *document, const char *knob)
{
  return valise_document_get (document, knob);
}

static void
assert_value (ValiseDocument *document, const char *knob, const char *expected)
{
  g_autofree char *value = get (document, knob);

  g_test_message ("%s", knob);
  g_assert_cmpstr (value, ==, expected);
}

static void
test_host_decides (void)
{
  g_autoptr (ValiseDocument) stored =
      make ("",
            "<title>Old</title><metadata><valise:machine xmlns:valise='https://valise.page/bundle/1' version='1' "
            "name='Büro &lt;b&gt;'/><secret>x</secret></metadata><cpu mode='host-passthrough' migratable='on'>"
            "<feature policy='require' name='vmx'/><topology sockets='1' cores='2' threads='1'/></cpu>",
            "<emulator>/usr/bin/qemu-kvm</emulator><graphics type='vnc' port='-1' autoport='yes' keymap='de' "
            "sharePolicy='ignore'>"
            "<listen type='address' address='127.0.0.1'/></graphics>");
  g_autoptr (GPtrArray) asks = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseDocument) document = effective (stored, NULL, &asks);
  g_autoptr (ValiseDocument) fast =
      valise_effective_document_new (stored, bundle, &kvm, capabilities, NULL, NULL, &error);
  g_autofree char *disk = g_build_filename (bundle, "disks/root.img", NULL);
  g_autofree char *graphics = valise_document_get_fragment (document, "devices/graphics");

  g_assert_no_error (error);
  print_asks (asks);
  g_assert_cmpuint (asks->len, ==, 0);
  assert_value (document, "name", "vm-" UUID);
  assert_value (document, "title", "Büro <b>");
  g_assert_false (valise_document_has (document, "metadata"));
  assert_value (document, "@type", "qemu");
  assert_value (document, "cpu/@mode", "maximum");
  assert_value (document, "cpu/topology/@cores", "2");
  g_assert_false (valise_document_has (document, "cpu/feature"));
  assert_value (document, "devices/emulator", "/usr/bin/qemu-system-x86_64");
  assert_value (document, "devices/disk/source/@file", disk);
  assert_value (document, "devices/disk/driver/@type", "raw");
  assert_value (document, "devices/disk/driver/@error_policy", "stop");
  g_assert_true (valise_document_has (document, "devices/disk/backingStore"));
  g_assert_cmpuint (valise_document_count (document, "devices/graphics"), ==, 1);
  assert_value (document, "devices/graphics/@keymap", "de");
  assert_value (document, "devices/graphics/@sharePolicy", "ignore");
  assert_value (document, "devices/graphics/@port", NULL);
  assert_value (document, "devices/graphics/listen/@type", "none");
  assert_value (document, "devices/graphics/listen/@address", NULL);
  assert_value (fast, "@type", "kvm");
  assert_value (fast, "cpu/@mode", "host-passthrough");
  assert_value (fast, "cpu/feature/@name", "vmx");
  g_assert_false (valise_document_has (fast, "devices/emulator"));
}

/* Only a processor that is taken as it comes, and only where nobody has said something else. */
static void
test_questions (void)
{
  static const struct
  {
    const char *processor;
    gboolean quick;
    const char *dropped;
  } cases[] = {
    { "<cpu mode='host-passthrough'/>", TRUE, "cpu-unavailable-features" },
    { "<cpu mode='maximum'/>", TRUE, "cpu-unavailable-features" },
    { "<cpu mode='host-passthrough'/>", FALSE, NULL },
    { "<cpu mode='custom'><model>qemu64</model></cpu>", TRUE, NULL },
    { "", TRUE, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (ValiseDocument) stored = make ("", cases[i].processor, "");
      ValiseHostChoice choice = { .quick_questions = cases[i].quick };
      g_autoptr (GError) error = NULL;
      g_autoptr (ValiseDocument) document =
          valise_effective_document_new (stored, bundle, &choice, capabilities, NULL, NULL, &error);

      g_assert_no_error (error);
      assert_value (document, "qemu:capabilities/qemu:del/@capability", cases[i].dropped);
    }
}

static void
test_firmware (void)
{
  static const struct
  {
    const char *attribute;
    const char *inside;
    ValiseFirmware kind;
    const char *secure;
    const char *keys;
  } rows[] = {
    { "", "", VALISE_FIRMWARE_BIOS, NULL, NULL },
    { " firmware='bios'", "", VALISE_FIRMWARE_BIOS, NULL, NULL },
    { " firmware='efi'", "", VALISE_FIRMWARE_UEFI, "no", "no" },
    { " firmware='efi'", "<firmware><feature enabled='no' name='secure-boot'/></firmware>", VALISE_FIRMWARE_UEFI, "no",
      "no" },
    { " firmware='efi'", "<firmware><feature enabled='yes' name='secure-boot'/></firmware>",
      VALISE_FIRMWARE_UEFI_SECURE, "yes", "yes" },
    { " firmware='efi'",
      "<firmware><feature enabled='yes' name='secure-boot'/><feature enabled='no' name='enrolled-keys'/></firmware>",
      VALISE_FIRMWARE_UEFI_SECURE, "yes", "no" },
    { " firmware='efi'", "<loader secure='yes'/>", VALISE_FIRMWARE_UEFI_SECURE, "yes", "yes" },
    { "",
      "<loader readonly='yes' type='pflash'>/firmware/CODE.fd</loader><nvram "
      "template='/firmware/VARS.fd'>nvram/vars.fd</nvram>",
      VALISE_FIRMWARE_UEFI, "no", "no" },
    { "", "<loader readonly='yes' secure='yes' type='pflash'>/firmware/CODE.ms.fd</loader>",
      VALISE_FIRMWARE_UEFI_SECURE, "yes", "yes" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text =
          g_strdup_printf ("<domain type='kvm'><name>x</name><uuid>" UUID "</uuid><memory>1</memory>"
                           "<os%s><type arch='x86_64' machine='q35'>hvm</type>%s</os></domain>",
                           rows[i].attribute, rows[i].inside);
      g_autoptr (ValiseDocument) stored = document_fixture_parse (text);
      g_autoptr (GPtrArray) asks = NULL;
      g_autoptr (ValiseDocument) document = effective (stored, NULL, &asks);
      g_autofree char *nvram = g_build_filename (bundle, "nvram/vars.fd", NULL);
      gboolean uefi = rows[i].kind != VALISE_FIRMWARE_BIOS;

      g_test_message ("%s", text);
      g_assert_cmpuint (asks->len, ==, 0);
      g_assert_cmpint (valise_effective_get_firmware (stored), ==, rows[i].kind);
      assert_value (document, "os/@firmware", uefi ? "efi" : NULL);
      assert_value (document, "os/nvram", uefi ? nvram : NULL);
      assert_value (document, "os/loader", NULL);
      assert_value (document, "os/firmware/feature[@name='secure-boot']/@enabled", rows[i].secure);
      assert_value (document, "os/firmware/feature[@name='enrolled-keys']/@enabled", rows[i].keys);
      assert_value (document, "features/smm/@state", rows[i].kind == VALISE_FIRMWARE_UEFI_SECURE ? "on" : NULL);
    }
}

static void
test_tpm (void)
{
  g_autoptr (ValiseDocument) stored =
      make ("", "", "<tpm model='tpm-crb'><backend type='emulator' version='2.0' persistent_state='yes'/></tpm>");
  ValiseHostChoice choice = { FALSE, NULL, "/run/x/tpm.sock" };
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseDocument) ours =
      valise_effective_document_new (stored, bundle, &choice, capabilities, NULL, NULL, &error);
  g_autoptr (ValiseDocument) libvirts = effective (stored, NULL, NULL);

  g_assert_no_error (error);
  assert_value (ours, "devices/tpm/@model", "tpm-crb");
  assert_value (ours, "devices/tpm/backend/@type", "external");
  assert_value (ours, "devices/tpm/backend/@version", NULL);
  assert_value (ours, "devices/tpm/backend/source/@path", "/run/x/tpm.sock");
  assert_value (ours, "devices/tpm/backend/source/@mode", "connect");
  assert_value (libvirts, "devices/tpm/backend/@type", "emulator");
  assert_value (libvirts, "devices/tpm/backend/@version", "2.0");
}

/* A drive without its disc is empty; a hard disk without its file is no disk. */
static void
test_media (void)
{
  g_autoptr (ValiseDocument) stored =
      make ("", "",
            "<disk type='file' device='cdrom'><source file='CANARY' startupPolicy='optional'/><target dev='sda' "
            "bus='sata'/></disk>"
            "<disk type='file' device='cdrom'><source file='media/gone.iso'/><target dev='sdb' bus='sata'/></disk>"
            "<disk type='file' device='cdrom'><source file='media/disc.iso' startupPolicy='optional'/><target "
            "dev='sdc' bus='sata'/></disk>"
            "<disk type='file' device='cdrom'><target dev='sdd' bus='sata'/></disk>"
            "<disk type='file' device='disk'><source file='/elsewhere.img'/><target dev='vdb' bus='virtio'/></disk>");
  g_autoptr (GPtrArray) asks = NULL;
  g_autoptr (ValiseDocument) document = effective (stored, NULL, &asks);
  g_autofree char *disc = g_build_filename (bundle, "media/disc.iso", NULL);

  g_assert_cmpuint (asks->len, ==, 2);
  g_assert_cmpuint (valise_document_count (document, "devices/disk"), ==, 5);
  assert_value (document, "devices/disk[2]/source/@file", NULL);
  assert_value (document, "devices/disk[3]/source/@file", NULL);
  assert_value (document, "devices/disk[4]/source/@file", disc);
  assert_value (document, "devices/disk[4]/source/@startupPolicy", NULL);
  assert_value (document, "devices/disk[4]/driver/@type", "raw");
  assert_value (document, "devices/disk[5]/target/@dev", "sdd");
}

static void
expect_error (const char *device, const char *os, GQuark domain, int code, const char *word)
{
  g_autoptr (ValiseDocument) stored = make (os, "", device);
  g_autoptr (ValiseGrants) grants = fresh_grants ();
  g_autoptr (GPtrArray) asks = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (valise_effective_grant_all (stored, NULL, bundle, grants, NULL));
  g_assert_null (valise_effective_document_new (stored, bundle, &tcg, capabilities, grants, &asks, &error));
  g_assert_error (error, domain, code);
  g_assert_nonnull (strstr (error->message, word));
}

static void
link_to (const char *target, const char *name)
{
  g_autofree char *path = g_build_filename (bundle, name, NULL);

  g_unlink (path);
  g_assert_cmpint (symlink (target, path), ==, 0);
}

static void
unlink_from_bundle (const char *name)
{
  g_autofree char *path = g_build_filename (bundle, name, NULL);

  g_assert_cmpint (g_unlink (path), ==, 0);
}

#define DISK(file, format)                                                                                             \
  "<disk type='file' device='disk'><driver type='" format "'/><source file='" file                                     \
  "'/><target dev='vdb' bus='virtio'/></disk>"

static void
test_bad_images (void)
{
  g_autofree char *fifo = g_build_filename (bundle, "disks/fifo.img", NULL);

  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  link_to (canary, "disks/link.img");
  link_to ("..", "up");
  link_to (canary, "media/kernel-link");
  expect_error (DISK ("disks/gone.qcow2", "qcow2"), "", VALISE_EFFECTIVE_ERROR, VALISE_EFFECTIVE_ERROR_MISSING,
                "disks/gone.qcow2");
  expect_error (DISK ("/nowhere/gone.img", "raw"), "", VALISE_EFFECTIVE_ERROR, VALISE_EFFECTIVE_ERROR_MISSING,
                "/nowhere/gone.img");
  expect_error (DISK ("disks/fifo.img", "raw"), "", VALISE_PATH_ERROR, VALISE_PATH_ERROR_SPECIAL, "disks/fifo.img");
  expect_error (DISK ("disks/link.img", "raw"), "", VALISE_PATH_ERROR, VALISE_PATH_ERROR_UNSAFE, "disks/link.img");
  expect_error (DISK ("up/canary", "raw"), "", VALISE_PATH_ERROR, VALISE_PATH_ERROR_UNSAFE, "up/canary");
  expect_error (DISK ("/dev/null", "raw"), "", VALISE_PATH_ERROR, VALISE_PATH_ERROR_SPECIAL, "/dev/null");
  expect_error (DISK ("disks/root.img", "qcow2"), "", VALISE_EFFECTIVE_ERROR, VALISE_EFFECTIVE_ERROR_IMAGE, "root.img");
  expect_error (DISK ("disks/backed.qcow2", "qcow2"), "", VALISE_EFFECTIVE_ERROR, VALISE_EFFECTIVE_ERROR_IMAGE,
                "backed.qcow2");
  expect_error ("<disk type='file' device='cdrom'><driver type='luks'/><source file='disks/root.img'/><target "
                "dev='sda' bus='sata'/></disk>",
                "", VALISE_EFFECTIVE_ERROR, VALISE_EFFECTIVE_ERROR_IMAGE, "luks");
  expect_error ("", "<kernel>media/kernel-link</kernel>", VALISE_PATH_ERROR, VALISE_PATH_ERROR_UNSAFE,
                "media/kernel-link");
  link_to (canary, "nvram/vars.fd");
  expect_error ("", "<loader readonly='yes' type='pflash'>/firmware/CODE.fd</loader>", VALISE_PATH_ERROR,
                VALISE_PATH_ERROR_UNSAFE, "nvram/vars.fd");
  unlink_from_bundle ("nvram/vars.fd");
  expect_error ("", "<kernel>media/gone</kernel>", VALISE_EFFECTIVE_ERROR, VALISE_EFFECTIVE_ERROR_MISSING,
                "media/gone");
}

static void
test_no_uuid (void)
{
  g_autoptr (ValiseDocument) stored =
      document_fixture_parse ("<domain type='kvm'><name>x</name><os><type>hvm</type></os></domain>");
  g_autoptr (GError) error = NULL;

  g_assert_null (valise_effective_document_new (stored, bundle, &tcg, capabilities, NULL, NULL, &error));
  g_assert_error (error, VALISE_DOCUMENT_ERROR, VALISE_DOCUMENT_ERROR_MISSING);
}

static void
test_no_firmware (void)
{
  g_autoptr (ValiseDocument) stored = document_fixture_parse ("<domain type='kvm'><name>x</name><uuid>" UUID "</uuid>"
                                                              "<os firmware='efi'><type>hvm</type></os></domain>");
  g_autofree char *before = g_strdup (g_getenv ("VALISE_FIRMWARE_DIR"));
  g_autoptr (ValiseCapabilities) bare = NULL;
  g_autoptr (GError) error = NULL;

  g_setenv ("VALISE_FIRMWARE_DIR", "/nowhere", TRUE);
  bare = model_fixture_capabilities ("domcaps-q35-tcg.xml");
  g_assert_null (valise_effective_document_new (stored, bundle, &tcg, bare, NULL, NULL, &error));
  g_assert_error (error, VALISE_EFFECTIVE_ERROR, VALISE_EFFECTIVE_ERROR_FIRMWARE);
  g_setenv ("VALISE_FIRMWARE_DIR", before, TRUE);
}

/* What is refused must not take the rest of the device with it, and a second of its kind must not slip past the check
 * of the first. */
static void
test_repeated (void)
{
  g_autoptr (ValiseDocument) stored =
      make ("", "<os><kernel>media/vmlinuz</kernel></os>",
            "<disk type='file'><source file='disks/root.img'/><source file='disks/backed.qcow2'/><driver type='raw'/>"
            "<driver type='qcow2'/><target dev='vdb' bus='virtio'/></disk>");
  g_autoptr (ValiseDocument) document = effective (stored, NULL, NULL);

  g_assert_cmpuint (valise_document_count (document, "os"), ==, 1);
  g_assert_cmpuint (valise_document_count (document, "devices/disk[2]/source"), ==, 1);
  g_assert_cmpuint (valise_document_count (document, "devices/disk[2]/driver"), ==, 1);
  g_assert_false (contains (document, "backed.qcow2"));
}

/* What is left of an element that was refused must still be something libvirt takes. */
static void
test_nothing_left (void)
{
  g_autoptr (ValiseDocument) stored =
      make ("", "",
            "<video><model type='virtio'><acceleration accel3d='yes'/></model></video>"
            "<serial type='pty'><source path='/dev/pts/7'/><target port='0'/></serial>");
  g_autoptr (ValiseDocument) document = effective (stored, NULL, NULL);

  g_assert_true (valise_document_has (document, "devices/video/model"));
  g_assert_false (valise_document_has (document, "devices/video/model/acceleration"));
  g_assert_true (valise_document_has (document, "devices/serial/target"));
  g_assert_false (valise_document_has (document, "devices/serial/source"));
}

/* A silent stand-in keeps the numbers that sound cards refer to. */
static void
test_silent_audio (void)
{
  g_autoptr (ValiseDocument) stored =
      make ("", "", "<sound model='ich9'><audio id='3'/></sound><audio id='3' type='pulseaudio'/>");
  g_autoptr (ValiseDocument) document = effective (stored, NULL, NULL);

  assert_value (document, "devices/sound/audio/@id", "3");
  assert_value (document, "devices/audio/@id", "3");
  assert_value (document, "devices/audio/@type", "none");
}

/* A card that is connected to nothing is one without its cable: as it is written it ends the program that starts it. */
static void
test_no_network (void)
{
  g_autoptr (ValiseDocument) stored =
      make ("", "", "<interface type='null'><mac address='52:54:00:00:00:01'/><model type='e1000e'/></interface>");
  g_autoptr (ValiseDocument) document = effective (stored, NULL, NULL);

  assert_value (document, "devices/interface/@type", "user");
  assert_value (document, "devices/interface/link/@state", "down");
  assert_value (document, "devices/interface/mac/@address", "52:54:00:00:00:01");
  assert_value (document, "devices/interface/model/@type", "e1000e");
}

/* Everything in this fixture is harmless and has to arrive. */
static void
test_harmless (void)
{
  g_autofree char *text = model_fixture_read ("harmless.xml");
  g_autoptr (ValiseDocument) stored = document_fixture_parse (text);
  g_autoptr (GPtrArray) asks = NULL;
  g_autoptr (GPtrArray) changes = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseDocument) document =
      valise_effective_document_new (stored, bundle, &kvm, capabilities, NULL, &asks, &error);
  g_autofree char *prefix = g_strconcat (bundle, "/", NULL);

  g_assert_no_error (error);
  print_asks (asks);
  g_assert_cmpuint (asks->len, ==, 0);
  changes = valise_document_diff (stored, document);
  for (guint i = 0; i < changes->len; i++)
    {
      const ValiseDocumentChange *change = changes->pdata[i];

      g_test_message ("%s: %s -> %s", change->path, change->before, change->after);
      if (change->before == NULL || g_str_equal (change->path, "name") || g_str_has_prefix (change->path, "metadata")
          || g_str_has_prefix (change->path, "description"))
        continue;
      g_assert_nonnull (change->after);
      g_assert_true (g_str_has_prefix (change->after, prefix));
      g_assert_cmpstr (change->after + strlen (prefix), ==, change->before);
    }
}

/* --- */

static void
write_file (const char *relative, const void *data, gsize length)
{
  g_autofree char *path = g_build_filename (bundle, relative, NULL);
  g_autofree char *directory = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (directory, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, data, (gssize) length, NULL));
}

/* A qcow2 header, version 2, 1 MiB, with the name of a backing file. */
static void
write_backed_image (void)
{
  guint8 image[65536] = { 'Q', 'F', 'I', 0xfb, 0, 0, 0, 2 };
  static const char name[] = "/etc/hostname";

  image[15] = 72;
  image[19] = sizeof name - 1;
  image[23] = 16;
  image[29] = 16;
  image[39] = 1;
  image[46] = 0x10;
  image[54] = 0x20;
  image[59] = 1;
  memcpy (image + 72, name, sizeof name - 1);
  write_file ("disks/backed.qcow2", image, sizeof image);
}

static void
make_bundle (void)
{
  g_autofree char *empty = g_malloc0 (65536);

  bundle = g_build_filename (model_fixture_directory (), "Test.vmbundle", NULL);
  canary = g_build_filename (model_fixture_directory (), "canary", NULL);
  g_assert_true (g_file_set_contents (canary, "secret", -1, NULL));
  write_file ("disks/root.img", empty, 65536);
  write_file ("media/disc.iso", empty, 65536);
  write_file ("media/vmlinuz", empty, 512);
  write_file ("nvram/.keep", "", 0);
  write_backed_image ();
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  model_fixture_begin ();
  make_bundle ();
  capabilities = model_fixture_capabilities ("domcaps-q35-tcg.xml");
  for (const HostileRequest *request = hostile_requests; request->name != NULL; request++)
    {
      g_autofree char *path = g_strdup_printf ("/model/effective/hostile/%s", request->name);

      g_test_add_data_func (path, request, test_hostile);
    }
  g_test_add_func ("/model/effective/exact-value", test_exact_value);
  g_test_add_func ("/model/effective/white-space", test_white_space);
  g_test_add_func ("/model/effective/foreign-attribute", test_foreign_attribute);
  g_test_add_func ("/model/effective/grant-edit", test_grant_edit);
  g_test_add_func ("/model/effective/host-decides", test_host_decides);
  g_test_add_func ("/model/effective/questions", test_questions);
  g_test_add_func ("/model/effective/firmware", test_firmware);
  g_test_add_func ("/model/effective/tpm", test_tpm);
  g_test_add_func ("/model/effective/media", test_media);
  g_test_add_func ("/model/effective/bad-images", test_bad_images);
  g_test_add_func ("/model/effective/no-uuid", test_no_uuid);
  g_test_add_func ("/model/effective/no-firmware", test_no_firmware);
  g_test_add_func ("/model/effective/repeated", test_repeated);
  g_test_add_func ("/model/effective/nothing-left", test_nothing_left);
  g_test_add_func ("/model/effective/silent-audio", test_silent_audio);
  g_test_add_func ("/model/effective/no-network", test_no_network);
  g_test_add_func ("/model/effective/harmless", test_harmless);
  result = g_test_run ();
  valise_capabilities_unref (capabilities);
  g_free (bundle);
  g_free (canary);
  model_fixture_end ();
  return result;
}
