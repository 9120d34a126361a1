/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-library-entries-private.h"

G_BEGIN_DECLS

/* A machine that runs while its bundle goes: QEMU holds the files open and goes on, and somebody has to be able to stop
 * it, so its line stays until then. */

/* There is nothing of that name; one that may not be looked at is there. */
gboolean _valise_library_is_bundle_gone (const char *path);
gboolean _valise_library_is_lost (const ValiseLibraryEntry *entry);
/* Makes it the machine's error, and takes that back. */
void _valise_library_lost_say (ValiseLibraryEntry *entry);
void _valise_library_lost_unsay (ValiseLibraryEntry *entry);
/* Removes those that are not among the live ones any more, because their bundle has been found at another place.
 * @live_paths: (element-type filename) */
void _valise_library_lost_drop_moved (ValiseLibraryEntries *entries, GPtrArray *live_paths);

G_END_DECLS
