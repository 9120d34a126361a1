/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-archive-private.h"

#include "bundle/valise-bundle.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#define INPUT_BYTES (256 * 1024)
#define CHUNKS 8
/* Our own archives need 2 MiB; a stranger's may ask for no more than 32 MiB. */
#define WINDOW_LOG_MOST 25

struct _ValiseSource
{
  int fd;
  ValiseJob *job;
  ZSTD_DCtx *context;
  ValiseChunkPool *pool;
  GAsyncQueue *ready; /* of ValiseChunk; an empty one is the end */
  GThread *thread;
  gint stopping;
  gboolean ended;
  GError *error; /* set by the thread before it sends the end */

  guint8 *bytes;
  ZSTD_inBuffer input;
  guint64 file_size;
  guint64 taken; /* read by the thread */
  guint64 given; /* unpacked into what the reader has been given */
  gsize hint;
};

static gboolean
set_corrupt (GError **error, const char *what)
{
  g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_CORRUPT, _ ("%s Copy or download the file again."),
               what);
  return FALSE;
}

/* FALSE at the end of the file as well, then without an error. */
static gboolean
fill_input (ValiseSource *self, GError **error)
{
  gssize got;

  do
    got = read (self->fd, self->bytes, INPUT_BYTES);
  while (got < 0 && errno == EINTR);
  if (got < 0)
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), _ ("The archive cannot be read: %s"),
                 g_strerror (errno));
  if (got <= 0)
    return FALSE;
  self->input = (ZSTD_inBuffer){ self->bytes, got, 0 };
  self->taken += (guint64) got;
  valise_job_set_done (self->job, self->taken);
  return TRUE;
}

static gboolean
check_nothing_follows (ValiseSource *self, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (self->input.pos == self->input.size && !fill_input (self, &local))
    {
      if (local == NULL)
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  return set_corrupt (error, _ ("There are bytes after the end of the archive."));
}

/* Fills @chunk; @finished when the frame is complete. */
static gboolean
fill_chunk (ValiseSource *self, ValiseChunk *chunk, gboolean *finished, GError **error)
{
  ZSTD_outBuffer output = { chunk->data, VALISE_CHUNK_BYTES, 0 };
  g_autoptr (GError) local = NULL;

  while (output.pos < output.size && !*finished)
    {
      if (self->input.pos == self->input.size && !fill_input (self, &local))
        {
          if (local == NULL)
            return set_corrupt (error, _ ("The archive is cut short."));
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      self->hint = ZSTD_decompressStream (self->context, &output, &self->input);
      if (ZSTD_isError (self->hint))
        return set_corrupt (error, _ ("The archive is damaged or no Valise archive."));
      *finished = self->hint == 0;
    }
  chunk->length = output.pos;
  chunk->place = self->taken - (self->input.size - self->input.pos);
  return !*finished || check_nothing_follows (self, error);
}

static gpointer
source_thread (gpointer data)
{
  ValiseSource *self = data;
  gboolean finished = FALSE, fine = TRUE;
  ValiseChunk *chunk;

  while (!finished && fine)
    {
      chunk = _valise_chunk_take (self->pool);
      if (g_atomic_int_get (&self->stopping))
        fine = FALSE;
      else
        fine = fill_chunk (self, chunk, &finished, &self->error);
      if (fine && chunk->length > 0)
        g_async_queue_push (self->ready, chunk);
      else
        _valise_chunk_unref (chunk);
    }
  /* The end is an empty chunk. */
  g_async_queue_push (self->ready, _valise_chunk_take (self->pool));
  return NULL;
}

ValiseSource *
_valise_source_new (int fd, ValiseJob *job, GError **error)
{
  ValiseSource *self;
  struct stat st;

  if (fstat (fd, &st) != 0 || !S_ISREG (st.st_mode))
    {
      g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_NOT_A_BUNDLE,
                   _ ("The archive is not a plain file."));
      return NULL;
    }
  self = g_new0 (ValiseSource, 1);
  self->fd = fd;
  self->job = job;
  self->file_size = st.st_size;
  self->bytes = g_malloc (INPUT_BYTES);
  self->context = ZSTD_createDCtx ();
  ZSTD_DCtx_setParameter (self->context, ZSTD_d_windowLogMax, WINDOW_LOG_MOST);
  self->pool = _valise_chunk_pool_new (CHUNKS);
  self->ready = g_async_queue_new ();
  valise_job_set_total (job, self->file_size);
  self->thread = g_thread_new ("valise-unpack", source_thread, self);
  return self;
}

ValiseChunk *
_valise_source_next (ValiseSource *self, GError **error)
{
  ValiseChunk *chunk;

  if (self->ended)
    return NULL;
  chunk = g_async_queue_pop (self->ready);
  if (chunk->length > 0)
    {
      self->given = chunk->place;
      return chunk;
    }
  self->ended = TRUE;
  _valise_chunk_unref (chunk);
  if (self->error != NULL)
    g_propagate_error (error, g_steal_pointer (&self->error));
  return NULL;
}

guint64
_valise_source_get_rest (ValiseSource *self)
{
  return self->file_size > self->given ? self->file_size - self->given : 0;
}

void
_valise_source_stop (ValiseSource *self)
{
  ValiseChunk *chunk;

  g_atomic_int_set (&self->stopping, TRUE);
  while ((chunk = _valise_source_next (self, NULL)) != NULL)
    _valise_chunk_unref (chunk);
  g_clear_pointer (&self->thread, g_thread_join);
}

void
_valise_source_free (ValiseSource *self)
{
  g_clear_error (&self->error);
  _valise_chunk_pool_free (self->pool);
  g_async_queue_unref (self->ready);
  ZSTD_freeDCtx (self->context);
  g_free (self->bytes);
  g_free (self);
}
