/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-library-entries-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-path.h"
#include "engine/valise-engine-error.h"

struct _ValiseLibraryEntries
{
  GListModel *model;
  GPtrArray *sorted;
  GHashTable *by_path; /* path of the entry -> entry */
  GPtrArray *orphans;  /* entries that left the model while its handlers ran */
};

/* --- one entry --- */

ValiseLibraryEntry *
_valise_library_entry_new (const char *path, gboolean elsewhere)
{
  ValiseLibraryEntry *entry = g_new0 (ValiseLibraryEntry, 1);
  const char *slash = strrchr (path, '/');
  const char *base = slash != NULL ? slash + 1 : path;
  g_autofree char *raw = NULL;

  entry->path = g_strdup (path);
  raw = g_str_has_suffix (base, VALISE_BUNDLE_SUFFIX) ? g_strndup (base, strlen (base) - strlen (VALISE_BUNDLE_SUFFIX))
                                                      : g_strdup (base);
  entry->name = valise_text_for_display (raw, 200);
  entry->elsewhere = elsewhere;
  entry->state = VALISE_MACHINE_UNREAD;
  return entry;
}

void
_valise_library_entry_free (ValiseLibraryEntry *entry)
{
  g_clear_object (&entry->machine);
  g_free (entry->path);
  g_free (entry->name);
  g_free (entry->error);
  g_free (entry);
}

static int
compare_entries (const ValiseLibraryEntry *a, const ValiseLibraryEntry *b)
{
  g_autofree char *key_a = g_utf8_collate_key_for_filename (a->name, -1);
  g_autofree char *key_b = g_utf8_collate_key_for_filename (b->name, -1);
  int order = strcmp (key_a, key_b);

  return order != 0 ? order : strcmp (a->path, b->path);
}

static int
compare_entry_pointers (gconstpointer a, gconstpointer b)
{
  return compare_entries (*(ValiseLibraryEntry *const *) a, *(ValiseLibraryEntry *const *) b);
}

/* --- sorting many at once --- */

typedef struct
{
  char *key;
  ValiseLibraryEntry *entry;
} SortItem;

static int
compare_items (gconstpointer a, gconstpointer b)
{
  const SortItem *one = a, *other = b;
  int order = strcmp (one->key, other->key);

  return order != 0 ? order : strcmp (one->entry->path, other->entry->path);
}

/* Keys are made once each: ten thousand names would otherwise make theirs fourteen times. */
void
_valise_library_sort (GPtrArray *entries)
{
  g_autofree SortItem *items = g_new (SortItem, entries->len);

  for (guint i = 0; i < entries->len; i++)
    {
      items[i].entry = g_ptr_array_index (entries, i);
      items[i].key = g_utf8_collate_key_for_filename (items[i].entry->name, -1);
    }
  qsort (items, entries->len, sizeof (SortItem), compare_items);
  for (guint i = 0; i < entries->len; i++)
    {
      g_ptr_array_index (entries, i) = items[i].entry;
      g_free (items[i].key);
    }
}

/* --- the sorted array --- */

static guint
place_of (ValiseLibraryEntries *self, const ValiseLibraryEntry *entry)
{
  guint low = 0, high = self->sorted->len;

  while (low < high)
    {
      guint middle = (low + high) / 2;

      if (compare_entries (g_ptr_array_index (self->sorted, middle), entry) < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

static gboolean
position_of (ValiseLibraryEntries *self, const ValiseLibraryEntry *entry, guint *position)
{
  *position = place_of (self, entry);
  return *position < self->sorted->len && g_ptr_array_index (self->sorted, *position) == entry;
}

/* Handlers of items-changed may still hold the entry: it goes when they have run. */
static void
free_orphans (ValiseLibraryEntries *self)
{
  g_autoptr (GPtrArray) orphans = g_steal_pointer (&self->orphans);

  self->orphans = g_ptr_array_new_with_free_func ((GDestroyNotify) _valise_library_entry_free);
}

static void
orphan_entry (ValiseLibraryEntries *self, ValiseLibraryEntry *entry)
{
  if (entry->machine != NULL)
    g_signal_handlers_disconnect_by_data (entry->machine, self->model);
  g_ptr_array_add (self->orphans, entry);
}

static void
put_entry (ValiseLibraryEntries *self, ValiseLibraryEntry *entry)
{
  g_ptr_array_add (self->sorted, entry);
  g_hash_table_insert (self->by_path, entry->path, entry);
}

/* --- for the library --- */

ValiseLibraryEntries *
_valise_library_entries_new (GListModel *model)
{
  ValiseLibraryEntries *self = g_new0 (ValiseLibraryEntries, 1);

  self->model = model;
  self->sorted = g_ptr_array_new ();
  self->by_path = g_hash_table_new (g_str_hash, g_str_equal);
  self->orphans = g_ptr_array_new_with_free_func ((GDestroyNotify) _valise_library_entry_free);
  return self;
}

void
_valise_library_entries_free (ValiseLibraryEntries *self)
{
  g_hash_table_unref (self->by_path);
  g_ptr_array_set_free_func (self->sorted, (GDestroyNotify) _valise_library_entry_free);
  g_ptr_array_unref (self->sorted);
  g_ptr_array_unref (self->orphans);
  g_free (self);
}

guint
_valise_library_entries_get_length (ValiseLibraryEntries *self)
{
  return self->sorted->len;
}

ValiseLibraryEntry *
_valise_library_entries_get (ValiseLibraryEntries *self, guint position)
{
  return position < self->sorted->len ? g_ptr_array_index (self->sorted, position) : NULL;
}

ValiseLibraryEntry *
_valise_library_entries_lookup (ValiseLibraryEntries *self, const char *path)
{
  return g_hash_table_lookup (self->by_path, path);
}

void
_valise_library_entries_insert (ValiseLibraryEntries *self, ValiseLibraryEntry *entry)
{
  guint position = place_of (self, entry);

  g_ptr_array_insert (self->sorted, position, entry);
  g_hash_table_insert (self->by_path, entry->path, entry);
  g_list_model_items_changed (self->model, position, 0, 1);
}

void
_valise_library_entries_remove (ValiseLibraryEntries *self, ValiseLibraryEntry *entry)
{
  guint position;

  g_return_if_fail (position_of (self, entry, &position));
  g_ptr_array_steal_index (self->sorted, position);
  g_hash_table_remove (self->by_path, entry->path);
  orphan_entry (self, entry);
  g_list_model_items_changed (self->model, position, 1, 0);
  free_orphans (self);
}

void
_valise_library_entries_rename (ValiseLibraryEntries *self, ValiseLibraryEntry *entry, const char *name)
{
  guint before, after, first, passed;

  if (g_strcmp0 (entry->name, name) == 0)
    return;
  if (!position_of (self, entry, &before))
    return;
  g_ptr_array_steal_index (self->sorted, before);
  g_free (entry->name);
  entry->name = g_strdup (name);
  after = place_of (self, entry);
  g_ptr_array_insert (self->sorted, after, entry);
  first = MIN (before, after);
  passed = MAX (before, after) - first + 1;
  /* In one piece: whoever shows the list would lose a line that is gone for a moment, and what was selected with it. */
  if (after != before)
    g_list_model_items_changed (self->model, first, passed, passed);
}

/* One that was known keeps its object; the new one is dropped. */
static void
take_found (ValiseLibraryEntries *self, GPtrArray *found, GHashTable *known)
{
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
}

void
_valise_library_entries_replace (ValiseLibraryEntries *self,
                                 GPtrArray *found,
                                 ValiseLibraryKeepFunc keep,
                                 gpointer data)
{
  g_autoptr (GPtrArray) before = g_steal_pointer (&self->sorted);
  g_autoptr (GHashTable) known = g_steal_pointer (&self->by_path);
  GHashTableIter iter;
  gpointer left;

  self->sorted = g_ptr_array_new_full (found->len, NULL);
  self->by_path = g_hash_table_new (g_str_hash, g_str_equal);
  take_found (self, found, known);

  g_hash_table_iter_init (&iter, known);
  while (g_hash_table_iter_next (&iter, NULL, &left))
    if (keep (left, data))
      put_entry (self, left);
    else
      orphan_entry (self, left);
  if (before->len > 0)
    g_ptr_array_sort (self->sorted, compare_entry_pointers);
  if (before->len > 0 || self->sorted->len > 0)
    g_list_model_items_changed (self->model, 0, before->len, self->sorted->len);
  free_orphans (self);
}

/* --- finding --- */

/* @shown: @name as it is shown */
static gboolean
answers_to (ValiseLibraryEntry *entry, const char *name, const char *shown)
{
  g_autoptr (ValiseLibraryFacts) facts = NULL;

  if (strcmp (entry->name, shown) == 0)
    return TRUE;
  if (entry->facts == VALISE_FACTS_KNOWN || !_valise_library_peek_name (entry->path, name))
    return FALSE;
  facts = _valise_library_read_facts (entry->path);
  return g_strcmp0 (facts->name, shown) == 0;
}

ValiseLibraryEntry *
_valise_library_entries_find (ValiseLibraryEntries *self, const char *name, const char *directory, GError **error)
{
  g_autofree char *shown = _valise_library_show_name (name);
  ValiseLibraryEntry *found = NULL;

  for (guint i = 0; i < _valise_library_entries_get_length (self); i++)
    {
      ValiseLibraryEntry *entry = _valise_library_entries_get (self, i);

      if (!answers_to (entry, name, shown))
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
    return found;
  g_set_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_NOT_FOUND,
               _ ("There is no machine called “%s” in %s. “valisectl list” shows those there are."), name, directory);
  return NULL;
}
