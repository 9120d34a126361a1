/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What machines ask of a computer, and what of it can be granted as it is asked for. */
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "formats/valise-reader.h"

#define VBOX_HEAD                                                                                                      \
  "<?xml version='1.0'?><VirtualBox xmlns='http://www.virtualbox.org/' version='1.16-linux'><Machine uuid='"           \
  "{a1f0b6b0-0000-4000-8000-000000000001}' name='A' OSType='Debian_64'><Hardware>"
#define VBOX_END "</Hardware></Machine></VirtualBox>"
#define DOMAIN_HEAD                                                                                                    \
  "<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><name>a</name><memory>65536</memory>"    \
  "<os><type arch='x86_64'>hvm</type></os>"

#define FOUR_WORDS "1234567890123456789012345678901234567890123456789012345678901234567890"

/* One line for each wish: "ASK KIND ..."; an ask without one cannot be granted. */
static const struct
{
  const char *file;
  const char *text;
  guint asks;
  const char *wishes;
} rows[] = {
  { "a.vbox",
    VBOX_HEAD "<UART><Port slot='0' enabled='true' hostMode='RawFile' path='/tmp/one &amp; more'/>"
              "<Port slot='1' enabled='false' hostMode='RawFile' path='/tmp/off'/>"
              "<Port slot='2' enabled='true' hostMode='HostPipe' server='true' path='/tmp/pipe'/>"
              "<Port slot='3' enabled='true' hostMode='TCP' server='false' path='192.0.2.7:99'/></UART>"
              "<LPT><Port slot='0' enabled='true' path='/dev/parport0'/></LPT>" VBOX_END,
    4,
    "0 serial 0 <serial type='file'><source path='/tmp/one &amp; more'/></serial>\n"
    "1 serial 1 <serial type='unix'><source mode='bind' path='/tmp/pipe'/></serial>\n"
    "2 serial 2 <serial type='tcp'><source mode='connect' host='192.0.2.7' service='99'/><protocol "
    "type='raw'/></serial>\n"
    "3 device <parallel type='dev'><source path='/dev/parport0'/></parallel>\n" },
  { "a.vbox",
    VBOX_HEAD
    "<HostPci><Devices><Device host='514' guest='0' name='a'/><Device host='moon' guest='0' name='b'/></Devices>"
    "</HostPci><RemoteDisplay enabled='true'/>" VBOX_END,
    3, "0 card 0000:02:00.2\n" },
  { "a.vmx",
    ".encoding = \"UTF-8\"\nvirtualHW.version = \"8\"\nconfig.version = \"8\"\ndisplayName = \"A\"\n"
    "serial0.present = \"TRUE\"\nserial0.fileType = \"file\"\nserial0.fileName = \"serial.txt\"\n"
    "serial1.present = \"TRUE\"\nserial1.fileType = \"network\"\nserial1.fileName = \"telnet://:2001\"\n"
    "serial2.present = \"TRUE\"\nserial2.fileType = \"pipe\"\nserial2.fileName = \"/tmp/pipe\"\n"
    "serial2.pipe.endPoint = \"client\"\n"
    "pciPassthru0.present = \"TRUE\"\npciPassthru0.id = \"00000:016:00.1\"\n"
    "usb.autoConnect.device0 = \"0x0951:0x1666\"\n",
    5,
    "1 serial 1 <serial type='tcp'><source mode='bind' host='127.0.0.1' service='2001'/><protocol "
    "type='telnet'/></serial>\n"
    "2 serial 2 <serial type='unix'><source mode='connect' path='/tmp/pipe'/></serial>\n"
    "3 card 0000:10:00.1\n4 usb 0951:1666\n" },
  { "a.conf",
    "guest_os=\"linux\"\ndisk_img=\"a.qcow2\"\nextra_args=\"-device 'x y',z=1 -m 1\"\nserial_telnet_port=\"6660\"\n"
    "usb_devices=(\"046d:c52b\")\nmonitor_telnet_port=\"4440\"\n",
    4,
    "0 setting <qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><qemu:arg value='-device'/>"
    "<qemu:arg value='x y,z=1'/><qemu:arg value='-m'/><qemu:arg value='1'/></qemu:commandline>\n"
    "1 usb 046d:c52b\n"
    "2 serial 0 <serial type='tcp'><source mode='bind' host='127.0.0.1' service='6660'/><protocol "
    "type='telnet'/></serial>\n" },
  { "a.xml",
    DOMAIN_HEAD
    "<devices><hostdev mode='subsystem' type='pci' managed='yes'><source><address domain='0x0000' bus='0x02' "
    "slot='0x00' function='0x1'/></source><address type='pci' bus='0x07'/></hostdev>"
    "<hostdev mode='subsystem' type='usb'><source><vendor id='0x0951'/><product id='0x1666'/></source></hostdev>"
    "<hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address uuid='c2177883-f1bb-47f0-914d-"
    "32a22e3a8804'/></source><alias name='hostdev2'/></hostdev>"
    "<filesystem type='mount'><source dir='/srv'/><target dir='work'/><readonly/></filesystem>"
    "<serial type='file'><source path='/tmp/said'/><target port='0'/></serial>"
    "<console type='file'><source path='/tmp/said'/><target type='serial' port='0'/></console></devices></domain>",
    5,
    "0 card 0000:02:00.1\n1 usb 0951:1666\n"
    "2 device <hostdev mode=\"subsystem\" type=\"mdev\" model=\"vfio-pci\"><source><address "
    "uuid=\"c2177883-f1bb-47f0-914d-32a22e3a8804\"/></source></hostdev>\n"
    "3 folder /srv as work\n"
    "4 serial 0 <serial type=\"file\"><source path=\"/tmp/said\"/></serial>\n" },
  { "a.xml",
    DOMAIN_HEAD "<cputune><vcpupin vcpu='0' cpuset='1'/></cputune><devices><emulator>/tmp/mine</emulator>"
                "<shmem name='here'><model type='ivshmem-plain'/></shmem><interface type='direct'><source dev='eth0'/>"
                "</interface></devices><qemu:commandline><qemu:arg value='-s'/></qemu:commandline></domain>",
    5,
    "0 setting <cputune><vcpupin vcpu=\"0\" cpuset=\"1\"/></cputune>\n"
    "1 setting <qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><qemu:arg value='-s'/>"
    "</qemu:commandline>\n"
    "2 device <emulator>/tmp/mine</emulator>\n"
    "3 device <shmem name=\"here\"><model type=\"ivshmem-plain\"/></shmem>\n"
    "4 network\n" },
  /* What is not seen is not granted: more than is shown, somebody else's words, an environment, a name that is another
   * one than it looks like. */
  { "a.xml",
    DOMAIN_HEAD
    "<devices><shmem name='" FOUR_WORDS FOUR_WORDS FOUR_WORDS FOUR_WORDS "'/>"
    "<crypto model='virtio'><backend model='builtin'/><q:x xmlns:q='urn:q' y='z'/></crypto>"
    "<smartcard mode='host-certificates'><database>/tm&#x202e;p</database></smartcard></devices>"
    "<qemu:commandline><qemu:arg value='-s'/><qemu:env name='LD_PRELOAD' value='/tmp/x.so'/></qemu:commandline>"
    "</domain>",
    4, "" },
};

static void
add_wish (GString *text, const ValiseBlueprintWish *wish)
{
  static const char *const kinds[] = { "folder", "port", "usb", "card", "serial", "device", "setting", "network" };

  g_string_append_printf (text, "%u %s", wish->ask, kinds[wish->kind]);
  if (wish->kind == VALISE_WISH_FOLDER)
    g_string_append_printf (text, " %s as %s", wish->path, wish->tag);
  else if (wish->kind == VALISE_WISH_USB)
    g_string_append_printf (text, " %04x:%04x", wish->vendor, wish->product);
  else if (wish->kind == VALISE_WISH_CARD)
    g_string_append_printf (text, " %04x:%02x:%02x.%x", wish->address[0], wish->address[1], wish->address[2],
                            wish->address[3]);
  else if (wish->kind == VALISE_WISH_SERIAL)
    g_string_append_printf (text, " %u", wish->number);
  if (wish->xml != NULL)
    g_string_append_printf (text, " %s", wish->xml);
  g_string_append_c (text, '\n');
}

static GPtrArray *
read_text (const char *directory, const char *file, const char *text)
{
  g_autofree char *path = g_build_filename (directory, file, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (ValisePackage) package = NULL;
  GPtrArray *blueprints;

  g_assert_true (g_file_set_contents (path, text, -1, &error));
  package = valise_package_open (path, &error);
  g_assert_no_error (error);
  blueprints = valise_reader_read_package (package, NULL, NULL, &error);
  g_assert_no_error (error);
  g_unlink (path);
  return blueprints;
}

static void
check_row (gsize row, const char *directory)
{
  g_autoptr (GPtrArray) blueprints = read_text (directory, rows[row].file, rows[row].text);
  g_autoptr (GString) text = g_string_new (NULL);
  const ValiseBlueprint *blueprint = blueprints->pdata[0];

  for (guint i = 0; i < blueprint->wishes->len; i++)
    add_wish (text, blueprint->wishes->pdata[i]);
  g_test_message ("row %zu", row);
  g_assert_cmpstr (text->str, ==, rows[row].wishes);
  g_assert_cmpuint (blueprint->asks->len, ==, rows[row].asks);
}

static void
test_readers (void)
{
  g_autofree char *directory = g_dir_make_tmp ("valise-wishes-XXXXXX", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    check_row (i, directory);
  g_rmdir (directory);
}

/* An element that has only a name is told by it. */
static void
test_named (void)
{
  g_autofree char *directory = g_dir_make_tmp ("valise-wishes-XXXXXX", NULL);
  g_autoptr (GPtrArray) blueprints =
      read_text (directory, "a.xml",
                 DOMAIN_HEAD "<memoryBacking><locked/><nosharepages/></memoryBacking><devices/></domain>");
  const ValiseBlueprint *blueprint = blueprints->pdata[0];
  const char *ask;

  g_assert_cmpuint (blueprint->asks->len, ==, 1);
  ask = blueprint->asks->pdata[0];
  g_test_message ("%s", ask);
  g_assert_nonnull (strstr (ask, "locked"));
  g_assert_nonnull (strstr (ask, "nosharepages"));
  g_rmdir (directory);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/formats/wishes/readers", test_readers);
  g_test_add_func ("/formats/wishes/named", test_named);
  return g_test_run ();
}
