/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-host-private.h"
#include "engine/valise-library-elsewhere-private.h"
#include "engine/valise-library-entries-private.h"
#include "engine/valise-library-lost-private.h"
#include "engine/valise-library-reader-private.h"
#include "engine/valise-machine-private.h"

#include <string.h>

/* A bundle that is being copied into the library has no config.xml for a while. */
#define ATTEMPTS_MOST 6

struct _ValiseLibrary
{
  GObject parent_instance;

  ValiseHost *host;
  char *directory;
  ValiseLibraryEntries *entries;
  ValiseElsewhere *elsewhere;
  GListStore *jobs;
  GFileMonitor *monitor;
  ValiseFactsReader *reader;
  GCancellable *cancellable;
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
static ValiseMachine *make_machine (ValiseLibrary *self, ValiseLibraryEntry *entry);
static void want_facts (ValiseLibrary *self, ValiseLibraryEntry *entry);

G_DEFINE_FINAL_TYPE_WITH_CODE (ValiseLibrary,
                               valise_library,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_iface_init))

/* --- paths --- */

static ValiseLibraryEntry *
lookup (ValiseLibrary *self, const char *path)
{
  return _valise_library_entries_lookup (self->entries, path);
}

static ValiseLibraryEntry *
add_path (ValiseLibrary *self, const char *path)
{
  ValiseLibraryEntry *entry = lookup (self, path);
  g_autofree char *parent = g_path_get_dirname (path);

  if (entry != NULL)
    return entry;
  entry = _valise_library_entry_new (path, strcmp (parent, self->directory) != 0);
  _valise_library_entries_insert (self->entries, entry);
  return entry;
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

/* --- one that runs while its bundle goes --- */

/* It may have been renamed while nobody looked: those that are known by more than their name are read again. */
static void
look_for_moved (ValiseLibrary *self)
{
  for (guint i = 0; self->started && i < _valise_library_entries_get_length (self->entries); i++)
    {
      ValiseLibraryEntry *entry = _valise_library_entries_get (self->entries, i);

      if (entry->machine == NULL && entry->facts == VALISE_FACTS_KNOWN)
        want_facts (self, entry);
    }
}

static void
add_lost (ValiseLibrary *self, const char *path)
{
  ValiseLibraryEntry *entry = add_path (self, path);

  make_machine (self, entry);
  _valise_library_lost_say (entry);
  look_for_moved (self);
}

/* The bundle that was started from a place where it lies no more. */
static void
claim_life (ValiseLibrary *self, ValiseLibraryEntry *entry, const char *uuid)
{
  g_autoptr (GPtrArray) paths = NULL;

  if (self->host == NULL || entry->machine != NULL || uuid == NULL
      || !_valise_host_look (self->host, uuid, entry->path).live)
    return;
  valise_machine_load (make_machine (self, entry), FALSE, NULL);
  _valise_host_move (self->host, uuid, entry->path);
  paths = _valise_host_list_live_paths (self->host);
  _valise_library_lost_drop_moved (self->entries, paths);
  /* Whose lock it was has gone with its line. */
  (void) _valise_machine_hold_lock (entry->machine, "running", NULL);
}

/* --- which ones run --- */

/* A live machine follows its own domain; all it takes is to be there. */
static void
note_live_machines (ValiseLibrary *self)
{
  g_autoptr (GPtrArray) paths = self->host != NULL ? _valise_host_list_live_paths (self->host) : NULL;

  for (guint i = 0; paths != NULL && i < paths->len; i++)
    {
      const char *path = g_ptr_array_index (paths, i);
      ValiseLibraryEntry *entry = lookup (self, path);

      if (entry == NULL && self->scanned && _valise_library_is_bundle_gone (path))
        add_lost (self, path);
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

/* --- facts --- */

static void
take_facts (ValiseLibrary *self, ValiseLibraryEntry *entry, ValiseLibraryFacts *facts)
{
  entry->facts = VALISE_FACTS_KNOWN;
  entry->group = facts->error == NULL ? facts->group : entry->group;
  entry->memory = facts->memory;
  entry->cpus = facts->cpus;
  entry->suspended_at = facts->suspended_at;
  entry->is_template = facts->is_template != FALSE;
  entry->is_linked = facts->is_linked != FALSE;
  g_free (entry->error);
  entry->error = g_steal_pointer (&facts->error);
  entry->state = entry->error != NULL       ? VALISE_MACHINE_BROKEN
                 : entry->suspended_at != 0 ? VALISE_MACHINE_SUSPENDED
                                            : VALISE_MACHINE_OFF;
  if (facts->retry && entry->attempts < ATTEMPTS_MOST)
    _valise_facts_reader_want_again (self->reader, entry->path, 250u << entry->attempts++);
  if (facts->name != NULL)
    _valise_library_entries_rename (self->entries, entry, facts->name);
  claim_life (self, entry, facts->uuid);
  g_signal_emit (self, signals[ENTRY_CHANGED], 0, entry);
}

static void
on_facts_read (ValiseLibrary *self, const char *path, ValiseLibraryFacts *facts)
{
  ValiseLibraryEntry *entry = lookup (self, path);

  if (entry != NULL)
    take_facts (self, entry, facts);
}

static void
want_facts (ValiseLibrary *self, ValiseLibraryEntry *entry)
{
  if (self->reader == NULL)
    self->reader = _valise_facts_reader_new (self, on_facts_read);
  entry->facts = VALISE_FACTS_WANTED;
  _valise_facts_reader_want (self->reader, entry->path);
}

/* --- the scan --- */

/* Bundles that were opened or made while the thread was reading the directory are no less there. */
static gboolean
is_still_there (const ValiseLibraryEntry *entry, gpointer data)
{
  ValiseLibrary *self = data;

  if (_valise_library_is_lost (entry))
    return TRUE;
  if (entry->elsewhere)
    return _valise_elsewhere_contains (self->elsewhere, entry->path);
  return g_file_test (entry->path, G_FILE_TEST_IS_DIR);
}

static void
groups_peeked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  ValiseLibrary *self = VALISE_LIBRARY (source);
  g_autoptr (GArray) groups = _valise_library_peek_groups_finish (result);

  for (guint i = 0; groups != NULL && i < groups->len; i++)
    {
      ValisePeekedGroup *peeked = &g_array_index (groups, ValisePeekedGroup, i);
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
  guint length = _valise_library_entries_get_length (self->entries);
  GPtrArray *paths = g_ptr_array_new_full (length, g_free);

  for (guint i = 0; i < length; i++)
    g_ptr_array_add (paths, g_strdup (_valise_library_entries_get (self->entries, i)->path));
  _valise_library_peek_groups_async (self, paths, self->cancellable, groups_peeked_cb);
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
  _valise_library_entries_replace (self->entries, entries, is_still_there, self);
  self->scanned = TRUE;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SCANNED]);
  note_live_machines (self);
}

static void
scanned_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  ValiseLibrary *self = VALISE_LIBRARY (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) entries = _valise_library_list_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  set_error (self, g_steal_pointer (&error));
  if (entries == NULL)
    entries = g_ptr_array_new ();
  finish_scan (self, entries);
  if (_valise_library_entries_get_length (self->entries) > 0)
    start_peeking (self);
}

/* --- the watch --- */

static void
on_bundle_appeared (ValiseLibrary *self, const char *path)
{
  _valise_library_lost_unsay (add_path (self, path));
}

static void
on_bundle_went (ValiseLibrary *self, const char *path)
{
  ValiseLibraryEntry *entry = lookup (self, path);

  if (entry != NULL && _valise_library_is_lost (entry))
    _valise_library_lost_say (entry);
  else if (entry != NULL)
    _valise_library_entries_remove (self->entries, entry);
}

static void
on_directory_made (ValiseLibrary *self)
{
  g_file_monitor_cancel (self->monitor);
  g_clear_object (&self->monitor);
  valise_library_start (self);
}

/* Asked for again and again: there may be nothing to watch until the first job makes it. */
static void
watch_directory (ValiseLibrary *self)
{
  if (self->monitor == NULL && self->started)
    self->monitor = _valise_library_watch (self, on_bundle_appeared, on_bundle_went, on_directory_made);
}

/* --- machines --- */

typedef struct
{
  ValiseLibrary *library;
  char *path;
} Ended;

static void
ended_free (Ended *ended)
{
  g_object_unref (ended->library);
  g_free (ended->path);
  g_free (ended);
}

static gboolean
lost_ended_cb (gpointer data)
{
  Ended *ended = data;

  if (_valise_library_is_bundle_gone (ended->path))
    on_bundle_went (ended->library, ended->path);
  return G_SOURCE_REMOVE;
}

/* Now there is neither a bundle nor a life. Not at once: the machine itself is telling it. */
static void
drop_if_lost (ValiseLibrary *self, const ValiseLibraryEntry *entry)
{
  Ended *ended;

  if (valise_machine_is_live (entry->machine) || !_valise_library_is_bundle_gone (entry->path)
      || (entry->elsewhere && _valise_elsewhere_contains (self->elsewhere, entry->path)))
    return;
  ended = g_new0 (Ended, 1);
  ended->library = g_object_ref (self);
  ended->path = g_strdup (entry->path);
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, lost_ended_cb, ended, (GDestroyNotify) ended_free);
}

static void
on_machine_notify_cb (ValiseMachine *machine, GParamSpec *pspec, ValiseLibrary *self)
{
  ValiseLibraryEntry *entry = lookup (self, valise_machine_get_path (machine));

  if (entry == NULL)
    return;
  drop_if_lost (self, entry);
  if (valise_machine_get_bundle (machine) != NULL)
    want_facts (self, entry);
  g_signal_emit (self, signals[ENTRY_CHANGED], 0, entry);
}

/* One that is not started belongs to the thread that uses it, a verb's for instance, while news come in the main
 * context. */
static void
follow_machine (ValiseLibrary *self, ValiseLibraryEntry *entry)
{
  static const char *const news[] = { "notify::state", "notify::name", "notify::error" };

  for (gsize i = 0; self->started && entry->machine != NULL && i < G_N_ELEMENTS (news); i++)
    g_signal_connect_object (entry->machine, news[i], G_CALLBACK (on_machine_notify_cb), self, 0);
}

static ValiseMachine *
make_machine (ValiseLibrary *self, ValiseLibraryEntry *entry)
{
  if (entry->machine == NULL)
    {
      entry->machine = valise_machine_new (self->host, entry->path);
      follow_machine (self, entry);
    }
  return entry->machine;
}

static void
follow_all (ValiseLibrary *self)
{
  for (guint i = 0; i < _valise_library_entries_get_length (self->entries); i++)
    follow_machine (self, _valise_library_entries_get (self->entries, i));
  if (self->host != NULL)
    _valise_host_watch (self->host, VALISE_LIFE_ANY, self, on_life_changed);
}

/* --- jobs --- */

static void
take_result (ValiseLibrary *self, ValiseJob *job)
{
  g_autofree char *result = valise_job_dup_result_path (job);
  g_autofree char *path = result != NULL ? canonical_path (result) : NULL;

  watch_directory (self);
  if (path != NULL && _valise_library_is_in_directory (self->directory, path) && g_file_test (path, G_FILE_TEST_IS_DIR))
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
  return _valise_library_entries_get_length (VALISE_LIBRARY (model)->entries);
}

static gpointer
get_item (GListModel *model, guint position)
{
  ValiseLibrary *self = VALISE_LIBRARY (model);
  ValiseLibraryEntry *entry = _valise_library_entries_get (self->entries, position);

  return entry != NULL ? g_object_ref (make_machine (self, entry)) : NULL;
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
  g_clear_pointer (&self->reader, _valise_facts_reader_free);
  G_OBJECT_CLASS (valise_library_parent_class)->dispose (object);
}

static void
valise_library_finalize (GObject *object)
{
  ValiseLibrary *self = VALISE_LIBRARY (object);

  _valise_library_entries_free (self->entries);
  g_clear_pointer (&self->elsewhere, _valise_elsewhere_unref);
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
  self->entries = _valise_library_entries_new (G_LIST_MODEL (self));
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
  self->elsewhere = _valise_elsewhere_new (self->directory);
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

void
valise_library_start (ValiseLibrary *self)
{
  g_return_if_fail (VALISE_IS_LIBRARY (self));
  if (!self->started)
    {
      self->started = TRUE;
      _valise_elsewhere_load (self->elsewhere);
      follow_all (self);
    }
  watch_directory (self);
  _valise_library_list_async (self, _valise_elsewhere_list (self->elsewhere), self->cancellable, scanned_cb);
}

gboolean
valise_library_scan (ValiseLibrary *self, GError **error)
{
  g_autoptr (GPtrArray) elsewhere = NULL;
  g_autoptr (GPtrArray) entries = NULL;

  g_return_val_if_fail (VALISE_IS_LIBRARY (self), FALSE);
  _valise_elsewhere_load (self->elsewhere);
  elsewhere = _valise_elsewhere_list (self->elsewhere);
  entries = _valise_library_list (self->directory, elsewhere, error);
  if (entries == NULL)
    return FALSE;
  finish_scan (self, entries);
  return TRUE;
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  if (!_valise_elsewhere_save_finish (result, &error))
    set_error (VALISE_LIBRARY (source), g_steal_pointer (&error));
}

/* A durable file takes a disk's time, which the main loop has not. */
static gboolean
save_elsewhere (ValiseLibrary *self, GError **error)
{
  if (!self->started)
    return _valise_elsewhere_save (self->elsewhere, error);
  _valise_elsewhere_save_async (self->elsewhere, G_OBJECT (self), saved_cb);
  return TRUE;
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
    _valise_elsewhere_load (self->elsewhere);
  if (_valise_elsewhere_add (self->elsewhere, path) && !save_elsewhere (self, error))
    return NULL;
  entry = add_path (self, path);
  return g_object_ref (make_machine (self, entry));
}

static ValiseMachine *
find_by_name (ValiseLibrary *self, const char *name, GError **error)
{
  ValiseLibraryEntry *entry = _valise_library_entries_find (self->entries, name, self->directory, error);

  return entry != NULL ? g_object_ref (make_machine (self, entry)) : NULL;
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
  /* Names may have slashes and end like a bundle too. */
  if (!g_path_is_absolute (name_or_path) && !g_file_test (path, G_FILE_TEST_IS_DIR))
    return find_by_name (self, name_or_path, error);
  return valise_library_open (self, path, error);
}

void
valise_library_forget (ValiseLibrary *self, ValiseMachine *machine)
{
  g_autoptr (GError) error = NULL;
  ValiseLibraryEntry *entry;

  g_return_if_fail (VALISE_IS_LIBRARY (self));
  entry = lookup (self, valise_machine_get_path (machine));
  if (entry == NULL || !entry->elsewhere)
    return;
  _valise_elsewhere_remove (self->elsewhere, entry->path);
  if (!save_elsewhere (self, &error))
    set_error (self, g_steal_pointer (&error));
  _valise_library_entries_remove (self->entries, entry);
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
  return _valise_library_entries_get (self->entries, position);
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
