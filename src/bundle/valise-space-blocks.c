/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-space-blocks-private.h"

#include <fcntl.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define EXTENTS_AT_ONCE 128
/* Beyond, a file counts in full. */
#define SHARED_MOST 4096

typedef struct
{
  guint64 device, start, end;
} Range;

struct _ValiseSpaceBlocks
{
  GHashTable *names; /* "device:inode" of files with several names */
  GArray *shared;    /* ranges that were counted, none of which touches another */
};

ValiseSpaceBlocks *
_valise_space_blocks_new (void)
{
  ValiseSpaceBlocks *self = g_new0 (ValiseSpaceBlocks, 1);

  self->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->shared = g_array_new (FALSE, FALSE, sizeof (Range));
  return self;
}

void
_valise_space_blocks_free (ValiseSpaceBlocks *self)
{
  g_hash_table_unref (self->names);
  g_array_unref (self->shared);
  g_free (self);
}

/* @from: the first range that it has not been compared with. What sticks out on either side of one goes on alone. */
static guint64
take_from (ValiseSpaceBlocks *self, guint from, guint64 device, guint64 start, guint64 end)
{
  guint count = self->shared->len;
  Range range = { device, start, end };

  for (guint i = from; i < count && start < end; i++)
    {
      Range other = g_array_index (self->shared, Range, i);

      if (other.device != device || other.end <= start || end <= other.start)
        continue;
      return (start < other.start ? take_from (self, i + 1, device, start, other.start) : 0)
             + (other.end < end ? take_from (self, i + 1, device, other.end, end) : 0);
    }
  if (start >= end)
    return 0;
  g_array_append_val (self->shared, range);
  return end - start;
}

guint64
_valise_space_blocks_take_range (ValiseSpaceBlocks *self, guint64 device, guint64 start, guint64 end)
{
  return self->shared->len < SHARED_MOST ? take_from (self, 0, device, start, end) : end - start;
}

/* How much of the file was counted before. */
static guint64
count_again (ValiseSpaceBlocks *self, guint64 device, int fd)
{
  g_autofree struct fiemap *map = g_malloc0 (sizeof *map + EXTENTS_AT_ONCE * sizeof (struct fiemap_extent));
  guint64 again = 0;

  for (gboolean more = TRUE; more && self->shared->len < SHARED_MOST;)
    {
      map->fm_length = FIEMAP_MAX_OFFSET - map->fm_start;
      map->fm_extent_count = EXTENTS_AT_ONCE;
      if (ioctl (fd, FS_IOC_FIEMAP, map) != 0 || map->fm_mapped_extents == 0)
        break;
      for (guint i = 0; i < map->fm_mapped_extents; i++)
        {
          const struct fiemap_extent *extent = &map->fm_extents[i];

          if (extent->fe_flags & FIEMAP_EXTENT_SHARED)
            again += extent->fe_length
                     - _valise_space_blocks_take_range (self, device, extent->fe_physical,
                                                        extent->fe_physical + extent->fe_length);
          more = !(extent->fe_flags & FIEMAP_EXTENT_LAST);
          map->fm_start = extent->fe_logical + extent->fe_length;
        }
    }
  return again;
}

guint64
_valise_space_blocks_take (ValiseSpaceBlocks *self, int folder, const char *name, const struct stat *status)
{
  guint64 taken = (guint64) status->st_blocks * 512, again = 0;
  int fd;

  if (status->st_nlink > 1
      && !g_hash_table_add (self->names, g_strdup_printf ("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT,
                                                          (guint64) status->st_dev, (guint64) status->st_ino)))
    return 0;
  if (!S_ISREG (status->st_mode) || taken == 0)
    return taken;
  fd = openat (folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0)
    return taken;
  again = count_again (self, status->st_dev, fd);
  close (fd);
  return taken - MIN (again, taken);
}
