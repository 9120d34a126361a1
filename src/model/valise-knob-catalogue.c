/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-knob-catalogue-private.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-path.h"
#include "model/valise-knob-page-private.h"
#include "model/valise-knob-private.h"
#include "model/valise-knob-search-private.h"
#include "model/valise-knob-words-private.h"
#include "model/valise-schema-private.h"
#include "model/valise-schema-tree-private.h"

#define FILE_NAME "domain.rng"
#define LONGEST_PATH 120
/* Proposed for what is not there. */
#define MOST_NAMES 8
#define MOST_FOUND 3

struct _ValiseKnobCatalogue
{
  ValiseSchemaTree *tree; /* NULL without a schema */
  GError *error;
  GStringChunk *strings;
  GPtrArray *owned; /* arrays of words and choices */
  GPtrArray *entries;
  GHashTable *by_path;
  GPtrArray *no_situations;
  ValiseKnobPages *pages;
  ValiseKnobIndex *index;
};

G_DEFINE_QUARK (valise_knob_catalogue_error_quark, valise_knob_catalogue_error)

/* --- what a node is --- */

static gboolean
has_words (const ValiseSchemaNode *node, const char *one, const char *other)
{
  gboolean found_one = FALSE, found_other = FALSE;

  for (guint i = 0; i < node->words->len; i++)
    {
      found_one |= g_str_equal (node->words->pdata[i], one);
      found_other |= g_str_equal (node->words->pdata[i], other);
    }
  return node->words->len == 2 && found_one && found_other;
}

static ValiseKnobKind
kind_of_words (const ValiseSchemaNode *node)
{
  if (has_words (node, "yes", "no"))
    return VALISE_KNOB_YES_NO;
  return has_words (node, "on", "off") ? VALISE_KNOB_ON_OFF : VALISE_KNOB_CHOICE;
}

static gboolean
has_number (const ValiseSchemaNode *node)
{
  for (guint i = 0; i < node->data->len; i++)
    if (((const ValisePattern *) node->data->pdata[i])->is_number)
      return TRUE;
  return FALSE;
}

static ValiseKnobKind
kind_of_data (const ValiseSchemaNode *node)
{
  guint named = node->kinds & ~VALISE_SCHEMA_NO_KIND;
  gboolean certain = named == node->kinds || named == 1u << VALISE_KNOB_PATH;

  if (node->words->len > 0)
    return VALISE_KNOB_CHOICE;
  /* A single bit: all libvirt's definitions that lead here agree. */
  if (certain && named != 0 && (named & (named - 1)) == 0)
    return (ValiseKnobKind) g_bit_nth_lsf (named, -1);
  return has_number (node) && !node->text ? VALISE_KNOB_NUMBER : VALISE_KNOB_TEXT;
}

static ValiseKnobKind
kind_of (const ValiseSchemaNode *node)
{
  if (node->list)
    return VALISE_KNOB_LIST;
  if (node->text || node->data->len > 0)
    return kind_of_data (node);
  return node->words->len > 0 ? kind_of_words (node) : VALISE_KNOB_PRESENCE;
}

/* Of text: a kind that is still typed. */
static ValiseKnobKind
kind_of_text (const ValiseSchemaNode *node)
{
  ValiseKnobKind kind = kind_of (node);

  return kind == VALISE_KNOB_CPU_SET || kind == VALISE_KNOB_PATH || kind == VALISE_KNOB_UUID
                 || kind == VALISE_KNOB_PCI_ADDRESS || kind == VALISE_KNOB_LIST
             ? kind
             : VALISE_KNOB_TEXT;
}

static gboolean
is_attribute (const ValiseSchemaNode *node)
{
  return node->name[0] == '@';
}

static gboolean
has_child_elements (const ValiseSchemaNode *node)
{
  for (guint i = 0; i < node->children->len; i++)
    if (!is_attribute (node->children->pdata[i]))
      return TRUE;
  return node->same_as != NULL;
}

/* An element without text is a knob when it may be empty: that it is there then says something by itself. One that
 * holds others says something only where our table knows what. */
static gboolean
is_leaf (const ValiseSchemaNode *node)
{
  const ValiseKnob *curated;

  if (is_attribute (node) || node->text || node->data->len > 0 || node->words->len > 0)
    return TRUE;
  if (!node->nullable || node->path[0] == '\0')
    return FALSE;
  if (!has_child_elements (node))
    return TRUE;
  curated = valise_knob_lookup (node->path);
  return curated != NULL && curated->kind == VALISE_KNOB_PRESENCE;
}

/* --- entries --- */

static const char *
each_of (const ValiseSchemaNode *node)
{
  for (; node != NULL; node = node->parent)
    if (node->repeated)
      return node->path;
  return NULL;
}

static void
read_bounds (ValiseKnobEntry *entry, const ValiseSchemaNode *node)
{
  gboolean first = TRUE;

  entry->minimum = G_MININT64;
  entry->maximum = G_MAXINT64;
  for (guint i = 0; i < node->data->len; i++)
    {
      const ValisePattern *data = node->data->pdata[i];

      if (!data->is_number)
        {
          const char *regex = data->regexes != NULL ? data->regexes->pdata[0] : "";

          entry->hexadecimal |= g_str_has_prefix (regex, "0x") || g_str_has_prefix (regex, "(0x)?");
          continue;
        }
      entry->minimum = first ? data->minimum : MIN (entry->minimum, data->minimum);
      entry->maximum = first ? data->maximum : MAX (entry->maximum, data->maximum);
      first = FALSE;
    }
}

static const char *
single_pattern (const ValiseSchemaNode *node)
{
  const ValisePattern *data = node->data->len == 1 && !node->text ? node->data->pdata[0] : NULL;

  return data != NULL && !data->is_number && data->regexes != NULL && data->regexes->len == 1 ? data->regexes->pdata[0]
                                                                                              : NULL;
}

static const char *const *
copy_words (ValiseKnobCatalogue *self, const GPtrArray *words)
{
  const char **copy = g_new0 (const char *, words->len + 1);

  for (guint i = 0; i < words->len; i++)
    copy[i] = words->pdata[i];
  g_ptr_array_add (self->owned, copy);
  return copy;
}

static const char *const *
choice_words (ValiseKnobCatalogue *self, const ValiseKnobChoice *choices)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();

  for (; choices->value != NULL; choices++)
    g_ptr_array_add (words, (gpointer) choices->value);
  return copy_words (self, words);
}

static const ValiseKnobChoice *
make_choices (ValiseKnobCatalogue *self, const GPtrArray *words)
{
  ValiseKnobChoice *choices = g_new0 (ValiseKnobChoice, words->len + 1);

  for (guint i = 0; i < words->len; i++)
    {
      choices[i].value = words->pdata[i];
      choices[i].label = *choices[i].value != '\0' ? choices[i].value : N_ ("(nothing)");
    }
  g_ptr_array_add (self->owned, choices);
  return choices;
}

/* A knob that our table does not know, in the schema's words. */
static ValiseKnob
make_knob (ValiseKnobCatalogue *self, const ValiseSchemaNode *node, const ValiseKnobEntry *entry)
{
  ValiseKnob knob = { node->path, kind_of (node), VALISE_KNOB_AFTER_RESTART };

  knob.page = _valise_knob_pages_find (self->pages, node->path);
  knob.label = _valise_knob_words_label (self->strings, node->path);
  knob.help = _valise_knob_words_help (self->strings, node->path, knob.kind);
  if (knob.kind == VALISE_KNOB_CHOICE)
    knob.choices = make_choices (self, node->words);
  knob.open = entry->open;
  if (knob.kind == VALISE_KNOB_NUMBER && entry->minimum != G_MININT64 && entry->maximum != G_MAXINT64)
    {
      knob.minimum = entry->minimum;
      knob.maximum = entry->maximum;
    }
  return knob;
}

static ValiseKnobEntry *
add_entry (ValiseKnobCatalogue *self, const char *path)
{
  ValiseKnobEntry *entry = g_new0 (ValiseKnobEntry, 1);

  entry->minimum = G_MININT64;
  entry->maximum = G_MAXINT64;
  entry->situations = self->no_situations;
  g_ptr_array_add (self->entries, entry);
  g_hash_table_insert (self->by_path, (gpointer) path, entry);
  return entry;
}

static void
add_from_node (ValiseKnobCatalogue *self, ValiseSchemaNode *node, const ValiseKnob *curated)
{
  ValiseKnobEntry *entry = add_entry (self, curated != NULL ? curated->path : node->path);

  entry->node = node;
  entry->is_in_schema = TRUE;
  entry->repeated = node->repeated;
  entry->each = each_of (node);
  entry->open = node->words->len > 0 && (node->text || node->data->len > 0);
  entry->words = node->words->len > 0 ? copy_words (self, node->words) : NULL;
  entry->pattern = single_pattern (node);
  entry->situations = node->situations;
  read_bounds (entry, node);
  entry->is_curated = curated != NULL;
  entry->knob = curated != NULL ? *curated : make_knob (self, node, entry);
  /* Where the table says no more than text, the schema may. */
  if (entry->knob.kind == VALISE_KNOB_TEXT)
    entry->knob.kind = kind_of_text (node);
}

static void
add_nodes (ValiseKnobCatalogue *self, ValiseSchemaNode *node)
{
  if (is_leaf (node))
    add_from_node (self, node, valise_knob_lookup (node->path));
  for (guint i = 0; i < node->children->len; i++)
    add_nodes (self, node->children->pdata[i]);
}

static void
add_curated (ValiseKnobCatalogue *self, const ValiseKnob *knob)
{
  ValiseKnobEntry *entry = add_entry (self, knob->path);

  entry->knob = *knob;
  entry->is_curated = TRUE;
  entry->open = knob->open;
  if (knob->choices != NULL)
    entry->words = choice_words (self, knob->choices);
}

/* --- paths --- */

/* The next name of a path, without its predicates. */
static char *
next_step (const char **cursor)
{
  GString *name = g_string_new (NULL);

  while (**cursor != '\0' && **cursor != '/')
    {
      const char *end = **cursor == '[' ? _valise_knob_skip_predicate (*cursor) : *cursor + 1;

      if (**cursor != '[')
        g_string_append_c (name, **cursor);
      *cursor = end;
    }
  if (**cursor == '/')
    (*cursor)++;
  return g_string_free (name, FALSE);
}

static ValiseSchemaNode *
find_node (ValiseKnobCatalogue *self, const char *path)
{
  ValiseSchemaNode *node = self->tree != NULL ? _valise_schema_tree_get_root (self->tree) : NULL;

  while (node != NULL && *path != '\0')
    {
      g_autofree char *name = next_step (&path);

      node = _valise_schema_node_step (node, name);
    }
  return node;
}

/* What the table has under a predicate ("devices/disk[@device='cdrom']/...") is a knob of its own, where the schema has
 * one for all. */
static void
add_table (ValiseKnobCatalogue *self)
{
  gsize length;
  const ValiseKnob *table = valise_knob_table (&length);

  for (gsize i = 0; i < length; i++)
    {
      ValiseSchemaNode *node;

      if (g_hash_table_contains (self->by_path, table[i].path))
        continue;
      node = strchr (table[i].path, '[') != NULL ? find_node (self, table[i].path) : NULL;
      if (node != NULL && is_leaf (node))
        add_from_node (self, node, &table[i]);
      else
        add_curated (self, &table[i]);
    }
}

/* --- search --- */

/* The words that it takes, and the one that must stand around it: "rbd" finds what only an rbd disk has. */
static char *
list_search_words (const ValiseKnobEntry *entry)
{
  GString *words = g_string_new (entry->knob.synonyms);

  for (guint i = 0; entry->words != NULL && entry->words[i] != NULL; i++)
    g_string_append_printf (words, " %s", entry->words[i]);
  for (guint i = 0; i < entry->situations->len; i++)
    {
      const ValiseKnobSituation *situation = entry->situations->pdata[i];

      for (guint j = 0; j < situation->conditions->len; j++)
        {
          const ValiseKnobCondition *condition = situation->conditions->pdata[j];

          if (condition->words->len == 1)
            g_string_append_printf (words, " %s", (const char *) condition->words->pdata[0]);
        }
    }
  return g_string_free (words, FALSE);
}

static void
add_to_index (ValiseKnobCatalogue *self, const ValiseKnobEntry *entry)
{
  g_autofree char *synonyms = list_search_words (entry);

  /* A label that is made of the path is no better a find than the path. */
  if (entry->is_curated)
    _valise_knob_index_add (self->index, entry->knob.path, valise_knob_get_label (&entry->knob), entry->knob.label,
                            synonyms, valise_knob_get_help (&entry->knob), FALSE);
  else
    _valise_knob_index_add (self->index, entry->knob.path, NULL, NULL, synonyms, entry->knob.label, TRUE);
}

/* --- loading --- */

static char *
read_file (const char *name, gsize *length, gpointer directory, GError **error)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);
  g_autoptr (GError) failure = NULL;
  char *text = NULL;

  if (!g_file_get_contents (path, &text, length, &failure))
    g_set_error (error, VALISE_KNOB_CATALOGUE_ERROR, VALISE_KNOB_CATALOGUE_ERROR_MISSING,
                 /* Translators: why, with the name of the file */
                 _ ("libvirt's schema cannot be read: %s. Install the package libvirt0 or libvirt-libs again."),
                 failure->message);
  return text;
}

static char *
find_directory (GError **error)
{
  const char *asked = g_getenv ("VALISE_SCHEMA_DIR");
  g_autofree char *file = _valise_schema_find ();

  if (file == NULL && asked == NULL)
    g_set_error (error, VALISE_KNOB_CATALOGUE_ERROR, VALISE_KNOB_CATALOGUE_ERROR_MISSING,
                 _ ("libvirt's schema is not there: no libvirt/schemas/%s in any data directory. Install the package "
                    "libvirt0 or libvirt-libs."),
                 FILE_NAME);
  return file != NULL ? g_path_get_dirname (file) : g_strdup (asked);
}

/* Takes the tree, which may be NULL. */
static ValiseKnobCatalogue *
catalogue_new_for_tree (ValiseSchemaTree *tree)
{
  ValiseKnobCatalogue *self = g_new0 (ValiseKnobCatalogue, 1);

  self->tree = tree;
  self->strings = g_string_chunk_new (65536);
  self->owned = g_ptr_array_new_with_free_func (g_free);
  self->entries = g_ptr_array_new_with_free_func (g_free);
  self->by_path = g_hash_table_new (g_str_hash, g_str_equal);
  self->no_situations = g_ptr_array_new ();
  self->pages = _valise_knob_pages_new ();
  self->index = _valise_knob_index_new ();
  if (tree != NULL)
    add_nodes (self, _valise_schema_tree_get_root (tree));
  add_table (self);
  for (guint i = 0; i < self->entries->len; i++)
    add_to_index (self, self->entries->pdata[i]);
  return self;
}

static void
load_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  valise_knob_catalogue_get_default ();
  g_task_return_boolean (task, TRUE);
}

/* --- public --- */

ValiseKnobCatalogue *
_valise_knob_catalogue_new_from (ValiseGrammarRead read, gpointer user_data, GError **error)
{
  ValiseGrammar *grammar = _valise_grammar_new (FILE_NAME, read, user_data, error);
  ValiseSchemaTree *tree = grammar != NULL ? _valise_schema_tree_new (grammar, "domain", error) : NULL;

  return tree != NULL ? catalogue_new_for_tree (tree) : NULL;
}

ValiseKnobCatalogue *
valise_knob_catalogue_new (const char *directory, GError **error)
{
  g_autofree char *found = directory == NULL ? find_directory (error) : g_strdup (directory);

  return found != NULL ? _valise_knob_catalogue_new_from (read_file, found, error) : NULL;
}

void
valise_knob_catalogue_free (ValiseKnobCatalogue *self)
{
  g_hash_table_unref (self->by_path);
  g_ptr_array_unref (self->entries);
  g_ptr_array_unref (self->owned);
  g_ptr_array_unref (self->no_situations);
  g_string_chunk_free (self->strings);
  _valise_knob_pages_free (self->pages);
  _valise_knob_index_free (self->index);
  g_clear_pointer (&self->tree, _valise_schema_tree_free);
  g_clear_error (&self->error);
  g_free (self);
}

ValiseKnobCatalogue *
valise_knob_catalogue_get_default (void)
{
  static gsize once = 0;
  static ValiseKnobCatalogue *self = NULL;

  if (g_once_init_enter (&once))
    {
      GError *error = NULL;

      self = valise_knob_catalogue_new (NULL, &error);
      if (self == NULL)
        self = catalogue_new_for_tree (NULL);
      self->error = error;
      g_once_init_leave (&once, 1);
    }
  return self;
}

void
valise_knob_catalogue_preload (void)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, NULL, NULL);

  g_task_set_source_tag (task, valise_knob_catalogue_preload);
  g_task_run_in_thread (task, load_in_thread);
}

const GError *
valise_knob_catalogue_get_error (ValiseKnobCatalogue *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->error;
}

const ValiseKnobEntry *
valise_knob_catalogue_lookup (ValiseKnobCatalogue *self, const char *path)
{
  const ValiseKnobEntry *entry;
  const ValiseKnob *curated;
  ValiseSchemaNode *node;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (path != NULL, NULL);

  entry = g_hash_table_lookup (self->by_path, path);
  if (entry != NULL)
    return entry;
  curated = valise_knob_lookup (path);
  if (curated != NULL)
    return g_hash_table_lookup (self->by_path, curated->path);
  node = find_node (self, path);
  return node != NULL ? g_hash_table_lookup (self->by_path, node->path) : NULL;
}

/* What may stand in the innermost element of @path that there is, when that is not simply all; else knobs that are
 * called like its end. */
static char *
propose (ValiseKnobCatalogue *self, const char *path)
{
  g_autoptr (GString) proposals = g_string_new (NULL);
  g_autofree char *words = g_path_get_basename (path);
  g_autofree char *element = g_path_get_dirname (path);
  g_autoptr (GPtrArray) names = valise_knob_catalogue_list_children (self, element);
  g_autoptr (GPtrArray) found = names->len == 0 ? valise_knob_catalogue_search (self, words + (*words == '@')) : NULL;

  for (guint i = 0; i < names->len && i < MOST_NAMES; i++)
    g_string_append_printf (proposals, "%s%s/%s", i > 0 ? ", " : "", element, (const char *) names->pdata[i]);
  for (guint i = 0; found != NULL && i < found->len && i < MOST_FOUND; i++)
    g_string_append_printf (proposals, "%s%s", i > 0 ? ", " : "",
                            ((const ValiseKnobEntry *) found->pdata[i])->knob.path);
  return proposals->len > 0 ? g_strdup (proposals->str) : NULL;
}

const ValiseKnobEntry *
valise_knob_catalogue_find (ValiseKnobCatalogue *self, const char *path, GError **error)
{
  const ValiseKnobEntry *entry;
  g_autofree char *shown = NULL;
  g_autofree char *proposals = NULL;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (path != NULL, NULL);

  entry = valise_knob_catalogue_lookup (self, path);
  if (entry != NULL)
    return entry;
  shown = valise_text_for_display (path, LONGEST_PATH);
  proposals = propose (self, path);
  if (proposals != NULL)
    /* Translators: what somebody typed, and knobs that are near it */
    g_set_error (error, VALISE_KNOB_CATALOGUE_ERROR, VALISE_KNOB_CATALOGUE_ERROR_UNKNOWN,
                 _ ("libvirt has no knob “%s”. There is %s."), shown, proposals);
  else
    g_set_error (error, VALISE_KNOB_CATALOGUE_ERROR, VALISE_KNOB_CATALOGUE_ERROR_UNKNOWN,
                 _ ("libvirt has no knob “%s”. “valisectl knobs --search WORDS” finds them."), shown);
  return NULL;
}

gboolean
valise_knob_catalogue_has_element (ValiseKnobCatalogue *self, const char *path)
{
  ValiseSchemaNode *node;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (path != NULL, FALSE);

  node = find_node (self, path);
  return node != NULL && !is_attribute (node);
}

gboolean
valise_knob_catalogue_may_repeat (ValiseKnobCatalogue *self, const char *path)
{
  ValiseSchemaNode *node;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (path != NULL, FALSE);

  node = find_node (self, path);
  return node != NULL && node->repeated;
}

static gboolean
is_below (const char *path, const char *element, gsize length)
{
  return length == 0
         || (strncmp (path, element, length) == 0
             && (path[length] == '\0' || path[length] == '/' || path[length] == '['));
}

GPtrArray *
valise_knob_catalogue_list_below (ValiseKnobCatalogue *self, const char *path)
{
  GPtrArray *found = g_ptr_array_new ();
  gsize length = path != NULL ? strlen (path) : 0;

  g_return_val_if_fail (self != NULL, found);

  for (guint i = 0; i < self->entries->len; i++)
    if (is_below (((const ValiseKnobEntry *) self->entries->pdata[i])->knob.path, path, length))
      g_ptr_array_add (found, self->entries->pdata[i]);
  return found;
}

GPtrArray *
valise_knob_catalogue_list_children (ValiseKnobCatalogue *self, const char *path)
{
  GPtrArray *names = g_ptr_array_new ();
  const ValiseSchemaNode *node;

  g_return_val_if_fail (self != NULL, names);
  g_return_val_if_fail (path != NULL, names);

  node = find_node (self, path);
  if (node != NULL && node->children->len == 0 && node->same_as != NULL)
    node = node->same_as;
  for (guint i = 0; node != NULL && i < node->children->len; i++)
    g_ptr_array_add (names, (gpointer) ((const ValiseSchemaNode *) node->children->pdata[i])->name);
  return names;
}

GPtrArray *
valise_knob_catalogue_list_pages (ValiseKnobCatalogue *self)
{
  GPtrArray *pages = g_ptr_array_new ();

  g_return_val_if_fail (self != NULL, pages);

  for (guint i = 0; i < self->entries->len; i++)
    {
      const char *page = ((const ValiseKnobEntry *) self->entries->pdata[i])->knob.page;

      if (!g_ptr_array_find_with_equal_func (pages, page, g_str_equal, NULL))
        g_ptr_array_add (pages, (gpointer) page);
    }
  return pages;
}

GPtrArray *
valise_knob_catalogue_list_page (ValiseKnobCatalogue *self, const char *page)
{
  GPtrArray *found = g_ptr_array_new ();

  g_return_val_if_fail (self != NULL, found);
  g_return_val_if_fail (page != NULL, found);

  for (guint i = 0; i < self->entries->len; i++)
    if (g_str_equal (((const ValiseKnobEntry *) self->entries->pdata[i])->knob.page, page))
      g_ptr_array_add (found, self->entries->pdata[i]);
  return found;
}

GPtrArray *
valise_knob_catalogue_search (ValiseKnobCatalogue *self, const char *words)
{
  g_autoptr (GArray) numbers = NULL;
  GPtrArray *found = g_ptr_array_new ();

  g_return_val_if_fail (self != NULL, found);

  numbers = _valise_knob_index_search (self->index, words);
  for (guint i = 0; i < numbers->len; i++)
    g_ptr_array_add (found, self->entries->pdata[g_array_index (numbers, guint, i)]);
  return found;
}
