/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kills a process before its first, second, third... system call that changes a file, until it gets through, and looks each time at what
 * is there. Unlike kills at random this leaves no gap between two steps untried. */
#include "base/valise-path.h"
#include "base/valise-size.h"
#include "bundle/valise-archive.h"
#include "bundle/valise-lock.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define POINTS_MOST 2000

typedef struct
{
  char *root;
  char *library; /* where things are made */
  char *source;  /* a whole bundle, outside of @library */
  char *archive; /* the same as one file */
  char *before;  /* config.xml of @source */
} Place;

static ValiseBundle *
make (const char *directory, const char *name)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_begin (directory, name, NULL);
  g_autofree char *disk = bundle != NULL ? valise_bundle_file (bundle, "disks/root.img") : NULL;

  if (bundle == NULL || !g_file_set_contents (disk, "what is on the disk", -1, NULL))
    return NULL;
  return valise_bundle_commit (bundle, valise_bundle_get_document (bundle), NULL) ? g_steal_pointer (&bundle) : NULL;
}

static void
place_set_up (Place *self, gconstpointer unused)
{
  g_autoptr (ValiseBundle) bundle = NULL;

  self->root = g_dir_make_tmp ("v-XXXXXX", NULL);
  bundle = make (self->root, "Source");
  self->source = g_strdup (valise_bundle_get_path (bundle));
  self->before = g_strdup (valise_document_get_text (valise_bundle_get_document (bundle)));
  self->library = g_build_filename (self->root, "made", NULL);
  self->archive = g_build_filename (self->root, "Source.vmbundle.tar.zst", NULL);
  g_assert_true (valise_archive_write (self->source, self->archive, NULL, NULL, NULL));
}

static void
place_tear_down (Place *self, gconstpointer unused)
{
  g_assert_true (valise_directory_remove (self->root, NULL));
  g_free (self->root);
  g_free (self->library);
  g_free (self->source);
  g_free (self->archive);
  g_free (self->before);
}

/* --- what the child does, once --- */

static void
work_create (Place *self)
{
  g_autoptr (ValiseBundle) bundle = make (self->library, "Made");
}

static void
work_save (Place *self)
{
  g_autoptr (ValiseLock) lock = valise_lock_take (self->source, "editing", NULL);
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (self->source, NULL);
  g_autoptr (ValiseDocument) draft = valise_document_copy (valise_bundle_get_document (bundle));

  valise_document_set (draft, "memory", "4321", NULL);
  valise_bundle_save (bundle, draft, NULL);
}

static void
work_export (Place *self)
{
  g_autofree char *file = g_build_filename (self->library, "Made.vmbundle.tar.zst", NULL);

  g_mkdir (self->library, 0700);
  valise_archive_write (self->source, file, NULL, NULL, NULL);
}

static void
work_import (Place *self)
{
  g_autofree char *path = valise_archive_read (self->archive, self->library, "Made", NULL, NULL, NULL);
}

static void
work_copy (Place *self)
{
  g_autofree char *path = valise_bundle_copy (self->source, self->library, "Made", NULL, NULL, NULL);
}

/* --- killing --- */

static gboolean
changes_files (const struct __ptrace_syscall_info *info)
{
  static const guint64 numbers[] = {
    __NR_write,   __NR_pwrite64, __NR_ftruncate, __NR_fsync,           __NR_renameat2,
    __NR_mkdirat, __NR_unlinkat, __NR_linkat,    __NR_copy_file_range, __NR_renameat,
#ifdef __NR_mkdir
    __NR_mkdir,   __NR_unlink,   __NR_link,      __NR_rename,          __NR_rmdir,
#endif
  };

  if (info->op != PTRACE_SYSCALL_INFO_ENTRY)
    return FALSE;
  if (info->entry.nr == __NR_openat)
    return (info->entry.args[2] & O_CREAT) != 0;
  /* A write that wakes another thread is no file's. */
  if (info->entry.nr == __NR_write && info->entry.args[1] != 0 && info->entry.args[2] == 8)
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    if (numbers[i] == info->entry.nr)
      return TRUE;
  return FALSE;
}

static pid_t
start (Place *self, void (*work) (Place *))
{
  pid_t child = fork ();

  if (child == 0)
    {
      if (ptrace (PTRACE_TRACEME, 0, 0, 0) != 0)
        _exit (2);
      raise (SIGSTOP);
      work (self);
      _exit (0);
    }
  g_assert_cmpint (child, >, 0);
  return child;
}

/* Lets one thread of the child go on from a stop; %TRUE when it stands before the call that is not to happen. */
static gboolean
step (pid_t thread, int status, guint *left)
{
  struct __ptrace_syscall_info info = { 0 };
  int signal = WSTOPSIG (status);

  if (signal == (SIGTRAP | 0x80))
    {
      ptrace (PTRACE_GET_SYSCALL_INFO, thread, sizeof info, &info);
      if (changes_files (&info) && --*left == 0)
        return TRUE;
    }
  ptrace (PTRACE_SYSCALL, thread, 0, signal == (SIGTRAP | 0x80) || signal == SIGTRAP || signal == SIGSTOP ? 0 : signal);
  return FALSE;
}

typedef enum
{
  KILLED,
  GOT_THROUGH,
  CANNOT_TRACE,
} Outcome;

/* Kills the child before its @point-th change (from 1). */
static Outcome
run_until (Place *self, void (*work) (Place *), guint point)
{
  pid_t child = start (self, work);
  Outcome outcome = KILLED;
  int status = 0;
  pid_t thread;

  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  if (WIFEXITED (status))
    return CANNOT_TRACE;
  ptrace (PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL);
  ptrace (PTRACE_SYSCALL, child, 0, 0);
  while ((thread = waitpid (-1, &status, __WALL)) > 0)
    {
      if (thread == child && WIFEXITED (status))
        outcome = GOT_THROUGH;
      if (WIFSTOPPED (status) && step (thread, status, &point))
        kill (child, SIGKILL);
    }
  return outcome;
}

/* --- looking --- */

static void
remove_leftovers (Place *self)
{
  g_autoptr (GPtrArray) found = valise_bundle_find_leftovers (self->library);

  for (guint i = 0; i < found->len; i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (valise_bundle_remove_leftover (found->pdata[i], &error));
      g_assert_no_error (error);
    }
}

static void
assert_whole (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (path, &error);
  g_autofree char *disk = NULL;
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  disk = valise_bundle_file (bundle, "disks/root.img");
  g_assert_true (g_file_get_contents (disk, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "what is on the disk");
}

/* Either nothing or the whole thing. */
static void
look_at_made (Place *self)
{
  g_autofree char *bundle = g_build_filename (self->library, "Made.vmbundle", NULL);
  g_autofree char *archive = g_build_filename (self->library, "Made.vmbundle.tar.zst", NULL);
  g_autoptr (GError) error = NULL;

  remove_leftovers (self);
  if (g_file_test (archive, G_FILE_TEST_EXISTS))
    {
      g_autofree char *path = valise_archive_read (archive, self->library, "Unpacked", NULL, NULL, &error);

      g_assert_no_error (error);
      assert_whole (path);
      g_assert_true (valise_directory_remove (path, NULL));
      g_assert_cmpint (g_unlink (archive), ==, 0);
    }
  if (g_file_test (bundle, G_FILE_TEST_EXISTS))
    assert_whole (bundle);
  g_assert_true (valise_directory_remove (bundle, NULL));
  g_assert_true (g_rmdir (self->library) == 0 || errno == ENOENT);
}

static void
look_at_saved (Place *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseLock) lock = valise_lock_take (self->source, "editing", &error);
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (self->source, NULL);
  g_autoptr (ValiseDocument) back = valise_document_new (self->before, -1, "before", NULL);
  g_autofree char *memory = NULL;

  g_assert_no_error (error);
  memory = valise_document_get (valise_bundle_get_document (bundle), "memory");
  g_assert_true (g_str_equal (memory, "4321")
                 || g_str_equal (valise_document_get_text (valise_bundle_get_document (bundle)), self->before));
  g_assert_true (valise_bundle_save (bundle, back, NULL));
}

typedef struct
{
  const char *path;
  void (*work) (Place *);
  void (*look) (Place *);
} Case;

static void
test_points (Place *self, gconstpointer data)
{
  const Case *kind = data;
  Outcome outcome = KILLED;
  guint point;

  g_test_summary ("Killed before every single change to a file: as before, or whole");
  for (point = 1; outcome == KILLED && point < POINTS_MOST; point++)
    {
      outcome = run_until (self, kind->work, point);
      if (outcome == CANNOT_TRACE)
        {
          g_test_skip ("ptrace is not allowed here");
          return;
        }
      kind->look (self);
    }
  g_assert_cmpint (outcome, ==, GOT_THROUGH);
  g_test_message ("%u points", point - 2);
  g_assert_cmpuint (point, >, 8);
}

int
main (int argc, char **argv)
{
  static const Case cases[] = {
    { "/bundle/kill-points/create", work_create, look_at_made },
    { "/bundle/kill-points/save", work_save, look_at_saved },
    { "/bundle/kill-points/export", work_export, look_at_made },
    { "/bundle/kill-points/import", work_import, look_at_made },
    { "/bundle/kill-points/copy", work_copy, look_at_made },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_test_add (cases[i].path, Place, &cases[i], place_set_up, test_points, place_tear_down);
  return g_test_run ();
}
