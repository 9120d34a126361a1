/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A guest of Linux with QEMU's guest agent is exported while it writes: with an agent that answers, that stands still,
 * that dies at the worst moment, and without one. Whatever comes of the export, the guest goes on writing. */
#include <dlfcn.h>
#include <libvirt/libvirt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "engine-fixture.h"
#include "engine/valise-engine-error.h"
#include "engine/valise-export.h"
#include "linux-guest.h"

#define LINES 20
#define TRIES 5
#define LONGEST_PAUSE_MS 1000

static ValiseHost *host;
static ValiseMachine *machine;
static virConnectPtr connection; /* beside the engine's */

/* --- what happens at a moment that is not ours to choose --- */

typedef void (*Happen) (void);

/* Once. */
static Happen before_freeze, before_pause, at_copy;
static gint copies_refused;
static ValiseJob *cancelled;

static void
happen (Happen *what)
{
  Happen now = *what;

  *what = NULL;
  if (now != NULL)
    now ();
}

static void *
libvirt (const char *name)
{
  return dlsym (dlopen ("libvirt.so.0", RTLD_NOW), name);
}

int
virDomainFSFreeze (virDomainPtr domain, const char **points, unsigned int n_points, unsigned int flags)
{
  int (*real) (virDomainPtr, const char **, unsigned int, unsigned int);

  happen (&before_freeze);
  *(void **) &real = libvirt ("virDomainFSFreeze");
  return real (domain, points, n_points, flags);
}

int
virDomainSuspend (virDomainPtr domain)
{
  int (*real) (virDomainPtr);

  happen (&before_pause);
  *(void **) &real = libvirt ("virDomainSuspend");
  return real (domain);
}

int
virDomainBackupBegin (virDomainPtr domain, const char *backup, const char *checkpoint, unsigned int flags)
{
  int (*real) (virDomainPtr, const char *, const char *, unsigned int);
  int begun;

  if (g_atomic_int_compare_and_exchange (&copies_refused, TRUE, FALSE))
    return -1;
  *(void **) &real = libvirt ("virDomainBackupBegin");
  begun = real (domain, backup, checkpoint, flags);
  happen (&at_copy);
  return begun;
}

/* --- the guest --- */

static const char *
bundle (void)
{
  return valise_machine_get_path (machine);
}

static void
connect (void)
{
  host = engine_fixture_host ();
  connection = virConnectOpen (valise_host_get_uri (host));
  g_assert_nonnull (connection);
}

static void
end (void)
{
  if (machine == NULL)
    return;
  engine_fixture_do (machine, VALISE_VERB_STOP);
  g_clear_object (&machine);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  virConnectClose (connection);
  g_clear_object (&host);
}

static void
check_goes_on (void)
{
  g_assert_cmpint (valise_machine_get_state (machine), ==, VALISE_MACHINE_RUNNING);
  linux_guest_wait (bundle (), linux_guest_count (bundle ()) + LINES);
}

/* libvirt is told by QEMU when somebody in the guest opens the agent's port. */
static gboolean
agent_is_there (void)
{
  virDomainPtr *domains = NULL;
  char *xml;
  gboolean there;

  g_assert_cmpint (virConnectListAllDomains (connection, &domains, VIR_CONNECT_LIST_DOMAINS_ACTIVE), ==, 1);
  xml = virDomainGetXMLDesc (domains[0], 0);
  there = strstr (xml, "state='connected'") != NULL;
  free (xml);
  virDomainFree (domains[0]);
  free (domains);
  return there;
}

static void
wait_for_agent (gboolean there)
{
  gint64 late = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;

  while (agent_is_there () != there)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, late);
      g_usleep (20000);
    }
}

/* --- exports --- */

typedef struct
{
  char *out;
  char *target;
} Fixture;

static void
set_up_target (Fixture *self, gconstpointer unused)
{
  g_autofree char *directory = g_path_get_dirname (g_getenv ("VALISE_LIBRARY"));

  self->out = g_build_filename (directory, "out", NULL);
  self->target = g_build_filename (self->out, "Copy.vmbundle", NULL);
  g_assert_cmpint (g_mkdir_with_parents (self->out, 0700), ==, 0);
}

/* The guest runs already, unless the test that starts it was left out. */
static void
set_up (Fixture *self, gconstpointer unused)
{
  if (machine == NULL)
    {
      connect ();
      machine = linux_guest_new (host, "Writer");
      engine_fixture_do (machine, VALISE_VERB_START);
      linux_guest_wait (bundle (), LINES);
    }
  set_up_target (self, NULL);
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  g_assert_true (valise_directory_remove (self->out, NULL));
  g_free (self->target);
  g_free (self->out);
}

static ValiseJob *
new_job (Fixture *self)
{
  g_autoptr (GPtrArray) machines = g_ptr_array_new ();
  ValiseExportChoice choice;

  g_ptr_array_add (machines, machine);
  g_assert_true (valise_export_choose (&choice, NULL, self->target));
  return valise_export_machines_job_new (machines, self->target, &choice);
}

/* What was said of the moment. */
static char *
dup_moment (ValiseJob *job)
{
  g_autoptr (GPtrArray) report = valise_export_job_get_report (job);

  for (guint i = 0; i < report->len; i++)
    if (g_str_has_prefix (((ValiseFinding *) report->pdata[i])->code, "moment-"))
      return g_strdup (((ValiseFinding *) report->pdata[i])->code);
  return NULL;
}

static void export(Fixture *self, const char *moment)
{
  g_autoptr (ValiseJob) job = new_job (self);
  g_autofree char *said = NULL;
  g_autoptr (GError) error = NULL;

  valise_job_run_sync (job, &error);
  g_assert_no_error (error);
  said = dup_moment (job);
  g_assert_cmpstr (said, ==, moment);
}

static void
fail_to_export (Fixture *self, ValiseJob *job, GQuark domain, int code, const char *part)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (valise_job_run_sync (job, &error));
  g_assert_error (error, domain, code);
  if (part != NULL)
    g_assert_nonnull (strstr (error->message, part));
  g_assert_false (g_file_test (self->target, G_FILE_TEST_EXISTS));
}

static void
survive (void)
{
  check_goes_on ();
  g_test_message ("survived: 1 faults");
}

/* --- an agent that answers --- */

/* How long at most no line came, on our clock: the guest's own stands still while it is paused. */
typedef struct
{
  GThread *thread;
  gint ended;
  gint64 longest;
} Watch;

static gpointer
watch (gpointer data)
{
  Watch *self = data;
  gint64 since = g_get_monotonic_time ();
  guint lines = linux_guest_count (bundle ());

  while (!g_atomic_int_get (&self->ended))
    {
      guint now = linux_guest_count (bundle ());

      if (now != lines)
        since = g_get_monotonic_time ();
      lines = now;
      self->longest = MAX (self->longest, g_get_monotonic_time () - since);
      g_usleep (2000);
    }
  return NULL;
}

static void
begin_watch (Watch *self)
{
  self->thread = g_thread_new ("watch", watch, self);
}

/* The longest, in milliseconds. */
static guint
end_watch (Watch *self)
{
  g_atomic_int_set (&self->ended, TRUE);
  g_thread_join (self->thread);
  return (guint) (self->longest / 1000);
}

/* @usual: how long it was while nothing was exported, for as long. */
static guint
export_watched (Fixture *self, guint *usual)
{
  gint64 begun = g_get_monotonic_time ();
  Watch exporting = { 0 }, idle = { 0 };
  guint pause;

  begin_watch (&exporting);
  export(self, "moment-frozen");
  pause = end_watch (&exporting);
  begin_watch (&idle);
  g_usleep ((gulong) (g_get_monotonic_time () - begun));
  *usual = end_watch (&idle);
  return pause;
}

static void
check_frozen_copy (Fixture *self)
{
  g_assert_false (linux_guest_needs_recovery (self->target, LINUX_GUEST_ONE));
  g_assert_false (linux_guest_needs_recovery (self->target, LINUX_GUEST_TWO));
  linux_guest_check_clean (self->target);
  g_assert_cmpuint (linux_guest_check_journals (self->target), >=, LINES);
}

/* A busy computer may let the guest wait for its own reasons, but not each time, and then also without an export. */
static void
test_frozen (Fixture *self, gconstpointer unused)
{
  guint pause = G_MAXUINT, bound = LONGEST_PAUSE_MS, usual;

  wait_for_agent (TRUE);
  for (guint i = 0; i < TRIES && pause >= bound; i++)
    {
      g_assert_true (valise_directory_remove (self->out, NULL) && g_mkdir_with_parents (self->out, 0700) == 0);
      pause = export_watched (self, &usual);
      bound = MAX (LONGEST_PAUSE_MS, 3 * usual);
      check_goes_on ();
      check_frozen_copy (self);
    }
  g_assert_cmpuint (pause, <, bound);
  g_test_message ("told: a guest whose agent froze two file systems for an export wrote nothing for %u ms", pause);
}

static void
boot_copy (const char *made)
{
  g_autoptr (ValiseMachine) copy = engine_fixture_import (host, made, "Booted");
  const char *path = valise_machine_get_path (copy);
  guint then = linux_guest_check_journals (path);

  /* What its original said. */
  linux_guest_tell (path, BOARD_NOTHING);
  engine_fixture_do (copy, VALISE_VERB_START);
  linux_guest_wait (path, then + LINES);
  g_assert_cmpuint (linux_guest_listen (path).whole, ==, 1);
  g_assert_cmpuint (linux_guest_listen (path).found, ==, then);
  engine_fixture_do (copy, VALISE_VERB_STOP);
  g_assert_true (valise_directory_remove (path, NULL));
}

static void
test_boots (Fixture *self, gconstpointer unused)
{
  const char *wanted = g_getenv ("VALISE_EXPORTS");
  guint count = wanted != NULL ? (guint) g_ascii_strtoull (wanted, NULL, 10) : 1;

  wait_for_agent (TRUE);
  for (guint i = 0; i < count; i++)
    {
      g_assert_true (valise_directory_remove (self->out, NULL) && g_mkdir_with_parents (self->out, 0700) == 0);
      export(self, "moment-frozen");
      check_frozen_copy (self);
      boot_copy (self->target);
      check_goes_on ();
    }
  g_test_message (
      "told: a Linux guest was exported %u times while it wrote, frozen by its agent, and booted clean %u times", count,
      count);
}

/* --- what goes wrong while it is frozen --- */

static void
die (void)
{
  kill (getpid (), SIGKILL);
}

/* In a process of its own: has the guest frozen, and nobody thaws it. */
static int
work (const char *path)
{
  Fixture self = { 0 };
  g_autoptr (ValiseJob) job = NULL;

  connect ();
  machine = valise_machine_new (host, path);
  g_assert_true (valise_machine_load (machine, FALSE, NULL));
  engine_fixture_do (machine, VALISE_VERB_START);
  linux_guest_wait (bundle (), LINES);
  wait_for_agent (TRUE);
  set_up_target (&self, NULL);
  job = new_job (&self);
  before_pause = die;
  valise_job_run_sync (job, NULL);
  return 1;
}

static char *
make_bundle (void)
{
  g_autoptr (ValiseHost) nobody = valise_host_new (NULL);
  g_autoptr (ValiseMachine) made = linux_guest_new (nobody, "Writer");

  return g_strdup (valise_machine_get_path (made));
}

/* The guest that all of them use was started, and left frozen, by somebody who is dead. */
static void
test_killed (Fixture *self, gconstpointer unused)
{
  const char *argv[] = { "/proc/self/exe", "--work", NULL, NULL };
  gint64 then = g_get_monotonic_time ();
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  int status = 0;
  guint lines;

  path = make_bundle ();
  argv[2] = path;
  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);
  g_test_message ("It was dead after %.1f s", (double) (g_get_monotonic_time () - then) / G_USEC_PER_SEC);
  /* What was written just before it was frozen is said in its next turn. */
  linux_guest_ask (path, BOARD_NOTHING);
  lines = linux_guest_count (path);
  g_usleep (G_USEC_PER_SEC / 2);
  g_assert_cmpuint (linux_guest_count (path), ==, lines);
  connect ();
  machine = valise_machine_new (host, path);
  g_assert_true (valise_machine_load (machine, FALSE, NULL));
  survive ();
}

static void
test_refused (Fixture *self, gconstpointer unused)
{
  g_autoptr (ValiseJob) job = new_job (self);
  g_autoptr (GError) error = NULL;

  wait_for_agent (TRUE);
  g_atomic_int_set (&copies_refused, TRUE);
  g_assert_false (valise_job_run_sync (job, &error));
  g_assert_nonnull (error);
  g_assert_false (g_file_test (self->target, G_FILE_TEST_EXISTS));
  survive ();
}

static void
cancel (void)
{
  valise_job_cancel (cancelled);
}

static void
test_cancelled (Fixture *self, gconstpointer unused)
{
  g_autoptr (ValiseJob) job = new_job (self);

  wait_for_agent (TRUE);
  cancelled = job;
  at_copy = cancel;
  fail_to_export (self, job, G_IO_ERROR, G_IO_ERROR_CANCELLED, NULL);
  survive ();
}

/* --- an agent that does not answer --- */

static void
stop_agent (void)
{
  linux_guest_ask (bundle (), BOARD_STOP_AGENT);
}

static void
freeze_slowly (void)
{
  linux_guest_ask (bundle (), BOARD_SLOW_FREEZE);
}

/* After the time that an agent has for an answer. */
static gpointer
freeze_at_last (gpointer unused)
{
  g_usleep (6 * G_USEC_PER_SEC);
  linux_guest_ask (bundle (), BOARD_QUICK_FREEZE);
  return NULL;
}

static GThread *freezing;

static void
begin_to_freeze (void)
{
  freezing = g_thread_new ("freeze", freeze_at_last, NULL);
}

static void
kill_agent (void)
{
  linux_guest_ask (bundle (), BOARD_KILL_AGENT);
}

/* The copy is as after a power cut, and was so at one moment. */
static void
check_crash_copy (Fixture *self)
{
  g_assert_true (linux_guest_needs_recovery (self->target, LINUX_GUEST_ONE));
  g_assert_true (linux_guest_needs_recovery (self->target, LINUX_GUEST_TWO));
  linux_guest_recover (self->target);
  g_assert_cmpuint (linux_guest_check_journals (self->target), >=, LINES);
}

static void
test_silent (Fixture *self, gconstpointer unused)
{
  wait_for_agent (TRUE);
  stop_agent ();
  export(self, "moment-silent");
  check_goes_on ();
  check_crash_copy (self);
  linux_guest_ask (bundle (), BOARD_CONTINUE_AGENT);
  survive ();
}

/* It answered, and takes too long to freeze: it is told to thaw as soon as it has. */
static void
test_slow (Fixture *self, gconstpointer unused)
{
  wait_for_agent (TRUE);
  before_freeze = freeze_slowly;
  at_copy = begin_to_freeze;
  export(self, "moment-silent");
  g_thread_join (freezing);
  survive ();
}

/* libvirt may miss that the agent is there again, when it was busy with the copy while the agent went; it sees the next
 * change. */
static void
start_agent_until_thawed (guint lines)
{
  gint64 late = g_get_monotonic_time () + 100 * G_USEC_PER_SEC;

  linux_guest_ask (bundle (), BOARD_START_AGENT);
  for (guint i = 1; linux_guest_count (bundle ()) == lines && g_get_monotonic_time () < late; i++)
    {
      g_usleep (G_USEC_PER_SEC / 10);
      if (i % 100 != 0)
        continue;
      kill_agent ();
      g_usleep (2 * G_USEC_PER_SEC);
      linux_guest_ask (bundle (), BOARD_START_AGENT);
    }
}

/* Nobody can thaw then, which is said; as soon as there is an agent again, it is. */
static void
test_dies (Fixture *self, gconstpointer unused)
{
  g_autoptr (ValiseJob) job = new_job (self);
  guint lines;

  wait_for_agent (TRUE);
  before_pause = kill_agent;
  fail_to_export (self, job, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_HYPERVISOR, "fsfreeze --unfreeze");
  lines = linux_guest_count (bundle ());
  g_usleep (G_USEC_PER_SEC / 2);
  g_assert_cmpuint (linux_guest_count (bundle ()), ==, lines);
  start_agent_until_thawed (lines);
  survive ();
}

static void
test_away (Fixture *self, gconstpointer unused)
{
  wait_for_agent (TRUE);
  kill_agent ();
  wait_for_agent (FALSE);
  export(self, "moment-crash");
  check_goes_on ();
  check_crash_copy (self);
  linux_guest_ask (bundle (), BOARD_START_AGENT);
  survive ();
}

static void
test_missing (void)
{
  g_test_skip (linux_guest_missing ());
}

int
main (int argc, char **argv)
{
  int result;

  if (argc > 2 && g_str_equal (argv[1], "--work"))
    return work (argv[2]);
  g_test_init (&argc, &argv, NULL);
  if (linux_guest_missing () != NULL)
    {
      g_test_add_func ("/engine/guest-agent/missing", test_missing);
      return g_test_run ();
    }
  engine_fixture_begin ();
  g_test_add ("/engine/guest-agent/killed", Fixture, NULL, set_up_target, test_killed, tear_down);
  g_test_add ("/engine/guest-agent/frozen", Fixture, NULL, set_up, test_frozen, tear_down);
  g_test_add ("/engine/guest-agent/boots", Fixture, NULL, set_up, test_boots, tear_down);
  g_test_add ("/engine/guest-agent/refused", Fixture, NULL, set_up, test_refused, tear_down);
  g_test_add ("/engine/guest-agent/cancelled", Fixture, NULL, set_up, test_cancelled, tear_down);
  g_test_add ("/engine/guest-agent/silent", Fixture, NULL, set_up, test_silent, tear_down);
  g_test_add ("/engine/guest-agent/slow", Fixture, NULL, set_up, test_slow, tear_down);
  g_test_add ("/engine/guest-agent/dies", Fixture, NULL, set_up, test_dies, tear_down);
  g_test_add ("/engine/guest-agent/away", Fixture, NULL, set_up, test_away, tear_down);
  result = g_test_run ();
  end ();
  engine_fixture_end ();
  return result;
}
