/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-archive.h"
#include "bundle/valise-digester.h"

#include <locale.h>

G_BEGIN_DECLS

/* libarchive converts names through the thread's locale; ours are UTF-8 whatever the user's locale is. Private to this
 * room. */
typedef struct
{
  locale_t utf8, before;
} ValiseArchiveLocale;
void _valise_archive_locale_enter (ValiseArchiveLocale *self);
void _valise_archive_locale_leave (ValiseArchiveLocale *self);

/* --- the compressing end --- */

typedef struct _ValiseSink ValiseSink;
/* Compresses on all cores into @fd, which stays the caller's. @path is for messages. */
ValiseSink *_valise_sink_new (int fd, const char *path, guint64 expected, GError **error);
gboolean _valise_sink_write (ValiseSink *self, const void *data, gsize length, GError **error);
gboolean _valise_sink_finish (ValiseSink *self, GError **error);
void _valise_sink_free (ValiseSink *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseSink, _valise_sink_free)

/* --- the decompressing end --- */

typedef struct _ValiseSource ValiseSource;
/* Decompresses @fd ahead of the reader in a thread of its own; @fd stays the caller's. @job gets the compressed bytes
 * read. */
ValiseSource *_valise_source_new (int fd, ValiseJob *job, GError **error);
/* The next piece: a reference of the caller's, with data in it; %NULL at the end of the frame or with an error.
 * Everything wrong with the compressed bytes is %VALISE_BUNDLE_ERROR_CORRUPT: cut short, changed, or followed by
 * more. */
ValiseChunk *_valise_source_next (ValiseSource *self, GError **error);
/* Bytes of the file that come after the last piece given; how far the thread is ahead does not count. */
guint64 _valise_source_get_rest (ValiseSource *self);
/* Stops early if need be. All chunks must have been given back or be on their way. */
void _valise_source_stop (ValiseSource *self);
void _valise_source_free (ValiseSource *self);

G_END_DECLS
