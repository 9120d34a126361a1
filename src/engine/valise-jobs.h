/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-library.h"

G_BEGIN_DECLS

/* Each returns a job not yet started (transfer full). When it is done, its result-path is the bundle or file it made. A
 * bundle made here is settled: what its document asks of this host is granted, because the user has just typed it, and
 * its identity is remembered. */

/* @document: stored form, as from valise_profile_propose or the editor; stated disk sizes become images. @directory:
 * (nullable): the library's.
 * @files: (nullable) (element-type filename filename): what is copied into the bundle, as valise_bring_files has it;
 * not changed afterwards. */
ValiseJob *valise_create_job_new (ValiseLibrary *library,
                                  const char *directory,
                                  const char *name,
                                  ValiseDocument *document,
                                  GHashTable *files);

/* @file: a .vmbundle.tar.zst, or a .vmbundle directory to be copied in. A machine whose identity is taken on this host
 * comes in with a new one. What it asks of this host stays off until the user has settled it. @directory, @name:
 * (nullable). The job fails with %VALISE_BUNDLE_ERROR_LOCKED while somebody has the directory to be copied, and as
 * valise_archive_read or valise_bundle_copy. */
ValiseJob *valise_import_job_new (ValiseLibrary *library, const char *file, const char *directory, const char *name);

/* Moves the bundle to the Trash. Refused while it runs (%VALISE_ENGINE_ERROR_STATE) or where there is no Trash (an
 * error of GIO's that says so; nothing is removed for good), or %VALISE_BUNDLE_ERROR_LOCKED when somebody holds it.
 * Blocking, short; cancelling is GIO's. */
gboolean valise_machine_trash (ValiseMachine *machine, GCancellable *cancellable, GError **error);

/* Brings a bundle back from the Trash to @bundle_path, where it lay. %G_IO_ERROR_NOT_FOUND when it is no longer there,
 * %G_IO_ERROR_EXISTS when something else has taken its place; then it stays in the Trash. Too short to be cancelled. */
gboolean valise_machine_untrash (const char *bundle_path, GCancellable *cancellable, GError **error);

G_END_DECLS
