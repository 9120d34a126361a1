/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a clone may have: of a stranger's bundle nothing that was not allowed, whichever moment of it is cloned. */
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "bundle/valise-identity.h"
#include "bundle/valise-new-disks.h"
#include "engine/valise-clone-job.h"
#include "engine/valise-machine-snapshots.h"
#include "model/valise-effective.h"
#include "place.h"

#define UUID "5b6c7a31-6d6e-4d0c-9d0e-0d1f5a3c9b10"

static const char config[] =
    "<domain type='qemu'><name>Gift</name><uuid>" UUID "</uuid><memory unit='MiB'>64</memory><vcpu>1</vcpu>"
    "<os><type arch='x86_64' machine='q35'>hvm</type></os><devices>"
    "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='disks/root.qcow2'/>"
    "<target dev='vda' bus='virtio'/></disk>%s</devices></domain>";

typedef struct
{
  Place place;
  char *path, *secret;
} Fixture;

static void
set_up (Fixture *self, gconstpointer unused)
{
  g_autofree char *state = NULL;

  place_begin (&self->place, "secret");
  self->path = g_build_filename (self->place.directory, "Gift.vmbundle", NULL);
  self->secret = g_build_filename (self->place.directory, "secret", NULL);
  state = g_build_filename (self->place.directory, "s", NULL);
  g_setenv ("VALISE_STATE_DIR", state, TRUE);
  place_run (self->place.directory, "mkdir -p s out Gift.vmbundle/disks && yes the-secret | head -c 65536 > secret"
                                    " && qemu-img create -q -f qcow2 Gift.vmbundle/disks/root.qcow2 1M");
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  g_free (self->path);
  g_free (self->secret);
  place_tear_down (&self->place, NULL);
}

static void
write_config (Fixture *self, const char *file, const char *devices)
{
  g_autofree char *path = g_build_filename (self->path, file, NULL);
  g_autofree char *text = NULL;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  text = g_strdup_printf (config, devices);
#pragma GCC diagnostic pop
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static ValiseMachine *
load (Fixture *self)
{
  g_autoptr (ValiseHost) host = valise_host_new ("test:///default");
  g_autoptr (GError) error = NULL;
  ValiseMachine *machine = valise_machine_new (host, self->path);

  valise_machine_load (machine, FALSE, &error);
  g_assert_no_error (error);
  return machine;
}

static char *
try_clone (Fixture *self, const ValiseCloneChoice *choice, GError **error)
{
  g_autoptr (ValiseMachine) machine = load (self);
  g_autofree char *out = g_build_filename (self->place.directory, "out", NULL);
  g_autoptr (ValiseJob) job = valise_clone_job_new (machine, out, "Mine", choice);

  return valise_job_run_sync (job, error) ? valise_job_dup_result_path (job) : NULL;
}

static char *
clone_machine (Fixture *self, const ValiseCloneChoice *choice)
{
  g_autoptr (GError) error = NULL;
  char *path = try_clone (self, choice, &error);

  g_assert_no_error (error);
  return path;
}

static GPtrArray *
list_asks (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (path, &error);
  g_autofree char *uuid = valise_document_get (valise_bundle_get_document (bundle), "uuid");
  g_autoptr (ValiseGrants) grants = valise_grants_load (uuid, &error);

  g_assert_no_error (error);
  return valise_effective_list_asks (valise_bundle_get_document (bundle), path, grants);
}

static void
allow_all (Fixture *self)
{
  g_autoptr (GPtrArray) asks = list_asks (self->path);
  g_autoptr (ValiseGrants) grants = valise_grants_load (UUID, NULL);

  g_assert_cmpuint (asks->len, >, 0);
  for (guint i = 0; i < asks->len; i++)
    {
      const ValiseAsk *ask = asks->pdata[i];

      g_assert_true (valise_grants_allow (grants, ask->knob, ask->value, NULL));
    }
}

static void
assert_asks (const char *path, gboolean granted)
{
  g_autoptr (GPtrArray) asks = list_asks (path);

  g_assert_cmpuint (asks->len, >, 0);
  for (guint i = 0; i < asks->len; i++)
    g_assert_cmpint (((ValiseAsk *) asks->pdata[i])->granted, ==, granted);
}

static char *
outside_disk (Fixture *self)
{
  return g_strdup_printf ("<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='%s'/>"
                          "<target dev='sdb' bus='sata'/></disk>",
                          self->secret);
}

/* A file of this computer does not become the clone's own, which it could then show to anybody. */
static void
test_outside (Fixture *self, gconstpointer unused)
{
  const ValiseCloneChoice choice = { .keep_keys = TRUE };
  g_autofree char *devices = outside_disk (self);
  g_autofree char *out = g_build_filename (self->place.directory, "out", NULL);
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;

  write_config (self, "config.xml", devices);
  g_assert_null (try_clone (self, &choice, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  g_assert_nonnull (strstr (error->message, "sdb"));
  g_assert_cmpuint (place_count (out), ==, 0);
  allow_all (self);
  path = clone_machine (self, &choice);
  place_run (path, "cmp disks/sdb-secret ../../secret");
}

static void
test_shared (Fixture *self, gconstpointer allowed)
{
  g_autofree char *devices = outside_disk (self);
  g_autoptr (GHashTable) disks = g_hash_table_new (g_str_hash, g_str_equal);
  const ValiseCloneChoice choice = { .keep_keys = TRUE, .disks = disks };
  g_autofree char *shareable = NULL;
  g_autofree char *path = NULL;

  devices[strlen (devices) - strlen ("</disk>")] = '\0';
  shareable = g_strconcat (devices, "<shareable/></disk>", NULL);
  write_config (self, "config.xml", shareable);
  if (allowed != NULL)
    allow_all (self);
  g_hash_table_insert (disks, (gpointer) "sdb", GINT_TO_POINTER (VALISE_CLONE_DISK_SHARE));
  path = clone_machine (self, &choice);
  assert_asks (path, allowed != NULL);
}

/* What only an earlier moment asked for was never allowed. */
static void
test_moment (Fixture *self, gconstpointer unused)
{
  g_autoptr (ValiseMachine) machine = NULL;
  g_autofree char *id = NULL;
  g_autofree char *then = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  ValiseCloneChoice choice = { .keep_keys = TRUE };

  write_config (self, "config.xml", "");
  machine = load (self);
  id = valise_machine_take_snapshot (machine, "Then", NULL, FALSE, NULL, &error);
  g_assert_no_error (error);
  then = g_build_filename ("snapshots", id, "domain.xml", NULL);
  write_config (self, then, "<serial type='file'><source path='/tmp/anything'/><target port='0'/></serial>");
  choice.snapshot = id;
  path = clone_machine (self, &choice);
  assert_asks (path, FALSE);
}

/* A bundle that says it is another machine of this computer has not been allowed what that one was. */
static void
test_twin (Fixture *self, gconstpointer unused)
{
  const ValiseCloneChoice choice = { .keep_keys = TRUE };
  g_autoptr (ValiseBundle) bundle = NULL;
  g_autofree char *path = NULL;

  write_config (self, "config.xml", "<serial type='file'><source path='/tmp/anything'/><target port='0'/></serial>");
  allow_all (self);
  bundle = valise_bundle_open (self->path, NULL);
  g_assert_true (valise_identity_remember (bundle, NULL));
  place_run (self->place.directory, "cp -r Gift.vmbundle Twin.vmbundle");
  g_free (self->path);
  self->path = g_build_filename (self->place.directory, "Twin.vmbundle", NULL);
  path = clone_machine (self, &choice);
  assert_asks (path, FALSE);
}

/* Settings that are refused have changed no image before: what is frozen may be another machine's as well. */
static void
test_larger (Fixture *self, gconstpointer unused)
{
  g_autoptr (ValiseMachine) machine = NULL;
  g_autoptr (ValiseDocument) document = NULL;
  g_autofree char *id = NULL;
  g_autofree char *size = valise_new_disks_knob ("disks/root.qcow2");
  g_autoptr (GError) error = NULL;

  write_config (self, "config.xml", "");
  machine = load (self);
  id = valise_machine_take_snapshot (machine, "Then", NULL, FALSE, NULL, &error);
  g_assert_no_error (error);
  document = valise_document_copy (valise_machine_get_document (machine));
  g_assert_true (valise_document_set (document, "devices/disk[1]/source/@file", "disks/root.qcow2", NULL));
  g_assert_true (valise_document_set (document, size, "8388608", NULL));
  g_assert_false (valise_machine_apply (machine, document, NULL, NULL, &error));
  g_assert_error (error, VALISE_SNAPSHOT_ERROR, VALISE_SNAPSHOT_ERROR_FROZEN);
  place_run (self->path, "qemu-img info disks/root.qcow2 | grep -q '(1048576 bytes)'");
}

static void
test_undone (Fixture *self, gconstpointer unused)
{
  g_autoptr (GHashTable) disks = g_hash_table_new (g_str_hash, g_str_equal);
  const ValiseCloneChoice choice = { .linked = TRUE, .disks = disks };
  g_autofree char *images = g_build_filename (self->path, "disks", NULL);
  g_autofree char *out = g_build_filename (self->place.directory, "out", NULL);
  g_autoptr (ValiseMachine) machine = NULL;
  g_autoptr (GPtrArray) snapshots = NULL;
  g_autoptr (GError) error = NULL;

  g_test_summary ("A linked clone that fails leaves no snapshot, and no image that it was frozen in");
  write_config (self, "config.xml", "");
  place_run (self->path, "qemu-io -f qcow2 -c 'write -q 0 64k' disks/root.qcow2 > /dev/null");
  g_hash_table_insert (disks, (gpointer) "vdz", GINT_TO_POINTER (VALISE_CLONE_DISK_LEAVE));
  g_assert_null (try_clone (self, &choice, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  machine = load (self);
  snapshots = valise_machine_list_snapshots (machine, NULL);
  g_assert_cmpuint (snapshots->len, ==, 0);
  g_assert_false (valise_snapshots_has_left (self->path));
  g_assert_cmpuint (place_count (images), ==, 1);
  g_assert_cmpuint (place_count (out), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/engine/clone-reach/outside", Fixture, NULL, set_up, test_outside, tear_down);
  g_test_add ("/engine/clone-reach/shared", Fixture, NULL, set_up, test_shared, tear_down);
  g_test_add ("/engine/clone-reach/shared-allowed", Fixture, "allowed", set_up, test_shared, tear_down);
  g_test_add ("/engine/clone-reach/moment", Fixture, NULL, set_up, test_moment, tear_down);
  g_test_add ("/engine/clone-reach/twin", Fixture, NULL, set_up, test_twin, tear_down);
  g_test_add ("/engine/clone-reach/undone", Fixture, NULL, set_up, test_undone, tear_down);
  g_test_add ("/engine/clone-reach/larger", Fixture, NULL, set_up, test_larger, tear_down);
  return g_test_run ();
}
