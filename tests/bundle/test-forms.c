/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-forms.h"

#include "base/valise-path.h"
#include "base/valise-xml.h"
#include "bundle/valise-forms-private.h"
#include "document-fixture.h"

#include <string.h>

#include "base/valise-libxml2.h"

#define DIRECTORY "/home/someone/Machines/A \"b\" & c'd.vmbundle"

/* --- single cases --- */

static const struct
{
  const char *name;
  const char *stored;
  const char *absolute;
} cases[] = {
  { "a file of the bundle", "<domain><devices><disk><source file='disks/root.qcow2'/></disk></devices></domain>",
    "<domain><devices><disk><source file='/b/disks/root.qcow2'/></disk></devices></domain>" },
  { "a file elsewhere", "<domain><devices><disk><source file='/srv/a.iso'/></disk></devices></domain>",
    "<domain><devices><disk><source file='/srv/a.iso'/></disk></devices></domain>" },
  { "a neighbour whose name begins alike", "<domain><os><kernel>/bundle2/vmlinuz</kernel></os></domain>",
    "<domain><os><kernel>/bundle2/vmlinuz</kernel></os></domain>" },
  { "text", "<domain><os><nvram template='/usr/v.fd'>nvram/vars.fd</nvram></os></domain>",
    "<domain><os><nvram template='/usr/v.fd'>/b/nvram/vars.fd</nvram></os></domain>" },
  { "layers",
    "<domain><devices><disk><source file='a'/><backingStore><source file='b'/><backingStore><source file='c'/>"
    "</backingStore></backingStore><mirror file='d'><source file='d'/></mirror></disk></devices></domain>",
    "<domain><devices><disk><source file='/b/a'/><backingStore><source file='/b/b'/><backingStore><source file='/b/c'/>"
    "</backingStore></backingStore><mirror file='/b/d'><source file='/b/d'/></mirror></disk></devices></domain>" },
  { "no path: a network interface",
    "<domain><devices><interface type='direct'><source dev='eth0'/></interface></devices></domain>",
    "<domain><devices><interface type='direct'><source dev='eth0'/></interface></devices></domain>" },
  { "a path: vdpa", "<domain><devices><interface type='vdpa'><source dev='v'/></interface></devices></domain>",
    "<domain><devices><interface type='vdpa'><source dev='/b/v'/></interface></devices></domain>" },
  { "no path: a name on the network",
    "<domain><devices><disk type='network'><source protocol='rbd' name='pool/a'/></disk></devices></domain>",
    "<domain><devices><disk type='network'><source protocol='rbd' name='pool/a'/></disk></devices></domain>" },
  { "no path: where the guest mounts",
    "<domain><devices><filesystem><target dir='share'/></filesystem></devices></domain>",
    "<domain><devices><filesystem><target dir='share'/></filesystem></devices></domain>" },
  { "no path: an empty loader", "<domain><os><loader secure='yes'/><kernel> </kernel></os></domain>",
    "<domain><os><loader secure='yes'/><kernel> </kernel></os></domain>" },
  { "no path: a backend with a source",
    "<domain><devices><rng><backend model='egd'>\n<source path='s'/>\n</backend></rng></devices></domain>",
    "<domain><devices><rng><backend model='egd'>\n<source path='/b/s'/>\n</backend></rng></devices></domain>" },
  { "layout stays", "<domain  ><os ><kernel a = \"1\"><![CDATA[k&]]></kernel><!-- kernel --></os></domain>",
    "<domain  ><os ><kernel a = \"1\"><![CDATA[/b/k&]]></kernel><!-- kernel --></os></domain>" },
  { "metadata is not libvirt's",
    "<domain><metadata><os xmlns='http://example.com/'><kernel>x</kernel></os></metadata></domain>",
    "<domain><metadata><os xmlns='http://example.com/'><kernel>x</kernel></os></metadata></domain>" },
};

static void
test_cases (void)
{
  g_test_summary ("Both directions, byte for byte");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (ValiseDocument) document = document_fixture_parse (cases[i].stored);
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", cases[i].name);
      g_assert_true (valise_forms_to_absolute (document, "/b", &error));
      g_assert_cmpstr (valise_document_get_text (document), ==, cases[i].absolute);
      g_assert_true (valise_forms_to_stored (document, "/b/", &error));
      g_assert_cmpstr (valise_document_get_text (document), ==, cases[i].stored);
    }
}

static const char *const escapes[] = { "../secret", "disks/../../secret", "..",     "./a", "a//b",
                                       "a/",        "disks/..",           "a&#10;b" };

static void
test_escape (void)
{
  g_test_summary ("A path that leads out is an error that names the knob, and nothing is changed");
  for (gsize i = 0; i < G_N_ELEMENTS (escapes); i++)
    {
      g_autofree char *text = g_strdup_printf (
          "<domain><os><kernel>k</kernel></os><devices><disk/><disk><source file='%s'/></disk></devices></domain>",
          escapes[i]);
      g_autoptr (ValiseDocument) document = document_fixture_parse (text);
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", escapes[i]);
      g_assert_false (valise_forms_to_absolute (document, "/b", &error));
      g_assert_error (error, VALISE_PATH_ERROR, VALISE_PATH_ERROR_UNSAFE);
      g_assert_nonnull (strstr (error->message, "devices/disk[2]/source/@file"));
      g_assert_cmpstr (valise_document_get_text (document), ==, text);
    }
}

static void
test_escape_stored (void)
{
  const char *text = "<domain><os><kernel>/b/../etc/passwd</kernel><initrd>/b</initrd><dtb>/b/</dtb></os></domain>";
  g_autoptr (ValiseDocument) document = document_fixture_parse (text);

  g_test_summary ("What only begins like the directory stays absolute");
  g_assert_true (valise_forms_to_stored (document, "/b", NULL));
  g_assert_cmpstr (valise_document_get_text (document), ==, text);
}

/* --- every place, in random documents --- */

static const char *const values[] = {
  "disks/a.qcow2", "a b/c'd\"e&f<g>.img", "\xc3\xa4/\xe6\xbc\xa2", "x", "..a/b..", "/outside/file", "/dev/null"
};

static const char *
random_value (GRand *rand)
{
  return values[g_rand_int_range (rand, 0, G_N_ELEMENTS (values))];
}

/* The knob path of a place in a new branch of the document, some disks with layers. */
static char *
random_knob (GRand *rand, ValiseDocument *document, const ValiseFormsPlace *place)
{
  g_auto (GStrv) parts = g_strsplit (place->pattern, "/", -1);
  GString *knob = g_string_new (NULL);

  for (guint i = 0; parts[i] != NULL; i++)
    {
      guint n;

      g_string_append_printf (knob, "%s%s", i > 0 ? "/" : "", parts[i]);
      if (*parts[i] == '@' || i == 0)
        continue;
      n = valise_document_count (document, knob->str);
      /* Where a part repeats, sometimes the next one, sometimes the one there is. */
      g_string_append_printf (knob, "[%u]", n == 0 || (i == 1 && g_rand_boolean (rand)) ? n + 1 : n);
      if (g_str_equal (parts[i], "disk") && g_strv_length (parts) > 3 && g_rand_boolean (rand))
        g_string_append (knob, "/backingStore/backingStore");
    }
  return g_string_free (knob, FALSE);
}

static void
set_type (ValiseDocument *document, const char *knob, const ValiseFormsPlace *place)
{
  g_auto (GStrv) parts = NULL;
  g_autofree char *path = NULL;

  if (place->of == NULL)
    return;
  parts = g_strsplit (knob, "/", 3);
  path = g_strdup_printf ("%s/%s/@type", parts[0], parts[1]);
  g_assert_true (valise_document_set (document, path, place->type, NULL));
}

static void
assert_absolute_cb (const char *knob, const char *value, gpointer n)
{
  g_assert_cmpint (*value, ==, '/');
  (*(guint *) n)++;
}

static void
count_cb (const char *knob, const char *value, gpointer n)
{
  (*(guint *) n)++;
}

static void
check_inverse (ValiseDocument *document)
{
  g_autofree char *stored = g_strdup (valise_document_get_text (document)), *absolute = NULL;
  g_autoptr (GError) error = NULL;
  guint n_before = 0, n_after = 0;

  valise_forms_foreach (document, count_cb, &n_before);
  valise_forms_to_absolute (document, DIRECTORY, &error);
  g_assert_no_error (error);
  absolute = g_strdup (valise_document_get_text (document));
  valise_forms_foreach (document, assert_absolute_cb, &n_after);
  g_assert_cmpuint (n_before, ==, n_after);
  valise_forms_to_stored (document, DIRECTORY, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (valise_document_get_text (document), ==, stored);
  valise_forms_to_absolute (document, DIRECTORY, &error);
  g_assert_cmpstr (valise_document_get_text (document), ==, absolute);
}

static void
test_every_place (void)
{
  gsize length;
  const ValiseFormsPlace *places = _valise_forms_places (&length);

  g_test_summary ("Each place of the table is found and converted");
  for (gsize i = 0; i < length; i++)
    {
      g_autoptr (ValiseDocument) document = document_fixture_parse ("<domain>\n  <name>a</name>\n</domain>\n");
      g_autofree char *value = NULL;

      g_test_message ("%s", places[i].pattern);
      g_assert_true (valise_document_set (document, places[i].pattern, "disks/it's", NULL));
      set_type (document, places[i].pattern, &places[i]);
      check_inverse (document);
      g_assert_true (valise_forms_to_absolute (document, DIRECTORY, NULL));
      value = valise_document_get (document, places[i].pattern);
      g_assert_cmpstr (value, ==, DIRECTORY "/disks/it's");
    }
}

static void
test_random (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed ((guint32) g_test_rand_int ());
  gsize length;
  const ValiseFormsPlace *places = _valise_forms_places (&length);

  g_test_summary ("Stored to absolute and back, over random documents");
  for (guint round = 0; round < 100; round++)
    {
      g_autoptr (ValiseDocument) document =
          document_fixture_parse (round % 2 ? "<domain/>" : "<domain type=\"kvm\">\n\t<name>a</name>\n</domain>");

      for (guint i = 0; i < 20; i++)
        {
          const ValiseFormsPlace *place = &places[g_rand_int_range (rand, 0, (gint32) length)];
          g_autofree char *knob = random_knob (rand, document, place);

          /* Refused where the place already holds elements; that is another test's business. */
          if (valise_document_set (document, knob, random_value (rand), NULL))
            set_type (document, knob, place);
        }
      check_inverse (document);
    }
}

static void
test_fixtures (void)
{
  g_autofree char *directory = g_test_build_filename (G_TEST_DIST, "fixtures", "domains", NULL);
  g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
  const char *name;

  g_test_summary ("The same over whole documents");
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (directory, name, NULL);
      g_autofree char *text = NULL;
      g_autoptr (ValiseDocument) document = NULL;

      g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
      document = document_fixture_parse (text);
      check_inverse (document);
    }
}

/* --- the table against libvirt's schema --- */

#define RNG "http://relaxng.org/ns/structure/1.0"

/* Path-typed in the schema, or called like a path, and yet no file of the host. */
static const struct
{
  const char *pattern;
  const char *reason;
} no_paths[] = {
  { "devices/filesystem/target/@dir", "the name by which the guest mounts it" },
  { "devices/hostdev/source/interface", "name of a network interface" },
  { "devices/interface/guest/@actual", "name of a network interface in a container" },
  { "devices/interface/guest/@dev", "name of a network interface in a container" },
  { "devices/interface/portForward/@dev", "name of a network interface" },
  { "devices/interface/source/@name", "name of a network" },
  { "devices/interface/source/@portgroup", "name of a group of ports" },
  { "devices/interface/target/@dev", "name of a network interface" },
  { "devices/smartcard/certificate", "name of a certificate inside the database" },
  { "os/init", "a path inside the container" },
  { "os/initdir", "a path inside the container" },
  { "os/root", "a device as the guest's kernel names it" },
  { "resource/partition", "name of a control group" },
};

static const char *const path_types[] = { "absFilePath", "filePath",   "absDirPath", "dirPath",
                                          "vmwarePath",  "deviceName", NULL };
static const char *const path_names[] = { "path",     "@path",   "@file",       "@dir",     "@socket",     "@tty",
                                          "@xauth",   "@master", "@slave",      "@keyfile", "@agentsock",  "@template",
                                          "@logFile", "@evdev",  "@rendernode", "database", "certificate", "bootloader",
                                          "kernel",   "initrd",  "dtb",         "shim",     NULL };
static const char *const layers[] = { "backingStore", "mirror", "dataStore", NULL };

typedef struct
{
  char *directory;
  GHashTable *definitions; /* name to GPtrArray of nodes */
  GPtrArray *documents;
  xmlNode *start;
  GPtrArray *stack; /* names of references that are being followed */
  GString *pattern;
  GHashTable *suspects;
} Schema;

static gboolean
is_rng (xmlNode *node, const char *name)
{
  return node->type == XML_ELEMENT_NODE && node->ns != NULL && g_str_equal (node->ns->href, RNG)
         && g_str_equal (node->name, name);
}

static char *
attribute_of (xmlNode *node, const char *name)
{
  g_autoptr (ValiseXmlChar) value = xmlGetNoNsProp (node, (const xmlChar *) name);

  return value != NULL ? g_strdup ((const char *) value) : NULL;
}

static void schema_load (Schema *schema, const char *file);

static void
schema_take (Schema *schema, xmlNode *parent)
{
  for (xmlNode *node = xmlFirstElementChild (parent); node != NULL; node = xmlNextElementSibling (node))
    {
      g_autofree char *name = attribute_of (node, "name"), *href = attribute_of (node, "href");

      if (is_rng (node, "include"))
        {
          schema_load (schema, href);
          schema_take (schema, node);
        }
      else if (is_rng (node, "start"))
        schema->start = node;
      else if (is_rng (node, "div"))
        schema_take (schema, node);
      else if (is_rng (node, "define"))
        {
          GPtrArray *nodes = g_hash_table_lookup (schema->definitions, name);

          if (nodes == NULL)
            {
              nodes = g_ptr_array_new ();
              g_hash_table_insert (schema->definitions, g_steal_pointer (&name), nodes);
            }
          g_ptr_array_add (nodes, node);
        }
    }
}

static void
schema_load (Schema *schema, const char *file)
{
  g_autofree char *path = g_build_filename (schema->directory, file, NULL);
  xmlDoc *document = xmlReadFile (path, NULL, XML_PARSE_NONET);

  g_assert_nonnull (document);
  g_ptr_array_add (schema->documents, document);
  schema_take (schema, xmlDocGetRootElement (document));
}

static const char *
last_part (const char *pattern)
{
  const char *slash = strrchr (pattern, '/');

  return slash != NULL ? slash + 1 : pattern;
}

static void
schema_leaf (Schema *schema, const char *type, gboolean text)
{
  if ((type != NULL && g_strv_contains (path_types, type))
      || (text && g_strv_contains (path_names, last_part (schema->pattern->str))))
    g_hash_table_add (schema->suspects, g_strdup (schema->pattern->str));
}

static void schema_walk (Schema *schema, xmlNode *node, const char *type);

static void
schema_walk_children (Schema *schema, xmlNode *node, const char *type)
{
  for (xmlNode *child = xmlFirstElementChild (node); child != NULL; child = xmlNextElementSibling (child))
    if (!is_rng (child, "name"))
      schema_walk (schema, child, type);
}

/* An element or attribute of one name. */
static void
schema_enter (Schema *schema, xmlNode *node, const char *name)
{
  gsize before = schema->pattern->len;
  gboolean attribute = is_rng (node, "attribute");

  if (!(g_str_equal (schema->pattern->str, "devices/disk") && g_strv_contains (layers, name)))
    g_string_append_printf (schema->pattern, "%s%s%s", before > 0 ? "/" : "", attribute ? "@" : "", name);
  if (attribute && xmlFirstElementChild (node) == NULL)
    schema_leaf (schema, NULL, TRUE);
  schema_walk_children (schema, node, NULL);
  g_string_truncate (schema->pattern, before);
}

static void
schema_enter_named (Schema *schema, xmlNode *node)
{
  g_autofree char *name = attribute_of (node, "name");

  if (name != NULL)
    {
      schema_enter (schema, node, name);
      return;
    }
  for (xmlNode *child = xmlFirstElementChild (node); child != NULL; child = xmlNextElementSibling (child))
    if (is_rng (child, "choice"))
      for (xmlNode *choice = xmlFirstElementChild (child); choice != NULL; choice = xmlNextElementSibling (choice))
        if (is_rng (choice, "name"))
          {
            g_autoptr (ValiseXmlChar) text = xmlNodeGetContent (choice);

            schema_enter (schema, node, g_strstrip ((char *) text));
          }
}

static void
schema_follow (Schema *schema, xmlNode *node)
{
  g_autofree char *name = attribute_of (node, "name");
  GPtrArray *nodes = g_hash_table_lookup (schema->definitions, name);
  guint depth = 0;

  for (guint i = 0; i < schema->stack->len; i++)
    if (g_str_equal (g_ptr_array_index (schema->stack, i), name))
      depth++;
  if (nodes == NULL || depth > 1)
    return;
  g_ptr_array_add (schema->stack, name);
  for (guint i = 0; i < nodes->len; i++)
    schema_walk_children (schema, g_ptr_array_index (nodes, i), name);
  g_ptr_array_set_size (schema->stack, (int) schema->stack->len - 1);
}

/* @type is the definition that @node stands in, as long as no element or attribute was entered since. */
static void
schema_walk (Schema *schema, xmlNode *node, const char *type)
{
  if (is_rng (node, "ref"))
    schema_follow (schema, node);
  else if (is_rng (node, "element") || is_rng (node, "attribute"))
    schema_enter_named (schema, node);
  else if (is_rng (node, "text") || is_rng (node, "data"))
    schema_leaf (schema, type, TRUE);
  else
    schema_walk_children (schema, node, type);
}

static void
free_array (gpointer array)
{
  g_ptr_array_unref (array);
}

static GHashTable *
schema_suspects (const char *directory)
{
  Schema schema = { .directory = (char *) directory };
  xmlNode *domain;

  schema.definitions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_array);
  schema.documents = g_ptr_array_new_with_free_func ((GDestroyNotify) xmlFreeDoc);
  schema.stack = g_ptr_array_new ();
  schema.pattern = g_string_new (NULL);
  schema.suspects = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  schema_load (&schema, "domaincommon.rng");
  domain = g_ptr_array_index ((GPtrArray *) g_hash_table_lookup (schema.definitions, "domain"), 0);
  domain = xmlFirstElementChild (domain);
  g_assert_true (is_rng (domain, "element"));
  schema_walk_children (&schema, domain, NULL);
  g_hash_table_unref (schema.definitions);
  g_ptr_array_unref (schema.documents);
  g_ptr_array_unref (schema.stack);
  g_string_free (schema.pattern, TRUE);
  return schema.suspects;
}

static gboolean
is_known (const char *pattern)
{
  gsize length;
  const ValiseFormsPlace *places = _valise_forms_places (&length);

  for (gsize i = 0; i < length; i++)
    if (g_str_equal (places[i].pattern, pattern))
      return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (no_paths); i++)
    if (g_str_equal (no_paths[i].pattern, pattern))
      return TRUE;
  return FALSE;
}

static void
test_schema (void)
{
  const char *directory = g_getenv ("VALISE_LIBVIRT_SCHEMAS");
  g_autoptr (GHashTable) suspects = NULL;
  g_autofree char *file = NULL;
  GHashTableIter iter;
  gpointer pattern;
  guint n_unknown = 0;

  g_test_summary ("Whatever the installed libvirt's schema calls a path is in the table, or excluded with a reason");
  directory = directory != NULL ? directory : "/usr/share/libvirt/schemas";
  file = g_build_filename (directory, "domaincommon.rng", NULL);
  if (!g_file_test (file, G_FILE_TEST_EXISTS))
    {
      g_autofree char *reason =
          g_strdup_printf ("%s is not installed (package libvirt-daemon or libvirt-common)", file);

      g_test_skip (reason);
      return;
    }
  suspects = schema_suspects (directory);
  /* Fewer would mean that the walk does not understand the schema any more. */
  g_assert_cmpuint (g_hash_table_size (suspects), >, 80);
  g_hash_table_iter_init (&iter, suspects);
  while (g_hash_table_iter_next (&iter, &pattern, NULL))
    if (!is_known (pattern))
      {
        g_test_message ("neither converted nor excluded: %s", (const char *) pattern);
        n_unknown++;
      }
  for (gsize i = 0; i < G_N_ELEMENTS (no_paths); i++)
    if (!g_hash_table_contains (suspects, no_paths[i].pattern))
      g_test_message ("excluded (%s) and not in this schema: %s", no_paths[i].reason, no_paths[i].pattern);
  g_assert_cmpuint (n_unknown, ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bundle/forms/cases", test_cases);
  g_test_add_func ("/bundle/forms/escape", test_escape);
  g_test_add_func ("/bundle/forms/escape-stored", test_escape_stored);
  g_test_add_func ("/bundle/forms/every-place", test_every_place);
  g_test_add_func ("/bundle/forms/random", test_random);
  g_test_add_func ("/bundle/forms/fixtures", test_fixtures);
  g_test_add_func ("/bundle/forms/schema", test_schema);
  return g_test_run ();
}
