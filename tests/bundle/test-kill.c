/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kills a process that makes, saves, packs, unpacks and copies bundles, again and again at moments of no choice, and
 * looks at what is there. */
#include "base/valise-path.h"
#include "base/valise-size.h"
#include "bundle/valise-archive.h"
#include "bundle/valise-image.h"
#include "bundle/valise-lock.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECONDS_EACH 2.0
#define MOST_KILLS 200
#define LATEST_KILL_MICROSECONDS 120000
#define VERSIONS 10 /* that are kept */

typedef struct
{
  char *directory; /* where things are made */
  char *source;    /* a whole bundle that the work reads, outside of @directory */
  char *archive;   /* the same as one file */
} Place;

static void
write_disk (const char *file)
{
  g_autofree guint8 *bytes = g_malloc (8 * VALISE_MIB);
  int fd = open (file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

  for (gsize i = 0; i < 8 * VALISE_MIB; i++)
    bytes[i] = i * i >> 7;
  g_assert_cmpint (pwrite (fd, bytes, 8 * VALISE_MIB, 4 * VALISE_MIB), ==, 8 * VALISE_MIB);
  g_assert_cmpint (ftruncate (fd, 64 * VALISE_MIB), ==, 0);
  close (fd);
}

static ValiseBundle *
make (const char *directory, const char *name)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_begin (directory, name, NULL);
  g_autofree char *disk = bundle != NULL ? valise_bundle_file (bundle, "disks/root.img") : NULL;

  if (bundle == NULL)
    return NULL;
  write_disk (disk);
  return valise_bundle_commit (bundle, valise_bundle_get_document (bundle), NULL) ? g_steal_pointer (&bundle) : NULL;
}

static void
place_set_up (Place *self, gconstpointer unused)
{
  g_autofree char *root = g_dir_make_tmp ("v-XXXXXX", NULL);
  g_autoptr (ValiseBundle) bundle = make (root, "Source");

  self->source = g_strdup (valise_bundle_get_path (bundle));
  self->archive = g_build_filename (root, "Source.vmbundle.tar.zst", NULL);
  self->directory = g_build_filename (root, "made", NULL);
  g_assert_true (valise_archive_write (self->source, self->archive, NULL, NULL, NULL, NULL));
}

static void
place_tear_down (Place *self, gconstpointer unused)
{
  g_autofree char *root = g_path_get_dirname (self->source);

  g_assert_true (valise_directory_remove (root, NULL));
  g_free (self->directory);
  g_free (self->source);
  g_free (self->archive);
}

/* Each runs in the child until it is killed. */

static void
work_create (Place *self)
{
  for (guint i = 0;; i++)
    {
      g_autofree char *name = g_strdup_printf ("Made %u", i);
      g_autoptr (ValiseBundle) bundle = make (self->directory, name);
    }
}

static void
work_image (Place *self)
{
  for (guint i = 0;; i++)
    {
      g_autofree char *name = g_strdup_printf ("Made %u", i);
      g_autoptr (ValiseBundle) bundle = valise_bundle_begin (self->directory, name, NULL);
      g_autofree char *disk = valise_bundle_file (bundle, "disks/root.img");

      if (valise_image_create (disk, "qcow2", VALISE_GIB, NULL, NULL))
        valise_bundle_commit (bundle, valise_bundle_get_document (bundle), NULL);
    }
}

static void
work_save (Place *self)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (self->source, NULL);
  g_autoptr (ValiseLock) lock = valise_lock_take (self->source, "editing", NULL);

  for (guint i = 1; lock != NULL; i++)
    {
      g_autoptr (ValiseDocument) draft = valise_document_copy (valise_bundle_get_document (bundle));
      g_autofree char *memory = g_strdup_printf ("%u", i);
      g_autofree char *padding = g_strnfill (i % 7 * 30000, 'x');

      valise_document_set (draft, "memory", memory, NULL);
      valise_document_set (draft, "description", padding, NULL);
      valise_bundle_save (bundle, draft, NULL);
    }
}

static void
work_export (Place *self)
{
  for (guint i = 0;; i++)
    {
      g_autofree char *name = g_strdup_printf ("Made %u.vmbundle.tar.zst", i);
      g_autofree char *file = g_build_filename (self->directory, name, NULL);

      g_mkdir_with_parents (self->directory, 0700);
      valise_archive_write (self->source, file, NULL, NULL, NULL, NULL);
    }
}

static void
work_import (Place *self)
{
  for (guint i = 0;; i++)
    {
      g_autofree char *name = g_strdup_printf ("Made %u", i);
      g_autofree char *path = valise_archive_read (self->archive, self->directory, name, NULL, NULL, NULL);
    }
}

static void
work_copy (Place *self)
{
  for (guint i = 0;; i++)
    {
      g_autofree char *name = g_strdup_printf ("Made %u", i);
      g_autofree char *path = valise_bundle_copy (self->source, self->directory, name, NULL, NULL, NULL);
    }
}

static void
run_and_kill (Place *self, void (*work) (Place *))
{
  pid_t child = fork ();

  if (child == 0)
    {
      prctl (PR_SET_PDEATHSIG, SIGKILL);
      work (self);
      _exit (1);
    }
  g_assert_cmpint (child, >, 0);
  g_usleep (g_random_int_range (0, LATEST_KILL_MICROSECONDS));
  kill (child, SIGKILL);
  /* Ours and, since we are their reaper now, the programs that it had started and that end by themselves. */
  while (waitpid (-1, NULL, 0) > 0 || errno == EINTR)
    continue;
}

static gboolean
same_content (const char *first, const char *second)
{
  const char *const argv[] = { "cmp", "-s", first, second, NULL };
  int status = -1;

  return g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, NULL)
         && g_spawn_check_wait_status (status, NULL);
}

static void
assert_whole (Place *self, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = NULL;
  g_autofree char *disk = NULL;
  g_autofree char *original = g_build_filename (self->source, "disks/root.img", NULL);
  g_autoptr (ValiseImageInfo) info = NULL;

  if (g_str_has_suffix (path, ".zst"))
    {
      g_autofree char *check = g_build_filename (self->directory, "check", NULL);
      g_autofree char *unpacked = valise_archive_read (path, check, NULL, NULL, NULL, &error);

      g_assert_no_error (error);
      g_assert_nonnull (unpacked);
      g_assert_true (valise_directory_remove (check, NULL));
      return;
    }
  bundle = valise_bundle_open (path, &error);
  g_assert_no_error (error);
  disk = valise_bundle_file (bundle, "disks/root.img");
  info = valise_image_inspect (disk, "qcow2", NULL);
  if (info != NULL)
    g_assert_cmpuint (info->virtual_size, ==, VALISE_GIB);
  else
    g_assert_true (same_content (disk, original));
}

/* Only the first whole thing is looked into at each kill; the rest were made by the same steps. */
static void
assert_all_whole (Place *self, guint *whole)
{
  g_autoptr (GDir) dir = g_dir_open (self->directory, 0, NULL);
  gboolean looked = FALSE;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (self->directory, name, NULL);

      g_assert_cmpint (name[0], !=, '.');
      *whole += 1;
      if (!looked)
        assert_whole (self, path);
      looked = TRUE;
    }
}

static guint
remove_leftovers (Place *self)
{
  g_autoptr (GPtrArray) found = valise_bundle_find_leftovers (self->directory);

  for (guint i = 0; i < found->len; i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (valise_bundle_remove_leftover (found->pdata[i], &error));
      g_assert_no_error (error);
    }
  return found->len;
}

static void
test_making (Place *self, gconstpointer work)
{
  g_autoptr (GTimer) timer = g_timer_new ();
  guint kills = 0, leftovers = 0, whole = 0;

  g_test_summary ("After each kill what is visible is whole, and what is not is found and removable");
  /* A computer that is so slow that nothing was begun yet gets more of them. */
  while (g_timer_elapsed (timer, NULL) < SECONDS_EACH || (leftovers == 0 && kills < MOST_KILLS))
    {
      run_and_kill (self, (void (*) (Place *)) work);
      kills++;
      leftovers += remove_leftovers (self);
      assert_all_whole (self, &whole);
      g_assert_true (valise_directory_remove (self->directory, NULL));
    }
  g_test_message ("%u leftovers, %u whole", leftovers, whole);
  g_test_message ("survived: %u kills", kills);
  g_assert_cmpuint (leftovers, >, 0);
}

static void
assert_history_is_good (ValiseBundle *bundle)
{
  g_autoptr (GPtrArray) versions = valise_bundle_list_history (bundle);

  for (guint i = 0; i < versions->len; i++)
    {
      g_autofree char *text = NULL;
      g_autoptr (ValiseDocument) document = NULL;
      gsize length = 0;

      g_assert_true (g_file_get_contents (((ValiseBundleVersion *) versions->pdata[i])->path, &text, &length, NULL));
      document = valise_document_new (text, length, "version", NULL);
      g_assert_nonnull (document);
    }
}

static void
assert_nothing_begun (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    g_assert_false (g_str_has_suffix (name, ".tmp"));
}

static void
save_once (Place *self, guint round)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (self->source, NULL);
  g_autoptr (ValiseDocument) draft = valise_document_copy (valise_bundle_get_document (bundle));
  g_autofree char *memory = g_strdup_printf ("%u", 1234567 + round);

  g_assert_true (valise_document_set (draft, "memory", memory, NULL));
  g_assert_true (valise_bundle_save (bundle, draft, NULL));
  assert_nothing_begun (self->source);
}

/* Kills may leave versions beyond the tenth and begun files; the next save that ends lets them go. How many versions were
 * made before depends on the disk's speed. */
static void
check_saving_goes_on (Place *self)
{
  g_autoptr (ValiseBundle) bundle = NULL;
  g_autoptr (GPtrArray) versions = NULL;

  save_once (self, 0);
  bundle = valise_bundle_open (self->source, NULL);
  versions = valise_bundle_list_history (bundle);
  g_assert_cmpuint (versions->len, <=, VERSIONS);
  for (guint i = 1; i <= VERSIONS; i++)
    save_once (self, i);
  g_clear_pointer (&versions, g_ptr_array_unref);
  versions = valise_bundle_list_history (bundle);
  g_assert_cmpuint (versions->len, ==, VERSIONS);
}

static void
test_saving (Place *self, gconstpointer unused)
{
  g_autoptr (GTimer) timer = g_timer_new ();
  guint kills = 0;

  g_test_summary ("After each kill config.xml is a whole version and the lock is free");
  for (; g_timer_elapsed (timer, NULL) < SECONDS_EACH; kills++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ValiseBundle) bundle = NULL;
      g_autoptr (ValiseLock) lock = NULL;

      run_and_kill (self, work_save);
      bundle = valise_bundle_open (self->source, &error);
      g_assert_no_error (error);
      lock = valise_lock_take (self->source, "editing", &error);
      g_assert_no_error (error);
      assert_history_is_good (bundle);
    }
  g_test_message ("survived: %u kills", kills);
  check_saving_goes_on (self);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*work) (Place *);
  } cases[] = {
    { "/bundle/kill/create", work_create }, { "/bundle/kill/image", work_image },
    { "/bundle/kill/export", work_export }, { "/bundle/kill/import", work_import },
    { "/bundle/kill/copy", work_copy },
  };

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (prctl (PR_SET_CHILD_SUBREAPER, 1), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_test_add (cases[i].path, Place, cases[i].work, place_set_up, test_making, place_tear_down);
  g_test_add ("/bundle/kill/save", Place, NULL, place_set_up, test_saving, place_tear_down);
  return g_test_run ();
}
