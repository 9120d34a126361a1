/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-snapshot-private.h"

#include "base/valise-path.h"
#include "bundle/valise-schedule.h"
#include "bundle/valise-bundle-private.h"
#include "bundle/valise-image-chain.h"
#include "bundle/valise-medium.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>

#define MEMORY "state/suspend.save"
/* Where the memory that is there now was written; nothing says that of what a snapshot keeps. */
#define MEMORY_HOST "state/suspend.host"

typedef struct
{
  ValiseBundle *bundle;
  const char *path;
  ValiseSnapshot *snapshot;
  ValiseDocument *after; /* what config.xml is to be */
  ValiseJournal *journal;
  GCancellable *cancellable;
} Revert;

/* --- settings --- */

gboolean
valise_snapshot_keep_identity (ValiseDocument *now, ValiseDocument *after, GError **error)
{
  g_autofree char *uuid = NULL;
  g_autofree char *then = NULL;
  g_autofree char *label = NULL;

  g_return_val_if_fail (now != NULL && after != NULL, FALSE);

  uuid = valise_document_get (now, "uuid");
  then = valise_document_get (after, "uuid");
  label = _valise_bundle_label_of (now);
  if (g_strcmp0 (uuid, then) != 0 && !valise_bundle_renew_identity (after, NULL, error))
    return FALSE;
  return (uuid == NULL || valise_document_set (after, "uuid", uuid, error))
         && (label == NULL || _valise_bundle_set_label (after, label, error));
}

static gboolean
make_settings (Revert *self, GError **error)
{
  self->after = valise_snapshot_read_document (self->bundle, self->snapshot->id, error);
  return self->after != NULL
         && valise_snapshot_keep_identity (valise_bundle_get_document (self->bundle), self->after, error)
         && valise_schedule_copy (valise_bundle_get_document (self->bundle), self->after, error)
         && valise_document_set (self->after, VALISE_SNAPSHOT_KNOB, self->snapshot->id, error)
         && valise_document_set (self->after, VALISE_PRESENT_KNOB, self->journal->present, error);
}

/* --- disks --- */

static gboolean
check_base (Revert *self, const ValiseSnapshotDisk *disk, guint64 *bytes, GError **error)
{
  g_autofree char *path = valise_bundle_file (self->bundle, disk->file);
  g_autoptr (ValiseImageInfo) info = valise_image_inspect_chain (path, disk->format, NULL, error);

  if (info != NULL)
    *bytes = info->virtual_size;
  return info != NULL;
}

static gboolean
add_disk (Revert *self, const ValiseSnapshotDisk *disk, GError **error)
{
  g_autofree char *overlay =
      _valise_snapshot_overlay_name (self->path, disk->file, self->journal->present, self->journal->made);
  guint number = _valise_snapshot_find_target (self->after, disk->target);

  g_ptr_array_add (self->journal->made, g_strdup (overlay));
  return number == 0 || _valise_snapshot_set_image (self->after, number, overlay, "qcow2", error);
}

static gboolean
make_overlay (Revert *self, const ValiseSnapshotDisk *disk, const char *overlay, GError **error)
{
  g_autofree char *path = valise_bundle_file (self->bundle, overlay);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *base = g_path_get_basename (disk->file);
  guint64 bytes = 0;

  return check_base (self, disk, &bytes, error)
         && _valise_image_create_overlay (path, base, disk->format, bytes, self->cancellable, error)
         && _valise_snapshot_sync (path, error) && valise_directory_sync (folder, error);
}

/* The new images as the settings will name them: their chains are looked at against the stamps. They stand first in the
 * journal, in the order of the disks. */
static gboolean
make_disks (Revert *self, GError **error)
{
  for (guint i = 0; i < self->snapshot->disks->len; i++)
    if (!make_overlay (self, self->snapshot->disks->pdata[i], self->journal->made->pdata[i], error))
      return FALSE;
  return valise_snapshots_check (self->path, self->after, error);
}

/* What was written since the last snapshot: the images on top, down to what a snapshot needs. A disk that was added
 * since is whole in its image, and stays where it is. */
static void
add_discarded (Revert *self, GPtrArray *all, guint number)
{
  ValiseDocument *now = valise_bundle_get_document (self->bundle);
  g_autofree char *file = valise_document_get_device (now, "disk", number, "source/@file");
  g_autofree char *format = valise_document_get_device (now, "disk", number, "driver/@type");
  g_autofree char *path = valise_bundle_file (self->bundle, file);
  g_autoptr (GPtrArray) layers = NULL;
  g_autoptr (ValiseImageInfo) info = valise_image_inspect_chain (path, format != NULL ? format : "raw", &layers, NULL);

  if (info == NULL || layers->len == 0 || _valise_snapshots_find_frozen (self->path, all, file) != NULL)
    return;
  g_ptr_array_add (self->journal->old, g_strdup (file));
  /* The lowest is whole, and was not made by a snapshot. */
  for (guint i = 0; i + 1 < layers->len; i++)
    {
      const char *relative = ((ValiseImageLayer *) layers->pdata[i])->path + strlen (self->path) + 1;

      if (_valise_snapshots_find_frozen (self->path, all, relative) != NULL)
        return;
      g_ptr_array_add (self->journal->old, g_strdup (relative));
    }
}

static gboolean
plan_disks (Revert *self, GError **error)
{
  ValiseDocument *now = valise_bundle_get_document (self->bundle);
  g_autoptr (GPtrArray) all = _valise_snapshots_read_all (self->path, error);
  guint count = valise_document_count (now, "devices/disk");

  if (all == NULL)
    return FALSE;
  for (guint i = 0; i < self->snapshot->disks->len; i++)
    if (!add_disk (self, self->snapshot->disks->pdata[i], error))
      return FALSE;
  for (guint i = 1; i <= count; i++)
    if (_valise_snapshot_covers (now, i))
      add_discarded (self, all, i);
  return TRUE;
}

/* --- the rest --- */

static gboolean
exists (Revert *self, const char *file)
{
  g_autofree char *path = valise_snapshot_file (self->bundle, self->snapshot->id, file);
  struct stat status;

  return lstat (path, &status) == 0;
}

static void
plan_move (Revert *self, const char *file, const char *to)
{
  if (!exists (self, file))
    {
      g_ptr_array_add (self->journal->old, g_strdup (to));
      return;
    }
  g_ptr_array_add (self->journal->moves, g_strdup_printf ("%s-%s.partial", to, self->journal->present));
  g_ptr_array_add (self->journal->moves, g_strdup (to));
}

static void
plan_rest (Revert *self, gboolean with_memory)
{
  g_autofree char *variables = _valise_snapshot_variables (self->after);

  plan_move (self, "vars.fd", variables);
  plan_move (self, "tpm", "tpm");
  if (with_memory)
    plan_move (self, "memory", MEMORY);
  else
    g_ptr_array_add (self->journal->old, g_strdup (MEMORY));
  g_ptr_array_add (self->journal->old, g_strdup (MEMORY_HOST));
}

static gboolean
make_one (Revert *self, const char *file, const char *aside, GError **error)
{
  g_autofree char *from = valise_snapshot_file (self->bundle, self->snapshot->id, file);
  g_autofree char *to = valise_bundle_file (self->bundle, aside);
  g_autofree char *folder = g_path_get_dirname (to);

  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      _valise_medium_set_error (error, errno, folder, 0);
      return FALSE;
    }
  if (g_str_equal (file, "tpm")      ? !_valise_snapshot_copy_folder (from, to, self->cancellable, error)
      : g_str_equal (file, "memory") ? !valise_snapshot_keep_file (from, to, self->cancellable, error)
                                     : !_valise_snapshot_copy_file (from, to, self->cancellable, error))
    return FALSE;
  return valise_directory_sync (folder, error);
}

static gboolean
make_rest (Revert *self, GError **error)
{
  for (guint i = 0; i + 1 < self->journal->moves->len; i += 2)
    {
      const char *to = self->journal->moves->pdata[i + 1];
      const char *file = g_str_equal (to, MEMORY) ? "memory" : g_str_equal (to, "tpm") ? "tpm" : "vars.fd";

      if (!make_one (self, file, self->journal->moves->pdata[i], error))
        return FALSE;
    }
  return TRUE;
}

/* --- all of it --- */

static gboolean
revert (Revert *self, gboolean with_memory, GError **error)
{
  if (!make_settings (self, error) || !plan_disks (self, error))
    return FALSE;
  plan_rest (self, with_memory && self->snapshot->memory != VALISE_SNAPSHOT_MEMORY_NONE);
  return _valise_journal_write (self->path, self->journal, error) && make_disks (self, error) && make_rest (self, error)
         && !g_cancellable_set_error_if_cancelled (self->cancellable, error)
         && _valise_bundle_save_present (self->bundle, self->after, error);
}

/* One that was deleted has nothing left to go back to, even where its images could not be merged yet. */
static gboolean
check_seen (const ValiseSnapshot *snapshot, GError **error)
{
  if (!snapshot->hidden)
    return TRUE;
  g_set_error (error, VALISE_SNAPSHOT_ERROR, VALISE_SNAPSHOT_ERROR_NOT_FOUND,
               _ ("There is no such snapshot any more."));
  return FALSE;
}

static gboolean
check_part (const char *folder, const ValiseSnapshot *snapshot, const char *part, const char *remedy, GError **error)
{
  g_autofree char *shown = NULL;

  if (!_valise_snapshot_lacks (folder, snapshot, part))
    return TRUE;
  shown = valise_text_for_display (snapshot->name, 80);
  g_set_error (error, VALISE_SNAPSHOT_ERROR, VALISE_SNAPSHOT_ERROR_MISSING,
               _ ("What the snapshot “%s” kept as “%s/%s/%s” is missing. Nothing was changed. %s"), shown,
               VALISE_SNAPSHOTS, snapshot->id, part, remedy);
  return FALSE;
}

gboolean
valise_snapshot_check_whole (ValiseBundle *bundle, const char *id, gboolean with_memory, GError **error)
{
  g_autoptr (ValiseSnapshot) snapshot = NULL;
  g_autofree char *folder = NULL;

  g_return_val_if_fail (bundle != NULL && _valise_snapshot_is_id (id), FALSE);

  folder = _valise_snapshot_folder (valise_bundle_get_path (bundle), id);
  snapshot = _valise_snapshot_read (folder, id, error);
  return snapshot != NULL
         && check_part (
             folder, snapshot, "vars.fd",
             _ ("Put it back from a backup, or let the firmware start afresh, which may not find the system: "
                "“valisectl snapshot revert --incomplete”."),
             error)
         && check_part (folder, snapshot, "tpm",
                        _ ("Put it back from a backup, or let the security chip (TPM) begin empty, without the keys of "
                           "an encrypted disk: “valisectl snapshot revert --incomplete”."),
                        error)
         && (!with_memory
             || check_part (folder, snapshot, "memory",
                            _ ("Put it back from a backup, or go back to it without its memory."), error));
}

gboolean
valise_snapshot_revert (ValiseBundle *bundle,
                        const char *id,
                        gboolean with_memory,
                        GCancellable *cancellable,
                        GError **error)
{
  g_autoptr (ValiseSnapshot) snapshot = NULL;
  g_autoptr (ValiseJournal) journal = NULL;
  g_autofree char *folder = NULL;
  g_autofree char *present = _valise_snapshot_make_present ();
  Revert self = { .bundle = bundle, .cancellable = cancellable };
  gboolean done;

  g_return_val_if_fail (bundle != NULL && _valise_snapshot_is_id (id), FALSE);

  self.path = valise_bundle_get_path (bundle);
  folder = _valise_snapshot_folder (self.path, id);
  if (!valise_bundle_check_folders (self.path, error) || !valise_snapshots_settle (self.path, NULL, error)
      || (snapshot = _valise_snapshot_read (folder, id, error)) == NULL || !check_seen (snapshot, error))
    return FALSE;
  journal = _valise_journal_new ("revert", snapshot->name, present);
  self.snapshot = snapshot;
  self.journal = journal;
  done = revert (&self, with_memory, error);
  /* Once config.xml is replaced the rest must follow before anybody uses the machine. */
  if (!valise_snapshots_settle (self.path, NULL, done ? error : NULL))
    done = FALSE;
  g_clear_pointer (&self.after, valise_document_unref);
  return done;
}
