/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/valise-job.h"

#include <string.h>

#define NOTIFY_EVERY_US (G_USEC_PER_SEC / 10)
#define SAMPLE_EVERY_US (G_USEC_PER_SEC / 4)
#define N_SAMPLES 16

/* How far it was when; the speed is taken over the last four seconds. */
typedef struct
{
  gint64 time;
  guint64 done;
} Sample;

struct _ValiseJob
{
  GObject parent_instance;

  ValiseJobFunc func;
  gpointer data;
  GDestroyNotify destroy;
  GCancellable *cancellable;
  char *title;

  GMutex lock; /* guards all below, which the worker writes and anybody reads */
  ValiseJobState state;
  char *stage;
  char *result_path;
  GError *error;
  guint64 done, total;
  Sample samples[N_SAMPLES];
  guint n_samples;
  guint changed;   /* bit per property that waits to be notified */
  GSource *notify; /* the source that will do it, or NULL */
  gint64 last_notify;
};

enum
{
  PROP_TITLE = 1,
  PROP_STAGE,
  PROP_FRACTION,
  PROP_DONE,
  PROP_TOTAL,
  PROP_SPEED,
  PROP_REMAINING,
  PROP_STATE,
  PROP_ERROR,
  PROP_RESULT_PATH,
  N_PROPERTIES
};
static GParamSpec *properties[N_PROPERTIES];

#define PROGRESS (1u << PROP_FRACTION | 1u << PROP_DONE | 1u << PROP_TOTAL | 1u << PROP_SPEED | 1u << PROP_REMAINING)

G_DEFINE_FINAL_TYPE (ValiseJob, valise_job, G_TYPE_OBJECT)

static void
notify_waiting (ValiseJob *self)
{
  guint changed;

  g_mutex_lock (&self->lock);
  changed = self->changed;
  self->changed = 0;
  self->last_notify = g_get_monotonic_time ();
  if (self->notify != NULL)
    g_source_destroy (self->notify);
  g_clear_pointer (&self->notify, g_source_unref);
  g_mutex_unlock (&self->lock);
  for (guint i = 1; i < N_PROPERTIES; i++)
    if ((changed & 1u << i) != 0)
      g_object_notify_by_pspec (G_OBJECT (self), properties[i]);
}

static gboolean
on_notify_cb (gpointer data)
{
  g_autoptr (ValiseJob) self = g_weak_ref_get (data);

  if (self != NULL)
    notify_waiting (self);
  return G_SOURCE_REMOVE;
}

static void
weak_ref_free (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

/* With the lock held. One timer at most is under way, and only while there is something to tell. */
static void
touch (ValiseJob *self, guint changed)
{
  gint64 wait = MAX (0, self->last_notify + NOTIFY_EVERY_US - g_get_monotonic_time ());
  GWeakRef *reference;

  self->changed |= changed;
  if (self->notify != NULL)
    return;
  reference = g_new0 (GWeakRef, 1);
  g_weak_ref_init (reference, self);
  self->notify = g_timeout_source_new ((guint) (wait / 1000));
  g_source_set_callback (self->notify, on_notify_cb, reference, weak_ref_free);
  g_source_attach (self->notify, NULL);
}

/* With the lock held. */
static void
take_sample (ValiseJob *self)
{
  gint64 now = g_get_monotonic_time ();

  if (self->n_samples > 0 && now - self->samples[self->n_samples - 1].time < SAMPLE_EVERY_US)
    return;
  if (self->n_samples == N_SAMPLES)
    {
      memmove (self->samples, self->samples + 1, sizeof (Sample) * (N_SAMPLES - 1));
      self->n_samples--;
    }
  self->samples[self->n_samples++] = (Sample){ now, self->done };
}

/* With the lock held. */
static guint64
speed_now (const ValiseJob *self)
{
  gint64 elapsed;

  if (self->n_samples == 0)
    return 0;
  elapsed = g_get_monotonic_time () - self->samples[0].time;
  if (elapsed < SAMPLE_EVERY_US || self->done < self->samples[0].done)
    return 0;
  return (guint64) ((double) (self->done - self->samples[0].done) * G_USEC_PER_SEC / (double) elapsed);
}

static void
set_state (ValiseJob *self, ValiseJobState state, const GError *error)
{
  g_mutex_lock (&self->lock);
  self->state = state;
  if (error != NULL)
    self->error = g_error_copy (error);
  /* A change of state is told at once. */
  self->last_notify = 0;
  if (self->notify != NULL)
    g_source_destroy (self->notify);
  g_clear_pointer (&self->notify, g_source_unref);
  touch (self, 1u << PROP_STATE | (error != NULL ? 1u << PROP_ERROR : 0) | PROGRESS);
  g_mutex_unlock (&self->lock);
}

static void
drop_data (ValiseJob *self)
{
  GDestroyNotify destroy = self->destroy;

  self->destroy = NULL;
  if (destroy != NULL)
    destroy (g_steal_pointer (&self->data));
}

static gboolean
run (ValiseJob *self, GError **error)
{
  GError *failure = NULL;
  gboolean success;

  success = !g_cancellable_set_error_if_cancelled (self->cancellable, &failure)
            && self->func (self, self->data, self->cancellable, &failure);
  if (!success && failure == NULL)
    g_set_error (&failure, G_IO_ERROR, G_IO_ERROR_FAILED, "%s", self->title);
  drop_data (self);
  if (success)
    {
      g_clear_error (&failure);
      set_state (self, VALISE_JOB_DONE, NULL);
      return TRUE;
    }
  set_state (self,
             g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED) ? VALISE_JOB_CANCELLED : VALISE_JOB_FAILED,
             failure);
  g_propagate_error (error, failure);
  return FALSE;
}

static gboolean
begin (ValiseJob *self)
{
  gboolean first;

  g_mutex_lock (&self->lock);
  first = self->state == VALISE_JOB_WAITING;
  g_mutex_unlock (&self->lock);
  if (first)
    set_state (self, VALISE_JOB_RUNNING, NULL);
  return first;
}

static void
run_in_thread_cb (GTask *task, gpointer source, gpointer unused, GCancellable *cancellable)
{
  GError *error = NULL;

  if (run (source, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
valise_job_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  ValiseJob *self = VALISE_JOB (object);

  switch (id)
    {
    case PROP_TITLE:
      g_value_set_string (value, self->title);
      break;
    case PROP_STAGE:
      g_value_take_string (value, valise_job_dup_stage (self));
      break;
    case PROP_FRACTION:
      g_value_set_double (value, valise_job_get_fraction (self));
      break;
    case PROP_DONE:
      g_value_set_uint64 (value, valise_job_get_done (self));
      break;
    case PROP_TOTAL:
      g_value_set_uint64 (value, valise_job_get_total (self));
      break;
    case PROP_SPEED:
      g_value_set_uint64 (value, valise_job_get_speed (self));
      break;
    case PROP_REMAINING:
      g_value_set_int (value, valise_job_get_remaining (self));
      break;
    case PROP_STATE:
      g_value_set_int (value, (int) valise_job_get_state (self));
      break;
    case PROP_ERROR:
      g_value_set_boxed (value, valise_job_get_error (self));
      break;
    case PROP_RESULT_PATH:
      g_value_take_string (value, valise_job_dup_result_path (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
valise_job_finalize (GObject *object)
{
  ValiseJob *self = VALISE_JOB (object);

  if (self->notify != NULL)
    g_source_destroy (self->notify);
  g_clear_pointer (&self->notify, g_source_unref);
  drop_data (self);
  g_clear_object (&self->cancellable);
  g_clear_error (&self->error);
  g_free (self->title);
  g_free (self->stage);
  g_free (self->result_path);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (valise_job_parent_class)->finalize (object);
}

static void
valise_job_class_init (ValiseJobClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = valise_job_get_property;
  object_class->finalize = valise_job_finalize;
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_STAGE] = g_param_spec_string ("stage", NULL, NULL, NULL, flags);
  properties[PROP_FRACTION] = g_param_spec_double ("fraction", NULL, NULL, -1, 1, -1, flags);
  properties[PROP_DONE] = g_param_spec_uint64 ("done", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_TOTAL] = g_param_spec_uint64 ("total", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_SPEED] = g_param_spec_uint64 ("speed", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_REMAINING] = g_param_spec_int ("remaining", NULL, NULL, -1, G_MAXINT, -1, flags);
  properties[PROP_STATE] = g_param_spec_int ("state", NULL, NULL, VALISE_JOB_WAITING, VALISE_JOB_CANCELLED, 0, flags);
  properties[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, flags);
  properties[PROP_RESULT_PATH] = g_param_spec_string ("result-path", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
valise_job_init (ValiseJob *self)
{
  g_mutex_init (&self->lock);
  self->cancellable = g_cancellable_new ();
}

ValiseJob *
valise_job_new (const char *title, ValiseJobFunc func, gpointer data, GDestroyNotify destroy)
{
  ValiseJob *self;

  g_return_val_if_fail (title != NULL && func != NULL, NULL);
  self = g_object_new (VALISE_TYPE_JOB, NULL);
  self->title = g_strdup (title);
  self->func = func;
  self->data = data;
  self->destroy = destroy;
  return self;
}

void
valise_job_run_async (ValiseJob *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  gboolean first;

  g_return_if_fail (VALISE_IS_JOB (self));
  first = begin (self);
  g_return_if_fail (first);
  /* Without the cancellable: the task ends when the function has undone its work, not before. */
  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, valise_job_run_async);
  g_task_run_in_thread (task, run_in_thread_cb);
}

gboolean
valise_job_run_finish (ValiseJob *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  /* Whoever learns of the end here shall not be told older facts afterwards. */
  if (g_main_context_is_owner (g_main_context_default ()))
    notify_waiting (self);
  return g_task_propagate_boolean (G_TASK (result), error);
}

gboolean
valise_job_run_sync (ValiseJob *self, GError **error)
{
  gboolean first;

  g_return_val_if_fail (VALISE_IS_JOB (self), FALSE);
  first = begin (self);
  g_return_val_if_fail (first, FALSE);
  return run (self, error);
}

void
valise_job_cancel (ValiseJob *self)
{
  g_return_if_fail (VALISE_IS_JOB (self));
  g_cancellable_cancel (self->cancellable);
}

static void
set_string (ValiseJob *self, char **field, const char *value, guint property)
{
  g_mutex_lock (&self->lock);
  if (g_strcmp0 (*field, value) != 0)
    {
      g_free (*field);
      *field = g_strdup (value);
      touch (self, 1u << property);
    }
  g_mutex_unlock (&self->lock);
}

void
valise_job_set_stage (ValiseJob *self, const char *stage)
{
  if (self != NULL)
    set_string (self, &self->stage, stage, PROP_STAGE);
}

void
valise_job_set_result_path (ValiseJob *self, const char *path)
{
  if (self != NULL)
    set_string (self, &self->result_path, path, PROP_RESULT_PATH);
}

void
valise_job_set_total (ValiseJob *self, guint64 bytes)
{
  if (self == NULL)
    return;
  g_mutex_lock (&self->lock);
  self->total = bytes;
  touch (self, PROGRESS);
  g_mutex_unlock (&self->lock);
}

void
valise_job_advance (ValiseJob *self, guint64 bytes)
{
  if (self == NULL)
    return;
  g_mutex_lock (&self->lock);
  if (self->n_samples == 0)
    take_sample (self);
  self->done += bytes;
  take_sample (self);
  touch (self, PROGRESS);
  g_mutex_unlock (&self->lock);
}

void
valise_job_set_done (ValiseJob *self, guint64 bytes)
{
  if (self == NULL)
    return;
  g_mutex_lock (&self->lock);
  if (bytes < self->done)
    self->n_samples = 0;
  self->done = bytes;
  take_sample (self);
  touch (self, PROGRESS);
  g_mutex_unlock (&self->lock);
}

ValiseJobState
valise_job_get_state (ValiseJob *self)
{
  ValiseJobState state;

  g_return_val_if_fail (VALISE_IS_JOB (self), VALISE_JOB_FAILED);
  g_mutex_lock (&self->lock);
  state = self->state;
  g_mutex_unlock (&self->lock);
  return state;
}

const char *
valise_job_get_title (ValiseJob *self)
{
  g_return_val_if_fail (VALISE_IS_JOB (self), NULL);
  return self->title;
}

static char *
dup_string (ValiseJob *self, char *const *field)
{
  char *copy;

  g_mutex_lock (&self->lock);
  copy = g_strdup (*field);
  g_mutex_unlock (&self->lock);
  return copy;
}

char *
valise_job_dup_stage (ValiseJob *self)
{
  g_return_val_if_fail (VALISE_IS_JOB (self), NULL);
  return dup_string (self, &self->stage);
}

char *
valise_job_dup_result_path (ValiseJob *self)
{
  g_return_val_if_fail (VALISE_IS_JOB (self), NULL);
  return dup_string (self, &self->result_path);
}

double
valise_job_get_fraction (ValiseJob *self)
{
  double fraction = -1;

  g_return_val_if_fail (VALISE_IS_JOB (self), -1);
  g_mutex_lock (&self->lock);
  if (self->state == VALISE_JOB_DONE)
    fraction = 1;
  else if (self->total > 0)
    fraction = MIN (1.0, (double) self->done / (double) self->total);
  g_mutex_unlock (&self->lock);
  return fraction;
}

static guint64
get_number (ValiseJob *self, const guint64 *field)
{
  guint64 value;

  g_mutex_lock (&self->lock);
  value = *field;
  g_mutex_unlock (&self->lock);
  return value;
}

guint64
valise_job_get_done (ValiseJob *self)
{
  g_return_val_if_fail (VALISE_IS_JOB (self), 0);
  return get_number (self, &self->done);
}

guint64
valise_job_get_total (ValiseJob *self)
{
  g_return_val_if_fail (VALISE_IS_JOB (self), 0);
  return get_number (self, &self->total);
}

guint64
valise_job_get_speed (ValiseJob *self)
{
  guint64 speed;

  g_return_val_if_fail (VALISE_IS_JOB (self), 0);
  g_mutex_lock (&self->lock);
  speed = self->state == VALISE_JOB_RUNNING ? speed_now (self) : 0;
  g_mutex_unlock (&self->lock);
  return speed;
}

int
valise_job_get_remaining (ValiseJob *self)
{
  guint64 speed = valise_job_get_speed (self);
  guint64 done = valise_job_get_done (self), total = valise_job_get_total (self);

  if (speed == 0 || total < done)
    return -1;
  return (int) MIN ((guint64) G_MAXINT, (total - done + speed - 1) / speed);
}

const GError *
valise_job_get_error (ValiseJob *self)
{
  const GError *error;

  g_return_val_if_fail (VALISE_IS_JOB (self), NULL);
  g_mutex_lock (&self->lock);
  error = self->error;
  g_mutex_unlock (&self->lock);
  return error;
}
