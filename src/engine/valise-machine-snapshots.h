/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/valise-job.h"
#include "bundle/valise-snapshot.h"
#include "engine/valise-machine.h"

G_BEGIN_DECLS

/* Snapshots of a machine in whatever state it is. All of these block; errors are those of the bundle's functions of the
 * same name, %VALISE_ENGINE_ERROR_STATE, %VALISE_BUNDLE_ERROR_LOCKED, and as every call to libvirt. */

/* As valise_snapshots_list. */
GPtrArray *valise_machine_list_snapshots (ValiseMachine *self, GError **error);

/**
 * valise_machine_take_snapshot:
 * @name: what people see
 * @note: (nullable)
 * @with_memory: of one that runs: whether it can be woken from the snapshot; it stands still while its memory is
 * written. Without it the snapshot is what a power cut would have left. A suspended machine's memory always goes along.
 *
 * Returns: (transfer full): its id, or %NULL; then nothing has changed, and a running machine runs on
 */
char *valise_machine_take_snapshot (ValiseMachine *self,
                                    const char *name,
                                    const char *note,
                                    gboolean with_memory,
                                    GCancellable *cancellable,
                                    GError **error);

typedef enum
{
  VALISE_REVERT_DEFAULT = 0,
  VALISE_REVERT_WITHOUT_MEMORY = 1 << 0, /* the machine is off afterwards, as after a power cut at that moment */
  VALISE_REVERT_TRUST_MEMORY = 1 << 1,   /* memory that another computer wrote is given to QEMU here */
  VALISE_REVERT_INCOMPLETE = 1 << 2,     /* what it kept and is missing now begins afresh */
} ValiseRevertFlags;

/**
 * valise_machine_revert_snapshot:
 * @id: the snapshot
 *
 * Of a machine that is off or suspended. Afterwards it is suspended with the memory of the snapshot, if that has any;
 * else off. %VALISE_ENGINE_ERROR_ASK when the memory is missing, was written by another computer, or belongs to the
 * machine that this one was copied from, and the flags do not say what to do about it; as
 * valise_snapshot_check_whole() too.
 */
gboolean valise_machine_revert_snapshot (ValiseMachine *self,
                                         const char *id,
                                         ValiseRevertFlags flags,
                                         GCancellable *cancellable,
                                         GError **error);
/* What going back would be asked about, beforehand and of a machine in any state: %VALISE_ENGINE_ERROR_ASK as above. */
gboolean valise_machine_check_revert (ValiseMachine *self, const char *id, ValiseRevertFlags flags, GError **error);
/**
 * valise_machine_delete_snapshot:
 * @id: the snapshot
 *
 * Also while it runs: images that it has open are merged by QEMU itself. Gives way to verbs and other work on the machine,
 * and goes on after them, in whatever state the machine is then. Once the snapshot is gone, a cancel or an error leaves
 * the rest of the merging to the next delete; what QEMU cannot merge while it runs is %VALISE_SNAPSHOT_ERROR_LATER.
 */
gboolean
valise_machine_delete_snapshot (ValiseMachine *self, const char *id, GCancellable *cancellable, GError **error);
/* The same as the work of @job, which is told how far it is. */
gboolean valise_machine_delete_snapshot_in (ValiseMachine *self,
                                            const char *id,
                                            ValiseJob *job,
                                            GCancellable *cancellable,
                                            GError **error);
/* @name, @note: (nullable): %NULL leaves it. */
gboolean valise_machine_describe_snapshot (ValiseMachine *self,
                                           const char *id,
                                           const char *name,
                                           const char *note,
                                           GError **error);

/* Takes the images that snapshots froze for what they were then, at the user's word, where they are known to be other
 * ones now (%VALISE_SNAPSHOT_ERROR_CHANGED). Which these were, relative to the bundle. Errors as
 * valise_machine_describe_snapshot(). (element-type filename) (transfer full) */
GPtrArray *valise_machine_accept_images (ValiseMachine *self, GCancellable *cancellable, GError **error);

G_END_DECLS
