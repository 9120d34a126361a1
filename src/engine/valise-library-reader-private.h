/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-library-private.h"

G_BEGIN_DECLS

/**
 * ValiseFactsReader:
 *
 * One thread that opens the bundles whose rows came into view; those asked for last are read first.
 */
typedef struct _ValiseFactsReader ValiseFactsReader;

/* In the main context, while the library lives. @facts belongs to the reader. */
typedef void (*ValiseFactsReadFunc) (ValiseLibrary *library, const char *path, ValiseLibraryFacts *facts);

/* @library: outlives the reader; what is under way when it goes is not delivered. */
ValiseFactsReader *_valise_facts_reader_new (ValiseLibrary *library, ValiseFactsReadFunc read);
/* Waits until all that was asked for has been read. */
void _valise_facts_reader_free (ValiseFactsReader *self);
void _valise_facts_reader_want (ValiseFactsReader *self, const char *path);
/* valise_library_refresh() for @path in @delay milliseconds, while the library lives. */
void _valise_facts_reader_want_again (ValiseFactsReader *self, const char *path, guint delay);

G_END_DECLS
