/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For every knob of the installed libvirt the smallest machine that has it, made from the schema's own patterns:
 * libvirt's schema accepts it, and the catalogue says of the knob that it can stand there with that value. */
#include "model/valise-knob-catalogue.h"

#include "bundle/valise-document.h"
#include "model/valise-grammar-private.h"
#include "model/valise-schema-private.h"

/* References and elements inside each other. */
#define DEEPEST 100

/* Of which one fits whatever the schema asks for. */
static const char *const VALUES[] = {
  "1",
  "0",
  "5",
  "10",
  "600",
  "4096",
  "a",
  "/a",
  "sda",
  "a.b",
  "01",
  "0x1",
  "0x0001",
  "0x505",
  "0x12345678",
  "yes",
  "on",
  "1.1",
  "2.56",
  "10.0.0.1",
  "fe80::1",
  "52:54:00:12:34:56",
  "2fb9c0de-3a51-4c1e-9d6b-8a4e5f0c7d21",
  "5000c50015ea71aa",
  "1-2",
  "0:1",
  "0,1",
  "2001-01-01T00:00:00",
  "iqn.2001-01.a:b",
  "a=b",
  "12345678",
  "0123456789012345678901234567890123456789",
  "fe.1.0000",
  "/dev/a",
  "[a] b",
  "2fb9c0de3a514c1e9d6b8a4e5f0c7d21",
  "KiB",
  "ipv4",
  "naa.5000c50015ea71aa",
  "abcdefghijkl",
  "sync_pt",
};

/* What is to be in the machine: the names on the way to the knob. The last one is an attribute, or the element whose
 * text or presence it is. */
typedef struct
{
  char **names;
  char *value; /* what it got */
  gboolean done;
} Target;

static char *
read_file (const char *name, gsize *length, gpointer user_data, GError **error)
{
  g_autofree char *path = g_build_filename (user_data, name, NULL);
  char *text = NULL;

  return g_file_get_contents (path, &text, length, error) ? text : NULL;
}

/* --- what a pattern holds --- */

static gboolean
is_named (const ValisePattern *pattern, const char *name)
{
  gboolean is_attribute = *name == '@';

  if (pattern->kind != (is_attribute ? VALISE_PATTERN_ATTRIBUTE : VALISE_PATTERN_ELEMENT))
    return FALSE;
  return g_ptr_array_find_with_equal_func (pattern->names, name + is_attribute, g_str_equal, NULL);
}

static gboolean holds (const ValisePattern *pattern, char **names, guint depth);

static gboolean
part_holds (const ValisePattern *pattern, char **names, guint depth)
{
  for (guint i = 0; pattern->parts != NULL && i < pattern->parts->len; i++)
    if (holds (pattern->parts->pdata[i], names, depth + 1))
      return TRUE;
  return FALSE;
}

/* Whether the knob that @names lead to is in @pattern; no names: whether there is a value. */
static gboolean
holds (const ValisePattern *pattern, char **names, guint depth)
{
  if (depth > DEEPEST)
    return FALSE;
  switch (pattern->kind)
    {
    case VALISE_PATTERN_VALUE:
    case VALISE_PATTERN_DATA:
    case VALISE_PATTERN_TEXT:
      return names[0] == NULL;
    case VALISE_PATTERN_ATTRIBUTE:
      return names[0] != NULL && is_named (pattern, names[0]);
    case VALISE_PATTERN_ELEMENT:
      if (names[0] == NULL || !is_named (pattern, names[0]))
        return FALSE;
      return part_holds (pattern, names + 1, depth)
             || (names[1] == NULL && _valise_pattern_is_nullable (pattern->parts->pdata[0]));
    case VALISE_PATTERN_REF:
      return pattern->definition->pattern != NULL && holds (pattern->definition->pattern, names, depth + 1);
    default:
      return part_holds (pattern, names, depth);
    }
}

/* --- making one --- */

static gboolean
fits_type (const char *type, const char *value)
{
  if (g_str_equal (type, "dateTime"))
    return strchr (value, 'T') != NULL;
  return !g_str_equal (type, "NCName") || g_ascii_isalpha (*value);
}

static gboolean
fits (const ValisePattern *data, const char *value)
{
  if (data->is_number && !g_ascii_string_to_signed (value, 10, data->minimum, data->maximum, NULL, NULL))
    return FALSE;
  if (data->longest > 0 && strlen (value) > data->longest)
    return FALSE;
  for (guint i = 0; data->regexes != NULL && i < data->regexes->len; i++)
    {
      g_autofree char *whole = g_strdup_printf ("^(?:%s)$", (const char *) data->regexes->pdata[i]);

      if (!g_regex_match_simple (whole, value, 0, 0))
        return FALSE;
    }
  return fits_type (data->text, value);
}

static const char *
value_of (const ValisePattern *data)
{
  for (guint i = 0; i < G_N_ELEMENTS (VALUES); i++)
    if (fits (data, VALUES[i]))
      return VALUES[i];
  g_error ("no value fits %s", data->regexes != NULL ? (const char *) data->regexes->pdata[0] : data->text);
}

static void
make (const ValisePattern *pattern, xmlNode *node, GString *text, Target *target, char **names, guint depth);

static gboolean
is_wanted (const ValisePattern *pattern, const Target *target, char **names)
{
  return names != NULL && !target->done && holds (pattern, names, 0);
}

static void
make_choice (const ValisePattern *pattern, xmlNode *node, GString *text, Target *target, char **names, guint depth)
{
  const ValisePattern *first = NULL;

  for (guint i = 0; i < pattern->parts->len; i++)
    {
      const ValisePattern *branch = pattern->parts->pdata[i];

      if (is_wanted (branch, target, names))
        {
          make (branch, node, text, target, names, depth);
          return;
        }
      if (branch->kind != VALISE_PATTERN_NOT_ALLOWED && (first == NULL || _valise_pattern_is_nullable (branch)))
        first = first == NULL || !_valise_pattern_is_nullable (first) ? branch : first;
    }
  if (first != NULL)
    make (first, node, text, target, names, depth);
}

static void
make_attribute (const ValisePattern *pattern, xmlNode *node, Target *target, char **names, guint depth)
{
  g_autoptr (GString) value = g_string_new (NULL);
  gboolean is_target = names != NULL && names[0] != NULL && names[1] == NULL && is_named (pattern, names[0]);
  const char *name = is_target ? names[0] + 1 : pattern->names->pdata[0];

  make (pattern->parts->pdata[0], node, value, target, NULL, depth);
  if (g_str_equal (name, "*"))
    return;
  xmlSetProp (node, BAD_CAST name, BAD_CAST value->str);
  if (is_target && !target->done)
    {
      target->done = TRUE;
      target->value = g_strdup (value->str);
    }
}

static xmlNode *
add_element (xmlNode *parent, const char *name)
{
  const char *colon = strchr (name, ':');
  xmlNode *node = xmlNewChild (parent, NULL, BAD_CAST (colon != NULL ? colon + 1 : name), NULL);
  g_autofree char *prefix = colon != NULL ? g_strndup (name, (gsize) (colon - name)) : NULL;
  g_autofree char *uri = colon != NULL ? g_strdup_printf ("http://libvirt.org/schemas/domain/%s/1.0", prefix) : NULL;

  if (colon != NULL)
    xmlSetNs (node, xmlNewNs (node, BAD_CAST uri, BAD_CAST prefix));
  return node;
}

static void
make_element (const ValisePattern *pattern, xmlNode *parent, Target *target, char **names, guint depth)
{
  gboolean is_on_the_way =
      names != NULL && names[0] != NULL && is_named (pattern, names[0]) && is_wanted (pattern, target, names);
  gboolean is_target = is_on_the_way && names[1] == NULL;
  const char *name = is_on_the_way ? names[0] : pattern->names->pdata[0];
  g_autoptr (GString) text = g_string_new (NULL);
  xmlNode *node;

  if (g_str_equal (name, "*"))
    return;
  node = add_element (parent, name);
  make (pattern->parts->pdata[0], node, text, target, is_on_the_way ? names + 1 : NULL, depth);
  if (text->len > 0)
    xmlNodeAddContent (node, BAD_CAST text->str);
  if (is_target && !target->done)
    {
      target->done = TRUE;
      target->value = g_strdup (text->str);
    }
}

static void
make_parts (const ValisePattern *pattern, xmlNode *node, GString *text, Target *target, char **names, guint depth)
{
  for (guint i = 0; i < pattern->parts->len; i++)
    make (pattern->parts->pdata[i], node, text, target, names, depth);
}

/* @names: what is wanted below @node, or NULL for no more than there has to be. @text: of the element or attribute. */
static void
make (const ValisePattern *pattern, xmlNode *node, GString *text, Target *target, char **names, guint depth)
{
  g_assert (depth < DEEPEST);
  switch (pattern->kind)
    {
    case VALISE_PATTERN_ELEMENT:
      make_element (pattern, node, target, names, depth + 1);
      break;
    case VALISE_PATTERN_ATTRIBUTE:
      make_attribute (pattern, node, target, names, depth + 1);
      break;
    case VALISE_PATTERN_CHOICE:
      make_choice (pattern, node, text, target, names, depth + 1);
      break;
    case VALISE_PATTERN_OPTIONAL:
    case VALISE_PATTERN_ZERO_OR_MORE:
      if (is_wanted (pattern, target, names))
        make_parts (pattern, node, text, target, names, depth + 1);
      break;
    case VALISE_PATTERN_REF:
      if (pattern->definition->pattern != NULL)
        make (pattern->definition->pattern, node, text, target, names, depth + 1);
      break;
    case VALISE_PATTERN_DATA:
      g_string_assign (text, value_of (pattern));
      break;
    case VALISE_PATTERN_VALUE:
      g_string_assign (text, pattern->text);
      break;
    case VALISE_PATTERN_TEXT:
      g_string_assign (text, "a");
      break;
    case VALISE_PATTERN_EMPTY:
    case VALISE_PATTERN_NOT_ALLOWED:
      break;
    default:
      make_parts (pattern, node, text, target, names, depth + 1);
    }
}

static xmlDoc *
make_machine (ValiseGrammar *grammar, Target *target)
{
  xmlDoc *doc = xmlNewDoc (BAD_CAST "1.0");
  g_autoptr (GString) text = g_string_new (NULL);
  xmlNode *above = xmlNewNode (NULL, BAD_CAST "above");
  xmlNode *root;

  make (_valise_grammar_get_start (grammar), above, text, target, target->names, 0);
  root = xmlFirstElementChild (above);
  xmlUnlinkNode (root);
  xmlDocSetRootElement (doc, root);
  xmlFreeNode (above);
  return doc;
}

/* --- the test --- */

static void
check_in_catalogue (const ValiseKnobEntry *entry, xmlDoc *tree, const char *value)
{
  xmlChar *text = NULL;
  int length = 0;
  g_autoptr (ValiseDocument) document = NULL;
  g_autoptr (GPtrArray) words = NULL;
  g_autoptr (GError) error = NULL;
  ValiseKnobEntry unbounded = *entry;

  xmlDocDumpMemory (tree, &text, &length);
  document = valise_document_new ((const char *) text, length, "sample", &error);
  g_assert_no_error (error);
  unbounded.knob.minimum = unbounded.knob.maximum = 0;
  if (!valise_knob_entry_check (&unbounded, value, &error))
    g_error ("%s", error->message);
  words = valise_knob_entry_list_words (entry, document, entry->knob.path);
  if (!valise_knob_entry_is_possible (entry, document, entry->knob.path))
    g_error ("%s is said to be impossible in %s", entry->knob.path, (const char *) text);
  if (entry->words != NULL && !entry->open && !g_ptr_array_find_with_equal_func (words, value, g_str_equal, NULL))
    g_error ("%s=%s is said to be impossible in %s", entry->knob.path, value, (const char *) text);
  xmlFree (text);
}

static void
check_knob (ValiseGrammar *grammar, const ValiseKnobEntry *entry)
{
  g_autofree char *path = g_strconcat ("domain/", entry->knob.path, NULL);
  g_auto (GStrv) names = g_strsplit (path, "/", -1);
  Target target = { names, NULL, FALSE };
  xmlDoc *tree = make_machine (grammar, &target);
  g_autofree char *why = NULL;

  if (!target.done)
    g_error ("no machine with %s was made", entry->knob.path);
  if (!_valise_schema_validate (tree, &why))
    {
      xmlChar *text = NULL;
      int length;

      xmlDocDumpFormatMemory (tree, &text, &length, 1);
      g_error ("%s: %s\n%s", entry->knob.path, why, (const char *) text);
    }
  check_in_catalogue (entry, tree, target.value);
  xmlFreeDoc (tree);
  g_free (target.value);
}

static void
test_every (void)
{
  g_autofree char *file = _valise_schema_find ();
  g_autofree char *directory = file != NULL ? g_path_get_dirname (file) : NULL;
  g_autoptr (ValiseKnobCatalogue) catalogue = NULL;
  g_autoptr (ValiseGrammar) grammar = NULL;
  g_autoptr (GPtrArray) all = NULL;
  guint n = 0;

  g_test_summary ("Each knob of the schema once, in the smallest machine that has it");
  if (file == NULL)
    {
      g_test_skip ("libvirt's schema is not installed (package libvirt0)");
      return;
    }
  catalogue = valise_knob_catalogue_new (directory, NULL);
  grammar = _valise_grammar_new ("domain.rng", read_file, directory, NULL);
  all = valise_knob_catalogue_list_below (catalogue, NULL);
  for (guint i = 0; i < all->len; i++)
    {
      const ValiseKnobEntry *entry = all->pdata[i];

      /* Not those of ours, those of one of several, and those of any name. */
      if (!entry->is_in_schema || strpbrk (entry->knob.path, "[*") != NULL)
        continue;
      check_knob (grammar, entry);
      n++;
    }
  g_test_message ("%u machines", n);
  g_assert_cmpuint (n, >, 1500);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/knob-sample/every", test_every);
  return g_test_run ();
}
