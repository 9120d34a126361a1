/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/valise-size.h"
#include "engine/valise-export.h"
#include "engine/valise-machine-private.h"
#include "formats/valise-outline.h"
#include "model/valise-grants.h"

G_BEGIN_DECLS

/* Which moment a copy of a running machine shows. */
typedef enum
{
  VALISE_MOMENT_OFF,    /* it did not run */
  VALISE_MOMENT_CRASH,  /* as after a power cut */
  VALISE_MOMENT_SILENT, /* the same, since the guest's agent did not answer */
  VALISE_MOMENT_FROZEN, /* the guest had written everything */
} ValiseMoment;

/**
 * _valise_export_stage:
 * @machine: one that runs
 * @directory, @name: as for valise_bundle_begin()
 * @left: (array zero-terminated=1): what stays behind anyway
 * @moment: (out): what was reached
 *
 * Copies what it is at one moment, while it goes on running, into a bundle that is being made; whoever gets it commits or
 * abandons it. Snapshots and disk jobs are refused as long as it copies. An error says so when the guest was left standing
 * still. @document: (out) (transfer full): what belongs to it
 */
ValiseBundle *_valise_export_stage (ValiseMachine *machine,
                                    const char *directory,
                                    const char *name,
                                    const char *const *left,
                                    ValiseDocument **document,
                                    ValiseMoment *moment,
                                    ValiseJob *job,
                                    GCancellable *cancellable,
                                    GError **error);

/* --- how fast --- */

/* How fast QEMU may copy the disks of a machine that runs, so that its guest has them to itself most of the time. Not safe
 * to use from two threads. */
typedef struct _ValiseExportPace ValiseExportPace;

/* Before anything is known of the disk; bytes in a second. */
#define VALISE_EXPORT_PACE_FIRST (32 * VALISE_MIB)

/* @speed: that it begins with */
ValiseExportPace *_valise_export_pace_new (guint64 speed);
void _valise_export_pace_free (ValiseExportPace *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseExportPace, _valise_export_pace_free)
/* @path: a file that is copied to, and is there. */
void _valise_export_pace_add (ValiseExportPace *self, const char *path);
/* What errno said when something did not reach the disk, of which nobody else is told; otherwise 0. */
int _valise_export_pace_get_failed (const ValiseExportPace *self);
/* To be called about ten times a second: brings to the disk what was copied since. Blocking. Returns how many bytes in a
 * second each disk may be copied with from now on. */
guint64 _valise_export_pace_step (ValiseExportPace *self);
/* The same when @bytes were brought to the disk in @took microseconds, and the speed was @speed: its share of what the
 * disk takes, by a step to it that is not too wide. */
guint64 _valise_export_pace_next (guint64 speed, guint64 bytes, gint64 took);

/* --- what may be read --- */

/* Whether the machine's snapshots go along; they hold keys and memory of their own. */
gboolean _valise_export_takes_snapshots (const ValiseExportChoice *choice);
/* What the user allowed the machine on this computer; %NULL: nothing. (transfer full) (nullable) */
ValiseGrants *_valise_export_load_grants (ValiseBundle *bundle);
/* Targets of the disks in @document whose files lie outside of the bundle and which its machine may not read.
 * (element-type utf8) (transfer full) */
GHashTable *_valise_export_list_withheld (ValiseBundle *bundle, ValiseDocument *document);
/* valise_outline() with the files outside of the bundle that @grants (nullable) hold, but of a snapshot without the
 * disks there, which are as they are now. (transfer full) */
ValiseBlueprint *_valise_export_outline (ValiseBundle *bundle,
                                         ValiseDocument *document,
                                         ValiseGrants *grants,
                                         const ValiseExportChoice *choice);
/* Adds to @report what of @outline may not be read, where the format would have had it. */
void _valise_export_tell_reach (GPtrArray *report, const ValiseBlueprint *outline, const ValiseExportChoice *choice);

/* --- without snapshots --- */

/* Adds what only snapshots need: their folder, and the images below the disks of @document or of a snapshot's that are
 * none of @document's. #ValiseImageError when a disk's images cannot be told, %VALISE_SNAPSHOT_ERROR_DAMAGED. */
gboolean
_valise_export_list_frozen (ValiseBundle *bundle, ValiseDocument *document, GStrvBuilder *left, GError **error);
/* Whether a disk is the difference to a frozen one. #ValiseImageError when that cannot be told. */
gboolean _valise_export_is_layered (ValiseBundle *bundle, ValiseDocument *document, gboolean *layered, GError **error);
/* A copy that is being made, as _valise_export_stage(), of a bundle whose images nobody changes meanwhile: with whole
 * disks and without what is @left. */
ValiseBundle *_valise_export_flatten (ValiseBundle *bundle,
                                      ValiseDocument *document,
                                      const char *directory,
                                      const char *name,
                                      const char *const *left,
                                      ValiseJob *job,
                                      GCancellable *cancellable,
                                      GError **error);

/* --- a snapshot --- */

/* The settings that leave: those of the snapshot, of the machine that it is now, or of now. (transfer full) */
ValiseDocument *_valise_export_read_moment (ValiseBundle *bundle, const ValiseExportChoice *choice, GError **error);
/* Adds to @report what a snapshot's export is without, and why it cannot be. */
gboolean _valise_export_tell_snapshot (GPtrArray *report,
                                       ValiseBundle *bundle,
                                       const ValiseExportChoice *choice,
                                       GError **error);
/* Has a reader of @document, a snapshot's, find what else is the snapshot's. #ValiseSnapshotError when what it froze is
 * not what it was. */
gboolean _valise_export_enter_snapshot (ValiseBundle *bundle, const char *id, ValiseDocument *document, GError **error);
/* As _valise_export_flatten(), of what a snapshot has. @bundle: nobody changes its snapshots meanwhile. @keys: the
 * security chip's go along */
ValiseBundle *_valise_export_flatten_snapshot (ValiseBundle *bundle,
                                               const char *id,
                                               ValiseDocument *document,
                                               gboolean keys,
                                               const char *directory,
                                               const char *name,
                                               const char *const *left,
                                               ValiseJob *job,
                                               GCancellable *cancellable,
                                               GError **error);

/* The line that starts QEMU, as libvirt would, for a shell. @document: in stored form. (transfer full) */
char *_valise_export_command (ValiseMachine *machine, ValiseDocument *document, GError **error);

G_END_DECLS
