/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What the medium below a path answers, in our own errors. Private to this room. */

/* The error for errno @code at @path: read-only and no permission are %VALISE_BUNDLE_ERROR_READ_ONLY, a full medium or
 * one that cannot hold so large a file %VALISE_BUNDLE_ERROR_NO_SPACE (@needed: bytes still to be written, 0 when
 * unknown), a taken name %VALISE_BUNDLE_ERROR_EXISTS, the rest a #GIOErrorEnum. */
void _valise_medium_set_error (GError **error, int code, const char *path, guint64 needed);
/* The same when what is still to be written shrinks on its way: @about at the rate so far, and never more than
 * @most. */
void _valise_medium_set_error_at_rate (GError **error, int code, const char *path, guint64 about, guint64 most);
/* The same when it grows, and nothing but @least is known. */
void _valise_medium_set_error_at_least (GError **error, int code, const char *path, guint64 least);
/* The same for an error that came out of base or GLib: turned into ours where one fits, otherwise left as it is. */
void _valise_medium_translate (GError **error, const char *path, guint64 needed);

/* Renames to a name that must be free, and makes it durable. %VALISE_BUNDLE_ERROR_EXISTS when it is not. */
gboolean _valise_medium_rename_new (const char *from, const char *to, GError **error);
/* Writes everything; 0, or what errno said. @written: how much of it is there. */
int _valise_medium_write (int fd, const void *data, gsize length, gsize *written);
/* The medium begins to take what is written up to @end while more is made, so that the fsync at the end finds little to
 * do. @behind: (inout): up to where it was told before; 0 at first. Promises nothing. */
void _valise_medium_begin_writing (int fd, guint64 *behind, guint64 end);
/* The same; in the background it waits until the medium has it, and leaves the medium to others for a while. Returns 0, or
 * what errno said, of which no fsync will tell. */
int _valise_medium_write_behind (int fd, guint64 *behind, guint64 end);
/* fsyncs all plain files and directories below @path and itself. */
gboolean _valise_medium_sync_tree (const char *path, GError **error);

G_END_DECLS
