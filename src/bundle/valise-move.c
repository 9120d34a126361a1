/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-move.h"

#include "base/valise-path.h"
#include "bundle/valise-bundle-private.h"
#include "bundle/valise-identity.h"
#include "bundle/valise-medium.h"
#include "bundle/valise-snapshot-private.h"
#include "bundle/valise-travel.h"
#include "bundle/valise-tree.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE (1024 * 1024)
#define DEEPEST 4096 /* folders one in another */

typedef struct
{
  const char *path; /* of the old one */
  const char *directory;
  ValiseMovedFunc func;
  gpointer user_data;
  ValiseJob *job;
  GCancellable *cancellable;
} Move;

static void
remember (const Move *self, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (path, &error);

  /* Otherwise its first start does. */
  if (bundle == NULL || !valise_identity_remember (bundle, &error))
    g_debug ("%s: %s", path, error->message);
  if (self->func != NULL)
    self->func (path, self->user_data);
}

/* --- on the same file system --- */

static gboolean
sync_around (const char *from, const char *to, GError **error)
{
  g_autofree char *before = g_path_get_dirname (from);
  g_autofree char *after = g_path_get_dirname (to);

  return valise_directory_sync (after, error) && valise_directory_sync (before, error);
}

/* --- on another one: what was copied is read back --- */

static gboolean
set_differs (const char *relative, GError **error)
{
  g_autofree char *shown = valise_text_for_display (relative, 200);

  g_set_error (
      error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_CORRUPT,
      _ ("“%s” cannot be read back as it was written, so the machine stays where it is. Check the medium it was "
         "to go to."),
      shown);
  return FALSE;
}

static gboolean
compare_extent (int from, int to, ValiseExtent extent, const char *relative, GCancellable *cancellable, GError **error)
{
  g_autofree char *first = g_malloc (PIECE);
  g_autofree char *second = g_malloc (PIECE);

  while (extent.length > 0)
    {
      gsize length = MIN (extent.length, PIECE);
      gssize got = pread (from, first, length, (off_t) extent.offset);

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (got <= 0 || pread (to, second, (gsize) got, (off_t) extent.offset) != got
          || memcmp (first, second, (gsize) got) != 0)
        return set_differs (relative, error);
      extent.offset += (guint64) got;
      extent.length -= (guint64) got;
    }
  return TRUE;
}

/* What is data in either of the two; where neither has any both are zeros. */
static gboolean
compare_open (int from, int to, const ValiseTreeEntry *entry, GCancellable *cancellable, GError **error)
{
  struct stat status;

  if (fstat (to, &status) != 0 || (guint64) status.st_size != entry->size)
    return set_differs (entry->path, error);
  /* From the medium, not from memory, as far as the system can be told. */
  (void) posix_fadvise (to, 0, 0, POSIX_FADV_DONTNEED);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GArray) extents = _valise_tree_extents (i == 0 ? from : to, entry->size);

      for (guint j = 0; j < extents->len; j++)
        if (!compare_extent (from, to, g_array_index (extents, ValiseExtent, j), entry->path, cancellable, error))
          return FALSE;
    }
  return TRUE;
}

/* Images are known by their time of modification. */
static gboolean
keep_time (int from, int to, const char *path, GError **error)
{
  struct stat status;

  if (fstat (from, &status) == 0 && futimens (to, (const struct timespec[]){ status.st_atim, status.st_mtim }) == 0)
    return TRUE;
  _valise_medium_set_error (error, errno, path, 0);
  return FALSE;
}

static gboolean
compare_file (const Move *self, const char *to_path, const ValiseTreeEntry *entry, GError **error)
{
  g_autofree char *first = g_build_filename (self->path, entry->path, NULL);
  g_autofree char *second = g_build_filename (to_path, entry->path, NULL);
  int from = open (first, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  int to = from >= 0 ? open (second, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) : -1;
  gboolean same = FALSE;

  if (to < 0)
    _valise_medium_set_error (error, errno, from < 0 ? first : second, 0);
  else
    same = compare_open (from, to, entry, self->cancellable, error) && keep_time (from, to, second, error);
  if (to >= 0)
    close (to);
  if (from >= 0)
    close (from);
  return same;
}

static gboolean
verify (const Move *self, GPtrArray *entries, const char *to, GError **error)
{
  if (!_valise_medium_sync_tree (to, error))
    return FALSE;
  valise_job_set_stage (self->job, _ ("Comparing"));
  valise_job_set_total (self->job, 2 * _valise_tree_total (entries));
  for (guint i = 0; i < entries->len; i++)
    {
      const ValiseTreeEntry *entry = entries->pdata[i];

      if (entry->is_folder || g_str_equal (entry->path, VALISE_BUNDLE_CONFIG))
        continue;
      if (!compare_file (self, to, entry, error))
        return FALSE;
      valise_job_advance (self->job, entry->data);
    }
  return TRUE;
}

/* --- the copy --- */

/* What no copy for others has. */
static gboolean
copy_past (const Move *self, ValiseBundle *copy, GError **error)
{
  static const char *const folders[] = { VALISE_BUNDLE_HISTORY, "logs" };

  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *here = g_build_filename (self->path, folders[i], NULL);
      g_autofree char *there = valise_bundle_file (copy, folders[i]);

      if (!g_file_test (here, G_FILE_TEST_IS_DIR) || g_file_test (here, G_FILE_TEST_IS_SYMLINK))
        continue;
      g_rmdir (there);
      if (!_valise_snapshot_copy_folder (here, there, self->cancellable, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
fill (const Move *self, ValiseBundle *copy, GError **error)
{
  g_autoptr (GPtrArray) entries = _valise_tree_list (self->path, NULL, error);

  if (entries == NULL)
    return FALSE;
  valise_job_set_stage (self->job, _ ("Copying"));
  return valise_travel_fill (copy, self->path, NULL, self->job, self->cancellable, error)
         && copy_past (self, copy, error) && verify (self, entries, valise_bundle_get_path (copy), error)
         && !g_cancellable_set_error_if_cancelled (self->cancellable, error);
}

/* The old one goes out of sight at once, and is a leftover like others if its removing does not end. */
static char *
put_out_of_sight (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *base = g_path_get_basename (path);

  for (guint i = 1; i <= 100; i++)
    {
      g_autofree char *number = i > 1 ? g_strdup_printf (".%u", i) : g_strdup ("");
      g_autofree char *hidden = g_strdup_printf ("%s/.%s%s.partial", folder, base, number);

      if (renameat2 (AT_FDCWD, path, AT_FDCWD, hidden, RENAME_NOREPLACE) == 0)
        return g_steal_pointer (&hidden);
      if (errno != EEXIST)
        return NULL;
    }
  return NULL;
}

static gboolean
remove_old (const char *path, GError **error)
{
  g_autofree char *hidden = put_out_of_sight (path);
  g_autofree char *folder = g_path_get_dirname (path);

  if (hidden == NULL)
    {
      _valise_medium_set_error (error, errno, path, 0);
      return FALSE;
    }
  if (!valise_directory_sync (folder, NULL) || !valise_directory_remove (hidden, NULL))
    g_debug ("%s is left", hidden);
  return TRUE;
}

static gboolean
check_removable (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);

  if (access (folder, W_OK) == 0 && access (path, W_OK) == 0)
    return TRUE;
  _valise_medium_set_error (error, errno, path, 0);
  return FALSE;
}

static char *
move_far (const Move *self, GError **error)
{
  g_autofree char *base = g_path_get_basename (self->path);
  g_autofree char *stem = g_strndup (base, strlen (base) - strlen (VALISE_BUNDLE_SUFFIX));
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (self->path, error);
  g_autoptr (ValiseBundle) copy = NULL;

  if (bundle == NULL || !check_removable (self->path, error))
    return NULL;
  copy = valise_bundle_begin (self->directory, stem, error);
  if (copy == NULL || !fill (self, copy, error)
      || !valise_bundle_commit (copy, valise_bundle_get_document (bundle), error))
    return NULL;
  remember (self, valise_bundle_get_path (copy));
  if (remove_old (self->path, error))
    return g_strdup (valise_bundle_get_path (copy));
  /* Then there is one too many, and it is the new one that nobody has used. */
  remember (self, self->path);
  valise_directory_remove (valise_bundle_get_path (copy), NULL);
  return NULL;
}

/* --- where to --- */

static gboolean
set_within (const char *directory, GError **error)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_RECURSE,
               _ ("“%s” lies in the machine itself. Choose another folder."), directory);
  return FALSE;
}

/* "…/Name.vmbundle" in @directory. */
static char *
choose_target (const char *path, const char *directory, GError **error)
{
  g_autofree char *base = g_path_get_basename (path);
  g_autofree char *target = g_build_filename (directory, base, NULL);
  struct stat status;

  if (!valise_bundle_check_outside (directory, error))
    return NULL;
  if (!g_str_has_suffix (base, VALISE_BUNDLE_SUFFIX) || g_str_equal (base, VALISE_BUNDLE_SUFFIX))
    {
      _valise_medium_set_error (error, EINVAL, path, 0);
      return NULL;
    }
  if (lstat (target, &status) != 0)
    return g_steal_pointer (&target);
  _valise_medium_set_error (error, EEXIST, target, 0);
  return NULL;
}

/* By what the folders are, since a mount may lead into the machine under another name. */
static gboolean
check_outside (const char *path, const char *folder, GError **error)
{
  struct stat bundle, status;
  int fd = open (folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
  gboolean outside = TRUE;

  if (fd < 0 || stat (path, &bundle) != 0)
    {
      _valise_medium_set_error (error, errno, fd < 0 ? folder : path, 0);
      if (fd >= 0)
        close (fd);
      return FALSE;
    }
  for (guint depth = 0; outside && depth < DEEPEST; depth++)
    {
      struct stat upper;
      int up;

      if (fstat (fd, &status) != 0 || (status.st_dev == bundle.st_dev && status.st_ino == bundle.st_ino))
        outside = FALSE;
      up = outside ? openat (fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
      if (up < 0)
        break;
      close (fd);
      fd = up;
      if (fstat (fd, &upper) == 0 && upper.st_dev == status.st_dev && upper.st_ino == status.st_ino)
        break;
    }
  close (fd);
  return outside || set_within (folder, error);
}

char *
valise_bundle_move (const char *bundle_path,
                    const char *directory,
                    ValiseMovedFunc func,
                    gpointer user_data,
                    ValiseJob *job,
                    GCancellable *cancellable,
                    GError **error)
{
  g_autofree char *path = NULL, *folder = NULL, *target = NULL;
  Move self = { .func = func, .user_data = user_data, .job = job, .cancellable = cancellable };

  g_return_val_if_fail (bundle_path != NULL && directory != NULL, NULL);

  path = g_canonicalize_filename (bundle_path, NULL);
  folder = g_canonicalize_filename (directory, NULL);
  self.path = path;
  self.directory = folder;
  target = choose_target (path, folder, error);
  if (target == NULL || g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  if (g_mkdir_with_parents (folder, 0755) != 0)
    {
      _valise_medium_set_error (error, errno, folder, 0);
      return NULL;
    }
  if (!check_outside (path, folder, error))
    return NULL;
  if (renameat2 (AT_FDCWD, path, AT_FDCWD, target, RENAME_NOREPLACE) == 0)
    {
      g_autoptr (GError) local = NULL;

      remember (&self, target);
      /* It is there, whatever a power cut in the next seconds makes of it. */
      if (!sync_around (path, target, &local))
        g_debug ("%s: %s", target, local->message);
      return g_steal_pointer (&target);
    }
  if (errno == EXDEV || errno == EINVAL || errno == ENOSYS)
    return move_far (&self, error);
  _valise_medium_set_error (error, errno, target, 0);
  return NULL;
}
