/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Takes, reverts and deletes snapshots, moves and exports the machine in a process that is stopped at a moment of no
 * choice; what lies there is copied, as after a power cut, and then the process and what it started are killed. Both,
 * what is there and the copy, are the old or the new afterwards. */
#include "base/valise-path.h"
#include "bundle/valise-archive.h"
#include "bundle/valise-identity.h"
#include "bundle/valise-lock.h"
#include "bundle/valise-move.h"
#include "bundle/valise-snapshot-private.h"
#include "freezer.h"
#include "snapshot-fixture.h"

#include <glib/gstdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#define SECONDS 45.0 /* or four fifths of VALISE_KILLS kills, however long that takes; test-freeze has the rest */
#define KILLS_LEAST 10
#define SNAPSHOTS_MOST 4
#define CHECKED_BY_QEMU 8 /* one in so many copies */
#define OTHER "/dev/shm"  /* a file system of its own, as a rule */
#define OTHER_LEAST (G_GUINT64_CONSTANT (32) << 20)
#define BUNDLE "Snapped.vmbundle"
#define ARCHIVE "Snapped.vmbundle.tar.zst"

typedef enum
{
  TAKE,
  REVERT,
  DELETE,
  MOVE,
  EXPORT,
  N_WORKS,
} Work;

/* Where things are, and where they are copied to. */
typedef enum
{
  HERE,
  THERE,
  OUT,
  N_FOLDERS,
} Folder;

typedef struct
{
  char *root;
  char *folders[N_FOLDERS], *copies[N_FOLDERS], *unpacked;
  char *path;             /* of the machine, in HERE or THERE */
  char present;           /* what the machine holds */
  GPtrArray *names;       /* of its snapshots */
  guint number;           /* of names given */
  double limits[N_WORKS]; /* microseconds: about what each takes */
  Work which;
  char *name; /* which snapshot it is about */
  guint kills[N_WORKS], done[N_WORKS], said, copied;
} Place;

/* For a move, another file system, where there is one with room. */
static char *
make_there (Place *self)
{
  struct stat here, there;
  struct statvfs medium;
  g_autofree char *other = g_strdup (OTHER "/v-XXXXXX");

  if (stat (OTHER, &there) == 0 && stat (self->root, &here) == 0 && here.st_dev != there.st_dev
      && statvfs (OTHER, &medium) == 0 && (guint64) medium.f_bavail * medium.f_frsize > OTHER_LEAST
      && g_mkdtemp (other) != NULL)
    return g_steal_pointer (&other);
  return g_build_filename (self->root, "there", NULL);
}

static void
remember (const char *path)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (path, NULL);
  g_autoptr (GError) error = NULL;

  valise_identity_remember (bundle, &error);
  g_assert_no_error (error);
}

static void
place_set_up (Place *self, gconstpointer unused)
{
  g_autofree char *state = NULL;

  self->root = g_dir_make_tmp ("v-XXXXXX", NULL);
  state = g_build_filename (self->root, "state", NULL);
  g_setenv ("VALISE_STATE_DIR", state, TRUE);
  self->folders[HERE] = g_build_filename (self->root, "here", NULL);
  self->folders[THERE] = make_there (self);
  self->folders[OUT] = g_build_filename (self->root, "out", NULL);
  for (guint i = 0; i < N_FOLDERS; i++)
    {
      g_assert_cmpint (g_mkdir_with_parents (self->folders[i], 0700), ==, 0);
      self->copies[i] = g_strdup_printf ("%s/copy-%u", self->root, i);
    }
  self->unpacked = g_build_filename (self->root, "unpacked", NULL);
  self->path = snapshot_fixture_make (self->folders[HERE]);
  remember (self->path);
  self->names = g_ptr_array_new_with_free_func (g_free);
  self->present = '@';
  for (guint i = 0; i < N_WORKS; i++)
    self->limits[i] = 200000;
}

static void
place_tear_down (Place *self, gconstpointer unused)
{
  g_assert_true (valise_directory_remove (self->folders[THERE], NULL));
  g_assert_true (valise_directory_remove (self->root, NULL));
  for (guint i = 0; i < N_FOLDERS; i++)
    {
      g_free (self->folders[i]);
      g_free (self->copies[i]);
    }
  g_free (self->unpacked);
  g_free (self->root);
  g_free (self->path);
  g_free (self->name);
  g_ptr_array_unref (self->names);
}

/* --- the work --- */

static gboolean
is_in (const char *path, const char *folder)
{
  g_autofree char *directory = g_path_get_dirname (path);

  return g_str_equal (directory, folder);
}

static void
move (Place *self)
{
  g_autoptr (ValiseLock) lock = valise_lock_take (self->path, "moving", NULL);
  g_autoptr (GError) error = NULL;

  g_free (valise_bundle_move (self->path, self->folders[is_in (self->path, self->folders[HERE]) ? THERE : HERE], NULL,
                              NULL, NULL, NULL, &error));
  g_assert_no_error (error);
}

static void export(Place *self)
{
  g_autofree char *file = g_build_filename (self->folders[OUT], ARCHIVE, NULL);
  g_autoptr (GError) error = NULL;

  valise_archive_write (self->path, file, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
work (gpointer data)
{
  Place *self = data;

  switch (self->which)
    {
    case TAKE:
      g_free (snapshot_fixture_take (self->path, self->name));
      break;
    case REVERT:
      snapshot_fixture_revert (self->path, self->name);
      break;
    case DELETE:
      snapshot_fixture_delete (self->path, self->name);
      break;
    case MOVE:
      move (self);
      break;
    case EXPORT:
      export(self);
      break;
    case N_WORKS:
    default:
      g_assert_not_reached ();
    }
}

static void
copy_as_it_lies (gpointer data)
{
  Place *self = data;

  for (guint i = 0; i < N_FOLDERS; i++)
    freezer_copy (self->folders[i], self->copies[i]);
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
check (Place *self, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *said = NULL;
  g_autoptr (GPtrArray) names = NULL;
  Work which = self->which;
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
                   || (which == DELETE && g_str_equal (self->names->pdata[i], self->name)));
  expected = self->names->len + (which == TAKE && has_name (names, self->name))
             - (which == DELETE && !has_name (names, self->name));
  g_assert_cmpuint (names->len, ==, expected);
  if (which != REVERT)
    {
      g_assert_cmpint (present, ==, self->present);
      return has_name (names, self->name) == (which == TAKE);
    }
  g_assert_true (present == self->present || present == self->name[0]);
  return present == self->name[0];
}

/* What was only begun is found, and can be let go. */
static void
clear_leftovers (Place *self, const char *directory)
{
  g_autoptr (GPtrArray) found = valise_bundle_find_leftovers (directory);
  g_autoptr (GError) error = NULL;

  self->said += found->len > 0;
  for (guint i = 0; i < found->len; i++)
    {
      valise_bundle_remove_leftover (found->pdata[i], &error);
      g_assert_no_error (error);
    }
}

/* An export is there whole, or not at all. */
static gboolean
check_export (Place *self, const char *folder)
{
  g_autofree char *file = g_build_filename (folder, ARCHIVE, NULL);
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;

  if (!g_file_test (file, G_FILE_TEST_EXISTS))
    return FALSE;
  path = valise_archive_read (file, self->unpacked, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  check (self, path);
  g_assert_true (valise_directory_remove (self->unpacked, NULL));
  g_assert_cmpint (g_unlink (file), ==, 0);
  return TRUE;
}

/* The machine is in one of the two places, or is whole in both. */
static gboolean
check_places (Place *self, char *const *folders, gboolean *is_here, gboolean *is_there)
{
  g_autofree char *here = g_build_filename (folders[HERE], BUNDLE, NULL);
  g_autofree char *there = g_build_filename (folders[THERE], BUNDLE, NULL);
  gboolean exported, done;

  for (guint i = 0; i < N_FOLDERS; i++)
    clear_leftovers (self, folders[i]);
  *is_here = g_file_test (here, G_FILE_TEST_IS_DIR);
  *is_there = g_file_test (there, G_FILE_TEST_IS_DIR);
  g_assert_true (*is_here || *is_there);
  g_assert_true (self->which == MOVE || *is_here != *is_there);
  done = *is_here && check (self, here);
  done = (*is_there && check (self, there)) || done;
  exported = check_export (self, folders[OUT]);
  g_assert_true (self->which == EXPORT || !exported);
  return self->which == EXPORT ? exported : done;
}

static void
check_copy (Place *self)
{
  gboolean is_here, is_there;

  check_places (self, self->copies, &is_here, &is_there);
  if (self->copied++ % CHECKED_BY_QEMU == 0)
    {
      g_autofree char *path = g_build_filename (self->copies[is_here ? HERE : THERE], BUNDLE, NULL);

      snapshot_fixture_check_images (path);
    }
  for (guint i = 0; i < N_FOLDERS; i++)
    g_assert_true (valise_directory_remove (self->copies[i], NULL));
}

/* While there are both, one of them is asked about, and its user lets it go. */
static Folder
choose_place (Place *self, gboolean is_here, gboolean is_there)
{
  g_autofree char *here = g_build_filename (self->folders[HERE], BUNDLE, NULL);
  g_autofree char *there = g_build_filename (self->folders[THERE], BUNDLE, NULL);
  g_autoptr (ValiseBundle) first = NULL, second = NULL;
  gboolean is_twin;

  if (!is_here || !is_there)
    return is_here ? HERE : THERE;
  first = valise_bundle_open (here, NULL);
  second = valise_bundle_open (there, NULL);
  is_twin = valise_identity_check (first, NULL) == VALISE_IDENTITY_TWIN;
  g_assert_true (is_twin != (valise_identity_check (second, NULL) == VALISE_IDENTITY_TWIN));
  self->said++;
  g_assert_true (valise_directory_remove (is_twin ? here : there, NULL));
  return is_twin ? THERE : HERE;
}

static void
check_it (Place *self)
{
  gboolean is_here, is_there;
  gboolean done = check_places (self, self->folders, &is_here, &is_there);
  Folder place = choose_place (self, is_here, is_there);

  if (self->which == MOVE)
    done = !is_in (self->path, self->folders[place]);
  self->done[self->which] += done;
  g_free (self->path);
  self->path = g_build_filename (self->folders[place], BUNDLE, NULL);
  remember (self->path);
  g_ptr_array_unref (self->names);
  self->names = list_names (self->path);
  self->present = snapshot_fixture_read (self->path);
}

static Work
choose (Place *self)
{
  static const Work full[] = { REVERT, DELETE, MOVE, EXPORT };

  if (self->names->len == 0)
    return TAKE;
  if (self->names->len == SNAPSHOTS_MOST)
    return full[g_test_rand_int_range (0, G_N_ELEMENTS (full))];
  return g_test_rand_int_range (0, N_WORKS);
}

static void
try_once (Place *self)
{
  self->which = choose (self);
  g_free (self->name);
  self->name = self->which == TAKE
                   ? g_strdup_printf ("%c%u", self->present, self->number++)
                   : g_strdup (self->names->pdata[g_test_rand_int_range (0, (gint32) self->names->len)]);
  if (!freezer_run (work, copy_as_it_lies, self, &self->limits[self->which]))
    self->kills[self->which]++;
  check_copy (self);
  check_it (self);
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
  guint count = 0;

  for (guint i = 0; i < N_WORKS; i++)
    count += self->kills[i];
  return count;
}

static void
tell (const Place *self)
{
  static const char *const words[] = { "taking", "going back", "deleting", "moving", "exporting" };

  for (guint i = 0; i < N_WORKS; i++)
    g_test_message ("frozen, copied and killed %u times while %s, which was done %u times", self->kills[i], words[i],
                    self->done[i]);
  g_test_message ("%u times there was something to say about what had happened; nothing lost", self->said);
  g_test_message ("survived: %u freezes", count_kills (self));
}

static void
test_kill (Place *self, gconstpointer unused)
{
  const char *wanted = g_getenv ("VALISE_KILLS");
  guint number = wanted != NULL ? (guint) g_ascii_strtoull (wanted, NULL, 10) : 0;
  guint least = wanted != NULL ? number - number / 5 : KILLS_LEAST;
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
  tell (self);
  clear (self);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/bundle/snapshot/kill", Place, NULL, place_set_up, test_kill, place_tear_down);
  return g_test_run ();
}
