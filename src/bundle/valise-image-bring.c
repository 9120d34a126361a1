/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-image-bring.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "base/valise-size.h"
#include "bundle/valise-bundle.h"
#include "bundle/valise-copier.h"
#include "bundle/valise-image-convert.h"
#include "bundle/valise-image-header.h"
#include "bundle/valise-image-reach.h"
#include "bundle/valise-image-sum.h"
#include "bundle/valise-medium.h"
#include "bundle/valise-packed-image.h"
#include "bundle/valise-unpacker.h"

/* What is nothing but zeros in pieces of this size becomes a hole. */
#define HOLE_BYTES (64 * 1024)
/* Left on the disk when bytes are unpacked and nobody said how many there are. */
#define SPARE_BYTES (256 * VALISE_MIB)
/* Enough to know a format by. */
#define HEAD_BYTES 512
#define VHD_FOOTER_BYTES 512

typedef struct
{
  const ValiseImageSource *source;
  const char *name;
  ValiseJob *job;
  GCancellable *cancellable;
  ValiseImageSum *whole; /* of all the bytes */
  ValiseImageSum *sum;   /* of those that are being read */
  const char *to_path;
  int to;
  guint64 written; /* bytes of the new file so far, holes included */
  guint64 most;
  gboolean open;             /* a packed stream that has not come to its end */
  ValisePackedImage *packed; /* takes the bytes, rather than a file */
  guint share;               /* the job is advanced by one of so many bytes */
} Stream;

/* --- writing --- */

static gboolean
is_zero (const guint8 *bytes, gsize length)
{
  return length > 0 && bytes[0] == 0 && memcmp (bytes, bytes + 1, length - 1) == 0;
}

static gboolean
write_piece (Stream *self, const guint8 *bytes, gsize length, GError **error)
{
  gsize done = 0;

  while (!is_zero (bytes, length) && done < length)
    {
      gssize wrote = pwrite (self->to, bytes + done, length - done, (off_t) (self->written + done));

      if (wrote < 0 && errno == EINTR)
        continue;
      if (wrote <= 0)
        {
          _valise_medium_set_error (error, wrote < 0 ? errno : EIO, self->to_path, 0);
          return FALSE;
        }
      done += (gsize) wrote;
    }
  self->written += length;
  return TRUE;
}

/* How much a packed disk unpacks to. */
static gboolean
is_stated (const ValiseImageSource *source)
{
  return source->capacity > 0 && source->capacity <= G_MAXINT64 / 2;
}

/* @length: of what is to be written next, or was found */
static gboolean
check_room (Stream *self, guint64 length, GError **error)
{
  if (length > self->most - self->written && !is_stated (self->source))
    {
      _valise_medium_set_error (error, ENOSPC, self->to_path, 0);
      return FALSE;
    }
  if (length > self->most - self->written)
    {
      g_autofree char *most = valise_size_format (self->most);

      g_set_error (
          error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_SIZE,
          _ ("“%s” unpacks to more than %s, which is more than the machine says or than fits here. Nothing was "
             "kept of it."),
          self->name, most);
      return FALSE;
    }
  return TRUE;
}

static gboolean
write_bytes (Stream *self, const guint8 *bytes, gsize length, GError **error)
{
  if (!check_room (self, length, error))
    return FALSE;
  while (length > 0)
    {
      gsize piece = MIN (length, HOLE_BYTES - (gsize) (self->written % HOLE_BYTES));

      if (!write_piece (self, bytes, piece, error))
        return FALSE;
      bytes += piece;
      length -= piece;
    }
  return TRUE;
}

/* --- reading --- */

static gboolean
set_unreadable (Stream *self, int code, GError **error)
{
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), _ ("The disk “%s” cannot be read: %s"), self->name,
               code == 0 ? _ ("it ends early") : g_strerror (code));
  return FALSE;
}

/* What @unzip (nullable) makes of @length bytes. A packed file may be several one after the other; what is made fills
 * @out when there is more of it to come. */
static gboolean
take_bytes (Stream *self, GConverter *unzip, guint8 *out, const guint8 *bytes, gsize length, GError **error)
{
  gsize made = 0;

  if (self->packed != NULL)
    return _valise_packed_image_feed (self->packed, bytes, length, error)
           && check_room (self, _valise_packed_image_get_size (self->packed), error);
  if (unzip == NULL)
    return write_bytes (self, bytes, length, error);
  while (length > 0 || made == VALISE_MIB)
    {
      g_autoptr (GError) local = NULL;
      gsize read = 0;
      GConverterResult result =
          g_converter_convert (unzip, bytes, length, out, VALISE_MIB, G_CONVERTER_NO_FLAGS, &read, &made, &local);

      if (result == G_CONVERTER_ERROR)
        made = 0;
      if (result == G_CONVERTER_ERROR && g_error_matches (local, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT))
        return TRUE;
      if (result == G_CONVERTER_ERROR)
        {
          g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_DAMAGED,
                       _ ("The compressed disk “%s” is damaged. Get it once more from where it came."), self->name);
          return FALSE;
        }
      if (!write_bytes (self, out, made, error) || g_cancellable_set_error_if_cancelled (self->cancellable, error))
        return FALSE;
      self->open = result != G_CONVERTER_FINISHED;
      if (!self->open)
        {
          g_converter_reset (unzip);
          made = 0;
        }
      bytes += read;
      length -= read;
    }
  return TRUE;
}

static gboolean
read_part (Stream *self, const ValiseImagePlace *part, GConverter *unzip, guint8 *in, guint8 *out, GError **error)
{
  guint64 done = 0;

  while (done < part->size)
    {
      gsize want = MIN (VALISE_MIB, part->size - done);
      gssize got;

      if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
        return FALSE;
      got = pread (part->fd, in, want, (off_t) (part->offset + done));
      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        return set_unreadable (self, got < 0 ? errno : 0, error);
      _valise_image_sum_add (self->sum, in, (gsize) got);
      if (!take_bytes (self, unzip, out, in, (gsize) got, error))
        return FALSE;
      done += (guint64) got;
      valise_job_advance (self->job, (guint64) got / self->share);
    }
  return TRUE;
}

/* Each piece has a digest of its own, or none has. */
static gboolean
read_pieces (Stream *self, GConverter *unzip, guint8 *in, guint8 *out, GError **error)
{
  g_auto (GStrv) digests = self->source->digest != NULL ? g_strsplit (self->source->digest, " ", -1) : NULL;
  gboolean each = digests != NULL && g_strv_length (digests) == self->source->n_parts;

  for (guint i = 0; i < self->source->n_parts; i++)
    {
      const ValiseImagePlace *part = &self->source->parts[i];
      const char *digest = each && !g_str_equal (digests[i], "-") ? digests[i] : NULL;
      g_autoptr (ValiseImageSum) sum = _valise_image_sum_new (digest, part->name, error);
      gboolean done;

      self->sum = sum;
      done = sum != NULL && read_part (self, part, unzip, in, out, error) && _valise_image_sum_check (sum, error);
      self->sum = self->whole;
      if (!done)
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_parts (Stream *self, GError **error)
{
  g_autofree guint8 *in = g_malloc (VALISE_MIB);
  g_autofree guint8 *out = g_malloc (VALISE_MIB);
  g_autoptr (GConverter) unzip = _valise_unpacker_new (self->source->compression);

  if (self->source->n_parts == 1
      && (!read_part (self, &self->source->parts[0], unzip, in, out, error)
          || !_valise_image_sum_check (self->sum, error)))
    return FALSE;
  if (self->source->n_parts > 1 && !read_pieces (self, unzip, in, out, error))
    return FALSE;
  return !self->open || set_unreadable (self, 0, error);
}

/* --- files --- */

static guint64
count_bytes (const ValiseImageSource *source)
{
  guint64 bytes = 0;

  for (guint i = 0; i < source->n_parts; i++)
    bytes += source->parts[i].size;
  return bytes;
}

static guint64
free_bytes (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  struct statvfs medium;
  guint64 bytes = statvfs (folder, &medium) == 0 ? (guint64) medium.f_bavail * medium.f_frsize : G_MAXINT64;

  return bytes > SPARE_BYTES ? bytes - SPARE_BYTES : 0;
}

/* What an image of @capacity can take at most, tables and headers included. */
static guint64
bound (const Stream *self)
{
  guint64 stated = self->source->capacity;

  if (self->source->compression == NULL)
    return count_bytes (self->source);
  if (!is_stated (self->source))
    return free_bytes (self->to_path);
  return stated + stated / 100 + 16 * VALISE_MIB;
}

static int
make_file (const char *path, GError **error)
{
  int fd = open (path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

  if (fd < 0)
    _valise_medium_set_error (error, errno, path, 0);
  return fd;
}

static gboolean
set_length (Stream *self, guint64 length, GError **error)
{
  if (ftruncate (self->to, (off_t) length) == 0)
    return TRUE;
  _valise_medium_set_error (error, errno, self->to_path, 0);
  return FALSE;
}

/* Bytes as they are, put together and unpacked. */
static gboolean
stream_into (Stream *self, GError **error)
{
  self->most = bound (self);
  return read_parts (self, error) && set_length (self, self->written, error);
}

/* Shared blocks and holes only where nobody wants to know every byte. */
static gboolean
copy_into (Stream *self, GError **error)
{
  const ValiseImagePlace *part = &self->source->parts[0];
  ValiseCopier copier = { .to_path = self->to_path, .job = self->job, .cancellable = self->cancellable };
  struct stat st;

  if (_valise_image_sum_matters (self->sum) || part->offset != 0 || fstat (part->fd, &st) != 0
      || (guint64) st.st_size != part->size)
    return stream_into (self, error);
  copier.left = MIN (part->size, (guint64) st.st_blocks * 512);
  self->written = part->size;
  return _valise_copier_copy (&copier, part->fd, self->to, self->name, part->size, copier.left, error);
}

static gboolean
sync_file (const char *path, int fd, GError **error)
{
  if (fsync (fd) == 0)
    return TRUE;
  _valise_medium_set_error (error, errno, path, 0);
  return FALSE;
}

/* A raw disk ends with a whole sector. */
static gboolean
finish_copy (Stream *self, const char *format, GError **error)
{
  gboolean raw = g_str_equal (format, "raw");

  if (raw && self->written % 512 != 0 && !set_length (self, (self->written + 511) / 512 * 512, error))
    return FALSE;
  return sync_file (self->to_path, self->to, error);
}

static const char *
copy_image (Stream *self, const char *stem, const char *driver, GError **error)
{
  const char *format = g_str_equal (driver, "raw") ? "raw" : "qcow2";
  g_autofree char *path = g_strdup_printf ("%s.%s", stem, format);
  gboolean done;

  self->to_path = path;
  self->to = make_file (path, error);
  if (self->to < 0)
    return NULL;
  done = copy_into (self, error) && finish_copy (self, format, error);
  close (self->to);
  if (!done)
    g_unlink (path);
  return done ? format : NULL;
}

/* --- two threads over one disk --- */

static void
on_cancelled_cb (GCancellable *cancellable, gpointer stop)
{
  g_cancellable_cancel (stop);
}

/* Cancelled with @self's own; whichever of the two fails first cancels it for the other. */
static GCancellable *
begin_beside (Stream *self, gulong *link)
{
  GCancellable *stop = g_cancellable_new ();

  *link = self->cancellable != NULL
              ? g_cancellable_connect (self->cancellable, G_CALLBACK (on_cancelled_cb), stop, NULL)
              : 0;
  return stop;
}

/* Which of what they say is the reason. @made: (nullable) (transfer full): of the one that makes the file; @wrong: of the
 * one that takes the digest. Returns: whether there is none */
static gboolean
end_beside (Stream *self, gulong link, GError *made, GError *wrong, GError **error)
{
  gboolean stopped = g_error_matches (wrong, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  GError *reason = wrong != NULL && !(stopped && made != NULL) ? wrong : made;
  GError *other = reason == wrong ? made : wrong;

  g_cancellable_disconnect (self->cancellable, link);
  g_clear_error (&other);
  if (reason == NULL)
    return TRUE;
  g_propagate_error (error, reason);
  return FALSE;
}

/* qemu-img makes its file for everybody to read; what is on a disk is nobody else's business. */
static gboolean
close_converted (const char *path, GError **error)
{
  int fd = open (path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
  gboolean done = fd >= 0;

  if (!done)
    _valise_medium_set_error (error, errno, path, 0);
  else if (fchmod (fd, 0600) != 0)
    g_debug ("%s: %s", path, g_strerror (errno));
  done = done && sync_file (path, fd, error);
  if (fd >= 0)
    close (fd);
  return done;
}

static const char *
convert_image (Stream *self,
               const ValiseImageSource *source,
               const ValiseForeignImage *image,
               const char *stem,
               guint64 size,
               GError **error)
{
  g_autofree char *path = g_strdup_printf ("%s.qcow2", stem);
  GError *made = NULL, *wrong = NULL;
  gulong link;
  g_autoptr (GCancellable) stop = begin_beside (self, &link);

  _valise_image_sum_start (self->sum, &source->parts[0], stop);
  if (!_valise_image_convert (source, image, path, size, self->job, stop, &made))
    g_cancellable_cancel (stop);
  _valise_image_sum_join (self->sum, &wrong);
  if (end_beside (self, link, made, wrong, error) && close_converted (path, error))
    return "qcow2";
  g_unlink (path);
  return NULL;
}

static gboolean
check_whole (const Stream *self, const ValiseImageSource *source, const ValiseForeignImage *image, GError **error)
{
  if (image->parent != NULL && source->parent == NULL)
    {
      g_autofree char *parent = valise_text_for_display (image->parent, 120);

      g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_UNSAFE,
                   _ ("The disk “%s” holds only what has changed since a snapshot; the rest is in “%s”, which is not "
                      "beside it. Put all the machine's files into one folder, or delete its snapshots first."),
                   self->name, parent);
      return FALSE;
    }
  if (image->zeros)
    {
      g_set_error (
          error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_FORMAT,
          _ ("The disk “%s” has a part of zeros that lies in no file, which cannot be read here. Convert it where it "
             "was made, for example with “vmware-vdiskmanager -r”."),
          self->name);
      return FALSE;
    }
  if (image->extents != NULL && image->layout->len != source->n_extents && source->path == NULL)
    {
      g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_FORMAT,
                   _ ("The disk “%s” consists of several files, which cannot be read inside an archive. Unpack the "
                      "archive and bring the machine in from the folder."),
                   self->name);
      return FALSE;
    }
  return _valise_image_check_source (source, image, self->cancellable, error);
}

/* --- what lies in pieces or compressed --- */

/* A dynamic one has its footer at the head as well. */
static gboolean
is_fixed_vhd (Stream *self, const ValiseForeignImage *image)
{
  guint8 head[HEAD_BYTES];

  return g_str_equal (image->driver, "vpc") && image->capacity <= self->written - VHD_FOOTER_BYTES
         && pread (self->to, head, sizeof head, 0) == (gssize) sizeof head
         && _valise_image_header_format (head, sizeof head) == NULL;
}

/* A fixed VHD is a raw disk with a footer behind it, which then goes. */
static gboolean
cut_footer (Stream *self, ValiseForeignImage *image, GError **error)
{
  if (self->source->to_qcow2 || !is_fixed_vhd (self, image))
    return TRUE;
  self->written -= VHD_FOOTER_BYTES;
  image->driver = "raw";
  image->capacity = self->written;
  return set_length (self, self->written, error);
}

/* What was put together is the disk itself, or what qemu-img makes it from. */
static const char *
settle_unpacked (Stream *self, const char *scratch, const char *stem, guint64 *capacity, GError **error)
{
  ValiseImagePlace place = { .fd = self->to, .name = self->source->parts[0].name, .size = self->written };
  ValiseImageSource whole = { .parts = &place, .n_parts = 1 };
  g_autoptr (ValiseForeignImage) image = valise_foreign_image_look (&place, error);
  g_autofree char *path = NULL;
  gboolean raw;

  if (image == NULL || !check_whole (self, &whole, image, error) || !cut_footer (self, image, error))
    return NULL;
  *capacity = image->capacity;
  raw = g_str_equal (image->driver, "raw");
  if (!raw && !g_str_equal (image->driver, "qcow2"))
    return convert_image (self, &whole, image, stem, 0, error);
  if (raw && self->source->to_qcow2)
    return finish_copy (self, image->driver, error) ? convert_image (self, &whole, image, stem, 0, error) : NULL;
  if (!finish_copy (self, image->driver, error))
    return NULL;
  path = g_strdup_printf ("%s.%s", stem, raw ? "raw" : "qcow2");
  if (!_valise_medium_rename_new (scratch, path, error))
    return NULL;
  return raw ? "raw" : "qcow2";
}

static const char *
bring_into_file (Stream *self, const char *stem, guint64 *capacity, GError **error)
{
  g_autofree char *scratch = g_strdup_printf ("%s.unpacked", stem);
  const char *format = NULL;

  self->to_path = scratch;
  self->to = make_file (scratch, error);
  if (self->to < 0)
    return NULL;
  if (stream_into (self, error))
    format = settle_unpacked (self, scratch, stem, capacity, error);
  close (self->to);
  g_unlink (scratch);
  return format;
}

/* Whether qemu-img has to make the disk from what comes out, as its first bytes tell. */
static gboolean
is_to_be_converted (Stream *self)
{
  guint8 head[HEAD_BYTES];
  gssize got = _valise_packed_image_read (self->packed, 0, head, sizeof head, NULL);
  const char *format = got > 0 ? _valise_image_header_format (head, (gsize) got) : NULL;

  if (got <= 0 || g_strcmp0 (format, "qcow2") == 0)
    return FALSE;
  return format != NULL || self->source->to_qcow2;
}

/* The way through what is packed. What only lies in pieces can be read anywhere before: its digests are taken while
 * qemu-img works. */
static gboolean
survey (Stream *self, GError **error)
{
  self->most = bound (self);
  return read_parts (self, error) && (_valise_packed_image_end (self->packed) || set_unreadable (self, 0, error));
}

static gpointer
survey_thread (gpointer data)
{
  Stream *self = data;
  GError *error = NULL;

  if (!survey (self, &error))
    g_cancellable_cancel (self->cancellable);
  return error;
}

static const char *
convert_packed (Stream *self, const char *stem, guint64 *capacity, guint64 size, GError **error)
{
  ValiseImagePlace place = { .fd = -1,
                             .name = self->source->parts[0].name,
                             .size = _valise_packed_image_get_size (self->packed),
                             .packed = self->packed };
  ValiseImageSource whole = { .parts = &place, .n_parts = 1 };
  g_autoptr (ValiseForeignImage) image = valise_foreign_image_look (&place, error);

  if (image == NULL || !check_whole (self, &whole, image, error))
    return NULL;
  *capacity = image->capacity;
  return convert_image (self, &whole, image, stem, size, error);
}

/* Unpacked twice, first to see where what lies, rather than written to a file that nobody keeps. */
static const char *
bring_packed (Stream *self, const char *stem, guint64 *capacity, GError **error)
{
  guint64 bytes = count_bytes (self->source);

  self->to_path = stem;
  self->share = 2;
  if (!survey (self, error))
    return NULL;
  return convert_packed (self, stem, capacity, bytes - bytes / 2, error);
}

static void
remove_made (const char *stem, const char *format)
{
  g_autofree char *path = g_strdup_printf ("%s.%s", stem, format);

  g_unlink (path);
}

static const char *
bring_pieces (Stream *self, const char *stem, guint64 *capacity, GError **error)
{
  GError *made = NULL, *wrong = NULL;
  Stream front = *self, beside = *self;
  const char *format;
  GThread *thread;
  gulong link;
  g_autoptr (GCancellable) stop = begin_beside (self, &link);

  beside.job = NULL;
  front.cancellable = beside.cancellable = stop;
  thread = self->source->digest != NULL ? g_thread_new ("digest", survey_thread, &beside) : NULL;
  format = convert_packed (&front, stem, capacity, count_bytes (self->source), &made);
  if (format == NULL)
    g_cancellable_cancel (stop);
  wrong = thread != NULL ? g_thread_join (thread) : NULL;
  if (end_beside (self, link, made, wrong, error))
    return format;
  if (format != NULL)
    remove_made (stem, format);
  return NULL;
}

static const char *
bring_unpacked (Stream *self, const char *stem, guint64 *capacity, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (stem);
  g_autoptr (ValisePackedImage) packed = _valise_packed_image_new (self->source, folder, self->cancellable);
  const char *format;

  self->packed = packed;
  if (packed == NULL || !is_to_be_converted (self))
    {
      self->packed = NULL;
      return bring_into_file (self, stem, capacity, error);
    }
  format = self->source->compression != NULL ? bring_packed (self, stem, capacity, error)
                                             : bring_pieces (self, stem, capacity, error);
  self->packed = NULL;
  return format;
}

/* --- one that lies there as it is --- */

static const char *
bring_as_it_is (Stream *self, const char *stem, guint64 *capacity, GError **error)
{
  const ValiseImageSource *source = self->source;
  g_autoptr (ValiseForeignImage) image = valise_foreign_image_look (&source->parts[0], error);

  if (image == NULL || !check_whole (self, source, image, error))
    return NULL;
  *capacity = image->capacity;
  if (g_str_equal (image->driver, "qcow2") || (g_str_equal (image->driver, "raw") && !source->to_qcow2))
    return copy_image (self, stem, image->driver, error);
  return convert_image (self, source, image, stem, source->parts[0].size, error);
}

const char *
valise_image_bring (const ValiseImageSource *source,
                    const char *stem,
                    ValiseJob *job,
                    guint64 *capacity,
                    GCancellable *cancellable,
                    GError **error)
{
  g_autofree char *name = NULL;
  g_autoptr (ValiseImageSum) sum = NULL;
  guint64 seen = 0;
  const char *format;

  g_return_val_if_fail (source != NULL && source->n_parts > 0 && g_path_is_absolute (stem), NULL);

  name = valise_text_for_display (source->parts[0].name, 120);
  sum = _valise_image_sum_new (source->n_parts == 1 ? source->digest : NULL, name, error);
  if (sum == NULL)
    return NULL;
  {
    Stream stream = { .source = source,
                      .name = name,
                      .job = job,
                      .cancellable = cancellable,
                      .whole = sum,
                      .sum = sum,
                      .to = -1,
                      .share = 1 };

    format = source->compression != NULL || source->n_parts > 1 ? bring_unpacked (&stream, stem, &seen, error)
                                                                : bring_as_it_is (&stream, stem, &seen, error);
  }
  if (capacity != NULL)
    *capacity = seen;
  return format;
}
