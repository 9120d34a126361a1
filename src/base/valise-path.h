/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <sys/types.h>

G_BEGIN_DECLS

#define VALISE_PATH_ERROR (valise_path_error_quark ())
GQuark valise_path_error_quark (void);
typedef enum
{
  VALISE_PATH_ERROR_UNSAFE,  /* absolute, "..", empty part, control character, or leads out through a link */
  VALISE_PATH_ERROR_NAME,    /* a name that no directory can have */
  VALISE_PATH_ERROR_SPECIAL, /* a FIFO, socket or device where a plain file was expected */
} ValisePathError;

/* Whether @path is relative, has no empty, "." or ".." part and no control characters. Looks at the text only. */
gboolean valise_path_is_plain_relative (const char *path);

/**
 * valise_path_open_beneath:
 * @directory_fd: an open directory
 * @relative: a path below it
 * @flags: as for open(2); O_CLOEXEC and O_NOCTTY are added
 *
 * Opens @relative without ever leaving the directory: no link is followed anywhere on the way (openat2 with
 * RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS; a part-by-part walk on kernels without it), a FIFO never blocks.
 *
 * Returns: a file descriptor, or -1 with #ValisePathError or a #GIOErrorEnum from errno; the message names @relative
 */
int valise_path_open_beneath (int directory_fd, const char *relative, int flags, mode_t mode, GError **error);

/**
 * valise_path_name_from_label:
 * @label: what a person typed, any text
 *
 * Derives a directory name from a machine's name: letters and digits of any script, space, dot, dash and underscore
 * stay, everything else becomes "-"; at most 80 bytes (cut between characters); never empty, never starting with "." or
 * "-".
 *
 * Returns: (transfer full): the name; the same label gives the same name
 */
char *valise_path_name_from_label (const char *label);

/* Makes text from a stranger fit to be shown: valid UTF-8, no control or bidi-override characters, at most @most
 * characters. (transfer full) */
char *valise_text_for_display (const char *raw, guint most);

/**
 * valise_file_replace:
 * @path: file to write, new or existing
 * @data: the bytes
 * @length: their number, or -1 when @data ends with a NUL
 * @mode: permissions of a new file
 *
 * Writes aside, fsyncs, renames over @path, fsyncs the directory. At no moment is there no file or half a file.
 * Errors are #GFileError or #GIOErrorEnum and name @path.
 */
gboolean valise_file_replace (const char *path, const char *data, gssize length, int mode, GError **error);

/* Makes a directory's own entries durable (fsync). Errors are #GIOErrorEnum and name @path; a file system that cannot
 * do it counts as done. */
gboolean valise_directory_sync (const char *path, GError **error);

/* Removes a directory and everything in it, following no links; a missing one is success. Errors are #GIOErrorEnum and
 * name @path; what was in it may be gone by then. */
gboolean valise_directory_remove (const char *path, GError **error);

/* $XDG_STATE_HOME/valise (made with 0700 if missing), or VALISE_STATE_DIR when set. (transfer full) */
char *valise_state_directory (void);

G_END_DECLS
