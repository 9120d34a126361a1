/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What libvirt drops, takes without effect, or counts otherwise: a finding each on its row, in plain words, and the one
 * click takes it away. */
#include "model/valise-edit-session.h"

#include "document-fixture.h"
#include "model-fixture.h"

#define Q35 "<os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os>"
#define MACHINE(head, os, devices)                                                                                     \
  "<domain type='kvm'><name>box</name><memory unit='MiB'>1024</memory>" head os "<devices>" devices                    \
  "</devices></domain>"
#define HEAD(xml) MACHINE (xml, Q35, "")
#define DEVICE(xml) MACHINE ("", Q35, xml)
#define UEFI(more)                                                                                                     \
  MACHINE ("<features><acpi/></features>",                                                                             \
           "<os firmware='efi'><type arch='x86_64' machine='pc-q35-7.2'>hvm</type>" more "</os>", "")

typedef struct
{
  const char *code;
  const char *where;
  const char *machine;
  const char *fix_knob; /* NULL: none */
  const char *fix_value;
} Case;

static const Case TRAPS[] = {
  { "schema-invalid", "os/nvram/@format", UEFI ("<nvram format='qcow2'>nvram/vars.fd</nvram>"), NULL, NULL },
  { "nvram-template-without-effect", "os/nvram/@template",
    UEFI ("<nvram template='/usr/share/OVMF/OVMF_VARS_4M.fd'>nvram/vars.fd</nvram>"), "os/nvram/@template", NULL },
  { "schema-invalid", "devices/tpm/backend/source",
    DEVICE (
        "<tpm model='tpm-crb'><backend type='emulator' version='2.0'><source type='dir' path='/t'/></backend></tpm>"),
    NULL, NULL },
  { "port-forward-without-effect", "devices/interface/portForward",
    DEVICE ("<interface type='user'><portForward proto='tcp'><range start='2022' to='22'/></portForward></interface>"),
    "devices/interface/portForward", NULL },
  { "bandwidth-without-effect", "devices/interface/bandwidth/inbound/@average",
    DEVICE ("<interface type='user'><bandwidth><inbound average='1000'/></bandwidth></interface>"),
    "devices/interface/bandwidth", NULL },
  { "virtiofs-read-only", "devices/filesystem/readonly",
    DEVICE ("<filesystem type='mount'><driver type='virtiofs'/><source dir='/a'/><target dir='a'/><readonly/>"
            "</filesystem>"),
    "devices/filesystem/driver/@type", "path" },
  { "clipboard-no-suspend", "devices/channel/@type",
    DEVICE ("<channel type='qemu-vdagent'><source><clipboard copypaste='yes'/></source>"
            "<target type='virtio' name='com.redhat.spice.0'/></channel>"),
    NULL, NULL },
};

static const Case LIMITS[] = {
  { "cpus-over-machine-type", "vcpu", HEAD ("<vcpu>300</vcpu>"), "vcpu", "288" },
  { "cpus-over-machine-type", "vcpu",
    MACHINE ("<vcpu>256</vcpu>", "<os><type arch='x86_64' machine='pc-i440fx-7.2'>hvm</type></os>", ""), "vcpu",
    "255" },
  { "cpus-need-extended-interrupts", "vcpu", HEAD ("<vcpu>256</vcpu>"), "vcpu", "255" },
  { "pin-without-processor", "cputune/vcpupin[2]/@vcpu",
    HEAD ("<vcpu>2</vcpu><cputune><vcpupin vcpu='1' cpuset='0'/><vcpupin vcpu='2' cpuset='0'/></cputune>"),
    "cputune/vcpupin[2]", NULL },
  { "node-without-processor", "cpu/numa/cell/@cpus",
    HEAD ("<vcpu>2</vcpu><cpu><numa><cell id='0' cpus='0-7' memory='1048576'/></numa></cpu>"), NULL, NULL },
  { "memory-over-room", "maxMemory",
    HEAD ("<maxMemory slots='2' unit='MiB'>512</maxMemory><cpu><numa><cell id='0' cpus='0' memory='1048576'/></numa>"
          "</cpu>"),
    "maxMemory", "1048576 KiB" },
};

static const char RIGHT[] =
    MACHINE ("<vcpu>255</vcpu><maxMemory slots='2' unit='GiB'>2</maxMemory><cpu><numa>"
             "<cell id='0' cpus='0-253,254' memory='1048576'/></numa></cpu>"
             "<cputune><vcpupin vcpu='254' cpuset='0'/></cputune>",
             Q35,
             "<interface type='user'><backend type='passt'/><portForward proto='tcp'/></interface>"
             "<interface type='bridge'><source bridge='br0'/><bandwidth><outbound average='1000'/></bandwidth>"
             "</interface>");

/* What people type, knob by knob. */
static const struct
{
  const char *knob;
  const char *value;
  gboolean good;
} TYPED[] = {
  { "memory", "0", FALSE },
  { "memory", "18446744073709551616", FALSE },
  { "memory", "99999999999999999999999999", FALSE },
  { "memory", "-1", FALSE },
  { "memory", "1e3", FALSE },
  { "memory", "2 GiB", TRUE },
  { "memory", "2 parsec", FALSE },
  { "memory/@unit", "parsec", FALSE },
  { "memory/@unit", "GiB", TRUE },
  { "vcpu", "0", FALSE },
  { "vcpu", "4294967296", FALSE },
  { "vcpu", "36893488147419103232", FALSE },
  { "vcpu", "two", FALSE },
  { "vcpu", "2<3", FALSE },
  { "vcpu", "&amp;", FALSE },
  { "vcpu/@cpuset", "0-1", TRUE },
  { "vcpu/@cpuset", "0-1,^1", TRUE },
  { "vcpu/@cpuset", "1-0", FALSE },
  { "vcpu/@cpuset", "0,,1", FALSE },
  { "vcpu/@cpuset", "a", FALSE },
  { "vcpu/@cpuset", "0-99999999999", FALSE },
  { "uuid", "not-one", FALSE },
  { "uuid", "2fb9c0de-3a51-4c1e-9d6b-8a4e5f0c7d21", TRUE },
  { "devices/interface/mac/@address", "52:54:00:12:34:56", TRUE },
  { "devices/interface/mac/@address", "52:54:00:12:34", FALSE },
  { "devices/interface/mac/@address", "52-54-00-12-34-56", FALSE },
  { "devices/interface/mac/@address", "01:00:5e:00:00:01", FALSE },
  { "devices/interface/address/@slot", "0x01", TRUE },
  { "devices/interface/address/@slot", "0x20", FALSE },
  { "devices/interface/address/@slot", "zz", FALSE },
  { "devices/interface/address/@bus", "0x100", FALSE },
  { "devices/interface/address/@function", "8", FALSE },
  { "devices/disk/driver/@cache", "sometimes", FALSE },
  { "on_reboot", "restart", TRUE },
  { "on_reboot", "Restart", FALSE },
  { "clock/@offset", "variable'\"", FALSE },
};

static ValiseEditSession *
open (const char *machine)
{
  g_autoptr (ValiseDocument) document = document_fixture_parse (machine);
  g_autoptr (ValiseCapabilities) capabilities = model_fixture_capabilities ("domcaps-q35-tcg.xml");

  return valise_edit_session_new (document, capabilities, NULL);
}

static const ValiseFinding *
find (ValiseEditSession *session, const char *code)
{
  GPtrArray *findings = valise_edit_session_get_findings (session);

  for (guint i = 0; i < findings->len; i++)
    if (g_str_equal (((const ValiseFinding *) findings->pdata[i])->code, code))
      return findings->pdata[i];
  return NULL;
}

static void
check_fix (ValiseEditSession *session, const Case *wanted)
{
  g_autoptr (GError) error = NULL;

  if (wanted->fix_knob == NULL)
    return;
  if (wanted->fix_value != NULL)
    valise_edit_session_set (session, wanted->fix_knob, wanted->fix_value, &error);
  else
    valise_edit_session_unset (session, wanted->fix_knob, &error);
  g_assert_no_error (error);
  g_assert_null (find (session, wanted->code));
}

static void
check_case (const Case *wanted)
{
  g_autoptr (ValiseEditSession) session = open (wanted->machine);
  const ValiseFinding *finding = find (session, wanted->code);

  g_test_message ("%s", wanted->where);
  if (finding == NULL)
    g_error ("no %s in %s", wanted->code, wanted->machine);
  g_assert_cmpstr (finding->where, ==, wanted->where);
  g_assert_true (g_str_has_suffix (finding->text, "."));
  g_assert_nonnull (finding->remedy);
  g_assert_cmpstr (finding->fix_knob, ==, wanted->fix_knob);
  g_assert_cmpstr (finding->fix_value, ==, wanted->fix_value);
  check_fix (session, wanted);
}

static void
test_wrong (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (TRAPS); i++)
    check_case (&TRAPS[i]);
  for (guint i = 0; i < G_N_ELEMENTS (LIMITS); i++)
    check_case (&LIMITS[i]);
}

static void
test_right (void)
{
  g_autoptr (ValiseEditSession) session = open (RIGHT);

  for (guint i = 0; i < G_N_ELEMENTS (TRAPS); i++)
    if (!g_str_equal (TRAPS[i].code, "schema-invalid"))
      g_assert_null (find (session, TRAPS[i].code));
  for (guint i = 0; i < G_N_ELEMENTS (LIMITS); i++)
    g_assert_null (find (session, LIMITS[i].code));
}

#define TYPED_IN                                                                                                       \
  MACHINE ("<vcpu>1</vcpu>", Q35,                                                                                      \
           "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/a'/>"                       \
           "<target dev='vda' bus='virtio'/></disk>"                                                                   \
           "<interface type='user'><address type='pci' domain='0' bus='0' slot='1' function='0'/></interface>")

/* At the row itself, or at what it stands in. */
static gboolean
is_told (ValiseEditSession *session, const char *knob)
{
  GPtrArray *findings = valise_edit_session_get_findings (session);

  for (guint i = 0; i < findings->len; i++)
    {
      const ValiseFinding *finding = findings->pdata[i];

      g_test_message ("%s %s: %s", finding->code, finding->where, finding->text);
      if (finding->severity == VALISE_SEVERITY_ERROR && finding->where != NULL
          && g_str_has_prefix (knob, finding->where))
        return TRUE;
    }
  return FALSE;
}

static void
test_typed (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (TYPED); i++)
    {
      g_autoptr (ValiseEditSession) session = open (TYPED_IN);
      g_autoptr (GError) error = NULL;

      g_test_message ("%s = %s", TYPED[i].knob, TYPED[i].value);
      valise_edit_session_set (session, TYPED[i].knob, TYPED[i].value, &error);
      g_assert_no_error (error);
      g_assert_cmpint (is_told (session, TYPED[i].knob), ==, !TYPED[i].good);
      valise_edit_session_undo (session);
      g_assert_cmpstr (valise_document_get_text (valise_edit_session_get_draft (session)), ==, TYPED_IN);
    }
}

/* What reads otherwise than it is, and what XML cannot hold. */
static void
test_text (void)
{
  g_autoptr (ValiseEditSession) session = open (TYPED_IN);
  g_autofree char *back = NULL;
  g_autoptr (GError) error = NULL;

  valise_edit_session_set (session, "title", "safe\xe2\x80\xaegpj.exe", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (find (session, "value-hidden-characters")->where, ==, "title");
  g_assert_null (strstr (find (session, "value-hidden-characters")->text, "\xe2\x80\xae"));

  valise_edit_session_set (session, "title", "<&\"'>]]>", &error);
  g_assert_no_error (error);
  g_assert_null (find (session, "value-hidden-characters"));
  back = valise_edit_session_get (session, "title");
  g_assert_cmpstr (back, ==, "<&\"'>]]>");
  valise_edit_session_undo (session);
  valise_edit_session_undo (session);

  g_assert_false (valise_edit_session_set (session, "title", "bell\x07", &error));
  g_assert_error (error, VALISE_DOCUMENT_ERROR, VALISE_DOCUMENT_ERROR_VALUE);
  g_clear_error (&error);
  g_assert_false (valise_edit_session_set (session, "title", "half\xe2\x80", &error));
  g_assert_error (error, VALISE_DOCUMENT_ERROR, VALISE_DOCUMENT_ERROR_VALUE);
  g_assert_cmpstr (valise_document_get_text (valise_edit_session_get_draft (session)), ==, TYPED_IN);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/rules-traps/wrong", test_wrong);
  g_test_add_func ("/model/rules-traps/right", test_right);
  g_test_add_func ("/model/rules-traps/typed", test_typed);
  g_test_add_func ("/model/rules-traps/text", test_text);
  model_fixture_begin ();
  status = g_test_run ();
  model_fixture_end ();
  return status;
}
