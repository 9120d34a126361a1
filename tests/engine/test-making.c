/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Killed at each step of making a machine here: what is there then can start without asking its user what he has just
 * said. */
#include "base/valise-path.h"
#include "engine/valise-jobs.h"
#include "kill-points.h"
#include "model/valise-grants.h"

#include <glib/gstdio.h>

#define UUID "11111111-2222-4333-8444-555555555555"

static const char document[] =
    "<domain type='kvm'>\n"
    "  <name>Made</name>\n"
    "  <uuid>" UUID "</uuid>\n"
    "  <metadata><valise:machine xmlns:valise='https://valise.page/bundle/1' version='1' name='Made'/></metadata>\n"
    "  <memory unit='MiB'>128</memory>\n"
    "  <vcpu>1</vcpu>\n"
    "  <os><type arch='x86_64' machine='q35'>hvm</type></os>\n"
    "  <devices>\n"
    "    <disk type='file' device='cdrom'>\n"
    "      <driver name='qemu' type='raw'/>\n"
    "      <source file='/usr/share/somewhere/installer.iso'/>\n"
    "      <target dev='sda' bus='sata'/>\n"
    "      <readonly/>\n"
    "    </disk>\n"
    "    <serial type='pty'/>\n"
    "  </devices>\n"
    "</domain>\n";

typedef struct
{
  char *root;
  char *library;
  char *path; /* where the machine is to appear */
} Place;

static void
place_set_up (Place *self, gconstpointer data)
{
  g_autofree char *state = NULL;

  self->root = g_dir_make_tmp ("v-XXXXXX", NULL);
  self->library = g_build_filename (self->root, "machines", NULL);
  self->path = g_build_filename (self->library, "Made.vmbundle", NULL);
  state = g_build_filename (self->root, "state", NULL);
  g_setenv ("VALISE_STATE_DIR", state, TRUE);
}

static void
place_tear_down (Place *self, gconstpointer data)
{
  g_assert_true (valise_directory_remove (self->root, NULL));
  g_free (self->root);
  g_free (self->library);
  g_free (self->path);
}

static gboolean
create (Place *self, GError **error)
{
  g_autoptr (ValiseHost) host = valise_host_new ("test:///default");
  g_autoptr (ValiseLibrary) library = valise_library_new (host, self->library);
  g_autoptr (ValiseDocument) wanted = valise_document_new (document, -1, "wanted", NULL);
  g_autoptr (ValiseJob) job = valise_create_job_new (library, NULL, "Made", wanted, NULL);

  return valise_job_run_sync (job, error);
}

static void
work_create (gpointer data)
{
  create (data, NULL);
}

static void
remove_leftovers (Place *self)
{
  g_autoptr (GPtrArray) found = valise_bundle_find_leftovers (self->library);

  for (guint i = 0; i < found->len; i++)
    g_assert_true (valise_bundle_remove_leftover (found->pdata[i], NULL));
}

/* Either there is no machine or its list of asks is settled. */
static void
look_at_made (gpointer data)
{
  Place *self = data;
  g_autofree char *state = g_build_filename (self->root, "state", NULL);

  remove_leftovers (self);
  if (g_file_test (self->path, G_FILE_TEST_EXISTS))
    {
      g_autoptr (ValiseHost) host = valise_host_new ("test:///default");
      g_autoptr (ValiseMachine) machine = valise_machine_new (host, self->path);
      gboolean settled = FALSE;
      g_autoptr (GPtrArray) asks = valise_machine_list_asks (machine, &settled);

      g_assert_cmpuint (asks->len, >, 0);
      g_assert_true (settled);
      for (guint i = 0; i < asks->len; i++)
        g_assert_true (((ValiseAsk *) g_ptr_array_index (asks, i))->granted);
    }
  g_assert_true (valise_directory_remove (self->path, NULL));
  g_assert_true (valise_directory_remove (state, NULL));
}

static void
test_killed (Place *self, gconstpointer data)
{
  g_test_summary ("Killed before every single change to a file: no machine, or one that asks for nothing");
  kill_points_try (work_create, look_at_made, self);
}

static void
test_taken (Place *self, gconstpointer data)
{
  g_autofree char *grants = g_build_filename (self->root, "state", "grants", UUID, NULL);
  g_autoptr (GError) error = NULL;

  g_test_summary ("A machine that could not be made leaves no leave behind");
  g_assert_cmpint (g_mkdir_with_parents (self->path, 0700), ==, 0);
  g_assert_false (create (self, &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_EXISTS);
  g_assert_false (g_file_test (grants, G_FILE_TEST_EXISTS));
  g_clear_error (&error);

  /* Taken only at the end. */
  g_assert_true (valise_directory_remove (self->path, NULL));
  g_assert_true (create (self, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_test (grants, G_FILE_TEST_EXISTS));
}

#define ADD(path, func) g_test_add ("/engine/making/" path, Place, NULL, place_set_up, func, place_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("killed", test_killed);
  ADD ("taken", test_taken);
  return g_test_run ();
}
