/* SPDX-License-Identifier: GPL-3.0-or-later */
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

/* --- what a stranger's file may ask of this computer --- */

/* Rows of what libvirt lets through as an ordinary user. CANARY stands for the path of the canary. Without a grant @marker must not occur
 * in what libvirt gets and the ask must be listed under @knob; with it, it is there. */
static const struct
{
  const char *name;
  const char *knob;
  const char *marker;
  const char *os;
  const char *top;
  const char *device;
} hostile[] = {
  { "emulator", "devices/emulator", "CANARY", "", "", "<emulator>CANARY</emulator>" },
  { "emulator-in-usr", "devices/emulator", "/usr/bin/env", "", "", "<emulator>/usr/bin/env</emulator>" },
  { "emulator-below-usr", "devices/emulator", "/usr/bin/../x", "", "",
    "<emulator>/usr/bin/../x/qemu-system-x86_64</emulator>" },
  { "qemu-commandline", "qemu:commandline", "CANARY", "",
    "<qemu:commandline><qemu:arg value='-chardev'/><qemu:arg value='file,id=x,path=CANARY'/></qemu:commandline>", "" },
  { "qemu-env", "qemu:commandline", "LD_PRELOAD", "",
    "<qemu:commandline><qemu:env name='LD_PRELOAD' value='CANARY'/></qemu:commandline>", "" },
  { "qemu-capabilities", "qemu:capabilities", "blockdev", "",
    "<qemu:capabilities><qemu:del capability='blockdev'/></qemu:capabilities>", "" },
  { "qemu-override", "qemu:override", "CANARY", "",
    "<qemu:override><qemu:device alias='x'><qemu:frontend><qemu:property name='romfile' type='string' "
    "value='CANARY'/></qemu:frontend></qemu:device></qemu:override>",
    "" },

  { "disk-absolute", "devices/disk[2]/source/@file", "CANARY", "", "",
    "<disk type='file' device='disk'><driver type='raw'/><source file='CANARY'/><target dev='vdb' "
    "bus='virtio'/></disk>" },
  { "disk-dotdot", "devices/disk[2]/source/@file", "CANARY", "", "",
    "<disk type='file' device='disk'><driver type='raw'/><source file='../canary'/><target dev='vdb' "
    "bus='virtio'/></disk>" },
  { "disk-untyped", "devices/disk[2]/source/@file", "CANARY", "", "",
    "<disk><source file='CANARY'/><target dev='vdb' bus='virtio'/></disk>" },
  { "cdrom-absolute", "devices/disk[2]/source/@file", "CANARY", "", "",
    "<disk type='file' device='cdrom'><source file='CANARY'/><target dev='sda' bus='sata'/></disk>" },
  { "floppy-absolute", "devices/disk[2]/source/@file", "CANARY", "", "",
    "<disk type='file' device='floppy'><source file='CANARY'/><target dev='fda' bus='fdc'/></disk>" },
  { "disk-dir", "devices/disk[2]", "CANARY", "", "",
    "<disk type='dir' device='disk'><driver type='fat'/><source dir='CANARY'/><target dev='vdb' "
    "bus='virtio'/></disk>" },
  { "disk-block", "devices/disk[2]", "CANARY", "", "",
    "<disk type='block' device='disk'><source dev='CANARY'/><target dev='vdb' bus='virtio'/></disk>" },
  { "disk-lun", "devices/disk[2]", "CANARY", "", "",
    "<disk type='block' device='lun'><source dev='CANARY'/><target dev='sdb' bus='scsi'/></disk>" },
  { "disk-network", "devices/disk[2]", "evil.example", "", "",
    "<disk type='network' device='cdrom'><source protocol='http' name='x'><host name='evil.example'/></source><target "
    "dev='sdb' bus='sata'/></disk>" },
  { "disk-nbd-socket", "devices/disk[2]", "CANARY", "", "",
    "<disk type='network'><source protocol='nbd'><host transport='unix' socket='CANARY'/></source><target dev='vdb' "
    "bus='virtio'/></disk>" },
  { "disk-volume", "devices/disk[2]", "default-pool", "", "",
    "<disk type='volume'><source pool='default-pool' volume='x'/><target dev='vdb' bus='virtio'/></disk>" },
  { "disk-nvme", "devices/disk[2]", "nvme", "", "",
    "<disk type='nvme'><source type='pci' managed='yes' namespace='1'><address domain='0x0000' bus='0x01' slot='0x00' "
    "function='0x0'/></source><target dev='vdb' bus='virtio'/></disk>" },
  { "disk-vhostuser", "devices/disk[2]", "CANARY", "", "",
    "<disk type='vhostuser'><source type='unix' path='CANARY'/><target dev='vdb' bus='virtio'/></disk>" },
  { "disk-backing", "devices/disk[2]/backingStore", "CANARY", "", "",
    "<disk type='file'><driver type='raw'/><source file='disks/root.img'/><backingStore type='file'><format "
    "type='raw'/><source file='CANARY'/></backingStore><target dev='vdb' bus='virtio'/></disk>" },
  { "disk-mirror", "devices/disk[2]/mirror", "CANARY", "", "",
    "<disk type='file'><source file='disks/root.img'/><mirror type='file' file='CANARY'/><target dev='vdb' "
    "bus='virtio'/></disk>" },
  { "disk-rawio", "devices/disk[2]", "rawio", "", "",
    "<disk type='file' rawio='yes'><source file='disks/root.img'/><target dev='vdb' bus='virtio'/></disk>" },
  { "disk-reservations", "devices/disk[2]/source/reservations", "CANARY", "", "",
    "<disk type='file'><source file='disks/root.img'><reservations managed='no'><source type='unix' path='CANARY' "
    "mode='client'/></reservations></source><target dev='vdb' bus='virtio'/></disk>" },
  { "disk-seclabel", "devices/disk[2]/source/seclabel", "CANARY", "", "",
    "<disk type='file'><source file='disks/root.img'><seclabel "
    "model='dac'><label>CANARY</label></seclabel></source><target dev='vdb' bus='virtio'/></disk>" },

  { "serial-file", "devices/serial", "CANARY", "", "",
    "<serial type='file'><source path='CANARY' append='off'/><target port='0'/></serial>" },
  { "serial-file-inside", "devices/serial", "serial.log", "", "",
    "<serial type='file'><source path='logs/serial.log'/><target port='0'/></serial>" },
  { "serial-log", "devices/serial/log", "CANARY", "", "",
    "<serial type='pty'><log file='CANARY' append='off'/><target port='0'/></serial>" },
  { "serial-dev", "devices/serial", "CANARY", "", "", "<serial type='dev'><source path='CANARY'/></serial>" },
  { "serial-pipe", "devices/serial", "CANARY", "", "", "<serial type='pipe'><source path='CANARY'/></serial>" },
  { "serial-unix-connect", "devices/serial", "CANARY", "", "",
    "<serial type='unix'><source mode='connect' path='CANARY'/></serial>" },
  { "serial-unix-bind", "devices/serial", "CANARY", "", "",
    "<serial type='unix'><source mode='bind' path='CANARY'/></serial>" },
  { "serial-tcp", "devices/serial", "0.0.0.0", "", "",
    "<serial type='tcp'><source mode='bind' host='0.0.0.0' service='4555'/><protocol type='raw'/></serial>" },
  { "serial-udp", "devices/serial", "evil.example", "", "",
    "<serial type='udp'><source mode='connect' host='evil.example' service='4555'/></serial>" },
  { "serial-stdio", "devices/serial", "stdio", "", "", "<serial type='stdio'/>" },
  { "serial-spice", "devices/serial", "spiceport", "", "", "<serial type='spiceport'><source channel='x'/></serial>" },
  { "console-file", "devices/console", "CANARY", "", "",
    "<console type='file'><source path='CANARY'/><target type='virtio' port='0'/></console>" },
  { "parallel-file", "devices/parallel", "CANARY", "", "", "<parallel type='file'><source path='CANARY'/></parallel>" },
  { "channel-path", "devices/channel", "CANARY", "", "",
    "<channel type='unix'><source mode='bind' path='CANARY'/><target type='virtio' "
    "name='org.qemu.guest_agent.0'/></channel>" },
  { "channel-connect", "devices/channel", "CANARY", "", "",
    "<channel type='unix'><source mode='connect' path='CANARY'/><target type='virtio' name='x'/></channel>" },
  { "channel-guestfwd", "devices/channel", "guestfwd", "", "",
    "<channel type='pty'><target type='guestfwd' address='10.0.2.1' port='4600'/></channel>" },
  { "channel-spice", "devices/channel", "spicevmc", "", "",
    "<channel type='spicevmc'><target type='virtio' name='com.redhat.spice.0'/></channel>" },
  { "channel-clipboard", "devices/channel", "qemu-vdagent", "", "",
    "<channel type='qemu-vdagent'><source><clipboard copypaste='yes'/></source><target type='virtio' "
    "name='com.redhat.spice.0'/></channel>" },

  { "rng-egd", "devices/rng", "CANARY", "", "",
    "<rng model='virtio'><backend model='egd' type='unix'><source mode='connect' path='CANARY'/></backend></rng>" },
  { "rng-path", "devices/rng", "CANARY", "", "", "<rng model='virtio'><backend model='random'>CANARY</backend></rng>" },
  { "tpm-external", "devices/tpm", "CANARY", "", "",
    "<tpm model='tpm-crb'><backend type='external'><source type='unix' mode='connect' "
    "path='CANARY'/></backend></tpm>" },
  { "tpm-passthrough", "devices/tpm", "CANARY", "", "",
    "<tpm model='tpm-tis'><backend type='passthrough'><device path='CANARY'/></backend></tpm>" },
  { "tpm-secret", "devices/tpm", "00000000-aaaa", "", "",
    "<tpm model='tpm-crb'><backend type='emulator' version='2.0'><encryption "
    "secret='00000000-aaaa-bbbb-cccc-000000000000'/></backend></tpm>" },

  { "net-bridge", "devices/interface", "br-lan", "", "",
    "<interface type='bridge'><source bridge='br-lan'/></interface>" },
  { "net-direct", "devices/interface", "eth9", "", "",
    "<interface type='direct'><source dev='eth9' mode='bridge'/></interface>" },
  { "net-ethernet", "devices/interface", "CANARY", "", "",
    "<interface type='ethernet'><script path='CANARY'/></interface>" },
  { "net-script", "devices/interface/script", "CANARY", "", "",
    "<interface type='user'><script path='CANARY'/></interface>" },
  { "net-server", "devices/interface", "0.0.0.0", "", "",
    "<interface type='server'><source address='0.0.0.0' port='5558'/></interface>" },
  { "net-vhostuser", "devices/interface", "CANARY", "", "",
    "<interface type='vhostuser'><source type='unix' path='CANARY' mode='client'/></interface>" },
  { "net-hostdev", "devices/interface", "hostdev", "", "",
    "<interface type='hostdev'><source><address type='pci' domain='0x0000' bus='0x03' slot='0x00' "
    "function='0x0'/></source></interface>" },
  { "net-other-network", "devices/interface", "corp", "", "",
    "<interface type='network'><source network='corp'/></interface>" },
  { "net-second-source", "devices/interface", "br-lan", "", "",
    "<interface type='network'><source network='default'/><source bridge='br-lan'/></interface>" },
  { "net-backend", "devices/interface", "CANARY", "", "",
    "<interface type='user'><backend type='passt' logFile='CANARY'/></interface>" },
  { "net-tap-device", "devices/interface", "CANARY", "", "",
    "<interface type='user'><backend tap='CANARY'/></interface>" },
  { "net-rom", "devices/interface/rom/@file", "CANARY", "", "",
    "<interface type='user'><rom file='CANARY'/></interface>" },
  { "net-forward", "devices/interface/portForward", "2222", "", "",
    "<interface type='user'><portForward proto='tcp'><range start='2222' to='22'/></portForward></interface>" },
  { "net-filter", "devices/interface/filterref", "clean-traffic", "", "",
    "<interface type='network'><source network='default'/><filterref filter='clean-traffic'/></interface>" },

  { "vnc-listen", "devices/graphics", "0.0.0.0", "", "", "<graphics type='vnc' port='5900' listen='0.0.0.0'/>" },
  { "vnc-listen-element", "devices/graphics", "0.0.0.0", "", "",
    "<graphics type='vnc'><listen type='address' address='0.0.0.0'/></graphics>" },
  { "vnc-network", "devices/graphics", "corp", "", "",
    "<graphics type='vnc'><listen type='network' network='corp'/></graphics>" },
  { "vnc-socket", "devices/graphics", "CANARY", "", "", "<graphics type='vnc' socket='CANARY'/>" },
  { "vnc-listen-socket", "devices/graphics", "CANARY", "", "",
    "<graphics type='vnc'><listen type='socket' socket='CANARY'/></graphics>" },
  { "vnc-password", "devices/graphics", "hunter2", "", "", "<graphics type='vnc' passwd='hunter2'/>" },
  { "vnc-websocket", "devices/graphics", "5700", "", "", "<graphics type='vnc' websocket='5700'/>" },
  { "spice", "devices/graphics", "spice", "", "", "<graphics type='spice' autoport='yes'/>" },
  { "spice-listen", "devices/graphics", "0.0.0.0", "", "", "<graphics type='spice' port='5901' listen='0.0.0.0'/>" },
  { "sdl", "devices/graphics", "CANARY", "", "", "<graphics type='sdl' display=':0' xauth='CANARY'/>" },
  { "egl-headless", "devices/graphics", "CANARY", "", "",
    "<graphics type='egl-headless'><gl rendernode='CANARY'/></graphics>" },
  { "dbus-display", "devices/graphics", "CANARY", "", "", "<graphics type='dbus' address='unix:path=CANARY'/>" },
  { "video-3d", "devices/video/model/acceleration/@accel3d", "accel3d", "", "",
    "<video><model type='virtio'><acceleration accel3d='yes'/></model></video>" },
  { "video-rendernode", "devices/video/model/acceleration/@rendernode", "CANARY", "", "",
    "<video><model type='virtio'><acceleration rendernode='CANARY'/></model></video>" },
  { "video-vhostuser", "devices/video/driver/@name", "vhostuser", "", "",
    "<video><driver name='vhostuser'/><model type='virtio'/></video>" },
  { "audio-file", "devices/audio", "CANARY", "", "", "<audio id='1' type='file' path='CANARY'/>" },
  { "audio-pulse", "devices/audio", "pulseaudio", "", "", "<audio id='1' type='pulseaudio' serverName='CANARY'/>" },

  { "nvram-outside", "os/nvram", "CANARY",
    "<loader readonly='yes' type='pflash'>/firmware/CODE.fd</loader><nvram>CANARY</nvram>", "", "" },
  { "nvram-template", "os/nvram", "CANARY",
    "<loader readonly='yes' type='pflash'>/somewhere/CODE.fd</loader><nvram template='CANARY'>nvram/vars.fd</nvram>",
    "", "" },
  { "loader", "os/loader", "CANARY", "<loader readonly='no' type='pflash'>CANARY</loader>", "", "" },
  { "loader-rom", "os/loader", "CANARY", "<loader type='rom'>CANARY</loader>", "", "" },
  { "kernel", "os/kernel", "CANARY", "<kernel>CANARY</kernel>", "", "" },
  { "kernel-dotdot", "os/kernel", "CANARY", "<kernel>../canary</kernel>", "", "" },
  { "initrd", "os/initrd", "CANARY", "<initrd>CANARY</initrd>", "", "" },
  { "dtb", "os/dtb", "CANARY", "<dtb>CANARY</dtb>", "", "" },
  { "acpi-table", "os/acpi/table", "CANARY", "<acpi><table type='slic'>CANARY</table></acpi>", "", "" },
  { "smbios-host", "os/smbios/@mode", "host", "<smbios mode='host'/>", "", "" },
  { "bootloader", "bootloader", "CANARY", "", "<bootloader>CANARY</bootloader>", "" },
  { "os-init", "os/init", "CANARY", "<init>CANARY</init>", "", "" },
  { "fwcfg-file", "sysinfo", "CANARY", "", "<sysinfo type='fwcfg'><entry name='opt/x' file='CANARY'/></sysinfo>", "" },
  { "fwcfg-text", "sysinfo", "opt/x", "", "<sysinfo type='fwcfg'><entry name='opt/x'>text</entry></sysinfo>", "" },

  { "filesystem-9p", "devices/filesystem", "CANARY", "", "",
    "<filesystem type='mount'><source dir='CANARY'/><target dir='x'/></filesystem>" },
  { "filesystem-virtiofs", "devices/filesystem", "CANARY", "", "",
    "<filesystem type='mount'><driver type='virtiofs'/><binary path='CANARY'/><source dir='/'/><target "
    "dir='x'/></filesystem>" },
  { "shmem", "devices/shmem", "leak", "", "",
    "<shmem name='leak'><model type='ivshmem-plain'/><size unit='M'>4</size></shmem>" },
  { "memory-nvdimm", "devices/memory", "CANARY", "", "",
    "<memory model='nvdimm'><source><path>CANARY</path></source><target><size "
    "unit='KiB'>524288</size><node>0</node></target></memory>" },
  { "hostdev-usb", "devices/hostdev", "0x1050", "", "",
    "<hostdev mode='subsystem' type='usb'><source><vendor id='0x1050'/><product id='0x0407'/></source></hostdev>" },
  { "hostdev-pci", "devices/hostdev", "hostdev", "", "",
    "<hostdev mode='subsystem' type='pci' managed='yes'><source><address domain='0x0000' bus='0x03' slot='0x00' "
    "function='0x0'/></source></hostdev>" },
  { "hostdev-mdev", "devices/hostdev", "mdev", "", "",
    "<hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address "
    "uuid='c2177883-f1bb-47f0-914d-32a22e3a8804'/></source></hostdev>" },
  { "vsock", "devices/vsock", "vsock", "", "", "<vsock model='virtio'><cid auto='yes'/></vsock>" },
  { "input-evdev", "devices/input", "CANARY", "", "", "<input type='evdev'><source dev='CANARY' grab='all'/></input>" },
  { "input-passthrough", "devices/input", "CANARY", "", "",
    "<input type='passthrough' bus='virtio'><source evdev='CANARY'/></input>" },
  { "redirdev", "devices/redirdev", "redirdev", "", "",
    "<redirdev bus='usb' type='tcp'><source mode='connect' host='localhost' service='4000'/></redirdev>" },
  { "smartcard", "devices/smartcard", "smartcard", "", "", "<smartcard mode='host'/>" },
  { "lease", "devices/lease", "CANARY", "", "",
    "<lease><lockspace>x</lockspace><key>k</key><target path='CANARY'/></lease>" },
  { "watchdog-dump", "devices/watchdog", "dump", "", "", "<watchdog model='i6300esb' action='dump'/>" },

  { "seclabel", "seclabel", "0:0", "", "<seclabel type='static' model='dac'><label>0:0</label></seclabel>", "" },
  { "resource", "resource", "/machine/evil", "", "<resource><partition>/machine/evil</partition></resource>", "" },
  { "launch-security", "launchSecurity", "sev", "", "<launchSecurity type='sev'><policy>0x1</policy></launchSecurity>",
    "" },
  { "keywrap", "keywrap", "keywrap", "", "<keywrap><cipher name='aes' state='on'/></keywrap>", "" },
  { "on-crash-dump", "on_crash", "coredump-destroy", "", "<on_crash>coredump-destroy</on_crash>", "" },
  { "cachetune", "cputune/cachetune", "cachetune", "",
    "<cputune><cachetune vcpus='0'><cache id='0' level='3' type='both' size='3' unit='MiB'/></cachetune></cputune>",
    "" },
  { "vcpusched", "cputune/vcpusched", "fifo", "",
    "<cputune><vcpusched vcpus='0' scheduler='fifo' priority='99'/></cputune>", "" },
  { "blkio", "blkiotune", "CANARY", "",
    "<blkiotune><device><path>CANARY</path><weight>100</weight></device></blkiotune>", "" },
  { "perf", "perf", "cmt", "", "<perf><event name='cmt' enabled='yes'/></perf>", "" },
  { "lxc-capabilities", "features/capabilities", "capabilities", "",
    "<features><capabilities policy='allow'/></features>", "" },
  { "cmdline-control", "os/cmdline", "a\nb", "<kernel>media/vmlinuz</kernel><cmdline>a&#10;b</cmdline>", "", "" },
  { "unknown-top", "future", "CANARY", "", "<future><path>CANARY</path></future>", "" },
  { "unknown-device", "devices/future", "CANARY", "", "", "<future path='CANARY'/>" },
  { "unknown-namespace", "evil:x", "CANARY", "", "<evil:x xmlns:evil='urn:evil'><path>CANARY</path></evil:x>", "" },
  { "namespaced-disk", "devices/evil:disk", "CANARY", "", "",
    "<evil:disk xmlns:evil='urn:evil' type='file'><source file='CANARY'/></evil:disk>" },
  { "machine-remote", "os/type/@machine", "x-remote", "MACHINE=x-remote", "", "" },
  { "arch-path", "os/type/@arch", "/x/y", "ARCH=/x/y", "", "" },
  { "huge-word", "devices/sound",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "", "",
    "<sound "
    "model='aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'/>" },
};

/* --- making documents --- */

static char *
fill_canary (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "CANARY", -1);

  return g_strjoinv (canary, parts);
}

static ValiseDocument *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  ValiseDocument *document = valise_document_new (text, -1, "test", &error);

  g_assert_no_error (error);
  return document;
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

  return parse (text);
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
  guint row = GPOINTER_TO_UINT (data);
  g_autoptr (ValiseDocument) stored = make (hostile[row].os, hostile[row].top, hostile[row].device);
  g_autofree char *before = g_strdup (valise_document_get_text (stored));
  g_autoptr (ValiseGrants) grants = fresh_grants ();
  g_autoptr (GPtrArray) asks = NULL;
  g_autoptr (GPtrArray) listed = NULL;
  g_autoptr (GPtrArray) after = NULL;
  g_autoptr (ValiseDocument) refused = effective (stored, grants, &asks);
  g_autoptr (ValiseDocument) granted = NULL;

  print_asks (asks);
  g_test_message ("%s", valise_document_get_text (refused));
  g_assert_false (contains (refused, hostile[row].marker));
  g_assert_false (contains (refused, "CANARY"));
  g_assert_nonnull (find_ask (asks, hostile[row].knob));
  g_assert_false (find_ask (asks, hostile[row].knob)->granted);
  g_assert_cmpstr (find_ask (asks, hostile[row].knob)->text, !=, "");
  listed = valise_effective_list_asks (stored, bundle, NULL);
  g_assert_cmpuint (listed->len, ==, asks->len);
  g_assert_cmpstr (valise_document_get_text (stored), ==, before);

  g_assert_true (valise_effective_grant_all (stored, NULL, bundle, grants, NULL));
  granted = effective (stored, grants, &after);
  g_test_message ("%s", valise_document_get_text (granted));
  g_assert_true (find_ask (after, hostile[row].knob)->granted);
  g_assert_true (contains (granted, hostile[row].marker));
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
      g_autoptr (ValiseDocument) stored = parse (text);
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
  g_autoptr (ValiseDocument) stored = parse ("<domain type='kvm'><name>x</name><os><type>hvm</type></os></domain>");
  g_autoptr (GError) error = NULL;

  g_assert_null (valise_effective_document_new (stored, bundle, &tcg, capabilities, NULL, NULL, &error));
  g_assert_error (error, VALISE_DOCUMENT_ERROR, VALISE_DOCUMENT_ERROR_MISSING);
}

static void
test_no_firmware (void)
{
  g_autoptr (ValiseDocument) stored = parse ("<domain type='kvm'><name>x</name><uuid>" UUID "</uuid>"
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

/* What is refused must not take the rest of the device with it, and a second of its kind must not slip past the check of the first. */
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

/* Everything in this fixture is harmless and has to arrive. */
static void
test_harmless (void)
{
  g_autofree char *text = model_fixture_read ("harmless.xml");
  g_autoptr (ValiseDocument) stored = parse (text);
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
  for (guint i = 0; i < G_N_ELEMENTS (hostile); i++)
    {
      g_autofree char *path = g_strdup_printf ("/model/effective/hostile/%s", hostile[i].name);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_hostile);
    }
  g_test_add_func ("/model/effective/exact-value", test_exact_value);
  g_test_add_func ("/model/effective/white-space", test_white_space);
  g_test_add_func ("/model/effective/foreign-attribute", test_foreign_attribute);
  g_test_add_func ("/model/effective/grant-edit", test_grant_edit);
  g_test_add_func ("/model/effective/host-decides", test_host_decides);
  g_test_add_func ("/model/effective/firmware", test_firmware);
  g_test_add_func ("/model/effective/tpm", test_tpm);
  g_test_add_func ("/model/effective/media", test_media);
  g_test_add_func ("/model/effective/bad-images", test_bad_images);
  g_test_add_func ("/model/effective/no-uuid", test_no_uuid);
  g_test_add_func ("/model/effective/no-firmware", test_no_firmware);
  g_test_add_func ("/model/effective/repeated", test_repeated);
  g_test_add_func ("/model/effective/nothing-left", test_nothing_left);
  g_test_add_func ("/model/effective/silent-audio", test_silent_audio);
  g_test_add_func ("/model/effective/harmless", test_harmless);
  result = g_test_run ();
  valise_capabilities_unref (capabilities);
  g_free (bundle);
  g_free (canary);
  model_fixture_end ();
  return result;
}
