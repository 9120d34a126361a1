/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-in-use.h"

#include "base/valise-path.h"
#include "bundle/valise-bundle.h"
#include "bundle/valise-tree.h"

#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* QEMU locks one byte of the file for each thing it may do with it; these stand for writing, writing the same again and
 * resizing. */
#define WRITER_START 101
#define WRITER_LENGTH 3

typedef struct
{
  char *file; /* relative to the bundle */
  char *writer;
} Written;

static gboolean
is_written (int fd)
{
  struct flock range = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = WRITER_START, .l_len = WRITER_LENGTH };

  return fcntl (fd, F_OFD_GETLK, &range) == 0 && range.l_type != F_UNLCK;
}

/* --- who it is --- */

static gboolean
is_holder (const char *process, const char *number, const struct stat *status)
{
  g_autofree char *open_file = g_build_filename (process, "fd", number, NULL);
  g_autofree char *facts = g_build_filename (process, "fdinfo", number, NULL);
  g_autofree char *text = NULL;
  struct stat other;

  return stat (open_file, &other) == 0 && other.st_ino == status->st_ino && other.st_dev == status->st_dev
         && g_file_get_contents (facts, &text, NULL, NULL) && strstr (text, "OFDLCK") != NULL;
}

static gboolean
holds (const char *process, const struct stat *status)
{
  g_autofree char *files = g_build_filename (process, "fd", NULL);
  g_autoptr (GDir) directory = g_dir_open (files, 0, NULL);
  const char *number;

  while (directory != NULL && (number = g_dir_read_name (directory)) != NULL)
    if (is_holder (process, number, status))
      return TRUE;
  return FALSE;
}

/* An open-file-description lock belongs to no process, so the kernel names none: looked up among those whose files we
 * may see. 0 for unknown. */
static int
find_holder (const struct stat *status, char **program)
{
  g_autoptr (GDir) directory = g_dir_open ("/proc", 0, NULL);
  const char *name;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *process = g_build_filename ("/proc", name, NULL);
      g_autofree char *link = g_build_filename (process, "exe", NULL);
      g_autofree char *target = NULL;
      g_autofree char *base = NULL;

      if (!g_ascii_isdigit (name[0]) || atoi (name) == getpid () || !holds (process, status))
        continue;
      target = g_file_read_link (link, NULL);
      base = g_path_get_basename (target != NULL ? target : "?");
      *program = valise_text_for_display (base, 60);
      return atoi (name);
    }
  return 0;
}

char *
_valise_in_use_describe_writer (int fd)
{
  g_autofree char *program = NULL;
  struct stat status;
  int pid;

  if (fstat (fd, &status) != 0 || !S_ISREG (status.st_mode) || !is_written (fd))
    return NULL;
  pid = find_holder (&status, &program);
  /* Translators: a program and the number of its process */
  return pid != 0 ? g_strdup_printf (_ ("%s (process %d)"), program, pid) : g_strdup (_ ("another program"));
}

/* --- the files of a bundle --- */

static gboolean
look_at_file (int root, const char *relative, Written *written)
{
  int fd = openat (root, relative, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

  if (fd < 0)
    return FALSE;
  written->writer = _valise_in_use_describe_writer (fd);
  close (fd);
  if (written->writer == NULL)
    return FALSE;
  written->file = g_strdup (relative);
  return TRUE;
}

static gboolean
look_below (int root, const char *path, const char *below, guint depth, Written *written)
{
  g_autofree char *folder = g_build_filename (path, below, NULL);
  g_autoptr (GDir) directory = depth <= VALISE_TREE_DEPTH_MOST ? g_dir_open (folder, 0, NULL) : NULL;
  const char *name;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *relative = below[0] != '\0' ? g_strdup_printf ("%s/%s", below, name) : g_strdup (name);
      struct stat status;

      if (_valise_tree_stays_behind (relative) || fstatat (root, relative, &status, AT_SYMLINK_NOFOLLOW) != 0)
        continue;
      if (S_ISDIR (status.st_mode) ? look_below (root, path, relative, depth + 1, written)
                                   : S_ISREG (status.st_mode) && look_at_file (root, relative, written))
        return TRUE;
    }
  return FALSE;
}

static void
set_in_use (GError **error, const char *path, const Written *written)
{
  g_autofree char *base = g_path_get_basename (path);
  g_autofree char *bundle = valise_text_for_display (base, 80);
  g_autofree char *file = valise_text_for_display (written->file, 120);

  g_set_error (
      error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_LOCKED,
      _ ("“%s” runs elsewhere: its file “%s” is being written by %s. Shut the machine down there and try again."),
      bundle, file, written->writer);
}

gboolean
valise_bundle_check_unused (const char *path, GError **error)
{
  Written written = { NULL, NULL };
  int root;

  g_return_val_if_fail (path != NULL, FALSE);

  root = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (root < 0 || !look_below (root, path, "", 0, &written))
    {
      if (root >= 0)
        close (root);
      return TRUE;
    }
  close (root);
  set_in_use (error, path, &written);
  g_free (written.file);
  g_free (written.writer);
  return FALSE;
}
