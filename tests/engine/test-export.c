/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A guest that never stops writing to two disks is exported while it does. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <libvirt/libvirt-qemu.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "base/valise-process.h"
#include "bundle/valise-archive.h"
#include "bundle/valise-lock.h"
#include "engine-fixture.h"
#include "engine/valise-engine-error.h"
#include "engine/valise-export.h"
#include "engine/valise-jobs.h"
#include "engine/valise-machine-snapshots.h"
#include "formats/valise-outline.h"
#include "formats/valise-reader.h"
#include "journal-guest.h"

/* --- a libvirt that fails, and a guest agent --- */

/* How often each still fails. */
static int failing_resumes, failing_thaws;
static int agent_answers, agent_is_silent, takes_snapshot;
static GError *snapshot_error;

static void *
libvirt (void)
{
  return dlopen ("libvirt.so.0", RTLD_NOW);
}

int
virDomainResume (virDomainPtr domain)
{
  int (*real) (virDomainPtr);

  *(void **) &real = dlsym (libvirt (), "virDomainResume");
  if (g_atomic_int_get (&failing_resumes) == 0)
    return real (domain);
  g_atomic_int_dec_and_test (&failing_resumes);
  return -1;
}

int
virDomainFSFreeze (virDomainPtr domain, const char **points, unsigned int n_points, unsigned int flags)
{
  return g_atomic_int_get (&agent_answers) ? 1 : -1;
}

int
virDomainFSThaw (virDomainPtr domain, const char **points, unsigned int n_points, unsigned int flags)
{
  if (g_atomic_int_get (&failing_thaws) == 0)
    return g_atomic_int_get (&agent_answers) ? 1 : -1;
  g_atomic_int_dec_and_test (&failing_thaws);
  return -1;
}

int
virGetLastErrorCode (void)
{
  int (*real) (void);

  *(void **) &real = dlsym (libvirt (), "virGetLastErrorCode");
  return g_atomic_int_get (&agent_is_silent) ? VIR_ERR_AGENT_UNRESPONSIVE : real ();
}

/* How many threads QEMU has been told to have, and has agreed to, and had when it began the last copy. */
static struct
{
  int main_loop, iothread;
} threads, beginning_threads;

int
virDomainQemuMonitorCommand (virDomainPtr domain, const char *command, char **answer, unsigned int flags)
{
  int (*real) (virDomainPtr, const char *, char **, unsigned int);
  const char *told = strstr (command, "thread-pool-max") != NULL ? strstr (command, "\"value\":") : NULL;
  int *told_of = strstr (command, "iothread1") != NULL ? &threads.iothread : &threads.main_loop;
  int done;

  *(void **) &real = dlsym (dlopen ("libvirt-qemu.so.0", RTLD_NOW), "virDomainQemuMonitorCommand");
  done = real (domain, command, answer, flags);
  if (told != NULL && done == 0 && strstr (*answer, "\"return\"") != NULL)
    g_atomic_int_set (told_of, (int) g_ascii_strtoll (told + strlen ("\"value\":"), NULL, 10));
  return done;
}

static ValiseMachine *machine;

int
virDomainBackupBegin (virDomainPtr domain, const char *backup, const char *checkpoint, unsigned int flags)
{
  int (*real) (virDomainPtr, const char *, const char *, unsigned int);

  beginning_threads = threads;
  if (g_atomic_int_compare_and_exchange (&takes_snapshot, TRUE, FALSE))
    g_free (valise_machine_take_snapshot (machine, "Meanwhile", NULL, FALSE, NULL, &snapshot_error));
  *(void **) &real = dlsym (libvirt (), "virDomainBackupBegin");
  return real (domain, backup, checkpoint, flags);
}

/* --- the guest --- */

static const char disks[] = "<disk type='file' device='disk'><driver name='qemu' type='raw'/>"
                            "<source file='disks/one.img'/><target dev='vda' bus='virtio'/><boot order='1'/></disk>"
                            "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>"
                            "<source file='disks/two.qcow2'/><target dev='vdb' bus='virtio'/><boot order='2'/></disk>"
                            "<disk type='file' device='disk'><driver name='qemu' type='raw'/>"
                            "<source file='%s/else.img'/><target dev='vdc' bus='virtio'/></disk>";
static const char hard_disk[] = "<iothreadids><iothread id='1' thread_pool_max='48'/></iothreadids><os><type "
                                "arch='x86_64' machine='q35'>hvm</type></os>";

static ValiseHost *host;

typedef struct
{
  ValiseMachine *machine;
  char *out;
} Fixture;

static void
run (const char *directory, const char *command)
{
  const char *const argv[] = { "sh", "-ec", command, NULL };
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_chdir (directory), ==, 0);
  valise_process_run (argv, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

static char *
first_disk (const char *bundle)
{
  return g_build_filename (bundle, "disks", "one.img", NULL);
}

/* Bytes that cannot be copied in no time come before and behind the ring. */
static void
make_disks (const char *bundle)
{
  g_autofree char *one = first_disk (bundle);

  run (bundle, "head -c 50331648 /dev/urandom > disks/one.img && truncate -s 100M disks/one.img &&"
               " dd if=/dev/zero of=disks/one.img bs=512 count=200 conv=notrunc status=none &&"
               " qemu-img convert -q -f raw -O qcow2 disks/one.img disks/two.qcow2");
  journal_guest_install (one);
}

/* One guest for all of them: none of them may disturb it. */
static void
begin (void)
{
  g_autofree char *one = NULL;
  g_autofree char *devices = NULL;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  devices = g_strdup_printf (disks, engine_fixture_directory ());
#pragma GCC diagnostic pop
  host = engine_fixture_host ();
  machine = engine_fixture_machine (host, "Writer", hard_disk, devices);
  one = first_disk (valise_machine_get_path (machine));
  make_disks (valise_machine_get_path (machine));
  run (engine_fixture_directory (),
       "yes elsewhere | head -c 1048576 > else.img; echo mine > l/Writer.vmbundle/disks/vdc.qcow2");
  engine_fixture_do (machine, VALISE_VERB_START);
  journal_guest_wait (one, 2 * JOURNAL_GUEST_RING);
}

static void
end (void)
{
  engine_fixture_do (machine, VALISE_VERB_STOP);
  g_clear_object (&machine);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_clear_object (&host);
}

static void
set_up (Fixture *self, gconstpointer unused)
{
  self->machine = machine;
  self->out = g_build_filename (engine_fixture_directory (), "out", NULL);
  g_assert_cmpint (g_mkdir (self->out, 0700), ==, 0);
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  g_assert_cmpint (g_chdir ("/"), ==, 0);
  g_assert_true (valise_directory_remove (self->out, NULL));
  g_free (self->out);
}

/* --- one moment --- */

/* Returns how far its journal is. */
static guint32
check_journal (const char *path)
{
  g_autofree char *one = first_disk (path);
  g_autofree char *two = g_build_filename (path, "disks", "two.qcow2", NULL);

  return journal_guest_check (one, "raw", two, "qcow2");
}

static void
check_bundle (const char *path)
{
  check_journal (path);
  run (path, "qemu-img check -q -f qcow2 disks/two.qcow2");
}

/* It went on meanwhile, and goes on. */
static void
check_goes_on (Fixture *self)
{
  g_autofree char *one = first_disk (valise_machine_get_path (self->machine));

  /* Few when it begins, for the guest to get through; all of QEMU's own afterwards. */
  g_assert_cmpint (beginning_threads.main_loop, ==, 2);
  g_assert_cmpint (beginning_threads.iothread, ==, 2);
  g_assert_cmpint (g_atomic_int_get (&threads.main_loop), ==, 64);
  g_assert_cmpint (g_atomic_int_get (&threads.iothread), ==, 48);
  g_assert_cmpint (valise_machine_get_state (self->machine), ==, VALISE_MACHINE_RUNNING);
  journal_guest_wait (one, journal_guest_newest (one) + JOURNAL_GUEST_RING);
}

static gboolean
has_finding (ValiseJob *job, const char *code)
{
  g_autoptr (GPtrArray) report = valise_export_job_get_report (job);

  for (guint i = 0; i < report->len; i++)
    if (g_str_equal (((ValiseFinding *) report->pdata[i])->code, code))
      return TRUE;
  return FALSE;
}

static ValiseJob *
new_job (Fixture *self, const char *name)
{
  g_autoptr (GPtrArray) machines = g_ptr_array_new ();
  g_autofree char *target = g_build_filename (self->out, name, NULL);
  ValiseExportChoice choice;

  g_ptr_array_add (machines, self->machine);
  g_assert_true (valise_export_choose (&choice, NULL, target));
  return valise_export_machines_job_new (machines, target, &choice);
}

static char *
export_as (Fixture *self, const char *name)
{
  g_autoptr (ValiseJob) job = new_job (self, name);
  g_autoptr (GError) error = NULL;

  valise_job_run_sync (job, &error);
  g_assert_no_error (error);
  g_assert_true (has_finding (job, "moment-crash"));
  return valise_job_dup_result_path (job);
}

static guint
count_entries (const char *directory)
{
  g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
  guint count = 0;

  while (g_dir_read_name (dir) != NULL)
    count++;
  return count;
}

static void
test_bundle (Fixture *self, gconstpointer unused)
{
  g_autofree char *made = export_as (self, "Copy.vmbundle");

  check_goes_on (self);
  check_bundle (made);
  g_assert_cmpuint (count_entries (self->out), ==, 1);
  /* The disk from elsewhere is nobody's file of the bundle. */
  run (made, "test $(cat disks/vdc.qcow2) = mine; grep -q disks/vdc-2.qcow2 config.xml;"
             " qemu-img compare -q -f qcow2 -F raw disks/vdc-2.qcow2 ../../else.img");
}

static void
test_archive (Fixture *self, gconstpointer unused)
{
  g_autofree char *made = export_as (self, "Copy.vmbundle.tar.zst"), *read = NULL;
  g_autoptr (GError) error = NULL;

  check_goes_on (self);
  g_assert_cmpuint (count_entries (self->out), ==, 1);
  read = valise_archive_read (made, self->out, "Back", NULL, NULL, &error);
  g_assert_no_error (error);
  check_bundle (read);
}

static void
test_ova (Fixture *self, gconstpointer unused)
{
  g_autofree char *made = export_as (self, "Copy.ova");
  g_autofree char *one = g_build_filename (self->out, "one", NULL), *two = g_build_filename (self->out, "two", NULL);

  check_goes_on (self);
  g_assert_cmpuint (count_entries (self->out), ==, 1);
  run (self->out, "tar -xf Copy.ova && qemu-img convert -f vmdk -O raw Copy-disk1.vmdk one &&"
                  " qemu-img convert -f vmdk -O raw Copy-disk2.vmdk two");
  journal_guest_check (one, "raw", two, "raw");
}

/* --- on another day --- */

/* The guest itself looks at its journal as it finds it, and goes on with it. */
static void
boot_copy (ValiseMachine *copy)
{
  g_autofree char *one = first_disk (valise_machine_get_path (copy));
  guint32 then = check_journal (valise_machine_get_path (copy));
  char word[5];

  engine_fixture_do (copy, VALISE_VERB_START);
  journal_guest_wait (one, then + JOURNAL_GUEST_RING);
  g_assert_cmpuint (journal_guest_read_verdict (one, word), ==, then);
  g_assert_cmpstr (word, ==, "GOOD");
  engine_fixture_do (copy, VALISE_VERB_STOP);
  g_assert_cmpuint (check_journal (valise_machine_get_path (copy)), >, then);
}

static void
test_boots (Fixture *self, gconstpointer unused)
{
  static const char *const names[] = { "Copy.vmbundle.tar.zst", "Copy.vmbundle" };
  const char *wanted = g_getenv ("VALISE_EXPORTS");
  guint count = wanted != NULL ? (guint) g_ascii_strtoull (wanted, NULL, 10) : G_N_ELEMENTS (names);

  g_test_summary ("What was exported while the guest wrote is booted, and its guest finds its journal whole");
  for (guint i = 0; i < count; i++)
    {
      g_autofree char *made = export_as (self, names[i % G_N_ELEMENTS (names)]);
      g_autoptr (ValiseMachine) copy = engine_fixture_import (host, made, "Booted");
      g_autoptr (GError) error = NULL;

      boot_copy (copy);
      g_assert_true (valise_directory_remove (valise_machine_get_path (copy), &error));
      g_assert_no_error (error);
      run (self->out, "rm -r Copy.*");
      check_goes_on (self);
    }
  g_test_message ("told: exported %u times while the guest wrote to two disks, and booted clean %u times", count,
                  count);
}

/* --- faults --- */

/* The guest at least has not noticed. */
static void
survive (Fixture *self)
{
  check_goes_on (self);
  g_test_message ("survived: 1 faults");
}

static void
on_done_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  GAsyncResult **kept = data;

  *kept = g_object_ref (result);
}

static void
test_cancel (Fixture *self, gconstpointer unused)
{
  g_autoptr (ValiseJob) job = new_job (self, "Copy.ova");
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  valise_job_run_async (job, on_done_cb, &result);
  while (result == NULL && valise_job_get_done (job) == 0)
    g_main_context_iteration (NULL, FALSE);
  valise_job_cancel (job);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (valise_job_run_finish (job, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (count_entries (self->out), ==, 0);
  survive (self);
}

static void
test_taken (Fixture *self, gconstpointer unused)
{
  g_autoptr (ValiseJob) job = new_job (self, "Copy.ova");
  g_autofree char *there = g_build_filename (self->out, "Copy.ova", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (there, "mine", -1, NULL));
  g_assert_false (valise_job_run_sync (job, &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_EXISTS);
  g_assert_cmpuint (count_entries (self->out), ==, 1);
  survive (self);
}

static gboolean
export_quickly (Fixture *self, const char *code, GError **error)
{
  g_autoptr (ValiseJob) job = new_job (self, "Quick.vmbundle");

  run (self->out, "rm -rf Quick.vmbundle");
  return valise_job_run_sync (job, error) && (code == NULL || has_finding (job, code));
}

/* Nobody answers, and somebody takes a snapshot at the moment itself: the images stay the ones that are copied. */
static void
test_silent_agent (Fixture *self, gconstpointer unused)
{
  g_autoptr (GPtrArray) snapshots = NULL;
  g_autoptr (GError) error = NULL;

  g_atomic_int_set (&agent_is_silent, TRUE);
  g_atomic_int_set (&takes_snapshot, TRUE);
  g_assert_true (export_quickly (self, "moment-silent", &error));
  g_atomic_int_set (&agent_is_silent, FALSE);
  g_assert_no_error (error);
  g_assert_error (snapshot_error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_BUSY);
  g_clear_error (&snapshot_error);
  snapshots = valise_machine_list_snapshots (self->machine, NULL);
  g_assert_cmpuint (snapshots->len, ==, 0);
  survive (self);
}

/* What fails once or twice is tried again. */
static void
test_let_go_again (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  g_atomic_int_set (&agent_answers, TRUE);
  g_atomic_int_set (&failing_thaws, 2);
  g_atomic_int_set (&failing_resumes, 2);
  g_assert_true (export_quickly (self, "moment-frozen", &error));
  g_assert_no_error (error);
  g_atomic_int_set (&agent_answers, FALSE);
  survive (self);
}

/* What goes on failing is said, with what is to be done. */
static void
test_left_frozen (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  g_atomic_int_set (&agent_answers, TRUE);
  g_atomic_int_set (&failing_thaws, 1000);
  g_assert_false (export_quickly (self, NULL, &error));
  g_atomic_int_set (&agent_answers, FALSE);
  g_atomic_int_set (&failing_thaws, 0);
  g_assert_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_HYPERVISOR);
  g_assert_nonnull (strstr (error->message, "fsfreeze --unfreeze"));
  g_assert_cmpuint (count_entries (self->out), ==, 0);
  survive (self);
}

static void
test_left_paused (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  g_atomic_int_set (&failing_resumes, 1000);
  g_assert_false (export_quickly (self, NULL, &error));
  g_atomic_int_set (&failing_resumes, 0);
  g_assert_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_HYPERVISOR);
  g_assert_nonnull (strstr (error->message, "does not go on"));
  g_assert_cmpuint (count_entries (self->out), ==, 0);
  g_assert_cmpint (valise_machine_get_state (self->machine), ==, VALISE_MACHINE_PAUSED);
  engine_fixture_do (self->machine, VALISE_VERB_RESUME);
  survive (self);
}

/* Too little room for one of the two disks, and then for the file that is made of both. */
static void
test_full (Fixture *self, gconstpointer name)
{
  g_autoptr (ValiseJob) job = new_job (self, name);
  g_autoptr (GError) error = NULL;

  g_test_summary ("Where the copy has no room the export says so, nothing of it stays, and the guest goes on");
  if (mount ("none", self->out, "tmpfs", 0, "size=70m") < 0)
    {
      g_test_skip ("only root can mount the small file system that this fills");
      return;
    }
  g_assert_false (valise_job_run_sync (job, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_NO_SPACE);
  g_assert_nonnull (strstr (error->message, self->out));
  g_assert_cmpuint (count_entries (self->out), ==, 0);
  /* QEMU may not have closed all of it. */
  g_assert_cmpint (umount2 (self->out, MNT_DETACH), ==, 0);
  survive (self);
}

/* --- texts --- */

static char *
export_text (Fixture *self, const char *name)
{
  g_autoptr (ValiseJob) job = new_job (self, name);
  g_autofree char *made = NULL;
  char *text = NULL;
  g_autoptr (GError) error = NULL;

  valise_job_run_sync (job, &error);
  g_assert_no_error (error);
  made = valise_job_dup_result_path (job);
  g_assert_true (g_file_get_contents (made, &text, NULL, NULL));
  return text;
}

static void
test_texts (Fixture *self, gconstpointer unused)
{
  g_autofree char *xml = export_text (self, "a.xml"), *command = export_text (self, "a.sh");
  g_autofree char *one = first_disk (valise_machine_get_path (self->machine));

  g_assert_nonnull (strstr (xml, one));
  g_assert_nonnull (strstr (command, one));
  g_assert_nonnull (strstr (command, "qemu-system-x86_64"));
  run (self->out, "sh -n a.sh && xmllint --noout a.xml");
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  engine_fixture_begin ();
  engine_fixture_enter_mounts ();
  begin ();
  g_test_add ("/engine/export/bundle", Fixture, NULL, set_up, test_bundle, tear_down);
  g_test_add ("/engine/export/archive", Fixture, NULL, set_up, test_archive, tear_down);
  g_test_add ("/engine/export/ova", Fixture, NULL, set_up, test_ova, tear_down);
  g_test_add ("/engine/export/boots", Fixture, NULL, set_up, test_boots, tear_down);
  g_test_add ("/engine/export/cancel", Fixture, NULL, set_up, test_cancel, tear_down);
  g_test_add ("/engine/export/taken", Fixture, NULL, set_up, test_taken, tear_down);
  g_test_add ("/engine/export/full-bundle", Fixture, "Copy.vmbundle", set_up, test_full, tear_down);
  g_test_add ("/engine/export/full-archive", Fixture, "Copy.vmbundle.tar.zst", set_up, test_full, tear_down);
  g_test_add ("/engine/export/silent-agent", Fixture, NULL, set_up, test_silent_agent, tear_down);
  g_test_add ("/engine/export/let-go-again", Fixture, NULL, set_up, test_let_go_again, tear_down);
  g_test_add ("/engine/export/left-frozen", Fixture, NULL, set_up, test_left_frozen, tear_down);
  g_test_add ("/engine/export/left-paused", Fixture, NULL, set_up, test_left_paused, tear_down);
  g_test_add ("/engine/export/texts", Fixture, NULL, set_up, test_texts, tear_down);
  result = g_test_run ();
  end ();
  engine_fixture_end ();
  return result;
}
