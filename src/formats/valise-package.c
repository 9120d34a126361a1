/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-package.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "bundle/valise-libarchive.h"
#include "formats/valise-package-unpack.h"
#include "formats/valise-package-zip.h"

/* Real packages have some dozens; a list of more is an attack on the memory. */
#define MOST_MEMBERS 20000
#define DEEPEST 4
#define BLOCK 65536
#define TAR_HEADER 512
#define NAME_SHOWN 120
#define MOST_INFLATED_TO_PEEK (G_GUINT64_CONSTANT (1) << 20)

struct _ValisePackage
{
  GObject parent_instance;
  char *path;
  char *directory; /* that holds the members; NULL for an archive */
  char *main_name; /* of the one file that was named, or NULL */
  gboolean archive;
  int unpacked; /* holds the archive when it was packed as a whole; else -1 */
  GPtrArray *members;
  GHashTable *by_name;   /* the members' own names */
  GHashTable *by_folded; /* the same without regard to case; NULL for several */
};

G_DEFINE_FINAL_TYPE (ValisePackage, valise_package, G_TYPE_OBJECT)
G_DEFINE_QUARK (valise - package - error - quark, valise_package_error)

static void
member_free (gpointer data)
{
  ValisePackageMember *member = data;

  g_free (member->name);
  g_free (member);
}

static gboolean
add_member (ValisePackage *self, const char *name, guint64 size, guint64 offset, GError **error)
{
  g_autofree char *folded = g_utf8_validate (name, -1, NULL) ? g_utf8_casefold (name, -1) : NULL;
  ValisePackageMember *member;

  if (self->members->len >= MOST_MEMBERS)
    {
      g_set_error (error, VALISE_PACKAGE_ERROR, VALISE_PACKAGE_ERROR_LIMIT,
                   _ ("%s holds more than %d files. Give the file of the machine itself."), self->path, MOST_MEMBERS);
      return FALSE;
    }
  member = g_new0 (ValisePackageMember, 1);
  member->name = g_strdup (name);
  member->size = size;
  member->packed = size;
  member->offset = offset;
  g_ptr_array_add (self->members, member);
  g_hash_table_insert (self->by_name, member->name, member);
  /* Of two that differ in case alone nobody can say which is meant. */
  if (folded != NULL)
    {
      gboolean twice = g_hash_table_contains (self->by_folded, folded);

      g_hash_table_insert (self->by_folded, g_steal_pointer (&folded), twice ? NULL : member);
    }
  return TRUE;
}

/* --- a folder --- */

/* A folder below goes to @folders, to be listed when all of this one is. */
static gboolean
add_entry (ValisePackage *self, const char *relative, GPtrArray *folders, GError **error)
{
  g_autofree char *path = g_build_filename (self->directory, relative, NULL);
  struct stat status;

  if (lstat (path, &status) != 0 || g_hash_table_contains (self->by_name, relative))
    return TRUE;
  if (S_ISDIR (status.st_mode) && folders->len < MOST_MEMBERS)
    g_ptr_array_add (folders, g_strdup (relative));
  return !S_ISREG (status.st_mode) || add_member (self, relative, (guint64) status.st_size, 0, error);
}

static gboolean
list_folder (ValisePackage *self, const char *relative, GPtrArray *folders, GError **error)
{
  g_autofree char *path = g_build_filename (self->directory, relative, NULL);
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  const char *name;

  /* A folder that may not be read holds nothing for us. */
  if (directory == NULL)
    return TRUE;
  while ((name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *child = *relative != '\0' ? g_strconcat (relative, "/", name, NULL) : g_strdup (name);

      if (!add_entry (self, child, folders, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
list_folders (ValisePackage *self, GError **error)
{
  g_autoptr (GPtrArray) level = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_add (level, g_strdup (""));
  for (guint depth = 1; depth <= DEEPEST; depth++)
    {
      g_autoptr (GPtrArray) next = g_ptr_array_new_with_free_func (g_free);

      for (guint i = 0; i < level->len; i++)
        if (!list_folder (self, level->pdata[i], next, error))
          return FALSE;
      g_clear_pointer (&level, g_ptr_array_unref);
      level = g_steal_pointer (&next);
    }
  return TRUE;
}

static int
compare_members (gconstpointer a, gconstpointer b)
{
  const ValisePackageMember *const *first = a;
  const ValisePackageMember *const *second = b;

  return strcmp ((*first)->name, (*second)->name);
}

static gboolean
read_folder (ValisePackage *self, GError **error)
{
  g_autoptr (GError) problem = NULL;

  /* A disk that lies in somebody's home is no less a disk for what lies around it. */
  if (!list_folders (self, &problem) && self->main_name == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return FALSE;
    }
  g_ptr_array_sort (self->members, compare_members);
  return TRUE;
}

/* --- an archive --- */

typedef struct archive Archive;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Archive, archive_read_free)

/* "./" in front is how many tar programs write every name. */
static const char *
skip_dot (const char *name)
{
  while (g_str_has_prefix (name, "./"))
    name += 2;
  return name;
}

static gboolean
set_outside (ValisePackage *self, const char *name, GError **error)
{
  g_autofree char *shown = valise_text_for_display (name, NAME_SHOWN);

  g_set_error (
      error, VALISE_PACKAGE_ERROR, VALISE_PACKAGE_ERROR_OUTSIDE,
      _ ("“%s” in %s is a link, a device, or no name of a file inside. No machine needs that; do not trust it."), shown,
      self->path);
  return FALSE;
}

/* The first of a name would be the one that is checked, and the second the one that a program unpacks last. */
static gboolean
check_once (ValisePackage *self, const char *name, GError **error)
{
  g_autofree char *shown = NULL;

  if (!g_hash_table_contains (self->by_name, name))
    return TRUE;
  shown = valise_text_for_display (name, NAME_SHOWN);
  g_set_error (error, VALISE_PACKAGE_ERROR, VALISE_PACKAGE_ERROR_DAMAGED,
               _ ("%s holds two files of the name “%s”, and nobody can say which is meant. Get it again."), self->path,
               shown);
  return FALSE;
}

/* Not all of its bytes lie there one after the other, as QEMU reads them. */
static gboolean
set_sparse (ValisePackage *self, const char *name, GError **error)
{
  g_autofree char *shown = valise_text_for_display (name, NAME_SHOWN);

  g_set_error (error, VALISE_PACKAGE_ERROR, VALISE_PACKAGE_ERROR_UNREADABLE,
               _ ("“%s” lies in %s without its holes (“tar --sparse”), where it cannot be read. Unpack the archive and "
                  "bring the "
                  "machine in from the folder."),
               shown, self->path);
  return FALSE;
}

static gboolean
add_archived (ValisePackage *self, Archive *tar, struct archive_entry *entry, guint64 before, GError **error)
{
  const char *name = archive_entry_pathname (entry);

  if (name == NULL || archive_entry_filetype (entry) == AE_IFDIR)
    return TRUE;
  name = skip_dot (name);
  if (archive_entry_sparse_count (entry) > 0)
    return set_sparse (self, name, error);
  if (archive_entry_filetype (entry) != AE_IFREG || archive_entry_hardlink (entry) != NULL
      || !valise_path_is_plain_relative (name))
    return set_outside (self, name, error);
  return check_once (self, name, error)
         && add_member (self, name, (guint64) archive_entry_size (entry),
                        before + (guint64) archive_filter_bytes (tar, 0), error);
}

/* @fd: placed at its first byte, behind @before bytes of something else */
static gboolean
read_archive (ValisePackage *self, int fd, guint64 before, GError **error)
{
  g_autoptr (Archive) tar = NULL;
  struct archive_entry *entry;
  int status;

  if (!valise_late_load (&valise_libarchive, error))
    return FALSE;
  tar = archive_read_new ();
  archive_read_support_format_tar (tar);
  if (archive_read_open_fd (tar, fd, BLOCK) == ARCHIVE_OK)
    while ((status = archive_read_next_header (tar, &entry)) == ARCHIVE_OK || status == ARCHIVE_WARN)
      if (!add_archived (self, tar, entry, before, error))
        return FALSE;
  if (archive_errno (tar) == 0 && self->members->len > 0)
    return TRUE;
  g_set_error (error, VALISE_PACKAGE_ERROR, VALISE_PACKAGE_ERROR_DAMAGED,
               _ ("%s is damaged or was not copied to its end. Get it again."), self->path);
  return FALSE;
}

/* The magic of every tar since 1988, whatever stands in the version behind it. */
static gboolean
is_tar (int fd, guint64 at)
{
  char head[TAR_HEADER];

  return pread (fd, head, sizeof head, (off_t) at) == sizeof head && memcmp (head + 257, "ustar", 5) == 0;
}

static gboolean
read_zip (ValisePackage *self, int fd, guint64 size, GError **error)
{
  g_autoptr (GPtrArray) found = _valise_zip_list (fd, size, MOST_MEMBERS, self->path, error);

  if (found == NULL)
    return FALSE;
  for (guint i = 0; i < found->len; i++)
    {
      const ValisePackageMember *member = found->pdata[i];
      ValisePackageMember *added;

      if (!check_once (self, member->name, error)
          || !add_member (self, member->name, member->size, member->offset, error))
        return FALSE;
      added = self->members->pdata[self->members->len - 1];
      added->packed = member->packed;
      added->deflated = member->deflated;
    }
  return TRUE;
}

/* --- an archive in an archive --- */

/* The only OVA, where nothing else is a machine. */
static const ValisePackageMember *
find_inner (ValisePackage *self)
{
  const ValisePackageMember *inner = NULL;

  for (guint i = 0; i < self->members->len; i++)
    {
      const ValisePackageMember *member = self->members->pdata[i];

      if (valise_package_member_ends (member, ".ovf") || (inner != NULL && valise_package_member_ends (member, ".ova")))
        return NULL;
      if (valise_package_member_ends (member, ".ova"))
        inner = member;
    }
  return inner;
}

static void
forget_members (ValisePackage *self)
{
  g_hash_table_remove_all (self->by_folded);
  g_hash_table_remove_all (self->by_name);
  g_ptr_array_set_size (self->members, 0);
}

/* One that lies there as it is is read where it lies. */
static gboolean
open_plain_inner (ValisePackage *self, int fd, guint64 at, guint64 size, GError **error)
{
  if (!is_tar (fd, at) || lseek (fd, (off_t) at, SEEK_SET) < 0)
    return TRUE;
  forget_members (self);
  if (!read_archive (self, fd, at, error))
    return FALSE;
  for (guint i = 0; i < self->members->len; i++)
    {
      const ValisePackageMember *member = self->members->pdata[i];

      if (member->offset - at > size || member->size > size - (member->offset - at))
        {
          g_set_error (error, VALISE_PACKAGE_ERROR, VALISE_PACKAGE_ERROR_DAMAGED,
                       _ ("%s is damaged or was not copied to its end. Get it again."), self->path);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
open_packed_inner (ValisePackage *self, const ValisePackageMember *inner, GError **error)
{
  g_autoptr (GInputStream) stream = valise_package_stream (self, inner, error);
  int own;
  gboolean done;

  if (stream == NULL
      || !_valise_package_unpack_member (stream, inner->size, inner->packed, self->path, &self->unpacked, error))
    return FALSE;
  if (self->unpacked < 0)
    return TRUE;
  forget_members (self);
  own = fcntl (self->unpacked, F_DUPFD_CLOEXEC, 0);
  done = own >= 0 && lseek (own, 0, SEEK_SET) == 0 && read_archive (self, own, 0, error);
  if (own >= 0)
    close (own);
  return done;
}

static gboolean
open_inner (ValisePackage *self, int fd, GError **error)
{
  const ValisePackageMember *inner = find_inner (self);

  if (inner == NULL)
    return TRUE;
  return inner->deflated ? open_packed_inner (self, inner, error)
                         : open_plain_inner (self, fd, inner->offset, inner->size, error);
}

/* --- opened --- */

static gboolean
fail (ValisePackage *self, int code, GError **error)
{
  if (code == ENOENT)
    g_set_error (error, VALISE_PACKAGE_ERROR, VALISE_PACKAGE_ERROR_MISSING, _ ("%s is not there."), self->path);
  else
    g_set_error (error, VALISE_PACKAGE_ERROR, VALISE_PACKAGE_ERROR_UNREADABLE, _ ("%s cannot be read: %s."), self->path,
                 g_strerror (code));
  return FALSE;
}

static gboolean
set_link (ValisePackage *self, GError **error)
{
  g_autofree char *target = g_file_read_link (self->path, NULL);
  g_autofree char *shown = valise_text_for_display (target != NULL ? target : "?", NAME_SHOWN);

  g_set_error (error, VALISE_PACKAGE_ERROR, VALISE_PACKAGE_ERROR_OUTSIDE,
               _ ("%s is a link. If you trust it, give the file that it leads to: %s"), self->path, shown);
  return FALSE;
}

static gboolean
read_file (ValisePackage *self, int fd, guint64 size, GError **error)
{
  gboolean zip = _valise_zip_recognise (fd);

  if (zip || is_tar (fd, 0))
    {
      self->archive = TRUE;
      return (zip ? read_zip (self, fd, size, error) : read_archive (self, fd, 0, error))
             && open_inner (self, fd, error);
    }
  self->directory = g_path_get_dirname (self->path);
  self->main_name = g_path_get_basename (self->path);
  return add_member (self, self->main_name, size, 0, error) && read_folder (self, error);
}

/* @fd: (inout): of what is packed, then of what is in it */
static gboolean
unpack (ValisePackage *self, int *fd, GError **error)
{
  if (!_valise_package_unpack (*fd, self->path, &self->unpacked, error))
    return FALSE;
  if (self->unpacked < 0)
    return TRUE;
  close (*fd);
  *fd = fcntl (self->unpacked, F_DUPFD_CLOEXEC, 0);
  return *fd >= 0 && lseek (*fd, 0, SEEK_SET) == 0 ? TRUE : fail (self, errno, error);
}

static gboolean
read_all (ValisePackage *self, GError **error)
{
  /* A link that came with a stranger's files may lead to one of the user's own. */
  int fd = open (self->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
  struct stat status;
  gboolean done;

  if (fd < 0)
    return errno == ELOOP ? set_link (self, error) : fail (self, errno, error);
  if (fstat (fd, &status) != 0)
    done = fail (self, errno, error);
  else if (S_ISDIR (status.st_mode))
    {
      self->directory = g_strdup (self->path);
      done = read_folder (self, error);
    }
  else if (S_ISREG (status.st_mode))
    done = unpack (self, &fd, error) && read_file (self, fd, (guint64) status.st_size, error);
  else
    done = fail (self, EINVAL, error);
  if (fd >= 0)
    close (fd);
  return done;
}

char *
valise_package_member_folder (const ValisePackageMember *member)
{
  const char *slash = strrchr (member->name, '/');

  return slash != NULL ? g_strndup (member->name, (gsize) (slash - member->name)) : g_strdup ("");
}

guint
valise_package_member_depth (const ValisePackageMember *member)
{
  guint depth = 0;

  for (const char *c = member->name; *c != '\0'; c++)
    depth += *c == '/';
  return depth;
}

gboolean
valise_package_member_ends (const ValisePackageMember *member, const char *suffix)
{
  gsize length = strlen (member->name), tail = strlen (suffix);

  return length > tail && g_ascii_strcasecmp (member->name + length - tail, suffix) == 0;
}

ValisePackage *
valise_package_open (const char *path, GError **error)
{
  g_autoptr (ValisePackage) self = g_object_new (VALISE_TYPE_PACKAGE, NULL);

  self->path = g_canonicalize_filename (path, NULL);
  return read_all (self, error) ? g_steal_pointer (&self) : NULL;
}

/* --- overrides --- */

static void
valise_package_finalize (GObject *object)
{
  ValisePackage *self = VALISE_PACKAGE (object);

  g_free (self->path);
  g_free (self->directory);
  g_free (self->main_name);
  if (self->unpacked >= 0)
    close (self->unpacked);
  g_hash_table_unref (self->by_name);
  g_hash_table_unref (self->by_folded);
  g_ptr_array_unref (self->members);
  G_OBJECT_CLASS (valise_package_parent_class)->finalize (object);
}

static void
valise_package_class_init (ValisePackageClass *class)
{
  G_OBJECT_CLASS (class)->finalize = valise_package_finalize;
}

static void
valise_package_init (ValisePackage *self)
{
  self->unpacked = -1;
  self->members = g_ptr_array_new_with_free_func (member_free);
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  self->by_folded = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

/* --- members --- */

const char *
valise_package_get_path (ValisePackage *self)
{
  g_return_val_if_fail (VALISE_IS_PACKAGE (self), NULL);
  return self->path;
}

gboolean
valise_package_is_archive (ValisePackage *self)
{
  g_return_val_if_fail (VALISE_IS_PACKAGE (self), FALSE);
  return self->archive;
}

const ValisePackageMember *
valise_package_get_main (ValisePackage *self)
{
  g_return_val_if_fail (VALISE_IS_PACKAGE (self), NULL);
  return self->main_name != NULL ? g_hash_table_lookup (self->by_name, self->main_name) : NULL;
}

GPtrArray *
valise_package_get_members (ValisePackage *self)
{
  g_return_val_if_fail (VALISE_IS_PACKAGE (self), NULL);
  return self->members;
}

const ValisePackageMember *
valise_package_lookup (ValisePackage *self, const char *name)
{
  g_return_val_if_fail (VALISE_IS_PACKAGE (self), NULL);
  return g_hash_table_lookup (self->by_name, name);
}

/* "a/./b/../c" is "a/c"; %NULL for what leads out. */
static char *
resolve (const char *folder, const char *href)
{
  g_autofree char *joined = folder != NULL && *folder != '\0' ? g_strconcat (folder, "/", href, NULL) : g_strdup (href);
  g_auto (GStrv) parts = g_strsplit (joined, "/", -1);
  g_autoptr (GPtrArray) kept = g_ptr_array_new ();

  if (*href == '/')
    return NULL;
  for (char **part = parts; *part != NULL; part++)
    {
      if (g_str_equal (*part, "") || g_str_equal (*part, "."))
        continue;
      if (!g_str_equal (*part, ".."))
        g_ptr_array_add (kept, *part);
      else if (kept->len > 0)
        g_ptr_array_set_size (kept, (int) kept->len - 1);
      else
        return NULL;
    }
  g_ptr_array_add (kept, NULL);
  return g_strjoinv ("/", (char **) kept->pdata);
}

static const ValisePackageMember *
find_in_any_case (ValisePackage *self, const char *name)
{
  g_autofree char *folded = g_utf8_casefold (name, -1);

  return g_hash_table_lookup (self->by_folded, folded);
}

const ValisePackageMember *
valise_package_find (ValisePackage *self, const char *folder, const char *href)
{
  g_autofree char *literal = NULL, *decoded_href = NULL, *decoded = NULL;
  const ValisePackageMember *member = NULL;

  g_return_val_if_fail (VALISE_IS_PACKAGE (self), NULL);
  literal = href != NULL ? resolve (folder, href) : NULL;
  if (literal != NULL)
    member = g_hash_table_lookup (self->by_name, literal);
  if (member != NULL || href == NULL)
    return member;
  decoded_href = g_uri_unescape_string (href, NULL);
  decoded = decoded_href != NULL ? resolve (folder, decoded_href) : NULL;
  if (decoded != NULL)
    member = g_hash_table_lookup (self->by_name, decoded);
  if (member == NULL && literal != NULL && g_utf8_validate (literal, -1, NULL))
    member = find_in_any_case (self, literal);
  if (member == NULL && decoded != NULL && g_utf8_validate (decoded, -1, NULL))
    member = find_in_any_case (self, decoded);
  return member;
}

/* --- bytes --- */

static int
open_in_archive (ValisePackage *self, const ValisePackageMember *member, GError **error)
{
  g_autofree char *own = self->unpacked >= 0 ? g_strdup_printf ("/proc/self/fd/%d", self->unpacked) : NULL;
  int fd = open (own != NULL ? own : self->path,
                 O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (own != NULL ? 0 : O_NOFOLLOW));

  if (fd < 0 || lseek (fd, (off_t) member->offset, SEEK_SET) < 0)
    {
      fail (self, errno, error);
      if (fd >= 0)
        close (fd);
      return -1;
    }
  return fd;
}

static int
open_in_folder (ValisePackage *self, const ValisePackageMember *member, GError **error)
{
  int directory = open (self->directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
  int fd;

  if (directory < 0)
    {
      fail (self, errno, error);
      return -1;
    }
  fd = valise_path_open_beneath (directory, member->name, O_RDONLY | O_NONBLOCK, 0, error);
  close (directory);
  return fd;
}

static int
open_any (ValisePackage *self, const ValisePackageMember *member, GError **error)
{
  return self->archive ? open_in_archive (self, member, error) : open_in_folder (self, member, error);
}

static gboolean
set_damaged (ValisePackage *self, const ValisePackageMember *member, GError **error)
{
  g_set_error (error, VALISE_PACKAGE_ERROR, VALISE_PACKAGE_ERROR_DAMAGED,
               _ ("%s in %s ends too early. Get the file again."), member->name, self->path);
  return FALSE;
}

int
valise_package_open_member (ValisePackage *self, const ValisePackageMember *member, GError **error)
{
  g_return_val_if_fail (VALISE_IS_PACKAGE (self), -1);
  if (!member->deflated)
    return open_any (self, member, error);
  g_set_error (error, VALISE_PACKAGE_ERROR, VALISE_PACKAGE_ERROR_UNREADABLE,
               _ ("%s lies packed in %s. Unpack it and give what comes out."), member->name, self->path);
  return -1;
}

int
valise_package_open_packed (ValisePackage *self, const ValisePackageMember *member, GError **error)
{
  g_return_val_if_fail (VALISE_IS_PACKAGE (self), -1);
  return open_any (self, member, error);
}

GInputStream *
valise_package_stream (ValisePackage *self, const ValisePackageMember *member, GError **error)
{
  g_autoptr (GInputStream) plain = NULL;
  g_autoptr (GConverter) inflater = NULL;
  int fd;

  g_return_val_if_fail (VALISE_IS_PACKAGE (self), NULL);
  fd = open_any (self, member, error);
  if (fd < 0)
    return NULL;
  plain = g_unix_input_stream_new (fd, TRUE);
  if (!member->deflated)
    return g_steal_pointer (&plain);
  inflater = G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_RAW));
  return g_converter_input_stream_new (plain, inflater);
}

static gsize
peek_inflated (ValisePackage *self, const ValisePackageMember *member, guint64 at, gpointer buffer, gsize length)
{
  g_autoptr (GInputStream) stream = NULL;
  gsize got = 0;

  if (at + length > MOST_INFLATED_TO_PEEK)
    return 0;
  stream = valise_package_stream (self, member, NULL);
  if (stream == NULL || g_input_stream_skip (stream, at, NULL, NULL) != (gssize) at)
    return 0;
  g_input_stream_read_all (stream, buffer, length, &got, NULL, NULL);
  return got;
}

static gsize
peek_plain (ValisePackage *self, const ValisePackageMember *member, guint64 at, gpointer buffer, gsize length)
{
  int fd = open_any (self, member, NULL);
  gssize got = -1;

  if (fd < 0)
    return 0;
  do
    got = pread (fd, buffer, length, (off_t) (member->offset + at));
  while (got < 0 && errno == EINTR);
  close (fd);
  return got > 0 ? (gsize) got : 0;
}

gsize
valise_package_peek (ValisePackage *self, const ValisePackageMember *member, guint64 at, gpointer buffer, gsize length)
{
  g_return_val_if_fail (VALISE_IS_PACKAGE (self), 0);
  if (at >= member->size)
    return 0;
  length = (gsize) MIN ((guint64) length, member->size - at);
  return member->deflated ? peek_inflated (self, member, at, buffer, length)
                          : peek_plain (self, member, at, buffer, length);
}

GBytes *
valise_package_read (ValisePackage *self, const ValisePackageMember *member, gsize most, GError **error)
{
  g_autofree char *buffer = NULL;
  g_autoptr (GInputStream) stream = NULL;
  gsize got = 0;

  g_return_val_if_fail (VALISE_IS_PACKAGE (self), NULL);
  if (member->size > most)
    {
      g_set_error (error, VALISE_PACKAGE_ERROR, VALISE_PACKAGE_ERROR_LIMIT,
                   _ ("%s in %s is longer than any file of its kind. It cannot be what it says."), member->name,
                   self->path);
      return NULL;
    }
  stream = valise_package_stream (self, member, error);
  if (stream == NULL)
    return NULL;
  buffer = g_malloc0 (member->size + 1);
  g_input_stream_read_all (stream, buffer, member->size, &got, NULL, NULL);
  if (got == member->size)
    return g_bytes_new_take (g_steal_pointer (&buffer), member->size);
  set_damaged (self, member, error);
  return NULL;
}
