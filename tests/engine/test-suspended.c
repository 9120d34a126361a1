/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whose memory a machine is woken with: what came with a bundle is never taken for what this host wrote. */
#include "engine/valise-suspended-private.h"

#include "base/valise-path.h"
#include "engine/valise-machine.h"
#include "kill-points.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define UUID "11111111-2222-4333-8444-555555555555"
#define WHOLE "LibvirtQemudSave and what follows it in the file"

typedef struct
{
  char *root;
  char *state; /* this host's */
  char *bundle;
  char *partial;
  char *record;
} Place;

static void
place_set_up (Place *self, gconstpointer data)
{
  g_autofree char *folder = NULL;

  self->root = g_dir_make_tmp ("v-XXXXXX", NULL);
  self->state = g_build_filename (self->root, "state", NULL);
  self->bundle = g_build_filename (self->root, "Sleeper.vmbundle", NULL);
  self->record = g_build_filename (self->state, "suspended", UUID, NULL);
  folder = g_build_filename (self->bundle, "state", NULL);
  self->partial = g_build_filename (folder, ".suspend.save.partial", NULL);
  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_setenv ("VALISE_STATE_DIR", self->state, TRUE);
}

static void
place_tear_down (Place *self, gconstpointer data)
{
  g_assert_true (valise_directory_remove (self->root, NULL));
  g_free (self->root);
  g_free (self->state);
  g_free (self->bundle);
  g_free (self->partial);
  g_free (self->record);
}

static void
write_file (const char *path, const char *text)
{
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
begin (Place *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = _valise_suspended_begin (self->bundle, UUID, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (path, ==, self->partial);
}

static void
test_killed (Place *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_test_summary ("A suspend that was whole when its program was killed is finished, one that was not is none");
  begin (self);
  write_file (self->partial, "LibvirtQemudPart and what follows it in the file");
  g_assert_false (_valise_suspended_exists (self->bundle, UUID));
  write_file (self->partial, WHOLE);
  g_assert_true (_valise_suspended_exists (self->bundle, UUID));
  g_assert_true (_valise_suspended_check_own (self->bundle, UUID, &error));
  g_assert_no_error (error);
}

static void
work_suspend_and_wake (gpointer data)
{
  Place *self = data;

  g_free (_valise_suspended_begin (self->bundle, UUID, NULL));
  if (g_file_set_contents (self->partial, WHOLE, -1, NULL) && _valise_suspended_commit (self->bundle, UUID, NULL))
    _valise_suspended_remove (self->bundle, UUID);
}

static void
look_whether_it_is_ours (gpointer data)
{
  Place *self = data;
  g_autoptr (GError) error = NULL;

  if (_valise_suspended_exists (self->bundle, UUID))
    {
      _valise_suspended_check_own (self->bundle, UUID, &error);
      g_assert_no_error (error);
    }
  _valise_suspended_remove (self->bundle, UUID);
  _valise_suspended_abandon (self->bundle, UUID);
}

static void
test_killed_anywhere (Place *self, gconstpointer data)
{
  g_test_summary ("Memory that is found after a kill or power cut at whatever step is known to be our own");
  kill_points_try (work_suspend_and_wake, look_whether_it_is_ours, self);
}

static void
test_settled (Place *self, gconstpointer data)
{
  g_autofree char *whole = g_build_filename (self->bundle, "state", "suspend.save", NULL);

  g_test_summary ("What was cut short is cleared away and told of once; what was whole stays");
  g_assert_false (_valise_suspended_settle (self->bundle, UUID));
  begin (self);
  write_file (self->partial, "LibvirtQemudPart and what follows it in the file");
  g_assert_true (_valise_suspended_settle (self->bundle, UUID));
  g_assert_false (g_file_test (self->partial, G_FILE_TEST_EXISTS));
  g_assert_false (_valise_suspended_settle (self->bundle, UUID));
  begin (self);
  write_file (self->partial, WHOLE);
  g_assert_false (_valise_suspended_settle (self->bundle, UUID));
  g_assert_true (g_file_test (whole, G_FILE_TEST_EXISTS));
  g_assert_false (_valise_suspended_settle (self->bundle, UUID));
}

static void
test_foreign (Place *self, gconstpointer data)
{
  g_test_summary ("A whole partial file that nobody here began stays what it is");
  write_file (self->partial, WHOLE);
  g_assert_false (_valise_suspended_exists (self->bundle, UUID));
  g_assert_false (g_file_test (self->record, G_FILE_TEST_EXISTS));

  /* Nor one that comes after one of ours was given up. */
  begin (self);
  _valise_suspended_abandon (self->bundle, UUID);
  write_file (self->partial, WHOLE);
  g_assert_false (_valise_suspended_exists (self->bundle, UUID));
}

static void
test_copy (Place *self, gconstpointer data)
{
  g_autofree char *copy = g_build_filename (self->root, "Copy.vmbundle", NULL);
  g_autofree char *folder = g_build_filename (copy, "state", NULL);
  g_autofree char *partial = g_build_filename (folder, ".suspend.save.partial", NULL);

  g_test_summary ("What was begun in one bundle is not finished in another of the same uuid");
  begin (self);
  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  write_file (partial, WHOLE);
  g_assert_false (_valise_suspended_exists (copy, UUID));
}

static void
test_device (Place *self, gconstpointer data)
{
  g_autofree char *text = NULL;
  g_autofree char *other = NULL;
  g_autoptr (GError) error = NULL;

  g_test_summary (
      "A file system whose device has another number since this computer was restarted holds the same file");
  begin (self);
  write_file (self->partial, WHOLE);
  g_assert_true (_valise_suspended_exists (self->bundle, UUID));
  g_assert_true (g_file_get_contents (self->record, &text, NULL, NULL));
  other = g_strconcat ("1", text, NULL);
  write_file (self->record, other);
  g_assert_true (_valise_suspended_check_own (self->bundle, UUID, &error));
  g_assert_no_error (error);

  /* Another file is another file all the same. */
  g_free (other);
  other = g_strdup_printf ("%.*s1%s", (int) (strchr (text, ':') + 1 - text), text, strchr (text, ':') + 1);
  write_file (self->record, other);
  g_assert_false (_valise_suspended_check_own (self->bundle, UUID, &error));
  g_assert_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_ASK);
}

static void
test_begun_device (Place *self, gconstpointer data)
{
  g_autofree char *begun = g_strconcat (self->record, ".begun", NULL);
  g_autofree char *text = NULL;
  g_autofree char *other = NULL;

  g_test_summary ("What was begun before a power cut is known after it, when the device has another number");
  begin (self);
  write_file (self->partial, WHOLE);
  g_assert_true (g_file_get_contents (begun, &text, NULL, NULL));
  other = g_strconcat ("1", text, NULL);
  write_file (begun, other);
  g_assert_true (_valise_suspended_exists (self->bundle, UUID));
}

static void
test_kept (Place *self, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (self->bundle, "snapshots", NULL);
  g_autofree char *memory = g_build_filename (folder, "memory", NULL);
  g_autofree char *whole = g_build_filename (self->bundle, "state", "suspend.save", NULL);
  g_autoptr (GError) error = NULL;

  g_test_summary ("A snapshot's memory that was put back before it was noted is our own, another's is not");
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  write_file (memory, WHOLE);
  g_assert_cmpint (link (memory, whole), ==, 0);
  g_assert_false (_valise_suspended_check_own (self->bundle, UUID, NULL));
  g_assert_true (_valise_suspended_remember_kept (UUID, "0123456789ab", memory, &error));
  g_assert_true (_valise_suspended_check_own (self->bundle, UUID, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_unlink (whole), ==, 0);
  write_file (whole, WHOLE);
  g_assert_false (_valise_suspended_check_own (self->bundle, UUID, NULL));
}

static void
test_no_uuid (Place *self, gconstpointer data)
{
  static const char *const uuids[] = { "../victim", "../../victim", "suspended/../../victim", "" };
  g_autofree char *victim = g_build_filename (self->state, "victim", NULL);
  g_autofree char *outer = g_build_filename (self->root, "victim", NULL);
  g_autofree char *folder = g_build_filename (self->state, "suspended", "suspended", NULL);
  g_autofree char *config = g_build_filename (self->bundle, "config.xml", NULL);
  g_autofree char *whole = g_build_filename (self->bundle, "state", "suspend.save", NULL);
  g_autoptr (ValiseHost) host = valise_host_new ("test:///default");

  g_test_summary ("A uuid that is a path leads to nobody's file");
  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (uuids); i++)
    {
      g_autofree char *xml = g_strdup_printf ("<domain type='qemu'><name>m</name><uuid>%s</uuid></domain>", uuids[i]);
      g_autoptr (ValiseMachine) machine = valise_machine_new (host, self->bundle);
      g_autofree char *text = NULL, *outer_text = NULL;

      write_file (victim, "mine");
      write_file (outer, "mine");
      write_file (config, xml);
      write_file (self->partial, WHOLE);
      g_assert_true (valise_machine_load (machine, TRUE, NULL));
      g_assert_cmpint (valise_machine_get_state (machine), ==, VALISE_MACHINE_OFF);
      g_assert_true (g_file_get_contents (victim, &text, NULL, NULL));
      g_assert_true (g_file_get_contents (outer, &outer_text, NULL, NULL));
      g_assert_cmpstr (text, ==, "mine");
      g_assert_cmpstr (outer_text, ==, "mine");
      g_assert_false (g_file_test (whole, G_FILE_TEST_EXISTS));
    }
}

#define ADD(path, func) g_test_add ("/engine/suspended/" path, Place, NULL, place_set_up, func, place_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("killed", test_killed);
  ADD ("killed-anywhere", test_killed_anywhere);
  ADD ("settled", test_settled);
  ADD ("foreign", test_foreign);
  ADD ("copy", test_copy);
  ADD ("device", test_device);
  ADD ("begun-device", test_begun_device);
  ADD ("kept", test_kept);
  ADD ("no-uuid", test_no_uuid);
  return g_test_run ();
}
