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
 * Properties, all notified in the main context and at most ten times a second: title, stage, fraction (0 to 1, or -1 when
 * unknown), done, total and speed (bytes, bytes per second), remaining (seconds, or -1), state, error (boxed GError),
 * result-path (file or directory that the job made).
 */
#define VALISE_TYPE_JOB (valise_job_get_type ())
G_DECLARE_FINAL_TYPE (ValiseJob, valise_job, VALISE, JOB, GObject)

/* Runs in a worker thread (or the caller's, for valise_job_run_sync). Must look at @cancellable often. */
typedef gboolean (*ValiseJobFunc) (ValiseJob *job, gpointer data, GCancellable *cancellable, GError **error);

ValiseJob *valise_job_new (const char *title, ValiseJobFunc func, gpointer data, GDestroyNotify destroy);

/* Starts the job; finish with valise_job_run_finish. A job runs once. */
void valise_job_run_async (ValiseJob *self, GAsyncReadyCallback callback, gpointer user_data);
gboolean valise_job_run_finish (ValiseJob *self, GAsyncResult *result, GError **error);
/* The same in the calling thread. */
gboolean valise_job_run_sync (ValiseJob *self, GError **error);
void valise_job_cancel (ValiseJob *self);

/* For the function, from any thread. A %NULL job is allowed everywhere here, so that the functions below it need not ask. */
void valise_job_set_stage (ValiseJob *self, const char *stage);
void valise_job_set_total (ValiseJob *self, guint64 bytes);
void valise_job_advance (ValiseJob *self, guint64 bytes);
void valise_job_set_done (ValiseJob *self, guint64 bytes);
void valise_job_set_result_path (ValiseJob *self, const char *path);

ValiseJobState valise_job_get_state (ValiseJob *self);
const char *valise_job_get_title (ValiseJob *self);
char *valise_job_dup_stage (ValiseJob *self);
char *valise_job_dup_result_path (ValiseJob *self);
double valise_job_get_fraction (ValiseJob *self);
guint64 valise_job_get_done (ValiseJob *self);
guint64 valise_job_get_total (ValiseJob *self);
guint64 valise_job_get_speed (ValiseJob *self);
int valise_job_get_remaining (ValiseJob *self);
const GError *valise_job_get_error (ValiseJob *self);

G_END_DECLS
