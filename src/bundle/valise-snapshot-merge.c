/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One image that a deleted snapshot froze, merged with the only one that builds on it, in the direction in which there is
 * less to copy. At every moment what an image shows through its chain stays the same, so that a kill costs nothing but
 * doing it again. */
#include "bundle/valise-merge-private.h"

#include "base/valise-path.h"
#include "base/valise-process.h"
#include "base/valise-size.h"
#include "bundle/valise-image-chain.h"
#include "bundle/valise-image-convert.h"
#include "bundle/valise-image-header.h"
#include "bundle/valise-medium.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a running machine has written to its own image since it got it, before it is worth giving it another one. */
#define MUCH (4 * VALISE_MIB)

gboolean
_valise_merge_write_record (ValiseMerge *self, const ValiseSnapshot *snapshot, GError **error)
{
  g_autofree char *folder = _valise_snapshot_folder (self->path, snapshot->id);

  return _valise_snapshot_write (folder, snapshot, error);
}

char *
_valise_snapshot_sibling (const char *file, const char *name)
{
  g_autofree char *folder = g_path_get_dirname (file);

  return g_str_equal (folder, ".") ? g_strdup (name) : g_build_filename (folder, name, NULL);
}

/* --- what the records say of an image --- */

typedef gboolean (*DiskFunc) (ValiseMerge *self, ValiseSnapshotDisk *disk, gconstpointer data, GError **error);

static gboolean
for_owners (ValiseMerge *self, const char *file, DiskFunc func, gconstpointer data, GError **error)
{
  for (guint i = 0; i < self->all->len; i++)
    {
      ValiseSnapshot *snapshot = self->all->pdata[i];
      ValiseSnapshotDisk *disk = _valise_snapshot_find_disk (snapshot, file);

      if (disk != NULL && (!func (self, disk, data, error) || !_valise_merge_write_record (self, snapshot, error)))
        return FALSE;
    }
  return TRUE;
}

static gboolean
clear_stamp (ValiseMerge *self, ValiseSnapshotDisk *disk, gconstpointer data, GError **error)
{
  _valise_image_stamp_clear (&disk->stamp);
  return TRUE;
}

/* With this, whoever takes it up again knows which one of those above it is. */
static gboolean
begin_merge (ValiseMerge *self, ValiseSnapshotDisk *disk, gconstpointer upper, GError **error)
{
  g_free (disk->upper);
  disk->upper = g_strdup (upper);
  return clear_stamp (self, disk, NULL, error);
}

static gboolean
take_stamp (ValiseMerge *self, ValiseSnapshotDisk *disk, gconstpointer data, GError **error)
{
  g_autofree char *path = g_build_filename (self->path, disk->file, NULL);

  return _valise_image_stamp_take (path, &disk->stamp, error);
}

static gboolean
end_merge (ValiseMerge *self, ValiseSnapshotDisk *disk, gconstpointer data, GError **error)
{
  g_clear_pointer (&disk->upper, g_free);
  return take_stamp (self, disk, NULL, error);
}

static gboolean
set_image (ValiseMerge *self, ValiseSnapshotDisk *disk, gconstpointer data, GError **error)
{
  const ValiseSnapshotDisk *lower = data;

  g_free (disk->file);
  g_free (disk->format);
  disk->file = g_strdup (lower->file);
  disk->format = g_strdup (lower->format);
  return take_stamp (self, disk, NULL, error);
}

/* --- qemu-img --- */

/* @moved: (nullable): the image of which all that it holds goes elsewhere */
static gboolean
run (ValiseMerge *self, const char *const *argv, const char *path, const char *moved, GError **error)
{
  ValiseImageProgress progress = { .job = self->job };
  g_autoptr (GError) local = NULL;
  struct stat status;

  if (moved != NULL && stat (moved, &status) == 0)
    progress.size = (guint64) status.st_blocks * 512;
  if (self->job != NULL)
    valise_job_set_total (self->job, valise_job_get_total (self->job) + progress.size);
  if (valise_process_run (argv, _valise_image_progress_cb, &progress, NULL, self->cancellable, &local))
    return _valise_snapshot_sync (path, error);
  _valise_image_translate_qemu_error (&local, path, 0);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* (transfer full) (nullable) */
static char *
find_below (const char *path)
{
  g_autoptr (GPtrArray) layers = NULL;
  g_autoptr (ValiseImageInfo) info = valise_image_inspect_chain (path, "qcow2", &layers, NULL);

  return info != NULL && layers->len > 0 ? g_strdup (((const ValiseImageLayer *) layers->pdata[0])->path) : NULL;
}

/* The header names the new base at the end, so what was copied must be on the medium before: a kill or a power cut in
 * between would leave an image that builds on a base which lacks it. @base: NULL for none. @only_name: what is below has the same content under either name. */
static gboolean
rebase (ValiseMerge *self, const char *file, const char *base, const char *format, gboolean only_name, GError **error)
{
  g_autofree char *path = valise_bundle_file (self->bundle, file);
  g_autofree char *below = only_name ? NULL : find_below (path);
  g_autofree char *name = base != NULL ? g_path_get_basename (base) : g_strdup ("");
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();

  for (const char *const *word =
           (const char *const[]){ "qemu-img", "rebase", "-p", "-t", "writethrough", "-f", "qcow2", "-b", NULL };
       *word != NULL; word++)
    g_ptr_array_add (argv, (gpointer) *word);
  g_ptr_array_add (argv, name);
  if (base != NULL)
    {
      g_ptr_array_add (argv, (gpointer) "-F");
      g_ptr_array_add (argv, (gpointer) format);
    }
  if (only_name)
    g_ptr_array_add (argv, (gpointer) "-u");
  g_ptr_array_add (argv, (gpointer) "--");
  g_ptr_array_add (argv, path);
  g_ptr_array_add (argv, NULL);
  return run (self, (const char *const *) argv->pdata, path, below, error);
}

/* --- merging an image with the one above --- */

static gboolean
remove_image (ValiseMerge *self, const char *file, GError **error)
{
  g_autofree char *path = valise_bundle_file (self->bundle, file);

  if (g_unlink (path) == 0 || errno == ENOENT)
    return TRUE;
  _valise_medium_set_error (error, errno, path, 0);
  return FALSE;
}

/* The image above takes over what is below it. */
static gboolean
merge_up (ValiseMerge *self, const char *upper, const char *lower, const ValiseImageLayer *base, GError **error)
{
  return for_owners (self, upper, clear_stamp, NULL, error)
         && rebase (self, upper, base != NULL ? base->path : NULL, base != NULL ? base->format : NULL, FALSE, error)
         && for_owners (self, upper, take_stamp, NULL, error) && remove_image (self, lower, error);
}

typedef gboolean (*AboveFunc) (ValiseMerge *self, const char *file, gconstpointer data, GError **error);

static gboolean
for_those_above (ValiseMerge *self, const char *file, AboveFunc func, gconstpointer data, GError **error)
{
  g_autofree char *path = valise_bundle_file (self->bundle, file);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  g_autoptr (GPtrArray) above = _valise_image_list_above (folder, name, error);

  for (guint i = 0; above != NULL && i < above->len; i++)
    {
      g_autofree char *one = _valise_snapshot_sibling (file, above->pdata[i]);

      if (!func (self, one, data, error))
        return FALSE;
    }
  return above != NULL;
}

static gboolean
is_held (ValiseMerge *self, const char *file)
{
  return self->live != NULL && self->live->is_open (file, self->live->user_data);
}

static gboolean
forget_stamps (ValiseMerge *self, const char *file, gconstpointer data, GError **error)
{
  return for_owners (self, file, clear_stamp, NULL, error);
}

/* Only what QEMU writes its new base into, and so has open. */
static gboolean
renew_stamps (ValiseMerge *self, const char *file, gconstpointer data, GError **error)
{
  return !is_held (self, file) || for_owners (self, file, take_stamp, NULL, error);
}

/* By QEMU, which has them open and also has what builds on @upper there build on @lower. */
static gboolean
commit_held (ValiseMerge *self, const char *upper, const char *lower, GError **error)
{
  g_autofree char *below = valise_bundle_file (self->bundle, lower);

  return for_those_above (self, upper, forget_stamps, NULL, error)
         && self->live->merge (upper, lower, self->live->user_data, self->cancellable, error)
         && _valise_snapshot_sync (below, error) && for_those_above (self, lower, renew_stamps, NULL, error);
}

static gboolean
commit_image (ValiseMerge *self, const char *upper, const char *lower, GError **error)
{
  g_autofree char *path = valise_bundle_file (self->bundle, upper);
  g_autofree char *below = valise_bundle_file (self->bundle, lower);
  const char *const argv[] = { "qemu-img", "commit", "-p", "-d", "-f", "qcow2", "--", path, NULL };

  if (is_held (self, upper))
    return commit_held (self, upper, lower, error);
  /* QEMU was done with it when we were killed. */
  if (is_held (self, lower))
    return _valise_snapshot_sync (below, error) && for_those_above (self, lower, renew_stamps, NULL, error);
  return run (self, argv, below, path, error);
}

static gboolean
lower_one (ValiseMerge *self, const char *file, gconstpointer data, GError **error)
{
  const ValiseSnapshotDisk *lower = data;

  return for_owners (self, file, clear_stamp, NULL, error)
         && rebase (self, file, lower->file, lower->format, TRUE, error)
         && for_owners (self, file, take_stamp, NULL, error);
}

/* --- what a killed QEMU leaves --- */

static gboolean
put_back_one (ValiseMerge *self, const char *file, gconstpointer data, GError **error)
{
  const ValiseSnapshotDisk *upper = data;
  g_autofree char *path = valise_bundle_file (self->bundle, file);

  return g_str_equal (file, upper->file) || _valise_snapshot_is_shared (path) || lower_one (self, file, upper, error);
}

static gboolean
put_back (ValiseMerge *self, const ValiseSnapshotDisk *disk, GError **error)
{
  g_autofree char *name = g_path_get_basename (disk->upper);
  ValiseSnapshotDisk upper = { .file = _valise_snapshot_sibling (disk->file, name), .format = (char *) "qcow2" };
  g_autofree char *lower = g_strdup (disk->file);
  g_autofree char *path = valise_bundle_file (self->bundle, upper.file);
  g_autofree char *below = g_path_get_basename (lower);
  g_autoptr (GPtrArray) layers = NULL;
  g_autoptr (ValiseImageInfo) info = valise_image_inspect_chain (path, "qcow2", &layers, NULL);
  g_autofree char *found = info != NULL && layers->len > 0
                               ? g_path_get_basename (((const ValiseImageLayer *) layers->pdata[0])->path)
                               : NULL;
  gboolean done = g_strcmp0 (found, below) != 0 || for_those_above (self, lower, put_back_one, &upper, error);

  g_free (upper.file);
  return done;
}

/* QEMU has what is above name the lower image before all that it copied there is written. The upper one is whole. */
gboolean
valise_snapshots_put_back (const char *bundle_path, GError **error)
{
  ValiseMerge self = { .path = bundle_path };
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (ValiseBundle) bundle = NULL;

  g_return_val_if_fail (bundle_path != NULL, FALSE);

  if (!valise_snapshots_is_merging (bundle_path))
    return TRUE;
  self.all = all = _valise_snapshots_read_all (bundle_path, error);
  self.bundle = bundle = all != NULL ? valise_bundle_open (bundle_path, error) : NULL;
  if (bundle == NULL)
    return FALSE;
  for (guint i = 0; i < all->len; i++)
    {
      const ValiseSnapshot *snapshot = all->pdata[i];

      for (guint j = 0; snapshot->hidden && j < snapshot->disks->len; j++)
        {
          const ValiseSnapshotDisk *disk = snapshot->disks->pdata[j];

          if (disk->upper != NULL
              && (!_valise_snapshot_check_inside (bundle_path, disk->file, error) || !put_back (&self, disk, error)))
            return FALSE;
        }
    }
  return TRUE;
}

/* --- merging down --- */

/* The one moment in which the machine's present goes over, if it is its. */
static gboolean
switch_present (ValiseMerge *self,
                const char *upper,
                const ValiseSnapshotDisk *lower,
                const char *present,
                GError **error)
{
  g_autoptr (ValiseDocument) after = valise_document_copy (valise_bundle_get_document (self->bundle));
  guint count = valise_document_count (after, "devices/disk");

  for (guint i = 1; i <= count; i++)
    {
      g_autofree char *file = valise_document_get_device (after, "disk", i, "source/@file");

      if (g_strcmp0 (file, upper) == 0 && !_valise_snapshot_set_image (after, i, lower->file, lower->format, error))
        return FALSE;
    }
  return valise_document_set (after, VALISE_PRESENT_KNOB, present, error)
         && _valise_bundle_save_present (self->bundle, after, error);
}

/* What is below takes over what is above it, and its place. */
static gboolean
merge_down (ValiseMerge *self, const char *upper, const ValiseSnapshotDisk *disk, const char *name, GError **error)
{
  g_autofree char *present = _valise_snapshot_make_present ();
  g_autoptr (ValiseJournal) journal = _valise_journal_new ("merge", name, present);
  ValiseSnapshotDisk lower = { .file = g_strdup (disk->file), .format = g_strdup (disk->format) };
  gboolean done;

  g_ptr_array_add (journal->old, g_strdup (upper));
  /* Also when it comes to an end between the records and the settings; who still needs it then keeps it. */
  g_ptr_array_add (journal->made, g_strdup (upper));
  done = for_owners (self, lower.file, begin_merge, upper, error) && commit_image (self, upper, lower.file, error)
         && for_those_above (self, upper, lower_one, &lower, error)
         && _valise_journal_write (self->path, journal, error) && for_owners (self, upper, set_image, &lower, error)
         && switch_present (self, upper, &lower, present, error) && valise_snapshots_settle (self->path, NULL, error);
  g_free (lower.file);
  g_free (lower.format);
  return done;
}

/* Merging down writes to those above as well, if only to say what they build on. */
static gboolean
may_lower (ValiseMerge *self, const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  g_autoptr (GPtrArray) above = _valise_image_list_above (folder, name, NULL);

  for (guint i = 0; above != NULL && i < above->len; i++)
    {
      g_autofree char *file = g_build_filename (folder, above->pdata[i], NULL);

      if (_valise_snapshot_is_shared (file))
        return FALSE;
    }
  return above != NULL;
}

/* Nothing else is open to what QEMU has open, and to what others were put down already. */
static gboolean
must_lower (ValiseMerge *self, const ValiseSnapshotDisk *disk)
{
  return is_held (self, disk->file) || disk->upper != NULL;
}

/* A disk that was made smaller over a snapshot. What takes over from it what it holds would have the old size. */
static gboolean
is_smaller (ValiseMerge *self, const char *file, const char *upper)
{
  g_autofree char *path = valise_bundle_file (self->bundle, upper);
  g_autofree char *below = valise_bundle_file (self->bundle, file);
  g_autoptr (GPtrArray) layers = NULL;
  g_autoptr (ValiseImageInfo) info = valise_image_inspect_chain (path, "qcow2", &layers, NULL);
  const ValiseImageLayer *layer = info != NULL && layers->len > 0 ? layers->pdata[0] : NULL;

  return layer != NULL && g_str_equal (layer->path, below) && info->virtual_size < layer->virtual_size;
}

static gboolean
merge (ValiseMerge *self, const ValiseSnapshot *hidden, ValiseSnapshotDisk *disk, const char *upper, GError **error)
{
  g_autofree char *path = valise_bundle_file (self->bundle, upper);
  g_autofree char *lower = g_strdup (disk->file);
  g_autoptr (GPtrArray) layers = NULL;
  g_autoptr (ValiseImageInfo) info = valise_image_inspect_chain (path, "qcow2", &layers, error);

  if (info == NULL)
    return FALSE;
  if (must_lower (self, disk)
      || (layers->len > 0 && info->virtual_size >= ((ValiseImageLayer *) layers->pdata[0])->virtual_size
          && info->actual_size <= ((ValiseImageLayer *) layers->pdata[0])->actual_size && may_lower (self, path)))
    return merge_down (self, upper, disk, hidden->name, error);
  return merge_up (self, upper, lower, layers->len > 1 ? layers->pdata[1] : NULL, error);
}

/* --- one image of a hidden snapshot --- */

static gboolean
is_present (ValiseMerge *self, const char *file)
{
  ValiseDocument *document = valise_bundle_get_document (self->bundle);
  guint count = valise_document_count (document, "devices/disk");

  for (guint i = 1; i <= count; i++)
    {
      g_autofree char *used = valise_document_get_device (document, "disk", i, "source/@file");

      if (g_strcmp0 (used, file) == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_used_by_others (ValiseMerge *self, const ValiseSnapshot *hidden, const char *file)
{
  for (guint i = 0; i < self->all->len; i++)
    if (self->all->pdata[i] != hidden && _valise_snapshot_find_disk (self->all->pdata[i], file) != NULL)
      return TRUE;
  return is_present (self, file);
}

/* Which of those above it is merged with: %NULL when they are several. */
static char *
choose_upper (const ValiseSnapshotDisk *disk, GPtrArray *above)
{
  g_autofree char *name = disk->upper != NULL ? g_path_get_basename (disk->upper) : NULL;

  if (name != NULL && g_ptr_array_find_with_equal_func (above, name, g_str_equal, NULL))
    return _valise_snapshot_sibling (disk->file, name);
  return above->len == 1 ? _valise_snapshot_sibling (disk->file, above->pdata[0]) : NULL;
}

static gboolean
holds_much (ValiseMerge *self, const char *file)
{
  g_autofree char *path = valise_bundle_file (self->bundle, file);
  struct stat status;

  return stat (path, &status) == 0 && (guint64) status.st_blocks * 512 >= MUCH;
}

static gboolean
leave_image (ValiseMerge *self, const char *upper, GError **error)
{
  g_autoptr (ValiseSnapshotTaking) taking = _valise_snapshot_begin_over (self->bundle, upper, self->cancellable, error);

  return taking != NULL && valise_snapshot_taking_switch (taking, error)
         && self->live->go_over (taking, self->live->user_data, error);
}

/* A running machine's own image is merged once it writes to another one. That one is left to a later delete; until then
 * what is below stays the snapshot's that is gone. */
static ValiseMergeOutcome
leave_and_merge (ValiseMerge *self,
                 const ValiseSnapshot *hidden,
                 ValiseSnapshotDisk *disk,
                 const char *upper,
                 GError **error)
{
  g_autofree char *lower = g_strdup (disk->file);

  if (!holds_much (self, upper))
    return VALISE_MERGE_KEPT;
  return leave_image (self, upper, error) && merge_down (self, upper, disk, hidden->name, error)
                 && for_owners (self, lower, end_merge, NULL, error)
             ? VALISE_MERGE_KEPT
             : VALISE_MERGE_FAILED;
}

/* Of a linked clone, or of the machine that it was cloned from: what is written here would be written there as well. */
static gboolean
is_shared (ValiseMerge *self, const char *file)
{
  g_autofree char *path = g_build_filename (self->path, file, NULL);

  return _valise_snapshot_is_shared (path);
}

/* qemu-img follows links in the folders of a path; a stranger's could lead to other machines' images. */
gboolean
_valise_snapshot_check_inside (const char *bundle_path, const char *file, GError **error)
{
  int folder = _valise_snapshot_open_folder (bundle_path, file);
  g_autofree char *shown = NULL;

  if (folder >= 0)
    {
      close (folder);
      return TRUE;
    }
  shown = valise_text_for_display (file, 200);
  g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_UNSAFE,
               _ ("The folder of “%s” is a link, or cannot be opened. Make it a folder of the machine's own."), shown);
  return FALSE;
}

static gboolean
may_merge (ValiseMerge *self, const ValiseSnapshotDisk *disk, const char *upper)
{
  g_autofree char *path = valise_bundle_file (self->bundle, upper);
  gboolean held = is_held (self, disk->file);

  if (is_shared (self, disk->file) || is_shared (self, upper)
      || (must_lower (self, disk) && (!may_lower (self, path) || is_smaller (self, disk->file, upper))))
    return FALSE;
  /* QEMU may be done with the upper one, when we were killed over it. */
  return is_held (self, upper) == held || (held && disk->upper != NULL);
}

/* A kill may have come between its end and the note of that. */
static gboolean
forget_merged (ValiseMerge *self, const ValiseSnapshotDisk *disk, GPtrArray *above, GError **error)
{
  g_autofree char *name = disk->upper != NULL ? g_path_get_basename (disk->upper) : NULL;
  g_autofree char *file = g_strdup (disk->file);

  return name == NULL || g_ptr_array_find_with_equal_func (above, name, g_str_equal, NULL)
         || for_owners (self, file, end_merge, NULL, error);
}

static gboolean
is_anybodys (ValiseMerge *self, const char *file)
{
  return is_used_by_others (self, NULL, file);
}

static ValiseMergeOutcome
tidy_disk (ValiseMerge *self, const ValiseSnapshot *hidden, ValiseSnapshotDisk *disk, GError **error);

/* What a machine had left to be merged, when somebody was killed over it: what is below stays the snapshot's, or nobody
 * would know of it. */
static ValiseMergeOutcome
merge_nobodys (ValiseMerge *self,
               const ValiseSnapshot *hidden,
               ValiseSnapshotDisk *disk,
               const char *upper,
               GError **error)
{
  g_autofree char *lower = g_strdup (disk->file);
  g_autofree char *path = valise_bundle_file (self->bundle, upper);

  if (!may_lower (self, path))
    return VALISE_MERGE_KEPT;
  if (!merge_down (self, upper, disk, hidden->name, error) || !for_owners (self, lower, end_merge, NULL, error))
    return VALISE_MERGE_FAILED;
  return tidy_disk (self, hidden, disk, error);
}

static ValiseMergeOutcome
tidy_disk (ValiseMerge *self, const ValiseSnapshot *hidden, ValiseSnapshotDisk *disk, GError **error)
{
  g_autofree char *path = valise_bundle_file (self->bundle, disk->file);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  g_autoptr (GPtrArray) above = NULL;
  g_autofree char *upper = NULL;
  gboolean held;

  if (is_used_by_others (self, hidden, disk->file))
    return VALISE_MERGE_DONE;
  if (!_valise_snapshot_check_inside (self->path, disk->file, error))
    return VALISE_MERGE_FAILED;
  above = _valise_image_list_above (folder, name, error);
  if (above == NULL || !forget_merged (self, disk, above, error))
    return VALISE_MERGE_FAILED;
  upper = choose_upper (disk, above);
  held = is_held (self, disk->file);
  if (above->len == 0 && !held)
    return remove_image (self, disk->file, error) ? VALISE_MERGE_DONE : VALISE_MERGE_FAILED;
  if (upper == NULL || !may_merge (self, disk, upper))
    return VALISE_MERGE_KEPT;
  if (held && is_present (self, upper))
    return leave_and_merge (self, hidden, disk, upper, error);
  if (!is_anybodys (self, upper))
    return merge_nobodys (self, hidden, disk, upper, error);
  return merge (self, hidden, disk, upper, error) ? VALISE_MERGE_DONE : VALISE_MERGE_FAILED;
}

/* What has to wait does not keep the rest from being merged. */
ValiseMergeOutcome
_valise_merge_try_disk (ValiseMerge *self, const ValiseSnapshot *hidden, ValiseSnapshotDisk *disk, GError **error)
{
  GError *local = NULL;
  ValiseMergeOutcome outcome = tidy_disk (self, hidden, disk, &local);

  if (!g_error_matches (local, VALISE_SNAPSHOT_ERROR, VALISE_SNAPSHOT_ERROR_LATER))
    {
      if (local != NULL)
        g_propagate_error (error, local);
      return outcome;
    }
  g_clear_error (&self->later);
  self->later = local;
  return VALISE_MERGE_KEPT;
}
