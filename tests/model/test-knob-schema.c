/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walks the installed libvirt's RELAX NG schema: the knob table names nothing that is not in it, and knows all words that it lists. */
#include "model/valise-knob.h"

#include <libxml/parser.h>
#include <libxml/tree.h>

#include "model/valise-schema-private.h"

typedef struct
{
  char *directory;
  GPtrArray *files;    /* xmlDoc */
  GHashTable *defines; /* name -> GPtrArray of xmlNode */
  xmlNode *start;
} Schema;

static gboolean
is (xmlNode *node, const char *name)
{
  return node->type == XML_ELEMENT_NODE && xmlStrEqual (node->name, BAD_CAST name);
}

static char *
attribute (xmlNode *node, const char *name)
{
  xmlChar *value = xmlGetNoNsProp (node, BAD_CAST name);
  char *copy = g_strdup ((const char *) value);

  xmlFree (value);
  return copy;
}

static void load_file (Schema *self, const char *name);

static void
add_define (Schema *self, xmlNode *node, gboolean replace)
{
  char *name = attribute (node, "name");
  GPtrArray *all = replace ? NULL : g_hash_table_lookup (self->defines, name);

  if (all == NULL)
    g_hash_table_insert (self->defines, g_strdup (name), all = g_ptr_array_new ());
  g_ptr_array_add (all, node);
  g_free (name);
}

static void
load_grammar (Schema *self, xmlNode *grammar)
{
  for (xmlNode *child = grammar->children; child != NULL; child = child->next)
    if (is (child, "include"))
      {
        g_autofree char *href = attribute (child, "href");

        load_file (self, href);
        for (xmlNode *define = child->children; define != NULL; define = define->next)
          if (is (define, "define"))
            add_define (self, define, TRUE);
      }
    else if (is (child, "define"))
      add_define (self, child, FALSE);
    else if (is (child, "start"))
      self->start = child;
}

static void
load_file (Schema *self, const char *name)
{
  g_autofree char *path = g_build_filename (self->directory, name, NULL);
  xmlDoc *doc = xmlReadFile (path, NULL, XML_PARSE_NONET);

  g_assert_nonnull (doc);
  g_ptr_array_add (self->files, doc);
  load_grammar (self, xmlDocGetRootElement (doc));
}

/* Everything that may stand directly in @pattern: elements, attributes and values, all references followed. */
static void
collect_content (Schema *self, xmlNode *pattern, GHashTable *followed, GPtrArray *content)
{
  for (xmlNode *child = pattern->children; child != NULL; child = child->next)
    {
      if (is (child, "element") || is (child, "attribute") || is (child, "value") || is (child, "data")
          || is (child, "text"))
        g_ptr_array_add (content, child);
      else if (is (child, "ref"))
        {
          char *name = attribute (child, "name");
          GPtrArray *defines = g_hash_table_lookup (self->defines, name);

          if (!g_hash_table_add (followed, name))
            continue;
          for (guint i = 0; defines != NULL && i < defines->len; i++)
            collect_content (self, defines->pdata[i], followed, content);
        }
      else if (child->type == XML_ELEMENT_NODE)
        collect_content (self, child, followed, content);
    }
}

static GPtrArray *
content_of (Schema *self, GPtrArray *patterns)
{
  GPtrArray *content = g_ptr_array_new ();

  for (guint i = 0; i < patterns->len; i++)
    {
      g_autoptr (GHashTable) followed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

      collect_content (self, patterns->pdata[i], followed, content);
    }
  return content;
}

static gboolean
has_name (xmlNode *pattern, const char *wanted)
{
  g_autofree char *name = attribute (pattern, "name");
  gboolean found = g_strcmp0 (name, wanted) == 0;

  for (xmlNode *child = pattern->children; name == NULL && child != NULL && !found; child = child->next)
    {
      xmlChar *text = is (child, "name") ? xmlNodeGetContent (child) : NULL;

      found = text != NULL && g_str_equal (text, wanted);
      found = found || (is (child, "choice") && has_name (child, wanted));
      xmlFree (text);
    }
  return found;
}

/* The patterns that @step ("disk", "@cache") leads to from @patterns. */
static GPtrArray *
follow (Schema *self, GPtrArray *patterns, const char *step)
{
  g_autoptr (GPtrArray) content = content_of (self, patterns);
  GPtrArray *found = g_ptr_array_new ();
  const char *kind = *step == '@' ? "attribute" : "element";

  for (guint i = 0; i < content->len; i++)
    if (is (content->pdata[i], kind) && has_name (content->pdata[i], *step == '@' ? step + 1 : step))
      g_ptr_array_add (found, content->pdata[i]);
  return found;
}

/* The patterns of a knob, none when there is no such knob. */
static GPtrArray *
find_knob (Schema *self, const char *path)
{
  g_auto (GStrv) steps = g_strsplit (path, "/", -1);
  GPtrArray *patterns = g_ptr_array_new ();

  g_ptr_array_add (patterns, self->start);
  for (int i = -1; i < 0 || steps[i] != NULL; i++)
    {
      g_autofree char *step = i < 0 ? g_strdup ("domain") : g_strndup (steps[i], strcspn (steps[i], "["));
      GPtrArray *next = follow (self, patterns, step);

      g_ptr_array_unref (patterns);
      patterns = next;
    }
  return patterns;
}

/* The words that the schema lists for a knob; @free_form says that it takes others too. */
static GHashTable *
list_words (Schema *self, GPtrArray *patterns, gboolean *free_form)
{
  GHashTable *words = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) content = content_of (self, patterns);

  *free_form = content->len == 0;
  for (guint i = 0; i < content->len; i++)
    if (is (content->pdata[i], "value"))
      {
        xmlChar *text = xmlNodeGetContent (content->pdata[i]);

        g_hash_table_add (words, g_strdup ((const char *) text));
        xmlFree (text);
      }
    else if (is (content->pdata[i], "data") || is (content->pdata[i], "text"))
      *free_form = TRUE;
  return words;
}

static void
schema_free (Schema *self)
{
  g_free (self->directory);
  g_ptr_array_unref (self->files);
  g_hash_table_unref (self->defines);
  g_free (self);
}

static Schema *
schema_load (void)
{
  Schema *self = g_new0 (Schema, 1);
  g_autofree char *file = _valise_schema_find ();

  if (file == NULL)
    {
      g_free (self);
      return NULL;
    }
  self->directory = g_path_get_dirname (file);
  self->files = g_ptr_array_new_with_free_func ((GDestroyNotify) xmlFreeDoc);
  self->defines = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  load_file (self, "domain.rng");
  return self;
}

static void
with_schema (gconstpointer data)
{
  void (*test) (Schema *) = data;
  Schema *schema = schema_load ();

  if (schema == NULL)
    {
      g_test_skip ("libvirt's schema is not installed (package libvirt0)");
      return;
    }
  test (schema);
  schema_free (schema);
}

static gboolean
is_ours (const ValiseKnob *knob)
{
  return g_str_has_prefix (knob->path, "metadata/");
}

static void
test_exists (Schema *schema)
{
  gsize length;
  const ValiseKnob *table = valise_knob_table (&length);
  g_autoptr (GPtrArray) invented = find_knob (schema, "devices/disk/driver/@cash");

  g_assert_cmpuint (invented->len, ==, 0);
  for (gsize i = 0; i < length; i++)
    {
      g_autoptr (GPtrArray) found = is_ours (&table[i]) ? NULL : find_knob (schema, table[i].path);

      if (found != NULL && found->len == 0)
        g_error ("libvirt knows no %s", table[i].path);
    }
}

static void
check_choices (const ValiseKnob *knob, GHashTable *words, gboolean free_form)
{
  g_autoptr (GHashTable) ours = g_hash_table_new (g_str_hash, g_str_equal);
  GHashTableIter iter;
  gpointer word;

  for (const ValiseKnobChoice *choice = knob->choices; choice->value != NULL; choice++)
    {
      g_hash_table_add (ours, (gpointer) choice->value);
      if (!free_form && !g_hash_table_contains (words, choice->value))
        g_error ("%s cannot be %s", knob->path, choice->value);
    }
  if (free_form && !knob->open)
    g_error ("%s takes free text, so its choices have to be open", knob->path);
  g_hash_table_iter_init (&iter, words);
  while (!knob->open && g_hash_table_iter_next (&iter, &word, NULL))
    if (!g_hash_table_contains (ours, word))
      g_error ("%s can be %s too", knob->path, (const char *) word);
}

static void
test_choices (Schema *schema)
{
  gsize length;
  const ValiseKnob *table = valise_knob_table (&length);

  for (gsize i = 0; i < length; i++)
    {
      g_autoptr (GPtrArray) found = NULL;
      g_autoptr (GHashTable) words = NULL;
      gboolean free_form;

      if (is_ours (&table[i]) || table[i].choices == NULL)
        continue;
      found = find_knob (schema, table[i].path);
      words = list_words (schema, found, &free_form);
      check_choices (&table[i], words, free_form);
    }
}

static void
expect_words (const ValiseKnob *knob, GHashTable *words, const char *yes, const char *no)
{
  if (g_hash_table_size (words) != 2 || !g_hash_table_contains (words, yes) || !g_hash_table_contains (words, no))
    g_error ("%s is no %s/%s", knob->path, yes, no);
}

static void
check_kind (const ValiseKnob *knob, GHashTable *words, gboolean free_form)
{
  const char *leaf = strrchr (knob->path, '/');
  gboolean is_attribute = (leaf != NULL ? leaf[1] : knob->path[0]) == '@';

  if (knob->kind == VALISE_KNOB_YES_NO)
    expect_words (knob, words, "yes", "no");
  else if (knob->kind == VALISE_KNOB_ON_OFF)
    expect_words (knob, words, "on", "off");
  else if (knob->kind == VALISE_KNOB_PRESENCE && is_attribute)
    g_error ("%s: only elements are there or not", knob->path);
  else if ((knob->kind == VALISE_KNOB_NUMBER || knob->kind == VALISE_KNOB_SIZE) && !free_form)
    g_error ("%s is no number", knob->path);
}

static void
test_kinds (Schema *schema)
{
  gsize length;
  const ValiseKnob *table = valise_knob_table (&length);

  for (gsize i = 0; i < length; i++)
    {
      g_autoptr (GPtrArray) found = NULL;
      g_autoptr (GHashTable) words = NULL;
      gboolean free_form;

      if (is_ours (&table[i]))
        continue;
      found = find_knob (schema, table[i].path);
      words = list_words (schema, found, &free_form);
      check_kind (&table[i], words, free_form);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/model/knob-schema/exists", test_exists, with_schema);
  g_test_add_data_func ("/model/knob-schema/choices", test_choices, with_schema);
  g_test_add_data_func ("/model/knob-schema/kinds", test_kinds, with_schema);
  return g_test_run ();
}
