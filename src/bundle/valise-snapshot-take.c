/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-snapshot-private.h"

#include "base/valise-path.h"
#include "bundle/valise-image-chain.h"
#include "bundle/valise-medium.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <sys/stat.h>
#include <unistd.h>

#define PARTIAL_SUFFIX ".partial"
/* Deleting must be possible where taking is not. */
#define LAYERS_FOR_MERGING 4

struct _ValiseSnapshotTaking
{
  ValiseBundle *bundle;
  ValiseSnapshot *snapshot;
  ValiseJournal *journal;
  GPtrArray *switches;
  ValiseDocument *before; /* the settings as they are frozen */
  char *partial;          /* the folder while nobody sees it */
  GCancellable *cancellable;
  guint most; /* images that a disk may build on */
  gboolean config_switched, machine_switched, committed;
};

static void
switch_free (gpointer data)
{
  ValiseSnapshotSwitch *over = data;

  g_free (over->target);
  g_free (over->file);
  g_free (over->format);
  g_free (over->overlay);
  g_free (over);
}

/* --- what is frozen --- */

static void
add_switch (ValiseSnapshotTaking *self, guint number)
{
  ValiseSnapshotSwitch *over = g_new0 (ValiseSnapshotSwitch, 1);

  over->target = valise_document_get_device (self->before, "disk", number, "target/@dev");
  over->file = valise_document_get_device (self->before, "disk", number, "source/@file");
  over->format = valise_document_get_device (self->before, "disk", number, "driver/@type");
  if (over->format == NULL)
    over->format = g_strdup ("raw");
  over->overlay = _valise_snapshot_overlay_name (valise_bundle_get_path (self->bundle), over->file,
                                                 self->journal->present, self->journal->made);
  g_ptr_array_add (self->switches, over);
  g_ptr_array_add (self->journal->made, g_strdup (over->overlay));
}

/* @only: (nullable): the one image that is. */
static void
find_disks (ValiseSnapshotTaking *self, const char *only)
{
  guint count = valise_document_count (self->before, "devices/disk");

  for (guint i = 1; i <= count; i++)
    {
      g_autofree char *file = valise_document_get_device (self->before, "disk", i, "source/@file");

      if (_valise_snapshot_covers (self->before, i) && (only == NULL || g_strcmp0 (file, only) == 0))
        add_switch (self, i);
    }
}

static gboolean
check_depth (const ValiseSnapshotTaking *self, const ValiseSnapshotSwitch *over, guint layers, GError **error)
{
  if (layers <= self->most)
    return TRUE;
  g_set_error (error, VALISE_SNAPSHOT_ERROR, VALISE_SNAPSHOT_ERROR_FULL,
               _ ("No snapshot was taken: the disk “%s” would build on %u images one upon another, and %u is the most. "
                  "Delete some of the machine's snapshots; what they kept apart is merged then."),
               over->target, layers, self->most);
  return FALSE;
}

static gboolean
make_overlay (ValiseSnapshotTaking *self, const ValiseSnapshotSwitch *over, GError **error)
{
  g_autofree char *path = valise_bundle_file (self->bundle, over->file);
  g_autofree char *overlay = valise_bundle_file (self->bundle, over->overlay);
  g_autofree char *base = g_path_get_basename (path);
  g_autoptr (GPtrArray) layers = NULL;
  g_autoptr (ValiseImageInfo) info = valise_image_inspect_chain (path, over->format, &layers, error);

  return info != NULL && check_depth (self, over, layers->len + 1, error)
         && _valise_image_create_overlay (overlay, base, over->format, info->virtual_size, self->cancellable, error)
         && _valise_snapshot_sync (overlay, error);
}

static gboolean
make_overlays (ValiseSnapshotTaking *self, GError **error)
{
  for (guint i = 0; i < self->switches->len; i++)
    {
      const ValiseSnapshotSwitch *over = self->switches->pdata[i];
      g_autofree char *overlay = valise_bundle_file (self->bundle, over->overlay);
      g_autofree char *folder = g_path_get_dirname (overlay);

      if (!make_overlay (self, over, error) || !valise_directory_sync (folder, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
make_folder (ValiseSnapshotTaking *self, GError **error)
{
  g_autofree char *file = g_build_filename (self->partial, "domain.xml", NULL);

  if (mkdir (self->partial, 0700) != 0)
    {
      _valise_medium_set_error (error, errno, self->partial, 0);
      return FALSE;
    }
  if (valise_file_replace (file, valise_document_get_text (self->before),
                           (gssize) valise_document_get_length (self->before), 0600, error))
    return TRUE;
  _valise_medium_translate (error, file, valise_document_get_length (self->before));
  return FALSE;
}

static ValiseSnapshotTaking *
taking_new (ValiseBundle *bundle, const char *name, const char *note, const char *only, GCancellable *cancellable)
{
  ValiseSnapshotTaking *self = g_new0 (ValiseSnapshotTaking, 1);
  g_autofree char *id = _valise_snapshot_make_id ();
  g_autofree char *present = _valise_snapshot_make_present ();
  g_autofree char *folder = g_build_filename (VALISE_SNAPSHOTS, id, NULL);

  self->bundle = valise_bundle_ref (bundle);
  self->most = VALISE_SNAPSHOT_LAYERS_MOST + (only != NULL ? LAYERS_FOR_MERGING : 0);
  self->before = valise_document_copy (valise_bundle_get_document (bundle));
  self->snapshot = _valise_snapshot_new (id, name, note);
  self->snapshot->parent = valise_document_get (self->before, VALISE_SNAPSHOT_KNOB);
  self->snapshot->time = g_get_real_time ();
  self->journal = _valise_journal_new ("take", name, present);
  self->switches = g_ptr_array_new_with_free_func (switch_free);
  g_ptr_array_add (self->journal->made, g_strdup (folder));
  g_ptr_array_add (self->journal->made, g_strconcat (folder, PARTIAL_SUFFIX, NULL));
  self->partial = valise_bundle_file (bundle, self->journal->made->pdata[1]);
  g_set_object (&self->cancellable, cancellable);
  find_disks (self, only);
  return self;
}

static gboolean
check_room (const char *path, GError **error)
{
  g_autoptr (GPtrArray) snapshots = _valise_snapshots_read_all (path, error);

  if (snapshots == NULL || snapshots->len < VALISE_SNAPSHOTS_MOST)
    return snapshots != NULL;
  g_set_error (error, VALISE_SNAPSHOT_ERROR, VALISE_SNAPSHOT_ERROR_FULL,
               _ ("The machine has %d snapshots, and no more can be kept. Delete some."), VALISE_SNAPSHOTS_MOST);
  return FALSE;
}

ValiseSnapshotTaking *
valise_snapshot_begin (ValiseBundle *bundle,
                       const char *name,
                       const char *note,
                       GCancellable *cancellable,
                       GError **error)
{
  g_autoptr (ValiseSnapshotTaking) self = NULL;
  const char *path;

  g_return_val_if_fail (bundle != NULL && name != NULL, NULL);

  path = valise_bundle_get_path (bundle);
  if (!_valise_snapshot_check_words (name, note, error) || !valise_bundle_check_folders (path, error)
      || !valise_snapshots_settle (path, NULL, error) || !check_room (path, error)
      || !valise_snapshots_check (path, valise_bundle_get_document (bundle), error))
    return NULL;
  self = taking_new (bundle, name, note, NULL, cancellable);
  if (!_valise_journal_write (path, self->journal, error) || !make_folder (self, error) || !make_overlays (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

ValiseSnapshotTaking *
_valise_snapshot_begin_over (ValiseBundle *bundle, const char *file, GCancellable *cancellable, GError **error)
{
  g_autoptr (ValiseSnapshotTaking) self = taking_new (bundle, "", NULL, file, cancellable);

  g_free (self->journal->what);
  self->journal->what = g_strdup ("merge");
  if (!_valise_journal_write (valise_bundle_get_path (bundle), self->journal, error) || !make_overlays (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

const char *
valise_snapshot_taking_get_folder (ValiseSnapshotTaking *self)
{
  return self->partial;
}

GPtrArray *
valise_snapshot_taking_get_switches (ValiseSnapshotTaking *self)
{
  return self->switches;
}

/* --- the present goes over to the new images --- */

static gboolean
write_present (ValiseSnapshotTaking *self, const char *snapshot, const char *present, GError **error)
{
  g_autoptr (ValiseDocument) after = valise_document_copy (self->before);

  for (guint i = 0; i < self->switches->len; i++)
    {
      const ValiseSnapshotSwitch *over = self->switches->pdata[i];

      if (!_valise_snapshot_set_image (after, _valise_snapshot_find_target (after, over->target), over->overlay,
                                       "qcow2", error))
        return FALSE;
    }
  return (snapshot == NULL || valise_document_set (after, VALISE_SNAPSHOT_KNOB, snapshot, error))
         && valise_document_set (after, VALISE_PRESENT_KNOB, present, error)
         && _valise_bundle_save_present (self->bundle, after, error);
}

/* Until the machine writes to them, the new images are empty and show what is below, so that whichever it is that a
 * kill leaves here, nothing that the guest writes is lost. */
gboolean
valise_snapshot_taking_switch (ValiseSnapshotTaking *self, GError **error)
{
  g_autofree char *present = NULL;

  g_return_val_if_fail (self != NULL && !self->committed, FALSE);

  present = _valise_snapshot_make_present ();
  self->config_switched = TRUE;
  return write_present (self, NULL, present, error);
}

void
valise_snapshot_taking_set_switched (ValiseSnapshotTaking *self)
{
  self->machine_switched = TRUE;
}

/* --- the snapshot --- */

void
valise_snapshot_taking_set_scheduled (ValiseSnapshotTaking *self)
{
  g_return_if_fail (self != NULL && !self->committed);

  self->snapshot->scheduled = TRUE;
}

void
valise_snapshot_taking_set_precaution (ValiseSnapshotTaking *self)
{
  g_return_if_fail (self != NULL && !self->committed);

  self->snapshot->precaution = TRUE;
}

static gboolean
add_stamps (ValiseSnapshotTaking *self, GError **error)
{
  for (guint i = 0; i < self->switches->len; i++)
    {
      const ValiseSnapshotSwitch *over = self->switches->pdata[i];
      g_autofree char *path = valise_bundle_file (self->bundle, over->file);
      ValiseSnapshotDisk *disk = g_new0 (ValiseSnapshotDisk, 1);

      disk->target = g_strdup (over->target);
      disk->file = g_strdup (over->file);
      disk->format = g_strdup (over->format);
      g_ptr_array_add (self->snapshot->disks, disk);
      if (!_valise_image_stamp_take (path, &disk->stamp, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
add_rest (ValiseSnapshotTaking *self, GError **error)
{
  g_autofree char *relative = _valise_snapshot_variables (self->before);
  g_autofree char *variables = valise_bundle_file (self->bundle, relative);
  g_autofree char *tpm = valise_bundle_file (self->bundle, "tpm");
  g_autofree char *to_variables = g_build_filename (self->partial, "vars.fd", NULL);
  g_autofree char *to_tpm = g_build_filename (self->partial, "tpm", NULL);

  if (!_valise_snapshot_copy_file (variables, to_variables, self->cancellable, error)
      || !_valise_snapshot_copy_folder (tpm, to_tpm, self->cancellable, error))
    return FALSE;
  self->snapshot->has_variables = _valise_snapshot_has_part (self->partial, "vars.fd");
  self->snapshot->has_tpm = _valise_snapshot_has_part (self->partial, "tpm");
  return TRUE;
}

static gboolean
reveal (ValiseSnapshotTaking *self, GError **error)
{
  g_autofree char *folder = _valise_snapshot_folder (valise_bundle_get_path (self->bundle), self->snapshot->id);

  return _valise_snapshot_write (self->partial, self->snapshot, error)
         && _valise_medium_sync_tree (self->partial, error) && _valise_medium_rename_new (self->partial, folder, error);
}

char *
valise_snapshot_taking_commit (ValiseSnapshotTaking *self, ValiseSnapshotMemory memory, GError **error)
{
  g_return_val_if_fail (self != NULL && !self->committed, NULL);

  self->snapshot->memory = memory;
  if (g_cancellable_set_error_if_cancelled (self->cancellable, error) || !add_rest (self, error)
      || !add_stamps (self, error) || !reveal (self, error)
      || !write_present (self, self->snapshot->id, self->journal->present, error))
    return NULL;
  self->committed = TRUE;
  /* All that is left is to forget about it, which can also be done at another time. */
  valise_snapshots_settle (valise_bundle_get_path (self->bundle), NULL, NULL);
  return g_strdup (self->snapshot->id);
}

void
valise_snapshot_taking_free (ValiseSnapshotTaking *self)
{
  if (self == NULL)
    return;
  if (!self->committed && self->config_switched && !self->machine_switched
      && !_valise_bundle_save_present (self->bundle, self->before, NULL))
    g_debug ("config.xml of %s goes on naming the new images", valise_bundle_get_path (self->bundle));
  if (!self->committed)
    valise_snapshots_settle (valise_bundle_get_path (self->bundle), NULL, NULL);
  valise_bundle_unref (self->bundle);
  valise_document_unref (self->before);
  valise_snapshot_free (self->snapshot);
  _valise_journal_free (self->journal);
  g_ptr_array_unref (self->switches);
  g_clear_object (&self->cancellable);
  g_free (self->partial);
  g_free (self);
}
