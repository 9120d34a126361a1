/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What becomes of other programs' machines: from what they state to what they have here. Each is defined in libvirt's
 * test driver, which takes nothing that is no domain. */
#include "engine/valise-import-plan-private.h"

#include <libvirt/libvirt.h>
#include <string.h>

static ValiseCapabilities *capabilities;
static virConnectPtr connection;
static GPtrArray *kept; /* of ValiseImportChoices, as long as there are plans */

/* What is asked of one blueprint, and what of the document. Lists are separated by spaces; a drive is
 * device:bus:controller, a network card model:mac. "-" is nothing. */
typedef struct
{
  const char *name;
  const char *os, *arch, *machine;
  ValiseBlueprintFirmware firmware;
  int vcpus;
  guint64 memory;
  const char *drives, *nics;

  const char *board;
  const char *buses;  /* target:bus:model of its controller */
  const char *models; /* of its network cards, model:mac; "*" for a new address */
  const char *codes;  /* of its findings */
} Case;

#define BIOS VALISE_BLUEPRINT_FIRMWARE_BIOS
#define NONE VALISE_BLUEPRINT_FIRMWARE_UNSPECIFIED

static const Case cases[] = {
  { "bare", NULL, NULL, NULL, NONE, -1, 0, "", "", "q35", "", "", "" },
  { "ide", NULL, NULL, NULL, NONE, 1, 512, "disk:ide:- cdrom:ide:-", "E1000:-", "pc", "hda:ide:- hdb:ide:-", "e1000:*",
    "" },
  { "ide-q35", NULL, NULL, "pc-q35-7.2", NONE, 1, 512, "disk:ide:-", "", "q35", "sda:sata:-", "", "bus-approximated" },
  { "five-ide", NULL, NULL, NULL, BIOS, 1, 512, "disk:ide:- disk:ide:- disk:ide:- disk:ide:- disk:ide:-", "", "pc",
    "hda:ide:- hdb:ide:- hdc:ide:- hdd:ide:- sda:sata:-", "", "bus-approximated" },
  { "vmware", "debian10-64", NULL, NULL, NONE, 2, 2048, "disk:scsi:VirtualSCSI disk:scsi:VirtualSCSI cdrom:ide:-",
    "VmxNet3:00:50:56:aa:bb:cc", "q35", "sda:scsi:vmpvscsi sdb:scsi:vmpvscsi sdc:sata:-", "vmxnet3:00:50:56:aa:bb:cc",
    "guest-agent" },
  { "sas", "windows9-64", NULL, NULL, NONE, 2, 2048, "disk:scsi:lsilogicsas", "e1000e:-", "q35", "sda:scsi:lsisas1068",
    "e1000e:*", "guest-agent" },
  { "buslogic", "winnetstandard", NULL, NULL, NONE, 1, 256, "disk:scsi:buslogic", "vlance:-", "pc", "hda:ide:-",
    "pcnet:*", "bus-approximated guest-agent" },
  { "lsilogic", NULL, NULL, NULL, NONE, 1, 256, "disk:scsi:lsilogic", "", "q35", "sda:sata:-", "", "bus-approximated" },
  { "xp", "winXPPro", NULL, NULL, NONE, 1, 256, "disk:-:-", "-:-", "pc", "hda:ide:-", "rtl8139:*", "guest-agent" },
  { "nvme", "ubuntu-64", NULL, NULL, NONE, 1, 256, "disk:nvme:-", "-:-", "q35", "sda:sata:-", "virtio:*",
    "bus-approximated guest-agent" },
  { "virtio", "linux", "x86_64", "q35", NONE, 1, 256, "disk:virtio:- disk:usb:- disk:scsi:virtioscsi",
    "virtio-net-pci:-", "q35", "vda:virtio:- sda:usb:- sdb:scsi:virtio-scsi", "virtio:*", "guest-agent" },
  { "multicast", NULL, NULL, NULL, NONE, 1, 256, "", "e1000:01:00:5E:00:00:01", "q35", "", "e1000:00:00:5e:00:00:01",
    "mac-multicast" },
  { "macs", NULL, NULL, NULL, NONE, 1, 256, "",
    "e1000:080027AABBCC e1000:08-00-27-aa-bb-cc e1000:00:00:00:00:00:00 x:zz", "q35", "",
    "e1000:08:00:27:aa:bb:cc e1000:* e1000:* e1000:*", "mac-duplicate mac-invalid nic-approximated mac-invalid" },
  { "greedy", NULL, NULL, NULL, NONE, 4000, G_MAXUINT64 / 4, "", "", "q35", "", "", "cpus-reduced memory-reduced" },
  { "sparc", NULL, "sparc64", NULL, NONE, 1, 256, "", "", "q35", "", "", "arch-missing" },
};

static char *
word_or_null (const char *word)
{
  return word == NULL || g_str_equal (word, "-") ? NULL : g_strdup (word);
}

static void
add_drive (ValiseBlueprint *blueprint, const char *word)
{
  g_auto (GStrv) parts = g_strsplit (word, ":", 3);
  gboolean disk = g_str_equal (parts[0], "disk");
  ValiseBlueprintDrive *drive =
      valise_blueprint_add_drive (blueprint, disk ? VALISE_BLUEPRINT_DISK : VALISE_BLUEPRINT_CDROM);

  drive->bus = word_or_null (parts[1]);
  drive->controller = word_or_null (parts[2]);
  drive->capacity = disk ? 1 << 30 : 0;
}

static void
add_nic (ValiseBlueprint *blueprint, const char *word)
{
  g_auto (GStrv) parts = g_strsplit (word, ":", 2);
  ValiseBlueprintNic *nic = valise_blueprint_add_nic (blueprint);

  nic->model = word_or_null (parts[0]);
  nic->mac = word_or_null (parts[1]);
}

static void
add_each (ValiseBlueprint *blueprint, const char *words, void (*add) (ValiseBlueprint *, const char *))
{
  g_auto (GStrv) list = g_strsplit (words, " ", -1);

  for (char **word = list; *word != NULL && **word != '\0'; word++)
    add (blueprint, *word);
}

static ValiseBlueprint *
blueprint_of (const Case *test)
{
  ValiseBlueprint *blueprint = valise_blueprint_new ("ovf", test->name);

  blueprint->os_type = g_strdup (test->os);
  blueprint->arch = g_strdup (test->arch);
  blueprint->machine = g_strdup (test->machine);
  blueprint->firmware = test->firmware;
  blueprint->vcpus = test->vcpus;
  blueprint->memory = test->memory;
  add_each (blueprint, test->drives, add_drive);
  add_each (blueprint, test->nics, add_nic);
  return blueprint;
}

static char *
get (ValiseDocument *document, const char *device, guint number, const char *rest)
{
  char *value = valise_document_get_device (document, device, number, rest);

  return value != NULL ? value : g_strdup ("-");
}

/* The model of the controller that the drive's address names. */
static char *
controller_of (ValiseDocument *document, guint number)
{
  g_autofree char *index = valise_document_get_device (document, "disk", number, "address/@controller");

  for (guint i = 1; index != NULL && i <= valise_document_count (document, "devices/controller"); i++)
    {
      g_autofree char *type = get (document, "controller", i, "@type");
      g_autofree char *own = get (document, "controller", i, "@index");

      if (g_str_equal (type, "scsi") && g_str_equal (own, index))
        return get (document, "controller", i, "@model");
    }
  return g_strdup ("-");
}

static void
check_drives (ValiseDocument *document, const char *expected)
{
  g_autoptr (GString) found = g_string_new (NULL);

  for (guint i = 1; i <= valise_document_count (document, "devices/disk"); i++)
    {
      g_autofree char *target = get (document, "disk", i, "target/@dev");
      g_autofree char *bus = get (document, "disk", i, "target/@bus");
      g_autofree char *controller = controller_of (document, i);

      g_string_append_printf (found, "%s%s:%s:%s", found->len > 0 ? " " : "", target, bus, controller);
    }
  g_assert_cmpstr (found->str, ==, expected);
}

static void
check_nics (ValiseDocument *document, const char *expected)
{
  g_auto (GStrv) words = g_strsplit (expected, " ", -1);
  guint count = *expected != '\0' ? g_strv_length (words) : 0;

  g_assert_cmpuint (valise_document_count (document, "devices/interface"), ==, count);
  for (guint i = 0; i < count; i++)
    {
      g_auto (GStrv) parts = g_strsplit (words[i], ":", 2);
      g_autofree char *model = get (document, "interface", i + 1, "model/@type");
      g_autofree char *mac = get (document, "interface", i + 1, "mac/@address");

      g_assert_cmpstr (model, ==, parts[0]);
      if (g_str_equal (parts[1], "*"))
        g_assert_true (g_str_has_prefix (mac, "52:54:00:"));
      else
        g_assert_cmpstr (mac, ==, parts[1]);
    }
}

static void
check_findings (GPtrArray *findings, const char *expected)
{
  g_autoptr (GString) found = g_string_new (NULL);

  for (guint i = 0; i < findings->len; i++)
    g_string_append_printf (found, "%s%s", i > 0 ? " " : "", ((ValiseFinding *) g_ptr_array_index (findings, i))->code);
  g_assert_cmpstr (found->str, ==, expected);
}

static void
define (ValiseDocument *document)
{
  virDomainPtr domain = virDomainDefineXML (connection, valise_document_get_text (document));

  g_assert_nonnull (domain);
  g_assert_cmpint (virDomainUndefine (domain), ==, 0);
  virDomainFree (domain);
}

/* As nobody has chosen anything. */
static ValiseImportPlan *
plan_new (ValiseBlueprint *blueprint, ValiseMacPolicy mac, GError **error)
{
  g_ptr_array_add (kept, valise_import_choices_new (blueprint, mac));
  return valise_import_plan_new (kept->pdata[kept->len - 1], capabilities, error);
}

static void
test_case (gconstpointer data)
{
  const Case *test = data;
  g_autoptr (ValiseBlueprint) blueprint = blueprint_of (test);
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseImportPlan) plan = plan_new (blueprint, VALISE_MAC_KEEP, &error);
  g_autofree char *board = NULL;

  g_assert_no_error (error);
  board = valise_document_get (plan->document, "os/type/@machine");
  g_assert_cmpstr (board, ==, test->board);
  check_drives (plan->document, test->buses);
  check_nics (plan->document, test->models);
  check_findings (plan->findings, test->codes);
  define (plan->document);
}

/* --- what it starts from --- */

/* What the source numbers and what the machine gets; drives, then network cards. A drive is d (disk), c (a disc in it)
 * or e (an empty drive), a card n, and its number stands behind it. */
static const struct
{
  const char *stated, *expected;
  gboolean kernel;
} orders[] = {
  { "d0 d0 c0 n0", "1 2 3 -", FALSE }, { "d0 e0 n0", "1 - -", FALSE }, { "e1 d2 n0", "1 2 -", FALSE },
  { "d0 d2 c1 n0", "3 2 1 -", FALSE }, { "d9 d9 n9", "1 2 3", FALSE }, { "d0 n1", "2 1", FALSE },
  { "d0 n0 n7", "2 - 1", FALSE },      { "d1 c2 n3", "- - -", TRUE },  { "d4294967295 d1 n0", "2 1 -", FALSE },
};

static ValiseBlueprint *
blueprint_in_order (const char *stated)
{
  ValiseBlueprint *blueprint = valise_blueprint_new ("ovf", "Order");
  g_auto (GStrv) words = g_strsplit (stated, " ", -1);

  for (char **word = words; *word != NULL; word++)
    {
      guint order = (guint) g_ascii_strtoull (*word + 1, NULL, 10);
      ValiseBlueprintDrive *drive;

      if (**word == 'n')
        {
          valise_blueprint_add_nic (blueprint)->order = order;
          continue;
        }
      drive = valise_blueprint_add_drive (blueprint, **word == 'd' ? VALISE_BLUEPRINT_DISK : VALISE_BLUEPRINT_CDROM);
      drive->capacity = 1 << 30;
      drive->order = order;
      drive->file = **word != 'e' ? g_strdup ("x") : NULL;
      drive->member = g_strdup (drive->file);
    }
  return blueprint;
}

static void
add_orders (ValiseDocument *document, const char *device, GString *found)
{
  g_autofree char *list = g_strdup_printf ("devices/%s", device);

  for (guint i = 1; i <= valise_document_count (document, list); i++)
    {
      g_autofree char *order = get (document, device, i, "boot/@order");

      g_string_append_printf (found, "%s%s", found->len > 0 ? " " : "", order);
    }
}

static void
test_order (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (orders); i++)
    {
      g_autoptr (ValiseBlueprint) blueprint = blueprint_in_order (orders[i].stated);
      g_autoptr (GError) error = NULL;
      g_autoptr (ValiseImportPlan) plan = NULL;
      g_autoptr (GString) found = g_string_new (NULL);

      blueprint->kernel = orders[i].kernel ? g_strdup ("vmlinuz") : NULL;
      plan = plan_new (blueprint, VALISE_MAC_KEEP, &error);
      g_assert_no_error (error);
      add_orders (plan->document, "disk", found);
      add_orders (plan->document, "interface", found);
      g_assert_cmpstr (found->str, ==, orders[i].expected);
      define (plan->document);
    }
}

/* --- what no table shows --- */

static ValiseImportPlan *
plan_of (ValiseBlueprint *blueprint, ValiseMacPolicy mac)
{
  g_autoptr (GError) error = NULL;
  ValiseImportPlan *plan = plan_new (blueprint, mac, &error);

  g_assert_no_error (error);
  define (plan->document);
  return plan;
}

static void
assert_value (const ValiseImportPlan *plan, const char *knob, const char *expected)
{
  g_autofree char *value = valise_document_get (plan->document, knob);

  g_assert_cmpstr (value, ==, expected);
}

static void
test_kernel (void)
{
  g_autoptr (ValiseBlueprint) blueprint = valise_blueprint_new ("linuxkit", "Kernel");
  g_autoptr (ValiseImportPlan) plan = NULL;

  add_drive (blueprint, "disk:virtio:-");
  blueprint->kernel = g_strdup ("x-kernel");
  blueprint->initrd = g_strdup ("x-initrd.img");
  blueprint->cmdline = g_strdup ("console=ttyS0 a='<&>'");
  plan = plan_of (blueprint, VALISE_MAC_KEEP);
  assert_value (plan, "os/kernel", "media/kernel");
  assert_value (plan, "os/initrd", "media/initrd");
  assert_value (plan, "os/cmdline", "console=ttyS0 a='<&>'");
  /* What is started directly is started from no disk. */
  assert_value (plan, "devices/disk/boot/@order", NULL);
}

/* Where a kernel writes to the console of Apple's machines, there is one; everywhere the first serial port stays. */
static void
test_console (void)
{
  static const struct
  {
    const char *cmdline;
    guint consoles;
  } lines[] = { { "console=ttyS0", 1 }, { "root=/dev/vda console=hvc0 quiet", 2 }, { NULL, 1 } };

  for (gsize i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr (ValiseBlueprint) blueprint = valise_blueprint_new ("utm", "Console");
      g_autoptr (ValiseImportPlan) plan = NULL;

      blueprint->kernel = g_strdup ("vmlinuz");
      blueprint->cmdline = g_strdup (lines[i].cmdline);
      plan = plan_of (blueprint, VALISE_MAC_KEEP);
      g_assert_cmpuint (valise_document_count (plan->document, "devices/console"), ==, lines[i].consoles);
      assert_value (plan, "devices/console[1]/target/@type", "serial");
    }
}

static void
test_boot_order (void)
{
  g_autoptr (ValiseBlueprint) blueprint = valise_blueprint_new ("ovf", "Order");
  g_autoptr (ValiseImportPlan) plan = NULL;
  ValiseBlueprintDrive *disk, *cd;

  add_drive (blueprint, "disk:sata:-");
  add_drive (blueprint, "cdrom:sata:-");
  disk = g_ptr_array_index (blueprint->drives, 0);
  cd = g_ptr_array_index (blueprint->drives, 1);
  cd->file = g_strdup ("a.iso");
  cd->member = g_strdup ("a.iso");
  plan = plan_of (blueprint, VALISE_MAC_KEEP);
  assert_value (plan, "devices/disk[1]/boot/@order", "2");
  assert_value (plan, "devices/disk[2]/boot/@order", "1");
  g_clear_pointer (&plan, valise_import_plan_free);

  disk->file = g_strdup ("a.vmdk");
  disk->member = g_strdup ("a.vmdk");
  plan = plan_of (blueprint, VALISE_MAC_KEEP);
  assert_value (plan, "devices/disk[1]/boot/@order", "1");
  assert_value (plan, "devices/disk[2]/boot/@order", "2");
}

static void
test_rest (void)
{
  g_autoptr (ValiseBlueprint) blueprint = valise_blueprint_new ("ovf", "Löwe & <Söhne>");
  g_autoptr (ValiseImportPlan) plan = NULL;

  blueprint->os_type = g_strdup ("windows9_64Guest");
  blueprint->vcpus = 1;
  blueprint->serial_ports = 9;
  blueprint->sound = g_strdup ("hdaudio");
  add_nic (blueprint, "e1000:00:50:56:00:00:01");
  ((ValiseBlueprintNic *) g_ptr_array_index (blueprint->nics, 0))->connected = FALSE;
  g_ptr_array_add (blueprint->asks, g_strdup ("share /etc"));
  plan = plan_of (blueprint, VALISE_MAC_NEW);
  assert_value (plan, "title", "Löwe & <Söhne>");
  assert_value (plan, "clock/@offset", "localtime");
  assert_value (plan, "devices/sound/@model", "ich9");
  assert_value (plan, "devices/interface/link/@state", "down");
  g_assert_cmpuint (valise_document_count (plan->document, "devices/serial"), ==, 4);
  g_assert_cmpuint (valise_document_count (plan->document, "devices/filesystem"), ==, 0);
  check_findings (plan->findings, "serial-ports-reduced guest-agent host-access-dropped");
  {
    g_autofree char *mac = valise_document_get (plan->document, "devices/interface/mac/@address");

    g_assert_true (g_str_has_prefix (mac, "52:54:00:"));
  }
}

static void
test_missing (void)
{
  g_autoptr (ValiseBlueprint) blueprint = valise_blueprint_new ("ovf", "Missing");
  g_autoptr (ValiseImportPlan) plan = NULL;

  add_drive (blueprint, "disk:sata:-");
  add_drive (blueprint, "cdrom:sata:-");
  for (guint i = 0; i < 2; i++)
    ((ValiseBlueprintDrive *) g_ptr_array_index (blueprint->drives, i))->file = g_strdup ("gone");
  plan = plan_of (blueprint, VALISE_MAC_KEEP);
  check_findings (plan->findings, "disk-missing medium-missing");
  g_assert_cmpint (valise_findings_worst (plan->findings), ==, VALISE_SEVERITY_ERROR);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  int result;

  g_test_init (&argc, &argv, NULL);
  kept = g_ptr_array_new_with_free_func ((GDestroyNotify) _valise_import_choices_free_but_blueprint);
  capabilities = valise_capabilities_new (NULL, NULL, 8, G_GUINT64_CONSTANT (16) << 30, &error);
  g_assert_no_error (error);
  connection = virConnectOpen ("test:///default");
  g_assert_nonnull (connection);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/engine/import-plan/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/engine/import-plan/order", test_order);
  g_test_add_func ("/engine/import-plan/console", test_console);
  g_test_add_func ("/engine/import-plan/direct-kernel", test_kernel);
  g_test_add_func ("/engine/import-plan/boot-order", test_boot_order);
  g_test_add_func ("/engine/import-plan/rest", test_rest);
  g_test_add_func ("/engine/import-plan/missing", test_missing);
  result = g_test_run ();
  g_ptr_array_unref (kept);
  virConnectClose (connection);
  valise_capabilities_unref (capabilities);
  return result;
}
