/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-grammar-files-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-xml.h"
#include "bundle/valise-document.h"
#include "model/valise-node-private.h"

#define RNG_NAMESPACE "http://relaxng.org/ns/structure/1.0"
#define LIBVIRT_NAMESPACES "http://libvirt.org/schemas/domain/"
#define ANY_NAME "*"
/* References inside references; libvirt has six. */
#define DEEPEST 256

/* Patterns that are nothing but their parts. */
static const struct
{
  const char *name;
  ValisePatternKind kind;
} CONTAINERS[] = {
  { "group", VALISE_PATTERN_GROUP },           { "interleave", VALISE_PATTERN_GROUP },
  { "mixed", VALISE_PATTERN_GROUP },           { "choice", VALISE_PATTERN_CHOICE },
  { "optional", VALISE_PATTERN_OPTIONAL },     { "zeroOrMore", VALISE_PATTERN_ZERO_OR_MORE },
  { "oneOrMore", VALISE_PATTERN_ONE_OR_MORE }, { "list", VALISE_PATTERN_LIST },
};

static const struct
{
  const char *name;
  gint64 minimum, maximum;
} NUMBERS[] = {
  { "byte", G_MININT8, G_MAXINT8 },        { "short", G_MININT16, G_MAXINT16 },   { "int", G_MININT32, G_MAXINT32 },
  { "long", G_MININT64, G_MAXINT64 },      { "integer", G_MININT64, G_MAXINT64 }, { "unsignedByte", 0, G_MAXUINT8 },
  { "unsignedShort", 0, G_MAXUINT16 },     { "unsignedInt", 0, G_MAXUINT32 },     { "unsignedLong", 0, G_MAXINT64 },
  { "nonNegativeInteger", 0, G_MAXINT64 }, { "positiveInteger", 1, G_MAXINT64 },  { "negativeInteger", G_MININT64, -1 },
  { "nonPositiveInteger", G_MININT64, 0 },
};

gboolean
_valise_pattern_is_rng (xmlNode *node, const char *name)
{
  return node->type == XML_ELEMENT_NODE && node->ns != NULL && g_str_equal (node->ns->href, RNG_NAMESPACE)
         && g_str_equal (node->name, name);
}

static gboolean
is_any_rng (xmlNode *node)
{
  return node->ns != NULL && g_str_equal (node->ns->href, RNG_NAMESPACE);
}

/* --- names --- */

/* The prefix by which knob paths call a namespace: libvirt's extensions by the name that libvirt gives them. */
static char *
prefix_of (const char *uri)
{
  if (g_str_equal (uri, VALISE_METADATA_NAMESPACE))
    return g_strdup ("valise");
  if (!g_str_has_prefix (uri, LIBVIRT_NAMESPACES))
    return g_strdup_printf ("{%s}", uri);
  uri += strlen (LIBVIRT_NAMESPACES);
  return g_strndup (uri, strcspn (uri, "/"));
}

static char *
inherited_namespace (xmlNode *node)
{
  for (; node != NULL && node->type == XML_ELEMENT_NODE; node = node->parent)
    {
      char *ns = _valise_node_get (node, "ns");

      if (ns != NULL)
        return ns;
    }
  return g_strdup ("");
}

/* @written may have a prefix of the grammar's own. Takes @ns. */
static const char *
qualify (const ValiseGrammarFile *file, xmlNode *node, char *ns, const char *written)
{
  g_autofree char *uri = ns;
  const char *colon = strchr (written, ':');
  g_autofree char *own_prefix = colon != NULL ? g_strndup (written, (gsize) (colon - written)) : NULL;
  xmlNs *declared = own_prefix != NULL ? xmlSearchNs (node->doc, node, BAD_CAST own_prefix) : NULL;
  g_autofree char *prefix = NULL;
  g_autofree char *full = NULL;

  if (declared != NULL)
    {
      g_free (uri);
      uri = g_strdup ((const char *) declared->href);
      written = colon + 1;
    }
  if (uri == NULL || *uri == '\0')
    return _valise_grammar_keep (file->grammar, written);
  prefix = prefix_of (uri);
  full = g_strdup_printf ("%s:%s", prefix, written);
  return _valise_grammar_keep (file->grammar, full);
}

static void read_except (const ValiseGrammarFile *file, xmlNode *node, GPtrArray **names);

static gboolean
is_name_class (xmlNode *node)
{
  return _valise_pattern_is_rng (node, "name") || _valise_pattern_is_rng (node, "anyName")
         || _valise_pattern_is_rng (node, "nsName");
}

/* Adds the names that @node stands for; %FALSE when it is no name class. A <choice> is one when it begins with one. */
static gboolean
read_name_class (const ValiseGrammarFile *file, xmlNode *node, GPtrArray *names, GPtrArray **except)
{
  if (_valise_pattern_is_rng (node, "name"))
    {
      g_autofree char *text = _valise_node_text (node);

      g_ptr_array_add (names, (gpointer) qualify (file, node, inherited_namespace (node), text));
      return TRUE;
    }
  if (_valise_pattern_is_rng (node, "anyName") || _valise_pattern_is_rng (node, "nsName"))
    {
      char *ns = _valise_pattern_is_rng (node, "nsName") ? inherited_namespace (node) : NULL;

      g_ptr_array_add (names, (gpointer) qualify (file, node, ns, ANY_NAME));
      read_except (file, node, except);
      return TRUE;
    }
  if (!_valise_pattern_is_rng (node, "choice") || xmlFirstElementChild (node) == NULL
      || !(is_name_class (xmlFirstElementChild (node))
           || _valise_pattern_is_rng (xmlFirstElementChild (node), "choice")))
    return FALSE;
  for (xmlNode *child = xmlFirstElementChild (node); child != NULL; child = xmlNextElementSibling (child))
    if (!read_name_class (file, child, names, except))
      return FALSE;
  return TRUE;
}

/* The names that @node, any name of a kind, does not stand for. */
static void
read_except (const ValiseGrammarFile *file, xmlNode *node, GPtrArray **names)
{
  g_autoptr (GPtrArray) twice = NULL;

  for (xmlNode *except = xmlFirstElementChild (node); except != NULL; except = xmlNextElementSibling (except))
    {
      if (*names == NULL)
        *names = g_ptr_array_new ();
      for (xmlNode *child = xmlFirstElementChild (except); child != NULL; child = xmlNextElementSibling (child))
        read_name_class (file, child, *names, &twice);
    }
}

static ValisePattern *
read_named (const ValiseGrammarFile *file, xmlNode *node, ValisePatternKind kind, GError **error)
{
  ValisePattern *self = _valise_grammar_add (file->grammar, kind);
  g_autofree char *name = _valise_node_get (node, "name");
  ValisePattern *content;

  self->names = g_ptr_array_new ();
  if (name != NULL)
    {
      char *ns = kind == VALISE_PATTERN_ELEMENT ? inherited_namespace (node) : _valise_node_get (node, "ns");

      g_ptr_array_add (self->names, (gpointer) qualify (file, node, ns, g_strstrip (name)));
    }
  else if (xmlFirstElementChild (node) == NULL
           || !read_name_class (file, xmlFirstElementChild (node), self->names, &self->except))
    {
      _valise_grammar_refuse (file, node, error, _ ("An element or attribute has no name."));
      return NULL;
    }
  content = _valise_pattern_read_parts (file, node, error);
  if (content == NULL)
    return NULL;
  self->parts = g_ptr_array_sized_new (1);
  g_ptr_array_add (self->parts, content);
  return self;
}

/* --- values --- */

static void
read_param (const ValiseGrammarFile *file, ValisePattern *self, xmlNode *node)
{
  g_autofree char *name = _valise_node_get (node, "name");
  g_autofree char *text = _valise_node_text (node);
  gint64 number = 0;
  gboolean is_number = g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, &number, NULL);

  if (g_strcmp0 (name, "pattern") == 0)
    {
      if (self->regexes == NULL)
        self->regexes = g_ptr_array_new ();
      g_ptr_array_add (self->regexes, (gpointer) _valise_grammar_keep (file->grammar, text));
    }
  else if (!is_number)
    return;
  else if (g_strcmp0 (name, "minInclusive") == 0)
    self->minimum = MAX (self->minimum, number);
  else if (g_strcmp0 (name, "maxInclusive") == 0)
    self->maximum = MIN (self->maximum, number);
  else if (g_strcmp0 (name, "minExclusive") == 0 && number < G_MAXINT64)
    self->minimum = MAX (self->minimum, number + 1);
  else if (g_strcmp0 (name, "maxExclusive") == 0 && number > G_MININT64)
    self->maximum = MIN (self->maximum, number - 1);
  else if (g_strcmp0 (name, "maxLength") == 0 || g_strcmp0 (name, "length") == 0)
    self->longest = (guint) CLAMP (number, 0, G_MAXINT32);
}

/* The words of <except>, of which those count that are written out. */
static void
read_excepted_words (const ValiseGrammarFile *file, xmlNode *node, GPtrArray **words)
{
  for (xmlNode *child = xmlFirstElementChild (node); child != NULL; child = xmlNextElementSibling (child))
    if (_valise_pattern_is_rng (child, "choice"))
      read_excepted_words (file, child, words);
    else if (_valise_pattern_is_rng (child, "value"))
      {
        g_autofree char *text = _valise_node_text (child);

        if (*words == NULL)
          *words = g_ptr_array_new ();
        g_ptr_array_add (*words, (gpointer) _valise_grammar_keep (file->grammar, text));
      }
}

static ValisePattern *
read_data (const ValiseGrammarFile *file, xmlNode *node)
{
  ValisePattern *self = _valise_grammar_add (file->grammar, VALISE_PATTERN_DATA);
  g_autofree char *type = _valise_node_get (node, "type");

  self->text = _valise_grammar_keep (file->grammar, type != NULL ? type : "string");
  self->minimum = G_MININT64;
  self->maximum = G_MAXINT64;
  for (guint i = 0; i < G_N_ELEMENTS (NUMBERS); i++)
    if (g_str_equal (NUMBERS[i].name, self->text))
      {
        self->is_number = TRUE;
        self->minimum = NUMBERS[i].minimum;
        self->maximum = NUMBERS[i].maximum;
      }
  for (xmlNode *child = xmlFirstElementChild (node); child != NULL; child = xmlNextElementSibling (child))
    if (_valise_pattern_is_rng (child, "param"))
      read_param (file, self, child);
    else if (_valise_pattern_is_rng (child, "except"))
      read_excepted_words (file, child, &self->except);
  return self;
}

static ValisePattern *
read_value (const ValiseGrammarFile *file, xmlNode *node)
{
  ValisePattern *self = _valise_grammar_add (file->grammar, VALISE_PATTERN_VALUE);
  g_autofree char *text = _valise_node_text (node);

  self->text = _valise_grammar_keep (file->grammar, text);
  return self;
}

/* --- structure --- */

static ValisePattern *
read_reference (const ValiseGrammarFile *file, xmlNode *node, GError **error)
{
  ValiseGrammarScope *scope = _valise_pattern_is_rng (node, "parentRef") ? file->scope->outer : file->scope;
  g_autofree char *name = _valise_node_get (node, "name");
  ValisePattern *self;

  if (scope == NULL || name == NULL)
    {
      _valise_grammar_refuse (file, node, error, _ ("A reference leads nowhere."));
      return NULL;
    }
  self = _valise_grammar_add (file->grammar, VALISE_PATTERN_REF);
  self->definition = _valise_grammar_define (file->grammar, scope, g_strstrip (name));
  return self;
}

/* A grammar is what it starts with. */
static ValisePattern *
read_grammar (const ValiseGrammarFile *file, xmlNode *node, gboolean outermost, GError **error)
{
  ValiseGrammarFile inner = *file;
  ValisePattern *self;

  if (!outermost)
    inner.scope = _valise_grammar_add_scope (file->grammar, file->scope);
  inner.override = NULL;
  if (!_valise_grammar_read_body (&inner, node, error))
    return NULL;
  self = _valise_grammar_add (file->grammar, VALISE_PATTERN_REF);
  self->definition = _valise_grammar_define (file->grammar, inner.scope, VALISE_GRAMMAR_START);
  return self;
}

/* Adds what @node's children are, after those that are its name. */
static gboolean
read_children (const ValiseGrammarFile *file, xmlNode *node, xmlNode *child, GPtrArray *parts, GError **error)
{
  for (; child != NULL; child = xmlNextElementSibling (child))
    {
      ValisePattern *part;

      if (!is_any_rng (child))
        continue;
      part = _valise_pattern_read (file, child, error);
      if (part == NULL)
        return FALSE;
      g_ptr_array_add (parts, part);
    }
  return TRUE;
}

static ValisePattern *
read_container (const ValiseGrammarFile *file, xmlNode *node, ValisePatternKind kind, GError **error)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();
  ValisePattern *self;

  if (!read_children (file, node, xmlFirstElementChild (node), parts, error))
    return NULL;
  if (_valise_pattern_is_rng (node, "mixed"))
    g_ptr_array_add (parts, _valise_grammar_add (file->grammar, VALISE_PATTERN_TEXT));
  self = _valise_grammar_add (file->grammar, kind);
  self->parts = g_steal_pointer (&parts);
  return self;
}

ValisePattern *
_valise_pattern_read (const ValiseGrammarFile *file, xmlNode *node, GError **error)
{
  if (_valise_pattern_is_rng (node, "element"))
    return read_named (file, node, VALISE_PATTERN_ELEMENT, error);
  if (_valise_pattern_is_rng (node, "attribute"))
    return read_named (file, node, VALISE_PATTERN_ATTRIBUTE, error);
  if (_valise_pattern_is_rng (node, "ref") || _valise_pattern_is_rng (node, "parentRef"))
    return read_reference (file, node, error);
  if (_valise_pattern_is_rng (node, "data"))
    return read_data (file, node);
  if (_valise_pattern_is_rng (node, "value"))
    return read_value (file, node);
  if (_valise_pattern_is_rng (node, "text"))
    return _valise_grammar_add (file->grammar, VALISE_PATTERN_TEXT);
  if (_valise_pattern_is_rng (node, "empty"))
    return _valise_grammar_add (file->grammar, VALISE_PATTERN_EMPTY);
  if (_valise_pattern_is_rng (node, "notAllowed"))
    return _valise_grammar_add (file->grammar, VALISE_PATTERN_NOT_ALLOWED);
  if (_valise_pattern_is_rng (node, "externalRef"))
    return _valise_grammar_read_external (file, node, error);
  if (_valise_pattern_is_rng (node, "grammar"))
    return read_grammar (file, node, node->parent == NULL || node->parent->type != XML_ELEMENT_NODE, error);
  for (guint i = 0; i < G_N_ELEMENTS (CONTAINERS); i++)
    if (_valise_pattern_is_rng (node, CONTAINERS[i].name))
      return read_container (file, node, CONTAINERS[i].kind, error);
  _valise_grammar_refuse (file, node, error, _ ("<%s> is no RELAX NG."), (const char *) node->name);
  return NULL;
}

ValisePattern *
_valise_pattern_read_parts (const ValiseGrammarFile *file, xmlNode *node, GError **error)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();
  xmlNode *child = xmlFirstElementChild (node);
  gboolean is_attribute = _valise_pattern_is_rng (node, "attribute");
  gboolean is_named = is_attribute || _valise_pattern_is_rng (node, "element");
  ValisePattern *self;

  if (is_named && child != NULL && !xmlHasProp (node, BAD_CAST "name"))
    child = xmlNextElementSibling (child);
  if (!read_children (file, node, child, parts, error))
    return NULL;
  if (parts->len == 1)
    return parts->pdata[0];
  /* An attribute of which nothing is said holds any text; anything else of which nothing is said holds nothing. */
  if (parts->len == 0)
    return _valise_grammar_add (file->grammar, is_attribute ? VALISE_PATTERN_TEXT : VALISE_PATTERN_EMPTY);
  self = _valise_grammar_add (file->grammar, VALISE_PATTERN_GROUP);
  self->parts = g_steal_pointer (&parts);
  return self;
}

/* --- what a pattern matches --- */

typedef enum
{
  NOTHING, /* matches no text, attribute or element */
  NO_TEXT,
} Lack;

static gboolean may_lack (const ValisePattern *self, Lack lack, guint depth);

static gboolean
parts_may_lack (const ValisePattern *self, gboolean all, Lack lack, guint depth)
{
  for (guint i = 0; i < self->parts->len; i++)
    if (may_lack (self->parts->pdata[i], lack, depth) != all)
      return !all;
  return all;
}

static gboolean
find_out (const ValisePattern *self, Lack lack, guint depth)
{
  switch (self->kind)
    {
    case VALISE_PATTERN_EMPTY:
    case VALISE_PATTERN_TEXT:
    case VALISE_PATTERN_OPTIONAL:
    case VALISE_PATTERN_ZERO_OR_MORE:
      return TRUE;
    case VALISE_PATTERN_ATTRIBUTE:
    case VALISE_PATTERN_ELEMENT:
      return lack == NO_TEXT;
    case VALISE_PATTERN_GROUP:
    case VALISE_PATTERN_ONE_OR_MORE:
      return parts_may_lack (self, TRUE, lack, depth);
    case VALISE_PATTERN_CHOICE:
      return parts_may_lack (self, FALSE, lack, depth);
    case VALISE_PATTERN_REF:
      return self->definition->pattern != NULL && may_lack (self->definition->pattern, lack, depth);
    default:
      return FALSE;
    }
}

/* Kept in the pattern. Until it is known it counts as FALSE, which ends a definition that consists of itself. */
static gboolean
may_lack (const ValisePattern *self, Lack lack, guint depth)
{
  ValisePattern *known = (ValisePattern *) self;

  if (known->may_lack[lack] == 0 && depth < DEEPEST)
    {
      known->may_lack[lack] = -1;
      known->may_lack[lack] = find_out (self, lack, depth + 1) ? 1 : -1;
    }
  return known->may_lack[lack] > 0;
}

gboolean
_valise_pattern_is_nullable (const ValisePattern *self)
{
  return may_lack (self, NOTHING, 0);
}

gboolean
_valise_pattern_may_lack_text (const ValisePattern *self)
{
  return may_lack (self, NO_TEXT, 0);
}
