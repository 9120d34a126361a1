/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>
#include <stdio.h>

#include "engine/valise-import-choices.h"
#include "engine/valise-library.h"

G_BEGIN_DECLS

/* What valisectl ends with; the manual page has the same table. */
typedef enum
{
  VALISE_EXIT_OK = 0,
  VALISE_EXIT_FAILED = 1,
  VALISE_EXIT_USAGE = 2,
  VALISE_EXIT_DECISION = 3,  /* the user must settle something first */
  VALISE_EXIT_REFUSED = 4,   /* the file is damaged, unsafe, of a newer version, or not what it was taken for */
  VALISE_EXIT_NOT_FOUND = 5, /* no such machine, file, or value */
  VALISE_EXIT_STATE = 6,     /* not in this state */
  VALISE_EXIT_TIMEOUT = 7,
  VALISE_EXIT_BUSY = 8, /* another process holds the machine or the driver */
  VALISE_EXIT_HOST = 9, /* no libvirt, no QEMU, no permission */
  VALISE_EXIT_EXISTS = 10,
  VALISE_EXIT_CANCELLED = 11,
} ValiseExit;

#define VALISE_COMMAND_ERROR (valise_command_error_quark ())
GQuark valise_command_error_quark (void);
typedef enum
{
  VALISE_COMMAND_ERROR_USAGE,
  VALISE_COMMAND_ERROR_UNSET,   /* get of a knob that has no value */
  VALISE_COMMAND_ERROR_INVALID, /* validate found errors */
  VALISE_COMMAND_ERROR_CHANGED, /* edit: somebody else was faster */
} ValiseCommandError;

/**
 * ValiseCall:
 * @library: with a connected host, not yet scanned
 * @directory: the caller's working directory, for relative file names
 * @json: whether to print JSON
 * @out: where results go
 * @err: where progress and warnings go
 * @exit: what the run ends with when the verb did its work; a verb that only reports sets it
 *
 * One run of one verb, for this process's own command line or for somebody else's that came in through the door.
 */
typedef struct
{
  ValiseLibrary *library;
  const char *directory;
  gboolean json;
  gboolean has_printed; /* JSON, of which there is one document */
  FILE *out;
  FILE *err;
  GCancellable *cancellable;
  ValiseExit exit;
} ValiseCall;

/* @arguments: what stands after the verb, %NULL-terminated. */
typedef gboolean (*ValiseCommandFunc) (ValiseCall *call, char **arguments, GError **error);

typedef struct
{
  const char *name;
  const char *synopsis;
  const char *summary; /* untranslated */
  ValiseCommandFunc run;
  gboolean needs_host; /* makes no sense without a connection */
  gboolean alone;      /* is about no machine and asks no hypervisor */
} ValiseCommand;

/* Ends with a %NULL name. */
const ValiseCommand *valise_command_table (void);
const ValiseCommand *valise_command_find (const char *name);

/* Runs a whole command line (verb first) and prints what went wrong to call->err. Returns the exit code. */
int valise_command_run (ValiseCall *call, char **arguments);
ValiseExit valise_command_exit_code (const GError *error);
/* Tells @error, and returns the exit code that it means. */
int valise_command_fail (ValiseCall *call, const GError *error);

/* --- for the verbs --- */

/* Parses the verb's own options. @operands: (out): what is left, checked to be @least to @most many. */
gboolean valise_call_parse (ValiseCall *call,
                            const char *verb,
                            GOptionEntry *entries,
                            char **arguments,
                            char ***operands,
                            guint least,
                            guint most,
                            GError **error);
/* The machine that the operand names, loaded. */
ValiseMachine *valise_call_find (ValiseCall *call, const char *name, GError **error);
/* The same without reading it: a damaged one can still be deleted, and stopped while it runs. */
ValiseMachine *valise_call_find_unread (ValiseCall *call, const char *name, GError **error);
/* @file as seen from the caller's directory. */
char *valise_call_resolve (ValiseCall *call, const char *file);
/* Prints and frees the root node. */
void valise_call_print_json (ValiseCall *call, JsonBuilder *builder);
/* Runs a job to its end, with a progress line when call->err is a terminal. */
gboolean valise_call_run_job (ValiseCall *call, ValiseJob *job, GError **error);
/* Prints the path, or {"path": ...}. */
void valise_call_print_path (ValiseCall *call, const char *path);
/* Takes the bundle that a job made into the library, wherever it lies, and prints its path. */
gboolean valise_call_adopt (ValiseCall *call, ValiseJob *job, GError **error);
/* What a dry run says: how large it gets, or at most, and, where there is something to tell, what becomes something
 * else. @findings: (nullable) (element-type ValiseFinding) */
void valise_call_print_estimate (ValiseCall *call, guint64 bytes, gboolean at_most, GPtrArray *findings);
void valise_call_print_findings (ValiseCall *call, GPtrArray *findings);
/* What differs between two versions of a machine's settings. (element-type ValiseChange) */
void _valise_call_print_changes (ValiseCall *call, GPtrArray *changes);
/* import --dry-run: prints what becomes of @machines (element-type ValiseImportChoices) as chosen; sets the exit code. */
void _valise_import_report (ValiseCall *call, GPtrArray *machines);

/* One function per verb, one file per group. */
#define VALISE_DECLARE_COMMAND(name)                                                                                   \
  gboolean _valise_command_##name (ValiseCall *call, char **arguments, GError **error)
VALISE_DECLARE_COMMAND (create);
VALISE_DECLARE_COMMAND (list);
VALISE_DECLARE_COMMAND (show);
VALISE_DECLARE_COMMAND (xml);
VALISE_DECLARE_COMMAND (knobs);
VALISE_DECLARE_COMMAND (get);
VALISE_DECLARE_COMMAND (set);
VALISE_DECLARE_COMMAND (unset);
VALISE_DECLARE_COMMAND (diff);
VALISE_DECLARE_COMMAND (edit);
VALISE_DECLARE_COMMAND (validate);
VALISE_DECLARE_COMMAND (start);
VALISE_DECLARE_COMMAND (shutdown);
VALISE_DECLARE_COMMAND (stop);
VALISE_DECLARE_COMMAND (reset);
VALISE_DECLARE_COMMAND (pause);
VALISE_DECLARE_COMMAND (resume);
VALISE_DECLARE_COMMAND (suspend);
VALISE_DECLARE_COMMAND (discard);
VALISE_DECLARE_COMMAND (wait);
VALISE_DECLARE_COMMAND (screenshot);
VALISE_DECLARE_COMMAND (type);
VALISE_DECLARE_COMMAND (keys);
VALISE_DECLARE_COMMAND (media);
VALISE_DECLARE_COMMAND (export);
VALISE_DECLARE_COMMAND (import);
VALISE_DECLARE_COMMAND (clone);
VALISE_DECLARE_COMMAND (detach);
VALISE_DECLARE_COMMAND (move);
VALISE_DECLARE_COMMAND (template);
VALISE_DECLARE_COMMAND (rm);
VALISE_DECLARE_COMMAND (compact);
VALISE_DECLARE_COMMAND (convert);
VALISE_DECLARE_COMMAND (shrink);
VALISE_DECLARE_COMMAND (nvram);
VALISE_DECLARE_COMMAND (size);
VALISE_DECLARE_COMMAND (verify);
VALISE_DECLARE_COMMAND (snapshot);
VALISE_DECLARE_COMMAND (asks);
VALISE_DECLARE_COMMAND (identity);

G_END_DECLS
