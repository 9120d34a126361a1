/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * ValiseLock:
 *
 * The advisory lock of a bundle (.lock, an open-file-description lock, so that a dead process never blocks). Its text
 * names the holder. On a file system that knows no locks the answer is given by the text: host, pid and boot id of a
 * live process.
 */
typedef struct _ValiseLock ValiseLock;

/* Takes the lock, or fails at once with %VALISE_BUNDLE_ERROR_LOCKED naming the holder, or _READ_ONLY. @purpose is a
 * word for the message of the other side: "editing", "exporting", "running". %VALISE_BUNDLE_ERROR_UNSAFE when .lock is
 * a link. (transfer full) */
ValiseLock *valise_lock_take (const char *bundle_path, const char *purpose, GError **error);
void valise_lock_free (ValiseLock *self);
/* @func is called with @data when it has been let go, in the thread that does it. Once for a lock. */
void valise_lock_on_free (ValiseLock *self, GDestroyNotify func, gpointer data);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseLock, valise_lock_free)
/* A sentence about who holds it, or %NULL when nobody does. (transfer full) (nullable) */
char *valise_lock_describe_holder (const char *bundle_path);

G_END_DECLS
