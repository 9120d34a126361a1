/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A machine is suspended and woken again and again, stopped at moments of no choice with all that works on it, and
 * copied as it lies there, as after a power cut. On the copy, as on the computer after it, the machine is suspended or
 * off, and goes on or starts with its two disks as they were together. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "base/valise-process.h"
#include "engine-fixture.h"
#include "journal-guest.h"

/* Or a fifth of VALISE_KILLS. */
#define FREEZES 4
#define KILLS 2
#define PATIENCE_US (60 * G_USEC_PER_SEC)

/* What is being done, and how the one that does it says so. */
enum
{
  SUSPENDING,
  WAKING,
  N_PHASES,
};
static const char phases[N_PHASES] = "sw";

static const char hard_disk[] = "<os><type arch='x86_64' machine='q35'>hvm</type></os>";
static const char disks[] = "<disk type='file' device='disk'><driver name='qemu' type='raw'/>"
                            "<source file='disks/one.img'/><target dev='vda' bus='virtio'/><boot order='1'/></disk>"
                            "<disk type='file' device='disk'><driver name='qemu' type='raw'/>"
                            "<source file='disks/two.img'/><target dev='vdb' bus='virtio'/><boot order='2'/></disk>";

static char *
disk (const char *bundle, const char *name)
{
  return g_build_filename (bundle, "disks", name, NULL);
}

static guint32
check_journal (const char *bundle)
{
  g_autofree char *one = disk (bundle, "one.img"), *two = disk (bundle, "two.img");

  return journal_guest_check (one, "raw", two, "raw");
}

/* --- what is stopped --- */

static void G_GNUC_NORETURN
work (const char *path)
{
  ValiseHost *host = engine_fixture_host ();
  ValiseMachine *machine = valise_machine_new (host, path);
  g_autofree char *one = disk (path, "one.img");

  prctl (PR_SET_PDEATHSIG, SIGKILL);
  g_assert_true (valise_machine_load (machine, FALSE, NULL));
  if (!valise_machine_is_live (machine))
    engine_fixture_do (machine, VALISE_VERB_START);
  journal_guest_wait (one, 2 * JOURNAL_GUEST_RING);
  for (;;)
    {
      g_assert_cmpint (write (STDOUT_FILENO, &phases[SUSPENDING], 1), ==, 1);
      engine_fixture_do (machine, VALISE_VERB_SUSPEND);
      g_assert_cmpint (write (STDOUT_FILENO, &phases[WAKING], 1), ==, 1);
      engine_fixture_do (machine, VALISE_VERB_START);
    }
}

/* --- on the copy, in a process of its own, because a driver stays with its state directory --- */

static void
assert_not_newer (const char *bundle, const char *name, const char *memory)
{
  g_autofree char *file = disk (bundle, name);
  struct stat written, saved;

  g_assert_cmpint (stat (file, &written), ==, 0);
  g_assert_cmpint (stat (memory, &saved), ==, 0);
  if (written.st_mtim.tv_sec == saved.st_mtim.tv_sec)
    g_assert_cmpint (written.st_mtim.tv_nsec, <=, saved.st_mtim.tv_nsec);
  else
    g_assert_cmpint (written.st_mtim.tv_sec, <, saved.st_mtim.tv_sec);
}

/* Memory that is there belongs to the disks as they are: nothing was written to them since. */
static void
check_asleep (const char *bundle)
{
  g_autofree char *memory = g_build_filename (bundle, "state", "suspend.save", NULL);

  assert_not_newer (bundle, "one.img", memory);
  assert_not_newer (bundle, "two.img", memory);
}

static int
look_at (const char *path)
{
  g_autoptr (ValiseHost) host = engine_fixture_host ();
  g_autoptr (ValiseMachine) machine = valise_machine_new (host, path);
  g_autofree char *one = disk (path, "one.img");
  g_autofree char *said = NULL;
  g_autoptr (GError) error = NULL;
  guint32 then = check_journal (path);
  ValiseMachineState state;
  char word[5];

  valise_machine_load (machine, FALSE, &error);
  g_assert_no_error (error);
  state = valise_machine_get_state (machine);
  if (state == VALISE_MACHINE_SUSPENDED)
    check_asleep (path);
  else
    g_assert_cmpint (state, ==, VALISE_MACHINE_OFF);
  engine_fixture_do (machine, VALISE_VERB_START);
  said = valise_machine_take_notice (machine);
  journal_guest_wait (one, then + JOURNAL_GUEST_RING);
  if (state == VALISE_MACHINE_OFF)
    {
      g_assert_cmpuint (journal_guest_read_verdict (one, word), ==, then);
      g_assert_cmpstr (word, ==, "GOOD");
    }
  engine_fixture_do (machine, VALISE_VERB_STOP);
  g_assert_cmpuint (check_journal (path), >, then);
  printf ("%s%s\n", valise_machine_state_to_word (state), said != NULL ? " said" : "");
  return 0;
}

/* Where only who suspended it was killed: its guest sleeps or goes on, and then no memory of before is left. One that was
 * being woken already may stand until its user has it go on. */
static int
look_on (const char *path, gboolean woken)
{
  g_autoptr (ValiseHost) host = engine_fixture_host ();
  g_autoptr (ValiseMachine) machine = valise_machine_new (host, path);
  g_autofree char *one = disk (path, "one.img");
  g_autofree char *partial = g_build_filename (path, "state", ".suspend.save.partial", NULL);
  g_autofree char *memory = g_build_filename (path, "state", "suspend.save", NULL);
  g_autoptr (GError) error = NULL;
  gboolean sleeps;

  valise_machine_load (machine, FALSE, &error);
  g_assert_no_error (error);
  sleeps = valise_machine_get_state (machine) == VALISE_MACHINE_SUSPENDED;
  if (sleeps)
    {
      check_asleep (path);
      engine_fixture_do (machine, VALISE_VERB_START);
    }
  else if (woken && valise_machine_get_state (machine) == VALISE_MACHINE_PAUSED)
    engine_fixture_do (machine, VALISE_VERB_RESUME);
  valise_machine_wait_state (machine, VALISE_MACHINE_RUNNING, 60000, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (g_file_test (partial, G_FILE_TEST_EXISTS) || g_file_test (memory, G_FILE_TEST_EXISTS));
  journal_guest_wait (one, journal_guest_newest (one) + JOURNAL_GUEST_RING);
  printf ("%s\n", sleeps ? "sleeps" : "goes on");
  return 0;
}

/* --- stopping --- */

/* Whether it works on what lies in our directory. */
static gboolean
is_ours (const char *number)
{
  g_autofree char *file = g_build_filename ("/proc", number, "cmdline", NULL);
  g_autofree char *line = NULL;
  gsize length = 0;

  return g_file_get_contents (file, &line, &length, NULL) && line != NULL
         && memmem (line, length, engine_fixture_directory (), strlen (engine_fixture_directory ())) != NULL;
}

static gboolean
thread_stands (const char *number, const char *thread)
{
  g_autofree char *file = g_build_filename ("/proc", number, "task", thread, "stat", NULL);
  g_autofree char *text = NULL;
  const char *end;

  if (!g_file_get_contents (file, &text, NULL, NULL) || (end = strrchr (text, ')')) == NULL)
    return TRUE;
  return strchr ("TtZX", end[2]) != NULL;
}

/* A thread that waits for the medium ends its call first. */
static gboolean
stands (const char *number)
{
  g_autofree char *folder = g_build_filename ("/proc", number, "task", NULL);
  g_autoptr (GDir) threads = g_dir_open (folder, 0, NULL);
  const char *thread;

  while (threads != NULL && (thread = g_dir_read_name (threads)) != NULL)
    if (!thread_stands (number, thread))
      return FALSE;
  return TRUE;
}

/* How many of them did not stand yet. */
static guint
signal_all (int number)
{
  g_autoptr (GDir) processes = g_dir_open ("/proc", 0, NULL);
  const char *name;
  guint moving = 0;

  while ((name = g_dir_read_name (processes)) != NULL)
    if (g_ascii_isdigit (name[0]) && is_ours (name))
      {
        moving += !stands (name);
        kill ((pid_t) g_ascii_strtoll (name, NULL, 10), number);
      }
  return moving;
}

static void
freeze (void)
{
  gint64 late = g_get_monotonic_time () + PATIENCE_US;

  while (signal_all (SIGSTOP) > 0)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, late);
      g_usleep (1000);
    }
}

/* --- copying --- */

/* A record names a file or folder by its number, which after a power cut is what it was. */
static void
carry_record (const char *record, const char *from, const char *to)
{
  static const char *const names[] = { "", "suspend.save", ".suspend.save.partial" };
  g_autofree char *text = NULL;
  uintmax_t device, inode;
  const char *rest;

  if (!g_file_get_contents (record, &text, NULL, NULL))
    return;
  g_assert_cmpint (sscanf (text, "%ju:%ju", &device, &inode), ==, 2);
  rest = strpbrk (text, " \n");
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *original = g_build_filename (from, "state", names[i], NULL);
      g_autofree char *copy = g_build_filename (to, "state", names[i], NULL);
      g_autofree char *carried = NULL;
      struct stat here, there;

      if (lstat (original, &here) != 0 || here.st_ino != inode)
        continue;
      g_assert_cmpint (lstat (copy, &there), ==, 0);
      carried = g_strdup_printf ("%ju:%ju%s", (uintmax_t) there.st_dev, (uintmax_t) there.st_ino, rest);
      g_assert_true (g_file_set_contents (record, carried, -1, NULL));
      return;
    }
}

/* What this computer remembers is copied, too, but where machines lie. */
static char *
copy_all (ValiseMachine *machine)
{
  static const char script[] =
      "mkdir -p c/s/e c/r && cp -a l c/l && cp -P s/e/cache c/s/e/ && "
      "for part in s/*; do case $part in s/e|s/identities*) ;; *) cp -a $part c/s/;; esac; done";
  const char *const argv[] = { "sh", "-ec", script, NULL };
  g_autofree char *name = g_path_get_basename (valise_machine_get_path (machine));
  char *copy = g_build_filename (engine_fixture_directory (), "c", "l", name, NULL);
  g_autofree char *uuid = valise_document_get (valise_machine_get_document (machine), "uuid");
  g_autofree char *record = g_build_filename (engine_fixture_directory (), "c", "s", "suspended", uuid, NULL);
  g_autofree char *begun = g_strconcat (record, ".begun", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (chdir (engine_fixture_directory ()), ==, 0);
  valise_process_run (argv, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  carry_record (record, valise_machine_get_path (machine), copy);
  carry_record (begun, valise_machine_get_path (machine), copy);
  return copy;
}

static char *
run (const char *how, const char *path, char **environment)
{
  const char *argv[] = { "/proc/self/exe", how, path, NULL };
  g_autoptr (GError) error = NULL;
  char *output = NULL;
  int status = -1;

  g_spawn_sync (NULL, (char **) argv, environment, G_SPAWN_DEFAULT, NULL, NULL, &output, NULL, &status, &error);
  g_assert_no_error (error);
  g_spawn_check_wait_status (status, &error);
  g_assert_no_error (error);
  return output;
}

static char *
look (const char *copy)
{
  const char *const names[] = { "VALISE_STATE_DIR", "s", "VALISE_LIBRARY", "l", "XDG_RUNTIME_DIR", "r" };
  g_auto (GStrv) environment = g_get_environ ();

  for (guint i = 0; i < G_N_ELEMENTS (names); i += 2)
    {
      g_autofree char *path = g_build_filename (engine_fixture_directory (), "c", names[i + 1], NULL);

      environment = g_environ_setenv (environment, names[i], path, TRUE);
    }
  return run ("--look", copy, environment);
}

static ValiseMachine *
make (ValiseHost *host, const char *name)
{
  ValiseMachine *machine = engine_fixture_machine (host, name, hard_disk, disks);
  g_autofree char *one = disk (valise_machine_get_path (machine), "one.img");
  g_autofree char *two = disk (valise_machine_get_path (machine), "two.img");

  g_assert_true (g_file_set_contents (one, "", 0, NULL) && g_file_set_contents (two, "", 0, NULL));
  g_assert_true (truncate (one, 1 << 20) == 0 && truncate (two, 1 << 20) == 0);
  journal_guest_install (one);
  return machine;
}

static pid_t
begin (const char *path, int *out)
{
  const char *argv[] = { "/proc/self/exe", "--work", path, NULL };
  g_autoptr (GError) error = NULL;
  GPid pid;

  g_spawn_async_with_pipes (NULL, (char **) argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid, NULL, out, NULL,
                            &error);
  g_assert_no_error (error);
  return pid;
}

static gboolean
has_said (int out)
{
  struct pollfd poller = { out, POLLIN, 0 };

  return poll (&poller, 1, 0) > 0;
}

static void
wait_for_phase (int out, char phase)
{
  char byte = 0;

  /* What was said while nobody listened. */
  while (has_said (out))
    g_assert_cmpint (read (out, &byte, 1), ==, 1);
  do
    g_assert_cmpint (read (out, &byte, 1), ==, 1);
  while (byte != phase);
}

/* @limit follows what the phase takes, in microseconds. */
static void
freeze_within (int out, char phase, double *limit)
{
  wait_for_phase (out, phase);
  g_usleep (g_test_rand_double_range (0, *limit));
  freeze ();
  *limit = CLAMP (*limit * (has_said (out) ? 0.8 : 1.1), 5000, 10e6);
}

static void
test_suspend (void)
{
  const char *wanted = g_getenv ("VALISE_KILLS");
  guint count = wanted != NULL ? (guint) g_ascii_strtoull (wanted, NULL, 10) / 5 : FREEZES;
  g_autoptr (ValiseHost) host = valise_host_new (NULL);
  g_autoptr (ValiseMachine) machine = make (host, "Sleeper");
  g_autofree char *copies = g_build_filename (engine_fixture_directory (), "c", NULL);
  guint suspended = 0, said = 0;
  double limits[N_PHASES] = { 300e3, 600e3 };
  int out = -1;
  pid_t child = begin (valise_machine_get_path (machine), &out);

  for (guint i = 0; i < count; i++)
    {
      g_autofree char *copy = NULL, *found = NULL;

      freeze_within (out, phases[i % N_PHASES], &limits[i % N_PHASES]);
      copy = copy_all (machine);
      signal_all (SIGCONT);
      found = look (copy);
      suspended += g_str_has_prefix (found, "suspended");
      said += strstr (found, "said") != NULL;
      g_assert_true (valise_directory_remove (copies, NULL));
    }
  g_assert_cmpint (waitpid (child, NULL, WNOHANG), ==, 0);
  freeze ();
  kill (child, SIGKILL);
  waitpid (child, NULL, 0);
  signal_all (SIGKILL);
  close (out);
  g_test_message ("frozen and copied %u times: %u times it was suspended, else off; %u times it was said what had "
                  "happened; nothing lost",
                  count, suspended, said);
  g_test_message ("survived: %u freezes", count);
}

/* Returns whether it had come to an end before. */
static gboolean
kill_within (const char *path, double limit)
{
  int out = -1;
  pid_t child = begin (path, &out);
  gboolean late;
  char byte;

  wait_for_phase (out, phases[SUSPENDING]);
  g_usleep ((gulong) g_test_rand_double_range (0, limit));
  kill (child, SIGKILL);
  waitpid (child, NULL, 0);
  late = read (out, &byte, 1) == 1;
  close (out);
  return late;
}

/* Only who suspends it; QEMU stays. */
static void
test_killed (void)
{
  const char *wanted = g_getenv ("VALISE_KILLS");
  guint count = wanted != NULL ? (guint) g_ascii_strtoull (wanted, NULL, 10) / 5 : KILLS;
  g_autoptr (ValiseHost) host = valise_host_new (NULL);
  g_autoptr (ValiseMachine) machine = make (host, "Roused");
  const char *path = valise_machine_get_path (machine);
  guint sleeping = 0;
  double limit = 200e3;

  for (guint i = 0; i < count; i++)
    {
      gboolean late = kill_within (path, limit);
      g_autofree char *found = run (late ? "--look-awake" : "--look-on", path, NULL);

      limit = CLAMP (limit * (late ? 0.8 : 1.1), 5000, 10e6);
      sleeping += g_str_has_prefix (found, "sleeps");
    }
  g_test_message ("killed %u times while it suspended: %u times its guest slept, else it went on; nothing lost", count,
                  sleeping);
  g_test_message ("survived: %u kills", count);
}

int
main (int argc, char **argv)
{
  int result;

  if (argc > 2 && g_str_equal (argv[1], "--work"))
    work (argv[2]);
  if (argc > 2 && g_str_equal (argv[1], "--look"))
    return look_at (argv[2]);
  if (argc > 2 && g_str_equal (argv[1], "--look-on"))
    return look_on (argv[2], FALSE);
  if (argc > 2 && g_str_equal (argv[1], "--look-awake"))
    return look_on (argv[2], TRUE);
  g_test_init (&argc, &argv, NULL);
  engine_fixture_begin ();
  g_test_add_func ("/engine/freeze/suspend", test_suspend);
  g_test_add_func ("/engine/freeze/killed", test_killed);
  result = g_test_run ();
  engine_fixture_end ();
  return result;
}
