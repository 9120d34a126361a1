/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-library.h"

G_BEGIN_DECLS

/* What touches files only runs in any thread; what takes the library, in the main context. */

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
  char *uuid; /* as libvirt writes it, or NULL */
  const char *group;
  char *error;
  guint64 memory;
  gint64 suspended_at;
  guint16 cpus;
  gboolean is_template, is_linked;
  gboolean retry; /* no bundle yet, but it may be one that is just being copied here */
} ValiseLibraryFacts;
void _valise_library_facts_free (ValiseLibraryFacts *facts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseLibraryFacts, _valise_library_facts_free)

/* Never fails: what is wrong with the bundle is in ->error. */
ValiseLibraryFacts *_valise_library_read_facts (const char *path);

ValiseLibraryEntry *_valise_library_entry_new (const char *path, gboolean elsewhere);
void _valise_library_entry_free (ValiseLibraryEntry *entry);
/* By name as people sort, then by path. (element-type ValiseLibraryEntry) */
void _valise_library_sort (GPtrArray *entries);

/* Whether a file name is one of a bundle: ends in .vmbundle and is not hidden. */
gboolean _valise_library_is_bundle_name (const char *name);
/* Whether a bundle's path is one of @directory's own. */
gboolean _valise_library_is_in_directory (const char *directory, const char *path);

/* Names only: one readdir, sorted. A missing directory is an empty library.
 * @elsewhere: (element-type filename): further bundles. (element-type ValiseLibraryEntry) (transfer full) */
GPtrArray *_valise_library_list (const char *directory, GPtrArray *elsewhere, GError **error);
/* The same in a thread. @elsewhere: (transfer full) */
void _valise_library_list_async (ValiseLibrary *library,
                                 GPtrArray *elsewhere,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback);
GPtrArray *_valise_library_list_finish (GAsyncResult *result, GError **error);

/* What is shown of a bundle's name: the same for names that look the same. (transfer full) */
char *_valise_library_show_name (const char *name);
/* Whether the bundle may have that name, by a quick look at the bytes: most have another, and are not parsed. */
gboolean _valise_library_peek_name (const char *path, const char *name);

/* The group of a bundle by a quick look at the bytes; most have none and are not parsed. Interned. (nullable) */
const char *_valise_library_peek_group (const char *path);

typedef struct
{
  char *path;
  const char *group;
} ValisePeekedGroup;

/* The same for many, in a thread, in their order. @paths: (element-type filename) (transfer full) */
void _valise_library_peek_groups_async (ValiseLibrary *library,
                                        GPtrArray *paths,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback);
/* Those that have one; %NULL when cancelled. (element-type ValisePeekedGroup) (transfer full) (nullable) */
GArray *_valise_library_peek_groups_finish (GAsyncResult *result);

/* In the main context, while the library lives. */
typedef void (*ValiseLibraryBundleFunc) (ValiseLibrary *library, const char *path);
typedef void (*ValiseLibraryMadeFunc) (ValiseLibrary *library);

/* Watches the library's directory for bundles; while there is none, @made is called when somebody makes it, and the
 * watch is of no further use. (transfer full) (nullable): %NULL if there is nothing around it either, or no way to
 * watch it */
GFileMonitor *_valise_library_watch (ValiseLibrary *library,
                                     ValiseLibraryBundleFunc appeared,
                                     ValiseLibraryBundleFunc went,
                                     ValiseLibraryMadeFunc made);

G_END_DECLS
