/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Buffers that several threads read at once, and a thread that takes SHA-256 of what passes. Private to this room. */

#define VALISE_CHUNK_BYTES (1024 * 1024)

typedef struct _ValiseChunkPool ValiseChunkPool;

typedef struct
{
  ValiseChunkPool *pool;
  gint refs;
  gsize length;  /* bytes filled */
  guint64 place; /* where in the file what it was filled from ends */
  guint8 data[VALISE_CHUNK_BYTES];
} ValiseChunk;

ValiseChunkPool *_valise_chunk_pool_new (guint chunks);
/* All chunks must be back. */
void _valise_chunk_pool_free (ValiseChunkPool *self);
/* Waits until one is free. */
ValiseChunk *_valise_chunk_take (ValiseChunkPool *pool);
void _valise_chunk_unref (ValiseChunk *self);

/**
 * ValiseDigest:
 * @data: SHA-256 of the bytes of all extents one after the other, as hexadecimal; of a file without holes its plain
 * SHA-256
 * @map: SHA-256 of "OFFSET LENGTH\n" of each extent; "-" when one extent is the whole file or the file is empty
 */
typedef struct
{
  char data[65], map[65];
  guint64 size, stored;
} ValiseDigest;

typedef struct _ValiseDigester ValiseDigester;
/* Fails where GnuTLS is missing. */
ValiseDigester *_valise_digester_new (GError **error);
/* Starts a file. @digest is filled by the thread and may be read after _valise_digester_finish. */
void _valise_digester_begin (ValiseDigester *self, ValiseDigest *digest);
/* Bytes at @offset, not below the ones before. With a @chunk they lie in it and it is held until they are read;
 * without, they are copied. */
void _valise_digester_add (ValiseDigester *self, guint64 offset, ValiseChunk *chunk, const guint8 *bytes, gsize length);
void _valise_digester_end (ValiseDigester *self, guint64 size);
/* Waits for the thread and frees. */
void _valise_digester_finish (ValiseDigester *self);

G_END_DECLS
