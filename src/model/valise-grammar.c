/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-grammar-files-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-xml.h"
#include "model/valise-knob-catalogue.h"
#include "model/valise-node-private.h"

/* libvirt's has some six thousand patterns in nine files. */
#define MOST_PATTERNS 200000
#define MOST_FILES 256

static void
pattern_free (gpointer data)
{
  ValisePattern *self = data;

  g_clear_pointer (&self->parts, g_ptr_array_unref);
  g_clear_pointer (&self->names, g_ptr_array_unref);
  g_clear_pointer (&self->except, g_ptr_array_unref);
  g_clear_pointer (&self->regexes, g_ptr_array_unref);
  g_free (self);
}

static void
scope_free (gpointer data)
{
  ValiseGrammarScope *self = data;

  g_hash_table_unref (self->definitions);
  g_free (self);
}

/* --- store --- */

ValisePattern *
_valise_grammar_add (ValiseGrammar *self, ValisePatternKind kind)
{
  ValisePattern *pattern = g_new0 (ValisePattern, 1);

  pattern->kind = kind;
  g_ptr_array_add (self->patterns, pattern);
  return pattern;
}

const char *
_valise_grammar_keep (ValiseGrammar *self, const char *text)
{
  return g_string_chunk_insert_const (self->strings, text);
}

ValiseDefinition *
_valise_grammar_define (ValiseGrammar *self, ValiseGrammarScope *scope, const char *name)
{
  ValiseDefinition *definition = g_hash_table_lookup (scope->definitions, name);

  if (definition != NULL)
    return definition;
  definition = g_new0 (ValiseDefinition, 1);
  definition->name = _valise_grammar_keep (self, name);
  g_ptr_array_add (self->definitions, definition);
  g_hash_table_insert (scope->definitions, (gpointer) definition->name, definition);
  return definition;
}

ValiseGrammarScope *
_valise_grammar_add_scope (ValiseGrammar *self, ValiseGrammarScope *outer)
{
  ValiseGrammarScope *scope = g_new0 (ValiseGrammarScope, 1);

  scope->outer = outer;
  scope->definitions = g_hash_table_new (g_str_hash, g_str_equal);
  g_ptr_array_add (self->scopes, scope);
  return scope;
}

gboolean
_valise_grammar_refuse (const ValiseGrammarFile *file, xmlNode *node, GError **error, const char *format, ...)
{
  g_autofree char *why = NULL;
  va_list arguments;

  va_start (arguments, format);
  why = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, VALISE_KNOB_CATALOGUE_ERROR, VALISE_KNOB_CATALOGUE_ERROR_SCHEMA,
               /* Translators: a file of libvirt's, a line in it, and what is wrong there */
               _ ("libvirt's schema %s, line %ld: %s Install libvirt again."), file->name, xmlGetLineNo (node), why);
  return FALSE;
}

/* --- definitions --- */

static gboolean
is_overridden (const ValiseGrammarOverride *override, const char *name)
{
  for (; override != NULL; override = override->outer)
    if (g_hash_table_contains (override->names, name))
      return TRUE;
  return FALSE;
}

/* Two definitions of one name are one choice or one interleave, as either of them says; RELAX NG forbids that neither
 * does. */
static void
combine (ValiseGrammar *self, ValiseDefinition *definition, ValisePattern *more, gboolean as_choice)
{
  ValisePattern *both;

  if (definition->pattern == NULL)
    {
      definition->pattern = more;
      return;
    }
  both = _valise_grammar_add (self, as_choice ? VALISE_PATTERN_CHOICE : VALISE_PATTERN_GROUP);
  both->parts = g_ptr_array_sized_new (2);
  g_ptr_array_add (both->parts, definition->pattern);
  g_ptr_array_add (both->parts, more);
  definition->pattern = both;
}

/* "(start)" for <start>, the name of a <define>, or NULL. */
static char *
defined_name (xmlNode *node)
{
  if (_valise_pattern_is_rng (node, "start"))
    return g_strdup (VALISE_GRAMMAR_START);
  return _valise_pattern_is_rng (node, "define") ? _valise_node_get (node, "name") : NULL;
}

static gboolean
read_definition (const ValiseGrammarFile *file, xmlNode *node, const char *name, GError **error)
{
  ValisePattern *pattern;

  if (is_overridden (file->override, name))
    return TRUE;
  pattern = _valise_pattern_read_parts (file, node, error);
  if (pattern == NULL)
    return FALSE;
  combine (file->grammar, _valise_grammar_define (file->grammar, file->scope, name), pattern,
           _valise_node_is_set_to (node, "combine", "choice"));
  return TRUE;
}

/* --- files --- */

static gboolean
is_being_read (const ValiseGrammarFile *file, const char *name)
{
  for (; file != NULL; file = file->from)
    if (g_str_equal (file->name, name))
      return TRUE;
  return FALSE;
}

/* The file that @node names, seen from the one it stands in; a schema has no business outside its own directory. */
static char *
find_file (const ValiseGrammarFile *file, xmlNode *node, GError **error)
{
  g_autofree char *href = _valise_node_get (node, "href");
  g_autofree char *directory = g_path_get_dirname (file->name);
  g_autofree char *name = NULL;

  if (href == NULL || *href == '\0' || *href == '/' || strstr (href, "..") != NULL || strchr (href, ':') != NULL)
    {
      _valise_grammar_refuse (file, node, error, _ ("It names no file beside it."));
      return NULL;
    }
  name = g_str_equal (directory, ".") ? g_strdup (href) : g_build_filename (directory, href, NULL);
  if (is_being_read (file, name) || file->grammar->n_files >= MOST_FILES)
    {
      _valise_grammar_refuse (file, node, error, _ ("It includes itself."));
      return NULL;
    }
  return g_steal_pointer (&name);
}

static xmlDoc *
parse_file (ValiseGrammar *self, const char *name, GError **error)
{
  gsize length = 0;
  g_autofree char *text = self->read (name, &length, self->user_data, error);

  self->n_files++;
  return text != NULL ? valise_xml_parse (text, (gssize) length, name, error) : NULL;
}

static void
collect_names (xmlNode *body, GHashTable *names)
{
  for (xmlNode *child = xmlFirstElementChild (body); child != NULL; child = xmlNextElementSibling (child))
    {
      char *name = defined_name (child);

      if (name != NULL)
        g_hash_table_add (names, name);
      else if (_valise_pattern_is_rng (child, "div"))
        collect_names (child, names);
    }
}

static gboolean
read_include (const ValiseGrammarFile *file, xmlNode *node, GError **error)
{
  g_autofree char *name = find_file (file, node, error);
  g_autoptr (xmlDoc) doc = name != NULL ? parse_file (file->grammar, name, error) : NULL;
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  const ValiseGrammarOverride override = { file->override, names };
  const ValiseGrammarFile included = { file->grammar, file, name, file->scope, &override };
  xmlNode *root = doc != NULL ? xmlDocGetRootElement (doc) : NULL;

  if (root == NULL)
    return FALSE;
  if (!_valise_pattern_is_rng (root, "grammar"))
    return _valise_grammar_refuse (&included, root, error, _ ("It is no RELAX NG grammar."));
  collect_names (node, names);
  return _valise_grammar_read_body (&included, root, error) && _valise_grammar_read_body (file, node, error);
}

gboolean
_valise_grammar_read_body (const ValiseGrammarFile *file, xmlNode *body, GError **error)
{
  for (xmlNode *child = xmlFirstElementChild (body); child != NULL; child = xmlNextElementSibling (child))
    {
      g_autofree char *name = defined_name (child);
      gboolean read = TRUE;

      if (file->grammar->patterns->len > MOST_PATTERNS)
        return _valise_grammar_refuse (file, child, error, _ ("It is larger than any schema of libvirt."));
      if (name != NULL)
        read = read_definition (file, child, name, error);
      else if (_valise_pattern_is_rng (child, "include"))
        read = read_include (file, child, error);
      else if (_valise_pattern_is_rng (child, "div"))
        read = _valise_grammar_read_body (file, child, error);
      if (!read)
        return FALSE;
    }
  return TRUE;
}

ValisePattern *
_valise_grammar_read_external (const ValiseGrammarFile *file, xmlNode *node, GError **error)
{
  g_autofree char *name = find_file (file, node, error);
  g_autoptr (xmlDoc) doc = name != NULL ? parse_file (file->grammar, name, error) : NULL;
  const ValiseGrammarFile external = { file->grammar, file, name, _valise_grammar_add_scope (file->grammar, NULL),
                                       NULL };
  ValisePattern *pattern = NULL;

  if (doc != NULL)
    pattern = _valise_pattern_read (&external, xmlDocGetRootElement (doc), error);
  return pattern;
}

/* --- public --- */

ValiseGrammar *
_valise_grammar_new (const char *name, ValiseGrammarRead read, gpointer user_data, GError **error)
{
  g_autoptr (ValiseGrammar) self = g_new0 (ValiseGrammar, 1);
  g_autoptr (xmlDoc) doc = NULL;
  ValiseGrammarFile file = { self, NULL, name, NULL, NULL };

  self->read = read;
  self->user_data = user_data;
  self->strings = g_string_chunk_new (16384);
  self->patterns = g_ptr_array_new_with_free_func (pattern_free);
  self->definitions = g_ptr_array_new_with_free_func (g_free);
  self->scopes = g_ptr_array_new_with_free_func (scope_free);
  file.scope = _valise_grammar_add_scope (self, NULL);
  doc = parse_file (self, name, error);
  if (doc == NULL)
    return NULL;
  self->start = _valise_pattern_read (&file, xmlDocGetRootElement (doc), error);
  return self->start != NULL ? g_steal_pointer (&self) : NULL;
}

void
_valise_grammar_free (ValiseGrammar *self)
{
  g_ptr_array_unref (self->patterns);
  g_ptr_array_unref (self->definitions);
  g_ptr_array_unref (self->scopes);
  g_string_chunk_free (self->strings);
  g_free (self);
}

const ValisePattern *
_valise_grammar_get_start (ValiseGrammar *self)
{
  return self->start;
}
