/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine-fixture.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "base/valise-process.h"
#include "bundle/valise-image.h"
#include "bundle/valise-lock.h"
#include "engine/valise-export.h"
#include "engine/valise-host-private.h"
#include "engine/valise-machine-private.h"
#include "engine/valise-machine-snapshots.h"
#include "engine/valise-qemu-jobs-private.h"

/* A machine outlives the program that started it. The starting is done by this program again, as a child that is killed
 * or ends; the one that looks on holds no driver meanwhile. */

static void
assert_state (ValiseMachine *machine, ValiseMachineState state)
{
  g_assert_cmpstr (valise_machine_state_to_word (valise_machine_get_state (machine)), ==,
                   valise_machine_state_to_word (state));
}

static void
wait_running (ValiseMachine *machine)
{
  g_autoptr (GError) error = NULL;

  valise_machine_wait_state (machine, VALISE_MACHINE_RUNNING, 60000, NULL, &error);
  g_assert_no_error (error);
}

/* --- the child --- */

static int
start_and_wait (const char *path)
{
  ValiseHost *host = valise_host_new (NULL);
  ValiseMachine *machine = valise_machine_new (host, path);
  g_autoptr (GError) error = NULL;
  char byte = 'y';

  if (!valise_host_connect_sync (host, NULL, &error) || !valise_machine_do (machine, VALISE_VERB_START, NULL, &error))
    {
      g_printerr ("%s\n", error->message);
      byte = 'n';
    }
  if (write (STDOUT_FILENO, &byte, 1) != 1 || read (STDIN_FILENO, &byte, 1) < 0)
    return 1;
  g_object_unref (machine);
  g_object_unref (host);
  return 0;
}

typedef struct
{
  GPid pid;
  int in, out;
} Child;

/* Whether this program is to be killed while a guest stands still for a snapshot, an export or its suspend. */
static gboolean is_killed;

#undef virDomainSnapshotCreateXML
virDomainSnapshotPtr
virDomainSnapshotCreateXML (virDomainPtr domain, const char *xml, unsigned int flags)
{
  virDomainSnapshotPtr (*real) (virDomainPtr, const char *, unsigned int);
  virDomainSnapshotPtr snapshot;

  *(void **) &real = dlsym (dlopen ("libvirt.so.0", RTLD_NOW), "virDomainSnapshotCreateXML");
  snapshot = real (domain, xml, flags);
  if (is_killed)
    raise (SIGKILL);
  return snapshot;
}

static int
take_and_be_killed (const char *path)
{
  g_autoptr (ValiseHost) host = engine_fixture_host ();
  g_autoptr (ValiseMachine) machine = valise_machine_new (host, path);
  g_autoptr (GError) error = NULL;

  is_killed = TRUE;
  g_assert_true (valise_machine_load (machine, FALSE, NULL));
  engine_fixture_do (machine, VALISE_VERB_START);
  g_free (valise_machine_take_snapshot (machine, "cut off", NULL, TRUE, NULL, &error));
  g_assert_no_error (error);
  return 1;
}

#undef virDomainBackupBegin
int
virDomainBackupBegin (virDomainPtr domain, const char *backup, const char *checkpoint, unsigned int flags)
{
  int (*real) (virDomainPtr, const char *, const char *, unsigned int);
  int begun;

  *(void **) &real = dlsym (dlopen ("libvirt.so.0", RTLD_NOW), "virDomainBackupBegin");
  begun = real (domain, backup, checkpoint, flags);
  if (is_killed)
    {
      _valise_qemu_jobs_set_speed (domain, "backup", "backup-", 1);
      raise (SIGKILL);
    }
  return begun;
}

static ValiseJob *
new_export (ValiseMachine *machine)
{
  g_autofree char *target = g_build_filename (g_getenv ("VALISE_LIBRARY"), "..", "copy.vmbundle", NULL);
  g_autoptr (GPtrArray) machines = g_ptr_array_new ();
  ValiseExportChoice choice;

  g_ptr_array_add (machines, machine);
  g_assert_true (valise_export_choose (&choice, NULL, target));
  return valise_export_machines_job_new (machines, target, &choice);
}

static int
export_and_be_killed (const char *path)
{
  g_autoptr (ValiseHost) host = engine_fixture_host ();
  g_autoptr (ValiseMachine) machine = valise_machine_new (host, path);
  g_autoptr (ValiseJob) job = NULL;
  g_autoptr (GError) error = NULL;

  is_killed = TRUE;
  g_assert_true (valise_machine_load (machine, FALSE, NULL));
  engine_fixture_do (machine, VALISE_VERB_START);
  job = new_export (machine);
  (void) valise_job_run_sync (job, &error);
  g_assert_no_error (error);
  return 1;
}

static int
ask_threads (virDomainPtr domain, gpointer data)
{
  const char *number = NULL;
  char *answer = NULL;
  int threads;

  g_assert_cmpint (virDomainQemuMonitorCommand (domain,
                                                "{\"execute\":\"qom-get\",\"arguments\":{\"path\":\"/objects/"
                                                "valise-main-loop\",\"property\":\"thread-pool-max\"}}",
                                                &answer, VIR_DOMAIN_QEMU_MONITOR_COMMAND_DEFAULT),
                   ==, 0);
  number = strstr (answer, "\"return\":");
  threads = number != NULL ? atoi (number + strlen ("\"return\":")) : -1;
  free (answer);
  return threads;
}

/* It goes on, and can be exported and suspended. */
static void
find_exporting (const char *path)
{
  g_autoptr (ValiseHost) host = engine_fixture_host ();
  g_autoptr (ValiseMachine) machine = valise_machine_new (host, path);
  g_autoptr (ValiseJob) job = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (valise_machine_load (machine, FALSE, NULL));
  wait_running (machine);
  /* The few with which the copy was to begin are not what is left to it. */
  for (guint i = 0; i < 600 && _valise_machine_call (machine, "", ask_threads, NULL, NULL, 30, NULL, NULL) != 64; i++)
    g_usleep (100000); /* a slow QEMU is put in order later than it is found */
  g_assert_cmpint (_valise_machine_call (machine, "", ask_threads, NULL, NULL, 30, NULL, NULL), ==, 64);
  job = new_export (machine);
  (void) valise_job_run_sync (job, &error);
  g_assert_no_error (error);
  engine_fixture_do (machine, VALISE_VERB_SUSPEND);
}

/* As at the end of a save: its guest stands, its memory is whole, and it is not gone yet. */
#undef virDomainSaveFlags
int
virDomainSaveFlags (virDomainPtr domain, const char *to, const char *xml, unsigned int flags)
{
  static const char whole[64] = "LibvirtQemudSave";
  int (*real) (virDomainPtr, const char *, const char *, unsigned int);

  *(void **) &real = dlsym (dlopen ("libvirt.so.0", RTLD_NOW), "virDomainSaveFlags");
  if (!is_killed)
    return real (domain, to, xml, flags);
  g_assert_cmpint (virDomainSuspend (domain), ==, 0);
  g_assert_true (g_file_set_contents (to, whole, sizeof whole, NULL));
  return raise (SIGKILL);
}

/* Whether libvirt does not say what QEMU is at, as when it is too busy. */
static gboolean is_busy;

#undef virDomainGetJobStats
int
virDomainGetJobStats (virDomainPtr domain, int *type, virTypedParameterPtr *params, int *n_params, unsigned int flags)
{
  int (*real) (virDomainPtr, int *, virTypedParameterPtr *, int *, unsigned int);

  *(void **) &real = dlsym (dlopen ("libvirt.so.0", RTLD_NOW), "virDomainGetJobStats");
  return is_busy ? -1 : real (domain, type, params, n_params, flags);
}

static int
suspend_and_be_killed (const char *path)
{
  g_autoptr (ValiseHost) host = engine_fixture_host ();
  g_autoptr (ValiseMachine) machine = valise_machine_new (host, path);

  g_assert_true (valise_machine_load (machine, FALSE, NULL));
  engine_fixture_do (machine, VALISE_VERB_START);
  is_killed = TRUE;
  engine_fixture_do (machine, VALISE_VERB_SUSPEND);
  return 1;
}

static Child
spawn (const char *path)
{
  const char *argv[] = { "/proc/self/exe", "--start", path, NULL };
  g_autoptr (GError) error = NULL;
  Child child;
  char byte = 0;

  g_spawn_async_with_pipes (NULL, (char **) argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &child.pid, &child.in,
                            &child.out, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (read (child.out, &byte, 1), ==, 1);
  g_assert_cmpint (byte, ==, 'y');
  return child;
}

static void
end (Child *child, int with_signal)
{
  if (with_signal != 0)
    kill (child->pid, with_signal);
  close (child->in);
  close (child->out);
  waitpid (child->pid, NULL, 0);
}

/* --- what is found afterwards --- */

/* A bundle whose asks are settled, made without a connection. */
static char *
make_bundle (const char *name, const char *devices)
{
  g_autoptr (ValiseHost) host = valise_host_new (NULL);
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, name, NULL, devices);

  return g_strdup (valise_machine_get_path (machine));
}

static void
on_flag_cb (gboolean *flag)
{
  *flag = TRUE;
}

/* Found by its path, before its config.xml has been read; its display can be opened, and it obeys. */
static void
find_and_stop (const char *path)
{
  g_autoptr (ValiseHost) host = engine_fixture_host ();
  g_autoptr (ValiseMachine) machine = valise_machine_new (host, path);
  g_autoptr (GError) error = NULL;
  gboolean ready = FALSE;
  char greeting[13] = "";
  int fd;

  g_signal_connect_swapped (machine, "display-ready", G_CALLBACK (on_flag_cb), &ready);
  assert_state (machine, VALISE_MACHINE_RUNNING);
  while (!ready)
    g_main_context_iteration (NULL, TRUE);
  fd = valise_machine_open_display (machine, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (read (fd, greeting, 12), ==, 12);
  g_assert_true (g_str_has_prefix (greeting, "RFB 003"));
  close (fd);
  engine_fixture_do (machine, VALISE_VERB_PAUSE);
  engine_fixture_do (machine, VALISE_VERB_RESUME);
  engine_fixture_do (machine, VALISE_VERB_STOP);
  assert_state (machine, VALISE_MACHINE_OFF);
  engine_fixture_do (machine, VALISE_VERB_START);
  engine_fixture_do (machine, VALISE_VERB_STOP);
}

/* However far the start was when it was killed, the machine is found running or off, and starts again. */
static void
find_whole (const char *path)
{
  g_autoptr (ValiseHost) host = engine_fixture_host ();
  g_autoptr (ValiseMachine) machine = valise_machine_new (host, path);
  ValiseMachineState state;

  g_assert_true (valise_machine_load (machine, FALSE, NULL));
  state = valise_machine_get_state (machine);
  g_print ("# found %s\n", valise_machine_state_to_word (state));
  if (state == VALISE_MACHINE_RUNNING)
    engine_fixture_do (machine, VALISE_VERB_STOP);
  assert_state (machine, VALISE_MACHINE_OFF);
}

/* It goes on; one that is then paused by its user stays so. */
static void
find_going_on (const char *path)
{
  g_autoptr (ValiseHost) host = engine_fixture_host ();
  g_autoptr (ValiseMachine) machine = valise_machine_new (host, path);

  g_assert_true (valise_machine_load (machine, FALSE, NULL));
  wait_running (machine);
  engine_fixture_do (machine, VALISE_VERB_PAUSE);
}

static void
find_paused (const char *path)
{
  g_autoptr (ValiseHost) host = engine_fixture_host ();
  g_autoptr (ValiseMachine) machine = valise_machine_new (host, path);

  g_assert_true (valise_machine_load (machine, FALSE, NULL));
  assert_state (machine, VALISE_MACHINE_PAUSED);
  engine_fixture_do (machine, VALISE_VERB_STOP);
  assert_state (machine, VALISE_MACHINE_OFF);
}

static gboolean
has_memory (const char *path)
{
  g_autofree char *partial = g_build_filename (path, "state", ".suspend.save.partial", NULL);
  g_autofree char *memory = g_build_filename (path, "state", "suspend.save", NULL);

  return g_file_test (partial, G_FILE_TEST_EXISTS) || g_file_test (memory, G_FILE_TEST_EXISTS);
}

static ValiseHost *
busy_host (void)
{
  is_busy = TRUE;
  return engine_fixture_host ();
}

/* What libvirt may still be writing is let be. */
static void
find_unknown (const char *path)
{
  g_autoptr (ValiseHost) host = busy_host ();
  g_autoptr (ValiseMachine) machine = valise_machine_new (host, path);

  g_assert_true (valise_machine_load (machine, FALSE, NULL));
  assert_state (machine, VALISE_MACHINE_PAUSED);
  g_assert_true (has_memory (path));
}

/* It is said why, and nothing is left for whoever comes next. */
static void
fail_to_suspend (ValiseMachine *machine, const char *partial)
{
  g_autofree char *uuid = valise_document_get (valise_machine_get_document (machine), "uuid");
  g_autofree char *mark = g_build_filename (g_getenv ("VALISE_STATE_DIR"), "saved", uuid, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir (partial, 0700), ==, 0);
  g_assert_false (valise_machine_do (machine, VALISE_VERB_SUSPEND, NULL, &error));
  g_print ("# %s\n", error->message);
  g_assert_nonnull (strstr (error->message, partial));
  g_assert_cmpint (g_rmdir (partial), ==, 0);
  g_assert_false (g_file_test (mark, G_FILE_TEST_EXISTS));
}

/* What was written of it is not whole, its user has it go on, and nothing of that is left. */
static void
find_resumed (const char *path)
{
  g_autofree char *partial = g_build_filename (path, "state", ".suspend.save.partial", NULL);
  g_autoptr (ValiseHost) host = NULL;
  g_autoptr (ValiseMachine) machine = NULL;

  g_assert_true (g_file_set_contents (partial, "LibvirtQemudPart", -1, NULL));
  host = busy_host ();
  machine = valise_machine_new (host, path);
  g_assert_true (valise_machine_load (machine, FALSE, NULL));
  engine_fixture_do (machine, VALISE_VERB_RESUME);
  g_assert_false (has_memory (path));
  fail_to_suspend (machine, partial);
  engine_fixture_do (machine, VALISE_VERB_STOP);
  assert_state (machine, VALISE_MACHINE_OFF);
}

/* In a process of its own, because a driver is held to the end of the one that opened it. */
static void
look_for (const char *how, const char *path)
{
  const char *argv[] = { "/proc/self/exe", how, path, NULL };
  g_autoptr (GError) error = NULL;
  int status = 0;

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_spawn_check_wait_status (status, &error);
  g_assert_no_error (error);
}

static void
test_killed (void)
{
  g_autofree char *path =
      make_bundle ("killed", "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>\n");
  Child child = spawn (path);

  end (&child, SIGKILL);
  look_for ("--find", path);
}

static void
test_killed_half_way (void)
{
  g_autofree char *path = make_bundle ("half", NULL);
  Child last;

  for (int i = 1; i <= 7; i++)
    {
      const char *argv[] = { "/proc/self/exe", "--start", path, NULL };
      g_autoptr (GError) error = NULL;
      Child child;

      g_spawn_async_with_pipes (NULL, (char **) argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &child.pid,
                                &child.in, &child.out, NULL, &error);
      g_assert_no_error (error);
      g_usleep (i * 110000);
      end (&child, SIGKILL);
      look_for ("--whole", path);
    }
  last = spawn (path);
  end (&last, SIGKILL);
  look_for ("--find", path);
}

static char *
make_bundle_with_disk (const char *name)
{
  char *path = make_bundle (name, "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>"
                                  "<source file='disks/root.qcow2'/><target dev='vda' bus='virtio'/></disk>");
  g_autofree char *image = g_build_filename (path, "disks", "root.qcow2", NULL);
  const char *const argv[] = { "qemu-io", "-f", "qcow2", "-c", "write -q 0 96M", image, NULL };
  g_autoptr (GError) error = NULL;

  valise_image_create (image, "qcow2", 96 << 20, NULL, &error);
  g_assert_no_error (error);
  valise_process_run (argv, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  return path;
}

/* It kills itself. */
static void
kill_in (const char *how, const char *path)
{
  const char *argv[] = { "/proc/self/exe", how, path, NULL };
  g_autoptr (GError) error = NULL;
  int status = 0;

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);
}

/* A snapshot makes the guest stand still for a moment; killed in it, and the next one lets it go. */
static void
test_killed_in_pause (void)
{
  g_autofree char *path = make_bundle_with_disk ("pause");

  kill_in ("--take", path);
  look_for ("--going-on", path);
  look_for ("--paused", path);
}

/* So does an export, and QEMU would go on copying for nobody. */
static void
test_killed_in_export (void)
{
  g_autofree char *path = make_bundle_with_disk ("export");

  kill_in ("--export", path);
  look_for ("--exporting", path);
}

/* The guest goes on and writes to its disks, and never wakes with what it remembered before. */
static void
test_killed_in_suspend (void)
{
  g_autofree char *path = make_bundle ("suspend", NULL);

  kill_in ("--suspend", path);
  look_for ("--unknown", path);
  look_for ("--going-on", path);
  g_assert_false (has_memory (path));
  look_for ("--paused", path);
  kill_in ("--suspend", path);
  look_for ("--resumed", path);
}

/* The QEMU that libvirt asks what it can do lies in wait in a directory of this kind. */
static char *
find_asked (void)
{
  g_autofree char *directory = g_build_filename (engine_fixture_directory (), "s", "e", "lib", "qemu", NULL);
  g_autoptr (GDir) listing = g_dir_open (directory, 0, NULL);
  const char *name;

  while (listing != NULL && (name = g_dir_read_name (listing)) != NULL)
    if (g_str_has_prefix (name, "qmp-"))
      return g_build_filename (directory, name, "qmp.pid", NULL);
  return NULL;
}

/* The number of its process; 0 when it is not there or has not written it down yet. */
static pid_t
asked_process (void)
{
  g_autofree char *path = find_asked ();
  g_autofree char *text = NULL;

  return path != NULL && g_file_get_contents (path, &text, NULL, NULL) ? atoi (text) : 0;
}

/* A killed process that nobody has waited for yet has its number still, but nothing else. */
static gboolean
has_command_line (pid_t pid)
{
  g_autofree char *line = g_strdup_printf ("/proc/%d/cmdline", pid);
  g_autofree char *text = NULL;

  return g_file_get_contents (line, &text, NULL, NULL) && text != NULL && *text != '\0';
}

static void
test_killed_while_it_asks (void)
{
  g_autofree char *path = make_bundle ("asks", NULL);
  g_autofree char *cache = g_build_filename (engine_fixture_directory (), "s", "e", "cache", NULL);
  g_autofree char *aside = g_strconcat (cache, ".aside", NULL);
  const char *argv[] = { "/proc/self/exe", "--start", path, NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *left = NULL;
  Child child;
  pid_t asked;

  g_test_summary ("A QEMU that was asked what it can do when its asker was killed does not stay for ever");
  g_assert_cmpint (g_rename (cache, aside), ==, 0); /* nothing is known of QEMU yet */
  g_spawn_async_with_pipes (NULL, (char **) argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &child.pid, &child.in,
                            &child.out, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 60000 && asked_process () == 0; i++)
    g_usleep (1000);
  kill (child.pid, SIGSTOP); /* or it might be through before it is killed */
  asked = asked_process ();
  end (&child, SIGKILL);
  g_assert_true (valise_directory_remove (cache, NULL));
  g_assert_cmpint (g_rename (aside, cache), ==, 0);
  if (asked == 0)
    {
      look_for ("--whole", path);
      g_test_skip ("libvirt had its answer before it could be killed");
      return;
    }
  look_for ("--whole", path);
  for (guint i = 0; i < 1000 && has_command_line (asked); i++)
    g_usleep (10000);
  g_assert_false (has_command_line (asked));
  left = find_asked ();
  g_assert_null (left);
}

static void
test_quit (void)
{
  g_autofree char *path = make_bundle ("quit", NULL);
  Child child = spawn (path);

  end (&child, 0);
  look_for ("--find", path);
}

/* While another process holds the machine, the lock names it. */
static void
test_locked (void)
{
  g_autofree char *path = make_bundle ("locked", NULL);
  Child child = spawn (path);
  g_autoptr (ValiseHost) host = valise_host_new (NULL);
  g_autoptr (ValiseMachine) machine = valise_machine_new (host, path);
  g_autofree char *number = g_strdup_printf ("%d", (int) child.pid);
  g_autoptr (ValiseDocument) document = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (valise_machine_load (machine, FALSE, NULL));
  document = valise_document_copy (valise_machine_get_document (machine));
  g_assert_false (valise_machine_apply (machine, document, NULL, NULL, &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_LOCKED);
  g_assert_nonnull (strstr (error->message, number));
  end (&child, SIGKILL);
  look_for ("--find", path);
}

static void
dawdle (gpointer object)
{
  g_usleep (G_USEC_PER_SEC / 2);
}

/* A machine that hears its news late, as on a busy computer, because @listener is told first. */
static ValiseMachine *
make_late_machine (ValiseHost *host, GObject *listener, const char *name, const char *os, const char *devices)
{
  g_autofree char *path = g_strdup_printf ("%s/l/%s.vmbundle", engine_fixture_directory (), name);

  _valise_host_watch (host, path, listener, dawdle);
  return engine_fixture_machine (host, name, os, devices);
}

/* QEMU itself is killed: the machine is off, and what it left is no hindrance. Nobody sees it off before its log is
 * kept and its lock is free. */
static void
test_qemu_killed (void)
{
  g_autoptr (ValiseHost) host = engine_fixture_host ();
  g_autoptr (GObject) listener = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (ValiseMachine) machine =
      make_late_machine (host, listener, "crash", NULL,
                         "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>\n");
  g_autofree char *uuid = valise_document_get (valise_machine_get_document (machine), "uuid");
  g_autofree char *pid_file = g_strdup_printf ("%s/s/e/run/qemu/vm-%s.pid", engine_fixture_directory (), uuid);
  g_autofree char *log = g_build_filename (valise_machine_get_path (machine), "logs", "qemu.log", NULL);
  g_autofree char *text = NULL;
  g_autoptr (ValiseLock) lock = NULL;
  g_autoptr (GError) error = NULL;

  engine_fixture_do (machine, VALISE_VERB_START);
  g_file_get_contents (pid_file, &text, NULL, &error);
  g_assert_no_error (error);
  kill (atoi (text), SIGKILL);
  valise_machine_wait_state (machine, VALISE_MACHINE_OFF, 90000, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_test (log, G_FILE_TEST_EXISTS));
  lock = valise_lock_take (valise_machine_get_path (machine), "editing", &error);
  g_assert_no_error (error);
  g_clear_pointer (&lock, valise_lock_free);
  engine_fixture_do (machine, VALISE_VERB_START);
  engine_fixture_do (machine, VALISE_VERB_STOP);
}

/* Without the program there is a plain word about it, and the machine stays off. */
static void
test_no_qemu (void)
{
  g_autoptr (ValiseHost) host = engine_fixture_host ();
  g_autoptr (ValiseMachine) machine =
      engine_fixture_machine (host, "other", "<os><type arch='s390x' machine='s390-ccw-virtio'>hvm</type></os>", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (valise_machine_do (machine, VALISE_VERB_START, NULL, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_NO_QEMU);
  assert_state (machine, VALISE_MACHINE_OFF);
}

/* A boot sector that writes to its disk for ever, 32 KiB at a time. */
static const guint8 writer[] = {
  0x31, 0xc0, 0x8e, 0xd8,             /* xor ax,ax; mov ds,ax */
  0xbe, 0x20, 0x7c,                   /* again: mov si,packet */
  0xb8, 0x00, 0x43, 0xb2, 0x80,       /* mov ax,4300h; mov dl,80h */
  0xcd, 0x13,                         /* int 13h */
  0x66, 0x83, 0x06, 0x28, 0x7c, 0x40, /* add dword [packet+8],64 */
  0xeb, 0xee,                         /* jmp again */
  0,    0,    0,    0,    0,    0,    0, 0, 0,    0,
  0x10, 0,    0x40, 0,    0,    0x7c, 0, 0, 0x40, 0, /* packet: 64 sectors from 7c00h to sector 64 */
};

static gboolean
write_boot_disk (const char *path)
{
  g_autofree guint8 *sector = g_malloc0 (512);
  int fd = g_open (path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  gboolean done;

  memcpy (sector, writer, sizeof writer);
  sector[510] = 0x55;
  sector[511] = 0xaa;
  done = fd >= 0 && write (fd, sector, 512) == 512 && ftruncate (fd, 256 << 20) == 0;
  close (fd);
  return done;
}

/* A full disk pauses the machine and says so; with space again it goes on. */
static void
test_disk_full (void)
{
  static const char os[] = "<os><type arch='x86_64' machine='q35'>hvm</type><boot dev='hd'/></os>";
  static const char disk[] = "<disk type='file' device='disk'><driver name='qemu' type='raw'/>"
                             "<source file='disks/root.img'/><target dev='vda' bus='virtio'/></disk>\n";
  g_autoptr (ValiseHost) host = engine_fixture_host ();
  g_autoptr (GObject) listener = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (ValiseMachine) machine = make_late_machine (host, listener, "full", os, disk);
  g_autofree char *disks = g_build_filename (valise_machine_get_path (machine), "disks", NULL);
  g_autofree char *image = g_build_filename (disks, "root.img", NULL);
  g_autofree char *reason = NULL;
  g_autoptr (GError) said = NULL;
  g_autoptr (GError) said_later = NULL;
  g_autoptr (GError) error = NULL;

  if (mount ("none", disks, "tmpfs", 0, "size=4m") < 0)
    {
      g_test_skip ("only root can mount the small file system that this fills");
      return;
    }
  g_assert_true (write_boot_disk (image));
  engine_fixture_do (machine, VALISE_VERB_START);
  valise_machine_wait_state (machine, VALISE_MACHINE_PAUSED, 90000, NULL, &error);
  g_assert_no_error (error);
  g_object_get (machine, "pause-reason", &reason, NULL);
  g_assert_nonnull (reason);
  g_test_message ("%s", reason);
  g_assert_nonnull (strstr (reason, "full"));
  said = valise_machine_dup_error (machine);
  g_assert_error (said, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_SPACE);

  g_assert_cmpint (mount ("none", disks, "tmpfs", MS_REMOUNT, "size=512m"), ==, 0);
  engine_fixture_do (machine, VALISE_VERB_RESUME);
  said_later = valise_machine_dup_error (machine);
  g_assert_no_error (said_later);
  engine_fixture_do (machine, VALISE_VERB_STOP);
  g_assert_cmpint (umount (disks), ==, 0);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *how;
    void (*look) (const char *path);
  } looks[] = {
    { "--find", find_and_stop },   { "--whole", find_whole },         { "--going-on", find_going_on },
    { "--paused", find_paused },   { "--exporting", find_exporting }, { "--unknown", find_unknown },
    { "--resumed", find_resumed },
  };
  int result;

  if (argc > 2 && g_str_equal (argv[1], "--start"))
    return start_and_wait (argv[2]);
  if (argc > 2 && g_str_equal (argv[1], "--take"))
    return take_and_be_killed (argv[2]);
  if (argc > 2 && g_str_equal (argv[1], "--export"))
    return export_and_be_killed (argv[2]);
  if (argc > 2 && g_str_equal (argv[1], "--suspend"))
    return suspend_and_be_killed (argv[2]);
  for (guint i = 0; argc > 2 && i < G_N_ELEMENTS (looks); i++)
    if (g_str_equal (argv[1], looks[i].how))
      {
        looks[i].look (argv[2]);
        return 0;
      }
  g_test_init (&argc, &argv, NULL);
  engine_fixture_begin ();
  engine_fixture_enter_mounts ();
  g_test_add_func ("/engine/survival/killed", test_killed);
  g_test_add_func ("/engine/survival/killed-half-way", test_killed_half_way);
  g_test_add_func ("/engine/survival/killed-in-pause", test_killed_in_pause);
  g_test_add_func ("/engine/survival/killed-in-export", test_killed_in_export);
  g_test_add_func ("/engine/survival/killed-in-suspend", test_killed_in_suspend);
  g_test_add_func ("/engine/survival/killed-while-it-asks", test_killed_while_it_asks);
  g_test_add_func ("/engine/survival/quit", test_quit);
  g_test_add_func ("/engine/survival/locked", test_locked);
  g_test_add_func ("/engine/survival/qemu-killed", test_qemu_killed);
  g_test_add_func ("/engine/survival/no-qemu", test_no_qemu);
  g_test_add_func ("/engine/survival/disk-full", test_disk_full);
  result = g_test_run ();
  engine_fixture_end ();
  return result;
}
