/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-host.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/valise-process.h"
#include "engine-fixture.h"

/* Whoever is bound to fewer cores than the one who made it was forgotten there. */
static void
check_cores (const cpu_set_t *cores)
{
  g_autoptr (GDir) threads = g_dir_open ("/proc/self/task", 0, NULL);
  const char *name;

  g_assert_nonnull (threads);
  while ((name = g_dir_read_name (threads)) != NULL)
    {
      cpu_set_t set;

      if (sched_getaffinity ((pid_t) g_ascii_strtoll (name, NULL, 10), sizeof set, &set) == 0)
        g_assert_true (CPU_EQUAL (&set, cores));
    }
}

static void
test_connects (void)
{
  g_autoptr (ValiseHost) host = valise_host_new (NULL);
  g_autoptr (GError) error = NULL;
  cpu_set_t cores;

  g_assert_cmpint (sched_getaffinity (0, sizeof cores, &cores), ==, 0);

  g_assert_false (valise_host_is_connected (host));
  g_assert_true (valise_host_connect_sync (host, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (valise_host_is_connected (host));
  g_assert_true (valise_host_is_embedded (host));
  g_assert_true (g_str_has_prefix (valise_host_get_uri (host), "qemu:///embed?root="));
  check_cores (&cores);
}

static void
on_connected_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (valise_host_connect_finish (VALISE_HOST (source), result, &error));
  g_assert_no_error (error);
  *(gboolean *) data = TRUE;
}

/* The signal comes in the context of whoever made the host. */
static void
on_notify_cb (ValiseHost *host, GParamSpec *pspec, gpointer data)
{
  g_assert_true (g_main_context_is_owner (g_main_context_get_thread_default ()));
  *(guint *) data += 1;
}

static void
test_connects_in_a_context (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (ValiseHost) host = NULL;
  gboolean done = FALSE;
  guint notified = 0;

  g_main_context_push_thread_default (context);
  host = valise_host_new (NULL);
  g_signal_connect (host, "notify::connected", G_CALLBACK (on_notify_cb), &notified);
  valise_host_connect_async (host, NULL, on_connected_cb, &done);
  while (!done || notified == 0)
    g_main_context_iteration (context, TRUE);
  g_assert_true (valise_host_is_connected (host));
  g_main_context_pop_thread_default (context);
}

static void
test_bad_uri (void)
{
  static const struct
  {
    const char *uri;
    int code;
  } cases[] = {
    { "nonsense:///", VALISE_ENGINE_ERROR_NO_LIBVIRT },
    { "qemu+unix:///system?socket=/nonexistent/socket", VALISE_ENGINE_ERROR_NO_LIBVIRT },
    { "qemu:///embed?root=/proc/valise", VALISE_ENGINE_ERROR_PERMISSION },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (ValiseHost) host = valise_host_new (cases[i].uri);
      g_autoptr (GError) error = NULL;
      g_autoptr (GError) kept = NULL;

      g_test_message ("%s", cases[i].uri);
      g_assert_false (valise_host_connect_sync (host, NULL, &error));
      g_assert_error (error, VALISE_ENGINE_ERROR, cases[i].code);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      g_assert_false (valise_host_is_connected (host));
      g_object_get (host, "error", &kept, NULL);
      g_assert_cmpstr (kept->message, ==, error->message);
      g_assert_nonnull (valise_host_get_capabilities (host));
    }
}

/* Another process holds the driver: this program again, with a pipe that keeps it until it is closed. */
static int
hold_driver (void)
{
  g_autoptr (ValiseHost) host = valise_host_new (NULL);
  g_autoptr (GError) error = NULL;
  char byte = 'y';

  if (!valise_host_connect_sync (host, NULL, &error))
    {
      g_printerr ("%s\n", error->message);
      byte = 'n';
    }
  if (write (STDOUT_FILENO, &byte, 1) != 1)
    return 1;
  return read (STDIN_FILENO, &byte, 1) < 0;
}

static void
test_busy (void)
{
  const char *argv[] = { "/proc/self/exe", "--hold", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseHost) host = NULL;
  g_autofree char *number = NULL;
  int in, out;
  GPid pid;
  char byte = 0;

  g_assert_true (g_spawn_async_with_pipes (NULL, (char **) argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid, &in,
                                           &out, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (read (out, &byte, 1), ==, 1);
  g_assert_cmpint (byte, ==, 'y');

  host = valise_host_new (NULL);
  g_assert_false (valise_host_connect_sync (host, NULL, &error));
  g_assert_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_BUSY);
  number = g_strdup_printf ("%d", (int) pid);
  g_assert_nonnull (strstr (error->message, number));

  close (in);
  close (out);
  waitpid (pid, NULL, 0);
  g_clear_error (&error);
  g_assert_true (valise_host_connect_sync (host, NULL, &error));
  g_assert_no_error (error);
}

/* Once libvirt has read what keeps it quiet. */
static void
test_children_speak (void)
{
  static const char *const argv[] = { "sh", "-c", "echo \"<$LIBVIRT_LOG_OUTPUTS>\"", NULL };
  g_autoptr (ValiseHost) host = valise_host_new ("test:///default");
  g_autofree char *said = NULL;
  g_autoptr (GError) error = NULL;

  g_test_summary ("What keeps libvirt quiet here is not handed down to the programs that are started");
  valise_host_connect_sync (host, NULL, &error);
  g_assert_no_error (error);
  valise_process_run (argv, NULL, NULL, &said, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (said, ==, "<>\n");
}

static void
test_accel (void)
{
  g_autoptr (ValiseHost) host = valise_host_new (NULL);
  const char *state = g_getenv ("VALISE_STATE_DIR");
  g_autofree char *cache = g_build_filename (state, "accel", NULL);
  g_autofree char *reason = NULL;
  ValiseAccel accel = valise_host_probe_accel (host, &reason);
  gint64 best = G_MAXINT64;

  g_test_message ("%d: %s", accel, reason);
  g_assert_nonnull (reason);
  if (accel == VALISE_ACCEL_NATIVE || accel == VALISE_ACCEL_UNUSABLE)
    g_assert_true (g_file_test (cache, G_FILE_TEST_EXISTS));
  /* On a busy computer any one of them may be interrupted. */
  for (int i = 0; i < 20; i++)
    {
      gint64 start = g_get_monotonic_time ();

      g_assert_cmpint (valise_host_probe_accel (host, NULL), ==, accel);
      best = MIN (best, g_get_monotonic_time () - start);
    }
  g_assert_cmpint (best, <, 20 * G_TIME_SPAN_MILLISECOND);
}

/* A directory of this name that others may write to is not used. */
static void
test_foreign_root (void)
{
  g_autofree char *root = g_build_filename (g_getenv ("VALISE_STATE_DIR"), "w", NULL);
  g_autofree char *uri = g_strdup_printf ("qemu:///embed?root=%s", root);
  g_autoptr (ValiseHost) host = valise_host_new (uri);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (root, 0777), ==, 0);
  g_assert_cmpint (g_chmod (root, 0777), ==, 0);
  g_assert_false (valise_host_connect_sync (host, NULL, &error));
  g_assert_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_PERMISSION);
  g_assert_nonnull (strstr (error->message, root));
}

/* --- an opening that takes long --- */

static void
on_tried_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (valise_host_connect_finish (VALISE_HOST (source), result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  *(gboolean *) data = TRUE;
}

/* The driver reads this while it is opened, and waits for the end of it. */
static char *
make_gate (void)
{
  g_autofree char *directory = g_build_filename (g_getenv ("VALISE_STATE_DIR"), "e", "etc", "qemu", NULL);
  g_autofree char *gate = g_build_filename (directory, "gate.xml", NULL);

  g_assert_cmpint (g_mkdir_with_parents (directory, 0700), ==, 0);
  g_assert_cmpint (mkfifo (gate, 0600), ==, 0);
  return g_steal_pointer (&gate);
}

/* Open for writing as soon as there is a reader. */
static int
wait_for_reader (const char *gate)
{
  int fd;

  while ((fd = open (gate, O_WRONLY | O_NONBLOCK | O_CLOEXEC)) < 0)
    g_usleep (10000);
  return fd;
}

/* Whoever gives up waiting for the driver may try again, but does not open it a second time before it is there. In a
 * process of its own, since the driver is opened once in each. */
static void
test_one_opening (void)
{
  g_test_trap_subprocess ("/engine/host/one-opening/subprocess", 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();
}

static void
test_one_opening_subprocess (void)
{
  g_autofree char *gate = make_gate ();
  g_autoptr (ValiseHost) host = valise_host_new (NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  gboolean done = FALSE;
  int fd;

  valise_host_connect_async (host, cancellable, on_tried_cb, &done);
  fd = wait_for_reader (gate);
  g_cancellable_cancel (cancellable);
  while (!done)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (valise_host_connect_sync (host, NULL, &error));
  g_assert_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_TIMEOUT);
  close (fd);
  while (g_error_matches (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_TIMEOUT))
    {
      g_usleep (10000);
      g_clear_error (&error);
      valise_host_connect_sync (host, NULL, &error);
    }
  g_assert_no_error (error);
}

int
main (int argc, char **argv)
{
  int result;

  if (argc > 1 && g_str_equal (argv[1], "--hold"))
    return hold_driver ();
  g_test_init (&argc, &argv, NULL);
  engine_fixture_begin ();
  g_test_add_func ("/engine/host/busy", test_busy);
  g_test_add_func ("/engine/host/one-opening", test_one_opening);
  g_test_add_func ("/engine/host/one-opening/subprocess", test_one_opening_subprocess);
  g_test_add_func ("/engine/host/connects", test_connects);
  g_test_add_func ("/engine/host/connects-in-a-context", test_connects_in_a_context);
  g_test_add_func ("/engine/host/bad-uri", test_bad_uri);
  g_test_add_func ("/engine/host/children-speak", test_children_speak);
  g_test_add_func ("/engine/host/accel", test_accel);
  g_test_add_func ("/engine/host/foreign-root", test_foreign_root);
  result = g_test_run ();
  engine_fixture_end ();
  return result;
}
