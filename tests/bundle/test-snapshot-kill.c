/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Takes, reverts and deletes snapshots in a process that is stopped at a moment of no choice; the directory is copied as
 * it lies there, as after a power cut, and then the process and what it started are killed. Both, the machine and the
 * copy, are the old or the new afterwards. */
#include "base/valise-path.h"
#include "bundle/valise-snapshot-private.h"
#include "snapshot-fixture.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECONDS 45.0 /* or VALISE_KILLS kills, however long that takes */
#define KILLS_LEAST 10
#define SNAPSHOTS_MOST 4

typedef enum
{
  TAKE,
  REVERT,
  DELETE,
  N_WORKS,
} Work;

typedef struct
{
  char *root, *path, *copy;
  char present;           /* what the machine holds */
  GPtrArray *names;       /* of its snapshots */
  guint number;           /* of names given */
  double limits[N_WORKS]; /* microseconds: about what each takes */
  guint kills[N_WORKS], done[N_WORKS], said;
} Place;

static void
place_set_up (Place *self, gconstpointer unused)
{
  self->root = g_dir_make_tmp ("v-XXXXXX", NULL);
  self->path = snapshot_fixture_make (self->root);
  self->copy = g_build_filename (self->root, "Copy.vmbundle", NULL);
  self->names = g_ptr_array_new_with_free_func (g_free);
  self->present = '@';
  for (guint i = 0; i < N_WORKS; i++)
    self->limits[i] = 200000;
}

static void
place_tear_down (Place *self, gconstpointer unused)
{
  g_assert_true (valise_directory_remove (self->root, NULL));
  g_free (self->root);
  g_free (self->path);
  g_free (self->copy);
  g_ptr_array_unref (self->names);
}

/* --- the work --- */

static void
work (Place *self, Work which, const char *name)
{
  if (which == TAKE)
    g_free (snapshot_fixture_take (self->path, name));
  else if (which == REVERT)
    snapshot_fixture_revert (self->path, name);
  else
    snapshot_fixture_delete (self->path, name);
}

static pid_t
start (Place *self, Work which, const char *name)
{
  pid_t child = fork ();

  if (child == 0)
    {
      prctl (PR_SET_PDEATHSIG, SIGKILL);
      work (self, which, name);
      _exit (0);
    }
  g_assert_cmpint (child, >, 0);
  return child;
}

static void
copy_as_it_lies (Place *self)
{
  const char *const argv[] = { "cp", "-r", "--reflink=auto", self->path, self->copy, NULL };
  int status = -1;

  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, NULL));
  g_assert_cmpint (status, ==, 0);
}

static pid_t
parent_of (const char *number)
{
  g_autofree char *file = g_build_filename ("/proc", number, "stat", NULL);
  g_autofree char *text = NULL;
  const char *end;
  int parent = 0;

  if (!g_file_get_contents (file, &text, NULL, NULL) || (end = strrchr (text, ')')) == NULL)
    return 0;
  return sscanf (end + 1, " %*c %d", &parent) == 1 ? parent : 0;
}

/* The programs that it has started are no longer in its group. */
static void
signal_children (pid_t child, int number)
{
  g_autoptr (GDir) processes = g_dir_open ("/proc", 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (processes)) != NULL)
    if (g_ascii_isdigit (name[0]) && parent_of (name) == child)
      kill ((pid_t) g_ascii_strtoll (name, NULL, 10), number);
}

/* %TRUE when it had got through before. */
static gboolean
run_and_kill (Place *self, Work which, const char *name)
{
  pid_t child = start (self, which, name);
  siginfo_t info = { 0 };
  gboolean ended;

  g_usleep (g_random_double_range (0, self->limits[which]));
  kill (child, SIGSTOP);
  g_assert_cmpint (waitid (P_PID, child, &info, WEXITED | WSTOPPED | WNOWAIT), ==, 0);
  ended = info.si_code == CLD_EXITED;
  if (ended)
    g_assert_cmpint (info.si_status, ==, 0);
  signal_children (child, SIGSTOP);
  copy_as_it_lies (self);
  signal_children (child, SIGKILL);
  kill (child, SIGKILL);
  /* Ours and, since we are their reaper now, the programs that it had started. */
  while (waitpid (-1, NULL, 0) > 0 || errno == EINTR)
    continue;
  self->limits[which] = CLAMP (self->limits[which] * (ended ? 0.8 : 1.1), 2000, 5000000);
  return ended;
}

/* --- what is there --- */

static gboolean
has_name (GPtrArray *names, const char *name)
{
  return g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL);
}

static GPtrArray *
list_names (const char *path)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (path, NULL);
  g_autoptr (GPtrArray) snapshots = valise_snapshots_list (bundle, NULL);
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < snapshots->len; i++)
    g_ptr_array_add (names, g_strdup (((ValiseSnapshot *) snapshots->pdata[i])->name));
  return names;
}

/* Nothing but what the work was about has come or gone. Returns whether it was done. */
static gboolean
check (Place *self, const char *path, Work which, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *said = NULL;
  g_autoptr (GPtrArray) names = NULL;
  char present;
  guint expected;

  valise_snapshots_settle (path, &said, &error);
  g_assert_no_error (error);
  self->said += said != NULL;
  present = snapshot_fixture_read (path);
  snapshot_fixture_check_all (path);
  names = list_names (path);
  for (guint i = 0; i < self->names->len; i++)
    g_assert_true (has_name (names, self->names->pdata[i])
                   || (which == DELETE && g_str_equal (self->names->pdata[i], name)));
  expected =
      self->names->len + (which == TAKE && has_name (names, name)) - (which == DELETE && !has_name (names, name));
  g_assert_cmpuint (names->len, ==, expected);
  if (which != REVERT)
    {
      g_assert_cmpint (present, ==, self->present);
      return has_name (names, name) == (which == TAKE);
    }
  g_assert_true (present == self->present || present == name[0]);
  return present == name[0];
}

static Work
choose (Place *self)
{
  if (self->names->len == 0)
    return TAKE;
  if (self->names->len == SNAPSHOTS_MOST)
    return g_random_boolean () ? DELETE : REVERT;
  return g_random_int_range (0, N_WORKS);
}

static char *
choose_name (Place *self, Work which)
{
  if (which == TAKE)
    return g_strdup_printf ("%c%u", self->present, self->number++);
  return g_strdup (self->names->pdata[g_random_int_range (0, (gint32) self->names->len)]);
}

static void
try_once (Place *self)
{
  Work which = choose (self);
  g_autofree char *name = choose_name (self, which);

  if (!run_and_kill (self, which, name))
    self->kills[which]++;
  check (self, self->copy, which, name);
  g_assert_true (valise_directory_remove (self->copy, NULL));
  self->done[which] += check (self, self->path, which, name);
  g_ptr_array_unref (self->names);
  self->names = list_names (self->path);
  self->present = snapshot_fixture_read (self->path);
}

/* A delete, of which there is one in any case, takes up those that were interrupted. */
static void
clear (Place *self)
{
  snapshot_fixture_check_images (self->path);
  g_free (snapshot_fixture_take (self->path, "last"));
  g_ptr_array_add (self->names, g_strdup ("last"));
  while (self->names->len > 0)
    {
      snapshot_fixture_delete (self->path, self->names->pdata[0]);
      g_ptr_array_remove_index (self->names, 0);
    }
  g_assert_cmpint (snapshot_fixture_read (self->path), ==, self->present);
  g_test_message ("%u images of two disks are left", snapshot_fixture_count_images (self->path));
}

static guint
count_kills (const Place *self)
{
  return self->kills[TAKE] + self->kills[REVERT] + self->kills[DELETE];
}

static void
test_kill (Place *self, gconstpointer unused)
{
  const char *wanted = g_getenv ("VALISE_KILLS");
  guint least = wanted != NULL ? (guint) g_ascii_strtoull (wanted, NULL, 10) : KILLS_LEAST;
  g_autoptr (GTimer) timer = g_timer_new ();

  for (guint i = 0; count_kills (self) < least || (wanted == NULL && g_timer_elapsed (timer, NULL) < SECONDS); i++)
    {
      if (i % 3 == 0)
        {
          self->present = (char) ('A' + i / 3 % 26);
          snapshot_fixture_write (self->path, self->present);
        }
      try_once (self);
    }
  g_test_message (
      "killed and cut off %u times while taking, %u while going back, %u while deleting; %u, %u and %u were "
      "done all the same or afterwards; %u times it was said what had happened; nothing lost",
      self->kills[TAKE], self->kills[REVERT], self->kills[DELETE], self->done[TAKE], self->done[REVERT],
      self->done[DELETE], self->said);
  clear (self);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (prctl (PR_SET_CHILD_SUBREAPER, 1), ==, 0);
  g_test_add ("/bundle/snapshot/kill", Place, NULL, place_set_up, test_kill, place_tear_down);
  return g_test_run ();
}
