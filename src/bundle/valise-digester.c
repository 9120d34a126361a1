/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-digester.h"

#include <string.h>

#include "bundle/valise-gnutls.h"

struct _ValiseChunkPool
{
  GAsyncQueue *free;
  guint count;
};

ValiseChunkPool *
_valise_chunk_pool_new (guint chunks)
{
  ValiseChunkPool *self = g_new0 (ValiseChunkPool, 1);

  self->free = g_async_queue_new ();
  self->count = chunks;
  for (guint i = 0; i < chunks; i++)
    {
      ValiseChunk *chunk = g_malloc (sizeof *chunk);

      chunk->pool = self;
      chunk->refs = 0;
      chunk->length = 0;
      g_async_queue_push (self->free, chunk);
    }
  return self;
}

void
_valise_chunk_pool_free (ValiseChunkPool *self)
{
  g_assert (g_async_queue_length (self->free) == (gint) self->count);
  for (guint i = 0; i < self->count; i++)
    g_free (g_async_queue_pop (self->free));
  g_async_queue_unref (self->free);
  g_free (self);
}

ValiseChunk *
_valise_chunk_take (ValiseChunkPool *pool)
{
  ValiseChunk *chunk = g_async_queue_pop (pool->free);

  g_atomic_int_set (&chunk->refs, 1);
  chunk->length = 0;
  return chunk;
}

static ValiseChunk *
chunk_ref (ValiseChunk *self)
{
  g_atomic_int_inc (&self->refs);
  return self;
}

void
_valise_chunk_unref (ValiseChunk *self)
{
  /* The one used last comes back first: its memory is still in the processor's cache. */
  if (g_atomic_int_dec_and_test (&self->refs))
    g_async_queue_push_front (self->pool->free, self);
}

typedef enum
{
  MESSAGE_BEGIN,
  MESSAGE_ADD,
  MESSAGE_END,
  MESSAGE_FINISH,
} MessageKind;

typedef struct
{
  MessageKind kind;
  ValiseDigest *digest;
  ValiseChunk *chunk;
  guint8 *copy;
  const guint8 *bytes;
  gsize length;
  guint64 offset;
} Message;

struct _ValiseDigester
{
  GThread *thread;
  GAsyncQueue *queue;

  /* The thread's own. */
  ValiseDigest *digest;
  gnutls_hash_hd_t data, map;
  guint64 extent_start, extent_end;
  gboolean has_extent, is_sparse;
};

static gnutls_hash_hd_t
new_hash (void)
{
  gnutls_hash_hd_t hash = NULL;

  if (gnutls_hash_init (&hash, GNUTLS_DIG_SHA256) != 0)
    g_error ("SHA-256 is not available");
  return hash;
}

static void
end_hash (gnutls_hash_hd_t hash, char *text)
{
  guint8 raw[32];

  gnutls_hash_deinit (hash, raw);
  for (guint i = 0; i < sizeof raw; i++)
    g_snprintf (text + 2 * i, 3, "%02x", raw[i]);
}

static void
close_extent (ValiseDigester *self)
{
  char line[48];

  if (!self->has_extent)
    return;
  g_snprintf (line, sizeof line, "%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT "\n", self->extent_start,
              self->extent_end - self->extent_start);
  gnutls_hash (self->map, line, strlen (line));
}

static void
add_bytes (ValiseDigester *self, const Message *message)
{
  if (!self->has_extent || message->offset != self->extent_end)
    {
      self->is_sparse |= self->has_extent || message->offset != 0;
      close_extent (self);
      self->extent_start = message->offset;
      self->has_extent = TRUE;
    }
  self->extent_end = message->offset + message->length;
  self->digest->stored += message->length;
  gnutls_hash (self->data, message->bytes, message->length);
}

static void
begin_file (ValiseDigester *self, ValiseDigest *digest)
{
  self->digest = digest;
  self->data = new_hash ();
  self->map = new_hash ();
  self->has_extent = self->is_sparse = FALSE;
  self->extent_start = self->extent_end = 0;
}

static void
end_file (ValiseDigester *self, guint64 size)
{
  close_extent (self);
  end_hash (self->data, self->digest->data);
  end_hash (self->map, self->digest->map);
  if (!self->is_sparse && self->extent_end == size)
    g_strlcpy (self->digest->map, "-", sizeof self->digest->map);
  self->digest->size = size;
  self->digest = NULL;
}

static void
message_free (Message *self)
{
  g_clear_pointer (&self->chunk, _valise_chunk_unref);
  g_free (self->copy);
  g_free (self);
}

static gpointer
digest_thread (gpointer data)
{
  ValiseDigester *self = data;
  MessageKind kind;

  do
    {
      Message *message = g_async_queue_pop (self->queue);

      kind = message->kind;
      if (kind == MESSAGE_BEGIN)
        begin_file (self, message->digest);
      else if (kind == MESSAGE_ADD)
        add_bytes (self, message);
      else if (kind == MESSAGE_END)
        end_file (self, message->offset);
      message_free (message);
    }
  while (kind != MESSAGE_FINISH);
  /* Broken off in the middle of a file. */
  if (self->digest != NULL)
    {
      gnutls_hash_deinit (self->data, NULL);
      gnutls_hash_deinit (self->map, NULL);
    }
  return NULL;
}

static void
send (ValiseDigester *self, Message contents)
{
  g_async_queue_push (self->queue, g_memdup2 (&contents, sizeof contents));
}

ValiseDigester *
_valise_digester_new (GError **error)
{
  ValiseDigester *self;

  if (!valise_late_load (&valise_gnutls, error))
    return NULL;
  self = g_new0 (ValiseDigester, 1);
  self->queue = g_async_queue_new ();
  self->thread = g_thread_new ("valise-digest", digest_thread, self);
  return self;
}

void
_valise_digester_begin (ValiseDigester *self, ValiseDigest *digest)
{
  send (self, (Message){ .kind = MESSAGE_BEGIN, .digest = digest });
}

void
_valise_digester_add (ValiseDigester *self, guint64 offset, ValiseChunk *chunk, const guint8 *bytes, gsize length)
{
  Message message = { .kind = MESSAGE_ADD, .offset = offset, .length = length };

  if (length == 0)
    return;
  if (chunk != NULL)
    message.chunk = chunk_ref (chunk);
  else
    message.copy = g_memdup2 (bytes, length);
  message.bytes = chunk != NULL ? bytes : message.copy;
  send (self, message);
}

void
_valise_digester_end (ValiseDigester *self, guint64 size)
{
  send (self, (Message){ .kind = MESSAGE_END, .offset = size });
}

void
_valise_digester_finish (ValiseDigester *self)
{
  send (self, (Message){ .kind = MESSAGE_FINISH });
  g_thread_join (self->thread);
  g_async_queue_unref (self->queue);
  g_free (self);
}
