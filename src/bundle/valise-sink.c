/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-archive-private.h"

#include "base/valise-background.h"
#include "base/valise-size.h"
#include "bundle/valise-medium.h"

#include <glib/gi18n-lib.h>
#include <zstd.h>

/* Two threads for each core, so that one is ready to run where other programs want the cores as well; but one, where these
 * come first. Each costs about 6 MiB with jobs of this size: with ten of them packing takes some 80 MiB. */
#define LEVEL 3
#define THREADS_MOST 10
#define JOB_BYTES (2 * 1024 * 1024)
#define OUTPUT_BYTES (1024 * 1024)

struct _ValiseSink
{
  ZSTD_CCtx *context;
  int fd;
  char *path;
  int threads;
  guint64 expected, taken, written;
  guint64 behind; /* up to here it is on its way to the disk */
  ZSTD_outBuffer output;
};

static gboolean
check_zstd (gsize code, GError **error)
{
  if (!ZSTD_isError (code))
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("Compressing failed: %s"), ZSTD_getErrorName (code));
  return FALSE;
}

static gboolean
set_up (ValiseSink *self, GError **error)
{
  self->threads = MIN ((valise_background_is_here () ? 1 : 2) * g_get_num_processors (), THREADS_MOST);
  if (!check_zstd (ZSTD_CCtx_setParameter (self->context, ZSTD_c_compressionLevel, LEVEL), error)
      || !check_zstd (ZSTD_CCtx_setParameter (self->context, ZSTD_c_checksumFlag, 1), error))
    return FALSE;
  /* A libzstd built without threads says no here and compresses in this thread. */
  if (!ZSTD_isError (ZSTD_CCtx_setParameter (self->context, ZSTD_c_nbWorkers, self->threads)))
    return check_zstd (ZSTD_CCtx_setParameter (self->context, ZSTD_c_jobSize, JOB_BYTES), error);
  return TRUE;
}

ValiseSink *
_valise_sink_new (int fd, const char *path, guint64 expected, GError **error)
{
  g_autoptr (ValiseSink) self = g_new0 (ValiseSink, 1);

  self->context = ZSTD_createCCtx ();
  self->fd = fd;
  self->path = g_strdup (path);
  self->expected = expected;
  self->output.dst = g_malloc (OUTPUT_BYTES);
  self->output.size = OUTPUT_BYTES;
  return set_up (self, error) ? g_steal_pointer (&self) : NULL;
}

/* What cannot be compressed grows by three bytes a block of 128 KiB. */
static guint64
incompressible (guint64 bytes)
{
  return bytes + bytes / 4096 + VALISE_KIB;
}

/* What is left to come: at the rate at which it has shrunk so far, and were nothing of it to shrink any more. What
 * libzstd's threads have taken in and not given out yet has shrunk by nobody knows how much. */
static void
guess_rest (ValiseSink *self, guint64 *about, guint64 *most)
{
  guint64 under_way = (guint64) (self->threads + 3) * JOB_BYTES;
  guint64 packed = MAX (self->written, self->taken > under_way ? self->taken - under_way : 0);
  guint64 rest = self->expected > packed ? self->expected - packed : 0;

  *most = self->output.pos + incompressible (rest);
  *about = packed > 0 ? self->output.pos + (guint64) (rest * ((double) self->written / packed)) : *most;
  *about = MIN (*about, *most);
}

static gboolean
flush_output (ValiseSink *self, GError **error)
{
  gsize written;
  int failed = _valise_medium_write (self->fd, self->output.dst, self->output.pos, &written);
  guint64 about, most;

  self->written += written;
  self->output.pos -= written;
  if (failed == 0)
    failed = _valise_medium_write_behind (self->fd, &self->behind, self->written);
  if (failed == 0)
    return TRUE;
  guess_rest (self, &about, &most);
  _valise_medium_set_error_at_rate (error, failed, self->path, about, most);
  return FALSE;
}

gboolean
_valise_sink_write (ValiseSink *self, const void *data, gsize length, GError **error)
{
  ZSTD_inBuffer input = { data, length, 0 };

  valise_background_share ();
  while (input.pos < input.size)
    {
      if (!check_zstd (ZSTD_compressStream2 (self->context, &self->output, &input, ZSTD_e_continue), error))
        return FALSE;
      if (self->output.pos == self->output.size && !flush_output (self, error))
        return FALSE;
    }
  self->taken += length;
  return TRUE;
}

gboolean
_valise_sink_finish (ValiseSink *self, GError **error)
{
  ZSTD_inBuffer input = { NULL, 0, 0 };
  gsize left;

  do
    {
      left = ZSTD_compressStream2 (self->context, &self->output, &input, ZSTD_e_end);
      if (!check_zstd (left, error) || !flush_output (self, error))
        return FALSE;
    }
  while (left > 0);
  return TRUE;
}

void
_valise_sink_free (ValiseSink *self)
{
  ZSTD_freeCCtx (self->context);
  g_free (self->output.dst);
  g_free (self->path);
  g_free (self);
}
