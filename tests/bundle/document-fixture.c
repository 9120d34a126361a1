/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "document-fixture.h"

ValiseDocument *
document_fixture_parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  ValiseDocument *document = valise_document_new (text, -1, "config.xml", &error);

  g_assert_no_error (error);
  return document;
}

ValiseDocument *
document_fixture_read (const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fixtures", "domains", name, NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return document_fixture_parse (text);
}

char *
document_fixture_dup_corpus (void)
{
  const char *corpora = g_getenv ("VALISE_CORPORA");

  if (corpora == NULL)
    g_test_skip ("VALISE_CORPORA does not name a directory with collections of machines");
  return corpora != NULL ? g_build_filename (corpora, "libvirt-xml", NULL) : NULL;
}

guint
document_fixture_each (const char *directory, DocumentFixtureFunc func)
{
  g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
  const char *name;
  guint n = 0;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (directory, name, NULL);
      g_autofree char *text = NULL;
      gsize length;

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        n += document_fixture_each (path, func);
      else if (g_str_has_suffix (name, ".xml") && g_file_get_contents (path, &text, &length, NULL)
               && func (path, text, length))
        n++;
    }
  return n;
}
