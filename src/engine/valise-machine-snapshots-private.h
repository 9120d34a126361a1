/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-machine-snapshots.h"

G_BEGIN_DECLS

typedef gboolean (*ValiseSnapshotWork) (ValiseMachine *self,
                                        ValiseBundle *bundle,
                                        gpointer data,
                                        GCancellable *cancellable,
                                        GError **error);

/* Alone with the machine's bundle, as it is now, whatever state the machine is in but starting or stopping. */
gboolean _valise_machine_work_on_snapshots (ValiseMachine *self,
                                            ValiseSnapshotWork func,
                                            gpointer data,
                                            GCancellable *cancellable,
                                            GError **error);
/* The same for who merges and has his turn (_valise_machine_wait_turn): merges that are under way go on. */
gboolean _valise_machine_work_on_merges (ValiseMachine *self,
                                         ValiseSnapshotWork func,
                                         gpointer data,
                                         GCancellable *cancellable,
                                         GError **error);
/* What a machine that runs has its disks in, as QEMU says. (element-type ValiseLiveDisk) (transfer full) */
GPtrArray *_valise_machine_read_live_disks (ValiseMachine *self, GError **error);
/* Has a machine that runs go over to the images that were made for it. @what: for messages; @memory: (nullable): where its
 * memory is written at that moment */
gboolean _valise_machine_switch_images (ValiseMachine *self,
                                        ValiseSnapshotTaking *taking,
                                        const char *what,
                                        const char *memory,
                                        GError **error);
/* As valise_machine_take_snapshot, one of its schedule's, without memory. */
char *_valise_machine_take_scheduled (ValiseMachine *self, const char *name, GCancellable *cancellable, GError **error);
/* One of a machine that does not run, by somebody who holds its lock: see valise-precaution-private.h. With @stays an
 * ordinary one. */
char *_valise_machine_take_precaution (ValiseMachine *self,
                                       ValiseBundle *bundle,
                                       const char *name,
                                       const char *note,
                                       gboolean stays,
                                       GCancellable *cancellable,
                                       GError **error);

G_END_DECLS
