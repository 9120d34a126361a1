/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-host-private.h"
#include "engine/valise-library-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* A bundle that is being copied into the library has no config.xml for a while. */
#define ATTEMPTS_MOST 6

struct _ValiseLibrary
{
  GObject parent_instance;

  ValiseHost *host;
  char *directory;
  GPtrArray *entries;  /* sorted */
  GHashTable *by_path; /* path of the entry -> entry */
  GPtrArray *orphans;  /* entries that left the model while its handlers ran */
  GPtrArray *elsewhere;
  GMutex elsewhere_mutex; /* held to write; the thread that saves reads */
  GListStore *jobs;
  GFileMonitor *monitor;
  GThreadPool *readers;
  GCancellable *cancellable;
  guint wanted;
  GError *error;
  gboolean scanned;
  gboolean started;
};

enum
{
  PROP_0,
  PROP_SCANNED,
  PROP_ERROR,
  N_PROPS,
};

enum
{
  ENTRY_CHANGED,
  N_SIGNALS,
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

static void list_model_iface_init (GListModelInterface *iface);
static void on_machine_notify_cb (ValiseMachine *machine, GParamSpec *pspec, ValiseLibrary *self);
static ValiseMachine *make_machine (ValiseLibrary *self, ValiseLibraryEntry *entry);

G_DEFINE_FINAL_TYPE_WITH_CODE (ValiseLibrary,
                               valise_library,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_iface_init))

/* --- the sorted array --- */

static guint
place_of (ValiseLibrary *self, const ValiseLibraryEntry *entry)
{
  guint low = 0, high = self->entries->len;

  while (low < high)
    {
      guint middle = (low + high) / 2;

      if (_valise_library_entry_compare (g_ptr_array_index (self->entries, middle), entry) < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

static gboolean
position_of (ValiseLibrary *self, const ValiseLibraryEntry *entry, guint *position)
{
  *position = place_of (self, entry);
  return *position < self->entries->len && g_ptr_array_index (self->entries, *position) == entry;
}

/* Handlers of items-changed may still hold the entry: it goes when they have run. */
static void
free_orphans (ValiseLibrary *self)
{
  g_autoptr (GPtrArray) orphans = g_steal_pointer (&self->orphans);

  self->orphans = g_ptr_array_new_with_free_func ((GDestroyNotify) _valise_library_entry_free);
}

static void
forget_machine (ValiseLibrary *self, ValiseLibraryEntry *entry)
{
  if (entry->machine != NULL)
    g_signal_handlers_disconnect_by_func (entry->machine, on_machine_notify_cb, self);
}

static ValiseLibraryEntry *
insert_entry (ValiseLibrary *self, ValiseLibraryEntry *entry)
{
  guint position = place_of (self, entry);

  g_ptr_array_insert (self->entries, position, entry);
  g_hash_table_insert (self->by_path, entry->path, entry);
  g_list_model_items_changed (G_LIST_MODEL (self), position, 0, 1);
  return entry;
}

static void
remove_entry (ValiseLibrary *self, ValiseLibraryEntry *entry)
{
  guint position;

  g_return_if_fail (position_of (self, entry, &position));
  forget_machine (self, entry);
  g_ptr_array_add (self->orphans, g_ptr_array_steal_index (self->entries, position));
  g_hash_table_remove (self->by_path, entry->path);
  g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 0);
  free_orphans (self);
}

/* The name decides the place, so a new name moves the row. */
static void
rename_entry (ValiseLibrary *self, ValiseLibraryEntry *entry, const char *name)
{
  guint before, after;

  if (g_strcmp0 (entry->name, name) == 0)
    return;
  if (!position_of (self, entry, &before))
    return;
  g_ptr_array_steal_index (self->entries, before);
  g_free (entry->name);
  entry->name = g_strdup (name);
  after = place_of (self, entry);
  if (after == before)
    {
      g_ptr_array_insert (self->entries, after, entry);
      return;
    }
  g_list_model_items_changed (G_LIST_MODEL (self), before, 1, 0);
  g_ptr_array_insert (self->entries, after, entry);
  g_list_model_items_changed (G_LIST_MODEL (self), after, 0, 1);
}

static ValiseLibraryEntry *
lookup (ValiseLibrary *self, const char *path)
{
  return g_hash_table_lookup (self->by_path, path);
}

static ValiseLibraryEntry *
add_path (ValiseLibrary *self, const char *path)
{
  ValiseLibraryEntry *entry = lookup (self, path);
  g_autofree char *parent = g_path_get_dirname (path);

  if (entry != NULL)
    return entry;
  return insert_entry (self, _valise_library_entry_new (path, strcmp (parent, self->directory) != 0));
}

static char *
canonical_path (const char *path)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_autofree char *parent = g_path_get_dirname (absolute);
  g_autofree char *base = g_path_get_basename (absolute);
  g_autofree char *real = realpath (parent, NULL);

  return real != NULL ? g_build_filename (real, base, NULL) : g_steal_pointer (&absolute);
}

/* --- which ones run --- */

/* A live machine follows its own domain; all it takes is to be there. */
static void
note_live_machines (ValiseLibrary *self)
{
  g_autoptr (GPtrArray) paths = self->host != NULL ? _valise_host_list_live_paths (self->host) : NULL;

  for (guint i = 0; paths != NULL && i < paths->len; i++)
    {
      ValiseLibraryEntry *entry = lookup (self, g_ptr_array_index (paths, i));

      if (entry == NULL || entry->machine != NULL)
        continue;
      make_machine (self, entry);
      g_signal_emit (self, signals[ENTRY_CHANGED], 0, entry);
    }
}

static gboolean
lives_changed_cb (gpointer data)
{
  note_live_machines (data);
  return G_SOURCE_REMOVE;
}

/* In any thread. */
static void
on_life_changed (gpointer library)
{
  ValiseLibrary *self = library;

  _valise_host_invoke (self->host, lives_changed_cb, g_object_ref (self), g_object_unref);
}

/* --- facts, read in a thread --- */

typedef struct
{
  GWeakRef library;
  char *path;
  guint number;
  ValiseLibraryFacts *facts;
} FactsTask;

static void
facts_task_free (FactsTask *task)
{
  g_weak_ref_clear (&task->library);
  g_free (task->path);
  g_clear_pointer (&task->facts, _valise_library_facts_free);
  g_free (task);
}

static gboolean
try_again_cb (gpointer data)
{
  FactsTask *task = data;
  g_autoptr (ValiseLibrary) self = g_weak_ref_get (&task->library);

  if (self != NULL)
    valise_library_refresh (self, task->path);
  return G_SOURCE_REMOVE;
}

static void
schedule_attempt (ValiseLibrary *self, ValiseLibraryEntry *entry)
{
  FactsTask *task;

  if (entry->attempts >= ATTEMPTS_MOST)
    return;
  task = g_new0 (FactsTask, 1);
  g_weak_ref_init (&task->library, self);
  task->path = g_strdup (entry->path);
  g_timeout_add_full (G_PRIORITY_LOW, 250u << entry->attempts++, try_again_cb, task, (GDestroyNotify) facts_task_free);
}

static void
take_facts (ValiseLibrary *self, ValiseLibraryEntry *entry, ValiseLibraryFacts *facts)
{
  entry->facts = VALISE_FACTS_KNOWN;
  entry->group = facts->error == NULL ? facts->group : entry->group;
  entry->memory = facts->memory;
  entry->cpus = facts->cpus;
  entry->suspended_at = facts->suspended_at;
  g_free (entry->error);
  entry->error = g_steal_pointer (&facts->error);
  entry->state = entry->error != NULL       ? VALISE_MACHINE_BROKEN
                 : entry->suspended_at != 0 ? VALISE_MACHINE_SUSPENDED
                                            : VALISE_MACHINE_OFF;
  if (facts->retry)
    schedule_attempt (self, entry);
  if (facts->name != NULL)
    rename_entry (self, entry, facts->name);
  g_signal_emit (self, signals[ENTRY_CHANGED], 0, entry);
}

static gboolean
facts_read_cb (gpointer data)
{
  FactsTask *task = data;
  g_autoptr (ValiseLibrary) self = g_weak_ref_get (&task->library);
  ValiseLibraryEntry *entry = self != NULL ? lookup (self, task->path) : NULL;

  if (entry != NULL)
    take_facts (self, entry, task->facts);
  return G_SOURCE_REMOVE;
}

static void
read_facts_thread (gpointer data, gpointer unused)
{
  FactsTask *task = data;

  task->facts = _valise_library_read_facts (task->path);
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, facts_read_cb, task, (GDestroyNotify) facts_task_free);
}

static int
newest_first (gconstpointer a, gconstpointer b, gpointer unused)
{
  const FactsTask *one = a, *other = b;

  return one->number > other->number ? -1 : 1;
}

static void
want_facts (ValiseLibrary *self, ValiseLibraryEntry *entry)
{
  FactsTask *task = g_new0 (FactsTask, 1);

  g_weak_ref_init (&task->library, self);
  task->path = g_strdup (entry->path);
  task->number = ++self->wanted;
  entry->facts = VALISE_FACTS_WANTED;
  if (self->readers == NULL)
    {
      self->readers = g_thread_pool_new (read_facts_thread, NULL, 1, FALSE, NULL);
      g_thread_pool_set_sort_function (self->readers, newest_first, NULL);
    }
  g_thread_pool_push (self->readers, task, NULL);
}

/* --- the scan --- */

/* Bundles that were opened or made while the thread was reading the directory are no less there. */
static gboolean
is_still_there (ValiseLibrary *self, ValiseLibraryEntry *entry)
{
  if (entry->elsewhere)
    return g_ptr_array_find_with_equal_func (self->elsewhere, entry->path, g_str_equal, NULL);
  return g_file_test (entry->path, G_FILE_TEST_IS_DIR);
}

static int
compare_entry_pointers (gconstpointer a, gconstpointer b)
{
  return _valise_library_entry_compare (*(ValiseLibraryEntry *const *) a, *(ValiseLibraryEntry *const *) b);
}

static void
put_entry (ValiseLibrary *self, ValiseLibraryEntry *entry)
{
  g_ptr_array_add (self->entries, entry);
  g_hash_table_insert (self->by_path, entry->path, entry);
}

/* Takes the entries out of @found; one that was known before keeps its object and facts. */
static void
take_entries (ValiseLibrary *self, GPtrArray *found)
{
  g_autoptr (GPtrArray) before = g_steal_pointer (&self->entries);
  g_autoptr (GHashTable) known = g_steal_pointer (&self->by_path);
  GHashTableIter iter;
  gpointer left;

  self->entries = g_ptr_array_new_full (found->len, NULL);
  self->by_path = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < found->len; i++)
    {
      ValiseLibraryEntry *entry = g_ptr_array_index (found, i);
      ValiseLibraryEntry *old = g_hash_table_lookup (known, entry->path);

      if (old != NULL)
        {
          g_hash_table_remove (known, old->path);
          _valise_library_entry_free (entry);
        }
      put_entry (self, old != NULL ? old : entry);
    }
  g_ptr_array_set_free_func (found, NULL);

  g_hash_table_iter_init (&iter, known);
  while (g_hash_table_iter_next (&iter, NULL, &left))
    if (is_still_there (self, left))
      put_entry (self, left);
    else
      {
        forget_machine (self, left);
        g_ptr_array_add (self->orphans, left);
      }
  if (before->len > 0)
    g_ptr_array_sort (self->entries, compare_entry_pointers);
  if (before->len > 0 || self->entries->len > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, before->len, self->entries->len);
  free_orphans (self);
}

typedef struct
{
  char *path;
  const char *group;
} PeekedGroup;

static void
peeked_group_clear (gpointer data)
{
  g_free (((PeekedGroup *) data)->path);
}

static void
peek_groups_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GPtrArray *paths = data;
  g_autoptr (GArray) groups = g_array_new (FALSE, FALSE, sizeof (PeekedGroup));

  g_array_set_clear_func (groups, peeked_group_clear);
  for (guint i = 0; i < paths->len && !g_cancellable_is_cancelled (cancellable); i++)
    {
      const char *group = _valise_library_peek_group (g_ptr_array_index (paths, i));
      PeekedGroup peeked = { NULL, group };

      if (group == NULL)
        continue;
      peeked.path = g_strdup (g_ptr_array_index (paths, i));
      g_array_append_val (groups, peeked);
    }
  g_task_return_pointer (task, g_steal_pointer (&groups), (GDestroyNotify) g_array_unref);
}

static void
groups_peeked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  ValiseLibrary *self = VALISE_LIBRARY (source);
  g_autoptr (GArray) groups = g_task_propagate_pointer (G_TASK (result), NULL);

  for (guint i = 0; groups != NULL && i < groups->len; i++)
    {
      PeekedGroup *peeked = &g_array_index (groups, PeekedGroup, i);
      ValiseLibraryEntry *entry = lookup (self, peeked->path);

      if (entry == NULL || entry->facts == VALISE_FACTS_KNOWN || entry->group == peeked->group)
        continue;
      entry->group = peeked->group;
      g_signal_emit (self, signals[ENTRY_CHANGED], 0, entry);
    }
}

static void
start_peeking (ValiseLibrary *self)
{
  g_autoptr (GTask) task = g_task_new (self, self->cancellable, groups_peeked_cb, NULL);
  GPtrArray *paths = g_ptr_array_new_full (self->entries->len, g_free);

  for (guint i = 0; i < self->entries->len; i++)
    g_ptr_array_add (paths, g_strdup (((ValiseLibraryEntry *) g_ptr_array_index (self->entries, i))->path));
  g_task_set_source_tag (task, start_peeking);
  g_task_set_priority (task, G_PRIORITY_LOW);
  g_task_set_task_data (task, paths, (GDestroyNotify) g_ptr_array_unref);
  g_task_run_in_thread (task, peek_groups_thread);
}

typedef struct
{
  char *directory;
  GPtrArray *elsewhere;
} ScanTask;

static void
scan_task_free (ScanTask *scan)
{
  g_free (scan->directory);
  g_ptr_array_unref (scan->elsewhere);
  g_free (scan);
}

static void
scan_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  ScanTask *scan = data;
  g_autoptr (GError) error = NULL;
  GPtrArray *entries = _valise_library_list (scan->directory, scan->elsewhere, &error);

  if (entries != NULL)
    g_task_return_pointer (task, entries, (GDestroyNotify) g_ptr_array_unref);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
set_error (ValiseLibrary *self, GError *error)
{
  g_clear_error (&self->error);
  self->error = error;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ERROR]);
}

static void
finish_scan (ValiseLibrary *self, GPtrArray *entries)
{
  take_entries (self, entries);
  self->scanned = TRUE;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SCANNED]);
  note_live_machines (self);
}

static void
scanned_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  ValiseLibrary *self = VALISE_LIBRARY (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) entries = g_task_propagate_pointer (G_TASK (result), &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  set_error (self, g_steal_pointer (&error));
  if (entries == NULL)
    entries = g_ptr_array_new ();
  finish_scan (self, entries);
  if (self->entries->len > 0)
    start_peeking (self);
}

/* --- the watch --- */

static void
file_appeared (ValiseLibrary *self, GFile *file)
{
  g_autofree char *name = g_file_get_basename (file);
  g_autofree char *path = g_file_get_path (file);

  if (_valise_library_is_bundle_name (name))
    add_path (self, path);
}

static void
file_went (ValiseLibrary *self, GFile *file)
{
  g_autofree char *path = g_file_get_path (file);
  ValiseLibraryEntry *entry = lookup (self, path);

  if (entry != NULL && !g_file_test (path, G_FILE_TEST_IS_DIR))
    remove_entry (self, entry);
}

static void
on_directory_changed_cb (GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event, ValiseLibrary *self)
{
  switch (event)
    {
    case G_FILE_MONITOR_EVENT_CREATED:
    case G_FILE_MONITOR_EVENT_MOVED_IN:
      file_appeared (self, file);
      break;
    case G_FILE_MONITOR_EVENT_DELETED:
    case G_FILE_MONITOR_EVENT_MOVED_OUT:
      file_went (self, file);
      break;
    case G_FILE_MONITOR_EVENT_RENAMED:
      file_went (self, file);
      file_appeared (self, other);
      break;
    case G_FILE_MONITOR_EVENT_CHANGED:
    case G_FILE_MONITOR_EVENT_CHANGES_DONE_HINT:
    case G_FILE_MONITOR_EVENT_ATTRIBUTE_CHANGED:
    case G_FILE_MONITOR_EVENT_PRE_UNMOUNT:
    case G_FILE_MONITOR_EVENT_UNMOUNTED:
    case G_FILE_MONITOR_EVENT_MOVED:
    default:
      break;
    }
}

/* GIO looks for a directory that is not there every few seconds, so the watch begins when there is one. */
static void
watch_directory (ValiseLibrary *self)
{
  g_autoptr (GFile) file = g_file_new_for_path (self->directory);

  if (self->monitor != NULL || !self->started || !g_file_test (self->directory, G_FILE_TEST_IS_DIR))
    return;
  self->monitor = g_file_monitor_directory (file, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);
  if (self->monitor != NULL)
    g_signal_connect_object (self->monitor, "changed", G_CALLBACK (on_directory_changed_cb), self, 0);
}

/* --- machines --- */

static void
on_machine_notify_cb (ValiseMachine *machine, GParamSpec *pspec, ValiseLibrary *self)
{
  ValiseLibraryEntry *entry = lookup (self, valise_machine_get_path (machine));

  if (entry == NULL)
    return;
  if (valise_machine_get_bundle (machine) != NULL)
    want_facts (self, entry);
  g_signal_emit (self, signals[ENTRY_CHANGED], 0, entry);
}

static ValiseMachine *
make_machine (ValiseLibrary *self, ValiseLibraryEntry *entry)
{
  if (entry->machine == NULL)
    {
      entry->machine = valise_machine_new (self->host, entry->path);
      g_signal_connect_object (entry->machine, "notify::state", G_CALLBACK (on_machine_notify_cb), self, 0);
      g_signal_connect_object (entry->machine, "notify::name", G_CALLBACK (on_machine_notify_cb), self, 0);
      g_signal_connect_object (entry->machine, "notify::error", G_CALLBACK (on_machine_notify_cb), self, 0);
    }
  return entry->machine;
}

/* --- jobs --- */

static gboolean
is_in_directory (ValiseLibrary *self, const char *path)
{
  g_autofree char *parent = g_path_get_dirname (path);
  g_autofree char *base = g_path_get_basename (path);

  return strcmp (parent, self->directory) == 0 && _valise_library_is_bundle_name (base);
}

static void
take_result (ValiseLibrary *self, ValiseJob *job)
{
  g_autofree char *result = valise_job_dup_result_path (job);
  g_autofree char *path = result != NULL ? canonical_path (result) : NULL;

  watch_directory (self);
  if (path != NULL && is_in_directory (self, path) && g_file_test (path, G_FILE_TEST_IS_DIR))
    add_path (self, path);
}

static void
job_done_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (ValiseLibrary) self = data;
  ValiseJob *job = VALISE_JOB (source);
  g_autoptr (GError) error = NULL;

  if (valise_job_run_finish (job, result, &error))
    take_result (self, job);
  if (valise_job_get_state (job) != VALISE_JOB_FAILED)
    valise_library_dismiss_job (self, job);
}

/* --- overrides --- */

static GType
get_item_type (GListModel *model)
{
  return VALISE_TYPE_MACHINE;
}

static guint
get_n_items (GListModel *model)
{
  return VALISE_LIBRARY (model)->entries->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  ValiseLibrary *self = VALISE_LIBRARY (model);

  if (position >= self->entries->len)
    return NULL;
  return g_object_ref (make_machine (self, g_ptr_array_index (self->entries, position)));
}

static void
list_model_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

static void
valise_library_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  ValiseLibrary *self = VALISE_LIBRARY (object);

  switch (id)
    {
    case PROP_SCANNED:
      g_value_set_boolean (value, self->scanned);
      break;
    case PROP_ERROR:
      g_value_set_boxed (value, self->error);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
valise_library_dispose (GObject *object)
{
  ValiseLibrary *self = VALISE_LIBRARY (object);

  g_cancellable_cancel (self->cancellable);
  if (self->monitor != NULL)
    g_file_monitor_cancel (self->monitor);
  g_clear_object (&self->monitor);
  if (self->readers != NULL)
    g_thread_pool_free (g_steal_pointer (&self->readers), FALSE, TRUE);
  G_OBJECT_CLASS (valise_library_parent_class)->dispose (object);
}

static void
valise_library_finalize (GObject *object)
{
  ValiseLibrary *self = VALISE_LIBRARY (object);

  g_ptr_array_set_free_func (self->entries, (GDestroyNotify) _valise_library_entry_free);
  g_ptr_array_unref (self->entries);
  g_ptr_array_unref (self->orphans);
  g_ptr_array_unref (self->elsewhere);
  g_mutex_clear (&self->elsewhere_mutex);
  g_hash_table_unref (self->by_path);
  g_object_unref (self->jobs);
  g_object_unref (self->cancellable);
  g_clear_object (&self->host);
  g_clear_error (&self->error);
  g_free (self->directory);
  G_OBJECT_CLASS (valise_library_parent_class)->finalize (object);
}

static void
valise_library_class_init (ValiseLibraryClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->dispose = valise_library_dispose;
  object_class->finalize = valise_library_finalize;
  object_class->get_property = valise_library_get_property;
  properties[PROP_SCANNED] =
      g_param_spec_boolean ("scanned", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_ERROR] =
      g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[ENTRY_CHANGED] = g_signal_new ("entry-changed", VALISE_TYPE_LIBRARY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                         G_TYPE_NONE, 1, G_TYPE_POINTER);
}

static void
valise_library_init (ValiseLibrary *self)
{
  self->entries = g_ptr_array_new ();
  self->orphans = g_ptr_array_new_with_free_func ((GDestroyNotify) _valise_library_entry_free);
  self->elsewhere = g_ptr_array_new_with_free_func (g_free);
  g_mutex_init (&self->elsewhere_mutex);
  self->by_path = g_hash_table_new (g_str_hash, g_str_equal);
  self->jobs = g_list_store_new (VALISE_TYPE_JOB);
  self->cancellable = g_cancellable_new ();
}

/* --- public --- */

static char *
default_directory (void)
{
  const char *given = g_getenv ("VALISE_LIBRARY");

  if (given != NULL && *given != '\0')
    return g_strdup (given);
  return g_build_filename (g_get_home_dir (), "Valise", NULL);
}

ValiseLibrary *
valise_library_new (ValiseHost *host, const char *directory)
{
  ValiseLibrary *self = g_object_new (VALISE_TYPE_LIBRARY, NULL);
  g_autofree char *wanted = directory != NULL ? g_strdup (directory) : default_directory ();

  g_set_object (&self->host, host);
  self->directory = canonical_path (wanted);
  if (host != NULL)
    _valise_host_watch (host, VALISE_LIFE_ANY, self, on_life_changed);
  return self;
}

const char *
valise_library_get_directory (ValiseLibrary *self)
{
  g_return_val_if_fail (VALISE_IS_LIBRARY (self), NULL);
  return self->directory;
}

ValiseHost *
valise_library_get_host (ValiseLibrary *self)
{
  g_return_val_if_fail (VALISE_IS_LIBRARY (self), NULL);
  return self->host;
}

static void
load_elsewhere (ValiseLibrary *self)
{
  g_autoptr (GPtrArray) remembered = _valise_library_load_elsewhere ();

  for (guint i = 0; i < remembered->len; i++)
    {
      const char *path = g_ptr_array_index (remembered, i);

      if (!is_in_directory (self, path) && !g_ptr_array_find_with_equal_func (self->elsewhere, path, g_str_equal, NULL))
        g_ptr_array_add (self->elsewhere, g_strdup (path));
    }
}

void
valise_library_start (ValiseLibrary *self)
{
  g_autoptr (GTask) task = NULL;
  ScanTask *scan;

  g_return_if_fail (VALISE_IS_LIBRARY (self));
  if (!self->started)
    load_elsewhere (self);
  self->started = TRUE;
  watch_directory (self);
  scan = g_new0 (ScanTask, 1);
  scan->directory = g_strdup (self->directory);
  scan->elsewhere = g_ptr_array_copy (self->elsewhere, (GCopyFunc) (void (*) (void)) g_strdup, NULL);
  g_ptr_array_set_free_func (scan->elsewhere, g_free);
  task = g_task_new (self, self->cancellable, scanned_cb, NULL);
  g_task_set_source_tag (task, valise_library_start);
  g_task_set_task_data (task, scan, (GDestroyNotify) scan_task_free);
  g_task_run_in_thread (task, scan_thread);
}

gboolean
valise_library_scan (ValiseLibrary *self, GError **error)
{
  g_autoptr (GPtrArray) entries = NULL;

  g_return_val_if_fail (VALISE_IS_LIBRARY (self), FALSE);
  load_elsewhere (self);
  entries = _valise_library_list (self->directory, self->elsewhere, error);
  if (entries == NULL)
    return FALSE;
  finish_scan (self, entries);
  return TRUE;
}

static void
save_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  static GMutex mutex;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&mutex);
  ValiseLibrary *self = source;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) paths = NULL;

  /* The newest list, whichever thread comes first. */
  g_mutex_lock (&self->elsewhere_mutex);
  paths = g_ptr_array_copy (self->elsewhere, (GCopyFunc) (void (*) (void)) g_strdup, NULL);
  g_mutex_unlock (&self->elsewhere_mutex);
  g_ptr_array_set_free_func (paths, g_free);
  if (_valise_library_save_elsewhere (paths, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    set_error (VALISE_LIBRARY (source), g_steal_pointer (&error));
}

/* A durable file takes a disk's time, which the main loop has not. */
static gboolean
save_elsewhere (ValiseLibrary *self, GError **error)
{
  g_autoptr (GTask) task = NULL;

  if (!self->started)
    return _valise_library_save_elsewhere (self->elsewhere, error);
  task = g_task_new (self, NULL, saved_cb, NULL);
  g_task_set_source_tag (task, save_elsewhere);
  g_task_run_in_thread (task, save_thread);
  return TRUE;
}

static gboolean
remember_elsewhere (ValiseLibrary *self, const char *path, GError **error)
{
  if (is_in_directory (self, path) || g_ptr_array_find_with_equal_func (self->elsewhere, path, g_str_equal, NULL))
    return TRUE;
  g_mutex_lock (&self->elsewhere_mutex);
  g_ptr_array_add (self->elsewhere, g_strdup (path));
  g_mutex_unlock (&self->elsewhere_mutex);
  return save_elsewhere (self, error);
}

ValiseMachine *
valise_library_open (ValiseLibrary *self, const char *bundle_path, GError **error)
{
  g_autofree char *path = NULL;
  g_autoptr (ValiseBundle) bundle = NULL;
  ValiseLibraryEntry *entry;

  g_return_val_if_fail (VALISE_IS_LIBRARY (self), NULL);
  path = canonical_path (bundle_path);
  bundle = valise_bundle_open (path, error);
  if (bundle == NULL)
    return NULL;
  if (!self->scanned && !self->started)
    load_elsewhere (self);
  if (!remember_elsewhere (self, path, error))
    return NULL;
  entry = add_path (self, path);
  return g_object_ref (make_machine (self, entry));
}

static gboolean
answers_to (ValiseLibraryEntry *entry, const char *name)
{
  g_autoptr (ValiseLibraryFacts) facts = NULL;

  if (entry->facts == VALISE_FACTS_KNOWN)
    return strcmp (entry->name, name) == 0;
  if (strcmp (entry->name, name) == 0)
    return TRUE;
  facts = _valise_library_read_facts (entry->path);
  return g_strcmp0 (facts->name, name) == 0;
}

static ValiseMachine *
find_by_name (ValiseLibrary *self, const char *name, GError **error)
{
  ValiseLibraryEntry *found = NULL;

  for (guint i = 0; i < self->entries->len; i++)
    {
      ValiseLibraryEntry *entry = g_ptr_array_index (self->entries, i);

      if (!answers_to (entry, name))
        continue;
      if (found != NULL)
        {
          g_set_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_AMBIGUOUS,
                       _ ("Two machines are called “%s”: %s and %s. Give the path of the one you mean."), name,
                       found->path, entry->path);
          return NULL;
        }
      found = entry;
    }
  if (found != NULL)
    return g_object_ref (make_machine (self, found));
  g_set_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_NOT_FOUND,
               _ ("There is no machine called “%s” in %s. “valisectl list” shows those there are."), name,
               self->directory);
  return NULL;
}

ValiseMachine *
valise_library_find (ValiseLibrary *self, const char *name_or_path, GError **error)
{
  g_autofree char *path = NULL;
  ValiseLibraryEntry *entry;

  g_return_val_if_fail (VALISE_IS_LIBRARY (self), NULL);
  g_return_val_if_fail (name_or_path != NULL, NULL);
  if (strchr (name_or_path, '/') == NULL && !g_str_has_suffix (name_or_path, VALISE_BUNDLE_SUFFIX))
    return find_by_name (self, name_or_path, error);
  path = canonical_path (name_or_path);
  entry = lookup (self, path);
  if (entry != NULL)
    return g_object_ref (make_machine (self, entry));
  if (strchr (name_or_path, '/') == NULL && !g_file_test (path, G_FILE_TEST_IS_DIR))
    return find_by_name (self, name_or_path, error);
  return valise_library_open (self, path, error);
}

void
valise_library_forget (ValiseLibrary *self, ValiseMachine *machine)
{
  g_autoptr (GError) error = NULL;
  ValiseLibraryEntry *entry;
  guint position;

  g_return_if_fail (VALISE_IS_LIBRARY (self));
  entry = lookup (self, valise_machine_get_path (machine));
  if (entry == NULL || !entry->elsewhere)
    return;
  g_mutex_lock (&self->elsewhere_mutex);
  if (g_ptr_array_find_with_equal_func (self->elsewhere, entry->path, g_str_equal, &position))
    g_ptr_array_remove_index (self->elsewhere, position);
  g_mutex_unlock (&self->elsewhere_mutex);
  if (!save_elsewhere (self, &error))
    set_error (self, g_steal_pointer (&error));
  remove_entry (self, entry);
}

GPtrArray *
valise_library_list_leftovers (ValiseLibrary *self)
{
  g_return_val_if_fail (VALISE_IS_LIBRARY (self), NULL);
  return valise_bundle_find_leftovers (self->directory);
}

const ValiseLibraryEntry *
valise_library_get_entry (ValiseLibrary *self, guint position)
{
  return position < self->entries->len ? g_ptr_array_index (self->entries, position) : NULL;
}

const ValiseLibraryEntry *
valise_library_find_entry (ValiseLibrary *self, const char *bundle_path)
{
  return lookup (self, bundle_path);
}

ValiseMachine *
valise_library_entry_get_machine (ValiseLibrary *self, const ValiseLibraryEntry *entry)
{
  return make_machine (self, (ValiseLibraryEntry *) entry);
}

ValiseMachineState
valise_library_entry_get_state (const ValiseLibraryEntry *entry)
{
  ValiseMachineState state;

  if (entry->machine == NULL)
    return entry->state;
  state = valise_machine_get_state (entry->machine);
  return state == VALISE_MACHINE_UNREAD ? entry->state : state;
}

void
valise_library_want_facts (ValiseLibrary *self, const ValiseLibraryEntry *entry)
{
  if (entry->facts == VALISE_FACTS_UNKNOWN)
    want_facts (self, (ValiseLibraryEntry *) entry);
}

void
valise_library_refresh (ValiseLibrary *self, const char *bundle_path)
{
  ValiseLibraryEntry *entry = lookup (self, bundle_path);

  if (entry != NULL)
    want_facts (self, entry);
}

GListModel *
valise_library_get_jobs (ValiseLibrary *self)
{
  g_return_val_if_fail (VALISE_IS_LIBRARY (self), NULL);
  return G_LIST_MODEL (self->jobs);
}

void
valise_library_run_job (ValiseLibrary *self, ValiseJob *job)
{
  g_return_if_fail (VALISE_IS_LIBRARY (self));
  g_return_if_fail (VALISE_IS_JOB (job));
  g_list_store_append (self->jobs, job);
  valise_job_run_async (job, job_done_cb, g_object_ref (self));
}

void
valise_library_dismiss_job (ValiseLibrary *self, ValiseJob *job)
{
  guint position;

  g_return_if_fail (VALISE_IS_LIBRARY (self));
  if (g_list_store_find (self->jobs, job, &position))
    g_list_store_remove (self->jobs, position);
}
