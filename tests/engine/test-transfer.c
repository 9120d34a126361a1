/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bringing machines in, and out of a medium that cannot be written; without QEMU and without a connection. */
#include "base/valise-path.h"
#include "bundle/valise-identity.h"
#include "bundle/valise-lock.h"
#include "engine/valise-export.h"
#include "engine/valise-jobs.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

typedef struct
{
  char *root;
  char *elsewhere;
  ValiseLibrary *library;
  ValiseBundle *source;
} Fixture;

static ValiseJob *
new_export (ValiseMachine *machine, const char *target)
{
  g_autoptr (GPtrArray) machines = g_ptr_array_new ();
  ValiseExportChoice choice;

  g_ptr_array_add (machines, machine);
  g_assert_true (valise_export_choose (&choice, NULL, target));
  return valise_export_machines_job_new (machines, target, &choice);
}

static ValiseBundle *
make (const char *directory, const char *name)
{
  g_autoptr (GError) error = NULL;
  ValiseBundle *bundle = valise_bundle_begin (directory, name, &error);

  g_assert_no_error (error);
  g_assert_true (valise_bundle_commit (bundle, valise_bundle_get_document (bundle), &error));
  g_assert_no_error (error);
  return bundle;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ValiseHost) host = valise_host_new ("test:///default");
  g_autofree char *state = NULL;
  g_autofree char *machines = NULL;

  fixture->root = g_dir_make_tmp ("v-XXXXXX", NULL);
  state = g_build_filename (fixture->root, "state", NULL);
  machines = g_build_filename (fixture->root, "machines", NULL);
  fixture->elsewhere = g_build_filename (fixture->root, "elsewhere", NULL);
  g_setenv ("VALISE_STATE_DIR", state, TRUE);
  fixture->source = make (fixture->elsewhere, "Source");
  fixture->library = valise_library_new (host, machines);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->library);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  valise_bundle_unref (fixture->source);
  g_assert_true (valise_directory_remove (fixture->root, NULL));
  g_free (fixture->elsewhere);
  g_free (fixture->root);
}

static ValiseBundle *
bring_in (Fixture *fixture, const char *file, const char *name, GError **error)
{
  g_autoptr (ValiseJob) job = valise_import_job_new (fixture->library, file, NULL, name);
  g_autofree char *path = NULL;

  if (!valise_job_run_sync (job, error))
    return NULL;
  path = valise_job_dup_result_path (job);
  return valise_bundle_open (path, error);
}

static char *
uuid_of (ValiseBundle *bundle)
{
  return valise_document_get (valise_bundle_get_document (bundle), "uuid");
}

static void
test_twice (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) first = bring_in (fixture, valise_bundle_get_path (fixture->source), NULL, &error);
  g_autoptr (ValiseBundle) second = NULL;
  g_autofree char *original = uuid_of (fixture->source);
  g_autofree char *one = NULL;
  g_autofree char *two = NULL;

  g_test_summary ("The first keeps the identity, the second one gets its own; a taken name is refused");
  g_assert_no_error (error);
  one = uuid_of (first);
  g_assert_cmpstr (one, ==, original);
  g_assert_null (bring_in (fixture, valise_bundle_get_path (fixture->source), NULL, &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_EXISTS);
  g_clear_error (&error);
  second = bring_in (fixture, valise_bundle_get_path (fixture->source), "Second", &error);
  g_assert_no_error (error);
  two = uuid_of (second);
  g_assert_cmpstr (two, !=, original);
  g_assert_cmpint (valise_identity_check (first, NULL), ==, VALISE_IDENTITY_KNOWN);
  g_assert_cmpint (valise_identity_check (second, NULL), ==, VALISE_IDENTITY_KNOWN);
}

static void
test_in_use (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseLock) lock = valise_lock_take (valise_bundle_get_path (fixture->source), "running", NULL);

  g_test_summary ("A bundle that somebody runs or edits is not copied half changed");
  g_assert_null (bring_in (fixture, valise_bundle_get_path (fixture->source), NULL, &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_LOCKED);
}

static void
test_read_only (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *target = g_build_filename (fixture->root, "Out.vmbundle.tar.zst", NULL);
  g_autoptr (ValiseMachine) machine = NULL;
  g_autoptr (ValiseJob) job = NULL;

  g_test_summary ("A machine on a medium that cannot be written can be exported away from it");
  if (geteuid () != 0 || unshare (CLONE_NEWNS) != 0 || mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0
      || mount (fixture->elsewhere, fixture->elsewhere, NULL, MS_BIND, NULL) != 0
      || mount (NULL, fixture->elsewhere, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) != 0)
    {
      g_test_skip ("making a folder read-only for the test needs root and a mount namespace");
      return;
    }
  machine = valise_library_open (fixture->library, valise_bundle_get_path (fixture->source), &error);
  g_assert_no_error (error);
  job = new_export (machine, target);
  g_assert_true (valise_job_run_sync (job, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_test (target, G_FILE_TEST_EXISTS));
  g_assert_cmpint (umount (fixture->elsewhere), ==, 0);
}

#define ADD(path, func) g_test_add ("/engine/transfer/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("twice", test_twice);
  ADD ("in-use", test_in_use);
  ADD ("read-only", test_read_only);
  return g_test_run ();
}
