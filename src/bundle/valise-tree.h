/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-travel.h"

G_BEGIN_DECLS

/* What of a bundle travels: copied and archived alike. Private to this room. */

#define VALISE_TREE_ENTRIES_MOST 10000
#define VALISE_TREE_DEPTH_MOST 16

typedef struct
{
  char *path; /* relative to the bundle */
  gboolean is_folder;
  guint64 size;
  guint64 data; /* bytes that take room, at most @size */
  gint64 modified;
} ValiseTreeEntry;

/* Whether a relative path stays behind: .lock, .history, other hidden names at the top, logs/, partial files. */
gboolean _valise_tree_stays_behind (const char *relative);

/* Everything that travels (@travel is nullable): config.xml first, folders before what is in them, large files last. Links, devices and names
 * that are no text are %VALISE_BUNDLE_ERROR_UNSAFE. (element-type ValiseTreeEntry) */
GPtrArray *_valise_tree_list (const char *bundle_path, const ValiseTravel *travel, GError **error);
guint64 _valise_tree_total (GPtrArray *entries);

typedef struct
{
  guint64 offset, length;
} ValiseExtent;

/* Where a file of @size bytes has data, in order and never touching each other; one whole extent where the file system
 * does not say. At most 200,000: beyond that the smallest holes are counted as data. (element-type ValiseExtent) */
GArray *_valise_tree_extents (int fd, guint64 size);

G_END_DECLS
