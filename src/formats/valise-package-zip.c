/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Zip archives, by the directory at their end and by nothing else: what stands between the members is believed by no
 * other program either. Numbers are little-endian. libarchive reads them too, but tells nobody where a member lies. */
#include "formats/valise-package-zip.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/valise-bytes.h"
#include "base/valise-path.h"

#define END_LENGTH 22
#define LOCATOR_LENGTH 20
#define END64_LENGTH 56
#define ENTRY_LENGTH 46
#define LOCAL_LENGTH 30
#define LONGEST_COMMENT 65535
#define LONGEST_DIRECTORY (16 * 1024 * 1024)
#define FLAG_ENCRYPTED 1
#define MADE_BY_UNIX 3
#define EXTRA_ZIP64 1

typedef struct
{
  int fd;
  guint64 size;
  guint64 count;
  guint64 directory;
  guint64 directory_size;
} Zip;

static gboolean
read_at (Zip *self, guint64 at, gpointer buffer, gsize length)
{
  return at <= self->size && length <= self->size - at
         && pread (self->fd, buffer, length, (off_t) at) == (gssize) length;
}

static void
member_free (gpointer data)
{
  ValisePackageMember *member = data;

  g_free (member->name);
  g_free (member);
}

/* --- the end --- */

/* Where 16 or 32 bits do not suffice, a second end stands before the first. */
static gboolean
read_end64 (Zip *self, guint64 end)
{
  guint8 locator[LOCATOR_LENGTH], record[END64_LENGTH];

  if (end < LOCATOR_LENGTH || !read_at (self, end - LOCATOR_LENGTH, locator, sizeof locator)
      || memcmp (locator, "PK\6\7", 4) != 0)
    return FALSE;
  if (!read_at (self, valise_bytes_get_le64 (locator + 8), record, sizeof record) || memcmp (record, "PK\6\6", 4) != 0)
    return FALSE;
  self->count = valise_bytes_get_le64 (record + 32);
  self->directory_size = valise_bytes_get_le64 (record + 40);
  self->directory = valise_bytes_get_le64 (record + 48);
  return TRUE;
}

static gboolean
read_end (Zip *self, const guint8 *record, guint64 at)
{
  self->count = valise_bytes_get_le16 (record + 10);
  self->directory_size = valise_bytes_get_le32 (record + 12);
  self->directory = valise_bytes_get_le32 (record + 16);
  if (self->count == G_MAXUINT16 || self->directory_size == G_MAXUINT32 || self->directory == G_MAXUINT32)
    return read_end64 (self, at);
  return TRUE;
}

static gboolean
find_end (Zip *self)
{
  gsize length = (gsize) MIN (self->size, (guint64) END_LENGTH + LONGEST_COMMENT);
  g_autofree guint8 *tail = g_malloc (length);

  if (length < END_LENGTH || !read_at (self, self->size - length, tail, length))
    return FALSE;
  for (gsize at = length - END_LENGTH + 1; at-- > 0;)
    if (memcmp (tail + at, "PK\5\6", 4) == 0 && at + END_LENGTH + valise_bytes_get_le16 (tail + at + 20) == length)
      return read_end (self, tail + at, self->size - length + at);
  return FALSE;
}

/* --- the members --- */

/* Numbers of 32 bits that are all ones stand in the extra field with 64, in this order. */
static gboolean
widen (const guint8 *extra, gsize length, guint64 **numbers, gsize count)
{
  for (gsize at = 0; at + 4 <= length;)
    {
      gsize size = valise_bytes_get_le16 (extra + at + 2);
      gsize from = at + 4;

      if (size > length - from)
        return FALSE;
      if (valise_bytes_get_le16 (extra + at) == EXTRA_ZIP64)
        {
          for (gsize i = 0; i < count; i++)
            {
              if (*numbers[i] != G_MAXUINT32)
                continue;
              if (from + 8 > at + 4 + size)
                return FALSE;
              *numbers[i] = valise_bytes_get_le64 (extra + from);
              from += 8;
            }
          return TRUE;
        }
      at = from + size;
    }
  return TRUE;
}

/* The member's bytes come after a head of its own. */
static gboolean
find_bytes (Zip *self, guint64 local, guint64 packed, guint64 *offset)
{
  guint8 head[LOCAL_LENGTH];

  if (!read_at (self, local, head, sizeof head) || memcmp (head, "PK\3\4", 4) != 0)
    return FALSE;
  *offset = local + LOCAL_LENGTH + valise_bytes_get_le16 (head + 26) + valise_bytes_get_le16 (head + 28);
  return *offset <= self->size && packed <= self->size - *offset;
}

static gboolean
is_plain_file (const guint8 *entry, const char *name)
{
  guint32 mode = valise_bytes_get_le32 (entry + 38) >> 16;

  if (*name == '\0' || g_str_has_suffix (name, "/") || !valise_path_is_plain_relative (name))
    return FALSE;
  return entry[5] != MADE_BY_UNIX || (mode & S_IFMT) == 0 || S_ISREG (mode);
}

/* NULL for what is no member of a package; it is left out. */
static ValisePackageMember *
read_entry (Zip *self, const guint8 *entry, gsize name_length, gsize extra_length)
{
  g_autofree char *name = g_strndup ((const char *) entry + ENTRY_LENGTH, name_length);
  guint method = valise_bytes_get_le16 (entry + 10);
  guint64 packed = valise_bytes_get_le32 (entry + 20), size = valise_bytes_get_le32 (entry + 24),
          local = valise_bytes_get_le32 (entry + 42), offset = 0;
  guint64 *numbers[] = { &size, &packed, &local };
  ValisePackageMember *member;

  if ((valise_bytes_get_le16 (entry + 8) & FLAG_ENCRYPTED) || (method != 0 && method != 8)
      || strlen (name) != name_length || !is_plain_file (entry, name))
    return NULL;
  if (!widen (entry + ENTRY_LENGTH + name_length, extra_length, numbers, G_N_ELEMENTS (numbers))
      || !find_bytes (self, local, packed, &offset) || (method == 0 && packed != size) || size > G_MAXINT64)
    return NULL;
  member = g_new0 (ValisePackageMember, 1);
  member->name = g_steal_pointer (&name);
  member->size = size;
  member->packed = packed;
  member->offset = offset;
  member->deflated = method == 8;
  return member;
}

static gboolean
read_directory (Zip *self, GPtrArray *members)
{
  g_autofree guint8 *bytes = g_malloc (self->directory_size);
  gsize at = 0;

  if (!read_at (self, self->directory, bytes, self->directory_size))
    return FALSE;
  for (guint64 i = 0; i < self->count; i++)
    {
      gsize left = self->directory_size - at;
      gsize name_length, extra_length, length;
      ValisePackageMember *member;

      if (left < ENTRY_LENGTH || memcmp (bytes + at, "PK\1\2", 4) != 0)
        return FALSE;
      name_length = valise_bytes_get_le16 (bytes + at + 28);
      extra_length = valise_bytes_get_le16 (bytes + at + 30);
      length = ENTRY_LENGTH + name_length + extra_length + valise_bytes_get_le16 (bytes + at + 32);
      if (length > left)
        return FALSE;
      member = read_entry (self, bytes + at, name_length, extra_length);
      if (member != NULL)
        g_ptr_array_add (members, member);
      at += length;
    }
  return TRUE;
}

gboolean
_valise_zip_recognise (int fd)
{
  guint8 head[4];

  return pread (fd, head, sizeof head, 0) == sizeof head && memcmp (head, "PK\3\4", 4) == 0;
}

GPtrArray *
_valise_zip_list (int fd, guint64 size, guint most, const char *name, GError **error)
{
  g_autoptr (GPtrArray) members = g_ptr_array_new_with_free_func (member_free);
  Zip zip = { .fd = fd, .size = size };
  gboolean whole = find_end (&zip);

  if (whole && (zip.count > most || zip.directory_size > LONGEST_DIRECTORY))
    {
      g_set_error (error, VALISE_PACKAGE_ERROR, VALISE_PACKAGE_ERROR_LIMIT,
                   _ ("%s holds more than %u files. Unpack it and give the machine's own folder."), name, most);
      return NULL;
    }
  if (whole && read_directory (&zip, members))
    return g_steal_pointer (&members);
  g_set_error (error, VALISE_PACKAGE_ERROR, VALISE_PACKAGE_ERROR_DAMAGED,
               _ ("%s is damaged or was not copied to its end. Get it again."), name);
  return NULL;
}
