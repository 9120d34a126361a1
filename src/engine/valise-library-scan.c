/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-library-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "model/valise-label.h"

/* config.xml is never larger (valise_xml_parse refuses it). */
#define CONFIG_MOST (1024 * 1024)

void
_valise_library_facts_free (ValiseLibraryFacts *facts)
{
  g_free (facts->path);
  g_free (facts->name);
  g_free (facts->error);
  g_free (facts);
}

static guint16
read_cpus (ValiseDocument *document)
{
  g_autofree char *text = valise_document_get (document, "vcpu");

  return text != NULL ? (guint16) MIN (g_ascii_strtoull (text, NULL, 10), G_MAXUINT16) : 1;
}

static const char *
intern_group (const char *raw)
{
  g_autofree char *group = raw != NULL ? valise_text_for_display (raw, 80) : NULL;

  if (group == NULL || *g_strstrip (group) == '\0')
    return NULL;
  return g_intern_string (group);
}

static gint64
read_suspended_at (const char *path)
{
  g_autofree char *file = g_build_filename (path, "state", "suspend.save", NULL);
  struct stat info;

  return lstat (file, &info) == 0 && S_ISREG (info.st_mode) ? MAX (info.st_mtime, 1) : 0;
}

static void
fill_facts (ValiseLibraryFacts *facts, ValiseBundle *bundle)
{
  ValiseDocument *document = valise_bundle_get_document (bundle);
  g_autofree char *name = valise_bundle_dup_name (bundle);
  g_autofree char *group = valise_document_get (document, "metadata/valise:machine/@group");

  facts->name = valise_text_for_display (name, 200);
  facts->group = intern_group (group);
  if (!valise_label_get_size (document, "memory", &facts->memory))
    facts->memory = 0;
  facts->cpus = read_cpus (document);
  facts->suspended_at = read_suspended_at (facts->path);
}

ValiseLibraryFacts *
_valise_library_read_facts (const char *path)
{
  g_autoptr (ValiseLibraryFacts) facts = g_new0 (ValiseLibraryFacts, 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = NULL;

  facts->path = g_strdup (path);
  bundle = valise_bundle_open (path, &error);
  if (bundle != NULL)
    fill_facts (facts, bundle);
  else
    {
      facts->error = g_strdup (error->message);
      facts->retry = g_error_matches (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_NOT_A_BUNDLE)
                     && g_file_test (path, G_FILE_TEST_IS_DIR);
    }
  return g_steal_pointer (&facts);
}

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

int
_valise_library_entry_compare (const ValiseLibraryEntry *a, const ValiseLibraryEntry *b)
{
  g_autofree char *key_a = g_utf8_collate_key_for_filename (a->name, -1);
  g_autofree char *key_b = g_utf8_collate_key_for_filename (b->name, -1);
  int order = strcmp (key_a, key_b);

  return order != 0 ? order : strcmp (a->path, b->path);
}

gboolean
_valise_library_is_bundle_name (const char *name)
{
  return name[0] != '.' && g_str_has_suffix (name, VALISE_BUNDLE_SUFFIX)
         && strlen (name) > strlen (VALISE_BUNDLE_SUFFIX);
}

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
static void
sort_entries (GPtrArray *entries)
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

GPtrArray *
_valise_library_list (const char *directory, GPtrArray *elsewhere, GError **error)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func ((GDestroyNotify) _valise_library_entry_free);
  g_autoptr (GError) local = NULL;
  GDir *dir = g_dir_open (directory, 0, &local);
  const char *name;

  if (dir == NULL && !g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&local), _ ("The library cannot be read: "));
      return NULL;
    }
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (_valise_library_is_bundle_name (name))
      {
        g_autofree char *path = g_build_filename (directory, name, NULL);

        g_ptr_array_add (entries, _valise_library_entry_new (path, FALSE));
      }
  g_clear_pointer (&dir, g_dir_close);
  for (guint i = 0; elsewhere != NULL && i < elsewhere->len; i++)
    g_ptr_array_add (entries, _valise_library_entry_new (g_ptr_array_index (elsewhere, i), TRUE));
  if (entries->len > 1)
    sort_entries (entries);
  return g_steal_pointer (&entries);
}

static gboolean
read_config (const char *path, GByteArray *bytes)
{
  g_autofree char *file = g_build_filename (path, "config.xml", NULL);
  int fd = open (file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  struct stat info;
  gsize have = 0;
  gssize n = 0;

  g_byte_array_set_size (bytes, 0);
  if (fd < 0)
    return FALSE;
  if (fstat (fd, &info) == 0 && S_ISREG (info.st_mode) && info.st_size <= CONFIG_MOST)
    {
      g_byte_array_set_size (bytes, info.st_size);
      while (have < bytes->len && (n = read (fd, bytes->data + have, bytes->len - have)) > 0)
        have += n;
      g_byte_array_set_size (bytes, have);
    }
  close (fd);
  return have > 0;
}

static gboolean
mentions (GByteArray *bytes, const char *word)
{
  return memmem (bytes->data, bytes->len, word, strlen (word)) != NULL;
}

const char *
_valise_library_peek_group (const char *path)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (ValiseDocument) document = NULL;
  g_autofree char *group = NULL;

  if (!read_config (path, bytes) || !mentions (bytes, VALISE_METADATA_NAMESPACE) || !mentions (bytes, "group="))
    return NULL;
  document = valise_document_new ((const char *) bytes->data, bytes->len, path, NULL);
  if (document != NULL)
    group = valise_document_get (document, "metadata/valise:machine/@group");
  return intern_group (group);
}
