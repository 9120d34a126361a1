/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each rule with a machine that breaks it and one that does not; where a finding offers a fix, the fix mends it. */
#include "model/valise-rules.h"

#include <glib/gstdio.h>

#include "model/valise-edit-session.h"
#include "document-fixture.h"

#define MACHINE(head, os, devices)                                                                                     \
  "<domain type='kvm'>\n"                                                                                              \
  "  <name>box</name>\n" head "  <os" os "\n"                                                                          \
  "  <devices>\n" devices "  </devices>\n"                                                                             \
  "</domain>\n"
#define RAM "  <memory unit='MiB'>1024</memory>\n"
#define OS "><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os>"
#define PC "><type arch='x86_64' machine='pc-i440fx-7.2'>hvm</type></os>"
#define UEFI " firmware='efi'><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os>"
#define SECURE(machine, start)                                                                                         \
  start "><type arch='x86_64' machine='" machine "'>hvm</type>"                                                        \
        "<firmware><feature enabled='yes' name='secure-boot'/></firmware></os>"
#define DISK(file, dev, bus, more)                                                                                     \
  "    <disk type='file' device='disk'>" more "<source file='" file "'/><target dev='" dev "' bus='" bus "'/></"       \
  "disk>\n"
#define CD(dev, bus) "    <disk type='file' device='cdrom'><target dev='" dev "' bus='" bus "'/><readonly/></disk>\n"
#define CARD(mac, more) "    <interface type='user'><mac address='" mac "'/>" more "</interface>\n"
#define PCI(slot, function) "<address type='pci' domain='0x0000' bus='0x00' slot='" slot "' function='" function "'/>"

#define LONG_NAME_50 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee"
#define LONG_NAME_300 LONG_NAME_50 LONG_NAME_50 LONG_NAME_50 LONG_NAME_50 LONG_NAME_50 LONG_NAME_50

#define ERROR VALISE_SEVERITY_ERROR
#define WARNING VALISE_SEVERITY_WARNING

static const struct
{
  const char *code;
  ValiseSeverity severity;
  const char *where;
  const char *fix_knob; /* NULL: no fix */
  const char *fix_value;
  const char *wrong;
  const char *right;
} rules[] = {
  { "value-invalid", ERROR, "vcpu", NULL, NULL, MACHINE (RAM "<vcpu>two</vcpu>", OS, ""),
    MACHINE (RAM "<vcpu> 2 </vcpu>", OS, "") },
  { "value-invalid", ERROR, "vcpu", NULL, NULL, MACHINE (RAM "<vcpu>0</vcpu>", OS, ""),
    MACHINE (RAM "<vcpu>1</vcpu>", OS, "") },
  { "value-invalid", ERROR, "vcpu", NULL, NULL, MACHINE (RAM "<vcpu>99999</vcpu>", OS, ""),
    MACHINE (RAM "<vcpu>1024</vcpu>", OS, "") },
  { "value-invalid", ERROR, "vcpu", NULL, NULL, MACHINE (RAM "<vcpu/>", OS, ""), MACHINE (RAM, OS, "") },
  { "value-invalid", ERROR, "memory", NULL, NULL, MACHINE ("<memory>much</memory>", OS, ""), MACHINE (RAM, OS, "") },
  { "value-invalid", ERROR, "memory", NULL, NULL, MACHINE ("<memory unit='XiB'>4</memory>", OS, ""),
    MACHINE ("<memory unit='bytes'>4194304</memory>", OS, "") },
  { "value-invalid", ERROR, "memory", NULL, NULL, MACHINE ("<memory unit='TiB'>18446744073709551615</memory>", OS, ""),
    MACHINE ("<memory unit='TiB'>1</memory>", OS, "") },
  { "value-invalid", ERROR, "clock/@offset", NULL, NULL, MACHINE (RAM "<clock offset='mars'/>", OS, ""),
    MACHINE (RAM "<clock offset='utc'/>", OS, "") },
  { "value-invalid", ERROR, "cpu/@migratable", NULL, NULL, MACHINE (RAM "<cpu migratable='yes'/>", OS, ""),
    MACHINE (RAM "<cpu migratable='on'/>", OS, "") },
  { "value-invalid", ERROR, "pm/suspend-to-mem/@enabled", NULL, NULL,
    MACHINE (RAM "<pm><suspend-to-mem enabled='on'/></pm>", OS, ""),
    MACHINE (RAM "<pm><suspend-to-mem enabled='no'/></pm>", OS, "") },
  { "value-invalid", ERROR, "devices/disk/driver/@cache", NULL, NULL,
    MACHINE (RAM, OS, DISK ("/dev/null", "vda", "virtio", "<driver name='qemu' type='raw' cache='fast'/>")),
    MACHINE (RAM, OS, DISK ("/dev/null", "vda", "virtio", "<driver name='qemu' type='raw' cache='none'/>")) },
  { "value-invalid", ERROR, "devices/interface/mac/@address", NULL, NULL,
    MACHINE (RAM, OS, CARD ("52:54:00:12:34", "")), MACHINE (RAM, OS, CARD ("52:54:00:12:34:AB", "")) },
  { "value-invalid", ERROR, "devices/interface/mac/@address", NULL, NULL,
    MACHINE (RAM, OS, CARD ("52:54:00:12:34:567", "")), MACHINE (RAM, OS, CARD ("52:54:00:12:34:56", "")) },
  { "value-invalid", ERROR, "uuid", NULL, NULL, MACHINE (RAM "<uuid>1234</uuid>", OS, ""),
    MACHINE (RAM "<uuid>2fb9c0de-3a51-4c1e-9d6b-8a4e5f0c7d21</uuid>", OS, "") },
  { "value-invalid", ERROR, "metadata/valise:machine/valise:disk/@size", NULL, NULL,
    MACHINE (RAM "<metadata><v:machine xmlns:v='https://valise.page/bundle/1'>"
                 "<v:disk source='disks/a.qcow2' size='big'/></v:machine></metadata>",
             OS,
             ""),
    MACHINE (RAM "<metadata><v:machine xmlns:v='https://valise.page/bundle/1'>"
                 "<v:disk source='disks/a.qcow2' size='25769803776'/></v:machine></metadata>",
             OS,
             "") },

  { "name-empty", ERROR, "name", NULL, NULL,
    "<domain type='kvm'><name> </name><memory>1048576</memory><os><type>hvm</type></os></domain>",
    MACHINE (RAM, OS, "") },
  { "name-empty", ERROR, "name", NULL, NULL,
    "<domain type='kvm'><memory>1048576</memory><os><type>hvm</type></os></domain>", MACHINE (RAM, OS, "") },
  { "name-empty", ERROR, "metadata/valise:machine/@name", NULL, NULL,
    MACHINE (RAM "<metadata><v:machine xmlns:v='https://valise.page/bundle/1' name=''/></metadata>", OS, ""),
    MACHINE (RAM
             "<metadata><v:machine xmlns:v='https://valise.page/bundle/1' name='Büro/1 \xf0\x9f\x98\x80'/></metadata>",
             OS,
             "") },
  { "name-too-long", ERROR, "name", NULL, NULL,
    "<domain type='kvm'><name>" LONG_NAME_300 "</name><memory>1048576</memory><os><type>hvm</type></os></domain>",
    "<domain type='kvm'><name>" LONG_NAME_50 "</name><memory>1048576</memory><os><type>hvm</type></os></domain>" },
  { "name-line-break", ERROR, "name", NULL, NULL,
    "<domain type='kvm'><name>a&#10;b</name><memory>1048576</memory><os><type>hvm</type></os></domain>",
    "<domain type='kvm'><name>\n a b\n</name><memory>1048576</memory><os><type>hvm</type></os></domain>" },

  { "os-missing", ERROR, "os/type", NULL, NULL, "<domain type='kvm'><name>box</name><memory>1048576</memory></domain>",
    MACHINE (RAM, OS, "") },
  { "memory-zero", ERROR, "memory", NULL, NULL, MACHINE ("", OS, ""), MACHINE (RAM, OS, "") },
  { "memory-zero", ERROR, "memory", NULL, NULL, MACHINE ("<memory>0</memory>", OS, ""), MACHINE (RAM, OS, "") },
  { "memory-zero", ERROR, "memory", NULL, NULL, MACHINE ("<memory>1023</memory>", OS, ""),
    MACHINE ("<memory>1024</memory>", OS, "") },
  { "memory-over-host", WARNING, "memory", NULL, NULL, MACHINE ("<memory unit='GiB'>17</memory>", OS, ""),
    MACHINE ("<memory unit='GiB'>16</memory>", OS, "") },
  { "current-over-maximum", ERROR, "currentMemory", "currentMemory", NULL,
    MACHINE (RAM "<currentMemory unit='MiB'>1025</currentMemory>", OS, ""),
    MACHINE (RAM "<currentMemory unit='KiB'>1048576</currentMemory>", OS, "") },
  { "cpus-over-host", WARNING, "vcpu", NULL, NULL, MACHINE (RAM "<vcpu>9</vcpu>", OS, ""),
    MACHINE (RAM "<vcpu>8</vcpu>", OS, "") },
  { "vcpu-current-over-maximum", ERROR, "vcpu/@current", "vcpu/@current", NULL,
    MACHINE (RAM "<vcpu current='3'>2</vcpu>", OS, ""), MACHINE (RAM "<vcpu current='2'>2</vcpu>", OS, "") },
  { "topology-mismatch", ERROR, "cpu/topology/@cores", "vcpu", "4",
    MACHINE (RAM "<vcpu>3</vcpu><cpu><topology sockets='1' cores='2' threads='2'/></cpu>", OS, ""),
    MACHINE (RAM "<vcpu>8</vcpu><cpu><topology sockets='1' dies='2' cores='2' threads='2'/></cpu>", OS, "") },

  { "secure-boot-without-uefi", ERROR, "os/@firmware", "os/@firmware", "efi",
    MACHINE (RAM, SECURE ("pc-q35-7.2", ""), ""), MACHINE (RAM, SECURE ("pc-q35-7.2", " firmware='efi'"), "") },
  { "secure-boot-needs-q35", ERROR, "os/type/@machine", "os/type/@machine", "q35",
    MACHINE (RAM, SECURE ("pc-i440fx-7.2", " firmware='efi'"), ""),
    MACHINE (RAM, SECURE ("q35", " firmware='efi'"), "") },
  { "secure-boot-needs-smm", ERROR, "features/smm/@state", "features/smm/@state", "on",
    MACHINE (RAM "<features><smm state='off'/></features>", SECURE ("q35", " firmware='efi'"), ""),
    MACHINE (RAM "<features><smm state='on'/></features>", SECURE ("q35", " firmware='efi'"), "") },
  { "secure-boot-needs-smm", ERROR, "features/smm/@state", "features/smm/@state", "on",
    MACHINE (RAM,
             "><type machine='q35'>hvm</type><loader readonly='yes' secure='yes' type='pflash'>/x.fd</loader></os>",
             ""),
    MACHINE (RAM,
             "><type machine='q35'>hvm</type><loader readonly='yes' secure='no' type='pflash'>/x.fd</loader></os>",
             "") },
  { "uefi-machine-type", ERROR, "os/type/@machine", "os/type/@machine", "q35",
    MACHINE (RAM, " firmware='efi'><type machine='isapc'>hvm</type></os>", ""),
    MACHINE (RAM, " firmware='efi'><type machine='pc-i440fx-7.2'>hvm</type></os>", "") },
  { "tpm-without-uefi", WARNING, "devices/tpm", "os/@firmware", "efi",
    MACHINE (RAM, OS, "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>"),
    MACHINE (RAM, UEFI, "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>") },

  { "disk-target-duplicate", ERROR, "devices/disk[2]/target/@dev", "devices/disk[2]/target/@dev", "vdb",
    MACHINE (RAM, OS, DISK ("a", "vda", "virtio", "") DISK ("b", "vda", "virtio", "")),
    MACHINE (RAM, OS, DISK ("a", "vda", "virtio", "") DISK ("b", "vdb", "virtio", "")) },
  { "bus-full", ERROR, "devices/disk[5]/target/@bus", "devices/disk[5]/target/@bus", "sata",
    MACHINE (RAM,
             PC,
             DISK ("a", "hda", "ide", "") DISK ("b", "hdb", "ide", "") DISK ("c", "hdc", "ide", "") CD ("hdd", "ide")
                 DISK ("e", "hde", "ide", "")),
    MACHINE (RAM,
             PC,
             DISK ("a", "hda", "ide", "") DISK ("b", "hdb", "ide", "") DISK ("c", "hdc", "ide", "") CD ("hdd", "ide")
                 DISK ("e", "vda", "virtio", "")) },
  { "bus-full", ERROR, "devices/disk[3]/target/@bus", NULL, NULL,
    MACHINE (RAM, PC, DISK ("a", "fda", "fdc", "") DISK ("b", "fdb", "fdc", "") DISK ("c", "fdc", "fdc", "")),
    MACHINE (RAM, PC, DISK ("a", "fda", "fdc", "") DISK ("b", "fdb", "fdc", "")) },
  { "ide-on-q35", ERROR, "devices/disk/target/@bus", "devices/disk/target/@bus", "sata",
    MACHINE (RAM, OS, DISK ("a", "hda", "ide", "")), MACHINE (RAM, PC, DISK ("a", "hda", "ide", "")) },
  { "cdrom-on-virtio", ERROR, "devices/disk/target/@bus", "devices/disk/target/@bus", "sata",
    MACHINE (RAM, OS, CD ("vda", "virtio")), MACHINE (RAM, OS, CD ("sda", "sata")) },
  { "cdrom-on-virtio", ERROR, "devices/disk/target/@bus", "devices/disk/target/@bus", "ide",
    MACHINE (RAM, PC, CD ("vda", "virtio")), MACHINE (RAM, PC, CD ("hda", "ide")) },
  { "folder-missing", WARNING, "devices/filesystem/source/@dir", NULL, NULL,
    MACHINE (RAM, OS, "<filesystem type='mount'><source dir='/nowhere/at/all'/><target dir='share'/></filesystem>"),
    MACHINE (RAM, OS, "<filesystem type='mount'><source dir='/usr'/><target dir='share'/></filesystem>") },
  { "disk-missing-file", WARNING, "devices/disk/source/@file", NULL, NULL,
    MACHINE (RAM, OS, DISK ("disks/gone.qcow2", "vda", "virtio", "")),
    MACHINE (RAM, OS, DISK ("disks/here.qcow2", "vda", "virtio", "")) },
  { "disk-missing-file", WARNING, "devices/disk[2]/source/@file", NULL, NULL,
    MACHINE (RAM, OS, DISK ("disks/here.qcow2", "vda", "virtio", "") DISK ("/nowhere/x.iso", "sda", "sata", "")),
    MACHINE (RAM "<metadata><v:machine xmlns:v='https://valise.page/bundle/1'>"
                 "<v:disk source='disks/new.qcow2' size='1073741824'/></v:machine></metadata>",
             OS,
             DISK ("disks/new.qcow2", "vda", "virtio", "")) },
  { "disk-format-raw", WARNING, "devices/disk/driver/@type", "devices/disk/driver/@type", "qcow2",
    MACHINE (RAM, OS, DISK ("disks/grown.img", "vda", "virtio", "<driver name='qemu' type='raw'/>")),
    MACHINE (RAM, OS, DISK ("disks/grown.img", "vda", "virtio", "<driver name='qemu' type='qcow2'/>")) },
  { "disk-format-raw", WARNING, "devices/disk/driver/@type", "devices/disk/driver/@type", "qcow2",
    MACHINE (RAM, OS, DISK ("disks/grown.img", "vda", "virtio", "")),
    MACHINE (RAM, OS, DISK ("disks/here.qcow2", "vda", "virtio", "<driver name='qemu' type='raw'/>")) },
  { "boot-file-missing", WARNING, "os/kernel", NULL, NULL,
    MACHINE (RAM, "><type>hvm</type><kernel>media/linux</kernel></os>", ""),
    MACHINE (RAM, "><type>hvm</type><kernel>disks/here.qcow2</kernel></os>", "") },
  { "disk-shared-with-two-entries", ERROR, "devices/disk[2]/source/@file", NULL, NULL,
    MACHINE (RAM, OS, DISK ("disks/here.qcow2", "vda", "virtio", "") DISK ("./disks/here.qcow2", "vdb", "virtio", "")),
    MACHINE (RAM,
             OS,
             DISK ("disks/here.qcow2", "vda", "virtio", "<readonly/>")
                 DISK ("disks/here.qcow2", "vdb", "virtio", "<readonly/>")) },
  { "disk-io-needs-cache", ERROR, "devices/disk/driver/@io", "devices/disk/driver/@cache", "none",
    MACHINE (RAM, OS, DISK ("a", "vda", "virtio", "<driver name='qemu' type='raw' io='native'/>")),
    MACHINE (RAM, OS, DISK ("a", "vda", "virtio", "<driver name='qemu' type='raw' io='native' cache='directsync'/>")) },
  { "disk-shareable-format", ERROR, "devices/disk/shareable", "devices/disk/shareable", NULL,
    MACHINE (RAM, OS, DISK ("a", "vda", "virtio", "<driver name='qemu' type='qcow2'/><shareable/>")),
    MACHINE (RAM, OS, DISK ("a", "vda", "virtio", "<driver name='qemu' type='raw'/><shareable/>")) },

  { "address-duplicate", ERROR, "devices/interface/address", "devices/interface/address", NULL,
    MACHINE (RAM, OS, DISK ("a", "vda", "virtio", PCI ("0x05", "0x0")) CARD ("52:54:00:00:00:01", PCI ("0x5", "0x0"))),
    MACHINE (RAM,
             OS,
             DISK ("a", "vda", "virtio", PCI ("0x05", "0x0")) CARD ("52:54:00:00:00:01", PCI ("0x05", "0x1"))) },
  { "address-duplicate", ERROR, "devices/disk[2]/address", "devices/disk[2]/address", NULL,
    MACHINE (RAM,
             OS,
             DISK ("a", "sda", "sata", "<address type='drive' controller='0' bus='0' target='0' unit='1'/>")
                 DISK ("b", "sdb", "sata", "<address type='drive' controller='0' bus='0' target='0' unit='1'/>")),
    MACHINE (RAM,
             OS,
             DISK ("a", "sda", "sata", "<address type='drive' controller='0' bus='0' target='0' unit='1'/>")
                 DISK ("b", "sdb", "scsi", "<address type='drive' controller='0' bus='0' target='0' unit='1'/>")) },
  { "address-duplicate", ERROR, "devices/input[2]/address", "devices/input[2]/address", NULL,
    MACHINE (RAM,
             OS,
             "<input type='tablet' bus='usb'><address type='usb' bus='0' port='1'/></input>"
             "<input type='mouse' bus='usb'><address type='usb' bus='0' port='1'/></input>"),
    MACHINE (RAM,
             OS,
             "<input type='tablet' bus='usb'><address type='usb' bus='0' port='1'/></input>"
             "<input type='mouse' bus='usb'><address type='usb' bus='0' port='1.1'/></input>") },
  { "boot-order-duplicate", ERROR, "devices/interface/boot/@order", "devices/interface/boot/@order", "2",
    MACHINE (RAM, OS, DISK ("a", "vda", "virtio", "<boot order='1'/>") CARD ("52:54:00:00:00:01", "<boot order='1'/>")),
    MACHINE (RAM,
             OS,
             DISK ("a", "vda", "virtio", "<boot order='1'/>") CARD ("52:54:00:00:00:01", "<boot order='2'/>")) },
  { "boot-order-mixed", ERROR, "os/boot", "os/boot", NULL,
    MACHINE (RAM, "><type>hvm</type><boot dev='hd'/></os>", DISK ("a", "vda", "virtio", "<boot order='1'/>")),
    MACHINE (RAM, "><type>hvm</type><boot dev='hd'/></os>", DISK ("a", "vda", "virtio", "")) },
  { "mac-duplicate", ERROR, "devices/interface[2]/mac/@address", "devices/interface[2]/mac/@address",
    "52:54:00:00:00:bc", MACHINE (RAM, OS, CARD ("52:54:00:00:00:bb", "") CARD ("52:54:00:00:00:BB", "")),
    MACHINE (RAM, OS, CARD ("52:54:00:00:00:bb", "") CARD ("52:54:00:00:00:cc", "")) },
  { "mac-multicast", ERROR, "devices/interface/mac/@address", "devices/interface/mac/@address", "52:54:00:00:00:01",
    MACHINE (RAM, OS, CARD ("53:54:00:00:00:01", "")), MACHINE (RAM, OS, CARD ("52:54:00:00:00:01", "")) },
  { "video-3d-needs-opengl", ERROR, "devices/video/model/acceleration/@accel3d",
    "devices/video/model/acceleration/@accel3d", "no",
    MACHINE (RAM,
             OS,
             "<graphics type='vnc'/><video><model type='virtio'><acceleration accel3d='yes'/></model></video>"),
    MACHINE (
        RAM,
        OS,
        "<graphics type='egl-headless'/><video><model type='virtio'><acceleration accel3d='yes'/></model></video>") },

  { "machine-type-unknown", WARNING, "os/type/@machine", NULL, NULL,
    MACHINE (RAM, "><type arch='x86_64' machine='pc-q35-99.9'>hvm</type></os>", ""), MACHINE (RAM, OS, "") },
  { "cpu-model-unusable", WARNING, "cpu/model", NULL, NULL,
    MACHINE (RAM "<cpu mode='custom'><model>Icelake-Server</model></cpu>", OS, ""),
    MACHINE (RAM "<cpu mode='custom'><model>qemu64</model></cpu>", OS, "") },
  { "option-unavailable", WARNING, "devices/disk/target/@bus", NULL, NULL,
    MACHINE (RAM, OS, DISK ("a", "sda", "scsi", "")), MACHINE (RAM, OS, DISK ("a", "vda", "virtio", "")) },
};

/* What a small computer says about itself. */
static const char DOMAIN_CAPABILITIES[] =
    "<domainCapabilities><path>/usr/bin/qemu-system-x86_64</path><domain>kvm</domain><machine>pc-q35-7.2</machine>"
    "<arch>x86_64</arch><vcpu max='288'/>"
    "<os supported='yes'><enum name='firmware'><value>efi</value></enum>"
    "<loader supported='yes'><enum name='type'><value>rom</value><value>pflash</value></enum>"
    "<enum name='secure'><value>yes</value><value>no</value></enum></loader></os>"
    "<cpu><mode name='host-passthrough' supported='yes'/><mode name='custom' supported='yes'>"
    "<model usable='yes'>qemu64</model><model usable='no'>Icelake-Server</model></mode></cpu>"
    "<devices><disk supported='yes'><enum name='diskDevice'><value>disk</value><value>cdrom</value></enum>"
    "<enum name='bus'><value>virtio</value><value>sata</value><value>ide</value>"
    "<value>fdc</value><value>usb</value></enum></disk></devices></domainCapabilities>";
static const char HOST_CAPABILITIES[] =
    "<capabilities><host><cpu><arch>x86_64</arch></cpu></host><guest><os_type>hvm</os_type>"
    "<arch name='x86_64'><wordsize>64</wordsize><emulator>/usr/bin/qemu-system-x86_64</emulator>"
    "<machine maxCpus='288'>pc-q35-7.2</machine><machine canonical='pc-q35-7.2' maxCpus='288'>q35</machine>"
    "<machine maxCpus='255'>pc-i440fx-7.2</machine><machine canonical='pc-i440fx-7.2' maxCpus='255'>pc</machine>"
    "<machine maxCpus='1'>isapc</machine><domain type='qemu'/><domain type='kvm'/></arch></guest></capabilities>";

static char *directory;

static ValiseCapabilities *
capabilities_new (void)
{
  g_autoptr (GError) error = NULL;
  ValiseCapabilities *self =
      valise_capabilities_new (DOMAIN_CAPABILITIES, HOST_CAPABILITIES, 8, G_GUINT64_CONSTANT (16) << 30, &error);

  g_assert_no_error (error);
  return self;
}

static const ValiseFinding *
find (GPtrArray *findings, const char *code, const char *where)
{
  for (guint i = 0; i < findings->len; i++)
    {
      const ValiseFinding *finding = g_ptr_array_index (findings, i);

      if (g_str_equal (finding->code, code) && (where == NULL || g_strcmp0 (finding->where, where) == 0))
        return finding;
    }
  return NULL;
}

static GPtrArray *
check (const char *text)
{
  g_autoptr (ValiseDocument) document = document_fixture_parse (text);
  g_autoptr (ValiseCapabilities) capabilities = capabilities_new ();

  return valise_rules_check (document, capabilities, directory);
}

static void
test_wrong (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      g_autoptr (GPtrArray) findings = check (rules[i].wrong);
      const ValiseFinding *finding = find (findings, rules[i].code, NULL);

      g_test_message ("%s at %s", rules[i].code, rules[i].where);
      if (finding == NULL)
        g_error ("no %s in %s", rules[i].code, rules[i].wrong);
      g_assert_cmpstr (finding->where, ==, rules[i].where);
      g_assert_cmpint (finding->severity, ==, rules[i].severity);
      g_assert_nonnull (finding->remedy);
      g_assert_true (g_str_has_suffix (finding->text, "."));
      g_assert_cmpstr (finding->fix_knob, ==, rules[i].fix_knob);
      g_assert_cmpstr (finding->fix_value, ==, rules[i].fix_value);
    }
}

static void
test_right (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      g_autoptr (GPtrArray) findings = check (rules[i].right);
      const ValiseFinding *finding = find (findings, rules[i].code, NULL);

      if (finding != NULL)
        g_error ("%s at %s in %s", finding->code, finding->where, rules[i].right);
    }
}

/* What one click does: the finding goes, and nothing worse than it comes. */
static void
test_fixes (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      g_autoptr (ValiseDocument) document = document_fixture_parse (rules[i].wrong);
      g_autoptr (ValiseCapabilities) capabilities = capabilities_new ();
      g_autoptr (ValiseEditSession) session = valise_edit_session_new (document, capabilities, directory);
      g_autoptr (GError) error = NULL;

      if (rules[i].fix_knob == NULL)
        continue;
      g_test_message ("%s: %s = %s", rules[i].code, rules[i].fix_knob, rules[i].fix_value);
      if (rules[i].fix_value != NULL)
        valise_edit_session_set (session, rules[i].fix_knob, rules[i].fix_value, &error);
      else
        valise_edit_session_unset (session, rules[i].fix_knob, &error);
      g_assert_no_error (error);
      g_assert_null (find (valise_edit_session_get_findings (session), rules[i].code, rules[i].where));
    }
}

/* A machine as it is proposed has nothing wrong with it. */
static void
test_sound (void)
{
  g_autoptr (GPtrArray) findings = check (MACHINE (
      RAM "<currentMemory unit='MiB'>1024</currentMemory><vcpu current='2'>4</vcpu><features><acpi/></features>"
          "<cpu mode='host-passthrough'><topology sockets='1' cores='4' threads='1'/></cpu>",
      UEFI,
      DISK ("disks/here.qcow2", "vda", "virtio", "<driver name='qemu' type='qcow2' discard='unmap'/><boot order='2'/>")
          CD ("sda", "sata") CARD ("52:54:00:00:00:01", "<model type='virtio'/>") "<graphics type='vnc'/>"));

  for (guint i = 0; i < findings->len; i++)
    g_error ("%s", ((ValiseFinding *) findings->pdata[i])->text);
}

/* Whatever a stranger's document holds, checking it ends. */
static void
test_hostile (void)
{
  static const char *const TEXTS[] = {
    "<domain/>",
    "<domain type=''><name/><memory/><vcpu/><os/><devices/></domain>",
    "<domain><memory unit=''>-1</memory><cpu><topology sockets='18446744073709551615' cores='9' "
    "threads='x'/></cpu></domain>",
    "<domain><devices><disk/><disk device=''><target/><source/></disk><interface><mac/></interface><interface>"
    "<mac address=':::::'/></interface><interface><mac address=':::::'/></interface><video/><controller/>"
    "<disk><target dev=''/></disk><disk><target dev=''/></disk></devices></domain>",
    "<domain><devices><disk><source file=''/><boot order='99999999999999999999'/></disk>"
    "<disk><source file='&#x202e;'/><target dev='&lt;b&gt;' bus='%s%n'/></disk>"
    "<disk><source file='..'/><target dev='&lt;b&gt;' bus='%s%n'/></disk></devices></domain>",
    "<domain><devices><disk><address type='pci' slot='zz'/></disk><disk><address "
    "type='pci'/></disk></devices></domain>",
  };

  for (guint i = 0; i < G_N_ELEMENTS (TEXTS); i++)
    {
      g_autoptr (GPtrArray) findings = check (TEXTS[i]);

      for (guint j = 0; j < findings->len; j++)
        {
          const ValiseFinding *finding = findings->pdata[j];

          g_assert_true (g_utf8_validate (finding->text, -1, NULL));
          g_assert_null (strstr (finding->text, "\xe2\x80\xae"));
        }
    }
}

static void
make_directory (void)
{
  g_autofree char *disks = NULL;
  g_autofree char *file = NULL;
  g_autofree char *image = NULL;
  g_autoptr (GError) error = NULL;

  directory = g_dir_make_tmp ("valise-rules-XXXXXX", &error);
  g_assert_no_error (error);
  disks = g_build_filename (directory, "disks", NULL);
  file = g_build_filename (disks, "here.qcow2", NULL);
  g_assert_cmpint (g_mkdir (disks, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, "", 0, NULL));
  image = g_build_filename (disks, "grown.img", NULL);
  g_assert_true (g_file_set_contents (image, "QFI\xfb\0\0\0\3", 8, NULL));
}

static void
remove_directory (void)
{
  g_autofree char *disks = g_build_filename (directory, "disks", NULL);
  g_autofree char *file = g_build_filename (disks, "here.qcow2", NULL);
  g_autofree char *image = g_build_filename (disks, "grown.img", NULL);

  g_unlink (image);
  g_unlink (file);
  g_rmdir (disks);
  g_rmdir (directory);
  g_free (directory);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  make_directory ();
  g_test_add_func ("/model/rules/wrong", test_wrong);
  g_test_add_func ("/model/rules/right", test_right);
  g_test_add_func ("/model/rules/fixes", test_fixes);
  g_test_add_func ("/model/rules/sound", test_sound);
  g_test_add_func ("/model/rules/hostile", test_hostile);
  result = g_test_run ();
  remove_directory ();
  return result;
}
