/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Machines that come in badly: files that are cut, altered, empty or another's, a source that cannot be read half way, no
 * room, somebody who cancels, and the end of the whole program. Each time in a child of its own, the source is as it
 * was, and nothing stands in the library but whole machines and what is known to be half made. */
#include "base/valise-path.h"
#include "bundle/valise-bundle.h"
#include "engine/valise-foreign-job.h"
#include "formats/valise-reader.h"
#include "place.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SAID_MOST 4096
#define CUTS 4
#define FLIPS 8
#define CANCELS 30
#define KILLS 36
#define KILLS_MOST 200
#define WAIT_MOST (20 * G_USEC_PER_SEC)
#define CAME_IN "came in"
#define CANCELLED "cancelled"

typedef struct
{
  Place place;
  char *source;
  char *machines;
  char *path; /* that is brought in */
} Fixture;

typedef void (*Work) (Fixture *self, gint64 number, char *said);

static const char descriptor[] =
    "<Envelope xmlns='http://schemas.dmtf.org/ovf/envelope/1' xmlns:ovf='http://schemas.dmtf.org/ovf/envelope/1' "
    "xmlns:rasd='http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData'>"
    "<References><File ovf:id='f' ovf:href='disk.vmdk'/></References><DiskSection><Info/><Disk ovf:diskId='d' "
    "ovf:fileRef='f' ovf:capacity='4194304'/></DiskSection><VirtualSystem ovf:id='v'><Info/><Name>Box</Name>"
    "<VirtualHardwareSection><Info/><Item><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>3</rasd:ResourceType>"
    "<rasd:VirtualQuantity>1</rasd:VirtualQuantity></Item><Item><rasd:InstanceID>2</rasd:InstanceID>"
    "<rasd:ResourceType>20</rasd:ResourceType></Item><Item><rasd:InstanceID>3</rasd:InstanceID><rasd:ResourceType>17"
    "</rasd:ResourceType><rasd:HostResource>ovf:/disk/d</rasd:HostResource><rasd:Parent>2</rasd:Parent></Item>"
    "</VirtualHardwareSection></VirtualSystem></Envelope>";

static const struct
{
  const char *file, *command;
} kinds[] = {
  { "disk.img", "cp original disk.img" },
  { "disk.qcow2", "qemu-img convert -f raw -O qcow2 original disk.qcow2" },
  { "disk.vdi", "qemu-img convert -f raw -O vdi original disk.vdi" },
  { "disk.vhdx", "qemu-img convert -f raw -O vhdx original disk.vhdx" },
  { "disk.img.gz", "gzip -c original > disk.img.gz" },
  { "box.ova", "qemu-img convert -f raw -O vmdk -o subformat=streamOptimized original disk.vmdk && "
               "for f in box.ovf disk.vmdk; do echo \"SHA256($f)= $(sha256sum < $f | head -c 64)\"; done > box.mf && "
               "tar --format=ustar -cf box.ova box.ovf box.mf disk.vmdk && rm disk.vmdk box.mf" },
};

/* --- the place --- */

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autofree char *state = NULL, *ovf = NULL;

  place_begin (&self->place, "unused");
  self->source = g_build_filename (self->place.directory, "source", NULL);
  self->machines = g_build_filename (self->place.directory, "machines", NULL);
  state = g_build_filename (self->place.directory, "state", NULL);
  ovf = g_build_filename (self->source, "box.ovf", NULL);
  g_setenv ("VALISE_STATE_DIR", state, TRUE);
  g_assert_cmpint (g_mkdir (self->source, 0700), ==, 0);
  g_assert_cmpint (g_mkdir (self->machines, 0700), ==, 0);
  g_assert_true (g_file_set_contents (ovf, descriptor, -1, NULL));
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_free (self->source);
  g_free (self->machines);
  g_free (self->path);
  place_tear_down (&self->place, NULL);
}

/* Noise and holes, so that what comes of it shows where it comes from. @mib: in all */
static void
make_original (Fixture *self, guint mib)
{
  g_autofree char *command = g_strdup_printf ("head -c %uM /dev/urandom > original && truncate -s %uM original && "
                                              "head -c 64K /dev/urandom >> original",
                                              mib / 2, mib - mib / 4);

  place_run (self->source, command);
  g_clear_pointer (&command, g_free);
  command = g_strdup_printf ("truncate -s %uM original", mib);
  place_run (self->source, command);
}

static void
make_kind (Fixture *self, gsize kind)
{
  place_run (self->source, kinds[kind].command);
  g_free (self->path);
  self->path = g_build_filename (self->source, kinds[kind].file, NULL);
}

static char *
sum (const char *path)
{
  g_autofree char *contents = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (path, &contents, &length, NULL));
  return g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) contents, length);
}

/* --- a child that brings it in --- */

static ValiseJob *
prepare (Fixture *self, GError **error)
{
  g_autoptr (ValiseHost) host = valise_host_new ("test:///default");
  g_autoptr (ValiseLibrary) library = valise_library_new (host, self->machines);
  g_autoptr (ValisePackage) package = valise_package_open (self->path, error);
  g_autoptr (GPtrArray) machines = package != NULL ? valise_reader_read_package (package, NULL, NULL, error) : NULL;

  if (machines == NULL)
    return NULL;
  g_assert_cmpuint (machines->len, ==, 1);
  return valise_foreign_job_new (library, package,
                                 valise_import_choices_new (g_ptr_array_steal_index (machines, 0), VALISE_MAC_NEW),
                                 NULL);
}

static void
say (char *said, const GError *error)
{
  g_strlcpy (said,
             error == NULL                                               ? CAME_IN
             : g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ? CANCELLED
                                                                         : error->message,
             SAID_MOST);
}

static void
work_bring (Fixture *self, gint64 number, char *said)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseJob) job = prepare (self, &error);

  if (job != NULL)
    valise_job_run_sync (job, &error);
  say (said, error);
}

static pid_t
begin_child (Fixture *self, Work work, gint64 number, char *said)
{
  pid_t child = fork ();

  g_assert_cmpint (child, >=, 0);
  if (child > 0)
    return child;
  alarm (120);
  work (self, number, said);
  _exit (0);
}

static char *
board_new (void)
{
  char *said = mmap (NULL, SAID_MOST, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

  g_assert_true (said != MAP_FAILED);
  return said;
}

/* (transfer full): what it said at its end, which has to be a good one */
static char *
do_in_child (Fixture *self, Work work, gint64 number)
{
  char *said = board_new (), *copy;
  pid_t child = begin_child (self, work, number, said);
  int status = 0;

  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  copy = g_strdup (said);
  munmap (said, SAID_MOST);
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
  g_assert_cmpuint (strlen (copy), >, 0);
  g_assert_true (g_utf8_validate (copy, -1, NULL));
  return copy;
}

/* Which of the files of the source is meant: the one that was given, or one in it. */
static void
assert_names_file (Fixture *self, const char *said)
{
  g_autofree char *base = g_path_get_basename (self->path);

  if (strstr (said, base) == NULL && strstr (said, "disk.") == NULL && strstr (said, "box.") == NULL)
    g_error ("no file is named: %s", said);
}

/* --- what is there afterwards --- */

static void
assert_whole (Fixture *self, const char *bundle)
{
  g_autofree char *command =
      g_strdup_printf ("f=$(ls '%s/disks/'*) && qemu-img compare -q -f ${f##*.} -F raw \"$f\" original", bundle);

  place_run (self->source, command);
}

/* Removes it and returns how many there were; with @compare each is the original. */
static guint
take_machines (Fixture *self, gboolean compare)
{
  g_autoptr (GDir) directory = g_dir_open (self->machines, 0, NULL);
  const char *name;
  guint n = 0;

  for (; (name = g_dir_read_name (directory)) != NULL; n++)
    {
      g_autofree char *path = g_build_filename (self->machines, name, NULL);
      g_autofree char *config = g_build_filename (path, "config.xml", NULL);

      if (!g_str_has_suffix (name, VALISE_BUNDLE_SUFFIX) || !g_file_test (config, G_FILE_TEST_IS_REGULAR))
        g_error ("%s was left", path);
      if (compare)
        assert_whole (self, path);
      g_assert_true (valise_directory_remove (path, NULL));
    }
  return n;
}

/* --- altered files --- */

static void
check_altered (Fixture *self, const char *what)
{
  g_autofree char *before = sum (self->path), *after = NULL, *said = do_in_child (self, work_bring, 0);
  gboolean checked = g_str_has_suffix (self->path, ".ova");
  guint n;

  after = sum (self->path);
  g_assert_cmpstr (before, ==, after);
  g_test_message ("%s, %s: %s", self->path, what, said);
  /* What has a manifest is what it says or does not come in. */
  n = take_machines (self, checked);
  g_assert_cmpuint (n, ==, g_str_equal (said, CAME_IN) ? 1 : 0);
  if (n == 0)
    assert_names_file (self, said);
}

static void
write_altered (Fixture *self, const char *bytes, gsize length, const char *what)
{
  g_assert_true (g_file_set_contents (self->path, bytes, (gssize) length, NULL));
  check_altered (self, what);
}

static void
try_altered (Fixture *self, gsize kind)
{
  g_autofree char *bytes = NULL;
  gsize length;

  make_kind (self, kind);
  g_assert_true (g_file_get_contents (self->path, &bytes, &length, NULL));
  write_altered (self, bytes, length, "as it was");
  write_altered (self, "", 0, "empty");
  for (guint i = 0; i < CUTS; i++)
    write_altered (self, bytes, (gsize) g_test_rand_int_range (0, (gint32) length), "cut");
  for (guint i = 0; i < FLIPS; i++)
    {
      /* Most of what can go wrong stands at the beginning. */
      gsize at = (gsize) g_test_rand_int_range (0, (gint32) (i % 2 == 0 ? MIN (length, 2048) : length));
      char bit = (char) (1 << g_test_rand_int_range (0, 7));

      bytes[at] ^= bit;
      write_altered (self, bytes, length, "a bit of it");
      bytes[at] ^= bit;
    }
}

static void
test_altered (Fixture *self, gconstpointer data)
{
  make_original (self, 4);
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    try_altered (self, i);
}

/* One file under the name of another: what it holds counts, or it is refused. */
static void
test_swapped (Fixture *self, gconstpointer data)
{
  make_original (self, 4);
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *name = g_strdup (kinds[(i + 1) % G_N_ELEMENTS (kinds)].file);
      g_autofree char *command = g_strdup_printf ("mv %s %s", kinds[i].file, name);
      g_autofree char *said = NULL;

      make_kind (self, i);
      place_run (self->source, command);
      g_free (self->path);
      self->path = g_build_filename (self->source, name, NULL);
      said = do_in_child (self, work_bring, 0);
      g_test_message ("%s: %s", command, said);
      g_assert_cmpuint (take_machines (self, TRUE), ==, g_str_equal (said, CAME_IN) ? 1 : 0);
    }
}

/* --- a medium with a bad place --- */

static void
add (GArray *filter, guint16 code, guint8 yes, guint8 no, guint32 value)
{
  struct sock_filter one = BPF_JUMP (code, value, yes, no);

  g_array_append_val (filter, one);
}

/* Reading at @from and further on fails, here and in the programs that are started; what copies by itself cannot. */
static void
spoil (guint32 from)
{
  g_autoptr (GArray) filter = g_array_new (FALSE, FALSE, sizeof (struct sock_filter));
  struct sock_fprog program;

  add (filter, BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof (struct seccomp_data, nr));
  add (filter, BPF_JMP | BPF_JEQ | BPF_K, 6, 0, SYS_copy_file_range);
  add (filter, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, SYS_pread64);
  add (filter, BPF_JMP | BPF_JEQ | BPF_K, 0, 2, SYS_preadv);
  add (filter, BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof (struct seccomp_data, args) + 3 * 8);
  add (filter, BPF_JMP | BPF_JGE | BPF_K, 1, 0, from);
  add (filter, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);
  add (filter, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EIO);
  add (filter, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EOPNOTSUPP);
  program.len = (unsigned short) filter->len;
  program.filter = (struct sock_filter *) (gpointer) filter->data;
  g_assert_cmpint (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), ==, 0);
  g_assert_cmpint (prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), ==, 0);
}

static void
work_spoiled (Fixture *self, gint64 number, char *said)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseJob) job = prepare (self, &error);

  if (job != NULL)
    {
      spoil ((guint32) number);
      valise_job_run_sync (job, &error);
    }
  say (said, error);
}

static void
test_unreadable (Fixture *self, gconstpointer data)
{
  make_original (self, 4);
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *said = NULL, *before = NULL, *after = NULL;

      make_kind (self, i);
      before = sum (self->path);
      said = do_in_child (self, work_spoiled, 1024 * 1024);
      after = sum (self->path);
      g_test_message ("%s: %s", kinds[i].file, said);
      g_assert_cmpstr (before, ==, after);
      g_assert_nonnull (strstr (said, g_strerror (EIO)));
      assert_names_file (self, said);
      g_assert_cmpuint (place_count (self->machines), ==, 0);
    }
}

/* --- no room --- */

static void
work_full (Fixture *self, gint64 number, char *said)
{
  g_autofree char *size = g_strdup_printf ("size=%" G_GINT64_FORMAT "k", number);

  if (unshare (CLONE_NEWNS) != 0 || mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0
      || mount ("tmpfs", self->machines, "tmpfs", 0, size) != 0)
    {
      g_strlcpy (said, "skip", SAID_MOST);
      return;
    }
  work_bring (self, number, said);
  if (place_count (self->machines) > 0)
    g_strlcpy (said, "something was left", SAID_MOST);
}

static void
test_full (Fixture *self, gconstpointer data)
{
  static const gint64 sizes[] = { 40, 700, 1500 };

  make_original (self, 4);
  for (gsize i = 0; i < G_N_ELEMENTS (kinds) * G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *said = NULL;

      make_kind (self, i / G_N_ELEMENTS (sizes));
      said = do_in_child (self, work_full, sizes[i % G_N_ELEMENTS (sizes)]);
      if (g_str_equal (said, "skip"))
        {
          g_test_skip ("mounting a small medium for the test needs root");
          return;
        }
      g_test_message ("%s, %d KiB: %s", self->path, (int) sizes[i % G_N_ELEMENTS (sizes)], said);
      g_assert_cmpstr (said, !=, CAME_IN);
      g_assert_cmpstr (said, !=, "something was left");
    }
}

/* --- cancelled --- */

static gpointer
cancel_thread (gpointer data)
{
  ValiseJob *job = data;
  gint64 *after = g_object_get_data (G_OBJECT (job), "after");

  g_usleep ((gulong) *after);
  valise_job_cancel (job);
  return NULL;
}

static void
work_cancelled (Fixture *self, gint64 number, char *said)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseJob) job = prepare (self, &error);
  GThread *thread;

  g_assert_no_error (error);
  g_object_set_data (G_OBJECT (job), "after", &number);
  thread = g_thread_new ("cancel", cancel_thread, job);
  valise_job_run_sync (job, &error);
  g_thread_join (thread);
  say (said, error);
}

/* Microseconds that it takes when nobody disturbs it. */
static gint64
measure (Fixture *self)
{
  gint64 start = g_get_monotonic_time ();
  g_autofree char *said = do_in_child (self, work_bring, 0);

  g_assert_cmpstr (said, ==, CAME_IN);
  g_assert_cmpuint (take_machines (self, TRUE), ==, 1);
  return g_get_monotonic_time () - start;
}

static void
test_cancelled (Fixture *self, gconstpointer data)
{
  gint64 whole = 0;
  guint stopped = 0;

  make_original (self, 16);
  for (guint i = 0; i < CANCELS; i++)
    {
      g_autofree char *said = NULL;

      if (i % 10 == 0)
        {
          make_kind (self, i / 10 % G_N_ELEMENTS (kinds));
          whole = measure (self);
        }
      said = do_in_child (self, work_cancelled, i % 10 == 0 ? 0 : g_test_rand_int_range (0, (gint32) whole));
      g_assert_true (g_str_equal (said, CAME_IN) || g_str_equal (said, CANCELLED));
      g_assert_cmpuint (take_machines (self, TRUE), ==, g_str_equal (said, CAME_IN) ? 1 : 0);
      stopped += g_str_equal (said, CANCELLED);
    }
  g_assert_cmpuint (stopped, >=, CANCELS / 10);
}

/* --- killed --- */

/* How many there are, whoever holds them. */
static guint
count_half_made (Fixture *self)
{
  g_autoptr (GDir) directory = g_dir_open (self->machines, 0, NULL);
  const char *name;
  guint n = 0;

  while ((name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *path = g_build_filename (self->machines, name, NULL);

      n += valise_bundle_is_leftover (path);
    }
  return n;
}

/* What it had started ends by itself, and may hold what is half made until then: its lock as well, if it was just about
 * to become another program. */
static guint
remove_leftovers (Fixture *self)
{
  gint64 until = g_get_monotonic_time () + WAIT_MOST;
  guint n = 0;

  for (;;)
    {
      g_autoptr (GPtrArray) found = valise_bundle_find_leftovers (self->machines);

      for (guint i = 0; i < found->len; i++)
        n += valise_bundle_remove_leftover (found->pdata[i], NULL);
      if (count_half_made (self) == 0)
        return n;
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      g_usleep (10000);
    }
}

static guint
kill_once (Fixture *self, gulong after)
{
  char *said = board_new ();
  pid_t child = begin_child (self, work_bring, 0, said);
  guint left;

  g_usleep (after);
  kill (child, SIGKILL);
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
  munmap (said, SAID_MOST);
  left = remove_leftovers (self);
  g_assert_cmpuint (left, <=, 1);
  /* Whatever is there now is whole. */
  g_assert_cmpuint (take_machines (self, TRUE), <=, 1);
  return left;
}

static void
test_killed (Fixture *self, gconstpointer data)
{
  g_autofree char *before = NULL, *after = NULL;
  gint64 whole = 0;
  guint left = 0, kills = 0;

  make_original (self, 16);
  /* It may have been measured while the computer was busy, and be over now before it is killed. */
  for (guint i = 0; i < KILLS || (left == 0 && i < KILLS_MOST); i++)
    {
      if (i % 10 == 0)
        {
          g_free (before);
          make_kind (self, (i / 10 + 1) % G_N_ELEMENTS (kinds));
          before = sum (self->path);
          whole = measure (self);
        }
      left += kill_once (self, (gulong) g_test_rand_int_range (0, (gint32) whole));
      kills++;
      g_free (after);
      after = sum (self->path);
      g_assert_cmpstr (before, ==, after);
    }
  g_test_message ("%u of %u were found half made", left, kills);
  g_assert_cmpuint (left, >, 0);
}

#define ADD(name) g_test_add ("/engine/foreign-bad/" #name, Fixture, NULL, set_up, test_##name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (altered);
  ADD (swapped);
  ADD (unreadable);
  ADD (full);
  ADD (cancelled);
  ADD (killed);
  return g_test_run ();
}
