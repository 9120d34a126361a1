/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * A machine's memory in state/suspend.save. It holds the state of devices for this very QEMU, so that only what this
 * host itself wrote is ever given back to it: STATE/suspended/UUID says which file that is (device, inode, size, time),
 * STATE/suspended/UUID.begun that writing one has begun. A @uuid becomes a file name: the caller has made sure that it
 * is one.
 */

/* Where libvirt is to write it; the directory is made, and what a killed suspend left there is removed.
 * (transfer full) */
char *_valise_suspended_begin (const char *bundle_path, const char *uuid, GError **error);
/* What was written becomes the machine's suspended memory. */
gboolean _valise_suspended_commit (const char *bundle_path, const char *uuid, GError **error);
void _valise_suspended_abandon (const char *bundle_path, const char *uuid);

/* Whether there is one. A suspend of this host's that was whole when this program was killed is finished first (@uuid
 * given); a partial file that came with the bundle never is. */
gboolean _valise_suspended_exists (const char *bundle_path, const char *uuid);
/* Of a machine that does not run, with its lock held: what a suspend of this host's left that was killed before the
 * memory was whole is removed. %TRUE when there was one. */
gboolean _valise_suspended_settle (const char *bundle_path, const char *uuid);
/* (transfer full) */
char *_valise_suspended_get_path (const char *bundle_path);
/* Whether this host wrote it; otherwise %VALISE_ENGINE_ERROR_ASK. */
gboolean _valise_suspended_check_own (const char *bundle_path, const char *uuid, GError **error);
/* Whether the guest ran when the file at @path was written; otherwise it was paused. */
gboolean _valise_suspended_was_running (const char *path);
/* When the machine has its memory again and before it runs with it. Durable: not even a power cut brings it back. */
void _valise_suspended_remove (const char *bundle_path, const char *uuid);
/* Into .history, for second thoughts. */
gboolean _valise_suspended_discard (const char *bundle_path, const char *uuid, GError **error);
/* What a discard kept; at the next start. */
void _valise_suspended_forget_discarded (const char *bundle_path);

/* --- memory that a snapshot keeps --- */
/* The guest ran until it was stopped for the writing of its memory at @path. */
gboolean _valise_suspended_mark_running (const char *path, GError **error);
/* That this host wrote the memory at @path, which the snapshot @id of the machine keeps. */
gboolean _valise_suspended_remember_kept (const char *uuid, const char *id, const char *path, GError **error);
gboolean _valise_suspended_knows_kept (const char *uuid, const char *id, const char *path);
/* Takes the suspended memory that is there for this host's own. */
gboolean _valise_suspended_adopt (const char *bundle_path, const char *uuid, GError **error);

G_END_DECLS
