/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A machine that runs under another connection while no Valise holds its lock: QEMU, started by hand, beside us. */
#include "engine-fixture.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/valise-path.h"
#include "bundle/valise-image.h"
#include "bundle/valise-in-use.h"
#include "engine/valise-export.h"
#include "engine/valise-jobs.h"

#define DISK                                                                                                           \
  "<disk type='file' device='disk'><driver name='qemu' type='%s'/><source file='%s'/>"                                 \
  "<target dev='vda' bus='virtio'/></disk>"

typedef struct
{
  ValiseHost *host;
  ValiseLibrary *library;
  ValiseMachine *machine;
  int qemu;
} Fixture;

static ValiseJob *
new_export (ValiseMachine *machine, const char *target)
{
  g_autoptr (GPtrArray) machines = g_ptr_array_new ();
  ValiseExportChoice choice;

  g_ptr_array_add (machines, machine);
  g_assert_true (valise_export_choose (&choice, NULL, target));
  return valise_export_machines_job_new (machines, target, &choice);
}

static void
run (const char *const *arguments)
{
  g_autoptr (GError) error = NULL;
  int status;

  g_spawn_sync (NULL, (char **) arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_spawn_check_wait_status (status, &error);
  g_assert_no_error (error);
}

/* With -daemonize the call comes back when the images are open and locked. */
static int
start_qemu (const char *image, const char *drive)
{
  /* Where the fixture looks for what a failed test has left. */
  g_autofree char *folder = g_build_filename (engine_fixture_directory (), "s", "e", "run", "qemu", NULL);
  g_autofree char *pidfile = g_build_filename (folder, "vm-elsewhere.pid", NULL);
  g_autofree char *option = g_strdup_printf ("file=%s,%s", image, drive);
  const char *const arguments[] = {
    "qemu-system-x86_64", "-accel", "tcg",        "-display", "none", "-nodefaults", "-S", "-drive", option,
    "-pidfile",           pidfile,  "-daemonize", NULL
  };
  g_autofree char *text = NULL;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  run (arguments);
  g_assert_true (g_file_get_contents (pidfile, &text, NULL, NULL));
  return atoi (text);
}

static gboolean
is_gone (gpointer fixture)
{
  return kill (((Fixture *) fixture)->qemu, 0) != 0;
}

static void
stop_qemu (Fixture *fixture)
{
  kill (fixture->qemu, SIGKILL);
  while (!is_gone (fixture))
    g_usleep (5000);
}

static void
set_up (Fixture *fixture, const char *format, const char *file)
{
  g_autofree char *disk = g_strdup_printf (DISK, format, file);
  g_autofree char *path = NULL;

  fixture->host = valise_host_new (NULL);
  fixture->library = valise_library_new (fixture->host, NULL);
  fixture->machine = engine_fixture_machine (fixture->host, "Elsewhere", NULL, disk);
  path = g_build_filename (valise_machine_get_path (fixture->machine), file, NULL);
  run ((const char *const[]){ "qemu-img", "create", "-q", "-f", format, path, "16M", NULL });
}

static void
tear_down (Fixture *fixture)
{
  valise_directory_remove (valise_machine_get_path (fixture->machine), NULL);
  g_clear_object (&fixture->machine);
  g_clear_object (&fixture->library);
  g_clear_object (&fixture->host);
}

/* --- what must not be done meanwhile --- */

static gboolean
apply (Fixture *fixture, GError **error)
{
  g_autoptr (ValiseDocument) draft = valise_document_copy (valise_machine_get_document (fixture->machine));

  g_assert_true (valise_document_set (draft, "title", "changed", NULL));
  return valise_machine_apply (fixture->machine, draft, NULL, NULL, error);
}

static gboolean
eject (Fixture *fixture, GError **error)
{
  return valise_machine_change_media (fixture->machine, NULL, NULL, NULL, error);
}

static gboolean
insert (Fixture *fixture, GError **error)
{
  return valise_machine_change_media (fixture->machine, NULL, ENGINE_FIXTURE_GRUB_ISO, NULL, error);
}

static gboolean
archive (Fixture *fixture, GError **error)
{
  g_autofree char *target = g_build_filename (engine_fixture_directory (), "Out.vmbundle.tar.zst", NULL);
  g_autoptr (ValiseJob) job = new_export (fixture->machine, target);
  gboolean done = valise_job_run_sync (job, error);

  g_assert_true (g_file_test (target, G_FILE_TEST_EXISTS) == done);
  g_unlink (target);
  return done;
}

static gboolean
copy_out (Fixture *fixture, GError **error)
{
  g_autofree char *target = g_build_filename (engine_fixture_directory (), "Out.vmbundle", NULL);
  g_autoptr (ValiseJob) job = new_export (fixture->machine, target);
  gboolean done = valise_job_run_sync (job, error);

  g_assert_true (g_file_test (target, G_FILE_TEST_EXISTS) == done);
  valise_directory_remove (target, NULL);
  return done;
}

static gboolean
copy_in (Fixture *fixture, GError **error)
{
  const char *path = valise_machine_get_path (fixture->machine);
  g_autoptr (ValiseJob) job = valise_import_job_new (fixture->library, path, engine_fixture_directory (), "In");
  g_autofree char *made = NULL;
  gboolean done = valise_job_run_sync (job, error);

  made = valise_job_dup_result_path (job);
  if (made != NULL)
    valise_directory_remove (made, NULL);
  return done;
}

static gboolean
settle_copied (Fixture *fixture, GError **error)
{
  return valise_machine_settle_identity (fixture->machine, TRUE, NULL, error);
}

/* The last two are not done afterwards: this needs a connection, the other takes the bundle away. */
static gboolean
start (Fixture *fixture, GError **error)
{
  return valise_machine_do (fixture->machine, VALISE_VERB_START, NULL, error);
}

static gboolean
trash (Fixture *fixture, GError **error)
{
  return valise_machine_trash (fixture->machine, NULL, error);
}

static const struct
{
  const char *name;
  gboolean (*act) (Fixture *fixture, GError **error);
} acts[] = {
  { "apply", apply },
  { "eject", eject },
  { "insert", insert },
  { "archive", archive },
  { "copy out", copy_out },
  { "copy in", copy_in },
  { "settle identity", settle_copied },
  { "start", start },
  { "trash", trash },
};

static char *
config_of (Fixture *fixture)
{
  g_autofree char *path = g_build_filename (valise_machine_get_path (fixture->machine), "config.xml", NULL);
  char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

static void
assert_refused (Fixture *fixture, guint number, const char *file)
{
  g_autofree char *before = config_of (fixture);
  g_autofree char *process = g_strdup_printf ("(process %d)", fixture->qemu);
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;

  g_test_message ("%s", acts[number].name);
  g_assert_false (acts[number].act (fixture, &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_LOCKED);
  g_assert_nonnull (strstr (error->message, file));
  g_assert_nonnull (strstr (error->message, "qemu-system-x86_64"));
  g_assert_nonnull (strstr (error->message, process));
  after = config_of (fixture);
  g_assert_cmpstr (before, ==, after);
}

static void
test_refused (void)
{
  Fixture fixture = { NULL };
  g_autofree char *image = NULL;

  g_test_summary (
      "What runs elsewhere is neither edited nor copied nor deleted, and the error names image and process");
  set_up (&fixture, "qcow2", "disks/disk0.qcow2");
  image = g_build_filename (valise_machine_get_path (fixture.machine), "disks/disk0.qcow2", NULL);
  fixture.qemu = start_qemu (image, "if=virtio,format=qcow2");
  for (guint i = 0; i < G_N_ELEMENTS (acts); i++)
    assert_refused (&fixture, i, "disks/disk0.qcow2");
  stop_qemu (&fixture);
  for (guint i = 0; i + 2 < G_N_ELEMENTS (acts); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s afterwards", acts[i].name);
      g_assert_true (acts[i].act (&fixture, &error));
      g_assert_no_error (error);
    }
  tear_down (&fixture);
}

static void
test_kinds (void)
{
  static const struct
  {
    const char *file, *format, *drive;
    gboolean free;
  } cases[] = {
    { "disks/raw.img", "raw", "if=virtio,format=raw", FALSE },
    { "root.qcow2", "qcow2", "if=virtio,format=qcow2", FALSE },
    { "nvram/vars.fd", "raw", "if=virtio,format=raw", FALSE },
    { "disks/read.qcow2", "qcow2", "if=virtio,format=qcow2,readonly=on", TRUE },
    { "logs/old.img", "raw", "if=virtio,format=raw", TRUE },
  };

  g_test_summary (
      "Whatever file of the machine is written counts, wherever it lies; one that is only read or stays here does not");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Fixture fixture = { NULL };
      g_autofree char *image = NULL;
      g_autoptr (GError) error = NULL;

      g_test_message ("%s %s", cases[i].file, cases[i].drive);
      set_up (&fixture, cases[i].format, cases[i].file);
      image = g_build_filename (valise_machine_get_path (fixture.machine), cases[i].file, NULL);
      fixture.qemu = start_qemu (image, cases[i].drive);
      g_assert_true (valise_bundle_check_unused (valise_machine_get_path (fixture.machine), &error) == cases[i].free);
      if (!cases[i].free)
        g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_LOCKED);
      stop_qemu (&fixture);
      tear_down (&fixture);
    }
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  engine_fixture_begin ();
  g_test_add_func ("/engine/elsewhere/refused", test_refused);
  g_test_add_func ("/engine/elsewhere/kinds", test_kinds);
  result = g_test_run ();
  engine_fixture_end ();
  return result;
}
