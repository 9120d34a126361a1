/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-snapshot.h"

G_BEGIN_DECLS

#define VALISE_SNAPSHOTS "snapshots"
#define VALISE_SNAPSHOTS_MOST 1000
#define VALISE_SNAPSHOT_KNOB "metadata/valise:machine/@snapshot" /* the one that the present began with */
#define VALISE_PRESENT_KNOB "metadata/valise:machine/@present"   /* another one after every change of snapshots */

/* By what an image is known to be what it was. An image that was copied has other times, and its inode is another or was
 * given to it later, and then its sample counts. */
typedef struct
{
  guint64 size;
  gint64 modified; /* nanoseconds */
  guint64 inode;
  gint64 born;  /* when the inode became this file's, in nanoseconds; 0 when the file system does not say */
  char *sample; /* SHA-256 of pieces of it; %NULL while it is being changed by us, and then it is not looked at */
} ValiseImageStamp;

typedef struct
{
  char *target;
  char *file; /* relative to the bundle */
  char *format;
  char *upper; /* (nullable): of one that is hidden: the image above, which is being merged with it */
  ValiseImageStamp stamp;
} ValiseSnapshotDisk;

void _valise_snapshot_disk_free (gpointer disk);

/* --- stamps --- */
gboolean _valise_image_stamp_take (const char *path, ValiseImageStamp *stamp, GError **error);
void _valise_image_stamp_clear (ValiseImageStamp *stamp);
/* Whether the file is still that. */
gboolean _valise_image_stamp_fits (const char *path, const ValiseImageStamp *stamp);

/* --- records --- */
ValiseSnapshot *_valise_snapshot_new (const char *id, const char *name, const char *note);
/* @folder: where snapshot.xml is. */
ValiseSnapshot *_valise_snapshot_read (const char *folder, const char *id, GError **error);
gboolean _valise_snapshot_write (const char *folder, const ValiseSnapshot *self, GError **error);
/* Also the hidden and the damaged ones, with parents as they are recorded; one whose taking was not committed is not
 * there. (element-type ValiseSnapshot) */
GPtrArray *_valise_snapshots_read_all (const char *bundle_path, GError **error);
/* The same for those who have to know of every image what needs it: %VALISE_SNAPSHOT_ERROR_DAMAGED when one is damaged. */
GPtrArray *_valise_snapshots_read_sound (const char *bundle_path, GError **error);
/* One whose record cannot be read, so that nobody knows which images it froze. (nullable) */
const ValiseSnapshot *_valise_snapshots_find_damaged (GPtrArray *snapshots);
/* @file: (nullable): what may need it */
void _valise_snapshot_set_damaged (GError **error, const char *id, const char *file);
char *_valise_snapshot_folder (const char *bundle_path, const char *id);
/* That a record can hold them, and be read again. @note: (nullable) */
gboolean _valise_snapshot_check_words (const char *name, const char *note, GError **error);
/* Whether a part that it kept, "vars.fd", "tpm" or "memory", is not in its @folder any more. */
gboolean _valise_snapshot_lacks (const char *folder, const ValiseSnapshot *self, const char *part);
/* Whether there is such a part: a file, or a folder with something in it. */
gboolean _valise_snapshot_has_part (const char *folder, const char *part);
ValiseSnapshotDisk *_valise_snapshot_find_disk (const ValiseSnapshot *self, const char *file);
gboolean _valise_snapshot_is_id (const char *text);

/* --- settings --- */
/* The number of a disk that a snapshot is about, i.e. that lies in the bundle and is written; FALSE for others. */
gboolean _valise_snapshot_covers (ValiseDocument *document, guint number);
/* Another image for a disk, and with it what is said about the image elsewhere. */
gboolean _valise_snapshot_set_image (ValiseDocument *document,
                                     guint number,
                                     const char *file,
                                     const char *format,
                                     GError **error);
/* Number of the disk with that target, or 0. */
guint _valise_snapshot_find_target (ValiseDocument *document, const char *target);
/* Relative path of the firmware variables, which need not be there. */
char *_valise_snapshot_variables (ValiseDocument *document);
/* (transfer full) */
char *_valise_snapshot_make_id (void);
/* A new value for the present; (transfer full). */
char *_valise_snapshot_make_present (void);
/* "disks/root-0badcafe.qcow2" for "disks/root.qcow2", or with a number where that is a file of @bundle_path or among
 * @taken (nullable) (element-type filename). */
char *_valise_snapshot_overlay_name (const char *bundle_path, const char *file, const char *present, GPtrArray *taken);
/* Which of @snapshots (with the hidden ones) needs an image as it is. One that is hidden needs those only that others
 * build on: where merging was interrupted its record may still name what the machine writes to by now. One that is
 * damaged may need whatever others build on. (nullable) */
const ValiseSnapshot *_valise_snapshots_find_frozen (const char *bundle_path, GPtrArray *snapshots, const char *file);
/* Refuses settings that would write into a frozen image or do not know of the last change. */
gboolean _valise_snapshots_check_settings (const char *bundle_path,
                                           ValiseDocument *before,
                                           ValiseDocument *document,
                                           GError **error);
/* Saves without that check. */
gboolean _valise_bundle_save_present (ValiseBundle *self, ValiseDocument *document, GError **error);

/* For a running machine that is to leave the image @file to be merged: only that disk goes over, and there is no
 * snapshot. */
ValiseSnapshotTaking *
_valise_snapshot_begin_over (ValiseBundle *bundle, const char *file, GCancellable *cancellable, GError **error);

/* --- journal --- */
typedef struct
{
  char *what;       /* "take", "revert" or "merge" */
  char *name;       /* of the snapshot, for people */
  char *present;    /* once config.xml says this, it is done */
  GPtrArray *made;  /* relative: goes if it was not done */
  GPtrArray *old;   /* relative: goes if it was done */
  GPtrArray *moves; /* relative, from and to in turn: done if it was done, else from goes */
} ValiseJournal;
ValiseJournal *_valise_journal_new (const char *what, const char *name, const char *present);
void _valise_journal_free (ValiseJournal *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseJournal, _valise_journal_free)
gboolean _valise_journal_write (const char *bundle_path, const ValiseJournal *self, GError **error);
/* %NULL when there is none, and with %VALISE_SNAPSHOT_ERROR_DAMAGED when it cannot be read. */
ValiseJournal *_valise_journal_read (const char *bundle_path, GError **error);

/* --- files --- */
/* The path, relative to the bundle, of what lies beside @file, which is such a path, as @name. (transfer full) */
char *_valise_snapshot_sibling (const char *file, const char *name);
/* The folder of @relative, reached without following a link, or -1 with errno. */
int _valise_snapshot_open_folder (const char *bundle_path, const char *relative);
/* That the folder of an image is one of the bundle's own. */
gboolean _valise_snapshot_check_inside (const char *bundle_path, const char *file, GError **error);
/* Whether an image has another name: in a linked clone, or in the machine that this one is a linked clone of. */
gboolean _valise_snapshot_is_shared (const char *path);
/* A durable copy; @to must not be there. Missing @from is success. */
gboolean _valise_snapshot_copy_file (const char *from, const char *to, GCancellable *cancellable, GError **error);
/* The plain files of a folder. */
gboolean _valise_snapshot_copy_folder (const char *from, const char *to, GCancellable *cancellable, GError **error);
gboolean _valise_snapshot_sync (const char *path, GError **error);

G_END_DECLS
