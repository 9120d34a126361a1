/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One file into a bundle: file -> zstd (a thread) -> tar -> files, with digests (a thread) on the way. Nothing is
 * visible before the last digest has been compared. The archive may be anybody's. */
#include "bundle/valise-archive-members.h"
#include "bundle/valise-archive-private.h"

#include "base/valise-path.h"
#include "base/valise-size.h"
#include "bundle/valise-bundle-private.h"
#include "bundle/valise-libarchive.h"
#include "bundle/valise-manifest.h"
#include "bundle/valise-medium.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What headers and maps of holes may take between two pieces of data: libarchive keeps them in memory. */
#define HEADER_BYTES_MOST (8 * VALISE_MIB)

ValiseLate valise_libarchive = { .file = "libarchive.so.13",
                                 .remedy = N_ ("Archives cannot be read or written here. Install libarchive (package "
                                               "libarchive13 or libarchive) and try again") };

typedef struct
{
  ValiseSource *source;
  struct archive *tar;
  ValiseChunk *chunk; /* the one libarchive reads now */
  guint64 delivered;  /* bytes handed to libarchive, @chunk included */
  guint64 last_data;  /* what it was when the last piece of data came back */
  GError *error;      /* of the callback */
  ValiseArchiveLocale locale;

  GCancellable *cancellable;
  ValiseMembers members;
  ValiseDigester *digester;
  char *manifest;

  ValiseBundle *bundle;
  int root;
} Reader;

static gboolean
set_corrupt (GError **error, const char *what)
{
  g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_CORRUPT, _ ("%s Copy or download the file again."),
               what);
  return FALSE;
}

/* --- bytes for libarchive --- */

static la_ssize_t
on_tar_wants_bytes_cb (struct archive *tar, void *data, const void **bytes)
{
  Reader *self = data;

  g_clear_pointer (&self->chunk, _valise_chunk_unref);
  if (self->error == NULL && self->delivered - self->last_data > HEADER_BYTES_MOST)
    _valise_members_set_unsafe (&self->error, VALISE_MANIFEST_NAME, _ ("its list of files or holes has no end"));
  if (self->error == NULL)
    self->chunk = _valise_source_next (self->source, &self->error);
  if (self->error != NULL)
    {
      archive_set_error (tar, EIO, "source");
      return ARCHIVE_FATAL;
    }
  if (self->chunk == NULL)
    return 0;
  self->delivered += self->chunk->length;
  *bytes = self->chunk->data;
  return self->chunk->length;
}

static gboolean
set_tar_error (Reader *self, GError **error)
{
  if (self->error != NULL)
    g_propagate_error (error, g_steal_pointer (&self->error));
  else
    set_corrupt (error, _ ("The archive is damaged or no Valise archive."));
  return FALSE;
}

/* --- content --- */

/* Where @bytes lie in the chunk that is being read the digester may share it; otherwise libarchive joined two and they
 * are copied. */
static void
digest_block (Reader *self, guint64 offset, const guint8 *bytes, gsize length)
{
  ValiseChunk *chunk = self->chunk;
  gboolean inside = chunk != NULL && bytes >= chunk->data && bytes + length <= chunk->data + chunk->length;

  _valise_digester_add (self->digester, offset, inside ? chunk : NULL, bytes, length);
}

static gboolean
write_block (Reader *self, int fd, guint64 offset, const guint8 *bytes, gsize length, GError **error)
{
  while (length > 0)
    {
      gssize wrote = pwrite (fd, bytes, length, offset);

      if (wrote < 0 && errno == EINTR)
        continue;
      if (wrote <= 0)
        {
          _valise_medium_set_error_at_least (error, wrote == 0 ? ENOSPC : errno, valise_bundle_get_path (self->bundle),
                                             length + _valise_source_get_rest (self->source));
          return FALSE;
        }
      bytes += wrote;
      offset += wrote;
      length -= wrote;
    }
  return TRUE;
}

/* Gives the next piece of the member's data; %FALSE with no error at its end. */
static gboolean
next_block (Reader *self,
            const guint8 **bytes,
            gsize *length,
            guint64 *offset,
            guint64 end,
            guint64 size,
            GError **error)
{
  const void *block = NULL;
  la_int64_t at = 0;
  int code;

  if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
    return FALSE;
  code = archive_read_data_block (self->tar, &block, length, &at);
  self->last_data = self->delivered;
  if (code == ARCHIVE_EOF)
    return FALSE;
  if (code != ARCHIVE_OK)
    return set_tar_error (self, error);
  if (at < 0 || (guint64) at < end || (guint64) at > size || *length > size - (guint64) at)
    return set_corrupt (error, _ ("The archive's map of holes contradicts itself."));
  *bytes = block;
  *offset = at;
  return TRUE;
}

static gboolean
unpack_content (Reader *self, int fd, guint64 size, GError **error)
{
  g_autoptr (GError) local = NULL;
  guint64 end = 0, offset = 0, behind = 0;
  const guint8 *bytes;
  gsize length;

  while (next_block (self, &bytes, &length, &offset, end, size, &local))
    {
      digest_block (self, offset, bytes, length);
      if (!write_block (self, fd, offset, bytes, length, error))
        return FALSE;
      end = offset + length;
      _valise_medium_begin_writing (fd, &behind, end);
    }
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
unpack_file (Reader *self, ValiseMember *member, guint64 size, GError **error)
{
  int fd = valise_path_open_beneath (self->root, member->path, O_WRONLY | O_CREAT | O_EXCL, 0600, error);
  gboolean unpacked = FALSE;

  if (fd < 0)
    {
      _valise_medium_translate (error, valise_bundle_get_path (self->bundle), 0);
      return FALSE;
    }
  if (ftruncate (fd, (off_t) size) != 0)
    _valise_medium_set_error (error, errno, valise_bundle_get_path (self->bundle), size);
  else
    unpacked = unpack_content (self, fd, size, error);
  if (close (fd) != 0 && unpacked)
    {
      _valise_medium_set_error (error, errno, valise_bundle_get_path (self->bundle), 0);
      unpacked = FALSE;
    }
  return unpacked;
}

/* A member that is wanted in memory: config.xml and the manifest. */
static char *
read_text (Reader *self, struct archive_entry *header, gsize most, gboolean digested, gsize *got, GError **error)
{
  guint64 size = archive_entry_size (header);
  g_autofree char *text = NULL;
  g_autoptr (GError) local = NULL;
  guint64 end = 0, offset = 0;
  const guint8 *bytes;
  gsize length;

  if (size > most || archive_entry_sparse_count (header) > 0)
    {
      _valise_members_set_unsafe (error, archive_entry_pathname (header), _ ("it is far too long"));
      return NULL;
    }
  text = g_malloc0 (size + 1);
  while (next_block (self, &bytes, &length, &offset, end, size, &local))
    {
      if (digested)
        digest_block (self, offset, bytes, length);
      memcpy (text + offset, bytes, length);
      end = offset + length;
    }
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  *got = size;
  return g_steal_pointer (&text);
}

/* --- members --- */

/* %NULL with no error at the end of the tar. */
static struct archive_entry *
next_header (Reader *self, GError **error)
{
  struct archive_entry *header = NULL;
  int code;

  self->last_data = self->delivered;
  code = archive_read_next_header (self->tar, &header);
  if (code == ARCHIVE_OK)
    return header;
  if (code != ARCHIVE_EOF || self->error != NULL)
    set_tar_error (self, error);
  return NULL;
}

static ValiseDocument *
read_config (Reader *self, GError **error)
{
  g_autoptr (GError) local = NULL;
  struct archive_entry *header = next_header (self, &local);
  g_autofree char *text = NULL;
  ValiseMember *member;
  gsize length = 0;

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  if (header == NULL || !_valise_members_take_prefix (&self->members, archive_entry_pathname (header)))
    {
      g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_NOT_A_BUNDLE,
                   _ ("The file is no machine that Valise packed: config.xml does not come first in it."));
      return NULL;
    }
  if (!_valise_members_check_kind (header, error)
      || (member = _valise_members_add (&self->members, VALISE_BUNDLE_CONFIG, FALSE, error)) == NULL)
    return NULL;
  _valise_digester_begin (self->digester, &member->digest);
  text = read_text (self, header, VALISE_BUNDLE_CONFIG_MOST, TRUE, &length, error);
  if (text == NULL)
    return NULL;
  _valise_digester_end (self->digester, length);
  return _valise_bundle_parse_config (text, length, VALISE_BUNDLE_CONFIG, error);
}

static gboolean
unpack_folder (Reader *self, const char *relative, GError **error)
{
  g_autofree char *path = valise_bundle_file (self->bundle, relative);
  g_autofree char *parent = g_path_get_dirname (path);

  /* Made by nobody but us so far, hence free of links. */
  if (g_file_test (parent, G_FILE_TEST_IS_DIR) && (mkdir (path, 0700) == 0 || errno == EEXIST))
    return TRUE;
  _valise_medium_set_error (error, errno != 0 ? errno : ENOENT, path, 0);
  return FALSE;
}

static gboolean
unpack_manifest (Reader *self, struct archive_entry *header, GError **error)
{
  gsize length = 0;

  self->manifest = read_text (self, header, VALISE_MANIFEST_MOST, FALSE, &length, error);
  return self->manifest != NULL;
}

static gboolean
unpack_member (Reader *self, struct archive_entry *header, GError **error)
{
  g_autofree char *relative = _valise_members_relative_name (&self->members, archive_entry_pathname (header), error);
  gboolean is_folder = archive_entry_filetype (header) == AE_IFDIR;
  guint64 size = archive_entry_size (header);
  ValiseMember *member;

  if (relative == NULL || !_valise_members_check_kind (header, error))
    return FALSE;
  if (self->manifest != NULL)
    return _valise_members_set_unsafe (error, relative, _ ("it comes after the end"));
  if (g_str_equal (relative, VALISE_MANIFEST_NAME))
    return unpack_manifest (self, header, error);
  member = _valise_members_add (&self->members, relative, is_folder, error);
  if (member == NULL)
    return FALSE;
  if (is_folder)
    return unpack_folder (self, relative, error);
  _valise_digester_begin (self->digester, &member->digest);
  if (!unpack_file (self, member, size, error))
    return FALSE;
  _valise_digester_end (self->digester, size);
  return TRUE;
}

static gboolean
is_zero (const guint8 *bytes, gsize length)
{
  return length == 0 || (bytes[0] == 0 && memcmp (bytes, bytes + 1, length - 1) == 0);
}

/* Behind the last member there is padding and nothing else, up to the end of the zstd frame, whose checksum is compared
 * there. */
static gboolean
drain (Reader *self, GError **error)
{
  guint64 start = self->chunk != NULL ? self->delivered - self->chunk->length : self->delivered;
  guint64 consumed = archive_filter_bytes (self->tar, 0);
  gsize skip = consumed > start ? consumed - start : 0;

  while (self->chunk != NULL)
    {
      gboolean clean = skip >= self->chunk->length || is_zero (self->chunk->data + skip, self->chunk->length - skip);

      g_clear_pointer (&self->chunk, _valise_chunk_unref);
      if (!clean)
        return set_corrupt (error, _ ("There are bytes after the end of the archive."));
      self->chunk = _valise_source_next (self->source, &self->error);
      skip = 0;
    }
  return self->error == NULL || set_tar_error (self, error);
}

static gboolean
compare_digests (Reader *self, GError **error)
{
  if (self->manifest == NULL)
    return set_corrupt (error, _ ("The archive is cut short: its list of checksums is missing."));
  g_clear_pointer (&self->digester, _valise_digester_finish);
  return _valise_members_compare (&self->members, self->manifest, error);
}

static gboolean
unpack_members (Reader *self, GError **error)
{
  g_autoptr (GError) local = NULL;
  struct archive_entry *header;

  while ((header = next_header (self, &local)) != NULL)
    if (!unpack_member (self, header, error))
      return FALSE;
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  return drain (self, error) && compare_digests (self, error);
}

/* --- the whole --- */

static gboolean
reader_open (Reader *self, int fd, ValiseJob *job, GError **error)
{
  self->root = -1;
  _valise_archive_locale_enter (&self->locale);
  _valise_members_begin (&self->members);
  if (!valise_late_load (&valise_libarchive, error))
    return FALSE;
  self->digester = _valise_digester_new (error);
  if (self->digester == NULL)
    return FALSE;
  self->tar = archive_read_new ();
  self->source = _valise_source_new (fd, job, error);
  if (self->source == NULL)
    return FALSE;
  archive_read_support_format_tar (self->tar);
  if (archive_read_open (self->tar, self, NULL, on_tar_wants_bytes_cb, NULL) == ARCHIVE_OK)
    return TRUE;
  return set_tar_error (self, error);
}

static void
reader_clear (Reader *self)
{
  g_clear_pointer (&self->tar, archive_read_free);
  g_clear_pointer (&self->chunk, _valise_chunk_unref);
  g_clear_pointer (&self->digester, _valise_digester_finish);
  if (self->source != NULL)
    {
      _valise_source_stop (self->source);
      _valise_source_free (self->source);
    }
  _valise_members_clear (&self->members);
  g_clear_error (&self->error);
  g_free (self->manifest);
  if (self->root >= 0)
    close (self->root);
  _valise_archive_locale_leave (&self->locale);
}

static int
open_archive (const char *file, GError **error)
{
  int fd = open (file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  g_autofree char *base = g_path_get_basename (file);
  g_autofree char *shown = valise_text_for_display (base, 120);

  if (fd < 0)
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), _ ("“%s” cannot be read: %s"), shown,
                 g_strerror (errno));
  else
    posix_fadvise (fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  return fd;
}

static void
prefix_with_file (GError **error, const char *file)
{
  g_autofree char *base = g_path_get_basename (file);
  g_autofree char *shown = valise_text_for_display (base, 120);

  if (error != NULL && *error != NULL && (*error)->domain == VALISE_BUNDLE_ERROR
      && (*error)->code != VALISE_BUNDLE_ERROR_NO_SPACE && (*error)->code != VALISE_BUNDLE_ERROR_EXISTS)
    g_prefix_error (error, "%s: ", shown);
}

ValiseDocument *
valise_archive_peek (const char *file, GError **error)
{
  Reader self = { NULL };
  ValiseDocument *document = NULL;
  int fd;

  g_return_val_if_fail (file != NULL, NULL);

  fd = open_archive (file, error);
  if (fd < 0)
    return NULL;
  if (reader_open (&self, fd, NULL, error))
    document = read_config (&self, error);
  reader_clear (&self);
  close (fd);
  prefix_with_file (error, file);
  return document;
}

static gboolean
begin_bundle (Reader *self, ValiseDocument *document, const char *directory, const char *name, GError **error)
{
  g_autofree char *label = NULL;

  if (name != NULL && !_valise_bundle_set_label (document, name, error))
    return FALSE;
  label = _valise_bundle_label_of (document);
  self->bundle = valise_bundle_begin (directory, label != NULL ? label : _ ("Machine"), error);
  if (self->bundle == NULL)
    return FALSE;
  self->root = open (valise_bundle_get_path (self->bundle), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (self->root >= 0)
    return TRUE;
  _valise_medium_set_error (error, errno, valise_bundle_get_path (self->bundle), 0);
  return FALSE;
}

static char *
unpack (Reader *self, const char *directory, const char *name, GError **error)
{
  g_autoptr (ValiseDocument) document = read_config (self, error);
  char *path = NULL;

  if (document == NULL || !begin_bundle (self, document, directory, name, error))
    return NULL;
  if (unpack_members (self, error) && !g_cancellable_set_error_if_cancelled (self->cancellable, error)
      && valise_bundle_commit (self->bundle, document, error))
    path = g_strdup (valise_bundle_get_path (self->bundle));
  return path;
}

char *
valise_archive_read (const char *file,
                     const char *directory,
                     const char *name,
                     ValiseJob *job,
                     GCancellable *cancellable,
                     GError **error)
{
  Reader self = { .cancellable = cancellable };
  char *path = NULL;
  int fd;

  g_return_val_if_fail (file != NULL && directory != NULL, NULL);

  fd = open_archive (file, error);
  if (fd < 0)
    return NULL;
  if (reader_open (&self, fd, job, error))
    path = unpack (&self, directory, name, error);
  reader_clear (&self);
  /* The last reference of one that was not committed removes it. */
  g_clear_pointer (&self.bundle, valise_bundle_unref);
  close (fd);
  prefix_with_file (error, file);
  if (path != NULL)
    valise_job_set_result_path (job, path);
  return path;
}
