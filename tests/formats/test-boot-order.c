/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What each program has its machines start from, as numbers of the drives and the network cards. */
#include <glib/gstdio.h>

#include "formats/valise-reader.h"

#define OVF(order, items)                                                                                              \
  "<Envelope xmlns='http://schemas.dmtf.org/ovf/envelope/1' xmlns:vmw='http://www.vmware.com/schema/ovf'>"             \
  "<VirtualSystem id='x'>" order "<VirtualHardwareSection>"                                                            \
  "<Item><InstanceID>1</InstanceID><ResourceType>6</ResourceType><Address>0</Address></Item>"                          \
  "<Item><InstanceID>2</InstanceID><ResourceType>17</ResourceType><Parent>1</Parent>"                                  \
  "<AddressOnParent>0</AddressOnParent>" items "</Item>"                                                               \
  "<Item><InstanceID>3</InstanceID><ResourceType>17</ResourceType><Parent>1</Parent>"                                  \
  "<AddressOnParent>1</AddressOnParent></Item>"                                                                        \
  "<Item><InstanceID>4</InstanceID><ResourceType>15</ResourceType></Item>"                                             \
  "<Item><InstanceID>5</InstanceID><ResourceType>10</ResourceType><BootOrder>1</BootOrder></Item>"                     \
  "</VirtualHardwareSection></VirtualSystem></Envelope>"

#define VMX(order)                                                                                                     \
  "config.version = \"8\"\nscsi0.present = \"TRUE\"\nscsi0:0.present = \"TRUE\"\nscsi0:0.fileName = \"a.vmdk\"\n"      \
  "scsi0:1.present = \"TRUE\"\nscsi0:1.fileName = \"b.vmdk\"\nide1:0.present = \"TRUE\"\n"                             \
  "ide1:0.deviceType = \"cdrom-raw\"\nethernet1.present = \"TRUE\"\nethernet3.present = \"TRUE\"\n" order

#define VBOX(order)                                                                                                    \
  "<VirtualBox xmlns='http://www.virtualbox.org/' version='1.15-linux'><Machine uuid='{1}' name='x'><MediaRegistry>"   \
  "<HardDisks><HardDisk uuid='{a}' location='a.vdi' format='VDI'/></HardDisks></MediaRegistry><Hardware>" order        \
  "<Network><Adapter slot='0' enabled='true' type='82540EM'><NAT/></Adapter></Network></Hardware><StorageControllers>" \
  "<StorageController name='IDE' type='PIIX4' PortCount='2'><AttachedDevice type='HardDisk' port='0' device='0'>"      \
  "<Image uuid='{a}'/></AttachedDevice><AttachedDevice type='DVD' port='1' device='0'/></StorageController>"           \
  "</StorageControllers></Machine></VirtualBox>"

#define DOMAIN(os, disk, card)                                                                                         \
  "<domain type='kvm'><name>x</name><os><type arch='x86_64'>hvm</type>" os "</os><devices>"                            \
  "<disk type='file' device='disk'><source file='a.img'/><target dev='vda' bus='virtio'/></disk>"                      \
  "<disk type='file' device='disk'><source file='b.img'/><target dev='vdb' bus='virtio'/>" disk "</disk>"              \
  "<disk type='file' device='cdrom'><target dev='sda' bus='sata'/></disk>"                                             \
  "<interface type='user'>" card "</interface></devices></domain>"

#define PARALLELS(order)                                                                                               \
  "<ParallelsVirtualMachine><Identification><VmName>x</VmName></"                                                      \
  "Identification><Settings><Startup><BootingOrder>" order "</BootingOrder></Startup></Settings><Hardware>"            \
  "<CdRom><Enabled>1</Enabled><EmulatedType>1</EmulatedType></CdRom>"                                                  \
  "<Hdd><Enabled>1</Enabled><EmulatedType>1</EmulatedType><SystemName>a.hdd</SystemName></Hdd>"                        \
  "<Hdd><Enabled>1</Enabled><EmulatedType>1</EmulatedType><SystemName>b.hdd</SystemName></Hdd>"                        \
  "<NetworkAdapter><Enabled>1</Enabled></NetworkAdapter></Hardware></ParallelsVirtualMachine>"

#define BOOT(index, type, number, use)                                                                                 \
  "<BootDevice><Index>" index "</Index><Type>" type "</Type><BootingNumber>" number "</BootingNumber><InUse>" use      \
  "</InUse></BootDevice>"

#define UTM_DRIVE(type)                                                                                                \
  "<dict><key>Identifier</key><string>1</string><key>ImageType</key><string>" type "</string><key>Interface</key>"     \
  "<string>VirtIO</string></dict>"

static const struct
{
  const char *name, *file, *text;
  const char *expected; /* disks, discs and network cards, in the blueprint's order */
} samples[] = {
  { "vmx-none", "x.vmx", VMX (""), "- - - - -" },
  { "vmx-order", "x.vmx", VMX ("bios.bootOrder = \"ethernet3, CDROM,hdd,nonsense,ethernet9\"\n"), "3 4 2 - 1" },
  { "vmx-disks", "x.vmx", VMX ("bios.hddOrder = \"scsi0:1,scsi0:7\"\n"), "2 1 3 - -" },
  { "vmx-both", "x.vmx", VMX ("bios.bootOrder = \"cdrom,hdd\"\nbios.hddOrder = \"scsi0:1\"\n"), "3 2 1 - -" },
  { "vbox-none", "x.vbox", VBOX (""), "- - -" },
  { "vbox-order", "x.vbox",
    VBOX ("<Boot><Order position='3' device='HardDisk'/><Order position='2' device='Network'/>"
          "<Order position='1' device='DVD'/><Order position='4' device='None'/></Boot>"),
    "3 1 2" },
  { "vbox-once", "x.vbox", VBOX ("<Boot><Order position='1' device='HardDisk'/></Boot>"), "1 - -" },
  { "ovf-none", "x.ovf", OVF ("", "<BootOrder>0</BootOrder>"), "- - - 1" },
  { "ovf-numbers", "x.ovf", OVF ("", "<BootOrder>1</BootOrder>"), "1 - - 2" },
  { "ovf-sections", "x.ovf",
    OVF ("<vmw:BootOrderSection vmw:instanceId='3' vmw:type='disk'/><vmw:BootOrderSection vmw:instanceId='4'"
         " vmw:type='cdrom'/><vmw:BootOrderSection vmw:instanceId='77'/><vmw:BootOrderSection vmw:type='disk'/>",
         ""),
    "3 1 2 4" },
  { "ovf-sources", "x.ovf",
    OVF ("<BootDeviceSection><CIM_BootConfigSetting><Caption>y</Caption><CIM_BootSourceSetting><StructuredBootString>"
         "CIM:CD/DVD:1</StructuredBootString></CIM_BootSourceSetting><CIM_BootSourceSetting><StructuredBootString>"
         "CIM:Hard-Disk:1</StructuredBootString></CIM_BootSourceSetting></CIM_BootConfigSetting></BootDeviceSection>",
         ""),
    "3 4 2 1" },
  { "domain-kinds", "x.xml", DOMAIN ("<boot dev='network'/><boot dev='hd'/>", "", ""), "2 3 - 1" },
  { "domain-devices", "x.xml", DOMAIN ("<boot dev='cdrom'/>", "<boot order='7'/>", "<boot order='2'/>"), "- 7 - 2" },
  { "domain-wrong", "x.xml", DOMAIN ("", "<boot order='-7'/>", "<boot order='x'/>"), "- - - -" },
  { "parallels", "config.pvs",
    PARALLELS (BOOT ("0", "8", "3", "0") BOOT ("1", "6", "0", "1") BOOT ("0", "5", "1", "1") BOOT ("0", "6", "4", "1")),
    "3 1 2 -" },
  { "utm", "config.plist",
    "<plist version='1.0'><dict><key>Backend</key><string>QEMU</string><key>ConfigurationVersion</key>"
    "<integer>4</integer><key>Information</key><dict/><key>System</key><dict/><key>QEMU</key><dict/><key>Drive</key>"
    "<array>" UTM_DRIVE ("CD") UTM_DRIVE ("LinuxKernel") UTM_DRIVE ("Disk")
        UTM_DRIVE ("None") "</array></dict></plist>",
    "1 2" },
};

static void
add (GString *found, guint order)
{
  if (found->len > 0)
    g_string_append_c (found, ' ');
  if (order > 0)
    g_string_append_printf (found, "%u", order);
  else
    g_string_append_c (found, '-');
}

/* Of Parallels and UTM the disc comes first in the blueprint; disks are shown before discs all the same. */
static char *
list_orders (const ValiseBlueprint *blueprint, gboolean disks_first)
{
  GString *found = g_string_new (NULL);

  for (guint pass = 0; pass < 2; pass++)
    for (guint i = 0; i < blueprint->drives->len; i++)
      {
        const ValiseBlueprintDrive *drive = blueprint->drives->pdata[i];

        if (disks_first ? (drive->device == VALISE_BLUEPRINT_DISK) == (pass == 0) : pass == 0)
          add (found, drive->order);
      }
  for (guint i = 0; i < blueprint->nics->len; i++)
    add (found, ((ValiseBlueprintNic *) blueprint->nics->pdata[i])->order);
  return g_string_free (found, FALSE);
}

static void
test_sample (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autofree char *folder = g_dir_make_tmp ("valise-order-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, samples[i].file, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) machines = NULL;
  g_autofree char *found = NULL;

  g_assert_true (g_file_set_contents (path, samples[i].text, -1, NULL));
  machines = valise_reader_read (path, NULL, NULL, &error);
  g_assert_no_error (error);
  found = list_orders (machines->pdata[0], !g_str_equal (samples[i].name, "utm"));
  g_assert_cmpstr (found, ==, samples[i].expected);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autofree char *name = g_strconcat ("/formats/boot-order/", samples[i].name, NULL);

      g_test_add_data_func (name, GSIZE_TO_POINTER (i), test_sample);
    }
  return g_test_run ();
}
