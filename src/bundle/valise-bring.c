/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-bring.h"

#include "base/valise-path.h"
#include "bundle/valise-copier.h"
#include "bundle/valise-in-use.h"
#include "bundle/valise-medium.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <sys/stat.h>
#include <unistd.h>

static void
set_unreadable (const char *path, const char *why, GError **error, int code)
{
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), _ ("“%s” cannot be read: %s"), path, why);
}

/* A FIFO or device never blocks and is refused. */
static int
open_original (const char *path, struct stat *st, GError **error)
{
  int fd = open (path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  g_autofree char *writer = fd >= 0 ? _valise_in_use_describe_writer (fd) : NULL;

  if (fd < 0)
    set_unreadable (path, g_strerror (errno), error, errno);
  else if (fstat (fd, st) != 0 || !S_ISREG (st->st_mode))
    set_unreadable (path, _ ("it is no plain file"), error, EINVAL);
  else if (writer != NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY,
                 _ ("“%s” is being written by %s. Shut the machine down that runs on it first."), path, writer);
  else
    return fd;
  if (fd >= 0)
    close (fd);
  return -1;
}

static gboolean
close_copy (int fd, const char *path, GError **error)
{
  if (close (fd) == 0)
    return TRUE;
  _valise_medium_set_error (error, errno, path, 0);
  return FALSE;
}

static gboolean
bring_one (ValiseCopier *copier, const char *from_path, const char *relative, GError **error)
{
  struct stat st;
  int from = open_original (from_path, &st, error);
  int directory = from >= 0 ? open (copier->to_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
  int to = -1;
  gboolean copied = FALSE;

  if (directory >= 0)
    to = valise_path_open_beneath (directory, relative, O_RDWR | O_CREAT | O_EXCL, 0600, error);
  else if (from >= 0)
    _valise_medium_set_error (error, errno, copier->to_path, 0);
  if (to >= 0)
    {
      copied =
          _valise_copier_copy (copier, from, to, from_path, st.st_size, MIN (st.st_size, st.st_blocks * 512), error);
      copied = close_copy (to, copier->to_path, copied ? error : NULL) && copied;
    }
  if (directory >= 0)
    close (directory);
  if (from >= 0)
    close (from);
  return copied;
}

static guint64
sum_up (GHashTable *files)
{
  GHashTableIter iter;
  gpointer from;
  guint64 sum = 0;

  g_hash_table_iter_init (&iter, files);
  while (g_hash_table_iter_next (&iter, NULL, &from))
    {
      struct stat st;

      if (stat (from, &st) == 0)
        sum += MIN ((guint64) st.st_size, (guint64) st.st_blocks * 512);
    }
  return sum;
}

/* Two files of one name, as "linux/image" and "other/image", must not become one. */
static char *
free_place (GHashTable *files, const char *path)
{
  g_autofree char *base = g_path_get_basename (path);
  g_autofree char *name = valise_path_name_from_label (base);

  for (guint i = 1;; i++)
    {
      char *place = i == 1 ? g_strconcat ("media/", name, NULL) : g_strdup_printf ("media/%u-%s", i, name);

      if (!g_hash_table_contains (files, place))
        return place;
      g_free (place);
    }
}

gboolean
valise_bring_kernel (ValiseDocument *document, GHashTable *files, GError **error)
{
  static const char *const knobs[] = { "os/kernel", "os/initrd", "os/dtb" };

  for (gsize i = 0; i < G_N_ELEMENTS (knobs); i++)
    {
      char *path = valise_document_get (document, knobs[i]);
      char *place;

      if (path == NULL || !g_path_is_absolute (path))
        {
          g_free (path);
          continue;
        }
      place = free_place (files, path);
      g_hash_table_insert (files, place, path);
      if (!valise_document_set (document, knobs[i], place, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
valise_bring_files (const char *directory, GHashTable *files, ValiseJob *job, GCancellable *cancellable, GError **error)
{
  ValiseCopier copier = { .to_path = directory, .job = job, .cancellable = cancellable, .left = sum_up (files) };
  GHashTableIter iter;
  gpointer relative, from;

  valise_job_set_total (job, copier.left);
  g_hash_table_iter_init (&iter, files);
  while (g_hash_table_iter_next (&iter, &relative, &from))
    if (!bring_one (&copier, from, relative, error))
      {
        _valise_medium_translate (error, directory, copier.left);
        return FALSE;
      }
  return TRUE;
}
