/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A bundle into one file: disk -> digests (a thread of its own) and tar -> zstd (all cores) -> file, in one pass. */
#include "bundle/valise-archive-private.h"

#include "base/valise-path.h"
#include "bundle/valise-bundle-private.h"
#include "bundle/valise-libarchive.h"
#include "bundle/valise-manifest.h"
#include "bundle/valise-medium.h"
#include "bundle/valise-tree.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNKS 8

typedef struct
{
  const char *root;
  const ValiseTravel *travel; /* (nullable) */
  char *prefix;               /* "Name.vmbundle", the folder that a plain tar makes */
  ValiseJob *job;
  GCancellable *cancellable;

  GPtrArray *entries;
  ValiseDigest *digests; /* one for each entry */
  ValiseChunkPool *pool;
  ValiseDigester *digester;
  ValiseSink *sink;
  struct archive *tar;
  GError *error; /* of a callback, which has no other way to tell */
  gboolean is_broken;
} Writer;

/* Never read: libarchive only counts the bytes that stand for a hole. */
static const guint8 hole[VALISE_CHUNK_BYTES];

/* Never fails towards libarchive, which would lose memory over it: what cannot be written is dropped, and check_tar
 * tells. */
static la_ssize_t
on_tar_bytes_cb (struct archive *tar, void *data, const void *bytes, size_t length)
{
  Writer *self = data;

  if (self->error == NULL && !self->is_broken)
    _valise_sink_write (self->sink, bytes, length, &self->error);
  return length;
}

static gboolean
check_tar (Writer *self, la_ssize_t code, GError **error)
{
  if (self->error != NULL)
    {
      self->is_broken = TRUE;
      g_propagate_error (error, g_steal_pointer (&self->error));
      return FALSE;
    }
  if (code >= ARCHIVE_OK)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("Packing failed: %s"), archive_error_string (self->tar));
  return FALSE;
}

static gboolean
set_changed (const ValiseTreeEntry *entry, GError **error)
{
  g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_CORRUPT,
               _ ("“%s” changed while it was being read. Shut the machine down and try again."), entry->path);
  return FALSE;
}

static struct archive_entry *
new_header (Writer *self, const char *relative, mode_t type, guint64 size, gint64 modified)
{
  struct archive_entry *header = archive_entry_new2 (self->tar);
  g_autofree char *path = g_strdup_printf ("%s/%s", self->prefix, relative);

  archive_entry_set_pathname (header, path);
  archive_entry_set_filetype (header, type);
  archive_entry_set_perm (header, type == AE_IFDIR ? 0755 : 0644);
  archive_entry_set_size (header, size);
  archive_entry_set_mtime (header, modified, 0);
  return header;
}

static void
set_holes (struct archive_entry *header, GArray *extents, guint64 size)
{
  if (extents->len == 0 && size > 0)
    archive_entry_sparse_add_entry (header, size, 0);
  for (guint i = 0; i < extents->len; i++)
    {
      const ValiseExtent *extent = &g_array_index (extents, ValiseExtent, i);

      archive_entry_sparse_add_entry (header, extent->offset, extent->length);
    }
}

static gboolean
write_header (Writer *self, struct archive_entry *header, GError **error)
{
  gboolean written = check_tar (self, archive_write_header (self->tar, header), error);

  archive_entry_free (header);
  return written;
}

static gboolean
write_hole (Writer *self, guint64 length, GError **error)
{
  while (length > 0)
    {
      gsize part = MIN (length, sizeof hole);

      if (!check_tar (self, archive_write_data (self->tar, hole, part), error))
        return FALSE;
      length -= part;
    }
  return TRUE;
}

static gboolean
read_chunk (int fd, ValiseChunk *chunk, guint64 offset, gsize length, const ValiseTreeEntry *entry, GError **error)
{
  while (chunk->length < length)
    {
      gssize got = pread (fd, chunk->data + chunk->length, length - chunk->length, offset + chunk->length);

      if (got < 0 && errno == EINTR)
        continue;
      if (got == 0)
        return set_changed (entry, error);
      if (got < 0)
        {
          g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s", entry->path, g_strerror (errno));
          return FALSE;
        }
      chunk->length += got;
    }
  return TRUE;
}

static gboolean
write_piece (Writer *self, int fd, guint64 offset, gsize length, const ValiseTreeEntry *entry, GError **error)
{
  ValiseChunk *chunk = _valise_chunk_take (self->pool);
  gboolean done = read_chunk (fd, chunk, offset, length, entry, error);

  if (done)
    {
      _valise_digester_add (self->digester, offset, chunk, chunk->data, length);
      done = check_tar (self, archive_write_data (self->tar, chunk->data, length), error);
      valise_job_advance (self->job, length);
    }
  _valise_chunk_unref (chunk);
  return done;
}

static gboolean
write_extent (Writer *self, int fd, const ValiseExtent *extent, const ValiseTreeEntry *entry, GError **error)
{
  guint64 end = extent->offset + extent->length;

  for (guint64 at = extent->offset; at < end; at += VALISE_CHUNK_BYTES)
    if (g_cancellable_set_error_if_cancelled (self->cancellable, error)
        || !write_piece (self, fd, at, MIN (end - at, VALISE_CHUNK_BYTES), entry, error))
      return FALSE;
  return TRUE;
}

static gboolean
write_content (Writer *self, int fd, GArray *extents, const ValiseTreeEntry *entry, GError **error)
{
  guint64 at = 0;

  for (guint i = 0; i < extents->len; i++)
    {
      const ValiseExtent *extent = &g_array_index (extents, ValiseExtent, i);

      if (!write_hole (self, extent->offset - at, error) || !write_extent (self, fd, extent, entry, error))
        return FALSE;
      at = extent->offset + extent->length;
    }
  return write_hole (self, entry->size - at, error);
}

static gboolean
write_open_file (Writer *self, int fd, const ValiseTreeEntry *entry, ValiseDigest *digest, GError **error)
{
  g_autoptr (GArray) extents = NULL;
  struct archive_entry *header;
  struct stat st;

  if (fstat (fd, &st) != 0 || !S_ISREG (st.st_mode) || (guint64) st.st_size != entry->size)
    return set_changed (entry, error);
  posix_fadvise (fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  extents = _valise_tree_extents (fd, entry->size);
  header = new_header (self, entry->path, AE_IFREG, entry->size, entry->modified);
  set_holes (header, extents, entry->size);
  if (!write_header (self, header, error))
    return FALSE;
  _valise_digester_begin (self->digester, digest);
  if (!write_content (self, fd, extents, entry, error))
    return FALSE;
  _valise_digester_end (self->digester, entry->size);
  return TRUE;
}

static gboolean
write_file (Writer *self, const ValiseTreeEntry *entry, ValiseDigest *digest, GError **error)
{
  int root = open (self->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int fd = root >= 0 ? valise_path_open_beneath (root, entry->path, O_RDONLY | O_NONBLOCK, 0, error) : -1;
  gboolean written;

  if (root < 0)
    _valise_medium_set_error (error, errno, self->root, 0);
  else
    close (root);
  if (fd < 0)
    return FALSE;
  written = write_open_file (self, fd, entry, digest, error);
  close (fd);
  return written;
}

/* config.xml as it goes along, which is not as it lies there. */
static gboolean
write_document (Writer *self, const ValiseTreeEntry *entry, ValiseDigest *digest, GError **error)
{
  const char *text = valise_document_get_text (self->travel->document);

  if (!write_header (self, new_header (self, entry->path, AE_IFREG, entry->size, entry->modified), error))
    return FALSE;
  _valise_digester_begin (self->digester, digest);
  _valise_digester_add (self->digester, 0, NULL, (const guint8 *) text, entry->size);
  _valise_digester_end (self->digester, entry->size);
  valise_job_advance (self->job, entry->size);
  return check_tar (self, archive_write_data (self->tar, text, entry->size), error);
}

static gboolean
write_one (Writer *self, const ValiseTreeEntry *entry, ValiseDigest *digest, GError **error)
{
  if (entry->is_folder)
    return write_header (self, new_header (self, entry->path, AE_IFDIR, 0, entry->modified), error);
  if (self->travel != NULL && self->travel->document != NULL && g_str_equal (entry->path, VALISE_BUNDLE_CONFIG))
    return write_document (self, entry, digest, error);
  return write_file (self, entry, digest, error);
}

static gboolean
write_entries (Writer *self, GError **error)
{
  for (guint i = 0; i < self->entries->len; i++)
    {
      const ValiseTreeEntry *entry = self->entries->pdata[i];

      if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
        return FALSE;
      if (!write_one (self, entry, &self->digests[i], error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
write_manifest (Writer *self, GError **error)
{
  ValiseManifest manifest;
  gboolean written;

  g_clear_pointer (&self->digester, _valise_digester_finish);
  _valise_manifest_begin (&manifest);
  for (guint i = 0; i < self->entries->len; i++)
    {
      const ValiseTreeEntry *entry = self->entries->pdata[i];

      _valise_manifest_add (&manifest, entry->path, entry->is_folder ? NULL : &self->digests[i]);
    }
  _valise_manifest_end (&manifest);
  written = write_header (self,
                          new_header (self, VALISE_MANIFEST_NAME, AE_IFREG, manifest.text->len,
                                      g_get_real_time () / G_USEC_PER_SEC),
                          error)
            && check_tar (self, archive_write_data (self->tar, manifest.text->str, manifest.text->len), error);
  _valise_manifest_clear (&manifest);
  return written;
}

static gboolean
write_tar (Writer *self, GError **error)
{
  return write_entries (self, error) && write_manifest (self, error)
         && check_tar (self, archive_write_close (self->tar), error) && _valise_sink_finish (self->sink, error);
}

static gboolean
open_tar (Writer *self, GError **error)
{
  if (!valise_late_load (&valise_libarchive, error))
    return FALSE;
  self->tar = archive_write_new ();
  archive_write_set_bytes_per_block (self->tar, 0);
  return check_tar (self, archive_write_set_format_pax_restricted (self->tar), error)
         && check_tar (self, archive_write_open (self->tar, self, NULL, on_tar_bytes_cb, NULL), error);
}

/* The tar goes first: its last bytes still pass through the sink. */
static void
writer_clear (Writer *self)
{
  g_clear_pointer (&self->tar, archive_write_free);
  g_clear_pointer (&self->sink, _valise_sink_free);
  g_clear_pointer (&self->digester, _valise_digester_finish);
  g_clear_pointer (&self->pool, _valise_chunk_pool_free);
  g_clear_pointer (&self->entries, g_ptr_array_unref);
  g_clear_error (&self->error);
  g_free (self->digests);
  g_free (self->prefix);
}

/* What a plain tar unpacks is a bundle by its name as well. */
static char *
folder_name (const char *bundle_path)
{
  g_autofree char *base = g_path_get_basename (bundle_path);

  return g_str_has_suffix (base, VALISE_BUNDLE_SUFFIX) ? g_steal_pointer (&base)
                                                       : g_strconcat (base, VALISE_BUNDLE_SUFFIX, NULL);
}

static gboolean
write_to (int fd,
          const char *partial,
          const char *bundle_path,
          const ValiseTravel *travel,
          ValiseJob *job,
          GCancellable *cancellable,
          GError **error)
{
  Writer self = { .root = bundle_path, .travel = travel, .job = job, .cancellable = cancellable };
  ValiseArchiveLocale locale;
  gboolean written = FALSE;

  self.prefix = folder_name (bundle_path);
  self.entries = _valise_tree_list (bundle_path, travel, error);
  if (self.entries != NULL)
    {
      guint64 total = _valise_tree_total (self.entries);

      valise_job_set_total (job, total);
      self.digests = g_new0 (ValiseDigest, self.entries->len);
      self.pool = _valise_chunk_pool_new (CHUNKS);
      self.digester = _valise_digester_new (error);
      self.sink = self.digester != NULL ? _valise_sink_new (fd, partial, total, error) : NULL;
      _valise_archive_locale_enter (&locale);
      written = self.sink != NULL && open_tar (&self, error) && write_tar (&self, error);
      /* What was counted beforehand is what the file system takes, which is not to the byte what there is to read. */
      if (written)
        valise_job_set_done (job, total);
      self.is_broken = !written;
      _valise_archive_locale_leave (&locale);
    }
  writer_clear (&self);
  return written;
}

/* Locked while it is written, so that nobody takes it for something left over. */
static int
open_partial (const char *partial, GError **error)
{
  struct flock range = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  int fd = open (partial, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644);
  struct stat st;

  if (fd < 0 || fstat (fd, &st) != 0 || !S_ISREG (st.st_mode))
    _valise_medium_set_error (error, fd < 0 ? errno : EEXIST, partial, 0);
  else if (fcntl (fd, F_OFD_SETLK, &range) != 0 && (errno == EAGAIN || errno == EACCES))
    g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_LOCKED,
                 _ ("“%s” is being written by another program right now. Wait until that is done."), partial);
  else if (ftruncate (fd, 0) == 0)
    return fd;
  else
    _valise_medium_set_error (error, errno, partial, 0);
  if (fd >= 0)
    close (fd);
  return -1;
}

static gboolean
sync_and_appear (int fd, const char *partial, const char *file, GError **error)
{
  if (fsync (fd) != 0)
    {
      _valise_medium_set_error (error, errno, partial, 0);
      return FALSE;
    }
  return _valise_medium_rename_new (partial, file, error);
}

static gboolean
write_partial (const char *partial,
               const char *file,
               const char *bundle_path,
               const ValiseTravel *travel,
               ValiseJob *job,
               GCancellable *cancellable,
               GError **error)
{
  int fd = open_partial (partial, error);
  gboolean written;

  if (fd < 0)
    return FALSE;
  written = write_to (fd, partial, bundle_path, travel, job, cancellable, error)
            && !g_cancellable_set_error_if_cancelled (cancellable, error) && sync_and_appear (fd, partial, file, error);
  if (!written)
    unlink (partial);
  close (fd);
  return written;
}

gboolean
valise_archive_write (const char *bundle_path,
                      const char *file,
                      const ValiseTravel *travel,
                      ValiseJob *job,
                      GCancellable *cancellable,
                      GError **error)
{
  g_autoptr (ValiseBundle) bundle = NULL;
  g_autofree char *directory = NULL;
  g_autofree char *base = NULL;
  g_autofree char *partial = NULL;
  struct stat st;

  g_return_val_if_fail (bundle_path != NULL && file != NULL, FALSE);

  /* Opened for its errors: what cannot be opened here cannot be opened there either. */
  bundle = valise_bundle_open (bundle_path, error);
  if (bundle == NULL)
    return FALSE;
  if (lstat (file, &st) == 0)
    {
      _valise_medium_set_error (error, EEXIST, file, 0);
      return FALSE;
    }
  directory = g_path_get_dirname (file);
  base = g_path_get_basename (file);
  partial = g_strdup_printf ("%s/.%s.partial", directory, base);
  if (!write_partial (partial, file, valise_bundle_get_path (bundle), travel, job, cancellable, error))
    return FALSE;
  valise_job_set_result_path (job, file);
  return TRUE;
}
