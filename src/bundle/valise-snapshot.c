/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-snapshot-private.h"

#include "base/valise-libxml2.h"
#include "base/valise-path.h"
#include "bundle/valise-bundle-private.h"
#include "bundle/valise-medium.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LONGEST_NAME 1000
#define LONGEST_NOTE (64 * 1024)

static ValiseSnapshot *valise_snapshot_copy (ValiseSnapshot *self);

G_DEFINE_QUARK (valise_snapshot_error_quark, valise_snapshot_error)
G_DEFINE_BOXED_TYPE (ValiseSnapshot, valise_snapshot, valise_snapshot_copy, valise_snapshot_free)

static ValiseSnapshotDisk *
copy_disk (const ValiseSnapshotDisk *disk)
{
  ValiseSnapshotDisk *copy = g_memdup2 (disk, sizeof *disk);

  copy->target = g_strdup (disk->target);
  copy->file = g_strdup (disk->file);
  copy->format = g_strdup (disk->format);
  copy->upper = g_strdup (disk->upper);
  copy->stamp.sample = g_strdup (disk->stamp.sample);
  return copy;
}

static ValiseSnapshot *
valise_snapshot_copy (ValiseSnapshot *self)
{
  ValiseSnapshot *copy = g_memdup2 (self, sizeof *self);

  copy->id = g_strdup (self->id);
  copy->parent = g_strdup (self->parent);
  copy->name = g_strdup (self->name);
  copy->note = g_strdup (self->note);
  copy->disks = g_ptr_array_new_with_free_func (_valise_snapshot_disk_free);
  for (guint i = 0; i < self->disks->len; i++)
    g_ptr_array_add (copy->disks, copy_disk (self->disks->pdata[i]));
  return copy;
}

char *
_valise_snapshot_folder (const char *bundle_path, const char *id)
{
  return g_build_filename (bundle_path, VALISE_SNAPSHOTS, id, NULL);
}

char *
valise_snapshot_file (ValiseBundle *bundle, const char *id, const char *file)
{
  g_return_val_if_fail (bundle != NULL && id != NULL && file != NULL, NULL);

  return g_build_filename (valise_bundle_get_path (bundle), VALISE_SNAPSHOTS, id, file, NULL);
}

ValiseSnapshotDisk *
_valise_snapshot_find_disk (const ValiseSnapshot *self, const char *file)
{
  for (guint i = 0; i < self->disks->len; i++)
    {
      ValiseSnapshotDisk *disk = self->disks->pdata[i];

      if (g_str_equal (disk->file, file))
        return disk;
    }
  return NULL;
}

/* --- all of them --- */

/* The folder of a snapshot that is being taken, or whose taking was interrupted. */
static gboolean
is_uncommitted (const char *bundle_path, const ValiseJournal *journal, const char *id)
{
  g_autofree char *relative = g_build_filename (VALISE_SNAPSHOTS, id, NULL);
  g_autoptr (ValiseBundle) bundle = NULL;
  g_autofree char *present = NULL;

  if (journal == NULL || !g_ptr_array_find_with_equal_func (journal->made, relative, g_str_equal, NULL))
    return FALSE;
  bundle = valise_bundle_open (bundle_path, NULL);
  present = bundle != NULL ? valise_document_get (valise_bundle_get_document (bundle), VALISE_PRESENT_KNOB) : NULL;
  return g_strcmp0 (present, journal->present) != 0;
}

static ValiseSnapshot *
new_damaged (const char *id, const char *why)
{
  g_autofree char *name = g_strdup_printf (_ ("Damaged (%s)"), id);
  ValiseSnapshot *self = _valise_snapshot_new (id, name, why);

  self->is_damaged = TRUE;
  return self;
}

/* One that cannot be read is not nothing: it stands in the way of what it might forbid. */
static void
add_one (GPtrArray *snapshots, const char *bundle_path, const ValiseJournal *journal, const char *id)
{
  g_autofree char *folder = _valise_snapshot_folder (bundle_path, id);
  g_autoptr (GError) error = NULL;
  ValiseSnapshot *snapshot;

  if (!_valise_snapshot_is_id (id) || is_uncommitted (bundle_path, journal, id))
    return;
  snapshot = _valise_snapshot_read (folder, id, &error);
  g_ptr_array_add (snapshots, snapshot != NULL ? snapshot : new_damaged (id, error->message));
}

const ValiseSnapshot *
_valise_snapshots_find_damaged (GPtrArray *snapshots)
{
  for (guint i = 0; i < snapshots->len; i++)
    if (((const ValiseSnapshot *) snapshots->pdata[i])->is_damaged)
      return snapshots->pdata[i];
  return NULL;
}

GPtrArray *
_valise_snapshots_read_sound (const char *bundle_path, GError **error)
{
  g_autoptr (GPtrArray) snapshots = _valise_snapshots_read_all (bundle_path, error);
  const ValiseSnapshot *damaged = snapshots != NULL ? _valise_snapshots_find_damaged (snapshots) : NULL;

  if (damaged == NULL)
    return g_steal_pointer (&snapshots);
  _valise_snapshot_set_damaged (error, damaged->id, NULL);
  return NULL;
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  const ValiseSnapshot *first = *(ValiseSnapshot *const *) a, *second = *(ValiseSnapshot *const *) b;

  if (first->time != second->time)
    return first->time < second->time ? -1 : 1;
  return strcmp (first->id, second->id);
}

GPtrArray *
_valise_snapshots_read_all (const char *bundle_path, GError **error)
{
  g_autofree char *folder = g_build_filename (bundle_path, VALISE_SNAPSHOTS, NULL);
  g_autoptr (GError) local = NULL;
  g_autoptr (GDir) directory = g_dir_open (folder, 0, &local);
  g_autoptr (GPtrArray) snapshots = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_snapshot_free);
  g_autoptr (ValiseJournal) journal = NULL;
  const char *name;

  /* Whoever takes what cannot be read for nothing, removes what it needs. */
  if (directory == NULL && !g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  g_clear_error (&local);
  if (directory != NULL)
    journal = _valise_journal_read (bundle_path, &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    add_one (snapshots, bundle_path, journal, name);
  g_ptr_array_sort (snapshots, compare_times);
  return g_steal_pointer (&snapshots);
}

static ValiseSnapshot *
find_id (GPtrArray *snapshots, const char *id)
{
  for (guint i = 0; id != NULL && i < snapshots->len; i++)
    if (g_str_equal (((ValiseSnapshot *) snapshots->pdata[i])->id, id))
      return snapshots->pdata[i];
  return NULL;
}

/* The nearest that people see; in a circle, which no real tree has, there is none. */
static const char *
seen_ancestor (GPtrArray *all, const char *id)
{
  for (guint i = 0; i <= all->len; i++)
    {
      const ValiseSnapshot *snapshot = find_id (all, id);

      if (snapshot == NULL)
        return NULL;
      if (!snapshot->hidden)
        return snapshot->id;
      id = snapshot->parent;
    }
  return NULL;
}

static guint64
size_of_files (const char *folder)
{
  g_autoptr (GDir) directory = g_dir_open (folder, 0, NULL);
  guint64 size = 0;
  const char *name;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      struct stat status;

      if (lstat (path, &status) == 0 && S_ISREG (status.st_mode))
        size += (guint64) status.st_blocks * 512;
      else if (g_str_equal (name, "tpm"))
        size += size_of_files (path);
    }
  return size;
}

static guint64
measure (const char *bundle_path, const ValiseSnapshot *snapshot)
{
  g_autofree char *folder = _valise_snapshot_folder (bundle_path, snapshot->id);
  guint64 size = size_of_files (folder);

  for (guint i = 0; i < snapshot->disks->len; i++)
    {
      g_autofree char *path =
          g_build_filename (bundle_path, ((ValiseSnapshotDisk *) snapshot->disks->pdata[i])->file, NULL);
      struct stat status;

      if (lstat (path, &status) == 0)
        size += (guint64) status.st_blocks * 512;
    }
  return size;
}

static gboolean
is_placed (GPtrArray *placed, const char *id)
{
  return id == NULL || find_id (placed, id) != NULL;
}

/* Whatever stays over stands in a circle and becomes a root. */
static void
place_all (GPtrArray *seen, GPtrArray *placed)
{
  while (seen->len > 0)
    {
      guint next = 0;

      while (next < seen->len && !is_placed (placed, ((ValiseSnapshot *) seen->pdata[next])->parent))
        next++;
      if (next == seen->len)
        {
          next = 0;
          g_clear_pointer (&((ValiseSnapshot *) seen->pdata[0])->parent, g_free);
        }
      g_ptr_array_add (placed, g_ptr_array_steal_index (seen, next));
    }
}

GPtrArray *
valise_snapshots_list (ValiseBundle *bundle, GError **error)
{
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (GPtrArray) seen = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_snapshot_free);
  g_autoptr (GPtrArray) placed = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_snapshot_free);
  g_autofree char *current = NULL;

  g_return_val_if_fail (bundle != NULL, NULL);

  all = _valise_snapshots_read_all (valise_bundle_get_path (bundle), error);
  if (all == NULL)
    return NULL;
  current = valise_document_get (valise_bundle_get_document (bundle), VALISE_SNAPSHOT_KNOB);
  for (guint i = 0; i < all->len; i++)
    {
      const ValiseSnapshot *snapshot = all->pdata[i];
      ValiseSnapshot *copy;

      if (snapshot->hidden)
        continue;
      copy = valise_snapshot_copy (all->pdata[i]);
      g_free (copy->parent);
      copy->parent = g_strdup (seen_ancestor (all, snapshot->parent));
      copy->is_current = g_strcmp0 (seen_ancestor (all, current), copy->id) == 0;
      copy->size = measure (valise_bundle_get_path (bundle), copy);
      g_ptr_array_add (seen, copy);
    }
  place_all (seen, placed);
  return g_steal_pointer (&placed);
}

GPtrArray *
valise_snapshots_list_images (const char *bundle_path, GError **error)
{
  g_autoptr (GPtrArray) all = NULL;
  const ValiseSnapshot *damaged;
  GPtrArray *images;

  g_return_val_if_fail (bundle_path != NULL, NULL);

  all = _valise_snapshots_read_all (bundle_path, error);
  damaged = all != NULL ? _valise_snapshots_find_damaged (all) : NULL;
  if (damaged != NULL)
    _valise_snapshot_set_damaged (error, damaged->id, NULL);
  if (all == NULL || damaged != NULL)
    return NULL;
  images = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < all->len; i++)
    {
      const ValiseSnapshot *snapshot = all->pdata[i];

      for (guint j = 0; j < snapshot->disks->len; j++)
        g_ptr_array_add (images, g_strdup (((const ValiseSnapshotDisk *) snapshot->disks->pdata[j])->file));
    }
  return images;
}

ValiseSnapshot *
valise_snapshots_find_current (GPtrArray *snapshots)
{
  g_return_val_if_fail (snapshots != NULL, NULL);
  for (guint i = 0; i < snapshots->len; i++)
    if (((const ValiseSnapshot *) snapshots->pdata[i])->is_current)
      return snapshots->pdata[i];
  return NULL;
}

ValiseSnapshot *
valise_snapshots_find (GPtrArray *snapshots, const char *which, GError **error)
{
  ValiseSnapshot *found = NULL;
  g_autofree char *shown = NULL;

  g_return_val_if_fail (snapshots != NULL && which != NULL, NULL);

  found = find_id (snapshots, which);
  if (found != NULL)
    return found;
  shown = valise_text_for_display (which, 120);
  for (guint i = 0; i < snapshots->len; i++)
    {
      ValiseSnapshot *snapshot = snapshots->pdata[i];

      if (!g_str_equal (snapshot->name, which))
        continue;
      if (found != NULL)
        {
          g_set_error (error, VALISE_SNAPSHOT_ERROR, VALISE_SNAPSHOT_ERROR_AMBIGUOUS,
                       _ ("Several snapshots are called “%s”. Name one by its id: %s, %s."), shown, found->id,
                       snapshot->id);
          return NULL;
        }
      found = snapshot;
    }
  if (found == NULL)
    g_set_error (error, VALISE_SNAPSHOT_ERROR, VALISE_SNAPSHOT_ERROR_NOT_FOUND,
                 _ ("There is no snapshot “%s”. Look at the list for its name or id."), shown);
  return found;
}

ValiseDocument *
valise_snapshot_read_document (ValiseBundle *bundle, const char *id, GError **error)
{
  g_autofree char *path = NULL;
  g_autofree char *text = NULL;
  ValiseBundleVersion version = { NULL, 0 };

  g_return_val_if_fail (bundle != NULL && id != NULL, NULL);

  path = valise_snapshot_file (bundle, id, "domain.xml");
  version.path = path;
  text = valise_bundle_read_version (&version, error);
  return text != NULL ? _valise_bundle_parse_config (text, strlen (text), "domain.xml", error) : NULL;
}

gboolean
valise_snapshot_describe (ValiseBundle *bundle, const char *id, const char *name, const char *note, GError **error)
{
  g_autofree char *folder = NULL;
  g_autoptr (ValiseSnapshot) snapshot = NULL;

  g_return_val_if_fail (bundle != NULL && _valise_snapshot_is_id (id), FALSE);

  folder = _valise_snapshot_folder (valise_bundle_get_path (bundle), id);
  snapshot = _valise_snapshot_read (folder, id, error);
  if (snapshot == NULL || !_valise_snapshot_check_words (name != NULL ? name : snapshot->name, note, error))
    return FALSE;
  if (name != NULL)
    {
      /* What somebody has named is not to go by itself. */
      snapshot->scheduled = snapshot->scheduled && g_str_equal (snapshot->name, name);
      snapshot->precaution = snapshot->precaution && g_str_equal (snapshot->name, name);
      g_free (snapshot->name);
      snapshot->name = g_strdup (name);
    }
  if (note != NULL)
    {
      g_free (snapshot->note);
      snapshot->note = g_strdup (note);
    }
  return _valise_snapshot_write (folder, snapshot, error);
}

/* Only what XML can hold, or the record could not be read again. */
static gboolean
is_writable (const char *text, gsize most)
{
  if (strlen (text) > most || !g_utf8_validate (text, -1, NULL))
    return FALSE;
  for (const char *c = text; *c != '\0'; c = g_utf8_next_char (c))
    if (!xmlIsCharQ (g_utf8_get_char (c)))
      return FALSE;
  return TRUE;
}

static gboolean
set_name_error (GError **error, const char *text)
{
  g_set_error_literal (error, VALISE_SNAPSHOT_ERROR, VALISE_SNAPSHOT_ERROR_NAME, text);
  return FALSE;
}

gboolean
_valise_snapshot_check_words (const char *name, const char *note, GError **error)
{
  g_autofree char *stripped = g_strstrip (g_strdup (name));

  if (*stripped == '\0')
    return set_name_error (error, _ ("A snapshot needs a name. Type one."));
  if (!is_writable (name, LONGEST_NAME))
    return set_name_error (error,
                           _ ("The snapshot's name is too long, or has control characters in it. Type another."));
  if (note != NULL && !is_writable (note, LONGEST_NOTE))
    return set_name_error (error, _ ("The snapshot's note is too long, or has control characters in it. Shorten it."));
  return TRUE;
}
