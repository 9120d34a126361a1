/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  VALISE_JOB_WAITING,
  VALISE_JOB_RUNNING,
  VALISE_JOB_DONE,
  VALISE_JOB_FAILED,
  VALISE_JOB_CANCELLED,
} ValiseJobState;

/**
 * ValiseJob:
 *
 * Long work as an object: what it is called, how far it is, how to stop it and how it ended. A job is a transaction:
 * when its function returns %FALSE (failed or cancelled) it has undone what it half did.
 *
 * Properties, all notified in the main context and at most ten times a second: title, stage, fraction (0 to 1, or -1
 * when unknown), done, total and speed (bytes, bytes per second), remaining (seconds, or -1), state, error (boxed
 * GError), result-path (file or directory that the job made).
 */
#define VALISE_TYPE_JOB (valise_job_get_type ())
G_DECLARE_FINAL_TYPE (ValiseJob, valise_job, VALISE, JOB, GObject)

/* Runs in a worker thread (or the caller's, for valise_job_run_sync). Must look at @cancellable often, and end with
 * %G_IO_ERROR_CANCELLED when it is cancelled; then, and on every other error, what it half did is undone before it
 * returns. */
typedef gboolean (*ValiseJobFunc) (ValiseJob *job, gpointer data, GCancellable *cancellable, GError **error);

/**
 * valise_job_new:
 * @title: what it does, translated: "Exporting “Debian 12”"
 * @func: the work
 * @data: for @func
 * @destroy: (nullable): frees @data when the job has ended, in the thread it ran in, or with the job if it never ran
 *
 * Returns: (transfer full): a job that waits
 */
ValiseJob *valise_job_new (const char *title, ValiseJobFunc func, gpointer data, GDestroyNotify destroy);

/* Starts the job in a thread; @callback is called in the caller's main context when it has ended and undone what it had
 * to. A job runs once: starting a second time is a fault of the program. */
void valise_job_run_async (ValiseJob *self, GAsyncReadyCallback callback, gpointer user_data);
/* %FALSE with the function's own error, with %G_IO_ERROR_CANCELLED when it was cancelled, or with %G_IO_ERROR_FAILED
 * when the function gave no reason. The state and the error property say the same. */
gboolean valise_job_run_finish (ValiseJob *self, GAsyncResult *result, GError **error);
/* The same in the calling thread, with the same errors. */
gboolean valise_job_run_sync (ValiseJob *self, GError **error);
/* Asks it to end; from any thread, at any time. It ends as soon as it has undone its work. */
void valise_job_cancel (ValiseJob *self);

/* For the function, from any thread. A %NULL job is allowed everywhere here, so that the functions below it need not
 * ask. Strings are copied; @stage is translated; set_done may go back, which starts the measuring of the speed anew. */
void valise_job_set_stage (ValiseJob *self, const char *stage);
void valise_job_set_total (ValiseJob *self, guint64 bytes);
void valise_job_advance (ValiseJob *self, guint64 bytes);
void valise_job_set_done (ValiseJob *self, guint64 bytes);
void valise_job_set_result_path (ValiseJob *self, const char *path);

/* How it stands, from any thread. */
ValiseJobState valise_job_get_state (ValiseJob *self);
/* Valid as long as the job. */
const char *valise_job_get_title (ValiseJob *self);
/* (transfer full) (nullable) */
char *valise_job_dup_stage (ValiseJob *self);
/* The file or directory it made; %NULL until the function has said so. (transfer full) (nullable) */
char *valise_job_dup_result_path (ValiseJob *self);
/* 0 to 1; -1 as long as the total is not known. */
double valise_job_get_fraction (ValiseJob *self);
/* Bytes. */
guint64 valise_job_get_done (ValiseJob *self);
guint64 valise_job_get_total (ValiseJob *self);
/* Bytes per second of late; 0 when it does not run or cannot be told. */
guint64 valise_job_get_speed (ValiseJob *self);
/* Seconds at the present speed, rounded up; -1 when it cannot be told. */
int valise_job_get_remaining (ValiseJob *self);
/* Why it failed or that it was cancelled; set once and valid as long as the job. (nullable) */
const GError *valise_job_get_error (ValiseJob *self);

G_END_DECLS
