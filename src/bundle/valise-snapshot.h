/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/valise-job.h"
#include "bundle/valise-bundle.h"

G_BEGIN_DECLS

/**
 * Earlier moments of a machine, kept in its bundle.
 *
 * A snapshot freezes the images that the machine's disks had then; what is written from then on goes to new images that
 * are the difference to them. snapshots/ID/ holds what is not on a disk: snapshot.xml, domain.xml, vars.fd, tpm/,
 * memory and screenshot.png. What is the machine's present is said by config.xml alone, so that the replacement of
 * that one file is the moment in which a snapshot is there or the machine is another; snapshots/.journal names what is
 * to be tidied on either side of it.
 *
 * All of these block. Those that change something are for the holder of the bundle's lock.
 */

#define VALISE_SNAPSHOT_ERROR (valise_snapshot_error_quark ())
GQuark valise_snapshot_error_quark (void);
typedef enum
{
  VALISE_SNAPSHOT_ERROR_NOT_FOUND, /* no snapshot of that name or id */
  VALISE_SNAPSHOT_ERROR_AMBIGUOUS, /* several of that name */
  VALISE_SNAPSHOT_ERROR_DAMAGED,   /* its record cannot be read */
  VALISE_SNAPSHOT_ERROR_CHANGED,   /* an image that it froze is another now; names both */
  VALISE_SNAPSHOT_ERROR_FROZEN,  /* settings that would write into a frozen image, or that are older than a snapshot */
  VALISE_SNAPSHOT_ERROR_NAME,    /* no name, or a name or note that no record can hold */
  VALISE_SNAPSHOT_ERROR_FULL,    /* there are as many as can be kept */
  VALISE_SNAPSHOT_ERROR_MISSING, /* a file that it kept beside the images; names it */
  VALISE_SNAPSHOT_ERROR_LATER,   /* images that cannot be merged while the machine runs */
} ValiseSnapshotError;

/* How many images a disk may build on. libvirt describes a running machine's as elements one in another, of which it
 * reads 200 and valise_xml_parse 64. */
#define VALISE_SNAPSHOT_LAYERS_MOST 50

typedef enum
{
  VALISE_SNAPSHOT_MEMORY_NONE,
  VALISE_SNAPSHOT_MEMORY_PAUSED,  /* the guest's clock stood */
  VALISE_SNAPSHOT_MEMORY_RUNNING, /* it ran */
} ValiseSnapshotMemory;

typedef struct
{
  char *id;     /* name of its folder */
  char *parent; /* (nullable): id of the snapshot that it was made after */
  char *name;   /* what people see: any text */
  char *note;   /* never %NULL */
  gint64 time;  /* unix time in microseconds */
  ValiseSnapshotMemory memory;
  gboolean scheduled;  /* taken by itself, and forgotten by itself when there are newer ones enough */
  gboolean precaution; /* taken by itself before something risky, and forgotten by itself as well */
  gboolean is_current; /* the machine's present began with it */
  gboolean is_damaged; /* its record cannot be read: there is its id, and @note says why. It can only be deleted. */
  guint64 size;        /* bytes on this medium that nobody else has */
  GPtrArray *disks;    /* private */
  gboolean hidden;     /* private */
  gboolean has_variables, has_tpm; /* private: whether it kept them */
} ValiseSnapshot;
#define VALISE_TYPE_SNAPSHOT (valise_snapshot_get_type ())
GType valise_snapshot_get_type (void);
void valise_snapshot_free (ValiseSnapshot *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseSnapshot, valise_snapshot_free)

/* Parents before their children, else by time, with those whose record cannot be read.
 * %VALISE_SNAPSHOT_ERROR_DAMAGED when not even that is known. (element-type ValiseSnapshot) (transfer full) */
GPtrArray *valise_snapshots_list (ValiseBundle *bundle, GError **error);
/* The images that they froze, relative to the bundle, also of those whose deleting goes on.
 * %VALISE_SNAPSHOT_ERROR_DAMAGED when a record cannot be read.
 * (element-type filename) (transfer full) */
GPtrArray *valise_snapshots_list_images (const char *bundle_path, GError **error);
/* The one that the present came from; %NULL when it came from none. (transfer none) (nullable) */
ValiseSnapshot *valise_snapshots_find_current (GPtrArray *snapshots);
/* By id, or by name when there is one of it. (transfer none) (nullable) */
ValiseSnapshot *valise_snapshots_find (GPtrArray *snapshots, const char *which, GError **error);
/* Which of its files is where: valise_snapshot_file (bundle, "3f0c…", "screenshot.png"). (transfer full) */
char *valise_snapshot_file (ValiseBundle *bundle, const char *id, const char *file);
/* The settings as they were. (transfer full) */
ValiseDocument *valise_snapshot_read_document (ValiseBundle *bundle, const char *id, GError **error);

/* Has the settings of then be those of the machine that it is @now, also when it was made into another one since: by a
 * copy, or by another label. Errors as valise_document_set. */
gboolean valise_snapshot_keep_identity (ValiseDocument *now, ValiseDocument *after, GError **error);

/* What of a snapshot is not on a disk, into @copy, which is being made and has none of it yet: what the firmware keeps,
 * where @document has it, and with @keys the security chip's. No link is followed. Errors as of writing to the medium. */
gboolean valise_snapshot_give (ValiseBundle *bundle,
                               const char *id,
                               ValiseDocument *document,
                               gboolean keys,
                               ValiseBundle *copy,
                               GCancellable *cancellable,
                               GError **error);

/* A copy of settings, of then or of now, without what every snapshot changes in them by itself: which images the disks
 * have, and what the present began with. To be compared. (transfer full) */
ValiseDocument *valise_snapshot_plain_settings (ValiseDocument *document);

/**
 * valise_snapshots_settle:
 * @bundle_path: a bundle
 * @said: (out) (optional) (nullable): what had been interrupted and what became of it, for people
 *
 * Finishes or takes back what a killed program had begun with snapshots. Nothing to do is success, and quick. Errors as
 * of writing to the medium; it can be tried again.
 */
gboolean valise_snapshots_settle (const char *bundle_path, char **said, GError **error);

/**
 * valise_snapshots_check:
 * @bundle_path: a bundle
 * @document: the settings that it is to run with
 *
 * Before a start: the images that the machine's disks build on are there and those that the snapshots froze, and no
 * disk writes into one of them. %VALISE_SNAPSHOT_ERROR_CHANGED, _FROZEN, or #ValiseImageError; _DAMAGED names a record
 * that cannot be read, when a disk may need what it says.
 */
gboolean valise_snapshots_check (const char *bundle_path, ValiseDocument *document, GError **error);
/* The same of a snapshot's settings, whose own images are only read: those and what they build on are what was frozen.
 * What lies outside of the bundle is not looked at. */
gboolean valise_snapshot_check_read (const char *bundle_path, ValiseDocument *document, GError **error);

/**
 * valise_snapshots_stamp:
 * @bundle_path: a bundle whose machine does not run
 * @accepted: (out) (optional) (element-type filename): when wanted, images that are not what they were when they were
 *   frozen are taken for it from now on, and listed
 *
 * Notes by what frozen images are known, where a kill kept that from being done.
 */
gboolean valise_snapshots_stamp (const char *bundle_path, GPtrArray **accepted, GError **error);

/* What a running machine writes to as the disk @target: an absolute path, and its format; %NULL for none. */
typedef const char *(*ValiseSnapshotWrittenFunc) (const char *target, const char **format, gpointer user_data);
/* Has config.xml name what a running machine writes to, which a kill may have kept from being so. */
gboolean
valise_snapshots_follow (ValiseBundle *bundle, ValiseSnapshotWrittenFunc func, gpointer user_data, GError **error);

/* Of settings that were made out of @before, when a snapshot has been taken since and @now is what holds: has them name
 * the images that the machine goes on with. Errors as valise_document_set. */
gboolean
valise_snapshots_carry_over (ValiseDocument *settings, ValiseDocument *before, ValiseDocument *now, GError **error);

/* --- taking one --- */

/* Keeps a file that nobody changes any more: under a second name where the medium has them, else as a copy. */
gboolean valise_snapshot_keep_file (const char *from, const char *to, GCancellable *cancellable, GError **error);

/* A disk that goes over to a new image. */
typedef struct
{
  char *target;  /* "vda" */
  char *file;    /* relative: the image that is frozen */
  char *format;  /* its format */
  char *overlay; /* relative: the new one, always qcow2 */
} ValiseSnapshotSwitch;

typedef struct _ValiseSnapshotTaking ValiseSnapshotTaking;

/**
 * valise_snapshot_begin:
 * @name: what people see
 * @note: (nullable)
 *
 * Makes the new images and the folder of the snapshot, which nobody sees yet. Disks that lie outside of the bundle,
 * read-only and shareable ones are not part of it.
 *
 * Fails with %VALISE_SNAPSHOT_ERROR_NAME, _FULL (also when a disk would build on more images than
 * %VALISE_SNAPSHOT_LAYERS_MOST), #ValiseImageError (a disk that cannot be built on), #ValiseProcessError and
 * as valise_bundle_save; then nothing is left of it.
 *
 * Returns: (transfer full): to be committed, or freed, which takes it back
 */
ValiseSnapshotTaking *valise_snapshot_begin (ValiseBundle *bundle,
                                             const char *name,
                                             const char *note,
                                             GCancellable *cancellable,
                                             GError **error);
/* The folder that memory and screenshot.png go into. */
const char *valise_snapshot_taking_get_folder (ValiseSnapshotTaking *self);
/* (element-type ValiseSnapshotSwitch) (transfer none) */
GPtrArray *valise_snapshot_taking_get_switches (ValiseSnapshotTaking *self);
/* For a machine that runs, before it is told to write to the new images: config.xml names them from now on. */
gboolean valise_snapshot_taking_switch (ValiseSnapshotTaking *self, GError **error);
/* The running machine writes to the new images, whatever becomes of the snapshot. */
void valise_snapshot_taking_set_switched (ValiseSnapshotTaking *self);
/* It is one of a schedule's, see valise-schedule.h. */
void valise_snapshot_taking_set_scheduled (ValiseSnapshotTaking *self);
/* It is one that was taken before something risky. */
void valise_snapshot_taking_set_precaution (ValiseSnapshotTaking *self);
/* Adds what is not on a disk and makes the snapshot there. Returns its id. (transfer full) */
char *valise_snapshot_taking_commit (ValiseSnapshotTaking *self, ValiseSnapshotMemory memory, GError **error);
void valise_snapshot_taking_free (ValiseSnapshotTaking *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseSnapshotTaking, valise_snapshot_taking_free)

/* --- going back, and the rest --- */

/**
 * valise_snapshot_revert:
 * @id: the snapshot
 * @with_memory: whether a machine whose memory was kept is suspended with it afterwards; else it is off
 *
 * Puts disks, settings, firmware variables and TPM back together, all or nothing. What the machine wrote since its last
 * snapshot is gone. Its uuid, its label and its place stay what they are now.
 *
 * Fails with #ValiseSnapshotError, #ValiseImageError, and as valise_bundle_save; then the machine is as it was.
 */
gboolean valise_snapshot_revert (ValiseBundle *bundle,
                                 const char *id,
                                 gboolean with_memory,
                                 GCancellable *cancellable,
                                 GError **error);
/* Whether firmware variables, TPM and (@with_memory) memory are there, as far as its record says that it kept them; going
 * back does without. %VALISE_SNAPSHOT_ERROR_MISSING says what to do. */
gboolean valise_snapshot_check_whole (ValiseBundle *bundle, const char *id, gboolean with_memory, GError **error);
/* @name, @note: (nullable): %NULL leaves it. */
gboolean
valise_snapshot_describe (ValiseBundle *bundle, const char *id, const char *name, const char *note, GError **error);

/* A running machine, whose QEMU alone may touch what it has open. Images are given by their paths relative to the
 * bundle. */
typedef struct
{
  gboolean (*is_open) (const char *file, gpointer user_data); /* NULL: it does not run, and only @job is looked at */
  /* Has QEMU merge @upper, which it has open and does not write to, into @lower below it; what builds on @upper in QEMU
   * then builds on @lower. On an error and on cancel @upper is used as before; %VALISE_SNAPSHOT_ERROR_LATER says that
   * it has to wait until the machine is off. */
  gboolean (
      *merge) (const char *upper, const char *lower, gpointer user_data, GCancellable *cancellable, GError **error);
  /* Has it write to the new images of @taking, and says so to it. */
  gboolean (*go_over) (ValiseSnapshotTaking *taking, gpointer user_data, GError **error);
  gpointer user_data;
  ValiseJob *job; /* (nullable): told how far the merging is that QEMU does not do */
} ValiseSnapshotLive;

/**
 * valise_snapshot_delete:
 * @id: the snapshot
 * @live: (nullable): the machine, if it runs or somebody watches
 *
 * Forgets the snapshot, and merges what only it kept apart. What the machine and the other snapshots hold stays the
 * same at every moment. Images that several others build on stay until that is no longer so. A machine that runs goes on
 * writing to an image of its own, which a later delete merges: when it is off, or once there is much in it.
 *
 * One whose record cannot be read goes with it, and leaves its images; as long as there is one, nothing is merged.
 *
 * Fails with %VALISE_SNAPSHOT_ERROR_NOT_FOUND, _DAMAGED; once the snapshot is gone also with #ValiseProcessError,
 * the medium's errors or %VALISE_SNAPSHOT_ERROR_LATER when merging did not go well, which the next delete tries again.
 */
gboolean valise_snapshot_delete (ValiseBundle *bundle,
                                 const char *id,
                                 const ValiseSnapshotLive *live,
                                 GCancellable *cancellable,
                                 GError **error);

/* Of a machine that does not run, whose holder calls this before anything reads its disks: what builds on an image that
 * QEMU was killed over merging builds on the upper one of the two again, so that it shows what it did; the merge is left
 * to valise_snapshots_tidy. Nothing to do is success. Errors as the second half of valise_snapshot_delete. */
gboolean valise_snapshots_put_back (const char *bundle_path, GError **error);
/* Whether a merge was interrupted, which valise_snapshots_tidy takes up again. Quick. */
gboolean valise_snapshots_is_merging (const char *bundle_path);
/* Whether there are deleted snapshots that have left images behind. Quick. */
gboolean valise_snapshots_has_left (const char *bundle_path);
/* Merges what deleted snapshots left behind. @live: (nullable): the machine, if it runs. Errors as the second half of
 * valise_snapshot_delete. */
gboolean
valise_snapshots_tidy (ValiseBundle *bundle, const ValiseSnapshotLive *live, GCancellable *cancellable, GError **error);

G_END_DECLS
