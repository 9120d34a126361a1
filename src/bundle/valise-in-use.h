/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * valise_bundle_check_unused:
 * @path: a bundle that this process has locked, or only reads, and that runs under no connection of its own
 *
 * Fails with %VALISE_BUNDLE_ERROR_LOCKED when some program writes to a file of the bundle: a machine that was left
 * running, that runs under another connection or state directory, or was started by hand. Nobody need hold the bundle's
 * lock then; QEMU's own locks on its disk images and firmware variables tell. The message names the file and, where the
 * kernel says it, program and process. Readers are not in the way. Where the file system knows no locks nobody can
 * tell, and that is no error. Blocking, short.
 */
gboolean valise_bundle_check_unused (const char *path, GError **error);

/* Who writes to the file that @fd has open: "qemu-system-x86_64 (process 123)", or "another program" when the kernel
 * does not say who; %NULL when nobody is known to. Private to this room. (transfer full) (nullable) */
char *_valise_in_use_describe_writer (int fd);

G_END_DECLS
