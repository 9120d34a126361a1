/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Settings that libvirt is asked about before, and after, they are saved. */
#include "engine-fixture.h"

#include <glib/gstdio.h>

#include "bundle/valise-new-disks.h"
#include "engine/valise-passt-private.h"

static ValiseHost *host;
static virConnectPtr connect; /* libvirt opens its embedded driver only a few times in one program */

/* What libvirt has defined: nothing is to be left. */
static int
count_defined (void)
{
  return virConnectNumOfDefinedDomains (connect);
}

static const ValiseFinding *
find (GPtrArray *findings, const char *where)
{
  for (guint i = 0; i < findings->len; i++)
    {
      const ValiseFinding *finding = findings->pdata[i];

      g_test_message ("%s %s: %s", finding->code, finding->where, finding->text);
      if (g_strcmp0 (finding->where, where) == 0)
        return finding;
    }
  return NULL;
}

static ValiseDocument *
edit (ValiseMachine *machine, const char *knob, const char *value)
{
  ValiseDocument *document = valise_document_copy (valise_machine_get_document (machine));
  g_autoptr (GError) error = NULL;

  valise_document_set (document, knob, value, &error);
  g_assert_no_error (error);
  return document;
}

static ValiseReadBack *
try_edit (ValiseMachine *machine, const char *knob, const char *value)
{
  g_autoptr (ValiseDocument) document = edit (machine, knob, value);
  g_autoptr (GError) error = NULL;
  ValiseReadBack *back = valise_machine_try (machine, document, valise_machine_get_document (machine), NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (count_defined (), ==, 0);
  return back;
}

static void
test_edits (void)
{
  static const struct
  {
    const char *knob;
    const char *value;
    const char *code; /* NULL: libvirt keeps it */
    const char *where;
    unsigned long until; /* what later versions of libvirt take; 0: none */
  } EDITS[] = {
    { "memory", "262144", NULL, NULL },
    { "devices/disk/driver/@cache", "none", NULL, NULL },
    { "devices/interface/model/@type", "virtio", NULL, NULL },
    { "clock/@offset", "localtime", NULL, NULL },
    { "on_crash", "restart", NULL, NULL },
    { "cputune/vcpupin[1]/@vcpu", "7", "read-back-refused", NULL },
    { "cpu/@match", "minimum", "read-back-dropped", "cpu/@match" },
    { "currentMemory", "262143", "read-back-changed", "currentMemory" },
    { "os/type/@machine", "pc-q35-99.9", "read-back-refused", "os/type/@machine" },
    { "devices/interface/@type", "hostdev", "read-back-refused", "devices/interface/@type" },
    { "vcpu", "4096", "read-back-refused", "vcpu" },
    { "devices/interface/backend/@type", "passt", "read-back-refused", "devices/interface/backend/@type", 9001000 },
  };
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "edits", NULL, NULL);
  unsigned long version = 0;

  virConnectGetLibVersion (connect, &version);

  for (guint i = 0; i < G_N_ELEMENTS (EDITS) && (EDITS[i].until == 0 || version < EDITS[i].until); i++)
    {
      g_autoptr (ValiseReadBack) back = try_edit (machine, EDITS[i].knob, EDITS[i].value);
      GPtrArray *findings = valise_read_back_get_findings (back);
      const ValiseFinding *first = findings->len > 0 ? findings->pdata[0] : NULL;

      g_test_message ("%s=%s: %s %s", EDITS[i].knob, EDITS[i].value, first != NULL ? first->where : "",
                      first != NULL ? first->text : "");
      g_assert_cmpstr (first != NULL ? first->code : NULL, ==, EDITS[i].code);
      if (EDITS[i].where != NULL)
        g_assert_cmpstr (first->where, ==, EDITS[i].where);
    }
}

/* What is not set shows what libvirt chooses, also while the machine runs under the same name. */
static void
test_defaults (void)
{
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "defaults", NULL, NULL);

  for (guint running = 0; running < 2; running++)
    {
      g_autoptr (ValiseReadBack) back = try_edit (machine, "on_crash", "destroy");
      g_autofree char *reboot = valise_read_back_dup_default (back, "on_reboot");
      g_autofree char *name = valise_read_back_dup_default (back, "name");

      g_assert_cmpstr (reboot, ==, "restart");
      g_assert_null (name);
      if (!running)
        engine_fixture_do (machine, VALISE_VERB_START);
    }
  g_assert_true (valise_machine_is_live (machine));
  engine_fixture_do (machine, VALISE_VERB_STOP);
}

/* Ports are offered where libvirt takes passt, and nowhere else: some are built without it, and say nothing of it. */
static void
test_passt (void)
{
  g_autofree char *folder = g_build_filename (engine_fixture_directory (), "programs", NULL);
  g_autofree char *program = g_build_filename (folder, "passt", NULL);
  g_autofree char *before = g_strdup (g_getenv ("PATH"));
  g_autofree char *path = g_strconcat (folder, ":", before, NULL);
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "ports", NULL, NULL);
  g_autoptr (ValiseReadBack) back = NULL;
  g_autofree char *reason = NULL;
  g_autofree char *missing = NULL;
  gboolean refused;

  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents_full (program, "#!/bin/sh\n", -1, G_FILE_SET_CONTENTS_NONE, 0700, NULL));
  g_setenv ("PATH", path, TRUE);
  _valise_passt_ask (connect);
  back = try_edit (machine, "devices/interface/backend/@type", "passt");
  refused = valise_read_back_get_findings (back)->len > 0;
  reason = _valise_passt_reason ();
  g_test_message ("%s", reason != NULL ? reason : "taken");
  g_assert_true ((reason != NULL) == refused);
  g_assert_true (_valise_passt_is_taken () != refused);
  g_setenv ("PATH", folder, TRUE);
  g_assert_cmpint (g_unlink (program), ==, 0);
  missing = _valise_passt_reason ();
  g_setenv ("PATH", before, TRUE);
  g_assert_nonnull (missing);
  g_assert_cmpstr (missing, !=, reason);
}

/* Apply saves what was written, and says what libvirt makes of it. */
static void
test_apply (void)
{
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "apply", NULL, NULL);
  g_autoptr (ValiseDocument) document = edit (machine, "cpu/@match", "minimum");
  g_autoptr (GPtrArray) findings = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *stored = NULL;

  valise_machine_apply (machine, document, &findings, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (find (findings, "cpu/@match"));
  stored = valise_document_get (valise_machine_get_document (machine), "cpu/@match");
  g_assert_cmpstr (stored, ==, "minimum");
  g_assert_cmpint (count_defined (), ==, 0);
}

/* A program that was typed and not applied is not run; libvirt would do so at define. */
static void
test_program (void)
{
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "program", NULL, NULL);
  g_autofree char *mark = g_build_filename (engine_fixture_directory (), "was-run", NULL);
  g_autofree char *program = g_build_filename (engine_fixture_directory (), "program", NULL);
  g_autofree char *script = g_strdup_printf ("#!/bin/sh\ntouch '%s'\n", mark);
  g_autoptr (ValiseReadBack) back = NULL;

  g_assert_true (g_file_set_contents_full (program, script, -1, G_FILE_SET_CONTENTS_NONE, 0700, NULL));
  back = try_edit (machine, "devices/emulator", program);
  g_assert_false (g_file_test (mark, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (valise_read_back_get_findings (back)->len, ==, 0);
}

/* A disk that Apply is to make is asked about like any other, and is not made by that. */
static void
test_planned (void)
{
  static const char disk[] = "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>"
                             "<source file='disks/planned.qcow2'/><target dev='%s' bus='%s'/></disk>";
  static const struct
  {
    const char *dev, *bus;
    const char *code; /* NULL: libvirt keeps it */
  } DISKS[] = {
    { "vdp", "virtio", NULL },
    { "sdp", "sata", NULL },
    { "fdp", "fdc", "read-back-refused" },
  };
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "planned", NULL, NULL);
  g_autofree char *image = g_build_filename (valise_machine_get_path (machine), "disks", "planned.qcow2", NULL);
  g_autofree char *size_knob = valise_new_disks_knob ("disks/planned.qcow2");
  ValiseDocument *before = valise_machine_get_document (machine);

  for (gsize i = 0; i < G_N_ELEMENTS (DISKS); i++)
    {
      g_autofree char *fragment = g_strdup_printf (disk, DISKS[i].dev, DISKS[i].bus);
      g_autoptr (ValiseDocument) with = edit (machine, size_knob, "1048576");
      g_autoptr (ValiseReadBack) back = NULL;
      g_autoptr (GError) error = NULL;
      GPtrArray *findings;

      g_assert_true (valise_document_add_fragment (with, "devices", fragment, NULL));
      back = valise_machine_try (machine, with, before, NULL, &error);
      g_assert_no_error (error);
      findings = valise_read_back_get_findings (back);
      find (findings, NULL);
      g_assert_cmpuint (findings->len, ==, DISKS[i].code != NULL);
      if (DISKS[i].code != NULL)
        g_assert_cmpstr (((ValiseFinding *) findings->pdata[0])->code, ==, DISKS[i].code);
      g_assert_false (g_file_test (image, G_FILE_TEST_EXISTS));
    }
  g_assert_cmpint (count_defined (), ==, 0);
}

/* What a program that died in the middle left defined is gone with the next connection. */
static void
test_left_over (void)
{
  static const char left[] = "<domain type='qemu'><name>valise-trial-x</name><memory>1024</memory>"
                             "<os><type>hvm</type></os></domain>";
  static const char other[] = "<domain type='qemu'><name>somebody-elses</name><memory>1024</memory>"
                              "<os><type>hvm</type></os></domain>";
  g_autoptr (ValiseHost) again = NULL;
  g_autoptr (GError) error = NULL;
  virDomainPtr stays;

  virDomainFree (virDomainDefineXML (connect, left));
  stays = virDomainDefineXML (connect, other);
  g_assert_cmpint (count_defined (), ==, 2);
  again = valise_host_new (NULL);
  valise_host_connect_sync (again, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (count_defined (), ==, 1);
  g_assert_cmpint (virDomainUndefine (stays), ==, 0);
  virDomainFree (stays);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  engine_fixture_begin ();
  host = engine_fixture_host ();
  connect = virConnectOpen (valise_host_get_uri (host));
  g_test_add_func ("/engine/trial/edits", test_edits);
  g_test_add_func ("/engine/trial/defaults", test_defaults);
  g_test_add_func ("/engine/trial/passt", test_passt);
  g_test_add_func ("/engine/trial/apply", test_apply);
  g_test_add_func ("/engine/trial/program", test_program);
  g_test_add_func ("/engine/trial/planned", test_planned);
  g_test_add_func ("/engine/trial/left-over", test_left_over);
  result = g_test_run ();
  virConnectClose (connect);
  g_object_unref (host);
  engine_fixture_end ();
  return result;
}
