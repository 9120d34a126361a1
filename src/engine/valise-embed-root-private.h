/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The directory of this user's own embedded driver: STATE/e, or a short private one when that name is too long for the
 * sockets that lie below it. Only the name. (transfer full) */
char *_valise_embed_root_default (void);
/* qemu:///embed?root=DIRECTORY (transfer full) */
char *_valise_embed_root_to_uri (const char *directory);
/* The directory that an embedded URI names, %NULL for any other URI. (transfer full) */
char *_valise_embed_root_from_uri (const char *uri);

/* Makes the directory (private to the user, never somebody else's) and its configuration when that is missing. */
gboolean _valise_embed_root_prepare (const char *directory, GError **error);
/* Whether it is there and private to the user; makes nothing. Fails with %VALISE_ENGINE_ERROR_PERMISSION. */
gboolean _valise_embed_root_check (const char *directory, GError **error);
/* The process that holds the driver of @directory, 0 when none does. */
pid_t _valise_embed_root_get_holder (const char *directory);
/* Claims the right to open the driver of @directory until this process ends or _valise_embed_root_release. FALSE while
 * another has it: of two that open at the same moment libvirt lets one fail for good. */
gboolean _valise_embed_root_claim (const char *directory);
void _valise_embed_root_release (void);
/* Blocks until no other process holds the driver of @directory, and claims it then, unless @cancellable has been
 * cancelled meanwhile; not to be called once this process holds it. Locks alone are waited for, however long that takes:
 * for a thread that nobody waits for. */
void _valise_embed_root_wait (const char *directory, GCancellable *cancellable);
/* "PROGRAM (process N)" (transfer full) */
char *_valise_embed_root_describe_process (pid_t pid);

/* A private directory for sockets with a short name: $XDG_RUNTIME_DIR/valise, or one below /var/tmp. Made if missing.
 * (transfer full) */
char *_valise_runtime_directory (GError **error);

G_END_DECLS
