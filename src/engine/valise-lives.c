/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-lives-private.h"

#include <sys/stat.h>

#include "base/valise-xml.h"
#include "engine/valise-libvirt-private.h"
#include "bundle/valise-bundle.h"

#define NAME_PREFIX "vm-"
#define MOST_THREADS 4

typedef struct
{
  char uuid[VIR_UUID_STRING_BUFLEN];
  char *path; /* the bundle that it was started from, or NULL when its domain does not say */
  ValiseLife life;
  guint64 asked; /* number of the question that the answer belongs to */
  guint hints;
  gboolean asking;
  gboolean found; /* when connecting: perhaps still on its way back to the driver */
} Record;

typedef struct
{
  GWeakRef object;
  ValiseLifeFunc func;
} Watcher;

struct _ValiseLives
{
  GMutex mutex;
  GCond cond;
  GHashTable *records;  /* uuid -> Record; stay when the domain is gone */
  GHashTable *watchers; /* uuid or path -> GPtrArray of Watcher */
  GThreadPool *pool;
  guint64 questions;
  guint64 news; /* how often somebody was told */
};

/* Set in the pool's own threads, where the last reference to everything may be dropped. */
static GPrivate in_pool;

static void
record_free (gpointer data)
{
  Record *record = data;

  g_free (record->path);
  g_free (record);
}

static void
watcher_free (gpointer data)
{
  Watcher *watcher = data;

  g_weak_ref_clear (&watcher->object);
  g_free (watcher);
}

static Record *
ensure_record (ValiseLives *self, const char *uuid)
{
  Record *record = g_hash_table_lookup (self->records, uuid);

  if (record != NULL)
    return record;
  record = g_new0 (Record, 1);
  g_strlcpy (record->uuid, uuid, sizeof record->uuid);
  g_hash_table_insert (self->records, record->uuid, record);
  return record;
}

/* --- telling --- */

/* Gone objects are dropped on the way. */
static void
collect_watchers (ValiseLives *self, const char *key, GPtrArray *objects, GArray *funcs)
{
  GPtrArray *list = key != NULL ? g_hash_table_lookup (self->watchers, key) : NULL;

  for (guint i = 0; list != NULL && i < list->len;)
    {
      Watcher *watcher = g_ptr_array_index (list, i);
      gpointer object = g_weak_ref_get (&watcher->object);

      if (object == NULL)
        {
          g_ptr_array_remove_index_fast (list, i);
          continue;
        }
      g_ptr_array_add (objects, object);
      g_array_append_val (funcs, watcher->func);
      i++;
    }
}

/* Without the lock held while they are called. */
static void
tell (ValiseLives *self, const char *uuid, const char *path)
{
  g_autoptr (GPtrArray) objects = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GArray) funcs = g_array_new (FALSE, FALSE, sizeof (ValiseLifeFunc));

  g_mutex_lock (&self->mutex);
  collect_watchers (self, path, objects, funcs);
  collect_watchers (self, uuid, objects, funcs);
  collect_watchers (self, VALISE_LIFE_ANY, objects, funcs);
  self->news++;
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->mutex);
  for (guint i = 0; i < objects->len; i++)
    g_array_index (funcs, ValiseLifeFunc, i) (g_ptr_array_index (objects, i));
}

/* --- asking --- */

static gboolean
is_out_of_space (virDomainPtr domain)
{
  virDomainDiskError errors[64];
  int length = virDomainGetDiskErrors (domain, errors, G_N_ELEMENTS (errors), 0);
  gboolean full = FALSE;

  for (int i = 0; i < length; i++)
    {
      full |= errors[i].error == VIR_DOMAIN_DISK_ERROR_NO_SPACE;
      free (errors[i].disk);
    }
  return full;
}

static gboolean
ask (virDomainPtr domain, ValiseLife *life)
{
  if (virDomainGetState (domain, &life->state, &life->reason, 0) < 0)
    return virGetLastErrorCode () == VIR_ERR_NO_DOMAIN;
  life->live =
      life->state != VIR_DOMAIN_SHUTOFF && life->state != VIR_DOMAIN_CRASHED && life->state != VIR_DOMAIN_NOSTATE;
  if (life->state == VIR_DOMAIN_PAUSED && life->reason == VIR_DOMAIN_PAUSED_IOERROR)
    life->out_of_space = is_out_of_space (domain);
  return TRUE;
}

/* The engine writes the bundle's directory into the domain's metadata when it starts one. */
static char *
ask_path (virDomainPtr domain)
{
  char *metadata = virDomainGetMetadata (domain, VIR_DOMAIN_METADATA_ELEMENT, VALISE_METADATA_NAMESPACE, 0);
  g_autoptr (xmlDoc) tree = metadata != NULL ? valise_xml_parse (metadata, -1, "metadata", NULL) : NULL;
  g_autoptr (ValiseXmlChar) path = NULL;

  free (metadata);
  if (tree != NULL)
    path = xmlGetNoNsProp (xmlDocGetRootElement (tree), (const xmlChar *) "path");
  return g_strdup ((const char *) path);
}

static gboolean
life_equal (const ValiseLife *a, const ValiseLife *b)
{
  return a->live == b->live && a->state == b->state && a->reason == b->reason && a->out_of_space == b->out_of_space;
}

/* %TRUE when that is news. An answer to an older question than the last one is dropped. */
static gboolean
store (ValiseLives *self, const char *uuid, const ValiseLife *life, guint64 question, char **path)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  Record *record = ensure_record (self, uuid);
  gboolean news;

  if (question < record->asked)
    return FALSE;
  news = !life_equal (&record->life, life);
  record->asked = question;
  record->life = *life;
  if (*path != NULL)
    {
      g_free (record->path);
      record->path = g_strdup (*path);
    }
  else
    *path = g_strdup (record->path);
  if (!life->live)
    record->found = FALSE;
  return news;
}

static gboolean
knows_path (ValiseLives *self, const char *uuid, guint64 *question)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  Record *record = g_hash_table_lookup (self->records, uuid);

  *question = ++self->questions;
  return record != NULL && record->life.live && record->path != NULL;
}

void
_valise_lives_refresh (ValiseLives *self, virDomainPtr domain)
{
  char uuid[VIR_UUID_STRING_BUFLEN];
  ValiseLife life = { 0 };
  g_autofree char *path = NULL;
  guint64 question;
  gboolean known;

  if (virDomainGetUUIDString (domain, uuid) < 0)
    return;
  known = knows_path (self, uuid, &question);
  if (!ask (domain, &life))
    return;
  if (life.live && !known)
    path = ask_path (domain);
  if (store (self, uuid, &life, question, &path))
    tell (self, uuid, path);
}

static gboolean
more_hints (ValiseLives *self, const char *uuid, guint *seen)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  Record *record = ensure_record (self, uuid);

  if (record->hints == *seen)
    record->asking = FALSE;
  *seen = record->hints;
  return record->asking;
}

static void
follow_hint (gpointer data, gpointer user_data)
{
  virDomainPtr domain = data;
  ValiseLives *self = user_data;
  char uuid[VIR_UUID_STRING_BUFLEN];
  guint seen = 0;

  g_private_set (&in_pool, self);
  if (virDomainGetUUIDString (domain, uuid) == 0)
    while (more_hints (self, uuid, &seen))
      _valise_lives_refresh (self, domain);
  virDomainFree (domain);
}

void
_valise_lives_hint (ValiseLives *self, virDomainPtr domain)
{
  char uuid[VIR_UUID_STRING_BUFLEN];
  gboolean asking;
  Record *record;

  if (virDomainGetUUIDString (domain, uuid) < 0)
    return;
  g_mutex_lock (&self->mutex);
  record = ensure_record (self, uuid);
  record->hints++;
  asking = record->asking;
  record->asking = TRUE;
  g_mutex_unlock (&self->mutex);
  if (asking)
    return;
  virDomainRef (domain);
  g_thread_pool_push (self->pool, domain, NULL);
}

void
_valise_lives_replace (ValiseLives *self, GPtrArray *domains)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) gone = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  GHashTableIter iter;
  Record *record;

  for (guint i = 0; i < domains->len; i++)
    {
      char uuid[VIR_UUID_STRING_BUFLEN];

      if (virDomainGetUUIDString (g_ptr_array_index (domains, i), uuid) < 0)
        continue;
      g_hash_table_add (seen, g_strdup (uuid));
      _valise_lives_refresh (self, g_ptr_array_index (domains, i));
    }

  g_mutex_lock (&self->mutex);
  g_hash_table_iter_init (&iter, self->records);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &record))
    {
      record->found = g_hash_table_contains (seen, record->uuid);
      if (!record->life.live || g_hash_table_contains (seen, record->uuid))
        continue;
      record->life = (ValiseLife){ 0 };
      record->asked = ++self->questions;
      g_ptr_array_add (gone, g_strdup (record->uuid));
      g_ptr_array_add (paths, g_strdup (record->path));
    }
  g_mutex_unlock (&self->mutex);
  for (guint i = 0; i < gone->len; i++)
    tell (self, g_ptr_array_index (gone, i), g_ptr_array_index (paths, i));
}

/* Any call that needs the domain's job waits for the driver to have taken it back; this one asks for nothing else. */
void
_valise_lives_settle (ValiseLives *self, virDomainPtr domain)
{
  char uuid[VIR_UUID_STRING_BUFLEN];
  virDomainMemoryStatStruct stats[VIR_DOMAIN_MEMORY_STAT_NR];
  gboolean found;

  if (virDomainGetUUIDString (domain, uuid) < 0)
    return;
  g_mutex_lock (&self->mutex);
  found = ensure_record (self, uuid)->found;
  g_mutex_unlock (&self->mutex);
  if (!found)
    return;
  (void) virDomainMemoryStats (domain, stats, G_N_ELEMENTS (stats), 0);
  _valise_lives_refresh (self, domain);
  g_mutex_lock (&self->mutex);
  ensure_record (self, uuid)->found = FALSE;
  g_mutex_unlock (&self->mutex);
}

gboolean
_valise_lives_is_ours (virDomainPtr domain)
{
  const char *name = virDomainGetName (domain);

  return name != NULL && g_str_has_prefix (name, NAME_PREFIX) && g_uuid_string_is_valid (name + strlen (NAME_PREFIX));
}

/* --- looking --- */

static gboolean
holds_machine (const char *path, const char *uuid)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (path, NULL);
  g_autofree char *found = bundle != NULL ? valise_document_get (valise_bundle_get_document (bundle), "uuid") : NULL;

  /* One that cannot be read may well be it. */
  return found == NULL || g_ascii_strcasecmp (found, uuid) == 0;
}

static gboolean
is_bundle_gone (const Record *record)
{
  struct stat info;

  return stat (record->path, &info) < 0;
}

/* A copy of a running bundle has its uuid and is not it; a bundle renamed while it runs is. */
static gboolean
is_same_bundle (const Record *record, const char *path)
{
  struct stat here, there;

  if (record->path == NULL || g_str_equal (record->path, path) || is_bundle_gone (record))
    return TRUE;
  if (stat (record->path, &there) == 0 && stat (path, &here) == 0 && here.st_dev == there.st_dev
      && here.st_ino == there.st_ino)
    return TRUE;
  /* Another machine may lie there by now, and the one that runs have been moved. */
  return !holds_machine (record->path, record->uuid);
}

static Record *
find_by_path (ValiseLives *self, const char *path)
{
  GHashTableIter iter;
  Record *record;

  g_hash_table_iter_init (&iter, self->records);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &record))
    if (record->life.live && g_strcmp0 (record->path, path) == 0)
      return record;
  return NULL;
}

ValiseLife
_valise_lives_look (ValiseLives *self, const char *uuid, const char *path)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  Record *record;

  if (uuid == NULL)
    record = find_by_path (self, path);
  else
    record = g_hash_table_lookup (self->records, uuid);
  if (record == NULL || !record->life.live || !is_same_bundle (record, path))
    return (ValiseLife){ 0 };
  return record->life;
}

void
_valise_lives_move (ValiseLives *self, const char *uuid, const char *path)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  Record *record = g_hash_table_lookup (self->records, uuid);

  if (record == NULL || !record->life.live || record->path == NULL || !is_bundle_gone (record))
    return;
  g_free (record->path);
  record->path = g_strdup (path);
}

char *
_valise_lives_dup_uuid (ValiseLives *self, const char *path)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  Record *record = find_by_path (self, path);

  return record != NULL ? g_strdup (record->uuid) : NULL;
}

GPtrArray *
_valise_lives_list_paths (ValiseLives *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  GHashTableIter iter;
  Record *record;

  g_hash_table_iter_init (&iter, self->records);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &record))
    if (record->life.live && record->path != NULL)
      g_ptr_array_add (paths, g_strdup (record->path));
  return paths;
}

void
_valise_lives_watch (ValiseLives *self, const char *key, gpointer object, ValiseLifeFunc func)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  GPtrArray *list = g_hash_table_lookup (self->watchers, key);
  Watcher *watcher = g_new0 (Watcher, 1);

  g_weak_ref_init (&watcher->object, object);
  watcher->func = func;
  if (list == NULL)
    {
      list = g_ptr_array_new_with_free_func (watcher_free);
      g_hash_table_insert (self->watchers, g_strdup (key), list);
    }
  g_ptr_array_add (list, watcher);
}

/* A reference that turns out to be the last is dropped without the lock, which the object's end takes again. */
void
_valise_lives_unwatch (ValiseLives *self, const char *key)
{
  g_autoptr (GPtrArray) objects = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GArray) funcs = g_array_new (FALSE, FALSE, sizeof (ValiseLifeFunc));
  GPtrArray *list;

  g_mutex_lock (&self->mutex);
  collect_watchers (self, key, objects, funcs);
  list = g_hash_table_lookup (self->watchers, key);
  if (list != NULL && list->len == 0)
    g_hash_table_remove (self->watchers, key);
  g_mutex_unlock (&self->mutex);
}

static void
on_cancelled_cb (GCancellable *cancellable, ValiseLives *self)
{
  _valise_lives_wake (self);
}

/* The condition is looked at without the lock, which it may need itself; the count of news tells what came
 * meanwhile. */
gboolean
_valise_lives_wait (ValiseLives *self,
                    ValiseConditionFunc func,
                    gpointer data,
                    guint timeout_ms,
                    GCancellable *cancellable)
{
  gint64 until = g_get_monotonic_time () + timeout_ms * G_TIME_SPAN_MILLISECOND;
  gulong handler = 0;
  gboolean met = FALSE;
  gboolean in_time = TRUE;

  if (cancellable != NULL)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled_cb), self, NULL);
  g_mutex_lock (&self->mutex);
  while (!met && in_time)
    {
      guint64 before = self->news;

      g_mutex_unlock (&self->mutex);
      met = func (data);
      g_mutex_lock (&self->mutex);
      if (!met && g_cancellable_is_cancelled (cancellable))
        break;
      while (!met && in_time && before == self->news)
        in_time = g_cond_wait_until (&self->cond, &self->mutex, until);
    }
  g_mutex_unlock (&self->mutex);
  if (cancellable != NULL)
    g_cancellable_disconnect (cancellable, handler);
  return met || func (data);
}

void
_valise_lives_wake (ValiseLives *self)
{
  g_mutex_lock (&self->mutex);
  self->news++;
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->mutex);
}

ValiseLives *
_valise_lives_new (void)
{
  ValiseLives *self = g_new0 (ValiseLives, 1);

  g_mutex_init (&self->mutex);
  g_cond_init (&self->cond);
  self->records = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, record_free);
  self->watchers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  self->pool = g_thread_pool_new (follow_hint, self, MOST_THREADS, FALSE, NULL);
  return self;
}

static gpointer
free_lives (gpointer data)
{
  ValiseLives *self = data;

  g_thread_pool_free (self->pool, FALSE, TRUE);
  g_hash_table_unref (self->watchers);
  g_hash_table_unref (self->records);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->cond);
  g_free (self);
  return NULL;
}

/* A thread of the pool cannot wait for itself to end. */
void
_valise_lives_free (ValiseLives *self)
{
  if (g_private_get (&in_pool) != NULL)
    g_thread_unref (g_thread_new ("lives-free", free_lives, self));
  else
    free_lives (self);
}
