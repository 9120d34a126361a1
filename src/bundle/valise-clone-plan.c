/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What becomes of each disk of a machine that is cloned. */
#include "bundle/valise-clone-private.h"

#include "base/valise-bytes.h"
#include "base/valise-path.h"
#include "bundle/valise-image-chain.h"
#include "bundle/valise-image-header.h"

#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define L1_MOST (32 * 1024 * 1024) /* what QEMU allows */
#define OVERLAY_BYTES (256 * 1024) /* what a new one takes, about */

/* A disk as the settings have it. */
typedef struct
{
  guint number;
  char *target, *file, *format;
  gboolean inside;  /* in the bundle */
  gboolean covered; /* a snapshot's, i.e. in the bundle and written */
} Disk;

static void
disk_clear (Disk *self)
{
  g_free (self->target);
  g_free (self->file);
  g_free (self->format);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Disk, disk_clear)

static void
overlay_free (gpointer data)
{
  ValiseCloneOverlay *overlay = data;

  g_free (overlay->file);
  g_free (overlay->base);
  g_free (overlay->format);
  g_free (overlay);
}

static Disk
read_disk (ValiseDocument *document, guint number)
{
  Disk disk = { .number = number };

  disk.target = valise_document_get_device (document, "disk", number, "target/@dev");
  disk.file = valise_document_get_device (document, "disk", number, "source/@file");
  disk.format = valise_document_get_device (document, "disk", number, "driver/@type");
  if (disk.format == NULL)
    disk.format = g_strdup ("raw");
  disk.inside = disk.file != NULL && valise_path_is_plain_relative (disk.file);
  disk.covered = _valise_snapshot_covers (document, number);
  return disk;
}

static gboolean
is_only_read (ValiseDocument *document, guint number)
{
  g_autofree char *device = valise_document_get_device (document, "disk", number, "@device");
  g_autofree char *readonly = g_strdup_printf ("devices/disk[%u]/readonly", number);

  return (device != NULL && !g_str_equal (device, "disk")) || valise_document_has (document, readonly);
}

ValiseCloneDisk
valise_clone_default (ValiseDocument *document, guint number)
{
  g_auto (Disk) disk = { 0 };

  g_return_val_if_fail (document != NULL, VALISE_CLONE_DISK_SHARE);

  disk = read_disk (document, number);
  if (disk.inside)
    return VALISE_CLONE_DISK_CLONE;
  return disk.file != NULL && !is_only_read (document, number) ? VALISE_CLONE_DISK_CLONE : VALISE_CLONE_DISK_SHARE;
}

/* The settings that a clone begins with. */
static ValiseDocument *
read_document (ValiseBundle *bundle, const ValiseCloneChoice *choice, GError **error)
{
  if (choice->snapshot != NULL)
    return valise_snapshot_read_document (bundle, choice->snapshot, error);
  return valise_document_copy (valise_bundle_get_document (bundle));
}

static ValiseCloneDisk
choice_of (const ValiseCloneChoice *choice, ValiseDocument *document, const Disk *disk)
{
  gpointer chosen;

  if (choice->disks != NULL && disk->target != NULL
      && g_hash_table_lookup_extended (choice->disks, disk->target, NULL, &chosen))
    return GPOINTER_TO_INT (chosen);
  return valise_clone_default (document, disk->number);
}

/* --- whether anything was written to an image since it was made --- */

static gboolean
is_zero (int fd, guint64 offset, guint64 length)
{
  g_autofree guint8 *bytes = length > 0 && length <= L1_MOST ? g_malloc (length) : NULL;

  if (bytes == NULL || pread (fd, bytes, length, (off_t) offset) != (gssize) length)
    return FALSE;
  for (guint64 i = 0; i < length; i++)
    if (bytes[i] != 0)
      return FALSE;
  return TRUE;
}

/* Its first table of places is empty. */
static gboolean
is_untouched (const char *path)
{
  guint8 head[48];
  int fd = open (path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  gboolean untouched = FALSE;

  if (fd >= 0 && pread (fd, head, sizeof head, 0) == sizeof head && memcmp (head, "QFI\xfb", 4) == 0)
    untouched = is_zero (fd, valise_bytes_get_be64 (head + 40), (guint64) valise_bytes_get_be32 (head + 36) * 8);
  if (fd >= 0)
    close (fd);
  return untouched;
}

static gboolean
builds_untouched (const char *bundle_path, const Disk *disk)
{
  g_autofree char *path = g_build_filename (bundle_path, disk->file, NULL);
  g_autoptr (GPtrArray) layers = NULL;
  g_autoptr (ValiseImageInfo) info = valise_image_inspect_chain (path, disk->format, &layers, NULL);

  return info != NULL && layers->len > 0 && is_untouched (path);
}

gboolean
valise_clone_needs_snapshot (ValiseBundle *bundle, const ValiseCloneChoice *choice)
{
  ValiseDocument *document;
  guint count;

  g_return_val_if_fail (bundle != NULL && choice != NULL, FALSE);

  document = valise_bundle_get_document (bundle);
  count = choice->linked && choice->snapshot == NULL ? valise_document_count (document, "devices/disk") : 0;
  for (guint i = 1; i <= count; i++)
    {
      g_auto (Disk) disk = read_disk (document, i);

      if (disk.covered && choice_of (choice, document, &disk) == VALISE_CLONE_DISK_CLONE
          && !builds_untouched (valise_bundle_get_path (bundle), &disk))
        return TRUE;
    }
  return FALSE;
}

/* --- images --- */

static gboolean
has_text (GPtrArray *texts, const char *text)
{
  return g_ptr_array_find_with_equal_func (texts, text, g_str_equal, NULL);
}

static gboolean
set_changed (const char *file, const ValiseSnapshot *snapshot, GError **error)
{
  g_autofree char *shown = valise_text_for_display (file, 200);
  g_autofree char *name = valise_text_for_display (snapshot->name, 120);

  g_set_error (error, VALISE_SNAPSHOT_ERROR, VALISE_SNAPSHOT_ERROR_CHANGED,
               _ ("The disk image “%s” is not what it was when the snapshot “%s” was taken, so a clone of it would be "
                  "torn. Restore that file from a backup."),
               shown, name);
  return FALSE;
}

static gboolean
add_image (ValiseClonePlan *self, const char *file, guint64 bytes, GError **error)
{
  g_autofree char *path = g_build_filename (self->path, file, NULL);

  if (has_text (self->images, file))
    return TRUE;
  for (guint i = 0; i < self->snapshots->len; i++)
    {
      const ValiseSnapshotDisk *disk = _valise_snapshot_find_disk (self->snapshots->pdata[i], file);

      if (disk != NULL && !_valise_image_stamp_fits (path, &disk->stamp))
        return set_changed (file, self->snapshots->pdata[i], error);
    }
  g_ptr_array_add (self->images, g_strdup (file));
  self->bytes += bytes;
  return TRUE;
}

static gboolean
is_frozen (ValiseClonePlan *self, const char *file)
{
  for (guint i = 0; i < self->frozen->len; i++)
    if (g_str_equal (((ValiseSnapshotDisk *) self->frozen->pdata[i])->file, file))
      return TRUE;
  return FALSE;
}

static gboolean
add_frozen (ValiseClonePlan *self,
            const char *target,
            const char *file,
            const char *format,
            guint64 bytes,
            GError **error)
{
  ValiseSnapshotDisk *disk;

  if (!add_image (self, file, bytes, error))
    return FALSE;
  if (is_frozen (self, file))
    return TRUE;
  disk = g_new0 (ValiseSnapshotDisk, 1);
  disk->target = g_strdup (target);
  disk->file = g_strdup (file);
  disk->format = g_strdup (format);
  g_ptr_array_add (self->frozen, disk);
  return TRUE;
}

static gboolean
add_layers (ValiseClonePlan *self, const Disk *disk, GPtrArray *layers, GError **error)
{
  for (guint i = 0; i < layers->len; i++)
    {
      const ValiseImageLayer *layer = layers->pdata[i];

      if (!add_frozen (self, disk->target, layer->path + strlen (self->path) + 1, layer->format, layer->actual_size,
                       error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
add_overlay (ValiseClonePlan *self,
             const Disk *disk,
             const char *base,
             const char *format,
             guint64 bytes,
             GError **error)
{
  g_autofree char *present = _valise_snapshot_make_present ();
  ValiseCloneOverlay *overlay = g_new0 (ValiseCloneOverlay, 1);

  overlay->file = _valise_snapshot_overlay_name (self->path, disk->file, present, NULL);
  overlay->base = g_path_get_basename (base);
  overlay->format = g_strdup (format);
  overlay->bytes = bytes;
  g_ptr_array_add (self->overlays, overlay);
  return _valise_snapshot_set_image (self->document, disk->number, overlay->file, "qcow2", error);
}

static gboolean
plan_linked (ValiseClonePlan *self,
             const Disk *disk,
             gboolean of_snapshot,
             const ValiseImageInfo *info,
             GPtrArray *layers,
             GError **error)
{
  const ValiseImageLayer *below = layers->len > 0 ? layers->pdata[0] : NULL;

  if (of_snapshot)
    return add_frozen (self, disk->target, disk->file, disk->format, info->actual_size, error)
           && add_overlay (self, disk, disk->file, disk->format, info->virtual_size, error);
  if (below != NULL)
    return add_overlay (self, disk, below->path, below->format, info->virtual_size, error);
  g_set_error (error, VALISE_SNAPSHOT_ERROR, VALISE_SNAPSHOT_ERROR_NOT_FOUND,
               _ ("The disk “%s” has no frozen image that a linked clone could build on. Take a snapshot first."),
               disk->target);
  return FALSE;
}

static gboolean
plan_written (ValiseClonePlan *self, const Disk *disk, const ValiseCloneChoice *choice, GError **error)
{
  g_autofree char *path = g_build_filename (self->path, disk->file, NULL);
  g_autoptr (GPtrArray) layers = NULL;
  g_autoptr (ValiseImageInfo) info = valise_image_inspect_chain (path, disk->format, &layers, error);

  if (info == NULL || !add_layers (self, disk, layers, error))
    return FALSE;
  if (choice->linked)
    return plan_linked (self, disk, choice->snapshot != NULL, info, layers, error);
  return add_image (self, disk->file, info->actual_size, error);
}

/* --- disks that are no snapshot's --- */

static gboolean
refuse (const Disk *disk, const char *text, GError **error)
{
  g_autofree char *shown = valise_text_for_display (disk->target != NULL ? disk->target : "?", 40);

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "“%s”: %s", shown, text);
  return FALSE;
}

static gboolean
set_source (ValiseClonePlan *self, const Disk *disk, const char *file, GError **error)
{
  g_autofree char *knob = g_strdup_printf ("devices/disk[%u]/source/@file", disk->number);

  return valise_document_set (self->document, knob, file, error);
}

/* What lies outside comes along under a name of its own. */
static gboolean
plan_brought (ValiseClonePlan *self, const Disk *disk, GError **error)
{
  gboolean only_read = is_only_read (self->document, disk->number);
  g_autofree char *base = g_path_get_basename (disk->file);
  g_autofree char *name = valise_path_name_from_label (base);
  g_autofree char *inside = only_read ? g_strdup_printf ("media/%s-%s", disk->target, name)
                                      : g_strdup_printf ("disks/%s-%s", disk->target, name);
  g_autoptr (ValiseImageInfo) info = valise_image_inspect (disk->file, disk->format, error);

  if (info == NULL || !set_source (self, disk, inside, error))
    return FALSE;
  self->bytes += info->actual_size;
  g_hash_table_insert (self->brought, g_steal_pointer (&inside), g_strdup (disk->file));
  return TRUE;
}

/* One that was a snapshot's before it became read-only or shareable builds on images that have to come along. */
static gboolean
plan_kept (ValiseClonePlan *self, const Disk *disk, GError **error)
{
  g_autofree char *path = g_build_filename (self->path, disk->file, NULL);
  g_autoptr (GPtrArray) layers = NULL;
  g_autoptr (ValiseImageInfo) info = NULL;

  g_hash_table_add (self->kept, g_strdup (disk->file));
  if (g_strcmp0 (disk->format, "qcow2") != 0 || !g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  info = valise_image_inspect_chain (path, disk->format, &layers, error);
  return info != NULL && add_layers (self, disk, layers, error);
}

static gboolean
plan_clone (ValiseClonePlan *self, const Disk *disk, const ValiseCloneChoice *choice, GError **error)
{
  if (disk->covered)
    return plan_written (self, disk, choice, error);
  if (disk->inside)
    return plan_kept (self, disk, error);
  if (disk->file != NULL && choice->withheld != NULL && g_hash_table_contains (choice->withheld, disk->target))
    return refuse (disk,
                   _ ("its file lies outside of the machine's folder, and this machine was not allowed it. Allow it, "
                      "share the disk, or leave it out."),
                   error);
  if (disk->file != NULL)
    return plan_brought (self, disk, error);
  return refuse (disk, _ ("what it is made of is no file, so it cannot be cloned. Share it, or leave it out."), error);
}

static gboolean
plan_share (ValiseClonePlan *self, const Disk *disk, GError **error)
{
  g_autofree char *path = disk->inside ? g_build_filename (self->path, disk->file, NULL) : NULL;

  if (disk->covered)
    return refuse (disk,
                   _ ("the machine writes to it, and two that write to one disk tear it. Clone it, leave it out, or "
                      "make it shareable in the settings of both."),
                   error);
  return path == NULL || set_source (self, disk, path, error);
}

static gboolean
forget_size (ValiseDocument *document, const char *file, GError **error)
{
  for (guint i = valise_document_count (document, "metadata/valise:machine/valise:disk"); i > 0; i--)
    {
      g_autofree char *knob = g_strdup_printf ("metadata/valise:machine/valise:disk[%u]", i);
      g_autofree char *attribute = g_strconcat (knob, "/@source", NULL);
      g_autofree char *source = valise_document_get (document, attribute);

      if (g_strcmp0 (source, file) == 0 && !valise_document_unset (document, knob, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
plan_leave (ValiseClonePlan *self, const Disk *disk, GError **error)
{
  g_autofree char *knob = g_strdup_printf ("devices/disk[%u]", disk->number);

  return (disk->file == NULL || forget_size (self->document, disk->file, error))
         && valise_document_unset (self->document, knob, error);
}

static gboolean
plan_disk (ValiseClonePlan *self, guint number, const ValiseCloneChoice *choice, GError **error)
{
  g_auto (Disk) disk = read_disk (self->document, number);

  if (disk.inside)
    g_hash_table_add (self->left, g_strdup (disk.file));
  /* An empty drive. */
  if (disk.file == NULL && is_only_read (self->document, number)
      && choice_of (choice, self->document, &disk) != VALISE_CLONE_DISK_LEAVE)
    return TRUE;
  switch (choice_of (choice, self->document, &disk))
    {
    case VALISE_CLONE_DISK_LEAVE:
      return plan_leave (self, &disk, error);
    case VALISE_CLONE_DISK_SHARE:
      return plan_share (self, &disk, error);
    case VALISE_CLONE_DISK_CLONE:
    default:
      return plan_clone (self, &disk, choice, error);
    }
}

/* --- the plan --- */

static gboolean
check_targets (ValiseDocument *document, GHashTable *disks, GError **error)
{
  GHashTableIter iter;
  gpointer target;

  if (disks == NULL)
    return TRUE;
  g_hash_table_iter_init (&iter, disks);
  while (g_hash_table_iter_next (&iter, &target, NULL))
    if (_valise_snapshot_find_target (document, target) == 0)
      {
        g_autofree char *shown = valise_text_for_display (target, 40);

        g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                     _ ("There is no disk “%s”. The machine's settings list those that it has."), shown);
        return FALSE;
      }
  return TRUE;
}

/* Images of other moments, and whatever is in disks/ that no disk of the clone's is. */
static void
leave_rest (ValiseClonePlan *self)
{
  g_autofree char *folder = g_build_filename (self->path, "disks", NULL);
  g_autoptr (GDir) directory = g_dir_open (folder, 0, NULL);
  GHashTableIter iter;
  gpointer kept;
  const char *name;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    g_hash_table_add (self->left, g_build_filename ("disks", name, NULL));
  for (guint i = 0; i < self->snapshots->len; i++)
    {
      const ValiseSnapshot *snapshot = self->snapshots->pdata[i];

      for (guint j = 0; j < snapshot->disks->len; j++)
        g_hash_table_add (self->left, g_strdup (((ValiseSnapshotDisk *) snapshot->disks->pdata[j])->file));
    }
  for (guint i = 0; i < self->images->len; i++)
    g_hash_table_add (self->left, g_strdup (self->images->pdata[i]));
  g_hash_table_iter_init (&iter, self->kept);
  while (g_hash_table_iter_next (&iter, &kept, NULL))
    g_hash_table_remove (self->left, kept);
}

static ValiseClonePlan *
plan_new (ValiseBundle *bundle)
{
  ValiseClonePlan *self = g_new0 (ValiseClonePlan, 1);

  self->bundle = valise_bundle_ref (bundle);
  self->path = valise_bundle_get_path (self->bundle);
  self->images = g_ptr_array_new_with_free_func (g_free);
  self->frozen = g_ptr_array_new_with_free_func (_valise_snapshot_disk_free);
  self->overlays = g_ptr_array_new_with_free_func (overlay_free);
  self->brought = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->kept = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->left = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

ValiseClonePlan *
_valise_clone_plan_new (ValiseBundle *bundle, const ValiseCloneChoice *choice, GError **error)
{
  g_autoptr (ValiseClonePlan) self = plan_new (bundle);

  self->snapshots = _valise_snapshots_read_all (self->path, error);
  self->document = self->snapshots != NULL ? read_document (bundle, choice, error) : NULL;
  if (self->document == NULL || !check_targets (self->document, choice->disks, error))
    return NULL;
  /* From the last, so that the numbers of those before stay what they are. */
  for (guint i = valise_document_count (self->document, "devices/disk"); i > 0; i--)
    if (!plan_disk (self, i, choice, error))
      return NULL;
  leave_rest (self);
  return g_steal_pointer (&self);
}

void
_valise_clone_plan_free (ValiseClonePlan *self)
{
  if (self == NULL)
    return;
  valise_bundle_unref (self->bundle);
  g_clear_pointer (&self->snapshots, g_ptr_array_unref);
  g_clear_pointer (&self->document, valise_document_unref);
  g_ptr_array_unref (self->images);
  g_ptr_array_unref (self->frozen);
  g_ptr_array_unref (self->overlays);
  g_hash_table_unref (self->brought);
  g_hash_table_unref (self->kept);
  g_hash_table_unref (self->left);
  g_free (self);
}

gboolean
valise_clone_estimate (ValiseBundle *bundle, const ValiseCloneChoice *choice, guint64 *bytes, GError **error)
{
  ValiseCloneChoice asked;
  g_autoptr (ValiseClonePlan) plan = NULL;

  g_return_val_if_fail (bundle != NULL && choice != NULL && bytes != NULL, FALSE);

  /* What is asked of a linked clone whose snapshot is still to be taken is asked of a full one. */
  asked = *choice;
  asked.linked = choice->linked && !valise_clone_needs_snapshot (bundle, choice);
  plan = _valise_clone_plan_new (bundle, &asked, error);
  if (plan == NULL)
    return FALSE;
  *bytes = choice->linked ? (guint64) MAX (plan->overlays->len, plan->images->len) * OVERLAY_BYTES : plan->bytes;
  return TRUE;
}
