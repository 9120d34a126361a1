/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Disks written once more, with real images and qemu-img: what the guest sees is compared before and after, also when
 * the program is killed at each of its steps and at any moment. */
#include "engine/valise-disk-jobs.h"

#include "base/valise-path.h"
#include "base/valise-process.h"
#include "base/valise-size.h"
#include "bundle/valise-image.h"
#include "bundle/valise-lock.h"
#include "kill-points.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define DISK_BYTES (12 * VALISE_MIB)
#define KILLS 40
#define LATEST_KILL_MICROSECONDS 500000

static const char document[] =
    "<domain type='kvm'>\n"
    "  <name>Made</name>\n"
    "  <uuid>11111111-2222-4333-8444-555555555555</uuid>\n"
    "  <metadata><valise:machine xmlns:valise='https://valise.page/bundle/1' version='1' name='Made'>"
    "<valise:disk source='disks/root.qcow2' size='12582912'/></valise:machine></metadata>\n"
    "  <memory unit='MiB'>128</memory>\n"
    "  <vcpu>1</vcpu>\n"
    "  <os><type arch='x86_64' machine='q35'>hvm</type></os>\n"
    "  <devices>\n"
    "    <disk type='file' device='disk'>\n"
    "      <driver name='qemu' type='qcow2' cache='none'><metadata_cache><max_size unit='MiB'>1</max_size>"
    "</metadata_cache></driver>\n"
    "      <source file='disks/root.qcow2'/>\n"
    "      <target dev='vda' bus='virtio'/>\n"
    "    </disk>\n"
    "    <disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='/none.iso'/>"
    "<target dev='sda' bus='sata'/></disk>\n"
    "%s"
    "  </devices>\n"
    "</domain>\n";

typedef struct
{
  char *root, *path;
  char *reference; /* raw, what the guest is to see */
  guint round;
} Place;

static void
qemu_img (const char *first, ...)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  va_list words;

  g_ptr_array_add (argv, (gpointer) "qemu-img");
  va_start (words, first);
  for (const char *word = first; word != NULL; word = va_arg (words, const char *))
    g_ptr_array_add (argv, (gpointer) word);
  va_end (words);
  g_ptr_array_add (argv, NULL);
  valise_process_run ((const char *const *) argv->pdata, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

/* A third that is no two bytes the same, a third of zeros that are stored, a third that was never written. */
static void
write_reference (const char *file)
{
  g_autofree guint8 *bytes = g_malloc0 (DISK_BYTES);
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);

  for (gsize i = 0; i < DISK_BYTES / 3; i += 4)
    *(guint32 *) (void *) (bytes + i) = g_rand_int (rand);
  g_assert_true (g_file_set_contents (file, (const char *) bytes, DISK_BYTES, NULL));
}

static void
make_disk (Place *self)
{
  g_autofree char *disk = g_build_filename (self->path, "disks", "root.qcow2", NULL);

  qemu_img ("convert", "-f", "raw", "-O", "qcow2", "-S", "0", "-o", "cluster_size=32k", self->reference, disk, NULL);
}

static void
write_config (Place *self, const char *devices)
{
  g_autofree char *config = g_build_filename (self->path, "config.xml", NULL);
  g_autofree char *text = g_strdup_printf (document, devices);

  g_assert_true (g_file_set_contents (config, text, -1, NULL));
}

static void
set_up (Place *self, gconstpointer data)
{
  g_autofree char *state = NULL;
  g_autofree char *disks = NULL;

  self->root = g_dir_make_tmp ("v-XXXXXX", NULL);
  self->path = g_build_filename (self->root, "Made.vmbundle", NULL);
  self->reference = g_build_filename (self->root, "reference.img", NULL);
  state = g_build_filename (self->root, "state", NULL);
  disks = g_build_filename (self->path, "disks", NULL);
  g_setenv ("VALISE_STATE_DIR", state, TRUE);
  g_assert_cmpint (g_mkdir_with_parents (disks, 0700), ==, 0);
  write_config (self, "");
  write_reference (self->reference);
  make_disk (self);
}

static void
tear_down (Place *self, gconstpointer data)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_true (valise_directory_remove (self->root, NULL));
  g_free (self->root);
  g_free (self->path);
  g_free (self->reference);
}

/* --- looking --- */

static char *
get (Place *self, const char *knob)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (self->path, &error);

  g_assert_no_error (error);
  return valise_document_get (valise_bundle_get_document (bundle), knob);
}

/* The disk that the settings name is whole and holds what it held. */
static void
assert_same (Place *self)
{
  g_autofree char *source = get (self, "devices/disk[1]/source/@file");
  g_autofree char *format = get (self, "devices/disk[1]/driver/@type");
  g_autofree char *disk = g_build_filename (self->path, source, NULL);

  qemu_img ("compare", "-f", "raw", "-F", format, self->reference, disk, NULL);
  if (g_str_equal (format, "qcow2"))
    qemu_img ("check", "-q", "-f", "qcow2", disk, NULL);
}

static guint
count_files (Place *self)
{
  g_autofree char *disks = g_build_filename (self->path, "disks", NULL);
  g_autoptr (GDir) directory = g_dir_open (disks, 0, NULL);
  guint count = 0;

  while (g_dir_read_name (directory) != NULL)
    count++;
  return count;
}

static guint64
taken (Place *self)
{
  g_autofree char *source = get (self, "devices/disk[1]/source/@file");
  g_autofree char *disk = g_build_filename (self->path, source, NULL);
  struct stat st;

  g_assert_cmpint (stat (disk, &st), ==, 0);
  return (guint64) st.st_blocks * 512;
}

/* --- doing --- */

static ValiseMachine *
machine_of (Place *self)
{
  g_autoptr (ValiseHost) host = valise_host_new ("test:///default");

  return valise_machine_new (host, self->path);
}

static gboolean
convert (Place *self, const char *target, const char *format, GError **error)
{
  g_autoptr (ValiseMachine) machine = machine_of (self);
  g_autoptr (ValiseJob) job = valise_convert_job_new (machine, target, format);

  return valise_job_run_sync (job, error);
}

static gboolean
compact (Place *self, const char *target, guint64 *freed, GError **error)
{
  const char *const targets[] = { target, NULL };
  g_autoptr (ValiseMachine) machine = machine_of (self);
  g_autoptr (ValiseJob) job = valise_compact_job_new (machine, target != NULL ? targets : NULL);
  gboolean done = valise_job_run_sync (job, error);

  if (done)
    {
      g_assert_cmpuint (valise_job_get_done (job), ==, valise_job_get_total (job));
      g_assert_cmpuint (valise_job_get_total (job), >, 0);
    }
  *freed = valise_compact_job_get_freed (job);
  return done;
}

static void
test_compact (Place *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint64 before = taken (self);
  guint64 freed;

  g_assert_true (compact (self, NULL, &freed, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (freed, >=, DISK_BYTES / 2);
  g_assert_cmpuint (taken (self), ==, before - freed);
  assert_same (self);
  /* Nothing is left to gain, and then nothing changes. */
  g_assert_true (compact (self, "vda", &freed, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (freed, ==, 0);
  g_assert_cmpuint (count_files (self), ==, 1);
  assert_same (self);
}

/* A quarter of text, which compresses well, and what is random, which does not. */
static void
test_compress (Place *self, gconstpointer data)
{
  g_autofree char *disk = g_build_filename (self->path, "disks", "root.qcow2", NULL);
  g_autoptr (ValiseMachine) machine = machine_of (self);
  g_autoptr (ValiseJob) job = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  gsize length = 0;
  guint64 plain;

  g_assert_true (g_file_get_contents (self->reference, &text, &length, NULL));
  for (gsize i = length * 3 / 4; i < length; i++)
    text[i] = "What is said again and again. "[i % 30];
  g_assert_true (g_file_set_contents (self->reference, text, (gssize) length, NULL));
  g_assert_cmpint (g_unlink (disk), ==, 0);
  make_disk (self);
  g_assert_true (compact (self, NULL, &plain, &error));
  plain = taken (self);
  job = valise_compress_job_new (machine, NULL);
  g_assert_true (valise_job_run_sync (job, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (valise_compact_job_get_freed (job), >=, DISK_BYTES / 5);
  g_assert_cmpuint (taken (self), ==, plain - valise_compact_job_get_freed (job));
  assert_same (self);
}

static void
test_convert (Place *self, gconstpointer data)
{
  static const struct
  {
    const char *format, *file;
  } rows[] = { { "raw", "disks/root.raw" }, { "qcow2", "disks/root.qcow2" }, { "raw", "disks/root-2.raw" } };
  g_autofree char *taken_name = g_build_filename (self->path, "disks", "root.raw", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *source = NULL;
      g_autofree char *size = NULL;
      g_autofree char *cache = NULL;
      g_autofree char *knob = g_strdup_printf ("metadata/valise:machine/valise:disk[@source='%s']/@size", rows[i].file);

      if (i == 2)
        g_assert_true (g_file_set_contents (taken_name, "somebody's", -1, NULL));
      g_assert_true (convert (self, "vda", rows[i].format, &error));
      g_assert_no_error (error);
      source = get (self, "devices/disk[1]/source/@file");
      g_assert_cmpstr (source, ==, rows[i].file);
      size = get (self, knob);
      g_assert_cmpstr (size, ==, "12582912");
      cache = get (self, "devices/disk[1]/driver/metadata_cache/max_size");
      g_assert_null (cache);
      g_assert_cmpuint (count_files (self), ==, i == 2 ? 2 : 1);
      assert_same (self);
    }
}

static void
assert_refused (Place *self, const char *target, const char *format, GQuark domain, int code)
{
  g_autoptr (GError) error = NULL;
  guint files = count_files (self);
  guint64 freed;

  if (format != NULL)
    g_assert_false (convert (self, target, format, &error));
  else
    g_assert_false (compact (self, target, &freed, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, domain, code);
  g_assert_cmpuint (count_files (self), ==, files);
  assert_same (self);
}

static void
test_refused (Place *self, gconstpointer data)
{
  static const char twin[] = "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>"
                             "<source file='disks/root.qcow2'/><target dev='vdb' bus='virtio'/></disk>\n";
  static const char outside[] = "<disk type='file' device='disk'><driver name='qemu' type='raw'/>"
                                "<source file='/none.img'/><target dev='vdb' bus='virtio'/></disk>\n";
  g_autofree char *disk = g_build_filename (self->path, "disks", "root.qcow2", NULL);
  g_autofree char *snapshot = g_build_filename (self->path, "snapshots", "one", NULL);
  g_autoptr (ValiseLock) lock = NULL;

  assert_refused (self, "vdx", NULL, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE);
  assert_refused (self, "sda", "raw", VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE);
  assert_refused (self, "vda", "qcow2", VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE);
  write_config (self, twin);
  assert_refused (self, "vda", "raw", VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE);
  assert_refused (self, NULL, NULL, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE);
  write_config (self, outside);
  assert_refused (self, "vdb", NULL, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE);
  write_config (self, "");
  lock = valise_lock_take (self->path, "editing", NULL);
  assert_refused (self, "vda", "raw", VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_LOCKED);
  g_clear_pointer (&lock, valise_lock_free);
  /* Snapshots build on what is there. */
  g_assert_cmpint (g_mkdir_with_parents (snapshot, 0700), ==, 0);
  assert_refused (self, "vda", "raw", VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE);
  g_assert_cmpint (g_rmdir (snapshot), ==, 0);
  /* What the disk holds besides what the guest sees is not thrown away. */
  qemu_img ("snapshot", "-c", "mine", disk, NULL);
  assert_refused (self, "vda", NULL, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_UNSAFE);
  assert_refused (self, "vda", "raw", VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_UNSAFE);
}

/* A table that lies askew: qemu-img cannot read it, and the message says whose fault it is. */
static void
test_damaged (Place *self, gconstpointer data)
{
  g_autofree char *disk = g_build_filename (self->path, "disks", "root.qcow2", NULL);
  g_autoptr (GError) error = NULL;
  guint64 freed, l1 = 0, wild = GUINT64_TO_BE ((G_GUINT64_CONSTANT (1) << 63) | 0x50200);
  int fd = open (disk, O_RDWR | O_CLOEXEC);

  g_assert_cmpint (pread (fd, &l1, 8, 40), ==, 8);
  g_assert_cmpint (pwrite (fd, &wild, 8, (off_t) GUINT64_FROM_BE (l1)), ==, 8);
  close (fd);
  g_assert_false (compact (self, "vda", &freed, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_DAMAGED);
  g_assert_nonnull (strstr (error->message, "root.qcow2"));
  g_assert_nonnull (strstr (error->message, "qemu-img"));
  g_assert_cmpuint (count_files (self), ==, 1);
}

static gpointer
cancel_soon (gpointer job)
{
  /* Somewhere within the work, of which no step has to be met. */
  for (guint i = 0; i < 2000 && valise_job_get_done (job) == 0 && valise_job_get_state (job) <= VALISE_JOB_RUNNING; i++)
    g_usleep (1000);
  valise_job_cancel (job);
  return NULL;
}

static void
test_cancel (Place *self, gconstpointer data)
{
  for (guint i = 0; i < 5; i++)
    {
      g_autoptr (ValiseMachine) machine = machine_of (self);
      g_autoptr (ValiseJob) job = valise_convert_job_new (machine, "vda", "raw");
      GThread *thread = g_thread_new ("cancel", cancel_soon, job);
      g_autoptr (GError) error = NULL;
      gboolean done = valise_job_run_sync (job, &error);

      g_thread_join (thread);
      if (!done)
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_cmpuint (count_files (self), ==, 1);
      assert_same (self);
      if (done)
        g_assert_true (convert (self, "vda", "qcow2", NULL));
    }
}

/* In a mount namespace of its own process, so that nothing stays of it. */
static void
work_on_full_medium (Place *self)
{
  g_autofree char *disks = g_build_filename (self->path, "disks", NULL);
  g_autofree char *disk = g_build_filename (disks, "root.qcow2", NULL);
  g_autofree char *kept = g_build_filename (self->root, "kept.qcow2", NULL);
  g_autoptr (GError) error = NULL;
  guint64 freed;

  if (unshare (CLONE_NEWNS) != 0 || mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
    _exit (77);
  if (rename (disk, kept) != 0 || mount ("none", disks, "tmpfs", 0, "size=20m") != 0)
    _exit (77);
  qemu_img ("convert", "-f", "qcow2", "-O", "qcow2", "-S", "0", kept, disk, NULL);
  g_assert_false (compact (self, "vda", &freed, &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_NO_SPACE);
  g_assert_cmpuint (count_files (self), ==, 1);
  assert_same (self);
  _exit (0);
}

static void
test_no_space (Place *self, gconstpointer data)
{
  pid_t child = fork ();
  int status = 0;

  if (child == 0)
    work_on_full_medium (self);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  if (WEXITSTATUS (status) == 77)
    g_test_skip ("mounting a small medium for the test needs root and a mount namespace");
  else
    g_assert_cmpint (WEXITSTATUS (status), ==, 0);
}

/* --- killed --- */

static void
work (gpointer data)
{
  Place *self = data;
  g_autofree char *format = get (self, "devices/disk[1]/driver/@type");

  convert (self, "vda", g_str_equal (format, "raw") ? "qcow2" : "raw", NULL);
}

/* Whatever it was killed at, the machine has its disk; and the next work on it leaves one file. */
static void
look (gpointer data)
{
  Place *self = data;
  guint64 freed;

  assert_same (self);
  g_assert_true (compact (self, NULL, &freed, NULL));
  assert_same (self);
  g_assert_cmpuint (count_files (self), ==, 1);
}

static void
test_killed_at_each_step (Place *self, gconstpointer data)
{
  kill_points_try (work, look, self);
}

static void
work_for_ever (Place *self)
{
  for (;;)
    {
      guint64 freed;

      work (self);
      compact (self, NULL, &freed, NULL);
    }
}

static void
test_killed_at_any_moment (Place *self, gconstpointer data)
{
  guint converted = 0;

  for (guint i = 0; i < KILLS; i++)
    {
      g_autofree char *before = get (self, "devices/disk[1]/source/@file");
      g_autofree char *after = NULL;
      pid_t child = fork ();
      int status;

      if (child == 0)
        work_for_ever (self);
      g_usleep ((gulong) g_test_rand_int_range (1000, LATEST_KILL_MICROSECONDS));
      kill (child, SIGKILL);
      g_assert_cmpint (waitpid (child, &status, 0), ==, child);
      after = get (self, "devices/disk[1]/source/@file");
      converted += !g_str_equal (before, after);
      assert_same (self);
    }
  g_test_message ("%d kills, %u of them after a conversion", KILLS, converted);
  look (self);
}

/* A note that was not written here, as a bundle from elsewhere brings one: nothing goes because of it. */
static void
test_strange_note (Place *self, gconstpointer data)
{
  static const char *const notes[] = { "1 1 disks/root.qcow2\n1 1 config.xml\n", "1 1 disks/root.qcow2\n0 0 ../../x\n",
                                       "", "x", "1 1 disks/root.qcow2\n1 1 disks/root.qcow2\n" };

  for (gsize i = 0; i < G_N_ELEMENTS (notes); i++)
    {
      g_autofree char *note = g_build_filename (self->path, ".conversion", NULL);

      g_assert_true (g_file_set_contents (note, notes[i], -1, NULL));
      look (self);
    }
}

#define ADD(name, test) g_test_add ("/engine/disk-jobs/" name, Place, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("killed-at-each-step", test_killed_at_each_step); /* before there are threads */
  ADD ("killed-at-any-moment", test_killed_at_any_moment);
  ADD ("no-space", test_no_space);
  ADD ("compact", test_compact);
  ADD ("compress", test_compress);
  ADD ("convert", test_convert);
  ADD ("refused", test_refused);
  ADD ("damaged", test_damaged);
  ADD ("strange-note", test_strange_note);
  ADD ("cancel", test_cancel);
  return g_test_run ();
}
