/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-keeper-private.h"

#include "engine/valise-machine-schedule.h"

#include "bundle/valise-lock.h"
#include "engine/valise-engine-error.h"

/* A clock that is set is noticed within an hour. */
#define LONGEST_SECONDS 3600
/* A library that changes does so more than once. */
#define SOON_SECONDS 10

struct _ValiseKeeper
{
  GObject parent_instance;

  ValiseLibrary *library;
  GCancellable *cancellable;
  GHashTable *not_before; /* path -> gint64*: after a failure, or when there was nothing to take */
  GHashTable *told;       /* paths of those that failed */
  guint timer;
  gboolean busy, again;
};

G_DEFINE_FINAL_TYPE (ValiseKeeper, valise_keeper, G_TYPE_OBJECT)

enum
{
  FAILED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];
static GMutex mutex;
static ValiseKeeper *only; /* weak */

static void look (ValiseKeeper *self);

/* --- one machine --- */

typedef struct
{
  gint64 next;
  GError *error; /* NULL when all went well */
} Outcome;

static void
outcome_free (gpointer data)
{
  Outcome *outcome = data;

  g_clear_error (&outcome->error);
  g_free (outcome);
}

static void
follow_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Outcome *outcome = g_new0 (Outcome, 1);

  valise_machine_follow_schedule (data, &outcome->next, cancellable, &outcome->error);
  g_task_return_pointer (task, outcome, outcome_free);
}

/* It is only to be tried again. */
static gboolean
is_passing (const GError *error)
{
  return g_error_matches (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE)
         || g_error_matches (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_BUSY)
         || g_error_matches (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_LOCKED)
         || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
tell (ValiseKeeper *self, ValiseMachine *machine, const GError *error)
{
  const char *path = valise_machine_get_path (machine);

  if (error == NULL)
    g_hash_table_remove (self->told, path);
  else if (!is_passing (error) && g_hash_table_add (self->told, g_strdup (path)))
    g_signal_emit (self, signals[FAILED], 0, machine, error);
}

static void
on_followed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  ValiseKeeper *self = VALISE_KEEPER (source);
  ValiseMachine *machine = g_task_get_task_data (G_TASK (result));
  Outcome *outcome = g_task_propagate_pointer (G_TASK (result), NULL);

  self->busy = FALSE;
  if (self->library == NULL || outcome == NULL)
    {
      g_clear_pointer (&outcome, outcome_free);
      return;
    }
  g_hash_table_replace (self->not_before, g_strdup (valise_machine_get_path (machine)),
                        g_memdup2 (&outcome->next, sizeof outcome->next));
  tell (self, machine, outcome->error);
  outcome_free (outcome);
  look (self);
}

/* The library may have lost it meanwhile. */
static gboolean
follow (ValiseKeeper *self, const char *path)
{
  const ValiseLibraryEntry *entry = valise_library_find_entry (self->library, path);
  g_autoptr (GTask) task = NULL;

  if (entry == NULL)
    return FALSE;
  task = g_task_new (self, self->cancellable, on_followed_cb, NULL);
  g_task_set_task_data (task, g_object_ref (valise_library_entry_get_machine (self->library, entry)), g_object_unref);
  self->busy = TRUE;
  g_task_run_in_thread (task, follow_thread);
  return TRUE;
}

/* --- which is next --- */

typedef struct
{
  char *path;
  gint64 due;
} Next;

static void
next_free (gpointer data)
{
  Next *next = data;

  g_free (next->path);
  g_free (next);
}

/* Of all that are told of by their paths, with the times before which they are left alone. */
typedef struct
{
  GPtrArray *paths;
  GArray *not_before;
} Question;

static void
question_free (gpointer data)
{
  Question *question = data;

  g_ptr_array_unref (question->paths);
  g_array_unref (question->not_before);
  g_free (question);
}

static void
look_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Question *question = data;
  Next *next = g_new0 (Next, 1);
  gint64 now = g_get_real_time ();

  next->due = G_MAXINT64;
  for (guint i = 0; i < question->paths->len && !g_cancellable_is_cancelled (cancellable); i++)
    {
      gint64 due = valise_schedule_look (question->paths->pdata[i], now);

      due = MAX (due, g_array_index (question->not_before, gint64, i));
      if (due >= next->due)
        continue;
      g_free (next->path);
      next->path = g_strdup (question->paths->pdata[i]);
      next->due = due;
    }
  g_task_return_pointer (task, next, next_free);
}

static gboolean
on_time_cb (gpointer data)
{
  ValiseKeeper *self = data;

  self->timer = 0;
  look (self);
  return G_SOURCE_REMOVE;
}

static void
sleep_until (ValiseKeeper *self, gint64 due)
{
  gint64 seconds = (due - g_get_real_time ()) / G_USEC_PER_SEC + 1;

  self->timer = g_timeout_add_seconds ((guint) CLAMP (seconds, 1, LONGEST_SECONDS), on_time_cb, self);
}

static void
on_looked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  ValiseKeeper *self = VALISE_KEEPER (source);
  Next *next = g_task_propagate_pointer (G_TASK (result), NULL);

  self->busy = FALSE;
  if (self->library == NULL || next == NULL)
    {
      g_clear_pointer (&next, next_free);
      return;
    }
  if (self->again)
    look (self);
  else if (next->path != NULL && (next->due > g_get_real_time () || !follow (self, next->path)))
    sleep_until (self, next->due);
  next_free (next);
}

static Question *
ask (ValiseKeeper *self)
{
  guint count = g_list_model_get_n_items (G_LIST_MODEL (self->library));
  Question *question = g_new0 (Question, 1);

  question->paths = g_ptr_array_new_with_free_func (g_free);
  question->not_before = g_array_new (FALSE, FALSE, sizeof (gint64));
  for (guint i = 0; i < count; i++)
    {
      const ValiseLibraryEntry *entry = valise_library_get_entry (self->library, i);
      const gint64 *before = g_hash_table_lookup (self->not_before, entry->path);
      gint64 time = before != NULL ? *before : 0;

      g_ptr_array_add (question->paths, g_strdup (entry->path));
      g_array_append_val (question->not_before, time);
    }
  return question;
}

static void
look_soon (ValiseKeeper *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  self->timer = g_timeout_add_seconds (SOON_SECONDS, on_time_cb, self);
}

static void
look (ValiseKeeper *self)
{
  g_autoptr (GTask) task = NULL;

  self->again = self->busy;
  if (self->busy || self->library == NULL)
    return;
  g_clear_handle_id (&self->timer, g_source_remove);
  self->busy = TRUE;
  task = g_task_new (self, self->cancellable, on_looked_cb, NULL);
  g_task_set_task_data (task, ask (self), question_free);
  g_task_run_in_thread (task, look_thread);
}

/* --- the object --- */

static gboolean
on_woken_cb (gpointer data)
{
  g_autoptr (ValiseKeeper) self = NULL;

  g_mutex_lock (&mutex);
  g_set_object (&self, only);
  g_mutex_unlock (&mutex);
  if (self == NULL)
    return G_SOURCE_REMOVE;
  g_hash_table_remove_all (self->not_before);
  look (self);
  return G_SOURCE_REMOVE;
}

gboolean
_valise_keeper_is_there (void)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&mutex);

  return only != NULL;
}

void
valise_keeper_wake (void)
{
  g_idle_add (on_woken_cb, NULL);
}

static void
valise_keeper_dispose (GObject *object)
{
  valise_keeper_stop (VALISE_KEEPER (object));
  G_OBJECT_CLASS (valise_keeper_parent_class)->dispose (object);
}

static void
valise_keeper_finalize (GObject *object)
{
  ValiseKeeper *self = VALISE_KEEPER (object);

  g_clear_object (&self->cancellable);
  g_hash_table_unref (self->not_before);
  g_hash_table_unref (self->told);
  G_OBJECT_CLASS (valise_keeper_parent_class)->finalize (object);
}

static void
valise_keeper_class_init (ValiseKeeperClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->dispose = valise_keeper_dispose;
  object_class->finalize = valise_keeper_finalize;
  signals[FAILED] = g_signal_new ("failed", VALISE_TYPE_KEEPER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                                  VALISE_TYPE_MACHINE, G_TYPE_ERROR | G_SIGNAL_TYPE_STATIC_SCOPE);
}

static void
valise_keeper_init (ValiseKeeper *self)
{
  self->cancellable = g_cancellable_new ();
  self->not_before = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

ValiseKeeper *
valise_keeper_new (ValiseLibrary *library)
{
  ValiseKeeper *self = g_object_new (VALISE_TYPE_KEEPER, NULL);

  self->library = g_object_ref (library);
  g_mutex_lock (&mutex);
  only = self;
  g_mutex_unlock (&mutex);
  g_signal_connect_object (library, "items-changed", G_CALLBACK (look_soon), self, G_CONNECT_SWAPPED);
  look_soon (self);
  return self;
}

void
valise_keeper_stop (ValiseKeeper *self)
{
  g_return_if_fail (VALISE_IS_KEEPER (self));

  g_mutex_lock (&mutex);
  if (only == self)
    only = NULL;
  g_mutex_unlock (&mutex);
  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->timer, g_source_remove);
  if (self->library != NULL)
    g_signal_handlers_disconnect_by_data (self->library, self);
  g_clear_object (&self->library);
}
