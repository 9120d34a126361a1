/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The written form of the format: data/vmbundle-1.rng and the example of docs/bundle-format.md against each other,
 * against what is made, and against libvirt's own schema. */
#include "base/valise-path.h"
#include "bundle/valise-bundle.h"
#include "bundle/valise-forms.h"
#include "schema-fixture.h"

#include <string.h>

#define LIBVIRT_SCHEMA "/usr/share/libvirt/schemas/domain.rng"

static gboolean
metadata_is_valid (ValiseDocument *document)
{
  g_autofree char *schema = g_test_build_filename (G_TEST_DIST, "..", "data", "vmbundle-1.rng", NULL);
  g_autofree char *fragment = valise_document_get_fragment (document, "metadata/valise:machine");
  xmlDoc *tree = xmlReadMemory (fragment, strlen (fragment), "metadata", NULL, XML_PARSE_NONET);
  gboolean valid = schema_fixture_is_valid (schema, tree);

  xmlFreeDoc (tree);
  return valid;
}

static ValiseDocument *
read_example (void)
{
  g_autofree char *file = g_test_build_filename (G_TEST_DIST, "..", "docs", "bundle-format.md", NULL);
  g_autofree char *text = NULL;
  char *start, *end;
  g_autoptr (GError) error = NULL;
  ValiseDocument *document;

  g_assert_true (g_file_get_contents (file, &text, NULL, &error));
  start = strstr (text, "```xml\n");
  g_assert_nonnull (start);
  start += strlen ("```xml\n");
  end = strstr (start, "```");
  document = valise_document_new (start, end - start, "example", &error);
  g_assert_no_error (error);
  return document;
}

static void
test_example (void)
{
  g_autoptr (ValiseDocument) document = read_example ();

  g_test_summary ("The example of the documentation is what the schema describes");
  g_assert_true (metadata_is_valid (document));
}

static void
test_made (void)
{
  g_autofree char *directory = g_dir_make_tmp ("v-XXXXXX", NULL);
  g_autoptr (ValiseBundle) bundle = valise_bundle_begin (directory, "Schema <&> \"test\"", NULL);
  g_autoptr (ValiseBundle) opened = NULL;

  g_test_summary ("A bundle just made is what the schema describes");
  g_assert_true (valise_bundle_commit (bundle, valise_bundle_get_document (bundle), NULL));
  opened = valise_bundle_open (valise_bundle_get_path (bundle), NULL);
  g_assert_true (metadata_is_valid (valise_bundle_get_document (opened)));
  g_assert_true (valise_directory_remove (directory, NULL));
}

static void
test_wrong (void)
{
#define OPEN "<v:machine xmlns:v='" VALISE_METADATA_NAMESPACE "' "
  static const struct
  {
    const char *fragment;
    gboolean valid;
  } cases[] = {
    { OPEN "version='1'/>", TRUE },
    { OPEN "version='1.12'><o:x xmlns:o='urn:o' a='b'><o:y/>t</o:x></v:machine>", TRUE },
    { OPEN "/>", FALSE },
    { OPEN "version='2'/>", FALSE },
    { OPEN "version='1' accel='fast'/>", FALSE },
    { OPEN "version='1' unknown='x'/>", FALSE },
    { OPEN "version='1'><v:disk source='disks/a' size='-1'/></v:machine>", FALSE },
    { OPEN "version='1'><v:disk source='/disks/a' size='1'/></v:machine>", FALSE },
    { OPEN "version='1'><v:unknown/></v:machine>", FALSE },
    { "<machine version='1'/>", FALSE },
  };
  g_autofree char *schema = g_test_build_filename (G_TEST_DIST, "..", "data", "vmbundle-1.rng", NULL);

  g_test_summary ("The schema refuses what it should");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      xmlDoc *tree = xmlReadMemory (cases[i].fragment, strlen (cases[i].fragment), "case", NULL, XML_PARSE_NONET);

      g_test_message ("%s", cases[i].fragment);
      g_assert_cmpint (schema_fixture_is_valid (schema, tree), ==, cases[i].valid);
      xmlFreeDoc (tree);
    }
}

static void
test_libvirt (void)
{
  g_autoptr (ValiseDocument) document = NULL;
  g_autoptr (GError) error = NULL;

  g_test_summary ("With absolute paths the example is a domain to libvirt");
  if (!g_file_test (LIBVIRT_SCHEMA, G_FILE_TEST_EXISTS))
    {
      g_test_skip ("libvirt's schema is not installed");
      return;
    }
  document = read_example ();
  g_assert_true (valise_forms_to_absolute (document, "/machines/Debian 12.vmbundle", &error));
  g_assert_no_error (error);
  g_assert_true (schema_fixture_is_valid (LIBVIRT_SCHEMA, valise_document_get_tree (document)));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bundle/schema/example", test_example);
  g_test_add_func ("/bundle/schema/made", test_made);
  g_test_add_func ("/bundle/schema/wrong", test_wrong);
  g_test_add_func ("/bundle/schema/libvirt", test_libvirt);
  return g_test_run ();
}
