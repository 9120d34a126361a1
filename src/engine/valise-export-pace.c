/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-export-private.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/valise-background.h"
#include "base/valise-size.h"

/* A slower copy would meet no end. */
#define LEAST_SPEED (4 * VALISE_MIB)
/* Less says nothing of how fast the disk is. */
#define TELLING_BYTES VALISE_MIB

struct _ValiseExportPace
{
  GArray *files;     /* (element-type int) */
  guint64 allocated; /* bytes that they had at the last look */
  guint64 speed;
};

ValiseExportPace *
_valise_export_pace_new (guint64 speed)
{
  ValiseExportPace *self = g_new0 (ValiseExportPace, 1);

  self->files = g_array_new (FALSE, FALSE, sizeof (int));
  self->speed = speed;
  return self;
}

void
_valise_export_pace_free (ValiseExportPace *self)
{
  for (guint i = 0; i < self->files->len; i++)
    close (g_array_index (self->files, int, i));
  g_array_unref (self->files);
  g_free (self);
}

void
_valise_export_pace_add (ValiseExportPace *self, const char *path)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

  if (fd >= 0)
    g_array_append_val (self->files, fd);
}

static guint64
count_allocated (const ValiseExportPace *self)
{
  guint64 bytes = 0;
  struct stat st;

  for (guint i = 0; i < self->files->len; i++)
    bytes += fstat (g_array_index (self->files, int, i), &st) == 0 ? (guint64) st.st_blocks * 512 : 0;
  return bytes;
}

static gint64
flush (const ValiseExportPace *self)
{
  gint64 begun = g_get_monotonic_time ();

  for (guint i = 0; i < self->files->len; i++)
    (void) sync_file_range (g_array_index (self->files, int, i), 0, 0,
                            SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
  return g_get_monotonic_time () - begun;
}

guint64
_valise_export_pace_next (guint64 speed, guint64 bytes, gint64 took)
{
  guint64 wanted;

  if (bytes < TELLING_BYTES)
    return speed;
  wanted = (guint64) ((double) bytes / (double) MAX (took, 1) * G_USEC_PER_SEC) / VALISE_BACKGROUND_SHARE;
  /* Not each time by a little. */
  if (wanted >= speed - speed / 8 && wanted <= speed + speed / 8)
    return speed;
  return CLAMP (wanted, MAX (LEAST_SPEED, speed / 2), 2 * speed);
}

/* What QEMU has copied since is on the disk at once, and not all at the end, when the guest would wait for all of it. */
guint64
_valise_export_pace_step (ValiseExportPace *self)
{
  guint64 before = self->allocated;
  gint64 took;

  self->allocated = count_allocated (self);
  took = flush (self);
  self->speed = _valise_export_pace_next (self->speed, self->allocated - MIN (before, self->allocated), took);
  return self->speed;
}
