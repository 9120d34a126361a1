/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define VALISE_PROCESS_ERROR (valise_process_error_quark ())
GQuark valise_process_error_quark (void);
typedef enum
{
  VALISE_PROCESS_ERROR_MISSING, /* the program is not installed; the message says which */
  VALISE_PROCESS_ERROR_FAILED,  /* it ended with a failure; the message holds the end of what it said */
} ValiseProcessError;

/* Called from the calling thread for each line or carriage-return-ended piece of the child's standard output. */
typedef void (*ValiseProcessLineFunc) (const char *line, gpointer user_data);

/**
 * valise_process_run:
 * @argv: %NULL-terminated; argv[0] is looked up in PATH
 * @on_line: (nullable): gets output as it comes
 * @output: (out) (optional): all of standard output
 *
 * Runs a program to its end, in the caller's thread (never the main one). LC_ALL is C.UTF-8 for the child and
 * standard input is empty. Cancelling sends SIGTERM, then SIGKILL after two seconds, and returns once the child is
 * gone.
 *
 * Returns: %TRUE if it ended with 0; otherwise %FALSE with a #ValiseProcessError or %G_IO_ERROR_CANCELLED, and @output
 * is not set
 */
gboolean valise_process_run (const char *const *argv,
                             ValiseProcessLineFunc on_line,
                             gpointer user_data,
                             char **output,
                             GCancellable *cancellable,
                             GError **error);

#define VALISE_PROCESS_FIRST_FD 3
#define VALISE_PROCESS_FDS_MOST 32

/* What the program may take at most, in bytes; 0: as much as it likes. With one of the first two set it leaves no core file. */
typedef struct
{
  guint64 file_size;     /* of a file that it writes */
  guint64 address_space; /* of its own memory */
  /* (nullable): a file that it writes. Run from a thread that gives way (valise_background_run()) it is stopped again and
   * again until the disk has what it wrote, and as long after that as valise_background_rest() says, for which cancelling
   * waits, too. Where something does not reach the disk, the program is ended, and the error is a #GIOErrorEnum. */
  const char *paced;
} ValiseProcessLimits;

/* The same with limits (nullable), and with open files that the child finds as descriptors VALISE_PROCESS_FIRST_FD and up, in this order; a program
 * that takes names opens them as /proc/self/fd/3. At most %VALISE_PROCESS_FDS_MOST, which stay open here. */
gboolean valise_process_run_with_files (const char *const *argv,
                                        const ValiseProcessLimits *limits,
                                        const int *fds,
                                        guint n_fds,
                                        ValiseProcessLineFunc on_line,
                                        gpointer user_data,
                                        GCancellable *cancellable,
                                        GError **error);

/* Whether @message, from a program that speaks no language but C's, as those run by valise_process_run and QEMU, names
 * the errno @number. strerror and g_strerror speak the user's. */
gboolean valise_process_said (const char *message, int number);

G_END_DECLS
