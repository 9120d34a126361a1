/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-library-private.h"

G_BEGIN_DECLS

/**
 * ValiseLibraryEntries:
 *
 * The rows of a library: sorted by name, found by path. Tells a list model of every change, and keeps an entry that
 * left until the handlers of that "items-changed" have run. Main context only.
 */
typedef struct _ValiseLibraryEntries ValiseLibraryEntries;

/* Whether an entry that the scan did not find is no less there. */
typedef gboolean (*ValiseLibraryKeepFunc) (const ValiseLibraryEntry *entry, gpointer data);

/* @model: the list model that shows them and outlives them; handlers that machines call with it as their data are
 * disconnected when the entry goes. */
ValiseLibraryEntries *_valise_library_entries_new (GListModel *model);
void _valise_library_entries_free (ValiseLibraryEntries *self);

guint _valise_library_entries_get_length (ValiseLibraryEntries *self);
/* (nullable): %NULL beyond the end */
ValiseLibraryEntry *_valise_library_entries_get (ValiseLibraryEntries *self, guint position);
/* @path: canonical. (nullable) */
ValiseLibraryEntry *_valise_library_entries_lookup (ValiseLibraryEntries *self, const char *path);
/* The only one of that name, whose bundle is read when nothing is known of it yet. @directory: what messages call the
 * library. Fails with %VALISE_ENGINE_ERROR_NOT_FOUND or _AMBIGUOUS. (transfer none) */
ValiseLibraryEntry *
_valise_library_entries_find (ValiseLibraryEntries *self, const char *name, const char *directory, GError **error);
/* @entry: (transfer full): one whose path is not there yet */
void _valise_library_entries_insert (ValiseLibraryEntries *self, ValiseLibraryEntry *entry);
void _valise_library_entries_remove (ValiseLibraryEntries *self, ValiseLibraryEntry *entry);
/* The name decides the place, so a new name moves the row. */
void _valise_library_entries_rename (ValiseLibraryEntries *self, ValiseLibraryEntry *entry, const char *name);
/* Takes the entries out of @found (sorted); one that was known before keeps its object and facts, and those @keep wants
 * stay too. */
void _valise_library_entries_replace (ValiseLibraryEntries *self,
                                      GPtrArray *found,
                                      ValiseLibraryKeepFunc keep,
                                      gpointer data);

G_END_DECLS
