/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/valise-path.h"
#include "bundle/valise-bundle.h"
#include "bundle/valise-lock-private.h"
#include "place.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void
place_set_up (Place *self, gconstpointer unused)
{
  place_begin (self, ".lock");
}

static void
test_one_holder (Place *self, gconstpointer by_text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseLock) first = NULL;
  g_autoptr (ValiseLock) second = NULL;
  g_autofree char *pid = g_strdup_printf ("%d", getpid ());

  g_test_summary ("The second is told program, process and host; the next one after release gets the lock");
  first = _valise_lock_take (self->directory, "editing", by_text != NULL, &error);
  g_assert_no_error (error);
  g_assert_null (_valise_lock_take (self->directory, "running", by_text != NULL, &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_LOCKED);
  g_assert_nonnull (strstr (error->message, pid));
  g_assert_nonnull (strstr (error->message, g_get_host_name ()));
  g_assert_nonnull (strstr (error->message, g_get_prgname ()));
  g_assert_nonnull (strstr (error->message, "editing"));
  g_clear_error (&error);
  g_clear_pointer (&first, valise_lock_free);
  second = _valise_lock_take (self->directory, "running", by_text != NULL, &error);
  g_assert_no_error (error);
}

static void
test_describe (Place *self, gconstpointer unused)
{
  g_autoptr (ValiseLock) lock = NULL;
  g_autofree char *before = valise_lock_describe_holder (self->directory);
  g_autofree char *during = NULL;
  g_autofree char *after = NULL;

  g_test_summary ("Nobody, then us, then nobody");
  g_assert_null (before);
  lock = valise_lock_take (self->directory, "exporting", NULL);
  during = valise_lock_describe_holder (self->directory);
  g_assert_nonnull (strstr (during, "exporting"));
  g_clear_pointer (&lock, valise_lock_free);
  after = valise_lock_describe_holder (self->directory);
  g_assert_null (after);
}

static void
on_free_cb (gpointer data)
{
  Place *self = data;

  g_assert_null (valise_lock_describe_holder (self->directory));
  g_clear_pointer (&self->directory, g_free);
}

static void
test_on_free (Place *self, gconstpointer unused)
{
  Place told = { .directory = g_strdup (self->directory) };
  ValiseLock *lock = valise_lock_take (self->directory, "exporting", NULL);

  g_test_summary ("Who asked is told once it is let go");
  valise_lock_on_free (lock, on_free_cb, &told);
  g_assert_nonnull (told.directory);
  valise_lock_free (lock);
  g_assert_null (told.directory);
}

static void
test_dead_holder (Place *self, gconstpointer by_text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseLock) lock = NULL;
  int ready[2];
  char byte;
  pid_t child;

  g_test_summary ("The lock of a process that was killed is free at once, though its text is still there");
  g_assert_cmpint (pipe (ready), ==, 0);
  child = fork ();
  if (child == 0)
    {
      if (_valise_lock_take (self->directory, "running", by_text != NULL, NULL) != NULL
          && write (ready[1], "x", 1) == 1)
        for (;;)
          pause ();
      _exit (1);
    }
  g_assert_cmpint (read (ready[0], &byte, 1), ==, 1);
  g_assert_null (_valise_lock_take (self->directory, "editing", by_text != NULL, &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_LOCKED);
  g_clear_error (&error);
  kill (child, SIGKILL);
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
  lock = _valise_lock_take (self->directory, "editing", by_text != NULL, &error);
  g_assert_no_error (error);
  close (ready[0]);
  close (ready[1]);
}

static void
test_texts (Place *self, gconstpointer unused)
{
  g_autofree char *boot = NULL;
  g_autofree char *other_boot =
      g_strdup_printf ("[holder]\nhost=%s\npid=%d\nboot=other\n", g_get_host_name (), getpid ());
  g_autofree char *reused = NULL;
  g_autofree char *here = NULL;

  g_test_summary ("By text alone: another boot and a reused pid are stale, a live process and another host are not");
  g_assert_true (g_file_get_contents ("/proc/sys/kernel/random/boot_id", &boot, NULL, NULL));
  g_strstrip (boot);
  reused = g_strdup_printf ("[holder]\nhost=%s\npid=%d\nstarted=1\nboot=%s\n", g_get_host_name (), getpid (), boot);
  here = g_strdup_printf ("[holder]\nhost=%s\npid=%d\nboot=%s\n", g_get_host_name (), getpid (), boot);

  const struct
  {
    const char *text;
    gboolean held;
  } cases[] = {
    { "", FALSE },
    { "no key file at all", FALSE },
    { "[holder]\npid=1\n", TRUE },
    { "[holder]\nhost=elsewhere.example\npid=4\nboot=x\n", TRUE },
    { other_boot, FALSE },
    { reused, FALSE },
    { here, TRUE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (ValiseLock) lock = NULL;
      g_autoptr (ValiseLock) kernel = NULL;

      g_assert_true (g_file_set_contents (self->file, cases[i].text, -1, NULL));
      lock = _valise_lock_take (self->directory, "editing", TRUE, NULL);
      g_assert_cmpint (lock == NULL, ==, cases[i].held);
      g_clear_pointer (&lock, valise_lock_free);
      /* Where the kernel has locks, no text ever blocks. */
      g_assert_true (g_file_set_contents (self->file, cases[i].text, -1, NULL));
      kernel = valise_lock_take (self->directory, "editing", NULL);
      g_assert_nonnull (kernel);
    }
}

static void
test_planted (Place *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *victim = g_build_filename (self->directory, "victim", NULL);
  g_autofree char *text = NULL;

  g_test_summary ("A link or a FIFO in the place of the lock is neither followed nor waited for");
  g_assert_true (g_file_set_contents (victim, "mine", -1, NULL));
  g_assert_cmpint (symlink (victim, self->file), ==, 0);
  g_assert_null (valise_lock_take (self->directory, "editing", &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_UNSAFE);
  g_clear_error (&error);
  g_assert_true (g_file_get_contents (victim, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "mine");
  unlink (self->file);
  g_assert_cmpint (mkfifo (self->file, 0600), ==, 0);
  g_assert_null (valise_lock_take (self->directory, "editing", &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_UNSAFE);
}

#define ADD(path, data, func) g_test_add ("/bundle/lock/" path, Place, data, place_set_up, func, place_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("one-holder/kernel", NULL, test_one_holder);
  ADD ("one-holder/text", "text", test_one_holder);
  ADD ("describe", NULL, test_describe);
  ADD ("on-free", NULL, test_on_free);
  ADD ("dead-holder/kernel", NULL, test_dead_holder);
  ADD ("dead-holder/text", "text", test_dead_holder);
  ADD ("texts", NULL, test_texts);
  ADD ("planted", NULL, test_planted);
  return g_test_run ();
}
