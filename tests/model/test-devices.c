/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every device and setting of the pages: stored, let through by the whitelist, defined by libvirt, and started by QEMU
 * where this computer has what it needs. */
#include "driver-fixture.h"

#include <gio/gio.h>
#include <string.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "base/valise-size.h"
#include "model/valise-effective.h"

#define UUID "6f9d2c5e-3a1b-4c8d-9e0f-112233445577"
#define NAMESPACE "http://libvirt.org/schemas/domain/qemu/1.0"

static ValiseCapabilities *capabilities;
static char *bundle;

typedef enum
{
  STARTS,     /* together with the others of its kind, in one machine */
  ALONE,      /* is started in a machine of its own, as it does not go with others */
  IS_DEFINED, /* needs a device, a right or a processor that a computer that runs tests may not have */
} How;

#define NUMA "<cpu><numa><cell id='0' cpus='0-1' memory='262144' unit='KiB'/></numa></cpu>"
#define ROOM "<maxMemory slots='4' unit='MiB'>2048</maxMemory>"

/* DIRECTORY is one outside the bundle. @marker stands in what libvirt gives back, as it writes it. */
static const struct
{
  const char *name;
  How how;
  const char *marker;
  const char *top;
  const char *features;
  const char *device;
} cases[] = {
  { "serial-pty", STARTS, "<target type='isa-serial' port='0'>", "", "", "<serial type='pty'/>" },
  { "serial-file", STARTS, "DIRECTORY/serial.log", "", "",
    "<serial type='file'><source path='DIRECTORY/serial.log' append='on'/></serial>" },
  { "serial-log", STARTS, "DIRECTORY/copy.log", "", "",
    "<serial type='pty'><log file='DIRECTORY/copy.log' append='on'/></serial>" },
  { "serial-socket", STARTS, "DIRECTORY/serial.sock", "", "",
    "<serial type='unix'><source mode='bind' path='DIRECTORY/serial.sock'/></serial>" },
  { "serial-usb", STARTS, "usb-serial", "", "", "<serial type='pty'><target type='usb-serial'/></serial>" },
  { "parallel", STARTS, "<parallel type='pty'>", "", "", "<parallel type='pty'/>" },
  { "console", STARTS, "<target type='virtio' port='0'/>", "", "",
    "<console type='pty'><target type='virtio'/></console>" },
  { "channel-agent", STARTS, "org.qemu.guest_agent.0", "", "",
    "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>" },
  { "display-spice", STARTS, "<graphics type='spice'>", "", "",
    "<graphics type='spice'><listen type='none'/></graphics>" },
  { "channel-clipboard", STARTS, "qemu-vdagent", "", "",
    "<channel type='qemu-vdagent'><source><clipboard copypaste='yes'/></source>"
    "<target type='virtio' name='com.redhat.spice.0'/></channel>" },
  { "filesystem-9p", STARTS, "<target dir='share'/>", "", "",
    "<filesystem type='mount' accessmode='mapped' fmode='0644' dmode='0755' multidevs='remap'>"
    "<source dir='DIRECTORY'/><target dir='share'/><readonly/></filesystem>" },
  { "hostdev-usb", IS_DEFINED, "<vendor id='0x1050'/>", "", "",
    "<hostdev mode='subsystem' type='usb'><source startupPolicy='optional'><vendor id='0x1050'/><product "
    "id='0x0407'/></source></hostdev>" },
  { "hostdev-pci", IS_DEFINED, "bus='0x03' slot='0x00' function='0x0'/>", "", "",
    "<hostdev mode='subsystem' type='pci' managed='yes'><source><address domain='0x0000' bus='0x03' slot='0x00' "
    "function='0x0'/></source><rom bar='off'/></hostdev>" },
  { "redirdev", STARTS, "<redirdev bus='usb' type='spicevmc'>", "", "",
    "<redirdev bus='usb' type='spicevmc'/><redirfilter><usbdev class='0x08' vendor='0x1234' "
    "product='0xBEEF' version='2.56' allow='yes'/><usbdev allow='no'/></redirfilter>" },
  { "smartcard", STARTS, "<smartcard mode='passthrough' type='spicevmc'>", "", "",
    "<smartcard mode='passthrough' type='spicevmc'/>" },
  { "rng", STARTS, "<rate bytes='1024' period='1000'/>", "", "",
    "<rng model='virtio'><rate bytes='1024' period='1000'/><backend model='builtin'/></rng>" },
  { "watchdog", STARTS, "<watchdog model='ib700' action='pause'", "", "", "<watchdog model='ib700' action='pause'/>" },
  { "panic", STARTS, "<panic model='isa'/>", "", "", "<panic model='isa'/>" },
  { "balloon", STARTS, "freePageReporting='on'", "", "",
    "<memballoon model='virtio' autodeflate='on' freePageReporting='on'><stats period='10'/></memballoon>" },
  { "vsock", IS_DEFINED, "address='5'", "", "", "<vsock model='virtio'><cid auto='no' address='5'/></vsock>" },
  { "shmem", STARTS, "<model type='ivshmem-plain'/>", "", "",
    "<shmem name='valise-test-UNIQUE' role='peer'><model type='ivshmem-plain'/><size unit='M'>4</size></shmem>" },
  { "iommu-intel", ALONE, "<iommu model='intel'>", "", "<ioapic driver='qemu'/>",
    "<iommu model='intel'><driver intremap='on' caching_mode='on' iotlb='on' aw_bits='48'/></iommu>" },
  { "iommu-virtio", ALONE, "<iommu model='virtio'>", "", "", "<iommu model='virtio'/>" },
  { "tpm-passthrough", IS_DEFINED, "/dev/tpm0", "", "",
    "<tpm model='tpm-tis'><backend type='passthrough'><device path='/dev/tpm0'/></backend></tpm>" },
  { "module-dimm", ALONE, "<memory model='dimm'>", ROOM NUMA, "",
    "<memory model='dimm'><target><size unit='MiB'>256</size><node>0</node></target></memory>" },
  { "module-nvdimm", ALONE, "DIRECTORY/nvdimm", ROOM NUMA, "",
    "<memory model='nvdimm'><source><path>DIRECTORY/nvdimm</path></source><target><size unit='MiB'>128</size>"
    "<node>0</node></target></memory>" },
  { "module-virtio-mem", ALONE, "<memory model='virtio-mem'>", ROOM NUMA, "",
    "<memory model='virtio-mem'><target><size unit='MiB'>256</size><node>0</node><block unit='MiB'>2</block>"
    "<requested unit='MiB'>128</requested></target></memory>" },
  { "hub", STARTS, "<hub type='usb'>", "", "", "<hub type='usb'/>" },
  { "controller-usb", STARTS, "model='nec-xhci'", "", "",
    "<controller type='usb' index='0' model='nec-xhci' ports='8'/>" },
  { "controller-scsi", STARTS, "queues='2'", "", "",
    "<controller type='scsi' index='0' model='virtio-scsi'><driver queues='2' cmd_per_lun='64' "
    "max_sectors='512'/></controller>" },
  { "controller-channels", STARTS, "vectors='4'", "", "",
    "<controller type='virtio-serial' index='0' ports='16' vectors='4'/>" },
  { "controller-pcie", STARTS, "hotplug='off'", "", "",
    "<controller type='pci' index='0' model='pcie-root'><pcihole64 unit='KiB'>33554432</pcihole64></controller>"
    "<controller type='pci' index='1' model='pcie-root-port'><target hotplug='off'/></controller>" },
  { "video-second", ALONE, "<model type='virtio' heads='2'", "", "",
    "<video><model type='vga'/></video><video><model type='virtio' heads='2'/></video>" },
  { "video-resolution", ALONE, "<resolution x='1280' y='800'/>", "", "",
    "<video><model type='virtio'><resolution x='1280' y='800'/></model></video>" },
  { "audio", ALONE, "<audio id='1' type='none'/>", "", "",
    "<audio id='1' type='none'/><sound model='ich9'><codec type='micro'/><audio id='1'/></sound>" },
  { "floppy", STARTS, "device='floppy'", "", "",
    "<disk type='file' device='floppy'><driver name='qemu' type='raw'/><target dev='fda' bus='fdc'/></disk>" },

  { "clock", ALONE, "<timer name='hpet' present='no'/>",
    "<clock offset='variable' adjustment='3600' basis='utc'><timer name='rtc' tickpolicy='catchup' track='guest'/>"
    "<timer name='pit' tickpolicy='delay'/><timer name='hpet' present='no'/></clock>",
    "", "" },
  { "clock-absolute", ALONE, "start='1000000000'", "<clock offset='absolute' start='1000000000'/>", "", "" },
  { "clock-zone", ALONE, "timezone='Europe/Paris'", "<clock offset='timezone' timezone='Europe/Paris'/>", "", "" },
  { "power", ALONE, "<suspend-to-disk enabled='yes'/>",
    "<pm><suspend-to-mem enabled='no'/><suspend-to-disk enabled='yes'/></pm>", "", "" },
  { "stops", ALONE, "<on_crash>preserve</on_crash>",
    "<on_poweroff>destroy</on_poweroff><on_reboot>destroy</on_reboot><on_crash>preserve</on_crash>", "", "" },
  { "crash-dump", ALONE, "coredump-restart", "<on_crash>coredump-restart</on_crash>", "", "" },
  { "genid", ALONE, "<genid>43dc0cf8-809b-4adb-9bea-a9abb5f3d90e</genid>",
    "<genid>43dc0cf8-809b-4adb-9bea-a9abb5f3d90e</genid>", "", "" },
  { "features", ALONE, "<vmcoreinfo state='on'/>", "",
    "<pae/><vmcoreinfo state='on'/><vmport state='off'/><smm state='on'/><tcg><tb-cache unit='MiB'>64</tb-cache></tcg>",
    "" },
  { "features-hyperv", IS_DEFINED, "<vapic state='on'/>", "",
    "<hyperv mode='custom'><relaxed state='on'/><vapic state='on'/><spinlocks state='on' retries='8191'/><vpindex "
    "state='on'/><synic state='on'/><stimer state='on'/></hyperv>",
    "" },
  { "features-kvm", IS_DEFINED, "<hidden state='on'/>", "",
    "<kvm><hidden state='on'/><hint-dedicated state='on'/><poll-control state='on'/><pv-ipi state='off'/></kvm>", "" },

  { "pinning", ALONE, "<vcpupin vcpu='1' cpuset='0'/>",
    "<cputune><vcpupin vcpu='0' cpuset='0'/><vcpupin vcpu='1' cpuset='0'/><emulatorpin cpuset='0'/></cputune>", "",
    "" },
  { "pinning-iothread", ALONE, "<iothreadpin iothread='1' cpuset='0'/>",
    "<iothreads>1</iothreads><cputune><iothreadpin iothread='1' cpuset='0'/></cputune>", "", "" },
  { "scheduling", ALONE, "<vcpusched vcpus='1' scheduler='batch'/>",
    "<cputune><vcpusched vcpus='0-1' scheduler='batch'/></cputune>", "", "" },
  { "shares", IS_DEFINED, "<emulator_quota>-1</emulator_quota>",
    "<cputune><shares>512</shares><period>100000</period><quota>50000</quota><global_quota>90000</global_quota>"
    "<emulator_period>100000</emulator_period><emulator_quota>-1</emulator_quota></cputune>",
    "", "" },
  { "disk-shares", IS_DEFINED, "<weight>700</weight>",
    "<blkiotune><weight>700</weight><device><path>/dev/sda</path><write_bytes_sec>1000000</write_bytes_sec></device>"
    "</blkiotune>",
    "", "" },
  { "memory-limits", IS_DEFINED, "<hard_limit unit='KiB'>4194304</hard_limit>",
    "<memtune><hard_limit unit='GiB'>4</hard_limit><soft_limit unit='GiB'>3</soft_limit></memtune>", "", "" },
  { "memory-nodes", ALONE, "<memnode cellid='0' mode='preferred' nodeset='0'/>",
    NUMA "<numatune><memnode cellid='0' mode='preferred' nodeset='0'/></numatune>", "", "" },
  { "backing", ALONE, "<access mode='shared'/>",
    "<memoryBacking><source type='memfd'/><access mode='shared'/><allocation mode='immediate' "
    "threads='2'/><discard/></memoryBacking>",
    "", "" },
  { "partition", IS_DEFINED, "<partition>/machine/valise</partition>",
    "<resource><partition>/machine/valise</partition></resource>", "", "" },
  { "label", ALONE, "<seclabel type='none'", "<seclabel type='none'/>", "", "" },
  { "commandline", ALONE, "guest=renamed",
    "<qemu:commandline><qemu:arg value='-name'/><qemu:arg value='guest=renamed'/><qemu:env name='VALISE' "
    "value='1'/></qemu:commandline>",
    "", "" },
};

static char *
fill (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "DIRECTORY", -1);
  g_autofree char *joined = g_strjoinv (driver_fixture_directory (), parts);
  g_auto (GStrv) others = g_strsplit (joined, "UNIQUE", -1);
  g_autofree char *unique = g_path_get_basename (driver_fixture_directory ());

  return g_strjoinv (unique, others);
}

static ValiseDocument *
make_stored (const char *top, const char *features, const char *devices)
{
  g_autofree char *raw =
      g_strdup_printf ("<domain type='qemu' xmlns:qemu='" NAMESPACE "'><name>x</name><uuid>" UUID "</uuid>"
                       "<memory unit='MiB'>256</memory><vcpu>2</vcpu>"
                       "<os><type arch='x86_64' "
                       "machine='q35'>hvm</type></os><features><acpi/><apic/>%s</features>%s<devices>%s</devices>"
                       "</domain>",
                       features, top, devices);
  g_autofree char *text = fill (raw);
  g_autoptr (GError) error = NULL;
  ValiseDocument *document = valise_document_new (text, -1, "stored", &error);

  g_assert_no_error (error);
  return document;
}

static ValiseDocument *
make_effective (ValiseDocument *stored)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseGrants) grants = valise_grants_load (UUID, &error);
  ValiseHostChoice choice = { FALSE, NULL, NULL };
  ValiseDocument *document;

  g_assert_no_error (error);
  g_assert_true (valise_effective_grant_all (stored, NULL, bundle, grants, NULL));
  document = valise_effective_document_new (stored, bundle, &choice, capabilities, grants, NULL, &error);
  g_assert_no_error (error);
  return document;
}

/* What libvirt gives back of the machine. */
static char *
round_trip (ValiseDocument *stored, gboolean start)
{
  g_autoptr (ValiseDocument) effective = make_effective (stored);
  g_autofree char *name = valise_document_get (effective, "name");
  g_autofree char *file = g_build_filename (driver_fixture_directory (), "machine.xml", NULL);
  g_autofree char *commands = start ? g_strdup_printf ("create --paused %s; dumpxml %s; destroy %s", file, name, name)
                                    : g_strdup_printf ("define %s; dumpxml %s; undefine %s", file, name, name);
  g_autofree char *complaint = NULL;
  char *output;

  g_assert_true (g_file_set_contents (file, valise_document_get_text (effective), -1, NULL));
  output = driver_fixture_virsh (commands, &complaint);
  if (output == NULL)
    g_test_message ("%s\n%s", complaint, valise_document_get_text (effective));
  g_assert_cmpstr (complaint, ==, NULL);
  return output;
}

static void
expect (guint row, const char *output)
{
  g_autofree char *marker = fill (cases[row].marker);

  if (strstr (output, marker) == NULL)
    g_error ("%s: libvirt dropped %s:\n%s", cases[row].name, marker, output);
}

static void
test_alone (gconstpointer data)
{
  guint row = GPOINTER_TO_UINT (data);
  g_autoptr (ValiseDocument) stored = make_stored (cases[row].top, cases[row].features, cases[row].device);
  g_autofree char *output = round_trip (stored, cases[row].how != IS_DEFINED);

  expect (row, output);
}

static void
test_together (void)
{
  g_autoptr (GString) devices = g_string_new (NULL);
  g_autoptr (ValiseDocument) stored = NULL;
  g_autofree char *output = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    if (cases[i].how == STARTS)
      g_string_append (devices, cases[i].device);
  stored = make_stored ("", "", devices->str);
  output = round_trip (stored, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    if (cases[i].how == STARTS)
      expect (i, output);
}

/* The file that stands in for lasting memory. */
static void
make_nvdimm (void)
{
  g_autofree char *path = g_build_filename (driver_fixture_directory (), "nvdimm", NULL);

  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  g_assert_cmpint (truncate (path, 128 * VALISE_MIB), ==, 0);
}

int
main (int argc, char **argv)
{
  g_autofree char *state = NULL;
  int result;

  g_test_init (&argc, &argv, NULL);
  driver_fixture_begin ();
  state = g_build_filename (driver_fixture_directory (), "state", NULL);
  bundle = g_build_filename (driver_fixture_directory (), "bundle.vmbundle", NULL);
  g_assert_cmpint (g_mkdir_with_parents (bundle, 0700), ==, 0);
  g_setenv ("VALISE_STATE_DIR", state, TRUE);
  make_nvdimm ();
  capabilities = driver_fixture_capabilities ();
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/model/devices/%s", cases[i].name);

      if (cases[i].how != STARTS)
        g_test_add_data_func (path, GUINT_TO_POINTER (i), test_alone);
    }
  g_test_add_func ("/model/devices/together", test_together);
  result = g_test_run ();
  valise_capabilities_unref (capabilities);
  g_free (bundle);
  driver_fixture_end ();
  return result;
}
