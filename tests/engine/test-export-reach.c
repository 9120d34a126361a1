/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A bundle from elsewhere names files of this computer; without a grant none of them goes out in what is exported. */
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "base/valise-process.h"
#include "bundle/valise-image.h"
#include "bundle/valise-snapshot.h"
#include "engine/valise-engine-error.h"
#include "engine/valise-export.h"
#include "model/valise-grants.h"

#define SECRET "The-Secret-Of-This-Computer"
#define UUID "5b6c7a31-6d6e-4d0c-9d0e-0d1f5a3c9b10"

static const char config[] =
    "<domain type='qemu'><name>Gift</name><uuid>" UUID "</uuid><memory unit='MiB'>64</memory><vcpu>1</vcpu>"
    "<os><type arch='x86_64' machine='q35'>hvm</type>%s</os><devices>"
    "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='disks/root.qcow2'/>"
    "<target dev='vda' bus='virtio'/></disk>%s</devices></domain>";

typedef struct
{
  char *root, *path, *secret, *out;
} Place;

static void
run (const char *directory, const char *command)
{
  const char *const argv[] = { "sh", "-ec", command, NULL };
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_chdir (directory), ==, 0);
  valise_process_run (argv, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
set_up (Place *self, gconstpointer unused)
{
  g_autofree char *state = NULL;

  self->root = g_dir_make_tmp ("v-XXXXXX", NULL);
  self->path = g_build_filename (self->root, "Gift.vmbundle", NULL);
  self->secret = g_build_filename (self->root, "secret", NULL);
  self->out = g_build_filename (self->root, "out", NULL);
  state = g_build_filename (self->root, "state", NULL);
  g_setenv ("VALISE_STATE_DIR", state, TRUE);
  run (self->root, "mkdir -p out Gift.vmbundle/disks Gift.vmbundle/media && yes " SECRET " | head -c 65536 > secret &&"
                   " qemu-img create -q -f qcow2 Gift.vmbundle/disks/root.qcow2 1M");
}

static void
tear_down (Place *self, gconstpointer unused)
{
  g_assert_cmpint (g_chdir ("/"), ==, 0);
  g_assert_true (valise_directory_remove (self->root, NULL));
  g_free (self->root);
  g_free (self->path);
  g_free (self->secret);
  g_free (self->out);
}

static char *
disk_of (const char *device, const char *file)
{
  return g_strdup_printf ("<disk type='file' device='%s'><driver name='qemu' type='raw'/><source file='%s'/>"
                          "<target dev='sdb' bus='sata'/></disk>",
                          device, file);
}

static void
write_config (Place *self, const char *os, const char *devices)
{
  g_autofree char *file = g_build_filename (self->path, "config.xml", NULL);
  g_autofree char *text = NULL;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  text = g_strdup_printf (config, os, devices);
#pragma GCC diagnostic pop
  g_assert_true (g_file_set_contents (file, text, -1, NULL));
}

static ValiseJob *
new_job_of (Place *self, const char *snapshot, const char *name, const char *disk)
{
  g_autoptr (ValiseHost) host = valise_host_new ("test:///default");
  g_autoptr (ValiseMachine) machine = valise_machine_new (host, self->path);
  g_autoptr (GPtrArray) machines = g_ptr_array_new ();
  g_autofree char *target = g_build_filename (self->out, name, NULL);
  g_autoptr (GError) error = NULL;
  ValiseExportChoice choice;

  valise_machine_load (machine, FALSE, &error);
  g_assert_no_error (error);
  g_ptr_array_add (machines, machine);
  g_assert_true (valise_export_choose (&choice, NULL, target));
  choice.disk = disk;
  choice.snapshot = snapshot;
  return valise_export_machines_job_new (machines, target, &choice);
}

static ValiseJob *
new_job (Place *self, const char *name, const char *disk)
{
  return new_job_of (self, NULL, name, disk);
}

static const ValiseFinding *
find_finding (GPtrArray *report, const char *code)
{
  for (guint i = 0; report != NULL && i < report->len; i++)
    if (g_str_equal (((const ValiseFinding *) report->pdata[i])->code, code))
      return report->pdata[i];
  return NULL;
}

/* How much of what was written shows the secret; disks are made raw for that. */
static gboolean
shows_secret (Place *self)
{
  g_autofree char *found = g_build_filename (self->root, "found", NULL);

  run (self->out, "rm -f ../found; find . -name '*.ova' -execdir tar -xf {} \\;;"
                  " for image in $(find . -name '*.vmdk') $(find . -name '*.qcow2') $(find . -name '*.iso'); do"
                  " case $image in *.vmdk) format=vmdk;; *.qcow2) format=qcow2;; *) format=raw;; esac;"
                  " qemu-img convert -f $format -O raw $image $image.flat; done; grep -rlq " SECRET
                  " . && touch ../found || true");
  return g_file_test (found, G_FILE_TEST_EXISTS);
}

static void
grant (const char *knob, const char *value)
{
  g_autoptr (ValiseGrants) grants = valise_grants_load (UUID, NULL);

  g_assert_true (valise_grants_allow (grants, knob, value, NULL));
}

static const struct
{
  const char *title, *device, *knob, *name, *code;
} cases[] = {
  { "disk-ova", "disk", NULL, "Gift.ova", "disk-withheld" },
  { "disk-utm", "disk", NULL, "Gift.utm", "disk-withheld" },
  { "disc-utm", "cdrom", NULL, "Gift.utm", "medium-withheld" },
  { "kernel-utm", NULL, "kernel", "Gift.utm", "boot-withheld" },
  { "initrd-utm", NULL, "initrd", "Gift.utm", "boot-withheld" },
};

/* Without a grant it stays behind and is named; with one it goes along. */
static void
test_elsewhere (Place *self, gconstpointer number)
{
  guint i = GPOINTER_TO_UINT (number);
  g_autofree char *devices = cases[i].device != NULL ? disk_of (cases[i].device, self->secret) : g_strdup ("");
  g_autofree char *os = cases[i].knob != NULL
                            ? g_strdup_printf ("<%s>%s</%s>", cases[i].knob, self->secret, cases[i].knob)
                            : g_strdup ("");
  g_autofree char *knob =
      cases[i].knob != NULL ? g_strconcat ("os/", cases[i].knob, NULL) : g_strdup ("devices/disk[2]/source/@file");

  write_config (self, os, devices);
  for (guint granted = 0; granted < 2; granted++)
    {
      g_autoptr (ValiseJob) job = NULL;
      g_autoptr (GPtrArray) report = NULL;
      g_autoptr (GError) error = NULL;
      const ValiseFinding *finding;

      run (self->root, "rm -rf out && mkdir out");
      if (granted)
        grant (knob, self->secret);
      job = new_job (self, cases[i].name, NULL);
      valise_job_run_sync (job, &error);
      g_assert_no_error (error);
      report = valise_export_job_get_report (job);
      finding = find_finding (report, cases[i].code);
      g_assert_true (shows_secret (self) == (granted != 0));
      g_assert_true ((finding == NULL) == (granted != 0));
      if (finding != NULL)
        g_assert_nonnull (strstr (finding->text, self->secret));
    }
}

static void
test_single (Place *self, gconstpointer unused)
{
  g_autofree char *devices = disk_of ("disk", self->secret);
  g_autoptr (ValiseJob) job = NULL, other = NULL;
  g_autoptr (GError) error = NULL;

  write_config (self, "", devices);
  job = new_job (self, "one.img", "sdb");
  g_assert_false (valise_job_run_sync (job, &error));
  g_assert_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE);
  g_clear_error (&error);
  other = new_job (self, "two.img", "vda");
  valise_job_run_sync (other, &error);
  g_assert_no_error (error);
  g_assert_false (shows_secret (self));
}

/* What lies in the bundle by its name and elsewhere in truth is refused, whatever leads there. */
static void
test_links (Place *self, gconstpointer unused)
{
  static const struct
  {
    const char *make, *os, *file, *name;
  } links[] = {
    { "ln -s ../../secret Gift.vmbundle/disks/data.img", "", "disks/data.img", "Gift.ova" },
    { "ln -s ../../secret Gift.vmbundle/disks/data.img", "", "disks/data.img", "Gift.utm" },
    { "mkdir away && cp secret away/data.img && ln -s ../away Gift.vmbundle/more", "", "more/data.img", "Gift.ova" },
    { "ln -s ../../secret Gift.vmbundle/media/linux", "<kernel>media/linux</kernel>", NULL, "Gift.utm" },
    { "mkfifo Gift.vmbundle/media/linux", "<kernel>media/linux</kernel>", NULL, "Gift.utm" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (links); i++)
    {
      g_autofree char *devices = links[i].file != NULL ? disk_of ("disk", links[i].file) : g_strdup ("");
      g_autoptr (ValiseJob) job = NULL;
      g_autoptr (GError) error = NULL;

      run (self->root, "rm -rf out Gift.vmbundle/disks/data.img Gift.vmbundle/media/linux && mkdir out");
      run (self->root, links[i].make);
      write_config (self, links[i].os, devices);
      job = new_job (self, links[i].name, NULL);
      g_assert_false (valise_job_run_sync (job, &error));
      g_assert_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE);
      g_assert_false (shows_secret (self));
    }
}

/* --- without snapshots --- */

static char *
take_snapshot (Place *self)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (self->path, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseSnapshotTaking) taking = valise_snapshot_begin (bundle, "Then", NULL, NULL, &error);
  char *id = taking != NULL ? valise_snapshot_taking_commit (taking, VALISE_SNAPSHOT_MEMORY_NONE, &error) : NULL;

  g_assert_no_error (error);
  return id;
}

static ValiseJob *
new_job_without (Place *self)
{
  g_autoptr (ValiseHost) host = valise_host_new ("test:///default");
  g_autoptr (ValiseMachine) machine = valise_machine_new (host, self->path);
  g_autoptr (GPtrArray) machines = g_ptr_array_new ();
  g_autofree char *target = g_build_filename (self->out, "Copy.vmbundle", NULL);
  ValiseExportChoice choice;

  valise_machine_load (machine, FALSE, NULL);
  g_ptr_array_add (machines, machine);
  g_assert_true (valise_export_choose (&choice, NULL, target));
  choice.snapshots = FALSE;
  return valise_export_machines_job_new (machines, target, &choice);
}

/* What snapshots froze stays behind wherever it lies, and nothing else. */
static void
test_frozen (Place *self, gconstpointer unused)
{
  g_autofree char *devices = disk_of ("disk", "data.img");
  g_autoptr (ValiseJob) job = NULL;
  g_autofree char *id = NULL;
  g_autoptr (GError) error = NULL;

  run (self->path, "truncate -s 1M data.img && echo mine > disks/notes.txt");
  write_config (self, "", devices);
  id = take_snapshot (self);
  job = new_job_without (self);
  valise_job_run_sync (job, &error);
  g_assert_no_error (error);
  run (self->out, "cd Copy.vmbundle && test -f disks/notes.txt && test ! -e data.img && test ! -e snapshots &&"
                  " test ! -e disks/root.qcow2 && test $(ls disks/*.qcow2 | wc -l) = 1 &&"
                  " ! qemu-img info disks/*.qcow2 | grep -q backing");
}

/* What a run wrote of which nothing was to be kept does not go out, even when that run was killed. */
static void
test_disposable (Place *self, gconstpointer unused)
{
  g_autoptr (ValiseJob) job = NULL;
  g_autoptr (GError) error = NULL;

  write_config (self, "", "");
  run (self->path, "mkdir -p state/disposable && echo " SECRET " > state/disposable/1.qcow2");
  job = new_job (self, "Copy.vmbundle", NULL);
  valise_job_run_sync (job, &error);
  g_assert_no_error (error);
  run (self->out, "test -f Copy.vmbundle/config.xml && test ! -e Copy.vmbundle/state/disposable");
}

/* A chain that cannot be told is no reason to leave the images below it behind without a word. */
static void
test_torn (Place *self, gconstpointer unused)
{
  g_autoptr (ValiseJob) job = NULL;
  g_autofree char *id = NULL;
  g_autoptr (GError) error = NULL;

  write_config (self, "", "");
  id = take_snapshot (self);
  run (self->path, "rm disks/root.qcow2");
  job = new_job_without (self);
  g_assert_false (valise_job_run_sync (job, &error));
  g_assert_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_MISSING);
}

/* A disk from elsewhere is as it is now, also where it may be read. */
static void
test_snapshot (Place *self, gconstpointer unused)
{
  g_autofree char *devices = disk_of ("disk", self->secret);
  g_autofree char *id = NULL;
  g_autoptr (ValiseJob) job = NULL;
  g_autoptr (GPtrArray) report = NULL;
  g_autoptr (GError) error = NULL;

  write_config (self, "", devices);
  id = take_snapshot (self);
  grant ("devices/disk[2]/source/@file", self->secret);
  job = new_job_of (self, id, "Then.ova", NULL);
  valise_job_run_sync (job, &error);
  g_assert_no_error (error);
  report = valise_export_job_get_report (job);
  g_assert_false (shows_secret (self));
  g_assert_nonnull (find_finding (report, "disk-later"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/engine/export-reach/", cases[i].title, NULL);

      g_test_add (path, Place, GUINT_TO_POINTER (i), set_up, test_elsewhere, tear_down);
    }
  g_test_add ("/engine/export-reach/single", Place, NULL, set_up, test_single, tear_down);
  g_test_add ("/engine/export-reach/links", Place, NULL, set_up, test_links, tear_down);
  g_test_add ("/engine/export-reach/frozen", Place, NULL, set_up, test_frozen, tear_down);
  g_test_add ("/engine/export-reach/disposable", Place, NULL, set_up, test_disposable, tear_down);
  g_test_add ("/engine/export-reach/snapshot", Place, NULL, set_up, test_snapshot, tear_down);
  g_test_add ("/engine/export-reach/torn", Place, NULL, set_up, test_torn, tear_down);
  return g_test_run ();
}
