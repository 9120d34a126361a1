/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/valise-job.h"
#include "engine/valise-machine.h"

G_BEGIN_DECLS

/**
 * ValiseLibrary:
 *
 * All machines as a #GListModel of #ValiseMachine, sorted by name: the bundles in the library's directory and those
 * opened elsewhere (remembered in STATE/library). The directory is scanned in a thread by names alone, watched, and
 * never blocks; which machines run is told by the host's events. Broken bundles stay in the list with their error. Also
 * holds the running jobs.
 */
#define VALISE_TYPE_LIBRARY (valise_library_get_type ())
G_DECLARE_FINAL_TYPE (ValiseLibrary, valise_library, VALISE, LIBRARY, GObject)

/* @directory: (nullable): else VALISE_LIBRARY, else ~/Valise. Nothing is read yet. @host: (nullable) for reading names
 * only. (transfer full) */
ValiseLibrary *valise_library_new (ValiseHost *host, const char *directory);
/* Absolute, its links resolved; it may not exist. */
const char *valise_library_get_directory (ValiseLibrary *self);
/* (transfer none) */
ValiseHost *valise_library_get_host (ValiseLibrary *self);
/* Scans and watches; "scanned" (boolean property) turns true when the first scan is in the model, and
 * "error" (boxed GError) says why the directory could not be read. Again: scans anew. From here on the library belongs
 * to the main context; one that is never started belongs to the thread that uses it, and hears no news. */
void valise_library_start (ValiseLibrary *self);
/* The same, blocking, without a watch (valisectl). A missing directory is an empty library; #GFileError when it cannot
 * be read. */
gboolean valise_library_scan (ValiseLibrary *self, GError **error);

/* A bundle anywhere: adds it and remembers it; the machine is in the model when this returns. Errors as
 * valise_bundle_open, and of remembering it. (transfer full) */
ValiseMachine *valise_library_open (ValiseLibrary *self, const char *bundle_path, GError **error);
/* By name or bundle path; %VALISE_ENGINE_ERROR_NOT_FOUND or _AMBIGUOUS. (transfer full) */
ValiseMachine *valise_library_find (ValiseLibrary *self, const char *name_or_path, GError **error);
/* Leftovers of jobs that were killed. (element-type filename) (transfer full) */
GPtrArray *valise_library_list_leftovers (ValiseLibrary *self);

/* Takes a bundle that lies elsewhere out of the list; the bundle itself is not touched. One in the library's directory
 * stays. */
void valise_library_forget (ValiseLibrary *self, ValiseMachine *machine);

/**
 * ValiseLibraryEntry:
 * @path: the bundle
 * @name: what people see: from the path until the facts are read
 * @group: (nullable): the group it is in; interned, so that groups compare by address
 * @error: (nullable): why it cannot be used; known once the facts are read
 * @memory: bytes, 0 until the facts are read
 * @suspended_at: unix time in seconds, 0 when it is not suspended
 * @cpus: 0 until the facts are read
 * @is_template: others are made of it
 * @is_linked: it builds on images that another machine has too
 * @state: what is known of it without a machine object; see valise_library_entry_get_state
 *
 * What a list shows of a bundle. Ten thousand of these are cheap, where ten thousand machine objects would not be: a
 * machine is made when somebody asks for it. For reading only; belongs to the library and is valid until it leaves the
 * model (and the handlers of that "items-changed" have run).
 */
typedef struct
{
  char *path;
  char *name;
  const char *group;
  char *error;
  guint64 memory;
  gint64 suspended_at;
  guint16 cpus;
  guint8 state;
  guint8 is_template : 1;
  guint8 is_linked : 1;
  /*< private >*/
  guint8 facts : 2;
  guint8 elsewhere : 1;
  guint8 attempts : 4;
  ValiseMachine *machine;
} ValiseLibraryEntry;

/* (nullable): %NULL beyond the end */
const ValiseLibraryEntry *valise_library_get_entry (ValiseLibrary *self, guint position);
/* (nullable): %NULL when the library does not have it */
const ValiseLibraryEntry *valise_library_find_entry (ValiseLibrary *self, const char *bundle_path);
/* Makes the machine object if there is none yet. (transfer none) */
ValiseMachine *valise_library_entry_get_machine (ValiseLibrary *self, const ValiseLibraryEntry *entry);
/* The machine's, where there is one; else what the facts say. */
ValiseMachineState valise_library_entry_get_state (const ValiseLibraryEntry *entry);
/* Reads the facts in a thread unless they are known or on the way; "entry-changed" (entry) tells when they are there.
 * For a row that comes into view. Those asked for last are read first. */
void valise_library_want_facts (ValiseLibrary *self, const ValiseLibraryEntry *entry);
/* The same, even if they are known: the bundle was changed. */
void valise_library_refresh (ValiseLibrary *self, const char *bundle_path);

/* #GListModel of #ValiseJob, running and failed ones. (transfer none) */
GListModel *valise_library_get_jobs (ValiseLibrary *self);
/* Starts the job and shows it in the list; removed from it when done or cancelled, kept when failed until dismissed. */
void valise_library_run_job (ValiseLibrary *self, ValiseJob *job);
/* Takes one that failed off the list; nothing happens when it is not there. */
void valise_library_dismiss_job (ValiseLibrary *self, ValiseJob *job);

G_END_DECLS
