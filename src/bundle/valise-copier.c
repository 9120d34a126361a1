/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-copier.h"

#include "base/valise-size.h"
#include "bundle/valise-bundle.h"
#include "bundle/valise-medium.h"
#include "bundle/valise-tree.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE_BYTES (8 * VALISE_MIB)

static gboolean
set_changed (const char *name, GError **error)
{
  g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_CORRUPT,
               _ ("“%s” changed while it was being read. Shut the machine down and try again."), name);
  return FALSE;
}

static gboolean
set_unreadable (const char *name, int code, GError **error)
{
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), _ ("“%s” cannot be read: %s"), name, g_strerror (code));
  return FALSE;
}

/* @unreadable: (inout): set when it is the reading that fails */
static gssize
copy_by_hand (gboolean *unreadable, int from, int to, guint64 offset, gsize length)
{
  g_autofree char *buffer = g_malloc (VALISE_MIB);
  gssize got = pread (from, buffer, MIN (length, VALISE_MIB), offset);
  gssize done = 0;

  *unreadable = got < 0;
  while (got > 0 && done < got)
    {
      gssize wrote = pwrite (to, buffer + done, got - done, offset + done);

      if (wrote < 0 && errno == EINTR)
        continue;
      if (wrote <= 0)
        return done > 0 ? done : -1; /* what is written counts; the next piece meets the same error */
      done += wrote;
    }
  return got;
}

static gssize
copy_piece (ValiseCopier *self, int from, int to, guint64 offset, gsize length)
{
  off_t in = offset, out = offset;
  gssize copied = -1;

  if (!self->by_hand)
    {
      copied = copy_file_range (from, &in, to, &out, length, 0);
      if (copied > 0 || (copied < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EINTR)))
        return copied;
      /* By hand it also shows which of the two has a bad place. */
      self->by_hand = TRUE;
    }
  return copy_by_hand (&self->unreadable, from, to, offset, length);
}

static gboolean
copy_extent (ValiseCopier *self, int from, int to, ValiseExtent extent, const char *name, GError **error)
{
  while (extent.length > 0)
    {
      gssize copied;
      int failed;

      if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
        return FALSE;
      copied = copy_piece (self, from, to, extent.offset, MIN (extent.length, PIECE_BYTES));
      if (copied < 0 && errno == EINTR)
        continue;
      if (copied == 0)
        return set_changed (name, error);
      if (copied < 0 && self->unreadable)
        return set_unreadable (name, errno, error);
      if (copied < 0)
        {
          _valise_medium_set_error (error, errno, self->to_path, self->left);
          return FALSE;
        }
      valise_job_advance (self->job, copied);
      self->left -= MIN (self->left, (guint64) copied);
      extent.offset += copied;
      extent.length -= copied;
      failed = _valise_medium_write_behind (to, &self->behind, extent.offset);
      if (failed != 0)
        {
          _valise_medium_set_error (error, failed, self->to_path, self->left);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
copy_extents (ValiseCopier *self, int from, int to, const char *name, guint64 size, GError **error)
{
  g_autoptr (GArray) extents = _valise_tree_extents (from, size);

  if (ftruncate (to, (off_t) size) != 0)
    {
      _valise_medium_set_error (error, errno, self->to_path, self->left);
      return FALSE;
    }
  for (guint i = 0; i < extents->len; i++)
    if (!copy_extent (self, from, to, g_array_index (extents, ValiseExtent, i), name, error))
      return FALSE;
  return TRUE;
}

/* A clone shares the blocks: no time, no room. */
gboolean
_valise_copier_copy (ValiseCopier *self, int from, int to, const char *name, guint64 size, guint64 data, GError **error)
{
  struct stat st;

  self->behind = 0;
  if (fstat (from, &st) != 0 || !S_ISREG (st.st_mode) || (guint64) st.st_size != size)
    return set_changed (name, error);
  if (ioctl (to, FICLONE, from) != 0)
    return copy_extents (self, from, to, name, size, error);
  valise_job_advance (self->job, data);
  self->left -= MIN (self->left, data);
  return TRUE;
}
