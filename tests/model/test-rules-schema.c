/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/valise-rules.h"

#include "model/valise-schema-private.h"
#include "document-fixture.h"

#define MACHINE(head, os, devices)                                                                                     \
  "<domain type='kvm'>\n<name>box</name>\n<memory unit='MiB'>1024</memory>\n" head                                     \
  "<os>\n<type arch='x86_64' machine='q35'>hvm</type>\n" os "</os>\n"                                                  \
  "<devices>\n" devices "</devices>\n</domain>\n"
#define DISK                                                                                                           \
  "<disk type='file' device='disk'>\n<driver name='qemu' type='qcow2'/>\n<source file='disks/root.qcow2'/>\n"          \
  "<target dev='vda' bus='virtio'/>\n</disk>\n"

static const char *const good[] = {
  MACHINE ("", "", ""),
  MACHINE ("<vcpu placement='static'>4</vcpu>\n<cpu mode='host-passthrough'/>\n", "<nvram>nvram/vars.fd</nvram>", DISK),
  MACHINE ("<metadata><v:machine xmlns:v='https://valise.page/bundle/1' version='1'>"
           "<v:anything here='too'/></v:machine></metadata>",
           "<kernel>media/linux</kernel><initrd>media/initrd.gz</initrd><cmdline>quiet</cmdline>",
           DISK "<interface type='user'><mac address='52:54:00:00:00:01'/><model type='virtio'/></interface>"
                "<graphics type='vnc'><listen type='none'/></graphics><video><model type='virtio'/></video>"
                "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>"),
  "<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><name>n</name><memory>1024</memory>"
  "<os><type>hvm</type></os><qemu:commandline><qemu:arg value='-S'/></qemu:commandline></domain>",
};

static const struct
{
  const char *where[3]; /* of each finding, in order */
  const char *text;
} bad[] = {
  { { "devices/disk/driver/@cache" },
    MACHINE ("", "", "<disk type='file' device='disk'><driver name='qemu' cache='fast'/><target dev='vda'/></disk>") },
  { { "devices/disk[2]/target/@buss" },
    MACHINE ("", "", DISK "<disk type='file' device='disk'><target dev='vdb' buss='virtio'/></disk>") },
  { { "devices/disk/targe" }, MACHINE ("", "", "<disk type='file'><targe dev='vda'/><target dev='vda'/></disk>") },
  { { "devices/disk" }, MACHINE ("", "", "<disk type='file' device='disk'><source file='/x'/></disk>") },
  { { "devices/toaster" }, MACHINE ("", "", DISK "<toaster slots='2'/>") },
  { { "vcpuu" }, MACHINE ("<vcpuu>4</vcpuu>", "", "") },
  { { "vcpu" }, MACHINE ("<vcpu>four</vcpu>", "", "") },
  { { "cpu/topology/@cores" }, MACHINE ("<cpu><topology sockets='1' cores='0' threads='1'/></cpu>", "", "") },
  { { "os/bootmenu/@enable" }, MACHINE ("", "<bootmenu enable='maybe'/>", "") },
  { { "on_reboot" }, MACHINE ("<on_reboot>explode</on_reboot>", "", "") },
  { { "vcpu/@placement", "devices/disk/driver/@io", "devices/input/@type" },
    MACHINE ("<vcpu placement='here'>1</vcpu>",
             "",
             "<disk type='file' device='disk'><driver name='qemu' io='slow'/><target dev='vda'/></disk>"
             "<input type='theremin' bus='usb'/>") },
  { { "@type" }, "<domain type='toaster'><name>n</name><memory>1</memory><os><type>hvm</type></os></domain>" },
  /* what is right by itself but there twice */
  { { NULL }, MACHINE ("<memory>1024</memory>", "", "") },
};

static GPtrArray *
check (const char *text)
{
  g_autoptr (ValiseDocument) document = document_fixture_parse (text);

  return valise_rules_check_schema (document);
}

static gboolean
is_skipped (void)
{
  if (_valise_schema_is_there ())
    return FALSE;
  g_test_skip ("libvirt's schema is not installed (package libvirt0)");
  return TRUE;
}

static void
test_good (void)
{
  if (is_skipped ())
    return;
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GPtrArray) findings = check (good[i]);

      for (guint j = 0; j < findings->len; j++)
        g_error ("%s in %s", ((ValiseFinding *) findings->pdata[j])->text, good[i]);
    }
}

static void
test_bad (void)
{
  if (is_skipped ())
    return;
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GPtrArray) findings = check (bad[i].text);
      guint expected = 1;

      while (expected < 3 && bad[i].where[expected] != NULL)
        expected++;
      for (guint j = 0; j < findings->len; j++)
        g_test_message ("%s", ((ValiseFinding *) findings->pdata[j])->text);
      g_assert_cmpuint (findings->len, ==, expected);
      for (guint j = 0; j < expected; j++)
        {
          const ValiseFinding *finding = findings->pdata[j];

          g_assert_cmpstr (finding->where, ==, bad[i].where[j]);
          g_assert_cmpstr (finding->code, ==, "schema-invalid");
          g_assert_cmpint (finding->severity, ==, VALISE_SEVERITY_ERROR);
          g_assert_nonnull (finding->remedy);
        }
    }
}

/* The place in the document as it is, not in the absolute form that is looked at. */
static void
test_line (void)
{
  const char *text = MACHINE ("", "", DISK "<disk type='file'>\n<target dev='vdb'\n bus='no bus'/>\n</disk>\n");
  g_autoptr (ValiseDocument) document = document_fixture_parse (text);
  g_autoptr (GPtrArray) findings = NULL;

  if (is_skipped ())
    return;
  findings = valise_rules_check_schema (document);
  g_assert_cmpuint (findings->len, ==, 1);
  g_assert_cmpuint (valise_document_line_of (document, ((ValiseFinding *) findings->pdata[0])->where), ==, 15);
  g_assert_cmpstr (valise_document_get_text (document), ==, text);
}

static gpointer
check_often (gpointer data)
{
  for (guint i = 0; i < 5; i++)
    {
      g_autoptr (GPtrArray) right = check (good[1]);
      g_autoptr (GPtrArray) wrong = check (bad[0].text);

      g_assert_cmpuint (right->len, ==, 0);
      g_assert_cmpuint (wrong->len, ==, 1);
    }
  return NULL;
}

static void
test_threads (void)
{
  GThread *threads[4];

  if (is_skipped ())
    return;
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("check", check_often, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

static void
test_speed (void)
{
  gint64 start = g_get_monotonic_time ();
  double first, again, wrong;

  if (is_skipped ())
    return;
  g_ptr_array_unref (check (good[2]));
  first = (g_get_monotonic_time () - start) / 1000.0;
  start = g_get_monotonic_time ();
  g_ptr_array_unref (check (good[2]));
  again = (g_get_monotonic_time () - start) / 1000.0;
  start = g_get_monotonic_time ();
  g_ptr_array_unref (check (bad[10].text));
  wrong = (g_get_monotonic_time () - start) / 1000.0;
  g_test_message ("first %.1f ms, again %.1f ms, three faults found in %.1f ms", first, again, wrong);
  g_assert_cmpfloat (again, <, 500);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/rules-schema/speed", test_speed);
  g_test_add_func ("/model/rules-schema/good", test_good);
  g_test_add_func ("/model/rules-schema/bad", test_bad);
  g_test_add_func ("/model/rules-schema/line", test_line);
  g_test_add_func ("/model/rules-schema/threads", test_threads);
  return g_test_run ();
}
