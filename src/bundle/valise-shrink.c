/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-shrink.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "base/valise-process.h"
#include "base/valise-size.h"
#include "bundle/valise-image-chain.h"
#include "bundle/valise-image-tap.h"
#include "bundle/valise-medium.h"
#include "bundle/valise-new-disks.h"
#include "bundle/valise-partition-table.h"
#include "bundle/valise-snapshot-private.h"

#define ROUND 4096
#define SECTOR 512
#define SECTOR_MOST (2 * VALISE_MIB) /* of QEMU */
#define PIECE VALISE_MIB

typedef struct
{
  ValiseBundle *bundle;
  const char *target;
  guint64 bytes;
  gboolean lose;
  ValiseJob *job;
  GCancellable *cancellable;
  char *file, *format; /* of the image as it is before */
  guint64 sector;      /* bytes, as the guest counts */
  guint64 round;       /* the size is a multiple of it */
  GPtrArray *patches;
} Shrink;

static void
shrink_clear (Shrink *self)
{
  g_free (self->file);
  g_free (self->format);
  g_clear_pointer (&self->patches, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Shrink, shrink_clear)

/* --- which disk --- */

static gboolean
set_no_disk (const Shrink *self, GError **error)
{
  g_autofree char *shown = valise_text_for_display (self->target, 40);

  g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_MISSING,
               _ ("The machine has no disk “%s” in its own folder that it alone writes to. “show” lists its disks."),
               shown);
  return FALSE;
}

/* What a partition table counts in; counted in smaller ones, partitions would end too early. */
static gboolean
find_sector (Shrink *self, guint number, GError **error)
{
  ValiseDocument *document = valise_bundle_get_document (self->bundle);
  g_autofree char *said = valise_document_get_device (document, "disk", number, "blockio/@logical_block_size");

  self->sector = SECTOR;
  if (said == NULL
      || (g_ascii_string_to_unsigned (said, 10, SECTOR, SECTOR_MOST, &self->sector, NULL)
          && (self->sector & (self->sector - 1)) == 0))
    return TRUE;
  g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_DATA,
               _ ("The sector size of the disk “%s” is no power of two from 512, so that nobody knows where its "
                  "partitions end. Put it right (blockio/@logical_block_size) first."),
               self->target);
  return FALSE;
}

static gboolean
find_disk (Shrink *self, GError **error)
{
  ValiseDocument *document = valise_bundle_get_document (self->bundle);
  guint number = _valise_snapshot_find_target (document, self->target);

  if (number == 0 || !_valise_snapshot_covers (document, number))
    return set_no_disk (self, error);
  self->file = valise_document_get_device (document, "disk", number, "source/@file");
  self->format = valise_document_get_device (document, "disk", number, "driver/@type");
  if (self->format == NULL)
    self->format = g_strdup ("raw");
  if (!find_sector (self, number, error))
    return FALSE;
  self->round = MAX (ROUND, self->sector);
  if (self->bytes <= G_MAXUINT64 - self->round)
    self->bytes = (self->bytes + self->round - 1) / self->round * self->round;
  return TRUE;
}

static gboolean
check_size (Shrink *self, GError **error)
{
  g_autofree char *path = valise_bundle_file (self->bundle, self->file);
  g_autoptr (ValiseImageInfo) info = valise_image_inspect_chain (path, self->format, NULL, error);
  g_autofree char *now = info != NULL ? valise_size_format (info->virtual_size) : NULL;

  if (info == NULL)
    return FALSE;
  if (self->bytes > 0 && self->bytes < info->virtual_size)
    return TRUE;
  g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_SIZE,
               _ ("The disk “%s” holds %s. Making it smaller needs a size between zero and that."), self->target, now);
  return FALSE;
}

/* --- what would be cut off --- */

static gboolean
is_zero (const guint8 *bytes, gsize length)
{
  return length == 0 || (bytes[0] == 0 && memcmp (bytes, bytes + 1, length - 1) == 0);
}

static gboolean
look_at_piece (ValiseImageTap *tap, guint64 offset, guint64 length, guint8 *bytes, gboolean *zero, GError **error)
{
  for (guint64 done = 0; *zero && done < length; done += PIECE)
    {
      gsize size = MIN (PIECE, length - done);

      if (!valise_image_tap_read (tap, offset + done, bytes, size, error))
        return FALSE;
      *zero = is_zero (bytes, size);
    }
  return TRUE;
}

/* Whether all of it reads as zeros. */
static gboolean
look_for_nothing (Shrink *self, ValiseImageTap *tap, gboolean *zero, GError **error)
{
  g_autofree guint8 *bytes = g_malloc (PIECE);
  guint64 offset = 0, length = 0, from = 0;

  *zero = TRUE;
  while (*zero && from < valise_image_tap_get_size (tap))
    {
      if (g_cancellable_set_error_if_cancelled (self->cancellable, error)
          || !valise_image_tap_next (tap, from, &offset, &length, error))
        return FALSE;
      if (length == 0)
        return TRUE;
      length = MIN (length, 64 * PIECE);
      if (!look_at_piece (tap, offset, length, bytes, zero, error))
        return FALSE;
      from = offset + length;
    }
  return TRUE;
}

static gboolean
refuse_partition (const Shrink *self, const ValisePartitionTable *table, GError **error)
{
  guint64 least = (table->end + table->behind + self->round - 1) / self->round * self->round;
  g_autofree char *size = valise_size_format (least);

  g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_DATA,
               _ ("Partition %u of the disk “%s” would be cut off: the disk needs %s (%" PRIu64
                  " bytes). Make the partition smaller in the system inside first."),
               table->last, self->target, size, least);
  return FALSE;
}

static gboolean
check_table (Shrink *self, ValiseImageTap *tap, const ValisePartitionTable *table, GError **error)
{
  gboolean zero = TRUE;

  switch (table->kind)
    {
    case VALISE_PARTITION_TABLE_GPT:
    case VALISE_PARTITION_TABLE_MBR:
      return table->end + table->behind <= self->bytes || refuse_partition (self, table, error);
    case VALISE_PARTITION_TABLE_DAMAGED:
      g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_DATA,
                   _ ("The partition table of the disk “%s” contradicts itself, so that nobody knows what would be cut "
                      "off. Have the system inside repair it first."),
                   self->target);
      return FALSE;
    case VALISE_PARTITION_TABLE_NONE:
      break;
    }
  /* A file system that has the whole disk may end in zeros, and still is not mounted once they are gone. */
  if (!look_for_nothing (self, tap, &zero, error))
    return FALSE;
  if (!zero)
    g_set_error (
        error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_DATA,
        _ ("Something is stored on the disk “%s”, which has no partitions, so that nobody knows how much of it "
           "would be cut off. Make what is on it smaller in the system inside first; then have the rest cut "
           "off all the same (--lose-data). The snapshot that is taken before keeps it."),
        self->target);
  return zero;
}

/* Something small enough that nothing of it is cut keeps its table; with @lose whatever is cut is the user's choice. */
static gboolean
look (Shrink *self, GError **error)
{
  g_autofree char *path = valise_bundle_file (self->bundle, self->file);
  g_autoptr (ValiseImageTap) tap = NULL;
  g_autoptr (ValisePartitionTable) table = NULL;

  valise_job_set_stage (self->job, _ ("Looking at the end of the disk"));
  tap = valise_image_tap_open (path, self->format, error);
  table = tap != NULL ? _valise_partition_table_read (tap, self->sector, error) : NULL;
  if (table == NULL || (!self->lose && !check_table (self, tap, table, error)))
    return FALSE;
  if (table->end + table->behind <= self->bytes)
    self->patches = _valise_partition_table_resize (table, self->bytes);
  return TRUE;
}

/* --- the smaller image --- */

static int
make_memory_file (GBytes *bytes)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (bytes, &length);
  int fd = memfd_create ("table", MFD_CLOEXEC);

  if (fd >= 0 && write (fd, data, length) == (gssize) length)
    return fd;
  if (fd >= 0)
    close (fd);
  return -1;
}

static gboolean
run_patches (const char *image, GPtrArray *commands, const int *fds, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();

  for (const char *const *word = (const char *const[]){ "qemu-io", "-f", "qcow2", NULL }; *word != NULL; word++)
    g_ptr_array_add (argv, (gpointer) *word);
  for (guint i = 0; i < commands->len; i++)
    {
      g_ptr_array_add (argv, (gpointer) "-c");
      g_ptr_array_add (argv, commands->pdata[i]);
    }
  g_ptr_array_add (argv, (gpointer) "--");
  g_ptr_array_add (argv, (gpointer) image);
  g_ptr_array_add (argv, NULL);
  return valise_process_run_with_files ((const char *const *) argv->pdata, NULL, fds, commands->len, NULL, NULL,
                                        cancellable, error);
}

static gboolean
write_table (Shrink *self, const char *image, GError **error)
{
  g_autoptr (GPtrArray) commands = g_ptr_array_new_with_free_func (g_free);
  int fds[VALISE_PROCESS_FDS_MOST];
  gboolean done = TRUE;

  for (guint i = 0; self->patches != NULL && i < self->patches->len && done; i++)
    {
      const ValisePartitionPatch *patch = self->patches->pdata[i];

      fds[i] = make_memory_file (patch->bytes);
      done = fds[i] >= 0;
      if (!done)
        _valise_medium_set_error (error, errno, image, 0);
      else
        g_ptr_array_add (commands,
                         g_strdup_printf ("write -s /proc/self/fd/%u %" PRIu64 " %zu", VALISE_PROCESS_FIRST_FD + i,
                                          patch->offset, g_bytes_get_size (patch->bytes)));
    }
  done = done && (commands->len == 0 || run_patches (image, commands, fds, self->cancellable, error));
  for (guint i = 0; i < commands->len; i++)
    close (fds[i]);
  return done;
}

static gboolean
replace_image (Shrink *self, const char *aside, const char *image, GError **error)
{
  g_autofree char *base = g_path_get_basename (self->file);
  g_autofree char *folder = g_path_get_dirname (image);

  unlink (aside);
  if (!_valise_image_create_overlay (aside, base, self->format, self->bytes, self->cancellable, error)
      || !write_table (self, aside, error) || !_valise_snapshot_sync (aside, error))
    return FALSE;
  if (rename (aside, image) == 0)
    return valise_directory_sync (folder, error);
  _valise_medium_set_error (error, errno, image, 0);
  return FALSE;
}

/* Else it would be grown to what is stated for it. */
static gboolean
state_size (Shrink *self, const char *file, GError **error)
{
  g_autoptr (ValiseDocument) document = valise_document_copy (valise_bundle_get_document (self->bundle));
  g_autofree char *knob = valise_new_disks_knob (file);
  g_autofree char *text = g_strdup_printf ("%" PRIu64, self->bytes);

  return valise_new_disks_get_size (document, file) <= self->bytes
         || (valise_document_set (document, knob, text, error) && valise_bundle_save (self->bundle, document, error));
}

/* Of the image that the machine has got with the snapshot, and in which nothing is yet. */
static gboolean
make_smaller (Shrink *self, GError **error)
{
  ValiseDocument *document = valise_bundle_get_document (self->bundle);
  guint number = _valise_snapshot_find_target (document, self->target);
  g_autofree char *file = valise_document_get_device (document, "disk", number, "source/@file");
  g_autofree char *image = valise_bundle_file (self->bundle, file);
  g_autofree char *folder = g_path_get_dirname (image);
  g_autofree char *name = g_path_get_basename (image);
  g_autofree char *aside = g_strdup_printf ("%s/.%s.partial", folder, name);

  valise_job_set_stage (self->job, _ ("Making the disk smaller"));
  if (state_size (self, file, error) && replace_image (self, aside, image, error))
    return TRUE;
  unlink (aside);
  return FALSE;
}

/* Only what the machine has gone back to can go; else the snapshot is all that has the disk whole. */
static void
undo (const Shrink *self, const char *id, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *why = NULL;

  if (valise_snapshot_revert (self->bundle, id, FALSE, NULL, &local))
    {
      valise_snapshot_delete (self->bundle, id, NULL, NULL, NULL);
      return;
    }
  why = g_strdup (error != NULL && *error != NULL ? (*error)->message : "");
  g_clear_error (error);
  g_propagate_prefixed_error (error, g_steal_pointer (&local),
                              _ ("The disk “%s” could not be made smaller: %s It could not be put back either; the "
                                 "snapshot that was taken before has it and stays. Go back to that: "),
                              self->target, why);
}

gboolean
valise_shrink_disk (ValiseBundle *bundle,
                    const char *target,
                    guint64 bytes,
                    gboolean lose,
                    ValiseShrinkKeep keep,
                    gpointer user_data,
                    ValiseJob *job,
                    char **snapshot,
                    GCancellable *cancellable,
                    GError **error)
{
  g_auto (Shrink) self = {
    .bundle = bundle, .target = target, .bytes = bytes, .lose = lose, .job = job, .cancellable = cancellable
  };
  g_autofree char *id = NULL;

  g_return_val_if_fail (bundle != NULL && target != NULL && keep != NULL && snapshot != NULL, FALSE);

  if (!find_disk (&self, error) || !check_size (&self, error) || !look (&self, error))
    return FALSE;
  valise_job_set_stage (job, _ ("Taking the snapshot"));
  id = keep (bundle, user_data, cancellable, error);
  if (id == NULL)
    return FALSE;
  if (!make_smaller (&self, error))
    {
      undo (&self, id, error);
      return FALSE;
    }
  *snapshot = g_steal_pointer (&id);
  return TRUE;
}
