/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every image that the machine or a snapshot needs, each once, with what it builds on. */
#include "bundle/valise-verify-private.h"

#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "base/valise-process.h"
#include "bundle/valise-image-chain.h"
#include "bundle/valise-image-check.h"
#include "bundle/valise-image-header.h"
#include "bundle/valise-in-use.h"
#include "bundle/valise-new-disks.h"
#include "bundle/valise-snapshot-private.h"

typedef struct
{
  char *file; /* relative to the bundle */
  char *format;
  char *needed_by; /* for people */
} Image;

typedef struct
{
  ValiseVerify *verify;
  GPtrArray *images; /* grows while it is gone through */
  GHashTable *known; /* files of them */
} Walk;

static void
image_free (gpointer data)
{
  Image *self = data;

  g_free (self->file);
  g_free (self->format);
  g_free (self->needed_by);
  g_free (self);
}

static void
add_image (Walk *self, const char *file, const char *format, const char *needed_by)
{
  Image *image;

  if (!g_hash_table_add (self->known, g_strdup (file)))
    return;
  image = g_new0 (Image, 1);
  image->file = g_strdup (file);
  image->format = g_strdup (format != NULL ? format : "raw");
  image->needed_by = g_strdup (needed_by);
  g_ptr_array_add (self->images, image);
}

/* --- which there are --- */

static void
add_disk (Walk *self, guint number)
{
  ValiseDocument *document = self->verify->document;
  g_autofree char *file = valise_document_get_device (document, "disk", number, "source/@file");
  g_autofree char *target = valise_document_get_device (document, "disk", number, "target/@dev");
  g_autofree char *device = valise_document_get_device (document, "disk", number, "@device");
  g_autofree char *format = valise_document_get_device (document, "disk", number, "driver/@type");
  g_autofree char *shown = NULL;
  g_autofree char *needed_by = NULL;

  if (file == NULL || !valise_path_is_plain_relative (file) || (device != NULL && !g_str_equal (device, "disk")))
    return;
  shown = valise_text_for_display (target, 80);
  needed_by = g_strdup_printf (_ ("the machine's disk %s"), shown);
  add_image (self, file, format, needed_by);
}

/* What a hidden snapshot names may be merged by now. */
static void
add_frozen (Walk *self, const ValiseSnapshot *snapshot)
{
  g_autofree char *name = valise_text_for_display (snapshot->name, 80);
  g_autofree char *needed_by = g_strdup_printf (_ ("the snapshot “%s”"), name);

  for (guint i = 0; !snapshot->hidden && i < snapshot->disks->len; i++)
    {
      const ValiseSnapshotDisk *disk = snapshot->disks->pdata[i];

      add_image (self, disk->file, disk->format, needed_by);
    }
}

static void
add_all (Walk *self)
{
  ValiseVerify *verify = self->verify;
  guint count = valise_document_count (verify->document, "devices/disk");

  for (guint i = 1; i <= count; i++)
    add_disk (self, i);
  for (guint i = 0; verify->snapshots != NULL && i < verify->snapshots->len; i++)
    add_frozen (self, verify->snapshots->pdata[i]);
}

/* --- one of them --- */

static gboolean
is_named_by_machine (ValiseVerify *self, const char *file)
{
  g_autoptr (ValiseBundle) now = valise_bundle_open (self->path, NULL);

  return valise_new_disks_is_named (now != NULL ? valise_bundle_get_document (now) : self->document, file);
}

static gboolean
is_named_by_snapshot (ValiseVerify *self, const char *file)
{
  g_autoptr (GPtrArray) now = _valise_snapshots_read_all (self->path, NULL);

  for (guint i = 0; now != NULL && i < now->len; i++)
    {
      const ValiseSnapshot *snapshot = now->pdata[i];

      if (!snapshot->hidden && _valise_snapshot_find_disk (snapshot, file) != NULL)
        return TRUE;
    }
  return now == NULL;
}

static gboolean
is_built_on (ValiseVerify *self, const char *file)
{
  g_autofree char *path = g_build_filename (self->path, file, NULL);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  g_autoptr (GPtrArray) above = _valise_image_list_above (folder, name, NULL);

  return above == NULL || above->len > 0;
}

/* While a machine runs nothing keeps its snapshots from being deleted, and their images from being merged, since the
 * records were read. */
static gboolean
is_still_needed (ValiseVerify *self, const Image *image)
{
  return is_named_by_machine (self, image->file) || is_named_by_snapshot (self, image->file)
         || is_built_on (self, image->file);
}

static void
say_missing (ValiseVerify *self, const Image *image)
{
  if (!is_still_needed (self, image))
    return;
  if (valise_new_disks_get_size (self->document, image->file) > 0
      && valise_new_disks_is_named (self->document, image->file))
    {
      _valise_verify_say (self, VALISE_SEVERITY_WARNING, "image-new", image->file,
                          g_strdup (_ ("This disk is not there; it is made empty at the next start.")),
                          _ ("If there was something on it, put its file back before."));
      return;
    }
  _valise_verify_say (self, VALISE_SEVERITY_ERROR, "image-missing", image->file,
                      g_strdup_printf (_ ("This disk image is missing, and %s needs it."), image->needed_by),
                      _ ("Put the file back, from a backup or from where the machine was copied."));
}

/* An image whose head alone tells that something is wrong. */
static void
say_unreadable (ValiseVerify *self, const Image *image, const GError *error)
{
  static const char *const codes[] = {
    [VALISE_IMAGE_ERROR_MISSING] = "image-missing", [VALISE_IMAGE_ERROR_FORMAT] = "image-format",
    [VALISE_IMAGE_ERROR_UNSAFE] = "image-unsafe",   [VALISE_IMAGE_ERROR_DAMAGED] = "image-damaged",
    [VALISE_IMAGE_ERROR_SIZE] = "image-damaged",    [VALISE_IMAGE_ERROR_DATA] = "image-damaged",
  };
  const char *code = error->domain == VALISE_IMAGE_ERROR ? codes[error->code] : "image-unreadable";

  if (g_error_matches (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_MISSING))
    say_missing (self, image);
  else
    _valise_verify_say (self, VALISE_SEVERITY_ERROR, code, image->file, g_strdup (error->message), NULL);
}

static void
say_checked (ValiseVerify *self, const Image *image, const ValiseImageCheck *check)
{
  if (check->corruptions > 0)
    _valise_verify_say (
        self, VALISE_SEVERITY_ERROR, "image-corrupt", image->file,
        g_strdup_printf (ngettext ("Its tables contradict each other in %lu place: what is stored there may be wrong.",
                                   "Its tables contradict each other in %lu places: what is stored there may be wrong.",
                                   check->corruptions),
                         check->corruptions),
        _ ("Do not start the machine. Put the file back from a backup, or copy it aside and try “qemu-img check -r "
           "all” on the copy."));
  if (check->unchecked > 0)
    _valise_verify_say (self, VALISE_SEVERITY_ERROR, "image-unreadable", image->file,
                        g_strdup_printf (ngettext ("%lu place of it could not be read.",
                                                   "%lu places of it could not be read.", check->unchecked),
                                         check->unchecked),
                        check->corruptions == 0 ? _ ("The medium may be failing. Copy the machine to another one now.")
                                                : _ ("Its tables lead there, and are not to be relied on."));
  if (check->leaks > 0)
    _valise_verify_say (
        self, VALISE_SEVERITY_WARNING, "image-leaks", image->file,
        g_strdup_printf (ngettext ("%lu piece of it takes room and is used by nothing. Nothing is lost.",
                                   "%lu pieces of it take room and are used by nothing. Nothing is lost.",
                                   check->leaks),
                         check->leaks),
        _ ("Compacting gives the room back."));
}

static char *
find_writer (const char *path)
{
  int fd = open (path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  char *writer = fd >= 0 ? _valise_in_use_describe_writer (fd) : NULL;

  if (fd >= 0)
    close (fd);
  return writer;
}

static gboolean
say_busy (ValiseVerify *self, const Image *image, const char *path)
{
  g_autofree char *writer = find_writer (path);

  if (writer == NULL)
    return FALSE;
  _valise_verify_say (self, VALISE_SEVERITY_INFO, "image-busy", image->file,
                      g_strdup_printf (_ ("%s writes to it now, so that it could not be checked."), writer),
                      _ ("Shut the machine down and verify it once more."));
  return TRUE;
}

/* Not that it is damaged: memory may have been short, or the medium gone. */
static void
say_unchecked (ValiseVerify *self, const Image *image, const GError *error)
{
  g_autofree char *cause = valise_text_for_display (error->message, 600);

  _valise_verify_say (self, VALISE_SEVERITY_ERROR, "image-unreadable", image->file,
                      g_strdup_printf (_ ("It could not be checked: %s"), cause),
                      _ ("Verify it once more. If it says so again, put the file back from a backup."));
}

/* FALSE only when there is no point in going on. */
static gboolean
check_tables (ValiseVerify *self, const Image *image, const char *path, GError **error)
{
  ValiseImageCheck check = { 0 };
  g_autoptr (GError) local = NULL;
  gboolean checked = _valise_image_check (path, &check, self->cancellable, &local);

  if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      || g_error_matches (local, VALISE_PROCESS_ERROR, VALISE_PROCESS_ERROR_MISSING))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  /* What changed under our eyes tells nothing. */
  if (say_busy (self, image, path))
    return TRUE;
  if (!checked)
    {
      say_unchecked (self, image, local);
      return TRUE;
    }
  say_checked (self, image, &check);
  self->images++;
  return TRUE;
}

/* What leads elsewhere is said of the whole chain, see check_chain. */
static void
add_base (Walk *self, const Image *image, const ValiseImageBacking *backing)
{
  g_autofree char *shown = NULL;
  g_autofree char *needed_by = NULL;
  g_autofree char *file = NULL;

  if (backing->file == NULL || backing->format == NULL || !valise_path_is_plain_relative (backing->file)
      || strchr (backing->file, '/') != NULL)
    return;
  file = _valise_snapshot_sibling (image->file, backing->file);
  shown = valise_text_for_display (image->file, 80);
  needed_by = g_strdup_printf (_ ("%s, which builds on it,"), shown);
  add_image (self, file, backing->format, needed_by);
}

static gboolean
check_image (Walk *self, const Image *image, GError **error)
{
  ValiseVerify *verify = self->verify;
  g_autofree char *path = g_build_filename (verify->path, image->file, NULL);
  g_autofree char *shown = valise_text_for_display (image->file, 80);
  g_autofree char *stage = g_strdup_printf (_ ("Looking at %s"), shown);
  g_auto (ValiseImageBacking) backing = { NULL, NULL };
  g_autoptr (GError) local = NULL;
  g_autoptr (ValiseImageInfo) info = NULL;
  gboolean done = TRUE;

  valise_job_set_stage (verify->job, stage);
  if (!_valise_snapshot_check_inside (verify->path, image->file, &local))
    {
      _valise_verify_say (verify, VALISE_SEVERITY_ERROR, "folder-unsafe", image->file, g_strdup (local->message), NULL);
      return TRUE;
    }
  info = _valise_image_inspect_layer (path, image->format, &backing, &local);
  if (info == NULL)
    {
      say_unreadable (verify, image, local);
      return TRUE;
    }
  add_base (self, image, &backing);
  if (!say_busy (verify, image, path))
    {
      if (g_str_equal (image->format, "qcow2"))
        done = check_tables (verify, image, path, error);
      else
        verify->images++;
    }
  valise_job_advance (verify->job, info->actual_size);
  return done;
}

/* --- what builds on what --- */

static gboolean
has_layer (GPtrArray *layers, const char *path)
{
  for (guint i = 0; i < layers->len; i++)
    if (g_str_equal (((const ValiseImageLayer *) layers->pdata[i])->path, path))
      return TRUE;
  return FALSE;
}

/* That the image goes back to what the snapshot before it froze of the same disk. One that builds on nothing was put in
 * its place. */
static void
check_above (ValiseVerify *self, const char *file, GPtrArray *layers, const ValiseSnapshot *before, const char *target)
{
  for (guint i = 0; before != NULL && !before->hidden && i < before->disks->len; i++)
    {
      const ValiseSnapshotDisk *disk = before->disks->pdata[i];
      g_autofree char *path = g_build_filename (self->path, disk->file, NULL);
      g_autofree char *name = NULL;
      g_autofree char *shown = NULL;

      if (g_strcmp0 (disk->target, target) != 0 || g_str_equal (disk->file, file) || layers->len == 0
          || has_layer (layers, path) || !is_named_by_snapshot (self, disk->file))
        continue;
      name = valise_text_for_display (before->name, 80);
      shown = valise_text_for_display (disk->file, 80);
      _valise_verify_say (
          self, VALISE_SEVERITY_WARNING, "chain-other", file,
          g_strdup_printf (_ ("It does not build on “%s”, which the snapshot “%s” before it kept of this disk."), shown,
                           name),
          _ ("If you did not put another disk in its place yourself, put the file back from a backup."));
    }
}

static void
check_chain (ValiseVerify *self, const char *file, const char *format, const ValiseSnapshot *before, const char *target)
{
  g_autofree char *path = g_build_filename (self->path, file, NULL);
  g_autoptr (GPtrArray) layers = NULL;
  g_autoptr (GError) local = NULL;
  g_autoptr (ValiseImageInfo) info =
      valise_image_inspect_chain (path, format != NULL ? format : "raw", &layers, &local);

  if (info != NULL)
    check_above (self, file, layers, before, target);
  /* Each image by itself has said the rest. */
  else if (g_error_matches (local, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_UNSAFE))
    _valise_verify_say (self, VALISE_SEVERITY_ERROR, "image-unsafe", file, g_strdup (local->message), NULL);
}

static const ValiseSnapshot *
find_snapshot (ValiseVerify *self, const char *id)
{
  for (guint i = 0; id != NULL && self->snapshots != NULL && i < self->snapshots->len; i++)
    if (g_str_equal (((const ValiseSnapshot *) self->snapshots->pdata[i])->id, id))
      return self->snapshots->pdata[i];
  return NULL;
}

static void
check_present_chains (ValiseVerify *self)
{
  g_autofree char *id = valise_document_get (self->document, VALISE_SNAPSHOT_KNOB);
  const ValiseSnapshot *before = find_snapshot (self, id);
  guint count = valise_document_count (self->document, "devices/disk");

  for (guint i = 1; i <= count; i++)
    {
      g_autofree char *file = valise_document_get_device (self->document, "disk", i, "source/@file");
      g_autofree char *target = valise_document_get_device (self->document, "disk", i, "target/@dev");
      g_autofree char *format = valise_document_get_device (self->document, "disk", i, "driver/@type");

      if (_valise_snapshot_covers (self->document, i) && file != NULL)
        check_chain (self, file, format, before, target);
    }
}

/* --- what is frozen --- */

static void
say_changed (ValiseVerify *self, const ValiseSnapshot *snapshot, const char *file)
{
  g_autofree char *name = valise_text_for_display (snapshot->name, 80);

  _valise_verify_say (
      self, VALISE_SEVERITY_ERROR, "image-changed", file,
      g_strdup_printf (_ ("This image is not what it was when the snapshot “%s” kept it. Whatever builds on it may be "
                          "torn."),
                       name),
      _ ("Put the file back from a backup. If you know that its content is the same: “valisectl snapshot accept”."));
}

/* Whether a merge has begun with it since the record was read. */
static gboolean
is_being_merged (ValiseVerify *self, const ValiseSnapshot *snapshot, const ValiseSnapshotDisk *disk)
{
  g_autofree char *folder = _valise_snapshot_folder (self->path, snapshot->id);
  g_autoptr (ValiseSnapshot) now = _valise_snapshot_read (folder, snapshot->id, NULL);
  const ValiseSnapshotDisk *same = now != NULL ? _valise_snapshot_find_disk (now, disk->file) : NULL;

  return same == NULL || g_strcmp0 (same->stamp.sample, disk->stamp.sample) != 0;
}

/* Dates tell nothing of what went wrong on the medium, so that content counts too. */
static gboolean
is_other (const char *path, const ValiseImageStamp *then)
{
  ValiseImageStamp now = { 0 };
  gboolean other = _valise_image_stamp_take (path, &now, NULL)
                   && (now.size != then->size || g_strcmp0 (now.sample, then->sample) != 0);

  _valise_image_stamp_clear (&now);
  return other || !_valise_image_stamp_fits (path, then);
}

static void
check_frozen (ValiseVerify *self, const ValiseSnapshot *snapshot, const ValiseSnapshotDisk *disk)
{
  g_autofree char *path = g_build_filename (self->path, disk->file, NULL);

  if (disk->stamp.sample == NULL || !_valise_snapshot_check_inside (self->path, disk->file, NULL)
      || !g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return;
  if (valise_new_disks_is_named (self->document, disk->file))
    _valise_verify_say (self, VALISE_SEVERITY_ERROR, "image-shared", disk->file,
                        g_strdup (_ ("The machine would write into this image, which a snapshot keeps as it is.")),
                        _ ("Undo the last change of its settings, or delete the snapshot."));
  else if (is_other (path, &disk->stamp) && !is_being_merged (self, snapshot, disk))
    say_changed (self, snapshot, disk->file);
}

static void
check_snapshot (ValiseVerify *self, const ValiseSnapshot *snapshot)
{
  const ValiseSnapshot *before = find_snapshot (self, snapshot->parent);

  for (guint i = 0; i < snapshot->disks->len; i++)
    {
      const ValiseSnapshotDisk *disk = snapshot->disks->pdata[i];

      check_frozen (self, snapshot, disk);
      check_chain (self, disk->file, disk->format, before, disk->target);
    }
}

/* --- all --- */

static guint64
taken_by (ValiseVerify *self, GPtrArray *images)
{
  guint64 sum = 0;

  for (guint i = 0; i < images->len; i++)
    {
      g_autofree char *path = g_build_filename (self->path, ((const Image *) images->pdata[i])->file, NULL);
      struct stat status;

      if (lstat (path, &status) == 0)
        sum += (guint64) status.st_blocks * 512;
    }
  return sum;
}

gboolean
_valise_verify_images (ValiseVerify *self, GError **error)
{
  g_autoptr (GPtrArray) images = g_ptr_array_new_with_free_func (image_free);
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Walk walk = { self, images, known };

  add_all (&walk);
  valise_job_set_total (self->job, taken_by (self, images));
  for (guint i = 0; i < images->len; i++)
    if (g_cancellable_set_error_if_cancelled (self->cancellable, error)
        || !check_image (&walk, images->pdata[i], error))
      return FALSE;
  check_present_chains (self);
  for (guint i = 0; self->snapshots != NULL && i < self->snapshots->len; i++)
    if (!((const ValiseSnapshot *) self->snapshots->pdata[i])->hidden)
      check_snapshot (self, self->snapshots->pdata[i]);
  return TRUE;
}
