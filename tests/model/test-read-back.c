/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What libvirt makes of machines, asked of libvirt itself. */
#include "driver-fixture.h"

#include <glib/gstdio.h>

#include "model/valise-read-back.h"

#define Q35 "<os><type arch='x86_64' machine='q35'>hvm</type></os>"
#define UEFI(more)                                                                                                     \
  "<features><acpi/></features><os firmware='efi'><type arch='x86_64' machine='q35'>hvm</type>" more "</os>"
#define MACHINE(head, devices)                                                                                         \
  "<domain type='qemu'><name>t</name><memory unit='MiB'>512</memory>" head "<devices>" devices "</devices></domain>"
#define DISK(driver, target, more)                                                                                     \
  "<disk type='file' device='disk'><driver name='qemu' type='raw'" driver "/><source file='/a'/><target " target       \
  "/>" more "</disk>"

/* "knob" or "knob=what libvirt makes of it", one after the other; "" when libvirt keeps all. */
static const struct
{
  const char *machine;
  const char *findings;
} CASES[] = {
  { MACHINE (Q35, ""), "" },
  /* Written otherwise, and meant alike. */
  { MACHINE (Q35 "<vcpu cpuset='0,1,2'>4</vcpu><currentMemory unit='KiB'>524288</currentMemory>", ""), "" },
  { MACHINE (Q35, "<interface type='user'><mac address='52:54:00:AB:CD:EF'/><model type='virtio'/></interface>"), "" },
  { MACHINE (Q35, DISK ("", "dev='sdb' bus='sata'", "") DISK (" cache='none'", "dev='vda' bus='virtio'", "")), "" },
  { MACHINE (Q35 "<features><apic/><acpi/></features><cpu mode='custom'><model>qemu64</model>"
                 "<feature name='vmx' policy='disable'/><feature name='aes' policy='require'/></cpu>",
             ""),
    "" },
  { MACHINE (Q35,
             "<interface type='user'><model type='e1000e'/></interface>"
             "<interface type='user'><model type='virtio'/></interface>"),
    "" },
  /* Dropped. */
  { MACHINE (UEFI ("<nvram format='qcow2'>/tmp/v.fd</nvram>"), ""), "os/nvram/@format" },
  { MACHINE (Q35 "<vcpu>1</vcpu><cputune><vcpupin vcpu='3' cpuset='0'/></cputune>", ""),
    "cputune/vcpupin/@vcpu cputune/vcpupin/@cpuset" },
  { MACHINE (Q35, "<graphics type='vnc' passwdValidTo='2031-01-01T00:00:00'/>"), "devices/graphics/@passwdValidTo" },
  { MACHINE (Q35,
             "<tpm model='tpm-crb'><backend type='emulator' version='2.0'><source type='dir' path='/t'/></backend>"
             "</tpm>"),
    "devices/tpm/backend/source/@type devices/tpm/backend/source/@path" },
  /* Changed; what has a unit is said in one. */
  { MACHINE (Q35 "<cpu match='minimum'/>", ""), "cpu/@match=exact" },
  { MACHINE (Q35 "<currentMemory unit='b'>1000001</currentMemory>", ""), "currentMemory: 977 KiB" },
};

static char *
define_all (void)
{
  g_autoptr (GString) script = g_string_new (NULL);
  g_autofree char *complaint = NULL;
  char *output;

  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/%u.xml", driver_fixture_directory (), i);

      g_assert_true (g_file_set_contents (path, CASES[i].machine, -1, NULL));
      g_string_append_printf (script, "define %s; echo from%u:; dumpxml t; echo to%u:; undefine t --keep-nvram; ", path,
                              i, i);
    }
  output = driver_fixture_virsh (script->str, &complaint);
  if (output == NULL)
    g_error ("%s", complaint);
  return output;
}

static ValiseDocument *
cut (const char *output, guint number)
{
  g_autofree char *from = g_strdup_printf ("from%u:", number);
  g_autofree char *to = g_strdup_printf ("to%u:", number);
  const char *start = strstr (output, from);
  const char *end = start != NULL ? strstr (start, to) : NULL;
  g_autoptr (GError) error = NULL;
  ValiseDocument *document;

  g_assert_nonnull (end);
  start = strchr (start, '<');
  document = valise_document_new (start, end - start, "taken", &error);
  g_assert_no_error (error);
  return document;
}

static char *
list (ValiseReadBack *back)
{
  GPtrArray *findings = valise_read_back_get_findings (back);
  g_autoptr (GString) words = g_string_new (NULL);

  for (guint i = 0; i < findings->len; i++)
    {
      const ValiseFinding *finding = findings->pdata[i];

      g_assert_cmpint (finding->severity, ==, VALISE_SEVERITY_WARNING);
      g_string_append_printf (words, "%s%s", i > 0 ? " " : "", finding->where);
      if (finding->fix_value != NULL)
        g_string_append_printf (words, "=%s", finding->fix_value);
      else if (finding->fix_knob == NULL)
        {
          const char *start = strstr (finding->text, "“") + strlen ("“");

          g_string_append_printf (words, ": %.*s", (int) (strstr (start, "”") - start), start);
        }
    }
  return g_string_free (g_steal_pointer (&words), FALSE);
}

static ValiseReadBack *
read_back (const char *machine, ValiseDocument *taken)
{
  g_autoptr (ValiseDocument) stored = valise_document_new (machine, -1, "stored", NULL);

  return valise_read_back_new (stored, stored, taken);
}

static void
test_findings (void)
{
  g_autofree char *output = define_all ();

  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (ValiseDocument) taken = cut (output, i);
      g_autoptr (ValiseReadBack) back = read_back (CASES[i].machine, taken);
      g_autofree char *found = list (back);

      g_test_message ("%s", valise_document_get_text (taken));
      g_assert_cmpstr (found, ==, CASES[i].findings);
    }
}

/* --- what libvirt fills in --- */

#define TWO_DISKS DISK ("", "dev='sdb' bus='sata'", "") DISK ("", "dev='sda' bus='sata'", "")

static void
test_defaults (void)
{
  static const struct
  {
    const char *knob;
    const char *value;
  } DEFAULTS[] = {
    { "vcpu", "1" },
    { "vcpu/@placement", "static" },
    { "on_reboot", "restart" },
    { "clock/@offset", "utc" },
    { "cpu/@mode", "custom" },
    { "devices/memballoon/@model", NULL }, /* not a device of this machine */
    /* libvirt sorts disks; each still has its own. */
    { "devices/disk[1]/address/@unit", "1" },
    { "devices/disk[2]/address/@unit", "0" },
    { "devices/interface/model/@type", "rtl8139" },
    { "devices/interface[1]/model/@type", "rtl8139" },
    { "devices/interface/mac/@address", NULL }, /* another one each time */
    { "devices/interface/driver/@name", NULL },
    { "uuid", NULL },
  };
  static const char machine[] = MACHINE (Q35, TWO_DISKS "<interface type='user'/>");
  g_autofree char *output = NULL;
  g_autofree char *path = g_build_filename (driver_fixture_directory (), "d.xml", NULL);
  g_autofree char *script = g_strdup_printf ("define %s; echo from0:; dumpxml t; echo to0:; undefine t", path);
  g_autoptr (ValiseDocument) taken = NULL;
  g_autoptr (ValiseReadBack) back = NULL;

  g_assert_true (g_file_set_contents (path, machine, -1, NULL));
  output = driver_fixture_virsh (script, NULL);
  taken = cut (output, 0);
  back = read_back (machine, taken);
  for (guint i = 0; i < G_N_ELEMENTS (DEFAULTS); i++)
    {
      g_autofree char *value = valise_read_back_dup_default (back, DEFAULTS[i].knob);

      g_test_message ("%s", DEFAULTS[i].knob);
      g_assert_cmpstr (value, ==, DEFAULTS[i].value);
    }
}

/* --- without libvirt --- */

static void
test_left_out_by_us (void)
{
  static const char stored[] = MACHINE (Q35, "<hostdev mode='subsystem' type='usb'/><sound model='ich9'/>");
  static const char given[] = MACHINE (Q35, "<sound model='ich9'/>");
  g_autoptr (ValiseDocument) document = valise_document_new (stored, -1, "stored", NULL);
  g_autoptr (ValiseDocument) effective = valise_document_new (given, -1, "given", NULL);
  g_autoptr (ValiseReadBack) back = valise_read_back_new (document, effective, effective);

  g_assert_cmpuint (valise_read_back_get_findings (back)->len, ==, 0);
  g_assert_true (valise_read_back_is_of (back, document));
  g_assert_false (valise_read_back_is_of (back, effective));
}

static void
test_refused (void)
{
  g_autoptr (ValiseDocument) document = valise_document_new (MACHINE (Q35, ""), -1, "stored", NULL);
  g_autoptr (ValiseReadBack) back = valise_read_back_new_refused (document, "vcpu", "Not that many.");
  GPtrArray *findings = valise_read_back_get_findings (back);
  g_autofree char *value = valise_read_back_dup_default (back, "vcpu");

  g_assert_cmpuint (findings->len, ==, 1);
  g_assert_cmpstr (((ValiseFinding *) findings->pdata[0])->where, ==, "vcpu");
  g_assert_null (value);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/read-back/findings", test_findings);
  g_test_add_func ("/model/read-back/defaults", test_defaults);
  g_test_add_func ("/model/read-back/left-out-by-us", test_left_out_by_us);
  g_test_add_func ("/model/read-back/refused", test_refused);
  driver_fixture_begin ();
  status = g_test_run ();
  driver_fixture_end ();
  return status;
}
