/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-library-reader-private.h"

struct _ValiseFactsReader
{
  ValiseLibrary *library;
  ValiseFactsReadFunc read;
  GThreadPool *pool;
  guint wanted;
};

typedef struct
{
  GWeakRef library;
  ValiseFactsReadFunc read;
  char *path;
  guint number;
  ValiseLibraryFacts *facts;
} FactsTask;

static FactsTask *
facts_task_new (ValiseFactsReader *self, const char *path)
{
  FactsTask *task = g_new0 (FactsTask, 1);

  g_weak_ref_init (&task->library, self->library);
  task->read = self->read;
  task->path = g_strdup (path);
  return task;
}

static void
facts_task_free (FactsTask *task)
{
  g_weak_ref_clear (&task->library);
  g_free (task->path);
  g_clear_pointer (&task->facts, _valise_library_facts_free);
  g_free (task);
}

static int
newest_first (gconstpointer a, gconstpointer b, gpointer unused)
{
  const FactsTask *one = a, *other = b;

  return one->number > other->number ? -1 : 1;
}

static gboolean
facts_read_cb (gpointer data)
{
  FactsTask *task = data;
  g_autoptr (ValiseLibrary) library = g_weak_ref_get (&task->library);

  if (library != NULL)
    task->read (library, task->path, task->facts);
  return G_SOURCE_REMOVE;
}

static void
read_facts_thread (gpointer data, gpointer unused)
{
  FactsTask *task = data;

  task->facts = _valise_library_read_facts (task->path);
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, facts_read_cb, task, (GDestroyNotify) facts_task_free);
}

static gboolean
try_again_cb (gpointer data)
{
  FactsTask *task = data;
  g_autoptr (ValiseLibrary) library = g_weak_ref_get (&task->library);

  if (library != NULL)
    valise_library_refresh (library, task->path);
  return G_SOURCE_REMOVE;
}

ValiseFactsReader *
_valise_facts_reader_new (ValiseLibrary *library, ValiseFactsReadFunc read)
{
  ValiseFactsReader *self = g_new0 (ValiseFactsReader, 1);

  self->library = library;
  self->read = read;
  return self;
}

void
_valise_facts_reader_free (ValiseFactsReader *self)
{
  if (self->pool != NULL)
    g_thread_pool_free (self->pool, FALSE, TRUE);
  g_free (self);
}

void
_valise_facts_reader_want (ValiseFactsReader *self, const char *path)
{
  FactsTask *task = facts_task_new (self, path);

  task->number = ++self->wanted;
  if (self->pool == NULL)
    {
      self->pool = g_thread_pool_new (read_facts_thread, NULL, 1, FALSE, NULL);
      g_thread_pool_set_sort_function (self->pool, newest_first, NULL);
    }
  g_thread_pool_push (self->pool, task, NULL);
}

void
_valise_facts_reader_want_again (ValiseFactsReader *self, const char *path, guint delay)
{
  g_timeout_add_full (G_PRIORITY_LOW, delay, try_again_cb, facts_task_new (self, path),
                      (GDestroyNotify) facts_task_free);
}
