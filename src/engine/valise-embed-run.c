/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-embed-run-private.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/valise-path.h"

/* libvirt writes down every step of a start and waits for the disk each time. */
static const char *const memory_places[] = { "/run", "/dev/shm", NULL };

#define OWN_NAME "valise-embed"
#define BACK_LINK "root" /* from the directory in memory to the driver's */

static gboolean
is_in_memory (const char *place)
{
  struct statfs status;

  return statfs (place, &status) == 0 && (status.f_type == TMPFS_MAGIC || status.f_type == RAMFS_MAGIC);
}

/* Somebody else may have been first in a place that everybody can write to. */
static gboolean
is_private (const char *directory)
{
  struct stat status;

  return lstat (directory, &status) == 0 && S_ISDIR (status.st_mode) && status.st_uid == geteuid ()
         && (status.st_mode & 0077) == 0;
}

static gboolean
is_same (const char *one, const char *other)
{
  struct stat first, second;

  return stat (one, &first) == 0 && stat (other, &second) == 0 && first.st_dev == second.st_dev
         && first.st_ino == second.st_ino;
}

/* What is left of drivers whose directory is gone. */
static void
sweep (const char *own)
{
  g_autoptr (GDir) listing = g_dir_open (own, 0, NULL);
  const char *name;

  while (listing != NULL && (name = g_dir_read_name (listing)) != NULL)
    {
      g_autofree char *directory = g_build_filename (own, name, NULL);
      g_autofree char *link = g_build_filename (directory, BACK_LINK, NULL);
      g_autofree char *target = g_file_read_link (link, NULL);

      if (target != NULL && !g_file_test (target, G_FILE_TEST_EXISTS))
        (void) valise_directory_remove (directory, NULL);
    }
}

static char *
make_in_memory (const char *root, const char *const *places)
{
  for (; *places != NULL; places++)
    {
      g_autofree char *own = g_build_filename (*places, OWN_NAME, NULL);
      g_autofree char *directory = g_build_filename (own, "XXXXXX", NULL);
      g_autofree char *link = NULL;

      if (!is_in_memory (*places) || (g_mkdir (own, 0700) < 0 && !is_private (own)))
        continue;
      sweep (own);
      if (g_mkdtemp (directory) == NULL)
        continue;
      link = g_build_filename (directory, BACK_LINK, NULL);
      if (symlink (root, link) == 0)
        return g_steal_pointer (&directory);
      g_rmdir (directory);
    }
  return NULL;
}

/* Its own, also after the driver's directory was renamed; the link in a copy of it leads to the original's. */
static gboolean
is_placed (const char *root, const char *run)
{
  g_autofree char *link = g_build_filename (run, BACK_LINK, NULL);
  g_autofree char *back = g_file_read_link (link, NULL);

  if (back == NULL || is_same (back, root))
    return back != NULL;
  if (g_file_test (back, G_FILE_TEST_EXISTS))
    return FALSE;
  return g_unlink (link) == 0 && symlink (root, link) == 0;
}

void
_valise_embed_run_place (const char *root, const char *const *places)
{
  g_autofree char *run = g_build_filename (root, "run", NULL);
  g_autofree char *target = g_file_read_link (run, NULL);
  g_autofree char *directory = NULL;

  if (target != NULL && is_private (target) && is_placed (root, run))
    return;
  if (target != NULL)
    g_unlink (run);
  /* A user's memory directories are emptied when he logs out, while his machines go on running: only root has one that
   * stays. */
  if (g_file_test (run, G_FILE_TEST_EXISTS) || (places == NULL && geteuid () != 0))
    return;
  directory = make_in_memory (root, places != NULL ? places : memory_places);
  if (directory != NULL && symlink (directory, run) < 0)
    (void) valise_directory_remove (directory, NULL);
}
