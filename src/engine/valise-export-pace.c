/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-export-private.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/valise-background.h"
#include "base/valise-size.h"

/* Of each; a slower copy would meet no end. */
#define LEAST_SPEED (4 * VALISE_MIB)
/* Less says nothing of how fast the disk is. */
#define TELLING_BYTES VALISE_MIB

struct _ValiseExportPace
{
  GArray *files;     /* (element-type int) */
  guint64 allocated; /* bytes that they had at the last look */
  guint64 bytes;     /* copied since the speed was last thought about */
  gint64 took;       /* and how long that took to reach the disk, in microseconds */
  guint64 speed;     /* of all together */
  int failed;        /* what errno said of that, or 0 */
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
flush (ValiseExportPace *self)
{
  gint64 begun = g_get_monotonic_time ();

  for (guint i = 0; i < self->files->len; i++)
    {
      int failed = valise_background_flush (g_array_index (self->files, int, i), 0, 0);

      if (self->failed == 0)
        self->failed = failed;
    }
  return g_get_monotonic_time () - begun;
}

int
_valise_export_pace_get_failed (const ValiseExportPace *self)
{
  return self->failed;
}

guint64
_valise_export_pace_next (guint64 speed, guint64 bytes, gint64 took)
{
  guint64 wanted = (guint64) ((double) bytes / (double) MAX (took, 1) * G_USEC_PER_SEC) / VALISE_BACKGROUND_SHARE;

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

  self->allocated = count_allocated (self);
  self->took += flush (self);
  self->bytes += self->allocated - MIN (before, self->allocated);
  if (self->bytes >= TELLING_BYTES)
    {
      self->speed = _valise_export_pace_next (self->speed, self->bytes, self->took);
      self->bytes = 0;
      self->took = 0;
    }
  /* QEMU copies them all at once. */
  return MAX (self->speed / MAX (self->files->len, 1), LEAST_SPEED);
}
