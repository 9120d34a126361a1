/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/valise-process.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/valise-background.h"

static void
collect_cb (const char *line, gpointer lines)
{
  g_ptr_array_add (lines, g_strdup (line));
}

static void
test_output (void)
{
  const char *const argv[] = { "sh", "-c", "printf 'one\\n(1/100%%)\\r(2/100%%)\\rlast'; cat; echo \"$LC_ALL\" >&2",
                               NULL };
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;

  g_test_summary ("Lines and carriage-return pieces arrive as they come; standard input is empty");
  g_assert_true (valise_process_run (argv, collect_cb, lines, &output, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (output, ==, "one\n(1/100%)\r(2/100%)\rlast");
  g_assert_cmpuint (lines->len, ==, 4);
  g_assert_cmpstr (lines->pdata[0], ==, "one");
  g_assert_cmpstr (lines->pdata[2], ==, "(2/100%)");
  g_assert_cmpstr (lines->pdata[3], ==, "last");
}

static void
test_large (void)
{
  const char *const argv[] = { "sh", "-c", "head -c 5000000 /dev/zero | tr '\\0' x; head -c 500000 /dev/zero >&2",
                               NULL };
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;

  g_test_summary ("More than a pipe holds, on both sides at once");
  g_assert_true (valise_process_run (argv, NULL, NULL, &output, NULL, &error));
  g_assert_cmpuint (strlen (output), ==, 5000000);
}

static void
test_flood (void)
{
  const char *const argv[] = { "cat", "/dev/zero", NULL };
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;

  g_test_summary ("Output without end is stopped");
  g_assert_false (valise_process_run (argv, NULL, NULL, &output, NULL, &error));
  g_assert_error (error, VALISE_PROCESS_ERROR, VALISE_PROCESS_ERROR_FAILED);
  g_assert_null (output);
}

static void
test_missing (void)
{
  const char *const argv[] = { "valise-no-such-program", NULL };
  g_autoptr (GError) error = NULL;

  g_test_summary ("A program that is not installed is named");
  g_assert_false (valise_process_run (argv, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, VALISE_PROCESS_ERROR, VALISE_PROCESS_ERROR_MISSING);
  g_assert_nonnull (strstr (error->message, "valise-no-such-program"));
}

static void
test_failed (void)
{
  const char *const argv[] = { "sh", "-c", "echo nonsense >&2; echo 'disk is full' >&2; exit 3", NULL };
  const char *const killed[] = { "sh", "-c", "kill -9 $$", NULL };
  g_autoptr (GError) error = NULL, second = NULL;

  g_test_summary ("A failure tells what the program said");
  g_assert_false (valise_process_run (argv, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, VALISE_PROCESS_ERROR, VALISE_PROCESS_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "disk is full"));
  g_assert_nonnull (strstr (error->message, "3"));
  g_assert_false (valise_process_run (killed, NULL, NULL, NULL, NULL, &second));
  g_assert_error (second, VALISE_PROCESS_ERROR, VALISE_PROCESS_ERROR_FAILED);
}

static void
cancel_at_line_cb (const char *line, gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
}

static void
test_cancel (void)
{
  const char *const argv[] = { "sh", "-c", "echo $$; sleep 60; echo never", NULL };
  const char *const deaf[] = { "sh", "-c", "trap '' TERM; echo $$; sleep 60 & wait; wait; sleep 60", NULL };
  const char *const *const both[] = { argv, deaf };

  g_test_summary ("Cancelling ends the program, also a deaf one, and returns when it is gone");
  for (gsize i = 0; i < G_N_ELEMENTS (both); i++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GError) error = NULL;
      gint64 start = g_get_monotonic_time ();

      g_assert_false (valise_process_run (both[i], cancel_at_line_cb, cancellable, NULL, cancellable, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_cmpint (g_get_monotonic_time () - start, <, 10 * G_USEC_PER_SEC);
      g_clear_error (&error);
      g_assert_false (valise_process_run (both[i], NULL, NULL, NULL, cancellable, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    }
}

static void
test_grandchild (void)
{
  const char *const argv[] = { "sh", "-c", "sleep 30 & echo $!; echo ready", NULL };
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;
  gint64 start = g_get_monotonic_time ();

  g_test_summary ("What a program leaves running does not keep us waiting");
  g_assert_true (valise_process_run (argv, NULL, NULL, &output, NULL, &error));
  g_assert_cmpint (g_get_monotonic_time () - start, <, 10 * G_USEC_PER_SEC);
  g_assert_nonnull (strstr (output, "ready"));
  g_assert_cmpint (atoi (output), >, 1);
  kill (atoi (output), SIGKILL);
}

/* --- programs that give way --- */

#define ENV_DIRECTORY "VALISE_TEST_PROCESS_DIRECTORY"

/* What /proc calls the state of the program that has written its number into "pid": 'T' is stopped. 0: it is gone. */
static char
read_state (const char *directory)
{
  g_autofree char *file = g_build_filename (directory, "pid", NULL);
  g_autofree char *number = NULL, *stat = NULL, *text = NULL;

  if (!g_file_get_contents (file, &number, NULL, NULL))
    return 0;
  stat = g_strdup_printf ("/proc/%d/stat", atoi (number));
  if (!g_file_get_contents (stat, &text, NULL, NULL) || strrchr (text, ')') == NULL)
    return 0;
  return strrchr (text, ')')[2];
}

static gboolean
is_ended (const char *directory)
{
  char state = read_state (directory);

  return state == 0 || state == 'Z' || state == 'X';
}

/* Goes on until somebody says that it was seen standing still. */
static gpointer
run_paced (gpointer directory)
{
  g_autofree char *script =
      g_strdup_printf ("cd '%s'; echo $$ > new; mv new pid; while [ ! -e seen ]; do echo x >> written; done",
                       (const char *) directory);
  const char *const argv[] = { "sh", "-c", script, NULL };
  g_autofree char *written = g_build_filename (directory, "written", NULL);
  const ValiseProcessLimits limits = { .paced = written };

  return GINT_TO_POINTER (valise_process_run_with_files (argv, &limits, NULL, 0, NULL, NULL, NULL, NULL));
}

static gpointer
run_in_background (gpointer directory)
{
  return valise_background_run (run_paced, directory);
}

static gboolean
wait_until_stopped (const char *directory)
{
  for (guint i = 0; i < 10000; i++, g_usleep (1000))
    if (read_state (directory) == 'T')
      return TRUE;
  return FALSE;
}

static char *
make_directory (void)
{
  g_autoptr (GError) error = NULL;
  char *directory = g_dir_make_tmp ("valise-process-XXXXXX", &error);

  g_assert_no_error (error);
  return directory;
}

static void
remove_directory (const char *directory)
{
  static const char *const names[] = { "pid", "written", "seen" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *file = g_build_filename (directory, names[i], NULL);

      (void) g_remove (file);
    }
  g_assert_cmpint (g_rmdir (directory), ==, 0);
}

static void
test_gives_way (void)
{
  g_autofree char *directory = make_directory ();
  g_autofree char *seen = g_build_filename (directory, "seen", NULL);
  GThread *thread = g_thread_new ("paced", run_in_background, directory);
  gboolean stopped = wait_until_stopped (directory);

  g_test_summary ("What writes beside something more urgent stands still while the disk takes what it wrote");
  g_file_set_contents (seen, "", 0, NULL);
  g_assert_true (GPOINTER_TO_INT (g_thread_join (thread)));
  g_assert_true (stopped);
  remove_directory (directory);
}

static void
be_killed_beside_it (void)
{
  char *directory = g_strdup (g_getenv (ENV_DIRECTORY));

  (void) g_thread_new ("paced", run_in_background, directory);
  if (wait_until_stopped (directory))
    raise (SIGKILL);
}

static void
test_orphan (void)
{
  g_autofree char *directory = NULL, *pid = NULL;

  if (g_test_subprocess ())
    {
      be_killed_beside_it ();
      return;
    }
  directory = make_directory ();
  pid = g_build_filename (directory, "pid", NULL);
  g_test_summary ("A program that stands still ends with the one that had it stand still");
  g_setenv (ENV_DIRECTORY, directory, TRUE);
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_assert_false (g_test_trap_has_passed ());
  g_assert_true (g_file_test (pid, G_FILE_TEST_EXISTS));
  for (guint i = 0; i < 10000 && !is_ended (directory); i++)
    g_usleep (1000);
  g_assert_true (is_ended (directory));
  remove_directory (directory);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/process/output", test_output);
  g_test_add_func ("/base/process/large", test_large);
  g_test_add_func ("/base/process/flood", test_flood);
  g_test_add_func ("/base/process/missing", test_missing);
  g_test_add_func ("/base/process/failed", test_failed);
  g_test_add_func ("/base/process/cancel", test_cancel);
  g_test_add_func ("/base/process/grandchild", test_grandchild);
  g_test_add_func ("/base/process/gives-way", test_gives_way);
  g_test_add_func ("/base/process/orphan", test_orphan);
  return g_test_run ();
}
