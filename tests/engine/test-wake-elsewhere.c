/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A machine that was suspended on another computer: it goes on here when its user trusts it and this computer can, and
 * nothing is lost when it cannot. */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "engine-fixture.h"
#include "engine/valise-engine-error.h"

static ValiseHost *host;

typedef struct
{
  ValiseMachine *machine;
  char *memory, *note, *noted;
} Fixture;

/* This computer forgets that it wrote the memory. */
static void
forget (Fixture *self)
{
  g_autofree char *uuid = valise_document_get (valise_machine_get_document (self->machine), "uuid");
  g_autofree char *record = g_build_filename (engine_fixture_directory (), "s", "suspended", uuid, NULL);

  g_assert_cmpint (g_unlink (record), ==, 0);
}

static void
set_up (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  self->machine = engine_fixture_machine (host, "Sleeper", NULL, NULL);
  self->memory = g_build_filename (valise_machine_get_path (self->machine), "state", "suspend.save", NULL);
  self->note = g_build_filename (valise_machine_get_path (self->machine), "state", "suspend.host", NULL);
  engine_fixture_do (self->machine, VALISE_VERB_START);
  valise_machine_wait_frame (self->machine, 90000, NULL, &error);
  g_assert_no_error (error);
  engine_fixture_do (self->machine, VALISE_VERB_SUSPEND);
  g_assert_true (g_file_get_contents (self->note, &self->noted, NULL, NULL));
  forget (self);
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  g_assert_true (valise_directory_remove (valise_machine_get_path (self->machine), NULL));
  g_clear_object (&self->machine);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_free (self->memory);
  g_free (self->note);
  g_free (self->noted);
}

/* In the settings that libvirt keeps at the head of the memory, of the same length. */
static void
replace_in_memory (Fixture *self, const char *from, const char *to)
{
  g_autofree char *head = g_malloc0 (65536);
  int fd = open (self->memory, O_RDWR | O_CLOEXEC);
  const char *found;

  g_assert_cmpuint (strlen (from), ==, strlen (to));
  g_assert_cmpint (pread (fd, head, 65536, 0), ==, 65536);
  found = memmem (head, 65536, from, strlen (from));
  g_assert_nonnull (found);
  g_assert_cmpint (pwrite (fd, to, strlen (to), found - head), ==, (gssize) strlen (to));
  close (fd);
}

static void
note (Fixture *self, const char *text)
{
  g_assert_true (g_file_set_contents (self->note, text, -1, NULL));
}

static void
assert_refused (Fixture *self, const char *because)
{
  g_autoptr (GError) error = NULL;
  struct stat before, after;

  g_assert_cmpint (stat (self->memory, &before), ==, 0);
  g_assert_false (valise_machine_start_trusting (self->machine, NULL, &error));
  g_assert_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_HYPERVISOR);
  g_test_message ("%s", error->message);
  if (because != NULL)
    g_assert_nonnull (strstr (error->message, because));
  g_assert_nonnull (strstr (error->message, "Nothing was changed"));
  g_assert_cmpint (stat (self->memory, &after), ==, 0);
  g_assert_cmpint (after.st_ino, ==, before.st_ino);
  g_assert_cmpint (after.st_size, ==, before.st_size);
  g_assert_cmpint (valise_machine_get_state (self->machine), ==, VALISE_MACHINE_SUSPENDED);
  g_test_message ("survived: 1 faults");
}

static void
test_refused (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  g_test_summary ("What this computer cannot go on with is refused in words, and stays as it is");
  g_assert_false (valise_machine_do (self->machine, VALISE_VERB_START, NULL, &error));
  g_assert_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_ASK);
  note (self, "[host]\nqemu=99001000\n");
  assert_refused (self, "QEMU 99.1");
  note (self, self->noted);
  replace_in_memory (self, "machine='pc-q35-", "machine='xx-q35-");
  assert_refused (self, "xx-q35-");
  replace_in_memory (self, "machine='xx-q35-", "machine='pc-q35-");
  /* With KVM it had the processor of another computer; or there is no KVM here at all. */
  replace_in_memory (self, "<domain type='qemu'", "<domain type='kvm' ");
  note (self, "[host]\nprocessor=<cpu><arch>x86_64</arch><model>Haswell</model><vendor>Intel</vendor>"
              "<feature name='avx512-4fmaps'/><feature name='3dnow'/></cpu>\n");
  assert_refused (self, NULL);
}

static void
test_goes_on (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_test_summary ("It goes on where it was, with a note, without one, and with one that is none");
  if (data != NULL)
    note (self, data);
  else
    g_assert_cmpint (g_unlink (self->note), ==, 0);
  valise_machine_start_trusting (self->machine, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (valise_machine_get_state (self->machine), ==, VALISE_MACHINE_RUNNING);
  g_assert_cmpuint (engine_fixture_count_lit (self->machine), >, 0);
  g_assert_false (g_file_test (self->memory, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (self->note, G_FILE_TEST_EXISTS));
  engine_fixture_do (self->machine, VALISE_VERB_STOP);
}

int
main (int argc, char **argv)
{
  static const char strange[] = "[host]\nqemu=many\nprocessor=<cpu\n";
  int result;

  g_test_init (&argc, &argv, NULL);
  engine_fixture_begin ();
  host = engine_fixture_host ();
  g_test_add ("/engine/wake-elsewhere/refused", Fixture, NULL, set_up, test_refused, tear_down);
  g_test_add ("/engine/wake-elsewhere/no-note", Fixture, NULL, set_up, test_goes_on, tear_down);
  g_test_add ("/engine/wake-elsewhere/strange-note", Fixture, strange, set_up, test_goes_on, tear_down);
  result = g_test_run ();
  g_object_unref (host);
  engine_fixture_end ();
  return result;
}
