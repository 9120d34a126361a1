/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The catalogue over a small schema of our own that has each construct of RELAX NG, and over what it says when there is
 * none. What the installed libvirt's schema gives is looked at in test-knob-schema.c. */
#include "model/valise-knob-catalogue.h"

#include <glib/gstdio.h>

#include "base/valise-xml.h"

static char *
schema_directory (void)
{
  return g_test_build_filename (G_TEST_DIST, "model", "data", "schema", NULL);
}

static ValiseKnobCatalogue *
load (void)
{
  g_autofree char *directory = schema_directory ();
  g_autoptr (GError) error = NULL;
  ValiseKnobCatalogue *catalogue = valise_knob_catalogue_new (directory, &error);

  g_assert_no_error (error);
  return catalogue;
}

/* --- what there is --- */

static const struct
{
  const char *path;
  ValiseKnobKind kind;
  const char *values;
  const char *situations; /* or NULL */
  const char *each;       /* or NULL */
} knobs[] = {
  { "name", VALISE_KNOB_TEXT, "text" },
  { "lamp/@colour", VALISE_KNOB_CHOICE, "one of red, green" },
  { "lamp/@lit", VALISE_KNOB_YES_NO, "yes or no" },
  { "lamp/@dim", VALISE_KNOB_ON_OFF, "on or off" },
  { "lamp/@watts", VALISE_KNOB_NUMBER, "a whole number from 5 to 99" },
  { "lamp/@code", VALISE_KNOB_TEXT, "text of the form [a-z]+" },
  { "lamp/@mode", VALISE_KNOB_CHOICE, "one of auto, or a whole number from -2147483648 to 2147483647" },
  { "lamp/@mask", VALISE_KNOB_NUMBER, "a whole number from 0 to 255, or as in 0x1f" },
  { "wheel/@sizes", VALISE_KNOB_LIST, "words with spaces between them", NULL, "wheel" },
  { "wheel/mac/@address", VALISE_KNOB_MAC, "six pairs of digits and letters a to f, as in 52:54:00:12:34:56", NULL,
    "wheel" },
  { "leg", VALISE_KNOB_PRESENCE, "yes, or no to take it out", NULL, "leg" },
  { "box/@label", VALISE_KNOB_TEXT, "text" },
  { "box/crate/@wood", VALISE_KNOB_TEXT, "text" },
  { "shape/@type", VALISE_KNOB_CHOICE, "one of circle, square, blob" },
  { "shape/@radius", VALISE_KNOB_NUMBER, "a whole number from 0 to 4294967295", "shape/@type is circle" },
  { "shape/@side", VALISE_KNOB_NUMBER, "a whole number from 0 to 4294967295", "shape/@type is square" },
  { "shape/corner/@round", VALISE_KNOB_NUMBER, "a whole number from 0 to 4294967295",
    "shape/@type is blob|square or not set" },
  { "shape/@wobble", VALISE_KNOB_TEXT, "text", "shape/@type is blob or not set" },
  { "shape/@shade", VALISE_KNOB_CHOICE, "one of red, green" },
  { "dial/@begin", VALISE_KNOB_TEXT, "text" },
  { "names/one", VALISE_KNOB_TEXT, "text", NULL, "names/one" },
  { "names/two", VALISE_KNOB_TEXT, "text", NULL, "names/two" },
  { "names/qemu:arg/@value", VALISE_KNOB_TEXT, "text" },
  { "names/qemu:line/qemu:word", VALISE_KNOB_TEXT, "text" },
  { "names/*", VALISE_KNOB_TEXT, "text", NULL, "names/*" },
  { "names/*/@*", VALISE_KNOB_TEXT, "text", NULL, "names/*" },
  { "note", VALISE_KNOB_TEXT, "text" },
  { "note/b", VALISE_KNOB_PRESENCE, "yes, or no to take it out", NULL, "note/b" },
  { "inner/@outer", VALISE_KNOB_CHOICE, "one of red, green" },
  { "@first", VALISE_KNOB_TEXT, "text" },
  { "@second", VALISE_KNOB_TEXT, "text" },
};

static void
test_constructs (void)
{
  g_autoptr (ValiseKnobCatalogue) catalogue = load ();
  g_autoptr (GPtrArray) all = valise_knob_catalogue_list_below (catalogue, NULL);
  guint in_schema = 0;

  g_test_summary ("Each construct of RELAX NG gives the knobs that it should, and nothing else is there");
  for (guint i = 0; i < G_N_ELEMENTS (knobs); i++)
    {
      const ValiseKnobEntry *entry = valise_knob_catalogue_lookup (catalogue, knobs[i].path);
      g_autofree char *values = entry != NULL ? valise_knob_entry_describe_values (entry) : NULL;
      g_autofree char *situations = entry != NULL ? valise_knob_entry_describe_situations (entry) : NULL;

      g_test_message ("%s", knobs[i].path);
      g_assert_nonnull (entry);
      g_assert_cmpstr (entry->knob.path, ==, knobs[i].path);
      g_assert_cmpint (entry->knob.kind, ==, knobs[i].kind);
      g_assert_cmpstr (values, ==, knobs[i].values);
      g_assert_cmpstr (situations, ==, knobs[i].situations);
      g_assert_cmpstr (entry->each, ==, knobs[i].each);
    }
  for (guint i = 0; i < all->len; i++)
    in_schema += ((const ValiseKnobEntry *) all->pdata[i])->is_in_schema;
  g_assert_cmpuint (in_schema, ==, G_N_ELEMENTS (knobs));
}

static const struct
{
  const char *path;
  const char *found; /* or NULL */
} lookups[] = {
  { "box/box/box/@label", "box/@label" },
  { "box/crate/box/crate/@wood", "box/crate/@wood" },
  { "wheel[3]/mac[1]/@address", "wheel/mac/@address" },
  { "wheel[@sizes='a[1]/b']/mac/@address", "wheel/mac/@address" },
  { "names/anything", "names/*" },
  { "names/anything/@at-all", "names/*/@*" },
  { "names/one", "names/one" },
  { "names/one/@at-all", NULL },
  { "names/forbidden", NULL },
  { "overridden", NULL }, /* what an include puts its own in the place of */
  { "box", NULL },        /* only holds others */
  { "lamp/@nothing", NULL },
  { "lamp/colour", NULL },
  { "lamp", NULL },
  { "", NULL },
  { "/", NULL },
  { "lamp//@colour", NULL },
  { "wheel[", NULL },
};

static void
test_lookup (void)
{
  g_autoptr (ValiseKnobCatalogue) catalogue = load ();
  g_autoptr (GPtrArray) all = valise_knob_catalogue_list_below (catalogue, NULL);

  g_test_summary ("Indices, predicates, elements in themselves, and names that are any");
  for (guint i = 0; i < G_N_ELEMENTS (lookups); i++)
    {
      const ValiseKnobEntry *entry = valise_knob_catalogue_lookup (catalogue, lookups[i].path);

      g_test_message ("%s", lookups[i].path);
      g_assert_cmpstr (entry != NULL ? entry->knob.path : NULL, ==, lookups[i].found);
    }
  for (guint i = 0; i < all->len; i++)
    {
      const ValiseKnobEntry *entry = all->pdata[i];

      g_assert_true (valise_knob_catalogue_lookup (catalogue, entry->knob.path) == entry);
    }
}

static void
test_children (void)
{
  g_autoptr (ValiseKnobCatalogue) catalogue = load ();
  g_autoptr (GPtrArray) shape = valise_knob_catalogue_list_children (catalogue, "shape");
  g_autoptr (GPtrArray) inner = valise_knob_catalogue_list_children (catalogue, "box/box");
  g_autoptr (GPtrArray) nothing = valise_knob_catalogue_list_children (catalogue, "no/such");
  g_autoptr (GPtrArray) below = valise_knob_catalogue_list_below (catalogue, "shape");
  g_autoptr (GPtrArray) all = valise_knob_catalogue_list_below (catalogue, NULL);

  g_test_summary ("What may stand in an element");
  g_assert_cmpuint (shape->len, ==, 6);
  g_assert_cmpstr (shape->pdata[0], ==, "@type");
  g_assert_cmpstr (shape->pdata[3], ==, "corner");
  g_assert_cmpuint (inner->len, ==, 3);
  g_assert_cmpstr (inner->pdata[2], ==, "crate");
  g_assert_cmpuint (nothing->len, ==, 0);
  g_assert_cmpuint (below->len, ==, 6);
  g_assert_cmpuint (all->len, >=, G_N_ELEMENTS (knobs));
  g_assert_true (valise_knob_catalogue_has_element (catalogue, "box/box/crate"));
  g_assert_false (valise_knob_catalogue_has_element (catalogue, "box/@label"));
  g_assert_false (valise_knob_catalogue_has_element (catalogue, "bo"));
}

static const struct
{
  const char *path;
  const char *value;
  gboolean fits;
} values[] = {
  { "lamp/@colour", "red", TRUE },
  { "lamp/@colour", "overridden", FALSE },
  { "lamp/@colour", "Red", FALSE },
  { "lamp/@colour", "", FALSE },
  { "lamp/@dim", "on", TRUE },
  { "lamp/@watts", "5", TRUE },
  { "lamp/@watts", " 99 ", TRUE },
  { "lamp/@watts", "4", FALSE },
  { "lamp/@watts", "100", FALSE },
  { "lamp/@watts", "-7", FALSE },
  { "lamp/@watts", "7x", FALSE },
  { "lamp/@watts", "99999999999999999999999", FALSE },
  { "lamp/@code", "abcd", TRUE },
  { "lamp/@code", "abcde", FALSE },
  { "lamp/@code", "bad", FALSE },
  { "lamp/@code", "ab1", FALSE },
  { "lamp/@mode", "auto", TRUE },
  { "lamp/@mode", "-3", TRUE },
  { "lamp/@mode", "manual", FALSE },
  { "lamp/@mask", "0x1f", TRUE },
  { "lamp/@mask", "0x1ff", FALSE },
  { "lamp/@mask", "256", FALSE },
  { "wheel/@sizes", "1 2\t3", TRUE },
  { "wheel/@sizes", "1 0", FALSE },
  { "wheel/@sizes", "1 x", FALSE },
  { "wheel/mac/@address", "52:54:00:12:34:56", TRUE },
  { "wheel/mac/@address", "52:54:00:12:34", FALSE },
  { "leg", "yes", TRUE },
  { "leg", "off", TRUE },
  { "leg", "", TRUE },
  { "leg", "wooden", FALSE },
  { "names/whatever", "<&\"\xe2\x80\xae", TRUE },
};

static void
test_values (void)
{
  g_autoptr (ValiseKnobCatalogue) catalogue = load ();

  g_test_summary ("A value fits or the error names the knob and what it takes");
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      const ValiseKnobEntry *entry = valise_knob_catalogue_lookup (catalogue, values[i].path);
      g_autofree char *takes = valise_knob_entry_describe_values (entry);
      g_autoptr (GError) error = NULL;

      g_test_message ("%s=%s", values[i].path, values[i].value);
      g_assert_cmpint (valise_knob_entry_check (entry, values[i].value, &error), ==, values[i].fits);
      if (values[i].fits)
        {
          g_assert_no_error (error);
          continue;
        }
      g_assert_error (error, VALISE_KNOB_CATALOGUE_ERROR, VALISE_KNOB_CATALOGUE_ERROR_VALUE);
      g_assert_nonnull (strstr (error->message, entry->knob.path));
      g_assert_nonnull (strstr (error->message, takes));
    }
}

static void
test_find (void)
{
  g_autoptr (ValiseKnobCatalogue) catalogue = load ();
  g_autoptr (GError) near_miss = NULL;
  g_autoptr (GError) far_miss = NULL;

  g_test_summary ("What is no knob is answered with those that are called like it");
  g_assert_nonnull (valise_knob_catalogue_find (catalogue, "lamp/@watts", NULL));
  g_assert_null (valise_knob_catalogue_find (catalogue, "devices/lamp/@watts", &near_miss));
  g_assert_error (near_miss, VALISE_KNOB_CATALOGUE_ERROR, VALISE_KNOB_CATALOGUE_ERROR_UNKNOWN);
  g_assert_nonnull (strstr (near_miss->message, " lamp/@watts"));
  g_clear_error (&near_miss);
  g_assert_null (valise_knob_catalogue_find (catalogue, "wheel[2]/mac/@adress", &near_miss));
  g_assert_nonnull (strstr (near_miss->message, " wheel[2]/mac/@address"));
  g_assert_null (valise_knob_catalogue_find (catalogue, "zzzz", &far_miss));
  g_assert_error (far_miss, VALISE_KNOB_CATALOGUE_ERROR, VALISE_KNOB_CATALOGUE_ERROR_UNKNOWN);
}

static const struct
{
  const char *words;
  const char *first; /* or NULL */
} searches[] = {
  { "wobble", "shape/@wobble" },
  { "SHAPE wob", "shape/@wobble" },
  { "crate wood", "box/crate/@wood" },
  { "green lamp", "lamp/@colour" },
  { "wheel/mac", "wheel/mac/@address" },
  { "wobble watts", NULL },
  { "", NULL },
};

static void
test_search (void)
{
  g_autoptr (ValiseKnobCatalogue) catalogue = load ();

  g_test_summary ("By path, by the label that is made of it, and by the words that it takes");
  for (guint i = 0; i < G_N_ELEMENTS (searches); i++)
    {
      g_autoptr (GPtrArray) found = valise_knob_catalogue_search (catalogue, searches[i].words);
      const ValiseKnobEntry *first = found->len > 0 ? found->pdata[0] : NULL;

      g_test_message ("%s", searches[i].words);
      g_assert_cmpstr (first != NULL ? first->knob.path : NULL, ==, searches[i].first);
    }
}

/* --- what is wrong --- */

#define RNG " xmlns=\"http://relaxng.org/ns/structure/1.0\""

static const struct
{
  const char *name;
  const char *text; /* NULL: no file */
  int code;         /* of VALISE_KNOB_CATALOGUE_ERROR; -1: of VALISE_XML_ERROR; -2: none */
  const char *says;
} faults[] = {
  { "no file", NULL, VALISE_KNOB_CATALOGUE_ERROR_MISSING, "domain.rng" },
  { "empty", "", -1, "domain.rng" },
  { "not XML", "hello", -1, "domain.rng" },
  { "entities", "<!DOCTYPE x [<!ENTITY e 'x'>]><grammar" RNG "/>", -1, "domain.rng" },
  { "no RELAX NG", "<html/>", VALISE_KNOB_CATALOGUE_ERROR_SCHEMA, "domain.rng" },
  { "no start", "<grammar" RNG "/>", VALISE_KNOB_CATALOGUE_ERROR_SCHEMA, "<domain>" },
  { "no domain", "<grammar" RNG "><start><element name='host'><text/></element></start></grammar>",
    VALISE_KNOB_CATALOGUE_ERROR_SCHEMA, "<domain>" },
  { "include that is not there", "<grammar" RNG "><include href='gone.rng'/></grammar>",
    VALISE_KNOB_CATALOGUE_ERROR_MISSING, "gone.rng" },
  { "include of itself", "<grammar" RNG "><include href='domain.rng'/></grammar>", VALISE_KNOB_CATALOGUE_ERROR_SCHEMA,
    "domain.rng" },
  { "include from elsewhere", "<grammar" RNG "><include href='../../etc/passwd'/></grammar>",
    VALISE_KNOB_CATALOGUE_ERROR_SCHEMA, "domain.rng" },
  { "include from the net", "<grammar" RNG "><include href='http://x/y.rng'/></grammar>",
    VALISE_KNOB_CATALOGUE_ERROR_SCHEMA, "domain.rng" },
  { "element without a name", "<grammar" RNG "><start><element><text/></element></start></grammar>",
    VALISE_KNOB_CATALOGUE_ERROR_SCHEMA, "line 1" },
  { "unknown pattern", "<grammar" RNG "><start><frob/></start></grammar>", VALISE_KNOB_CATALOGUE_ERROR_SCHEMA, "frob" },
  { "reference to nothing",
    "<grammar" RNG "><start><element name='domain'><ref name='gone'/><attribute name='a'/></element></start></grammar>",
    -2, NULL },
  { "reference to itself",
    "<grammar" RNG "><start><element name='domain'><ref name='r'/><attribute name='a'/></element></start>"
    "<define name='r'><choice><ref name='r'/><attribute name='b'/></choice></define></grammar>",
    -2, NULL },
  { "parent reference without a parent", "<grammar" RNG "><start><parentRef name='x'/></start></grammar>",
    VALISE_KNOB_CATALOGUE_ERROR_SCHEMA, "line 1" },
};

static void
test_faults (void)
{
  g_autofree char *directory = g_dir_make_tmp ("valise-schema-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (directory, "domain.rng", NULL);

  g_test_summary ("A schema that is damaged or missing is an error that names the file");
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autoptr (ValiseKnobCatalogue) catalogue = NULL;
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", faults[i].name);
      if (faults[i].text != NULL)
        g_assert_true (g_file_set_contents (file, faults[i].text, -1, NULL));
      catalogue = valise_knob_catalogue_new (directory, &error);
      if (faults[i].code == -2)
        {
          g_assert_no_error (error);
          g_assert_nonnull (valise_knob_catalogue_lookup (catalogue, "@a"));
          continue;
        }
      g_assert_null (catalogue);
      g_assert_true (error->domain == (faults[i].code == -1 ? VALISE_XML_ERROR : VALISE_KNOB_CATALOGUE_ERROR));
      if (faults[i].code >= 0)
        g_assert_cmpint (error->code, ==, faults[i].code);
      g_assert_nonnull (strstr (error->message, faults[i].says));
    }
  g_remove (file);
  g_rmdir (directory);
}

/* Chains and nestings that would take for ever or run out of stack. */
static void
test_bounds (void)
{
  g_autofree char *directory = g_dir_make_tmp ("valise-schema-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (directory, "domain.rng", NULL);
  g_autoptr (GString) text = g_string_new ("<grammar" RNG "><start><element name='domain'><ref name='d0'/></element>"
                                           "</start>");
  g_autoptr (ValiseKnobCatalogue) catalogue = NULL;
  g_autoptr (GError) error = NULL;

  g_test_summary ("A schema that doubles with every step is refused in time");
  for (guint i = 0; i < 5000; i++)
    g_string_append_printf (text,
                            "<define name='d%u'><element name='a'><ref name='d%u'/></element>"
                            "<element name='b'><ref name='d%u'/></element></define>",
                            i, i + 1, i + 1);
  g_string_append (text, "</grammar>");
  g_assert_true (g_file_set_contents (file, text->str, -1, NULL));
  catalogue = valise_knob_catalogue_new (directory, &error);
  g_assert_null (catalogue);
  g_assert_error (error, VALISE_KNOB_CATALOGUE_ERROR, VALISE_KNOB_CATALOGUE_ERROR_SCHEMA);
  g_remove (file);
  g_rmdir (directory);
}

/* --- the one that is kept --- */

static void
test_without_schema (void)
{
  if (g_test_subprocess ())
    {
      ValiseKnobCatalogue *catalogue;

      g_setenv ("VALISE_SCHEMA_DIR", "/nonexistent", TRUE);
      catalogue = valise_knob_catalogue_get_default ();
      g_assert_error ((GError *) valise_knob_catalogue_get_error (catalogue), VALISE_KNOB_CATALOGUE_ERROR,
                      VALISE_KNOB_CATALOGUE_ERROR_MISSING);
      g_assert_nonnull (strstr (valise_knob_catalogue_get_error (catalogue)->message, "/nonexistent/domain.rng"));
      g_assert_nonnull (valise_knob_catalogue_lookup (catalogue, "devices/disk[2]/driver/@cache"));
      g_assert_true (valise_knob_entry_check (valise_knob_catalogue_lookup (catalogue, "devices/disk/driver/@cache"),
                                              "none", NULL));
      g_assert_false (valise_knob_entry_check (valise_knob_catalogue_lookup (catalogue, "devices/disk/driver/@cache"),
                                               "cash", NULL));
      g_assert_null (valise_knob_catalogue_lookup (catalogue, "devices/disk/mirror/@job"));
      return;
    }
  g_test_summary ("Without a schema the table's knobs are there, and why there are no others");
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
}

static gpointer
get_in_thread (gpointer data)
{
  return valise_knob_catalogue_get_default ();
}

static void
test_preload (void)
{
  GThread *threads[4];

  g_test_summary ("Read once, whoever asks for it and when");
  valise_knob_catalogue_preload ();
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("get", get_in_thread, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_assert_true (g_thread_join (threads[i]) == valise_knob_catalogue_get_default ());
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/knob-catalogue/constructs", test_constructs);
  g_test_add_func ("/model/knob-catalogue/lookup", test_lookup);
  g_test_add_func ("/model/knob-catalogue/children", test_children);
  g_test_add_func ("/model/knob-catalogue/values", test_values);
  g_test_add_func ("/model/knob-catalogue/find", test_find);
  g_test_add_func ("/model/knob-catalogue/search", test_search);
  g_test_add_func ("/model/knob-catalogue/faults", test_faults);
  g_test_add_func ("/model/knob-catalogue/bounds", test_bounds);
  g_test_add_func ("/model/knob-catalogue/without-schema", test_without_schema);
  g_test_add_func ("/model/knob-catalogue/preload", test_preload);
  return g_test_run ();
}
