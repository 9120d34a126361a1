/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/valise-job.h"
#include "engine/valise-machine.h"

G_BEGIN_DECLS

/**
 * ValiseLibrary:
 *
 * All machines as a #GListModel of #ValiseMachine, sorted by name: the bundles in the library's directory and those opened elsewhere
 * (remembered in STATE/library). The directory is scanned in a thread by names alone, watched, and never blocks; which
 * machines run is told by the host's events. Broken bundles stay in the list with their error. Also holds the running jobs.
 */
#define VALISE_TYPE_LIBRARY (valise_library_get_type ())
G_DECLARE_FINAL_TYPE (ValiseLibrary, valise_library, VALISE, LIBRARY, GObject)

/* @directory: (nullable): else VALISE_LIBRARY, else ~/Valise. Nothing is read yet. */
ValiseLibrary *valise_library_new (ValiseHost *host, const char *directory);
const char *valise_library_get_directory (ValiseLibrary *self);
ValiseHost *valise_library_get_host (ValiseLibrary *self);
/* Scans and watches; "scanned" (boolean property) turns true when the first scan is in the model. */
void valise_library_start (ValiseLibrary *self);
/* The same, blocking, without a watch (valisectl). */
gboolean valise_library_scan (ValiseLibrary *self, GError **error);

/* A bundle anywhere: adds it and remembers it; the machine is in the model when this returns. Errors as valise_bundle_open. */
ValiseMachine *valise_library_open (ValiseLibrary *self, const char *bundle_path, GError **error);
/* By name or bundle path; %VALISE_ENGINE_ERROR_NOT_FOUND or _AMBIGUOUS. (transfer full) */
ValiseMachine *valise_library_find (ValiseLibrary *self, const char *name_or_path, GError **error);
/* Leftovers of jobs that were killed. (element-type filename) (transfer full) */
GPtrArray *valise_library_list_leftovers (ValiseLibrary *self);

/* #GListModel of #ValiseJob, running and failed ones. */
GListModel *valise_library_get_jobs (ValiseLibrary *self);
/* Starts the job and shows it in the list; removed from it when done or cancelled, kept when failed until dismissed. */
void valise_library_run_job (ValiseLibrary *self, ValiseJob *job);
void valise_library_dismiss_job (ValiseLibrary *self, ValiseJob *job);

G_END_DECLS
