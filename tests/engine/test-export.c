/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A guest that never stops writing to two disks is exported while it does. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <string.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "base/valise-process.h"
#include "bundle/valise-archive.h"
#include "bundle/valise-image-tap.h"
#include "bundle/valise-lock.h"
#include "engine-fixture.h"
#include "engine/valise-engine-error.h"
#include "engine/valise-export.h"
#include "engine/valise-jobs.h"
#include "engine/valise-machine-snapshots.h"
#include "formats/valise-outline.h"
#include "formats/valise-reader.h"

#define PATIENCE (60 * G_USEC_PER_SEC)
/* In turn to the first disk and to the second: k = 1, 2, 3, ... to sector 100 + k % 64. */
#define FIRST_SECTOR 100
#define RING 64

static const guint8 writer[] = {
  0xfa, 0x31, 0xc0, 0x8e, 0xd8, 0x8e, 0xd0,       /* cli; ax = ds = ss = 0 */
  0xbc, 0x00, 0x7c, 0xfb,                         /* sp = 0x7c00; sti */
  0x66, 0xff, 0x06, 0x00, 0x80,                   /* next: incl 0x8000 */
  0x66, 0xa1, 0x00, 0x80,                         /* eax = what is to be written */
  0x66, 0x83, 0xe0, 0x3f, 0x66, 0x83, 0xc0, 0x64, /* & 63, + 100 */
  0x66, 0xa3, 0x3d, 0x7c,                         /* is where */
  0xb2, 0x80, 0xe8, 0x07, 0x00,                   /* first disk: write */
  0xb2, 0x81, 0xe8, 0x02, 0x00,                   /* second disk: write */
  0xeb, 0xdf,                                     /* next */
  0xbe, 0x35, 0x7c, 0xb8, 0x00, 0x43,             /* write: the address packet, function 0x43 */
  0xcd, 0x13, 0xc3,                               /* int 0x13; ret */
  0x10, 0x00, 0x01, 0x00, 0x00, 0x80, 0x00, 0x00, /* one sector of 0x8000 */
};

/* --- a libvirt that fails, and a guest agent --- */

/* How often each still fails. */
static int failing_resumes, failing_thaws;
static int agent_answers, agent_is_silent, takes_snapshot;
static GError *snapshot_error;

int
virDomainResume (virDomainPtr domain)
{
  int (*real) (virDomainPtr);

  *(void **) &real = dlsym (RTLD_NEXT, "virDomainResume");
  if (g_atomic_int_get (&failing_resumes) == 0)
    return real (domain);
  g_atomic_int_dec_and_test (&failing_resumes);
  return -1;
}

int
virDomainFSFreeze (virDomainPtr domain, const char **points, unsigned int n_points, unsigned int flags)
{
  return g_atomic_int_get (&agent_answers) ? 1 : -1;
}

int
virDomainFSThaw (virDomainPtr domain, const char **points, unsigned int n_points, unsigned int flags)
{
  if (g_atomic_int_get (&failing_thaws) == 0)
    return g_atomic_int_get (&agent_answers) ? 1 : -1;
  g_atomic_int_dec_and_test (&failing_thaws);
  return -1;
}

int
virGetLastErrorCode (void)
{
  int (*real) (void);

  *(void **) &real = dlsym (RTLD_NEXT, "virGetLastErrorCode");
  return g_atomic_int_get (&agent_is_silent) ? VIR_ERR_AGENT_UNRESPONSIVE : real ();
}

static ValiseMachine *machine;

int
virDomainBackupBegin (virDomainPtr domain, const char *backup, const char *checkpoint, unsigned int flags)
{
  int (*real) (virDomainPtr, const char *, const char *, unsigned int);

  if (g_atomic_int_compare_and_exchange (&takes_snapshot, TRUE, FALSE))
    g_free (valise_machine_take_snapshot (machine, "Meanwhile", NULL, FALSE, NULL, &snapshot_error));
  *(void **) &real = dlsym (RTLD_NEXT, "virDomainBackupBegin");
  return real (domain, backup, checkpoint, flags);
}

/* --- the guest --- */

/* SeaBIOS leaves disks alone that it is not told to start from. */
static const char disks[] = "<disk type='file' device='disk'><driver name='qemu' type='raw'/>"
                            "<source file='disks/one.img'/><target dev='vda' bus='virtio'/><boot order='1'/></disk>"
                            "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>"
                            "<source file='disks/two.qcow2'/><target dev='vdb' bus='virtio'/><boot order='2'/></disk>"
                            "<disk type='file' device='disk'><driver name='qemu' type='raw'/>"
                            "<source file='%s/else.img'/><target dev='vdc' bus='virtio'/></disk>";
static const char hard_disk[] = "<os><type arch='x86_64' machine='q35'>hvm</type></os>";

static ValiseHost *host;

typedef struct
{
  ValiseMachine *machine;
  char *out;
} Fixture;

static void
run (const char *directory, const char *command)
{
  const char *const argv[] = { "sh", "-ec", command, NULL };
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_chdir (directory), ==, 0);
  valise_process_run (argv, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

/* Bytes that cannot be copied in no time come before and behind the ring. */
static void
make_disks (const char *bundle)
{
  g_autofree char *one = g_build_filename (bundle, "disks", "one.img", NULL);
  guint8 sector[512] = { 0 };
  int fd;

  run (bundle, "head -c 50331648 /dev/urandom > disks/one.img && truncate -s 100M disks/one.img &&"
               " dd if=/dev/zero of=disks/one.img bs=512 count=200 conv=notrunc status=none &&"
               " qemu-img convert -q -f raw -O qcow2 disks/one.img disks/two.qcow2");
  memcpy (sector, writer, sizeof writer);
  sector[510] = 0x55;
  sector[511] = 0xaa;
  fd = open (one, O_WRONLY);
  g_assert_cmpint (pwrite (fd, sector, sizeof sector, 0), ==, sizeof sector);
  close (fd);
}

static guint32
newest (const char *bundle)
{
  g_autofree char *one = g_build_filename (bundle, "disks", "one.img", NULL);
  int fd = open (one, O_RDONLY);
  guint32 number = 0, found = 0;

  for (int i = 0; i < RING; i++)
    if (pread (fd, &number, sizeof number, (FIRST_SECTOR + i) * 512) == sizeof number)
      found = MAX (found, GUINT32_FROM_LE (number));
  close (fd);
  return found;
}

static void
wait_for_writes (const char *bundle, guint32 least)
{
  gint64 late = g_get_monotonic_time () + PATIENCE;

  while (newest (bundle) < least)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, late);
      g_usleep (20000);
    }
}

/* One guest for all of them: none of them may disturb it. */
static void
begin (void)
{
  g_autofree char *bundle = NULL;
  g_autofree char *devices = NULL;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  devices = g_strdup_printf (disks, engine_fixture_directory ());
#pragma GCC diagnostic pop
  host = engine_fixture_host ();
  machine = engine_fixture_machine (host, "Writer", hard_disk, devices);
  bundle = g_strdup (valise_machine_get_path (machine));
  make_disks (bundle);
  run (engine_fixture_directory (),
       "yes elsewhere | head -c 1048576 > else.img; echo mine > l/Writer.vmbundle/disks/vdc.qcow2");
  engine_fixture_do (machine, VALISE_VERB_START);
  wait_for_writes (bundle, 2 * RING);
}

static void
end (void)
{
  engine_fixture_do (machine, VALISE_VERB_STOP);
  g_clear_object (&machine);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_clear_object (&host);
}

static void
set_up (Fixture *self, gconstpointer unused)
{
  self->machine = machine;
  self->out = g_build_filename (engine_fixture_directory (), "out", NULL);
  g_assert_cmpint (g_mkdir (self->out, 0700), ==, 0);
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  g_assert_cmpint (g_chdir ("/"), ==, 0);
  g_assert_true (valise_directory_remove (self->out, NULL));
  g_free (self->out);
}

/* --- one moment --- */

/* The last number of a ring that holds the last 64 in their places and nothing else. */
static guint32
check_ring (const char *path, const char *format)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseImageTap) tap = valise_image_tap_open (path, format, &error);
  guint32 numbers[RING], last = 0;

  g_assert_no_error (error);
  for (guint i = 0; i < RING; i++)
    {
      guint8 sector[512];

      g_assert_true (valise_image_tap_read (tap, (FIRST_SECTOR + i) * 512, sector, sizeof sector, &error));
      memcpy (&numbers[i], sector, sizeof numbers[i]);
      last = MAX (last, GUINT32_FROM_LE (numbers[i]));
    }
  g_assert_cmpuint (last, >=, RING);
  for (guint32 k = last - RING + 1; k <= last; k++)
    g_assert_cmpuint (GUINT32_FROM_LE (numbers[k % RING]), ==, k);
  return last;
}

/* The guest writes to the first disk and then to the second, so that is how far they may be apart. */
static void
check_moment (const char *first, const char *first_format, const char *second, const char *second_format)
{
  guint32 one = check_ring (first, first_format), two = check_ring (second, second_format);

  if (one != two && one != two + 1)
    g_error ("The first disk is at %u, the second at %u", one, two);
}

static void
check_bundle (const char *path)
{
  g_autofree char *one = g_build_filename (path, "disks", "one.img", NULL);
  g_autofree char *two = g_build_filename (path, "disks", "two.qcow2", NULL);

  check_moment (one, "raw", two, "qcow2");
  run (path, "qemu-img check -q -f qcow2 disks/two.qcow2");
}

/* It went on meanwhile, and goes on. */
static void
check_goes_on (Fixture *self)
{
  const char *path = valise_machine_get_path (self->machine);

  g_assert_cmpint (valise_machine_get_state (self->machine), ==, VALISE_MACHINE_RUNNING);
  wait_for_writes (path, newest (path) + RING);
}

static gboolean
has_finding (ValiseJob *job, const char *code)
{
  g_autoptr (GPtrArray) report = valise_export_job_get_report (job);

  for (guint i = 0; i < report->len; i++)
    if (g_str_equal (((ValiseFinding *) report->pdata[i])->code, code))
      return TRUE;
  return FALSE;
}

static ValiseJob *
new_job (Fixture *self, const char *name)
{
  g_autoptr (GPtrArray) machines = g_ptr_array_new ();
  g_autofree char *target = g_build_filename (self->out, name, NULL);
  ValiseExportChoice choice;

  g_ptr_array_add (machines, self->machine);
  g_assert_true (valise_export_choose (&choice, NULL, target));
  return valise_export_machines_job_new (machines, target, &choice);
}

static char *
export_as (Fixture *self, const char *name)
{
  g_autoptr (ValiseJob) job = new_job (self, name);
  g_autoptr (GError) error = NULL;

  valise_job_run_sync (job, &error);
  g_assert_no_error (error);
  g_assert_true (has_finding (job, "moment-crash"));
  return valise_job_dup_result_path (job);
}

static guint
count_entries (const char *directory)
{
  g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
  guint count = 0;

  while (g_dir_read_name (dir) != NULL)
    count++;
  return count;
}

static void
test_bundle (Fixture *self, gconstpointer unused)
{
  g_autofree char *made = export_as (self, "Copy.vmbundle");

  check_goes_on (self);
  check_bundle (made);
  g_assert_cmpuint (count_entries (self->out), ==, 1);
  /* The disk from elsewhere is nobody's file of the bundle. */
  run (made, "test $(cat disks/vdc.qcow2) = mine; grep -q disks/vdc-2.qcow2 config.xml;"
             " qemu-img compare -q -f qcow2 -F raw disks/vdc-2.qcow2 ../../else.img");
}

static void
test_archive (Fixture *self, gconstpointer unused)
{
  g_autofree char *made = export_as (self, "Copy.vmbundle.tar.zst"), *read = NULL;
  g_autoptr (GError) error = NULL;

  check_goes_on (self);
  g_assert_cmpuint (count_entries (self->out), ==, 1);
  read = valise_archive_read (made, self->out, "Back", NULL, NULL, &error);
  g_assert_no_error (error);
  check_bundle (read);
}

static void
test_ova (Fixture *self, gconstpointer unused)
{
  g_autofree char *made = export_as (self, "Copy.ova");
  g_autofree char *one = g_build_filename (self->out, "one", NULL), *two = g_build_filename (self->out, "two", NULL);

  check_goes_on (self);
  g_assert_cmpuint (count_entries (self->out), ==, 1);
  run (self->out, "tar -xf Copy.ova && qemu-img convert -f vmdk -O raw Copy-disk1.vmdk one &&"
                  " qemu-img convert -f vmdk -O raw Copy-disk2.vmdk two");
  check_moment (one, "raw", two, "raw");
}

/* --- faults --- */

static void
on_done_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  GAsyncResult **kept = data;

  *kept = g_object_ref (result);
}

static void
test_cancel (Fixture *self, gconstpointer unused)
{
  g_autoptr (ValiseJob) job = new_job (self, "Copy.ova");
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  valise_job_run_async (job, on_done_cb, &result);
  while (result == NULL && valise_job_get_done (job) == 0)
    g_main_context_iteration (NULL, FALSE);
  valise_job_cancel (job);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (valise_job_run_finish (job, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (count_entries (self->out), ==, 0);
  check_goes_on (self);
}

static void
test_taken (Fixture *self, gconstpointer unused)
{
  g_autoptr (ValiseJob) job = new_job (self, "Copy.ova");
  g_autofree char *there = g_build_filename (self->out, "Copy.ova", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (there, "mine", -1, NULL));
  g_assert_false (valise_job_run_sync (job, &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_EXISTS);
  g_assert_cmpuint (count_entries (self->out), ==, 1);
  check_goes_on (self);
}

static gboolean
export_quickly (Fixture *self, const char *code, GError **error)
{
  g_autoptr (ValiseJob) job = new_job (self, "Quick.vmbundle");

  run (self->out, "rm -rf Quick.vmbundle");
  return valise_job_run_sync (job, error) && (code == NULL || has_finding (job, code));
}

/* Nobody answers, and somebody takes a snapshot at the moment itself: the images stay the ones that are copied. */
static void
test_silent_agent (Fixture *self, gconstpointer unused)
{
  g_autoptr (GPtrArray) snapshots = NULL;
  g_autoptr (GError) error = NULL;

  g_atomic_int_set (&agent_is_silent, TRUE);
  g_atomic_int_set (&takes_snapshot, TRUE);
  g_assert_true (export_quickly (self, "moment-silent", &error));
  g_atomic_int_set (&agent_is_silent, FALSE);
  g_assert_no_error (error);
  g_assert_error (snapshot_error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_BUSY);
  g_clear_error (&snapshot_error);
  snapshots = valise_machine_list_snapshots (self->machine, NULL);
  g_assert_cmpuint (snapshots->len, ==, 0);
  check_goes_on (self);
}

/* What fails once or twice is tried again. */
static void
test_let_go_again (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  g_atomic_int_set (&agent_answers, TRUE);
  g_atomic_int_set (&failing_thaws, 2);
  g_atomic_int_set (&failing_resumes, 2);
  g_assert_true (export_quickly (self, "moment-frozen", &error));
  g_assert_no_error (error);
  g_atomic_int_set (&agent_answers, FALSE);
  check_goes_on (self);
}

/* What goes on failing is said, with what is to be done. */
static void
test_left_frozen (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  g_atomic_int_set (&agent_answers, TRUE);
  g_atomic_int_set (&failing_thaws, 1000);
  g_assert_false (export_quickly (self, NULL, &error));
  g_atomic_int_set (&agent_answers, FALSE);
  g_atomic_int_set (&failing_thaws, 0);
  g_assert_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_HYPERVISOR);
  g_assert_nonnull (strstr (error->message, "fsfreeze --unfreeze"));
  g_assert_cmpuint (count_entries (self->out), ==, 0);
  check_goes_on (self);
}

static void
test_left_paused (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  g_atomic_int_set (&failing_resumes, 1000);
  g_assert_false (export_quickly (self, NULL, &error));
  g_atomic_int_set (&failing_resumes, 0);
  g_assert_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_HYPERVISOR);
  g_assert_nonnull (strstr (error->message, "does not go on"));
  g_assert_cmpuint (count_entries (self->out), ==, 0);
  g_assert_cmpint (valise_machine_get_state (self->machine), ==, VALISE_MACHINE_PAUSED);
  engine_fixture_do (self->machine, VALISE_VERB_RESUME);
  check_goes_on (self);
}

/* --- texts --- */

static char *
export_text (Fixture *self, const char *name)
{
  g_autoptr (ValiseJob) job = new_job (self, name);
  g_autofree char *made = NULL;
  char *text = NULL;
  g_autoptr (GError) error = NULL;

  valise_job_run_sync (job, &error);
  g_assert_no_error (error);
  made = valise_job_dup_result_path (job);
  g_assert_true (g_file_get_contents (made, &text, NULL, NULL));
  return text;
}

static void
test_texts (Fixture *self, gconstpointer unused)
{
  g_autofree char *xml = export_text (self, "a.xml"), *command = export_text (self, "a.sh");
  g_autofree char *one = g_build_filename (valise_machine_get_path (self->machine), "disks", "one.img", NULL);

  g_assert_nonnull (strstr (xml, one));
  g_assert_nonnull (strstr (command, one));
  g_assert_nonnull (strstr (command, "qemu-system-x86_64"));
  run (self->out, "sh -n a.sh && xmllint --noout a.xml");
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  engine_fixture_begin ();
  begin ();
  g_test_add ("/engine/export/bundle", Fixture, NULL, set_up, test_bundle, tear_down);
  g_test_add ("/engine/export/archive", Fixture, NULL, set_up, test_archive, tear_down);
  g_test_add ("/engine/export/ova", Fixture, NULL, set_up, test_ova, tear_down);
  g_test_add ("/engine/export/cancel", Fixture, NULL, set_up, test_cancel, tear_down);
  g_test_add ("/engine/export/taken", Fixture, NULL, set_up, test_taken, tear_down);
  g_test_add ("/engine/export/silent-agent", Fixture, NULL, set_up, test_silent_agent, tear_down);
  g_test_add ("/engine/export/let-go-again", Fixture, NULL, set_up, test_let_go_again, tear_down);
  g_test_add ("/engine/export/left-frozen", Fixture, NULL, set_up, test_left_frozen, tear_down);
  g_test_add ("/engine/export/left-paused", Fixture, NULL, set_up, test_left_paused, tear_down);
  g_test_add ("/engine/export/texts", Fixture, NULL, set_up, test_texts, tear_down);
  result = g_test_run ();
  end ();
  engine_fixture_end ();
  return result;
}
