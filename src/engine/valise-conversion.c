/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-conversion-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "bundle/valise-new-disks.h"

#define NOTE ".conversion"
#define PARTIAL ".partial"
#define NOTE_MOST 16384

/* A file as it was written down. Its inode says that it is the same and was written down here: a bundle from elsewhere
 * brings no note that is true. */
typedef struct
{
  char *path; /* relative to the bundle */
  guint64 device, inode;
} Noted;

static void
noted_clear (Noted *self)
{
  g_free (self->path);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Noted, noted_clear)

/* --- the note --- */

/* @file is what will be called @relative. */
static char *
describe (const char *file, const char *relative)
{
  struct stat st = { 0 };

  (void) lstat (file, &st);
  return g_strdup_printf ("%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %s\n", (guint64) st.st_dev, (guint64) st.st_ino,
                          relative);
}

static gboolean
write_note (const char *path, const char *old, const char *partial, const char *made, GError **error)
{
  g_autofree char *note = g_build_filename (path, NOTE, NULL);
  g_autofree char *old_file = g_build_filename (path, old, NULL);
  g_autofree char *first = describe (old_file, old);
  g_autofree char *second = describe (partial, made);
  g_autofree char *text = g_strconcat (first, second, NULL);

  return valise_file_replace (note, text, -1, 0600, error);
}

gboolean
_valise_conversion_begin (const char *path, const char *old, const char *partial, const char *made, GError **error)
{
  g_autofree char *from = g_build_filename (path, partial, NULL);
  g_autofree char *to = g_build_filename (path, made, NULL);
  g_autofree char *folder = g_path_get_dirname (to);
  int saved;

  if (!write_note (path, old, from, made, error))
    return FALSE;
  if (g_rename (from, to) == 0)
    return valise_directory_sync (folder, error);
  saved = errno;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved),
               _ ("The new disk “%s” cannot be given its name: %s. The old one is as it was; try again."), made,
               g_strerror (saved));
  return FALSE;
}

static gboolean
parse (const char *line, Noted *noted)
{
  g_auto (GStrv) words = g_strsplit (line, " ", 3);

  if (g_strv_length (words) != 3 || !valise_path_is_plain_relative (words[2])
      || !g_ascii_string_to_unsigned (words[0], 10, 0, G_MAXUINT64, &noted->device, NULL)
      || !g_ascii_string_to_unsigned (words[1], 10, 1, G_MAXUINT64, &noted->inode, NULL))
    return FALSE;
  noted->path = g_strdup (words[2]);
  return TRUE;
}

static char *
read_note (int bundle)
{
  int fd = valise_path_open_beneath (bundle, NOTE, O_RDONLY | O_NONBLOCK, 0, NULL);
  g_autofree char *text = g_malloc0 (NOTE_MOST);
  gssize got = fd >= 0 ? pread (fd, text, NOTE_MOST - 1, 0) : -1;

  if (fd >= 0)
    close (fd);
  return got > 0 && strlen (text) == (gsize) got ? g_steal_pointer (&text) : NULL;
}

/* --- what is to be done about it --- */

static void
visit (int bundle, const Noted *noted, gboolean remove, gboolean *is_there)
{
  int folder = valise_bundle_open_folder (bundle, noted->path);
  g_autofree char *name = g_path_get_basename (noted->path);
  struct stat st;

  *is_there = folder >= 0 && fstatat (folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG (st.st_mode)
              && (guint64) st.st_dev == noted->device && (guint64) st.st_ino == noted->inode;
  if (*is_there && remove && unlinkat (folder, name, 0) == 0)
    fsync (folder);
  if (folder >= 0)
    close (folder);
}

/* Only when the one that stays is there, the very one. */
static void
choose (int bundle, ValiseDocument *document, const Noted *one, const Noted *other)
{
  gboolean there = FALSE;

  if (!valise_new_disks_is_named (document, one->path) || valise_new_disks_is_named (document, other->path))
    return;
  visit (bundle, one, FALSE, &there);
  if (there)
    visit (bundle, other, TRUE, &there);
}

static void
follow_note (int fd, const char *path)
{
  g_autofree char *text = read_note (fd);
  g_auto (GStrv) lines = text != NULL ? g_strsplit (text, "\n", 3) : NULL;
  g_auto (Noted) one = { 0 };
  g_auto (Noted) other = { 0 };
  g_autoptr (ValiseBundle) bundle = NULL;

  if (lines == NULL || g_strv_length (lines) != 3 || !parse (lines[0], &one) || !parse (lines[1], &other))
    return;
  bundle = valise_bundle_open (path, NULL);
  if (bundle == NULL)
    return;
  choose (fd, valise_bundle_get_document (bundle), &one, &other);
  choose (fd, valise_bundle_get_document (bundle), &other, &one);
}

static void
remove_partials (int disks)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", disks);
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  const char *name;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    if (name[0] == '.' && g_str_has_suffix (name, PARTIAL))
      unlinkat (disks, name, 0);
}

void
_valise_conversion_settle (const char *path)
{
  int fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int disks = fd >= 0 ? valise_path_open_beneath (fd, "disks", O_RDONLY | O_DIRECTORY, 0, NULL) : -1;

  if (fd >= 0)
    follow_note (fd, path);
  if (fd >= 0 && unlinkat (fd, NOTE, 0) == 0)
    fsync (fd);
  /* A folder that leads elsewhere is nobody's to tidy. */
  if (disks >= 0)
    {
      remove_partials (disks);
      close (disks);
    }
  if (fd >= 0)
    close (fd);
}
