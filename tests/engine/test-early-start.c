/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A machine that somebody starts before libvirt has answered. */
#include "engine-fixture.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

typedef struct
{
  gboolean done;
  guint starting; /* how often it was said to start */
} Opening;

static void
on_state_cb (ValiseMachine *machine, GParamSpec *pspec, Opening *opening)
{
  opening->starting += valise_machine_get_state (machine) == VALISE_MACHINE_STARTING;
}

static void
on_started_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Opening *opening = data;
  g_autoptr (GError) error = NULL;

  valise_machine_do_finish (VALISE_MACHINE (source), result, &error);
  g_assert_no_error (error);
  opening->done = TRUE;
}

/* Whether the word that it starts comes before libvirt's answer depends on how fast that is: an answer from a driver that
 * is loaded already takes less than a turn of the main loop. */
static void
start_early (ValiseMachine *machine)
{
  Opening opening = { 0 };

  g_assert_false (valise_host_is_connected (valise_machine_get_host (machine)));
  g_signal_connect (machine, "notify::state", G_CALLBACK (on_state_cb), &opening);
  valise_machine_do_async (machine, VALISE_VERB_START, NULL, on_started_cb, &opening);
  while (!opening.done)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (opening.starting, >, 0);
  g_assert_cmpint (valise_machine_get_state (machine), ==, VALISE_MACHINE_RUNNING);
  g_signal_handlers_disconnect_by_data (machine, &opening);
}

/* --- the child --- */

static void
kill_qemu (ValiseMachine *machine)
{
  g_autofree char *uuid = valise_document_get (valise_machine_get_document (machine), "uuid");
  g_autofree char *file = g_strdup_printf ("%s/e/run/qemu/vm-%s.pid", g_getenv ("VALISE_STATE_DIR"), uuid);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (file, &text, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (kill (atoi (text), SIGKILL), ==, 0);
}

/* As when the computer loses its power: libvirt has written down that it runs, and does not hear that it ends. */
static int
start_disposable_and_be_killed (const char *path)
{
  g_autoptr (ValiseHost) host = engine_fixture_host ();
  g_autoptr (ValiseMachine) machine = valise_machine_new (host, path);
  g_autoptr (GError) error = NULL;

  g_assert_true (valise_machine_load (machine, FALSE, NULL));
  valise_machine_start_disposable (machine, NULL, &error);
  g_assert_no_error (error);
  kill_qemu (machine);
  return raise (SIGKILL);
}

/* --- the cases --- */

/* libvirt lists it as running, and then finds it gone: what it left is put in order before it starts. */
static void
test_gone (void)
{
  g_autoptr (ValiseHost) host = valise_host_new (NULL);
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "gone", NULL, NULL);
  const char *path = valise_machine_get_path (machine);
  const char *argv[] = { "/proc/self/exe", "--dispose", path, NULL };
  g_autofree char *left = g_build_filename (path, "state", "disposable", NULL);
  g_autoptr (GError) error = NULL;
  int status = 0;

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);
  g_assert_true (g_file_test (left, G_FILE_TEST_IS_DIR));
  start_early (machine);
  g_assert_false (g_file_test (left, G_FILE_TEST_EXISTS));
  engine_fixture_do (machine, VALISE_VERB_STOP);
}

static void
test_off (void)
{
  g_autoptr (ValiseHost) host = valise_host_new (NULL);
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "early", NULL, NULL);

  start_early (machine);
  engine_fixture_do (machine, VALISE_VERB_STOP);
}

int
main (int argc, char **argv)
{
  int result;

  if (argc > 2 && g_str_equal (argv[1], "--dispose"))
    return start_disposable_and_be_killed (argv[2]);
  g_test_init (&argc, &argv, NULL);
  engine_fixture_begin ();
  /* First: once this process has connected it holds the driver, and its child cannot. */
  g_test_add_func ("/engine/early-start/gone", test_gone);
  g_test_add_func ("/engine/early-start/off", test_off);
  result = g_test_run ();
  engine_fixture_end ();
  return result;
}
