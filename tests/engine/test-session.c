/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine-fixture.h"

#include <glib/gstdio.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The daemon of a desktop user. Root becomes the user nobody for it, with a home of its own. */

static int
get_pid (const char *program)
{
  g_autofree char *name = g_strconcat (program, ".pid", NULL);
  g_autofree char *path = g_build_filename (g_getenv ("XDG_RUNTIME_DIR"), "libvirt", name, NULL);
  g_autofree char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) ? atoi (text) : 0;
}

static int
get_daemon (void)
{
  int pid = get_pid ("libvirtd");

  return pid > 1 ? pid : get_pid ("virtqemud");
}

static gboolean
is_there (int pid)
{
  g_autofree char *state = g_strdup_printf ("/proc/%d/stat", pid);
  g_autofree char *text = NULL;

  return g_file_get_contents (state, &text, NULL, NULL) && strstr (text, ") Z ") == NULL;
}

/* They would end by themselves after two minutes. */
static void
stop_program (int pid)
{
  if (pid <= 1)
    return;
  kill (pid, SIGTERM);
  for (int i = 0; i < 100 && is_there (pid); i++)
    g_usleep (50000);
}

static void
on_connected_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  valise_host_connect_finish (VALISE_HOST (source), result, &error);
  g_assert_no_error (error);
  *(gboolean *) data = TRUE;
}

static void
wait_connected (ValiseHost *host)
{
  gint64 until = g_get_monotonic_time () + 40 * G_TIME_SPAN_SECOND;

  while (!valise_host_is_connected (host) && g_get_monotonic_time () < until)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (10000);
    }
  g_assert_true (valise_host_is_connected (host));
}

static void
on_change_cb (gboolean *changed)
{
  *changed = TRUE;
}

/* The connection mends itself so soon that a busy computer may see it only when it is back. */
static void
kill_and_hear (int daemon, ValiseHost *host)
{
  gint64 until = g_get_monotonic_time () + 40 * G_TIME_SPAN_SECOND;
  gboolean heard = FALSE;
  gulong handler;

  while (g_main_context_iteration (NULL, FALSE))
    ;
  handler = g_signal_connect_swapped (host, "notify::connected", G_CALLBACK (on_change_cb), &heard);
  kill (daemon, SIGKILL);
  while (!heard && g_get_monotonic_time () < until)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (10000);
    }
  g_assert_true (heard);
  g_signal_handler_disconnect (host, handler);
}

/* Until it is connected again. */
static void
try_to_pause (ValiseMachine *machine, ValiseHost *host)
{
  g_autoptr (GError) error = NULL;

  if (valise_machine_do (machine, VALISE_VERB_PAUSE, NULL, &error))
    {
      g_assert_true (valise_host_is_connected (host));
      engine_fixture_do (machine, VALISE_VERB_RESUME);
    }
  else
    g_assert_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_DISCONNECTED);
}

/* The machine runs on while its daemon is away, and is found again by the connection that mends itself. */
static void
test_daemon_lost (void)
{
  g_autoptr (ValiseHost) host = valise_host_new (NULL);
  g_autoptr (ValiseMachine) machine = NULL;
  g_autoptr (GError) error = NULL;
  gboolean done = FALSE;
  int daemon;

  valise_host_connect_async (host, NULL, on_connected_cb, &done);
  while (!done)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (valise_host_get_uri (host), ==, "qemu:///session");
  g_assert_false (valise_host_is_embedded (host));
  machine = engine_fixture_machine (host, "session", NULL, NULL);
  engine_fixture_do (machine, VALISE_VERB_START);
  g_assert_true (valise_machine_wait_frame (machine, 60000, NULL, &error));
  g_assert_no_error (error);

  daemon = get_daemon ();
  g_assert_cmpint (daemon, >, 1);
  kill_and_hear (daemon, host);
  g_assert_cmpint (valise_machine_get_state (machine), ==, VALISE_MACHINE_RUNNING);
  try_to_pause (machine, host);
  wait_connected (host);
  g_assert_cmpint (get_daemon (), !=, daemon);
  g_assert_cmpint (valise_machine_get_state (machine), ==, VALISE_MACHINE_RUNNING);
  engine_fixture_do (machine, VALISE_VERB_PAUSE);
  engine_fixture_do (machine, VALISE_VERB_STOP);
}

static int
run_as_user (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  engine_fixture_begin ();
  g_setenv ("HOME", engine_fixture_directory (), TRUE);
  g_unsetenv ("XDG_CACHE_HOME");
  g_unsetenv ("XDG_CONFIG_HOME");
  g_test_add_func ("/engine/session/daemon-lost", test_daemon_lost);
  result = g_test_run ();
  stop_program (get_daemon ());
  stop_program (get_pid ("virtlogd"));
  engine_fixture_end ();
  return result;
}

/* For the rest of this process. The build directory is not this user's to write to. */
static gboolean
become_nobody (void)
{
  const struct passwd *nobody = getpwnam ("nobody");

  g_setenv ("G_TEST_BUILDDIR", "/tmp/valise-test-nobody", TRUE);
  return nobody != NULL && setgroups (0, NULL) == 0 && setgid (nobody->pw_gid) == 0 && setuid (nobody->pw_uid) == 0;
}

int
main (int argc, char **argv)
{
  g_autofree char *daemon = g_find_program_in_path ("libvirtd");
  g_autofree char *modular = g_find_program_in_path ("virtqemud");

  if (daemon == NULL && modular == NULL && g_access ("/usr/sbin/libvirtd", X_OK) < 0)
    {
      g_print ("TAP version 13\n1..0 # SKIP libvirtd is not installed\n");
      return 0;
    }
  if (geteuid () == 0 && !become_nobody ())
    {
      g_print ("TAP version 13\n1..0 # SKIP there is no user nobody to be\n");
      return 0;
    }
  return run_as_user (argc, argv);
}
