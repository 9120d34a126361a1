/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Machines as other programs write them, made with the real tools, come in and draw on their screens. */
#include <glib/gstdio.h>

#include "efi-fixture.h"
#include "engine-fixture.h"
#include "foreign-fixture.h"

#define MEMTEST "/boot/memtest86+x64.efi"
#define SHELL_PIXELS 3000

static ValiseHost *host;

/* As VMware's and VirtualBox's exporters write it: one disk, one card. */
static const char descriptor[] =
    "<?xml version='1.0' encoding='UTF-8'?>\n"
    "<Envelope xmlns='http://schemas.dmtf.org/ovf/envelope/1' xmlns:ovf='http://schemas.dmtf.org/ovf/envelope/1'"
    " xmlns:rasd='http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData'>\n"
    "<References><File ovf:id='file1' ovf:href='disk1.%s'/></References>\n"
    "<DiskSection><Info>Disks</Info><Disk ovf:diskId='d1' ovf:fileRef='file1' ovf:capacity='%s'"
    " ovf:format='http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized'/></DiskSection>\n"
    "<NetworkSection><Info>Networks</Info><Network ovf:name='NAT'/></NetworkSection>\n"
    "<VirtualSystem ovf:id='box'><Info>A machine</Info><Name>Box %s</Name><VirtualHardwareSection><Info>Parts</Info>\n"
    "<Item><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>3</rasd:ResourceType>"
    "<rasd:VirtualQuantity>1</rasd:VirtualQuantity></Item>\n"
    "<Item><rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits><rasd:InstanceID>2</rasd:InstanceID>"
    "<rasd:ResourceType>4</rasd:ResourceType><rasd:VirtualQuantity>128</rasd:VirtualQuantity></Item>\n"
    "<Item><rasd:Address>0</rasd:Address><rasd:InstanceID>3</rasd:InstanceID>"
    "<rasd:ResourceSubType>%s</rasd:ResourceSubType><rasd:ResourceType>%s</rasd:ResourceType></Item>\n"
    "<Item><rasd:AddressOnParent>0</rasd:AddressOnParent><rasd:HostResource>ovf:/disk/d1</rasd:HostResource>"
    "<rasd:InstanceID>4</rasd:InstanceID><rasd:Parent>3</rasd:Parent><rasd:ResourceType>17</rasd:ResourceType></Item>\n"
    "<Item><rasd:Connection>NAT</rasd:Connection><rasd:InstanceID>5</rasd:InstanceID>"
    "<rasd:ResourceSubType>%s</rasd:ResourceSubType><rasd:ResourceType>10</rasd:ResourceType></Item>\n"
    "</VirtualHardwareSection></VirtualSystem></Envelope>\n";

static const struct
{
  const char *name;
  const char *driver, *options, *suffix;
  const char *controller, *type; /* as the standard counts: 5 IDE, 6 SCSI, 20 others */
  const char *card;
} boxes[] = {
  { "pvscsi", "vmdk", "subformat=streamOptimized", "vmdk", "VirtualSCSI", "6", "VmxNet3" },
  { "sas", "vmdk", "subformat=streamOptimized", "vmdk", "lsilogicsas", "6", "E1000e" },
  { "ide", "vdi", "static=off", "vdi", "PIIX4", "5", "PCNet32" },
  { "sata", "vpc", "subformat=dynamic,force_size=on", "vhd", "AHCI", "20", "E1000" },
};

static char *
make_ova (gsize number)
{
  g_autofree char *folder = g_strdup_printf ("%s/%s", engine_fixture_directory (), boxes[number].name);
  g_autofree char *ovf = g_strdup_printf ("%s/box.ovf", folder);
  g_autofree char *script = NULL;
  g_autofree char *text = NULL;
  g_autofree char *capacity = NULL;
  g_autoptr (GError) error = NULL;
  GStatBuf st;

  g_assert_cmpint (g_stat (ENGINE_FIXTURE_GRUB_ISO, &st), ==, 0);
  capacity = g_strdup_printf ("%" G_GINT64_FORMAT, (gint64) st.st_size);
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  text = g_strdup_printf (descriptor, boxes[number].suffix, capacity, boxes[number].name, boxes[number].controller,
                          boxes[number].type, boxes[number].card);
  g_file_set_contents (ovf, text, -1, &error);
  g_assert_no_error (error);
  script = g_strdup_printf ("cd '%s' && qemu-img convert -f raw -O %s -o %s %s disk1.%s && "
                            "echo \"SHA256(disk1.%s)= $(sha256sum disk1.%s | cut -d' ' -f1)\" > box.mf && "
                            "tar --format=ustar -cf box.ova box.ovf box.mf disk1.%s",
                            folder, boxes[number].driver, boxes[number].options, ENGINE_FIXTURE_GRUB_ISO,
                            boxes[number].suffix, boxes[number].suffix, boxes[number].suffix, boxes[number].suffix);
  foreign_fixture_run (script);
  return g_build_filename (folder, "box.ova", NULL);
}

/* GRUB lies on the disk alone. Its menu with the light bar has over 20,000 pixels; what the firmware writes when it
 * finds no system has 6,400. */
static void
test_boots (gconstpointer data)
{
  g_autofree char *file = make_ova (GPOINTER_TO_SIZE (data));
  g_autoptr (ValiseLibrary) library = valise_library_new (host, NULL);
  g_autoptr (ValiseMachine) machine = foreign_fixture_bring_in (library, file);

  foreign_fixture_start_and_see (machine, FOREIGN_FIXTURE_MENU_PIXELS);
}

/* --- UEFI --- */

/* What each program writes beside the disk; the program that is started lies where only the firmware's own list of
 * entries leads, so it runs only when that came along. */
static const struct
{
  const char *name;
  const char *file; /* what is brought in */
  const char *disk;
  const char *variables, *template, *driver;
  const char *settings, *text;
} kept[] = {
  { "utm", "Kept.utm", "Kept.utm/Data/disk.qcow2", "Kept.utm/Data/efi_vars.fd", EFI_FIXTURE_LARGE, "qcow2",
    "Kept.utm/config.plist",
    "<plist version='1.0'><dict><key>Backend</key><string>QEMU</string><key>ConfigurationVersion</key>"
    "<integer>4</integer><key>Information</key><dict><key>Name</key><string>Kept</string></dict><key>System</key>"
    "<dict><key>Architecture</key><string>x86_64</string><key>Target</key><string>q35</string><key>CPUCount</key>"
    "<integer>1</integer><key>MemorySize</key><integer>256</integer></dict><key>QEMU</key><dict><key>UEFIBoot</key>"
    "<true/></dict><key>Drive</key><array><dict><key>Identifier</key><string>0</string><key>ImageName</key>"
    "<string>disk.qcow2</string><key>ImageType</key><string>Disk</string><key>Interface</key><string>VirtIO</string>"
    "</dict></array><key>Network</key><array/><key>Display</key><array/><key>Serial</key><array/><key>Sound</key>"
    "<array/></dict></plist>" },
  { "quickemu", "kept/kept.conf", "kept/box/disk.qcow2", "kept/box/OVMF_VARS.fd", EFI_FIXTURE_SMALL, "raw",
    "kept/kept.conf", "guest_os=\"linux\"\ndisk_img=\"box/disk.qcow2\"\nram=\"256M\"\ncpu_cores=\"1\"\n" },
};

/* QEMU's folder as a disk has one partition, always with these numbers. */
static char *
make_kept (gsize number)
{
  g_autofree char *settings = g_build_filename (engine_fixture_directory (), kept[number].settings, NULL);
  g_autofree char *variables = g_build_filename (engine_fixture_directory (), "vars.fd", NULL);
  g_autofree char *script = NULL;
  g_autoptr (GError) error = NULL;

  script = g_strdup_printf ("cd '%s' && mkdir -p esp/EFI/other \"$(dirname %s)\" \"$(dirname %s)\" && "
                            "cp " MEMTEST " esp/EFI/other/start.efi && "
                            "qemu-img convert -O qcow2 fat:esp %s && rm -r esp",
                            engine_fixture_directory (), kept[number].settings, kept[number].disk, kept[number].disk);
  foreign_fixture_run (script);
  efi_fixture_write (variables, kept[number].template, "\\EFI\\other\\start.efi", 0xbe1afdfa, 63, 1032129);
  g_free (script);
  script = g_strdup_printf ("cd '%s' && qemu-img convert -f raw -O %s vars.fd %s && rm vars.fd",
                            engine_fixture_directory (), kept[number].driver, kept[number].variables);
  foreign_fixture_run (script);
  g_file_set_contents (settings, kept[number].text, -1, &error);
  g_assert_no_error (error);
  return g_build_filename (engine_fixture_directory (), kept[number].file, NULL);
}

/* The test of memory fills its screen; the firmware that finds nothing to start writes some lines. */
static void
test_variables (gconstpointer data)
{
  g_autofree char *file = NULL;
  g_autofree char *vars = NULL;
  g_autoptr (ValiseLibrary) library = NULL;
  g_autoptr (ValiseMachine) machine = NULL;

  if (!g_file_test (MEMTEST, G_FILE_TEST_EXISTS) || !g_file_test (EFI_FIXTURE_SMALL, G_FILE_TEST_EXISTS))
    {
      g_test_skip ("memtest86+ or ovmf is not installed");
      return;
    }
  file = make_kept (GPOINTER_TO_SIZE (data));
  library = valise_library_new (host, NULL);
  machine = foreign_fixture_bring_in (library, file);
  vars = g_build_filename (valise_machine_get_path (machine), "nvram", "vars.fd", NULL);
  g_assert_true (efi_fixture_has_mark (vars));
  foreign_fixture_start_and_see (machine, FOREIGN_FIXTURE_MEMTEST_PIXELS);
  g_assert_true (efi_fixture_has_mark (vars));
}

/* --- another processor --- */

#define ARM_SETTINGS                                                                                                   \
  "<plist version='1.0'><dict><key>Backend</key><string>QEMU</string><key>ConfigurationVersion</key>"                  \
  "<integer>4</integer><key>Information</key><dict><key>Name</key><string>Arm</string></dict><key>System</key>"        \
  "<dict><key>Architecture</key><string>aarch64</string><key>Target</key><string>virt</string><key>CPUCount</key>"     \
  "<integer>1</integer><key>MemorySize</key><integer>256</integer></dict><key>QEMU</key><dict><key>UEFIBoot</key>"     \
  "<true/></dict><key>Drive</key><array><dict><key>Identifier</key><string>0</string><key>ImageName</key>"             \
  "<string>disk.qcow2</string><key>ImageType</key><string>Disk</string><key>Interface</key><string>VirtIO</string>"    \
  "</dict></array></dict></plist>"

/* The firmware finds nothing to start on the empty disk and opens its shell, on the screen. */
static void
test_arm (void)
{
  g_autofree char *file = g_build_filename (engine_fixture_directory (), "Arm.utm", NULL);
  g_autofree char *settings = g_build_filename (file, "config.plist", NULL);
  g_autofree char *chip = g_build_filename (engine_fixture_directory (), "arm.fd", NULL);
  g_autofree char *emulator = g_find_program_in_path ("qemu-system-aarch64");
  g_autofree char *script = NULL;
  g_autofree char *vars = NULL;
  g_autoptr (ValiseLibrary) library = NULL;
  g_autoptr (ValiseMachine) machine = NULL;

  if (emulator == NULL || !g_file_test (EFI_FIXTURE_ARM, G_FILE_TEST_EXISTS))
    {
      g_test_skip ("qemu-system-arm or qemu-efi-aarch64 is not installed");
      return;
    }
  efi_fixture_write (chip, EFI_FIXTURE_ARM, "\\EFI\\nothing.efi", 0x1234, 63, 1000);
  script = g_strdup_printf ("mkdir -p '%s/Data' && cd '%s/Data' && qemu-img create -q -f qcow2 disk.qcow2 64M && "
                            "qemu-img convert -f raw -O qcow2 '%s' efi_vars.fd && rm '%s'",
                            file, file, chip, chip);
  foreign_fixture_run (script);
  g_assert_true (g_file_set_contents (settings, ARM_SETTINGS, -1, NULL));
  library = valise_library_new (host, NULL);
  machine = foreign_fixture_bring_in (library, file);
  vars = g_build_filename (valise_machine_get_path (machine), "nvram", "vars.fd", NULL);
  g_assert_true (efi_fixture_has_mark (vars));
  foreign_fixture_start_and_see (machine, SHELL_PIXELS);
  g_assert_true (efi_fixture_has_mark (vars));
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  engine_fixture_begin ();
  host = engine_fixture_host ();
  for (gsize i = 0; i < G_N_ELEMENTS (boxes); i++)
    {
      g_autofree char *path = g_strconcat ("/engine/foreign-boot/", boxes[i].name, NULL);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_boots);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (kept); i++)
    {
      g_autofree char *path = g_strconcat ("/engine/foreign-boot/variables-", kept[i].name, NULL);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_variables);
    }
  g_test_add_func ("/engine/foreign-boot/arm", test_arm);
  result = g_test_run ();
  g_object_unref (host);
  engine_fixture_end ();
  return result;
}
