/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-library.h"

G_BEGIN_DECLS

/* Each returns a job not yet started. When done, the job's result-path is the bundle (or file) made. */

/* @document: stored form, as from valise_profile_propose or the editor; its pending disk sizes become images. @directory: (nullable): the library's. */
ValiseJob *
valise_create_job_new (ValiseLibrary *library, const char *directory, const char *name, ValiseDocument *document);
/* @target ends in .vmbundle.tar.zst, or is a directory that gets a copy of the bundle. A running machine is refused. */
ValiseJob *valise_export_job_new (ValiseMachine *machine, const char *target);
/* @file: a .vmbundle.tar.zst or a .vmbundle directory to be copied in; @name, @directory: (nullable). */
ValiseJob *valise_import_job_new (ValiseLibrary *library, const char *file, const char *directory, const char *name);
/* To the Trash; a running machine is refused. result-path is where it lay. Blocking is short, so this is a plain call with an undo. */
gboolean valise_machine_trash (ValiseMachine *machine, GCancellable *cancellable, GError **error);
gboolean valise_library_untrash (ValiseLibrary *library, const char *bundle_path, GError **error);

G_END_DECLS
