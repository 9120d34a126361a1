/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-clone.h"
#include "bundle/valise-snapshot-private.h"

G_BEGIN_DECLS

/* What a clone is to be made of. */
typedef struct
{
  ValiseBundle *bundle;
  const char *path;         /* of the original */
  GPtrArray *snapshots;     /* all of the original's */
  ValiseDocument *document; /* as it will be the clone's, but for its identity */
  GPtrArray *images;        /* (element-type utf8): the original's that the clone needs, relative */
  GPtrArray *frozen;   /* (element-type ValiseSnapshotDisk): those of them that it only builds on; without stamps */
  GPtrArray *overlays; /* (element-type ValiseCloneOverlay) */
  GHashTable *brought; /* what lies elsewhere and is copied, as valise_bring_files has it */
  GHashTable *kept;    /* further files in disks/ that go along */
  GHashTable *left;    /* files that do not */
  guint64 bytes;       /* of the images, at most */
} ValiseClonePlan;

/* A new image for a disk. */
typedef struct
{
  char *file;   /* relative */
  char *base;   /* name of the image below it */
  char *format; /* of that */
  guint64 bytes;
} ValiseCloneOverlay;

ValiseClonePlan *_valise_clone_plan_new (ValiseBundle *bundle, const ValiseCloneChoice *choice, GError **error);
void _valise_clone_plan_free (ValiseClonePlan *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseClonePlan, _valise_clone_plan_free)

/* Replaces a file that has several names by a copy of its own, with the same time. */
gboolean _valise_clone_own (const char *path, ValiseJob *job, GCancellable *cancellable, GError **error);

G_END_DECLS
