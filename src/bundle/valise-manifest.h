/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-digester.h"

G_BEGIN_DECLS

/* The last member of an archive: what is in it, with digests. Private to this room.
 *
 *   valise-manifest 1
 *   folder disks
 *   file DATA-SHA256 MAP-SHA256|- SIZE STORED disks/root.qcow2
 *   end
 * 2 */
#define VALISE_MANIFEST_NAME ".manifest"
#define VALISE_MANIFEST_MOST (8 * 1024 * 1024)

typedef struct
{
  GString *text;
  guint count;
} ValiseManifest;

void _valise_manifest_begin (ValiseManifest *self);
/* @digest %NULL: a folder. */
void _valise_manifest_add (ValiseManifest *self, const char *path, const ValiseDigest *digest);
void _valise_manifest_end (ValiseManifest *self);
void _valise_manifest_clear (ValiseManifest *self);

/* The path of the first entry in which two manifests of the same kind differ (of @expected where it has more), or %NULL
 * when they agree. Both are whole texts; one that is no manifest differs. */
char *_valise_manifest_difference (const char *expected, const char *found);

G_END_DECLS
