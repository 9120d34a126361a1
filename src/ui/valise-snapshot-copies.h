/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-library.h"
#include "ui/valise-notice-bar.h"
#include "ui/valise-snapshot-row.h"

G_BEGIN_DECLS

/**
 * ValiseSnapshotCopies:
 *
 * What is made out of snapshots, clones and exports: asked, shown while it is under way, and said when it is there.
 */
#define VALISE_TYPE_SNAPSHOT_COPIES (valise_snapshot_copies_get_type ())
G_DECLARE_FINAL_TYPE (ValiseSnapshotCopies, valise_snapshot_copies, VALISE, SNAPSHOT_COPIES, GtkListBox)

/* @notices: of the same window */
void valise_snapshot_copies_set_machine (ValiseSnapshotCopies *self,
                                         ValiseMachine *machine,
                                         ValiseLibrary *library,
                                         ValiseNoticeBar *notices);
/* Does what @row asks for. */
void valise_snapshot_copies_follow (ValiseSnapshotCopies *self, ValiseSnapshotRow *row);

G_END_DECLS
