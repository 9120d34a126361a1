/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-snapshot-private.h"

G_BEGIN_DECLS

/* Merging the images of one machine's deleted snapshots. */
typedef struct
{
  ValiseBundle *bundle;
  const char *path;
  GPtrArray *all;                 /* with the hidden ones (element-type ValiseSnapshot) */
  const ValiseSnapshotLive *live; /* NULL: it does not run */
  ValiseJob *job;                 /* (nullable): told how far what qemu-img does is */
  GCancellable *cancellable;
  GError *later; /* why something waits until it does not */
} ValiseMerge;

typedef enum
{
  VALISE_MERGE_FAILED,
  VALISE_MERGE_KEPT, /* others need it as it is */
  VALISE_MERGE_DONE,
} ValiseMergeOutcome;

gboolean _valise_merge_write_record (ValiseMerge *self, const ValiseSnapshot *snapshot, GError **error);
/* One image of a hidden snapshot. What has to wait until the machine is off is kept, and self->later says why. */
ValiseMergeOutcome
_valise_merge_try_disk (ValiseMerge *self, const ValiseSnapshot *hidden, ValiseSnapshotDisk *disk, GError **error);

G_END_DECLS
