/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-library.h"

G_BEGIN_DECLS

/* Everything here touches files only and runs in any thread. */

enum
{
  VALISE_FACTS_UNKNOWN,
  VALISE_FACTS_WANTED,
  VALISE_FACTS_KNOWN,
};

typedef struct
{
  char *path;
  char *name;
  const char *group;
  char *error;
  guint64 memory;
  gint64 suspended_at;
  guint16 cpus;
  gboolean retry; /* no bundle yet, but it may be one that is just being copied here */
} ValiseLibraryFacts;
void _valise_library_facts_free (ValiseLibraryFacts *facts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseLibraryFacts, _valise_library_facts_free)

/* Never fails: what is wrong with the bundle is in ->error. */
ValiseLibraryFacts *_valise_library_read_facts (const char *path);

ValiseLibraryEntry *_valise_library_entry_new (const char *path, gboolean elsewhere);
void _valise_library_entry_free (ValiseLibraryEntry *entry);
/* By name as people sort, then by path. */
int _valise_library_entry_compare (const ValiseLibraryEntry *a, const ValiseLibraryEntry *b);

/* Whether a file name is one of a bundle: ends in .vmbundle and is not hidden. */
gboolean _valise_library_is_bundle_name (const char *name);

/* Names only: one readdir, sorted. A missing directory is an empty library.
 * @elsewhere: (element-type filename): further bundles. (element-type ValiseLibraryEntry) (transfer full) */
GPtrArray *_valise_library_list (const char *directory, GPtrArray *elsewhere, GError **error);

/* The group of a bundle by a quick look at the bytes; most have none and are not parsed. Interned. (nullable) */
const char *_valise_library_peek_group (const char *path);

/* STATE/library: bundles elsewhere, one URI a line. */
GPtrArray *_valise_library_load_elsewhere (void);
gboolean _valise_library_save_elsewhere (GPtrArray *paths, GError **error);

G_END_DECLS
