/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/valise-job.h"
#include "bundle/valise-document.h"

G_BEGIN_DECLS

#define VALISE_BUNDLE_ERROR (valise_bundle_error_quark ())
GQuark valise_bundle_error_quark (void);
typedef enum
{
  VALISE_BUNDLE_ERROR_NOT_A_BUNDLE, /* no directory, or no config.xml in it */
  VALISE_BUNDLE_ERROR_DAMAGED,      /* config.xml is not XML or not a domain; says whether .history has a good one */
  VALISE_BUNDLE_ERROR_NEWER,        /* written by a later version of the format */
  VALISE_BUNDLE_ERROR_EXISTS,       /* the target name is taken */
  VALISE_BUNDLE_ERROR_LOCKED,       /* another process holds it; the message names program, pid and host */
  VALISE_BUNDLE_ERROR_READ_ONLY,    /* the medium cannot be written */
  VALISE_BUNDLE_ERROR_NO_SPACE,     /* the medium is full; says how much is missing */
  VALISE_BUNDLE_ERROR_UNSAFE,       /* an archive or bundle with links, devices or ".." in it */
  VALISE_BUNDLE_ERROR_CORRUPT,      /* a checksum or length is wrong */
  VALISE_BUNDLE_ERROR_NAME,         /* no name, or one that cannot be made into a directory */
  VALISE_BUNDLE_ERROR_FILE_GONE,    /* an earlier version needs a disk image that is not there any more */
} ValiseBundleError;

#define VALISE_BUNDLE_SUFFIX ".vmbundle"
#define VALISE_BUNDLE_ARCHIVE_SUFFIX ".vmbundle.tar.zst"
#define VALISE_BUNDLE_VERSION 1

/**
 * ValiseBundle:
 *
 * A machine's directory and its stored document. Plain and cheap: opening reads config.xml and nothing else, holds no
 * file descriptor and no lock. Not thread-safe; a job opens its own.
 */
typedef struct _ValiseBundle ValiseBundle;

#define VALISE_TYPE_BUNDLE (valise_bundle_get_type ())
GType valise_bundle_get_type (void);

/**
 * valise_bundle_open:
 * @path: the .vmbundle directory, wherever it lies
 *
 * Reads config.xml. Safe for a directory from a stranger: no link is followed, a FIFO does not block, the file's size
 * is bounded.
 *
 * Fails with %VALISE_BUNDLE_ERROR_NOT_A_BUNDLE, _DAMAGED (the message says whether .history has a good version:
 * valise_bundle_restore), _NEWER, _UNSAFE (config.xml is a link or no plain file), or a #GIOErrorEnum that names the
 * file.
 *
 * Returns: (transfer full): the bundle, or %NULL
 */
ValiseBundle *valise_bundle_open (const char *path, GError **error);
ValiseBundle *valise_bundle_ref (ValiseBundle *self);
void valise_bundle_unref (ValiseBundle *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseBundle, valise_bundle_unref)

/* Absolute; valid until valise_bundle_commit. */
const char *valise_bundle_get_path (ValiseBundle *self);
/* A file inside: valise_bundle_file (b, "disks/root.qcow2"). (transfer full) */
char *valise_bundle_file (ValiseBundle *self, const char *relative);
/* The file that <source file='@source'> means: one without a slash at the front lies in the bundle. @bundle_path is
 * %NULL when there is no bundle yet, and then so is the answer for such a one. (transfer full) (nullable) */
char *valise_bundle_source_path (const char *bundle_path, const char *source);
/* The stored document; valid until the next save. Edit a copy and hand it to valise_bundle_save. (transfer none) */
ValiseDocument *valise_bundle_get_document (ValiseBundle *self);
/* The label people see: metadata/valise:machine/@name, else <title>, else <name>, else the directory's. Raw: for
 * people it goes through valise_text_for_display. (transfer full) */
char *valise_bundle_dup_name (ValiseBundle *self);
/* Whether the folders that are written under fixed names (nvram, tpm, state, logs, .history) are folders and hold only
 * plain files and folders, so that nothing is written through a link. Missing ones are good.
 * %VALISE_BUNDLE_ERROR_UNSAFE names the other. */
gboolean valise_bundle_check_folders (const char *path, GError **error);

/* The folder that @relative lies in, below the bundle open as @bundle_fd, reached without following a link; -1 when it
 * is not. */
int valise_bundle_open_folder (int bundle_fd, const char *relative);

/* Replaces config.xml atomically (write aside, fsync, rename, fsync) and keeps the version before in .history (ten at
 * most). The caller holds the lock. %VALISE_BUNDLE_ERROR_NO_SPACE, _READ_ONLY, _UNSAFE (as
 * valise_bundle_check_folders), _DAMAGED or _NEWER when it could not be opened again, %VALISE_SNAPSHOT_ERROR_FROZEN
 * when the snapshots forbid it, or a #GIOErrorEnum; on error the
 * file and the object are as before, except that a file of which only its durability is not known is the new one. */
gboolean valise_bundle_save (ValiseBundle *self, ValiseDocument *document, GError **error);
/* Whether that would be refused for what the machine's snapshots need, before anything else is done for it. */
gboolean valise_bundle_check_save (ValiseBundle *self, ValiseDocument *document, GError **error);

typedef struct
{
  char *path;  /* file in .history */
  gint64 time; /* when it was replaced, unix time in microseconds */
} ValiseBundleVersion;
/* Newest first; empty where there is no history. (element-type ValiseBundleVersion) (transfer full) */
GPtrArray *valise_bundle_list_history (ValiseBundle *self);
/* The same of a bundle that need not be open. Any thread. */
GPtrArray *valise_bundle_list_versions (const char *path);
/* A version's text, in which nothing need be good: whatever is no text is replaced, so that it can be shown. A
 * #GIOErrorEnum when it is gone or cannot be read; %G_IO_ERROR_INVALID_DATA when it is no plain file or too large for a
 * config.xml. Any thread. (transfer full) */
char *valise_bundle_read_version (const ValiseBundleVersion *version, GError **error);
/* Makes the newest version of the history that differs the document again (itself undoable); versions from before the
 * last change of snapshots do not count, since they name other images. A disk that was converted since keeps the image
 * it has. The caller holds the lock. %G_IO_ERROR_NOT_FOUND when there is none; %VALISE_BUNDLE_ERROR_FILE_GONE when that
 * version needs an image that is gone, or is only the one before a conversion; else as valise_bundle_save. */
gboolean valise_bundle_undo (ValiseBundle *self, GError **error);
/* What that would make the settings; the same errors. (transfer full) */
ValiseDocument *valise_bundle_read_undo (ValiseBundle *self, GError **error);
/* For a bundle that valise_bundle_open calls DAMAGED: puts the newest good version of .history in the place of
 * config.xml and opens it; the damaged file is kept in .history. The caller holds the lock.
 * %VALISE_BUNDLE_ERROR_DAMAGED when no version is good, _NO_SPACE, _READ_ONLY, _UNSAFE (as
 * valise_bundle_check_folders); then the damaged file is where it was. (transfer full) */
ValiseBundle *valise_bundle_restore (const char *path, GError **error);

/* --- making one --- */

/* Whether what is made at @path (which need not be there yet) lies in no bundle, whatever links lead there: what others
 * put into a machine's folder is nobody's, and goes when that machine goes. %G_IO_ERROR_WOULD_RECURSE names @path. */
gboolean valise_bundle_check_outside (const char *path, GError **error);

/**
 * valise_bundle_begin:
 * @directory: where the bundle is to appear; made if missing
 * @name: the machine's name, any text
 *
 * Makes .NAME.vmbundle.partial beside the target, with disks/, nvram/, tpm/, media/, logs/ in it, locked. Nothing is
 * visible until valise_bundle_commit; the last reference removes what was not committed.
 *
 * Fails with %VALISE_BUNDLE_ERROR_NAME, _EXISTS (NAME.vmbundle is there already), _LOCKED (somebody is making the same
 * one now), _READ_ONLY or _NO_SPACE, or as valise_bundle_check_outside, and leaves nothing behind.
 *
 * Returns: (transfer full): a bundle whose path is the partial directory and whose document is a minimal domain, or
 * %NULL
 */
ValiseBundle *valise_bundle_begin (const char *directory, const char *name, GError **error);
/* Writes @document as config.xml (last of all), fsyncs, renames into place. The object's path is then the final one,
 * and the lock is given up. %VALISE_BUNDLE_ERROR_EXISTS when somebody took the name meanwhile, _NO_SPACE, _READ_ONLY;
 * then it is still partial. */
gboolean valise_bundle_commit (ValiseBundle *self, ValiseDocument *document, GError **error);
/* Removes the partial directory; nothing happens to one that is committed. */
void valise_bundle_abandon (ValiseBundle *self);
/* What a crash left half made in @directory and no live process holds: partial bundles (directories) and partial
 * archives (files), whole paths. (element-type filename) (transfer full) */
GPtrArray *valise_bundle_find_leftovers (const char *directory);
/* Whether @path is there and bears the name of something half made; it may be held. */
gboolean valise_bundle_is_leftover (const char *path);
/* Removes one of them, after looking once more that nobody holds it. %VALISE_BUNDLE_ERROR_LOCKED, _UNSAFE when it is no
 * leftover. */
gboolean valise_bundle_remove_leftover (const char *path, GError **error);

/* A new <uuid>, new MAC addresses (same vendor prefix), and a new label when @name is not %NULL. Edits @document only.
 * #ValiseDocumentError when a value cannot be written; @document is then as before. */
gboolean valise_bundle_renew_identity (ValiseDocument *document, const char *name, GError **error);

G_END_DECLS
